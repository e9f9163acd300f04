/*
 * test_consent.c - who asked to be called: clocks, hours, restarts, a disk that
 * fails, and that what is sent unasked is sent to nobody else and never late.
 */
#include <jansson.h>
#include <sqlite3.h>

#include "daemon/core/core.h"
#include "daemon/core/erase.h"
#include "tests/flow/disk.h"
#include "tests/flow/kit.h"

#define ANN "+996555600001" /* UTC+6 */
#define BOB "+79261206002"
#define STILL "Is it still you?"

static const int64_t minute_ms = 60000, hour_ms = 3600000, day_ms = 86400000;

enum { QUARTERS = 24 * 4 /* of an hour, in a day */ };

static struct kit *k;

static void
wait_ms(int64_t ms)
{
	kit_wait(k, ms);
}

/* To the next time that it is so many hours in UTC. */
static void
wait_until(int hour)
{
	int64_t now_ms = clock_ms() % day_ms, at_ms = hour * hour_ms;

	wait_ms((at_ms - now_ms + day_ms) % day_ms);
}

static const char *
say(const char *from, const char *text)
{
	k->count = k->count > KIT_ANSWERS_MAX / 2 ? 0 : k->count;
	EQ(kit_say(k, from, text), 0, text);
	wait_ms(1000);
	return kit_last(k)->text;
}

/* Somebody says yes; window: the digit of their hours. */
static void
ask(const char *from, const char *window)
{
	(void)say(from, "English");
	(void)say(from, "call me");
	(void)say(from, "1");
	OK(strstr(say(from, window), "Noted") != NULL, "noted");
}

static json_t *
calls(void)
{
	char buf[8192];
	struct sb b;
	json_t *all;

	sb_wrap(&b, buf, sizeof(buf));
	ASSERT(hotline_callback(k->h, SV("list"), 0, SV("op"), &b) == 0);
	all = json_loads(b.p, 0, NULL);
	ASSERT(all != NULL);
	return all;
}

static size_t
count(void)
{
	json_t *all = calls();
	size_t n = json_array_size(json_object_get(all, "calls"));

	json_decref(all);
	return n;
}

static int64_t
id_of(size_t at)
{
	json_t *all = calls();
	int64_t id = json_integer_value(json_object_get(
	    json_array_get(json_object_get(all, "calls"), at), "id"));

	json_decref(all);
	return id;
}

static bool
state_is(const char *state)
{
	json_t *all = calls();
	const char *text = json_string_value(json_object_get(
	    json_array_get(json_object_get(all, "calls"), 0), "state"));
	bool same = text != NULL && strcmp(text, state) == 0;

	json_decref(all);
	return same;
}

static int
act(const char *what, int64_t id)
{
	char buf[256];
	struct sb b;
	int rc;

	sb_wrap(&b, buf, sizeof(buf));
	rc = hotline_callback(k->h, sv_of(what), id, SV("op"), &b);
	kit_run(k);
	return rc;
}

static int64_t
query(const char *sql)
{
	char path[128];
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = NULL;
	int64_t n;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	return n;
}

static bool
is_wiped(void)
{
	return query("SELECT count(*) FROM callback WHERE id <> 0"
		     " OR until_ms <> 0 OR name <> zeroblob(16)"
		     " OR sealed <> zeroblob(length(sealed))") == 0;
}

static void
restart(void)
{
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
}

/* How many texts came that ask whether it is still them. */
static size_t
asked(void)
{
	size_t i, n = 0;

	for (i = 0; i < k->count; i++)
		n += strstr(k->answers[i].text, STILL) != NULL;
	return n;
}

static void
test_clocks(void)
{
	int64_t id;

	ask(ANN, "4");
	EQ(query("SELECT until_ms FROM callback WHERE id > 0") - clock_ms(),
	    7 * day_ms - 1000, "7 days at most");
	wait_ms(7 * day_ms - minute_ms);
	EQ(count(), 1, "a minute before");
	wait_ms(minute_ms);
	EQ(count(), 0, "and then");
	wait_ms(2 * minute_ms);
	OK(is_wiped(), "its row is zeros");
	ask(ANN, "4");
	id = id_of(0);
	EQ(act("done", id), 0, "done");
	EQ(act("message", id), -ESTALE, "and nobody is asked any more");
	wait_ms(day_ms - minute_ms);
	EQ(act("number", id), 0, "a slip can be mended for a day");
	wait_ms(minute_ms);
	EQ(act("number", id), -ENOENT, "no longer");
	wait_ms(2 * minute_ms);
	OK(is_wiped(), "wiped");
	ask(ANN, "4");
	wait_ms(7 * day_ms - hour_ms);
	EQ(act("done", id_of(0)), 0, "done at the end");
	wait_ms(hour_ms);
	EQ(count(), 0, "no longer than 7 days even so");
	wait_ms(2 * minute_ms);
	OK(is_wiped(), "wiped");
}

/* At which hours of UTC somebody of UTC+6 is asked who is to be asked at each
 * hour of a day. */
static void
test_hours(void)
{
	static const struct {
		const char *window;
		int from, to; /* of UTC */
	} rows[] = { { "1", 3, 6 }, { "2", 6, 11 }, { "3", 11, 15 },
		{ "4", 0, 24 } };
	int hour, from, late;
	size_t i, step;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		late = 0;
		for (hour = 0; hour < 24; hour += 2) {
			wait_until(hour);
			ask(ANN, rows[i].window);
			k->count = 0;
			ASSERT(act("message", id_of(0)) == 0);
			for (step = 0; step < QUARTERS && asked() == 0; step++)
				wait_ms(15 * minute_ms);
			from = (int)(clock_ms() % day_ms / hour_ms);
			late += asked() != 1 || from < rows[i].from ||
				from >= rows[i].to;
			(void)say(ANN, "stop");
		}
		EQ(late, 0, rows[i].window);
	}
}

/* The gateway takes nothing while it is their time: later is too late. */
static void
test_gateway_down(void)
{
	wait_until(3);
	ask(ANN, "1");
	k->count = 0;
	k->result = GW_RETRY;
	EQ(act("message", id_of(0)), 0, "in the morning");
	wait_ms(hour_ms);
	wait_ms(2 * hour_ms);
	k->result = GW_SENT;
	wait_ms(hour_ms);
	wait_ms(day_ms);
	EQ(asked(), 0, "not in the afternoon");
	(void)say(ANN, "stop");
	ask(ANN, "4");
	k->count = 0;
	k->result = GW_RETRY;
	EQ(act("message", id_of(0)), 0, "at any time");
	wait_ms(1000);
	EQ(kit_say(k, BOB, "menu"), 0, "somebody asks something");
	k->result = GW_SENT;
	wait_ms(10 * minute_ms);
	EQ(k->count, 2, "both are sent");
	OK(strstr(k->answers[1].text, STILL) != NULL, "answers first");
	(void)say(ANN, "stop");
}

/* STOP and FORGET take back what is on its way. */
static void
test_taken_back(void)
{
	static const char *const words[] = { "stop", "000", "2" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		ask(ANN, "4");
		k->count = 0;
		k->result = GW_RETRY;
		EQ(act("message", id_of(0)), 0, "asked");
		wait_ms(1000);
		EQ(kit_say(k, ANN, words[i]), 0, words[i]);
		k->result = GW_SENT;
		wait_ms(hour_ms);
		EQ(k->count, 1, "only that is answered");
		EQ(asked(), 0, "and they are not asked");
		OK(is_wiped(), "nor is a row left");
	}
}

/* Safard ends at any point. */
static void
test_restarts(void)
{
	wait_until(20);
	(void)say(ANN, "English");
	(void)say(ANN, "call me");
	restart();
	(void)say(ANN, "1");
	restart();
	OK(strstr(say(ANN, "1"), "Noted") != NULL, "in the morning");
	restart();
	EQ(count(), 1, "it is there");
	EQ(act("message", id_of(0)), 0, "ask them");
	restart();
	OK(state_is("to-ask"), "they are to be asked");
	k->count = 0;
	wait_until(4);
	EQ(asked(), 1, "and are");
	restart();
	OK(state_is("asked"), "once");
	wait_ms(minute_ms);
	EQ(asked(), 1, "not again");
	OK(strstr(say(ANN, "1"), "We tried to call") != NULL, "still them");
	restart();
	OK(state_is("confirmed"), "which is known");
	(void)say(ANN, "stop");
	restart();
	EQ(count(), 0, "and that they want none any more");
}

/* What the disk has not is not so. */
static void
test_full_disk(void)
{
	(void)say(ANN, "call me");
	(void)say(ANN, "1");
	disk_full = true;
	OK(kit_say(k, ANN, "4") != 0, "the gateway keeps it");
	disk_full = false;
	EQ(count(), 0, "nothing is noted");
	wait_ms(2000);
	OK(strstr(say(ANN, "4"), "Noted") != NULL, "now it is");
	EQ(count(), 1, "one request");
	disk_full = true;
	OK(kit_say(k, ANN, "stop") != 0, "the gateway keeps it");
	OK(act("done", id_of(0)) < 0, "nor can it be done");
	OK(act("message", id_of(0)) < 0, "nor they asked");
	disk_full = false;
	wait_ms(2000);
	OK(state_is("waiting"), "so it waits");
	EQ(act("message", id_of(0)), 0, "asked again");
	k->count = 0;
	disk_full = true;
	wait_ms(1000);
	EQ(asked(), 0, "nothing is sent that is not written down");
	disk_full = false;
	wait_ms(2000);
	wait_ms(2000);
	EQ(asked(), 1, "then it is, once");
	restart();
	wait_ms(minute_ms);
	EQ(asked(), 1, "and not again");
	(void)say(ANN, "stop");
	OK(is_wiped(), "stopped");
}

/* Days later, under another key, with no session. */
static void
test_epoch(void)
{
	int64_t left_ms = 30 * day_ms - clock_ms() % (30 * day_ms);

	wait_ms(left_ms - 2 * day_ms);
	(void)say(BOB, "тоҷикӣ");
	(void)say(BOB, "занг занед");
	(void)say(BOB, "1");
	(void)say(BOB, "4");
	wait_ms(3 * day_ms);
	EQ(act("message", id_of(0)), 0, "in another epoch");
	wait_ms(1000);
	OK(strstr(kit_last(k)->text, "Шумоед") != NULL, "in their language");
	OK(strstr(say(BOB, "1"), "занг задем") != NULL, "they know");
	(void)say(BOB, "ист");
	EQ(count(), 0, "and stop it");
}

/* One request of a person, and not more than can be. */
static void
test_most(void)
{
	int64_t id;

	ask(ANN, "1");
	id = id_of(0);
	ask(ANN, "3");
	EQ(count(), 1, "the later in place of the first");
	OK(id_of(0) != id, "under another id");
	EQ(act("number", id), -ENOENT, "the first is none any more");
	kit_set(k, "most: 500", "most: 1");
	restart();
	(void)say(BOB, "English");
	OK(strstr(say(BOB, "call me"), "only yours") == NULL, "no room");
	OK(strstr(say(ANN, "call me"), "only yours") != NULL,
	    "but for who is in it");
	kit_set(k, "most: 1 ", "most: 500 ");
	restart();
	EQ(act("message", id_of(0)), 0, "once");
	wait_until(12);
	(void)say(ANN, "menu");
	EQ(act("message", id_of(0)), 0, "twice");
	wait_until(13);
	(void)say(ANN, "menu");
	EQ(act("message", id_of(0)), -EDQUOT, "and no more");
	(void)say(ANN, "stop");
}

/* Who is over the limit can still say no. */
static void
test_limit(void)
{
	int i;

	ask(ANN, "4");
	for (i = 0; i < 40; i++) {
		ASSERT(kit_say(k, ANN, i % 2 == 0 ? "menu" : "back") == 0);
		k->count = 0;
	}
	EQ(kit_say(k, ANN, "stop"), 0, "stop");
	wait_ms(1000);
	EQ(count(), 0, "is heard");
	EQ(k->count, 1, "and answered");
	EQ(kit_say(k, ANN, "stop"), 0, "again");
	wait_ms(1000);
	EQ(k->count, 1, "not over and over");
	wait_ms(hour_ms);
}

/* Without the word of who has set one, the phone may be in other hands. */
static void
test_word(void)
{
	ask(ANN, "4");
	(void)say(ANN, "password kiwifruit kiwifruit");
	wait_ms(hour_ms);
	EQ(act("message", id_of(0)), 0, "asked");
	wait_ms(1000);
	OK(strstr(say(ANN, "1"), "tried to call") == NULL, "told nothing");
	OK(strstr(say(ANN, "call me"), "only yours") == NULL, "nor asked");
	OK(state_is("waiting"), "as before");
	EQ(act("message", id_of(0)), 0, "asked again");
	wait_ms(1000);
	OK(strstr(say(ANN, "kiwifruit 1"), "tried to call") != NULL,
	    "with the word");
	(void)say(ANN, "000");
	EQ(count(), 0, "forgotten");
}

/* An administrator erases a number; what operators did is noted, no number. */
static void
test_erase(void)
{
	char sql[256];
	int64_t id;

	ask(ANN, "4");
	id = id_of(0);
	k->count = 0;
	k->result = GW_RETRY;
	EQ(act("number", id), 0, "shown");
	EQ(act("message", id), 0, "asked");
	wait_ms(1000);
	EQ(hotline_erase(k->h, SV(ANN), SV("op")), 0, "erased");
	k->result = GW_SENT;
	wait_ms(hour_ms);
	EQ(count(), 0, "no request");
	EQ(k->count, 0, "no text");
	OK(is_wiped(), "no row");
	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM audit WHERE who = 'op' AND action ="
	    " 'show the number of call %d'",
	    (int)id);
	EQ(query(sql), 1, "who saw the number is noted");
	EQ(query("SELECT count(*) FROM audit WHERE action LIKE '%6555600%'"), 0,
	    "and not the number");
	EQ(act("number", 123), -ENOENT, "no such request");
	EQ(act("dance", id), -ENOSYS, "no such act");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	kit_stop(k);
	kit_set(k, "number: \"\"", "number: \"+996312000000\"");
	ASSERT(kit_start(k) == 0);
	test_clocks();
	test_hours();
	test_gateway_down();
	test_taken_back();
	test_restarts();
	test_full_disk();
	test_epoch();
	test_most();
	test_limit();
	test_word();
	test_erase();
	kit_end(k);
	free(k);
	return tap_done();
}
