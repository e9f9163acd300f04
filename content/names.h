/* names.h - names of listings as callers get them. */
#ifndef CONTENT_NAMES_H
#define CONTENT_NAMES_H

#include "content/texts.h"
#include "daemon/base/arena.h"

/*
 * Replace parts of a name.
 *
 * of  the language of the name
 * id  a text with lines of "part = instead": names.discreet, names.short
 *
 * Returns the name, or another one in the arena.
 */
struct sv names_replace(const struct texts *t, enum lang of, const char *id,
    struct sv name, struct arena *arena);

/* "Hotline 1899", "Line 117, family": without a number that is given on its
 * own; the name as it is where that would leave a hole. */
struct sv names_without(struct sv name, struct sv number, struct arena *arena);

#endif
