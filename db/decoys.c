/* decoys.c - who has set a word of their own, without number and word. */
#include <string.h>

#include "db/hotline.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* Run it with a row's columns.  Returns how many rows changed. */
static int
put_by(struct db *db, enum stmt which, const struct db_decoy *row)
{
	sqlite3_stmt *st = db->stmts[which];
	int rc;

	sql_bind_int(st, 1, row->at_ms - row->at_ms % DAY_MS);
	sql_bind_blob(st, 2, row->name, DB_KEY_LEN);
	sql_bind_blob(st, 3, row->word, DB_KEY_LEN);
	rc = db_run(db, which);
	return rc < 0 ? rc : sqlite3_changes(db->sq);
}

int
db_decoy_put(struct db *db, const struct db_decoy *row)
{
	static const enum stmt ways[] = { STMT_DECOY_CHANGE, STMT_DECOY_REUSE,
		STMT_DECOY_ADD };
	size_t i;
	int rc = db_change(db);

	ASSERT(db->round && row->at_ms >= DAY_MS);
	for (i = 0; rc == 0 && i < ARRAY_LEN(ways); i++)
		rc = put_by(db, ways[i], row);
	return rc < 0 ? rc : 0;
}

static int
forget(struct db *db, const uint8_t name[DB_KEY_LEN])
{
	int rc = db_change(db);

	if (rc < 0)
		return rc;
	sql_bind_blob(db->stmts[STMT_DECOY_FORGET], 1, name, DB_KEY_LEN);
	db->wal_forgot = true;
	return db_run(db, STMT_DECOY_FORGET);
}

int
db_decoy_forget(struct db *db, const uint8_t name[DB_KEY_LEN])
{
	bool own = false;
	int rc = db_enter(db, &own);

	return rc < 0 ? rc : db_leave(db, own, forget(db, name));
}

int
db_decoys_each(
    struct db *db, void (*fn)(void *arg, const struct db_decoy *row), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_DECOY_EACH];
	int rc;

	while ((rc = sql_next(st)) == 1) {
		struct db_decoy row = { .at_ms = sqlite3_column_int64(st, 0) };

		if (db_column_key(st, 1, row.name) &&
		    db_column_key(st, 2, row.word))
			fn(arg, &row);
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
