/*
 * check.h - what must hold before an edition is used: the length of every
 * reply, and what of it can be read on a locked phone.
 */
#ifndef MENUS_CHECK_H
#define MENUS_CHECK_H

#include "menus/edition.h"

struct check_sink {
	/* "ky: menu main: 3 parts ...; shorten ..." */
	void (*problem)(void *arg, const char *line);
	/* "ky   main   2 parts   131 ucs2" */
	void (*parts)(void *arg, const char *line);
	void *arg;
};

/* Returns the number of problems told to sink. */
MUST_USE unsigned check_edition(
    const struct edition *e, const struct check_sink *sink);

struct preview;
struct renderer;

/* True if the name that callers get says what a locked phone must not show:
 * such an edition is refused.  Sets *ret_word to the word, as its list has it.
 */
bool check_name_shows(const struct renderer *r, const struct preview *p,
    const struct listing *l, struct sv *ret_word);

#endif
