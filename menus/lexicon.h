/*
 * lexicon.h - the keywords of all languages, compiled.
 *
 * Form of a keyword line: see menus/words.md.  Every word is an atom: an
 * exact skeleton or a stem with any ending.  An atom has owners (topics,
 * commands ...), and phrases that need it.  Atoms are found by hash; patterns
 * that operators write between slashes run on PCRE2 with limits.
 */
#ifndef MENUS_LEXICON_H
#define MENUS_LEXICON_H

#include "content/content.h"
#include "menus/fold.h"

/* What a word can be the name of, besides a topic (0 .. TOPIC_MAX - 1). */
enum lex_name {
	LEX_COMMAND = TOPIC_MAX, /* + enum match_command */
	LEX_NUMBER = 85,	 /* + 1..9 */
	LEX_LANG = 96,		 /* + enum lang */
	LEX_FILLER = 104,	 /* greetings, thanks */
	LEX_COMMON,		 /* words any sentence has */
	LEX_OFFTOPIC,		 /* weather, football, advertisements */
	LEX_SETTLED,		 /* paid, found, no longer needed */
	LEX_URGENT,	/* danger to life; this and the next are marks */
	LEX_PLACE_WEAK, /* place names that are ordinary words */
	LEX_PLACE_IN,	/* in, at, дар: a place follows */
	LEX_PLACE_FROM, /* from, из: a place follows */
	LEX_PLACE_TO,	/* to, enter: a place follows */
	LEX_STATE,	/* citizen, embassy: a state follows */
	LEX_ASIDE,	/* in a sentence often not what it is about */
	LEX_ASKS,	/* where, how, need, lost, cannot */
	LEX_UNSETTLED,	/* not, but, only, need: nothing is settled */
	LEX_MARK_END,
	LEX_CLASS = 120, /* + class: parts of phrases */
	LEX_NAME_MAX = LEX_CLASS + 64,
};

enum {
	LEX_HITS_MAX = 10,   /* atoms kept of a word */
	LEX_PARTS_MAX = 6,   /* words of a phrase */
	LEX_GAP_MAX = 3,     /* steps between words of a phrase in order */
	LEX_NEAR_MAX = 14,   /* words a phrase in any order may span */
	LEX_PHRASES_MAX = 64 /* phrases kept of a text */
};

/* LEX_GUESS: an unlikely mistake, or several words it may be: enough to ask,
 * not to answer; each of its atoms is one of them */
enum lex_how { LEX_UNKNOWN, LEX_GUESS, LEX_TYPO, LEX_STEM, LEX_EXACT };

struct lex_owner {
	uint8_t name;  /* topic or enum lex_name */
	uint8_t langs; /* bits */
	bool weak;
	uint16_t next; /* owner of the same atom, 0: last */
};

/* What is known of one word of a text. */
struct lex_word {
	uint16_t atoms[LEX_HITS_MAX];
	uint64_t classes;
	uint8_t count;
	uint16_t marks;	 /* lex_mark() of each of its marks */
	uint8_t best;	 /* index into atoms: the longest that has owners */
	uint8_t how;	 /* enum lex_how */
	uint8_t fits;	 /* codes of the word that its longest atom has */
	uint8_t guesses; /* corrected: so many atoms, the first, may be meant;
			  * the others are parts of phrases */
	bool owned;	 /* best is set */
	bool loose;	 /* a short stem, and no ending we know behind it */
};

/* Atoms, 64 to choose from shared by all, and classes, as bits. */
struct lex_bits {
	uint64_t atoms, classes;
};

struct lex_phrase {
	struct lex_bits needs;	       /* what its parts are */
	uint16_t parts[LEX_PARTS_MAX]; /* atom, or LEX_PART_CLASS + class */
	uint8_t count;
	uint8_t name;
	uint8_t langs;
	bool weak, any_order;
	uint16_t next; /* phrase with the same first part, 0: last */
};

enum { LEX_PART_CLASS = 0xff00 };

/* The bit of a mark: LEX_URGENT .. LEX_UNSETTLED. */
static inline uint16_t
lex_mark(unsigned name)
{
	return (uint16_t)(1u << (name - LEX_URGENT));
}

struct lexicon;

/*
 * Compile every keyword.
 *
 * Returns 0, -EINVAL with FILE:LINE in reterr_diag: an unknown name, a line
 * that is not a keyword, a pattern PCRE2 refuses, a word that two topics or
 * commands of one language own without both saying weak.
 */
MUST_USE int lexicon_new(const struct content *c, const struct fold *f,
    struct lexicon **ret_lexicon, struct diag *reterr_diag);
void lexicon_free(struct lexicon **lp);

/* What a name is called in the PO files; topics are not known here. */
void lexicon_name(
    const struct lexicon *l, unsigned name, char *ret_text, size_t size);

/* Look up each word: as it is, then in its other reading. */
void lexicon_words(const struct lexicon *l, const struct folded *t,
    struct lex_word ret_words[FOLD_WORDS_MAX]);

/* For words not known: those one edit away.  Returns how many were found. */
size_t lexicon_typos(const struct lexicon *l, const struct folded *t,
    struct lex_word words[FOLD_WORDS_MAX]);

/* First owner of an atom, NULL: none; then the next ones. */
const struct lex_owner *lexicon_owner(const struct lexicon *l, uint16_t atom);
const struct lex_owner *lexicon_owner_next(
    const struct lexicon *l, const struct lex_owner *o);

/* Marks of the word that is exactly this skeleton. */
uint16_t lexicon_marks(const struct lexicon *l, const char *codes, size_t n);

/* Forget short words, short stems and corrected words of languages that the
 * text is not written in: they mean too many things.  votes: by language. */
void lexicon_drop_foreign(const struct lexicon *l, struct lex_word *w,
    const int votes[LANG_COUNT], size_t words);

/* Languages that have the word's longest atom, bits. */
unsigned lexicon_langs(const struct lexicon *l, const struct lex_word *w);

/* Those of them that write the atom which counts in Latin letters, bits. */
unsigned lexicon_langs_latin(const struct lexicon *l, const struct lex_word *w);

/* True if a and b are at most one edit apart and start alike. */
bool lexicon_one_edit(const char *a, size_t an, const char *b, size_t bn);

/* A phrase that was found, and at which words. */
struct lex_found {
	const struct lex_phrase *phrase;
	uint8_t at[LEX_PARTS_MAX];
};

/* Returns how many phrases the words hold, at most LEX_PHRASES_MAX. */
size_t lexicon_phrases(const struct lexicon *l,
    const struct lex_word words[FOLD_WORDS_MAX], size_t count,
    struct lex_found ret_found[LEX_PHRASES_MAX]);

/* Call fn with the name of each pattern that matches the text. */
void lexicon_patterns(const struct lexicon *l, struct sv text,
    void (*fn)(void *arg, uint8_t name), void *arg);

#endif
