/* backup.c - copies of both stores, and the check of a store. */
#include "db/backup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "db/console.h"
#include "db/hotline.h"
#include "db/retention.h"

enum {
	BUSY_MS = 2000,
};

/* Rows read at a time, about 10 ms: a longer reading holds the WAL. */
#define SLICE "4096"

static int
failed(struct diag *d, int rc, const char *dir)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/hotline.db", dir);
	return sql_explain(d, rc, path);
}

static int
query_int(sqlite3 *sq, const char *sql, int64_t *ret_value)
{
	sqlite3_stmt *st = NULL;
	int rc;

	errno = 0;
	rc = sql_rc(sqlite3_prepare_v2(sq, sql, -1, &st, NULL));
	if (rc == 0)
		rc = sql_int(st, ret_value);
	(void)sqlite3_finalize(st);
	return rc;
}

int
db_backup_lock(struct db *db, int how)
{
	char path[PATH_MAX];
	const char *file = sqlite3_db_filename(db->sq, "main");
	const char *slash = strrchr(file, '/');
	int fd, n, rc;

	n = snprintf(path, sizeof(path), "%.*s/backup.lock",
	    slash != NULL ? (int)(slash - file) : 0, file);
	if (slash == NULL || n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, how) == 0)
		return fd;
	rc = -errno;
	(void)close(fd);
	return rc;
}

/* hotline.db: row by row into a new file. */

enum { COUNTS = 3 /* tables with a row or more for each day */ };

/* Up to where the log is in log_past: mix.c. */
#define MIXED                                                                  \
	"(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'mixed_turn')"

#define LINES_LOST                                                             \
	"SELECT ifnull((SELECT CAST(value AS INTEGER) FROM meta"               \
	" WHERE key = '" DB_LINES_LOST "'), 0)"

struct copy {
	struct db *from;
	sqlite3 *to;
	sqlite3_stmt *past_get, *rest_get, *log_put, *forget_get, *forget_put;
	sqlite3_stmt *audit_get, *audit_put;
	sqlite3_stmt *count_get[COUNTS], *count_drop[COUNTS];
	sqlite3_stmt *count_put[COUNTS], *day_get, *day_has;
	sqlite3_stmt *name_get, *name_put;
	int lock_fd;	/* while it is locked nobody's name is dropped */
	int64_t mark;	/* log rows up to it stay where they are */
	int64_t rolled; /* those up to it are counted */
	int64_t lost;	/* that were damaged and are left out */
};

static int
copy_prepare(struct copy *c)
{
	const struct {
		sqlite3 *sq;
		const char *sql;
		sqlite3_stmt **ret;
	} list[] = {
		{ c->from->sq,
		    "SELECT * FROM log_past WHERE id > ?1 AND id <= ?2"
		    " ORDER BY id LIMIT " SLICE,
		    &c->past_get },
		{ c->from->sq,
		    "SELECT * FROM (SELECT id, hour, epoch, person,"
		    " json_array(gateway, country, channel, lang, topic, place,"
		    " node, listings, outcome, parts), edition FROM log_past"
		    " WHERE id <= " MIXED " UNION ALL"
		    " SELECT log_now.id + key, hour, epoch,"
		    " nullif(substr(people, key * 16 + 1, 16), zeroblob(16)),"
		    " value, edition FROM log_now,"
		    " json_each('[' || replace(turns, char(10), ',') || ']')"
		    " WHERE log_now.id + key > " MIXED ")"
		    " WHERE id > ?1 AND id <= ?2 ORDER BY hour, random()",
		    &c->rest_get },
		{ c->to, SQL_PAST_PUT, &c->log_put },
		{ c->from->sq, "SELECT name FROM forget", &c->forget_get },
		{ c->to,
		    "INSERT INTO forget (name, last_turn, last_out)"
		    " SELECT ?1, 0, 0 WHERE NOT EXISTS"
		    " (SELECT 1 FROM forget WHERE name = ?1)",
		    &c->forget_put },
		{ c->from->sq, "SELECT * FROM audit ORDER BY id",
		    &c->audit_get },
		{ c->to, "INSERT INTO audit VALUES (?, ?, ?, ?, ?)",
		    &c->audit_put },
		{ c->from->sq, "SELECT * FROM rollup WHERE day = ?1",
		    &c->count_get[0] },
		{ c->from->sq, "SELECT * FROM rollup_listing WHERE day = ?1",
		    &c->count_get[1] },
		{ c->from->sq, "SELECT * FROM rollup_day WHERE day = ?1",
		    &c->count_get[2] },
		{ c->to, "DELETE FROM rollup WHERE day = ?1",
		    &c->count_drop[0] },
		{ c->to, "DELETE FROM rollup_listing WHERE day = ?1",
		    &c->count_drop[1] },
		{ c->to, "DELETE FROM rollup_day WHERE day = ?1",
		    &c->count_drop[2] },
		{ c->to,
		    "INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		    &c->count_put[0] },
		{ c->to,
		    "INSERT INTO rollup_listing VALUES (?, ?, ?, ?, ?, ?, ?)",
		    &c->count_put[1] },
		{ c->to, "INSERT INTO rollup_day VALUES (?, ?)",
		    &c->count_put[2] },
		{ c->from->sq,
		    "SELECT day, count FROM rollup_day WHERE day > ?1"
		    " ORDER BY day LIMIT 1",
		    &c->day_get },
		{ c->to, "SELECT count FROM rollup_day WHERE day = ?1",
		    &c->day_has },
		{ c->from->sq, "SELECT * FROM rollup_name", &c->name_get },
		{ c->to, "INSERT INTO rollup_name VALUES (?, ?)",
		    &c->name_put },
	};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ARRAY_LEN(list); i++)
		rc = sql_rc(sqlite3_prepare_v2(
		    list[i].sq, list[i].sql, -1, list[i].ret, NULL));
	return rc;
}

static void
copy_done(struct copy *c)
{
	size_t i;

	for (i = 0; i < COUNTS; i++) {
		(void)sqlite3_finalize(c->count_get[i]);
		(void)sqlite3_finalize(c->count_drop[i]);
		(void)sqlite3_finalize(c->count_put[i]);
	}
	(void)sqlite3_finalize(c->day_get);
	(void)sqlite3_finalize(c->day_has);
	(void)sqlite3_finalize(c->name_get);
	(void)sqlite3_finalize(c->name_put);
	(void)sqlite3_finalize(c->past_get);
	(void)sqlite3_finalize(c->rest_get);
	(void)sqlite3_finalize(c->log_put);
	(void)sqlite3_finalize(c->forget_get);
	(void)sqlite3_finalize(c->forget_put);
	(void)sqlite3_finalize(c->audit_get);
	(void)sqlite3_finalize(c->audit_put);
	(void)sqlite3_close(c->to);
	if (c->lock_fd >= 0)
		(void)close(c->lock_fd); /* which unlocks */
	db_close(&c->from);
}

/* The row that get stands on, as put takes it. */
static void
row_bind(sqlite3_stmt *get, sqlite3_stmt *put)
{
	int i, n = sqlite3_bind_parameter_count(put);

	ASSERT(n == sqlite3_column_count(get));
	for (i = 0; i < n; i++)
		ASSERT(sqlite3_bind_value(put, i + 1,
			   sqlite3_column_value(get, i)) == SQLITE_OK);
}

/* ret_last  id of the last row, unchanged if there was none */
static int
rows_copy(sqlite3_stmt *get, sqlite3_stmt *put, int64_t *ret_last)
{
	int rc;

	while ((rc = sql_next(get)) == 1) {
		*ret_last = sqlite3_column_int64(get, 0);
		row_bind(get, put);
		rc = sql_run(put);
		if (rc < 0)
			break;
	}
	sql_end(get);
	return rc < 0 ? rc : 0;
}

/* Rest three times as long as that took: a WAL that some reader is in cannot
 * begin again. */
static void
rest_since(int64_t began_ms)
{
	int64_t ms = 3 * (clock_ms() - began_ms);
	const struct timespec t = {
		.tv_sec = ms < 1000 ? 0 : 1,
		.tv_nsec = ms < 0 || ms >= 1000 ? 0 : ms * 1000 * 1000,
	};

	(void)nanosleep(&t, NULL);
}

/* Hours that are over, in slices. */
static int
past_copy(struct copy *c)
{
	int64_t at = 0, before = -1, began_ms;
	int rc = 0;

	while (rc == 0 && at != before) {
		before = at;
		began_ms = clock_ms();
		sql_bind_int(c->past_get, 1, at);
		sql_bind_int(c->past_get, 2, c->mark);
		rc = rows_copy(c->past_get, c->log_put, &at);
		rest_since(began_ms);
	}
	return rc;
}

/* The turn that get stands on. */
static int
turn_copy(sqlite3_stmt *get, sqlite3_stmt *put, int64_t id)
{
	struct sv person = sql_column_blob(get, 3);
	const struct now_turn t = { .id = id,
		.hour = sqlite3_column_int64(get, 1),
		.epoch = sqlite3_column_int64(get, 2),
		.edition = sqlite3_column_int64(get, 5),
		.person = person.n == DB_KEY_LEN ? person.p : NULL,
		.line = sql_column_sv(get, 4) };

	return db_past_put(put, &t);
}

/* The last hour or two in one go, because their rows change places meanwhile.
 * Nothing is to tell their order here, either: see mix.c. */
static int
rest_copy(struct copy *c)
{
	int64_t id = c->mark;
	int rc;

	sql_bind_int(c->rest_get, 1, c->mark);
	sql_bind_int(c->rest_get, 2, c->from->next_turn - 1);
	while ((rc = sql_next(c->rest_get)) == 1) {
		rc = turn_copy(c->rest_get, c->log_put, ++id);
		if (rc < 0)
			break;
		c->lost += rc;
	}
	sql_end(c->rest_get);
	return rc < 0 ? rc : 0;
}

/* Counts of the reports. */

static int
day_copy(struct copy *c, int64_t day)
{
	int64_t last = 0;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < COUNTS; i++) {
		sql_bind_int(c->count_drop[i], 1, day);
		rc = sql_run(c->count_drop[i]);
		sql_bind_int(c->count_get[i], 1, day);
		if (rc == 0)
			rc = rows_copy(c->count_get[i], c->count_put[i], &last);
	}
	return rc;
}

/*
 * The next day, if the copy has it not yet, or with less.
 *
 * Returns 1, or 0 behind the last one.
 */
static int
day_next(struct copy *c, int64_t *day)
{
	int64_t count, has = 0;
	int rc;

	sql_bind_int(c->day_get, 1, *day);
	rc = sql_next(c->day_get);
	if (rc == 1) {
		*day = sqlite3_column_int64(c->day_get, 0);
		count = sqlite3_column_int64(c->day_get, 1);
		sql_bind_int(c->day_has, 1, *day);
		rc = sql_int(c->day_has, &has);
		if (rc == 0 && has != count)
			rc = day_copy(c, *day);
		rc = rc < 0 ? rc : 1;
	}
	sql_end(c->day_get);
	return rc;
}

/* Day by day, each in a reading of its own. */
static int
days_copy(struct copy *c)
{
	int64_t day = -1, began_ms;
	int rc = 1, end;

	while (rc == 1) {
		began_ms = clock_ms();
		rc = sql_exec(c->from->sq, "BEGIN");
		if (rc == 0) {
			rc = day_next(c, &day);
			end = sql_exec(c->from->sq, "COMMIT");
			rc = rc < 0 || end == 0 ? rc : end;
		}
		rest_since(began_ms);
	}
	return rc;
}

/* Then, in one reading with the marks, those again that were counted on. */
static int
counts_finish(struct copy *c)
{
	static const char mixed[] = "SELECT " MIXED,
			  rolled[] = "SELECT CAST(value AS INTEGER) FROM meta"
				     " WHERE key = 'rolled_turn'";
	int64_t day = -1, name = 0;
	int rc = query_int(c->from->sq, mixed, &c->mark);

	if (rc == 0)
		rc = query_int(c->from->sq, rolled, &c->rolled);
	if (rc == 0)
		rc = query_int(c->from->sq, LINES_LOST, &c->lost);
	if (rc == 0)
		rc = rows_copy(c->name_get, c->name_put, &name);
	if (rc == 0)
		rc = 1;
	while (rc == 1)
		rc = day_next(c, &day);
	return rc;
}

static int
counts_copy(struct copy *c)
{
	int rc = days_copy(c), end;

	if (rc == 0)
		rc = sql_exec(c->from->sq, "BEGIN");
	if (rc < 0)
		return rc;
	rc = counts_finish(c);
	end = sql_exec(c->from->sq, "COMMIT");
	return rc < 0 ? rc : end;
}

/* What is newer than when it began is the next backup's. */
static int
log_copy(struct copy *c)
{
	int64_t name = 0, audit = 0;
	int rc = counts_copy(c);

	if (rc == 0)
		rc = rows_copy(c->audit_get, c->audit_put, &audit);
	/* who was done with when we locked is in no row, or still here */
	if (rc == 0)
		rc = rows_copy(c->forget_get, c->forget_put, &name);
	if (rc == 0)
		rc = past_copy(c);
	if (rc == 0)
		rc = rest_copy(c);
	return rc == 0 ? rows_copy(c->forget_get, c->forget_put, &name) : rc;
}

/* The copy goes on with our ids; its own tag tells the gateways apart. */
static int
copy_finish(struct copy *c)
{
	char sql[400];
	int rc;

	rc = sql_exec(c->to, "UPDATE log_past SET person = NULL"
			     " WHERE person IN (SELECT name FROM forget);"
			     "DELETE FROM forget");
	(void)snprintf(sql, sizeof(sql),
	    "INSERT OR REPLACE INTO meta (key, value)"
	    " VALUES ('next_turn', '%lld'), ('next_out', '%lld'),"
	    " ('mixed_turn', '%lld'), ('rolled_turn', '%lld'),"
	    " ('" DB_LINES_LOST "', '%lld')",
	    (long long)c->from->next_turn, (long long)c->from->next_out,
	    (long long)c->from->next_turn - 1, (long long)c->rolled,
	    (long long)c->lost);
	return rc < 0 ? rc : sql_exec(c->to, sql);
}

static int
known_check(struct copy *c, const char *dir, struct diag *d)
{
	sqlite3_stmt *st = NULL;
	bool known = true;
	int rc;

	errno = 0;
	rc = sql_rc(sqlite3_prepare_v2(c->from->sq,
	    "SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &st,
	    NULL));
	while (rc == 0 && known && (rc = sql_next(st)) == 1) {
		rc = 0;
		known = retention_find("hotline",
			    (const char *)sqlite3_column_text(st, 0)) != NULL;
	}
	(void)sqlite3_finalize(st);
	if (rc < 0)
		return failed(d, rc, dir);
	if (!known)
		return diag_set(d, -EPROTO,
		    "%s/hotline.db has tables that this program knows no "
		    "backup of; use the safarctl of its safard",
		    dir);
	return 0;
}

static int
hotline_copy(struct copy *c, const char *dir, const char *to, struct diag *d)
{
	int rc = db_open_reader(dir, &c->from, d);

	if (rc == 0)
		rc = known_check(c, dir, d);
	if (rc == 0) /* a folder that cannot be written has no safard */
		c->lock_fd = db_backup_lock(c->from, LOCK_SH);
	if (rc == 0)
		rc = sql_open(to, &schema_hotline, true, BUSY_MS, &c->to, d);
	if (rc < 0)
		return rc;
	/* a file alone, which the caller syncs when it is whole */
	rc = sql_exec(
	    c->to, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; BEGIN");
	if (rc == 0)
		rc = copy_prepare(c);
	if (rc == 0)
		rc = log_copy(c);
	if (rc == 0)
		rc = copy_finish(c);
	if (rc == 0)
		rc = sql_exec(c->to, "COMMIT");
	/* whichever of the two it was: they are told in one sentence */
	if (rc < 0)
		return diag_set(d, rc,
		    "%s/hotline.db cannot be copied to %s: "
		    "%s; check both disks",
		    dir, to, strerror(-rc));
	return 0;
}

/* directory.db: page by page, all at once; it is small. */

static int
pages_copy(sqlite3 *from, const char *path)
{
	sqlite3_backup *b;
	sqlite3 *to = NULL;
	int rc;

	errno = 0;
	rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK) {
		b = sqlite3_backup_init(to, "main", from, "main");
		ASSERT(b != NULL);
		(void)sqlite3_backup_step(b, -1);
		rc = sqlite3_backup_finish(b);
	}
	rc = sql_rc(rc);
	if (rc == 0)
		rc = sql_exec(to, "PRAGMA journal_mode=DELETE");
	(void)sqlite3_close(to);
	return rc;
}

static int
directory_copy(const char *dir, const char *to, struct diag *d)
{
	char path[PATH_MAX];
	sqlite3 *from = NULL;
	int fd, n, rc;

	n = snprintf(path, sizeof(path), "%s/%s", to, schema_directory.file);
	if (n < 0 || (size_t)n >= sizeof(path))
		return diag_set(d, -ENOENT, "the folder's name is too long");
	rc = sql_open(dir, &schema_directory, false, BUSY_MS, &from, d);
	if (rc < 0)
		return rc;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	rc = fd < 0 ? -errno : pages_copy(from, path);
	if (fd >= 0)
		(void)close(fd);
	(void)sqlite3_close(from);
	return rc < 0 ? sql_explain(d, rc, path) : 0;
}

int
db_backup(const char *dir, const char *to, struct diag *reterr_diag)
{
	struct copy c = { .lock_fd = -1 };
	int rc = hotline_copy(&c, dir, to, reterr_diag);

	copy_done(&c);
	/* behind hotline.db: every edition that a log row names is there */
	if (rc == 0)
		rc = directory_copy(dir, to, reterr_diag);
	return rc == 0 ? console_backup(dir, to, reterr_diag) : rc;
}

/* The check. */

static int
integrity_check(sqlite3 *sq, const char *path, struct diag *d)
{
	sqlite3_stmt *st = NULL;
	struct sv found;
	int rc;

	errno = 0;
	rc = sql_rc(
	    sqlite3_prepare_v2(sq, "PRAGMA integrity_check(1)", -1, &st, NULL));
	if (rc == 0)
		rc = sql_next(st);
	if (rc == 1) {
		found = sql_column_sv(st, 0);
		while (found.n > 0 && memchr(found.p, '\n', found.n) != NULL)
			(void)sv_cut(&found, '\n'); /* a heading */
		rc = sv_eq(found, SV("ok")) ?
			 0 :
			 diag_set(d, -EUCLEAN,
			     "%s is damaged (" SV_FMT "); put a backup in its "
			     "place",
			     path, SV_ARG(found));
	} else if (rc < 0) {
		rc = sql_explain(d, rc, path);
	}
	(void)sqlite3_finalize(st);
	return rc;
}

static int
keys_check(sqlite3 *sq, const char *path, struct diag *d)
{
	int64_t lost = 0;
	int rc = query_int(
	    sq, "SELECT count(*) FROM pragma_foreign_key_check", &lost);

	if (rc < 0)
		return sql_explain(d, rc, path);
	if (lost > 0)
		return diag_set(d, -EUCLEAN,
		    "%s is damaged (%lld rows belong to rows that are not "
		    "there); put a backup in its place",
		    path, (long long)lost);
	return 0;
}

struct fact {
	const char *sql;
	int64_t *ret;
};

static int
store_check(const char *dir, const struct schema *schema, int64_t *ret_version,
    const struct fact *facts, struct diag *d)
{
	char path[PATH_MAX];
	sqlite3 *sq = NULL;
	int rc = sql_look(dir, schema, BUSY_MS, &sq, ret_version, d);

	if (rc < 0)
		return rc;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, schema->file);
	if (*ret_version == 0)
		rc = diag_set(d, -EUCLEAN, "%s is empty", path);
	if (rc == 0)
		rc = integrity_check(sq, path, d);
	if (rc == 0)
		rc = keys_check(sq, path, d);
	for (; rc == 0 && facts->sql != NULL; facts++) {
		rc = query_int(sq, facts->sql, facts->ret);
		if (rc < 0)
			rc = sql_explain(d, rc, path);
	}
	(void)sqlite3_close(sq);
	return rc;
}

static bool
on_answer(void *arg, const struct db_out *out)
{
	(void)arg, (void)out;
	return true;
}

/* Pages may be sound, and what stands on them not. */
static int
answers_check(const char *dir, int64_t *ret_damaged, struct diag *d)
{
	struct db *db = NULL;
	int rc = db_open_reader(dir, &db, d);

	if (rc < 0)
		return rc;
	rc = db_out_each(db, on_answer, NULL);
	if (rc == 0)
		*ret_damaged = db_damaged(db);
	else
		rc = diag_set(d, rc, "%s/hotline.db: %s", dir, strerror(-rc));
	db_close(&db);
	return rc;
}

static bool
is_there(const char *dir, const char *file)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	return access(path, F_OK) == 0;
}

int
db_check(const char *dir, struct db_facts *ret_facts, struct diag *reterr_diag)
{
	struct db_facts f = { 0 };
	const struct fact hotline[] = {
		{ "SELECT count(*) FROM log", &f.log_rows },
		{ "SELECT min(hour) FROM log", &f.log_first_ms },
		{ "SELECT max(hour) FROM log", &f.log_last_ms },
		{ LINES_LOST, &f.lines_lost },
		{ NULL, NULL },
	};
	const struct fact directory[] = {
		{ "SELECT number FROM edition ORDER BY id DESC LIMIT 1",
		    &f.edition },
		{ "SELECT listings FROM edition ORDER BY id DESC LIMIT 1",
		    &f.listings },
		{ NULL, NULL },
	};
	const struct fact none[] = { { NULL, NULL } };
	int rc = store_check(
	    dir, &schema_hotline, &f.hotline_schema, hotline, reterr_diag);

	if (rc == 0)
		rc = store_check(dir, &schema_directory, &f.directory_schema,
		    directory, reterr_diag);
	if (rc == 0 && f.hotline_schema == schema_hotline.version)
		rc = answers_check(dir, &f.damaged, reterr_diag);
	if (rc == 0 && is_there(dir, schema_console.file))
		rc = store_check(
		    dir, &schema_console, &f.console_schema, none, reterr_diag);
	if (rc == 0)
		*ret_facts = f;
	return rc;
}
