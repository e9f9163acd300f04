/* numbers.c - the number words of six languages. */
#include "content/numbers.h"

enum { TEENS = 20, TENS = 10, SCALES = 3 };

struct scale {
	uint32_t value;
	const char *one, *few, *many; /* 1, 2 to 4, 5: Russian has three */
	bool feminine;
};

struct words {
	const char *small[TEENS]; /* 10 and more: NULL where they are joined */
	const char *tens[TENS];
	const char *hundreds[10]; /* NULL: of digit and hundred */
	const char *hundred;
	const char *and; /* between hundreds, tens, digits; its own spaces */
	struct scale scales[SCALES];
	bool one; /* is said before a hundred and a thousand */
};

static const struct words russian = {
	.small = { "ноль", "один", "два", "три", "четыре", "пять", "шесть",
	    "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать",
	    "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
	    "семнадцать", "восемнадцать", "девятнадцать" },
	.tens = { "", "", "двадцать", "тридцать", "сорок", "пятьдесят",
	    "шестьдесят", "семьдесят", "восемьдесят", "девяносто" },
	.hundreds = { "", "сто", "двести", "триста", "четыреста", "пятьсот",
	    "шестьсот", "семьсот", "восемьсот", "девятьсот" },
	.and = " ",
	.scales = { { 1000000, "миллион", "миллиона", "миллионов", false },
	    { 1000, "тысяча", "тысячи", "тысяч", true } },
};

static const struct words english = {
	.small = { "zero", "one", "two", "three", "four", "five", "six",
	    "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
	    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
	    "nineteen" },
	.tens = { "", "", "twenty", "thirty", "forty", "fifty", "sixty",
	    "seventy", "eighty", "ninety" },
	.hundred = "hundred",
	.and = " ",
	.scales = { { 1000000, "million", "million", "million", false },
	    { 1000, "thousand", "thousand", "thousand", false } },
	.one = true,
};

static const struct words kyrgyz = {
	.small = { "нөл", "бир", "эки", "үч", "төрт", "беш", "алты", "жети",
	    "сегиз", "тогуз" },
	.tens = { "", "он", "жыйырма", "отуз", "кырк", "элүү", "алтымыш",
	    "жетимиш", "сексен", "токсон" },
	.hundred = "жүз",
	.and = " ",
	.scales = { { 1000000, "миллион", "миллион", "миллион", false },
	    { 1000, "миң", "миң", "миң", false } },
};

static const struct words kazakh = {
	.small = { "нөл", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті",
	    "сегіз", "тоғыз" },
	.tens = { "", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс",
	    "сексен", "тоқсан" },
	.hundred = "жүз",
	.and = " ",
	.scales = { { 1000000, "миллион", "миллион", "миллион", false },
	    { 1000, "мың", "мың", "мың", false } },
};

static const struct words uzbek = {
	.small = { "nol", "bir", "ikki", "uch", "toʻrt", "besh", "olti",
	    "yetti", "sakkiz", "toʻqqiz" },
	.tens = { "", "oʻn", "yigirma", "oʻttiz", "qirq", "ellik", "oltmish",
	    "yetmish", "sakson", "toʻqson" },
	.hundred = "yuz",
	.and = " ",
	.scales = { { 1000000, "million", "million", "million", false },
	    { 1000, "ming", "ming", "ming", false } },
};

static const struct words tajik = {
	.small = { "нол", "як", "ду", "се", "чор", "панҷ", "шаш", "ҳафт",
	    "ҳашт", "нуҳ", "даҳ", "ёздаҳ", "дувоздаҳ", "сездаҳ", "чордаҳ",
	    "понздаҳ", "шонздаҳ", "ҳабдаҳ", "ҳаждаҳ", "нуздаҳ" },
	.tens = { "", "", "бист", "сӣ", "чил", "панҷоҳ", "шаст", "ҳафтод",
	    "ҳаштод", "навад" },
	.hundreds = { "", "сад", "дусад", "сесад", "чорсад", "панҷсад",
	    "шашсад", "ҳафтсад", "ҳаштсад", "нӯҳсад" },
	.and = "у ",
	.scales = { { 1000000, "миллион", "миллион", "миллион", false },
	    { 1000, "ҳазор", "ҳазор", "ҳазор", false } },
};

static const struct words *
words_of(enum lang lang)
{
	static const struct words *const all[LANG_COUNT] = {
		[LANG_RU] = &russian,
		[LANG_KY] = &kyrgyz,
		[LANG_TG] = &tajik,
		[LANG_UZ] = &uzbek,
		[LANG_UZ_CYRL] = &uzbek,
		[LANG_KK] = &kazakh,
		[LANG_EN] = &english,
	};

	return lang < LANG_COUNT ? all[lang] : &russian;
}

/* A number being written: what stands between it and the word before. */
struct writing {
	struct sb *b;
	const struct words *w;
	const char *between;
};

static void
word(struct writing *to, const char *text)
{
	sb_puts(to->b, to->between);
	sb_puts(to->b, text);
	to->between = to->w->and;
}

static void
below_hundred(struct writing *to, uint32_t n, bool feminine)
{
	const struct words *w = to->w;

	if (w == &tajik && n > 30 && n < 40) {
		word(to, "сию"); /* not "сӣу" */
		to->between = " ";
		n %= 10;
	}
	if (n >= TEENS || (n >= 10 && w->small[n] == NULL)) {
		word(to, w->tens[n / 10]);
		n %= 10;
	}
	if (n == 0)
		return;
	if (w == &russian && feminine && n <= 2)
		word(to, n == 1 ? "одна" : "две");
	else
		word(to, w->small[n]);
}

static void
below_thousand(struct writing *to, uint32_t n, bool feminine)
{
	const struct words *w = to->w;

	if (n >= 100 && w->hundred == NULL) {
		word(to, w->hundreds[n / 100]);
	} else if (n >= 100) {
		if (n >= 200 || w->one) {
			word(to, w->small[n / 100]);
			to->between = " ";
		}
		word(to, w->hundred);
	}
	below_hundred(to, n % 100, feminine);
}

/* Russian: 1 тысяча, 2 тысячи, 5 тысяч, 11 тысяч. */
static const char *
scale_word(const struct scale *s, uint32_t n)
{
	uint32_t last = n % 10;

	if (n % 100 / 10 == 1 || last == 0 || last > 4)
		return s->many;
	return last == 1 ? s->one : s->few;
}

void
numbers_put(struct sb *b, enum lang lang, uint32_t number)
{
	struct writing to = { b, words_of(lang), "" };
	const struct scale *s;

	ASSERT(number <= NUMBERS_MAX);
	if (number == 0)
		sb_puts(b, to.w->small[0]);
	for (s = to.w->scales; s->value > 0; s++) {
		uint32_t n = number / s->value;

		number %= s->value;
		if (n == 0)
			continue;
		if (n > 1 || to.w->one || s->value > 1000) {
			below_thousand(&to, n, s->feminine);
			to.between = " ";
		}
		word(&to, scale_word(s, n));
	}
	below_thousand(&to, number, false);
}

const char *
numbers_digit(enum lang lang, unsigned digit)
{
	ASSERT(digit < 10);
	return words_of(lang)->small[digit];
}
