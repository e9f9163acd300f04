/* outbox.c - answers on their way. */
#include <string.h>

#include "db/hotline.h"

int
db_out_put(struct db *db, const struct db_out *out, int64_t *ret_id)
{
	sqlite3_stmt *st = db->stmts[STMT_OUT_PUT];
	int rc;

	sql_bind_int(st, 1, db->next_out);
	sql_bind_int(st, 2, out->turn_id);
	sql_bind_int(st, 3, out->at_ms);
	sql_bind_int(st, 4, out->next_ms);
	sql_bind_int(st, 5, out->expires_ms);
	sql_bind_sv(st, 6, out->gateway);
	sql_bind_blob(st, 7, out->person, DB_KEY_LEN);
	sql_bind_blob(st, 8, out->sealed.p, out->sealed.n);
	sql_bind_int(st, 9, out->parts);
	sql_bind_int(st, 10, out->tries);
	sql_bind_int(st, 11, out->state);
	sql_bind_int(st, 12, out->priority);
	rc = db_run(db, STMT_OUT_PUT);
	if (rc == 0)
		*ret_id = db->next_out++;
	return rc;
}

static int
out_set(struct db *db, enum stmt which, int64_t id, enum db_out_state state,
    int64_t tries, int64_t next_ms)
{
	sqlite3_stmt *st = db->stmts[which];

	sql_bind_int(st, 1, id);
	sql_bind_int(st, 2, state);
	sql_bind_int(st, 3, tries);
	sql_bind_int(st, 4, next_ms);
	return db_run(db, which);
}

static int
out_wipe(struct db *db, int64_t id, enum db_out_state state, int64_t tries,
    int64_t next_ms)
{
	int rc;

	sql_bind_int(db->stmts[STMT_OUT_ZERO], 1, id);
	rc = db_run(db, STMT_OUT_ZERO);
	if (rc < 0)
		return rc;
	if (sqlite3_changes(db->sq) > 0)
		db->wal_wiped = true;
	return out_set(db, STMT_OUT_WIPE, id, state, tries, next_ms);
}

int
db_out_set(struct db *db, int64_t id, enum db_out_state state, int64_t tries,
    int64_t next_ms)
{
	bool own = false;
	int rc = db_enter(db, &own);

	if (rc < 0)
		return rc;
	if (state > OUT_QUEUED)
		rc = out_wipe(db, id, state, tries, next_ms);
	else
		rc = out_set(db, STMT_OUT_SET, id, state, tries, next_ms);
	if (rc == 0 && sqlite3_changes(db->sq) == 0)
		rc = -ENOENT;
	return db_leave(db, own, rc);
}

int
db_out_move(struct db *db, int64_t id, struct sv gateway, struct sv sealed)
{
	sqlite3_stmt *st = db->stmts[STMT_OUT_MOVE];
	int rc;

	ASSERT(db->round);
	sql_bind_int(st, 1, id);
	sql_bind_sv(st, 2, gateway);
	sql_bind_blob(st, 3, sealed.p, sealed.n);
	rc = db_run(db, STMT_OUT_MOVE);
	if (rc == 0 && sqlite3_changes(db->sq) == 0)
		rc = -ENOENT;
	return rc;
}

static int
ends_run(struct db *db, enum stmt which, const struct ends *e)
{
	sqlite3_stmt *st = db->stmts[which];

	sql_bind_int(st, 1, e->first);
	sql_bind_int(st, 2, e->last);
	if (which == STMT_OUT_END) {
		sql_bind_int(st, 3, e->state);
		sql_bind_int(st, 4, e->tries);
	}
	return db_run(db, which);
}

int
db_ends_write(struct db *db)
{
	struct ends e = db->ends;
	int rc;

	if (e.first == 0)
		return db->round_rc;
	db->ends.first = 0;
	rc = ends_run(db, STMT_OUT_END_ZERO, &e);
	if (rc == 0 && sqlite3_changes(db->sq) > 0)
		db->wal_wiped = true;
	if (rc == 0)
		rc = ends_run(db, STMT_OUT_END, &e);
	if (rc < 0) /* who told of these ends must hear that they are not */
		db_round_lose(db, rc);
	return rc;
}

int
db_out_end(struct db *db, int64_t id, enum db_out_state state, int64_t tries)
{
	struct ends *e = &db->ends;
	int rc = db->round_rc;

	ASSERT(db->round && state > OUT_QUEUED && id > 0);
	if (e->first != 0 && id == e->last + 1 && state == e->state &&
	    tries == e->tries) {
		e->last = id;
		return rc;
	}
	rc = db_ends_write(db);
	if (rc == 0)
		*e = (struct ends){ id, id, tries, state };
	return rc;
}

static void
out_row(sqlite3_stmt *st, struct db_out *out)
{
	struct sv person;

	out->id = sqlite3_column_int64(st, 0);
	out->turn_id = sqlite3_column_int64(st, 1);
	out->at_ms = sqlite3_column_int64(st, 2);
	out->next_ms = sqlite3_column_int64(st, 3);
	out->expires_ms = sqlite3_column_int64(st, 4);
	out->gateway = sql_column_sv(st, 5);
	person = sql_column_blob(st, 6);
	if (person.n == DB_KEY_LEN)
		memcpy(out->person, person.p, DB_KEY_LEN);
	out->sealed = sql_column_blob(st, 7);
	out->parts = sqlite3_column_int64(st, 8);
	out->tries = sqlite3_column_int64(st, 9);
	out->state = (enum db_out_state)sqlite3_column_int(st, 10);
	out->priority = (enum db_out_priority)sqlite3_column_int(st, 11);
}

int
db_out_each(
    struct db *db, bool (*fn)(void *arg, const struct db_out *out), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_OUT_EACH];
	int rc;

	while ((rc = sql_next(st)) == 1) {
		struct db_out out = { 0 };

		out_row(st, &out);
		if (!fn(arg, &out))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
