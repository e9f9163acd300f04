/* find.c - who helps with this, near here: the lists of a turn. */
#include "menus/turn.h"

#include <stdio.h>

enum { LABEL_ID_MAX = 64 };

/* Whose citizen somebody probably is: not to send them to the consulate of
 * another state. */
static const char *
citizen_of(const struct turn *t)
{
	static const char *const home[] = { "kg", "tj", "uz" };
	static const struct {
		enum lang lang;
		const char *country;
	} spoken[] = {
		{ LANG_KY, "kg" },
		{ LANG_TG, "tj" },
		{ LANG_UZ, "uz" },
		{ LANG_UZ_CYRL, "uz" },
		{ LANG_KK, "kz" },
	};
	size_t i;

	if (t->s->citizen != PLACE_NONE)
		return places_at(t->e->content.places, t->s->citizen)->id;
	for (i = 0; i < ARRAY_LEN(home); i++)
		if (strcmp(t->in->country, home[i]) == 0)
			return home[i];
	for (i = 0; i < ARRAY_LEN(spoken); i++)
		if (spoken[i].lang == (enum lang)t->s->lang)
			return spoken[i].country;
	return "";
}

/* The country of their number. */
static uint16_t
home_of(const struct turn *t)
{
	return places_find(t->e->content.places, sv_of(t->in->country));
}

/* Where to look: the place they named, else the country of their number. */
static uint16_t
place_of(const struct turn *t)
{
	return t->s->place != PLACE_NONE ? t->s->place : home_of(t);
}

/*
 * Emergency numbers stand behind everybody else in the list of one topic and
 * nowhere else: the emergency text names them itself, and who asks for a
 * person to talk to, or for help without police, is not served by them.
 */
static size_t
general_last(const struct listing **found, size_t count, bool keep)
{
	const struct listing *general[LISTING_FOUND_MAX] = { NULL };
	size_t i, kept = 0, last = 0;

	for (i = 0; i < count; i++)
		if (found[i]->general)
			general[last++] = found[i];
		else
			found[kept++] = found[i];
	for (i = 0; keep && i < last; i++)
		found[kept++] = general[i];
	return kept;
}

/* Leave out whose contact cannot be written in the person's language. */
static size_t
givable_only(const struct turn *t, uint16_t place, const struct listing **found,
    size_t count)
{
	const struct listing_caller who = { t->in->country,
		t->e->content.places, place };
	struct renderer r = turn_renderer(t);
	size_t i, kept = 0;

	for (i = 0; i < count; i++)
		if (render_can_give(&r, found[i], &who))
			found[kept++] = found[i];
	return kept;
}

/* Whom a search found, best first. */
struct helpers {
	const struct listing *found[LISTING_FOUND_MAX];
	size_t count;
	bool near; /* they help with what is near to the topic */
	bool home; /* they are in the country of the person's number */
};

/*
 * Who is in danger is not kept to one word for it: those who help with the
 * urgent topic above help too, and may be the only ones there for everybody,
 * whatever their citizenship.
 */
static uint64_t
also_of(const struct turn *t, const struct node *node)
{
	const struct topics *topics = t->e->content.topics;
	const struct topic *topic;

	if (node->topic == TOPIC_NONE)
		return 0;
	topic = topics_at(topics, node->topic);
	if (!topic->urgent || topic->parent == TOPIC_NONE ||
	    !topics_at(topics, topic->parent)->urgent)
		return 0;
	return UINT64_C(1) << topic->parent;
}

/* Look there for these topics and the node's kinds.  True if there is any. */
static bool
look(const struct turn *t, const struct node *node, uint64_t topics,
    uint16_t place, struct helpers *h)
{
	struct listing_query q = {
		.topics = topics,
		.also = also_of(t, node),
		.kinds = node->kinds,
		.place = place,
		.from = t->in->country,
		.serves = citizen_of(t),
		.verified_days = t->in->verified_days,
		.now_ms = t->in->now_ms,
	};

	h->count = listings_query(t->e->content.listings, &q, h->found);
	h->count = givable_only(t, place, h->found, h->count);
	h->count = general_last(h->found, h->count, node->topic != TOPIC_NONE);
	return h->count > 0;
}

/* Who helps with what the node's topic is a part of. */
static bool
look_near(const struct turn *t, const struct node *node, struct helpers *h)
{
	const struct topics *topics = t->e->content.topics;
	uint16_t topic = node->topic;
	size_t steps;

	h->near = true;
	for (steps = 0; topic != TOPIC_NONE && steps < TOPIC_MAX; steps++) {
		topic = topics_at(topics, topic)->parent;
		if (topic != TOPIC_NONE &&
		    look(t, node, UINT64_C(1) << topic, place_of(t), h))
			return true;
	}
	if (node->otherwise == NODE_NONE)
		return false;
	node = tree_at(t->e->tree, node->otherwise);
	return look(t, node, node->topics, place_of(t), h);
}

/* True where a voice counts more than how near it is. */
static bool
is_for_anyone(const struct turn *t, const struct node *node)
{
	const struct tree *tree = t->e->tree;
	uint16_t shared = tree_callback(tree)->shared;

	return node == tree_at(tree, tree_emergency(tree)) ||
	       node == tree_at(tree, tree_counsellor(tree)) ||
	       (shared != NODE_NONE && node == tree_at(tree, shared));
}

/* Who helps with what this node is about; failing that, with what is near to
 * it; failing that, at home, where a voice is enough. */
static void
look_for_node(const struct turn *t, const struct node *node, struct helpers *h)
{
	*h = (struct helpers){ .count = 0 };
	if (look(t, node, node->topics, place_of(t), h) ||
	    look_near(t, node, h) || !is_for_anyone(t, node))
		return;
	h->near = false;
	h->home = true;
	(void)look(t, node, node->topics, home_of(t), h);
}

bool
turn_town_known(const struct turn *t)
{
	if (t->s->place == PLACE_NONE)
		return false;
	return places_at(t->e->content.places, t->s->place)->kind !=
	       PLACE_COUNTRY;
}

static bool
in_one_place(const struct listing *const *found, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++)
		if (found[i]->place_count != found[0]->place_count ||
		    memcmp(found[i]->places, found[0]->places,
			found[0]->place_count * sizeof(found[0]->places[0])) !=
			0)
			return false;
	return true;
}

/* Nobody but those whom everybody can call. */
static bool
all_general(const struct helpers *h)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		if (!h->found[i]->general)
			return false;
	return true;
}

/* The line above a page. */
static const char *
list_head(const struct turn *t, const struct node *node, size_t start,
    const struct helpers *h)
{
	const struct topics *topics = t->e->content.topics;
	const struct topic *topic =
	    node->topic == TOPIC_NONE ? NULL : topics_at(topics, node->topic);

	/* an ambulance is no advice about what they asked: say so */
	if (topic != NULL && topic->health && h->near && all_general(h))
		return "list.doctor";
	/* these tell what to do in danger, and hide what follows */
	if (topic != NULL && (topic->health || topic->urgent))
		return node->text;
	if (start > 0)
		return NULL;
	return h->near ? "list.else" : node->text;
}

/* Nobody: the head stays where it tells what to do in danger. */
static void
say_nobody(struct turn *t)
{
	struct renderer r = turn_renderer(t);
	struct sv head = render_text(&r, turn_node(t)->text);
	struct sv none = render_text(&r, "list.none");

	t->out->outcome = OUTCOME_NO_LISTING;
	t->s->page = 0;
	if (t->s->node == tree_counsellor(t->e->tree) ||
	    t->s->node == tree_callback(t->e->tree)->shared)
		turn_say_text(t, "counsellor.none");
	else if (t->s->node == tree_offices(t->e->tree))
		turn_say_text(t, "offices.none");
	else if (t->s->node == tree_emergency(t->e->tree))
		turn_say(t, render_joined(&r, head, none));
	else
		turn_say(t, none);
}

/* Behind those whom they can call: that we can call them. */
static void
offer_call(struct turn *t)
{
	struct renderer r = turn_renderer(t);
	struct sv both;

	if (!turn_has_calls(t) || t->s->node != tree_counsellor(t->e->tree))
		return;
	both =
	    render_joined(&r, t->out->text, render_text(&r, "callback.offer"));
	if (sms_measure(both).parts <= REPLY_PARTS_MAX)
		turn_say(t, both);
}

static void
list(struct turn *t, size_t start)
{
	const struct node *node = turn_node(t);
	struct renderer r = turn_renderer(t), ours = r;
	struct list_shown shown;
	struct list_page page = { .from = t->in->country, .start = start };
	char label[LABEL_ID_MAX];
	struct helpers h;
	size_t i;

	look_for_node(t, node, &h);
	if (h.count == 0) {
		say_nobody(t);
		return;
	}
	if (start >= h.count) {
		t->s->page = 0;
		turn_say_text(t, "list.end");
		return;
	}
	page.found = h.found;
	page.count = h.count;
	if (t->in->channel == CHANNEL_VOICE) /* one by one */
		page.count = start + 1;
	page.at = place_of(t);
	page.head = list_head(t, node, start, &h);
	(void)snprintf(label, sizeof(label), "label.%s", node->id);
	if (node->topic != TOPIC_NONE && page.head == node->text)
		page.topic = label;
	page.alone = t->s->node == tree_offices(t->e->tree);
	page.ask_town = start == 0 && !page.alone && !h.home &&
			!turn_town_known(t) && !in_one_place(h.found, h.count);
	ours.stored = false;
	turn_say(t, render_list(&ours, &page, &shown));
	if (r.stored)
		turn_say(t, render_list_stored(&r, &page, &shown));
	for (i = 0; i < shown.count; i++)
		t->out->listings[i] = shown.listings[i];
	t->out->listing_count = shown.count;
	start += shown.count;
	if (page.alone)
		start = h.count;
	t->s->page = (uint16_t)(start < h.count ? start : 0);
}

void
turn_list(struct turn *t, size_t start)
{
	list(t, start);
	if (start == 0)
		offer_call(t);
}
