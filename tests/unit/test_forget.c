/* test_forget.c - a person is taken out of a long log, slice by slice. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { WAL_BYTES = 1 << 20, ROWS = 300000, EACH = 100 };

static const uint8_t ann[DB_KEY_LEN] = "ann-ann-ann-ann";
static const uint8_t bob[DB_KEY_LEN] = "bob-bob-bob-bob";

static struct db *
open_in(const struct folder *f)
{
	struct db *db = NULL;
	struct diag diag = { "" };

	if (db_open_sized(f->path, WAL_BYTES, &db, &diag) < 0)
		printf("# %s\n", diag.text);
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

static void
exec(sqlite3 *sq, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(sq, sql, NULL, NULL, &why) != SQLITE_OK)
		printf("# %s\n", why);
	ASSERT(why == NULL);
}

static int64_t
number(sqlite3 *sq, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n;

	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

/* A log of so many rows, every EACH-th of them Ann's, the others Bob's; and as
 * many rows of the inbox and of the outbox where asked for. */
static void
fill(const struct folder *f, int rows, bool all)
{
	static const char numbers[] =
	    "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < %d) SELECT i,"
	    " CASE i %% %d WHEN 0 THEN cast('ann-ann-ann-ann' || x'00' AS BLOB)"
	    " ELSE cast('bob-bob-bob-bob' || x'00' AS BLOB) END AS p FROM n";
	sqlite3 *sq = outside(f);
	char sql[512];

	exec(sq, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
		 "PRAGMA secure_delete = ON");
	(void)snprintf(sql, sizeof(sql), numbers, rows, EACH);
	exec(sq, sql);
	if (rows == ROWS) /* of hours that are over */
		exec(sq, "INSERT INTO log_past SELECT i, 0, 1, p, 'g', 'kg',"
			 " 'sms', 'ky', 'wages', '', '', 'a b', 'answered', 1,"
			 " 2 FROM n;"
			 "INSERT OR REPLACE INTO meta (key, value) SELECT"
			 " 'mixed_turn', max(i) FROM n;"
			 "INSERT OR REPLACE INTO meta (key, value) SELECT"
			 " 'next_turn', max(i) + 1 FROM n");
	else
		exec(sq, "INSERT INTO log_now SELECT i, 0, 1, 1, p,"
			 " json_array('g', 'kg', 'sms', 'ky', 'wages', '', '',"
			 " 'a b', 'answered', 2) FROM n");
	if (all)
		exec(sq, "INSERT INTO inbox SELECT i, 0, zeroblob(16), p, ''"
			 " FROM n;"
			 "INSERT INTO outbox SELECT i, 0, 0, 'g', x'00', p,"
			 " x'0100040053454352' FROM n");
	exec(sq, "PRAGMA journal_mode = WAL");
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
}

static int64_t
linked(sqlite3 *sq, const char *person)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM log WHERE person ="
	    " cast('%s' || x'00' AS BLOB)",
	    person);
	return number(sq, sql);
}

/* Steps to the end; returns how many it took. */
static int
finish(struct db *db)
{
	bool more = true;
	int steps = 0, rc = 0;

	for (; rc == 0 && more && steps < 10000; steps++)
		rc = db_forget_step(db, &more);
	EQ(rc, 0, "every slice");
	return steps;
}

/* The child is killed with some slices done. */
static void
killed_within(const struct folder *f)
{
	struct db *db;
	bool more = true;
	pid_t child;
	int i, rc, status = 0;

	(void)fflush(stdout);
	child = fork();
	ASSERT(child >= 0);
	if (child == 0) {
		db = open_in(f);
		rc = db_person_forget(db, ann, 1);
		for (i = 0; i < 20; i++)
			rc |= db_forget_step(db, &more);
		if (rc < 0 || !more)
			_exit(1);
		(void)raise(SIGKILL);
	}
	ASSERT(waitpid(child, &status, 0) == child);
	OK(WIFSIGNALED(status), "killed with slices to do");
}

static void
test_long_log(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	sqlite3 *sq;
	int64_t before, left;
	int steps;

	db_close(&db);
	fill(&f, ROWS, false);
	sq = outside(&f);
	EQ(linked(sq, "ann-ann-ann-ann"), ROWS / EACH, "her rows");
	killed_within(&f);
	left = linked(sq, "ann-ann-ann-ann");
	OK(left > 0 && left < ROWS / EACH, "some of them are done");
	db = open_in(&f);
	EQ(number(sq, "SELECT count(*) FROM forget"), 1, "her name waits");
	steps = finish(db);
	OK(steps >= ROWS / DB_FORGET_ROWS, "in many slices");
	EQ(linked(sq, "ann-ann-ann-ann"), 0, "not one row is hers");
	EQ(number(sq, "SELECT count(*) FROM forget"), 0, "nor is a name kept");
	before = ROWS - ROWS / EACH;
	EQ(linked(sq, "bob-bob-bob-bob"), before, "the others' are theirs");
	EQ(number(sq, "SELECT count(*) FROM log"), ROWS, "no row is gone");
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

/* Whoever has every row: no slice touches more than it may. */
static void
test_slice(void)
{
	enum { MANY = 4 * DB_FORGET_ROWS };
	static const char log_sql[] = /* a row of the log is one turn here */
	    "SELECT total(people <> zeroblob(16)) FROM log_now";
	static const char all_sql[] =
	    "SELECT (SELECT total(people <> zeroblob(16)) FROM log_now)"
	    " + (SELECT total(people <> zeroblob(16)) FROM inbox)"
	    " + (SELECT count(people) FROM outbox)";
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	int64_t was, now, most = 0, at_once;
	bool more = true;
	sqlite3 *sq;
	int rc = 0;

	db_close(&db);
	fill(&f, MANY, true);
	sq = outside(&f);
	db = open_in(&f);
	was = number(sq, log_sql);
	EQ(db_person_forget(db, bob, 1), 0, "forget");
	now = number(sq, log_sql);
	at_once = was - now;
	OK(at_once > 0 && at_once <= DB_FORGET_ROWS, "the newest at once");
	EQ(number(sq, "SELECT count(people) FROM outbox WHERE id > 24576"),
	    DB_FORGET_ROWS / EACH + 1, "of the answers, too");
	for (was = number(sq, all_sql); rc == 0 && more; was = now) {
		rc = db_forget_step(db, &more);
		now = number(sq, all_sql);
		most = was - now > most ? was - now : most;
	}
	EQ(rc, 0, "slice by slice");
	OK(most > 0 && most <= DB_FORGET_ROWS, "each of few rows");
	EQ(number(sq, "SELECT total(people <> zeroblob(16)) FROM inbox"),
	    MANY / EACH, "inbox");
	EQ(number(sq, "SELECT count(people) FROM outbox"), MANY / EACH,
	    "outbox");
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

/* Of one who wrote now and then there is not a byte in the end. */
static void
test_bytes(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);

	db_close(&db);
	fill(&f, 3 * DB_FORGET_ROWS, true);
	OK(folder_find(&f, "hotline.db", "ann-ann-ann") > 100, "she is there");
	db = open_in(&f);
	EQ(db_person_forget(db, ann, 1), 0, "forget");
	(void)finish(db);
	EQ(db_checkpoint(db), 0, "checkpoint");
	EQ(folder_find(&f, "hotline.db", "ann-ann"), 0, "not in the file");
	EQ(folder_find(&f, "hotline.db-wal", "ann-ann"), 0, "nor in the WAL");
	db_close(&db);
	folder_done(&f);
}

/* After a crash nobody is known again, and nothing is sent to them. */
static void
test_open(void)
{
	enum { MANY = 3 * DB_FORGET_ROWS };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	sqlite3 *sq;

	db_close(&db);
	fill(&f, MANY, true);
	sq = outside(&f);
	db = open_in(&f);
	EQ(db_person_forget(db, ann, 1), 0, "forget, and no slice");
	db_close(&db);
	db = open_in(&f);
	EQ(number(sq, "SELECT count(*) FROM inbox WHERE id % 100 = 0"
		      " AND people <> zeroblob(16)"),
	    0, "no session to be loaded");
	EQ(number(sq, "SELECT count(people) FROM outbox WHERE id % 100 = 0"), 0,
	    "no answer to be sent");
	OK(linked(sq, "ann-ann-ann-ann") > 0, "the log takes its time");
	(void)finish(db);
	EQ(linked(sq, "ann-ann-ann-ann"), 0, "until it is done");
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

static void
turn(struct db *db, const uint8_t person[DB_KEY_LEN])
{
	struct db_turn t = { .gateway = SV("g") };
	struct db_out o = { .gateway = SV("g"), .sealed = SV("x") };
	int64_t id;

	memcpy(t.person, person, DB_KEY_LEN);
	memcpy(o.person, person, DB_KEY_LEN);
	ASSERT(db_begin(db) == 0);
	ASSERT(db_turn_put(db, &t, &id) == 0 && db_out_put(db, &o, &id) == 0);
	ASSERT(db_commit(db) == 0);
}

/* Who writes again is a new person to us, and is answered. */
static void
test_again(void)
{
	enum { MANY = 3 * DB_FORGET_ROWS };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	bool more = true;
	sqlite3 *sq;
	int rc = 0;

	db_close(&db);
	fill(&f, MANY, true);
	sq = outside(&f);
	db = open_in(&f);
	EQ(db_person_forget(db, ann, 1), 0, "forget");
	turn(db, ann);
	rc = db_forget_step(db, &more);
	/* in the middle of a pass, which has gone by the newest rows */
	turn(db, bob);
	rc |= db_person_forget(db, bob, 1);
	turn(db, bob);
	EQ(rc, 0, "another one, while that goes on");
	(void)finish(db);
	EQ(number(sq, "SELECT group_concat(id - 24576, '') FROM log"
		      " WHERE person NOTNULL"),
	    13, "of the log what came later");
	EQ(number(sq, "SELECT group_concat(id - 24576, '') FROM inbox"
		      " WHERE people <> zeroblob(16)"),
	    13, "of the inbox, too");
	EQ(number(sq, "SELECT group_concat(id - 24576, '') FROM outbox"
		      " WHERE people NOTNULL"),
	    13, "and the answers to that");
	EQ(number(sq, "SELECT count(*) FROM forget"), 0, "no name is kept");
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

/* A slice in a round that is lost is done again. */
static void
test_lost_round(void)
{
	enum { MANY = 3 * DB_FORGET_ROWS };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	bool more = true;
	sqlite3 *sq;
	int rc;

	db_close(&db);
	fill(&f, MANY, false);
	sq = outside(&f);
	db = open_in(&f);
	EQ(db_person_forget(db, ann, 1), 0, "forget");
	ASSERT(db_begin(db) == 0);
	for (rc = 0; rc == 0 && more;)
		rc = db_forget_step(db, &more);
	EQ(rc, 0, "all slices in one round");
	db_close(&db); /* which never committed */
	db = open_in(&f);
	OK(linked(sq, "ann-ann-ann-ann") > 0, "nothing of it is on disk");
	(void)finish(db);
	EQ(linked(sq, "ann-ann-ann-ann"), 0, "done again");
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

int
main(void)
{
	test_slice();
	test_bytes();
	test_open();
	test_again();
	test_lost_round();
	test_long_log();
	return tap_done();
}
