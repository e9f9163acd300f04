/*
 * preview.h - does a text name what nobody else must read of a person?
 *
 * A phone shows the beginning of a text to whoever stands near it.  The words
 * are content: those that the lexicon has for topics marked sensitive, as they
 * are spelled there, and the lines of two texts, "hidden.names" (illnesses,
 * drugs, sex work, trafficking, deportation) and "hidden.words" (doctors,
 * hospitals ...), a '*' behind a beginning of words.  Each counts in whatever
 * language the text is, also in Latin letters.
 */
#ifndef MENUS_PREVIEW_H
#define MENUS_PREVIEW_H

#include "menus/edition.h"

struct preview;

/* Collect the words; content must outlive the preview, the letters need not. */
struct preview *preview_new(const struct content *c, const struct latin *latin);
void preview_free(struct preview **pp);

/* True if a word begins within the first PREVIEW_CHARS characters; sets
 * *ret_word to it as it stands in its list. */
bool preview_shows(
    const struct preview *p, struct sv text, struct sv *ret_word);

/* The same, anywhere: for what comes unasked, or is to give nothing away. */
bool preview_says(const struct preview *p, struct sv text, struct sv *ret_word);

/* The same, anywhere, of "hidden.names" alone. */
bool preview_names(
    const struct preview *p, struct sv text, struct sv *ret_word);

#endif
