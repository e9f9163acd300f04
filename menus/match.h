/*
 * match.h - what did they mean: a command, a digit, a topic, a place.
 *
 * Built once per edition from the "words" entries and the gazetteer; then
 * pure.  Never guesses a topic: when two are close, it says so (choices).
 */
#ifndef MENUS_MATCH_H
#define MENUS_MATCH_H

#include "content/content.h"

enum match_kind {
	MATCH_NONE, /* nothing, or several topics: see choice_count */
	MATCH_COMMAND,
	MATCH_NUMBER,
	MATCH_TOPIC,
	MATCH_PLACE, /* a place and nothing else */
};

/* Names in the lexicon: "menu" "back" "more" "language" "stop" "forget"
 * "counsellor" "callback" "emergency" "help" "latin" "cyrillic" "start"
 * "plain" "plain.always" "discreet" "offices" "decoy". */
enum match_command {
	CMD_MENU,
	CMD_BACK,
	CMD_MORE,
	CMD_LANGUAGE,
	CMD_STOP,
	CMD_FORGET,
	CMD_COUNSELLOR,
	CMD_CALLBACK, /* they want to be called */
	CMD_EMERGENCY,
	CMD_HELP, /* bare HELP / ПОМОЩЬ: the main menu, emergency first */
	CMD_LATIN,	  /* from now on in Latin letters, which cost less */
	CMD_CYRILLIC,	  /* and back */
	CMD_START,	  /* after CMD_STOP; the main menu */
	CMD_PLAIN,	  /* the last answer again, in plain words */
	CMD_PLAIN_ALWAYS, /* all answers from now on */
	CMD_DISCREET,	  /* and back */
	CMD_OFFICES,	  /* public offices and emergency numbers */
	CMD_DECOY,	  /* and their word, twice: see menus/decoy.h */
	CMD_COUNT,
};

enum { MATCH_CHOICES_MAX = 3, MATCH_TEXT_MAX = 2000 /* characters */ };

struct match {
	enum match_kind kind;
	enum match_command command;
	unsigned number;  /* 0..9 and 000 never: that is CMD_FORGET */
	uint16_t topic;	  /* TOPIC_NONE unless kind is MATCH_TOPIC */
	uint16_t place;	  /* PLACE_NONE if no place was named */
	bool elsewhere;	  /* place is a country they come from or go to */
	uint16_t state;	  /* a country named with its consulate or citizens,
			     or PLACE_NONE: not where the person is */
	enum lang lang;	  /* language written, LANG_NONE if unsure */
	enum lang wanted; /* CMD_LANGUAGE: the language named, or NONE */
	bool urgent;	  /* words of danger to life */
	uint16_t choices[MATCH_CHOICES_MAX]; /* topics, likeliest first */
	size_t choice_count;
	const char *how; /* "number" "word" "stem" "phrase" "place" "none",
			  * "filler": only greetings and thanks, or nothing;
			  * menu_step() adds "label": a line of the menu */
	int score;
};

struct matcher;

/* Returns 0, -EINVAL with FILE:LINE in reterr_diag (a bad pattern, a word
 * owned by two topics in one language, an unknown name). */
MUST_USE int matcher_new(const struct content *c, struct matcher **ret_matcher,
    struct diag *reterr_diag);
void matcher_free(struct matcher **mp);

/* text: UTF-8, any length; what comes after MATCH_TEXT_MAX is not read. */
void match_text(
    const struct matcher *m, struct sv text, struct match *ret_match);

/* The same, and call fn with lines for people: each reading that was tried,
 * what its words are known as and what they add up to. */
void match_explain(const struct matcher *m, struct sv text,
    void (*fn)(void *arg, const char *line), void *arg,
    struct match *ret_match);

/* True if both say the same. */
bool match_same(const struct match *a, const struct match *b);

#endif
