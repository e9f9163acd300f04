/* test_db_batches.c - answers that a round puts are rows of several. */
#include <sqlite3.h>
#include <stdio.h>

#include "db/db.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum {
	WAL_BYTES = 256 * 1024,
	MANY = 100,
	TURNS = 2 * MANY,
	OF_A = 70,
	LIVES_MS = 86400000
};

static const int64_t at = 1767323045678;
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

/* What the answer with this number holds: found again in the file's bytes. */
static struct sv
seal_of(int64_t n, char *buf, size_t size)
{
	int len =
	    snprintf(buf, size, "SEAL-%03d-%0*d", (int)n, (int)n % 7 * 50, 0);

	return (struct sv){ buf, (size_t)len };
}

/* Every fifth is Bob's. */
static int64_t
put(struct db *db, int64_t n, const char *gateway)
{
	char buf[512];
	struct db_out o = { .at_ms = at + n,
		.expires_ms = at + n + LIVES_MS,
		.gateway = sv_of(gateway),
		.sealed = seal_of(n, buf, sizeof(buf)),
		.parts = n % 4,
		.priority = n % 3 == 0 ? OUT_PUSH : OUT_ANSWER };
	int64_t id = -1;

	memcpy(o.person, n % 5 == 0 ? bob : ann, DB_KEY_LEN);
	ASSERT(db_out_put(db, &o, &id) == 0);
	return id;
}

static struct db *
filled(const struct folder *f)
{
	struct db *db = open_in(f);
	int64_t n;

	ASSERT(db_begin(db) == 0);
	for (n = 1; n <= MANY; n++)
		ASSERT(put(db, n, n <= OF_A ? "a" : "b") == n);
	ASSERT(db_commit(db) == 0);
	return db;
}

struct seen {
	int64_t ids[TURNS];
	size_t count, wrong;
	char gateway[8];
};

static bool
on_out(void *arg, const struct db_out *o)
{
	struct seen *s = arg;
	char buf[512];
	bool right =
	    sv_eq(o->sealed, seal_of(o->id, buf, sizeof(buf))) &&
	    o->parts == o->id % 4 &&
	    o->priority == (o->id % 3 == 0 ? OUT_PUSH : OUT_ANSWER) &&
	    sv_eq(o->gateway, o->id <= OF_A ? SV("a") : SV("b")) &&
	    memcmp(o->person, o->id % 5 == 0 ? bob : ann, DB_KEY_LEN) == 0 &&
	    o->at_ms > at && o->at_ms <= at + o->id &&
	    o->expires_ms == o->at_ms + LIVES_MS;

	s->wrong += !right;
	s->ids[s->count++] = o->id;
	(void)snprintf(
	    s->gateway, sizeof(s->gateway), SV_FMT, SV_ARG(o->gateway));
	return true;
}

static struct seen
seen_in(struct db *db)
{
	struct seen s = { .count = 0 };

	EQ(db_out_each(db, on_out, &s), 0, "read");
	return s;
}

static int64_t
number(const struct folder *f, const char *sql)
{
	char path[512];
	sqlite3 *sq = NULL;
	sqlite3_stmt *st = NULL;
	int64_t n;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(sq);
	return n;
}

static void
test_put(void)
{
	struct folder f = folder_new();
	struct db *db = filled(&f);
	struct seen s;

	OK(number(&f, "SELECT count(*) FROM outbox") < MANY / 10,
	    "few rows for many answers");
	db_close(&db);
	db = open_in(&f);
	s = seen_in(db);
	OK(s.count == MANY && s.wrong == 0 && s.ids[0] == 1 &&
		s.ids[MANY - 1] == MANY,
	    "all of them, in order, in every field");
	ASSERT(db_begin(db) == 0);
	EQ(put(db, MANY + 1, "b"), MANY + 1, "ids go on");
	EQ(db_commit(db), 0, "commit");
	db_close(&db);
	folder_done(&f);
}

/* What ends is wiped; who is forgotten, too; the others of its row stay. */
static void
test_wipe(void)
{
	struct folder f = folder_new();
	struct db *db = filled(&f);
	struct db_counts n = { 0 };
	bool more = true;
	struct seen s;
	int64_t i;

	ASSERT(db_begin(db) == 0);
	for (i = MANY; i > 0; i--)
		if (i != 32 && i != 90 && i != 91)
			ASSERT(db_out_end(db, i,
				   i % 2 == 0 ? OUT_SENT : OUT_FAILED) == 0);
	EQ(db_out_end(db, MANY + 7, OUT_SENT), 0, "one that is not there");
	EQ(db_commit(db), 0, "commit");
	s = seen_in(db);
	OK(s.count == 3 && s.wrong == 0 && s.ids[0] == 32 && s.ids[2] == 91,
	    "three are left, as they were");
	EQ(db_person_forget(db, bob, 1), 0, "forget Bob");
	while (more)
		ASSERT(db_forget_step(db, &more) == 0);
	s = seen_in(db);
	OK(s.count == 2 && s.wrong == 0 && s.ids[1] == 91, "90 was his");
	EQ(db_out_set(db, 90, OUT_DELIVERED), -ENOENT, "and is no more");
	EQ(db_counts(db, &n), 0, "count");
	OK(n.queued == 2 && n.sent == 48 && n.failed == 49 &&
		n.delivered == 0 && n.expired == 0,
	    "each by how it ended");
	db_close(&db);
	EQ(folder_find(&f, "hotline.db", "SEAL-"), 2, "two seals in the file");
	EQ(folder_find(&f, "hotline.db", "bob-bob"), 0, "nothing of Bob");
	EQ(number(&f, "SELECT count(*) FROM outbox WHERE sealed NOTNULL"), 2,
	    "in two rows; the others are empty");
	folder_done(&f);
}

static void
test_move(void)
{
	struct folder f = folder_new();
	struct db *db = filled(&f);
	struct seen s;
	int64_t id = -1, none = -1;

	ASSERT(db_begin(db) == 0);
	EQ(db_out_end(db, 41, OUT_SENT), 0, "one is sent");
	EQ(db_out_move(db, 41, SV("c"), SV("SEAL-anew"), &none), -ENOENT,
	    "which nobody else is to send");
	EQ(db_out_move(db, 40, SV("c"), SV("SEAL-anew"), &id), 0, "another");
	EQ(id, MANY + 1, "has an id of its own");
	EQ(db_out_set(db, 40, OUT_SENT), -ENOENT, "and not the old one");
	EQ(db_commit(db), 0, "commit");
	s = seen_in(db);
	OK(s.count == MANY - 1 && s.wrong == 1 && s.ids[s.count - 1] == id &&
		strcmp(s.gateway, "c") == 0,
	    "it stands with the other gateway, once");
	EQ(db_out_set(db, id, OUT_DELIVERED), 0, "where it is delivered");
	db_close(&db);
	folder_done(&f);
}

/* A turn that is undone leaves those of the turns before it, also where it
 * has made them be written. */
static void
test_undo(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct seen s;

	ASSERT(db_begin(db) == 0 && db_turn_begin(db) == 0);
	(void)put(db, 1, "a");
	ASSERT(db_turn_end(db) == 0 && db_turn_begin(db) == 0);
	(void)put(db, 2, "a");
	(void)put(db, 3, "b");
	(void)put(db, 4, "a");
	db_turn_undo(db);
	ASSERT(db_turn_begin(db) == 0);
	EQ(put(db, 2, "a"), 2, "its ids are given again");
	EQ(db_turn_end(db), 0, "a turn that stands");
	EQ(db_commit(db), 0, "commit");
	s = seen_in(db);
	OK(s.count == 2 && s.wrong == 0, "two answers");
	db_close(&db);
	db = open_in(&f);
	ASSERT(db_begin(db) == 0);
	(void)put(db, 3, "a");
	db_round_lose(db, -EIO);
	EQ(db_commit(db), -EIO, "a round that is lost");
	s = seen_in(db);
	EQ(s.count, 2, "leaves nothing");
	db_close(&db);
	folder_done(&f);
}

/* No byte of a row that was changed from outside is taken for an answer; the
 * other rows, and those who are forgotten, do not have to wait for it. */
static void
damaged_run(const char *change)
{
	struct folder f = folder_new();
	struct db *db = filled(&f);
	bool more = true;
	struct seen s;
	char sql[128];

	db_close(&db);
	(void)snprintf(sql, sizeof(sql), "UPDATE outbox SET %s WHERE id = %d",
	    change, OF_A + 1);
	(void)number(&f, sql);
	db = open_in(&f);
	s = seen_in(db);
	OK(s.count == OF_A && s.wrong == 0 && s.ids[OF_A - 1] == OF_A, change);
	EQ(db_damaged(db), 1, "one row is left out, and counted");
	EQ(db_out_set(db, OF_A + 1, OUT_SENT), -ENOENT, "it has no answers");
	ASSERT(db_begin(db) == 0);
	EQ(db_out_end(db, OF_A + 1, OUT_SENT), 0, "nor can one of them end");
	EQ(db_out_end(db, 1, OUT_SENT), 0, "as others do");
	OK(put(db, MANY + 1, "b") > OF_A, "and others are put");
	EQ(db_commit(db), 0, "commit");
	EQ(seen_in(db).count, OF_A, "one less, one more");
	EQ(db_person_forget(db, bob, 1), 0, "forget Bob");
	while (more)
		ASSERT(db_forget_step(db, &more) == 0);
	(void)seen_in(db);
	EQ(db_damaged(db), 1, "the row is still found");
	ASSERT(db_checkpoint(db) == 0);
	db_close(&db);
	EQ(folder_find(&f, "hotline.db", "bob-bob"), 0, "nothing of Bob");
	folder_done(&f);
}

static void
test_damaged(void)
{
	static const char *const changes[] = {
		"states = x''",
		"states = zeroblob(1000)",
		"states = zeroblob(29)",
		"people = x'00'",
		"sealed = x'010100'",
		"sealed = CAST(sealed || x'00' AS BLOB)",
		"sealed = zeroblob(1000000)",
		"gateway = hex(zeroblob(64))",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(changes); i++)
		damaged_run(changes[i]);
}

/* Turns are in rows of several, too. */

struct turns {
	int64_t last;
	size_t count, wrong, nobodys;
};

static struct db_turn
turn_of(int64_t n, char *buf, size_t size)
{
	struct db_turn t = { .at_ms = at + n / 10,
		.gateway = SV("a"),
		.country = SV("kg"),
		.unlinked = n % 25 == 0 };

	memcpy(t.person, n % 5 == 0 ? bob : ann, DB_KEY_LEN);
	t.ref[0] = (uint8_t)n;
	if (!t.unlinked)
		t.session = seal_of(n, buf, size);
	return t;
}

static bool
on_turn(void *arg, int64_t id, const struct db_turn *got)
{
	struct turns *s = arg;
	char buf[512];
	struct db_turn t = turn_of(id, buf, sizeof(buf));
	bool right =
	    id > s->last && got->ref[0] == id && got->unlinked == t.unlinked &&
	    got->at_ms >= at && got->at_ms <= t.at_ms &&
	    sv_eq(got->session, t.session) &&
	    (t.unlinked || memcmp(got->person, t.person, DB_KEY_LEN) == 0);

	s->last = id;
	s->count++;
	s->wrong += !right;
	s->nobodys += got->unlinked;
	return true;
}

static struct turns
turns_in(struct db *db)
{
	struct turns s = { .count = 0 };

	EQ(db_turns_each(db, 0, on_turn, &s), 0, "read the inbox");
	return s;
}

static void
test_turns(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_counts c = { 0 };
	struct turns s;
	char buf[512];
	bool more = true;
	int64_t n, id = 0;

	ASSERT(db_begin(db) == 0);
	for (n = 1; n <= TURNS; n++) {
		struct db_turn t = turn_of(n, buf, sizeof(buf));

		ASSERT(db_turn_begin(db) == 0);
		ASSERT(db_turn_put(db, &t, &id) == 0 && id == n);
		if (n % 30 == 0) { /* once more, after it was undone */
			db_turn_undo(db);
			ASSERT(db_turn_begin(db) == 0);
			ASSERT(db_turn_put(db, &t, &id) == 0 && id == n);
		}
		ASSERT(db_turn_end(db) == 0);
	}
	EQ(db_commit(db), 0, "commit");
	OK(number(&f, "SELECT count(*) FROM inbox") < MANY / 4,
	    "few rows for many turns");
	EQ(number(&f, "SELECT count(*) FROM log"), TURNS,
	    "in the log each has its own");
	db_close(&db);
	db = open_in(&f);
	s = turns_in(db);
	OK(s.count == TURNS && s.wrong == 0 && s.nobodys == 8,
	    "all of them, in order, in every field");
	EQ(db_counts(db, &c), 0, "count");
	EQ(c.inbox, TURNS, "as many");
	EQ(db_person_forget(db, bob, 1), 0, "forget Bob");
	while (more)
		ASSERT(db_forget_step(db, &more) == 0);
	s = turns_in(db);
	OK(s.count == TURNS - 40 + 8 && s.wrong == 0,
	    "the others stay, and those of nobody");
	db_close(&db);
	EQ(folder_find(&f, "hotline.db", "bob-bob"), 0, "nothing of Bob");
	(void)number(&f, "UPDATE inbox SET refs = x'00' WHERE id = 1");
	db = open_in(&f);
	EQ(db_person_forget(db, ann, 1), 0, "forget Ann, of a damaged row");
	for (more = true; more;)
		ASSERT(db_forget_step(db, &more) == 0);
	ASSERT(db_checkpoint(db) == 0);
	db_close(&db);
	EQ(folder_find(&f, "hotline.db", "ann-ann"), 0, "nothing of Ann");
	folder_done(&f);
}

int
main(void)
{
	test_turns();
	test_put();
	test_wipe();
	test_move();
	test_undo();
	test_damaged();
	return tap_done();
}
