/* match.c - decides what a text means from the scores of its readings. */
#include "menus/match.h"

#include <stdlib.h>

#include "menus/match_inner.h"

int
matcher_new(const struct content *c, struct matcher **ret_matcher,
    struct diag *reterr_diag)
{
	CLEANUP(matcher_free) struct matcher *m = calloc(1, sizeof(*m));
	int rc;

	ASSERT(m != NULL);
	m->fold = fold_new();
	rc = lexicon_new(c, m->fold, &m->lexicon, reterr_diag);
	if (rc < 0)
		return rc;
	m->places = places_match_new(c->places, m->fold, m->lexicon);
	m->topics = c->topics;
	m->gazetteer = c->places;
	m->harm_reduction = topics_find(c->topics, SV("harm-reduction"));
	m->mental_health = topics_find(c->topics, SV("mental-health"));
	m->sheet = calloc(1, sizeof(*m->sheet));
	ASSERT(m->sheet != NULL);
	m->whole = whole_new(c, m);
	*ret_matcher = m;
	m = NULL; /* ownership moves to the caller */
	return 0;
}

void
matcher_free(struct matcher **mp)
{
	struct matcher *m = *mp;

	if (m == NULL)
		return;
	whole_free(&m->whole);
	places_match_free(&m->places);
	lexicon_free(&m->lexicon);
	fold_free(&m->fold);
	free(m->sheet);
	free(m);
	*mp = NULL;
}

/* ---- topics ---- */

enum { EMERGENCY = LEX_COMMAND + CMD_EMERGENCY, HELP = LEX_COMMAND + CMD_HELP };
/* so many words, of more letters, and a strong one among them proves nothing */
enum { LONE_WORDS = 5, SHORT_WORD = 2, LONG_WORD = 8 /* codes */ };
enum { SHORT_TEXT = 4 /* words */ };

struct candidates {
	uint16_t topics[TOPIC_MAX]; /* best first */
	size_t count;
};

static bool
topic_urgent(
    const struct matcher *m, const struct score_sheet *s, uint16_t topic)
{
	/* an overdose and a wish to die are as urgent as a beating */
	if (topic == m->harm_reduction || topic == m->mental_health)
		return s->urgent;
	return topics_at(m->topics, topic)->urgent;
}

static void
candidates_add(
    const struct score_sheet *s, struct candidates *c, uint16_t topic)
{
	size_t i = c->count++;

	for (; i > 0 && s->score[c->topics[i - 1]] < s->score[topic]; i--)
		c->topics[i] = c->topics[i - 1];
	c->topics[i] = topic;
}

static void
candidates_find(const struct score_sheet *s, struct candidates *ret)
{
	uint64_t topics = s->used[0];

	ret->count = 0;
	for (; topics != 0; topics &= topics - 1) {
		uint16_t topic = (uint16_t)__builtin_ctzll(topics);

		if (s->score[topic] > 0)
			candidates_add(s, ret, topic);
	}
}

static void
candidates_drop(struct candidates *c, size_t at)
{
	c->count--;
	for (; at < c->count; at++)
		c->topics[at] = c->topics[at + 1];
}

/* A nearer topic says more than the one above it: tuberculosis, doctor. */
static void
candidates_drop_parents(
    const struct matcher *m, const struct score_sheet *s, struct candidates *c)
{
	for (size_t i = 0; i < c->count; i++) {
		uint16_t parent = topics_at(m->topics, c->topics[i])->parent;

		if (s->score[c->topics[i]] < POINTS_ENOUGH)
			continue;
		for (size_t k = 0; k < c->count; k++) {
			uint16_t other = c->topics[k];

			if (other != parent ||
			    s->score[other] >
				s->score[c->topics[i]] + POINTS_AGAIN)
				continue;
			candidates_drop(c, k);
			i -= k < i;
			break;
		}
	}
}

/* A film about it. */
static bool
in_story(const struct score_sheet *s, uint16_t topic)
{
	return s->offtopic > 0 && !s->urgent && !s->phrase[topic];
}

/* The urgent topic with the most points, if its words are strong. */
static uint16_t
urgent_topic(const struct matcher *m, const struct score_sheet *s,
    const struct candidates *c)
{
	uint16_t best = TOPIC_NONE;

	for (size_t i = 0; i < c->count; i++) {
		uint16_t topic = c->topics[i];

		if (s->score[topic] < POINTS_STRONG ||
		    !topic_urgent(m, s, topic) || in_story(s, topic))
			continue;
		/* trafficking stands after violence in topics.csv */
		if (best == TOPIC_NONE || s->score[topic] >= s->score[best])
			best = topic;
	}
	return best;
}

static void
choices_set(const struct matcher *m, const struct score_sheet *s,
    const struct candidates *c, struct match *r)
{
	uint16_t urgent = TOPIC_NONE;

	r->kind = MATCH_NONE;
	r->how = "none";
	for (size_t i = 0; i < c->count && urgent == TOPIC_NONE; i++) {
		if (topic_urgent(m, s, c->topics[i]))
			urgent = c->topics[i];
	}
	if (urgent != TOPIC_NONE)
		r->choices[r->choice_count++] = urgent;
	for (size_t i = 0; i < c->count; i++) {
		if (r->choice_count < MATCH_CHOICES_MAX &&
		    c->topics[i] != urgent)
			r->choices[r->choice_count++] = c->topics[i];
	}
}

static void
how_set(const struct score_sheet *s, unsigned name, struct match *r)
{
	r->score = s->score[name];
	r->how = s->phrase[name] ? "phrase" : s->exact[name] ? "word" : "stem";
}

static void
topic_set(const struct score_sheet *s, uint16_t topic, struct match *r)
{
	r->kind = MATCH_TOPIC;
	r->topic = topic;
	how_set(s, topic, r);
}

static void
command_set(
    const struct score_sheet *s, enum match_command command, struct match *r)
{
	r->kind = MATCH_COMMAND;
	r->command = command;
	how_set(s, LEX_COMMAND + (unsigned)command, r);
}

/* A hint at one topic and nothing else: no question has one answer.  What was
 * guessed at is asked about, and so are health and danger. */
static bool
lone_hint(const struct matcher *m, const struct score_sheet *s, uint16_t topic)
{
	return s->score[topic] == POINTS_WEAK &&
	       !topics_at(m->topics, topic)->health &&
	       !topics_at(m->topics, topic)->urgent;
}

/* One strong word is what a text is about if little else is said, or if it asks
 * for something.  Who tells that all is well, or a story, is asked. */
static bool
lone_word(const struct matcher *m, const struct score_sheet *s, uint16_t topic)
{
	size_t said = 0;

	if (s->phrase[topic] || topics_at(m->topics, topic)->urgent ||
	    s->score[topic] >= POINTS_STRONG + POINTS_AGAIN)
		return false;
	for (size_t i = 0; i < s->text.count; i++)
		said += s->text.words[i].raw_n > SHORT_WORD;
	if (s->phrase[LEX_SETTLED])
		return true;
	return !s->asks && (s->settled > 0 || said >= LONE_WORDS);
}

/* A long word is hardly another one with a wrong letter, if not much beside it
 * is unknown. */
static bool
long_typo(const struct matcher *m, const struct score_sheet *s, uint16_t topic)
{
	if (s->unknown * 2 > s->text.count)
		return false;
	for (size_t i = 0; i < s->text.count; i++) {
		const struct lex_word *w = &s->words[i];
		const struct lex_owner *o = NULL;

		if (w->how == LEX_TYPO && w->owned &&
		    s->text.words[i].n >= LONG_WORD)
			o = lexicon_owner(m->lexicon, w->atoms[w->best]);
		for (; o != NULL; o = lexicon_owner_next(m->lexicon, o)) {
			if (o->name == topic)
				return true;
		}
	}
	return false;
}

/* A word that had to be corrected, among others that do not bear it out. */
static bool
lone_typo(const struct matcher *m, const struct score_sheet *s, uint16_t topic)
{
	return s->score[topic] < POINTS_STRONG && !s->phrase[topic] &&
	       !s->exact[topic] && !s->asks && s->place_count == 0 &&
	       s->text.count > 1 && !long_typo(m, s, topic);
}

/* True if the topics decided: one, or several to ask about. */
static bool
topics_decide(const struct matcher *m, const struct score_sheet *s,
    struct candidates *c, struct match *r)
{
	int first, second;

	if (c->count == 0)
		return false;
	candidates_drop_parents(m, s, c);
	first = s->score[c->topics[0]];
	second = c->count > 1 ? s->score[c->topics[1]] : 0;
	if (first >= POINTS_ENOUGH && first - second >= POINTS_PHRASE_PART &&
	    !(s->doubt[c->topics[0]] &&
		topics_at(m->topics, c->topics[0])->health) &&
	    !lone_word(m, s, c->topics[0]) && !lone_typo(m, s, c->topics[0]))
		topic_set(s, c->topics[0], r);
	else if (c->count == 1 && lone_hint(m, s, c->topics[0]))
		return false;
	else
		choices_set(m, s, c, r);
	return true;
}

/* ---- commands ---- */

static unsigned
best_lang(const struct score_sheet *s)
{
	unsigned best = s->last_lang;

	for (unsigned i = LEX_LANG; i < LEX_LANG + LANG_COUNT; i++) {
		if (s->score[i] > 0 &&
		    (best == 0 || s->score[i] > s->score[best]))
			best = i;
	}
	return best;
}

static void
language_set(const struct score_sheet *s, unsigned lang, struct match *r)
{
	unsigned name = LEX_COMMAND + CMD_LANGUAGE;

	command_set(s, CMD_LANGUAGE, r);
	if (s->score[name] < POINTS_STRONG && lang != 0)
		how_set(s, lang, r);
	if (lang != 0)
		r->wanted = (enum lang)(lang - LEX_LANG);
	if (r->wanted == LANG_UZ && s->text.script == FOLD_CYRILLIC)
		r->wanted = LANG_UZ_CYRL;
}

/* Words that nothing explains make a command unlikely; in a sentence a single
 * word, such as "more" or "back", hardly is one. */
static bool
command_clear(const struct score_sheet *s, unsigned name)
{
	size_t words = s->text.count;

	if (s->phrase[name] || name == HELP)
		return s->unknown * 3 <= words * 2;
	return s->unknown * 2 <= words && (s->unknown == 0 || words <= 4);
}

/* A command's best score; *ret_name is it. */
static int
command_best(const struct score_sheet *s, unsigned *ret_name)
{
	int best = 0;

	for (unsigned i = 0; i < CMD_COUNT; i++) {
		unsigned name = LEX_COMMAND + i;

		if (i == CMD_EMERGENCY || i == CMD_HELP || i == CMD_LANGUAGE ||
		    s->score[name] <= best || !command_clear(s, name))
			continue;
		best = s->score[name];
		*ret_name = name;
	}
	return best;
}

/* A hint of danger, such as fear, or of haste, and nothing else. */
static bool
hint_decide(const struct score_sheet *s, int topic, struct match *r)
{
	if (topic > 0 || s->offtopic > 0)
		return false;
	if (s->score[EMERGENCY] >= POINTS_WEAK && command_clear(s, EMERGENCY)) {
		command_set(s, CMD_EMERGENCY, r);
		return true;
	}
	/* the menu of help has danger first */
	if ((s->score[EMERGENCY] > 0 || s->score[HELP] > 0) &&
	    command_clear(s, EMERGENCY)) {
		command_set(s, CMD_HELP, r);
		return true;
	}
	return false;
}

static bool
command_decide(const struct score_sheet *s, int topic, struct match *r)
{
	unsigned name = 0, lang = best_lang(s);
	int best = command_best(s, &name);
	int language = s->score[LEX_COMMAND + CMD_LANGUAGE];

	/* a language beside a topic is what the topic is about */
	if (lang != 0 && (topic == 0 || language > 0))
		language += s->score[lang];

	if (best >= POINTS_ENOUGH && best >= language &&
	    (topic < POINTS_ENOUGH ||
		(name == LEX_COMMAND + CMD_FORGET &&
		    best >= topic + POINTS_PHRASE_PART))) {
		command_set(s, (enum match_command)(name - LEX_COMMAND), r);
		return true;
	}
	if (language >= POINTS_ENOUGH && topic < POINTS_ENOUGH &&
	    s->unknown <= (lang != 0 && language > POINTS_STRONG ? 3 : 1) &&
	    s->unknown < s->text.count) {
		language_set(s, lang, r);
		return true;
	}
	if (s->score[EMERGENCY] >= POINTS_ENOUGH && topic < POINTS_ENOUGH &&
	    command_clear(s, EMERGENCY)) {
		command_set(s, CMD_EMERGENCY, r);
		return true;
	}
	if (s->score[HELP] >= POINTS_ENOUGH && topic < POINTS_ENOUGH &&
	    command_clear(s, HELP)) {
		command_set(s, CMD_HELP, r);
		return true;
	}
	return hint_decide(s, topic, r);
}

/* ---- the decision ---- */

static int
emergency_points(const struct score_sheet *s)
{
	int points = s->score[EMERGENCY];

	if (s->urgent && s->score[HELP] > 0)
		points += POINTS_STRONG;
	return points;
}

/* True if danger decides: it wins whatever else is said. */
static bool
urgent_decide(const struct matcher *m, const struct score_sheet *s,
    const struct candidates *c, struct match *r)
{
	uint16_t topic = urgent_topic(m, s, c);
	int points = emergency_points(s);
	bool crisis = topic != TOPIC_NONE &&
		      (topic == m->harm_reduction || topic == m->mental_health);

	if (topic != TOPIC_NONE && (crisis || s->score[topic] > points)) {
		/* said aside: still the first of the questions */
		if (c->count > 0 &&
		    s->score[c->topics[0]] >=
			s->score[topic] + 2 * POINTS_PHRASE_PART)
			choices_set(m, s, c, r);
		else
			topic_set(s, topic, r);
		return true;
	}
	if (points >= POINTS_STRONG ||
	    (s->urgent && c->count == 0 && s->meant == 0)) {
		command_set(s, CMD_EMERGENCY, r);
		r->urgent = true;
		return true;
	}
	return false;
}

static bool
advertisement(const struct score_sheet *s, const struct candidates *c)
{
	int enough = POINTS_STRONG + 2 * POINTS_PHRASE_PART;

	return s->offtopic > 0 &&
	       (c->count == 0 || s->score[c->topics[0]] < enough);
}

static void
place_decide(const struct score_sheet *s, size_t topics, struct match *r)
{
	if (r->place == PLACE_NONE || s->offtopic > 0)
		return;
	/* "I write from Taraz": a hint at a command is none */
	if (s->meant > 0 &&
	    (topics > 0 || s->unknown > 0 || s->text.count > SHORT_TEXT))
		return;
	if (s->unknown > 1 || (s->unknown == 1 && s->text.count > 3))
		return;
	r->kind = MATCH_PLACE;
	r->how = "place";
	r->score = POINTS_STRONG;
}

static void
place_set(const struct matcher *m, const struct score_sheet *s, struct match *r)
{
	const struct place_hit *h =
	    places_match_best(m->places, s->places, s->place_count);
	size_t i;

	/* an ordinary word is a place when it is all there is, or all that
	 * stands beside what they ask for */
	if (h == NULL && s->place_count == 1 && s->places[0].weak &&
	    score_word_free(s, s->places[0].at) &&
	    s->places[0].count + s->meant == s->text.count)
		h = &s->places[0];
	r->place = h != NULL ? h->place : PLACE_NONE;
	r->elsewhere = h != NULL &&
		       (h->mark == PLACE_FROM || h->mark == PLACE_TO) &&
		       places_at(m->gazetteer, h->place)->kind == PLACE_COUNTRY;
	r->state = PLACE_NONE;
	for (i = 0; i < s->place_count; i++)
		if (s->places[i].state)
			r->state = s->places[i].place;
}

/* A single word of ours in Latin letters is of the language that writes it so:
 * the others only could. */
static enum lang
lang_of_command(const struct matcher *m, const struct score_sheet *s)
{
	unsigned langs;

	if (s->text.count != 1 || s->text.script != FOLD_LATIN)
		return LANG_NONE;
	langs = lexicon_langs_latin(m->lexicon, &s->words[0]) &
		~(1u << LANG_UZ_CYRL);
	for (enum lang lang = LANG_RU; lang < LANG_COUNT; lang++) {
		if (langs == 1u << lang)
			return lang;
	}
	return LANG_NONE;
}

/* Nothing but greetings, thanks and signs: no answer is missing. */
static bool
small_talk(const struct score_sheet *s)
{
	return s->text.count == 0 || (s->filler > 0 && s->unknown == 0 &&
					 s->meant == 0 && s->offtopic == 0);
}

static void
decide(const struct matcher *m, const struct score_sheet *s, struct match *r)
{
	UNSET struct candidates c;
	int topic;

	*r = (struct match){ .kind = MATCH_NONE,
		.topic = TOPIC_NONE,
		.lang = score_lang(s),
		.wanted = LANG_NONE,
		.urgent = s->urgent,
		.how = "none" };
	place_set(m, s, r);
	candidates_find(s, &c);
	/* a town in a sentence about something else is not where they are */
	if (c.count == 0 && s->unknown > 1)
		r->place = PLACE_NONE;
	topic = c.count > 0 ? s->score[c.topics[0]] : 0;
	if (urgent_decide(m, s, &c, r))
		return;
	if (advertisement(s, &c)) {
		r->place = PLACE_NONE;
		return;
	}
	if (command_decide(s, topic, r)) {
		if (r->lang == LANG_NONE)
			r->lang = lang_of_command(m, s);
		return;
	}
	if (topics_decide(m, s, &c, r))
		return;
	place_decide(s, c.count, r);
	if (r->kind == MATCH_NONE && small_talk(s))
		r->how = "filler";
}

/* ---- digits ---- */

static bool
number_word(
    const struct matcher *m, const struct score_sheet *s, struct match *r)
{
	const struct fold_word *f = &s->text.words[0];
	const struct lex_word *w = &s->words[0];
	const struct lex_owner *o =
	    w->owned ? lexicon_owner(m->lexicon, w->atoms[w->best]) : NULL;

	for (; o != NULL; o = lexicon_owner_next(m->lexicon, o)) {
		/* ўш is a town, үш is three */
		if (o->name <= LEX_NUMBER || o->name >= LEX_NUMBER + 10 ||
		    w->how != LEX_EXACT ||
		    (f->langs != 0 && (f->langs & o->langs) == 0))
			continue;
		r->number = o->name - (unsigned)LEX_NUMBER;
		return true;
	}
	return false;
}

/* True if the text is one digit, in any form, or the word 000. */
static bool
number_decide(
    const struct matcher *m, const struct score_sheet *s, struct match *r)
{
	const struct fold_word *f = &s->text.words[0];
	const uint16_t *raw = s->text.raw + f->raw;

	if (s->text.count != 1)
		return false;
	*r = (struct match){ .kind = MATCH_NUMBER,
		.topic = TOPIC_NONE,
		.place = PLACE_NONE,
		.state = PLACE_NONE,
		.lang = LANG_NONE,
		.wanted = LANG_NONE,
		.how = "number",
		.score = POINTS_STRONG };
	if (f->script == FOLD_DIGITS && f->raw_n == 1) {
		r->number = raw[0];
		return true;
	}
	if (f->script == FOLD_DIGITS && f->raw_n == 3 && raw[0] == 0 &&
	    raw[1] == 0 && raw[2] == 0) {
		r->kind = MATCH_COMMAND;
		r->command = CMD_FORGET;
		return true;
	}
	if (!number_word(m, s, r))
		return false;
	r->lang = score_lang(s);
	return true;
}

/* ---- readings ---- */

static bool
decided(const struct match *r)
{
	return r->kind == MATCH_TOPIC || r->kind == MATCH_COMMAND;
}

enum { SPEAKABLE_MAX = 7 /* letters */ };

/* More letters in words that are not known than in those that are. */
static bool
mostly_strange(const struct score_sheet *s)
{
	size_t known = 0, all = 0;

	for (size_t i = 0; i < s->text.count; i++) {
		if (s->text.words[i].script == FOLD_DIGITS)
			continue;
		all += s->text.words[i].n;
		known += s->words[i].fits;
	}
	return known * 2 <= all;
}

static void
watched(const struct matcher *m, const struct match_watch *w, const char *stage,
    const struct match *r)
{
	if (w != NULL)
		explain_sheet(w, stage, m->sheet, r);
}

/* A sign of punctuation where only a letter can stand: ";jr", "j,ot;bnbt". */
static bool
keyboard_marks(struct sv text)
{
	bool start = true;

	for (size_t i = 0; i + 1 < text.n; i++) {
		char c = text.p[i], next = text.p[i + 1];

		if ((c == ';' || c == '[' ||
			(start && (c == ',' || c == '.' || c == ']'))) &&
		    ((next >= 'a' && next <= 'z') ||
			(next >= 'A' && next <= 'Z')))
			return true;
		start = c == ' ' || c == '\n';
	}
	return false;
}

/* True if the text is one short word that a person could say. */
static bool
speakable(const struct score_sheet *s)
{
	const struct fold_word *f = &s->text.words[0];
	size_t vowels = 0, run = 0, longest = 0;

	for (size_t i = 0; i < f->n; i++) {
		bool vowel = strchr("aeiou", s->text.codes[f->at + i]) != NULL;

		vowels += vowel;
		run = vowel ? 0 : run + 1;
		longest = run > longest ? run : longest;
	}
	return s->text.count == 1 && f->raw_n <= SPEAKABLE_MAX && longest < 4 &&
	       vowels * 4 >= f->n && vowels < f->n;
}

/* A word that is one as typed, too: ask. */
static void
ask_topic(struct match *r)
{
	if (r->kind != MATCH_TOPIC)
		return;
	r->choices[0] = r->topic;
	r->choice_count = 1;
	r->kind = MATCH_NONE;
	r->topic = TOPIC_NONE;
	r->how = "none";
	r->score = 0;
}

/* A word alone that the language of the keyboard does not have. */
static bool
foreign_keyboard(
    const struct matcher *m, const struct score_sheet *s, enum fold_layout l)
{
	static const unsigned langs[FOLD_LAYOUT_COUNT] = {
		[FOLD_LAYOUT_KK] = 1u << LANG_KK,
		[FOLD_LAYOUT_TG] = 1u << LANG_TG,
		[FOLD_LAYOUT_UZ] = 1u << LANG_UZ | 1u << LANG_UZ_CYRL,
	};

	return langs[l] != 0 && s->text.count == 1 &&
	       (lexicon_langs(m->lexicon, &s->words[0]) & langs[l]) == 0;
}

/*
 * Read the text on other keyboards, and keep the reading with the fewest
 * words that are not known, if that is less than `most` and says something.
 */
static bool
other_layouts(const struct matcher *m, struct sv text, size_t most,
    const struct match_watch *w, struct match *r)
{
	static const char *const stages[FOLD_LAYOUT_COUNT] = { "",
		"on a Russian keyboard",
		"on a Russian keyboard, dots between words",
		"on a Kazakh keyboard", "on a Tajik keyboard",
		"on an Uzbek keyboard", "on an English keyboard" };
	struct score_tools tools = { m->fold, m->lexicon, m->places };
	const struct score_sheet *s = m->sheet;
	struct match other;
	size_t words = s->text.count;
	unsigned layouts = fold_layouts(m->fold, text);
	bool found = false;

	for (enum fold_layout l = FOLD_LAYOUT_RU;
	     l < FOLD_LAYOUT_COUNT && most > 0; l++) {
		/* who asks why sees all of a reading */
		if ((layouts >> l & 1) == 0 ||
		    !score_text(&tools, text, l, false,
			w != NULL ? (size_t)SCORE_ALL : most, m->sheet))
			continue;
		decide(m, s, &other);
		watched(m, w, stages[l], &other);
		/* letters of ours that are signs there, or are not there at
		 * all: not typed there */
		if (foreign_keyboard(m, s, l) ||
		    (l == FOLD_LAYOUT_EN &&
			(s->text.count > words ||
			    (s->text.script & FOLD_CYRILLIC) != 0)))
			continue;
		if (s->unknown * 2 > s->text.count || s->unknown >= most ||
		    (!decided(&other) && other.kind != MATCH_PLACE))
			continue;
		most = s->unknown;
		*r = other;
		found = true;
	}
	return found;
}

/* True if a reading on another keyboard was better. */
static bool
layouts_decide(const struct matcher *m, struct sv text,
    const struct match_watch *w, struct match *r)
{
	const struct score_sheet *s = m->sheet;
	size_t unknown = s->unknown;
	bool marks = keyboard_marks(text), word = speakable(s);

	if (marks)
		return other_layouts(m, text, s->text.count, w, r);
	/* as typed it says something: the other must leave nothing open */
	if (decided(r))
		return unknown > 0 && s->text.script == FOLD_LATIN &&
		       other_layouts(m, text, 1, w, r);
	if (unknown == 0 || r->kind != MATCH_NONE || r->choice_count > 0 ||
	    !mostly_strange(s) || !other_layouts(m, text, FOLD_WORDS_MAX, w, r))
		return false;
	if (word)
		ask_topic(r);
	return true;
}

/* True if a reading with corrected words is the better one. */
static bool
says_more(const struct match *r, const struct match *typo)
{
	/* "wrok hours" is no job; a phrase says more than the word left of it
	 */
	if (typo->kind == MATCH_COMMAND && decided(r) &&
	    (r->kind == MATCH_COMMAND || strcmp(typo->how, "phrase") == 0))
		return typo->score > r->score &&
		       score_harmless(LEX_COMMAND + (unsigned)typo->command);
	if (decided(r)) /* "legl help" is no call for the menu */
		return typo->kind == MATCH_TOPIC && typo->score >= r->score;
	if (r->kind == MATCH_PLACE)
		return decided(typo);
	return decided(typo) || typo->choice_count > 0 ||
	       typo->kind == MATCH_PLACE;
}

/* As typed it is one topic, with a corrected word another: which? */
static void
ask_both(const struct match *typo, struct match *r)
{
	uint16_t second = r->topic;

	if (typo->kind == MATCH_TOPIC && typo->topic == second)
		return;
	if (typo->kind == MATCH_TOPIC) {
		r->choices[0] = typo->topic;
		r->choices[1] = second;
		r->choice_count = 2;
	} else if (typo->choice_count > 0 && typo->choices[0] != second) {
		memcpy(r->choices, typo->choices, sizeof(r->choices));
		r->choice_count = typo->choice_count;
	} else {
		return;
	}
	r->kind = MATCH_NONE;
	r->topic = TOPIC_NONE;
	r->how = "none";
	r->score = 0;
}

/* Nothing that a corrected word could change. */
static bool
clear_as_typed(const struct match *r, size_t words)
{
	return r->kind == MATCH_TOPIC && (words > SHORT_TEXT || r->urgent);
}

/* ---- no spaces between words ---- */

enum { JOINED_BYTES = 64, JOINED_SPACES = 2, JOINED_WORDS = 3 };
enum { JOINED_MIN = 8, JOINED_SURE = 10, JOINED_LONG = 14 /* codes */ };
enum { JOINED_PART = 2 };

struct joined {
	const struct matcher *m;
	const struct match_watch *watch;
	char text[JOINED_BYTES + JOINED_SPACES];
	struct match best;
};

/* Every part is a word we know, with little behind it. */
static bool
joined_known(const struct score_sheet *s)
{
	for (size_t i = 0; i < s->text.count; i++) {
		if (s->text.words[i].n < JOINED_PART ||
		    s->words[i].fits * 4 < s->text.words[i].n * 3)
			return false;
	}
	return s->unknown == 0;
}

/* Every part is known, and together they are one topic. */
static void
joined_read(struct joined *j, size_t n)
{
	struct score_tools tools = { j->m->fold, j->m->lexicon, j->m->places };
	const struct score_sheet *s = j->m->sheet;
	struct match r;

	if (!score_text(&tools, (struct sv){ j->text, n }, FOLD_AS_TYPED, false,
		1, j->m->sheet) ||
	    !joined_known(s))
		return;
	decide(j->m, s, &r);
	if (r.kind != MATCH_TOPIC || r.score <= j->best.score ||
	    (!s->phrase[r.topic] && !s->exact[r.topic]))
		return;
	watched(j->m, j->watch, "with a space more", &r);
	j->best = r;
}

/* Put spaces more into the text of n bytes, from byte `from`, at every place
 * between two letters. */
static void
joined_cut(struct joined *j, size_t from, size_t n, unsigned spaces)
{
	for (size_t at = from + 1; at < n; at++) {
		if (((uint8_t)j->text[at] & 0xc0) == 0x80)
			continue;
		memmove(j->text + at + 1, j->text + at, n - at);
		j->text[at] = ' ';
		joined_read(j, n + 1);
		if (spaces > 1)
			joined_cut(j, at + 1, n + 1, spaces - 1);
		memmove(j->text + at, j->text + at + 1, n - at);
	}
}

/* A text that nothing explains may want a space: a phrase is answered, one word
 * with something beside it is asked about. */
static void
joined_decide(const struct matcher *m, struct sv text,
    const struct match_watch *w, struct match *r)
{
	struct joined j = { .m = m, .watch = w };
	size_t codes = m->sheet->text.codes_n;
	unsigned most = codes < JOINED_LONG ? 1 : JOINED_SPACES;

	if (text.n > JOINED_BYTES || codes < JOINED_MIN)
		return;
	memcpy(j.text, text.p, text.n);
	for (unsigned n = 1; n <= most && j.best.score == 0; n++)
		joined_cut(&j, 0, text.n, n);
	explicit_bzero(j.text, sizeof(j.text));
	if (j.best.score == 0)
		return;
	*r = j.best;
	if (strcmp(r->how, "phrase") != 0 || codes < JOINED_SURE)
		ask_topic(r);
}

static bool
says_danger(const struct matcher *m, const struct match *r)
{
	bool danger = r->urgent || (r->kind == MATCH_TOPIC &&
				       topics_at(m->topics, r->topic)->urgent);

	for (size_t i = 0; i < r->choice_count; i++)
		danger = danger || topics_at(m->topics, r->choices[i])->urgent;
	return danger;
}

static void
match_watched(const struct matcher *m, struct sv text,
    const struct match_watch *w, struct match *ret_match)
{
	struct score_tools tools = { m->fold, m->lexicon, m->places };
	const struct score_sheet *s = m->sheet;
	struct match typo;
	size_t unknown, words;
	bool number, story, settled;

	(void)score_text(
	    &tools, text, FOLD_AS_TYPED, false, SCORE_ALL, m->sheet);
	number = number_decide(m, s, ret_match);
	if (!number)
		decide(m, s, ret_match);
	watched(m, w, "as typed", ret_match);
	unknown = s->unknown;
	words = s->text.count;
	story = s->offtopic > 0 && !keyboard_marks(text);
	settled = s->phrase[LEX_SETTLED] && !keyboard_marks(text);
	if (number || story ||
	    (!settled && layouts_decide(m, text, w, ret_match)) ||
	    clear_as_typed(ret_match, words) || unknown == 0)
		return;
	(void)score_text(
	    &tools, text, FOLD_AS_TYPED, true, SCORE_ALL, m->sheet);
	decide(m, s, &typo);
	watched(m, w, "one wrong letter forgiven", &typo);
	/* no correction but one that says danger makes a question of it */
	if (settled && !says_danger(m, &typo))
		return;
	if (s->unknown < unknown && ret_match->kind == MATCH_TOPIC &&
	    typo.kind != MATCH_COMMAND)
		ask_both(&typo, ret_match);
	else if (s->unknown < unknown && says_more(ret_match, &typo))
		*ret_match = typo;
	if (ret_match->kind == MATCH_NONE && ret_match->choice_count == 0 &&
	    words < JOINED_WORDS)
		joined_decide(m, text, w, ret_match);
}

void
match_text(const struct matcher *m, struct sv text, struct match *ret_match)
{
	if (m->whole == NULL || !whole_find(m->whole, text, ret_match))
		match_watched(m, text, NULL, ret_match);
	fold_wipe(&m->sheet->text);
}

void
match_explain(const struct matcher *m, struct sv text,
    void (*fn)(void *arg, const char *line), void *arg, struct match *ret_match)
{
	struct match_watch w = { fn, arg, m };

	match_watched(m, text, &w, ret_match);
}

bool
match_same(const struct match *a, const struct match *b)
{
	bool same = a->kind == b->kind && a->command == b->command &&
		    a->number == b->number && a->topic == b->topic &&
		    a->place == b->place && a->state == b->state &&
		    a->lang == b->lang && a->wanted == b->wanted &&
		    a->urgent == b->urgent && a->elsewhere == b->elsewhere &&
		    a->score == b->score &&
		    a->choice_count == b->choice_count &&
		    strcmp(a->how, b->how) == 0;

	for (size_t i = 0; same && i < a->choice_count; i++)
		same = a->choices[i] == b->choices[i];
	return same;
}
