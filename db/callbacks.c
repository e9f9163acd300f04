/* callbacks.c - who asked to be called: what is of a person is sealed. */
#include <string.h>

#include "db/hotline.h"

/* Run it with a row's columns.  Returns how many rows changed. */
static int
put_by(struct db *db, enum stmt which, const struct db_callback *row)
{
	sqlite3_stmt *st = db->stmts[which];
	int rc;

	sql_bind_int(st, 1, row->id);
	sql_bind_int(st, 2, row->until_ms);
	sql_bind_blob(st, 3, row->name, DB_KEY_LEN);
	sql_bind_blob(st, 4, row->sealed.p, row->sealed.n);
	rc = db_run(db, which);
	return rc < 0 ? rc : sqlite3_changes(db->sq);
}

static int
put(struct db *db, const struct db_callback *row)
{
	static const enum stmt ways[] = { STMT_CALLBACK_CHANGE,
		STMT_CALLBACK_REUSE, STMT_CALLBACK_ADD };
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ARRAY_LEN(ways); i++)
		rc = put_by(db, ways[i], row);
	db->wal_wiped = true; /* the state before */
	return rc < 0 ? rc : 0;
}

int
db_callback_put(struct db *db, const struct db_callback *row)
{
	bool own = false;
	int rc = db_enter(db, &own);

	ASSERT(row->id >= DB_CALLBACK_ID_MIN && row->id <= DB_CALLBACK_ID_MAX &&
	       row->until_ms > 0 && row->sealed.n == DB_CALLBACK_SEALED);
	return rc < 0 ? rc : db_leave(db, own, put(db, row));
}

int
db_callback_forget(struct db *db, const uint8_t name[DB_KEY_LEN])
{
	bool own = false;
	int rc = db_enter(db, &own);

	if (rc < 0)
		return rc;
	sql_bind_blob(db->stmts[STMT_CALLBACK_FORGET], 1, name, DB_KEY_LEN);
	db->wal_forgot = true;
	return db_leave(db, own, db_run(db, STMT_CALLBACK_FORGET));
}

int
db_callbacks_each(struct db *db,
    void (*fn)(void *arg, const struct db_callback *row), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_CALLBACK_EACH];
	int rc;

	while ((rc = sql_next(st)) == 1) {
		struct db_callback row = {
			.id = sqlite3_column_int64(st, 0),
			.until_ms = sqlite3_column_int64(st, 1),
			.sealed = sql_column_blob(st, 3),
		};

		if (db_column_key(st, 2, row.name))
			fn(arg, &row);
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
