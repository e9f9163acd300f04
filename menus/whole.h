/*
 * whole.h - texts that are one keyword or one place and nothing else.
 *
 * Most people send the word they were told to.  What the matcher makes of each
 * keyword and place alone is worked out once, in the ways people type it, and
 * found by one hash of the bytes.
 */
#ifndef MENUS_WHOLE_H
#define MENUS_WHOLE_H

#include "menus/match.h"

enum { WHOLE_MAX = 48 /* bytes of a text, without the space around it */ };

struct whole;

/* Ask m, which must not use a table yet, about each text. */
struct whole *whole_new(const struct content *c, const struct matcher *m);
void whole_free(struct whole **wp);

/* True if the text is known: then *ret_match is what match_text() without
 * this table says. */
bool whole_find(const struct whole *w, struct sv text, struct match *ret_match);

/* Call fn with every text that is known. */
void whole_each(
    const struct whole *w, void (*fn)(void *arg, struct sv text), void *arg);

#endif
