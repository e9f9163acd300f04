/*
 * lexicon_near.c - words one edit away: a letter more, less, other or swapped.
 *
 * Every keyword is reachable by itself and by each of its forms with one
 * letter left out; so is the word looked for.  Two words one edit apart meet
 * there.  Letters are left out before they fold, as people do, and codes
 * after: a sound of two letters may be wrong as one.
 */
#include <stdlib.h>

#include "menus/endings.h"
#include "menus/fold_inner.h"
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

static size_t
fold_letters(const uint16_t *raw, size_t n, unsigned script, unsigned reading,
    char ret[2 * FOLD_WORD_MAX])
{
	struct fold_word word = { .raw_n = (uint8_t)n,
		.script = (uint8_t)script };

	return fold_codes(raw, &word, reading, ret);
}

/* As near_key.at: no letter is left out. */
enum { NOTHING_OUT = 0xff };

static void
near_add(struct lexicon *l, uint32_t hash, size_t key, size_t at)
{
	uint32_t *slot = &l->near_slots[hash & l->near_mask];
	struct near_key *n;

	for (uint32_t i = *slot; i != 0; i = l->nears[i].next) {
		n = &l->nears[i];
		if (n->hash == hash && n->key == key && n->at == at)
			return;
	}
	ASSERT(l->near_count < l->near_max);
	n = &l->nears[l->near_count];
	*n = (struct near_key){ hash, *slot, (uint16_t)key, (uint8_t)at };
	*slot = (uint32_t)l->near_count++;
}

/* Forms of a word with one letter left out: calls fn with the hash of each,
 * and how many codes stand before the letter. */
typedef void cut_fn(void *arg, uint32_t hash, size_t at);

static void
cut_letters(const uint16_t *raw, size_t n, unsigned script, unsigned reading,
    cut_fn *fn, void *arg)
{
	uint16_t cut[FOLD_WORD_MAX];
	char codes[2 * FOLD_WORD_MAX];

	memcpy(cut, raw + (n > 0), (n - (n > 0)) * sizeof(*cut));
	for (size_t i = 0; i < n; i++) {
		size_t k = fold_letters(cut, n - 1, script, reading, codes);
		uint32_t hash = lexicon_hash(codes, k);

		fn(arg, hash, fold_letters(raw, i, script, reading, codes));
		cut[i] = raw[i];
	}
}

static void
cut_codes(const char *p, size_t n, cut_fn *fn, void *arg)
{
	for (size_t skip = 0; skip < n; skip++) {
		fn(arg, hash_without(p, n, skip, 1), skip);
		if (letter_codes(p, n, skip) == 2)
			fn(arg, hash_without(p, n, skip, 2), skip);
	}
}

struct near_adding {
	struct lexicon *l;
	size_t key;
};

static void
on_key_cut(void *arg, uint32_t hash, size_t at)
{
	struct near_adding *a = arg;

	near_add(a->l, hash, a->key, at);
}

static void
spelling_near(struct lexicon *l, const struct spelling *s)
{
	const struct key *k = &l->keys[s->key];
	struct near_adding a = { l, s->key };

	if (s->n < (k->star ? TYPO_MIN : KEY_TYPO_MIN) || k->n > TYPO_MAX)
		return;
	near_add(l, lexicon_hash(l->pool + k->at, k->n), s->key, NOTHING_OUT);
	cut_letters(s->raw, s->n, s->script, s->reading, on_key_cut, &a);
	cut_codes(l->pool + k->at, k->n, on_key_cut, &a);
}

/* Of the forms that there may be about one in so many is another one. */
enum { NEAR_SPARE = 8 };

void
lexicon_near_build(
    struct lexicon *l, const struct spelling *spellings, size_t count)
{
	size_t size = 1024;

	l->near_max = 1;
	for (size_t i = 0; i < count; i++)
		l->near_max += 1 + spellings[i].n +
			       2 * (size_t)l->keys[spellings[i].key].n;
	while (size < l->near_max / NEAR_SPARE)
		size *= 2;
	l->near_mask = size - 1;
	l->near_slots = calloc(size, sizeof(*l->near_slots));
	l->nears = calloc(l->near_max, sizeof(*l->nears));
	ASSERT(l->near_slots != NULL && l->nears != NULL);
	l->near_count = 1;
	for (size_t i = 0; i < count; i++)
		spelling_near(l, &spellings[i]);
	/* fewer than might have been: many are left out */
	l->near_max = l->near_count;
	l->nears = reallocarray(l->nears, l->near_max, sizeof(*l->nears));
	ASSERT(l->nears != NULL);
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

enum edit {
	EDIT_SOUND, /* a vowel for a vowel, or a sound for a near one */
	EDIT_SWAP,
	EDIT_MISSING, /* a letter, in the word */
	EDIT_OTHER,
	EDIT_FIRST, /* the first letter is wrong */
};

/* How the one edit between the word a and the key b may have come about. */
static enum edit
edit_kind(const char *a, size_t an, const char *b, size_t bn)
{
	size_t head = 0, least = an < bn ? an : bn;

	while (head < least && a[head] == b[head])
		head++;
	if (head == 0)
		return EDIT_FIRST;
	if (an + 1 == bn && memcmp(a + head, b + head + 1, an - head) == 0)
		return EDIT_MISSING;
	if (an != bn)
		return EDIT_OTHER;
	if (head == an ||
	    (sounds_near(a[head], b[head]) &&
		memcmp(a + head + 1, b + head + 1, an - head - 1) == 0))
		return EDIT_SOUND;
	if (head + 1 < an && a[head] == b[head + 1] && a[head + 1] == b[head])
		return EDIT_SWAP;
	return EDIT_OTHER;
}

/* Beside other words: a letter for any other, or a wrong first letter, is
 * unlikely where the word is short. */
static bool
edit_unlikely(enum edit edit, size_t an, size_t bn)
{
	size_t least = an < bn ? an : bn;

	if (edit == EDIT_FIRST)
		return least < TYPO_FIRST;
	if (an < bn)
		return least < TYPO_MIN;
	return edit == EDIT_OTHER && an == bn && an < TYPO_FREE;
}

/*
 * A text of one word has nothing beside it to confirm it: so many codes make
 * the word another that is meant, and not one we do not know.  By the words of
 * dictionaries that are one edit from a keyword.
 */
static bool
edit_unlikely_alone(enum edit edit, size_t n, bool ending)
{
	static const uint8_t least[] = { [EDIT_SOUND] = 8,
		[EDIT_SWAP] = 7,
		[EDIT_MISSING] = 8,
		[EDIT_OTHER] = 10,
		[EDIT_FIRST] = 12 };

	return n < least[edit] + (ending ? 4u : 0u);
}

enum { NEAR_KEPT = 6 };

struct near_search {
	const struct lexicon *l;
	const struct folded *text;
	const struct fold_word *of;
	const uint16_t *raw; /* letters of the word */
	size_t raw_n;
	bool alone; /* the text is this word */
	/* its beginning that is compared now */
	char word[2 * FOLD_WORD_MAX];
	size_t head, n; /* letters, codes */
	char rest[2 * FOLD_WORD_MAX];
	size_t rest_n;
	/* keys that mean different things, the likeliest first */
	const struct key *keys[NEAR_KEPT];
	size_t ranks[NEAR_KEPT];
	size_t rests[NEAR_KEPT]; /* letters of the word behind the key */
	size_t count;
};

/* The owner that counts. */
static unsigned
key_name(const struct lexicon *l, const struct key *k)
{
	const struct lex_owner *o = lexicon_owner(l, k->atom);

	return o != NULL ? o->name : (unsigned)LEX_NAME_MAX + k->atom;
}

/* How many languages have the key. */
static int
langs_of(const struct near_search *s, const struct key *k)
{
	return __builtin_popcount(s->l->atoms[k->atom].langs);
}

/* Place k among the keys found, unless one that means the same ranks higher. */
static void
near_keep(struct near_search *s, const struct key *k, size_t rank)
{
	unsigned name = key_name(s->l, k);
	size_t i, at;

	for (i = 0; i < s->count; i++) {
		if (key_name(s->l, s->keys[i]) == name)
			break;
	}
	if (i < s->count && (s->ranks[i] > rank ||
				(s->ranks[i] == rank &&
				    langs_of(s, s->keys[i]) >= langs_of(s, k))))
		return;
	if (i == s->count && s->count < NEAR_KEPT)
		s->count++;
	else if (i == s->count && s->ranks[--i] >= rank)
		return;
	for (at = i; at > 0 && s->ranks[at - 1] < rank; at--) {
		s->keys[at] = s->keys[at - 1];
		s->ranks[at] = s->ranks[at - 1];
		s->rests[at] = s->rests[at - 1];
	}
	s->keys[at] = k;
	s->ranks[at] = rank;
	s->rests[at] = s->raw_n - s->head;
}

enum { RANK_LIKELY = 2, RANK_OWNED = 4, RANK_PLAIN = 256 };

/* What stands behind a stem must be endings of its language. */
static bool
rest_explained(const struct near_search *s, const struct key *k)
{
	return s->rest_n == 0 ||
	       (k->star && (!s->alone || k->n >= TYPO_ENDING) &&
		   endings_only(s->l->endings, s->rest, s->rest_n, 4,
		       s->l->atoms[k->atom].langs));
}

static void
near_try(struct near_search *s, const struct key *k)
{
	const char *p = s->l->pool + k->at;
	enum edit edit;
	size_t rank;
	bool unlikely;

	if (!rest_explained(s, k))
		return;
	if (s->alone && lexicon_foreign(s->text, s->of, &s->l->atoms[k->atom]))
		return;
	edit = edit_kind(s->word, s->n, p, k->n);
	unlikely = s->alone ? edit_unlikely_alone(edit, k->n, s->rest_n > 0) :
			      edit_unlikely(edit, s->n, k->n);
	/* a word that means something by itself before a part of phrases */
	rank = 2 * (size_t)k->n + (k->star ? 0u : 1u) +
	       (lexicon_owner(s->l, k->atom) != NULL ? RANK_OWNED : 0u) +
	       (edit == EDIT_SOUND ? RANK_LIKELY : 0u) +
	       (unlikely ? 0u : RANK_PLAIN);
	near_keep(s, k, rank);
}

/* True if a letter left out at a in one and at b in the other is one edit:
 * the same place, or its neighbour where two are swapped. */
static bool
cuts_meet(size_t a, size_t b)
{
	if (a == NOTHING_OUT || b == NOTHING_OUT)
		return a != b;
	return a <= b + 1 && b <= a + 1;
}

static void
on_word_cut(void *arg, uint32_t hash, size_t at)
{
	struct near_search *s = arg;
	uint32_t i = s->l->near_slots[hash & s->l->near_mask];

	/* a word of four letters may have lost one, not more */
	if (s->raw_n < TYPO_MIN && at != NOTHING_OUT)
		return;
	for (; i != 0; i = s->l->nears[i].next) {
		const struct near_key *n = &s->l->nears[i];

		if (n->hash == hash && cuts_meet(n->at, at))
			near_try(s, &s->l->keys[n->key]);
	}
}

/* Every beginning of the word could be a stem gone wrong. */
static void
near_find(struct near_search *s)
{
	/* alone, an ending explains too little behind a short stem */
	size_t least = s->alone ? TYPO_ENDING : TYPO_MIN - 1;

	if (least > s->raw_n)
		least = s->raw_n;
	for (s->head = s->raw_n; s->head >= least; s->head--) {
		s->n = fold_letters(s->raw, s->head, s->of->script, 0, s->word);
		s->rest_n = fold_letters(s->raw + s->head, s->raw_n - s->head,
		    s->of->script, 0, s->rest);
		on_word_cut(s, lexicon_hash(s->word, s->n), NOTHING_OUT);
		cut_letters(s->raw, s->head, s->of->script, 0, on_word_cut, s);
		cut_codes(s->word, s->n, on_word_cut, s);
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
	size_t rest = s->rests[at];
	char codes[TYPO_MAX + 2 * FOLD_WORD_MAX];
	struct lex_word right = { 0 };

	memcpy(codes, s->l->pool + k->at, k->n);
	rest = fold_letters(
	    s->raw + s->raw_n - rest, rest, s->of->script, 0, codes + k->n);
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

/* The one key that fits best, or those that fit as well; for phrases all. */
static void
word_correct(struct lex_word *w, const struct near_search *s)
{
	bool sure = s->ranks[0] >= RANK_PLAIN &&
		    (s->count == 1 || s->ranks[0] > s->ranks[1]);
	size_t count = sure ? 1 : s->count;

	/* a corrected word never is a sign of danger by itself */
	*w = (struct lex_word){ .how = sure ? LEX_TYPO : LEX_GUESS,
		.fits = s->keys[0]->n };
	for (size_t i = 0; i < count; i++) {
		if (key_means(s->l, s->keys[i]))
			atom_add(s->l, w, s->keys[i]->atom);
	}
	w->guesses = w->count;
	for (size_t i = 0; i < s->count; i++)
		atom_add(s->l, w, s->keys[i]->atom);
	for (size_t i = 0; i < s->count; i++)
		atoms_add(w, s, i);
	w->owned = w->guesses > 0;
}

static bool
word_correctable(const struct fold_word *f, const struct lex_word *w)
{
	if (f->raw_n < TYPO_MIN - 1 || f->raw_n > TYPO_MAX ||
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
	size_t found = 0, tried = 0;

	for (size_t i = 0; i < t->count && tried < TYPO_WORDS_MAX; i++) {
		const struct fold_word *f = &t->words[i];
		struct near_search s = { .l = l,
			.text = t,
			.of = f,
			.raw = t->raw + f->raw,
			.raw_n = f->raw_n,
			.alone = t->count == 1 };

		if (!word_correctable(f, &words[i]))
			continue;
		tried++;
		near_find(&s);
		if (s.count == 0)
			continue;
		word_correct(&words[i], &s);
		found++;
	}
	return found;
}
