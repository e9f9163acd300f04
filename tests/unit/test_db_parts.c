/* test_db_parts.c - pieces of texts, names of answers, rows of past releases.
 */
#include <sqlite3.h>

#include "daemon/base/clock.h"
#include "db/db.h"
#include "db/migrations.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum {
	WAL_BYTES = 256 * 1024,
	COUNT = 300,
	TAG_LEN = 14,
	BATCHES = 9, /* version with batches in it */
	HOUR_MS = 3600 * 1000,
};

/* 2026-01-02 03:04:05.678 UTC */
static const int64_t at = 1767323045678;

static struct db *
open_in(const struct folder *f)
{
	struct db *db = NULL;
	struct diag diag = { 0 };

	if (db_open_sized(f->path, WAL_BYTES, &db, &diag) < 0)
		printf("# %s\n", diag.text);
	ASSERT(db != NULL);
	return db;
}

static struct db_part
part_of(int64_t number, const char *sealed)
{
	return (struct db_part){ .at_ms = at,
		.gateway = SV("smpp"),
		.text_ref = "text-text-text-",
		.part_ref = "part-part-part-",
		.total = COUNT,
		.number = number,
		.coding = 2,
		.person = "ann-ann-ann-ann",
		.sealed = sv_of(sealed) };
}

struct seen {
	int rows, sealed;
	struct db_part last;
};

static bool
on_part(void *arg, const struct db_part *part)
{
	struct seen *s = arg;

	s->rows++;
	s->sealed += part->sealed.n > 0;
	s->last = *part;
	return true;
}

static struct seen
look(struct db *db)
{
	struct seen s = { 0 };

	ASSERT(db_parts_each(db, 0, on_part, &s) == 0);
	return s;
}

static void
test_parts(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_part row, tomb = part_of(7, "");
	int64_t ids[COUNT];
	char sealed[64];
	struct seen s;
	int i;

	ASSERT(db_begin(db) == 0);
	for (i = 0; i < COUNT; i++) {
		(void)snprintf(sealed, sizeof(sealed), "SECRET-%050d", i);
		row = part_of(i + 1, sealed);
		ASSERT(db_part_put(db, &row, &ids[i]) == 0);
	}
	EQ(db_commit(db), 0, "put");
	db_close(&db);
	OK(folder_find(&f, "hotline.db", "SECRET-") > 0, "it is there");
	db = open_in(&f);
	s = look(db);
	EQ(s.rows, COUNT, "every row is read again");
	EQ(s.last.number, COUNT, "by its age");
	OK(s.last.coding == 2 && s.last.total == COUNT, "as it was");
	OK(memcmp(s.last.person, row.person, DB_KEY_LEN) == 0, "whose it was");
	EQ(db_part_get(db, ids[3], sealed, sizeof(sealed), &row), 0, "get");
	OK(row.sealed.n == 57 && memcmp(sealed, "SECRET-", 7) == 0, "one");
	EQ(db_part_get(db, 999, sealed, sizeof(sealed), &row), -ENOENT, "no");

	ASSERT(db_begin(db) == 0);
	EQ(db_parts_take(db, ids, COUNT / 2, &tomb), 0, "half are taken");
	EQ(db_commit(db), 0, "on disk");
	EQ(look(db).sealed, COUNT - COUNT / 2, "the others wait");
	EQ(look(db).rows, COUNT + 1, "all are known");
	ASSERT(db_begin(db) == 0);
	EQ(db_parts_take(db, ids + COUNT / 2, COUNT - COUNT / 2, NULL), 0,
	    "the rest, and no row more");
	EQ(db_commit(db), 0, "on disk");
	EQ(look(db).rows, COUNT + 1, "all are known");
	clock_set(at);
	EQ(db_checkpoint(db), 0, "checkpoint");
	EQ(folder_find(&f, "hotline.db-wal", "SECRET-"), 0, "gone: the WAL");
	EQ(folder_find(&f, "hotline.db", "SECRET-"), 0, "gone: the file");
	EQ(folder_find(&f, "hotline.db", "ann-ann"), 0, "with the pseudonym");
	db_close(&db);
	folder_done(&f);
}

static void
test_sweep(void)
{
	struct db_sweep old = { .now_ms = at + HOUR_MS };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_part row = part_of(1, "SECRET-waits");
	bool more = true;
	int64_t id, last;
	int i;

	ASSERT(db_begin(db) == 0);
	for (i = 0; i < COUNT; i++)
		ASSERT(db_part_put(db, &row, &id) == 0);
	ASSERT(db_commit(db) == 0);
	EQ(db_sweep(db, &old, &more), 0, "sweep");
	EQ(look(db).rows, COUNT, "nothing is too old");
	old.now_ms++;
	for (more = true; more;)
		ASSERT(db_sweep(db, &old, &more) == 0);
	EQ(look(db).rows, 0, "an hour later all are");
	clock_set(at + 3600000);
	EQ(db_checkpoint(db), 0, "checkpoint");
	EQ(folder_find(&f, "hotline.db", "SECRET-"), 0, "no byte is left");
	ASSERT(db_begin(db) == 0);
	ASSERT(db_part_put(db, &row, &last) == 0 && db_commit(db) == 0);
	EQ(last, id + 1, "ids grow on");
	db_close(&db);
	folder_done(&f);
}

static bool
on_name(void *arg, const struct db_name *name)
{
	struct db_name *last = arg;

	*last = *name;
	return true;
}

static int64_t
out_put(struct db *db)
{
	struct db_out out = { .at_ms = at,
		.expires_ms = at + 1000,
		.gateway = SV("smpp"),
		.sealed = SV("sealed") };
	int64_t id = 0;

	ASSERT(db_out_put(db, &out, &id) == 0);
	return id;
}

static void
test_names(void)
{
	static const uint8_t ref[DB_KEY_LEN] = "ref-ref-ref-ref";
	struct db_sweep old = { .now_ms = at + 1001 + HOUR_MS };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_name name = { 0 };
	int64_t sent, queued, id, first;
	bool more = true;

	ASSERT(db_begin(db) == 0);
	sent = out_put(db);
	queued = out_put(db);
	EQ(db_name_put(db, sent, ref, &first), 0, "of the first try");
	EQ(db_name_put(db, queued, ref, &id), 0, "of another answer");
	EQ(db_name_drop(db, sent, first), 0, "which failed");
	EQ(db_name_put(db, sent, ref, &id), 0, "of the second");
	EQ(db_name_done(db, id), 0, "delivered");
	ASSERT(db_out_set(db, sent, OUT_SENT) == 0);
	ASSERT(db_commit(db) == 0);
	EQ(db_names_each(db, at, on_name, &name), 0, "read again");
	EQ(name.id, id, "the second");
	OK(name.delivered && name.out_id == sent, "as it was");
	OK(memcmp(name.ref, ref, DB_KEY_LEN) == 0, "under its name");
	name.id = 0;
	EQ(db_names_each(db, at + 1, on_name, &name), 0, "of later answers");
	EQ(name.id, 0, "none");
	EQ(db_sweep(db, &old, &more), 0, "the answers are too old");
	EQ(db_checkpoint(db), 0, "checkpoint");
	EQ(folder_find(&f, "hotline.db", "ref-ref"), 0, "their names go, too");
	db_close(&db);
	folder_done(&f);
}

static void
test_lost_round(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_part row = part_of(1, "sealed");
	int64_t id;

	ASSERT(db_begin(db) == 0 && db_part_put(db, &row, &id) == 0);
	EQ(db_checkpoint(db), -EBUSY, "no checkpoint within a round");
	db_round_lose(db, -EIO);
	EQ(db_part_put(db, &row, &id), -EIO, "nothing more is written");
	EQ(db_parts_take(db, &id, 1, NULL), -EIO, "nor taken");
	EQ(db_commit(db), -EIO, "the round is lost");
	EQ(look(db).rows, 0, "whole");
	ASSERT(db_begin(db) == 0 && db_part_put(db, &row, &id) == 0);
	EQ(db_commit(db), 0, "the next one is not");
	EQ(look(db).rows, 1, "it is there");
	db_close(&db);
	folder_done(&f);
}

/* hotline.db as a release with so many migrations left it. */
static void
old_make(const struct folder *f, int version)
{
	/* before there were batches, and since */
	static const char one_row[] =
	    "(id, turn_id, at_ms, next_ms, expires_ms, gateway, person, sealed,"
	    " parts, tries, state) VALUES (7, 0, 1, 1, 9, 'smpp',"
	    " CAST(zeroblob(15) || x'07' AS BLOB), CAST(zeroblob(300) || x'01' "
	    "AS BLOB), 2, 0, 0),"
	    " (8, 0, 1, 1, 9, 'smpp', NULL, NULL, 2, 0, 1)";
	static const char batch[] =
	    "VALUES (7, 1, 9, 'smpp', x'0001', CAST(zeroblob(15) || x'07'"
	    " || zeroblob(16) AS BLOB), CAST(x'02002d01' || zeroblob(300)"
	    " || x'01' || x'02000000' AS BLOB))";
	char path[512], sql[512];
	sqlite3 *sq = NULL;
	int i;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	for (i = 0; i < version; i++)
		ASSERT(sqlite3_exec(sq, schema_hotline.sql[i], NULL, NULL,
			   NULL) == SQLITE_OK);
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA journal_mode = WAL; PRAGMA application_id = %d;"
	    "PRAGMA user_version = %d; INSERT INTO outbox %s",
	    (int)schema_hotline.app_id, version,
	    version < BATCHES ? one_row : batch);
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
}

static bool
on_out(void *arg, const struct db_out *out)
{
	struct db_out *last = arg;

	*last = *out;
	return true;
}

static void
test_past_releases(void)
{
	char tags[2][32] = { "", "" };
	struct db_out out;
	struct db *db;
	int v;

	for (v = 1; v <= schema_hotline.version; v++) {
		struct folder f = folder_new();

		old_make(&f, v);
		db = open_in(&f);
		out = (struct db_out){ .priority = OUT_PUSH };
		EQ(db_out_each(db, on_out, &out), 0, "a release of before");
		OK(out.id == 7 && out.parts == 2 && out.at_ms == 1 &&
			out.expires_ms == 9 && out.person[15] == 7 &&
			out.sealed.n == 301 && out.sealed.p[300] == 1,
		    "its answer is there, to the last byte");
		EQ(out.priority, OUT_ANSWER, "and is one");
		EQ(db_meta_get(db, "tag", tags[v % 2], sizeof(tags[0])), 0,
		    "the folder has a tag");
		EQ(strlen(tags[v % 2]), TAG_LEN, "of so many digits");
		OK(strchr("abcdef", tags[v % 2][TAG_LEN / 2]) != NULL,
		    "too few of 0 to 9 in a row for a telephone number");
		OK(strcmp(tags[0], tags[1]) != 0, "unlike another's");
		db_close(&db);
		folder_done(&f);
	}
}

int
main(void)
{
	test_parts();
	test_sweep();
	test_names();
	test_lost_round();
	test_past_releases();
	return tap_done();
}
