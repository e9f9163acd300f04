/*
 * lexicon_near.c - words one edit away: a letter more, less, other or swapped.
 *
 * Every key is reachable by itself and by each of its forms with one letter
 * left out; so is the word looked for.  Two words one edit apart meet there.
 */
#include <stdlib.h>

#include "menus/lexicon_inner.h"

static uint32_t
hash_without(const char *p, size_t n, size_t skip)
{
	uint32_t h = HASH_START;

	for (size_t i = 0; i < n; i++) {
		if (i != skip)
			h = hash_step(h, p[i]);
	}
	return h;
}

static void
near_add(struct lexicon *l, uint32_t hash, size_t key)
{
	uint32_t *slot = &l->near_slots[hash & l->near_mask];
	struct near_key *n;

	ASSERT(l->near_count < l->near_max);
	n = &l->nears[l->near_count];
	*n = (struct near_key){ hash, *slot, (uint16_t)key };
	*slot = (uint32_t)l->near_count++;
}

static bool
key_correctable(const struct key *k)
{
	return k->n >= (k->star ? TYPO_MIN : KEY_TYPO_MIN) && k->n <= TYPO_MAX;
}

void
lexicon_near_build(struct lexicon *l)
{
	size_t size = 1024;

	l->near_max = 1;
	for (size_t i = 0; i < l->key_count; i++)
		l->near_max += (size_t)l->keys[i].n + 1;
	while (size < l->near_max)
		size *= 2;
	l->near_mask = size - 1;
	l->near_slots = calloc(size, sizeof(*l->near_slots));
	l->nears = calloc(l->near_max, sizeof(*l->nears));
	ASSERT(l->near_slots != NULL && l->nears != NULL);
	l->near_count = 1;
	for (size_t i = 0; i < l->key_count; i++) {
		const struct key *k = &l->keys[i];
		const char *p = l->pool + k->at;

		if (!key_correctable(k))
			continue;
		for (size_t skip = 0; skip <= k->n; skip++)
			near_add(l, hash_without(p, k->n, skip), i);
	}
}

bool
lexicon_one_edit(const char *a, size_t an, const char *b, size_t bn)
{
	size_t head = 0, tail = 0, most = an < bn ? an : bn;

	while (head < most && a[head] == b[head])
		head++;
	while (tail < most - head && a[an - 1 - tail] == b[bn - 1 - tail])
		tail++;
	if (head == 0)
		return false;
	an -= head + tail;
	bn -= head + tail;
	if (an <= 1 && bn <= 1)
		return true;
	return an == 2 && bn == 2 && a[head] == b[head + 1] &&
	       a[head + 1] == b[head];
}

/* Letters that people mix up: vowels, and consonants that sound alike. */
static bool
sounds_near(char a, char b)
{
	static const char vowels[] = "aeiou", pairs[] = "dtzsgkbpvfjzSCjShk";

	if (strchr(vowels, a) != NULL && strchr(vowels, b) != NULL)
		return true;
	for (size_t i = 0; i + 1 < sizeof(pairs) - 1; i += 2) {
		if ((pairs[i] == a && pairs[i + 1] == b) ||
		    (pairs[i] == b && pairs[i + 1] == a))
			return true;
	}
	return false;
}

enum edit { EDIT_LIKELY, EDIT_PLAIN, EDIT_UNLIKELY };

/* How the one edit between a and b may have come about: a letter for any
 * other is unlikely where the word is short. */
static enum edit
edit_kind(const char *a, size_t an, const char *b, size_t bn)
{
	size_t head = 0;

	if (an != bn)
		return EDIT_PLAIN;
	while (head < an && a[head] == b[head])
		head++;
	if (head == an || sounds_near(a[head], b[head]))
		return EDIT_LIKELY;
	if (head + 1 < an && a[head] == b[head + 1] && a[head + 1] == b[head])
		return EDIT_PLAIN;
	return an < TYPO_FREE ? EDIT_UNLIKELY : EDIT_PLAIN;
}

struct near_search {
	const struct lexicon *l;
	const char *word;
	size_t n;
	const struct key *best;
	size_t best_rank;
	bool unsure; /* another key fits as well and means something else */
};

/* The owner that counts; a word that two topics could mean is not corrected. */
static unsigned
key_name(const struct lexicon *l, const struct key *k)
{
	const struct lex_owner *o = lexicon_owner(l, k->atom);

	return o != NULL ? o->name : (unsigned)LEX_NAME_MAX + k->atom;
}

static void
near_try(struct near_search *s, const struct key *k, size_t n)
{
	enum edit edit = edit_kind(s->word, n, s->l->pool + k->at, k->n);
	/* a word that means something by itself before a part of phrases */
	size_t rank = 2 * (size_t)k->n + (k->star ? 0u : 1u) +
		      (lexicon_owner(s->l, k->atom) != NULL ? 4u : 0u) +
		      (edit == EDIT_LIKELY ? 2u : 0u);

	if ((!k->star && n != s->n) || edit == EDIT_UNLIKELY ||
	    !lexicon_one_edit(s->word, n, s->l->pool + k->at, k->n))
		return;
	if (s->best == NULL || rank > s->best_rank) {
		s->best = k;
		s->best_rank = rank;
		s->unsure = false;
	} else if (rank == s->best_rank &&
		   key_name(s->l, k) != key_name(s->l, s->best)) {
		s->unsure = true;
	}
}

static void
near_probe(struct near_search *s, size_t n, size_t skip)
{
	uint32_t hash = hash_without(s->word, n, skip);
	uint32_t i = s->l->near_slots[hash & s->l->near_mask];

	for (; i != 0; i = s->l->nears[i].next) {
		if (s->l->nears[i].hash == hash)
			near_try(s, &s->l->keys[s->l->nears[i].key], n);
	}
}

static const struct key *
near_find(const struct lexicon *l, const char *word, size_t n)
{
	struct near_search s = { .l = l, .word = word, .n = n };

	/* stems: every beginning of the word that could be one, gone wrong */
	for (size_t head = TYPO_MIN - 1; head <= n; head++) {
		for (size_t skip = 0; skip <= head; skip++)
			near_probe(&s, head, skip);
	}
	return s.unsure ? NULL : s.best;
}

size_t
lexicon_typos(const struct lexicon *l, const struct folded *t,
    struct lex_word words[FOLD_WORDS_MAX])
{
	size_t found = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct fold_word *f = &t->words[i];
		struct lex_word *w = &words[i];
		const struct key *k;

		if (w->owned || w->classes != 0 ||
		    (size_t)w->fits * 4 >= (size_t)f->n * 3 ||
		    f->n < TYPO_MIN || f->n > TYPO_MAX ||
		    (f->script & FOLD_DIGITS) != 0)
			continue;
		k = near_find(l, t->codes + f->at, f->n);
		if (k == NULL)
			continue;
		/* a corrected word never is a sign of danger by itself */
		w->best = 0;
		w->count = 1;
		w->atoms[0] = k->atom;
		w->classes = l->atoms[k->atom].classes;
		w->marks = 0;
		w->owned = l->atoms[k->atom].owner != 0;
		w->how = LEX_TYPO;
		found++;
	}
	return found;
}
