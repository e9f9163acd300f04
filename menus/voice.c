/* voice.c - one key press of a call: pure, no I/O, no clock. */
#include "menus/voice.h"

#include "menus/voice_say.h"

enum {
	TRIES_MAX = 3, /* wrong or silent: then another way is offered */
	TRIES_SMS = 4,
	ZEROS_FORGET = 3,
	KEY_NEXT = '1',
	KEY_ELSEWHERE = '2',
	KEY_SMS = VOICE_KEY_SMS,
	KEY_MESSAGE = '6',
	KEY_COUNSELLOR = '7',
	KEY_CALL = '8',
	KEY_MORE = '7', /* places */
	KEY_OTHER = '8',
};

struct voice_state
voice_state_new(void)
{
	return (struct voice_state){ .where = VOICE_LANGUAGES,
		.country = PLACE_NONE };
}

/* --- the menu --- */

/* The menu as it would answer a text that means this. */
static void
menu(struct voice *c, const struct match *m)
{
	struct menu_session session = *c->before;
	const struct menu_input in = {
		.match = m,
		.channel =
		    c->in->event == VOICE_MISSED ? CHANNEL_SMS : CHANNEL_VOICE,
		.country = c->in->country,
		.verified_days = c->in->verified_days,
		.now_ms = c->in->now_ms,
		.calls = voice_can_call(c),
	};

	session.choice_count = 0; /* topics that a text was unsure between */
	if (session.lang == LANG_NONE)
		session.lang =
		    (uint8_t)voice_lang_first(c->in->country, c->in->line);
	menu_step(c->e, &session, &in, c->arena, c->out);
	c->lang = c->out->lang;
}

static struct match
meaning(enum match_kind kind)
{
	return (struct match){ .kind = kind,
		.topic = TOPIC_NONE,
		.place = PLACE_NONE,
		.state = PLACE_NONE,
		.lang = LANG_NONE,
		.wanted = LANG_NONE,
		.how = "number" };
}

static void
command(struct voice *c, enum match_command command)
{
	struct match m = meaning(MATCH_COMMAND);

	m.command = command;
	menu(c, &m);
}

static void
number(struct voice *c, char key)
{
	struct match m = meaning(MATCH_NUMBER);

	m.number = (unsigned)(key - '0');
	menu(c, &m);
}

/* The menu does not move. */
static void
stay(struct voice *c, enum menu_outcome outcome)
{
	struct menu_result *out = c->out;

	*out = (struct menu_result){ .next = *c->before,
		.node = c->before->node,
		.topic = TOPIC_NONE,
		.place = c->before->place,
		.lang = (enum lang)c->before->lang,
		.outcome = outcome };
	if (out->lang >= LANG_COUNT)
		out->lang = voice_lang_first(c->in->country, c->in->line);
	if (out->node >= tree_count(c->e->tree))
		out->node = out->next.node = tree_main(c->e->tree);
	c->lang = out->lang;
}

/* --- where they come to --- */

static bool
anyone_will_do(const struct voice *c)
{
	const struct tree *tree = c->e->tree;
	uint16_t node = c->out->node;

	return voice_is_danger(c) || node == tree_counsellor(tree) ||
	       node == tree_callback(tree)->shared ||
	       node == tree_offices(tree);
}

static void
go_places(struct voice *c)
{
	c->v->placed = true;
	c->v->where = VOICE_PLACES;
	voice_offer_places(c);
	if (c->v->offer_count > 0)
		return;
	c->v->where = VOICE_COUNTRIES;
	voice_offer_countries(c);
}

/* True if they shall say first where they are: helpers differ by place. */
static bool
ask_place(struct voice *c)
{
	if (c->v->placed || anyone_will_do(c) || voice_town(c) != PLACE_NONE)
		return false;
	c->v->page = 0;
	c->v->country = voice_country(c);
	voice_offer_places(c);
	if (c->v->offer_count == 0)
		return false;
	c->v->placed = true;
	c->v->where = VOICE_PLACES;
	c->out->outcome = OUTCOME_ASKED_BACK;
	c->out->listing_count = 0; /* nobody is named yet */
	return true;
}

/* Put through to who is there; where nobody is, the other ways to be heard come
 * before the numbers. */
static void
come_to_talk(struct voice *c)
{
	const struct voice_input *in = c->in;
	bool there = (in->counsellors >> c->lang & 1) != 0;

	if (there && in->event != VOICE_BUSY) {
		voice_say(c, "voice.transfer");
		c->act = VOICE_TRANSFER;
		return;
	}
	if (in->event == VOICE_BUSY || in->message || voice_can_call(c))
		voice_say(c, "voice.transfer.busy");
	voice_say_instead(c);
}

/* The next ones of the same list. */
static bool
is_more(const struct voice *c)
{
	return c->out->match.kind == MATCH_COMMAND &&
	       c->out->match.command == CMD_MORE;
}

static void
come_to_list(struct voice *c)
{
	if (ask_place(c))
		return;
	c->v->where = VOICE_LISTING;
	c->v->danger = voice_is_danger(c);
	c->v->listing = c->out->listing_count > 0 ? c->out->listings[0] : NULL;
	if (is_more(c))
		return;
	if (voice_is_talk(c)) {
		come_to_talk(c);
	} else if (c->out->node == tree_callback(c->e->tree)->shared) {
		c->v->shared = true;
		voice_say(c, "voice.callback.shared");
	}
}

static void come(struct voice *c);

static void
place_chosen(struct voice *c, uint16_t place)
{
	struct match m = meaning(MATCH_PLACE);

	m.place = place;
	menu(c, &m);
	come(c);
}

/* Where are they?  All of a country whose places make no difference. */
static void
come_to_places(struct voice *c)
{
	struct menu_session *here;

	c->v->page = 0;
	c->v->country = voice_country(c);
	voice_offer_places(c);
	if (c->v->offer_count == 0 && c->v->country != PLACE_NONE) {
		here = ARENA_NEW(c->arena, struct menu_session);
		*here = c->out->next;
		c->before = here;
		place_chosen(c, c->v->country);
		return;
	}
	go_places(c);
	voice_say_here(c);
}

/* The menu has moved: say where it came to. */
static void
come(struct voice *c)
{
	c->v->tries = 0;
	switch (tree_at(c->e->tree, c->out->node)->kind) {
	case NODE_LANGUAGE:
		c->v->where = VOICE_LANGUAGES;
		break;
	case NODE_MENU:
	case NODE_QUESTION:
	case NODE_ANSWER:
	case NODE_NOTICE:
		c->v->where = VOICE_MENU;
		break;
	case NODE_ASK_PLACE:
		come_to_places(c);
		return;
	case NODE_DIRECTORY:
		come_to_list(c);
		break;
	}
	if (c->act == VOICE_ASK)
		voice_say_here(c);
}

static void
end(struct voice *c, const char *id)
{
	if (id != NULL)
		voice_say(c, id);
	voice_say(c, "voice.bye");
	c->act = VOICE_END;
}

/* --- wrong, or silent --- */

static void
fail(struct voice *c, bool wrong)
{
	stay(c, OUTCOME_NO_MATCH);
	c->v->tries++;
	if (c->v->tries == TRIES_MAX) {
		voice_say(c, "voice.help");
		voice_say_key(c, "voice.counsellor", KEY_COUNSELLOR);
		voice_say_instead(c);
	} else if (c->v->tries == TRIES_SMS && voice_can_sms(c)) {
		voice_say_key(c, "voice.sms", KEY_SMS);
	} else if (c->v->tries > TRIES_MAX) {
		end(c, NULL);
	} else {
		if (wrong)
			voice_say(c, "voice.wrong");
		voice_say_here(c);
	}
}

/* --- keys, by where they are --- */

static void
menu_key(struct voice *c, char key)
{
	number(c, key);
	if (c->out->outcome == OUTCOME_NO_MATCH)
		fail(c, true);
	else
		come(c);
}

static void
places_again(struct voice *c)
{
	stay(c, OUTCOME_ASKED_BACK);
	c->v->tries = 0;
	go_places(c);
	voice_say_here(c);
}

static void
places_key(struct voice *c, char key)
{
	struct voice_state *v = c->v;

	if (key >= '1' && key < '1' + v->offer_count) {
		place_chosen(c, v->offers[key - '1']);
	} else if (key == KEY_MORE && v->more) {
		v->page++;
		places_again(c);
	} else if (key == KEY_OTHER) {
		stay(c, OUTCOME_ASKED_BACK);
		v->tries = 0;
		v->where = VOICE_COUNTRIES;
		voice_offer_countries(c);
		voice_say_here(c);
	} else {
		fail(c, true);
	}
}

/* The country whose places they did not want: all of it. */
static void
countries_key(struct voice *c, char key)
{
	struct voice_state *v = c->v;
	uint16_t country;

	if (key < '1' || key >= '1' + v->offer_count) {
		fail(c, true);
		return;
	}
	country = v->offers[key - '1'];
	if (country == v->country) {
		place_chosen(c, country);
		return;
	}
	stay(c, OUTCOME_ASKED_BACK);
	v->page = 0;
	v->country = country;
	voice_offer_places(c);
	if (v->offer_count == 0)
		place_chosen(c, country);
	else
		places_again(c);
}

static void
next_key(struct voice *c)
{
	if (c->before->page > 0) {
		command(c, CMD_MORE);
		come(c);
		return;
	}
	stay(c, OUTCOME_ANSWERED);
	voice_say(c, "voice.end");
	voice_say_offers(c);
}

static void
sms_key(struct voice *c)
{
	if (c->v->shared) {
		fail(c, true);
		return;
	}
	stay(c, OUTCOME_ANSWERED);
	c->v->tries = 0;
	c->sms = c->in->sms && c->v->listing != NULL;
	voice_say(c, c->sms ? "voice.sms.done" : "voice.sms.cannot");
	voice_say_offers(c);
}

static void
message_key(struct voice *c)
{
	if (!c->in->message) {
		fail(c, true);
		return;
	}
	stay(c, OUTCOME_ANSWERED);
	c->v->tries = 0;
	voice_say(
	    c, c->in->withheld ? "voice.message.number" : "voice.message.how");
	c->act = VOICE_RECORD;
}

static void
elsewhere_key(struct voice *c)
{
	stay(c, OUTCOME_ASKED_BACK);
	c->v->page = 0;
	c->v->country = voice_country(c);
	places_again(c);
}

static void
counsellor_key(struct voice *c)
{
	command(c, CMD_COUNSELLOR);
	come(c);
}

static void
call_key(struct voice *c)
{
	if (!voice_can_call(c)) {
		fail(c, true);
		return;
	}
	command(c, CMD_CALLBACK);
	come(c);
}

static void
listing_key(struct voice *c, char key)
{
	switch (key) {
	case KEY_NEXT:
		next_key(c);
		return;
	case KEY_ELSEWHERE:
		elsewhere_key(c);
		return;
	case KEY_SMS:
		sms_key(c);
		return;
	case KEY_MESSAGE:
		message_key(c);
		return;
	case KEY_COUNSELLOR:
		counsellor_key(c);
		return;
	case KEY_CALL:
		call_key(c);
		return;
	default:
		fail(c, true);
		return;
	}
}

static void
digit_key(struct voice *c, char key)
{
	switch (c->v->where) {
	case VOICE_LANGUAGES:
	case VOICE_MENU:
		menu_key(c, key);
		return;
	case VOICE_PLACES:
		places_key(c, key);
		return;
	case VOICE_COUNTRIES:
		countries_key(c, key);
		return;
	case VOICE_LISTING:
		listing_key(c, key);
		return;
	}
}

static void
menu_by_sms(struct voice *c)
{
	command(c, CMD_MENU);
	/* since it was offered, the last one of today may have gone */
	c->sms = voice_can_sms(c);
	c->v->where = VOICE_MENU;
	end(c, c->sms ? "voice.sms.done" : "voice.sms.cannot");
}

/* A key that answers an offer made instead.  False if it does not. */
static bool
helped(struct voice *c, char key)
{
	if (c->v->tries < TRIES_MAX)
		return false;
	if (key == KEY_COUNSELLOR)
		counsellor_key(c);
	else if (key == KEY_MESSAGE && c->in->message)
		message_key(c);
	else if (key == KEY_CALL && voice_can_call(c))
		call_key(c);
	else if (key == KEY_SMS && c->v->tries == TRIES_SMS)
		menu_by_sms(c);
	else
		return false;
	return true;
}

static void
zero_key(struct voice *c)
{
	struct voice_state *v = c->v;
	int64_t since_ms = c->in->now_ms - v->zero_ms;

	v->zeros = (uint8_t)(since_ms >= 0 && since_ms <= VOICE_FORGET_MS ?
				 v->zeros + 1 :
				 1);
	v->zero_ms = c->in->now_ms;
	if (v->zeros >= ZEROS_FORGET) {
		command(c, CMD_FORGET);
		end(c, "voice.forgotten");
		return;
	}
	number(c, '0');
	come(c);
}

static void
key(struct voice *c, char pressed)
{
	if (pressed != '0')
		c->v->zeros = 0;
	if (pressed == '0') {
		zero_key(c);
	} else if (pressed == '*') {
		stay(c, OUTCOME_ANSWERED);
		c->v->tries = 0;
		voice_say_here(c);
	} else if (pressed == '#') {
		stay(c, OUTCOME_ANSWERED);
		end(c, NULL);
	} else if (pressed == '0' + MENU_DIGIT_EMERGENCY) {
		command(c, CMD_EMERGENCY);
		come(c);
	} else if (!helped(c, pressed)) {
		digit_key(c, pressed);
	}
}

/* --- other events --- */

static void
begin(struct voice *c)
{
	*c->v = voice_state_new();
	command(c, c->before->chosen ? CMD_MENU : CMD_LANGUAGE);
	come(c);
}

static void
recorded(struct voice *c, const char *id)
{
	stay(c, OUTCOME_ANSWERED);
	voice_say(c, id);
	if (c->v->where == VOICE_LISTING)
		voice_say_offers(c);
	else
		voice_say_here(c);
}

static void
missed(struct voice *c)
{
	command(c, CMD_MENU);
	c->sms = true;
	c->act = VOICE_END;
}

static void
event(struct voice *c)
{
	switch (c->in->event) {
	case VOICE_BEGIN:
		begin(c);
		return;
	case VOICE_SILENCE:
		fail(c, false);
		return;
	case VOICE_RECORDED:
		recorded(c, "voice.message.done");
		return;
	case VOICE_EMPTY:
		recorded(c, "voice.message.empty");
		return;
	case VOICE_BUSY:
		counsellor_key(c); /* the hotlines that anybody can call */
		return;
	case VOICE_TALKED:
		stay(c, OUTCOME_ANSWERED);
		end(c, NULL);
		return;
	case VOICE_MISSED:
		missed(c);
		return;
	default:
		key(c, c->in->event);
		return;
	}
}

static void
said_end(const struct voice *c, struct voice_said *ret_said)
{
	ret_said->act = c->act;
	ret_said->lang = c->lang;
	ret_said->sms = c->sms;
	ret_said->n = c->said.n;
}

void
voice_step(const struct edition *e, struct voice_state *state,
    const struct voice_input *input, struct arena *arena,
    struct menu_result *ret_result, struct voice_said *ret_said)
{
	struct voice c = { .e = e,
		.in = input,
		.before = input->session,
		.v = state,
		.out = ret_result,
		.arena = arena,
		.lang = (enum lang)input->session->lang };

	if (c.lang >= LANG_COUNT)
		c.lang = voice_lang_first(input->country, input->line);
	sb_wrap(&c.said, ret_said->lines, sizeof(ret_said->lines));
	event(&c);
	said_end(&c, ret_said);
}

void
voice_say_sorry(enum lang lang, struct voice_said *ret_said)
{
	struct voice c = { .act = VOICE_END, .lang = lang };

	sb_wrap(&c.said, ret_said->lines, sizeof(ret_said->lines));
	voice_say(&c, "voice.sorry");
	said_end(&c, ret_said);
}
