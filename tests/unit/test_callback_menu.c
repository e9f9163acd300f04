/* test_callback_menu.c - who wants to be called: what is asked, what counts as
 * a yes, and what the text that is sent unasked may be answered with. */
#include "menus/step.h"
#include "tests/tap.h"

static struct edition *edition;
static struct arena *arena;
static bool calls = true;

static const struct menu_asked asked = { .lang = LANG_TG,
	.hours = "9-12",
	.number = "+992372000000" };

static struct menu_result
say_asked(struct menu_session *s, const char *text, const struct menu_asked *by)
{
	const struct menu_input in = { .text = sv_of(text),
		.country = "ru",
		.now_ms = 1,
		.calls = calls,
		.asked = by };
	struct menu_result out;

	menu_step(edition, s, &in, arena, &out);
	*s = out.next;
	return out;
}

static struct menu_result
say(struct menu_session *s, const char *text)
{
	return say_asked(s, text, NULL);
}

static bool
is_at(const struct menu_session *s, const char *id)
{
	return s->node != NODE_NONE &&
	       strcmp(tree_at(edition->tree, s->node)->id, id) == 0;
}

static bool
has(const struct menu_result *r, const char *part)
{
	return memmem(r->text.p, r->text.n, part, strlen(part)) != NULL;
}

static void
test_yes(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;
	unsigned digit;
	char text[2] = "0";

	for (digit = 1; digit <= WINDOW_ANY; digit++) {
		(void)say(&s, "не платят зарплату, Москва");
		s.stopped = 1;
		r = say(&s, "перезвоните мне");
		OK(is_at(&s, "callback") && r.effects == 0,
		    "whose phone it is");
		r = say(&s, "1");
		OK(is_at(&s, "callback-when") && r.effects == 0, "when");
		text[0] = (char)('0' + digit);
		r = say(&s, text);
		EQ(r.effects, EFFECT_CALL, "it is noted");
		EQ(r.window, digit, "for these hours");
		EQ(s.stopped, 0, "who says yes is called, whatever was before");
		OK(has(&r, "СТОП"), "and how to take it back");
		OK(s.topic != TOPIC_NONE && s.place != PLACE_NONE,
		    "topic and place are known");
	}
}

/* Nothing but the yes is one. */
static void
test_no(void)
{
	static const char *const others[] = { "3", "9", "0", "ок", "Москва",
		"привет", "меню", "000", "стоп", "когда?" };
	struct menu_session s = menu_session_new();
	struct menu_result r;
	size_t i;

	(void)say(&s, "call me");
	r = say(&s, "2");
	OK(is_at(&s, "callback-shared") && r.effects == EFFECT_GONE,
	    "no call, and none that was asked for before");
	OK(r.listing_count > 0 || has(&r, "112"), "numbers instead");
	for (i = 0; i < ARRAY_LEN(others); i++) {
		s = menu_session_new();
		(void)say(&s, "call me");
		r = say(&s, others[i]);
		OK((r.effects & EFFECT_CALL) == 0, others[i]);
		OK(!is_at(&s, "callback-when"), "asked for no hours");
		s = menu_session_new();
		(void)say(&s, "call me");
		(void)say(&s, "1");
		if (strcmp(others[i], "3") != 0)
			OK((say(&s, others[i]).effects & EFFECT_CALL) == 0,
			    others[i]);
	}
	s = menu_session_new();
	(void)say(&s, "не платят");
	(void)say(&s, "меню");
	(void)say(&s, "call me");
	(void)say(&s, "0");
	OK(is_at(&s, "main"), "0 leads back to the menu");
}

/* Below those whom they can call, and by 7 once more. */
static void
test_offer(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result r;

	(void)say(&s, "русский");
	r = say(&s, "7");
	OK(is_at(&s, "counsellor") && has(&r, "Позвонить Вам? 7"), "offered");
	OK(r.size.parts <= REPLY_PARTS_MAX, "in the parts of a reply");
	(void)say(&s, "7");
	OK(is_at(&s, "callback"), "and taken");
	calls = false;
	(void)say(&s, "меню");
	r = say(&s, "7");
	OK(!has(&r, "Позвонить Вам"), "not where nobody calls");
	(void)say(&s, "7");
	OK(is_at(&s, "counsellor"), "then 7 is what it was");
	(void)say(&s, "перезвоните");
	OK(is_at(&s, "counsellor"), "and so is the word");
	calls = true;
	(void)say(&s, "перезвоните");
	(void)say(&s, "1");
	calls = false;
	r = say(&s, "1");
	OK(r.effects == 0 && is_at(&s, "counsellor"),
	    "no promise where nobody calls any more");
	calls = true;
}

/* Whoever has the number now. */
static void
test_asked(void)
{
	static const char *const others[] = { "3", "меню", "кто это?", "да",
		"не платят зарплату", "Москва", "11", "" };
	struct menu_session s = menu_session_new();
	struct menu_result r = say_asked(&s, "1", &asked);
	size_t i;

	EQ(r.effects, EFFECT_STILL, "1 is a yes");
	EQ(r.lang, LANG_TG, "in the language they asked in");
	OK(has(&r, "9-12") && has(&r, "+992372000000"), "when, and where");
	s = menu_session_new();
	r = say_asked(&s, "2", &asked);
	EQ(r.effects, EFFECT_GONE, "2 is a no");
	OK(sv_eq(r.text, SV("OK")), "and is told nothing");
	s = menu_session_new();
	r = say_asked(&s, "стоп", &asked);
	EQ(r.effects, EFFECT_STOP, "so is STOP");
	OK(!has(&r, "9-12") && !has(&r, "+992"), "and is told nothing");
	for (i = 0; i < ARRAY_LEN(others); i++) {
		s = menu_session_new();
		r = say_asked(&s, others[i], &asked);
		OK(r.effects == 0 && !has(&r, "9-12") && !has(&r, "+992"),
		    others[i]);
	}
	s = menu_session_new();
	(void)say(&s, "English");
	r = say_asked(&s, "Danger!", &asked);
	OK(r.effects == 0, "a line of a menu is no answer");
}

int
main(void)
{
	struct diag why = { "" };

	arena = arena_new(65536, 4 << 20);
	EQ(edition_load(".", 0, &edition, &why), 0, "the project's own menus");
	test_yes();
	test_no();
	test_offer();
	test_asked();
	edition_free(&edition);
	arena_free(&arena);
	return tap_done();
}
