/* test_fold.c - spellings that must meet in one skeleton, and bad bytes. */
#include "menus/fold.h"

#include "tests/tap.h"

static struct folded a, b;

static bool
same(const struct folded *x, const struct folded *y)
{
	return x->count == y->count && x->codes_n == y->codes_n &&
	       memcmp(x->codes, y->codes, x->codes_n) == 0;
}

static void
test_same(const struct fold *f)
{
	static const struct {
		const char *name, *one, *two;
	} cases[] = {
		{ "capitals", "ПАСПОРТ", "паспорт" },
		{ "Latin letters", "pasport", "паспорт" },
		{ "Kyrgyz letters", "күйөө", "куйоо" },
		{ "Kyrgyz in Latin", "jumush", "жумуш" },
		{ "Kazakh letters", "жұмыс", "жумыс" },
		{ "Kazakh in Latin", "zhumys", "жұмыс" },
		{ "Tajik letters", "ҳуқуқ", "хукук" },
		{ "Tajik in Latin", "kor mejuyam", "кор меҷуям" },
		{ "Uzbek alphabets", "shifoxona", "шифохона" },
		{ "Uzbek o'", "yo'q", "йўқ" },
		{ "turned comma", "Oʻzbek", "o'zbek" },
		{ "curly quote", "o‘zbek", "o’zbek" },
		{ "backtick", "sug`urta", "суғурта" },
		{ "digit for sh", "6kola", "школа" },
		{ "digit for ch", "so4i", "сочи" },
		{ "doubled letters", "регистраццииия", "регистрация" },
		{ "look-alikes", "пacпopт", "паспорт" },
		{ "decomposed", "и\xcc\x86од", "йод" },
		{ "full width", "ｐａｓｐｏｒｔ", "pasport" },
		{ "soft hyphen", "пас\xc2\xadпорт", "паспорт" },
		{ "signs between", "«паспорт»!!! 😭", "паспорт" },
		{ "iotated", "yurist", "юрист" },
		{ "ts is one sound", "registratsiya", "регистрация" },
		{ "amount and word", "2месяца", "2 месяца" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fold_text(f, sv_of(cases[i].one), FOLD_AS_TYPED, &a);
		fold_text(f, sv_of(cases[i].two), FOLD_AS_TYPED, &b);
		OK(a.count > 0 && same(&a, &b), cases[i].name);
	}
}

static void
test_layouts(const struct fold *f)
{
	static const struct {
		const char *typed, *meant;
		enum fold_layout layout;
	} cases[] = {
		{ "gjnthzk", "потерял", FOLD_LAYOUT_RU },
		{ "ghbdtn.", "привет", FOLD_LAYOUT_RU_STOP },
		{ "v2p3h", "мәзір", FOLD_LAYOUT_KK },
		{ "f0if", "ақша", FOLD_LAYOUT_KK },
		{ "[exxfn", "хуччат", FOLD_LAYOUT_TG },
		{ "дфцнук", "lawyer", FOLD_LAYOUT_EN },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fold_text(f, sv_of(cases[i].typed), cases[i].layout, &a);
		fold_text(f, sv_of(cases[i].meant), FOLD_AS_TYPED, &b);
		OK(same(&a, &b), cases[i].meant);
	}
}

static void
test_readings(const struct fold *f)
{
	char codes[2 * FOLD_WORD_MAX], want[2 * FOLD_WORD_MAX];
	size_t n;

	fold_text(f, SV("berwim"), FOLD_AS_TYPED, &a);
	n = fold_again(&a, &a.words[0], FOLD_OTHER, codes);
	fold_text(f, SV("бершим"), FOLD_AS_TYPED, &b);
	OK(n == b.words[0].n && memcmp(codes, b.codes, n) == 0, "w is sh");
	fold_text(f, SV("bo'ldi"), FOLD_AS_TYPED, &a);
	n = fold_again(&a, &a.words[0], FOLD_PLAIN_O, codes);
	fold_text(f, SV("boldi"), FOLD_AS_TYPED, &b);
	memcpy(want, b.codes, b.words[0].n);
	OK(n == b.words[0].n && memcmp(codes, want, n) == 0, "o' is o");
}

static void
test_langs(const struct fold *f)
{
	fold_text(f, SV("ӯш"), FOLD_AS_TYPED, &a);
	EQ(a.words[0].langs, 1 << LANG_TG, "ӯ is Tajik");
	fold_text(f, SV("үш"), FOLD_AS_TYPED, &a);
	EQ(a.words[0].langs, 1 << LANG_KY | 1 << LANG_KK, "ү is not");
	EQ(a.words[0].script, FOLD_CYRILLIC, "its alphabet");
}

/* A keyboard is worth trying only where one of its keys is another letter. */
static void
test_layouts_worth(const struct fold *f)
{
	enum {
		RU = 1 << FOLD_LAYOUT_RU,
		STOP = 1 << FOLD_LAYOUT_RU_STOP,
		KK = 1 << FOLD_LAYOUT_KK,
		TG = 1 << FOLD_LAYOUT_TG,
		UZ = 1 << FOLD_LAYOUT_UZ,
		EN = 1 << FOLD_LAYOUT_EN
	};
	static const struct {
		const char *text;
		unsigned layouts;
	} cases[] = {
		{ "меню", EN },
		{ "Ёлка!", EN },
		{ "ghbdtn", RU },
		{ "GHBDTN", RU },
		{ "ktn.", RU | STOP },
		{ "tot", RU | UZ | TG },
		{ "2", KK },
		{ "", 0 },
		{ "\xff!? ", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		EQ(fold_layouts(f, sv_of(cases[i].text)), cases[i].layouts,
		    cases[i].text);
}

static void
test_bytes(const struct fold *f)
{
	static char big[FOLD_CHARS_MAX * 4];
	static const struct {
		const char *name;
		struct sv text;
		size_t words;
	} cases[] = {
		{ "nothing", { "", 0 }, 0 },
		{ "broken UTF-8 separates", { "a\xff\xfe b", 5 }, 2 },
		{ "cut character", { "a\xd0", 2 }, 1 },
		{ "surrogate", { "\xed\xa0\x80", 3 }, 0 },
		{ "NUL separates", { "a\0b", 3 }, 2 },
		{ "only quotes", { "'''", 3 }, 0 },
		{ "only an accent", { "\xcc\x81", 2 }, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fold_text(f, cases[i].text, FOLD_AS_TYPED, &a);
		EQ(a.count, cases[i].words, cases[i].name);
	}
	memset(big, 'x', sizeof(big));
	fold_text(f, (struct sv){ big, sizeof(big) }, FOLD_AS_TYPED, &a);
	EQ(a.count, 1, "one endless word");
	EQ(a.words[0].raw_n, FOLD_WORD_MAX, "is cut");
	for (size_t i = 0; i < sizeof(big); i += 2)
		big[i] = ' ';
	fold_text(f, (struct sv){ big, sizeof(big) }, FOLD_AS_TYPED, &a);
	EQ(a.count, FOLD_WORDS_MAX, "words without end are cut");
}

int
main(void)
{
	struct fold *f = fold_new();

	test_same(f);
	test_layouts(f);
	test_layouts_worth(f);
	test_readings(f);
	test_langs(f);
	test_bytes(f);
	fold_free(&f);
	OK(f == NULL, "freed");
	fold_free(&f);
	return tap_done();
}
