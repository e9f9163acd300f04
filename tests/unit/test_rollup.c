/* test_rollup.c - each row of the log is counted once: whatever interrupts it,
 * wherever it was when there were no counts yet. */
#include <sqlite3.h>

#include "db/backup.h"
#include "db/db.h"
#include "db/directory.h"
#include "db/reports.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define HOUR_MS INT64_C(3600000)

enum { ROWS = 700 };

static const int64_t start = INT64_C(20400) * 24 * HOUR_MS;

static struct db *
open_in(const struct folder *f)
{
	struct db *db = NULL;
	struct diag why = { "" };

	if (db_open_sized(f->path, 0, &db, &why) < 0)
		printf("# %s\n", why.text);
	ASSERT(db != NULL);
	return db;
}

static sqlite3 *
outside(const struct folder *f)
{
	sqlite3 *sq = NULL;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	return sq;
}

static int64_t
number(const struct folder *f, const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = outside(f);
	int64_t n;

	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(sq);
	return n;
}

/* Rows of an hour, of many kinds; some with two listings, some with none. */
static void
hour_put(struct db *db, int64_t hour, int rows)
{
	static const char *const langs[] = { "ky", "ru", "tg" };
	static const char *const topics[] = { "wages", "shelter", "", "legal" };
	static const char *const listings[] = { "", "adilet", "adilet sezim" };
	struct db_turn t = { .at_ms = hour,
		.epoch = 680,
		.session = SV("menu"),
		.gateway = SV("loop"),
		.channel = SV("sms"),
		.outcome = SV("answered"),
		.parts = 2 };
	int64_t id;
	int i;

	ASSERT(db_begin(db) == 0);
	for (i = 0; i < rows; i++) {
		t.at_ms++;
		t.lang = sv_of(langs[i % 3]);
		t.topic = sv_of(topics[i / 3 % 4]);
		t.country = i % 5 == 0 ? SV("ru") : SV("kg");
		t.place = i % 7 == 0 ? SV("kg-osh") : SV("");
		t.listings = sv_of(listings[i % 3]);
		sqlite3_randomness(sizeof(t.person), t.person);
		ASSERT(db_turn_put(db, &t, &id) == 0);
	}
	ASSERT(db_commit(db) == 0);
}

static void
sweep(struct db *db, int64_t now_ms, int64_t keep_ms, int rounds)
{
	const struct db_sweep now = {
		.now_ms = now_ms, .log_ms = keep_ms, .rows = 64
	};
	bool more = true;
	int i, rc = 0;

	for (i = 0; rc == 0 && more && i < rounds; i++)
		rc = db_sweep(db, &now, &more);
	ASSERT(rc == 0);
}

#define KEEP (INT64_C(400) * 24 * HOUR_MS)

/* What the counts say against what the log does, both ways. */
static void
counts_are_right(const struct folder *f)
{
	static const char cells[] =
	    "WITH l AS (SELECT hour / 86400000 AS day, channel, gateway,"
	    " country, lang, topic, place, outcome, count(*) AS n, sum(parts)"
	    " FROM log_past GROUP BY 1, 2, 3, 4, 5, 6, 7, 8),"
	    " r AS (SELECT day, c.name, g.name, o.name, a.name, t.name, p.name,"
	    " e.name, count, parts FROM rollup"
	    " JOIN rollup_name c ON c.id = channel"
	    " JOIN rollup_name g ON g.id = gateway"
	    " JOIN rollup_name o ON o.id = country"
	    " JOIN rollup_name a ON a.id = lang"
	    " JOIN rollup_name t ON t.id = topic"
	    " JOIN rollup_name p ON p.id = place"
	    " JOIN rollup_name e ON e.id = outcome)"
	    " SELECT (SELECT count(*) FROM (SELECT * FROM l EXCEPT"
	    " SELECT * FROM r)) + (SELECT count(*) FROM (SELECT * FROM r"
	    " EXCEPT SELECT * FROM l))";
	static const char given[] =
	    "SELECT (SELECT sum(count) FROM rollup_listing) = (SELECT"
	    " sum((listings LIKE '%adilet%') + (listings LIKE '%sezim%'))"
	    " FROM log_past)";

	EQ(number(f, cells), 0, "counts are those of the log, cell by cell");
	EQ(number(f, given), 1, "and those of listings, too");
	EQ(number(f, "SELECT (SELECT sum(count) FROM rollup_day) = (SELECT"
		     " count(*) FROM log_past)"),
	    1, "and those of days");
}

static void
test_once(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	int h;

	for (h = 22; h < 26; h++)
		hour_put(db, start + h * HOUR_MS, ROWS);
	sweep(db, start + 24 * HOUR_MS, KEEP, 999);
	EQ(number(&f, "SELECT count(*) FROM log_past"), 2 * ROWS,
	    "two hours are over");
	counts_are_right(&f);
	sweep(db, start + 30 * HOUR_MS, KEEP, 999);
	EQ(number(&f, "SELECT count(*) FROM log_past"), 4 * ROWS,
	    "then all four");
	EQ(number(&f, "SELECT count(*) FROM rollup_day"), 2, "of two days");
	counts_are_right(&f);
	sweep(db, start + 31 * HOUR_MS, KEEP, 999);
	counts_are_right(&f);
	db_close(&db);
	folder_done(&f);
}

/* Rounds are lost, the process ends anywhere. */
static void
test_interrupted(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	const struct db_sweep now = {
		.now_ms = start + 9 * HOUR_MS, .log_ms = KEEP, .rows = 48
	};
	bool more;
	int i;

	for (i = 0; i < 4; i++)
		hour_put(db, start + i * HOUR_MS, ROWS);
	for (i = 0; i < 400; i++) {
		ASSERT(db_begin(db) == 0);
		ASSERT(db_sweep(db, &now, &more) == 0);
		if (i % 3 == 0)
			db_round_lose(db, -EIO);
		ASSERT(db_commit(db) == (i % 3 == 0 ? -EIO : 0));
		if (i % 16 == 7) { /* in the middle of a round */
			ASSERT(db_begin(db) == 0);
			ASSERT(db_sweep(db, &now, &more) == 0);
			db_close(&db);
			db = open_in(&f);
		}
	}
	sweep(db, start + 9 * HOUR_MS, KEEP, 999);
	EQ(number(&f, "SELECT count(*) FROM log_past"), 4 * ROWS,
	    "all is moved");
	counts_are_right(&f);
	db_close(&db);
	folder_done(&f);
}

/* Rows that are too old are counted before they go. */
static void
test_old(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);

	hour_put(db, start, ROWS);
	sweep(db, start + 999 * HOUR_MS, HOUR_MS, 999);
	EQ(number(&f, "SELECT count(*) FROM log_past"), 0, "no row is left");
	EQ(number(&f, "SELECT sum(count) FROM rollup"), ROWS,
	    "each was counted");
	EQ(number(&f, "SELECT sum(parts) FROM rollup"), 2 * ROWS,
	    "with its parts");
	db_close(&db);
	folder_done(&f);
}

/* A store of before there were counts: no mark, rows in log_past. */
static void
test_before(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	sqlite3 *sq;

	hour_put(db, start, ROWS);
	hour_put(db, start + HOUR_MS, ROWS);
	sweep(db, start + HOUR_MS, KEEP, 999);
	db_close(&db);
	sq = outside(&f);
	ASSERT(sqlite3_exec(sq,
		   "DELETE FROM rollup; DELETE FROM rollup_listing;"
		   "DELETE FROM rollup_day; DELETE FROM rollup_name;"
		   "UPDATE meta SET value = '0' WHERE key = 'rolled_turn'",
		   NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	db = open_in(&f);
	sweep(db, start + HOUR_MS, KEEP, 2);
	OK(number(&f, "SELECT coalesce(sum(count), 0) FROM rollup") < ROWS,
	    "in slices");
	sweep(db, start + 2 * HOUR_MS, KEEP, 999);
	counts_are_right(&f);
	db_close(&db);
	folder_done(&f);
}

/* Counts are of nobody: they are what they were when somebody is forgotten. */
static void
test_forgotten(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = { .at_ms = start + 1,
		.epoch = 680,
		.person = "ann-ann-ann-ann",
		.topic = SV("wages") };
	bool more = true;
	int64_t id;

	ASSERT(db_begin(db) == 0 && db_turn_put(db, &t, &id) == 0 &&
	       db_commit(db) == 0);
	hour_put(db, start, ROWS);
	sweep(db, start + HOUR_MS, KEEP, 999);
	ASSERT(db_person_forget(db, t.person, 1) == 0);
	while (more)
		ASSERT(db_forget_step(db, &more) == 0);
	sweep(db, start + 2 * HOUR_MS, KEEP, 999);
	counts_are_right(&f);
	db_close(&db);
	folder_done(&f);
}

/* Reports tell of a day when all of it is counted. */
static void
test_until(void)
{
	enum { DAY = 20400 };
	struct folder f = folder_new();
	struct db *db = open_in(&f), *reader = NULL;
	struct arena *a = arena_new(1 << 16, 16 << 20);
	static const struct report_scope all;
	const struct report_query q = { .from = DAY - 9,
		.to = DAY + 9,
		.today = DAY + 3,
		.by = REPORT_TOPIC };
	struct diag why = { "" };
	struct report r;

	hour_put(db, start - HOUR_MS, ROWS);
	hour_put(db, start, ROWS);
	ASSERT(db_open_reader(f.path, &reader, &why) == 0);
	sweep(db, start, KEEP, 999); /* its hour is not over */
	ASSERT(reports_query(reader, &all, &q, a, &r) == 0);
	EQ(r.until, DAY - 1, "the day is not counted yet");
	EQ(r.total, ROWS, "the one before is");
	sweep(db, start + HOUR_MS, KEEP, 999);
	ASSERT(reports_query(reader, &all, &q, a, &r) == 0);
	EQ(r.until, DAY + 2, "nothing is left: until yesterday");
	EQ(r.total, 2 * ROWS, "as soon as it is, it is told");
	db_close(&reader);
	db_close(&db);
	arena_free(&a);
	folder_done(&f);
}

/* A backup has the counts, and goes on where they end: also one of an hour
 * that is half counted. */
static void
test_backup(int rounds)
{
	struct folder f = folder_new(), to = folder_new();
	struct db *db = open_in(&f);
	struct diag why = { "" };
	struct directory *d = NULL;

	ASSERT(directory_open(f.path, &d, &why) == 0);
	directory_close(&d);
	hour_put(db, start, ROWS);
	sweep(db, start + HOUR_MS, KEEP, 999);
	hour_put(db, start + HOUR_MS, ROWS);
	hour_put(db, start + 2 * HOUR_MS, ROWS);
	sweep(db, start + 2 * HOUR_MS, KEEP, rounds);
	EQ(db_backup(f.path, to.path, &why), 0, "backup");
	EQ(number(&to, "SELECT sum(count) > 0 FROM rollup"), 1,
	    "counts are in it");
	db_close(&db);
	db = open_in(&to);
	sweep(db, start + 9 * HOUR_MS, KEEP, 999);
	EQ(number(&to, "SELECT count(*) FROM log_past"), 3 * ROWS,
	    "no row is lost");
	counts_are_right(&to);
	db_close(&db);
	folder_done(&f);
	folder_done(&to);
}

int
main(void)
{
	test_once();
	test_interrupted();
	test_old();
	test_before();
	test_forgotten();
	test_until();
	test_backup(3);
	test_backup(17);
	test_backup(30);
	test_backup(60);
	return tap_done();
}
