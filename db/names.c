/* names.c - under which ids the gateways report on answers. */
#include <string.h>

#include "db/hotline.h"

int
db_name_put(struct db *db, int64_t out_id, const uint8_t ref[DB_KEY_LEN],
    int64_t *ret_id)
{
	sqlite3_stmt *st = db->stmts[STMT_NAME_PUT];
	int rc;

	ASSERT(db->round);
	sql_bind_int(st, 1, db->next_name);
	sql_bind_int(st, 2, out_id);
	sql_bind_blob(st, 3, ref, DB_KEY_LEN);
	rc = db_run(db, STMT_NAME_PUT);
	if (rc == 0)
		*ret_id = db->next_name++;
	return rc;
}

int
db_name_done(struct db *db, int64_t id)
{
	sql_bind_int(db->stmts[STMT_NAME_DONE], 1, id);
	return db_run(db, STMT_NAME_DONE);
}

int
db_name_drop(struct db *db, int64_t out_id, int64_t from_id)
{
	sql_bind_int(db->stmts[STMT_NAME_DROP], 1, from_id);
	sql_bind_int(db->stmts[STMT_NAME_DROP], 2, out_id);
	return db_run(db, STMT_NAME_DROP);
}

static void
name_row(sqlite3_stmt *st, struct db_name *name)
{
	struct sv ref = sql_column_blob(st, 2);

	name->id = sqlite3_column_int64(st, 0);
	name->out_id = sqlite3_column_int64(st, 1);
	if (ref.n == DB_KEY_LEN)
		memcpy(name->ref, ref.p, DB_KEY_LEN);
	name->delivered = sqlite3_column_int64(st, 3) != 0;
	name->at_ms = sqlite3_column_int64(st, 4);
}

int
db_names_each(struct db *db, int64_t since_ms,
    bool (*fn)(void *arg, const struct db_name *name), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_NAME_EACH];
	int rc;

	/* a full disk must not keep the service from starting */
	(void)!db_run(db, STMT_NAME_DROP_QUEUED);
	sql_bind_int(st, 1, since_ms);
	while ((rc = sql_next(st)) == 1) {
		struct db_name name = { 0 };

		name_row(st, &name);
		if (!fn(arg, &name))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
