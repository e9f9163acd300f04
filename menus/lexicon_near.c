/*
 * lexicon_near.c - words one edit away: a letter more, less, other or swapped.
 *
 * Every key is reachable by itself and by each of its forms with one letter
 * left out; so is the word looked for.  Two words one edit apart meet there.
 */
#include <stdlib.h>

#include "menus/endings.h"
#include "menus/lexicon_inner.h"
#include "menus/match.h"

/* Codes that one letter is, at skip: я and ю are two; without a letter its
 * two neighbours may become one. */
static size_t
letter_codes(const char *p, size_t n, size_t skip)
{
	bool iotated, joined;

	if (skip + 1 >= n)
		return 1;
	iotated = p[skip] == 'i' && (p[skip + 1] == 'a' || p[skip + 1] == 'u');
	joined = skip > 0 && p[skip - 1] == p[skip + 1];
	return iotated || joined ? 2 : 1;
}

static uint32_t
hash_without(const char *p, size_t n, size_t skip, size_t codes)
{
	uint32_t h = HASH_START;

	for (size_t i = 0; i < n; i++) {
		if (i < skip || i >= skip + codes)
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
		l->near_max += 2 * (size_t)l->keys[i].n + 1;
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
		for (size_t skip = 0; skip <= k->n; skip++) {
			near_add(l, hash_without(p, k->n, skip, 1), i);
			if (letter_codes(p, k->n, skip) == 2)
				near_add(l, hash_without(p, k->n, skip, 2), i);
		}
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
	an -= head + tail;
	bn -= head + tail;
	if (an <= 1 && bn <= 1)
		return true;
	if (an + bn <= 3 && (an == 2 || bn == 2))
		return letter_codes(an == 2 ? a : b, head + 2 + tail, head) ==
		       2;
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
 * other, or a wrong first letter, is unlikely where the word is short. */
static enum edit
edit_kind(const char *a, size_t an, const char *b, size_t bn)
{
	size_t head = 0, least = an < bn ? an : bn;

	while (head < least && a[head] == b[head])
		head++;
	if (head == 0 && least < TYPO_FIRST)
		return EDIT_UNLIKELY;
	if (an != bn)
		return least < TYPO_MIN && an < bn ? EDIT_UNLIKELY : EDIT_PLAIN;
	if (head == an || sounds_near(a[head], b[head]))
		return EDIT_LIKELY;
	if (head + 1 < an && a[head] == b[head + 1] && a[head + 1] == b[head])
		return EDIT_PLAIN;
	return an < TYPO_FREE ? EDIT_UNLIKELY : EDIT_PLAIN;
}

enum { NEAR_KEPT = 3 };

struct near_search {
	const struct lexicon *l;
	const char *word;
	size_t n;
	bool alone; /* the text is this word */
	/* keys that mean different things, the likeliest first */
	const struct key *keys[NEAR_KEPT];
	size_t ranks[NEAR_KEPT];
	size_t heads[NEAR_KEPT]; /* codes of the word that are the key */
	size_t count;
};

/* The owner that counts. */
static unsigned
key_name(const struct lexicon *l, const struct key *k)
{
	const struct lex_owner *o = lexicon_owner(l, k->atom);

	return o != NULL ? o->name : (unsigned)LEX_NAME_MAX + k->atom;
}

/* Place k among the keys found, unless one that means the same ranks higher. */
static void
near_keep(struct near_search *s, const struct key *k, size_t rank, size_t head)
{
	unsigned name = key_name(s->l, k);
	size_t i, at;

	for (i = 0; i < s->count; i++) {
		if (key_name(s->l, s->keys[i]) == name)
			break;
	}
	if (i < s->count && s->ranks[i] >= rank)
		return;
	if (i == s->count && s->count < NEAR_KEPT)
		s->count++;
	else if (i == s->count && s->ranks[--i] >= rank)
		return;
	for (at = i; at > 0 && s->ranks[at - 1] < rank; at--) {
		s->keys[at] = s->keys[at - 1];
		s->ranks[at] = s->ranks[at - 1];
		s->heads[at] = s->heads[at - 1];
	}
	s->keys[at] = k;
	s->ranks[at] = rank;
	s->heads[at] = head;
}

/* A text of one word has nothing beside it to confirm it. */
static bool
edit_sure_alone(enum edit edit, size_t n, bool ending)
{
	size_t least = edit == EDIT_LIKELY ? TYPO_MIN + 1 : TYPO_FREE;

	return n >= least + ending;
}

enum { RANK_LIKELY = 2, RANK_OWNED = 4, RANK_PLAIN = 256 };

static void
near_try(struct near_search *s, const struct key *k, size_t n)
{
	const char *p = s->l->pool + k->at;
	enum edit edit;
	size_t rank;

	if ((!k->star && n != s->n) || !lexicon_one_edit(s->word, n, p, k->n))
		return;
	edit = edit_kind(s->word, n, p, k->n);
	if (s->alone && !edit_sure_alone(edit, k->n, n < s->n))
		edit = EDIT_UNLIKELY;
	/* a word that means something by itself before a part of phrases */
	rank = 2 * (size_t)k->n + (k->star ? 0u : 1u) +
	       (lexicon_owner(s->l, k->atom) != NULL ? RANK_OWNED : 0u) +
	       (edit == EDIT_LIKELY ? RANK_LIKELY : 0u) +
	       (edit == EDIT_UNLIKELY ? 0u : RANK_PLAIN);
	near_keep(s, k, rank, n);
}

static void
near_probe(struct near_search *s, size_t n, size_t skip, size_t codes)
{
	uint32_t hash = hash_without(s->word, n, skip, codes);
	uint32_t i = s->l->near_slots[hash & s->l->near_mask];

	for (; i != 0; i = s->l->nears[i].next) {
		if (s->l->nears[i].hash == hash)
			near_try(s, &s->l->keys[s->l->nears[i].key], n);
	}
}

static void
near_find(struct near_search *s)
{
	/* stems: every beginning of the word that could be one, gone wrong */
	for (size_t head = TYPO_MIN - 1; head <= s->n; head++) {
		for (size_t skip = 0; skip <= head; skip++) {
			near_probe(s, head, skip, 1);
			if (letter_codes(s->word, head, skip) == 2)
				near_probe(s, head, skip, 2);
		}
	}
}

static void
atom_add(const struct lexicon *l, struct lex_word *w, uint16_t atom)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->atoms[i] == atom)
			return;
	}
	if (w->count == LEX_HITS_MAX)
		return;
	if (!w->owned && l->atoms[atom].owner != 0) {
		w->owned = true;
		w->best = w->count;
	}
	w->classes |= l->atoms[atom].classes;
	w->atoms[w->count++] = atom;
}

/* All that the corrected word is, for phrases. */
static void
atoms_add(struct lex_word *w, const struct near_search *s, size_t at)
{
	const struct key *k = s->keys[at];
	size_t rest = s->n - s->heads[at];
	char codes[TYPO_MAX + STEM_MAX];
	struct lex_word right = { 0 };

	memcpy(codes, s->l->pool + k->at, k->n);
	memcpy(codes + k->n, s->word + s->heads[at], rest);
	lexicon_word(s->l, codes, k->n + rest, &right);
	for (size_t i = 0; i < right.count; i++)
		atom_add(s->l, w, right.atoms[i]);
}

/* True if it is the name of a topic or a command. */
static bool
key_means(const struct lexicon *l, const struct key *k)
{
	const struct lex_owner *o = lexicon_owner(l, k->atom);

	while (o != NULL && o->name >= LEX_COMMAND + CMD_COUNT)
		o = lexicon_owner_next(l, o);
	return o != NULL;
}

/* The one key that fits best, or those that fit as well. */
static void
word_correct(struct lex_word *w, const struct near_search *s)
{
	bool sure = s->ranks[0] >= RANK_PLAIN &&
		    (s->count == 1 || s->ranks[0] > s->ranks[1]);
	size_t count = sure ? 1 : s->count;

	/* a corrected word never is a sign of danger by itself */
	*w = (struct lex_word){ .how = sure ? LEX_TYPO : LEX_GUESS };
	for (size_t i = 0; i < count; i++) {
		if (key_means(s->l, s->keys[i]))
			atom_add(s->l, w, s->keys[i]->atom);
	}
	w->guesses = w->count;
	for (size_t i = 0; i < count; i++)
		atoms_add(w, s, i);
}

static bool
word_correctable(const struct fold_word *f, const struct lex_word *w)
{
	if (f->n < TYPO_MIN - 1 || f->n > TYPO_MAX ||
	    (f->script & FOLD_DIGITS) != 0)
		return false;
	/* little of a word is known, and the rest is no ending */
	return w->loose || (!w->owned && w->classes == 0 &&
			       (size_t)w->fits * 4 < (size_t)f->n * 3);
}

size_t
lexicon_typos(const struct lexicon *l, const struct folded *t,
    struct lex_word words[FOLD_WORDS_MAX])
{
	size_t found = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct fold_word *f = &t->words[i];
		struct near_search s = { .l = l,
			.word = t->codes + f->at,
			.n = f->n,
			.alone = t->count == 1 };

		if (!word_correctable(f, &words[i]))
			continue;
		near_find(&s);
		if (s.count == 0)
			continue;
		word_correct(&words[i], &s);
		found++;
	}
	return found;
}
