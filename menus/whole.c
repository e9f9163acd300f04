/* whole.c - a hash from whole texts to what they mean. */
#include "menus/whole.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

enum {
	SLOTS_FIRST = 1 << 12,
	LETTERS_MAX = WHOLE_MAX,
	SPACE_MAX = 64, /* around a text; more is left to the matcher */
	RECENT = 64,	/* results that a new one may be the same as */
};

/* One text: its bytes lie in the pool. */
struct slot {
	uint32_t tag; /* of its hash */
	uint32_t at;
	uint32_t n : 8; /* 0: free */
	uint32_t result : 24;
};

struct whole {
	struct slot *slots; /* at most half are taken */
	size_t mask, count;
	char *pool;
	size_t pool_n, pool_max;
	struct match *results;
	size_t result_count, result_max;
};

struct building {
	struct whole *w;
	const struct matcher *m;
	struct match match; /* of the letters in hand, small or capital */
	bool matched;
};

/* ---- the table ---- */

/* Eight bytes a step: multiply, then fold the high half down. */
static uint32_t
tag_of(struct sv text)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t h = text.n, word;

	for (; text.n >= sizeof(word); text.n -= sizeof(word)) {
		memcpy(&word, text.p, sizeof(word));
		h = (h ^ word) * odd;
		h ^= h >> 32;
		text.p += sizeof(word);
	}
	for (word = 0; text.n > 0; text.n--)
		word = word << 8 | (uint8_t)*text.p++;
	h = (h ^ word) * odd;
	return (uint32_t)(h >> 32);
}

static struct slot *
slot_of(const struct whole *w, uint32_t tag, struct sv text)
{
	size_t i = tag & w->mask;

	for (; w->slots[i].n != 0; i = (i + 1) & w->mask) {
		const struct slot *s = &w->slots[i];

		if (s->tag == tag && s->n == text.n &&
		    memcmp(w->pool + s->at, text.p, text.n) == 0)
			break;
	}
	return &w->slots[i];
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static struct sv
trimmed(struct sv text)
{
	while (text.n > 0 && is_space(text.p[text.n - 1]))
		text.n--;
	while (text.n > 0 && is_space(text.p[0])) {
		text.p++;
		text.n--;
	}
	return text;
}

bool
whole_find(const struct whole *w, struct sv text, struct match *ret_match)
{
	const struct slot *s;

	if (text.n > WHOLE_MAX + SPACE_MAX)
		return false;
	text = trimmed(text);
	if (text.n == 0 || text.n > WHOLE_MAX)
		return false;
	s = slot_of(w, tag_of(text), text);
	if (s->n == 0)
		return false;
	*ret_match = w->results[s->result];
	return true;
}

void
whole_each(
    const struct whole *w, void (*fn)(void *arg, struct sv text), void *arg)
{
	for (size_t i = 0; i <= w->mask; i++) {
		const struct slot *s = &w->slots[i];

		if (s->n != 0)
			fn(arg, (struct sv){ w->pool + s->at, s->n });
	}
}

/* ---- building ---- */

static void
slots_grow(struct whole *w)
{
	struct slot *old = w->slots;
	size_t size = w->mask + 1;

	w->mask = size * 2 - 1;
	w->slots = calloc(w->mask + 1, sizeof(*w->slots));
	ASSERT(w->slots != NULL);
	for (size_t i = 0; i < size; i++) {
		struct sv text = { w->pool + old[i].at, old[i].n };

		if (old[i].n != 0)
			*slot_of(w, old[i].tag, text) = old[i];
	}
	free(old);
}

static uint32_t
pool_put(struct whole *w, struct sv text)
{
	size_t at = w->pool_n;

	if (at + text.n > w->pool_max) {
		w->pool_max = w->pool_max * 2 + WHOLE_MAX;
		w->pool = realloc(w->pool, w->pool_max);
		ASSERT(w->pool != NULL);
	}
	memcpy(w->pool + at, text.p, text.n);
	w->pool_n += text.n;
	return (uint32_t)at;
}

/* Keywords that stand together in the files nearly always mean the same. */
static uint32_t
result_put(struct whole *w, const struct match *r)
{
	size_t last = w->result_count < RECENT ? 0 : w->result_count - RECENT;

	for (size_t i = w->result_count; i > last; i--) {
		if (match_same(&w->results[i - 1], r))
			return (uint32_t)(i - 1);
	}
	if (w->result_count == w->result_max) {
		w->result_max = w->result_max == 0 ? 64 : w->result_max * 2;
		w->results = reallocarray(
		    w->results, w->result_max, sizeof(*w->results));
		ASSERT(w->results != NULL);
	}
	w->results[w->result_count] = *r;
	return (uint32_t)w->result_count++;
}

static void
text_put(struct building *b, struct sv text)
{
	struct whole *w = b->w;
	uint32_t tag;
	struct slot *s;

	text = trimmed(text);
	if (text.n == 0 || text.n > WHOLE_MAX)
		return;
	tag = tag_of(text);
	if (slot_of(w, tag, text)->n != 0)
		return;
	if (++w->count * 2 > w->mask)
		slots_grow(w);
	if (!b->matched)
		match_text(b->m, text, &b->match);
	b->matched = true;
	s = slot_of(w, tag, text);
	*s = (struct slot){ .tag = tag,
		.at = pool_put(w, text),
		.n = (uint8_t)text.n,
		.result = result_put(w, &b->match) & 0xffffff };
}

/* ---- the ways a keyword is typed ---- */

/* Plain letters as on a Russian keyboard, and the commonest Latin ones. */
static const struct {
	UChar letter, plain;
	char latin[5];
} spellings[] = {
	{ u'а', 0, "a" },
	{ u'б', 0, "b" },
	{ u'в', 0, "v" },
	{ u'г', 0, "g" },
	{ u'д', 0, "d" },
	{ u'е', 0, "e" },
	{ u'ё', u'е', "e" },
	{ u'ж', 0, "j" },
	{ u'з', 0, "z" },
	{ u'и', 0, "i" },
	{ u'й', 0, "i" },
	{ u'к', 0, "k" },
	{ u'л', 0, "l" },
	{ u'м', 0, "m" },
	{ u'н', 0, "n" },
	{ u'о', 0, "o" },
	{ u'п', 0, "p" },
	{ u'р', 0, "r" },
	{ u'с', 0, "s" },
	{ u'т', 0, "t" },
	{ u'у', 0, "u" },
	{ u'ф', 0, "f" },
	{ u'х', 0, "h" },
	{ u'ц', 0, "ts" },
	{ u'ч', 0, "ch" },
	{ u'ш', 0, "sh" },
	{ u'щ', 0, "sh" },
	{ u'ъ', 0, "" },
	{ u'ы', 0, "y" },
	{ u'ь', 0, "" },
	{ u'э', 0, "e" },
	{ u'ю', 0, "yu" },
	{ u'я', 0, "ya" },
	{ u'ә', u'а', "a" },
	{ u'ғ', u'г', "g" },
	{ u'қ', u'к', "k" },
	{ u'ң', u'н', "n" },
	{ u'ө', u'о', "o" },
	{ u'ү', u'у', "u" },
	{ u'ұ', u'у', "u" },
	{ u'һ', u'х', "h" },
	{ u'і', u'и', "i" },
	{ u'ҳ', u'х', "h" },
	{ u'ҷ', u'ч', "j" },
	{ u'ӣ', u'и', "i" },
	{ u'ӯ', u'у', "u" },
	{ u'ў', u'у', "u" },
};

struct letters {
	UChar p[4 * LETTERS_MAX];
	int32_t n;
};

static void
letters_put(struct building *b, const struct letters *l)
{
	char text[3 * ARRAY_LEN(l->p)];
	UErrorCode rc = U_ZERO_ERROR;
	int32_t n = 0;

	(void)u_strToUTF8(text, sizeof(text), &n, l->p, l->n, &rc);
	if (U_SUCCESS(rc))
		text_put(b, (struct sv){ text, (size_t)n });
}

/* As it is, Capitalised, and in CAPITALS: the same to the matcher. */
static void
cases_put(struct building *b, const struct letters *l)
{
	UErrorCode rc = U_ZERO_ERROR;
	struct letters capital = *l, capitals;

	b->matched = false;
	letters_put(b, l);
	capital.p[0] = (UChar)u_toupper(capital.p[0]);
	letters_put(b, &capital);
	capitals.n = u_strToUpper(
	    capitals.p, ARRAY_LEN(capitals.p), l->p, l->n, "", &rc);
	if (U_SUCCESS(rc))
		letters_put(b, &capitals);
}

/* False if a letter has no such spelling, or none changes. */
static bool
respell(const struct letters *from, bool latin, struct letters *ret)
{
	bool changed = false;

	ret->n = 0;
	for (int32_t i = 0; i < from->n; i++) {
		UChar small = (UChar)u_tolower(from->p[i]);
		size_t k = 0;

		while (k < ARRAY_LEN(spellings) && spellings[k].letter != small)
			k++;
		if (k == ARRAY_LEN(spellings) ||
		    (!latin && spellings[k].plain == 0)) {
			ret->p[ret->n++] = from->p[i];
			continue;
		}
		changed = true;
		if (!latin)
			ret->p[ret->n++] = spellings[k].plain;
		for (const char *c = spellings[k].latin; latin && *c != '\0';
		     c++)
			ret->p[ret->n++] = (UChar)*c;
	}
	return changed;
}

/* A keyword in every way people type it. */
static void
spellings_put(struct building *b, struct sv text)
{
	UErrorCode rc = U_ZERO_ERROR;
	struct letters as_is, other;

	if (text.n == 0 || text.n > WHOLE_MAX)
		return;
	(void)u_strFromUTF8(
	    as_is.p, LETTERS_MAX, &as_is.n, text.p, (int32_t)text.n, &rc);
	if (U_FAILURE(rc) || as_is.n == 0)
		return;
	cases_put(b, &as_is);
	if (respell(&as_is, false, &other))
		cases_put(b, &other);
	if (respell(&as_is, true, &other))
		cases_put(b, &other);
}

/* Lines of more than letters are no text: weak hints, classes, patterns. */
static void
on_word(void *arg, const struct texts_word *line)
{
	char text[WHOLE_MAX];
	struct sv word = line->word;
	size_t n = 0;

	if (word.n > sizeof(text) || strncmp(line->name, "class.", 6) == 0 ||
	    memchr(word.p, ':', word.n) != NULL ||
	    memchr(word.p, '/', word.n) != NULL ||
	    memchr(word.p, '@', word.n) != NULL)
		return;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '+' && i + 1 < word.n) {
			i++; /* and the space behind it */
		} else if (word.p[i] != '*') {
			text[n++] = word.p[i];
		}
	}
	spellings_put(arg, (struct sv){ text, n });
}

static void
places_put(struct building *b, const struct places *p)
{
	for (uint16_t i = 0; i < places_count(p); i++) {
		const struct place *place = places_at(p, i);
		struct sv aliases = place->aliases;

		for (unsigned lang = 0; lang < LANG_COUNT; lang++)
			spellings_put(b, place->names[lang]);
		while (aliases.n > 0)
			spellings_put(b, sv_cut(&aliases, ';'));
	}
}

struct whole *
whole_new(const struct content *c, const struct matcher *m)
{
	struct whole *w = calloc(1, sizeof(*w));
	struct building b = { .w = w, .m = m };

	ASSERT(w != NULL);
	w->mask = SLOTS_FIRST - 1;
	w->slots = calloc(SLOTS_FIRST, sizeof(*w->slots));
	ASSERT(w->slots != NULL);
	spellings_put(&b, SV("000"));
	for (size_t i = 0; i < 10; i++)
		spellings_put(&b, (struct sv){ &"0123456789"[i], 1 });
	texts_words_each(c->texts, on_word, &b);
	places_put(&b, c->places);
	return w;
}

void
whole_free(struct whole **wp)
{
	struct whole *w = *wp;

	if (w == NULL)
		return;
	free(w->slots);
	free(w->pool);
	free(w->results);
	free(w);
	*wp = NULL;
}
