/* taught.h - words from the console, as an edition has them. */
#ifndef CONTENT_TAUGHT_H
#define CONTENT_TAUGHT_H

#include "db/directory.h"

enum { TAUGHT_BYTES_MAX = 90 /* of a word */ };

/*
 * Whether it may be a word of the console: letters, spaces, - and ', and a *
 * behind three letters or more, for any ending.  The signs that menus/words.md
 * has besides are for who can see all words.
 */
bool taught_word_is_plain(struct sv word);

/*
 * Write CODE.taught.po of every language with approved words into a folder.
 *
 * Returns 0, -EIO and the like, or what directory.h returns.
 */
MUST_USE int content_taught(
    struct directory *dir, const char *folder, struct diag *reterr_diag);

#endif
