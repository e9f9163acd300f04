/* console.c - users, sessions, invitations, the chain of what was done. */
#include "db/console.h"

#include <stdlib.h>

#include "db/sql.h"

enum {
	BUSY_MS = 2000, /* safarctl and safar-console share the file */
	DAY_MS = 24 * 3600 * 1000,
	JOB_DAYS = 30,
	AUDIT_DAYS = 2 * 365,
};

enum stmt {
	BEGIN,
	COMMIT,
	ROLLBACK,
	USER_ADD,
	USER_SET,
	USER_GET,
	USER_FIND,
	USER_EACH,
	USER_COUNT,
	SESSION_PUT,
	SESSION_GET,
	SESSION_USE,
	SESSION_END,
	SESSION_END_ALL,
	INVITE_PUT,
	INVITE_GET,
	INVITE_END,
	AUDIT_LAST,
	AUDIT_PUT,
	AUDIT_EACH,
	JOB_ADD,
	JOB_END,
	JOB_GET,
	JOB_FAIL,
	SWEEP_SESSION,
	SWEEP_INVITE,
	SWEEP_AUDIT,
	SWEEP_JOB,
	WIPE_SESSION,
	WIPE_INVITE,
	WIPE_USER,
	STMT_COUNT
};

#define USER_COLUMNS                                                           \
	"name, roles, orgs, topics, countries, lang, locked, password, totp,"  \
	" totp_step, recovery, made_ms, seen_ms"
#define SELECT_USER "SELECT id, " USER_COLUMNS " FROM user"

static const char *const sql[STMT_COUNT] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[USER_ADD] = "INSERT INTO user (" USER_COLUMNS ") VALUES"
		     " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
		     " ?13)",
	[USER_SET] = "UPDATE user SET (" USER_COLUMNS ") = (?1, ?2, ?3, ?4, ?5,"
		     " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) WHERE id = ?14",
	[USER_GET] = SELECT_USER " WHERE id = ?1",
	[USER_FIND] = SELECT_USER " WHERE name = ?1",
	[USER_EACH] = SELECT_USER " ORDER BY name",
	[USER_COUNT] = "SELECT count(*) FROM user WHERE roles & ?1 <> 0"
		       " AND locked = 0 AND password <> ''",
	[SESSION_PUT] = "INSERT INTO session (token, user_id, began_ms,"
			" used_ms) VALUES (?1, ?2, ?3, ?4)",
	[SESSION_GET] = "SELECT user_id, began_ms, used_ms FROM session"
			" WHERE token = ?1",
	[SESSION_USE] = "UPDATE session SET used_ms = ?2 WHERE token = ?1",
	[SESSION_END] = "DELETE FROM session WHERE token = ?1",
	[SESSION_END_ALL] = "DELETE FROM session WHERE user_id = ?1"
			    " AND (?2 IS NULL OR token <> ?2)",
	[INVITE_PUT] = "INSERT OR REPLACE INTO invite (user_id, token,"
		       " until_ms, totp) VALUES (?1, ?2, ?3, ?4)",
	[INVITE_GET] = "SELECT user_id, until_ms, totp FROM invite"
		       " WHERE token = ?1 AND until_ms > ?2",
	[INVITE_END] = "DELETE FROM invite WHERE user_id = ?1",
	[AUDIT_LAST] = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1",
	[AUDIT_PUT] = "INSERT INTO audit (id, at_ms, who, action, hash)"
		      " VALUES (?1, ?2, ?3, ?4, ?5)",
	[AUDIT_EACH] = "SELECT id, at_ms, who, action, hash FROM audit"
		       " WHERE id >= ?1 ORDER BY id",
	[JOB_ADD] = "INSERT INTO job (user_id, kind, state, result, began_ms)"
		    " VALUES (?1, ?2, ?3, '', ?4)",
	[JOB_END] = "UPDATE job SET state = ?2, result = ?3 WHERE id = ?1",
	[JOB_GET] = "SELECT user_id, kind, state, result, began_ms FROM job"
		    " WHERE id = ?1",
	[JOB_FAIL] = "UPDATE job SET state = 'failed' WHERE state = 'running'",
	[SWEEP_SESSION] =
	    "DELETE FROM session WHERE used_ms < ?1 OR began_ms < ?2",
	[SWEEP_INVITE] = "DELETE FROM invite WHERE until_ms <= ?1",
	[SWEEP_AUDIT] = "DELETE FROM audit WHERE at_ms < ?1 AND id <"
			" (SELECT max(id) FROM audit)",
	[SWEEP_JOB] =
	    "DELETE FROM job WHERE began_ms < ?1 AND state <> 'running'",
	[WIPE_SESSION] = "DELETE FROM session",
	[WIPE_INVITE] = "DELETE FROM invite",
	[WIPE_USER] = "UPDATE user SET password = '', totp = x'',"
		      " totp_step = 0, recovery = x''",
};

struct console {
	sqlite3 *sq;
	sqlite3_stmt *stmts[STMT_COUNT];
	bool round;
	int round_rc; /* SQLite gave the round up: what every call says */
};

/* Rounds. */

static int
run(struct console *c, enum stmt which)
{
	int rc;

	if (c->round_rc < 0)
		return c->round_rc;
	rc = sql_run(c->stmts[which]);
	if (rc < 0 && c->round && sqlite3_get_autocommit(c->sq))
		c->round_rc = rc;
	return rc;
}

int
console_begin(struct console *c)
{
	int rc;

	ASSERT(!c->round);
	rc = run(c, BEGIN);
	if (rc == 0)
		c->round = true;
	return rc;
}

void
console_rollback(struct console *c)
{
	if (!sqlite3_get_autocommit(c->sq))
		(void)!sql_run(c->stmts[ROLLBACK]);
	c->round = false;
	c->round_rc = 0;
}

int
console_commit(struct console *c)
{
	int rc;

	ASSERT(c->round);
	rc = run(c, COMMIT);
	if (rc < 0)
		console_rollback(c);
	c->round = false;
	return rc;
}

bool
console_in_round(const struct console *c)
{
	return c->round;
}

/* Run a statement that must change a row.  -ENOENT if it does not. */
static int
run_one(struct console *c, enum stmt which)
{
	int rc = run(c, which);

	return rc == 0 && sqlite3_changes(c->sq) == 0 ? -ENOENT : rc;
}

/* Opening. */

int
console_open(
    const char *dir, struct console **ret_console, struct diag *reterr_diag)
{
	struct console *c = calloc(1, sizeof(*c));
	int rc;

	ASSERT(c != NULL);
	rc = sql_open(dir, &schema_console, true, BUSY_MS, &c->sq, reterr_diag);
	if (rc == 0)
		rc = sql_prepare(c->sq, sql, STMT_COUNT, c->stmts, reterr_diag);
	if (rc < 0)
		console_close(&c);
	else
		*ret_console = c;
	return rc;
}

void
console_close(struct console **cp)
{
	struct console *c = *cp;
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < STMT_COUNT; i++)
		(void)sqlite3_finalize(c->stmts[i]);
	(void)sqlite3_close(c->sq);
	free(c);
	*cp = NULL;
}

/* Copying rows out. */

static void
text_read(sqlite3_stmt *st, int at, char *ret_text, size_t size)
{
	struct sv v = sql_column_sv(st, at);
	size_t n = v.n < size ? v.n : size - 1;

	if (n > 0)
		memcpy(ret_text, v.p, n);
	ret_text[n] = '\0';
}

static size_t
bytes_read(sqlite3_stmt *st, int at, uint8_t *ret_bytes, size_t size)
{
	struct sv v = sql_column_blob(st, at);
	size_t n = v.n < size ? v.n : size;

	if (n > 0)
		memcpy(ret_bytes, v.p, n);
	return n;
}

/* Users. */

static void
user_bind(sqlite3_stmt *st, const struct console_user *u)
{
	sql_bind_sv(st, 1, sv_of(u->name));
	sql_bind_int(st, 2, u->roles);
	sql_bind_sv(st, 3, sv_of(u->orgs));
	sql_bind_sv(st, 4, sv_of(u->topics));
	sql_bind_sv(st, 5, sv_of(u->countries));
	sql_bind_sv(st, 6, sv_of(u->lang));
	sql_bind_int(st, 7, u->locked);
	sql_bind_sv(st, 8, sv_of(u->password));
	sql_bind_blob(st, 9, u->totp, u->totp_len);
	sql_bind_int(st, 10, u->totp_step);
	sql_bind_blob(st, 11, u->recovery, u->recovery_len);
	sql_bind_int(st, 12, u->made_ms);
	sql_bind_int(st, 13, u->seen_ms);
}

static void
user_read(sqlite3_stmt *st, struct console_user *u)
{
	*u = (struct console_user){ .id = sqlite3_column_int64(st, 0) };
	text_read(st, 1, u->name, sizeof(u->name));
	u->roles = sqlite3_column_int64(st, 2);
	text_read(st, 3, u->orgs, sizeof(u->orgs));
	text_read(st, 4, u->topics, sizeof(u->topics));
	text_read(st, 5, u->countries, sizeof(u->countries));
	text_read(st, 6, u->lang, sizeof(u->lang));
	u->locked = sqlite3_column_int64(st, 7) != 0;
	text_read(st, 8, u->password, sizeof(u->password));
	u->totp_len = bytes_read(st, 9, u->totp, sizeof(u->totp));
	u->totp_step = sqlite3_column_int64(st, 10);
	u->recovery_len = bytes_read(st, 11, u->recovery, sizeof(u->recovery));
	u->made_ms = sqlite3_column_int64(st, 12);
	u->seen_ms = sqlite3_column_int64(st, 13);
}

int
console_user_add(
    struct console *c, const struct console_user *u, int64_t *ret_id)
{
	int rc;

	user_bind(c->stmts[USER_ADD], u);
	rc = run(c, USER_ADD);
	if (rc == 0)
		*ret_id = sqlite3_last_insert_rowid(c->sq);
	return rc;
}

int
console_user_set(struct console *c, const struct console_user *u)
{
	user_bind(c->stmts[USER_SET], u);
	sql_bind_int(c->stmts[USER_SET], 14, u->id);
	return run_one(c, USER_SET);
}

static int
user_one(sqlite3_stmt *st, struct console_user *ret_user)
{
	int rc = sql_next(st);

	if (rc == 1)
		user_read(st, ret_user);
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
console_user_get(struct console *c, int64_t id, struct console_user *ret_user)
{
	sql_bind_int(c->stmts[USER_GET], 1, id);
	return user_one(c->stmts[USER_GET], ret_user);
}

int
console_user_find(
    struct console *c, struct sv name, struct console_user *ret_user)
{
	sql_bind_sv(c->stmts[USER_FIND], 1, name);
	return user_one(c->stmts[USER_FIND], ret_user);
}

int
console_users_each(struct console *c,
    bool (*fn)(void *arg, const struct console_user *u), void *arg)
{
	sqlite3_stmt *st = c->stmts[USER_EACH];
	struct console_user u;
	int rc;

	while ((rc = sql_next(st)) == 1) {
		user_read(st, &u);
		if (!fn(arg, &u))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

int
console_users_count(struct console *c, int64_t roles, int64_t *ret_count)
{
	sql_bind_int(c->stmts[USER_COUNT], 1, roles);
	return sql_int(c->stmts[USER_COUNT], ret_count);
}

/* Sessions. */

int
console_session_put(struct console *c, const struct console_session *s)
{
	sqlite3_stmt *st = c->stmts[SESSION_PUT];

	sql_bind_blob(st, 1, s->token, sizeof(s->token));
	sql_bind_int(st, 2, s->user_id);
	sql_bind_int(st, 3, s->began_ms);
	sql_bind_int(st, 4, s->used_ms);
	return run(c, SESSION_PUT);
}

int
console_session_get(struct console *c, const uint8_t token[CONSOLE_HASH_LEN],
    struct console_session *ret_session)
{
	sqlite3_stmt *st = c->stmts[SESSION_GET];
	int rc;

	sql_bind_blob(st, 1, token, CONSOLE_HASH_LEN);
	rc = sql_next(st);
	if (rc == 1) {
		memcpy(ret_session->token, token, CONSOLE_HASH_LEN);
		ret_session->user_id = sqlite3_column_int64(st, 0);
		ret_session->began_ms = sqlite3_column_int64(st, 1);
		ret_session->used_ms = sqlite3_column_int64(st, 2);
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
console_session_use(
    struct console *c, const uint8_t token[CONSOLE_HASH_LEN], int64_t used_ms)
{
	sql_bind_blob(c->stmts[SESSION_USE], 1, token, CONSOLE_HASH_LEN);
	sql_bind_int(c->stmts[SESSION_USE], 2, used_ms);
	return run(c, SESSION_USE);
}

int
console_session_end(struct console *c, const uint8_t token[CONSOLE_HASH_LEN])
{
	sql_bind_blob(c->stmts[SESSION_END], 1, token, CONSOLE_HASH_LEN);
	return run(c, SESSION_END);
}

int
console_sessions_end(
    struct console *c, int64_t user_id, const uint8_t except[CONSOLE_HASH_LEN])
{
	sqlite3_stmt *st = c->stmts[SESSION_END_ALL];

	sql_bind_int(st, 1, user_id);
	if (except != NULL)
		sql_bind_blob(st, 2, except, CONSOLE_HASH_LEN);
	else
		sql_bind_opt(st, 2, (struct sv){ 0 });
	return run(c, SESSION_END_ALL);
}

/* Invitations. */

int
console_invite_put(struct console *c, const struct console_invite *i)
{
	sqlite3_stmt *st = c->stmts[INVITE_PUT];

	sql_bind_int(st, 1, i->user_id);
	sql_bind_blob(st, 2, i->token, sizeof(i->token));
	sql_bind_int(st, 3, i->until_ms);
	sql_bind_blob(st, 4, i->totp, i->totp_len);
	return run(c, INVITE_PUT);
}

int
console_invite_get(struct console *c, const uint8_t token[CONSOLE_HASH_LEN],
    int64_t now_ms, struct console_invite *ret_invite)
{
	sqlite3_stmt *st = c->stmts[INVITE_GET];
	int rc;

	sql_bind_blob(st, 1, token, CONSOLE_HASH_LEN);
	sql_bind_int(st, 2, now_ms);
	rc = sql_next(st);
	if (rc == 1) {
		memcpy(ret_invite->token, token, CONSOLE_HASH_LEN);
		ret_invite->user_id = sqlite3_column_int64(st, 0);
		ret_invite->until_ms = sqlite3_column_int64(st, 1);
		ret_invite->totp_len = bytes_read(
		    st, 2, ret_invite->totp, sizeof(ret_invite->totp));
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
console_invite_end(struct console *c, int64_t user_id)
{
	sql_bind_int(c->stmts[INVITE_END], 1, user_id);
	return run(c, INVITE_END);
}

/* The chain. */

int
console_audit_last(
    struct console *c, int64_t *ret_id, uint8_t ret_hash[CONSOLE_HASH_LEN])
{
	sqlite3_stmt *st = c->stmts[AUDIT_LAST];
	int rc = sql_next(st);

	if (rc >= 0) {
		*ret_id = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
		memset(ret_hash, 0, CONSOLE_HASH_LEN);
	}
	if (rc == 1)
		(void)bytes_read(st, 1, ret_hash, CONSOLE_HASH_LEN);
	sql_end(st);
	return rc < 0 ? rc : 0;
}

int
console_audit_put(struct console *c, const struct console_audit *row)
{
	sqlite3_stmt *st = c->stmts[AUDIT_PUT];

	sql_bind_int(st, 1, row->id);
	sql_bind_int(st, 2, row->at_ms);
	sql_bind_sv(st, 3, row->who);
	sql_bind_sv(st, 4, row->action);
	sql_bind_blob(st, 5, row->hash, sizeof(row->hash));
	return run(c, AUDIT_PUT);
}

int
console_audit_each(struct console *c, int64_t from_id,
    bool (*fn)(void *arg, const struct console_audit *row), void *arg)
{
	sqlite3_stmt *st = c->stmts[AUDIT_EACH];
	int rc;

	sql_bind_int(st, 1, from_id);
	while ((rc = sql_next(st)) == 1) {
		struct console_audit row = {
			.id = sqlite3_column_int64(st, 0),
			.at_ms = sqlite3_column_int64(st, 1),
			.who = sql_column_sv(st, 2),
			.action = sql_column_sv(st, 3),
		};

		(void)bytes_read(st, 4, row.hash, sizeof(row.hash));
		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

/* Jobs. */

int
console_job_add(
    struct console *c, const struct console_job *job, int64_t *ret_id)
{
	sqlite3_stmt *st = c->stmts[JOB_ADD];
	int rc;

	sql_bind_int(st, 1, job->user_id);
	sql_bind_sv(st, 2, job->kind);
	sql_bind_sv(st, 3, job->state);
	sql_bind_int(st, 4, job->began_ms);
	rc = run(c, JOB_ADD);
	if (rc == 0)
		*ret_id = sqlite3_last_insert_rowid(c->sq);
	return rc;
}

int
console_job_end(
    struct console *c, int64_t id, struct sv state, struct sv result)
{
	sqlite3_stmt *st = c->stmts[JOB_END];

	if (result.n > CONSOLE_RESULT_MAX)
		return -EINVAL;
	sql_bind_int(st, 1, id);
	sql_bind_sv(st, 2, state);
	sql_bind_sv(st, 3, result);
	return run_one(c, JOB_END);
}

int
console_job_get(struct console *c, int64_t id,
    void (*fn)(void *arg, const struct console_job *job), void *arg)
{
	sqlite3_stmt *st = c->stmts[JOB_GET];
	int rc;

	sql_bind_int(st, 1, id);
	rc = sql_next(st);
	if (rc == 1) {
		const struct console_job job = {
			.id = id,
			.user_id = sqlite3_column_int64(st, 0),
			.kind = sql_column_sv(st, 1),
			.state = sql_column_sv(st, 2),
			.result = sql_column_sv(st, 3),
			.began_ms = sqlite3_column_int64(st, 4),
		};

		fn(arg, &job);
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
console_jobs_fail(struct console *c)
{
	return run(c, JOB_FAIL);
}

int
console_sweep(struct console *c, int64_t now_ms)
{
	int rc;

	sql_bind_int(c->stmts[SWEEP_SESSION], 1, now_ms - CONSOLE_IDLE_MS);
	sql_bind_int(c->stmts[SWEEP_SESSION], 2, now_ms - CONSOLE_SESSION_MS);
	rc = run(c, SWEEP_SESSION);
	sql_bind_int(c->stmts[SWEEP_INVITE], 1, now_ms);
	if (rc == 0)
		rc = run(c, SWEEP_INVITE);
	sql_bind_int(
	    c->stmts[SWEEP_AUDIT], 1, now_ms - (int64_t)AUDIT_DAYS * DAY_MS);
	if (rc == 0)
		rc = run(c, SWEEP_AUDIT);
	sql_bind_int(
	    c->stmts[SWEEP_JOB], 1, now_ms - (int64_t)JOB_DAYS * DAY_MS);
	return rc == 0 ? run(c, SWEEP_JOB) : rc;
}

int
console_wipe(struct console *c)
{
	int rc = run(c, WIPE_SESSION);

	if (rc == 0)
		rc = run(c, WIPE_INVITE);
	return rc == 0 ? run(c, WIPE_USER) : rc;
}

int
console_settle(struct console *c)
{
	errno = 0;
	return sql_rc(sqlite3_wal_checkpoint_v2(
	    c->sq, NULL, SQLITE_CHECKPOINT_FULL, NULL, NULL));
}
