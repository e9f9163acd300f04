/* speech.c - texts in words: numbers, times, signs, abbreviations. */
#include "content/speech.h"

#include <unicode/uchar.h>

#include "content/numbers.h"
#include "content/spelling.h"
#include "daemon/proto/utf8.h"

enum {
	GROUPS_MAX = 8, /* of a number: +7 495 777-77-77 has five */
	GROUP_DIGITS = 15,
	YEAR_FIRST = 1990, /* a four-digit number that is a year */
	YEAR_LAST = 2099,
	TELEPHONE_DIGITS = 5, /* so many in several groups */
};

struct speech {
	struct sb *b;
	enum lang lang;
	struct sv rest; /* not read yet */
	bool spelt;	/* for the voice, not for people */
	bool wants_space;
	bool wants_end; /* of a paragraph: a voice overlooks a full stop before
			   a small letter, and before phonemes */
	bool wants_pause; /* a comma, if a word follows */
};

struct number {
	struct sv groups[GROUPS_MAX];
	size_t count, digits;
	bool plus, spaces_only;
};

const char *
speech_voice(enum lang lang)
{
	static const char *const voices[LANG_COUNT] = {
		[LANG_RU] = "ru",
		[LANG_KY] = "ky",
		[LANG_TG] = "fa-latn",
		[LANG_UZ] = "uz",
		[LANG_UZ_CYRL] = "uz",
		[LANG_KK] = "kk",
		[LANG_EN] = "en",
	};

	ASSERT(lang < LANG_COUNT);
	return voices[lang];
}

bool
speech_is_placeholder(enum lang lang)
{
	return lang == LANG_TG;
}

/* Signs that are said. */
static const struct {
	const char *sign, *words[LANG_COUNT];
} signs[] = {
	{ "№", { "номер", "номер", "рақами", "raqam", "raqam", "нөмір",
		   "number" } },
	{ "%", { "процентов", "пайыз", "фоиз", "foiz", "foiz", "пайыз",
		   "percent" } },
	{ "&", { "и", "жана", "ва", "va", "va", "және", "and" } },
	{ "+", { "плюс", "плюс", "плюс", "plyus", "plyus", "плюс", "plus" } },
};

/* Abbreviations that a voice reads otherwise than people; whole words, or with
 * an ending behind a hyphen. */
static const struct {
	enum lang lang;
	const char *shortened, *words;
} abbreviations[] = {
	{ LANG_RU, "УВКБ", "у вэ ка бэ" },
	{ LANG_RU, "ОФ", "общественный фонд" },
	{ LANG_RU, "ОО", "общественное объединение" },
	{ LANG_RU, "МИД", "министерство иностранных дел" },
	{ LANG_RU, "НПО", "эн пэ о" },
	{ LANG_RU, "НКО", "эн ка о" },
	{ LANG_RU, "ЖЧК", "жэ чэ ка" },
	{ LANG_RU, "СМС", "эсэмэс" },
	{ LANG_KY, "СМС", "эсэмэс" },
	{ LANG_KY, "КР", "Кыргыз Республикасы" },
	{ LANG_TG, "СМС", "эсэмэс" },
	{ LANG_UZ, "SMS", "esemes" },
	{ LANG_KK, "СМС", "эсэмэс" },
	{ LANG_EN, "IOM", "I O M" },
	{ LANG_EN, "AFEW", "A few" },
};

static void
word_out(struct speech *s, struct sv word)
{
	if (s->wants_end && s->spelt)
		sb_puts(s->b, "\n\n");
	else if (s->wants_pause)
		sb_puts(s->b, ", ");
	else if (s->wants_space && s->b->n > 0)
		sb_puts(s->b, " ");
	if (s->spelt)
		spelling_put(s->b, s->lang, word);
	else
		sb_put(s->b, word);
	s->wants_end = false;
	s->wants_pause = false;
	s->wants_space = true;
}

static void
words_out(struct speech *s, struct sv words)
{
	while (words.n > 0)
		word_out(s, sv_cut(&words, ' '));
}

static void
pause(struct speech *s)
{
	s->wants_pause = s->b->n > 0;
}

/* A mark that ends a clause, directly behind it. */
static void
stop_out(struct speech *s, struct sv mark)
{
	const char *last = s->b->n > 0 ? &s->b->p[s->b->n - 1] : ".";

	s->wants_pause = false;
	if (strchr(".,;!?", *last) == NULL)
		sb_put(s->b, mark);
	s->wants_end = s->b->n > 0 && strchr(".!?", *mark.p) != NULL;
	s->wants_space = true;
}

static void
cardinal_out(struct speech *s, uint32_t number)
{
	char buf[256];
	struct sb words;

	sb_wrap(&words, buf, sizeof(buf));
	numbers_put(&words, s->lang, number);
	words_out(s, sb_sv(&words));
}

static void
digits_out(struct speech *s, struct sv digits)
{
	size_t i;

	for (i = 0; i < digits.n; i++)
		word_out(s, sv_of(numbers_digit(
				s->lang, (unsigned)(digits.p[i] - '0'))));
}

static uint32_t
value_of(struct sv digits)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < digits.n && i < 9; i++)
		n = n * 10 + (uint32_t)(digits.p[i] - '0');
	return n;
}

static bool
is_digit(struct sv v, size_t at)
{
	return at < v.n && v.p[at] >= '0' && v.p[at] <= '9';
}

static struct sv
digits_take(struct sv *rest)
{
	struct sv taken = { rest->p, 0 };

	while (is_digit(*rest, taken.n))
		taken.n++;
	rest->p += taken.n;
	rest->n -= taken.n;
	return taken;
}

/* Emergency numbers: English says "one zero three". */
static bool
is_emergency(uint32_t n)
{
	return n == 101 || n == 102 || n == 103 || n == 104 || n == 112;
}

/* True if one group of digits is a quantity or a year, not a code to dial. */
static bool
is_quantity(enum lang lang, struct sv digits)
{
	uint32_t n = value_of(digits);

	if (digits.n > 9 || (digits.n > 1 && digits.p[0] == '0'))
		return false;
	if (digits.n <= 3)
		return lang != LANG_EN || !is_emergency(n);
	if (digits.n == 4 && n >= YEAR_FIRST && n <= YEAR_LAST)
		return true;
	return n % 1000 == 0 || (digits.n == 4 && n % 100 == 0);
}

static void
group_out(struct speech *s, struct sv digits)
{
	if (is_quantity(s->lang, digits))
		cardinal_out(s, value_of(digits));
	else
		digits_out(s, digits);
}

/* "15 000 000": groups of three behind the first. */
static bool
is_grouped(const struct number *n)
{
	size_t i;

	if (n->plus || n->count < 2 || n->digits > 9 || !n->spaces_only ||
	    n->groups[0].n > 3 || n->groups[0].p[0] == '0')
		return false;
	for (i = 1; i < n->count; i++)
		if (n->groups[i].n != 3)
			return false;
	return true;
}

static void
number_out(struct speech *s, const struct number *n)
{
	uint32_t value = 0;
	size_t i;

	if (is_grouped(n)) {
		for (i = 0; i < n->count; i++)
			value = value * 1000 + value_of(n->groups[i]);
		cardinal_out(s, value);
		return;
	}
	for (i = 0; i < n->count; i++) {
		if (i > 0)
			pause(s);
		if (n->plus || (n->count > 1 && n->digits >= TELEPHONE_DIGITS))
			digits_out(s, n->groups[i]);
		else
			group_out(s, n->groups[i]);
	}
}

/* What stands between two groups of digits: one or two of " -()" and the space
 * that does not break. */
static size_t
gap_length(struct sv v, bool *ret_space)
{
	size_t n = 0, marks = 0;

	*ret_space = true;
	while (n < v.n && marks < 3) {
		if (v.n - n >= 2 && memcmp(v.p + n, "\u00a0", 2) == 0) {
			n += 2;
		} else if (strchr(" -()", v.p[n]) != NULL && v.p[n] != '\0') {
			*ret_space = *ret_space && v.p[n] == ' ';
			n++;
		} else {
			break;
		}
		marks++;
	}
	return marks > 0 && is_digit(v, n) ? n : 0;
}

/* A full hour is said without its minutes; English has twelve of them. */
static void
time_out(struct speech *s, uint32_t hour, struct sv minute)
{
	bool full = value_of(minute) == 0, english = s->lang == LANG_EN;

	if (english && full && hour % 12 == 0) {
		words_out(s, hour == 12 ? SV("noon") : SV("midnight"));
		return;
	}
	cardinal_out(s, english ? (hour + 11) % 12 + 1 : hour);
	if (!full && minute.p[0] == '0')
		digits_out(s, minute);
	else if (!full)
		cardinal_out(s, value_of(minute));
	if (english)
		words_out(s, hour % 24 < 12 ? SV("a m") : SV("p m"));
}

/* 9:30 */
static bool
time_take(struct speech *s)
{
	struct sv rest = s->rest;
	struct sv hour = digits_take(&rest), minute;

	if (hour.n > 2 || rest.n < 3 || rest.p[0] != ':')
		return false;
	rest.p++;
	rest.n--;
	minute = digits_take(&rest);
	if (minute.n != 2)
		return false;
	s->rest = rest;
	time_out(s, value_of(hour), minute);
	return true;
}

static void
number_take(struct speech *s)
{
	struct number n = { .spaces_only = true };
	bool spaces;
	size_t gap = 0;

	if (s->rest.p[0] == '+') {
		n.plus = true;
		s->rest.p++;
		s->rest.n--;
		words_out(s, sv_of(signs[3].words[s->lang]));
	} else if (time_take(s)) {
		return;
	}
	do {
		s->rest.p += gap;
		s->rest.n -= gap;
		n.groups[n.count] = digits_take(&s->rest);
		n.digits += n.groups[n.count++].n;
		gap = gap_length(s->rest, &spaces);
		n.spaces_only = n.spaces_only && (gap == 0 || spaces);
	} while (gap > 0 && n.count < GROUPS_MAX);
	number_out(s, &n);
}

static bool
is_apostrophe(UChar32 c)
{
	return c == '\'' || c == '`' || c == 0x2018 || c == 0x2019 ||
	       c == 0x02bb || c == 0x02bc;
}

/* How many bytes of a word follow: letters, and between them apostrophes and
 * hyphens. */
static size_t
word_length(struct sv v)
{
	size_t end = 0, at = 0;
	UChar32 c;

	while (at < v.n) {
		c = utf8_next(v, &at);
		if (c >= 0 && (u_isalpha(c) || (end > 0 && is_apostrophe(c))))
			end = at;
		else if (c != '-' || end + 1 != at || end == 0)
			break;
	}
	return end;
}

/* Say an abbreviation, if it is one. */
static bool
abbreviation_take(struct speech *s, struct sv word)
{
	char buf[256];
	struct sb words;
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(abbreviations); i++) {
		n = strlen(abbreviations[i].shortened);
		if (abbreviations[i].lang != s->lang || word.n < n ||
		    memcmp(word.p, abbreviations[i].shortened, n) != 0 ||
		    (word.n > n && word.p[n] != '-'))
			continue;
		sb_wrap(&words, buf, sizeof(buf));
		sb_puts(&words, abbreviations[i].words);
		if (word.n > n)
			sb_put(&words,
			    (struct sv){ word.p + n + 1, word.n - n - 1 });
		words_out(s, sb_sv(&words));
		return true;
	}
	return false;
}

static void
word_take(struct speech *s, size_t n)
{
	struct sv word = { s->rest.p, n };

	s->rest.p += n;
	s->rest.n -= n;
	if (!abbreviation_take(s, word))
		word_out(s, word);
}

static bool
sign_take(struct speech *s)
{
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(signs); i++) {
		n = strlen(signs[i].sign);
		if (s->rest.n < n || memcmp(s->rest.p, signs[i].sign, n) != 0)
			continue;
		s->rest.p += n;
		s->rest.n -= n;
		words_out(s, sv_of(signs[i].words[s->lang]));
		return true;
	}
	return false;
}

/* A mark or anything else: a pause, an end, or nothing. */
static void
mark_take(struct speech *s)
{
	struct sv mark = { s->rest.p, 1 };
	size_t at = 0;
	UChar32 c = utf8_next(s->rest, &at);

	s->rest.p += at;
	s->rest.n -= at;
	if (c == '.' || c == ',' || c == '!' || c == '?' || c == ';')
		stop_out(s, mark);
	else if (c == '\n')
		stop_out(s, SV("."));
	else if (c == ':' || c == '/' || c == '(' || c == ')' || c == 0x2013 ||
		 c == 0x2014 || (c == '-' && s->wants_space))
		pause(s);
}

static void
text_take(struct speech *s)
{
	size_t n;

	while (s->rest.n > 0) {
		if (is_digit(s->rest, 0) ||
		    (s->rest.p[0] == '+' && is_digit(s->rest, 1)))
			number_take(s);
		else if ((n = word_length(s->rest)) > 0)
			word_take(s, n);
		else if (!sign_take(s))
			mark_take(s);
	}
}

void
speech_words(struct sb *b, enum lang lang, struct sv text)
{
	struct speech s = { .b = b, .lang = lang, .rest = text };

	ASSERT(lang < LANG_COUNT);
	text_take(&s);
}

void
speech_put(struct sb *b, enum lang lang, struct sv text)
{
	struct speech s = {
		.b = b,
		.lang = lang,
		.rest = text,
		.spelt = true,
	};

	ASSERT(lang < LANG_COUNT);
	text_take(&s);
}
