/* test_web_simulator.c - the phone of the console: says what a real one would.
 */
#include "daemon/web/simulator.h"

#include <stdlib.h>

#include "menus/step.h"
#include "tests/tap.h"

enum {
	ARENA_BLOCK = 65536,
	ARENA_MAX = 4 << 20,
	RANDOM_TURNS = 600,
};
static const int64_t now_ms = INT64_C(20000) * 86400000;

static struct edition *edition;
static struct arena *arena;

/* What is remembered between the turns of a phone in the page. */
struct phone {
	const char *channel, *country, *lang;
	json_t *state;
	int64_t now_ms;
	const char *wrong;
};

/* The reply, or NULL; the phone keeps its state. */
static json_t *
says(struct phone *p, const char *what)
{
	const struct simulator s = { .edition = edition,
		.line = "kg",
		.counsellors = true,
		.messages = true,
		.now_ms = p->now_ms };
	json_t *ask = json_pack("{s:s, s:s, s:s?, s:O?, s:s}", "channel",
	    p->channel, "number_country", p->country, "lang", p->lang, "state",
	    p->state, "say", what);
	json_t *reply;

	arena_reset(arena);
	p->now_ms += 5000;
	reply = simulator_turn(&s, ask, arena, &p->wrong);
	json_decref(ask);
	if (reply != NULL) {
		json_decref(p->state);
		p->state = json_deep_copy(json_object_get(reply, "state"));
	}
	return reply;
}

static struct phone
phone_of(const char *channel, const char *country)
{
	return (struct phone){
		.channel = channel, .country = country, .now_ms = now_ms
	};
}

static const char *
reply_text(const json_t *reply)
{
	const char *text = json_string_value(json_object_get(
	    json_array_get(json_object_get(reply, "replies"), 0), "text"));

	return text != NULL ? text : "";
}

/* The text of the prompt with this id; NULL: not heard. */
static const char *
heard(const json_t *reply, const char *id)
{
	const json_t *prompts = json_object_get(reply, "prompts");
	size_t i;

	for (i = 0; i < json_array_size(prompts); i++) {
		const json_t *p = json_array_get(prompts, i);
		const char *is = json_string_value(json_object_get(p, "id"));

		if (is != NULL && strcmp(is, id) == 0)
			return json_string_value(json_object_get(p, "text"));
	}
	return NULL;
}

static void
test_texts(void)
{
	static const char *const talk[] = { "меню", "5", "Москва", "ещё", "0",
		"жардам", "LAT", "help", "" };
	struct menu_session session = menu_session_new();
	struct phone p = phone_of("sms", "kg");
	unsigned same = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(talk); i++) {
		struct menu_result r;
		const struct menu_input in = { .text = sv_of(talk[i]),
			.channel = CHANNEL_SMS,
			.country = "kg",
			.now_ms = p.now_ms };
		json_t *reply = says(&p, talk[i]);

		menu_step(edition, &session, &in, arena, &r);
		session = r.next;
		same +=
		    reply != NULL && sv_eq(sv_of(reply_text(reply)), r.text);
		json_decref(reply);
	}
	EQ(same, ARRAY_LEN(talk), "answers as the menu itself");
	json_decref(p.state);
}

static void
test_size(void)
{
	struct phone p = phone_of("sms", "ru");
	json_t *reply = says(&p, "меню");
	const json_t *one =
	    json_array_get(json_object_get(reply, "replies"), 0);

	OK(strcmp(json_string_value(json_object_get(one, "encoding")),
	       "ucs2") == 0,
	    "says the alphabet");
	OK(json_integer_value(json_object_get(one, "parts")) > 0,
	    "says the parts");
	json_decref(reply);
	p.lang = "en";
	reply = says(&p, "меню");
	OK(strcmp(json_string_value(json_object_get(reply, "lang")), "en") == 0,
	    "the language can be chosen");
	json_decref(reply);
	json_decref(p.state);
}

static void
test_call(void)
{
	struct phone p = phone_of("voice", "kg");
	json_t *reply = says(&p, "begin");
	const char *text = heard(reply, "ru.voice.lang");

	OK(text != NULL && text[0] != '\0', "a call begins with the languages");
	json_decref(reply);
	reply = says(&p, "1");
	OK(heard(reply, "ru.press.1") != NULL, "key 1 is Russian: its menu");
	json_decref(reply);
	reply = says(&p, "9");
	OK(heard(reply, "ru.voice.emergency") != NULL, "key 9 is danger");
	json_decref(reply);
	reply = says(&p, "5");
	OK(reply_text(reply)[0] != '\0', "key 5 sends the text of it");
	json_decref(reply);
	reply = says(&p, "6");
	OK(strcmp(json_string_value(json_object_get(reply, "act")), "record") ==
		0,
	    "key 6 records");
	json_decref(reply);
	reply = says(&p, "recorded");
	OK(heard(reply, "ru.voice.message.done") != NULL, "and says so");
	json_decref(reply);
	reply = says(&p, "#");
	OK(json_is_true(json_object_get(reply, "end")), "# ends the call");
	json_decref(reply);
	json_decref(p.state);
}

static void
test_new_edition(void)
{
	struct phone p = phone_of("sms", "kg");
	int64_t number = edition->number;
	json_t *reply;

	p.lang = "en";
	json_decref(says(&p, "меню"));
	p.lang = NULL;
	edition->number = number + 1;
	reply = says(&p, "1");
	edition->number = number;
	OK(json_is_true(json_object_get(reply, "restarted")),
	    "a new edition begins again");
	OK(strcmp(json_string_value(json_object_get(reply, "lang")), "en") == 0,
	    "in the language of before");
	json_decref(reply);
	p.channel = "voice";
	reply = says(&p, "#");
	OK(heard(reply, "en.press.1") != NULL, "a call is answered again");
	json_decref(reply);
	json_decref(p.state);
}

static void
test_wrong(void)
{
	static const struct {
		const char *channel, *country, *lang, *say, *wrong;
	} cases[] = {
		{ "fax", "kg", NULL, "1", "channel" },
		{ "sms", "Kyrgyzstan", NULL, "1", "number_country" },
		{ "sms", "kg", "xx", "1", "lang" },
		{ "voice", "kg", NULL, "11", "say" },
		{ "voice", "kg", NULL, "", "say" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct phone p = phone_of(cases[i].channel, cases[i].country);
		json_t *reply;

		p.lang = cases[i].lang;
		reply = says(&p, cases[i].say);
		OK(reply == NULL && strcmp(p.wrong, cases[i].wrong) == 0,
		    cases[i].wrong);
		json_decref(reply);
	}
}

/* A number somewhere in it becomes another one. */
static void
spoil(json_t *value)
{
	const char *key;
	json_t *one;
	size_t i;

	if (json_is_integer(value))
		(void)json_integer_set(value,
		    random() % 4 == 0 ? random() % 70000 - 10 : random() % 9);
	json_object_foreach(value, key, one) if (random() % 4 == 0) spoil(one);
	json_array_foreach(value, i, one) if (random() % 2 == 0) spoil(one);
}

/* Under sanitizers: no state whatever leads out of the edition. */
static void
test_any_state(void)
{
	static const char *const said[] = { "0", "1", "2", "3", "4", "5", "6",
		"7", "8", "9", "*", "silence", "busy", "recorded", "empty" };
	struct phone p = phone_of("voice", "tj");
	unsigned taken = 0, refused = 0;
	int i;

	srandom(7);
	for (i = 0; i < RANDOM_TURNS; i++) {
		json_t *reply =
		    says(&p, said[(size_t)random() % ARRAY_LEN(said)]);

		taken += reply != NULL;
		refused += reply == NULL && strcmp(p.wrong, "state") == 0;
		if (reply == NULL) {
			json_decref(p.state);
			p.state = NULL;
		}
		json_decref(reply);
		p.channel = random() % 3 == 0 ? "sms" : "voice";
		spoil(p.state);
	}
	EQ(taken + refused, RANDOM_TURNS, "any state is answered or refused");
	OK(taken > 0 && refused > 0, "some are, some are");
	json_decref(p.state);
}

int
main(void)
{
	struct diag why = { "" };

	if (edition_load(".", 7, &edition, &why) < 0) {
		printf("Bail out! %s\n", why.text);
		return 1;
	}
	arena = arena_new(ARENA_BLOCK, ARENA_MAX);
	test_texts();
	test_size();
	test_call();
	test_new_edition();
	test_wrong();
	test_any_state();
	arena_free(&arena);
	edition_free(&edition);
	return tap_done();
}
