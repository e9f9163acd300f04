/* pages.c - goes to every node, asks for more as long as there is some. */
#include "menus/pages.h"

#include <stdio.h>

#include "menus/preview.h"
#include "menus/price.h"
#include "menus/render.h"

enum {
	PAGES_MOST = 64, /* of one list; a longer one is no list any more */
	LINE_BYTES = 512,
	ARENA_FIRST = 64 * 1024,
	ARENA_MOST = 8 * 1024 * 1024,
};

struct pages {
	const struct edition *e;
	const struct check_sink *sink;
	struct preview *preview;
	struct arena *arena;
	const char *country;
	size_t count;
	unsigned problems;
};

static void
page_check(struct pages *p, const struct menu_result *page, unsigned number)
{
	char line[LINE_BYTES];
	struct sv word;

	p->count++;
	if (page->next.plain || !preview_shows(p->preview, page->text, &word))
		return;
	p->problems++;
	(void)snprintf(line, sizeof(line),
	    "%s%s: page %u of %s, from %s: '" SV_FMT "' within the first %d "
	    "characters; a locked phone shows them, so say it later or "
	    "otherwise",
	    lang_code(page->lang), page->next.latin ? " in Latin letters" : "",
	    number,
	    page->node != NODE_NONE ? tree_at(p->e->tree, page->node)->id :
				      "what is asked back",
	    p->country, SV_ARG(word), PREVIEW_CHARS);
	p->sink->problem(p->sink->arg, line);
}

static void
node_check(struct pages *p, struct menu_session s, uint16_t node)
{
	struct menu_input in = { .country = p->country, .calls = true };
	struct menu_result page;
	unsigned number;

	if (!price_way(p->e, node, p->country, &s, &in.text))
		return;
	for (number = 1; number <= PAGES_MOST; number++) {
		arena_reset(p->arena);
		menu_step(p->e, &s, &in, p->arena, &page);
		page_check(p, &page, number);
		if (page.next.page == 0)
			return;
		s = page.next;
		in.text = SV("more");
	}
}

static void
nodes_check(struct pages *p, enum lang lang, bool latin)
{
	struct menu_session s = menu_session_new();
	uint16_t node;

	s.lang = (uint8_t)lang;
	s.chosen = 1;
	s.latin = latin;
	for (node = 0; node < tree_count(p->e->tree); node++)
		node_check(p, s, node);
}

unsigned
pages_check(
    const struct edition *e, const struct check_sink *sink, size_t *ret_pages)
{
	/* Central Asia, Russia, and somebody from elsewhere */
	static const char *const countries[] = { "kg", "tj", "uz", "kz", "ru",
		"tr" };
	struct pages p = { .e = e, .sink = sink };
	size_t i;
	int lang;

	p.preview = preview_new(&e->content, e->latin);
	p.arena = arena_new(ARENA_FIRST, ARENA_MOST);
	for (i = 0; i < ARRAY_LEN(countries); i++) {
		p.country = countries[i];
		for (lang = 0; lang < LANG_COUNT; lang++) {
			nodes_check(&p, (enum lang)lang, false);
			nodes_check(&p, (enum lang)lang, true);
		}
	}
	arena_free(&p.arena);
	preview_free(&p.preview);
	*ret_pages = p.count;
	return p.problems;
}
