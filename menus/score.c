/* score.c - points per topic, command and language. */
#include "menus/score.h"

#include <limits.h>

#include "menus/match.h"

enum { SENTENCE = 5 /* words */ };
enum { WORD_SHORT = 3, DOUBT_CODES = 6, DOUBT_ALONE = 9 };
enum { UNUSED = 0xff, VOTE = 12, VOTE_LETTER = 18, VOTE_SURE = 6 };

static bool
name_counts(unsigned name)
{
	return name < LEX_COMMAND + CMD_COUNT ||
	       (name >= LEX_LANG && name < LEX_FILLER);
}

static void
points_add(struct score_sheet *s, unsigned name, int points)
{
	if (s->score[name] >= POINTS_STRONG && points >= POINTS_STRONG)
		points -= POINTS_STRONG - POINTS_AGAIN;
	else if (s->score[name] >= POINTS_STRONG)
		points /= 2;
	s->score[name] += points;
	s->used[name / 64] |= UINT64_C(1) << name % 64;
}

bool
score_word_free(const struct score_sheet *s, size_t at)
{
	return s->meaning[at] == UNUSED || s->meaning[at] == LEX_PLACE_WEAK;
}

/* ---- places ---- */

static void
places_read(const struct score_tools *tools, struct score_sheet *s, bool typos)
{
	static const struct {
		unsigned mark;
		uint8_t says;
	} marks[] = {
		{ LEX_PLACE_IN, PLACE_SAYS_IN },
		{ LEX_PLACE_FROM, PLACE_SAYS_FROM },
		{ LEX_PLACE_TO, PLACE_SAYS_TO },
		{ LEX_STATE, PLACE_SAYS_STATE },
	};
	UNSET uint8_t says[FOLD_WORDS_MAX];

	for (size_t i = 0; i < s->text.count; i++) {
		says[i] = 0;
		for (size_t k = 0; k < ARRAY_LEN(marks); k++)
			if ((s->words[i].marks & lex_mark(marks[k].mark)) != 0)
				says[i] |= marks[k].says;
	}
	s->place_count =
	    places_match_find(tools->places, &s->text, says, typos, s->places);
}

/* An ordinary word that only happens to be a place keeps its meaning. */
static void
places_take_words(struct score_sheet *s)
{
	for (size_t i = 0; i < s->place_count; i++) {
		const struct place_hit *h = &s->places[i];

		for (size_t k = 0; k < h->count && !h->weak; k++)
			s->meaning[h->at + k] = LEX_PLACE_WEAK;
	}
}

/* A corrected place must not eat a word that is known. */
static void
places_drop_known(struct score_sheet *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->place_count; i++) {
		if (!s->places[i].typo || s->words[s->places[i].at].count == 0)
			s->places[kept++] = s->places[i];
	}
	s->place_count = kept;
}

/* ---- languages ---- */

static void
vote(struct score_sheet *s, unsigned langs, int votes)
{
	static const uint8_t bits[] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2,
		3, 3, 4 };
	int share;

	if (langs == 0)
		return;
	share = votes / (bits[langs & 15] + bits[langs >> 4 & 15]);
	for (; langs != 0; langs &= langs - 1)
		s->votes[__builtin_ctz(langs)] += share;
}

/* Uzbek has one lexicon and two alphabets; English hardly has two. */
static unsigned
langs_of_script(unsigned langs, unsigned script)
{
	unsigned uzbek = 1u << LANG_UZ | 1u << LANG_UZ_CYRL;

	if ((langs & uzbek) != 0)
		langs |= uzbek;
	if ((script & FOLD_CYRILLIC) != 0)
		return langs == 1u << LANG_EN ?
			   langs :
			   langs & ~(1u << LANG_UZ | 1u << LANG_EN);
	if ((script & FOLD_LATIN) != 0)
		return langs & ~(1u << LANG_UZ_CYRL);
	return langs;
}

static void
langs_vote(const struct lexicon *l, struct score_sheet *s)
{
	for (size_t i = 0; i < s->text.count; i++) {
		const struct fold_word *f = &s->text.words[i];
		unsigned langs = lexicon_langs(l, &s->words[i]);

		langs = f->n > 1 ? langs_of_script(langs, f->script) : 0;
		if (f->langs != 0 && (langs & f->langs) != 0)
			langs &= f->langs;
		vote(s, langs, VOTE);
		vote(s, langs_of_script(f->langs, f->script), VOTE_LETTER);
	}
	for (size_t i = 0; i < s->text.count; i++) {
		lexicon_drop_foreign(l, &s->words[i], s->votes, s->text.count);
		if ((s->words[i].marks & lex_mark(LEX_ASKS)) != 0)
			s->asks = true;
	}
	for (size_t i = 0; i < s->place_count; i++) {
		const struct place_hit *h = &s->places[i];

		vote(s, langs_of_script(h->langs, s->text.words[h->at].script),
		    VOTE);
	}
}

enum lang
score_lang(const struct score_sheet *s)
{
	enum lang best = LANG_RU;
	int second = 0;

	for (enum lang lang = LANG_KY; lang < LANG_COUNT; lang++) {
		if (s->votes[lang] > s->votes[best])
			best = lang;
	}
	for (enum lang lang = LANG_RU; lang < LANG_COUNT; lang++) {
		if (lang != best && s->votes[lang] > second)
			second = s->votes[lang];
	}
	if (s->votes[best] < VOTE_SURE || s->votes[best] < second + 2)
		return LANG_NONE;
	return best;
}

/* ---- phrases, then single words ---- */

static int
phrase_points(const struct lex_phrase *p)
{
	if (p->weak)
		return POINTS_PHRASE_WEAK;
	/* "help" must not take a word from what the help is for; pay that has
	 * come is pay, too */
	return POINTS_STRONG + POINTS_PHRASE_PART * (p->count - 1) -
	       (p->name == LEX_COMMAND + CMD_HELP) + (p->name == LEX_SETTLED);
}

static bool
phrase_free(const struct score_sheet *s, const struct lex_found *f)
{
	for (size_t i = 0; i < f->phrase->count; i++) {
		uint8_t used = s->meaning[f->at[i]];

		if (used != UNUSED && used != LEX_PLACE_WEAK &&
		    used != f->phrase->name)
			return false;
	}
	return true;
}

static void
phrase_take(struct score_sheet *s, const struct lex_found *f)
{
	const struct lex_phrase *p = f->phrase;
	bool fresh = false, guess = false;
	unsigned typos = 0;

	for (size_t i = 0; i < p->count; i++) {
		fresh = fresh || s->meaning[f->at[i]] == UNUSED ||
			s->meaning[f->at[i]] == LEX_PLACE_WEAK;
		typos += s->words[f->at[i]].how <= LEX_TYPO;
		guess = guess || s->words[f->at[i]].how == LEX_GUESS;
		s->meaning[f->at[i]] = p->name;
	}
	if (!fresh)
		return;
	/* nothing of it as it is written: it may be anything */
	points_add(s, p->name,
	    typos == p->count ? POINTS_GUESS :
				phrase_points(p) - (typos > 0 ? 3 : 0));
	s->phrase[p->name] = true;
	s->doubt[p->name] = s->doubt[p->name] || guess;
	s->offtopic += p->name == LEX_OFFTOPIC;
	s->settled += p->name == LEX_SETTLED;
	s->filler += p->name == LEX_FILLER || p->name == LEX_SETTLED;
}

/* The most points that a phrase has, of those with fewer than limit. */
static int
points_below(const struct lex_found *found, size_t n, int limit)
{
	int most = 0;

	for (size_t i = 0; i < n; i++) {
		int points = phrase_points(found[i].phrase);

		if (points < limit && points > most)
			most = points;
	}
	return most;
}

/* True if a phrase says danger.  Nothing is settled then. */
static bool
phrases_urgent(const struct lex_found *found, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (found[i].phrase->name == LEX_URGENT)
			return true;
	}
	return false;
}

/* A word that any sentence has. */
static bool
word_common(const struct lexicon *l, const struct lex_word *w)
{
	const struct lex_owner *o =
	    w->owned ? lexicon_owner(l, w->atoms[w->best]) : NULL;

	for (; o != NULL; o = lexicon_owner_next(l, o)) {
		if (o->name == LEX_COMMON)
			return true;
	}
	return false;
}

/* Nothing but such words between those that must be in order: "does not beat",
 * but not "not helped, my husband beats". */
static bool
settled_fits(const struct lexicon *l, const struct score_sheet *s,
    const struct lex_found *f)
{
	const struct lex_phrase *p = f->phrase;
	size_t k = 1;

	for (size_t i = f->at[0] + (size_t)1; !p->any_order && k < p->count;
	     i++) {
		if (f->at[k] == i)
			k++;
		else if (!word_common(l, &s->words[i]))
			return false;
	}
	return true;
}

/* True if there is a word such as "but" or "not" that no phrase of what is
 * settled has: "papers are not ready", "does not beat, but locks me in". */
static bool
unsettled(const struct lexicon *l, const struct score_sheet *s, size_t n)
{
	bool had[FOLD_WORDS_MAX] = { false };

	for (size_t i = 0; i < n; i++) {
		const struct lex_found *f = &s->found[i];

		if (f->phrase->name != LEX_SETTLED || !settled_fits(l, s, f))
			continue;
		for (size_t k = 0; k < f->phrase->count; k++)
			had[f->at[k]] = true;
	}
	for (size_t i = 0; i < s->text.count; i++) {
		if (!had[i] &&
		    (s->words[i].marks & lex_mark(LEX_UNSETTLED)) != 0)
			return true;
	}
	return false;
}

/* The most telling first: it takes its words from the others. */
static void
phrases_score(const struct lexicon *l, struct score_sheet *s)
{
	size_t n = lexicon_phrases(l, s->words, s->text.count, s->found);
	int points = points_below(s->found, n, INT_MAX);
	bool none_settled = unsettled(l, s, n);

	s->urgent = phrases_urgent(s->found, n);
	for (; points > 0; points = points_below(s->found, n, points)) {
		for (size_t i = 0; i < n; i++) {
			const struct lex_found *f = &s->found[i];

			if (phrase_points(f->phrase) != points ||
			    f->phrase->name == LEX_URGENT ||
			    (f->phrase->name == LEX_SETTLED &&
				(s->urgent || none_settled ||
				    !settled_fits(l, s, f))))
				continue;
			if (phrase_free(s, f))
				phrase_take(s, f);
		}
	}
}

static int
owner_votes(const struct score_sheet *s, const struct lex_owner *o)
{
	int most = 0;

	for (unsigned lang = 0; lang < LANG_COUNT; lang++) {
		if ((o->langs >> lang & 1) != 0 && s->votes[lang] > most)
			most = s->votes[lang];
	}
	return most;
}

static int
votes_top(const struct score_sheet *s)
{
	int top = 0;

	for (unsigned lang = 0; lang < LANG_COUNT; lang++)
		top = s->votes[lang] > top ? s->votes[lang] : top;
	return top;
}

bool
score_harmless(unsigned name)
{
	return name >= LEX_COMMAND && name < LEX_COMMAND + CMD_COUNT &&
	       name != LEX_COMMAND + CMD_FORGET &&
	       name != LEX_COMMAND + CMD_EMERGENCY;
}

static void
owner_take(struct score_sheet *s, const struct lex_word *w,
    const struct lex_owner *o, bool shared)
{
	int points = o->weak || shared ? POINTS_WEAK : POINTS_STRONG;

	/* "with two children" may be said about anything */
	if ((w->marks & lex_mark(LEX_ASIDE)) != 0 && s->text.count >= SENTENCE)
		points = o->weak || w->how <= LEX_TYPO ? 1 : POINTS_GUESS;
	else if (w->how == LEX_TYPO)
		points = o->weak ? POINTS_TYPO_WEAK : POINTS_TYPO;
	/* a command cannot be asked about, and does no harm */
	if (w->how == LEX_GUESS && w->guesses == 1 && score_harmless(o->name) &&
	    s->text.count < SENTENCE - 1)
		points = POINTS_TYPO;
	else if (w->how == LEX_GUESS || w->loose)
		points = POINTS_GUESS;
	/* a short word, corrected: enough, but not for health */
	if (w->how == LEX_TYPO &&
	    w->fits < (s->text.count == 1 ? DOUBT_ALONE : DOUBT_CODES))
		s->doubt[o->name] = true;
	points_add(s, o->name, points);
	s->exact[o->name] = s->exact[o->name] || w->how == LEX_EXACT;
	s->settled += o->name == LEX_SETTLED;
	s->filler += o->name == LEX_FILLER || o->name == LEX_SETTLED;
	s->offtopic += o->name == LEX_OFFTOPIC && w->how > LEX_TYPO;
	s->meant += name_counts(o->name);
	if (o->name >= LEX_LANG && o->name < LEX_FILLER)
		s->last_lang = o->name;
}

/* A word that means other things in other languages means what it means in
 * the language of the text; if that is not known, a little of each. */
static void
atom_score(
    const struct lexicon *l, struct score_sheet *s, size_t at, uint16_t atom)
{
	const struct lex_word *w = &s->words[at];
	const struct lex_owner *first = lexicon_owner(l, atom), *o;
	int most = -1;
	size_t same = 0;

	for (o = first; o != NULL; o = lexicon_owner_next(l, o)) {
		int votes = owner_votes(s, o);

		same = votes > most ? 1 : same + (votes == most);
		most = votes > most ? votes : most;
	}
	/* занг is a call in Tajik, whatever заң may be in Kazakh */
	if (s->text.words[at].n <= WORD_SHORT && most * 3 < votes_top(s))
		return;
	for (o = first; o != NULL; o = lexicon_owner_next(l, o)) {
		if (owner_votes(s, o) == most)
			owner_take(s, w, o, same > 1);
	}
}

static void
word_score(const struct lexicon *l, struct score_sheet *s, size_t at)
{
	const struct lex_word *w = &s->words[at];

	if (w->how != LEX_GUESS) {
		atom_score(l, s, at, w->atoms[w->best]);
		return;
	}
	for (size_t i = 0; i < w->guesses && i < w->count; i++)
		atom_score(l, s, at, w->atoms[i]);
}

/* Nothing names it, or only a mark that is little of it: "lostpassport". */
static bool
word_unknown(const struct lex_word *w, const struct fold_word *f)
{
	return !w->owned && w->classes == 0 && f->script != FOLD_DIGITS &&
	       (w->marks == 0 || w->fits * 4 < f->n * 3);
}

static void
words_score(const struct lexicon *l, struct score_sheet *s)
{
	for (size_t i = 0; i < s->text.count; i++) {
		const struct lex_word *w = &s->words[i];

		/* "nobody beats us" */
		if ((w->marks & lex_mark(LEX_URGENT)) != 0 &&
		    s->meaning[i] != LEX_SETTLED)
			s->urgent = true;
		if (s->meaning[i] != UNUSED) {
			s->meant += name_counts(s->meaning[i]);
			continue;
		}
		if (w->owned)
			word_score(l, s, i);
		s->unknown += w->loose || word_unknown(w, &s->text.words[i]);
	}
}

static void
on_pattern(void *arg, uint8_t name)
{
	struct score_sheet *s = arg;

	if (name == LEX_URGENT)
		s->urgent = true;
	points_add(s, name, POINTS_STRONG + POINTS_PHRASE_PART);
	s->offtopic += name == LEX_OFFTOPIC;
}

/* Few of the names have a score. */
static void
scores_clear(struct score_sheet *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->used); i++) {
		for (; s->used[i] != 0; s->used[i] &= s->used[i] - 1) {
			size_t name =
			    i * 64 + (size_t)__builtin_ctzll(s->used[i]);

			s->score[name] = 0;
			s->phrase[name] = s->exact[name] = false;
			s->doubt[name] = false;
		}
	}
}

/* Words that no keyword and no place explains. */
static size_t
words_strange(const struct score_sheet *s)
{
	size_t strange = 0;

	for (size_t i = 0; i < s->text.count; i++)
		strange += s->words[i].count == 0 && s->meaning[i] == UNUSED &&
			   s->text.words[i].script != FOLD_DIGITS;
	return strange;
}

bool
score_text(const struct score_tools *tools, struct sv text,
    enum fold_layout layout, bool typos, size_t most,
    struct score_sheet *ret_sheet)
{
	struct score_sheet *s = ret_sheet;
	size_t strange;

	fold_wipe(&s->text);
	fold_text(tools->fold, text, layout, &s->text);
	s->place_count = s->unknown = s->meant = s->filler = s->offtopic = 0;
	s->settled = 0;
	s->last_lang = 0;
	s->urgent = s->asks = false;
	scores_clear(s);
	memset(s->votes, 0, sizeof(s->votes));
	memset(s->meaning, UNUSED, s->text.count);
	lexicon_words(tools->lexicon, &s->text, s->words);
	if (typos)
		(void)lexicon_typos(tools->lexicon, &s->text, s->words);
	places_read(tools, s, typos);
	places_drop_known(s);
	places_take_words(s);
	if (most < SCORE_ALL) {
		strange = words_strange(s);
		if (strange >= most || strange * 2 > s->text.count)
			return false;
	}
	langs_vote(tools->lexicon, s);
	phrases_score(tools->lexicon, s);
	words_score(tools->lexicon, s);
	if (layout == FOLD_AS_TYPED)
		lexicon_patterns(tools->lexicon, text, on_pattern, s);
	return true;
}
