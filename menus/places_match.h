/*
 * places_match.h - finds the places that a text names, in any case and form.
 *
 * "в Москве", "Москвада", "дар Маскав", "Moscow", "Питер": names and aliases
 * of the gazetteer with the endings of our languages.
 */
#ifndef MENUS_PLACES_MATCH_H
#define MENUS_PLACES_MATCH_H

#include "menus/lexicon.h"

enum { PLACE_HITS_MAX = 8 };

/* What the words around say; bits of struct place_context's words. */
enum {
	PLACE_SAYS_IN = 1,
	PLACE_SAYS_FROM = 2,
	PLACE_SAYS_STATE = 4,
	PLACE_SAYS_TO = 8,
	PLACE_SAYS_NAME = PLACE_SAYS_IN | PLACE_SAYS_FROM | PLACE_SAYS_TO,
};

enum place_mark { PLACE_BARE, PLACE_FROM, PLACE_TO, PLACE_IN };

struct place_hit {
	uint16_t place;
	uint8_t at, count; /* words */
	uint8_t mark;	   /* enum place_mark: from the ending or a word */
	uint8_t langs;	   /* languages that write it so, bits */
	bool weak;	   /* an ordinary word, too, and nothing marks it */
	bool state;	   /* "embassy of X", "citizen of X": not where */
	bool typo;
};

struct places_match;

struct places_match *places_match_new(
    const struct places *p, const struct fold *f, const struct lexicon *l);
void places_match_free(struct places_match **pp);

/*
 * says   one byte per word: PLACE_SAYS_IN ... about what follows
 * typos  also names one edit away (slow: for texts that gave nothing)
 *
 * Returns how many, in the order of the text, never overlapping.
 */
size_t places_match_find(const struct places_match *pm, const struct folded *t,
    const uint8_t *says, bool typos, struct place_hit ret_hits[PLACE_HITS_MAX]);

/* The one that says where the person is, NULL: none does. */
const struct place_hit *places_match_best(
    const struct places_match *pm, const struct place_hit *hits, size_t count);

#endif
