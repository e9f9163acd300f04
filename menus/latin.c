/* latin.c - tables of letters, made into ICU rules. */
#include "menus/latin.h"

#include <stdlib.h>
#include <unicode/uidna.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum {
	RULES_BYTES_MAX = 16 * 1024,
	RULES_UNITS_MAX = 16 * 1024,
	HOST_BYTES_MAX = 256,
};

struct letter {
	const char *from, *to; /* small ones; capitals follow from them */
};

/* Russian, and what a language has no letter of its own for. */
static const struct letter letters[] = {
	{ "а", "a" },
	{ "б", "b" },
	{ "в", "v" },
	{ "г", "g" },
	{ "д", "d" },
	{ "е", "e" },
	{ "ё", "yo" },
	{ "ж", "zh" },
	{ "з", "z" },
	{ "и", "i" },
	{ "й", "y" },
	{ "к", "k" },
	{ "л", "l" },
	{ "м", "m" },
	{ "н", "n" },
	{ "о", "o" },
	{ "п", "p" },
	{ "р", "r" },
	{ "с", "s" },
	{ "т", "t" },
	{ "у", "u" },
	{ "ф", "f" },
	{ "х", "h" },
	{ "ц", "c" },
	{ "ч", "ch" },
	{ "ш", "sh" },
	{ "щ", "sch" },
	{ "ъ", "" },
	{ "ы", "y" },
	{ "ь", "" },
	{ "э", "e" },
	{ "ю", "yu" },
	{ "я", "ya" },
	/* of other languages, met in their names */
	{ "ә", "a" },
	{ "ғ", "g'" },
	{ "қ", "q" },
	{ "ң", "ng" },
	{ "ө", "ö" },
	{ "ұ", "u" },
	{ "ү", "ü" },
	{ "һ", "h" },
	{ "ҳ", "h" },
	{ "і", "i" },
	{ "ҷ", "j" },
	{ "ӣ", "i" },
	{ "ӯ", "u" },
	{ "ў", "o'" },
};

/* The alphabet that Kyrgyz shares with Turkish books. */
static const struct letter letters_ky[] = {
	{ "ж", "j" },
};

/* х and ҳ are two letters: khub, hama.  ъ lengthens: ta'jili. */
static const struct letter letters_tg[] = {
	{ "х", "kh" },
	{ "ғ", "gh" },
	{ "ъ", "'" },
};

/* Near the alphabet of 2021, without the marks that GSM-7 lacks. */
static const struct letter letters_kk[] = {
	{ "ж", "j" },
	{ "ә", "ä" },
	{ "ғ", "g" },
	{ "ң", "ñ" },
};

static const struct {
	const struct letter *own;
	size_t count;
} own_letters[LANG_COUNT] = {
	[LANG_KY] = { letters_ky, ARRAY_LEN(letters_ky) },
	[LANG_TG] = { letters_tg, ARRAY_LEN(letters_tg) },
	[LANG_KK] = { letters_kk, ARRAY_LEN(letters_kk) },
};

/* Before the letters: marks, and letters that neighbours change. */
static const char rules_before[] =
    "[\\u02bb\\u02bc\\u2018\\u2019\\u0060] > \\';"
    "[\\u00ab\\u00bb\\u201c\\u201d\\u201e] > \\\";"
    "[\\u2010-\\u2014\\u2212] > \\-; \\u2026 > '...';"
    "[\\u00a0\\u202f\\t] > ' '; \\u2116 > N;"
    "[hj] { ё > e; [HJ] { Ё > E;" /* щё, ЩЁ: щ is written already */
    "ый } [^[:L:]] > y; ЫЙ } [^[:L:]] > Y;";

/* Whatever is left: other alphabets as ICU writes them, else nothing. */
#define IN_GSM7 "[\\n\\r\\u0020-\\u005f\\u0061-\\u007eäöüñÄÖÜÑ]"
static const char rules_after[] =
    ":: [^" IN_GSM7 "] Any-Latin; :: [^" IN_GSM7 "] Latin-ASCII;"
    "[^" IN_GSM7 "] > ;";

struct latin {
	UTransliterator *by_lang[LANG_COUNT];
};

static const char *
letter_of(enum lang lang, const struct letter *letter)
{
	size_t i;

	for (i = 0; i < own_letters[lang].count; i++)
		if (strcmp(own_letters[lang].own[i].from, letter->from) == 0)
			return own_letters[lang].own[i].to;
	return letter->to;
}

/* Quotes of a rule: all that is no letter stands between them. */
static void
put_quoted(struct sb *b, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			sb_puts(b, "\\'");
		else
			sb_put(b, (struct sv){ text, 1 });
}

/* The capital letter of a UTF-8 letter, or all of a Latin text. */
static void
put_upper(struct sb *b, const char *text, bool first_only)
{
	struct sv rest = sv_of(text);
	UErrorCode err = U_ZERO_ERROR;
	UChar in[8], up[8];
	int32_t n = 0, first = 0;
	char out[32];

	u_strFromUTF8(in, ARRAY_LEN(in), &n, rest.p, (int32_t)rest.n, &err);
	if (first_only && n > 1) {
		U16_FWD_1(in, first, n);
	} else {
		first = n;
	}
	first = u_strToUpper(up, ARRAY_LEN(up), in, first, "", &err);
	for (int32_t i = 1; first_only && i < n; i++)
		up[first++] = in[i];
	u_strToUTF8(out, sizeof(out), NULL, up, first, &err);
	ASSERT(U_SUCCESS(err));
	put_quoted(b, out);
}

/* "щ > sch; Щ among capitals > SCH; Щ > Sch;" */
static void
put_letter(struct sb *b, const char *from, const char *to)
{
	sb_printf(b, "%s > ", from);
	put_quoted(b, to);
	sb_puts(b, ";");
	if (strlen(to) > 1) {
		put_upper(b, from, false);
		sb_puts(b, " } [:Lu:] > ");
		put_upper(b, to, false);
		sb_puts(b, "; [:Lu:] { ");
		put_upper(b, from, false);
		sb_puts(b, " > ");
		put_upper(b, to, false);
		sb_puts(b, ";");
	}
	put_upper(b, from, false);
	sb_puts(b, " > ");
	put_upper(b, to, true);
	sb_puts(b, ";\n");
}

static UTransliterator *
rules_open(enum lang lang)
{
	static const UChar id[] = { 'x', 0 };
	UErrorCode err = U_ZERO_ERROR;
	char *text = malloc(RULES_BYTES_MAX);
	UChar *rules = calloc(RULES_UNITS_MAX, sizeof(*rules));
	UTransliterator *t = NULL;
	UParseError where;
	int32_t n = 0;
	struct sb b;
	size_t i;

	ASSERT(text != NULL && rules != NULL);
	sb_wrap(&b, text, RULES_BYTES_MAX);
	sb_puts(&b, rules_before);
	for (i = 0; i < ARRAY_LEN(letters); i++)
		put_letter(&b, letters[i].from, letter_of(lang, &letters[i]));
	sb_puts(&b, rules_after);
	ASSERT(!b.full);
	u_strFromUTF8(rules, RULES_UNITS_MAX, &n, b.p, (int32_t)b.n, &err);
	ASSERT(U_SUCCESS(err));
	t = utrans_openU(id, 1, UTRANS_FORWARD, rules, n, &where, &err);
	free(rules);
	free(text);
	return U_SUCCESS(err) ? t : NULL;
}

int
latin_new(struct latin **ret_latin, struct diag *reterr_diag)
{
	struct latin *l = calloc(1, sizeof(*l));
	int lang;

	ASSERT(l != NULL);
	for (lang = 0; lang < LANG_COUNT; lang++) {
		l->by_lang[lang] = rules_open((enum lang)lang);
		if (l->by_lang[lang] != NULL)
			continue;
		latin_free(&l);
		return diag_set(reterr_diag, -EINVAL,
		    "ICU cannot transliterate; install its data (libicu)");
	}
	*ret_latin = l;
	return 0;
}

void
latin_free(struct latin **lp)
{
	int lang;

	if (*lp == NULL)
		return;
	for (lang = 0; lang < LANG_COUNT; lang++)
		if ((*lp)->by_lang[lang] != NULL)
			utrans_close((*lp)->by_lang[lang]);
	free(*lp);
	*lp = NULL;
}

static bool
is_ascii(struct sv text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	return true;
}

void
latin_write(const struct latin *l, enum lang lang, struct sb *b)
{
	UChar units[LATIN_UNITS_MAX];
	char out[LATIN_UNITS_MAX * 2];
	UErrorCode err = U_ZERO_ERROR;
	int32_t n = 0, limit, bytes = 0;

	ASSERT(lang < LANG_COUNT);
	if (is_ascii(sb_sv(b)) && memchr(b->p, '`', b->n) == NULL)
		return;
	u_strFromUTF8(units, LATIN_UNITS_MAX, &n, b->p, (int32_t)b->n, &err);
	limit = n;
	if (U_SUCCESS(err))
		utrans_transUChars(l->by_lang[lang], units, &n, LATIN_UNITS_MAX,
		    0, &limit, &err);
	if (U_SUCCESS(err))
		u_strToUTF8(out, sizeof(out), &bytes, units, n, &err);
	sb_cut(b, 0);
	if (U_SUCCESS(err))
		sb_put(b, (struct sv){ out, (size_t)bytes });
	else
		b->full = true;
}

int
latin_address(struct arena *arena, struct sv address, struct sv *ret_address)
{
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode err = U_ZERO_ERROR;
	char *host;
	UIDNA *idna;
	int32_t n;
	size_t i;

	if (is_ascii(address)) {
		*ret_address = address;
		return 0;
	}
	/* only a host has such a form, not a path or a person's name */
	for (i = 0; i < address.n; i++)
		if (strchr("/:@?# ", address.p[i]) != NULL)
			return -EINVAL;
	if (address.n > HOST_BYTES_MAX)
		return -EINVAL;
	host = arena_get(arena, HOST_BYTES_MAX);
	idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &err);
	n = uidna_nameToASCII_UTF8(idna, address.p, (int32_t)address.n, host,
	    HOST_BYTES_MAX, &info, &err);
	uidna_close(idna);
	if (U_FAILURE(err) || info.errors != 0 || n >= HOST_BYTES_MAX)
		return -EINVAL;
	*ret_address = (struct sv){ host, (size_t)n };
	return 0;
}
