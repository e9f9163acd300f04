/* test_voice.c - calls key by key: what is heard, and what it leads to. */
#include "menus/voice.h"

#include <stdlib.h>

#include "tests/tap.h"

enum {
	ARENA_BLOCK = 65536,
	ARENA_MAX = 4 << 20,
	RANDOM_KEYS = 4000,
};
static const int64_t now_ms = INT64_C(20000) * 86400000;

static struct edition *edition;
static struct arena *arena;

/* Somebody on the line. */
struct caller {
	struct menu_session session;
	struct voice_state state;
	struct voice_input in;
	struct menu_result result;
	struct voice_said said;
};

static void
happens(struct caller *c, char event)
{
	arena_reset(arena);
	c->in.event = event;
	c->in.session = &c->session;
	voice_step(edition, &c->state, &c->in, arena, &c->result, &c->said);
	c->session = c->result.next;
}

/* All keys, one after another, with time between them. */
static void
press(struct caller *c, const char *keys)
{
	for (; *keys != '\0'; keys++) {
		c->in.now_ms += 5000;
		happens(c, *keys);
	}
}

static struct caller
calls(const char *country, const char *line)
{
	struct caller c = { .session = menu_session_new(),
		.in = { .country = country,
		    .line = line,
		    .sms = true,
		    .message = true,
		    .now_ms = now_ms } };

	happens(&c, VOICE_BEGIN);
	return c;
}

static bool
heard(const struct caller *c, const char *lines)
{
	return memmem(c->said.lines, c->said.n, lines, strlen(lines)) != NULL;
}

static bool
begins(const struct caller *c, const char *lines)
{
	size_t n = strlen(lines);

	return c->said.n >= n && memcmp(c->said.lines, lines, n) == 0;
}

static bool
at(const struct caller *c, const char *node)
{
	return c->result.node != NODE_NONE &&
	       strcmp(tree_at(edition->tree, c->result.node)->id, node) == 0;
}

static bool
in_town(const struct caller *c, const char *place)
{
	return c->session.place ==
	       places_find(edition->content.places, sv_of(place));
}

static void
test_languages(void)
{
	struct caller c = calls("ru", "ru");

	OK(begins(&c, "ru voice.lang\nuz voice.lang\ntg voice.lang\n"),
	    "from Russia: Russian, Uzbek, Tajik first");
	EQ(c.said.act, VOICE_ASK, "and a key is waited for");
	OK(at(&c, "language"), "it is the language menu");
	c = calls("kg", "ru");
	OK(begins(&c, "ky voice.lang\nru voice.lang\n"),
	    "from Kyrgyzstan to Russia: Kyrgyz, Russian first");
	c = calls("", "tj");
	OK(begins(&c, "tg voice.lang\nru voice.lang\n"),
	    "number withheld: as the line is");
	press(&c, "4");
	EQ(c.session.lang, LANG_UZ, "4 is Uzbek for everybody");
	EQ(c.session.chosen, 1, "and is remembered");
	OK(begins(&c, "uz for.emergency\nuz press.9\nuz for.planning\n"
		      "uz press.1\n"),
	    "the menu follows in it, danger first");
	happens(&c, VOICE_BEGIN);
	OK(begins(&c, "uz for.emergency\n"), "the next call begins there");
}

static void
test_wages_in_moscow(void)
{
	struct caller c = calls("ru", "ru");

	press(&c, "12");
	OK(at(&c, "abroad") && heard(&c, "ru for.wages\nru press.3\n"),
	    "the second menu");
	press(&c, "3");
	OK(begins(&c, "ru voice.place\nru place.ru-moscow\nru press.1\n"),
	    "where: Moscow first");
	OK(heard(&c, "ru voice.place.other\nru press.8\n"), "or elsewhere");
	EQ(c.result.outcome, OUTCOME_ASKED_BACK, "this is asking back");
	EQ(c.result.listing_count, 0, "nobody is named yet");
	press(&c, "1");
	OK(in_town(&c, "ru-moscow") && at(&c, "wages"), "the fourth key");
	EQ(c.result.listing_count, 1, "one helper is named");
	OK(begins(&c, "ru org."), "their name first");
	OK(heard(&c, "ru voice.number\n"), "the number");
	OK(heard(&c, "ru voice.number.again\n"), "and again");
	OK(heard(&c, "ru voice.sms\nru press.5\n"), "it can be had by SMS");
	OK(c.result.text.n > 0, "there is a text for that");
}

static void
test_listing_keys(void)
{
	struct caller c = calls("ru", "ru");
	char first[sizeof(c.said.lines)];

	press(&c, "1231");
	memcpy(first, c.said.lines, sizeof(first));
	press(&c, "*");
	OK(strcmp(first, c.said.lines) == 0, "*: the same again");
	press(&c, "5");
	OK(c.said.sms && begins(&c, "ru voice.sms.done\n"), "5: by SMS");
	EQ(c.result.text.n, 0, "the text is the one of before");
	press(&c, "1");
	OK(strcmp(first, c.said.lines) != 0 && at(&c, "wages"),
	    "1: another one");
	press(&c, "3");
	OK(begins(&c, "ru voice.wrong\nru org."), "3 means nothing");
	EQ(c.result.outcome, OUTCOME_NO_MATCH, "and is written so");
	press(&c, "2");
	OK(begins(&c, "ru voice.place\n"), "2: another place");
	press(&c, "8");
	OK(begins(&c, "ru voice.country\nru place.ru\nru press.1\n"),
	    "8: which country");
	press(&c, "1");
	OK(in_town(&c, "ru") && begins(&c, "ru org."), "all of it");
	press(&c, "0");
	OK(at(&c, "abroad"), "0: back");
	press(&c, "9");
	OK(begins(&c, "ru voice.emergency\nru org."), "9: danger, at once");
	press(&c, "#");
	OK(begins(&c, "ru voice.bye\n") && c.said.act == VOICE_END, "#: end");
}

static void
test_find(void)
{
	struct caller c = calls("tj", "tj");

	press(&c, "36");
	OK(begins(&c, "tg voice.place\ntg place.tj-"), "help nearby: where?");
	press(&c, "1");
	OK(at(&c, "everyone") && begins(&c, "tg org."), "and goes on");
	press(&c, "023");
	OK(!heard(&c, "voice.place\n"), "who has said it is not asked again");
	c = calls("kg", "kg");
	press(&c, "26");
	OK(at(&c, "everyone") && in_town(&c, "kg") && begins(&c, "ky org."),
	    "where no town makes a difference nobody is asked");
}

static void
test_withheld(void)
{
	struct caller c = calls("ru", "ru");

	c.in.sms = false;
	c.in.withheld = true;
	press(&c, "1231");
	OK(!heard(&c, "voice.sms"), "no SMS is offered");
	press(&c, "5");
	OK(!c.said.sms && begins(&c, "ru voice.sms.cannot\n"), "nor sent");
	press(&c, "6");
	OK(begins(&c, "ru voice.message.number\n") &&
		c.said.act == VOICE_RECORD,
	    "a message: they are asked for a number");
	happens(&c, VOICE_RECORDED);
	OK(begins(&c, "ru voice.message.done\n") && c.said.act == VOICE_ASK,
	    "kept");
	c.in.message = false;
	press(&c, "6");
	OK(begins(&c, "ru voice.wrong\n"), "nobody could hear messages");
}

static void
test_counsellor(void)
{
	struct caller c = calls("ru", "ru");

	press(&c, "17");
	OK(at(&c, "counsellor") && c.said.act == VOICE_ASK,
	    "nobody is there: hotlines");
	c.in.counsellors = 1u << LANG_RU;
	press(&c, "07");
	OK(c.said.act == VOICE_TRANSFER && begins(&c, "ru voice.transfer\n"),
	    "put through");
	happens(&c, VOICE_BUSY);
	OK(c.said.act == VOICE_ASK &&
		begins(&c, "ru voice.transfer.busy\nru voice.message\n"
			   "ru press.6\n- 1500\nru org."),
	    "busy: a message, or hotlines");
	press(&c, "1");
	OK(c.said.act == VOICE_ASK && begins(&c, "ru org."),
	    "the next hotline is not another try");
	happens(&c, VOICE_TALKED);
	EQ(c.said.act, VOICE_END, "after the talk the call ends");
	c = calls("kg", "kg");
	c.in.counsellors = 1u << LANG_RU;
	press(&c, "27");
	EQ(c.said.act, VOICE_ASK, "not one who speaks another language");
}

/* Where nobody can talk now. */
static struct caller
closed(void)
{
	struct caller c = calls("ru", "ru");

	c.in.calls = true;
	press(&c, "17");
	return c;
}

static void
test_call_back(void)
{
	struct caller c = closed();

	OK(at(&c, "counsellor") &&
		begins(&c, "ru voice.transfer.busy\nru voice.callback\n"
			   "ru press.8\nru voice.message\nru press.6\n"
			   "- 1500\nru org."),
	    "closed: a call back, or a message, or hotlines");
	press(&c, "8");
	OK(at(&c, "callback") && c.result.effects == 0 &&
		begins(&c, "ru voice.callback.ask\n"
			   "ru for.callback-when\nru press.1\n"
			   "ru for.callback-shared\nru press.2\n"),
	    "8: whose phone it is");
	press(&c, "*1");
	OK(at(&c, "callback-when") && c.result.effects == 0 &&
		begins(&c, "ru voice.callback.when\n"
			   "ru for.callback-morning\nru press.1\n") &&
		heard(&c, "ru for.callback-any\nru press.4\n"),
	    "theirs alone: when");
	press(&c, "7");
	OK(at(&c, "callback-when") && c.result.effects == 0 &&
		begins(&c, "ru voice.wrong\nru voice.callback.when\n"),
	    "7 is none of their hours");
	press(&c, "3");
	OK(c.result.effects == EFFECT_CALL && c.result.window == WINDOW_EVENING,
	    "3: noted, for the evening");
	OK(begins(&c, "ru voice.callback.noted\nru voice.back\n"
		      "ru press.0\n") &&
		c.said.act == VOICE_ASK,
	    "and they hear so");
	press(&c, "*");
	OK(begins(&c, "ru voice.callback.noted\n") && c.result.effects == 0,
	    "again, but it is noted once");
	press(&c, "0");
	OK(at(&c, "main") && c.result.effects == 0, "0: back to the menu");
}

static void
test_call_back_not(void)
{
	struct caller c = closed();

	press(&c, "82");
	OK(at(&c, "callback-shared") && c.result.effects == EFFECT_GONE &&
		begins(&c, "ru voice.callback.shared\nru org.") &&
		heard(&c, "ru voice.number\n"),
	    "others use the phone: no call, a number instead");
	OK(!heard(&c, "voice.callback\n"), "nor is it offered again");
	OK(!heard(&c, "voice.sms\n"), "no SMS, which others could read");
	press(&c, "5");
	OK(!c.said.sms && begins(&c, "ru voice.wrong\n"), "nor is there one");
	press(&c, "078");
	OK(at(&c, "counsellor") && begins(&c, "ru voice.wrong\n") &&
		!heard(&c, "voice.callback\n") && !heard(&c, "voice.sms\n"),
	    "nor a call or an SMS anywhere else in the call");
	c = closed();
	press(&c, "80");
	OK(at(&c, "main") && c.result.effects == 0, "0 is no yes");
	c = closed();
	press(&c, "81#");
	OK(c.result.effects == 0 && c.said.act == VOICE_END, "nor is #");
	c = closed();
	press(&c, "819");
	OK(at(&c, "emergency") && c.result.effects == 0, "nor is danger");
	c = closed();
	press(&c, "81");
	happens(&c, VOICE_SILENCE);
	OK(at(&c, "callback-when") && c.result.effects == 0, "nor silence");
	c = closed();
	c.in.calls = false;
	press(&c, "*");
	OK(!heard(&c, "voice.callback"), "not where nobody can call them");
	press(&c, "8");
	OK(begins(&c, "ru voice.wrong\n") && at(&c, "counsellor"),
	    "then 8 is nothing");
	c.in.message = false;
	press(&c, "07");
	OK(begins(&c, "ru org."), "nor a message: hotlines at once");
}

/* In every language: nothing that is asked has a name of what it is about. */
static void
test_call_back_langs(void)
{
	static const char digits[] = "123467";
	struct caller c;
	size_t i;

	for (i = 0; i < sizeof(digits) - 1; i++) {
		c = calls("ru", "ru");
		c.in.calls = true;
		happens(&c, digits[i]);
		press(&c, "7814");
		OK(c.result.effects == EFFECT_CALL &&
			c.result.window == WINDOW_ANY &&
			c.result.lang == (enum lang)(digits[i] - '1') &&
			heard(&c, "voice.callback.noted\n"),
		    lang_code(c.result.lang));
	}
}

static void
test_tries_other(void)
{
	struct caller c = calls("ru", "ru");

	c.in.calls = true;
	press(&c, "1");
	happens(&c, VOICE_SILENCE);
	happens(&c, VOICE_SILENCE);
	happens(&c, VOICE_SILENCE);
	OK(begins(&c, "ru voice.help\nru voice.counsellor\nru press.7\n"
		      "ru voice.callback\nru press.8\n"
		      "ru voice.message\nru press.6\n"),
	    "three times: a counsellor, a call back, a message");
	press(&c, "8");
	OK(at(&c, "callback"), "8 is the call then, not another language");
	c = calls("ru", "ru");
	press(&c, "1");
	happens(&c, VOICE_SILENCE);
	happens(&c, VOICE_SILENCE);
	happens(&c, VOICE_SILENCE);
	OK(!heard(&c, "voice.callback"), "no call where none can be made");
	press(&c, "6");
	OK(begins(&c, "ru voice.message.how\n") && c.said.act == VOICE_RECORD,
	    "6 a message, not help nearby");
	happens(&c, VOICE_RECORDED);
	OK(begins(&c, "ru voice.message.done\nru for.emergency\n"),
	    "then the menu goes on");
	press(&c, "8");
	OK(at(&c, "language"), "by its own keys");
}

static void
test_tries(void)
{
	struct caller c = calls("ru", "ru");

	press(&c, "1");
	happens(&c, VOICE_SILENCE);
	OK(begins(&c, "ru for.emergency\n"), "silent: the same again");
	happens(&c, VOICE_SILENCE);
	happens(&c, VOICE_SILENCE);
	OK(begins(&c, "ru voice.help\nru voice.counsellor\nru press.7\n"),
	    "three times: a counsellor");
	happens(&c, VOICE_SILENCE);
	OK(begins(&c, "ru voice.sms\nru press.5\n"), "then SMS");
	happens(&c, VOICE_SILENCE);
	OK(begins(&c, "ru voice.bye\n") && c.said.act == VOICE_END,
	    "then the end");
	c = calls("ru", "ru");
	press(&c, "1");
	happens(&c, VOICE_SILENCE);
	press(&c, "2");
	happens(&c, VOICE_SILENCE);
	happens(&c, VOICE_SILENCE);
	OK(begins(&c, "ru for."), "a good key begins the count anew");
	happens(&c, VOICE_SILENCE);
	happens(&c, VOICE_SILENCE);
	press(&c, "5");
	OK(c.said.sms && c.result.text.n > 0 && c.said.act == VOICE_END,
	    "5 then is the menu by SMS");
	c = calls("ru", "ru");
	press(&c, "888");
	happens(&c, VOICE_SILENCE);
	c.in.sms = false;
	press(&c, "5");
	OK(begins(&c, "ru voice.sms.cannot\nru voice.bye\n") && !c.said.sms,
	    "nobody hears that it was sent when it cannot be");
	c = calls("ru", "ru");
	c.in.sms = false;
	press(&c, "888");
	OK(begins(&c, "ru voice.help\n"), "three wrong keys are the same");
	happens(&c, VOICE_SILENCE);
	EQ(c.said.act, VOICE_END, "without SMS that is the end");
}

static void
test_forget(void)
{
	struct caller c = calls("ru", "ru");

	press(&c, "12000");
	OK(at(&c, "main") && c.result.effects == 0, "slow: back, back, back");
	press(&c, "2");
	happens(&c, '0');
	happens(&c, '0');
	EQ(c.result.effects, 0, "two");
	happens(&c, '0');
	EQ(c.result.effects, EFFECT_FORGET, "000 erases");
	EQ(c.session.lang, LANG_NONE, "nothing is known");
	OK(begins(&c, "ru voice.forgotten\nru voice.bye\n") &&
		c.said.act == VOICE_END,
	    "and the call ends, in their language");
}

static void
test_missed(void)
{
	struct caller c = calls("tj", "tj");

	happens(&c, VOICE_MISSED);
	OK(c.said.sms && c.result.text.n > 0 && at(&c, "main"),
	    "the menu, by SMS");
	EQ(c.result.lang, LANG_TG, "in the language of their country");
	EQ(c.said.act, VOICE_END, "and nothing else");
}

static unsigned
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Whatever is pressed, something is said, and all of it fits. */
static void
test_random(void)
{
	static const char keys[] = "0123456789*#123456srent";
	struct caller c = calls("ru", "kz");
	uint32_t seed = 7;
	int i, bad = 0, unasked = 0;

	c.in.counsellors = 1u << LANG_KY;
	for (i = 0; i < RANDOM_KEYS; i++) {
		c.in.calls = i % 3 != 0;
		happens(&c, keys[next_random(&seed) % (sizeof(keys) - 1)]);
		c.in.now_ms += next_random(&seed) % 3000;
		unasked += (c.result.effects & EFFECT_CALL) != 0 &&
			   !heard(&c, "voice.callback.noted\n");
		bad += c.said.n == 0 || c.said.n + 100 > VOICE_SAID_MAX ||
		       c.said.lines[c.said.n - 1] != '\n' ||
		       c.result.lang >= LANG_COUNT;
		if (c.said.act == VOICE_END)
			c = calls(i % 2 == 0 ? "uz" : "", "ru");
	}
	EQ(bad, 0, "thousands of keys, anywhere");
	EQ(unasked, 0, "nobody is called who does not hear so");
}

static void
test_sorry(void)
{
	struct voice_said said;

	voice_say_sorry(LANG_UZ_CYRL, &said);
	OK(strcmp(said.lines, "uz voice.sorry\n") == 0 && said.act == VOICE_END,
	    "both forms of Uzbek sound the same");
}

int
main(void)
{
	struct diag d = { "" };

	if (edition_load(".", 0, &edition, &d) < 0) {
		printf("Bail out! %s\n", d.text);
		return 1;
	}
	arena = arena_new(ARENA_BLOCK, ARENA_MAX);
	test_languages();
	test_wages_in_moscow();
	test_listing_keys();
	test_find();
	test_withheld();
	test_counsellor();
	test_call_back();
	test_call_back_not();
	test_call_back_langs();
	test_tries();
	test_tries_other();
	test_forget();
	test_missed();
	test_random();
	test_sorry();
	arena_free(&arena);
	edition_free(&edition);
	return tap_done();
}
