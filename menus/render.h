/*
 * render.h - makes the text of a reply: menus, lists of helpers, short lines.
 *
 * Pure.  Everything given back lives in the arena, is valid UTF-8 and, for the
 * languages of the GSM-7 alphabet, has its typographic marks folded to plain
 * ones, because a single one of them more than doubles the price of a reply.
 */
#ifndef MENUS_RENDER_H
#define MENUS_RENDER_H

#include "daemon/proto/sms.h"
#include "menus/edition.h"

enum {
	REPLY_BYTES_MAX = 2048,
	LIST_PAGE_MAX = 3,    /* listings in one reply */
	LIST_PAGE_ENOUGH = 2, /* worth a part more */
	PREVIEW_CHARS = 40,   /* what a locked phone shows of a text */
};

struct renderer {
	const struct edition *e;
	enum lang lang;
	struct arena *arena;
	bool latin;  /* nothing but Latin letters was asked for */
	bool plain;  /* discreet words were not wanted: see render_text() */
	bool stored; /* as the texts are stored: only to compare the price */
};

/* True if the language is written in GSM-7: it shall stay in it. */
bool render_is_gsm7(enum lang lang);

/* Replace typographic marks by plain ones, if the language is of GSM-7, or
 * all Cyrillic by Latin letters, if that was asked for. */
void render_fold(const struct renderer *r, struct sb *b);

/* The texts that code names, for the check of an edition. */
void render_ids_each(void (*fn)(void *arg, const char *id), void *arg);

/* A fixed text; in plain words that with ".plain" behind its id, if the
 * language has one. */
struct sv render_text(const struct renderer *r, const char *id);

/* A text with its one placeholder, "{place}" for example, filled in. */
struct sv render_filled(const struct renderer *r, const char *id,
    const char *placeholder, struct sv value);

/* The same in a text that was made. */
struct sv render_fill(const struct renderer *r, struct sv text,
    const char *placeholder, struct sv value);

/* Two texts, the second on a new line. */
struct sv render_joined(const struct renderer *r, struct sv a, struct sv b);

/* A menu: a head and a line for each item. */
struct sv render_menu(
    const struct renderer *r, struct sv head, const struct node *node);

/*
 * The same menu after a digit that is not in it: nomatch.head in place of its
 * own head, or above it where its own is longer, because then it hides from a
 * locked phone what follows.
 */
struct sv render_menu_again(const struct renderer *r, const struct node *node);

/* Characters, for people: not bytes, not units of SMS. */
size_t render_chars(struct sv text);

/* The topics that may be meant, numbered from 1 under choose.head; again: and
 * nomatch.head, after a digit that is none of them. */
struct sv render_choices(
    const struct renderer *r, bool again, const uint16_t *topics, size_t count);

/* The languages, each by its own name, numbered by lang_digit(), and the word
 * that changes the letters. */
struct sv render_languages(const struct renderer *r, struct sv head);

/* The digit of a language, the same in every list; 0 if the edition has no
 * texts in it. */
unsigned lang_digit(const struct edition *e, enum lang lang);

/* A page of a list of helpers. */
struct list_page {
	const char *head;  /* id of the text above it, or NULL */
	const char *topic; /* id of the label of what it is about, or NULL: said
			      before the head where it has plain words */
	const struct listing *const *found;
	size_t count;	  /* of found */
	size_t start;	  /* first one to show, below count */
	const char *from; /* country of the caller's number */
	uint16_t at;	  /* where the person is, or PLACE_NONE */
	bool ask_town;	  /* offer to say the town */
	bool alone;	  /* there is no other page, and no word of one */
};

/* What a page came to show, in its order; at least one. */
struct list_shown {
	const struct listing *listings[LIST_PAGE_MAX];
	size_t count;
};

/* False if all that could be given to a caller from there would cost a
 * language of GSM-7, or Latin letters, the alphabet: a Cyrillic website. */
bool render_can_give(const struct renderer *r, const struct listing *l,
    const struct listing_caller *who);

/* True if it helps with questions of health and nothing else. */
bool render_only_health(const struct renderer *r, const struct listing *l);

/* The name of a listing as a list has it: without what the text
 * names.discreet takes out of it, unless plain words are wanted. */
struct sv render_name(const struct renderer *r, const struct listing *l);

/*
 * Put LIST_PAGE_ENOUGH listings into the fewest parts that hold them, at most
 * REPLY_PARTS_MAX, and LIST_PAGE_MAX where that costs no part; one, if two do
 * not fit.  All whole: a number is never cut.  Second phones, hours and long
 * names are left out when that saves a part or lets another one in; when not
 * even one fits, the question for the town, then the end of its name.  A name
 * ends before the place that the person is at: ", Kyrgyzstan" in Kyrgyzstan.
 * Where the head is too short to hide it, the name of a place that treats
 * people does not come first; if there is nobody else, list.hidden is the head.
 *
 * Short names stand in the text names.short.  In Latin letters the page has the
 * same listings as in Cyrillic, with as much of them as the fewest parts hold.
 */
struct sv render_list(const struct renderer *r, const struct list_page *page,
    struct list_shown *ret_shown);

/* The same listings with all that is stored of them, whatever it costs: what
 * render_list() is compared with. */
struct sv render_list_stored(const struct renderer *r,
    const struct list_page *page, const struct list_shown *shown);

#endif
