/* find.c - who helps with this, near here: the lists of a turn. */
#include "menus/turn.h"

/* Whose citizen somebody probably is: only orders the consulates. */
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

	for (i = 0; i < ARRAY_LEN(home); i++)
		if (strcmp(t->in->country, home[i]) == 0)
			return home[i];
	for (i = 0; i < ARRAY_LEN(spoken); i++)
		if (spoken[i].lang == (enum lang)t->s->lang)
			return spoken[i].country;
	return "";
}

/* Where to look: the place they named, else the country of their number. */
static uint16_t
place_of(const struct turn *t)
{
	if (t->s->place != PLACE_NONE)
		return t->s->place;
	return places_find(t->e->content.places, sv_of(t->in->country));
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

static size_t
look(const struct turn *t, uint64_t topics, uint32_t kinds, bool one_topic,
    const struct listing **ret_found)
{
	struct listing_query q = {
		.topics = topics,
		.kinds = kinds,
		.place = place_of(t),
		.from = t->in->country,
		.serves = citizen_of(t),
		.verified_days = t->in->verified_days,
		.now_ms = t->in->now_ms,
	};

	return general_last(ret_found,
	    listings_query(t->e->content.listings, &q, ret_found), one_topic);
}

/* Who helps with what this node is about; failing that, with what is near to
 * it (*ret_near). */
static size_t
look_for_node(const struct turn *t, const struct node *node,
    const struct listing **ret_found, bool *ret_near)
{
	const struct topics *topics = t->e->content.topics;
	uint16_t topic = node->topic;
	const struct node *other;
	size_t count, steps;

	*ret_near = false;
	count =
	    look(t, node->topics, node->kinds, topic != TOPIC_NONE, ret_found);
	for (steps = 0; count == 0 && topic != TOPIC_NONE && steps < TOPIC_MAX;
	     steps++) {
		topic = topics_at(topics, topic)->parent;
		if (topic == TOPIC_NONE)
			break;
		*ret_near = true;
		count =
		    look(t, UINT64_C(1) << topic, node->kinds, true, ret_found);
	}
	if (count == 0 && node->otherwise != NODE_NONE) {
		*ret_near = true;
		other = tree_at(t->e->tree, node->otherwise);
		count = look(t, other->topics, other->kinds,
		    other->topic != TOPIC_NONE, ret_found);
	}
	return count;
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

/* The line above a page: the node's own on the first; later ones are shorter,
 * unless the node's is what hides the topic. */
static struct sv
list_head(
    const struct turn *t, const struct node *node, size_t start, bool near)
{
	struct renderer r = turn_renderer(t);
	struct sv head = render_text(&r, node->text);

	if (start > 0 &&
	    (node->topic == TOPIC_NONE ||
		!topics_at(t->e->content.topics, node->topic)->health))
		return render_text(&r, "everyone.head");
	if (start == 0 && near)
		return render_joined(&r, head, render_text(&r, "list.else"));
	return head;
}

/* Nobody: the head stays where it tells what to do in danger. */
static void
say_nobody(struct turn *t)
{
	struct renderer r = turn_renderer(t);
	struct sv none = render_text(&r, "list.none"), both;

	t->out->outcome = OUTCOME_NO_LISTING;
	t->s->page = 0;
	if (t->s->node != tree_emergency(t->e->tree)) {
		turn_say(t, none);
		return;
	}
	both = render_text(&r, turn_node(t)->text);
	turn_say(t, both);
	both = render_joined(&r, both, none);
	if (sms_measure(both).parts <= REPLY_PARTS_MAX)
		turn_say(t, both);
}

void
turn_list(struct turn *t, size_t start)
{
	const struct listing *found[LISTING_FOUND_MAX];
	const struct node *node = turn_node(t);
	struct renderer r = turn_renderer(t);
	struct list_shown shown;
	struct list_page page = { .from = t->in->country, .start = start };
	bool near;
	size_t i;

	page.count = look_for_node(t, node, found, &near);
	if (page.count == 0) {
		say_nobody(t);
		return;
	}
	if (start >= page.count) {
		t->s->page = 0;
		turn_say_text(t, "list.end");
		return;
	}
	page.found = found;
	page.head = list_head(t, node, start, near);
	page.ask_town = start == 0 && !turn_town_known(t) &&
			!in_one_place(found, page.count);
	turn_say(t, render_list(&r, &page, &shown));
	for (i = 0; i < shown.count; i++)
		t->out->listings[i] = shown.listings[i];
	t->out->listing_count = shown.count;
	start += shown.count;
	t->s->page = (uint16_t)(start < page.count ? start : 0);
}
