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
#define EMPTIED(table, clock, seconds, ahead, ...)                             \
	{ STMT_SWEEP_##table, STMT_SWEEP_##table, seconds, ahead },
#define SEALED(table, clock, seconds, ahead, ...)                              \
	{ STMT_WIPE_##table, STMT_SWEEP_##table, seconds, ahead },
#include "db/retention.def"
};

static int
batch(struct db *db, enum stmt which, const struct swept *s,
    const struct db_sweep *now)
{
	int64_t keep_ms = s->seconds > 0 ? s->seconds * 1000 : now->log_ms;

	sql_bind_int(db->stmts[which], 1, now->now_ms - keep_ms);
	sql_bind_int(
	    db->stmts[which], 2, s->ahead ? now->now_ms + AHEAD_MS : INT64_MAX);
	return db_run(db, which);
}

static int
table_sweep(struct db *db, const struct swept *s, const struct db_sweep *now,
    bool *more)
{
	int rc = 0;

	if (s->wipe >= 0) {
		rc = batch(db, (enum stmt)s->wipe, s, now);
		if (rc == 0 && sqlite3_changes(db->sq) > 0)
			db->wal_wiped = true;
	}
	if (rc == 0)
		rc = batch(db, s->sweep, s, now);
	if (rc == 0 && sqlite3_changes(db->sq) == SWEEP_ROWS)
		*more = true;
	return rc;
}

/* Names of answers that are gone. */
static int
names_sweep(struct db *db, bool *more)
{
	int rc = db_run(db, STMT_NAME_SWEEP);

	if (rc == 0 && sqlite3_changes(db->sq) == SWEEP_ROWS)
		*more = true;
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
log_unlink(struct db *db, int64_t epoch, bool *more)
{
	sqlite3_stmt *last_st = db->stmts[STMT_LOG_UNLINK_LAST];
	sqlite3_stmt *st = db->stmts[STMT_LOG_UNLINK];
	int64_t mark = mark_read(db), last = 0;
	int rc;

	sql_bind_int(last_st, 1, mark);
	sql_bind_int(last_st, 2, epoch);
	rc = sql_int(last_st, &last);
	if (rc < 0 || last <= mark)
		return rc;
	sql_bind_int(st, 1, mark);
	sql_bind_int(st, 2, last);
	sql_bind_int(st, 3, epoch);
	rc = db_run(db, STMT_LOG_UNLINK);
	if (rc == 0 && sqlite3_changes(db->sq) > 0)
		db->wal_wiped = true;
	*more = true;
	return rc < 0 ? rc : mark_write(db, last);
}

static int
sweep_all(struct db *db, const struct db_sweep *now, bool *more)
{
	int rc = db_ids_keep(db);
	size_t i;

	for (i = 0; rc == 0 && i < ARRAY_LEN(list); i++)
		rc = table_sweep(db, &list[i], now, more);
	if (rc == 0)
		rc = names_sweep(db, more);
	return rc == 0 ? log_unlink(db, now->epoch, more) : rc;
}

int
db_sweep(struct db *db, const struct db_sweep *now, bool *ret_more)
{
	bool own = false, more = false;
	int rc = db_enter(db, &own);

	if (rc < 0)
		return rc;
	rc = db_leave(db, own, sweep_all(db, now, &more));
	if (rc == 0)
		*ret_more = more;
	return rc;
}
