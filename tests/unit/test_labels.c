/* What a reply shows is understood when it is sent back: every line of menus,
 * of choices and of languages, every word to write, in both alphabets. */
#include "menus/labels.h"
#include "menus/render.h"
#include "menus/step.h"
#include "tests/tap.h"

static struct edition *edition;
static struct arena *arena;

static struct menu_session
session_in(enum lang lang, bool latin)
{
	struct menu_session s = menu_session_new();

	s.lang = (uint8_t)lang;
	s.chosen = 1;
	s.latin = latin;
	return s;
}

static struct menu_result
answer(const struct menu_session *s, struct sv text)
{
	const struct menu_input in = {
		.text = text, .country = "", .now_ms = 1, .calls = true
	};
	struct menu_result out;

	menu_step(edition, s, &in, arena, &out);
	return out;
}

static uint16_t
goes_to(uint16_t menu, enum lang lang, bool latin, struct sv text)
{
	struct menu_session s = session_in(lang, latin);

	s.node = s.menu = menu;
	return answer(&s, text).node;
}

static const char *
case_name(const char *what, const struct renderer *r, struct sv text)
{
	static char name[160];

	(void)snprintf(name, sizeof(name), "%s, %s%s: " SV_FMT, what,
	    lang_code(r->lang), r->latin ? " in Latin" : "", SV_ARG(text));
	return name;
}

static void
test_menu(uint16_t menu, enum lang lang, bool latin)
{
	struct renderer r = {
		.e = edition, .lang = lang, .arena = arena, .latin = latin
	};
	const struct node *node = tree_at(edition->tree, menu);
	struct sv label;
	size_t i;

	for (i = 0; i < node->item_count; i++) {
		label = render_text(&r, node->items[i].label);
		EQ(goes_to(menu, lang, latin, label), node->items[i].go,
		    case_name(node->id, &r, label));
	}
	arena_reset(arena);
}

/* A topic that was offered is taken by its line, not only by its digit. */
static void
test_choices(const struct renderer *r)
{
	struct menu_session s = session_in(r->lang, r->latin);
	const struct topics *topics = edition->content.topics;
	uint16_t topic, node;
	struct sv label;
	char id[64];

	s.choice_count = 2;
	for (topic = 0; topic < topics_count(topics); topic++) {
		node = tree_of_topic(edition->tree, topic);
		(void)snprintf(id, sizeof(id), "label.%s",
		    tree_at(edition->tree, node)->id);
		s.choices[0] = topic > 0 ? 0 : 1;
		s.choices[1] = topic;
		label = render_text(r, id);
		EQ(answer(&s, label).node, node, case_name("choice", r, label));
	}
	arena_reset(arena);
}

/* Names of languages, as the list of them shows them. */
static void
test_languages(const struct renderer *r)
{
	struct menu_session s = session_in(r->lang, r->latin);
	struct renderer as = *r;
	struct sv name;
	int lang;

	s.node = tree_language(edition->tree);
	for (lang = 0; lang < LANG_COUNT; lang++) {
		if (r->latin && lang == LANG_UZ_CYRL) /* not in that list */
			continue;
		as.lang = (enum lang)lang;
		name = render_text(&as, "language.name");
		EQ(answer(&s, name).next.lang, lang,
		    case_name("language", r, name));
	}
	arena_reset(arena);
}

/* "Dalshe: ESCHE": the word behind the last space. */
static struct sv
last_word(struct sv text)
{
	const char *space = memrchr(text.p, ' ', text.n);

	ASSERT(space != NULL);
	return (struct sv){ space + 1, text.n - (size_t)(space + 1 - text.p) };
}

static void
test_words(const struct renderer *r)
{
	static const struct {
		const char *id;
		enum match_command command;
	} words[] = {
		{ "list.more", CMD_MORE },
		{ "latin.done", CMD_CYRILLIC },
		{ "language.cyrillic", CMD_CYRILLIC },
		{ "language.latin", CMD_LATIN },
	};
	struct menu_session s = session_in(r->lang, r->latin);
	struct menu_result out;
	struct sv word;
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (r->lang == LANG_EN && words[i].command != CMD_MORE)
			continue;
		word = last_word(render_text(r, words[i].id));
		out = answer(&s, word);
		OK(out.match.kind == MATCH_COMMAND &&
			out.match.command == words[i].command,
		    case_name(words[i].id, r, word));
	}
	arena_reset(arena);
}

static void
test_lang(enum lang lang, bool latin)
{
	const struct renderer r = {
		.e = edition, .lang = lang, .arena = arena, .latin = latin
	};
	uint16_t menu;

	for (menu = 0; menu < tree_count(edition->tree); menu++)
		test_menu(menu, lang, latin);
	test_choices(&r);
	test_languages(&r);
	test_words(&r);
}

int
main(void)
{
	struct diag why = { "" };
	unsigned lang;

	arena = arena_new(65536, 4 << 20);
	EQ(edition_load(".", 0, &edition, &why), 0, "the project's own menus");
	for (lang = 0; lang < LANG_COUNT; lang++) {
		test_lang((enum lang)lang, false);
		test_lang((enum lang)lang, true);
	}
	EQ(labels_digit(edition->labels, tree_main(edition->tree), SV("")), 0,
	    "nothing is no label");
	EQ(labels_digit(
	       edition->labels, tree_main(edition->tree), SV("zzz qqq")),
	    0, "nor is any other text");
	EQ(goes_to(NODE_NONE, LANG_RU, false, SV("Опасность")),
	    tree_emergency(edition->tree),
	    "a line of the main menu is known outside of it, too");
	edition_free(&edition);
	arena_free(&arena);
	return tap_done();
}
