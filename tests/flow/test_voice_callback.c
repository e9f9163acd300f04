/* test_voice_callback.c - callers who ask to be called: the same request,
 * clocks and ends as of who asks by text. */
#include <jansson.h>

#include "tests/flow/agi_peer.h"
#include "tests/flow/disk.h"

#define OFFER "voice.callback press.8 "
#define STILL "Это по-прежнему Вы?"

static json_t *all;

/* The requests, as operators see them. */
static size_t
count(void)
{
	static char buf[8192];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	ASSERT(hotline_callback(kit.h, SV("list"), 0, SV("op"), &b) == 0);
	json_decref(all);
	all = json_loads(b.p, 0, NULL);
	ASSERT(all != NULL);
	return json_array_size(json_object_get(all, "calls"));
}

static json_t *
first(const char *field)
{
	ASSERT(count() > 0);
	return json_object_get(
	    json_array_get(json_object_get(all, "calls"), 0), field);
}

static bool
is(const char *field, const char *text)
{
	const char *value = json_string_value(first(field));

	return value != NULL && strcmp(value, text) == 0;
}

static const char *
act(const char *what)
{
	static char buf[256];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	ASSERT(hotline_callback(kit.h, sv_of(what),
		   json_integer_value(first("id")), SV("op"), &b) == 0);
	kit_run(&kit);
	return buf;
}

/* In the list of counsellors, in Russian; nobody is there. */
static struct peer *
at_closed(const char *from)
{
	struct peer *p = call_from(from);

	if (begins(heard, "voice.lang "))
		(void)press(p, '1');
	(void)press(p, '7');
	return p;
}

static void
ask(const char *from, char window)
{
	struct peer *p = at_closed(from);

	(void)press(p, '8');
	(void)press(p, '1');
	(void)press(p, window);
	OK(begins(heard, "voice.callback.noted "), "noted");
	drop(&p);
}

static void
forget(const char *from)
{
	struct peer *p = call_from(from);

	(void)press(p, '0');
	(void)press(p, '0');
	(void)press(p, '0');
	OK(begins(heard, "voice.forgotten "), "000");
	drop(&p);
}

static void
test_asked(void)
{
	struct peer *p = at_closed(WORKER);

	OK(begins(heard, "voice.transfer.busy " OFFER),
	    "closed: it is offered");
	(void)press(p, '8');
	OK(strcmp(heard, "voice.callback.ask for.callback-when press.1 "
			 "for.callback-shared press.2 ") == 0,
	    "whose phone it is, and nothing of what it is about");
	(void)press(p, '1');
	OK(begins(heard, "voice.callback.when for.callback-morning press.1 "),
	    "when");
	EQ(count(), 0, "nothing is noted yet");
	(void)press(p, '3');
	OK(strcmp(heard, "voice.callback.noted voice.back press.0 ") == 0,
	    "it is noted");
	drop(&p);
	OK(begins(rows(3)->text,
	       "callback-noted answered ru  0;callback-when answered ru  0;"
	       "callback answered ru  0;"),
	    "each key is a row");
	EQ(rows(3)->linked, 3, "of one person");
	EQ(count(), 1, "one request");
	OK(is("state", "waiting") && is("hours", "17-21") && is("lang", "ru"),
	    "their hours, their language");
	EQ(json_integer_value(first("utc_min")), 180, "their time");
	OK(strstr(act("number"), "\"" WORKER "\"") != NULL,
	    "the number, for who calls");
	stop();
	start();
	EQ(count(), 1, "a restart changes nothing");
}

/* Whether it is still them: to the number, by the gateway of its country. */
static void
test_still(void)
{
	kit.count = 0;
	(void)act("message");
	kit_wait(&kit, 1000);
	EQ(kit.count, 0, "not at their three in the afternoon");
	kit_wait(&kit, 2 * hour_ms);
	EQ(kit.count, 1, "in the evening");
	OK(strcmp(kit_last(&kit)->to, WORKER) == 0 &&
		strstr(kit_last(&kit)->text, STILL) != NULL,
	    "whether it is still them");
	EQ(kit_say(&kit, WORKER, "1"), 0, "1");
	kit_wait(&kit, 1000);
	OK(strstr(kit_last(&kit)->text, "17-21") != NULL, "when, again");
	OK(is("state", "confirmed"), "it is them");
}

static void
test_ends(void)
{
	forget(WORKER);
	EQ(count(), 0, "000 in a call ends it");
	ask(WORKER, '4');
	EQ(count(), 1, "asked again");
	EQ(kit_say(&kit, WORKER, "стоп"), 0, "STOP");
	EQ(count(), 0, "by text ends it, too");
	ask(WORKER, '1');
	ask("+79161230021", '2');
	EQ(count(), 2, "two people");
	EQ(hotline_erase(kit.h, SV(WORKER), SV("op")), 0, "erased");
	EQ(count(), 1, "is of one");
	kit_wait(&kit, hour_ms * 24 * 7);
	EQ(count(), 0, "a week is the longest");
}

static void
test_not_offered(void)
{
	static const char *const others[] = { "unknown", "+74951234567" };
	struct peer *p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(others); i++) {
		p = at_closed(others[i]);
		OK(begins(heard, "org.") && strstr(heard, OFFER) == NULL,
		    others[i]);
		(void)press(p, '8');
		OK(begins(heard, "voice.wrong "), "nor can it be asked for");
		drop(&p);
	}
	EQ(kit_say(&kit, "+79161230022", "password kiwifruit kiwifruit"), 0,
	    "who has set a word");
	kit_wait(&kit, hour_ms);
	p = at_closed("+79161230022");
	OK(strstr(heard, OFFER) == NULL, "may have lost their phone");
	(void)press(p, '8');
	EQ(count(), 0, "nothing is noted of them");
	drop(&p);
}

/* Who says that others use the phone: nothing is sent that they could read. */
static void
test_shared(void)
{
	struct peer *p;
	int i;

	ask("+79161230026", '2');
	p = at_closed("+79161230026");
	OK(strstr(heard, "voice.sms ") != NULL, "before: by SMS");
	kit.count = 0;
	(void)press(p, '8');
	(void)press(p, '2');
	OK(begins(heard, "voice.callback.shared org.") &&
		strstr(heard, "voice.sms ") == NULL,
	    "whom to call, and not by SMS");
	(void)press(p, '5');
	OK(begins(heard, "voice.wrong ") && strstr(heard, "voice.sms") == NULL,
	    "5 is a wrong key");
	(void)press(p, '0');
	(void)press(p, '9');
	OK(begins(heard, "voice.emergency org.") &&
		strstr(heard, "voice.sms ") == NULL,
	    "danger, neither");
	for (i = 0; i < 3; i++)
		(void)press(p, '5');
	OK(begins(heard, "voice.help voice.counsellor press.7 ") &&
		strstr(heard, OFFER) == NULL,
	    "help has no call back");
	(void)press(p, '7');
	OK(begins(heard, "org.") && strstr(heard, OFFER) == NULL,
	    "nor has the list of counsellors");
	(void)press(p, '8');
	OK(begins(heard, "voice.wrong "), "nor can it be asked for");
	for (i = 0; i < 2; i++)
		(void)wait_out(p);
	OK(begins(heard, "voice.help "), "silence: help");
	OK(strcmp(wait_out(p), "HANGUP") == 0 &&
		strcmp(heard, "voice.bye ") == 0,
	    "then the end, without the menu by SMS");
	drop(&p);
	EQ(kit.count, 0, "no text was sent");
	EQ(count(), 0, "nobody calls, whatever was asked before");
	p = at_closed("+79161230026");
	OK(strstr(heard, OFFER) != NULL && strstr(heard, "voice.sms ") != NULL,
	    "the next call asks anew");
	drop(&p);
}

static void
test_full_disk(void)
{
	struct peer *p = at_closed("+79161230023");

	(void)press(p, '8');
	(void)press(p, '1');
	disk_full = true;
	OK(strcmp(press(p, '4'), "HANGUP") == 0 &&
		begins(heard, "voice.sorry "),
	    "no promise that the disk has not");
	disk_full = false;
	EQ(count(), 0, "and no request");
	drop(&p);
	kit_wait(&kit, 2000);
}

static void
test_no_room(void)
{
	struct peer *p;

	ask("+79161230024", '4');
	stop();
	kit_set(&kit, "most: 500", "most: 1");
	start();
	p = at_closed("+79161230025");
	OK(strstr(heard, OFFER) == NULL, "no room for others");
	drop(&p);
	p = at_closed("+79161230024");
	OK(strstr(heard, OFFER) != NULL, "but for who is in it");
	drop(&p);
	stop();
	kit_set(&kit, "number: \"+996312000000\"", "number: \"\"");
	start();
	p = at_closed("+79161230025");
	OK(strstr(heard, OFFER) == NULL, "nor where nobody calls");
	drop(&p);
}

int
main(int argc, char **argv)
{
	(void)argc;
	prepare(argv[0]);
	kit_set(&kit, "number: \"\"", "number: \"+996312000000\"");
	start();
	test_asked();
	test_still();
	test_ends();
	test_not_offered();
	test_shared();
	test_full_disk();
	test_no_room();
	stop();
	json_decref(all);
	kit_end(&kit);
	return tap_done();
}
