/* session.c - what is kept of a person, from turn to turn and edition to
 * edition. */
#include "menus/step.h"

#include <ctype.h>

#include "menus/turn.h"

struct menu_session
menu_session_new(void)
{
	return (struct menu_session){
		.node = NODE_NONE,
		.menu = NODE_NONE,
		.topic = TOPIC_NONE,
		.place = PLACE_NONE,
		.citizen = PLACE_NONE,
		.lang = LANG_NONE,
	};
}

const char *
menu_outcome_name(enum menu_outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_ANSWERED] = "answered",
		[OUTCOME_ASKED_BACK] = "asked_back",
		[OUTCOME_NO_MATCH] = "no_match",
		[OUTCOME_NO_LISTING] = "no_listing",
	};

	return names[outcome];
}

void
turn_session_trim(const struct edition *e, struct menu_session *s)
{
	uint8_t i;

	if (s->node >= tree_count(e->tree))
		s->node = NODE_NONE;
	if (s->menu >= tree_count(e->tree) ||
	    tree_at(e->tree, s->menu)->kind != NODE_MENU)
		s->menu = NODE_NONE;
	if (s->topic >= topics_count(e->content.topics))
		s->topic = TOPIC_NONE;
	if (s->place >= places_count(e->content.places))
		s->place = PLACE_NONE;
	if (s->citizen >= places_count(e->content.places))
		s->citizen = PLACE_NONE;
	if (s->choice_count > MATCH_CHOICES_MAX)
		s->choice_count = 0;
	for (i = 0; i < s->choice_count; i++)
		if (s->choices[i] >= topics_count(e->content.topics))
			s->choice_count = 0;
	s->latin = s->latin != 0;
	s->plain = s->plain != 0;
	if (s->lang >= LANG_COUNT) {
		s->lang = LANG_NONE;
		s->chosen = 0;
	}
}

/* Letters of U+0400 to U+04FF, or Latin ones; text is valid UTF-8. */
static bool
has_letters(struct sv text, bool cyrillic)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < text.n; i++) {
		c = (unsigned char)text.p[i];
		if (cyrillic ? c >= 0xd0 && c <= 0xd3 : isalpha(c) != 0)
			return true;
	}
	return false;
}

/* Uzbek is written in both alphabets: theirs, if they wrote any letter. */
static enum lang
uzbek_as(struct sv text, enum lang lang)
{
	if (has_letters(text, true))
		return LANG_UZ_CYRL;
	return has_letters(text, false) ? LANG_UZ : lang;
}

/* LAT and KIR are the same in all languages: they tell of none. */
static bool
is_alphabet(const struct match *m)
{
	return m->kind == MATCH_COMMAND &&
	       (m->command == CMD_LATIN || m->command == CMD_CYRILLIC);
}

enum { SPEAKING_WORDS = 4 }; /* so many show their language by themselves */

/*
 * What a text says of the language.  In a talk that has one, the name of a
 * town or a few words that were not understood are no reason for another.
 */
static enum lang
lang_of_text(const struct turn *t, struct sv text)
{
	bool known = (enum lang)t->s->lang != LANG_NONE;
	size_t i, words = 1;

	for (i = 0; i < text.n; i++)
		words += text.p[i] == ' ';
	if (known && words < SPEAKING_WORDS &&
	    (t->m->kind == MATCH_PLACE || t->m->kind == MATCH_NONE))
		return LANG_NONE;
	if (t->m->lang == LANG_EN && has_letters(text, true))
		return LANG_NONE; /* English words in a sentence of their own */
	return t->m->lang;
}

void
turn_lang_choose(struct turn *t, struct sv text)
{
	enum lang lang = (enum lang)t->s->lang, written;

	if (t->s->chosen || (is_alphabet(t->m) && lang != LANG_NONE))
		return;
	written = lang_of_text(t, text);
	if (written != LANG_NONE)
		lang = written;
	else if (lang == LANG_NONE)
		lang = lang_of_country(t->in->country);
	if (t->s->latin && lang == LANG_UZ_CYRL)
		lang = LANG_UZ;
	else if (!t->s->latin && (lang == LANG_UZ || lang == LANG_UZ_CYRL))
		lang = uzbek_as(text, lang);
	t->s->lang = (uint8_t)lang;
}

static bool
is_there(const struct turn *t)
{
	const struct places *places = t->e->content.places;

	if (t->m->place == PLACE_NONE)
		return false;
	if (places_at(places, t->m->place)->kind != PLACE_COUNTRY ||
	    turn_kind(t) == NODE_ASK_PLACE)
		return true;
	if (t->m->elsewhere)
		return false;
	return t->m->kind != MATCH_NONE || t->m->choice_count > 0;
}

void
turn_place_keep(struct turn *t)
{
	if (is_there(t))
		t->s->place = t->m->place;
	if (t->m->state != PLACE_NONE)
		t->s->citizen = t->m->state;
}

static uint16_t
node_move(const struct tree *from, const struct tree *to, uint16_t index)
{
	if (index >= tree_count(from))
		return NODE_NONE;
	return tree_find(to, sv_of(tree_at(from, index)->id));
}

static uint16_t
topic_move(const struct topics *from, const struct topics *to, uint16_t index)
{
	if (index >= topics_count(from))
		return TOPIC_NONE;
	return topics_find(to, sv_of(topics_at(from, index)->id));
}

static uint16_t
place_move(const struct places *from, const struct places *to, uint16_t index)
{
	if (index >= places_count(from))
		return PLACE_NONE;
	return places_find(to, sv_of(places_at(from, index)->id));
}

void
menu_session_move(const struct edition *from, const struct edition *to,
    struct menu_session *session)
{
	struct menu_session *s = session;
	const struct content *a = &from->content, *b = &to->content;
	uint8_t i, kept = 0;
	uint16_t topic;

	s->node = node_move(from->tree, to->tree, s->node);
	s->menu = node_move(from->tree, to->tree, s->menu);
	s->topic = topic_move(a->topics, b->topics, s->topic);
	s->place = place_move(a->places, b->places, s->place);
	s->citizen = place_move(a->places, b->places, s->citizen);
	for (i = 0; i < s->choice_count && i < MATCH_CHOICES_MAX; i++) {
		topic = topic_move(a->topics, b->topics, s->choices[i]);
		if (topic != TOPIC_NONE)
			s->choices[kept++] = topic;
	}
	s->choice_count = kept;
	turn_session_trim(to, s);
}
