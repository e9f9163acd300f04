/*
 * spelling.h - words respelt for voices that misread them.
 *
 *   Russian as phonemes, some words that the voice stresses elsewhere
 *   Uzbek   oʻ and gʻ as ў and ғ: in Latin letters "ngʻ" is read as one sound
 *   Kyrgyz  as phonemes, in [[ ]], where the voice loses a letter: "банк" is
 *	     read "бан", "Москва" "мосова"
 *   Tajik   in Latin letters as the Persian voice reads them
 */
#ifndef CONTENT_SPELLING_H
#define CONTENT_SPELLING_H

#include "content/lang.h"
#include "daemon/base/sb.h"

/* Write text, one word of a language as speech_voice() must get it. */
void spelling_put(struct sb *b, enum lang lang, struct sv text);

#endif
