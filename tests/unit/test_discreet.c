/* How answers are worded, and the word that somebody sets for themselves. */
#include "menus/decoy.h"
#include "menus/step.h"
#include "tests/tap.h"

static struct edition *edition;
static struct arena *arena;

static const char *
turn(struct menu_session *s, const char *text, struct menu_result *ret_result)
{
	const struct menu_input in = {
		.text = sv_of(text), .country = "kg", .now_ms = 1
	};
	struct sv said;

	menu_step(edition, s, &in, arena, ret_result);
	*s = ret_result->next;
	said = ret_result->text;
	return arena_dup(arena, said.p, said.n);
}

static bool
has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* Once, then as before; or until they say otherwise. */
static void
test_plain(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;

	(void)turn(&s, "English", &r);
	OK(!has(turn(&s, "4", &r), "HIV"), "discreet at first");
	OK(has(turn(&s, "PLAIN", &r), "\n3 HIV"), "plain when asked");
	OK(!s.plain && !has(turn(&s, "9", &r), "iolence"), "only that once");
	(void)turn(&s, "4", &r);
	OK(!has(turn(&s, "is the bank open plain and simple", &r), "HIV"),
	    "the word in a sentence is no wish");
	OK(has(turn(&s, "always plain", &r), "DISCREET"), "how to go back");
	OK(has(turn(&s, "4", &r), "HIV"), "plain from then on");
	OK(has(turn(&s, "LAT", &r), "KIR") && s.plain, "other wishes keep it");
	(void)turn(&s, "discreet", &r);
	OK(!has(turn(&s, "4", &r), "HIV"), "and back");
	(void)turn(&s, "always plain", &r);
	(void)turn(&s, "forget", &r);
	OK(!s.plain, "forgotten with the rest");
}

/* The head of a list names its topic, and listings have their own names. */
static void
test_lists(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;

	(void)turn(&s, "English", &r);
	OK(!has(turn(&s, "I am a slave in Bishkek", &r), "rafficking"),
	    "discreet");
	OK(strncmp(turn(&s, "plain", &r), "Trafficking. ", 13) == 0, "plain");
	OK(has(turn(&s, "counsellor", &r), "Helpline, family"), "discreet");
	OK(has(turn(&s, "plain", &r), "on domestic violence"), "plain");
}

static void
test_stop(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;
	static const char *const stops[] = { "STOP", "END", "QUIT", "CANCEL",
		"UNSUBSCRIBE", "STOPALL", "СТОП", "ТОКТОТ", "TOXTA", "ТЎХТА",
		"ИСТ", "БАС", "IST", "BAS", "ТОҚТАТ" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(stops); i++) {
		s.stopped = 0;
		(void)turn(&s, stops[i], &r);
		OK(s.stopped && r.size.parts == 1, stops[i]);
		OK(has(turn(&s, "lawyer in Moscow", &r), "\n+7"), "answered");
		OK(s.stopped, "and still stopped");
		(void)turn(&s, "START", &r);
		OK(!s.stopped, "until they start again");
	}
}

static bool
asked(const char *text, const char *want)
{
	char buf[DECOY_WORD_MAX];
	struct sv word;

	return decoy_word_asked(edition->matcher, sv_of(text), buf, &word) &&
	       sv_eq(word, sv_of(want));
}

static void
test_asked(void)
{
	char longest[300];

	OK(asked("password Kiwifruit kiwifruit.", "kiwifruit"), "twice");
	OK(asked("ПАРОЛЬ Черника черника", "черника"), "Russian");
	OK(asked("сырсөз Кызгалдак КЫЗГАЛДАК", "кызгалдак"), "Kyrgyz");
	OK(asked("parol o'rikzor oʻrikzor", "orikzor"), "Uzbek");
	OK(!asked("password kiwifruit", "kiwifruit"), "once");
	OK(!asked("password kiwifruit mango", "kiwifruit"), "two words");
	OK(!asked("password a b kiwifruit kiwifruit", "kiwifruit"), "more");
	OK(!asked("kiwifruit kiwifruit kiwifruit", "kiwifruit"), "no command");
	OK(asked("password ab ab", ""), "too short a word");
	OK(asked("password lawyer lawyer", ""), "a word of the menu");
	OK(asked("password menu menu", ""), "a command");
	OK(asked("password Osh Osh", ""), "a town");
	memset(longest, 'k', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest, "password ", 9);
	longest[150] = ' ';
	OK(!asked(longest, ""), "too long");
	OK(!asked("password \xff\xff \xff\xff", ""), "no text");
}

static void
test_cut(void)
{
	static const struct {
		const char *text, *word, *rest;
	} cases[] = {
		{ "Kiwi", "kiwi", "" },
		{ " kiwi, lawyer", "kiwi", " lawyer" },
		{ "«КИВИ» Ош", "киви", " Ош" },
		{ "", "", "" },
		{ "... lawyer", "", "... lawyer" },
	};
	char buf[DECOY_WORD_MAX];
	struct sv text, word;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		text = sv_of(cases[i].text);
		word = SV("");
		EQ(decoy_word_cut(&text, buf, &word), cases[i].word[0] != '\0',
		    cases[i].text);
		OK(sv_eq(word, sv_of(cases[i].word)), "the word");
		OK(sv_eq(text, sv_of(cases[i].rest)), "the rest");
	}
}

/* Whatever comes, in whatever state: one text, and what was asked is gone. */
static void
test_step(void)
{
	static const char *const texts[] = { "hiv Moscow", "0", "2", "more",
		"plain", "they will kill me", "Osh", "help", "" };
	struct menu_session s = menu_session_new();
	struct menu_input in = { .country = "ru", .now_ms = 1 };
	struct menu_result r;
	struct sv first = { 0 };
	size_t i;

	(void)turn(&s, "English", &r);
	(void)turn(&s, "always plain", &r);
	(void)turn(&s, "hiv Moscow", &r);
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		in.text = sv_of(texts[i]);
		decoy_step(edition, &s, &in, arena, &r);
		s = r.next;
		first = i == 0 ? r.text : first;
		OK(sv_eq(r.text, first) && r.text.n > 0, texts[i]);
		OK(s.topic == TOPIC_NONE && s.place == PLACE_NONE && !s.plain &&
			s.lang == LANG_EN,
		    "nothing but the language is kept");
	}
	in.text = SV("000");
	decoy_step(edition, &s, &in, arena, &r);
	EQ(r.effects, EFFECT_FORGET, "but to be forgotten");
	in.text = SV("STOP");
	decoy_step(edition, &s, &in, arena, &r);
	EQ(r.effects, EFFECT_STOP, "and to stop");
}

int
main(void)
{
	struct diag why = { "" };

	arena = arena_new(65536, 4 << 20);
	EQ(edition_load(".", 0, &edition, &why), 0, "the project's own menus");
	if (edition == NULL) {
		printf("# %s\n", why.text);
		return tap_done();
	}
	test_plain();
	test_lists();
	test_stop();
	test_asked();
	test_cut();
	test_step();
	edition_free(&edition);
	arena_free(&arena);
	return tap_done();
}
