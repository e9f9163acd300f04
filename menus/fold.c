/* fold.c - letters to skeleton codes; tables from ICU. */
#include "menus/fold.h"

#include <stdlib.h>
#include <uchar.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf8.h>

/* Everything people write lies below; the rest asks ICU each time.  No key
 * bears a letter past KEYS_MAX. */
enum { TABLE_MAX = 0x2800, KEYS_MAX = 0x500 };
enum { CYRILLIC_FIRST = 0x400, CYRILLIC_END = 0x530 };

enum char_class {
	CLASS_BREAK, /* between words */
	CLASS_LETTER,
	CLASS_DIGIT,
	CLASS_QUOTE, /* apostrophe of any shape */
	CLASS_SKIP,  /* accents, joiners: as if not there */
};

struct letter {
	uint16_t base;	/* small letter without accents; a digit's value */
	uint8_t class;	/* enum char_class */
	uint8_t langs;	/* languages that have it, 0: nothing special */
	uint8_t script; /* FOLD_CYRILLIC ... of letters and digits */
};

struct fold {
	struct letter table[TABLE_MAX];
	uint16_t keys[FOLD_LAYOUT_COUNT][KEYS_MAX]; /* what was meant */
	uint8_t layouts[KEYS_MAX];		    /* see key_layouts() */
	const UNormalizer2 *fold, *apart;
};

enum {
	L_RU = 1 << LANG_RU,
	L_KY = 1 << LANG_KY,
	L_TG = 1 << LANG_TG,
	L_UZ = 1 << LANG_UZ | 1 << LANG_UZ_CYRL,
	L_KK = 1 << LANG_KK,
};

/* Letters that few of our languages have. */
static const struct {
	uint16_t c;
	uint8_t langs;
} rare_letters[] = {
	{ u'ә', L_KK },
	{ u'і', L_KK },
	{ u'ұ', L_KK },
	{ u'һ', L_KK },
	{ u'ө', L_KK | L_KY },
	{ u'ү', L_KK | L_KY },
	{ u'ң', L_KK | L_KY },
	{ u'ғ', L_KK | L_TG | L_UZ },
	{ u'қ', L_KK | L_TG | L_UZ },
	{ u'ҳ', L_TG | L_UZ },
	{ u'ҷ', L_TG },
	{ u'ӣ', L_TG },
	{ u'ӯ', L_TG },
	{ u'ў', L_UZ },
	{ u'ы', L_RU | L_KY | L_KK },
	{ u'щ', L_RU },
};

static const uint16_t quotes[] = { '\'', '`', 0xb4, 0x2b9, 0x2bb, 0x2bc, 0x2bd,
	0x2be, 0x2bf, 0x2c8, 0x2018, 0x2019, 0x201b, 0x2032, 0x2035 };

static bool
is_latin(uint16_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0xdf && c < 0x250);
}

static bool
is_cyrillic(uint16_t c)
{
	return c >= CYRILLIC_FIRST && c < CYRILLIC_END;
}

static uint8_t
letter_script(uint16_t base)
{
	return is_latin(base)	 ? FOLD_LATIN :
	       is_cyrillic(base) ? FOLD_CYRILLIC :
				   FOLD_ODD;
}

static uint8_t
letter_langs(UChar32 c)
{
	for (size_t i = 0; i < ARRAY_LEN(rare_letters); i++) {
		if (rare_letters[i].c == c)
			return rare_letters[i].langs;
	}
	return 0;
}

/* The letter under its accents; some letters only look accented. */
static uint16_t
letter_base(const struct fold *f, UChar32 c)
{
	UChar one[8] = { 0 }, apart[8] = { 0 };
	UErrorCode rc = U_ZERO_ERROR;

	if (c == u'й' || c == u'ў' || c == u'ӯ')
		return (uint16_t)c;
	if (c > 0xffff)
		return 0;
	one[0] = (UChar)c;
	(void)unorm2_normalize(f->apart, one, 1, apart, 8, &rc);
	return U_FAILURE(rc) ? (uint16_t)c : apart[0];
}

static struct letter
letter_other(UChar32 c)
{
	double value = u_getNumericValue(c);
	int type = u_charType(c);

	for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
		if (quotes[i] == c)
			return (struct letter){ .class = CLASS_QUOTE };
	}
	if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK ||
	    type == U_FORMAT_CHAR)
		return (struct letter){ .class = CLASS_SKIP };
	if (value >= 0 && value <= 9 && value == (int)value)
		return (struct letter){ .base = (uint16_t)value,
			.class = CLASS_DIGIT,
			.script = FOLD_DIGITS };

	return (struct letter){ .class = CLASS_BREAK };
}

static struct letter
letter_make(const struct fold *f, UChar32 c)
{
	UChar in[2], out[20] = { 0 };
	UErrorCode rc = U_ZERO_ERROR;
	struct letter other = letter_other(c);
	int32_t n = 0;
	uint16_t base;
	UChar32 low;

	/* full-width, mathematical and capital letters become plain ones */
	if (other.class != CLASS_BREAK)
		return other;
	U16_APPEND_UNSAFE(in, n, c);
	n = unorm2_normalize(f->fold, in, n, out, 20, &rc);
	if (U_FAILURE(rc) || n == 0)
		return other;
	/* letters past U+FFFF belong to none of our languages */
	low = U16_IS_SURROGATE(out[0]) ? c : (UChar32)out[0];
	if (c != low && !u_isUAlphabetic(low))
		return letter_other(low);
	if (!u_isUAlphabetic(low) || u_charType(c) == U_OTHER_SYMBOL)
		return other;
	base = letter_base(f, low);
	return (struct letter){ .base = base,
		.class = CLASS_LETTER,
		.langs = letter_langs(low),
		.script = letter_script(base) };
}

/* ---- letters to codes ---- */

/* Codes of the Cyrillic letters; '-': none.  я and ю have another before it;
 * y is й until its vowel is known. */
#define AT(c) [(c)-CYRILLIC_FIRST]
static const char cyrillic_codes[CYRILLIC_END - CYRILLIC_FIRST] = {
	AT(u'а') = 'a',
	AT(u'б') = 'b',
	AT(u'в') = 'v',
	AT(u'г') = 'g',
	AT(u'д') = 'd',
	AT(u'е') = 'e',
	AT(u'ж') = 'j',
	AT(u'з') = 'z',
	AT(u'и') = 'i',
	AT(u'й') = 'y',
	AT(u'к') = 'k',
	AT(u'л') = 'l',
	AT(u'м') = 'm',
	AT(u'н') = 'n',
	AT(u'о') = 'o',
	AT(u'п') = 'p',
	AT(u'р') = 'r',
	AT(u'с') = 's',
	AT(u'т') = 't',
	AT(u'у') = 'u',
	AT(u'ф') = 'f',
	AT(u'х') = 'h',
	AT(u'ц') = 's',
	AT(u'ч') = 'C',
	AT(u'ш') = 'S',
	AT(u'щ') = 'S',
	AT(u'ъ') = '-',
	AT(u'ы') = 'i',
	AT(u'ь') = '-',
	AT(u'э') = 'e',
	AT(u'ю') = 'u',
	AT(u'я') = 'a',
	AT(u'ѐ') = 'e',
	AT(u'ё') = 'e',
	AT(u'ђ') = 'j',
	AT(u'ѓ') = 'g',
	AT(u'є') = 'e',
	AT(u'ѕ') = 'z',
	AT(u'і') = 'i',
	AT(u'ї') = 'i',
	AT(u'ј') = 'j',
	AT(u'љ') = 'l',
	AT(u'њ') = 'n',
	AT(u'ћ') = 'C',
	AT(u'ќ') = '-',
	AT(u'ѝ') = 'i',
	AT(u'ў') = 'u',
	AT(u'џ') = 'j',
	AT(u'ә') = 'a',
	AT(u'ғ') = 'g',
	AT(u'ҕ') = 'g',
	AT(u'қ') = 'k',
	AT(u'ҡ') = 'k',
	AT(u'ң') = 'n',
	AT(u'ҥ') = 'n',
	AT(u'ө') = 'o',
	AT(u'ү') = 'u',
	AT(u'ұ') = 'u',
	AT(u'һ') = 'h',
	AT(u'ҳ') = 'h',
	AT(u'ҷ') = 'j',
	AT(u'ҫ') = 's',
	AT(u'җ') = 'j',
	AT(u'ӯ') = 'u',
	AT(u'ӏ') = '-',
};
#undef AT
static const char latin_codes[] = "abkdefghijklmnopkrstuvwhyz";

/* Letters of one alphabet that look like letters of the other. */
static const char16_t looks_cyrillic[] = u"авсекмнортхуіз";
static const char looks_latin[] = "abcekmhoptxyi3";

static uint16_t
look_alike(uint16_t c, bool to_cyrillic)
{
	for (size_t i = 0; looks_latin[i] != '\0'; i++) {
		if (to_cyrillic && c == (uint16_t)looks_latin[i])
			return looks_cyrillic[i];
		if (!to_cyrillic && c == looks_cyrillic[i])
			return (uint16_t)looks_latin[i];
	}
	return 0;
}

/* Turn the letters of one alphabet into the other's, if all look like it. */
static bool
unmix_to(uint16_t *w, size_t n, bool cyrillic)
{
	for (size_t i = 0; i < n; i++) {
		if ((cyrillic ? is_latin(w[i]) : is_cyrillic(w[i])) &&
		    look_alike(w[i], cyrillic) == 0)
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (cyrillic ? is_latin(w[i]) : is_cyrillic(w[i]))
			w[i] = look_alike(w[i], cyrillic);
	}
	return true;
}

/* A word of two alphabets where one only looks the part. */
static void
unmix(uint16_t *w, size_t n)
{
	size_t cyrillic = 0, latin = 0;

	for (size_t i = 0; i < n; i++) {
		cyrillic += is_cyrillic(w[i]);
		latin += is_latin(w[i]);
	}
	if (cyrillic == 0 || latin == 0)
		return;
	if (!unmix_to(w, n, cyrillic >= latin))
		(void)unmix_to(w, n, cyrillic < latin);
}

static char
cyrillic_code(uint16_t c, unsigned reading)
{
	if ((reading & FOLD_PLAIN_O) != 0 && (c == u'ў' || c == u'ӯ'))
		return 'o';
	if ((reading & FOLD_PLAIN_E) != 0 && c == u'ә')
		return 'e';
	if ((reading & FOLD_PLAIN_CH) != 0 && c == u'ҷ')
		return 'C';
	if (cyrillic_codes[c - CYRILLIC_FIRST] == '\0')
		return '_';
	return cyrillic_codes[c - CYRILLIC_FIRST];
}

static char
latin_other(uint16_t c, uint16_t next, unsigned reading)
{
	if (c == u'ı')
		return 'i';
	if (c == u'ə' || c == u'æ')
		return 'a';
	if (c == u'ø')
		return 'o';
	if (c > 'z')
		return '_';
	if ((reading & FOLD_OTHER) != 0) {
		if (c == 'w')
			return 'S';
		if (c == 'j')
			return 'y';
		if (c == 'c' && (next == 'a' || next == 'o' || next == 'u'))
			return 's';
	}
	if (c == 'c' && (next == 'e' || next == 'i' || next == 'y'))
		return 's';
	return latin_codes[c - 'a'];
}

/* The sound of a Latin letter with h or an apostrophe behind it; 0: none. */
static char
latin_pair(uint16_t c, uint16_t next, unsigned reading)
{
	static const char before_h[] = "sczkg", sounds[] = "SCjhg";
	const char *at;

	if (c > 'z' || (next != 'h' && next != '\''))
		return 0;
	if (next == '\'' && c == 'g')
		return 'g';
	if (next == '\'' && c == 'o')
		return (reading & FOLD_PLAIN_O) != 0 ? (char)'o' : (char)'u';
	if (next == '\'')
		return 0;
	at = strchr(before_h, (char)c);
	if (at == NULL)
		return 0;
	return sounds[at - before_h];
}

/* One Latin letter, or two that are one sound.  Returns letters used. */
static size_t
latin_code(const uint16_t *w, size_t n, unsigned reading, char *ret)
{
	uint16_t next = n > 1 ? w[1] : 0;

	*ret = latin_pair(w[0], next, reading);
	if (*ret != 0)
		return 2;
	*ret = latin_other(w[0], next, reading);
	return 1;
}

/* Codes that may be one sound with the next, or with the one before. */
static const bool joining[128] = { ['s'] = true,
	['t'] = true,
	['d'] = true,
	['y'] = true,
	['S'] = true,
	['n'] = true,
	['C'] = true };

/*
 * Letters that stand for another sound together: sC ts dj ng yo ye.
 *
 * c  becomes the code of p[0], or of it and the next together
 *
 * Returns codes read, 0: this one falls away.
 */
static size_t
join_sound(const char *p, size_t left, bool after_s, char *c)
{
	char next = '\0';

	if (left > 1)
		next = p[1];
	*c = p[0];
	if ((*c == 's' && next == 'C') || (*c == 't' && next == 's') ||
	    (*c == 'd' && next == 'j') || (*c == 'y' && next == 'e'))
		return 0;
	if ((*c == 'S' && next == 'C') || (*c == 'n' && next == 'g'))
		return 2;
	if (*c == 'y' && next == 'o') {
		*c = 'e';
		return 2;
	}
	if (*c == 'C' && after_s)
		*c = 'S';
	else if (*c == 'y')
		*c = 'i';
	return 1;
}

static size_t
join_sounds(const char *in, size_t n, char *out)
{
	size_t k = 0, used;

	for (size_t i = 0; i < n; i += used) {
		char c = in[i];

		used = 1;
		if (joining[(uint8_t)c & 127]) {
			used = join_sound(
			    in + i, n - i, i > 0 && in[i - 1] == 's', &c);
			if (used == 0) {
				used = 1;
				continue;
			}
		}
		if (k == 0 || out[k - 1] != c)
			out[k++] = c;
	}
	return k;
}

static char
digit_code(uint16_t digit, bool letters)
{
	if (letters && digit == 4)
		return 'C';
	if (letters && digit == 6)
		return 'S';
	if (letters && digit == 0)
		return 'o';
	if (letters && digit == 3)
		return 'z';
	return (char)('0' + digit);
}

/* True if something of the word is neither digit nor apostrophe. */
static bool
has_letters(const uint16_t *raw, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (raw[i] > 9 && raw[i] != '\'')
			return true;
	}
	return false;
}

/* One code a letter; two of a vowel with y before it, none of a sign. */
static size_t
letter_codes(
    const uint16_t *w, size_t n, unsigned reading, bool letters, char *codes)
{
	size_t k = 0, used;

	for (size_t i = 0; i < n; i += used) {
		uint16_t c = w[i];

		used = 1;
		if (is_cyrillic(c)) {
			codes[k] = 'i';
			k += c == u'я' || c == u'ю';
			codes[k] = cyrillic_code(c, reading);
			k += codes[k] != '-';
		} else if (is_latin(c)) {
			used = latin_code(w + i, n - i, reading, &codes[k++]);
		} else if (c < 10) {
			codes[k++] = digit_code(c, letters);
		} else if (c != '\'') {
			codes[k++] = '_';
		}
	}
	return k;
}

/* The raw word keeps letters as they are, ' for any apostrophe and 0..9 for
 * the values of digits. */
static size_t
skeleton(const uint16_t *raw, const struct fold_word *word, unsigned reading,
    char *ret)
{
	UNSET uint16_t w[FOLD_WORD_MAX];
	UNSET char codes[2 * FOLD_WORD_MAX];
	unsigned both = FOLD_CYRILLIC | FOLD_LATIN;
	bool letters =
	    (word->script & both) != 0 || has_letters(raw, word->raw_n);
	size_t n = word->raw_n;

	if ((word->script & both) == both && (reading & FOLD_OTHER) == 0) {
		memcpy(w, raw, n * sizeof(w[0]));
		unmix(w, n);
		raw = w;
	}
	if (!letters)
		return letter_codes(raw, n, reading, letters, ret);
	n = letter_codes(raw, n, reading, letters, codes);
	return join_sounds(codes, n, ret);
}

size_t
fold_again(const struct folded *t, const struct fold_word *w, unsigned reading,
    char ret[2 * FOLD_WORD_MAX])
{
	return skeleton(t->raw + w->raw, w, reading, ret);
}

/* ---- keyboards ---- */

static const char qwerty[] = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.";
static const char qwerty_shift[] = "~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>";
static const char16_t jcuken[] = u"ёйцукенгшщзхъфывапролджэячсмитьбю";
static const char kk_keys[] = "234589 0-=";
static const char16_t kk_letters[] = u"әіңғүұ қөһ";
static const char tg_keys[] = "wsom-=";
static const char16_t tg_letters[] = u"қҷҳӣғӯ";
static const char uz_keys[] = "so-=";
static const char16_t uz_letters[] = u"қўғҳ";

static UChar32
key_of(const char *keys, const char16_t *letters, UChar32 c)
{
	for (size_t i = 0; keys[i] != '\0'; i++) {
		if (keys[i] == c && c != ' ')
			return letters[i];
	}
	return 0;
}

static UChar32
key_to_russian(UChar32 c, enum fold_layout layout)
{
	UChar32 to = 0;

	if (layout == FOLD_LAYOUT_RU_STOP && (c == '.' || c == ','))
		return c;
	if (layout == FOLD_LAYOUT_KK)
		to = key_of(kk_keys, kk_letters, c);
	else if (layout == FOLD_LAYOUT_TG)
		to = key_of(tg_keys, tg_letters, c);
	else if (layout == FOLD_LAYOUT_UZ)
		to = key_of(uz_keys, uz_letters, c);
	if (to == 0)
		to = key_of(qwerty, jcuken, c);
	if (to == 0)
		to = key_of(qwerty_shift, jcuken, c);
	return to != 0 ? to : c;
}

static UChar32
key_to_latin(UChar32 c)
{
	UChar32 small = u_tolower(c);

	for (size_t i = 0; qwerty[i] != '\0'; i++) {
		if (jcuken[i] == small)
			return qwerty[i];
	}
	return c;
}

static UChar32
key_meant(UChar32 c, enum fold_layout layout)
{
	if (layout == FOLD_AS_TYPED)
		return c;
	return layout == FOLD_LAYOUT_EN ? key_to_latin(c) :
					  key_to_russian(c, layout);
}

/* ---- words ---- */

static void
word_end(struct folded *t, struct fold_word *w)
{
	uint16_t *raw = t->raw + w->raw;

	while (w->raw_n > 0 && raw[w->raw_n - 1] == '\'')
		w->raw_n--;
	if (w->raw_n == 0 || t->count == FOLD_WORDS_MAX) {
		*w = (struct fold_word){ .raw = (uint16_t)t->raw_n };
		return;
	}
	w->at = (uint16_t)t->codes_n;
	w->n = (uint8_t)skeleton(raw, w, 0, t->codes + t->codes_n);
	t->codes_n += w->n;
	t->raw_n = w->raw + (size_t)w->raw_n;
	t->script |= w->script;
	/* a word of signs that have no code still is a word */
	t->words[t->count++] = *w;
	*w = (struct fold_word){ .raw = (uint16_t)t->raw_n };
}

/* An accent that makes another letter of the one before it. */
static void
word_accent(struct folded *t, const struct fold_word *w, UChar32 accent)
{
	uint16_t *last = t->raw + w->raw + w->raw_n - 1;

	if (w->raw_n == 0)
		return;
	if (accent == 0x306 && *last == u'и')
		*last = u'й';
	else if (accent == 0x306 && *last == u'у')
		*last = u'ў';
	else if (accent == 0x304 && *last == u'у')
		*last = u'ӯ';
}

static void
word_add(struct folded *t, struct fold_word *w, struct letter c)
{
	uint16_t *raw = t->raw + w->raw;

	if (w->raw_n == FOLD_WORD_MAX)
		return;
	if (c.class == CLASS_QUOTE) {
		if (w->raw_n > 0)
			raw[w->raw_n++] = '\'';
		return;
	}
	if (c.langs != 0)
		w->langs =
		    (w->langs & c.langs) != 0 ? w->langs & c.langs : c.langs;
	w->script |= c.script;
	raw[w->raw_n++] = c.base;
}

/* "2месяца", "500som": an amount, then a word.  6kola and so4i are words. */
static bool
amount_ends(const struct folded *t, const struct fold_word *w, struct letter c)
{
	const uint16_t *raw = t->raw + w->raw;
	bool amount = w->script == FOLD_DIGITS;

	if (w->raw_n == 0)
		return false;
	if (c.class == CLASS_LETTER && amount)
		return w->raw_n > 1 || !is_latin(c.base) ||
		       (raw[0] != 4 && raw[0] != 6);
	if (c.class == CLASS_DIGIT && !amount)
		return c.base != 4 && c.base != 6 && c.base != 0 && c.base != 3;
	return false;
}

static inline void
fold_char(
    const struct fold *f, struct folded *t, struct fold_word *w, UChar32 u)
{
	struct letter c = { .class = CLASS_BREAK };

	if (u >= 0)
		c = u < TABLE_MAX ? f->table[u] : letter_make(f, u);
	if (c.class == CLASS_SKIP) {
		word_accent(t, w, u);
		return;
	}
	if (c.class == CLASS_BREAK) {
		if (w->raw_n > 0)
			word_end(t, w);
		return;
	}
	if (w->raw_n > 0 && amount_ends(t, w, c))
		word_end(t, w);
	word_add(t, w, c);
}

/* -1 where the UTF-8 is broken. */
static UChar32
char_next(struct sv text, size_t *at)
{
	const uint8_t *p = (const uint8_t *)text.p;
	UChar32 u;

	U8_NEXT(p, *at, text.n, u);
	return u;
}

void
fold_text(const struct fold *f, struct sv text, enum fold_layout layout,
    struct folded *ret_folded)
{
	struct folded *t = ret_folded;
	struct fold_word w = { 0 };
	size_t at = 0;
	UChar32 u;

	t->count = t->codes_n = t->raw_n = 0;
	t->script = 0;
	for (size_t n = 0; n < FOLD_CHARS_MAX && at < text.n; n++) {
		u = char_next(text, &at);
		if (u >= 0 && u < KEYS_MAX)
			u = f->keys[layout][u];
		fold_char(f, t, &w, u);
	}
	word_end(t, &w);
}

unsigned
fold_layouts(const struct fold *f, struct sv text)
{
	unsigned layouts = 0;
	size_t at = 0;
	UChar32 u;

	for (size_t n = 0; n < FOLD_CHARS_MAX && at < text.n; n++) {
		u = char_next(text, &at);
		if (u >= 0 && u < KEYS_MAX)
			layouts |= f->layouts[u];
	}
	return layouts;
}

/* ---- tables ---- */

/* The layouts on which a key is new: another letter than typed and, as they
 * are much like the Russian one, than there. */
static uint8_t
key_layouts(const struct fold *f, UChar32 c)
{
	unsigned layouts = 0;

	for (unsigned l = FOLD_LAYOUT_RU; l < FOLD_LAYOUT_COUNT; l++) {
		bool own = l == FOLD_LAYOUT_RU || l == FOLD_LAYOUT_EN;
		uint16_t old = own ? (uint16_t)c : f->keys[FOLD_LAYOUT_RU][c];

		if (f->keys[l][c] != old)
			layouts |= 1u << l;
	}
	return (uint8_t)layouts;
}

struct fold *
fold_new(void)
{
	struct fold *f = calloc(1, sizeof(*f));
	UErrorCode rc = U_ZERO_ERROR;

	ASSERT(f != NULL);
	f->fold = unorm2_getNFKCCasefoldInstance(&rc);
	f->apart = unorm2_getNFDInstance(&rc);
	ASSERT(U_SUCCESS(rc));
	for (UChar32 c = 0; c < TABLE_MAX; c++)
		f->table[c] = letter_make(f, c);
	for (unsigned layout = 0; layout < FOLD_LAYOUT_COUNT; layout++) {
		for (UChar32 c = 0; c < KEYS_MAX; c++)
			f->keys[layout][c] =
			    (uint16_t)key_meant(c, (enum fold_layout)layout);
	}
	for (UChar32 c = 0; c < KEYS_MAX; c++)
		f->layouts[c] = key_layouts(f, c);
	return f;
}

void
fold_free(struct fold **fp)
{
	free(*fp);
	*fp = NULL;
}
