/*
 * endings.h - what may stand behind a stem: cases, plurals, possessives, verb
 * endings of our languages, as skeletons of menus/fold.h.
 */
#ifndef MENUS_ENDINGS_H
#define MENUS_ENDINGS_H

#include "content/lang.h"

struct endings;

struct endings *endings_new(void);
void endings_free(struct endings **ep);

/*
 * True if these codes are nothing but endings of one of the languages.
 *
 * most   how many of them, one after another
 * langs  bits
 */
bool endings_only(const struct endings *e, const char *codes, size_t n,
    unsigned most, unsigned langs);

#endif
