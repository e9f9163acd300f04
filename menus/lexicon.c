/* lexicon.c - finds words, phrases and patterns of the lexicon in a text. */
#include "menus/lexicon.h"

#include "menus/endings.h"
#include "menus/lexicon_inner.h"

uint32_t
lexicon_hash(const char *p, size_t n)
{
	uint32_t h = HASH_START;

	for (size_t i = 0; i < n; i++)
		h = hash_step(h, p[i]);
	return h;
}

const struct key *
lexicon_key(
    const struct lexicon *l, const char *p, size_t n, uint32_t hash, bool star)
{
	uint32_t h = star ? hash ^ HASH_STAR : hash;

	for (size_t i = h & l->slot_mask; l->slots[i] != 0;
	     i = (i + 1) & l->slot_mask) {
		const struct key *k = &l->keys[l->slots[i] - 1];

		if (k->hash == h && k->star == star && k->n == n &&
		    memcmp(l->pool + k->at, p, n) == 0)
			return k;
	}
	return NULL;
}

static void
word_hit(const struct lexicon *l, struct lex_word *w, uint16_t atom, size_t n)
{
	const struct atom *a = &l->atoms[atom];

	/* a shorter stem must be of a language that has the longer one */
	if (w->count > 0 && n < w->fits &&
	    (l->atoms[w->atoms[0]].langs & a->langs) == 0)
		return;
	for (size_t i = 0; i < w->count; i++) {
		if (w->atoms[i] == atom)
			return;
	}
	if (w->count < LEX_HITS_MAX)
		w->atoms[w->count++] = atom;
	if (w->count == 1)
		w->fits = (uint8_t)n;
}

/* What the atoms say together; best is the first, which is the longest. */
static void
word_sum(const struct lexicon *l, struct lex_word *w)
{
	w->classes = 0;
	w->marks = 0;
	w->owned = false;
	for (size_t i = 0; i < w->count; i++) {
		const struct atom *a = &l->atoms[w->atoms[i]];

		w->classes |= a->classes;
		w->marks |= a->marks;
		if (a->owner != 0 && !w->owned) {
			w->owned = true;
			w->best = (uint8_t)i;
		}
	}
	if (w->how <= LEX_TYPO) { /* never a sign of danger */
		w->marks = 0;
		w->owned = w->owned && w->best < w->guesses;
	}
	if (w->count == 0) {
		w->how = LEX_UNKNOWN;
		w->fits = 0;
	}
}

/* A short stem is too little of a long word, unless endings explain it. */
static void
word_loose(const struct lexicon *l, const char *p, size_t n, struct lex_word *w)
{
	const struct atom *a;

	w->loose = false;
	if (w->count == 0 || w->how != LEX_STEM)
		return;
	a = &l->atoms[w->atoms[w->owned ? w->best : 0]];
	if (a->star && a->n <= STEM_LOOSE && a->n < n)
		w->loose =
		    a->n <= STEM_MIN ||
		    !endings_only(l->endings, p + a->n, n - a->n, 4, a->langs);
}

/* Exact first, then stems from the longest, so best is what fits closest. */
void
lexicon_word(
    const struct lexicon *l, const char *p, size_t n, struct lex_word *w)
{
	UNSET uint32_t hash[STEM_MAX + 1];
	uint32_t whole = HASH_START, lengths;
	size_t longest = n < STEM_MAX ? n : STEM_MAX;
	const struct key *k;

	for (size_t i = 0; i < n; i++) {
		whole = hash_step(whole, p[i]);
		if (i < STEM_MAX)
			hash[i + 1] = whole;
	}
	k = lexicon_key(l, p, n, whole, false);
	if (k != NULL)
		word_hit(l, w, k->atom, n);
	w->how = k != NULL ? LEX_EXACT : LEX_STEM;
	lengths = n < 2 ? 0 : l->stem_lengths[start_of(p)];
	lengths &= (2u << longest) - 1;
	while (lengths != 0) {
		unsigned i = 31 - (unsigned)__builtin_clz(lengths);

		lengths &= ~(1u << i);
		k = lexicon_key(l, p, i, hash[i], true);
		if (k == NULL)
			continue;
		word_hit(l, w, k->atom, i);
		if (i == n)
			w->how = LEX_EXACT;
	}
	word_sum(l, w);
	word_loose(l, p, n, w);
}

/* A whole word needs less support from its language than a stem. */
static bool
atom_supported(const struct atom *a, const int votes[LANG_COUNT])
{
	int most = 0, own = 0;

	for (unsigned lang = 0; lang < LANG_COUNT; lang++) {
		most = votes[lang] > most ? votes[lang] : most;
		if ((a->langs >> lang & 1) != 0 && votes[lang] > own)
			own = votes[lang];
	}
	return own * (a->star ? 2 : 3) >= most;
}

void
lexicon_drop_foreign(const struct lexicon *l, struct lex_word *w,
    const int votes[LANG_COUNT], size_t words)
{
	size_t kept = 0, guesses = w->guesses;

	if (words < 2 || w->count == 0)
		return;
	for (size_t i = 0; i < w->count; i++) {
		const struct atom *a = &l->atoms[w->atoms[i]];

		if ((w->how > LEX_TYPO &&
			a->n > (a->star ? STEM_SHORT : WORD_SHORT)) ||
		    atom_supported(a, votes))
			w->atoms[kept++] = w->atoms[i];
		else
			w->guesses = (uint8_t)(w->guesses - (i < guesses));
	}
	if (kept == w->count)
		return;
	w->count = (uint8_t)kept;
	word_sum(l, w);
}

/* True if little of the word is left over, or it says something. */
static bool
word_explained(const struct lex_word *w, size_t n)
{
	return w->owned || w->classes != 0 || w->marks != 0 ||
	       (size_t)w->fits * 4 >= n * 3;
}

/* A c that is a k: only English writes so. */
static bool
english_c(const uint16_t *raw, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (raw[i] == 'c' && raw[i + 1] != 0 &&
		    strchr("heiy", (char)raw[i + 1]) == NULL)
			return true;
	}
	return false;
}

bool
lexicon_foreign(
    const struct folded *t, const struct fold_word *f, const struct atom *a)
{
	if (f->script == FOLD_LATIN)
		return (a->langs & 1u << LANG_EN) == 0 &&
		       english_c(t->raw + f->raw, f->raw_n);
	if (f->script != FOLD_CYRILLIC)
		return false;
	return (f->langs != 0 && (f->langs & a->langs) == 0) ||
	       (a->langs == 1u << LANG_EN && a->latin == a->langs);
}

/* A word alone is the longest that is not foreign, or only a guess. */
static void
word_alone(const struct lexicon *l, const struct folded *t,
    const struct fold_word *f, struct lex_word *w)
{
	const struct atom *best = &l->atoms[w->atoms[w->best]];

	/* a short word of ours is not written with such letters */
	if (w->owned && best->n <= STEM_LOOSE && !best->joined &&
	    letters_joined(t->raw + f->raw, f->raw_n))
		w->loose = true;
	if (!w->owned || !lexicon_foreign(t, f, best))
		return;
	for (uint8_t i = w->best; i < w->count; i++) {
		const struct atom *a = &l->atoms[w->atoms[i]];

		if (a->owner == 0 || lexicon_foreign(t, f, a))
			continue;
		w->best = i;
		w->how = a->star && a->n < f->n ? LEX_STEM : LEX_EXACT;
		word_loose(l, t->codes + f->at, f->n, w);
		return;
	}
	w->loose = true;
}

static void
word_find_other(const struct lexicon *l, const struct folded *t,
    const struct fold_word *f, struct lex_word *w)
{
	UNSET char codes[2 * FOLD_WORD_MAX];
	struct lex_word other = { 0 };
	size_t n = fold_again(t, f, FOLD_OTHER, codes);

	lexicon_word(l, codes, n, &other);
	if (!word_explained(&other, n))
		return;
	*w = other;
	if (t->count == 1 && other.owned &&
	    l->atoms[other.atoms[other.best]].n <= STEM_LOOSE)
		w->loose = true;
}

void
lexicon_words(const struct lexicon *l, const struct folded *t,
    struct lex_word ret_words[FOLD_WORDS_MAX])
{
	for (size_t i = 0; i < t->count; i++) {
		const struct fold_word *f = &t->words[i];
		struct lex_word *w = &ret_words[i];

		*w = (struct lex_word){ 0 };
		lexicon_word(l, t->codes + f->at, f->n, w);
		if (!word_explained(w, f->n) && (f->script & FOLD_LATIN) != 0)
			word_find_other(l, t, f, w);
		if (t->count == 1)
			word_alone(l, t, f, w);
	}
}

const struct lex_owner *
lexicon_owner(const struct lexicon *l, uint16_t atom)
{
	uint16_t o = l->atoms[atom].owner;

	return o != 0 ? &l->owners[o] : NULL;
}

const struct lex_owner *
lexicon_owner_next(const struct lexicon *l, const struct lex_owner *o)
{
	return o->next != 0 ? &l->owners[o->next] : NULL;
}

unsigned
lexicon_langs(const struct lexicon *l, const struct lex_word *w)
{
	unsigned langs = 0;

	/* a word and the same as a stem fit equally */
	for (size_t i = 0; i < w->count; i++) {
		if (l->atoms[w->atoms[i]].n >= w->fits)
			langs |= l->atoms[w->atoms[i]].langs;
	}
	if (langs == 0 && w->count > 0)
		langs = l->atoms[w->atoms[0]].langs;
	return langs;
}

unsigned
lexicon_langs_latin(const struct lexicon *l, const struct lex_word *w)
{
	return w->owned ? l->atoms[w->atoms[w->best]].latin : 0;
}

uint16_t
lexicon_marks(const struct lexicon *l, const char *codes, size_t n)
{
	const struct key *k =
	    lexicon_key(l, codes, n, lexicon_hash(codes, n), false);

	return k != NULL ? l->atoms[k->atom].marks : 0;
}

/* ---- phrases ---- */

static bool
part_fits(const struct lex_word *w, uint16_t part)
{
	if (part >= LEX_PART_CLASS)
		return (w->classes >> (part - LEX_PART_CLASS) & 1) != 0;
	for (size_t i = 0; i < w->count; i++) {
		if (w->atoms[i] == part)
			return true;
	}
	return false;
}

static bool
part_taken(const struct lex_found *f, size_t parts, size_t at)
{
	for (size_t i = 0; i < parts; i++) {
		if (f->at[i] == at)
			return true;
	}
	return false;
}

/* The parts after the first, in order, few words between them. */
static bool
phrase_in_order(const struct lex_word *words, size_t count,
    const struct lex_phrase *p, struct lex_found *f)
{
	size_t at = f->at[0];

	for (size_t i = 1; i < p->count; i++) {
		size_t end = at + LEX_GAP_MAX + 1;

		if (end > count)
			end = count;
		for (at++; at < end && !part_fits(&words[at], p->parts[i]);)
			at++;
		if (at >= end)
			return false;
		f->at[i] = (uint8_t)at;
	}
	return true;
}

/* The parts after the first anywhere near, the nearest word first. */
static bool
phrase_near(const struct lex_word *words, size_t count,
    const struct lex_phrase *p, struct lex_found *f)
{
	for (size_t i = 1; i < p->count; i++) {
		size_t found = count;

		for (size_t d = 1; d <= LEX_NEAR_MAX && found == count; d++) {
			size_t after = f->at[0] + d;
			size_t before = f->at[0] >= d ? f->at[0] - d : count;

			if (after < count &&
			    part_fits(&words[after], p->parts[i]) &&
			    !part_taken(f, i, after))
				found = after;
			else if (before < count &&
				 part_fits(&words[before], p->parts[i]) &&
				 !part_taken(f, i, before))
				found = before;
		}
		if (found == count)
			return false;
		f->at[i] = (uint8_t)found;
	}
	return true;
}

struct phrase_search {
	const struct lexicon *l;
	const struct lex_word *words;
	size_t count;
	struct lex_bits has; /* all words together */
	struct lex_found *found;
	size_t found_count;
};

static bool
phrase_known(const struct phrase_search *s, const struct lex_phrase *p)
{
	for (size_t i = 0; i < s->found_count; i++) {
		if (s->found[i].phrase == p)
			return true;
	}
	return false;
}

static void
phrases_from(struct phrase_search *s, uint16_t first, size_t at)
{
	for (uint16_t i = first; i != 0; i = s->l->phrases[i].next) {
		const struct lex_phrase *p = &s->l->phrases[i];
		struct lex_found f = { .phrase = p, .at = { (uint8_t)at } };
		bool fits;

		if ((p->needs.atoms & ~s->has.atoms) != 0 ||
		    (p->needs.classes & ~s->has.classes) != 0)
			continue;
		fits = p->any_order ?
			   phrase_near(s->words, s->count, p, &f) :
			   phrase_in_order(s->words, s->count, p, &f);
		if (!fits || phrase_known(s, p))
			continue;
		if (s->found_count == LEX_PHRASES_MAX)
			return;
		s->found[s->found_count++] = f;
	}
}

size_t
lexicon_phrases(const struct lexicon *l,
    const struct lex_word words[FOLD_WORDS_MAX], size_t count,
    struct lex_found ret_found[LEX_PHRASES_MAX])
{
	struct phrase_search s = {
		.l = l, .words = words, .count = count, .found = ret_found
	};

	for (size_t i = 0; i < count; i++) {
		for (size_t a = 0; a < words[i].count; a++)
			lex_need(&s.has, words[i].atoms[a]);
		s.has.classes |= words[i].classes;
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t a = 0; a < words[i].count; a++)
			phrases_from(&s, l->atoms[words[i].atoms[a]].phrase, i);
		for (uint64_t c = words[i].classes; c != 0; c &= c - 1)
			phrases_from(
			    &s, l->classes[__builtin_ctzll(c)].phrase, i);
	}
	return s.found_count;
}

void
lexicon_patterns(const struct lexicon *l, struct sv text,
    void (*fn)(void *arg, uint8_t name), void *arg)
{
	for (size_t i = 0; i < l->pattern_count; i++) {
		const struct pattern *p = &l->patterns[i];
		int rc;

		if (p->first >= 0 &&
		    (text.n == 0 || memchr(text.p, p->first, text.n) == NULL))
			continue;
		/* broken UTF-8 and a spent limit are no match */
		rc =
		    pcre2_match(p->code, (PCRE2_SPTR)(text.n > 0 ? text.p : ""),
			text.n, 0, 0, l->pattern_data, l->pattern_limits);
		if (rc >= 0)
			fn(arg, p->name);
	}
}
