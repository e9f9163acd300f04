/* turns.c - inbox and log: a turn is put and read again. */
#include <string.h>

#include "db/hotline.h"

enum { HOUR_MS = 3600 * 1000 };

/* The start of its hour: nothing finer may reach the log. */
static int64_t
hour_of(int64_t at_ms)
{
	return at_ms - at_ms % HOUR_MS;
}

static int
inbox_put(struct db *db, const struct db_turn *t, int64_t id)
{
	sqlite3_stmt *st = db->stmts[STMT_INBOX_PUT];
	bool keep = !t->unlinked;

	sql_bind_int(st, 1, id);
	sql_bind_int(st, 2, t->at_ms);
	sql_bind_blob(st, 3, t->ref, DB_KEY_LEN);
	sql_bind_blob(st, 4, keep ? t->person : NULL, DB_KEY_LEN);
	sql_bind_sv(st, 5, keep ? t->session : SV(""));
	return db_run(db, STMT_INBOX_PUT);
}

static int
log_put(struct db *db, const struct db_turn *t, int64_t id)
{
	sqlite3_stmt *st = db->stmts[STMT_LOG_PUT];

	sql_bind_int(st, 1, id);
	sql_bind_int(st, 2, hour_of(t->at_ms));
	sql_bind_int(st, 3, t->epoch);
	sql_bind_blob(st, 4, t->unlinked ? NULL : t->person, DB_KEY_LEN);
	sql_bind_sv(st, 5, t->gateway);
	sql_bind_sv(st, 6, t->country);
	sql_bind_sv(st, 7, t->channel);
	sql_bind_sv(st, 8, t->lang);
	sql_bind_sv(st, 9, t->topic);
	sql_bind_sv(st, 10, t->place);
	sql_bind_sv(st, 11, t->node);
	sql_bind_sv(st, 12, t->listings);
	sql_bind_sv(st, 13, t->outcome);
	sql_bind_int(st, 14, t->edition);
	sql_bind_int(st, 15, t->parts);
	return db_run(db, STMT_LOG_PUT);
}

int
db_turn_put(struct db *db, const struct db_turn *turn, int64_t *ret_id)
{
	int64_t id = db->next_turn;
	int rc;

	ASSERT(db->round && turn->at_ms >= 0);
	rc = inbox_put(db, turn, id);
	if (rc < 0)
		return rc;
	db->next_turn++;
	rc = log_put(db, turn, id);
	if (rc == 0)
		*ret_id = id;
	else
		(void)!db_cut(db, STMT_INBOX_CUT, id); /* never half a turn */
	return rc;
}

bool
db_column_key(sqlite3_stmt *st, int at, uint8_t ret_key[DB_KEY_LEN])
{
	struct sv v = sql_column_blob(st, at);

	if (v.n != DB_KEY_LEN)
		return false;
	memcpy(ret_key, v.p, DB_KEY_LEN);
	return true;
}

static void
inbox_row(sqlite3_stmt *st, struct db_turn *t)
{
	t->at_ms = sqlite3_column_int64(st, 1);
	(void)db_column_key(st, 2, t->ref);
	t->unlinked = !db_column_key(st, 3, t->person);
	t->session = sql_column_sv(st, 4);
}

int
db_turns_count(struct db *db, int64_t *ret_count)
{
	return sql_int(db->stmts[STMT_COUNT_INBOX], ret_count);
}

int
db_turns_each(struct db *db, int64_t since_ms,
    bool (*fn)(void *arg, int64_t id, const struct db_turn *turn), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_INBOX_EACH];
	int rc;

	/* what is read once is not to fill the cache */
	rc = sql_exec(db->sq, SQL_CACHE_SMALL);
	if (rc < 0)
		return rc;
	sql_bind_int(st, 1, since_ms);
	while ((rc = sql_next(st)) == 1) {
		struct db_turn turn = { 0 };

		inbox_row(st, &turn);
		if (!fn(arg, sqlite3_column_int64(st, 0), &turn))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : sql_exec(db->sq, SQL_CACHE);
}

static void
log_row(sqlite3_stmt *st, struct db_log *row)
{
	row->id = sqlite3_column_int64(st, 0);
	row->hour_ms = sqlite3_column_int64(st, 1);
	row->epoch = sqlite3_column_int64(st, 2);
	row->linked = db_column_key(st, 3, row->person);
	row->gateway = sql_column_sv(st, 4);
	row->country = sql_column_sv(st, 5);
	row->channel = sql_column_sv(st, 6);
	row->lang = sql_column_sv(st, 7);
	row->topic = sql_column_sv(st, 8);
	row->place = sql_column_sv(st, 9);
	row->node = sql_column_sv(st, 10);
	row->listings = sql_column_sv(st, 11);
	row->outcome = sql_column_sv(st, 12);
	row->edition = sqlite3_column_int64(st, 13);
	row->parts = sqlite3_column_int64(st, 14);
}

int
db_log_each(struct db *db, const struct db_log_filter *filter,
    bool (*fn)(void *arg, const struct db_log *row), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_LOG_EACH];
	int rc;

	sql_bind_int(st, 1, hour_of(filter->since_ms));
	sql_bind_sv(st, 2, filter->country);
	sql_bind_sv(st, 3, filter->lang);
	sql_bind_sv(st, 4, filter->topic);
	sql_bind_sv(st, 5, filter->place);
	sql_bind_sv(st, 6, filter->outcome);
	sql_bind_int(st, 7, filter->most);
	sql_bind_int(st, 8, filter->before > 0 ? filter->before : INT64_MAX);
	while ((rc = sql_next(st)) == 1) {
		struct db_log row = { 0 };

		log_row(st, &row);
		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
