/* check.c - looks at every reply of an edition in every language. */
#include "menus/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "menus/preview.h"
#include "menus/render.h"

enum {
	CHECK_BLOCK = 64 * 1024,
	CHECK_BYTES_MAX = 8 * 1024 * 1024, /* of one language */
	LINE_MAX_BYTES = 512,
};

/* Room that a list needs below its head: a short name and a number. */
static const char least_listing[] =
    "\nХХХХХХХХХХХХХХХХХХХХХХХХХХХХХХ:\n+999999999999999";

struct check {
	const struct edition *e;
	const struct check_sink *sink;
	struct preview *preview;
	struct renderer r;
	unsigned problems;
};

PRINTF(2, 3)
static void
problem(struct check *c, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;
	int n = snprintf(line, sizeof(line), "%s%s%s: ", lang_code(c->r.lang),
	    c->r.latin ? " in Latin letters" : "",
	    c->r.plain ? " in plain words" : "");

	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	c->problems++;
	c->sink->problem(c->sink->arg, line);
}

static void
length_check(
    struct check *c, const char *what, struct sv text, unsigned parts_max)
{
	struct sms_size size = sms_measure(text);

	if (c->r.latin && size.encoding != SMS_GSM7)
		problem(c, "%s: is not in GSM-7", what);
	if (text.n == 0)
		problem(c, "%s: empty; write something", what);
	if (size.parts > parts_max)
		problem(c,
		    "%s: %u parts (%u characters in %s), at most %u; shorten "
		    "it",
		    what, size.parts, size.units,
		    sms_encoding_name(size.encoding), parts_max);
}

static void
preview_check(struct check *c, const char *what, struct sv text)
{
	struct sv word;

	if (!c->r.plain && preview_shows(c->preview, text, &word))
		problem(c,
		    "%s: '" SV_FMT "' within the first %d characters; a locked "
		    "phone shows them, so say it later or otherwise",
		    what, SV_ARG(word), PREVIEW_CHARS);
}

static void
reply_check(
    struct check *c, const char *what, struct sv text, unsigned parts_max)
{
	length_check(c, what, text, parts_max);
	preview_check(c, what, text);
}

static void
parts_line(struct check *c, const char *what, struct sv text)
{
	struct sms_size size = sms_measure(text);
	char line[LINE_MAX_BYTES], lang[32];

	if (c->r.plain)
		return;
	snprintf(lang, sizeof(lang), "%s%s", lang_code(c->r.lang),
	    c->r.latin ? " LAT" : "");
	snprintf(line, sizeof(line), "%-12s %-14s %u parts %4u %s", lang, what,
	    size.parts, size.units, sms_encoding_name(size.encoding));
	c->sink->parts(c->sink->arg, line);
}

/* The place whose name makes the question longest. */
static struct sv
longest_question(struct check *c)
{
	const struct places *places = c->e->content.places;
	struct sv name = { 0 };
	uint16_t i;

	for (i = 0; i < places_count(places); i++)
		if (places_at(places, i)->names[c->r.lang].n > name.n)
			name = places_at(places, i)->names[c->r.lang];
	return render_filled(&c->r, "topic.ask", "{place}", name);
}

static void
menu_check(struct check *c, const struct node *node)
{
	struct sv head = render_text(&c->r, node->text);
	struct sv menu = render_menu(&c->r, head, node);
	struct sv again = render_menu_again(&c->r, node);
	char what[96];

	snprintf(what, sizeof(what), "menu %s", node->id);
	parts_line(c, node->id, menu);
	reply_check(c, what, menu, MENU_PARTS_MAX);
	snprintf(what, sizeof(what), "menu %s after a wrong digit", node->id);
	reply_check(c, what, again, REPLY_PARTS_MAX);
	if (node != tree_at(c->e->tree, tree_main(c->e->tree)))
		return;
	reply_check(c, "menu main under topic.ask",
	    render_menu(&c->r, longest_question(c), node), REPLY_PARTS_MAX);
	preview_check(c, "menu main under topic.ask",
	    render_menu(&c->r,
		render_filled(&c->r, "topic.ask", "{place}", SV("Osh")), node));
	reply_check(c, "menu main under plain.done",
	    render_menu(&c->r, render_text(&c->r, "plain.done"), node),
	    MENU_PARTS_MAX);
	reply_check(c, "menu main under discreet.done",
	    render_menu(&c->r, render_text(&c->r, "discreet.done"), node),
	    MENU_PARTS_MAX);
	reply_check(c, "menu main under language.done",
	    render_menu(&c->r, render_text(&c->r, "language.done"), node),
	    MENU_PARTS_MAX);
	if (c->r.latin || render_is_gsm7(c->r.lang))
		reply_check(c, "menu main under latin.done",
		    render_menu(&c->r, render_text(&c->r, "latin.done"), node),
		    MENU_PARTS_MAX);
}

/* What stands below it must not be seen on a locked phone. */
static void
hiding_check(struct check *c, const char *what, struct sv head)
{
	if (!c->r.plain && render_chars(head) < PREVIEW_CHARS)
		problem(c,
		    "%s: %zu characters, at least %d; a locked phone shows "
		    "what is below it, so make it longer",
		    what, render_chars(head), PREVIEW_CHARS);
}

/* Nothing in it may tell what somebody asked. */
static void
unasked_check(struct check *c, const char *what, struct sv text)
{
	struct sv word;

	if (!c->r.plain && preview_says(c->preview, text, &word))
		problem(c,
		    "%s: '" SV_FMT "'; this comes unasked, or to whoever "
		    "holds the phone, so say it otherwise",
		    what, SV_ARG(word));
}

bool
check_name_shows(const struct renderer *r, const struct preview *p,
    const struct listing *l, struct sv *ret_word)
{
	const struct node *offices =
	    tree_at(r->e->tree, tree_offices(r->e->tree));
	struct sv name = render_name(r, l);

	/* render_list() itself hides those that only treat people */
	if (preview_names(p, name, ret_word) ||
	    (!render_only_health(r, l) && preview_shows(p, name, ret_word)))
		return true;
	/* the offices, whoever holds the phone may get */
	return (offices->kinds >> l->kind & 1) != 0 &&
	       (offices->topics & l->topics) != 0 &&
	       preview_says(p, name, ret_word);
}

/* A name may stand anywhere, and on a second page it comes first. */
static void
names_check(struct check *c)
{
	const struct listings *all = c->e->content.listings;
	const struct listing *l;
	struct sv word;
	size_t i;

	for (i = 0; i < listings_count(all); i++) {
		l = listings_at(all, i);
		/* who has none in this language gets the Russian or the
		 * English one */
		if (!l->for_callers || l->names[c->r.lang].n == 0)
			continue;
		arena_reset(c->r.arena);
		if (check_name_shows(&c->r, c->preview, l, &word))
			problem(c,
			    "listing %s: '" SV_FMT "' in its name; write a "
			    "line with another name for it in names.discreet",
			    l->id, SV_ARG(word));
	}
}

/* A list must have room for the shortest listing under its longest lines. */
static void
list_check(struct check *c, const struct node *node)
{
	struct sv head = render_text(&c->r, node->text), all = head;
	struct sv instead = render_text(&c->r, "list.else");
	char what[96];

	snprintf(what, sizeof(what), "head of %s", node->id);
	if (render_chars(instead) > render_chars(all))
		all = instead;
	all = render_joined(&c->r, all,
	    render_filled(&c->r, "list.unverified", "{year}", SV("2000")));
	all = render_joined(&c->r, all, render_text(&c->r, "list.more"));
	all = render_joined(&c->r, all, sv_of(least_listing));
	parts_line(c, node->id, head);
	length_check(c, what, all, REPLY_PARTS_MAX);
	preview_check(c, what, head);
	if (node->topic != TOPIC_NONE &&
	    topics_at(c->e->content.topics, node->topic)->health)
		hiding_check(c, what, head);
	if (node == tree_at(c->e->tree, tree_emergency(c->e->tree)))
		reply_check(c, "emergency with nobody",
		    render_joined(&c->r, head, render_text(&c->r, "list.none")),
		    REPLY_PARTS_MAX);
}

static void
node_check(struct check *c, const struct node *node)
{
	struct sv head = render_text(&c->r, node->text);

	switch (node->kind) {
	case NODE_MENU:
	case NODE_QUESTION:
		menu_check(c, node);
		return;
	case NODE_DIRECTORY:
		list_check(c, node);
		return;
	case NODE_LANGUAGE:
		head = render_languages(&c->r, head);
		parts_line(c, node->id, head);
		reply_check(c, node->id, head, MENU_PARTS_MAX);
		return;
	case NODE_ANSWER:
	case NODE_ASK_PLACE:
	case NODE_NOTICE:
		parts_line(c, node->id, head);
		reply_check(c, node->id, head, REPLY_PARTS_MAX);
		return;
	}
}

/* Asking back: no label may be read on a locked phone, even the first; and
 * the three longest must fit. */
static void
choices_check(struct check *c)
{
	const struct topics *topics = c->e->content.topics;
	uint16_t longest[MATCH_CHOICES_MAX] = { 0 }, topic;
	size_t sizes[MATCH_CHOICES_MAX] = { 0 }, size, i;
	struct sv text;
	char what[96];

	for (topic = 0; topic < topics_count(topics); topic++) {
		text = render_choices(&c->r, false, &topic, 1);
		size = render_chars(text);
		snprintf(what, sizeof(what), "choose.head above label.%s",
		    topics_at(topics, topic)->id);
		preview_check(c, what, text);
		for (i = 0; i < MATCH_CHOICES_MAX && sizes[i] >= size; i++)
			continue;
		if (i == MATCH_CHOICES_MAX)
			continue;
		memmove(sizes + i + 1, sizes + i,
		    (MATCH_CHOICES_MAX - i - 1) * sizeof(sizes[0]));
		memmove(longest + i + 1, longest + i,
		    (MATCH_CHOICES_MAX - i - 1) * sizeof(longest[0]));
		sizes[i] = size;
		longest[i] = topic;
	}
	reply_check(c, "choose.head above the three longest labels",
	    render_choices(&c->r, false, longest, MATCH_CHOICES_MAX),
	    MENU_PARTS_MAX);
	reply_check(c, "choose.head after a wrong digit",
	    render_choices(&c->r, true, longest, MATCH_CHOICES_MAX),
	    REPLY_PARTS_MAX);
}

/* The word that a text tells people to send, behind its last colon, must be
 * understood. */
static void
word_check(struct check *c, const char *id, enum match_command command,
    const char *entry)
{
	struct sv text = render_text(&c->r, id), word = text;
	struct match m;

	while (text.n > 0) {
		word = text;
		(void)sv_cut(&text, ':');
	}
	while (word.n > 0 && *word.p == ' ') {
		word.p++;
		word.n--;
	}
	match_text(c->e->matcher, word, &m);
	if (m.kind != MATCH_COMMAND || m.command != command)
		problem(c,
		    "%s: '" SV_FMT "' is not understood as «%s»; "
		    "write a word of the entry %s in %s.words.po",
		    id, SV_ARG(word), entry, entry, lang_code(c->r.lang));
}

/* What is sent unasked: one part, in which nothing tells what it is about. */
static void
push_check(struct check *c)
{
	struct sv text = render_text(&c->r, "callback.still");
	struct match m;

	reply_check(c, "callback.still", text, 1);
	match_text(c->e->matcher, text, &m);
	if (m.kind == MATCH_TOPIC || m.choice_count > 0 || m.urgent)
		problem(c,
		    "callback.still: is about a topic; it may reach somebody "
		    "else, so say nothing but whether it is still them");
}

/* The longest number, and hours. */
static void
about_check(struct check *c)
{
	struct sv text =
	    render_filled(&c->r, "callback.about", "{hours}", SV("12-17"));

	text = render_fill(&c->r, text, "{number}", SV("+999999999999999"));
	reply_check(c, "callback.about", text, MENU_PARTS_MAX);
	unasked_check(c, "callback.about", text);
}

static void
fixed_check(struct check *c)
{
	static const char *const unasked[] = { "stop.done", "forget.done",
		"limit.slow", "busy.later", "offices.head", "offices.none",
		"callback.still", "callback.ask", "callback.when",
		"callback.noted", "callback.offer" };
	static const char *const ids[] = { "place.unknown", "list.none",
		"list.doctor", "counsellor.none", "list.end", "stop.done",
		"forget.done", "limit.slow", "busy.later", "offices.none",
		"decoy.how", "callback.noted", "callback.offer" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(ids); i++)
		reply_check(
		    c, ids[i], render_text(&c->r, ids[i]), REPLY_PARTS_MAX);
	for (i = 0; i < ARRAY_LEN(unasked); i++)
		unasked_check(c, unasked[i], render_text(&c->r, unasked[i]));
}

static void
on_code_id(void *arg, const char *id)
{
	struct check *c = arg;

	if (!texts_has(c->e->content.texts, LANG_EN, id))
		problem(c, "%s: missing; add it to content/lang/en.po", id);
}

static void
lang_check(struct check *c)
{
	uint16_t i;

	for (i = 0; i < tree_count(c->e->tree); i++)
		node_check(c, tree_at(c->e->tree, i));
	choices_check(c);
	fixed_check(c);
	hiding_check(c, "list.hidden", render_text(&c->r, "list.hidden"));
	push_check(c);
	about_check(c);
	if (c->r.plain)
		return;
	word_check(c, "list.more", CMD_MORE, "more");
	word_check(c, "callback.noted", CMD_STOP, "stop");
}

static void
alphabet_check(struct check *c)
{
	arena_reset(c->r.arena);
	lang_check(c);
	c->r.plain = true;
	lang_check(c);
	c->r.plain = false;
}

unsigned
check_edition(const struct edition *e, const struct check_sink *sink)
{
	struct arena *arena = arena_new(CHECK_BLOCK, CHECK_BYTES_MAX);
	struct check c = { .e = e, .sink = sink };
	int lang;

	c.preview = preview_new(&e->content, e->latin);
	c.r = (struct renderer){ .e = e, .lang = LANG_EN, .arena = arena };
	render_ids_each(on_code_id, &c);
	for (lang = 0; lang < LANG_COUNT; lang++) {
		c.r.lang = (enum lang)lang;
		alphabet_check(&c);
		if (render_is_gsm7((enum lang)lang))
			continue;
		c.r.latin = true;
		alphabet_check(&c);
		c.r.latin = false;
	}
	for (lang = 0; lang < LANG_COUNT; lang++) {
		c.r.lang = (enum lang)lang;
		names_check(&c);
	}
	preview_free(&c.preview);
	arena_free(&arena);
	return c.problems;
}
