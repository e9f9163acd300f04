/* What a gateway and a person see of a turn, beside the words. */
#include <sqlite3.h>
#include <sys/resource.h>

#include "daemon/core/core.h"
#include "db/db.h"
#include "tests/flow/disk.h"
#include "tests/flow/kit.h"

static struct kit *k;

struct seen {
	int rows, linked;
	char outcome[32], lang[16];
};

static bool
on_log(void *arg, const struct db_log *row)
{
	struct seen *s = arg;

	if (s->rows++ == 0) { /* the newest */
		(void)snprintf(s->outcome, sizeof(s->outcome), SV_FMT,
		    SV_ARG(row->outcome));
		(void)snprintf(
		    s->lang, sizeof(s->lang), SV_FMT, SV_ARG(row->lang));
	}
	s->linked += row->linked;
	return true;
}

static struct seen
look(void)
{
	const struct db_log_filter all = { .most = 10000 };
	struct seen s = { 0 };
	struct db *db = NULL;
	struct diag why;

	ASSERT(db_open_reader(k->dir, &db, &why) == 0);
	ASSERT(db_log_each(db, &all, on_log, &s) == 0);
	db_close(&db);
	return s;
}

static void
test_repeat(void)
{
	struct seen before = look();
	size_t answers = k->count;

	EQ(kit_say_id(k, "a-1", "+996555000001", "menu"), 0, "taken");
	EQ(kit_say_id(k, "a-1", "+996555000001", "menu"), 0,
	    "a repeat is acknowledged again");
	EQ(look().rows - before.rows, 1, "one log row");
	EQ(k->count - answers, 1, "one answer");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	EQ(kit_say_id(k, "a-1", "+996555000001", "menu"), 0,
	    "a repeat after a restart too");
	EQ(look().rows - before.rows, 1, "still one log row");
	EQ(k->count - answers, 1, "still one answer");
}

static size_t
answers_without_id(const char *text)
{
	size_t answers = k->count;

	EQ(kit_say_id(k, "", "+996555000002", text), 0, text);
	return k->count - answers;
}

/* A gateway without ids says a text again only when its link was cut; people
 * press the same digit in one menu and in the next. */
static void
test_repeat_without_id(void)
{
	struct gw *gw = k->h->gateways[0];

	kit_wait(k, 1000);
	EQ(answers_without_id("menu"), 1, "is answered");
	EQ(answers_without_id("2"), 1, "is answered");
	EQ(answers_without_id("2"), 1, "is answered again");
	kit_wait(k, 3000);
	gw_cut(gw, clock_ms() - 2000);
	kit_wait(k, 3000);
	EQ(answers_without_id("2"), 0, "comes again behind the cut");
	kit_wait(k, 1000);
	EQ(answers_without_id("2"), 1, "the next is another");
	kit_wait(k, 60000);
	gw_cut(gw, clock_ms());
	kit_wait(k, 1000);
	EQ(answers_without_id("2"), 1, "long before the cut: another");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	EQ(answers_without_id("2"), 0, "comes again");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	kit_wait(k, 960000);
	EQ(answers_without_id("2"), 1, "long behind it: another");
}

/* A repeat that could not be acknowledged comes again, and is one still. */
static void
test_repeat_put_off(void)
{
	const struct gw_in other = { .id = SV("put-off"),
		.from = SV("+996555000013"),
		.to = SV("1414"),
		.text = SV("menu") };
	struct gw *gw = k->h->gateways[0];
	size_t answers;
	int told = KIT_NOT_YET, rc;

	kit_wait(k, 60000);
	EQ(answers_without_id("7"), 1, "is answered");
	kit_wait(k, 1000);
	gw_cut(gw, clock_ms());
	kit_wait(k, 1000);
	answers = k->count;
	disk_full = true;
	loop_say(k->loop, &other, kit_done, &told);
	rc = kit_say_id(k, "", "+996555000002", "7");
	OK(rc < 0 && rc != -EBADMSG, "in a round that fails: put off");
	disk_full = false;
	kit_wait(k, 2000);
	kit_wait(k, 2000);
	EQ(answers_without_id("7"), 0, "comes again, and is known");
	EQ(k->count, answers, "not answered twice");
}

static void
test_never_answered(void)
{
	static const char *const senders[] = { "1414", "900", "Beeline",
		"MegaCom", "", "+", "12345678901234567890" };
	struct seen before = look();
	size_t i, answers = k->count;

	for (i = 0; i < ARRAY_LEN(senders); i++)
		EQ(kit_say(k, senders[i], "menu"), 0, "acknowledged");
	EQ(k->count, answers, "no answer");
	EQ(look().rows, before.rows, "no log row");
}

static void
test_limit(void)
{
	const char *from = "+996555000003";
	size_t answers = k->count;
	int i;

	for (i = 0; i < 30; i++)
		EQ(kit_say(k, from, i % 2 == 0 ? "1" : "0"), 0, "taken");
	EQ(k->count - answers, 30, "answered up to the limit");
	EQ(kit_say(k, from, "1"), 0, "one more is acknowledged");
	EQ(k->count - answers, 31, "and told to wait");
	EQ(kit_say(k, from, "2"), 0, "the next is acknowledged");
	EQ(k->count - answers, 31, "in silence");
	EQ(kit_say(k, from, "112"), 0, "danger");
	EQ(kit_say(k, from, "emergency"), 0, "is acknowledged");
	EQ(k->count - answers, 33, "and always answered");
	EQ(kit_say(k, "+996555000004", "1"), 0, "somebody else");
	OK(strcmp(kit_last(k)->to, "+996555000004") == 0, "is not limited");
	kit_wait(k, 700000);
	answers = k->count;
	EQ(kit_say(k, from, "1"), 0, "later");
	EQ(k->count - answers, 1, "all is well again");
}

static void
test_automatic_replier(void)
{
	const char *from = "+996555000005";
	char echo[4096];
	size_t answers;
	int i;

	answers = k->count;
	for (i = 0; i < 8; i++)
		EQ(kit_say(k, from, "I am driving, qwrtz pxx"), 0, "ack");
	EQ(k->count - answers, 4, "the same text again and again: silence");
	answers = k->count;
	EQ(kit_say(k, from, "menu"), 0, "a new text");
	EQ(k->count - answers, 1, "is answered");
	(void)snprintf(echo, sizeof(echo), "%s", kit_last(k)->text);
	EQ(kit_say(k, from, echo), 0, "our own words");
	EQ(k->count - answers, 1, "are not answered");
}

/* The same words, but not at once: a person who asks every day. */
static void
test_same_text_later(void)
{
	const char *from = "+996555000015";
	size_t answers = k->count;
	int i;

	for (i = 0; i < 8; i++) {
		EQ(kit_say(k, from, "qwrtz pxx qwrtz"), 0, "ack");
		kit_wait(k, INT64_C(20) * 60 * 1000);
	}
	EQ(k->count - answers, 8, "is answered every time");
}

static void
test_forget(void)
{
	const char *from = "+992900000006";
	struct seen before = look(), after;

	EQ(kit_say(k, from, "English"), 0, "a language");
	EQ(kit_say(k, from, "menu"), 0, "a menu");
	EQ(look().linked - before.linked, 2, "two linked rows");
	EQ(kit_say(k, from, "000"), 0, "forget");
	OK(strcmp(kit_last(k)->text, "OK") == 0, kit_last(k)->text);
	after = look();
	EQ(after.rows - before.rows, 3, "the log keeps three rows");
	EQ(after.linked, before.linked, "none of them linked");
	EQ(kit_say(k, from, "qqq www"), 0, "a text later");
	OK(strcmp(look().lang, "en") != 0, "the language was forgotten too");
}

static int64_t
to_forget(void)
{
	char path[128];
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = NULL;
	int64_t n;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, "SELECT count(*) FROM forget", -1, &st,
		   NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	return n;
}

/* Let pass what the next slice waits for. */
static void
slice(void)
{
	kit_timers(k, 15);
}

/* Whichever slice finds no room: it is made up for. */
static void
test_forget_full_disk(void)
{
	const char *from = "+996555000031";
	int good, i;

	for (good = 0; good < 4; good++) {
		EQ(kit_say(k, from, "menu"), 0, "a text");
		EQ(kit_say(k, from, "000"), 0, "forget");
		OK(to_forget() > 0, "older rows are looked through later");
		for (i = 0; i < good; i++)
			slice();
		disk_full = true;
		slice();
		disk_full = false;
		for (i = 0; i < 200 && to_forget() > 0; i++) {
			kit_wait(k, 1000);
			slice();
		}
		EQ(to_forget(), 0, "all are, in the end");
		kit_wait(k, INT64_C(3600) * 1000);
	}
}

/* Over the limit, too: once, then there is nothing left to forget. */
static void
test_forget_over_limit(void)
{
	const char *from = "+992900000026";
	struct seen before = look();
	size_t answers;
	int i;

	for (i = 0; i < 31; i++)
		EQ(kit_say(k, from, i % 2 == 0 ? "1" : "0"), 0, "taken");
	EQ(look().linked - before.linked, 30, "linked rows up to the limit");
	answers = k->count;
	EQ(kit_say(k, from, "000"), 0, "forget");
	EQ(k->count - answers, 1, "is answered over the limit");
	OK(strcmp(kit_last(k)->text, "OK") == 0, kit_last(k)->text);
	EQ(look().linked, before.linked, "and not one row is linked");
	EQ(kit_say(k, from, "1"), 0, "one more text");
	EQ(kit_say(k, from, "000"), 0, "and forget");
	EQ(kit_say(k, from, "000"), 0, "again");
	OK(k->count - answers <= 2, "in silence: nothing was kept since");
	EQ(look().linked, before.linked, "nor is now");
	kit_wait(k, 700000);
	EQ(kit_say(k, from, "1"), 0, "later");
	EQ(look().linked - before.linked, 1, "it is a person again");
	EQ(kit_say(k, from, "000"), 0, "who forgets");
	EQ(look().linked, before.linked, "as ever");
}

/* Pseudonyms change every 30 days; the person stays the same. */
static void
test_new_epoch(void)
{
	const int64_t day_ms = INT64_C(24) * 3600 * 1000,
		      epoch_ms = 30 * day_ms;
	int64_t now_ms = clock_ms();
	const char *from = "+992900000016";
	struct seen before = look();
	int i;

	EQ(kit_say(k, from, "English"), 0, "a language");
	clock_set((now_ms / epoch_ms + 1) * epoch_ms - INT64_C(3600) * 1000);
	EQ(kit_say(k, from, "English"), 0, "an hour before the change");
	kit_wait(k, INT64_C(2) * 3600 * 1000);
	EQ(kit_say(k, from, "1"), 0, "an hour after it");
	OK(strcmp(look().lang, "en") == 0, "the language is known");
	kit_wait(k, 20 * day_ms);
	EQ(kit_say(k, from, "menu"), 0, "weeks later");
	EQ(look().linked - before.linked, 4, "four linked rows");
	EQ(kit_say(k, from, "000"), 0, "forget");
	EQ(look().linked, before.linked, "not one is linked, of any epoch");
	OK(before.linked > 0, "others are");
	kit_wait(k, 3 * epoch_ms);
	for (i = 0; i < 10; i++) /* some rows at a time */
		kit_wait(k, 1000);
	EQ(look().linked, 0, "months later nobody is");
	clock_set(now_ms);
	kit_wait(k, 1000);
}

/* Sessions may be short, but a gateway repeats itself for a day. */
static void
test_repeat_of_yesterday(void)
{
	size_t answers = k->count;

	kit_stop(k);
	kit_set(k, "idle_h: 24", "idle_h: 1");
	EQ(kit_start(k), 0, "sessions of an hour");
	EQ(kit_say_id(k, "b-1", "+996555000017", "English"), 0, "taken");
	kit_wait(k, INT64_C(5) * 3600 * 1000);
	kit_wait(k, INT64_C(2) * 60 * 1000);
	EQ(kit_say_id(k, "b-1", "+996555000017", "English"), 0, "repeated");
	EQ(k->count - answers, 1, "known after five hours");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	EQ(kit_say_id(k, "b-1", "+996555000017", "English"), 0, "repeated");
	EQ(k->count - answers, 1, "after a restart, too");
	EQ(kit_say(k, "+996555000017", "qqq www"), 0, "a new text");
	OK(strcmp(look().lang, "en") != 0, "the session has ended");
	kit_stop(k);
	kit_set(k, "idle_h: 1", "idle_h: 24");
	EQ(kit_start(k), 0, "and as before");
}

static void
test_restart_remembers(void)
{
	const char *from = "+996555000007";

	EQ(kit_say(k, from, "English"), 0, "a language");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	EQ(kit_say(k, from, "1"), 0, "a digit");
	OK(strcmp(look().lang, "en") == 0, "the language outlived it");
}

/* A talk goes on after a restart as the same talk does without one. */
static void
test_restart_goes_on(void)
{
	static const struct {
		const char *before, *after;
	} talks[] = { { "LAT", "адвокат Москва" }, { "адвокат Москва", "more" },
		{ "Москва", "адвокат" }, { "врач юрист", "2" },
		{ "иш керек Бишкек", "9" }, { "тил кыргызча", "врач" },
		{ "4", "more" } };
	const char *one = "+996555000031", *two = "+996555000032";
	char text[4096];
	size_t i;

	for (i = 0; i < ARRAY_LEN(talks); i++) {
		(void)kit_say(k, one, "forget");
		(void)kit_say(k, two, "forget");
		(void)kit_say(k, one, talks[i].before);
		(void)kit_say(k, one, talks[i].after);
		(void)snprintf(text, sizeof(text), "%s", kit_last(k)->text);
		(void)kit_say(k, two, talks[i].before);
		kit_stop(k);
		ASSERT(kit_start(k) == 0);
		(void)kit_say(k, two, talks[i].after);
		OK(strcmp(kit_last(k)->text, text) == 0, talks[i].after);
		kit_wait(k, 60000);
	}
}

static void
test_retry(void)
{
	size_t answers = k->count;
	char text[4096];

	k->result = GW_RETRY;
	EQ(kit_say(k, "+996555000008", "menu"), 0, "taken");
	EQ(k->count, answers, "the gateway would not have the answer");
	k->result = GW_SENT;
	kit_wait(k, 1000);
	EQ(k->count, answers, "not before its pause");
	kit_wait(k, 6000);
	EQ(k->count, answers + 1, "then again");
	(void)snprintf(text, sizeof(text), "%s", kit_last(k)->text);
	k->result = GW_RETRY;
	EQ(kit_say(k, "+996555000008", "menu"), 0, "taken");
	kit_stop(k);
	k->result = GW_SENT;
	EQ(kit_start(k), 0, "restart");
	kit_wait(k, 400000);
	EQ(k->count, answers + 2, "an answer outlives a restart");
	OK(strcmp(kit_last(k)->text, text) == 0, "word for word");
}

static void
test_refused_and_expired(void)
{
	struct db_counts before = kit_counts(k);

	k->result = GW_REFUSED;
	EQ(kit_say(k, "+996555000009", "menu"), 0, "taken");
	EQ(kit_counts(k).failed - before.failed, 1, "refused: given up");
	k->result = GW_RETRY;
	EQ(kit_say(k, "+996555000009", "menu"), 0, "taken");
	EQ(kit_counts(k).queued - before.queued, 1, "waiting");
	kit_wait(k, INT64_C(24) * 3600 * 1000 + 1000);
	kit_wait(k, 1000);
	EQ(kit_counts(k).queued, 0, "after a day nothing waits");
	k->result = GW_SENT;
}

static void
test_reports(void)
{
	struct db_counts before = kit_counts(k);
	int told = KIT_NOT_YET;

	EQ(kit_say(k, "+996555000010", "menu"), 0, "taken");
	OK(kit_last(k)->report, "a report is asked for");
	EQ(kit_counts(k).sent - before.sent, 1, "sent, waiting for its report");
	loop_report(k->loop, kit_last(k)->id, true, kit_done, &told);
	kit_run(k);
	EQ(told, 0, "the report is acknowledged");
	EQ(kit_counts(k).delivered - before.delivered, 1, "delivered");
	EQ(kit_counts(k).sent, before.sent, "nothing kept");
	before = kit_counts(k);
	k->report_first = true;
	EQ(kit_say(k, "+996555000010", "menu"), 0, "taken");
	k->report_first = false;
	EQ(kit_counts(k).delivered - before.delivered, 1,
	    "a report that comes before the gateway's own word holds");
	told = KIT_NOT_YET;
	loop_report(k->loop, INT64_C(1) << 40, true, kit_done, &told);
	kit_run(k);
	EQ(told, 0, "a report for nothing is acknowledged");
}

static void
test_full_disk(const char *known, const char *id)
{
	struct seen before;
	char status[16384];
	size_t answers;
	struct sb b;
	int rc;

	EQ(kit_say_id(k, known, "+996555000018", "menu"), 0, "taken before");
	before = look();
	answers = k->count;
	disk_full = true;
	rc = kit_say_id(k, id, "+996555000011", "menu");
	OK(rc < 0 && rc != -EBADMSG, "the gateway is told to try again");
	sb_wrap(&b, status, sizeof(status));
	hotline_status(k->h, &b);
	OK(strstr(status, "No space left on device") != NULL,
	    "status says why");
	EQ(k->count, answers, "nothing was answered");
	kit_wait(k, 2000);
	EQ(kit_say_id(k, known, "+996555000018", "menu"), 0,
	    "a repeat needs no room");
	kit_wait(k, 2000);
	sb_wrap(&b, status, sizeof(status));
	hotline_status(k->h, &b);
	OK(strstr(status, "\"ok\":false") != NULL, "and makes none");
	disk_full = false;
	kit_wait(k, 2000);
	EQ(kit_say_id(k, id, "+996555000011", "menu"), 0,
	    "with space it is taken");
	EQ(k->count - answers, 1, "and answered");
	EQ(look().rows - before.rows, 1, "once; all rows are there");
	sb_wrap(&b, status, sizeof(status));
	hotline_status(k->h, &b);
	OK(strstr(status, "\"ok\":true") != NULL, "status is well again");
}

/* Sent, but the disk would not have it: the row is told later, the person
 * gets no second copy. */
static void
test_mark_outlives_full_disk(void)
{
	struct db_counts before = kit_counts(k);
	size_t answers = k->count;

	k->result = GW_RETRY;
	EQ(kit_say(k, "+996555000014", "menu"), 0, "taken");
	k->result = GW_SENT;
	disk_full = true;
	kit_wait(k, 10000);
	EQ(k->count - answers, 1, "sent");
	EQ(kit_counts(k).queued - before.queued, 1, "the row does not know");
	disk_full = false;
	kit_wait(k, 2000);
	kit_wait(k, 2000);
	EQ(kit_counts(k).sent - before.sent, 1, "with space it does");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	kit_wait(k, 400000);
	EQ(k->count - answers, 1, "sent once");
}

static void
test_bad_input(void)
{
	char *text = calloc(1, GW_TEXT_MAX + 1);

	ASSERT(text != NULL);
	EQ(kit_say(k, "+996555000012", ""), 0, "empty text");
	EQ(kit_say(k, "+996555000012", "   \n\t "), 0, "blank text");
	memset(text, 'x', 2000);
	EQ(kit_say(k, "+996555000012", text), 0, "2,000 characters");
	memset(text, 'y', GW_TEXT_MAX);
	EQ(kit_say(k, "+996555000012", text), 0, "as long as it may be");
	EQ(kit_say(k, "+996555000012", "\xF0\x9F\x98\xAD"), 0, "an emoji");
	OK(kit_last(k)->text[0] != '\0' && kit_last(k)->parts <= 3,
	    "answered within three parts");
	free(text);
}

static void
test_second_daemon(void)
{
	struct event_base *base = event_base_new();
	struct hotline *h = NULL;
	struct diag why = { "" };

	EQ(hotline_open(base, k->dir, &h, &why), -EEXIST, "refused");
	OK(why.text[0] != '\0', why.text);
	event_base_free(base);
}

static void
test_edition(void)
{
	const char *args[] = { "--data", k->dir, "publish", "--edition", "1",
		NULL };

	EQ(kit_say(k, "+996555000013", "English"), 0, "in English");
	EQ(kit_ctl(k, args), 0, "safarctl publish");
	kit_wait(k, 1000);
	OK(kit_edition(k, 2), "taken up");
	EQ(kit_say(k, "+996555000013", "2"), 0, "the menu goes on");
	OK(strcmp(look().lang, "en") == 0, "in the same language");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	test_repeat();
	test_repeat_without_id();
	test_repeat_put_off();
	test_never_answered();
	test_limit();
	test_automatic_replier();
	test_same_text_later();
	test_forget();
	test_forget_full_disk();
	test_forget_over_limit();
	test_new_epoch();
	test_repeat_of_yesterday();
	test_restart_remembers();
	test_restart_goes_on();
	test_retry();
	test_reports();
	test_full_disk("before-1", "full-1");
	test_full_disk("before-2", "full-2");
	test_mark_outlives_full_disk();
	test_bad_input();
	test_second_daemon();
	test_edition();
	test_refused_and_expired();
	kit_end(k);
	free(k);
	return tap_done();
}
