/*
 * prompts.h - what a caller may hear: every spoken prompt of an edition.
 *
 * A prompt is made when an edition is published, never in a call.  It is named
 * by a language and an id of [a-z0-9._-], and lies in
 *
 *   PROMPTS/0007/ky/press.1.wav        RIFF WAVE, 8 kHz, mono, PCM16
 *
 * where PROMPTS is the setting voice.prompts_dir, 0007 the edition.
 *
 *   voice.X        the texts of lang/CODE.po with such an id
 *   press.N        "press N": 0 to 9, star, hash
 *   digit.N        a digit of a telephone number
 *   for.NODE       "for X": a menu's line; press.N follows it
 *   place.ID       a place of gazetteer.csv
 *   org.ID.name    who helps: listings that callers may hear of
 *   org.ID.what    with what
 *   org.ID.hours   when, if prompts_says_hours()
 *
 * Pure.  What makes the files of them is daemon/ctl/prompts.h.
 */
#ifndef CONTENT_PROMPTS_H
#define CONTENT_PROMPTS_H

#include "content/content.h"

enum {
	PROMPT_ID_MAX = 96, /* with its NUL */
	PROMPT_TEXT_MAX = 4096,
	PROMPT_PATH_MAX = 1024,
};

struct prompt {
	enum lang lang; /* whose callers hear it; never LANG_UZ_CYRL */
	const char *id;
	struct sv text; /* what somebody would read out, as it is written */
	enum lang read; /* the language of the text: Russian for a name that
			   lang has no form of */
};

/* The language that a caller of this written form hears: Uzbek for both of
 * its forms, else the same. */
enum lang prompts_lang(enum lang lang);

/*
 * Call fn for every prompt of the edition: the languages in order, within each
 * the ids as listed above.  The prompt is valid during the call of fn only.
 */
void prompts_each(const struct content *c,
    void (*fn)(void *arg, const struct prompt *prompt), void *arg);

/* The same for one listing that may not be in it: its org. prompts. */
void prompts_listing_each(const struct content *c, const struct listing *l,
    void (*fn)(void *arg, const struct prompt *prompt), void *arg);

/* True if the opening hours of a listing are understood, and so can be said. */
bool prompts_says_hours(const struct listing *l);

/*
 * Where a prompt lies, without ".wav", as Asterisk's STREAM FILE wants it.
 *
 * root  the setting voice.prompts_dir
 *
 * Returns 0, -ENAMETOOLONG; -EINVAL: an id that is none.
 */
MUST_USE int prompts_name(const char *root, int64_t edition, enum lang lang,
    const char *id, char ret_name[PROMPT_PATH_MAX]);

#endif
