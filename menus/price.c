/* price.c - the same turn three times over. */
#include "menus/price.h"

struct price_talk
price_talk_new(void)
{
	struct price_talk talk = { menu_session_new(), menu_session_new() };

	talk.latin.latin = 1;
	return talk;
}

static bool
same_listings(const struct menu_result *a, const struct menu_result *b)
{
	size_t i, j;

	if (a->listing_count != b->listing_count)
		return false;
	for (i = 0; i < a->listing_count; i++) {
		for (j = 0; j < b->listing_count; j++)
			if (a->listings[i] == b->listings[j])
				break;
		if (j == b->listing_count)
			return false;
	}
	return true;
}

/* True if the turn was about letters: LAT, KIR, Uzbek in Cyrillic. */
static bool
is_letters(const struct menu_result *latin)
{
	const struct match *m = &latin->match;

	if (m->kind == MATCH_COMMAND &&
	    (m->command == CMD_LATIN || m->command == CMD_CYRILLIC))
		return true;
	return !latin->next.latin && (latin->effects & EFFECT_FORGET) == 0;
}

bool
price_take(const struct edition *e, struct price_talk *talk,
    const struct menu_input *in, struct arena *arena, struct price *ret_price)
{
	struct menu_result ours, stored, latin;
	struct menu_input as = *in;

	as.stored = false;
	menu_step(e, &talk->plain, &as, arena, &ours);
	menu_step(e, &talk->latin, &as, arena, &latin);
	if (is_letters(&latin))
		return false;
	as.stored = true;
	menu_step(e, &talk->plain, &as, arena, &stored);
	*ret_price = (struct price){
		.lang = ours.lang,
		.node = ours.node,
		.stored = stored.size.parts,
		.ours = ours.size.parts,
		.latin = latin.size.parts,
		.same_listings = same_listings(&ours, &latin),
		.latin_text = latin.text,
	};
	talk->plain = ours.next;
	talk->latin = latin.next;
	talk->latin.latin = 1; /* whoever was forgotten starts anew */
	return true;
}

void
price_sum_add(struct price_sum *sum, const struct price *price)
{
	sum->replies++;
	sum->stored += price->stored;
	sum->ours += price->ours;
	sum->latin += price->latin;
	if (price->ours < 2)
		return;
	sum->longer++;
	sum->longer_ours += price->ours;
	sum->longer_latin += price->latin;
	sum->halves += price_half(price);
}

unsigned
price_half(const struct price *price)
{
	return (price->ours + 1) / 2;
}
