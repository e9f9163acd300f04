/*
 * fold.h - one skeleton for all spellings of a word.
 *
 * A text becomes words of small ASCII codes that say how a word sounds, not
 * how it is written: қ к q are k; ө о o are o; ш щ sh 6 are S; ч ch 4 are C;
 * ж ҷ j zh dj are j; и й ы і ӣ y are i; ъ ь and apostrophes fall away; doubled
 * letters are one, but ook is uk.  Lexicon and gazetteer go through the same
 * fold, so a word is found whatever alphabet, keyboard or habit it was written
 * with.
 */
#ifndef MENUS_FOLD_H
#define MENUS_FOLD_H

#include "content/lang.h"

enum {
	FOLD_CHARS_MAX = 2000, /* characters read of a text */
	FOLD_WORDS_MAX = 256,  /* words kept of a text */
	FOLD_WORD_MAX = 40,    /* letters kept of a word */
};

/* The keyboard a text was typed on, and the one it was meant for. */
enum fold_layout {
	FOLD_AS_TYPED,
	FOLD_LAYOUT_RU,	     /* йцукен meant, qwerty typed */
	FOLD_LAYOUT_RU_STOP, /* the same, but . , end a word */
	FOLD_LAYOUT_KK,	     /* Kazakh letters on the digits */
	FOLD_LAYOUT_TG,
	FOLD_LAYOUT_UZ,
	FOLD_LAYOUT_EN, /* qwerty meant, йцукен typed */
	FOLD_LAYOUT_COUNT,
};

/* Other ways to read the same letters. */
enum fold_reading {
	FOLD_OTHER = 1,	  /* w is sh, j is y, c is s, look-alikes as they are */
	FOLD_PLAIN_O = 2, /* ў ӯ o' written as plain o */
	FOLD_PLAIN_E = 4, /* ә written as e */
	FOLD_PLAIN_CH = 8, /* ҷ written as ч */
	FOLD_READINGS = 16,
};

enum { FOLD_CYRILLIC = 1, FOLD_LATIN = 2, FOLD_DIGITS = 4, FOLD_ODD = 8 };

struct fold_word {
	uint16_t at;	/* of its skeleton, in codes */
	uint16_t raw;	/* of its letters, in raw */
	uint8_t n;	/* codes */
	uint8_t raw_n;	/* letters */
	uint8_t script; /* FOLD_CYRILLIC ... together */
	uint8_t langs;	/* languages that have its rarest letter; 0: all */
};

struct folded {
	struct fold_word words[FOLD_WORDS_MAX];
	size_t count;
	char codes[2 * FOLD_CHARS_MAX + 8];
	uint16_t raw[FOLD_CHARS_MAX + 8];
	size_t codes_n, raw_n;
	uint8_t script; /* of all words together */
};

struct fold;

/* Tables made from ICU's data. */
struct fold *fold_new(void);
void fold_free(struct fold **fp);

/* Fold a text: any bytes, any length; broken UTF-8 separates words. */
void fold_text(const struct fold *f, struct sv text, enum fold_layout layout,
    struct folded *ret_folded);

/* Leave nothing of the text: what is held from one text to the next calls
 * this in between. */
void fold_wipe(struct folded *t);

/* Layouts, as bits, on which a text says anything new: keys that mean other
 * letters were used. */
unsigned fold_layouts(const struct fold *f, struct sv text);

/*
 * Read one word of a folded text in another way.
 *
 * reading  enum fold_reading, together
 * ret      room for 2 * FOLD_WORD_MAX codes
 *
 * Returns how many codes.
 */
size_t fold_again(const struct folded *t, const struct fold_word *w,
    unsigned reading, char ret[2 * FOLD_WORD_MAX]);

#endif
