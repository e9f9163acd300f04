/* test_callbacks.c - the table of who asked to be called: rows are put, found,
 * emptied and used again, and nothing of what is forgotten stays in the file.
 */
#include <sqlite3.h>
#include <stdlib.h>

#include "db/db.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { MANY = 60 /* several pages */ };

static const int64_t until_ms = 1767322800000;

static struct db *
open_in(const struct folder *f)
{
	struct db *db = NULL;
	struct diag diag = { "" };

	ASSERT(db_open_sized(f->path, 0, &db, &diag) == 0);
	return db;
}

/* A row of the nth person; state goes over all that is sealed. */
static struct db_callback
row_of(int n, char state, char sealed[DB_CALLBACK_SEALED])
{
	struct db_callback row = { .id = DB_CALLBACK_ID_MIN + n,
		.until_ms = until_ms + n };

	memset(sealed, state, DB_CALLBACK_SEALED);
	(void)snprintf(sealed, DB_CALLBACK_SEALED, "sealed-%03d-%c", n, state);
	(void)snprintf((char *)row.name, sizeof(row.name), "person-%03d", n);
	row.sealed = (struct sv){ sealed, DB_CALLBACK_SEALED };
	return row;
}

static int
put(struct db *db, int n, char state)
{
	char sealed[DB_CALLBACK_SEALED];
	struct db_callback row = row_of(n, state, sealed);

	return db_callback_put(db, &row);
}

static int
forget(struct db *db, int n)
{
	char sealed[DB_CALLBACK_SEALED];
	struct db_callback row = row_of(n, 'a', sealed);

	return db_callback_forget(db, row.name);
}

struct seen {
	int rows;
	char last[64];
};

static void
on_row(void *arg, const struct db_callback *row)
{
	struct seen *seen = arg;

	seen->rows++;
	(void)snprintf(seen->last, sizeof(seen->last), "%d %d %.12s %zu %.10s",
	    (int)row->id, (int)(row->until_ms - until_ms), row->sealed.p,
	    row->sealed.n, (const char *)row->name);
}

static struct seen
look(struct db *db)
{
	struct seen seen = { 0 };

	ASSERT(db_callbacks_each(db, on_row, &seen) == 0);
	return seen;
}

static void
test_rows(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct seen seen;

	EQ(put(db, 1, 'a'), 0, "put");
	seen = look(db);
	EQ(seen.rows, 1, "one row");
	OK(strcmp(seen.last, "100001 1 sealed-001-a 320 person-001") == 0,
	    seen.last);
	EQ(put(db, 1, 'b'), 0, "put again");
	seen = look(db);
	EQ(seen.rows, 1, "in its place");
	OK(strstr(seen.last, "sealed-001-b") != NULL, seen.last);
	EQ(put(db, 2, 'a'), 0, "another person");
	EQ(look(db).rows, 2, "two rows");
	EQ(forget(db, 1), 0, "forget the first");
	EQ(forget(db, 7), 0, "nobody is no error");
	seen = look(db);
	EQ(seen.rows, 1, "one is left");
	OK(strstr(seen.last, "person-002") != NULL, seen.last);
	ASSERT(db_begin(db) == 0 && db_turn_begin(db) == 0);
	EQ(put(db, 3, 'a') | forget(db, 2), 0, "in a turn");
	db_turn_undo(db);
	ASSERT(db_commit(db) == 0);
	seen = look(db);
	OK(seen.rows == 1 && strstr(seen.last, "person-002") != NULL,
	    "that is undone");
	EQ(db_people_wipe(db), 0, "everybody");
	EQ(look(db).rows, 0, "none");
	db_close(&db);
	folder_done(&f);
}

/* Rows come, change and go in any order: of who is forgotten there is not a
 * byte in the file, not even of an older state. */
static void
test_bytes(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	char name[32];
	int n, rc = 0, found = 0;
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = NULL;
	char path[512];

	for (n = 0; n < MANY; n++)
		rc |= put(db, n, 'a');
	for (n = 0; n < MANY; n++)
		rc |= put(db, n * 7 % MANY, (char)('b' + n % 20));
	for (n = 0; n < MANY; n += 2)
		rc |= forget(db, n);
	for (n = 0; n < MANY / 2; n++)
		rc |= put(db, MANY + n, 'z');
	for (n = 1; n < MANY; n += 2)
		rc |= forget(db, n);
	EQ(rc, 0, "put, changed, forgotten");
	EQ(db_checkpoint(db), 0, "checkpoint");
	for (n = 0; n < MANY; n++) {
		(void)snprintf(name, sizeof(name), "sealed-%03d", n);
		found += folder_find(&f, "hotline.db", name) > 0;
		found += folder_find(&f, "hotline.db-wal", name) > 0;
		(void)snprintf(name, sizeof(name), "person-%03d", n);
		found += folder_find(&f, "hotline.db", name) > 0;
		found += folder_find(&f, "hotline.db-wal", name) > 0;
	}
	EQ(found, 0, "no byte of any of them");
	OK(folder_find(&f, "hotline.db", "sealed-061") > 0,
	    "the others are there");
	(void)snprintf(path, sizeof(path), "%s/hotline.db", f.path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, "SELECT count(*) FROM callback", -1, &st,
		   NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	EQ(sqlite3_column_int(st, 0), MANY, "empty rows were used again");
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

int
main(void)
{
	test_rows();
	test_bytes();
	return tap_done();
}
