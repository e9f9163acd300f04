/*
 * preview.h - does the beginning of a text name a health topic?
 *
 * A phone shows the beginning of a text to whoever stands near it.
 */
#ifndef MENUS_PREVIEW_H
#define MENUS_PREVIEW_H

#include "menus/edition.h"

struct preview;

/* Collect the words of the health topics, in Latin letters too; they must
 * outlive the preview, the letters need not. */
struct preview *preview_new(const struct content *c, const struct latin *latin);
void preview_free(struct preview **pp);

/*
 * Look for such a word, of this language, Russian, or known everywhere,
 * beginning within the first PREVIEW_CHARS characters.
 *
 * Returns true and sets *ret_word to it as it stands in the word list.
 */
bool preview_names(const struct preview *p, enum lang lang, struct sv text,
    struct sv *ret_word);

#endif
