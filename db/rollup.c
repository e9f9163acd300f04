/*
 * rollup.c - rows of the log are counted for the reports, each once.
 *
 * An hour that is over lies in log_past for good (mix.c), under ids that only
 * grow.  A mark says up to which id the rows are counted; counts and mark go
 * forward in one transaction, so that neither a crash nor a round that is lost
 * counts a row twice or not at all.  Rows from before there were counts are
 * behind the mark like all others: they are counted slice by slice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/hotline.h"

static const char mark_key[] = "rolled_turn";

void
db_roll_restart(struct db *db)
{
	db->roll.known = false;
	db->roll.mark = 0;
}

/* Rows that were counted before may go: not before the next round knows. */
static int
begin(struct db *db, struct db_budget *b)
{
	char value[24] = "0";
	int rc = db_meta_get(db, mark_key, value, sizeof(value));

	if (rc < 0 && rc != -ENOENT)
		return rc;
	db->roll.mark = strtoll(value, NULL, 10);
	db->roll.known = true;
	b->more = true;
	return 0;
}

static int
mark_write(struct db *db, int64_t id)
{
	char value[24];

	(void)snprintf(value, sizeof(value), "%" PRId64, id);
	return db_meta_set(db, mark_key, sv_of(value));
}

/* The last row of a slice of at most so many; 0 if there is none. */
static int
slice_last(struct db *db, int64_t rows, int64_t *ret_last)
{
	sqlite3_stmt *st = db->stmts[STMT_ROLL_LAST];

	sql_bind_int(st, 1, db->roll.mark);
	sql_bind_int(st, 2, db->mix.mark);
	sql_bind_int(st, 3, rows);
	return sql_int(st, ret_last);
}

static int
slice_run(struct db *db, enum stmt which, int64_t last)
{
	sql_bind_int(db->stmts[which], 1, db->roll.mark);
	sql_bind_int(db->stmts[which], 2, last);
	return db_run(db, which);
}

/* Names are hardly ever new: without one the statement fails, whole. */
static int
slice_count(struct db *db, enum stmt which, enum stmt names, int64_t last)
{
	int rc = slice_run(db, which, last);

	if (rc != -EINVAL)
		return rc;
	rc = slice_run(db, names, last);
	return rc < 0 ? rc : slice_run(db, which, last);
}

static int
slice_roll(struct db *db, int64_t last)
{
	int rc = slice_count(db, STMT_ROLL_CELLS, STMT_ROLL_NAMES, last);

	if (rc == 0)
		rc = slice_count(
		    db, STMT_ROLL_LISTINGS, STMT_ROLL_LISTING_NAMES, last);
	if (rc == 0)
		rc = slice_run(db, STMT_ROLL_DAYS, last);
	return rc < 0 ? rc : mark_write(db, last);
}

int
db_roll_step(struct db *db, struct db_budget *b)
{
	int64_t last = 0, rows = b->left;
	int rc = db->roll.known ? 0 : begin(db, b);

	if (rc < 0 || !db->mix.known)
		return rc;
	rc = slice_last(db, rows, &last);
	if (rc == 0 && last > 0)
		rc = slice_roll(db, last);
	if (rc < 0 || last == 0)
		return rc;
	/* ids of a slice are as many as its rows, or a few more */
	b->left -= last - db->roll.mark < rows ? last - db->roll.mark : rows;
	b->more = true;
	db->roll.mark = last;
	return 0;
}
