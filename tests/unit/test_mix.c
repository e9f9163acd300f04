/* test_mix.c - the log loses the order within the hour: by whichever id, and
 * whatever interrupts it. */
#include <sqlite3.h>

#include "db/backup.h"
#include "db/db.h"
#include "db/directory.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { PEOPLE = 500 };

#define HOUR_MS INT64_C(3600000)

/* The last hour of an epoch of 30 days. */
static const int64_t eve = (INT64_C(681) * 30 * 24 - 1) * HOUR_MS;

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

static int64_t
number(const struct folder *f, const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = NULL;
	char path[512];
	int64_t n;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(sq);
	return n;
}

/* Everybody writes once in the hour, in the same order each time; what they
 * are called in an epoch has nothing to do with what they were before. */
static void
hour_put(struct db *db, int64_t hour, int people)
{
	struct db_turn t = { .at_ms = hour,
		.epoch = hour / HOUR_MS / 24 / 30,
		.session = SV("menu"),
		.gateway = SV("loop"),
		.country = SV("kg"),
		.channel = SV("sms"),
		.lang = SV("ky"),
		.outcome = SV("answered") };
	int64_t id;
	int i;

	ASSERT(db_begin(db) == 0);
	for (i = 0; i < people; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%d", i);
		t.topic = sv_of(name); /* the test's eye, not the thief's */
		t.at_ms++;
		sqlite3_randomness(sizeof(t.person), t.person);
		ASSERT(db_turn_put(db, &t, &id) == 0);
	}
	ASSERT(db_commit(db) == 0);
}

/* Sweep at a time; returns how many rounds it took, at most so many. */
static int
sweep(struct db *db, int64_t now_ms, int rounds)
{
	const struct db_sweep now = { .now_ms = now_ms,
		.log_ms = INT64_C(400) * 24 * HOUR_MS,
		.rows = 64 };
	bool more = true;
	int i, rc = 0;

	for (i = 0; rc == 0 && more && i < rounds; i++)
		rc = db_sweep(db, &now, &more);
	EQ(rc, 0, "sweep");
	return i;
}

/* Of those who stand at the same place in the two hours that a thief lays side
 * by side, how many are the same person. */
static int64_t
joined(const struct folder *f, const char *log)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
	    "WITH p AS (SELECT topic, hour, row_number() OVER (PARTITION BY"
	    " hour ORDER BY id) AS place FROM %s) SELECT count(*) FROM p a"
	    " JOIN p b ON a.place = b.place AND a.hour < b.hour"
	    " AND a.topic = b.topic",
	    log);
	return number(f, sql);
}

/* Rows of the log that the inbox gives an exact time: by their ids, and still
 * of the same person.  A row of the inbox is a round, 16 bytes for each turn.
 */
static int64_t
timed(const struct folder *f)
{
	return number(f, "SELECT count(*) FROM log l JOIN inbox i ON"
			 " l.id >= i.id AND l.person = substr(i.people,"
			 " (l.id - i.id) * 16 + 1, 16)");
}

static void
rows_are_all_there(const struct folder *f, int64_t hours)
{
	EQ(number(f, "SELECT count(*) FROM log"), hours * PEOPLE,
	    "every row is there");
	EQ(number(f, "SELECT count(DISTINCT id) FROM log"), hours * PEOPLE,
	    "each under an id of its own");
	EQ(number(f, "SELECT count(*) FROM (SELECT DISTINCT hour, topic FROM"
		     " log)"),
	    hours * PEOPLE, "each as it was put");
	EQ(number(f, "SELECT count(*) FROM log a JOIN log b ON a.hour < b.hour"
		     " WHERE a.id > b.id"),
	    0, "hours stand in their order");
}

static void
test_epoch_change(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);

	hour_put(db, eve, PEOPLE);
	hour_put(db, eve + HOUR_MS, PEOPLE);
	EQ(joined(&f, "log"), PEOPLE, "as they came, everybody is known again");
	EQ(timed(&f), 2 * PEOPLE, "and has a time to the ms");
	(void)sweep(db, eve + HOUR_MS + 1, 99);
	EQ(number(&f, "SELECT sum(length(people) / 16) FROM log_now"), PEOPLE,
	    "the hour that is not over stays");
	(void)sweep(db, eve + 2 * HOUR_MS, 99);
	EQ(number(&f, "SELECT count(*) FROM log_now"), 0, "both are over");
	rows_are_all_there(&f, 2);
	OK(joined(&f, "log") < 10, "after the change nobody is known again");
	OK(timed(&f) < 20, "ids of the inbox are others'");
	db_close(&db);
	folder_done(&f);
}

/* What is moved is read once, wherever it is; a crash loses and doubles
 * nothing. */
static void
test_interrupted(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	int i;

	hour_put(db, eve, PEOPLE);
	for (i = 0; i < 60; i++) {
		(void)sweep(db, eve + HOUR_MS, 1);
		if (number(&f, "SELECT count(*) FROM log") != PEOPLE ||
		    number(&f, "SELECT count(DISTINCT topic) FROM log") !=
			PEOPLE)
			break;
		if (i == 5 || i == 9) {
			db_close(&db);
			db = open_in(&f);
		}
	}
	EQ(i, 60, "at every moment each row is there once");
	rows_are_all_there(&f, 1);
	EQ(number(&f, "SELECT count(*) FROM log_now"), 0, "all is moved");
	hour_put(db, eve + HOUR_MS, PEOPLE);
	(void)sweep(db, eve + 2 * HOUR_MS, 99);
	rows_are_all_there(&f, 2);
	db_close(&db);
	folder_done(&f);
}

/* A round that is taken back takes the move back, too. */
static void
test_round_lost(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	bool more;
	const struct db_sweep now = { .now_ms = eve + HOUR_MS,
		.rows = 64,
		.log_ms = INT64_C(400) * 24 * HOUR_MS };
	int i;

	hour_put(db, eve, PEOPLE);
	for (i = 0; i < 20; i++) {
		ASSERT(db_begin(db) == 0);
		ASSERT(db_sweep(db, &now, &more) == 0);
		if (i % 2 == 0)
			db_round_lose(db, -EIO);
		ASSERT(db_commit(db) == (i % 2 == 0 ? -EIO : 0));
	}
	(void)sweep(db, eve + HOUR_MS, 99);
	rows_are_all_there(&f, 1);
	db_close(&db);
	folder_done(&f);
}

/* What stands between the columns of a turn, and within none of them. */
static void
test_odd_names(void)
{
	static const char same[] =
	    "SELECT count(*) FROM log WHERE topic = 'a\"b,c]' AND node ="
	    " 'back\\slash' || char(10, 9, 1) AND place = 'Маҳалла ʻ' AND"
	    " listings = 'one two' AND gateway = '' AND parts = 3 AND"
	    " edition = 7 AND epoch = 680 AND person NOTNULL";
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = { .at_ms = eve + 1,
		.epoch = 680,
		.person = "ann-ann-ann-ann",
		.topic = SV("a\"b,c]"),
		.node = SV("back\\slash\n\t\1"),
		.place = SV("Маҳалла ʻ"),
		.listings = SV("one two"),
		.parts = 3,
		.edition = 7 };
	int64_t id;
	int i;

	ASSERT(db_begin(db) == 0);
	for (i = 0; i < 100; i++)
		ASSERT(db_turn_put(db, &t, &id) == 0);
	t.edition = 8;
	t.unlinked = true;
	ASSERT(db_turn_put(db, &t, &id) == 0 && db_commit(db) == 0);
	EQ(number(&f, same), 100, "columns are read as they were put");
	EQ(number(&f, "SELECT count(*) FROM log WHERE person IS NULL AND"
		      " edition = 8"),
	    1, "nobody's is nobody's");
	(void)sweep(db, eve + HOUR_MS, 99);
	EQ(number(&f, "SELECT count(*) FROM log_past"), 101, "all are moved");
	EQ(number(&f, same), 100, "and stay what they were");
	EQ(number(&f, "SELECT count(*) FROM log WHERE person IS NULL AND"
		      " edition = 8"),
	    1, "of whom they were");
	db_close(&db);
	folder_done(&f);
}

/* A line that the disk has spoilt keeps no hour from being mixed. */
static void
test_damaged(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct db *db = open_in(&f);
	struct db_facts facts = { .lines_lost = -1 };
	struct directory *d = NULL;
	struct diag why = { "" };
	char path[512];
	sqlite3 *sq = NULL;

	ASSERT(directory_open(f.path, &d, &why) == 0);
	directory_close(&d);
	hour_put(db, eve, PEOPLE);
	EQ(db_lines_lost(db), 0, "no line is lost");
	(void)snprintf(path, sizeof(path), "%s/hotline.db", f.path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq,
		   "UPDATE log_now SET turns ="
		   " replace(turns, '\"12\"', '\"12')",
		   NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	(void)sweep(db, eve + HOUR_MS, 99);
	EQ(number(&f, "SELECT count(*) FROM log_now"), 0, "the hour is moved");
	EQ(number(&f, "SELECT count(DISTINCT topic) FROM log_past"), PEOPLE - 1,
	    "all but that row");
	EQ(db_lines_lost(db), 1, "which is counted");
	EQ(db_backup(f.path, to.path, &why), 0, "a backup");
	db_close(&db);
	db = open_in(&to);
	EQ(db_lines_lost(db), 1, "knows of it, too");
	db_close(&db);
	EQ(db_check(f.path, &facts, &why), 0, "the check of the store");
	EQ(facts.lines_lost, 1, "tells it");
	folder_done(&f);
	folder_done(&to);
}

/* Somebody is forgotten while their hour is half moved. */
static void
test_forgotten(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = { .at_ms = eve + 1,
		.epoch = 680,
		.person = "ann-ann-ann-ann",
		.topic = SV("ann") };
	bool more = true;
	int64_t id;

	ASSERT(db_begin(db) == 0 && db_turn_put(db, &t, &id) == 0 &&
	       db_commit(db) == 0);
	hour_put(db, eve, PEOPLE - 1);
	(void)sweep(db, eve + HOUR_MS, 5);
	EQ(db_person_forget(db, t.person, 1), 0, "forget");
	(void)sweep(db, eve + HOUR_MS, 5);
	EQ(number(&f, "SELECT count(*) FROM log WHERE person ="
		      " cast('ann-ann-ann-ann' || x'00' AS BLOB)"),
	    0, "nobody there has that name");
	while (more)
		ASSERT(db_forget_step(db, &more) == 0);
	(void)sweep(db, eve + HOUR_MS, 99);
	rows_are_all_there(&f, 1);
	EQ(number(&f, "SELECT (SELECT count(*) FROM log_past) * 1000 +"
		      " (SELECT count(*) FROM log_now)"),
	    PEOPLE * 1000, "then the hour goes on");
	EQ(number(&f, "SELECT count(*) FROM log_past WHERE person ="
		      " cast('ann-ann-ann-ann' || x'00' AS BLOB)"),
	    0, "nor then");
	ASSERT(db_checkpoint(db) == 0);
	EQ(folder_find(&f, "hotline.db", "ann-ann-ann"), 0, "no byte is left");
	EQ(folder_find(&f, "hotline.db-wal", "ann-ann-ann"), 0,
	    "nor in the write-ahead log");
	db_close(&db);
	folder_done(&f);
}

/* A backup of hours that are not over has them in no order, either. */
static void
test_backup(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct db *db = open_in(&f);
	struct diag why = { "" };
	struct directory *d = NULL;

	ASSERT(directory_open(f.path, &d, &why) == 0);
	directory_close(&d);
	hour_put(db, eve, PEOPLE);
	(void)sweep(db, eve + HOUR_MS, 99);
	hour_put(db, eve + HOUR_MS, PEOPLE);
	hour_put(db, eve + 2 * HOUR_MS, PEOPLE);
	(void)sweep(db, eve + 2 * HOUR_MS, 3); /* half of the second */
	EQ(db_backup(f.path, to.path, &why), 0, "backup");
	rows_are_all_there(&to, 3);
	OK(joined(&to, "log") < 20, "nobody is known again in the backup");
	db_close(&db);
	db = open_in(&to);
	(void)sweep(db, eve + 3 * HOUR_MS, 9);
	rows_are_all_there(&to, 3);
	hour_put(db, eve + 4 * HOUR_MS, PEOPLE);
	rows_are_all_there(&to, 4);
	db_close(&db);
	folder_done(&f);
	folder_done(&to);
}

int
main(void)
{
	test_epoch_change();
	test_interrupted();
	test_round_lost();
	test_odd_names();
	test_damaged();
	test_forgotten();
	test_backup();
	return tap_done();
}
