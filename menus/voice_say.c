/* voice_say.c - the words of a call: which prompts, in which order. */
#include "menus/voice_say.h"

#include <stdio.h>
#include <stdlib.h>

#include "content/prompts.h"
#include "menus/render.h"

enum {
	PAUSE_MS = 250,
	CHOOSE_MS = 1500, /* time to press one of those just said */
	TOGETHER = 3,	  /* behind so many of them */
	DIGITS_TOGETHER = 3,
	SHORT_CODE = 5, /* digits that need no pause */
	COUNTRIES_MAX = 5,
};

static void
say_in(struct voice *c, enum lang lang, const char *id)
{
	sb_printf(&c->said, "%s %s\n", lang_code(prompts_lang(lang)), id);
}

void
voice_say(struct voice *c, const char *id)
{
	say_in(c, c->lang, id);
}

static void
say_pause(struct voice *c)
{
	sb_printf(&c->said, "- %d\n", PAUSE_MS);
}

/* But not behind the last: who heard theirs need not listen to the rest, nor
 * press into it. */
static void
say_choose(struct voice *c, size_t said, size_t count)
{
	if (said % TOGETHER == 0 && said < count)
		sb_printf(&c->said, "- %d\n", CHOOSE_MS);
}

void
voice_say_key(struct voice *c, const char *id, char key)
{
	char press[] = "press.0";

	press[sizeof(press) - 2] = key;
	voice_say(c, id);
	voice_say(c, press);
}

/* --- languages --- */

static void
lang_add(enum lang *order, size_t *n, enum lang lang)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (order[i] == lang)
			return;
	order[(*n)++] = lang;
}

/* Theirs, then the line's, then by how many callers speak them. */
static size_t
langs_order(const char *country, const char *line, enum lang order[LANG_COUNT])
{
	static const enum lang usual[] = { LANG_RU, LANG_UZ, LANG_TG, LANG_KY,
		LANG_KK, LANG_EN };
	size_t i, n = 0;

	if (country[0] != '\0')
		lang_add(order, &n, lang_of_country(country));
	if (line[0] != '\0')
		lang_add(order, &n, lang_of_country(line));
	for (i = 0; i < ARRAY_LEN(usual); i++)
		lang_add(order, &n, usual[i]);
	return n;
}

enum lang
voice_lang_first(const char *country, const char *line)
{
	enum lang order[LANG_COUNT];

	(void)langs_order(country, line, order);
	return order[0];
}

static void
say_languages(struct voice *c)
{
	enum lang order[LANG_COUNT];
	size_t i, n = langs_order(c->in->country, c->in->line, order);

	for (i = 0; i < n; i++) {
		if (lang_digit(c->e, order[i]) == 0)
			continue;
		say_in(c, order[i], "voice.lang");
		say_choose(c, i + 1, n);
	}
}

/* --- menus --- */

static const struct node *
node_of(const struct voice *c)
{
	uint16_t node = c->out->next.node;

	return tree_at(
	    c->e->tree, node == NODE_NONE ? tree_main(c->e->tree) : node);
}

/* A question, or an answer, is the prompt of its text. */
static void
say_text(struct voice *c, const struct node *node)
{
	char id[PROMPT_ID_MAX];

	(void)snprintf(id, sizeof(id), "voice.%s", node->text);
	voice_say(c, id);
}

static void
say_menu(struct voice *c)
{
	const struct node *node = node_of(c);
	char id[PROMPT_ID_MAX];
	size_t i;

	if (node->kind == NODE_QUESTION || node->kind == NODE_ANSWER)
		say_text(c, node);
	for (i = 0; i < node->item_count; i++) {
		const char *label = strchr(node->items[i].label, '.');

		ASSERT(label != NULL); /* "label.wages" */
		(void)snprintf(id, sizeof(id), "for%s", label);
		voice_say_key(c, id, (char)('0' + node->items[i].digit));
		say_choose(c, i + 1, node->item_count);
	}
	if (node->kind == NODE_ANSWER)
		voice_say_key(c, "voice.back", '0');
}

/* --- places --- */

uint16_t
voice_town(const struct voice *c)
{
	uint16_t place = c->out->next.place;

	if (place == PLACE_NONE ||
	    places_at(c->e->content.places, place)->kind == PLACE_COUNTRY)
		return PLACE_NONE;
	return place;
}

uint16_t
voice_country(const struct voice *c)
{
	const struct places *places = c->e->content.places;
	uint16_t place = c->out->next.place;

	if (place != PLACE_NONE)
		return places_find(
		    places, sv_of(places_at(places, place)->country));
	if (c->in->country[0] == '\0')
		return PLACE_NONE;
	return places_find(places, sv_of(c->in->country));
}

/* True if it helps there, with what was asked for. */
static bool
helps(const struct voice *c, const struct listing *l, uint16_t place)
{
	const struct node *node = node_of(c);
	size_t i;

	if (!l->for_callers || l->general ||
	    (node->topics != 0 && (node->topics & l->topics) == 0) ||
	    (node->kinds != 0 && (node->kinds >> l->kind & 1) == 0))
		return false;
	for (i = 0; i < l->place_count; i++)
		if (places_within(c->e->content.places, l->places[i], place))
			return true;
	return false;
}

static unsigned
helpers_at(const struct voice *c, uint16_t place)
{
	const struct listings *all = c->e->content.listings;
	size_t i, count = listings_count(all);
	unsigned n = 0;

	for (i = 0; i < count; i++)
		n += helps(c, listings_at(all, i), place);
	return n;
}

struct offer {
	uint16_t place;
	unsigned helpers;
};

/* Most helpers first, then as in the gazetteer. */
static int
offer_order(const void *a, const void *b)
{
	const struct offer *x = a, *y = b;

	if (x->helpers != y->helpers)
		return x->helpers > y->helpers ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Those that lie right in parent; PLACE_NONE: the countries. */
static size_t
offers_find(const struct voice *c, uint16_t parent, struct offer **ret_offers)
{
	const struct places *places = c->e->content.places;
	uint16_t i, count = places_count(places);
	struct offer *offers = arena_get(c->arena, count * sizeof(*offers));
	size_t n = 0;

	for (i = 0; i < count; i++) {
		if (places_at(places, i)->parent != parent)
			continue;
		offers[n].place = i;
		offers[n].helpers = helpers_at(c, i);
		n += offers[n].helpers > 0;
	}
	qsort(offers, n, sizeof(*offers), offer_order);
	*ret_offers = offers;
	return n;
}

static void
offer(struct voice *c, uint16_t parent, size_t most)
{
	struct voice_state *v = c->v;
	struct offer *offers;
	size_t i, n = offers_find(c, parent, &offers);
	size_t from = (size_t)v->page * most;

	if (from >= n)
		from = v->page = 0;
	v->offer_count = 0;
	for (i = from; i < n && v->offer_count < most; i++)
		v->offers[v->offer_count++] = offers[i].place;
	v->more = i < n || from > 0; /* round and round */
}

void
voice_offer_places(struct voice *c)
{
	c->v->offer_count = 0;
	if (c->v->country != PLACE_NONE)
		offer(c, c->v->country, VOICE_OFFERS_MAX);
}

void
voice_offer_countries(struct voice *c)
{
	c->v->page = 0;
	offer(c, PLACE_NONE, COUNTRIES_MAX);
}

static void
say_places(struct voice *c)
{
	const struct voice_state *v = c->v;
	char id[PROMPT_ID_MAX];
	size_t i, n = v->offer_count;

	if (v->where == VOICE_PLACES)
		n++; /* what is said behind them */
	voice_say(
	    c, v->where == VOICE_PLACES ? "voice.place" : "voice.country");
	for (i = 0; i < v->offer_count; i++) {
		(void)snprintf(id, sizeof(id), "place.%s",
		    places_at(c->e->content.places, v->offers[i])->id);
		voice_say_key(c, id, (char)('1' + i));
		say_choose(c, i + 1, n);
	}
	if (v->where != VOICE_PLACES)
		return;
	if (v->more)
		voice_say_key(c, "voice.place.more", '7');
	voice_say_key(c, "voice.place.other", '8');
}

/* --- a listing --- */

bool
voice_is_danger(const struct voice *c)
{
	const struct node *node = node_of(c);

	if (node == tree_at(c->e->tree, tree_emergency(c->e->tree)))
		return true;
	return node->kind == NODE_DIRECTORY && node->topic != TOPIC_NONE &&
	       topics_at(c->e->content.topics, node->topic)->urgent;
}

static void
say_number(struct voice *c, struct sv number)
{
	char id[] = "digit.0";
	size_t i, said = 0;

	for (i = 0; i < number.n; i++) {
		if (number.p[i] == '+')
			voice_say(c, "voice.plus");
		if (number.p[i] < '0' || number.p[i] > '9')
			continue;
		if (said > 0 && said % DIGITS_TOGETHER == 0 &&
		    number.n > SHORT_CODE)
			say_pause(c);
		id[sizeof(id) - 2] = number.p[i];
		voice_say(c, id);
		said++;
	}
}

static void
say_contact(struct voice *c, const struct listing *l)
{
	uint16_t at = c->out->next.place;
	const struct listing_caller who = { c->in->country,
		c->e->content.places,
		at != PLACE_NONE ? at : voice_country(c) };
	struct listing_contact contact;

	if (listing_contact(l, &who, &contact) < 0 || !contact.is_phone) {
		voice_say(c, "voice.written");
		return;
	}
	voice_say(c, "voice.number");
	say_number(c, contact.text);
	say_pause(c);
	voice_say(c, "voice.number.again");
	say_number(c, contact.text);
}

static void
say_org(struct voice *c, const struct listing *l, const char *what)
{
	char id[PROMPT_ID_MAX];

	(void)snprintf(id, sizeof(id), "org.%s.%s", l->id, what);
	voice_say(c, id);
}

static void
say_listing(struct voice *c)
{
	const struct listing *l = c->v->listing;

	if (c->v->danger)
		voice_say(c, "voice.emergency");
	if (l == NULL) {
		voice_say(c, "voice.none");
	} else {
		say_org(c, l, "name");
		say_org(c, l, "what");
		if (prompts_says_hours(l))
			say_org(c, l, "hours");
		if (l->checked_ms == 0 && !l->general)
			voice_say(c, "voice.unverified");
		say_contact(c, l);
		say_pause(c);
	}
	voice_say_offers(c);
}

bool
voice_can_sms(const struct voice *c)
{
	return c->in->sms && !c->v->shared;
}

bool
voice_can_call(const struct voice *c)
{
	return c->in->calls && !c->v->shared &&
	       tree_callback(c->e->tree)->ask != NODE_NONE;
}

bool
voice_is_talk(const struct voice *c)
{
	return c->out->next.node == tree_counsellor(c->e->tree);
}

/* With time to press before more is said. */
void
voice_say_instead(struct voice *c)
{
	if (voice_can_call(c))
		voice_say_key(c, "voice.callback", '8');
	if (c->in->message)
		voice_say_key(c, "voice.message", '6');
	if (voice_can_call(c) || c->in->message)
		sb_printf(&c->said, "- %d\n", CHOOSE_MS);
}

void
voice_say_offers(struct voice *c)
{
	bool talking = voice_is_talk(c);
	bool there = (c->in->counsellors >> c->lang & 1) != 0;

	if (c->out->next.page > 0)
		voice_say_key(c, "voice.next", '1');
	if (c->v->listing != NULL && voice_can_sms(c))
		voice_say_key(c, "voice.sms", '5');
	if (!talking || there)
		voice_say_key(c, "voice.counsellor", '7');
	if (talking && voice_can_call(c))
		voice_say_key(c, "voice.callback", '8');
	if (c->in->message)
		voice_say_key(c, "voice.message", '6');
	if (!talking && !c->v->danger)
		voice_say_key(c, "voice.elsewhere", '2');
	voice_say_key(c, "voice.back", '0');
}

void
voice_say_here(struct voice *c)
{
	switch (c->v->where) {
	case VOICE_LANGUAGES:
		say_languages(c);
		return;
	case VOICE_MENU:
		say_menu(c);
		return;
	case VOICE_PLACES:
	case VOICE_COUNTRIES:
		say_places(c);
		return;
	case VOICE_LISTING:
		say_listing(c);
		return;
	}
}
