/* fold_codes.c - letters to skeleton codes. */
#include <uchar.h>

#include "menus/fold_inner.h"

/* Codes of the Cyrillic letters; '-': none.  я and ю have another before it;
 * y is й until its vowel is known. */
#define AT(c) [(c)-CYRILLIC_FIRST]
static const char cyrillic_codes[CYRILLIC_END - CYRILLIC_FIRST] = {
	/* U+0430 .. U+045F */
	AT(u'а') = 'a', AT(u'б') = 'b', AT(u'в') = 'v', AT(u'г') = 'g',
	AT(u'д') = 'd', AT(u'е') = 'e', AT(u'ж') = 'j', AT(u'з') = 'z',
	AT(u'и') = 'i', AT(u'й') = 'y', AT(u'к') = 'k', AT(u'л') = 'l',
	AT(u'м') = 'm', AT(u'н') = 'n', AT(u'о') = 'o', AT(u'п') = 'p',
	AT(u'р') = 'r', AT(u'с') = 's', AT(u'т') = 't', AT(u'у') = 'u',
	AT(u'ф') = 'f', AT(u'х') = 'h', AT(u'ц') = 's', AT(u'ч') = 'C',
	AT(u'ш') = 'S', AT(u'щ') = 'S', AT(u'ъ') = '-', AT(u'ы') = 'i',
	AT(u'ь') = '-', AT(u'э') = 'e', AT(u'ю') = 'u', AT(u'я') = 'a',
	AT(u'ѐ') = 'e', AT(u'ё') = 'e', AT(u'ђ') = 'j', AT(u'ѓ') = 'g',
	AT(u'є') = 'e', AT(u'ѕ') = 'z', AT(u'і') = 'i', AT(u'ї') = 'i',
	AT(u'ј') = 'j', AT(u'љ') = 'l', AT(u'њ') = 'n', AT(u'ћ') = 'C',
	AT(u'ќ') = '-', AT(u'ѝ') = 'i', AT(u'ў') = 'u', AT(u'џ') = 'j',
	/* letters of our languages, and some near them */
	AT(u'ә') = 'a', AT(u'ғ') = 'g', AT(u'ҕ') = 'g', AT(u'қ') = 'k',
	AT(u'ҡ') = 'k', AT(u'ң') = 'n', AT(u'ҥ') = 'n', AT(u'ө') = 'o',
	AT(u'ү') = 'u', AT(u'ұ') = 'u', AT(u'һ') = 'h', AT(u'ҳ') = 'h',
	AT(u'ҷ') = 'j', AT(u'ҫ') = 's', AT(u'җ') = 'j', AT(u'ӯ') = 'u',
	AT(u'ӏ') = '-'
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
		if (c == 'c' &&
		    (next == 0 || next == 'a' || next == 'o' || next == 'u'))
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

	/* who looks at them does not lock them up */
	if (w[0] == 'o' && next == 'o' && n > 2 && w[2] == 'k') {
		*ret = 'u';
		return 2;
	}
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

size_t
fold_codes(const uint16_t *raw, const struct fold_word *word, unsigned reading,
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
	return fold_codes(t->raw + w->raw, w, reading, ret);
}
