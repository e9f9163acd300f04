/* parts.c - pieces of longer texts: put, read again, wiped. */
#include <string.h>

#include "db/hotline.h"

int
db_part_put(struct db *db, const struct db_part *part, int64_t *ret_id)
{
	sqlite3_stmt *st = db->stmts[STMT_PART_PUT];
	bool sealed = part->sealed.n > 0;
	int rc;

	ASSERT(db->round);
	sql_bind_int(st, 1, db->next_part);
	sql_bind_int(st, 2, part->at_ms);
	sql_bind_sv(st, 3, part->gateway);
	sql_bind_blob(st, 4, part->text_ref, DB_KEY_LEN);
	sql_bind_blob(st, 5, part->part_ref, DB_KEY_LEN);
	sql_bind_int(st, 6, part->total);
	sql_bind_int(st, 7, part->number);
	sql_bind_int(st, 8, part->coding);
	sql_bind_blob(st, 9, sealed ? part->person : NULL, DB_KEY_LEN);
	sql_bind_blob(st, 10, sealed ? part->sealed.p : NULL, part->sealed.n);
	rc = db_run(db, STMT_PART_PUT);
	if (rc == 0)
		*ret_id = db->next_part++;
	return rc;
}

static void
key_read(sqlite3_stmt *st, int at, uint8_t ret_key[DB_KEY_LEN])
{
	struct sv v = sql_column_blob(st, at);

	if (v.n == DB_KEY_LEN)
		memcpy(ret_key, v.p, DB_KEY_LEN);
}

static void
part_row(sqlite3_stmt *st, struct db_part *part)
{
	part->id = sqlite3_column_int64(st, 0);
	part->at_ms = sqlite3_column_int64(st, 1);
	part->gateway = sql_column_sv(st, 2);
	key_read(st, 3, part->text_ref);
	key_read(st, 4, part->part_ref);
	part->total = sqlite3_column_int64(st, 5);
	part->number = sqlite3_column_int64(st, 6);
	part->coding = sqlite3_column_int64(st, 7);
	key_read(st, 8, part->person);
	part->sealed = sql_column_blob(st, 9);
}

int
db_part_get(struct db *db, int64_t id, char *ret_sealed, size_t size,
    struct db_part *ret_part)
{
	sqlite3_stmt *st = db->stmts[STMT_PART_GET];
	struct db_part part = { 0 };
	int rc;

	sql_bind_int(st, 1, id);
	rc = sql_next(st);
	if (rc == 1) {
		part_row(st, &part);
		if (part.sealed.n > size)
			part.sealed.n = size;
		if (part.sealed.n > 0)
			memcpy(ret_sealed, part.sealed.p, part.sealed.n);
		part.sealed.p = ret_sealed;
		part.gateway = (struct sv){ 0 };
		*ret_part = part;
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

static int
part_take(struct db *db, int64_t id)
{
	int rc;

	sql_bind_int(db->stmts[STMT_PART_ZERO], 1, id);
	rc = db_run(db, STMT_PART_ZERO);
	if (rc < 0)
		return rc;
	sql_bind_int(db->stmts[STMT_PART_TAKE], 1, id);
	return db_run(db, STMT_PART_TAKE);
}

int
db_parts_take(
    struct db *db, const int64_t *ids, size_t count, const struct db_part *last)
{
	int64_t id;
	size_t i;
	int rc = 0;

	ASSERT(db->round && !db->turn);
	db->wal_wiped = true;
	for (i = 0; rc == 0 && i < count; i++)
		rc = part_take(db, ids[i]);
	if (rc == 0 && last != NULL)
		rc = db_part_put(db, last, &id);
	if (rc < 0)
		db_round_lose(db, rc);
	return rc;
}

int
db_parts_each(struct db *db, int64_t since_ms,
    bool (*fn)(void *arg, const struct db_part *part), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_PART_EACH];
	int rc;

	sql_bind_int(st, 1, since_ms);
	while ((rc = sql_next(st)) == 1) {
		struct db_part part = { 0 };

		part_row(st, &part);
		if (!fn(arg, &part))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
