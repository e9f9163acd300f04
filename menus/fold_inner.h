/* fold_inner.h - between fold.c and fold_codes.c. */
#ifndef MENUS_FOLD_INNER_H
#define MENUS_FOLD_INNER_H

#include "menus/fold.h"

enum { CYRILLIC_FIRST = 0x400, CYRILLIC_END = 0x530 };

static inline bool
is_latin(uint16_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0xdf && c < 0x250);
}

static inline bool
is_cyrillic(uint16_t c)
{
	return c >= CYRILLIC_FIRST && c < CYRILLIC_END;
}

/*
 * The skeleton of one word.
 *
 * raw      its letters as they are, ' for any apostrophe, 0..9 for the values
 *          of digits
 * word     how many they are, and of which scripts
 * reading  enum fold_reading, together
 * ret      room for 2 * FOLD_WORD_MAX codes
 *
 * Returns how many codes.
 */
size_t fold_codes(const uint16_t *raw, const struct fold_word *word,
    unsigned reading, char *ret);

#endif
