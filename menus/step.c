/* step.c - one turn of one person: pure, no I/O, no clock. */
#include "menus/step.h"

#include "menus/decoy.h"
#include "menus/replies.h"
#include "menus/turn.h"

enum {
	DIGIT_COUNSELLOR = 7, /* under every list of helpers */
	WISH_WORDS = 3,	      /* more are a sentence about something else */
};

struct renderer
turn_renderer(const struct turn *t)
{
	enum lang lang = (enum lang)t->s->lang;

	return (struct renderer){
		.e = t->e,
		.lang = lang,
		.arena = t->arena,
		.latin = t->s->latin,
		.plain = t->s->plain || t->plain,
		.stored = t->in->stored,
	};
}

const struct node *
turn_node(const struct turn *t)
{
	return t->s->node == NODE_NONE ? NULL : tree_at(t->e->tree, t->s->node);
}

enum node_kind
turn_kind(const struct turn *t)
{
	const struct node *node = turn_node(t);

	return node == NULL ? NODE_MENU : node->kind;
}

bool
turn_has_calls(const struct turn *t)
{
	return t->in->calls && tree_callback(t->e->tree)->ask != NODE_NONE;
}

void
turn_say(struct turn *t, struct sv text)
{
	t->out->text = text;
}

void
turn_say_text(struct turn *t, const char *id)
{
	struct renderer r = turn_renderer(t);

	turn_say(t, render_text(&r, id));
}

/* --- going to a node --- */

/* Show the node they are at.  head replaces its own first line, if given. */
static void
show(struct turn *t, struct sv head)
{
	const struct node *node = turn_node(t);
	struct renderer r = turn_renderer(t);

	if (head.n == 0)
		head = render_text(&r, node->text);
	switch (node->kind) {
	case NODE_MENU:
	case NODE_QUESTION:
		turn_say(t, render_menu(&r, head, node));
		return;
	case NODE_LANGUAGE:
		turn_say(t, render_languages(&r, head));
		return;
	case NODE_DIRECTORY:
		turn_list(t, 0);
		return;
	case NODE_ASK_PLACE:
	case NODE_ANSWER:
	case NODE_NOTICE:
		turn_say(t, head);
		return;
	}
}

static void
arrive(struct turn *t, uint16_t index, struct sv head)
{
	const struct node *node = tree_at(t->e->tree, index);

	t->s->node = index;
	t->s->page = 0;
	t->s->choice_count = 0;
	if (node->kind == NODE_MENU)
		t->s->menu = index;
	if (node->kind == NODE_DIRECTORY)
		t->s->topic = node->topic;
	/* others use the phone: nor by what they asked before */
	if (index == tree_callback(t->e->tree)->shared)
		t->out->effects |= EFFECT_GONE;
	show(t, head);
}

/*
 * Go to a node.  An ask-place asks only who has not said their town; a notice
 * is said above what follows, if both fit, else alone.
 */
static void
go(struct turn *t, uint16_t index)
{
	const struct node *node = tree_at(t->e->tree, index);
	struct renderer r = turn_renderer(t);
	struct sv said = { 0 }, both;

	while (node->kind == NODE_NOTICE) { /* tree_load() refuses rings */
		said = said.n == 0 ?
			   render_text(&r, node->text) :
			   render_joined(&r, said, render_text(&r, node->text));
		index = node->go;
		node = tree_at(t->e->tree, index);
	}
	if (node->kind == NODE_ASK_PLACE && turn_town_known(t))
		index = node->go;
	arrive(t, index, SV(""));
	if (said.n == 0)
		return;
	both = render_joined(&r, said, t->out->text);
	if (sms_measure(both).parts <= REPLY_PARTS_MAX)
		turn_say(t, both);
}

static void
go_main(struct turn *t, struct sv head)
{
	arrive(t, tree_main(t->e->tree), head);
}

static void
go_back(struct turn *t)
{
	bool up = turn_kind(t) != NODE_MENU && t->s->menu != NODE_NONE;

	arrive(t, up ? t->s->menu : tree_main(t->e->tree), SV(""));
}

/* They want to talk to somebody: to be called, if that can be. */
static void
go_callback(struct turn *t)
{
	go(t, turn_has_calls(t) ? tree_callback(t->e->tree)->ask :
				  tree_counsellor(t->e->tree));
}

/* They said yes, and when: that is a consent, also for who wrote STOP before.
 */
static void
go_noted(struct turn *t, unsigned digit)
{
	if (!turn_has_calls(t)) {
		go_callback(t);
		return;
	}
	t->out->effects |= EFFECT_CALL;
	t->out->window = (enum menu_window)digit;
	t->s->stopped = 0;
	go(t, tree_callback(t->e->tree)->noted);
}

/* --- not understood, or not sure --- */

/* Ask which of their topics they mean; again, if that was not understood. */
static void
ask_choice(struct turn *t, bool again)
{
	struct renderer r = turn_renderer(t);

	turn_say(
	    t, render_choices(&r, again, t->s->choices, t->s->choice_count));
	t->out->outcome = OUTCOME_ASKED_BACK;
}

/* Offer the topics: those of danger first, those of health last, where the
 * preview of a locked phone does not reach. */
static void
offer(struct turn *t)
{
	const struct topics *topics = t->e->content.topics;
	const struct topic *topic;
	size_t i, n = 0;
	int rank;

	for (rank = 0; rank < 3; rank++)
		for (i = 0; i < t->m->choice_count; i++) {
			topic = topics_at(topics, t->m->choices[i]);
			if ((topic->urgent ? 0 : topic->health ? 2 : 1) == rank)
				t->s->choices[n++] = t->m->choices[i];
		}
	t->s->choice_count = (uint8_t)n;
	t->s->page = 0;
	ask_choice(t, false);
}

/* Show a menu to somebody who was not understood. */
static void
menu_again(struct turn *t, uint16_t menu)
{
	struct renderer r = turn_renderer(t);

	arrive(t, menu, SV(""));
	turn_say(t, render_menu_again(&r, turn_node(t)));
}

static void
not_understood(struct turn *t)
{
	bool first = t->s->node == NODE_NONE && t->s->choice_count == 0;

	t->out->outcome = OUTCOME_NO_MATCH;
	if (strcmp(t->m->how, "filler") == 0) { /* a greeting is no failure */
		go_main(t, SV(""));
		return;
	}
	if (turn_kind(t) == NODE_ASK_PLACE) {
		turn_say_text(t, "place.unknown");
		return;
	}
	if (first) /* who writes for the first time need not hear this */
		go_main(t, SV(""));
	else
		menu_again(t, tree_main(t->e->tree));
}

/* --- commands --- */

static void
set_lang(struct turn *t, enum lang lang)
{
	struct renderer r;

	t->s->lang = (uint8_t)lang;
	t->s->chosen = 1;
	if (lang == LANG_UZ_CYRL) /* asked for by its alphabet */
		t->s->latin = 0;
	r = turn_renderer(t);
	go_main(t, render_text(&r, "language.done"));
}

/* Uzbek has texts in both alphabets, English in one. */
static void
set_latin(struct turn *t, bool latin)
{
	enum lang lang = (enum lang)t->s->lang;
	struct renderer r;

	t->s->latin = latin;
	if (lang == LANG_UZ || lang == LANG_UZ_CYRL) {
		t->s->lang = latin ? LANG_UZ : LANG_UZ_CYRL;
		t->s->chosen = 1;
	}
	r = turn_renderer(t);
	go_main(t, render_text(&r, latin ? "latin.done" : "language.done"));
}

static void
forget(struct turn *t)
{
	turn_say_text(t, "forget.done");
	t->out->lang = (enum lang)t->s->lang;
	*t->s = menu_session_new();
	t->out->effects |= EFFECT_FORGET;
}

static void
stop(struct turn *t)
{
	t->s->stopped = 1;
	t->out->effects |= EFFECT_STOP;
	turn_say_text(t, "stop.done");
}

static void
set_plain(struct turn *t, bool plain)
{
	struct renderer r;

	t->s->plain = plain;
	r = turn_renderer(t);
	go_main(t, render_text(&r, plain ? "plain.done" : "discreet.done"));
}

/* What they see, in plain words, and only this once. */
static void
say_plain(struct turn *t)
{
	t->plain = true;
	if (t->s->choice_count > 0)
		ask_choice(t, false);
	else if (t->s->node == NODE_NONE)
		go_main(t, SV(""));
	else
		show(t, SV(""));
}

static void
start_again(struct turn *t)
{
	t->s->stopped = 0;
	go_main(t, SV(""));
}

/* Confirmed by what tells nobody anything. */
static void
decoy(struct turn *t)
{
	if (t->out->word.n > 0)
		t->out->effects |= EFFECT_DECOY;
	turn_say_text(t, t->out->word.n > 0 ? "forget.done" : "decoy.how");
}

static void
more(struct turn *t)
{
	if (t->s->choice_count > 0)
		ask_choice(t, false);
	else if (t->s->node == NODE_NONE)
		go_main(t, SV(""));
	else if (turn_kind(t) != NODE_DIRECTORY)
		show(t, SV(""));
	else if (t->s->page == 0)
		turn_say_text(t, "list.end");
	else
		turn_list(t, t->s->page);
}

static void
on_command(struct turn *t)
{
	switch (t->m->command) {
	case CMD_MENU:
	case CMD_HELP:
	case CMD_COUNT:
		go_main(t, SV(""));
		return;
	case CMD_BACK:
		go_back(t);
		return;
	case CMD_MORE:
		more(t);
		return;
	case CMD_LANGUAGE:
		if (t->m->wanted != LANG_NONE)
			set_lang(t, t->m->wanted);
		else
			go(t, tree_language(t->e->tree));
		return;
	case CMD_STOP:
		stop(t);
		return;
	case CMD_FORGET:
		forget(t);
		return;
	case CMD_COUNSELLOR:
		go(t, tree_counsellor(t->e->tree));
		return;
	case CMD_CALLBACK:
		go_callback(t);
		return;
	case CMD_EMERGENCY:
		go(t, tree_emergency(t->e->tree));
		return;
	case CMD_LATIN:
		set_latin(t, true);
		return;
	case CMD_CYRILLIC:
		set_latin(t, false);
		return;
	case CMD_START:
		start_again(t);
		return;
	case CMD_PLAIN:
		say_plain(t);
		return;
	case CMD_PLAIN_ALWAYS:
		set_plain(t, true);
		return;
	case CMD_DISCREET:
		set_plain(t, false);
		return;
	case CMD_OFFICES:
		go(t, tree_offices(t->e->tree));
		return;
	case CMD_DECOY:
		decoy(t);
		return;
	}
}

/* --- digits --- */

static bool
pick_item(struct turn *t, unsigned digit)
{
	const struct node *node =
	    t->s->node == NODE_NONE ?
		tree_at(t->e->tree, tree_main(t->e->tree)) :
		turn_node(t);
	size_t i;

	for (i = 0; i < node->item_count; i++)
		if (node->items[i].digit == digit) {
			if (t->s->menu == NODE_NONE)
				t->s->menu = tree_main(t->e->tree);
			if (node->items[i].go ==
			    tree_callback(t->e->tree)->noted)
				go_noted(t, digit);
			else
				go(t, node->items[i].go);
			return true;
		}
	return false;
}

static bool
pick_language(struct turn *t, unsigned digit)
{
	if (digit > LANG_COUNT || lang_digit(t->e, (enum lang)(digit - 1)) == 0)
		return false;
	set_lang(t, (enum lang)(digit - 1));
	return true;
}

static bool
pick_choice(struct turn *t, unsigned digit)
{
	if (digit > t->s->choice_count)
		return false;
	go(t, tree_of_topic(t->e->tree, t->s->choices[digit - 1]));
	return true;
}

/* digit: 1 to 8.  Returns false if it means nothing here. */
static bool
pick(struct turn *t, unsigned digit)
{
	if (t->s->choice_count > 0)
		return pick_choice(t, digit);
	switch (turn_kind(t)) {
	case NODE_MENU:
	case NODE_QUESTION:
		return pick_item(t, digit);
	case NODE_LANGUAGE:
		return pick_language(t, digit);
	case NODE_DIRECTORY:
		if (digit != DIGIT_COUNSELLOR)
			return false;
		if (t->s->node == tree_counsellor(t->e->tree))
			go_callback(t);
		else
			go(t, tree_counsellor(t->e->tree));
		return true;
	case NODE_ASK_PLACE:
	case NODE_ANSWER:
	case NODE_NOTICE:
		return false;
	}
	return false;
}

/* Say that this digit is none of the numbers, and show the numbers again. */
static void
wrong_digit(struct turn *t)
{
	enum node_kind kind = turn_kind(t);

	if (t->s->choice_count > 0)
		ask_choice(t, true);
	else if (kind == NODE_ASK_PLACE)
		turn_say_text(t, "place.unknown");
	else if (kind == NODE_LANGUAGE || kind == NODE_QUESTION)
		show(t, SV(""));
	else
		menu_again(t, t->s->menu == NODE_NONE ? tree_main(t->e->tree) :
							t->s->menu);
	t->out->outcome = OUTCOME_NO_MATCH;
}

static void
on_number(struct turn *t)
{
	unsigned digit = t->m->number;

	if (digit == MENU_DIGIT_BACK)
		go_back(t);
	else if (digit == MENU_DIGIT_EMERGENCY)
		go(t, tree_emergency(t->e->tree));
	else if (digit > 9 || !pick(t, digit))
		wrong_digit(t);
}

/* --- topics and places --- */

/* Only a place: it goes on with what they asked for, or we ask what. */
static void
on_place(struct turn *t)
{
	struct renderer r = turn_renderer(t);
	const struct node *node = turn_node(t);
	const struct place *place;

	if (t->s->choice_count > 0) {
		ask_choice(t, false);
		return;
	}
	if (node != NULL && node->kind == NODE_ASK_PLACE) {
		go(t, node->go);
		return;
	}
	if (node != NULL && node->kind == NODE_DIRECTORY) {
		go(t, t->s->node);
		return;
	}
	t->out->outcome = OUTCOME_ASKED_BACK;
	if (t->m->elsewhere) {
		go_main(t, SV(""));
		return;
	}
	place = places_at(t->e->content.places, t->s->place);
	go_main(t, render_filled(
		       &r, "topic.ask", "{place}", place->names[t->s->lang]));
}

static void
on_none(struct turn *t)
{
	if (t->m->choice_count > 0)
		offer(t);
	else if (t->m->urgent) /* no time for a menu */
		go(t, tree_emergency(t->e->tree));
	else
		not_understood(t);
}

/* The number of the topic offered to them that the text names, or 0. */
static unsigned
choice_digit(const struct turn *t, struct sv text)
{
	uint16_t node;
	unsigned i;

	for (i = 0; i < t->s->choice_count; i++) {
		node = tree_of_topic(t->e->tree, t->s->choices[i]);
		if (labels_is_node(t->e->labels, node, text))
			return i + 1;
	}
	return 0;
}

static unsigned
label_digit(struct turn *t, struct sv text)
{
	uint16_t main_menu = tree_main(t->e->tree);
	unsigned digit = 0;

	if (t->s->choice_count > 0)
		return choice_digit(t, text);
	if (turn_kind(t) == NODE_MENU || turn_kind(t) == NODE_QUESTION)
		digit = labels_digit(t->e->labels, t->s->node, text);
	if (digit > 0 || t->s->node == main_menu || t->m->kind != MATCH_NONE ||
	    t->m->choice_count > 0)
		return digit;
	digit = labels_digit(t->e->labels, main_menu, text);
	if (digit > 0)
		t->s->node = main_menu;
	return digit;
}

/*
 * A line of the menu they see, written out, is its digit, and so is a topic
 * offered to them; so is a line of the main menu where nothing else was
 * understood.
 */
static void
read_label(struct turn *t, struct sv text)
{
	unsigned digit;

	if (t->m->kind == MATCH_NUMBER)
		return;
	digit = label_digit(t, text);
	if (digit == 0)
		return;
	t->m->kind = MATCH_NUMBER;
	t->m->number = digit;
	t->m->how = "label";
}

static size_t
words_of(struct sv text)
{
	size_t i, words = 0;

	for (i = 0; i < text.n; i++)
		words += text.p[i] != ' ' && (i == 0 || text.p[i - 1] == ' ');
	return words;
}

/* How answers shall look is said alone: in a sentence these words are
 * about something else. */
static void
read_wish(struct turn *t, struct sv text)
{
	char buf[DECOY_WORD_MAX];
	struct match *m = t->m;
	struct sv word;
	size_t most;
	bool asked = decoy_word_asked(t->e->matcher, text, buf, &word);

	if (asked) {
		m->kind = MATCH_COMMAND;
		m->command = CMD_DECOY;
		t->out->word.n = word.n;
		t->out->word.p = arena_dup(t->arena, word.p, word.n);
	}
	explicit_bzero(buf, sizeof(buf));
	if (asked)
		return;
	most = strcmp(m->how, "phrase") == 0 ? WISH_WORDS : 1;
	if (m->kind != MATCH_COMMAND || m->command < CMD_PLAIN ||
	    words_of(text) <= most)
		return;
	m->kind = MATCH_NONE;
	m->how = "none";
}

/* What it is about is for nobody who does not say that it is them: a number
 * may be somebody else's by now. */
static void
say_about(struct turn *t)
{
	const struct menu_asked *asked = t->in->asked;
	struct renderer r = turn_renderer(t);
	struct sv text =
	    render_filled(&r, "callback.about", "{hours}", sv_of(asked->hours));

	t->out->effects |= EFFECT_STILL;
	turn_say(t, render_fill(&r, text, "{number}", sv_of(asked->number)));
}

/* True if the text answers what we asked, unasked. */
static bool
still_answered(struct turn *t)
{
	if (t->in->asked == NULL || t->m->kind != MATCH_NUMBER ||
	    strcmp(t->m->how, "label") == 0)
		return false;
	if (t->m->number == 1) {
		say_about(t);
		return true;
	}
	if (t->m->number != 2)
		return false;
	t->out->effects |= EFFECT_GONE;
	turn_say_text(t, "forget.done");
	return true;
}

static void
dispatch(struct turn *t)
{
	if (still_answered(t))
		return;
	switch (t->m->kind) {
	case MATCH_NONE:
		on_none(t);
		return;
	case MATCH_COMMAND:
		on_command(t);
		return;
	case MATCH_NUMBER:
		on_number(t);
		return;
	case MATCH_TOPIC:
		go(t, tree_of_topic(t->e->tree, t->m->topic));
		return;
	case MATCH_PLACE:
		on_place(t);
		return;
	}
}

/* The reply and the session after it, from what was understood. */
static void
answer(struct turn *t)
{
	struct menu_result *out = t->out;

	dispatch(t);
	if (out->lang == LANG_NONE)
		out->lang = (enum lang)out->next.lang;
	out->size = sms_measure(out->text);
	out->node = out->next.node;
	out->place = out->next.place;
	out->topic = TOPIC_NONE;
	if (turn_kind(t) == NODE_DIRECTORY)
		out->topic = turn_node(t)->topic;
}

/* The same, from one that was made before. */
static void
answer_again(struct turn *t)
{
	struct replies *replies = t->e->replies;
	struct reply_key key;

	if (replies == NULL || t->out->word.n > 0 ||
	    t->in->channel != CHANNEL_SMS ||
	    !replies_key(t->e, t->in, t->out, &key)) {
		answer(t);
	} else if (!replies_find(replies, &key, t->arena, t->out)) {
		answer(t);
		replies_keep(replies, &key, t->out);
	}
}

void
menu_step(const struct edition *e, const struct menu_session *session,
    const struct menu_input *input, struct arena *arena,
    struct menu_result *ret_result)
{
	struct menu_result *out = ret_result;
	struct turn t = { e, input, arena, &out->next, &out->match, out,
		false };
	struct sv text = input->text;

	*out = (struct menu_result){ .next = *session, .lang = LANG_NONE };
	turn_session_trim(e, &out->next);
	if (!utf8_is_valid(text))
		text = SV("");
	if (input->match != NULL)
		out->match = *input->match;
	else
		match_text(e->matcher, text, &out->match);
	if (input->asked != NULL && (enum lang)out->next.lang == LANG_NONE) {
		out->next.lang = (uint8_t)input->asked->lang;
		out->next.latin = input->asked->latin;
	}
	turn_lang_choose(&t, text);
	turn_place_keep(&t);
	read_wish(&t, text);
	read_label(&t, text);
	answer_again(&t);
}
