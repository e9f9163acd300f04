/*
 * price.h - what a conversation costs in parts, three ways: each text as it
 * is stored, as we send it, and as we send it in Latin letters.
 *
 * For `safarctl parts` and the tests; nobody is answered by it.
 */
#ifndef MENUS_PRICE_H
#define MENUS_PRICE_H

#include "menus/step.h"

/* One person, twice: the second asked for Latin letters at the start. */
struct price_talk {
	struct menu_session plain, latin;
};

struct price {
	enum lang lang;	      /* of the answer */
	uint16_t node;	      /* where it left them, or NODE_NONE */
	unsigned stored;      /* parts */
	unsigned ours, latin; /* the same */
	bool same_listings;   /* ours and Latin show the same helpers */
	struct sv latin_text;
};

struct price_talk price_talk_new(void);

/*
 * Answer a text three ways and go on with the talk.  LAT and KIR are left out:
 * both ways have their letters already.
 *
 * in  its field stored is not looked at
 *
 * Returns false if the text was such a word.
 */
bool price_take(const struct edition *e, struct price_talk *talk,
    const struct menu_input *in, struct arena *arena, struct price *ret_price);

/* Told of one reply, which lives until the next. */
typedef void price_fn(void *arg, const struct price *price);

/*
 * The way to a node, for somebody at home in a country who has not said where
 * they are.
 *
 * session   its language is set; becomes where they stand
 * ret_text  what they write there
 *
 * Returns false if none leads there.
 */
bool price_way(const struct edition *e, uint16_t node, const char *country,
    struct menu_session *session, struct sv *ret_text);

/*
 * Price every node of the tree in every language, as somebody at home gets it
 * who has not said where they are.
 *
 * in     text and country are not looked at
 * arena  is reset before each reply
 */
void price_nodes(const struct edition *e, const struct menu_input *in,
    struct arena *arena, price_fn *fn, void *arg);

/* Parts of many replies. */
struct price_sum {
	unsigned replies, stored, ours, latin;
	/* of those that take more than one part: one part has no half */
	unsigned longer, longer_ours, longer_latin;
	unsigned halves; /* of longer_ours, rounded up reply by reply */
};

void price_sum_add(struct price_sum *sum, const struct price *price);

/* Half the parts of a reply, rounded up: what Latin letters may cost. */
unsigned price_half(const struct price *price);

#endif
