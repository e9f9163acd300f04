/* review.c - texts that found no answer, and what administrators did. */
#include <string.h>

#include "db/hotline.h"

enum { DAY_MS = 24 * 3600 * 1000, ID_BITS = 40 };

int
db_unmatched_put(struct db *db, const struct db_unmatched *row, uint64_t chance)
{
	sqlite3_stmt *st = db->stmts[STMT_UNMATCHED_PUT];
	int64_t day = row->day_ms / DAY_MS;
	int rc = db_change(db);

	ASSERT(db->round && row->day_ms >= 0);
	if (rc < 0)
		return rc;
	sql_bind_int(st, 1,
	    day << ID_BITS | (int64_t)(chance & ((1ULL << ID_BITS) - 1)));
	sql_bind_int(st, 2, day * DAY_MS);
	sql_bind_sv(st, 3, row->country);
	sql_bind_sv(st, 4, row->lang);
	sql_bind_blob(st, 5, row->sealed.p, row->sealed.n);
	return db_run(db, STMT_UNMATCHED_PUT);
}

int
db_unmatched_each(struct db *db,
    bool (*fn)(void *arg, const struct db_unmatched *row), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_UNMATCHED_EACH];
	int rc;

	while ((rc = sql_next(st)) == 1) {
		const struct db_unmatched row = {
			.day_ms = sqlite3_column_int64(st, 0),
			.country = sql_column_sv(st, 1),
			.lang = sql_column_sv(st, 2),
			.sealed = sql_column_blob(st, 3),
			.id = sqlite3_column_int64(st, 4),
		};

		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

static void
hash_read(sqlite3_stmt *st, int at, uint8_t ret_hash[DB_HASH_LEN])
{
	struct sv v = sql_column_blob(st, at);

	if (v.n == DB_HASH_LEN)
		memcpy(ret_hash, v.p, DB_HASH_LEN);
}

int
db_audit_last(struct db *db, int64_t *ret_id, uint8_t ret_hash[DB_HASH_LEN])
{
	sqlite3_stmt *st = db->stmts[STMT_AUDIT_LAST];
	int rc = sql_next(st);

	if (rc >= 0) {
		*ret_id = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
		memset(ret_hash, 0, DB_HASH_LEN);
	}
	if (rc == 1)
		hash_read(st, 1, ret_hash);
	sql_end(st);
	return rc < 0 ? rc : 0;
}

int
db_audit_put(struct db *db, const struct db_audit *row)
{
	sqlite3_stmt *st = db->stmts[STMT_AUDIT_PUT];
	bool own = false;
	int rc = db_enter(db, &own);

	if (rc < 0)
		return rc;
	sql_bind_int(st, 1, row->id);
	sql_bind_int(st, 2, row->at_ms);
	sql_bind_sv(st, 3, row->who);
	sql_bind_sv(st, 4, row->action);
	sql_bind_blob(st, 5, row->hash, DB_HASH_LEN);
	return db_leave(db, own, db_run(db, STMT_AUDIT_PUT));
}

int
db_audit_each(
    struct db *db, bool (*fn)(void *arg, const struct db_audit *row), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_AUDIT_EACH];
	int rc;

	while ((rc = sql_next(st)) == 1) {
		struct db_audit row = {
			.id = sqlite3_column_int64(st, 0),
			.at_ms = sqlite3_column_int64(st, 1),
			.who = sql_column_sv(st, 2),
			.action = sql_column_sv(st, 3),
		};

		hash_read(st, 4, row.hash);
		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
