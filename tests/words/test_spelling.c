/*
 * test_spelling.c - every keyword, spelled as people spell.
 *
 * Each keyword of a topic or command goes through every way to write it that
 * its alphabet has: Latin letters by several schemes, plain letters, the wrong
 * keyboard, one wrong letter.  It must still be found.
 */
#include <uchar.h>
#include <unicode/ustring.h>

#include "tests/words/plain.h"

enum { TEXT_MAX = 400, SAMPLES_MAX = 5 };
enum { SEED = 20260914, EDIT_MIN = 5 /* letters */ };

struct spelling {
	char16_t from;
	const char *to;
};

/* A way to write; the pairs end with { 0, NULL }. */
struct scheme {
	const char *name;
	const char *langs; /* where it is used, '+' around each */
	const struct spelling *own, *base;
};

static const struct spelling latin[] = { { u'а', "a" }, { u'б', "b" },
	{ u'в', "v" }, { u'г', "g" }, { u'д', "d" }, { u'е', "e" },
	{ u'ё', "yo" }, { u'ж', "zh" }, { u'з', "z" }, { u'и', "i" },
	{ u'й', "y" }, { u'к', "k" }, { u'л', "l" }, { u'м', "m" },
	{ u'н', "n" }, { u'о', "o" }, { u'п', "p" }, { u'р', "r" },
	{ u'с', "s" }, { u'т', "t" }, { u'у', "u" }, { u'ф', "f" },
	{ u'х', "kh" }, { u'ц', "ts" }, { u'ч', "ch" }, { u'ш', "sh" },
	{ u'щ', "shch" }, { u'ъ', "" }, { u'ы', "y" }, { u'ь', "" },
	{ u'э', "e" }, { u'ю', "yu" }, { u'я', "ya" }, { u'ә', "a" },
	{ u'ғ', "g" }, { u'қ', "q" }, { u'ң', "n" }, { u'ө', "o" },
	{ u'ү', "u" }, { u'ұ', "u" }, { u'һ', "h" }, { u'і', "i" },
	{ u'ҳ', "h" }, { u'ҷ', "j" }, { u'ӣ', "i" }, { u'ӯ', "u" },
	{ u'ў', "o'" }, { 0, NULL } };
static const struct spelling chat[] = { { u'ж', "j" }, { u'х', "x" },
	{ u'ц', "c" }, { u'ч', "4" }, { u'ш', "6" }, { u'щ', "6" },
	{ u'ы', "i" }, { u'й', "i" }, { u'ю', "ju" }, { u'я', "ja" },
	{ u'ё', "jo" }, { u'қ', "k" }, { u'ғ', "gh" }, { u'ң', "ng" },
	{ u'ў', "o`" }, { 0, NULL } };
static const struct spelling short_latin[] = { { u'ж', "zh" }, { u'х', "h" },
	{ u'ц', "ts" }, { u'щ', "sch" }, { u'ы', "i" }, { u'й', "j" },
	{ u'ю', "iu" }, { u'я', "ia" }, { u'ь', "'" }, { u'ъ', "'" },
	{ u'ё', "e" }, { u'ә', "e" }, { u'ҷ', "ch" }, { u'қ', "k" },
	{ u'ӯ', "o" }, { u'ў', "u" }, { u'ш', "w" }, { 0, NULL } };
static const struct spelling plain[] = { { u'ө', "о" }, { u'ү', "у" },
	{ u'ң', "н" }, { u'ә', "а" }, { u'і', "и" }, { u'ұ', "у" },
	{ u'һ', "х" }, { u'қ', "к" }, { u'ғ', "г" }, { u'ҳ', "х" },
	{ u'ҷ', "ч" }, { u'ӣ', "и" }, { u'ӯ', "у" }, { u'ў', "у" },
	{ u'ё', "е" }, { 0, NULL } };
static const struct spelling plain_other[] = { { u'ә', "е" }, { u'і', "ы" },
	{ u'һ', "г" }, { u'ҷ', "дж" }, { u'ӯ', "о" }, { u'ў', "о" },
	{ 0, NULL } };
static const struct spelling no_quotes[] = { { u'\'', "" }, { u'ʻ', "" },
	{ u'’', "" }, { 0, NULL } };
static const struct spelling other_quotes[] = { { u'\'', "ʼ" }, { u'ʻ', "`" },
	{ 0, NULL } };
static const struct spelling curly_quotes[] = { { u'\'', "‘" }, { u'ʻ', "'" },
	{ 0, NULL } };
static const struct spelling keys[] = { { u'й', "q" }, { u'ц', "w" },
	{ u'у', "e" }, { u'к', "r" }, { u'е', "t" }, { u'н', "y" },
	{ u'г', "u" }, { u'ш', "i" }, { u'щ', "o" }, { u'з', "p" },
	{ u'х', "[" }, { u'ъ', "]" }, { u'ф', "a" }, { u'ы', "s" },
	{ u'в', "d" }, { u'а', "f" }, { u'п', "g" }, { u'р', "h" },
	{ u'о', "j" }, { u'л', "k" }, { u'д', "l" }, { u'ж', ";" },
	{ u'э', "'" }, { u'я', "z" }, { u'ч', "x" }, { u'с', "c" },
	{ u'м', "v" }, { u'и', "b" }, { u'т', "n" }, { u'ь', "m" },
	{ u'б', "," }, { u'ю', "." }, { u'ё', "`" }, { 0, NULL } };
/* Kyrgyz letters stand beside the Russian ones, with another shift */
static const struct spelling ky_keys[] = { { u'ө', "j" }, { u'ү', "e" },
	{ u'ң', "y" }, { 0, NULL } };
static const struct spelling kk_keys[] = { { u'ә', "2" }, { u'і', "3" },
	{ u'ң', "4" }, { u'ғ', "5" }, { u'ү', "8" }, { u'ұ', "9" },
	{ u'қ', "0" }, { u'ө', "-" }, { u'һ', "=" }, { 0, NULL } };
static const struct spelling tg_keys[] = { { u'қ', "w" }, { u'ҷ', "s" },
	{ u'ҳ', "o" }, { u'ӣ', "m" }, { u'ғ', "-" }, { u'ӯ', "=" },
	{ 0, NULL } };
static const struct spelling uz_keys[] = { { u'қ', "s" }, { u'ў', "o" },
	{ u'ғ', "-" }, { u'ҳ', "=" }, { 0, NULL } };
static const struct spelling latin_keys[] = { { u'q', "й" }, { u'w', "ц" },
	{ u'e', "у" }, { u'r', "к" }, { u't', "е" }, { u'y', "н" },
	{ u'u', "г" }, { u'i', "ш" }, { u'o', "щ" }, { u'p', "з" },
	{ u'a', "ф" }, { u's', "ы" }, { u'd', "в" }, { u'f', "а" },
	{ u'g', "п" }, { u'h', "р" }, { u'j', "о" }, { u'k', "л" },
	{ u'l', "д" }, { u'z', "я" }, { u'x', "ч" }, { u'c', "с" },
	{ u'v', "м" }, { u'b', "и" }, { u'n', "т" }, { u'm', "ь" },
	{ u'\'', "э" }, { 0, NULL } };
static const struct spelling none[] = { { 0, NULL } };

#define CYRILLIC "+ru+ky+tg+uz@cyrillic+kk+"
static const struct scheme schemes[] = {
	{ "as it is", CYRILLIC "+uz+en+", none, none },
	{ "latin", CYRILLIC, none, latin },
	{ "latin, chat", CYRILLIC, chat, latin },
	{ "latin, short", CYRILLIC, short_latin, latin },
	{ "plain letters", CYRILLIC, none, plain },
	{ "plain letters, other", CYRILLIC, plain_other, plain },
	{ "no apostrophes", "+uz+", none, no_quotes },
	{ "other apostrophes", "+uz+en+", none, other_quotes },
	{ "curly apostrophes", "+uz+en+", none, curly_quotes },
	{ "keyboard", "+ru+", none, keys },
	{ "keyboard, Kyrgyz", "+ky+", ky_keys, keys },
	{ "keyboard, Kazakh", "+kk+", kk_keys, keys },
	{ "keyboard, Tajik", "+tg+", tg_keys, keys },
	{ "keyboard, Uzbek", "+uz@cyrillic+", uz_keys, keys },
	{ "keyboard, Latin", "+en+uz+", none, latin_keys },
};

struct sum {
	const struct scheme *scheme; /* NULL: one wrong letter */
	uint32_t random;
	size_t all, right, asked, wrong;
	size_t others; /* that are another keyword now */
	size_t lang_all[LANG_COUNT], lang_right[LANG_COUNT];
	bool show;
};

static size_t
text_put(char *text, size_t n, const char *more)
{
	size_t k = strlen(more);

	ASSERT(n + k < TEXT_MAX);
	memcpy(text + n, more, k + 1);
	return n + k;
}

static const char *
spelling_of(const struct spelling *s, UChar32 c)
{
	for (; s->to != NULL; s++) {
		if (s->from == c)
			return s->to;
	}
	return NULL;
}

static size_t
letters_read(struct sv from, UChar letters[TEXT_MAX])
{
	UErrorCode rc = U_ZERO_ERROR;
	int32_t n = 0;

	(void)u_strFromUTF8(
	    letters, TEXT_MAX - 2, &n, from.p, (int32_t)from.n, &rc);
	ASSERT(U_SUCCESS(rc));
	return (size_t)n;
}

static void
letters_write(const UChar *letters, size_t n, char text[TEXT_MAX])
{
	UErrorCode rc = U_ZERO_ERROR;

	(void)u_strToUTF8(text, TEXT_MAX, NULL, letters, (int32_t)n, &rc);
	ASSERT(U_SUCCESS(rc));
}

static void
respell(const struct scheme *scheme, struct sv from, char text[TEXT_MAX])
{
	UChar letters[TEXT_MAX];
	size_t count = letters_read(from, letters), n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		char same[TEXT_MAX];
		const char *to = spelling_of(scheme->own, letters[i]);

		if (to == NULL)
			to = spelling_of(scheme->base, letters[i]);
		letters_write(letters + i, 1, same);
		n = text_put(text, n, to != NULL ? to : same);
	}
}

/* ---- one wrong letter ---- */

/* The keyword or place that p is and the name does not own; whole words only
 * are asked about, and stems that p begins with. */
static bool
is_keyword_of_other(const struct plain *p, const char *name)
{
	bool other = false;

	for (size_t i = 0; i < plain_count; i++) {
		const struct plain_keyword *k = &plain_keywords[i];

		if (!plain_is(p, k))
			continue;
		if (strcmp(k->name, name) == 0)
			return false;
		other = true;
	}
	return other;
}

/* True if one wrong letter made another keyword, or the name of a place, of a
 * word that was not: by its letters alone, without the matcher. */
static bool
became_other(struct sv before, struct sv after, const char *name)
{
	while (before.n > 0 && after.n > 0) {
		struct sv a = sv_cut(&before, ' '), b = sv_cut(&after, ' ');
		struct plain p = plain_of(b);

		if (!sv_eq(a, b) && is_keyword_of_other(&p, name))
			return true;
	}
	return false;
}

/* Change, leave out, double up or swap one letter of the longest word. */
static bool
misspell(uint32_t *random, struct sv from, char text[TEXT_MAX])
{
	UChar letters[TEXT_MAX];
	size_t n = letters_read(from, letters), word = 0, longest = 0, at;
	UChar other;

	for (size_t i = 0, began = 0; i <= n; i++) {
		if (i < n && letters[i] != ' ')
			continue;
		if (i - began > longest) {
			longest = i - began;
			word = began;
		}
		began = i + 1;
	}
	if (longest < EDIT_MIN)
		return false;
	at = word + kit_random(random, (uint32_t)longest);
	other = (UChar)(letters[word] < 0x400 ? 'a' + kit_random(random, 26) :
						u'а' + kit_random(random, 32));
	switch (kit_random(random, 4)) {
	case 0:
		letters[at] = other;
		break;
	case 1:
		n--;
		memmove(letters + at, letters + at + 1,
		    (n - at) * sizeof(letters[0]));
		break;
	case 2:
		memmove(letters + at + 1, letters + at,
		    (n - at) * sizeof(letters[0]));
		letters[at] = other;
		n++;
		break;
	default:
		at = at + 1 < word + longest ? at : at - 1;
		other = letters[at];
		letters[at] = letters[at + 1];
		letters[at + 1] = other;
		break;
	}
	letters_write(letters, n, text);
	return true;
}

/* ---- keywords ---- */

static bool
is_meaning(const char *name)
{
	if (topics_find(kit_content.topics, sv_of(name)) != TOPIC_NONE ||
	    strcmp(name, "help") == 0)
		return true;
	for (size_t i = 0; i < CMD_COUNT; i++) {
		if (strcmp(kit_commands[i], name) == 0)
			return true;
	}
	return false;
}

/* A keyword as a person would write it; false for those that are no text. */
static bool
keyword_text(const struct texts_word *line, char text[TEXT_MAX])
{
	struct sv word = line->word;
	size_t n = 0;

	if (!is_meaning(line->name) || word.p[0] == '/' ||
	    memchr(word.p, '@', word.n) != NULL ||
	    (word.n > 5 && memcmp(word.p, "weak:", 5) == 0))
		return false;
	for (size_t i = 0; i < word.n && n + 1 < TEXT_MAX; i++) {
		if (word.p[i] != '*' && word.p[i] != '+')
			text[n++] = word.p[i];
	}
	text[n] = '\0';
	return true;
}

/* As kit_intent() names it. */
static const char *
intent_of(const char *name)
{
	if (strcmp(name, "help") == 0)
		return "menu";
	return strcmp(name, "callback") == 0 ? "counsellor" : name;
}

static void
judge(struct sum *sum, const struct texts_word *line, const char *text)
{
	const char *want = intent_of(line->name);
	struct match m;
	char buf[24];
	const char *got;
	bool right, asked;

	match_text(kit_matcher, sv_of(text), &m);
	got = kit_intent(&m, buf);
	right = strcmp(got, want) == 0;
	/* the menu of help begins with emergency */
	asked = kit_asked(&m, want) ||
		(strcmp(want, "emergency") == 0 && strcmp(got, "menu") == 0);
	sum->all++;
	sum->right += right;
	sum->asked += !right && asked;
	sum->wrong += !right && !asked && m.kind != MATCH_NONE;
	sum->lang_all[line->lang]++;
	sum->lang_right[line->lang] += right;
	if (!right && sum->show)
		printf("# %s %s: " SV_FMT ": %s: %s%s\n", lang_code(line->lang),
		    want, SV_ARG(line->word), text, got,
		    asked ? " (asked)" : "");
}

static void
on_keyword(void *arg, const struct texts_word *line)
{
	struct sum *sum = arg;
	char as_is[TEXT_MAX], text[TEXT_MAX], lang[24];

	if (!keyword_text(line, as_is))
		return;
	(void)snprintf(lang, sizeof(lang), "+%s+", lang_code(line->lang));
	if (sum->scheme == NULL) {
		if (!misspell(&sum->random, sv_of(as_is), text))
			return;
		if (became_other(sv_of(as_is), sv_of(text), line->name))
			sum->others++;
		else
			judge(sum, line, text);
		return;
	}
	if (strstr(sum->scheme->langs, lang) == NULL)
		return;
	respell(sum->scheme, sv_of(as_is), text);
	judge(sum, line, text);
}

/* Returns the sum, for the sum of all. */
static struct sum
test_scheme(const struct scheme *scheme, double least)
{
	struct sum sum = { .scheme = scheme, .random = SEED };
	const char *name = scheme != NULL ? scheme->name : "one wrong letter";
	const char *show = getenv("SHOW");

	sum.show = show != NULL && strcmp(show, name) == 0;
	texts_words_each(kit_content.texts, on_keyword, &sum);
	printf("# %s: %.1f %% of %zu right, %.1f %% asked, %.1f %% wrong;",
	    name, kit_percent(sum.right, sum.all), sum.all,
	    kit_percent(sum.asked, sum.all), kit_percent(sum.wrong, sum.all));
	for (enum lang l = LANG_RU; l < LANG_COUNT; l++) {
		if (sum.lang_all[l] > 0)
			printf(" %s %.1f", lang_code(l),
			    kit_percent(sum.lang_right[l], sum.lang_all[l]));
	}
	if (sum.others > 0)
		printf("; %zu more became another keyword", sum.others);
	printf("\n");
	OK(sum.all > 0 && kit_percent(sum.right + sum.asked, sum.all) >= least,
	    name);
	return sum;
}

int
main(void)
{
	size_t all = 0, found = 0, wrong = 0;
	struct sum sum;

	if (!kit_open())
		return kit_close();
	plain_open();
	sum = test_scheme(NULL, 95);
	OK(kit_percent(sum.wrong, sum.all) <= 1,
	    "one wrong letter: 1 % gets another answer");
	all = sum.all;
	found = sum.right + sum.asked;
	wrong = sum.wrong;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		sum = test_scheme(&schemes[i], 95);
		all += sum.all;
		found += sum.right + sum.asked;
		wrong += sum.wrong;
	}
	printf("# all: %.1f %% of %zu found, %.1f %% wrong\n",
	    kit_percent(found, all), all, kit_percent(wrong, all));
	OK(kit_percent(found, all) >= 95, "95 % of all spellings are found");
	OK(kit_percent(wrong, all) <= 1, "1 % gets another answer");
	return kit_close();
}
