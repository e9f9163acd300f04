/* places_match.c - gazetteer names in a folded text. */
#include "menus/places_match.h"

#include <stdlib.h>

enum {
	NAME_WORDS_MAX = 6,
	NAME_CODES_MAX = 24, /* of one word; longer names are cut */
	TYPO_NAME_MIN = 6,
	SHORT_NAME = 3, /* needs more than a Russian ending */
	CODE_LETTERS = 3,
	START_BITS = 5,
};

/* One name of one place; several spellings share a first word. */
struct name {
	char words[NAME_WORDS_MAX][NAME_CODES_MAX];
	uint8_t n[NAME_WORDS_MAX];
	uint8_t count;
	uint8_t key_n; /* codes of the first word that never change */
	uint32_t hash; /* of those */
	uint8_t langs;
	bool weak;
	bool code; /* a short alias, such as СКО: takes no endings */
	uint16_t place;
	uint32_t next;	    /* same key, 0: last */
	uint32_t next_near; /* may be misspelt, same first code, 0: last */
};

struct places_match {
	const struct places *places;
	struct name *names; /* [0] unused */
	size_t count, max;
	uint32_t *slots;
	size_t mask;
	/* bit n: some name that begins so has a key of n codes */
	uint32_t key_lengths[1 << 2 * START_BITS];
	uint32_t nears[128]; /* by first code */
};

/* ---- endings ---- */

/* What may follow a name, as skeleton; they may stand one after another. */
static const struct {
	char s[5];
	uint8_t mark; /* enum place_mark */
	bool russian;
} endings[] = {
	{ "da", PLACE_IN, false },
	{ "de", PLACE_IN, false },
	{ "do", PLACE_IN, false },
	{ "ta", PLACE_IN, false },
	{ "te", PLACE_IN, false },
	{ "to", PLACE_IN, false },
	{ "gi", PLACE_IN, false },
	{ "gu", PLACE_IN, false },
	{ "dan", PLACE_FROM, false },
	{ "den", PLACE_FROM, false },
	{ "don", PLACE_FROM, false },
	{ "tan", PLACE_FROM, false },
	{ "ten", PLACE_FROM, false },
	{ "ton", PLACE_FROM, false },
	{ "nan", PLACE_FROM, false },
	{ "nen", PLACE_FROM, false },
	{ "ga", PLACE_TO, false },
	{ "ge", PLACE_TO, false },
	{ "go", PLACE_TO, false },
	{ "ka", PLACE_TO, false },
	{ "ke", PLACE_TO, false },
	{ "ko", PLACE_TO, false },
	{ "gaCa", PLACE_TO, false },
	{ "kaCa", PLACE_TO, false },
	{ "ni", PLACE_BARE, false },
	{ "ti", PLACE_BARE, false },
	{ "di", PLACE_BARE, false },
	{ "nu", PLACE_BARE, false },
	{ "nin", PLACE_BARE, false },
	{ "nun", PLACE_BARE, false },
	{ "din", PLACE_BARE, false },
	{ "tin", PLACE_BARE, false },
	{ "lik", PLACE_FROM, false },
	{ "luk", PLACE_FROM, false },
	{ "lok", PLACE_FROM, false },
	{ "dik", PLACE_FROM, false },
	{ "tik", PLACE_FROM, false },
	{ "lar", PLACE_BARE, false },
	{ "ler", PLACE_BARE, false },
	{ "man", PLACE_BARE, false },
	{ "men", PLACE_BARE, false },
	{ "min", PLACE_BARE, false },
	{ "mun", PLACE_BARE, false },
	{ "miz", PLACE_BARE, false },
	{ "biz", PLACE_BARE, false },
	{ "am", PLACE_BARE, false },
	{ "em", PLACE_BARE, true },
	{ "ide", PLACE_IN, false },
	{ "iden", PLACE_FROM, false },
	{ "ige", PLACE_TO, false },
	{ "inde", PLACE_IN, false },
	{ "inda", PLACE_IN, false },
	{ "inan", PLACE_FROM, false },
	{ "ina", PLACE_TO, false },
	{ "ro", PLACE_BARE, false },
	{ "ba", PLACE_TO, false },
	{ "s", PLACE_BARE, false },
	{ "a", PLACE_BARE, true },
	{ "u", PLACE_TO, true }, /* в Россию, and в Москву */
	{ "e", PLACE_BARE, true },
	{ "i", PLACE_BARE, true },
	{ "om", PLACE_BARE, true },
	{ "oi", PLACE_BARE, true },
	{ "iu", PLACE_TO, true },
	{ "ia", PLACE_BARE, true },
	{ "ei", PLACE_BARE, true },
	{ "ov", PLACE_BARE, true },
	{ "ah", PLACE_BARE, true },
	{ "oiu", PLACE_BARE, true },
	{ "ogo", PLACE_BARE, true },
	{ "uiu", PLACE_TO, true },
	{ "aia", PLACE_BARE, true },
};

struct ending {
	enum place_mark mark;
	bool russian;
};

/* True if p is nothing but endings, at most three. */
static bool
ending_read(const char *p, size_t n, unsigned left, struct ending *ret)
{
	if (n == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(endings) && left > 0; i++) {
		struct ending rest = *ret;
		size_t len = 1;

		if (endings[i].s[0] != p[0])
			continue;
		while (len < n && endings[i].s[len] == p[len])
			len++;
		if (endings[i].s[len] != '\0')
			continue;
		/* Russian endings stand alone */
		if (endings[i].russian && (len < n || left < 3))
			continue;
		if (!ending_read(p + len, n - len, left - 1, &rest))
			continue;
		*ret = rest;
		if (endings[i].mark > ret->mark)
			ret->mark = endings[i].mark;
		ret->russian = ret->russian || endings[i].russian;
		return true;
	}
	return false;
}

static bool
is_vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* What follows the first n codes of a word; "Абад" and "дан" share their d,
 * because doubled letters are one. */
static bool
ending_after(const char *p, size_t n, size_t len, struct ending *ret)
{
	if (ending_read(p + n, len - n, 3, ret))
		return true;
	return len > n && !is_vowel(p[n - 1]) &&
	       ending_read(p + n - 1, len - n + 1, 3, ret) && !ret->russian;
}

/* ---- building ---- */

#define NAME_HASH_START 0x811c9dc5u

static uint32_t
name_hash(const char *p, size_t n)
{
	uint32_t h = NAME_HASH_START;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)p[i]) * 0x01000193u;
	return h;
}

/* Which beginning of two codes; a few share one. */
static size_t
start_of(const char *p, size_t n)
{
	size_t mask = (1 << START_BITS) - 1;
	size_t second = n > 1 ? (uint8_t)p[1] & mask : 0;

	return ((uint8_t)p[0] & mask) << START_BITS | second;
}

/* How much of a first word stays the same in every case. */
static size_t
name_key(const struct name *m)
{
	const char *p = m->words[0];
	size_t n = m->n[0];

	if (m->count > 1 && n > 5 && memcmp(p + n - 3, "aia", 3) == 0)
		return n - 3; /* Московская, Московской */
	if (m->count > 1 && n > 4 && p[n - 1] == 'i')
		return n - 1; /* Нижний, Нижнем */
	if (n > 5 && memcmp(p + n - 2, "ia", 2) == 0)
		return n - 2;
	return n > 2 && is_vowel(p[n - 1]) ? n - 1 : n;
}

static void
name_link(struct places_match *pm, const struct name *m, size_t key_n)
{
	uint32_t hash = name_hash(m->words[0], key_n), *slot;
	size_t all = key_n == 1 ? 1 << START_BITS : 1;

	if (pm->count == pm->max) {
		pm->max *= 2;
		pm->names =
		    reallocarray(pm->names, pm->max, sizeof(*pm->names));
		ASSERT(pm->names != NULL);
	}
	/* after a key of one code anything may stand */
	for (size_t i = 0; i < all; i++)
		pm->key_lengths[start_of(m->words[0], key_n) + i] |= 1u
								     << key_n;
	slot = &pm->slots[hash & pm->mask];
	pm->names[pm->count] = *m;
	pm->names[pm->count].key_n = (uint8_t)key_n;
	pm->names[pm->count].hash = hash;
	pm->names[pm->count].next = *slot;
	*slot = (uint32_t)pm->count++;
}

static bool
name_same(const struct name *a, const struct name *b)
{
	if (a->place != b->place || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->n[i] != b->n[i] ||
		    memcmp(a->words[i], b->words[i], a->n[i]) != 0)
			return false;
	}
	return true;
}

static void
name_add(struct places_match *pm, struct name *m)
{
	size_t key = name_key(m);
	uint32_t i = pm->slots[name_hash(m->words[0], key) & pm->mask];

	for (; i != 0; i = pm->names[i].next) {
		if (name_same(&pm->names[i], m)) {
			pm->names[i].langs |= m->langs;
			return;
		}
	}
	name_link(pm, m, key);
}

static void
name_read(struct places_match *pm, const struct fold *f,
    const struct lexicon *l, struct sv text, struct name *m)
{
	struct folded t;
	struct name joined;

	fold_text(f, text, FOLD_AS_TYPED, &t);
	for (unsigned r = 0; r < FOLD_PLAIN_E; r += FOLD_PLAIN_O) {
		char codes[2 * FOLD_WORD_MAX];

		m->count = 0;
		for (size_t i = 0; i < t.count && i < NAME_WORDS_MAX; i++) {
			size_t n = fold_again(&t, &t.words[i], r, codes);

			if (n == 0)
				continue;
			m->n[m->count] =
			    (uint8_t)(n < NAME_CODES_MAX ? n : NAME_CODES_MAX);
			memcpy(m->words[m->count], codes, m->n[m->count]);
			m->count++;
		}
		if (m->count == 0)
			return;
		m->code = m->langs == 0 && m->count == 1 &&
			  t.words[0].raw_n <= CODE_LETTERS;
		m->weak =
		    m->count == 1 && (lexicon_marks(l, m->words[0], m->n[0]) &
					 lex_mark(LEX_PLACE_WEAK)) != 0;
		name_add(pm, m);
		/* "Ура-Тюбе" is also written as one word */
		if (m->count != 2 || m->n[0] + m->n[1] > NAME_CODES_MAX ||
		    memchr(text.p, '-', text.n) == NULL)
			continue;
		joined = *m;
		memcpy(joined.words[0] + m->n[0], m->words[1], m->n[1]);
		joined.n[0] = (uint8_t)(m->n[0] + m->n[1]);
		joined.count = 1;
		joined.code = false;
		name_add(pm, &joined);
	}
}

/* Names of one long word, by their first code, in their order. */
static void
nears_link(struct places_match *pm)
{
	for (size_t i = pm->count - 1; i > 0; i--) {
		struct name *m = &pm->names[i];
		uint32_t *first = &pm->nears[(uint8_t)m->words[0][0] & 127];

		if (m->count != 1 || m->n[0] < TYPO_NAME_MIN)
			continue;
		m->next_near = *first;
		*first = (uint32_t)i;
	}
}

struct places_match *
places_match_new(
    const struct places *p, const struct fold *f, const struct lexicon *l)
{
	struct places_match *pm = calloc(1, sizeof(*pm));

	ASSERT(pm != NULL);
	pm->places = p;
	pm->mask = 0x1fff;
	pm->max = 1024;
	pm->count = 1;
	pm->slots = calloc(pm->mask + 1, sizeof(*pm->slots));
	pm->names = calloc(pm->max, sizeof(*pm->names));
	ASSERT(pm->slots != NULL && pm->names != NULL);
	for (uint16_t i = 0; i < places_count(p); i++) {
		const struct place *place = places_at(p, i);
		struct sv rest = place->aliases;
		struct name m = { .place = i };

		for (unsigned lang = 0; lang < LANG_COUNT; lang++) {
			m.langs = (uint8_t)(1u << lang);
			name_read(pm, f, l, place->names[lang], &m);
		}
		m.langs = 0;
		while (rest.n > 0)
			name_read(pm, f, l, sv_cut(&rest, ';'), &m);
	}
	nears_link(pm);
	return pm;
}

void
places_match_free(struct places_match **pp)
{
	if (*pp == NULL)
		return;
	free((*pp)->names);
	free((*pp)->slots);
	free(*pp);
	*pp = NULL;
}

/* ---- finding ---- */

struct place_search {
	const struct places_match *pm;
	const struct folded *t;
	const uint8_t *says;
	size_t at;
	struct place_hit best;
	int best_rank; /* 0: none */
};

/* A later word of a name: alike but for its ending. */
static bool
word_like(const struct place_search *s, size_t at, const struct name *m,
    size_t word, struct ending *ending)
{
	const struct fold_word *w = &s->t->words[at];
	const char *p = s->t->codes + w->at;
	size_t n = m->n[word], same = 0;

	while (same < n && same < w->n && p[same] == m->words[word][same])
		same++;
	if (same == n)
		return ending_after(p, same, w->n, ending);
	if (n < 4 || same + (n > 5 ? 3 : 1) < n)
		return false;
	return w->n - same <= 4;
}

static int
kind_rank(const struct place_search *s, uint16_t place)
{
	switch (places_at(s->pm->places, place)->kind) {
	case PLACE_CITY:
		return 3;
	case PLACE_DISTRICT:
		return 2;
	case PLACE_REGION:
		return 1;
	case PLACE_COUNTRY:
		return 0;
	}
	return 0;
}

/*
 * What the word before a name makes of it.  The Russian в is both "in" and
 * "to": the ending tells, в Россию, в Казахстан, but в России, в Казахстане.
 */
static enum place_mark
mark_after(uint8_t before, enum place_mark mark, bool in_accusative)
{
	bool in = (before & PLACE_SAYS_IN) != 0;
	bool to = (before & PLACE_SAYS_TO) != 0;

	if (mark == PLACE_TO || (to && (!in || in_accusative)))
		return PLACE_TO;
	if (in)
		return PLACE_IN;
	return (before & PLACE_SAYS_FROM) != 0 ? PLACE_FROM : mark;
}

/* A word without any ending that ends in a consonant. */
static bool
is_bare(const struct place_search *s, const struct place_hit *h, size_t exact)
{
	const struct fold_word *w = &s->t->words[h->at];

	return h->count == 1 && w->n == exact &&
	       !is_vowel(s->t->codes[w->at + w->n - 1]);
}

/* What stands before the name and after it. */
static void
hit_context(
    const struct place_search *s, struct place_hit *h, bool weak, size_t exact)
{
	size_t after = h->at + (size_t)h->count;
	uint8_t before = h->at > 0 ? s->says[h->at - 1] : 0;

	h->mark = (uint8_t)mark_after(before, h->mark, is_bare(s, h, exact));
	h->weak = weak && h->mark == PLACE_BARE;
	h->state = h->mark == PLACE_BARE &&
		   ((before & PLACE_SAYS_STATE) != 0 ||
		       (after < s->t->count &&
			   (s->says[after] & PLACE_SAYS_STATE) != 0)) &&
		   places_at(s->pm->places, h->place)->kind == PLACE_COUNTRY;
}

static void
hit_offer(struct place_search *s, const struct name *m, struct ending ending,
    size_t exact)
{
	struct place_hit h = { .place = m->place,
		.at = (uint8_t)s->at,
		.count = m->count,
		.mark = (uint8_t)ending.mark,
		.langs = m->langs };
	int rank;

	hit_context(s, &h, m->weak, exact);
	rank = m->count * 64 + (int)exact * 4 + kind_rank(s, m->place) + 1;
	if (rank > s->best_rank) {
		s->best = h;
		s->best_rank = rank;
	}
}

static void
name_try(struct place_search *s, const struct name *m, size_t key_n)
{
	const struct fold_word *w = &s->t->words[s->at];
	const char *p = s->t->codes + w->at;
	struct ending ending = { PLACE_BARE, false };
	size_t same = key_n, n = m->n[0];
	bool said;

	if (m->key_n != key_n || memcmp(m->words[0], p, key_n) != 0 ||
	    s->at + m->count > s->t->count)
		return;
	said = s->at > 0 && (s->says[s->at - 1] & PLACE_SAYS_NAME) != 0;
	if (w->n >= n && memcmp(m->words[0], p, n) == 0)
		same = n;
	if (m->code && w->n != same)
		return;
	if (m->count == 1 || same == n) {
		if (!ending_after(p, same, w->n, &ending))
			return;
		/* в России: the ending is lost in its doubled letter */
		if (same < n && !ending.russian && !(said && w->n == same))
			return;
	} else if (w->n - same > 4) {
		return;
	}

	if (m->count == 1 && ending.russian && n <= SHORT_NAME && !said)
		return;
	for (size_t i = 1; i < m->count; i++) {
		if (!word_like(s, s->at + i, m, i, &ending))
			return;
	}
	hit_offer(s, m, ending, same);
}

static void
names_at(struct place_search *s)
{
	const struct fold_word *w = &s->t->words[s->at];
	const char *p = s->t->codes + w->at;
	uint32_t hash = NAME_HASH_START, lengths;

	if (w->n == 0)
		return;
	lengths = s->pm->key_lengths[start_of(p, w->n)];
	for (size_t n = 1; n <= w->n && lengths >> n != 0; n++) {
		uint32_t i;

		hash = (hash ^ (uint8_t)p[n - 1]) * 0x01000193u;
		if ((lengths >> n & 1) == 0)
			continue;
		for (i = s->pm->slots[hash & s->pm->mask]; i != 0;
		     i = s->pm->names[i].next) {
			if (s->pm->names[i].hash == hash)
				name_try(s, &s->pm->names[i], n);
		}
	}
}

static void
names_near(struct place_search *s)
{
	const struct fold_word *w = &s->t->words[s->at];
	const char *p = s->t->codes + w->at;

	if (w->n < TYPO_NAME_MIN)
		return;
	for (uint32_t i = s->pm->nears[(uint8_t)p[0] & 127]; i != 0;
	     i = s->pm->names[i].next_near) {
		const struct name *m = &s->pm->names[i];
		size_t n = m->n[0];

		if (w->n + 1u < n)
			continue;
		for (size_t head = n - 1; head <= n + 1 && head <= w->n;
		     head++) {
			struct ending ending = { PLACE_BARE, false };

			if (lexicon_one_edit(p, head, m->words[0], n) &&
			    ending_read(p + head, w->n - head, 3, &ending))
				hit_offer(s, m, ending, head);
		}
	}
	s->best.typo = true;
}

size_t
places_match_find(const struct places_match *pm, const struct folded *t,
    const uint8_t *says, bool typos, struct place_hit ret_hits[PLACE_HITS_MAX])
{
	struct place_search s = { .pm = pm, .t = t, .says = says };
	size_t count = 0, step;

	for (size_t at = 0; at < t->count && count < PLACE_HITS_MAX;
	     at += step) {
		step = 1;
		s.at = at;
		s.best_rank = 0;
		names_at(&s);
		if (s.best_rank == 0 && typos)
			names_near(&s);
		if (s.best_rank == 0)
			continue;
		step = s.best.count;
		ret_hits[count++] = s.best;
	}
	return count;
}

const struct place_hit *
places_match_best(
    const struct places_match *pm, const struct place_hit *hits, size_t count)
{
	struct place_search s = { .pm = pm };
	const struct place_hit *best = NULL;
	int best_rank = -1;

	for (size_t i = 0; i < count; i++) {
		int rank = hits[i].mark * 2 + kind_rank(&s, hits[i].place) * 3;

		if (hits[i].state || hits[i].weak || rank <= best_rank)
			continue;
		best = &hits[i];
		best_rank = rank;
	}
	return best;
}
