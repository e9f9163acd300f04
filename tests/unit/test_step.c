/* Conversations by script, and 2,000 random ones that must never break. */
#include "menus/step.h"

#include <stdlib.h>

#include "menus/render.h"
#include "tests/tap.h"
#include "tests/unit/edition_copy.h"

enum {
	NOW_DAYS = 20000,
	RANDOM_TURNS = 2000,
	WORDS_MAX = 8192,
	ARENA_BLOCK = 65536,
	ARENA_MAX = 4194304,
};

static struct edition *edition;
static struct arena *arena;

static struct menu_input
input_of(struct sv text, const char *country)
{
	return (struct menu_input){
		.text = text,
		.country = country,
		.now_ms = (int64_t)NOW_DAYS * 86400000,
	};
}

static void
turn(struct menu_session *s, const char *country, const char *text,
    struct menu_result *ret_result)
{
	struct menu_input in = input_of(sv_of(text), country);

	menu_step(edition, s, &in, arena, ret_result);
	*s = ret_result->next;
}

static bool
begins(struct sv text, enum lang lang, const char *id)
{
	struct renderer r = { .e = edition, .lang = lang, .arena = arena };
	struct sv want = render_text(&r, id);

	return want.n > 0 && text.n >= want.n &&
	       memcmp(text.p, want.p, want.n) == 0;
}

static bool
has(struct sv text, const char *part)
{
	return text.n > 0 && memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* What somebody gets who picks this topic there; place: an id, or "". */
static void
pick_topic(struct menu_session *s, const char *topic, const char *place,
    const char *country, struct menu_result *ret_result)
{
	s->place = places_find(edition->content.places, sv_of(place));
	s->choices[0] = topics_find(edition->content.topics, sv_of(topic));
	s->choice_count = 1;
	turn(s, country, "1", ret_result);
}

static struct menu_session
session_in(enum lang lang)
{
	struct menu_session s = menu_session_new();

	s.lang = (uint8_t)lang;
	s.chosen = 1;
	return s;
}

static const char *
node_id(uint16_t node)
{
	return node == NODE_NONE ? "" : tree_at(edition->tree, node)->id;
}

/* One line of a script; a line with a name begins a new person. */
static const struct {
	const char *name;
	const char *country;
	const char *text;
	const char *node;
	enum menu_outcome outcome;
	enum lang lang;
	const char *begins; /* text id, or NULL */
} script[] = {
	{ "a stranger says nothing we know", "kg", "\xd1\x8a\xd1\x8a\xd1\x8a",
	    "main", OUTCOME_NO_MATCH, LANG_KY, "main.head" },
	{ NULL, "kg", "\xd1\x8a\xd1\x8a\xd1\x8a", "main", OUTCOME_NO_MATCH,
	    LANG_KY, "nomatch.head" },

	{ "an empty text", "tj", "", "main", OUTCOME_NO_MATCH, LANG_TG,
	    "main.head" },
	{ "bytes that are no text", "uz", "\xff\xfe\xc0", "main",
	    OUTCOME_NO_MATCH, LANG_UZ, "main.head" },
	{ "somebody from elsewhere", "de", "", "main", OUTCOME_NO_MATCH,
	    LANG_EN, "main.head" },

	{ "digits walk down and back", "ru", "1", "planning", OUTCOME_ANSWERED,
	    LANG_RU, "planning.head" },
	{ NULL, "ru", "3", "courses", OUTCOME_ANSWERED, LANG_RU, NULL },
	{ NULL, "ru", "0", "planning", OUTCOME_ANSWERED, LANG_RU,
	    "planning.head" },
	{ NULL, "ru", "0", "main", OUTCOME_ANSWERED, LANG_RU, "main.head" },
	{ NULL, "ru", "0", "main", OUTCOME_ANSWERED, LANG_RU, "main.head" },

	{ "9 is danger everywhere", "ru", "9", "emergency", OUTCOME_ANSWERED,
	    LANG_RU, "emergency.head" },
	{ NULL, "ru", "0", "main", OUTCOME_ANSWERED, LANG_RU, "main.head" },
	{ NULL, "ru", "8", "language", OUTCOME_ANSWERED, LANG_RU,
	    "language.head" },
	{ NULL, "ru", "9", "emergency", OUTCOME_ANSWERED, LANG_RU,
	    "emergency.head" },
	{ NULL, "ru", "9", "emergency", OUTCOME_ANSWERED, LANG_RU,
	    "emergency.head" },

	{ "7 under a list is a person", "ru", "5", "rights", OUTCOME_ANSWERED,
	    LANG_RU, "rights.head" },
	{ NULL, "ru", "6", "consulate", OUTCOME_ANSWERED, LANG_RU,
	    "consulate.head" },
	{ NULL, "ru", "7", "counsellor", OUTCOME_ANSWERED, LANG_RU,
	    "counsellor.head" },
	{ NULL, "ru", "0", "rights", OUTCOME_ANSWERED, LANG_RU, "rights.head" },
	{ NULL, "ru", "7", "documents", OUTCOME_ANSWERED, LANG_RU,
	    "documents.head" },

	{ "a digit that means nothing", "kz", "3", "returned", OUTCOME_ANSWERED,
	    LANG_KK, "returned.head" },
	{ NULL, "kz", "8", "returned", OUTCOME_NO_MATCH, LANG_KK,
	    "nomatch.head" },
	{ NULL, "kz", "4", "legal", OUTCOME_ANSWERED, LANG_KK, "legal.head" },
	{ NULL, "kz", "5", "returned", OUTCOME_NO_MATCH, LANG_KK,
	    "nomatch.head" },

	{ "a language by its digit is kept", "kg", "8", "language",
	    OUTCOME_ANSWERED, LANG_KY, "language.head" },
	{ NULL, "kg", "8", "language", OUTCOME_NO_MATCH, LANG_KY,
	    "language.head" },
	{ NULL, "kg", "7", "main", OUTCOME_ANSWERED, LANG_EN, "language.done" },
	{ NULL, "kg", "юрист", "legal", OUTCOME_ANSWERED, LANG_EN,
	    "legal.head" },

	{ "a topic at once, then its place", "kg", "где найти юриста", "legal",
	    OUTCOME_ANSWERED, LANG_RU, "legal.head" },
	{ NULL, "kg", "Москва", "legal", OUTCOME_ANSWERED, LANG_RU,
	    "legal.head" },

	{ "a place first, then what is needed", "ru", "Москва", "main",
	    OUTCOME_ASKED_BACK, LANG_RU, "topic.ask" },
	{ NULL, "ru", "юрист", "legal", OUTCOME_ANSWERED, LANG_RU,
	    "legal.head" },

	{ "help near me", "ru", "6", "find", OUTCOME_ANSWERED, LANG_RU,
	    "find.ask" },
	{ NULL, "ru", "\xd1\x8a\xd1\x8a\xd1\x8a", "find", OUTCOME_NO_MATCH,
	    LANG_RU, "place.unknown" },
	{ NULL, "ru", "5", "find", OUTCOME_NO_MATCH, LANG_RU, "place.unknown" },
	{ NULL, "ru", "Москва", "everyone", OUTCOME_ANSWERED, LANG_RU,
	    "everyone.head" },
	{ NULL, "ru", "0", "main", OUTCOME_ANSWERED, LANG_RU, "main.head" },
	{ NULL, "ru", "6", "everyone", OUTCOME_ANSWERED, LANG_RU,
	    "everyone.head" },

	{ "words instead of digits", "ru", "меню", "main", OUTCOME_ANSWERED,
	    LANG_RU, "main.head" },
	{ NULL, "ru", "помощь", "main", OUTCOME_ANSWERED, LANG_RU,
	    "main.head" },
	{ NULL, "ru", "стоп", "main", OUTCOME_ANSWERED, LANG_RU, "stop.done" },
	{ NULL, "ru", "2", "abroad", OUTCOME_ANSWERED, LANG_RU, "abroad.head" },
	{ NULL, "ru", "назад", "main", OUTCOME_ANSWERED, LANG_RU, "main.head" },
	{ NULL, "ru", "ещё", "main", OUTCOME_ANSWERED, LANG_RU, "main.head" },
	{ NULL, "ru", "язык", "language", OUTCOME_ANSWERED, LANG_RU,
	    "language.head" },
	{ NULL, "ru", "меню", "main", OUTCOME_ANSWERED, LANG_RU, "main.head" },

	{ "more before anything", "ru", "ещё", "main", OUTCOME_ANSWERED,
	    LANG_RU, "main.head" },

	{ "the word for help is in a language", "kg", "ПОМОЩЬ", "main",
	    OUTCOME_ANSWERED, LANG_RU, "main.head" },
	{ NULL, "kg", "ЁРӢ", "main", OUTCOME_ANSWERED, LANG_TG, "main.head" },
	{ NULL, "kg", "КӨМЕК", "main", OUTCOME_ANSWERED, LANG_KK, "main.head" },
	{ NULL, "ru", "ЖАРДАМ", "main", OUTCOME_ANSWERED, LANG_KY,
	    "main.head" },
	{ "help in Uzbekistan", "uz", "YORDAM", "main", OUTCOME_ANSWERED,
	    LANG_UZ, "main.head" },
	{ NULL, "uz", "ЁРДАМ", "main", OUTCOME_ANSWERED, LANG_UZ_CYRL,
	    "main.head" },
	{ "help from elsewhere", "de", "HELP", "main", OUTCOME_ANSWERED,
	    LANG_EN, "main.head" },

	{ "an Uzbek number, letters of no word", "uz", "ъъъ", "main",
	    OUTCOME_NO_MATCH, LANG_UZ_CYRL, "main.head" },
	{ NULL, "uz", "1", "planning", OUTCOME_ANSWERED, LANG_UZ_CYRL,
	    "planning.head" },
	{ NULL, "uz", "oyligimni bermayapti", "wages", OUTCOME_ANSWERED,
	    LANG_UZ, NULL },
	{ NULL, "uz", "ойлигимни бермаяпти", "wages", OUTCOME_ANSWERED,
	    LANG_UZ_CYRL, NULL },
	{ NULL, "uz", "адвокат нужен мне, помогите", "legal", OUTCOME_ANSWERED,
	    LANG_RU, NULL },
	{ "Uzbek words from a Russian number", "ru", "Ойлигимни бермаяпти",
	    "wages", OUTCOME_ANSWERED, LANG_UZ_CYRL, NULL },
	{ "a chosen alphabet is kept", "uz", "o'zbekcha", "main",
	    OUTCOME_ANSWERED, LANG_UZ, "language.done" },
	{ NULL, "uz", "ойлигимни бермаяпти", "wages", OUTCOME_ANSWERED, LANG_UZ,
	    NULL },
};

static void
test_script(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;
	const char *name = "", *prefix;
	bool good;
	size_t i;

	for (i = 0; i < ARRAY_LEN(script); i++) {
		if (script[i].name != NULL) {
			s = menu_session_new();
			name = script[i].name;
		}
		arena_reset(arena);
		turn(&s, script[i].country, script[i].text, &r);
		prefix = script[i].begins;
		good = strcmp(node_id(r.node), script[i].node) == 0 &&
		       r.outcome == script[i].outcome &&
		       r.lang == script[i].lang &&
		       (prefix == NULL || strcmp(prefix, "topic.ask") == 0 ||
			   begins(r.text, r.lang, prefix));
		OK(good, name);
		if (!good)
			printf("# '%s' -> %s %s %s: %s\n", script[i].text,
			    node_id(r.node), menu_outcome_name(r.outcome),
			    lang_code(r.lang), r.text.p);
	}
}

static void
test_more(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;
	const struct listing *seen[LISTING_FOUND_MAX];
	size_t count = 0, i, j, twice = 0;

	arena_reset(arena);
	turn(&s, "ru", "Москва", &r);
	turn(&s, "ru", "6", &r);
	while (r.listing_count > 0 && count + 8 < LISTING_FOUND_MAX) {
		for (i = 0; i < r.listing_count; i++)
			seen[count++] = r.listings[i];
		turn(&s, "ru", "ещё", &r);
	}
	OK(count > 6, "the list goes on by more");
	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			twice += seen[i] == seen[j];
	EQ(twice, 0, "nobody is told twice");
	OK(begins(r.text, LANG_RU, "list.end"), "and it ends");
	turn(&s, "ru", "ещё", &r);
	OK(begins(r.text, LANG_RU, "list.end"), "more of nothing");
	EQ(r.outcome, OUTCOME_ANSWERED, "is an answer");
}

static void
test_nobody(void)
{
	struct menu_session s = menu_session_new();
	struct menu_input in = input_of(SV("юрист"), "tj");
	struct menu_result r;

	arena_reset(arena);
	in.verified_days = 1; /* nothing was ever verified */
	menu_step(edition, &s, &in, arena, &r);
	EQ(r.outcome, OUTCOME_NO_LISTING, "nothing verified, nobody listed");
	EQ(r.listing_count, 0, "none is given");
	OK(begins(r.text, r.lang, "list.none"), "and it is said");
	s = r.next;
	in.text = SV("9");
	menu_step(edition, &s, &in, arena, &r);
	OK(has(r.text, "112"), "danger still tells 112");
	EQ(r.outcome, OUTCOME_NO_LISTING, "though nobody is listed");
	OK(r.size.parts <= REPLY_PARTS_MAX, "in three parts");
	s = r.next;
	in.text = SV("7");
	menu_step(edition, &s, &in, arena, &r);
	OK(strcmp(node_id(r.node), "counsellor") == 0, "7 asks for a person");
}

/* --- who is shown, and under which line --- */

static void
test_head(void)
{
	static const struct {
		const char *name, *country, *topic, *place;
		const char *first, *later; /* how their replies begin */
	} cases[] = {
		{ "a near topic has one line of its own", "kg", "wages", "kg",
		    "list.else", NULL },
		{ "the topic itself keeps its line, on one page", "ru", "wages",
		    "ru-moscow", "wages.head", "" },
		{ "danger keeps its line with 112", "ru", "trafficking",
		    "ru-moscow", "trafficking.head", "trafficking.head" },
		{ "a health topic stays hidden", "ru", "mental-health",
		    "ru-moscow", "mental-health.head", "mental-health.head" },
	};
	struct menu_session s;
	struct menu_result r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		arena_reset(arena);
		s = session_in(LANG_RU);
		pick_topic(
		    &s, cases[i].topic, cases[i].place, cases[i].country, &r);
		OK(r.listing_count > 0 &&
			begins(r.text, LANG_RU, cases[i].first),
		    cases[i].name);
		if (cases[i].later == NULL)
			continue;
		turn(&s, cases[i].country, "ещё", &r);
		OK(r.listing_count > 0 &&
			(cases[i].later[0] != '\0' ?
				begins(r.text, LANG_RU, cases[i].later) :
				memcmp(r.text.p,
				    r.listings[0]->names[LANG_RU].p, 8) == 0),
		    "and on the next page");
	}
	s = session_in(LANG_RU);
	pick_topic(&s, "wages", "kg", "kg", &r);
	OK(!has(r.text, "Запишите"), "not two lines");
}

static void
test_language_done(void)
{
	struct menu_session s;
	struct menu_result r;
	struct renderer of;
	char digit[2] = "1";
	int lang;

	for (lang = 0; lang < LANG_COUNT; lang++) {
		arena_reset(arena);
		s = session_in(LANG_RU);
		turn(&s, "ru", "8", &r);
		digit[0] = (char)('1' + lang);
		turn(&s, "ru", digit, &r);
		of = (struct renderer){
			.e = edition, .lang = (enum lang)lang, .arena = arena
		};
		OK(begins(r.text, (enum lang)lang, "language.done") &&
			!has(r.text, render_text(&of, "main.head").p) &&
			r.size.parts <= MENU_PARTS_MAX,
		    lang_code((enum lang)lang));
	}
}

/* A Kyrgyz number far from home. */
static void
test_home(void)
{
	struct menu_session s = session_in(LANG_RU);
	struct menu_input in = input_of(SV("7"), "kg");
	struct menu_result r;

	arena_reset(arena);
	s.place = places_find(edition->content.places, SV("by"));
	turn(&s, "kg", "7", &r);
	OK(r.listing_count > 0, "a person to talk to, at home");
	OK(strcmp(r.listings[0]->country, "kg") == 0, "who is there");
	OK(has(r.text, "Кыргызстан"), "which is said");
	OK(begins(r.text, LANG_RU, "counsellor.head"), "as it is said here");
	turn(&s, "kg", "9", &r);
	OK(r.listing_count > 0 && strcmp(r.listings[0]->country, "kg") == 0,
	    "danger does not end at a border");
	pick_topic(&s, "jobs", "by", "kg", &r);
	EQ(r.listing_count, 0, "but work does");
	in.verified_days = 1;
	s = session_in(LANG_RU);
	menu_step(edition, &s, &in, arena, &r);
	OK(begins(r.text, LANG_RU, "counsellor.none"), "nobody at all");
	EQ(r.outcome, OUTCOME_NO_LISTING, "is no listing");
}

static void
test_none_texts(void)
{
	struct renderer r = { .e = edition, .lang = LANG_RU, .arena = arena };
	struct sv text;
	int lang;

	arena_reset(arena);
	for (lang = 0; lang < LANG_COUNT; lang++) {
		r.lang = (enum lang)lang;
		text = render_text(&r, "list.none");
		OK(has(text, ": 112. ") && has(text, ": 7. ") &&
			text.p[text.n - 1] == '0' &&
			sms_measure(text).units <= 134,
		    "nobody listed: 112, 7, 0");
		text = render_text(&r, "counsellor.none");
		OK(has(text, ": 112. ") && !has(text, "7") &&
			text.p[text.n - 1] == '0' &&
			sms_measure(text).units <= 134,
		    "nobody to talk to: 112, 0, not 7");
	}
}

/* Rostrud has nothing for abroad but a Cyrillic website. */
static void
test_alphabet(void)
{
	static const enum lang langs[] = { LANG_UZ, LANG_EN };
	const struct topics *topics = edition->content.topics;
	struct menu_session s;
	struct menu_result r;
	size_t i, seen = 0, other = 0;
	uint16_t topic;

	for (i = 0; i < ARRAY_LEN(langs); i++)
		for (topic = 0; topic < topics_count(topics); topic++) {
			arena_reset(arena);
			s = session_in(langs[i]);
			pick_topic(&s, topics_at(topics, topic)->id,
			    "ru-moscow", "kg", &r);
			while (r.listing_count > 0) {
				seen++;
				other += r.size.encoding != SMS_GSM7;
				turn(&s, "kg", "more", &r);
			}
		}
	OK(seen > 20, "lists in Latin letters");
	EQ(other, 0, "stay in them");
	s = session_in(LANG_RU);
	pick_topic(&s, "wages", "ru-moscow", "kg", &r);
	OK(has(r.text, "онлайнинспекция.рф"), "others get the website");
}

static void
test_effects(void)
{
	struct menu_session s = menu_session_new(), empty = menu_session_new();
	struct menu_result r;

	arena_reset(arena);
	turn(&s, "ru", "стоп", &r);
	EQ(r.effects, EFFECT_STOP, "stop has its effect");
	EQ(s.stopped, 1, "and is remembered");
	turn(&s, "ru", "Москва", &r);
	EQ(r.effects, 0, "only once");
	OK(s.place != PLACE_NONE, "the place is remembered");
	OK(r.place == s.place, "and told");
	turn(&s, "ru", "000", &r);
	EQ(r.effects, EFFECT_FORGET, "forget has its effect");
	OK(sv_eq(r.text, SV("OK")), "says nothing more");
	EQ(r.lang, LANG_RU, "in their language");
	OK(s.node == empty.node && s.place == empty.place &&
		s.topic == empty.topic && s.lang == empty.lang &&
		s.stopped == 0 && s.menu == empty.menu,
	    "and nothing is left");
}

static void
test_choices(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;
	uint16_t jobs = topics_find(edition->content.topics, SV("jobs"));
	uint16_t legal = topics_find(edition->content.topics, SV("legal"));

	arena_reset(arena);
	s.lang = LANG_RU;
	s.choices[0] = jobs;
	s.choices[1] = legal;
	s.choice_count = 2;
	turn(&s, "ru", "5", &r);
	OK(begins(r.text, LANG_RU, "nomatch.head"), "not one of the choices");
	EQ(r.outcome, OUTCOME_NO_MATCH, "is no match");
	EQ(s.choice_count, 2, "and they stay");
	turn(&s, "ru", "Москва", &r);
	OK(begins(r.text, LANG_RU, "choose.head"), "a place keeps asking");
	EQ(r.outcome, OUTCOME_ASKED_BACK, "which is asking back");
	turn(&s, "ru", "2", &r);
	OK(strcmp(node_id(r.node), "legal") == 0, "a digit picks one");
	EQ(r.topic, legal, "its topic is told");
	EQ(s.choice_count, 0, "and the others go");
}

/* A session from a disk may hold anything. */
static void
test_trim(void)
{
	struct menu_session s;
	struct menu_result r;

	arena_reset(arena);
	memset(&s, 0xee, sizeof(s));
	turn(&s, "ru", "1", &r);
	OK(strcmp(node_id(r.node), "planning") == 0, "garbage is a new person");
	EQ(r.lang, LANG_RU, "in the country's language");
}

static void
test_move(void)
{
	struct edition *next = NULL;
	struct edition_copy copy = { .root = "" };
	struct menu_session s = menu_session_new();
	struct menu_result r;
	struct diag diag = { .text = "" };

	arena_reset(arena);
	edition_copy_init(&copy);
	edition_copy_replace(&copy, "menus/main.yaml", "nodes:\n",
	    "nodes:\n  - { id: moved, kind: notice, text: stop.done, "
	    "go: jobs }\n");
	edition_copy_replace(&copy, "menus/main.yaml",
	    "- { digit: 1, go: jobs }",
	    "- { digit: 1, go: moved, label: label.jobs }");
	EQ(edition_load(copy.root, 3, &next, &diag), 0, "the next edition");
	if (next == NULL) {
		printf("# %s\n", diag.text);
		edition_copy_done(&copy);
		return;
	}
	turn(&s, "ru", "3", &r);
	turn(&s, "ru", "Москва", &r);
	turn(&s, "ru", "юрист", &r);
	s.choices[0] = s.topic;
	s.choice_count = 1;
	menu_session_move(edition, next, &s);
	OK(strcmp(tree_at(next->tree, s.node)->id, "legal") == 0, "the node");
	OK(strcmp(topics_at(next->content.topics, s.topic)->id, "legal") == 0,
	    "the topic");
	OK(strcmp(places_at(next->content.places, s.place)->id, "ru-moscow") ==
		0,
	    "the place");
	EQ(s.choices[0], s.topic, "the choices");
	s.node = tree_find(next->tree, SV("moved"));
	menu_session_move(next, edition, &s);
	EQ(s.node, NODE_NONE, "a node that is gone");
	edition_free(&next);
	edition_copy_done(&copy);
}

/* --- letters --- */

static bool
is_latin(const struct menu_result *r)
{
	return r->size.encoding == SMS_GSM7;
}

static void
test_letters(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;

	turn(&s, "ru", "LAT", &r);
	EQ(r.lang, LANG_RU, "LAT tells nothing of the language");
	OK(is_latin(&r) && has(r.text, "KIR"), "it says how to go back");
	turn(&s, "ru", "юрист в Москве", &r);
	OK(is_latin(&r) && r.listing_count > 0, "a list in Latin letters");
	turn(&s, "ru", "кыргызча", &r);
	OK(is_latin(&r) && r.lang == LANG_KY, "another language keeps them");
	turn(&s, "ru", "тил", &r);
	OK(is_latin(&r) && !has(r.text, "\n5 "), "one Uzbek in the list");
	turn(&s, "ru", "КИР", &r);
	OK(!is_latin(&r) && r.lang == LANG_KY, "and back");
	turn(&s, "ru", "тил", &r);
	OK(has(r.text, "LAT"), "the list of languages tells of it");

	s = menu_session_new();
	turn(&s, "uz", "ёрдам", &r);
	EQ(r.lang, LANG_UZ_CYRL, "Uzbek in Cyrillic");
	turn(&s, "uz", "ЛАТ", &r);
	EQ(r.lang, LANG_UZ, "has texts in Latin letters");
	turn(&s, "uz", "меню", &r);
	EQ(r.lang, LANG_UZ, "which stay, whatever is written");
	turn(&s, "uz", "kir", &r);
	EQ(r.lang, LANG_UZ_CYRL, "and back");
	turn(&s, "uz", "lotin", &r);
	turn(&s, "uz", "5", &r);
	turn(&s, "uz", "til", &r);
	turn(&s, "uz", "5", &r);
	OK(r.lang == LANG_UZ_CYRL && !is_latin(&r),
	    "the fifth language is asked for by its alphabet");
	s.latin = 7;
	turn(&s, "ru", "000", &r);
	OK(!r.next.latin, "forgotten with the rest");
}

/* --- anything at all --- */

static struct sv words[WORDS_MAX];
static size_t word_count;

static void
on_word(void *arg, const struct texts_word *word)
{
	(void)arg;
	if (word_count < WORDS_MAX)
		words[word_count++] = word->word;
}

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* A digit, a word of the lists, a place, two of them, or garbage. */
static struct sv
random_text(uint32_t *seed, char *buf, size_t size)
{
	const struct places *places = edition->content.places;
	const struct place *place = places_at(
	    places, (uint16_t)(next_random(seed) % places_count(places)));
	struct sv word = words[next_random(seed) % word_count];
	struct sv name = place->names[next_random(seed) % LANG_COUNT];
	size_t i;

	switch (next_random(seed) % 6) {
	case 0:
	case 1:
		snprintf(buf, size, "%u", next_random(seed) % 10);
		break;
	case 2:
		snprintf(buf, size, SV_FMT, SV_ARG(word));
		break;
	case 3:
		snprintf(buf, size, SV_FMT, SV_ARG(name));
		break;
	case 4:
		snprintf(
		    buf, size, SV_FMT " " SV_FMT, SV_ARG(word), SV_ARG(name));
		break;
	default:
		for (i = 0; i + 1 < size && i < next_random(seed) % 40; i++)
			buf[i] = (char)next_random(seed);
		buf[i] = '\0';
	}
	return sv_of(buf);
}

static bool
reply_good(const struct menu_result *r)
{
	size_t i;

	for (i = 0; i < r->listing_count; i++)
		if (!r->listings[i]->for_callers)
			return false;
	return r->text.n > 0 && r->size.parts > 0 &&
	       r->size.parts <= REPLY_PARTS_MAX && utf8_is_valid(r->text);
}

static bool
number_whole(const struct menu_result *r, const char *country)
{
	const struct places *places = edition->content.places;
	const struct listing_caller who = { country, places,
		r->place != PLACE_NONE ? r->place :
					 places_find(places, sv_of(country)) };
	struct listing_contact contact;
	size_t i;

	for (i = 0; i < r->listing_count; i++) {
		if (listing_contact(r->listings[i], &who, &contact) < 0)
			return false;
		if (contact.is_phone &&
		    memmem(r->text.p, r->text.n, contact.text.p,
			contact.text.n) == NULL)
			return false;
	}
	return true;
}

static bool
same(const struct menu_result *a, const struct menu_result *b)
{
	return sv_eq(a->text, b->text) && a->node == b->node &&
	       a->outcome == b->outcome && a->next.page == b->next.page &&
	       a->next.place == b->next.place && a->next.lang == b->next.lang;
}

static void
test_random(void)
{
	static const char *const countries[] = { "ru", "kg", "tj", "uz", "kz",
		"de", "" };
	struct menu_session s = menu_session_new();
	struct menu_result r, again;
	size_t bad = 0, cut = 0, differ = 0;
	const char *country = "ru";
	uint32_t seed = 20240601;
	struct menu_input in;
	char buf[600];
	int i;

	texts_words_each(edition->content.texts, on_word, NULL);
	OK(word_count > 100, "there are words to try");
	if (word_count == 0)
		return;
	for (i = 0; i < RANDOM_TURNS; i++) {
		if (i % 40 == 0) {
			s = menu_session_new();
			country = countries[next_random(&seed) %
					    ARRAY_LEN(countries)];
			s.lang = (uint8_t)(next_random(&seed) % LANG_COUNT);
			s.chosen = next_random(&seed) % 2;
		}
		arena_reset(arena);
		in = input_of(random_text(&seed, buf, sizeof(buf)), country);
		menu_step(edition, &s, &in, arena, &r);
		menu_step(edition, &s, &in, arena, &again);
		differ += !same(&r, &again);
		cut += !number_whole(&r, country);
		if (!reply_good(&r) && bad++ < 5)
			printf("# '%s' from '%s' in %s: %u parts: " SV_FMT "\n",
			    buf, country, lang_code(r.lang), r.size.parts,
			    SV_ARG(r.text));
		s = r.next;
	}
	EQ(bad, 0, "every reply is there, short, and for callers");
	EQ(cut, 0, "no number is cut");
	EQ(differ, 0, "the same input gives the same answer");
}

int
main(void)
{
	struct diag diag = { .text = "" };

	if (edition_load(".", 0, &edition, &diag) < 0) {
		printf("Bail out! %s\n", diag.text);
		return 1;
	}
	arena = arena_new(ARENA_BLOCK, ARENA_MAX);
	test_script();
	test_more();
	test_nobody();
	test_head();
	test_language_done();
	test_home();
	test_none_texts();
	test_alphabet();
	test_effects();
	test_choices();
	test_trim();
	test_move();
	test_letters();
	test_random();
	arena_free(&arena);
	edition_free(&edition);
	return tap_done();
}
