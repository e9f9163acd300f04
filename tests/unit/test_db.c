/* test_db.c - hotline.db: turns, log, outbox, forgetting, sweeping. */
#include "db/db.h"

#include <glob.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "tests/folder.h"
#include "tests/tap.h"
#include "tests/unit/edition_copy.h"

enum {
	WAL_BYTES = 256 * 1024,
	ROWS = 64,
	DAY_MS = 24 * 3600 * 1000,
};

/* 2026-01-02 03:04:05.678 UTC and the start of its hour */
static const int64_t at = 1767323045678, hour = 1767322800000;

static const uint8_t ann[DB_KEY_LEN] = "ann-ann-ann-ann";
static const uint8_t bob[DB_KEY_LEN] = "bob-bob-bob-bob";

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

static struct db_turn
turn_of(const uint8_t person[DB_KEY_LEN])
{
	struct db_turn t = { .at_ms = at,
		.gateway = SV("kannel"),
		.ref = "ref-ref-ref-ref",
		.epoch = 681,
		.session = SV("wages main wages ru-moskva a,b ru 101 7"),
		.country = SV("uz"),
		.channel = SV("sms"),
		.lang = SV("ky"),
		.topic = SV("wages"),
		.place = SV("ru-moskva"),
		.node = SV("directory"),
		.listings = SV("one two"),
		.outcome = SV("answered"),
		.edition = 3,
		.parts = 2 };

	memcpy(t.person, person, DB_KEY_LEN);
	return t;
}

static struct db_out
out_of(const uint8_t person[DB_KEY_LEN], const char *sealed)
{
	struct db_out o = { .at_ms = at,
		.expires_ms = at + DAY_MS,
		.gateway = SV("kannel"),
		.sealed = sv_of(sealed),
		.parts = 2,
		.state = OUT_QUEUED };

	memcpy(o.person, person, DB_KEY_LEN);
	return o;
}

/* One turn in a round of its own, with an answer when sealed is given. */
static int64_t
put(struct db *db, const struct db_turn *t, const char *sealed)
{
	int64_t turn_id = -1, out_id = -1;
	struct db_out o;

	ASSERT(db_begin(db) == 0 && db_turn_begin(db) == 0);
	ASSERT(db_turn_put(db, t, &turn_id) == 0);
	if (sealed != NULL) {
		o = out_of(t->person, sealed);
		ASSERT(db_out_put(db, &o, &out_id) == 0);
	}
	ASSERT(db_turn_end(db) == 0 && db_commit(db) == 0);
	return sealed != NULL ? out_id : turn_id;
}

static struct db_counts
counts_of(struct db *db)
{
	struct db_counts c = { 0 };

	ASSERT(db_counts(db, &c) == 0);
	return c;
}

/* Forget, and look through all rows. */
static int
forget(struct db *db, const uint8_t *names, size_t count)
{
	bool more = true;
	int rc = db_person_forget(db, names, count);

	while (rc == 0 && more)
		rc = db_forget_step(db, &more);
	return rc;
}

/* What one of the each functions gave, copied out of its views. */
struct seen {
	size_t count;
	int64_t ids[ROWS];
	char text[ROWS][256];
	struct db_turn turn; /* the last one's plain fields */
	struct db_log log;
	struct db_out out;
	size_t most; /* stop after so many, 0 never */
};

static bool
seen_more(struct seen *s, int64_t id)
{
	ASSERT(s->count < ROWS);
	s->ids[s->count++] = id;
	return s->count != s->most;
}

static bool
on_turn(void *arg, int64_t id, const struct db_turn *t)
{
	struct seen *s = arg;

	(void)snprintf(
	    s->text[s->count], sizeof(s->text[0]), SV_FMT, SV_ARG(t->session));
	s->turn = *t;
	return seen_more(s, id);
}

static bool
on_log(void *arg, const struct db_log *l)
{
	struct seen *s = arg;

	(void)snprintf(s->text[s->count], sizeof(s->text[0]),
	    SV_FMT "|" SV_FMT "|" SV_FMT "|" SV_FMT "|" SV_FMT "|" SV_FMT
		   "|" SV_FMT "|" SV_FMT "|" SV_FMT,
	    SV_ARG(l->gateway), SV_ARG(l->country), SV_ARG(l->channel),
	    SV_ARG(l->lang), SV_ARG(l->topic), SV_ARG(l->place),
	    SV_ARG(l->node), SV_ARG(l->listings), SV_ARG(l->outcome));
	s->log = *l;
	return seen_more(s, l->id);
}

static bool
on_out(void *arg, const struct db_out *o)
{
	struct seen *s = arg;

	(void)snprintf(s->text[s->count], sizeof(s->text[0]), SV_FMT "|" SV_FMT,
	    SV_ARG(o->gateway), SV_ARG(o->sealed));
	s->out = *o;
	return seen_more(s, o->id);
}

static void
test_turn(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann);
	struct db_log_filter all = { .most = ROWS };
	struct seen s = { 0 }, l = { 0 };
	int64_t id = put(db, &t, NULL);

	EQ(id, 1, "ids begin at 1");
	db_close(&db);
	db = open_in(&f);
	EQ(db_turns_each(db, 0, on_turn, &s), 0, "read the inbox again");
	EQ(s.count, 1, "one row");
	EQ(s.ids[0], id, "with its id");
	OK(strcmp(s.text[0], "wages main wages ru-moskva a,b ru 101 7") == 0,
	    "the session by names");
	OK(s.turn.at_ms == at && !s.turn.unlinked, "when, and somebody's");
	OK(memcmp(s.turn.ref, t.ref, DB_KEY_LEN) == 0 &&
		memcmp(s.turn.person, ann, DB_KEY_LEN) == 0,
	    "its keys");
	EQ(db_log_each(db, &all, on_log, &l), 0, "read the log");
	OK(strcmp(l.text[0],
	       "kannel|uz|sms|ky|wages|ru-moskva|directory|one two|"
	       "answered") == 0,
	    "the log's words");
	EQ(l.log.hour_ms, hour, "the log knows only the hour");
	OK(l.log.edition == 3 && l.log.parts == 2 && l.log.linked &&
		l.log.epoch == 681 && l.ids[0] == id,
	    "the log's plain fields");
	s = (struct seen){ 0 };
	EQ(db_turns_each(db, at + 1, on_turn, &s), 0, "only what is newer");
	EQ(s.count, 0, "nothing is newer");

	t.unlinked = true;
	put(db, &t, NULL);
	s = (struct seen){ 0 };
	l = (struct seen){ .most = 1 };
	EQ(db_turns_each(db, 0, on_turn, &s), 0, "after an unlinked turn");
	OK(s.text[1][0] == '\0', "no session is kept");
	OK(s.turn.unlinked, "no person in the inbox");
	OK(memcmp(s.turn.ref, t.ref, DB_KEY_LEN) == 0,
	    "a repeat is still known");
	EQ(db_log_each(db, &all, on_log, &l), 0, "newest first");
	EQ(l.count, 1, "stops when told to");
	OK(l.ids[0] == 2 && !l.log.linked, "no person in the log");
	db_close(&db);
	folder_done(&f);
}

static void
test_log_filter(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann);
	const struct {
		const char *name;
		struct db_log_filter filter;
		int64_t first;
		size_t count;
	} cases[] = {
		{ "no filter", { .most = 9 }, 3, 3 },
		{ "at most two", { .most = 2 }, 3, 2 },
		{ "country", { .most = 9, .country = SV("tj") }, 3, 2 },
		{ "language", { .most = 9, .lang = SV("ky") }, 2, 2 },
		{ "topic", { .most = 9, .topic = SV("legal") }, 3, 1 },
		{ "place", { .most = 9, .place = SV("nowhere") }, 0, 0 },
		{ "outcome", { .most = 9, .outcome = SV("answered") }, 3, 3 },
		{ "two at once",
		    { .most = 9, .country = SV("uz"), .lang = SV("ky") }, 1,
		    1 },
		{ "the hour of since counts whole",
		    { .most = 9, .since_ms = hour + DAY_MS + 5 }, 3, 1 },
	};
	size_t i;

	put(db, &t, NULL);
	t.country = SV("tj");
	put(db, &t, NULL);
	t.lang = SV("tg");
	t.topic = SV("legal");
	t.at_ms += DAY_MS;
	put(db, &t, NULL);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen l = { 0 };

		EQ(db_log_each(db, &cases[i].filter, on_log, &l), 0,
		    cases[i].name);
		EQ(l.count, cases[i].count, cases[i].name);
		EQ(l.ids[0], cases[i].first, cases[i].name);
	}
	db_close(&db);
	folder_done(&f);
}

/* Undo takes back one turn and leaves the others of the round. */
static void
test_undo(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann), u = turn_of(bob);
	struct db_out o = out_of(bob, "sealed");
	struct seen s = { 0 };
	int64_t out = put(db, &t, "first"), id = -1;

	EQ(db_begin(db), 0, "begin");
	EQ(db_turn_begin(db), 0, "first turn");
	EQ(db_turn_put(db, &t, &id), 0, "put");
	EQ(db_turn_end(db), 0, "end");
	EQ(db_turn_begin(db), 0, "a turn that only adds");
	EQ(db_turn_put(db, &u, &id), 0, "put");
	EQ(db_out_put(db, &o, &id), 0, "answer");
	db_turn_undo(db);
	EQ(db_turn_begin(db), 0, "a turn that adds, changes and adds");
	EQ(db_turn_put(db, &u, &id), 0, "put before");
	EQ(db_out_put(db, &o, &id), 0, "answer before");
	EQ(db_out_set(db, out, OUT_FAILED), 0, "set");
	EQ(db_person_forget(db, ann, 1), 0, "forget");
	EQ(db_meta_set(db, "undone", SV("1")), 0, "meta");
	EQ(db_turn_put(db, &u, &id), 0, "put after");
	EQ(db_out_put(db, &o, &id), 0, "answer after");
	db_turn_undo(db);
	EQ(db_turn_begin(db), 0, "last turn");
	EQ(db_turn_put(db, &t, &id), 0, "put");
	EQ(db_turn_end(db), 0, "end");
	EQ(db_commit(db), 0, "commit");

	EQ(db_turns_each(db, 0, on_turn, &s), 0, "read");
	EQ(s.count, 3, "the turns that ended, all of them");
	OK(s.ids[2] == id && id == 3, "among them the last; no id is lost");
	EQ(counts_of(db).log, 3, "and their log rows");
	s = (struct seen){ 0 };
	EQ(db_out_each(db, on_out, &s), 0, "read the outbox");
	OK(s.count == 1 && strcmp(s.text[0], "kannel|first") == 0,
	    "the answer from before is as it was");
	OK(db_meta_get(db, "undone", (char[8]){ 0 }, 8) == -ENOENT,
	    "no meta value");
	db_close(&db);
	folder_done(&f);
}

static void
test_outbox(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann);
	struct seen s = { 0 };
	int64_t a = put(db, &t, "aaa"), b = put(db, &t, "bbb"),
		c = put(db, &t, "ccc"), d = put(db, &t, "ddd");
	struct db_counts n;

	EQ(db_out_set(db, a, OUT_SENT), 0, "sent");
	EQ(db_out_set(db, b, OUT_DELIVERED), 0, "delivered");
	EQ(db_out_set(db, 999, OUT_FAILED), -ENOENT, "no such row");
	EQ(db_out_set(db, b, OUT_SENT), -ENOENT, "final is final");
	EQ(db_out_set(db, b, OUT_FAILED), -ENOENT, "for all");
	db_close(&db);
	db = open_in(&f);
	EQ(db_out_each(db, on_out, &s), 0, "read");
	OK(s.count == 2 && s.ids[0] == c && s.ids[1] == d,
	    "what is queued, oldest first");
	OK(s.out.at_ms == at && s.out.expires_ms == at + DAY_MS &&
		s.out.parts == 2 && s.out.state == OUT_QUEUED &&
		memcmp(s.out.person, ann, DB_KEY_LEN) == 0 &&
		strcmp(s.text[1], "kannel|ddd") == 0,
	    "every field comes back");
	s = (struct seen){ .most = 1 };
	EQ(db_out_each(db, on_out, &s), 0, "stop after the first");
	EQ(s.count, 1, "which is all it gives");
	EQ(counts_of(db).sent, 1, "one waits for its report");
	EQ(db_out_set(db, a, OUT_DELIVERED), 0, "which came");
	EQ(db_out_set(db, c, OUT_FAILED), 0, "failed");
	EQ(db_out_set(db, d, OUT_EXPIRED), 0, "expired");
	n = counts_of(db);
	OK(n.queued == 0 && n.sent == 0 && n.delivered == 2 && n.failed == 1 &&
		n.expired == 1 && n.log == 4 && n.inbox == 4,
	    "counts");
	OK(n.size_bytes > 0 && n.wal_bytes >= WAL_BYTES, "sizes");
	db_close(&db);
	folder_done(&f);
}

/* Out of order: pages shrink, merge, and cells move. */
static int
set_all(struct db *db, const int64_t *ids, int count)
{
	int i, rc = 0;

	for (i = 0; i < count; i++)
		rc |= db_out_set(db, ids[i * 7 % count],
		    i % 2 == 0 ? OUT_SENT : OUT_DELIVERED);
	return rc;
}

/* The same in rounds of five, which end alike. */
static int
end_all(struct db *db, const int64_t *ids, int count)
{
	enum { ROUND = 5 };
	int i, n, rc = 0;

	for (i = 0; i < count / ROUND; i++) {
		rc |= db_begin(db);
		for (n = 0; n < ROUND; n++)
			rc |= db_out_end(db,
			    ids[i * 7 % (count / ROUND) * ROUND + n],
			    i % 2 == 0 ? OUT_SENT : OUT_DELIVERED);
		rc |= db_commit(db);
	}
	return rc;
}

/* What is wiped is in no byte of the file, wherever SQLite moved it. */
static void
test_wipe_bytes(int (*wipe)(struct db *db, const int64_t *ids, int count))
{
	enum { COUNT = 400, SHORT = 300, LONG = 5000 };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann);
	char sealed[LONG + 1];
	int64_t ids[COUNT];
	int i;

	for (i = 0; i < COUNT; i++) {
		/* some so long that they go to overflow pages */
		(void)snprintf(sealed, sizeof(sealed), "SECRET-%0*d",
		    i % 10 == 0 ? LONG - 7 : SHORT, i);
		ids[i] = put(db, &t, sealed);
	}
	EQ(wipe(db, ids, COUNT), 0, "wipe all");
	EQ(counts_of(db).delivered, COUNT / 2, "half of them are delivered");
	EQ(counts_of(db).sent, COUNT / 2, "and half are sent");
	EQ(forget(db, ann, 1), 0, "forget");
	db_close(&db);
	EQ(folder_find(&f, "hotline.db", "SECRET-"), 0, "no sealed bytes");
	EQ(folder_find(&f, "hotline.db", "ann-ann"), 0, "no pseudonym");
	OK(folder_find(&f, "hotline.db", "directory") > 0,
	    "the log rows are still there");
	folder_done(&f);
}

/* Answers that end in one round, some of them one behind the other. */
static void
test_ends(void)
{
	static const enum db_out_state how[] = { OUT_SENT, OUT_SENT,
		OUT_DELIVERED, OUT_FAILED, OUT_SENT, OUT_SENT };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann);
	int64_t ids[ARRAY_LEN(how)];
	struct db_counts n;
	size_t i;

	for (i = 0; i < ARRAY_LEN(how); i++)
		ids[i] = put(db, &t, "SECRET");
	EQ(db_begin(db), 0, "a round");
	for (i = 0; i + 1 < ARRAY_LEN(how); i++)
		EQ(db_out_end(db, ids[i], how[i]), 0, "an answer ends");
	EQ(db_out_set(db, ids[1], OUT_DELIVERED), 0, "a report of one");
	EQ(db_out_end(db, ids[3], OUT_SENT), 0, "what failed is sent");
	EQ(db_commit(db), 0, "all of it");
	n = counts_of(db);
	OK(n.queued == 1 && n.sent == 2 && n.delivered == 2 && n.failed == 1,
	    "each as it ended, and final is final");
	EQ(db_begin(db), 0, "another round");
	EQ(db_turn_begin(db), 0, "a turn in it");
	EQ(db_out_end(db, ids[5], OUT_SENT), 0, "the last one ends");
	EQ(db_meta_set(db, "key", SV("value")), 0, "the turn changes a row");
	db_turn_undo(db);
	EQ(db_commit(db), 0, "the turn is undone");
	EQ(counts_of(db).sent, 3, "what ended before it is not");
	db_close(&db);
	folder_done(&f);
}

/* A reader in the middle of its rows while a person is forgotten. */
struct reading {
	struct db *writer;
	const struct folder *f;
	int rc, left;
};

static bool
on_read(void *arg, const struct db_log *row)
{
	struct reading *r = arg;

	(void)row;
	r->rc = forget(r->writer, ann, 1);
	if (r->rc == 0)
		r->rc = db_checkpoint(r->writer);
	r->left = folder_find(r->f, "hotline.db-wal", "ann-ann");
	return false;
}

/* The WAL keeps old pages: these must go, too, and harm no reader. */
static void
test_erase_wal(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f), *reader = NULL;
	struct db_turn t = turn_of(ann), u = turn_of(bob);
	struct db_log_filter all = { .most = ROWS };
	struct reading r = { .writer = db, .f = &f };
	struct seen l = { 0 };
	struct diag diag;
	int64_t id = 0;
	int i;

	clock_set(at);
	for (i = 0; i < 20; i++) {
		put(db, &t, "SECRET-queued");
		id = put(db, &u, "SECRET-sent");
	}
	OK(folder_find(&f, "hotline.db-wal", "ann-ann") > 0, "a person");
	EQ(db_open_reader(f.path, &reader, &diag), 0, "a reader");
	EQ(db_log_each(reader, &all, on_read, &r), 0, "reads");
	EQ(r.rc, 0, "while the person is forgotten");
	OK(r.left > 0, "what it may need stays");
	EQ(db_checkpoint(db), 0, "when it is done");
	EQ(folder_find(&f, "hotline.db-wal", "ann-ann"), 0,
	    "the person is gone from the WAL");
	EQ(folder_find(&f, "hotline.db", "ann-ann"), 0, "and from the file");
	OK(folder_find(&f, "hotline.db", "bob-bob") > 0, "the others stay");
	EQ(db_log_each(reader, &all, on_log, &l), 0, "the reader goes on");
	EQ(l.count, 40, "with every row");

	for (i = 2; i <= id; i += 2)
		EQ(db_out_set(db, i, OUT_DELIVERED), 0, "delivered");
	put(db, &u, NULL);
	EQ(db_checkpoint(db), 0, "at once");
	OK(folder_find(&f, "hotline.db-wal", "SECRET-") > 0,
	    "wiped answers wait");
	clock_set(at + (int64_t)60 * 1000);
	EQ(db_checkpoint(db), 0, "a minute later");
	EQ(folder_find(&f, "hotline.db-wal", "SECRET-"), 0, "they are gone");
	EQ(folder_find(&f, "hotline.db", "SECRET-"), 0, "in the file, too");
	clock_set(0);
	db_close(&reader);
	db_close(&db);
	db = open_in(&f);
	EQ(counts_of(db).log, 41, "with every row");
	db_close(&db);
	folder_done(&f);
}

static void
test_forget(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann), u = turn_of(bob);
	struct db_log_filter all = { .most = ROWS };
	struct seen s = { 0 }, l = { 0 }, o = { 0 };
	const uint8_t names[2][DB_KEY_LEN] = { "ann-ann-ann-ann",
		"old-old-old-old" };
	int64_t id;

	/* the epoch before called her otherwise */
	memcpy(t.person, names[1], DB_KEY_LEN);
	put(db, &t, NULL);
	memcpy(t.person, ann, DB_KEY_LEN);
	put(db, &u, "keep");
	put(db, &t, "queued");
	put(db, &t, "queued");
	EQ(db_person_forget(db, names[0], 2), 0, "forget");
	EQ(db_turns_each(db, 0, on_turn, &s), 0, "read the inbox");
	OK(s.count == 1 && s.ids[0] == 2, "only the other person is there");
	EQ(db_out_each(db, on_out, &o), 0, "read the outbox");
	OK(o.count == 1 && strcmp(o.text[0], "kannel|keep") == 0,
	    "only the other person's answer is there");
	l.most = 1;
	EQ(db_log_each(db, &all, on_log, &l), 0, "newest log row");
	OK(l.ids[0] == 4 && !l.log.linked, "is not linked");
	l = (struct seen){ 0 };
	EQ(db_log_each(db, &all, on_log, &l), 0, "oldest log row");
	OK(l.count == 4 && !l.log.linked, "of an older epoch is not either");
	l = (struct seen){ .most = 3 };
	EQ(db_log_each(db, &all, on_log, &l), 0, "the other person's");
	OK(l.ids[2] == 2 && l.log.linked, "stays");

	EQ(put(db, &t, NULL), 5, "ids grow on");
	EQ(db_person_forget(db, ann, 1), 0, "forget the newest");
	db_close(&db);
	db = open_in(&f);
	id = put(db, &u, NULL);
	EQ(id, 6, "an id is not given twice, after a restart neither");
	db_close(&db);
	folder_done(&f);
}

static void
test_sweep(void)
{
	enum { COUNT = 600 };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_turn t = turn_of(ann);
	struct db_sweep young = { .now_ms = at + DAY_MS,
		.log_ms = 3 * (int64_t)DAY_MS },
			old = { .now_ms = at + 3 * (int64_t)DAY_MS,
				.log_ms = 3 * (int64_t)DAY_MS };
	struct db_counts n;
	bool more = false;
	int64_t out = 0;
	int i, rc = 0, rounds = 0;

	/* some never left, some never had their report, some are done */
	for (i = 0; i < COUNT; i++) {
		out = put(db, &t, "SECRET-x");
		if (i % 3 > 0)
			rc |= db_out_set(
			    db, out, i % 3 == 1 ? OUT_SENT : OUT_DELIVERED);
	}
	EQ(rc, 0, "prepare");
	do { /* the hour is over: its rows change places */
		rc |= db_sweep(db, &young, &more);
	} while (rc == 0 && more && rounds++ < 99);
	EQ(rc, 0, "nothing is too old");
	n = counts_of(db);
	OK(!more && n.inbox == COUNT && n.log == COUNT &&
		n.queued + n.sent + n.delivered == COUNT,
	    "nothing goes");
	young.now_ms++;
	EQ(db_sweep(db, &young, &more), 0, "a batch of the inbox");
	OK(more, "there is more");
	n = counts_of(db);
	OK(n.inbox < COUNT && n.inbox > 0 && n.log == COUNT,
	    "a batch went, the log stays");
	for (rounds = 0; more && rounds < 99; rounds++)
		rc |= db_sweep(db, &old, &more);
	OK(rc == 0 && !more, "to the end");
	n = counts_of(db);
	OK(n.inbox == 0 && n.log == 0, "inbox and log are empty");
	OK(n.queued == 0 && n.sent == 0 && n.delivered == 0,
	    "and the outbox, whatever became of the answers");
	EQ(db_checkpoint(db), 0, "to the file");
	EQ(folder_find(&f, "hotline.db", "SECRET-"), 0, "no byte is left");

	/* in front of the table, and years too early for the sweep */
	t.at_ms = at + 1000 * (int64_t)DAY_MS;
	put(db, &t, NULL);
	t.at_ms = at;
	put(db, &t, NULL);
	EQ(db_sweep(db, &old, &more), 0, "a row of a wrong clock");
	EQ(counts_of(db).inbox, 0, "goes with what is behind it");
	db_close(&db);
	db = open_in(&f);
	EQ(put(db, &t, "x"), out + 1, "ids grow on from an empty table");
	db_close(&db);
	folder_done(&f);
}

static void
test_meta(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	char value[8] = "same";

	EQ(db_meta_get(db, "none", value, sizeof(value)), -ENOENT, "no value");
	OK(strcmp(value, "same") == 0, "output untouched");
	EQ(db_meta_set(db, "key", SV("one")), 0, "set");
	EQ(db_meta_set(db, "key", SV("longer-than-that")), 0, "set again");
	db_close(&db);
	db = open_in(&f);
	EQ(db_meta_get(db, "key", value, sizeof(value)), 0, "get");
	OK(strcmp(value, "longer-") == 0, "cut to the buffer");
	db_close(&db);
	folder_done(&f);
}

/* No index on random values may creep in, and no migration be left out. */
static void
test_schema(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct stat st;
	sqlite3 *sq = NULL;
	sqlite3_stmt *q = NULL;
	glob_t files = { 0 };
	char path[512];

	ASSERT(glob("db/migrations/hotline/*.sql", 0, NULL, &files) == 0);
	(void)snprintf(path, sizeof(path), "%s/hotline.db", f.path);
	ASSERT(stat(path, &st) == 0);
	EQ(st.st_mode & 0777, 0600, "nobody else may read the file");
	ASSERT(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, NULL) ==
	       SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, "PRAGMA user_version", -1, &q, NULL) ==
	       SQLITE_OK);
	ASSERT(sqlite3_step(q) == SQLITE_ROW);
	EQ(sqlite3_column_int(q, 0), files.gl_pathc, "every migration is in");
	(void)sqlite3_finalize(q);
	ASSERT(sqlite3_prepare_v2(sq,
		   "SELECT count(*) FROM sqlite_schema WHERE type = 'index'"
		   " AND tbl_name NOT IN ('meta', 'rollup_name')",
		   -1, &q, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(q) == SQLITE_ROW);
	EQ(sqlite3_column_int(q, 0), 0, "no index but the integer keys");
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(sq);
	globfree(&files);
	db_close(&db);
	folder_done(&f);
}

/* A store as the release before left it: so many of the migrations. */
static void
old_store(const struct folder *f, size_t version, const char *rows)
{
	glob_t files = { 0 };
	sqlite3 *sq = NULL;
	char path[512], *sql;
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(glob("db/migrations/hotline/*.sql", 0, NULL, &files) == 0);
	for (i = 0; i < version; i++) {
		sql = file_text(files.gl_pathv[i]);
		ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
		free(sql);
	}
	(void)snprintf(path, sizeof(path),
	    "PRAGMA application_id=%d; PRAGMA user_version=%zu", 0x53616648,
	    version);
	ASSERT(sqlite3_exec(sq, path, NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq, rows, NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	globfree(&files);
}

static void
test_old_sessions(void)
{
	struct folder f = folder_new();
	struct seen s = { 0 };
	struct db *db;

	old_store(&f, 4,
	    "INSERT INTO inbox VALUES (7, 1000, 'kannel', zeroblob(16),"
	    " cast('ann-ann-ann-ann' || x'00' AS BLOB), 3, 'wages', 'main',"
	    " 'wages', 'ru-moskva', 'a b', 'ru', 1, 0, 7, 1),"
	    " (8, 1001, 'kannel', zeroblob(16), NULL, 3, '', '', '', '', '',"
	    " '', 0, 0, 0, 0)");
	db = open_in(&f);
	EQ(db_turns_each(db, 0, on_turn, &s), 0, "read an older store");
	EQ(s.count, 2, "all rows are still there");
	OK(s.ids[0] == 7 && s.ids[1] == 8, "under their ids");
	OK(strcmp(s.text[0], "wages main wages ru-moskva a,b ru 101 7") == 0,
	    "the session is the same");
	OK(s.turn.unlinked && s.turn.at_ms == 1001, "nobody's is nobody's");
	db_close(&db);
	folder_done(&f);
}

/* Rows of the log of an hour that was not over. */
static void
test_old_log(void)
{
	struct folder f = folder_new();
	const struct db_log_filter all = { .most = ROWS };
	struct db_turn t = turn_of(ann);
	struct seen l = { 0 };
	struct db *db;

	old_store(&f, 12,
	    "INSERT INTO log_past VALUES (6, 0, 3, NULL, 'kannel', 'kg', 'sms',"
	    " 'ru', 'wages', '', '', '', 'answered', 1, 1);"
	    "UPDATE meta SET value = '6' WHERE key = 'mixed_turn';"
	    "INSERT INTO log_now VALUES (7, 3600000, 3,"
	    " cast('ann-ann-ann-ann' || x'00' AS BLOB), 'kannel', 'kg', 'sms',"
	    " 'ru', 'wages', 'ru-moskva', 'list', 'a b', 'answered', 1, 2),"
	    " (8, 3600000, 3, NULL, 'kannel', 'tj', 'sms', 'tg', 'health', '',"
	    " '', '', 'no_match', 1, 1)");
	db = open_in(&f);
	EQ(put(db, &t, NULL), 9, "ids go on");
	EQ(db_log_each(db, &all, on_log, &l), 0, "read an older log");
	EQ(l.count, 4, "all rows are still there");
	OK(strcmp(l.text[1], "kannel|tj|sms|tg|health||||no_match") == 0,
	    "nobody's");
	OK(strcmp(l.text[2],
	       "kannel|kg|sms|ru|wages|ru-moskva|list|a b|answered") == 0,
	    "and somebody's");
	OK(l.ids[1] == 8 && l.ids[2] == 7 && l.ids[3] == 6 &&
		l.log.hour_ms == 0 && !l.log.linked,
	    "in their order");
	l = (struct seen){ .most = 3 };
	EQ(db_log_each(db, &all, on_log, &l), 0, "again");
	OK(l.log.linked && memcmp(l.log.person, ann, DB_KEY_LEN) == 0 &&
		l.log.hour_ms == 3600000 && l.log.epoch == 3 &&
		l.log.edition == 1 && l.log.parts == 2,
	    "with whose it was");
	db_close(&db);
	folder_done(&f);
}

static double
cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Not a check: figures to look at. */
static void
bench(int batch)
{
	enum { TURNS = 8192 };
	struct folder f = folder_new();
	struct db *db = NULL;
	struct db_turn t = turn_of(ann);
	struct db_out o;
	struct diag diag;
	char sealed[250];
	double start;
	int64_t id = 0;
	int i, rc;

	ASSERT(db_open_sized(f.path, 32 << 20, &db, &diag) == 0);
	memset(sealed, 'x', sizeof(sealed));
	o = out_of(ann, "");
	o.sealed = (struct sv){ sealed, sizeof(sealed) };
	start = cpu_us();
	for (i = rc = 0; i < TURNS; i++) {
		if (i % batch == 0)
			rc |= db_begin(db);
		rc |= db_turn_begin(db);
		rc |= db_turn_put(db, &t, &id);
		rc |= db_out_put(db, &o, &id);
		rc |= db_turn_end(db);
		if (i % batch == batch - 1)
			rc |= db_commit(db);
	}
	EQ(rc, 0, "measured turns are put");
	printf("# db_turn_put + db_out_put: %.2f us of CPU at %d turns a"
	       " commit\n",
	    (cpu_us() - start) / TURNS, batch);
	db_close(&db);
	folder_done(&f);
}

int
main(void)
{
	test_schema();
	test_old_sessions();
	test_old_log();
	test_turn();
	test_log_filter();
	test_undo();
	test_outbox();
	test_wipe_bytes(set_all);
	test_wipe_bytes(end_all);
	test_ends();
	test_erase_wal();
	test_forget();
	test_sweep();
	test_meta();
	bench(128);
	bench(2048);
	return tap_done();
}
