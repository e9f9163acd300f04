/*
 * forget.c - a person is taken out of inbox, outbox and log.
 *
 * To look for a pseudonym is to read every row: there is no index on it.  So
 * the newest rows go at once, and the names wait in a table until one pass,
 * from the newest row to the oldest, has met all the others: one pass for all
 * names, a slice at a time, so that no text waits for long.  Where the pass
 * stands is not kept: after a restart, or a round that failed, it begins again.
 *
 * Rows of several turns are zeroed in place: to delete rows from the middle of
 * a table makes SQLite merge pages, which leaves copies of moved rows in their
 * gaps.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "db/hotline.h"

typedef int range_fn(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto);

static range_fn past_forget;

/* The tables in the order in which a pass goes through them. */
static const struct {
	range_fn *forget;
	enum stmt first; /* its oldest id */
} tables[] = {
	{ db_outs_forget, STMT_FIRST_OUT },
	{ db_turns_forget, STMT_FIRST_INBOX },
	{ db_now_forget, STMT_FIRST_NOW },
	{ past_forget, STMT_FIRST_PAST },
};

enum { TABLE_OUT, TABLE_INBOX, TABLE_NOW, TABLE_PAST };

/* Its newest id, or one that is newer. */
static int64_t
newest(struct db *db, size_t table)
{
	int64_t last = 0;

	if (table == TABLE_OUT)
		return db->next_out - 1;
	if (table == TABLE_PAST &&
	    sql_int(db->stmts[STMT_MIX_LAST], &last) == 0)
		return last;
	return db->next_turn - 1;
}

static int
past_forget(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto)
{
	sqlite3_stmt *st = db->stmts[STMT_PAST_FORGET];
	int rc;

	(void)who;
	sql_bind_int(st, 1, after);
	sql_bind_int(st, 2, upto);
	rc = db_run(db, STMT_PAST_FORGET);
	if (rc == 0 && sqlite3_changes(db->sq) > 0)
		db->wal_forgot = true;
	return rc;
}

/* Who they are, in memory. */

static int
by_name(const void *a, const void *b)
{
	return memcmp(((const struct forgotten *)a)->name,
	    ((const struct forgotten *)b)->name, DB_KEY_LEN);
}

const struct forgotten *
db_forgotten(const struct forgetting *who, const uint8_t name[DB_KEY_LEN])
{
	struct forgotten key = { 0 };

	memcpy(key.name, name, sizeof(key.name));
	return bsearch(
	    &key, who->names, who->count, sizeof(who->names[0]), by_name);
}

static int
forgetting_read(struct db *db, struct forgetting *ret_who)
{
	sqlite3_stmt *st = db->stmts[STMT_FORGET_EACH];
	struct forgetting who = { NULL, 0 };
	struct forgotten f;
	int rc;

	while ((rc = sql_next(st)) == 1) {
		if (!db_column_key(st, 0, f.name))
			continue;
		f.last_turn = sqlite3_column_int64(st, 1);
		f.last_out = sqlite3_column_int64(st, 2);
		/* grows as it doubles */
		if ((who.count & (who.count - 1)) == 0) {
			who.names = realloc(
			    who.names, (who.count > 0 ? who.count * 2 : 1) *
					   sizeof(who.names[0]));
			ASSERT(who.names != NULL);
		}
		who.names[who.count++] = f;
	}
	sql_end(st);
	*ret_who = who;
	return rc;
}

static int
range_forget(struct db *db, size_t table, int64_t after, int64_t upto)
{
	struct forgetting who = { NULL, 0 };
	int rc = forgetting_read(db, &who);

	if (rc == 0 && who.count > 0)
		rc = tables[table].forget(db, &who, after, upto);
	free(who.names);
	return rc;
}

static int
names_put(struct db *db, const uint8_t *names, size_t count)
{
	sqlite3_stmt *st = db->stmts[STMT_FORGET_PUT];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < count; i++) {
		sql_bind_blob(st, 1, names + i * DB_KEY_LEN, DB_KEY_LEN);
		sql_bind_int(st, 2, db->next_turn - 1);
		sql_bind_int(st, 3, db->next_out - 1);
		rc = db_run(db, STMT_FORGET_PUT);
	}
	return rc;
}

static int
forget(struct db *db, const uint8_t *names, size_t count)
{
	int rc = db_ids_keep(db);
	size_t i;

	if (rc == 0)
		rc = names_put(db, names, count);
	for (i = 0; rc == 0 && i < ARRAY_LEN(tables); i++)
		rc = range_forget(
		    db, i, newest(db, i) - DB_FORGET_ROWS, newest(db, i));
	return rc;
}

int
db_person_forget(struct db *db, const uint8_t *names, size_t count)
{
	bool own = false;
	int rc = db_enter(db, &own);

	ASSERT(count > 0);
	if (rc < 0)
		return rc;
	db->wal_forgot = true;
	return db_leave(db, own, forget(db, names, count));
}

int
db_people_wipe(struct db *db)
{
	static const enum stmt all[] = { STMT_WIPE_OUT, STMT_WIPE_PARTS,
		STMT_DROP_OUT, STMT_DROP_PARTS, STMT_DROP_NAMES,
		STMT_DROP_INBOX, STMT_DROP_DECOYS, STMT_DROP_CALLBACKS };
	bool own = false;
	size_t i;
	int rc = db_enter(db, &own);

	ASSERT(own || rc < 0);
	if (rc < 0)
		return rc;
	rc = db_ids_keep(db);
	for (i = 0; rc == 0 && i < ARRAY_LEN(all); i++)
		rc = db_run(db, all[i]);
	db->wal_forgot = true;
	return db_leave(db, own, rc);
}

void
db_forget_restart(struct db *db)
{
	db->forget_last = 0;
}

/* Begin a pass for the names of now; later ones are the next pass's. */
static int
pass_begin(struct db *db)
{
	int rc = sql_int(db->stmts[STMT_FORGET_LAST], &db->forget_last);

	db->forget_table = 0;
	db->forget_at = newest(db, 0);
	return rc;
}

/* It may have read their rows before, and looks for their names at its end. */
static bool
backup_runs(struct db *db)
{
	int fd = db_backup_lock(db, LOCK_EX | LOCK_NB);
	bool runs = fd == -EWOULDBLOCK;

	if (fd >= 0)
		(void)close(fd);
	return runs;
}

/* The names go; a backup that runs keeps them, and the pass, at its end. */
static int
pass_end(struct db *db)
{
	int rc;

	if (backup_runs(db))
		return 0;
	sql_bind_int(db->stmts[STMT_FORGET_DONE], 1, db->forget_last);
	rc = db_run(db, STMT_FORGET_DONE);
	db->wal_forgot = true;
	db_forget_restart(db);
	return rc < 0 ? rc : pass_begin(db);
}

/* The next table, or the end of the pass. */
static int
table_end(struct db *db)
{
	if (++db->forget_table == ARRAY_LEN(tables))
		return pass_end(db);
	db->forget_at = newest(db, db->forget_table);
	return 0;
}

static int
step(struct db *db)
{
	int64_t upto = db->forget_at, after = upto - DB_FORGET_ROWS, oldest = 0;
	int rc;

	if (db->forget_table == ARRAY_LEN(tables))
		return pass_end(db);
	rc = range_forget(db, db->forget_table, after, upto);
	if (rc == 0)
		rc =
		    sql_int(db->stmts[tables[db->forget_table].first], &oldest);
	if (rc < 0)
		return rc;
	db->forget_at = after;
	return oldest == 0 || after < oldest ? table_end(db) : 0;
}

int
db_forget_step(struct db *db, bool *ret_more)
{
	bool own = false;
	int rc = db_enter(db, &own);

	if (rc < 0)
		return rc;
	if (db->forget_last == 0)
		rc = pass_begin(db);
	if (rc == 0 && db->forget_last != 0)
		rc = step(db);
	if (rc < 0)
		db_forget_restart(db);
	rc = db_leave(db, own, rc);
	if (rc == 0)
		*ret_more = db->forget_last != 0;
	return rc;
}

int
db_forget_open(struct db *db)
{
	int64_t last = 0;
	bool own = false;
	size_t i;
	int rc = sql_int(db->stmts[STMT_FORGET_LAST], &last);

	if (rc < 0 || last == 0)
		return rc;
	rc = db_enter(db, &own);
	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < TABLE_NOW; i++)
		rc = range_forget(db, i, 0, newest(db, i));
	return db_leave(db, own, rc);
}
