/*
 * score.h - adds up what the words of one reading of a text say.
 *
 * A reading is the text as typed, or on another keyboard, or with spelling
 * mistakes forgiven.  Each gets a sheet; menus/match.c decides from it.
 */
#ifndef MENUS_SCORE_H
#define MENUS_SCORE_H

#include "menus/lexicon.h"
#include "menus/places_match.h"

/* Points.  One strong word is enough, so are two weak ones. */
enum {
	POINTS_STRONG = 10,
	POINTS_WEAK = 4,
	POINTS_TYPO = 7,
	POINTS_TYPO_WEAK = 2,
	POINTS_GUESS = 3, /* asks, never answers */
	POINTS_PHRASE_WEAK = 6,
	POINTS_PHRASE_PART = 4, /* for each word of a phrase past the first */
	POINTS_AGAIN = 5,	/* for each strong word past the first */
	POINTS_ENOUGH = 7,
};

struct score_sheet {
	struct folded text;
	struct lex_word words[FOLD_WORDS_MAX];
	uint8_t meaning[FOLD_WORDS_MAX]; /* name that used the word, or 0xff */
	struct lex_found found[LEX_PHRASES_MAX]; /* not all are taken */
	struct place_hit places[PLACE_HITS_MAX];
	size_t place_count;
	uint64_t used[LEX_NAME_MAX / 64 + 1]; /* names with a score, as bits */
	int score[LEX_NAME_MAX];
	bool phrase[LEX_NAME_MAX]; /* a phrase gave points */
	bool exact[LEX_NAME_MAX];  /* an exact word did */
	bool doubt[LEX_NAME_MAX];  /* a phrase with a word guessed at did */
	int votes[LANG_COUNT];	   /* for the language, in twelfths */
	size_t unknown;		   /* words that nothing explains */
	size_t meant;		   /* words with a topic or command */
	size_t filler, offtopic, settled; /* words and phrases */
	uint16_t last_lang; /* LEX_LANG name mentioned last, 0: none */
	bool urgent, asks;
};

enum { SCORE_ALL = FOLD_WORDS_MAX + 1 /* never give up */ };

struct score_tools {
	const struct fold *fold;
	const struct lexicon *lexicon;
	const struct places_match *places;
};

/*
 * Score text as if typed on layout.
 *
 * most  give up when so many words, or more than half, are not known at all
 *
 * Returns false if given up.
 */
bool score_text(const struct score_tools *tools, struct sv text,
    enum fold_layout layout, bool typos, size_t most,
    struct score_sheet *ret_sheet);

/* True for a command that deletes nothing and calls nobody. */
bool score_harmless(unsigned name);

/* True if no topic and no command has used the word. */
bool score_word_free(const struct score_sheet *s, size_t at);

/* The language written, LANG_NONE: unsure. */
enum lang score_lang(const struct score_sheet *s);

#endif
