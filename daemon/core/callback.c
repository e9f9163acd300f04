/* callback.c - requests to be called: kept, sealed, asked about, ended. */
#include "daemon/core/callback.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/core.h"
#include "daemon/core/erase.h"
#include "menus/render.h"

enum {
	FIELDS_BYTES = DB_CALLBACK_SEALED - VAULT_SEAL_BYTES,
	ARENA_FIRST = 4096,
	ARENA_MOST = 1 << 20,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	DAY_MIN = 24 * 60,
	DONE_KEEP_MS = 24 * HOUR_MS,
};

static const int64_t keep_ms = INT64_C(24) * DB_CALLBACK_DAYS * HOUR_MS;

/* What somebody is called whose text may be on its way: it lives for less than
 * a day, so by the name of now or of the epoch before. */
struct names_of {
	uint8_t names[2][VAULT_TAG_LEN];
	size_t n;
};

struct callbacks {
	struct hotline *h;
	struct names_of cancel; /* whose text ends if the turn stands */
	struct keymap *map;
	struct arena *arena; /* numbers; reset behind each use */
	bool told;	     /* the open round has a change */
};

/* When, by the digit they chose; what is said of it. */
static const struct {
	int64_t from_h, to_h;
	const char *text;
} windows[] = {
	[0] = { 0, 0, "" },
	[WINDOW_MORNING] = { 9, 12, "9-12" },
	[WINDOW_DAY] = { 12, 17, "12-17" },
	[WINDOW_EVENING] = { 17, 21, "17-21" },
	[WINDOW_ANY] = { 0, 24, "9-21" },
};

static const char *const state_names[CALLBACK_STATES] = {
	[CALLBACK_WAITING] = "waiting",
	[CALLBACK_TO_ASK] = "to-ask",
	[CALLBACK_ASKED] = "asked",
	[CALLBACK_CONFIRMED] = "confirmed",
	[CALLBACK_DONE] = "done",
};

const char *
callback_state_name(enum callback_state state)
{
	return state_names[state];
}

const char *
callback_hours(enum menu_window window)
{
	return windows[window].text;
}

int
callback_utc(
    const struct edition *e, uint16_t place, const char *country, int64_t at_ms)
{
	const struct places *places = e->content.places;

	if (place == PLACE_NONE)
		place = places_find(places, sv_of(country));
	return place == PLACE_NONE ? PLACE_UTC_MIN :
				     place_utc(places_at(places, place), at_ms);
}

/* Minutes since their midnight. */
static int64_t
minute_of(const struct callback *b, int64_t now_ms)
{
	return (now_ms / MINUTE_MS + b->utc_min) % DAY_MIN;
}

bool
callback_is_time(const struct callback *b, int64_t now_ms)
{
	int64_t minute = minute_of(b, now_ms);

	return minute >= windows[b->window].from_h * INT64_C(60) &&
	       minute < windows[b->window].to_h * INT64_C(60);
}

/* When these hours of theirs are over. */
static int64_t
hours_end_ms(const struct callback *b, int64_t now_ms)
{
	int64_t left =
	    b->window == WINDOW_ANY ?
		DAY_MIN :
		windows[b->window].to_h * INT64_C(60) - minute_of(b, now_ms);
	int64_t end_ms = (now_ms / MINUTE_MS + left) * MINUTE_MS;

	return end_ms < b->head.at_ms ? end_ms : b->head.at_ms;
}

static void
name_of(
    const struct callbacks *c, struct sv e164, uint8_t ret_name[VAULT_TAG_LEN])
{
	vault_ref(c->h->vault, SV(ERASE_CALLBACK), e164, ret_name);
}

/* --- the seal --- */

static void
id_copy(char to[CALLBACK_ID_BYTES + 1], struct sv from)
{
	if (from.n > CALLBACK_ID_BYTES)
		from.n = 0;
	(void)snprintf(to, CALLBACK_ID_BYTES + 1, SV_FMT, SV_ARG(from));
}

/* All but the number, filled up with spaces. */
static struct sv
fields_write(const struct callback *b, size_t size, char buf[FIELDS_BYTES])
{
	struct sb f;

	sb_wrap(&f, buf, size);
	sb_printf(&f, "%s %s %s %s %d %d %d %d %u %" PRId64 " %" PRId64 " ",
	    b->gateway, b->topic, b->place, lang_code(b->lang), b->latin,
	    (int)b->window, (int)b->state, b->utc_min, b->texts, b->since_ms,
	    b->asked_ms);
	ASSERT(!f.full);
	memset(buf + f.n, ' ', size - f.n);
	return (struct sv){ buf, size };
}

static int64_t
cut_int(struct sv *fields)
{
	struct sv field = sv_cut(fields, ' ');
	char buf[24];

	(void)snprintf(buf, sizeof(buf), SV_FMT, SV_ARG(field));
	return strtoll(buf, NULL, 10);
}

/* What fields_write() made. */
static void
fields_read(struct callback *b, struct sv fields)
{
	struct sv gateway = sv_cut(&fields, ' ');

	(void)snprintf(b->gateway, sizeof(b->gateway), SV_FMT, SV_ARG(gateway));
	id_copy(b->topic, sv_cut(&fields, ' '));
	id_copy(b->place, sv_cut(&fields, ' '));
	b->lang = lang_of(sv_cut(&fields, ' '));
	if (b->lang >= LANG_COUNT)
		b->lang = LANG_EN;
	b->latin = cut_int(&fields) != 0;
	b->window = (enum menu_window)cut_int(&fields);
	if (b->window < WINDOW_MORNING || b->window > WINDOW_ANY)
		b->window = WINDOW_DAY;
	b->state = (enum callback_state)cut_int(&fields);
	if (b->state >= CALLBACK_STATES)
		b->state = CALLBACK_WAITING;
	b->utc_min = (int)cut_int(&fields);
	b->texts = (unsigned)cut_int(&fields);
	b->since_ms = cut_int(&fields);
	b->asked_ms = cut_int(&fields);
}

static void
seal(struct callbacks *c, struct callback *b, struct sv e164, struct sv line)
{
	char buf[FIELDS_BYTES];
	struct sv text =
	    fields_write(b, (size_t)FIELDS_BYTES - e164.n - line.n, buf);
	struct sv sealed = vault_seal(c->h->vault, e164, line, text, c->arena);

	ASSERT(sealed.n == sizeof(b->sealed));
	memcpy(b->sealed, sealed.p, sealed.n);
}

static int
unseal(struct callbacks *c, const struct callback *b, struct sv *ret_e164,
    struct sv *ret_line)
{
	struct sv text, sealed = { (const char *)b->sealed, sizeof(b->sealed) };

	return vault_unseal(
	    c->h->vault, sealed, c->arena, ret_e164, ret_line, &text);
}

/* --- rows --- */

static int
row_put(struct callbacks *c, const struct callback *b)
{
	struct db_callback row = { .id = b->id,
		.until_ms = b->head.at_ms,
		.sealed = { (const char *)b->sealed, sizeof(b->sealed) } };

	memcpy(row.name, b->head.key, sizeof(row.name));
	c->told = true;
	return db_callback_put(c->h->db, &row);
}

/* Seal what has changed, and write it; memory follows. */
static int
change(struct callbacks *c, struct callback *b, const struct callback *to)
{
	struct callback next = *to;
	struct sv e164, line;
	int rc = unseal(c, b, &e164, &line);

	if (rc == 0) {
		seal(c, &next, e164, line);
		rc = row_put(c, &next);
	}
	if (rc == 0)
		*b = next;
	arena_reset(c->arena);
	return rc;
}

static void
on_row(void *arg, const struct db_callback *row)
{
	struct callbacks *c = arg;
	struct sv e164, line, text;
	struct callback *b;
	bool is_new;

	if (row->sealed.n != DB_CALLBACK_SEALED ||
	    vault_unseal(
		c->h->vault, row->sealed, c->arena, &e164, &line, &text) < 0)
		return; /* another vault key: nobody can read it any more */
	b = keymap_put(c->map, row->name, row->until_ms, &is_new);
	b->head.at_ms = row->until_ms;
	b->id = row->id;
	fields_read(b, text);
	memcpy(b->sealed, row->sealed.p, sizeof(b->sealed));
	arena_reset(c->arena);
}

struct callbacks *
callbacks_new(struct hotline *h)
{
	struct callbacks *c = calloc(1, sizeof(*c));

	ASSERT(c != NULL);
	c->h = h;
	c->map = keymap_new(sizeof(struct callback));
	c->arena = arena_new(ARENA_FIRST, ARENA_MOST);
	return c;
}

void
callbacks_free(struct callbacks **cp)
{
	if (*cp == NULL)
		return;
	keymap_free(&(*cp)->map);
	arena_free(&(*cp)->arena);
	free(*cp);
	*cp = NULL;
}

int
callbacks_load(struct callbacks *c)
{
	return db_callbacks_each(c->h->db, on_row, c);
}

/* --- what people do --- */

bool
callbacks_offered(const struct callbacks *c)
{
	return c->h->conf.callback.number[0] != '\0' &&
	       (int64_t)keymap_count(c->map) < c->h->conf.callback.most;
}

static struct callback *
find(struct callbacks *c, struct sv e164)
{
	uint8_t name[VAULT_TAG_LEN];

	if (keymap_count(c->map) == 0)
		return NULL;
	name_of(c, e164, name);
	return keymap_find(c->map, name);
}

/* The same, if it is open. */
static struct callback *
find_open(struct callbacks *c, struct sv e164)
{
	struct callback *b = find(c, e164);

	return b != NULL && b->state != CALLBACK_DONE &&
		       b->head.at_ms > clock_ms() ?
		   b :
		   NULL;
}

const struct callback *
callbacks_of(struct callbacks *c, struct sv e164)
{
	return find_open(c, e164);
}

struct id_search {
	int64_t id;
	struct callback *found;
};

static void
on_id(void *arg, void *entry)
{
	struct id_search *s = arg;
	struct callback *b = entry;

	if (b->id == s->id)
		s->found = b;
}

struct callback *
callbacks_find(struct callbacks *c, int64_t id)
{
	struct id_search s = { .id = id };

	keymap_each(c->map, on_id, &s);
	return s.found;
}

/* The text that asks them may be on its way. */
static void
cancel_note(struct callbacks *c, const struct callback *b, struct sv e164)
{
	int64_t now = vault_epoch(clock_ms()), epoch;

	c->cancel.n = 0;
	if (b == NULL || b->state != CALLBACK_ASKED)
		return;
	for (epoch = now; epoch >= 0 && epoch >= now - 1; epoch--)
		if (vault_person_of(c->h->vault, epoch, e164,
			c->cancel.names[c->cancel.n]) == 0)
			c->cancel.n++;
}

/* One that nobody has, and that tells no order. */
static int64_t
id_new(struct callbacks *c)
{
	uint64_t span = DB_CALLBACK_ID_MAX - DB_CALLBACK_ID_MIN + 1;
	int64_t id;

	do
		id = DB_CALLBACK_ID_MIN + (int64_t)(vault_chance() % span);
	while (callbacks_find(c, id) != NULL);
	return id;
}

int
callbacks_put(
    struct callbacks *c, const struct callback_ask *ask, int64_t now_ms)
{
	struct callback next = { .id = id_new(c),
		.since_ms = now_ms,
		.lang = ask->lang,
		.latin = ask->latin,
		.window = ask->window,
		.utc_min = ask->utc_min };
	struct callback *b = find(c, ask->e164);
	bool is_new;
	int rc;

	ASSERT(ask->e164.n <= PHONE_E164_MAX && ask->line.n <= GW_LINE_MAX);
	if (b == NULL && !callbacks_offered(c))
		return -ENOSPC;
	next.head.at_ms = now_ms + keep_ms;
	name_of(c, ask->e164, next.head.key);
	(void)snprintf(
	    next.gateway, sizeof(next.gateway), SV_FMT, SV_ARG(ask->gateway));
	id_copy(next.topic, ask->topic);
	id_copy(next.place, ask->place);
	seal(c, &next, ask->e164, ask->line);
	arena_reset(c->arena);
	rc = row_put(c, &next);
	if (rc < 0)
		return rc;
	cancel_note(c, b, ask->e164);
	b = keymap_put(c->map, next.head.key, next.head.at_ms, &is_new);
	*b = next;
	return 0;
}

int
callbacks_end(struct callbacks *c, struct sv e164)
{
	struct callback *b = find(c, e164);
	uint8_t name[VAULT_TAG_LEN];

	cancel_note(c, b, e164);
	name_of(c, e164, name);
	keymap_remove(c->map, name);
	c->told = true;
	return db_callback_forget(c->h->db, name);
}

int
callbacks_said(struct callbacks *c, struct sv e164, bool still)
{
	struct callback *b = find_open(c, e164), next;

	if (b == NULL || b->state != CALLBACK_ASKED)
		return 0;
	next = *b;
	next.state = still ? CALLBACK_CONFIRMED : CALLBACK_WAITING;
	return change(c, b, &next);
}

void
callbacks_stand(struct callbacks *c)
{
	size_t i;

	for (i = 0; i < c->cancel.n; i++)
		outbox_cancel(c->h->outbox, c->cancel.names[i]);
	c->cancel.n = 0;
}

/* What the store says now, the open round included.  A store that cannot be
 * read changes nothing. */
void
callbacks_undo(struct callbacks *c)
{
	struct keymap *before = c->map;
	int rc;

	c->cancel.n = 0;
	if (!c->told)
		return;
	c->map = keymap_new(sizeof(struct callback));
	rc = callbacks_load(c);
	if (rc == 0) {
		keymap_free(&before);
		return;
	}
	keymap_free(&c->map);
	c->map = before;
	hotline_store_said(c->h, rc);
}

void
callbacks_settle(struct callbacks *c, int rc)
{
	if (rc < 0)
		callbacks_undo(c);
	c->told = false;
}

/* --- the text that is sent unasked --- */

static bool
is_in(const struct gw *gw, const char *country)
{
	return strcmp(gw->conf.country, country) == 0;
}

/* What it goes by: the gateway they wrote to, else one of their country, else
 * any; NULL if that one is down. */
static struct gw *
gateway_of(const struct hotline *h, const struct callback *b, struct sv e164)
{
	struct gw *gw, *any = NULL, *near = NULL;
	struct phone phone = { .country = "" };
	size_t i;

	(void)!phone_parse(h->phones, e164, "", &phone);
	for (i = 0; i < h->gateway_count; i++) {
		gw = h->gateways[i];
		if (strcmp(gw->conf.name, b->gateway) == 0)
			return gw->up ? gw : NULL;
		if (gw->up && any == NULL)
			any = gw;
		if (gw->up && near == NULL && is_in(gw, phone.country))
			near = gw;
	}
	explicit_bzero(&phone, sizeof(phone));
	return near != NULL ? near : any;
}

static int
push(struct callbacks *c, struct callback *b, const struct gw_out *out,
    struct gw *gw, int64_t now_ms)
{
	struct hotline *h = c->h;
	struct callback next = *b;
	uint8_t person[VAULT_TAG_LEN];
	int rc = vault_person(h->vault, vault_epoch(now_ms), out->to, person);

	if (rc == 0)
		rc = outbox_push(
		    h->outbox, gw, out, person, hours_end_ms(b, now_ms));
	if (rc < 0)
		return rc;
	next.state = CALLBACK_ASKED;
	next.texts++;
	next.asked_ms = now_ms;
	rc = change(c, b, &next);
	if (rc < 0) /* never the text without its mark */
		db_round_lose(h->db, rc);
	return rc;
}

/* Ask whether it is still them, in the open round. */
static int
ask_still(struct callbacks *c, struct callback *b, int64_t now_ms)
{
	struct renderer r = { .e = c->h->edition,
		.lang = b->lang,
		.arena = c->arena,
		.latin = b->latin };
	struct sms_size size;
	struct gw_out out = { 0 };
	struct gw *gw;
	int rc = unseal(c, b, &out.to, &out.from);

	if (rc < 0)
		return rc;
	gw = gateway_of(c->h, b, out.to);
	if (gw == NULL)
		return 0; /* it waits for the gateway, too */
	if (strcmp(gw->conf.name, b->gateway) != 0)
		out.from = sv_of(gw->conf.line);
	out.text = render_text(&r, "callback.still");
	size = sms_measure(out.text);
	out.parts = size.parts;
	out.gsm7 = size.encoding == SMS_GSM7;
	return push(c, b, &out, gw, now_ms);
}

struct ticking {
	struct callbacks *c;
	int64_t now_ms;
};

static void
on_tick(void *arg, void *entry)
{
	const struct ticking *t = arg;
	struct hotline *h = t->c->h;
	struct callback *b = entry;
	int rc;

	if (b->state != CALLBACK_TO_ASK || h->store_rc < 0 ||
	    h->conf.callback.number[0] == '\0' || b->head.at_ms <= t->now_ms ||
	    !callback_is_time(b, t->now_ms))
		return;
	rc = ack_begin(h->ack);
	if (rc == 0)
		rc = ask_still(t->c, b, t->now_ms);
	arena_reset(t->c->arena);
	if (rc < 0)
		hotline_store_said(h, rc);
}

void
callbacks_tick(struct callbacks *c, int64_t now_ms)
{
	struct ticking t = { c, now_ms };

	keymap_each(c->map, on_tick, &t);
}

/* --- clocks --- */

void
callbacks_sweep(struct callbacks *c, int64_t now_ms)
{
	(void)keymap_expire(c->map, now_ms);
}

static void
on_clip(void *arg, void *entry)
{
	const int64_t *now_ms = arg;
	struct callback *b = entry;

	if (b->head.at_ms > *now_ms + keep_ms)
		b->head.at_ms = *now_ms + keep_ms;
}

void
callbacks_clip(struct callbacks *c, int64_t now_ms)
{
	keymap_each(c->map, on_clip, &now_ms);
}

/* --- what operators do --- */

static void
on_count(void *arg, void *entry)
{
	const struct callback *b = entry;
	size_t *n = arg;

	*n += b->state != CALLBACK_DONE;
}

size_t
callbacks_open(struct callbacks *c)
{
	size_t n = 0;

	keymap_each(c->map, on_count, &n);
	return n;
}

struct ordering {
	const struct callback **all;
	size_t n;
};

static void
on_any(void *arg, void *entry)
{
	struct ordering *o = arg;

	o->all[o->n++] = entry;
}

static int
by_time(const void *a, const void *b)
{
	const struct callback *const *x = a, *const *y = b;
	int64_t d = (*x)->since_ms - (*y)->since_ms;

	return d != 0 ? (d > 0) - (d < 0) :
			((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

void
callbacks_each(struct callbacks *c,
    void (*fn)(void *arg, const struct callback *b), void *arg)
{
	struct ordering o = { .n = 0 };
	size_t i;

	o.all = calloc(keymap_count(c->map) + 1, sizeof(struct callback *));
	ASSERT(o.all != NULL);
	keymap_each(c->map, on_any, &o);
	qsort(o.all, o.n, sizeof(struct callback *), by_time);
	for (i = 0; i < o.n; i++)
		fn(arg, o.all[i]);
	free(o.all);
}

int
callbacks_done(struct callbacks *c, struct callback *b, int64_t now_ms)
{
	struct callback next = *b;
	struct sv e164;
	int rc = callbacks_number(c, b, &e164);

	if (rc < 0)
		return rc;
	cancel_note(c, b, e164);
	if (next.head.at_ms > now_ms + DONE_KEEP_MS)
		next.head.at_ms = now_ms + DONE_KEEP_MS;
	next.state = CALLBACK_DONE;
	rc = change(c, b, &next);
	if (rc < 0)
		c->cancel.n = 0;
	callbacks_stand(c);
	return rc;
}

static bool
is_asked_lately(const struct callback *b)
{
	return b->state == CALLBACK_ASKED &&
	       clock_ms() - b->asked_ms < CALLBACK_REPLY_H * (int64_t)HOUR_MS;
}

int
callbacks_message(struct callbacks *c, struct callback *b)
{
	struct callback next = *b;

	if (b->state == CALLBACK_DONE)
		return -ESTALE;
	if (b->state == CALLBACK_TO_ASK || is_asked_lately(b))
		return -EALREADY;
	if (b->texts >= CALLBACK_TEXTS_MAX)
		return -EDQUOT;
	next.state = CALLBACK_TO_ASK;
	return change(c, b, &next);
}

int
callbacks_number(
    struct callbacks *c, const struct callback *b, struct sv *ret_e164)
{
	struct sv line;

	return unseal(c, b, ret_e164, &line);
}

void
callbacks_seal_away(struct callbacks *c)
{
	arena_reset(c->arena);
}
