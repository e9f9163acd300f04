/*
 * numbers.h - numbers as words, because speech synthesis misreads digits:
 * espeak-ng says an Uzbek 25 as "two five".
 */
#ifndef CONTENT_NUMBERS_H
#define CONTENT_NUMBERS_H

#include "content/lang.h"
#include "daemon/base/sb.h"

enum { NUMBERS_MAX = 999999999 };

/* Write a number up to NUMBERS_MAX in words: 25 -> "twenty five".  Uzbek in
 * Latin letters for either form. */
void numbers_put(struct sb *b, enum lang lang, uint32_t number);

/* The word of a digit, 0 to 9: "five". */
const char *numbers_digit(enum lang lang, unsigned digit);

#endif
