/* simulator.c - one turn of a phone that is not there. */
#include "daemon/web/simulator.h"

#include <stddef.h>
#include <stdlib.h>

#include "content/prompts.h"
#include "menus/render.h"
#include "menus/voice.h"

enum { LINES_MAX = 512, SAY_MAX = 1024 };

/* All that is known between two turns. */
struct known {
	struct menu_session session;
	struct voice_state voice;
	struct sv text; /* that key 5 sends by SMS */
	bool restarted;
};

/* --- the state, as JSON --- */

/* A whole number of a struct; a bool is one byte, 0 or 1. */
struct field {
	const char *name;
	size_t at, size;
	unsigned most;
};

#define FIELD(type, member, most_)                                             \
	{                                                                      \
#member, offsetof(struct type, member),                        \
		    sizeof(((struct type *)NULL)->member), most_               \
	}

static const struct field session_fields[] = {
	FIELD(menu_session, node, UINT16_MAX),
	FIELD(menu_session, menu, UINT16_MAX),
	FIELD(menu_session, topic, UINT16_MAX),
	FIELD(menu_session, place, UINT16_MAX),
	FIELD(menu_session, citizen, UINT16_MAX),
	FIELD(menu_session, lang, LANG_NONE),
	FIELD(menu_session, chosen, 1),
	FIELD(menu_session, stopped, 1),
	FIELD(menu_session, latin, 1),
	FIELD(menu_session, plain, 1),
	FIELD(menu_session, page, UINT16_MAX),
};

static const struct field voice_fields[] = {
	FIELD(voice_state, more, 1),
	FIELD(voice_state, page, UINT8_MAX),
	FIELD(voice_state, country, UINT16_MAX),
	FIELD(voice_state, placed, 1),
	FIELD(voice_state, danger, 1),
	FIELD(voice_state, shared, 1),
	FIELD(voice_state, tries, 8),
	FIELD(voice_state, zeros, 8),
};

static void
fields_put(json_t *to, const struct field *f, size_t count, const void *from)
{
	const char *p = from;
	uint16_t wide;
	uint8_t byte;
	size_t i;

	for (i = 0; i < count; i++) {
		memcpy(&wide, p + f[i].at, sizeof(wide));
		memcpy(&byte, p + f[i].at, sizeof(byte));
		(void)json_object_set_new(to, f[i].name,
		    json_integer(f[i].size == sizeof(wide) ? wide : byte));
	}
}

static bool
fields_get(const json_t *from, const struct field *f, size_t count, void *to)
{
	char *p = to;
	size_t i;

	for (i = 0; i < count; i++) {
		const json_t *one = json_object_get(from, f[i].name);
		json_int_t n = json_integer_value(one);
		uint16_t wide = (uint16_t)n;
		uint8_t byte = (uint8_t)n;

		if (!json_is_integer(one) || n < 0 || n > f[i].most)
			return false;
		if (f[i].size == sizeof(wide))
			memcpy(p + f[i].at, &wide, sizeof(wide));
		else
			memcpy(p + f[i].at, &byte, sizeof(byte));
	}
	return true;
}

static json_t *
list_put(const uint16_t *from, size_t count)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		(void)json_array_append_new(list, json_integer(from[i]));
	return list;
}

/* Below below, each; at most max. */
static bool
list_get(const json_t *list, size_t below, uint16_t *to, size_t max,
    uint8_t *ret_count)
{
	size_t i, n = json_array_size(list);

	if (!json_is_array(list) || n > max)
		return false;
	for (i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);

		if (!json_is_integer(one) || json_integer_value(one) < 0 ||
		    json_integer_value(one) >= (json_int_t)below)
			return false;
		to[i] = (uint16_t)json_integer_value(one);
	}
	*ret_count = (uint8_t)n;
	return true;
}

static json_t *
known_put(const struct known *k, int64_t edition)
{
	const struct menu_session *s = &k->session;
	const struct voice_state *v = &k->voice;
	json_t *session = json_object(), *voice = json_object();

	fields_put(session, session_fields, ARRAY_LEN(session_fields), s);
	(void)json_object_set_new(
	    session, "choices", list_put(s->choices, s->choice_count));
	fields_put(voice, voice_fields, ARRAY_LEN(voice_fields), v);
	(void)json_object_set_new(
	    voice, "where", json_integer((json_int_t)v->where));
	(void)json_object_set_new(
	    voice, "offers", list_put(v->offers, v->offer_count));
	(void)json_object_set_new(voice, "zero_ms", json_integer(v->zero_ms));
	(void)json_object_set_new(voice, "listing",
	    v->listing != NULL ? json_string(v->listing->id) : json_null());
	return json_pack("{s:I, s:o, s:o, s:s%}", "edition",
	    (json_int_t)edition, "session", session, "voice", voice, "text",
	    k->text.n > 0 ? k->text.p : "", k->text.n);
}

static bool
session_get(const struct edition *e, const json_t *from, struct menu_session *s)
{
	if (!fields_get(from, session_fields, ARRAY_LEN(session_fields), s) ||
	    !list_get(json_object_get(from, "choices"), TOPIC_MAX, s->choices,
		MATCH_CHOICES_MAX, &s->choice_count))
		return false;
	menu_session_move(e, e, s); /* nothing the edition does not have */
	return true;
}

static bool
voice_get(const struct edition *e, const json_t *from, struct voice_state *v)
{
	const json_t *where = json_object_get(from, "where");
	const json_t *listing = json_object_get(from, "listing");
	size_t places = places_count(e->content.places);

	if (!fields_get(from, voice_fields, ARRAY_LEN(voice_fields), v) ||
	    !list_get(json_object_get(from, "offers"), places, v->offers,
		VOICE_OFFERS_MAX, &v->offer_count) ||
	    (v->country >= places && v->country != PLACE_NONE) ||
	    !json_is_integer(where) || json_integer_value(where) < 0 ||
	    json_integer_value(where) > VOICE_LISTING)
		return false;
	v->where = (enum voice_where)json_integer_value(where);
	v->zero_ms = json_integer_value(json_object_get(from, "zero_ms"));
	if (v->zero_ms < 0)
		return false;
	if (json_is_string(listing))
		v->listing = listings_find(
		    e->content.listings, sv_of(json_string_value(listing)));
	return true;
}

/* False if it is not what known_put() made. */
static bool
known_get(const struct edition *e, const json_t *state, struct known *k)
{
	const json_t *session = json_object_get(state, "session");
	const json_t *text = json_object_get(state, "text");
	const json_t *edition = json_object_get(state, "edition");
	struct menu_session s = menu_session_new();

	*k = (struct known){ .session = s, .voice = voice_state_new() };
	if (state == NULL || json_is_null(state))
		return true;
	if (!json_is_integer(edition) || !json_is_string(text) ||
	    json_string_length(text) > REPLY_BYTES_MAX ||
	    !session_get(e, session, &s))
		return false;
	k->text =
	    (struct sv){ json_string_value(text), json_string_length(text) };
	if (json_integer_value(edition) == e->number) {
		k->session = s;
		return voice_get(e, json_object_get(state, "voice"), &k->voice);
	}
	k->restarted = true;
	k->session.lang = s.lang;
	k->session.chosen = s.chosen;
	k->session.latin = s.latin;
	k->session.plain = s.plain;
	return true;
}

/* --- what is heard --- */

struct line {
	struct sv lang, id; /* lang "-": a pause of id ms */
	json_t *prompt;	    /* in the reply */
};

struct heard {
	struct line all[LINES_MAX];
	struct line *prompts[LINES_MAX]; /* by language and id */
	size_t count, prompt_count;
};

static int
sv_compare(struct sv a, struct sv b)
{
	int by = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return by != 0 ? by : (a.n > b.n) - (a.n < b.n);
}

static int
line_compare(const void *a, const void *b)
{
	const struct line *x = *(const struct line *const *)a;
	const struct line *y = *(const struct line *const *)b;
	int by = sv_compare(x->lang, y->lang);

	return by != 0 ? by : sv_compare(x->id, y->id);
}

/* Every line of the same prompt gets its text. */
static void
on_prompt(void *arg, const struct prompt *prompt)
{
	const struct heard *h = arg;
	struct line key = { sv_of(lang_code(prompt->lang)), sv_of(prompt->id),
		NULL };
	const struct line *wanted = &key;
	struct line *const *at = bsearch(&wanted, h->prompts, h->prompt_count,
	    sizeof(struct line *), line_compare);

	if (at == NULL)
		return;
	while (at > h->prompts && line_compare(&wanted, at - 1) == 0)
		at--;
	for (; at < h->prompts + h->prompt_count &&
	       line_compare(&wanted, at) == 0;
	     at++)
		(void)json_object_set_new((*at)->prompt, "text",
		    json_stringn(prompt->text.p, prompt->text.n));
}

static json_t *
pause_json(struct sv ms)
{
	json_int_t n = 0;
	size_t i;

	for (i = 0; i < ms.n && ms.p[i] >= '0' && ms.p[i] <= '9' && i < 6; i++)
		n = n * 10 + (ms.p[i] - '0');
	return json_pack("{s:I}", "pause_ms", n);
}

static json_t *
heard_json(const struct content *c, struct arena *arena, struct sv said)
{
	struct heard *h = ARENA_NEW(arena, struct heard);
	json_t *list = json_array();

	while (said.n > 0 && h->count < LINES_MAX) {
		struct line *l = &h->all[h->count++];

		l->id = sv_cut(&said, '\n');
		l->lang = sv_cut(&l->id, ' ');
		if (sv_eq(l->lang, SV("-"))) {
			l->prompt = pause_json(l->id);
		} else {
			l->prompt = json_pack("{s:o, s:s}", "id",
			    json_sprintf(SV_FMT "." SV_FMT, SV_ARG(l->lang),
				SV_ARG(l->id)),
			    "text", "");
			h->prompts[h->prompt_count++] = l;
		}
		(void)json_array_append_new(list, l->prompt);
	}
	qsort(h->prompts, h->prompt_count, sizeof(struct line *), line_compare);
	if (h->prompt_count > 0)
		prompts_each(c, on_prompt, h);
	return list;
}

/* --- a turn --- */

struct turned {
	struct menu_result result;
	struct voice_said said;
	struct sv sms; /* that is sent */
};

static void
text_turn(const struct simulator *s, const char *country, const json_t *say,
    struct arena *arena, struct known *k, struct turned *t)
{
	const struct menu_input in = {
		.text = { json_string_value(say), json_string_length(say) },
		.channel = CHANNEL_SMS,
		.country = country,
		.verified_days = s->verified_days,
		.calls = s->calls,
		.now_ms = s->now_ms,
	};

	menu_step(s->edition, &k->session, &in, arena, &t->result);
	t->sms = t->result.text;
}

static void
voice_turn(const struct simulator *s, const char *country, char event,
    struct arena *arena, struct known *k, struct turned *t)
{
	const struct voice_input in = {
		.event = event,
		.session = &k->session,
		.country = country[0] != '\0' ? country : s->line,
		.line = s->line,
		.withheld = country[0] == '\0',
		.sms = country[0] != '\0',
		.message = s->messages,
		.calls = s->calls && country[0] != '\0',
		.counsellors = s->counsellors ? ~0U : 0,
		.verified_days = s->verified_days,
		.now_ms = s->now_ms,
	};

	voice_step(s->edition, &k->voice, &in, arena, &t->result, &t->said);
	if (t->result.text.n > 0)
		k->text = t->result.text;
	if (t->said.sms)
		t->sms = k->text;
}

/* '\0' if it is none. */
static char
event_of(const char *say)
{
	static const struct {
		const char *name;
		char event;
	} events[] = { { "begin", VOICE_BEGIN }, { "silence", VOICE_SILENCE },
		{ "recorded", VOICE_RECORDED }, { "empty", VOICE_EMPTY },
		{ "busy", VOICE_BUSY }, { "talked", VOICE_TALKED } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(events); i++)
		if (strcmp(say, events[i].name) == 0)
			return events[i].event;
	if (say[0] == '\0' || say[1] != '\0' ||
	    strchr("0123456789*#", say[0]) == NULL)
		return '\0';
	return say[0];
}

static json_t *
effects_json(unsigned effects)
{
	static const char *const names[] = { "forget", "stop", "decoy", "call",
		"still", "gone" };
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if ((effects >> i & 1) != 0)
			(void)json_array_append_new(
			    list, json_string(names[i]));
	return list;
}

static json_t *
replies_json(struct sv text)
{
	json_t *list = json_array();
	struct sms_size size;

	if (text.n == 0)
		return list;
	size = sms_measure(text);
	(void)json_array_append_new(
	    list, json_pack("{s:s%, s:s, s:I, s:I}", "text", text.p, text.n,
		      "encoding", sms_encoding_name(size.encoding), "units",
		      (json_int_t)size.units, "parts", (json_int_t)size.parts));
	return list;
}

static json_t *
turned_json(const struct simulator *s, const struct known *k,
    const struct turned *t, bool voice, struct arena *arena)
{
	static const char *const acts[] = { [VOICE_ASK] = "ask",
		[VOICE_RECORD] = "record",
		[VOICE_TRANSFER] = "transfer",
		[VOICE_END] = "end" };
	const struct menu_result *r = &t->result;
	struct sv said = { t->said.lines, t->said.n };

	return json_pack("{s:o, s:b, s:I, s:s, s:s, s:o, s:o, s:o, s:s, s:b}",
	    "state", known_put(k, s->edition->number), "restarted",
	    (int)k->restarted, "edition", (json_int_t)s->edition->number,
	    "lang", lang_code(voice ? t->said.lang : r->lang), "outcome",
	    menu_outcome_name(r->outcome), "effects", effects_json(r->effects),
	    "replies", replies_json(t->sms), "prompts",
	    heard_json(&s->edition->content, arena, said), "act",
	    acts[t->said.act], "end", (int)(t->said.act == VOICE_END));
}

static bool
is_country(const char *code)
{
	return strlen(code) == 2 && code[0] >= 'a' && code[0] <= 'z' &&
	       code[1] >= 'a' && code[1] <= 'z';
}

/* The first field that cannot be taken, or NULL. */
static const char *
ask_wrong(
    const struct simulator *s, const json_t *ask, bool voice, struct known *k)
{
	const char *country =
	    json_string_value(json_object_get(ask, "number_country"));
	const json_t *say = json_object_get(ask, "say");
	const json_t *lang = json_object_get(ask, "lang");
	enum lang wanted = lang_of(sv_of(json_string_value(lang)));

	if (country == NULL || (country[0] != '\0' && !is_country(country)))
		return "number_country";
	if (!json_is_string(say) || json_string_length(say) > SAY_MAX ||
	    (voice && event_of(json_string_value(say)) == '\0'))
		return "say";
	if (lang != NULL && !json_is_null(lang) && wanted == LANG_NONE)
		return "lang";
	if (!known_get(s->edition, json_object_get(ask, "state"), k))
		return "state";
	if (wanted != LANG_NONE) {
		k->session.lang = (uint8_t)wanted;
		k->session.chosen = 1;
	}
	return NULL;
}

json_t *
simulator_turn(const struct simulator *s, const json_t *ask,
    struct arena *arena, const char **reterr_field)
{
	const char *channel =
	    json_string_value(json_object_get(ask, "channel"));
	bool voice = channel != NULL && strcmp(channel, "voice") == 0;
	struct turned *t = ARENA_NEW(arena, struct turned);
	const char *wrong, *country;
	const json_t *say;
	struct known k;

	if (channel == NULL || (!voice && strcmp(channel, "sms") != 0)) {
		*reterr_field = "channel";
		return NULL;
	}
	wrong = ask_wrong(s, ask, voice, &k);
	if (wrong != NULL) {
		*reterr_field = wrong;
		return NULL;
	}
	country = json_string_value(json_object_get(ask, "number_country"));
	say = json_object_get(ask, "say");
	if (voice)
		voice_turn(s, country,
		    event_of(k.restarted ? "begin" : json_string_value(say)),
		    arena, &k, t);
	else
		text_turn(s, country, say, arena, &k, t);
	k.session = t->result.next;
	return turned_json(s, &k, t, voice, arena);
}
