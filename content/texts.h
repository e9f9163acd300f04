/*
 * texts.h - every sentence a caller may read, by id and language.
 *
 * Read from gettext PO files DIR/CODE.po (texts: msgid is the text's id) and
 * DIR/CODE.words.po (keywords: context "words"), and what the console has
 * taught since, DIR/CODE.taught.po, by libgettextpo.
 */
#ifndef CONTENT_TEXTS_H
#define CONTENT_TEXTS_H

#include "content/lang.h"
#include "daemon/base/diag.h"

struct texts;

/*
 * Read all languages from dir.  A missing ru.po or en.po, a PO error, a
 * placeholder in a translation that English lacks (or the reverse), or an id
 * that English does not have is refused.
 *
 * reterr_diag  "FILE:LINE: what is wrong; what to write"
 *
 * Returns 0, -ENOENT, -EINVAL.
 */
MUST_USE int texts_load(
    const char *dir, struct texts **ret_texts, struct diag *reterr_diag);
void texts_free(struct texts **tp);

/*
 * The text with this id in lang, or by lang_fallback(); placeholders stay.
 * An unknown id gives an empty view: edition_load() has checked them all.
 */
struct sv texts_get(const struct texts *t, enum lang lang, const char *id);

/* True if lang itself (no fallback) has this id. */
bool texts_has(const struct texts *t, enum lang lang, const char *id);

/* Call fn for every id that English has, in file order. */
void texts_each(
    const struct texts *t, void (*fn)(void *arg, const char *id), void *arg);

/*
 * Call fn for every line of every "words" entry of every language.
 *
 * name  the entry's msgid: a topic, a command, "number.3", "lang.ky", ...
 * word  one line of msgstr, trimmed, never empty
 * line  where the entry stands in its file, for messages
 */
struct texts_word {
	enum lang lang;
	const char *name;
	struct sv word;
	const char *file;
	unsigned line;
};
void texts_words_each(const struct texts *t,
    void (*fn)(void *arg, const struct texts_word *word), void *arg);

#endif
