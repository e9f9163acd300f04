/* price_nodes.c - the way to every node, and what its reply costs. */
#include "menus/price.h"

static bool
way_by_topic(const struct edition *e, uint16_t index, struct menu_session *s)
{
	uint16_t i;

	for (i = 0; i < topics_count(e->content.topics); i++)
		if (tree_of_topic(e->tree, i) == index) {
			s->choices[s->choice_count++] = i;
			return true;
		}
	return false;
}

/* Where to stand, and the digit to press there. */
static bool
way_by_menu(const struct edition *e, uint16_t index, struct menu_session *s,
    unsigned *ret_digit)
{
	const struct node *node;
	uint16_t i;
	size_t j;

	for (i = 0; i < tree_count(e->tree); i++) {
		node = tree_at(e->tree, i);
		for (j = 0; j < node->item_count; j++)
			if (node->items[j].go == index) {
				s->node = s->menu = i;
				*ret_digit = node->items[j].digit;
				return true;
			}
	}
	return false;
}

/* Where a place is waited for. */
static bool
way_by_place(const struct edition *e, uint16_t index, struct menu_session *s)
{
	const struct node *node;
	uint16_t i;

	for (i = 0; i < tree_count(e->tree); i++) {
		node = tree_at(e->tree, i);
		if (node->kind == NODE_ASK_PLACE && node->go == index) {
			s->node = i;
			return true;
		}
	}
	return false;
}

bool
price_way(const struct edition *e, uint16_t index, const char *country,
    struct menu_session *s, struct sv *ret_text)
{
	static const char digits[] = "0123456789";
	const struct places *places = e->content.places;
	uint16_t home = places_find(places, sv_of(country));
	unsigned digit = 0;

	if (home != PLACE_NONE && way_by_place(e, index, s)) {
		*ret_text = places_at(places, home)->names[s->lang];
		return true;
	}
	if (way_by_topic(e, index, s))
		digit = 1;
	else if (!way_by_menu(e, index, s, &digit) &&
		 index != tree_main(e->tree))
		return false;
	*ret_text = (struct sv){ digits + digit, 1 };
	return true;
}

/* Whose number most people have who write in a language. */
static const char *
country_of(enum lang lang)
{
	static const char *const countries[LANG_COUNT] = {
		[LANG_RU] = "ru",
		[LANG_KY] = "kg",
		[LANG_TG] = "tj",
		[LANG_UZ] = "uz",
		[LANG_UZ_CYRL] = "uz",
		[LANG_KK] = "kz",
		[LANG_EN] = "kg",
	};

	return countries[lang];
}

static struct price_talk
talk_in(enum lang lang)
{
	struct price_talk talk = price_talk_new();

	talk.plain.lang = (uint8_t)lang;
	talk.plain.chosen = 1;
	return talk;
}

/* Latin stands where plain stands. */
static void
talk_latin(struct price_talk *talk)
{
	talk->latin = talk->plain;
	talk->latin.latin = 1;
	if (talk->plain.lang == LANG_UZ_CYRL)
		talk->latin.lang = LANG_UZ;
}

void
price_nodes(const struct edition *e, const struct menu_input *in,
    struct arena *arena, price_fn *fn, void *arg)
{
	struct menu_input as = *in;
	struct price_talk talk;
	struct price price;
	uint16_t node;
	int lang;

	for (lang = 0; lang < LANG_COUNT; lang++)
		for (node = 0; node < tree_count(e->tree); node++) {
			talk = talk_in((enum lang)lang);
			as.country = country_of((enum lang)lang);
			if (!price_way(
				e, node, as.country, &talk.plain, &as.text))
				continue;
			talk_latin(&talk);
			arena_reset(arena);
			if (price_take(e, &talk, &as, arena, &price))
				fn(arg, &price);
		}
}
