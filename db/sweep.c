/* sweep.c - what has outlived its time goes, by the list of retention.def. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/hotline.h"
#include "db/retention.h"

enum { AHEAD_MS = 2 * 24 * 3600 * 1000 /* no right clock is so far ahead */ };

static const char mark_key[] = "unlinked_turn";

static const struct swept {
	int wipe; /* enum stmt, -1 none */
	enum stmt sweep;
	int64_t seconds; /* 0: as long as the log */
	bool ahead;
} list[] = {
#define SWEPT(table, clock, seconds, ahead, ...)                               \
	{ -1, STMT_SWEEP_##table, seconds, ahead },
#define COUNTED(table, seconds, ...) { -1, STMT_SWEEP_##table, seconds, false },
#define EMPTIED(table, clock, seconds, ahead, ...)                             \
	{ STMT_SWEEP_##table, STMT_SWEEP_##table, seconds, ahead },
#define SEALED(table, clock, seconds, ahead, ...)                              \
	{ STMT_WIPE_##table, STMT_SWEEP_##table, seconds, ahead },
#include "db/retention.def"
};

/* One round's work, taken in turns so that a flood in one table keeps no other
 * one waiting. */
struct round {
	struct db *db;
	const struct db_sweep *now;
	struct db_budget budget;
};

bool
db_budget_take(const struct db *db, struct db_budget *b)
{
	int64_t n = sqlite3_changes64(db->sq);

	b->left -= n < b->left ? n : b->left;
	if (b->left == 0)
		b->more = true;
	return n > 0;
}

static int
batch(struct round *r, enum stmt which, const struct swept *s)
{
	sqlite3_stmt *st = r->db->stmts[which];
	int64_t keep_ms = s->seconds > 0 ? s->seconds * 1000 : r->now->log_ms;

	sql_bind_int(st, 1, r->now->now_ms - keep_ms);
	sql_bind_int(st, 2, s->ahead ? r->now->now_ms + AHEAD_MS : INT64_MAX);
	if (sqlite3_bind_parameter_count(st) >= 3) { /* small tables: all */
		sql_bind_int(st, 3, r->budget.left);
		/* a row of the log goes when it is counted */
		sql_bind_int(st, 4,
		    s->sweep == STMT_SWEEP_log_past ? r->db->roll.mark :
						      INT64_MAX);
	}
	return db_run(r->db, which);
}

static int
table_sweep(struct round *r, const struct swept *s)
{
	int rc = 0;

	if (s->wipe >= 0) {
		rc = batch(r, (enum stmt)s->wipe, s);
		if (rc == 0 && sqlite3_changes64(r->db->sq) > 0)
			r->db->wal_wiped = true;
	}
	if (rc == 0)
		rc = batch(r, s->sweep, s);
	if (rc == 0)
		(void)db_budget_take(r->db, &r->budget);
	return rc;
}

/* Names of answers that are gone. */
static int
names_sweep(struct round *r)
{
	int rc;

	sql_bind_int(r->db->stmts[STMT_NAME_SWEEP], 3, r->budget.left);
	rc = db_run(r->db, STMT_NAME_SWEEP);
	if (rc == 0)
		(void)db_budget_take(r->db, &r->budget);
	return rc;
}

static int64_t
mark_read(struct db *db)
{
	char value[24] = "0";

	(void)!db_meta_get(db, mark_key, value, sizeof(value));
	return strtoll(value, NULL, 10);
}

static int
mark_write(struct db *db, int64_t id)
{
	char value[24];

	(void)snprintf(value, sizeof(value), "%" PRId64, id);
	return db_meta_set(db, mark_key, sv_of(value));
}

/* Pseudonyms whose key is gone say nothing any more but who is the same as
 * whom: they go, too.  A mark says how far they have; ids grow with time. */
static int
log_unlink(struct round *r)
{
	struct db *db = r->db;
	sqlite3_stmt *last_st = db->stmts[STMT_LOG_UNLINK_LAST];
	sqlite3_stmt *st = db->stmts[STMT_LOG_UNLINK];
	int64_t mark = mark_read(db), last = 0;
	int rc;

	sql_bind_int(last_st, 1, mark);
	sql_bind_int(last_st, 2, r->now->epoch);
	sql_bind_int(last_st, 3, r->budget.left);
	rc = sql_int(last_st, &last);
	if (rc < 0 || last <= mark)
		return rc;
	sql_bind_int(st, 1, mark);
	sql_bind_int(st, 2, last);
	sql_bind_int(st, 3, r->now->epoch);
	rc = db_run(db, STMT_LOG_UNLINK);
	if (rc == 0 && db_budget_take(db, &r->budget))
		db->wal_wiped = true;
	r->budget.more = true;
	return rc < 0 ? rc : mark_write(db, last);
}

enum { JOB_NAMES = ARRAY_LEN(list), JOB_UNLINK, JOB_MIX, JOB_ROLL, JOB_COUNT };

static int
job(struct round *r, size_t which)
{
	switch (which) {
	case JOB_NAMES:
		return names_sweep(r);
	case JOB_UNLINK:
		return log_unlink(r);
	case JOB_MIX:
		return db_mix_step(r->db, r->now->now_ms, &r->budget);
	case JOB_ROLL:
		return db_roll_step(r->db, &r->budget);
	default:
		return table_sweep(r, &list[which]);
	}
}

static int
sweep_all(struct round *r)
{
	size_t i, from = r->db->sweep_from++;
	int rc = db_ids_keep(r->db);

	for (i = 0; rc == 0 && r->budget.left > 0 && i < JOB_COUNT; i++)
		rc = job(r, (from + i) % JOB_COUNT);
	return rc;
}

int
db_sweep(struct db *db, const struct db_sweep *now, bool *ret_more)
{
	struct round r = { db, now,
		{ now->rows > 0 ? now->rows : DB_SWEEP_ROWS, false } };
	bool own = false;
	int rc = db_enter(db, &own);

	if (rc < 0)
		return rc;
	rc = sweep_all(&r);
	if (rc < 0) {
		db_mix_restart(db);
		db_roll_restart(db);
	}
	rc = db_leave(db, own, rc);
	if (rc == 0)
		*ret_more = r.budget.more;
	return rc;
}
