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

#endif
