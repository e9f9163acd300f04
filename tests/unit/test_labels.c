/* A menu's line, written out, is its digit: every line, language, alphabet. */
#include "menus/labels.h"
#include "menus/render.h"
#include "menus/step.h"
#include "tests/tap.h"

static struct edition *edition;
static struct arena *arena;

static uint16_t
goes_to(uint16_t menu, enum lang lang, bool latin, struct sv text)
{
	struct menu_session s = menu_session_new();
	const struct menu_input in = {
		.text = text, .country = "", .now_ms = 1
	};
	struct menu_result out;

	s.node = s.menu = menu;
	s.lang = (uint8_t)lang;
	s.chosen = 1;
	s.latin = latin;
	menu_step(edition, &s, &in, arena, &out);
	return out.node;
}

static void
test_menu(uint16_t menu, enum lang lang, bool latin)
{
	struct renderer r = {
		.e = edition, .lang = lang, .arena = arena, .latin = latin
	};
	const struct node *node = tree_at(edition->tree, menu);
	struct sv label;
	char name[160];
	size_t i;

	for (i = 0; i < node->item_count; i++) {
		label = render_text(&r, node->items[i].label);
		(void)snprintf(name, sizeof(name), "%s, %s%s: " SV_FMT,
		    node->id, lang_code(lang), latin ? " in Latin" : "",
		    SV_ARG(label));
		EQ(goes_to(menu, lang, latin, label), node->items[i].go, name);
	}
	arena_reset(arena);
}

int
main(void)
{
	struct diag why = { "" };
	uint16_t menu;
	unsigned lang;

	arena = arena_new(65536, 4 << 20);
	EQ(edition_load(".", 0, &edition, &why), 0, "the project's own menus");
	for (menu = 0; menu < tree_count(edition->tree); menu++)
		for (lang = 0; lang < LANG_COUNT; lang++) {
			test_menu(menu, (enum lang)lang, false);
			test_menu(menu, (enum lang)lang, true);
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
