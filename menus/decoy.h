/*
 * decoy.h - a word that a person has set, and what is said without it.
 *
 * Somebody else may take the phone and write to us.  Who has set a word gets
 * nothing but the list of public offices and emergency numbers, the one that
 * anybody gets for "office hours", until a text begins with the word.  Whether
 * it is needed, and whether it is the right one, the caller decides.
 */
#ifndef MENUS_DECOY_H
#define MENUS_DECOY_H

#include "menus/step.h"

enum {
	DECOY_WORD_MAX = 128, /* bytes */
	DECOY_WORD_MIN = 3,   /* characters */
};

/*
 * Cut the first word off a text: as letters without case, and without the
 * marks that a phone puts behind it.
 *
 * Returns false, and leaves the text alone, if it begins with no such word.
 */
bool decoy_word_cut(
    struct sv *text, char buf[DECOY_WORD_MAX], struct sv *ret_word);

/*
 * True if the text is the command and the same word twice, so that nobody
 * locks themselves out by a slip or a sentence.
 *
 * ret_word  in buf; empty if it is too short, or if it means something here
 *           and whoever holds the phone might write it
 */
bool decoy_word_asked(const struct matcher *m, struct sv text,
    char buf[DECOY_WORD_MAX], struct sv *ret_word);

/*
 * The turn of somebody who has not written the word: menu_step() as if they had
 * asked for the public offices, their session begun anew.  To stop and to be
 * forgotten needs no word: see daemon/core/decoy.c.
 */
void decoy_step(const struct edition *e, const struct menu_session *session,
    const struct menu_input *input, struct arena *arena,
    struct menu_result *ret_result);

#endif
