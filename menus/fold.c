/* fold.c - bytes to letters and words; tables from ICU. */
#include "menus/fold.h"

#include <stdlib.h>
#include <uchar.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf8.h>

#include "menus/fold_inner.h"

/* Everything people write lies below; the rest asks ICU each time.  No key
 * bears a letter past KEYS_MAX. */
enum { TABLE_MAX = 0x2800, KEYS_MAX = 0x500 };

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
	w->n = (uint8_t)fold_codes(raw, w, 0, t->codes + t->codes_n);
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

void
fold_wipe(struct folded *t)
{
	explicit_bzero(t->codes, t->codes_n);
	explicit_bzero(t->raw, t->raw_n * sizeof(t->raw[0]));
	t->count = t->codes_n = t->raw_n = 0;
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
