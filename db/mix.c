/*
 * mix.c - an hour of the log that is over loses the order of its rows.
 *
 * Turns put their rows into log_now, one behind the other: a carrier that knows
 * when each text came could name them all, and who wrote just before and just
 * after a change of keys would be known again.  So an hour that is over goes on
 * to log_past in random order, under the same ids.  Only when all of it is
 * there the mark moves, and readers (the view log) find it there; then its rows
 * leave log_now, the oldest first.  Nothing is put or taken in the middle of a
 * table: that would leave copies of rows in the gaps of its pages.
 *
 * What is known in memory is lost with the round, or with the process: then
 * log_past is cut behind the mark, and the hour begins again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/hotline.h"

enum {
	HOUR_MS = 3600 * 1000,
	MIX_MOST = 1 << 20, /* rows in one go; a longer hour takes several */
};

static const char mark_key[] = "mixed_turn";

void
db_mix_restart(struct db *db)
{
	free(db->mix.order);
	db->mix.order = NULL;
	db->mix.known = false;
}

size_t
db_mix_bytes(const struct db *db)
{
	const struct db_mix *m = &db->mix;

	return m->order == NULL ?
		   0 :
		   (size_t)(m->last - m->first + 1) * sizeof(m->order[0]);
}

static int
mark_write(struct db *db, int64_t id)
{
	char value[24];

	(void)snprintf(value, sizeof(value), "%" PRId64, id);
	return db_meta_set(db, mark_key, sv_of(value));
}

/* Rows behind the mark are of an hour that was not moved to its end. */
static int
begin(struct db *db, struct db_budget *b)
{
	sqlite3_stmt *st = db->stmts[STMT_MIX_CUT];
	char value[24] = "";
	int rc = db_meta_get(db, mark_key, value, sizeof(value));

	if (rc < 0)
		return rc;
	db->mix.mark = strtoll(value, NULL, 10);
	sql_bind_int(st, 1, db->mix.mark);
	sql_bind_int(st, 2, b->left);
	rc = db_run(db, STMT_MIX_CUT);
	if (rc == 0)
		db->mix.known = !db_budget_take(db, b);
	return rc;
}

/* The first turn behind the mark: ret_id 0 if there is none. */
static int
first_of(struct db *db, int64_t *ret_id, int64_t *ret_hour)
{
	sqlite3_stmt *st = db->stmts[STMT_MIX_FIRST];
	int rc;

	sql_bind_int(st, 1, db->mix.mark + 1);
	rc = sql_next(st);
	*ret_id = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
	*ret_hour = rc == 1 ? sqlite3_column_int64(st, 1) : -1;
	sql_end(st);
	return rc < 0 ? rc : 0;
}

/* The hour of a turn's row, or of the row before. */
static int
hour_at(struct db *db, int64_t id, int64_t *ret_hour)
{
	sqlite3_stmt *st = db->stmts[STMT_MIX_AT];
	int rc;

	sql_bind_int(st, 1, id);
	rc = sql_next(st);
	*ret_hour = rc == 1 ? sqlite3_column_int64(st, 1) : -1;
	sql_end(st);
	return rc < 0 ? rc : 0;
}

/* The last id before another hour begins.  By halves: ids go with time.  Where
 * the clock was set back a few rows of another hour may be within, which
 * keep theirs. */
static int
hour_end(struct db *db, int64_t first, int64_t hour, int64_t *ret_last)
{
	int64_t low = first, high = first + MIX_MOST, at;
	int rc = 0;

	if (high > db->next_turn)
		high = db->next_turn;
	while (rc == 0 && high - low > 1) {
		int64_t mid = low + (high - low) / 2;

		rc = hour_at(db, mid, &at);
		if (at == hour)
			low = mid;
		else
			high = mid;
	}
	*ret_last = low;
	return rc;
}

/* An hour that is over: mix.order says in which order its rows are moved. */
static int
hour_begin(struct db *db, int64_t now_ms)
{
	struct db_mix *m = &db->mix;
	int64_t hour = 0, i;
	int rc = first_of(db, &m->first, &hour);

	if (rc < 0 || m->first == 0 || hour == now_ms - now_ms % HOUR_MS)
		return rc;
	rc = hour_end(db, m->first, hour, &m->last);
	if (rc < 0)
		return rc;
	m->moved = 0;
	m->order =
	    calloc((size_t)(m->last - m->first + 1), sizeof(m->order[0]));
	ASSERT(m->order != NULL);
	for (i = 0; i <= m->last - m->first; i++)
		m->order[i] = (uint32_t)i;
	return 0;
}

/* One of those that are left, each as likely: Fisher and Yates. */
static int64_t
pick(struct db_mix *m)
{
	uint64_t left = (uint64_t)(m->last - m->first + 1 - m->moved), chance;
	int64_t at = m->moved;
	uint32_t taken;

	sqlite3_randomness(sizeof(chance), &chance);
	at += (int64_t)(chance % left);
	taken = m->order[at];
	m->order[at] = m->order[m->moved];
	m->order[m->moved] = taken;
	return m->first + taken;
}

/* In the same round: what is rolled back is not counted twice. */
static int
lost_count(struct db *db)
{
	char value[24];

	(void)snprintf(value, sizeof(value), "%" PRId64, db_lines_lost(db) + 1);
	return db_meta_set(db, DB_LINES_LOST, sv_of(value));
}

/* Put the turn of this id, in the row that st stands on, under its new one.
 * An id that is in no row is one less. */
static int
turn_move(struct db *db, sqlite3_stmt *st, int64_t id)
{
	int64_t nth = id - sqlite3_column_int64(st, 0); /* in the row */
	struct sv people = sql_column_blob(st, 4), turns = sql_column_sv(st, 5);
	struct now_turn t = { .id = db->mix.first + db->mix.moved,
		.hour = sqlite3_column_int64(st, 1),
		.epoch = sqlite3_column_int64(st, 2),
		.edition = sqlite3_column_int64(st, 3) };
	int rc;

	if (nth >= (int64_t)people.n / DB_KEY_LEN)
		return 0;
	people.p += nth * DB_KEY_LEN;
	if (!db_is_nobody(people.p))
		t.person = people.p;
	for (; nth >= 0; nth--)
		t.line = sv_cut(&turns, '\n');
	rc = db_past_put(db->stmts[STMT_PAST_PUT], &t);
	return rc == 1 ? lost_count(db) : db_ran(db, rc);
}

static int
row_move(struct db *db)
{
	sqlite3_stmt *st = db->stmts[STMT_MIX_AT];
	int64_t from = pick(&db->mix);
	int rc;

	sql_bind_int(st, 1, from);
	rc = sql_next(st);
	if (rc == 1)
		rc = turn_move(db, st, from);
	sql_end(st);
	db->mix.moved++;
	return rc;
}

static int
hour_move(struct db *db, struct db_budget *b)
{
	struct db_mix *m = &db->mix;
	int rc = 0;

	while (rc == 0 && b->left > 0 && m->moved <= m->last - m->first) {
		rc = row_move(db);
		(void)db_budget_take(db, b);
	}
	if (rc < 0 || m->moved <= m->last - m->first)
		return rc;
	rc = mark_write(db, m->last);
	m->mark = m->last;
	free(m->order);
	m->order = NULL;
	b->more = true; /* the rows that were moved, and the next hour */
	return rc;
}

/* Rows whose turns are in log_past for good; the budget is in turns. */
static int
moved_drop(struct db *db, struct db_budget *b)
{
	sqlite3_stmt *st = db->stmts[STMT_MIX_DROP];
	int64_t first = 0, below;
	int rc = sql_int(db->stmts[STMT_FIRST_NOW], &first);

	below = first + b->left;
	sql_bind_int(st, 1, db->mix.mark);
	sql_bind_int(st, 2, below);
	if (rc == 0)
		rc = db_run(db, STMT_MIX_DROP);
	if (rc < 0 || sqlite3_changes64(db->sq) == 0)
		return rc;
	db->wal_wiped = true;
	if (below <= db->mix.mark)
		*b = (struct db_budget){ 0, true };
	return 0;
}

int
db_mix_step(struct db *db, int64_t now_ms, struct db_budget *b)
{
	int64_t forgetting = 0;
	int rc = db->mix.known ? 0 : begin(db, b);

	if (rc == 0 && db->mix.known && b->left > 0)
		rc = moved_drop(db, b);
	if (rc < 0 || !db->mix.known || b->left == 0)
		return rc;
	/* whoever is being taken out of the rows is looked for by their ids */
	rc = sql_int(db->stmts[STMT_FORGET_LAST], &forgetting);
	if (rc == 0 && forgetting == 0 && db->mix.order == NULL)
		rc = hour_begin(db, now_ms);
	if (rc == 0 && forgetting == 0 && db->mix.order != NULL)
		rc = hour_move(db, b);
	return rc;
}
