/* lexicon_inner.h - how the lexicon is kept; for lexicon*.c only. */
#ifndef MENUS_LEXICON_INNER_H
#define MENUS_LEXICON_INNER_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <uchar.h>

#include "menus/lexicon.h"

enum {
	ATOMS_MAX = LEX_PART_CLASS - 1,
	KEYS_MAX = 0xfffe,
	CLASSES_MAX = 64,
	PATTERNS_MAX = 64,
	TYPO_MIN = 5,	 /* shorter words are never corrected */
	TYPO_FREE = 7,	 /* from here any letter may be a wrong one */
	TYPO_ENDING = 7, /* and a word alone may have an ending */
	TYPO_FIRST = 8,	 /* and the first one, too */
	TYPO_MAX = 24,
	TYPO_WORDS_MAX = 24, /* of a text are corrected */
	STEM_MAX = 31,
	STEM_MIN = 3,	  /* of a keyword that is one word */
	STEM_SHORT = 4,	  /* up to here only in the text's language */
	STEM_LOOSE = 6,	  /* up to here endings must explain the rest */
	WORD_SHORT = 3,	  /* and so for whole words */
	KEY_TYPO_MIN = 4, /* "menue" may be "menu" */
	START_BITS = 5,
};

/* One skeleton that leads to an atom. */
struct key {
	uint32_t hash;
	uint32_t at; /* in pool */
	uint16_t atom;
	uint8_t n;
	bool star;
};

struct atom {
	uint16_t owner;	 /* 0: none */
	uint16_t phrase; /* first that starts with it, 0: none */
	uint64_t classes;
	uint16_t marks;
	uint8_t langs; /* that use it in any way */
	uint8_t latin; /* that write it in Latin letters */
	uint8_t n;     /* codes of its main spelling */
	bool star;
	bool joined; /* letters_joined() of a spelling */
};

/* A class of words for phrases. */
struct lex_class {
	char name[24];
	char where[160]; /* FILE:LINE of its first use */
	bool defined;
	uint16_t phrase;
};

struct pattern {
	pcre2_code *code;
	int first; /* byte that every match begins with, -1: many do */
	uint8_t name;
};

/* A way to reach a key by leaving out one letter. */
struct near_key {
	uint32_t hash;
	uint32_t next; /* 0: last */
	uint16_t key;
	uint8_t at; /* codes before the letter */
};

/* A keyword as it is written, for the index of near keys. */
struct spelling {
	uint16_t raw[FOLD_WORD_MAX];
	uint8_t n;
	uint8_t script;
	uint8_t reading;
	uint16_t key;
};

struct lexicon {
	struct endings *endings;
	char *pool;
	size_t pool_n, pool_max;
	struct key *keys;
	size_t key_count, key_max;
	uint16_t *slots; /* key + 1, 0: free */
	size_t slot_mask;
	struct atom *atoms;
	size_t atom_count, atom_max;
	struct lex_owner *owners; /* [0] unused */
	size_t owner_count, owner_max;
	struct lex_phrase *phrases; /* [0] unused */
	size_t phrase_count, phrase_max;
	struct lex_class classes[CLASSES_MAX];
	size_t class_count;
	struct pattern patterns[PATTERNS_MAX];
	size_t pattern_count;
	pcre2_match_data *pattern_data;
	pcre2_match_context *pattern_limits;
	struct near_key *nears; /* [0] unused */
	size_t near_count, near_max;
	uint32_t *near_slots;
	size_t near_mask;
	/* bit n: some stem that begins so has n codes */
	uint32_t stem_lengths[1 << 2 * START_BITS];
};

/* FNV-1a; a stem's hash is apart from a word's. */
#define HASH_START 0x811c9dc5u
#define HASH_STAR 0x9e3779b9u

static inline uint32_t
hash_step(uint32_t h, char c)
{
	return (h ^ (uint8_t)c) * 0x01000193u;
}

/* Which beginning of two codes; a few share one. */
static inline size_t
start_of(const char *p)
{
	size_t mask = (1 << START_BITS) - 1;

	return ((uint8_t)p[0] & mask) << START_BITS | ((uint8_t)p[1] & mask);
}

static inline void
lex_need(struct lex_bits *b, uint16_t part)
{
	if (part >= LEX_PART_CLASS)
		b->classes |= UINT64_C(1) << (part - LEX_PART_CLASS);
	else
		b->atoms |= UINT64_C(1) << part % 64;
}

uint32_t lexicon_hash(const char *p, size_t n);

/* The key of this skeleton, NULL: none.  hash without the star. */
const struct key *lexicon_key(
    const struct lexicon *l, const char *p, size_t n, uint32_t hash, bool star);

/* Add what the lexicon has of a skeleton to w, which is empty. */
void lexicon_word(
    const struct lexicon *l, const char *p, size_t n, struct lex_word *w);

/* True if a letter stands there that few words have, ң or ц, or two letters
 * that are written for it: ng, ts. */
static inline bool
letters_joined(const uint16_t *raw, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t a = raw[i], b = 0;

		if (i + 1 < n)
			b = raw[i + 1];
		if (a == u'ң' || a == u'ц' || (a == 'n' && b == 'g') ||
		    (a == 't' && b == 's') || (a == u'т' && b == u'с') ||
		    (a == u'н' && (b == u'г' || b == u'ғ')))
			return true;
	}
	return false;
}

/*
 * True if a word, alone, is no sign of the atom.  One that only English has,
 * and only in Latin letters, is none of anything in a Cyrillic word that
 * sounds like it; nor is one of languages that lack a letter of the word.
 */
bool lexicon_foreign(
    const struct folded *t, const struct fold_word *f, const struct atom *a);

/* Build the index of keys that are one edit away. */
void lexicon_near_build(
    struct lexicon *l, const struct spelling *spellings, size_t count);

#endif
