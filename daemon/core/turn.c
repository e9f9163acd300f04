/* turn.c - one text of one person, from the gateway to rows in a round. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/call.h"
#include "daemon/core/core.h"
#include "daemon/core/erase.h"
#include "daemon/core/people.h"
#include "menus/decoy.h"
#include "menus/render.h"

enum {
	REPEAT_BEFORE_MS = 10 * 1000, /* the link was cut */
	REPEAT_AFTER_MS = 15 * 60 * 1000,
	HOUR_MS = 3600 * 1000,
	DAY_MS = 24 * HOUR_MS,
	SWEEP_PART_MS = 60 * 1000 / DAYMAP_PARTS,
};

struct turn {
	struct hotline *h;
	struct gw *gw;
	const struct gw_in *in;
	struct call *call; /* the key is of this call; NULL: a text */
	struct sv said;	   /* what reviewers may see of it */
	int64_t now_ms, epoch;
	struct phone phone;
	struct person person; /* as it will be after the turn */
	uint8_t key[VAULT_TAG_LEN];
	uint8_t old_key[VAULT_TAG_LEN]; /* under the epoch before, if has_old */
	bool has_old;
	enum decoy_gate gate;
	struct menu_asked asked; /* hours is NULL: they were not */
	bool wants_call;	 /* they have a request */
	bool taken;		 /* its text has rows of its own */
	uint8_t ref[VAULT_TAG_LEN];
	struct menu_result result;
};

/* As FNV-1a, eight bytes at a time; only ever compared with another one in
 * memory. */
static uint32_t
text_hash(struct sv text)
{
	uint64_t h = UINT64_C(14695981039346656037), word = 0;

	for (; text.n >= sizeof(word); text.p += 8, text.n -= 8) {
		memcpy(&word, text.p, sizeof(word));
		h = (h ^ word) * UINT64_C(1099511628211);
		h ^= h >> 32;
	}
	for (; text.n > 0; text.p++, text.n--)
		h = (h ^ (uint8_t)*text.p) * UINT64_C(1099511628211);
	return (uint32_t)(h ^ h >> 32);
}

/* Never answered: services and names cannot read, our own line would loop. */
int
turn_sender(struct hotline *h, const struct gw *gw, struct sv from,
    struct phone *ret_phone)
{
	struct phone phone;

	if (phone_parse(h->phones, from, gw->conf.country, &phone) < 0) {
		h->n.bad_sender++;
		return -ECANCELED;
	}
	if (phone.kind == PHONE_SHORT || phone.kind == PHONE_ALPHA ||
	    sv_eq(phone_reveal(&phone), sv_of(gw->line))) {
		h->n.not_a_person++;
		return -ECANCELED;
	}
	*ret_phone = phone;
	return 0;
}

bool
turn_has_room(struct hotline *h, struct gw *gw)
{
	int64_t now_ms = clock_ms(), most = h->conf.limit.global_per_s;
	/* a gateway that floods leaves a tenth to the others */
	int64_t keep = most / 10;
	int64_t count = (int64_t)h->gateway_count;
	int64_t share = keep / (count > 0 ? count : 1) + 1;
	bool modest = limit_take(&gw->own, share, 1000, now_ms);

	return !outbox_is_full(h->outbox) &&
	       limit_take_but(&h->all, most, 1000, now_ms, modest ? 0 : keep);
}

/* A gateway without ids: sender, text, line and its time stand for one. */
static struct sv
id_of(const struct turn *t)
{
	struct sb b;

	if (t->in->id.n > 0)
		return t->in->id;
	sb_init(&b, t->h->arena, GW_TEXT_MAX + 256);
	sb_printf(&b, "%" PRId64 "\n", t->in->at_ms);
	sb_put(&b, phone_reveal(&t->phone));
	sb_puts(&b, "\n");
	sb_put(&b, t->in->to);
	sb_puts(&b, "\n");
	sb_put(&b, t->in->text);
	return sb_sv(&b);
}

/*
 * Whether this text was here before.  A gateway without ids and times says one
 * again only if the link was cut before it heard that we have it.  The same
 * words at another time are another text: people press the same digit in one
 * menu and in the next.
 */
static bool
is_repeat(const struct turn *t)
{
	int64_t cut_ms = t->gw->cut_ms, first_ms;

	if (!daymap_get(t->h->refs, t->ref, &first_ms, NULL))
		return false;
	if (t->in->id.n > 0 || t->in->at_ms != 0)
		return true;
	return first_ms <= cut_ms && cut_ms - first_ms <= REPEAT_BEFORE_MS &&
	       t->now_ms - cut_ms <= REPEAT_AFTER_MS;
}

/* The newest of the same words is the one that may come again. */
static void
ref_put(struct hotline *h, const uint8_t ref[VAULT_TAG_LEN], int64_t at_ms)
{
	bool is_new;

	(void)daymap_put(h->refs, ref, at_ms, &is_new);
}

static void
undo_note(struct turn *t, bool turn, const struct person *before)
{
	struct undo *u = calloc(1, sizeof(*u));

	ASSERT(u != NULL);
	u->turn = turn;
	(void)daymap_get(t->h->refs, t->ref, &u->ref_ms, NULL);
	u->existed = before != NULL;
	u->taken = t->taken;
	if (before != NULL)
		u->before = *before;
	memcpy(u->before.key, t->key, sizeof(t->key));
	memcpy(u->ref, t->ref, sizeof(u->ref));
	SLIST_INSERT_HEAD(&t->h->undo, u, link);
}

/* It is told again that we have it: the next of the same words is another. */
static int
repeat_told(struct turn *t)
{
	int rc;

	t->h->n.repeated++;
	if (t->in->id.n > 0)
		return -EEXIST;
	rc = ack_begin(t->h->ack);
	if (rc < 0)
		return rc;
	undo_note(t, false, NULL);
	ref_put(t->h, t->ref, t->now_ms);
	return -EEXIST;
}

static void
undo_one(struct hotline *h, const struct undo *u)
{
	if (u->ref_ms != 0)
		ref_put(h, u->ref, u->ref_ms);
	else
		daymap_remove(h->refs, u->ref);
	if (!u->turn)
		return;
	h->n.taken -= u->taken;
	if (u->existed)
		people_put(h->people, &u->before);
	else
		people_remove(h->people, u->before.key);
}

void
turns_settle(struct hotline *h, int rc)
{
	struct undo *u;

	/* newest first: the oldest state of a person is put back last */
	while ((u = SLIST_FIRST(&h->undo)) != NULL) {
		SLIST_REMOVE_HEAD(&h->undo, link);
		if (rc < 0)
			undo_one(h, u);
		free(u);
	}
}

/* True if this text gets no answer; sets what the next one is held against. */
static bool
is_machine(struct turn *t, const struct match *m)
{
	struct lately *l = &t->person.lately;
	uint32_t hash = text_hash(t->in->text);
	/* a person may ask the same every day, a machine does it at once */
	int64_t soon_ms = t->h->conf.limit.per_sender_s * 1000;
	bool same =
	    hash == l->text_hash && t->now_ms - t->person.at_ms <= soon_ms;

	if (hash == l->reply_hash && l->reply_hash != 0)
		return true;
	l->text_hash = hash;
	l->same = (uint16_t)(!same	    ? 1 :
			     l->same < 1000 ? l->same + 1 :
					      l->same);
	/* people do press the same digit, or write MORE, many times */
	if (m->kind == MATCH_NUMBER || m->kind == MATCH_COMMAND)
		return false;
	return l->same > t->h->conf.limit.same_text;
}

static struct sv
place_id(const struct edition *e, uint16_t place)
{
	if (place == PLACE_NONE)
		return (struct sv){ 0 };
	return sv_of(places_at(e->content.places, place)->id);
}

static struct sv
topic_id(const struct edition *e, uint16_t topic)
{
	if (topic == TOPIC_NONE)
		return (struct sv){ 0 };
	return sv_of(topics_at(e->content.topics, topic)->id);
}

static struct sv
node_id(const struct edition *e, uint16_t node)
{
	if (node == NODE_NONE)
		return (struct sv){ 0 };
	return sv_of(tree_at(e->tree, node)->id);
}

static struct sv
listing_ids(const struct turn *t, char *buf, size_t size)
{
	struct sb b;
	size_t i;

	sb_wrap(&b, buf, size);
	for (i = 0; i < t->result.listing_count; i++) {
		sb_puts(&b, i > 0 ? " " : "");
		sb_puts(&b, t->result.listings[i]->id);
	}
	return sb_sv(&b);
}

static void
put_number(struct sb *b, unsigned n)
{
	char digits[10];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	sb_put(b, (struct sv){ digits + at, sizeof(digits) - at });
}

/*
 * A session as it is stored, with a space behind all but the last: node, menu,
 * topic, place, choices (',' between them), language, four digits for chosen,
 * stopped, Latin letters and plain words, page.
 */
static struct sv
session_text(
    const struct turn *t, const struct menu_session *s, char *buf, size_t size)
{
	const struct edition *e = t->h->edition;
	const struct sv names[] = { node_id(e, s->node), node_id(e, s->menu),
		topic_id(e, s->topic), place_id(e, s->place) };
	const char flags[] = { ' ', s->chosen ? '1' : '0',
		s->stopped ? '1' : '0', s->latin ? '1' : '0',
		s->plain ? '1' : '0', ' ' };
	struct sb b;
	size_t i;

	sb_wrap(&b, buf, size);
	for (i = 0; i < ARRAY_LEN(names); i++) {
		sb_put(&b, names[i]);
		sb_put(&b, SV(" "));
	}
	for (i = 0; i < s->choice_count; i++) {
		sb_put(&b, i > 0 ? SV(",") : SV(""));
		sb_put(&b, topic_id(e, s->choices[i]));
	}
	sb_put(&b, SV(" "));
	sb_puts(&b, lang_code((enum lang)s->lang));
	sb_put(&b, (struct sv){ flags, sizeof(flags) });
	put_number(&b, s->page);
	return sb_sv(&b);
}

/* A caller who withholds their number: what they do is linked to nothing. */
static bool
is_nobody(const struct turn *t)
{
	return t->call != NULL && t->call->withheld;
}

static int
rows_write(struct turn *t, bool forget, int64_t *ret_id)
{
	const struct edition *e = t->h->edition;
	const struct menu_result *r = &t->result;
	UNSET char session[512];
	UNSET char listings[1024];
	struct db_turn row = { .at_ms = t->now_ms,
		.gateway = sv_of(t->gw->conf.name),
		.epoch = t->epoch,
		.session = session_text(t, &r->next, session, sizeof(session)),
		.country = sv_of(t->phone.country),
		.channel = t->call != NULL ? SV("voice") : SV("sms"),
		.lang = sv_of(lang_code(r->lang)),
		.topic = topic_id(e, r->topic),
		.place = place_id(e, r->place),
		.node = node_id(e, r->node),
		.listings = listing_ids(t, listings, sizeof(listings)),
		.outcome = sv_of(menu_outcome_name(r->outcome)),
		.edition = e->number,
		.parts = r->size.parts,
		.unlinked = forget || is_nobody(t) };

	memcpy(row.ref, t->ref, sizeof(row.ref));
	memcpy(row.person, t->key, sizeof(row.person));
	return db_turn_put(t->h->db, &row, ret_id);
}

static int
answer_write(struct turn *t, struct sv text, struct sms_size size)
{
	static const uint8_t nobody[VAULT_TAG_LEN];
	bool forget = (t->result.effects & EFFECT_FORGET) != 0;
	struct gw *gw = t->call != NULL ? t->call->via : t->gw;
	struct gw_out out = { .to = phone_reveal(&t->phone),
		.from = t->in->to.n > 0 ? t->in->to : sv_of(gw->conf.line),
		.text = text,
		.gsm7 = size.encoding == SMS_GSM7,
		.parts = size.parts,
		.report = gw->conf.reports };

	return outbox_put(t->h->outbox, gw, &out, forget ? nobody : t->key);
}

/* So that an operator can tell one sender who floods from many who ask; the
 * tag means nothing outside this process. */
static void
sender_log(const struct turn *t, const char *event)
{
	log_kv(LOG_INFO, event, "gw=%s from=%s", t->gw->conf.name,
	    vault_phone_tag(t->h->vault, phone_reveal(&t->phone)));
}

/* Over the limit: one notice, then silence until there is room again. */
static int
limited(struct turn *t)
{
	const struct edition *e = t->h->edition;
	enum lang lang = t->person.menu.lang;
	struct renderer r = { .e = e, .arena = t->h->arena };
	struct sv text;
	int rc;

	t->h->n.limited++;
	if (t->person.lately.warned)
		return -ECANCELED;
	if (lang >= LANG_COUNT)
		lang = lang_of_country(t->phone.country);
	r.lang = lang;
	r.latin = t->person.menu.latin;
	text = render_text(&r, "limit.slow");
	rc = answer_write(t, text, sms_measure(text));
	if (rc < 0)
		return rc;
	t->person.lately.warned = true;
	sender_log(t, "sender_limited");
	return 0;
}

/* Also what is in memory; its turn stands. */
static void
answers_forget(struct turn *t)
{
	hotline_forget_soon(t->h);
	outbox_forget(t->h->outbox, t->key);
	parts_forget(t->h->parts, t->key);
	if (!t->has_old)
		return;
	outbox_forget(t->h->outbox, t->old_key);
	parts_forget(t->h->parts, t->old_key);
}

static int
decoy_write(struct turn *t)
{
	struct decoys *d = t->h->decoys;
	struct sv e164 = phone_reveal(&t->phone);

	if ((t->result.effects & EFFECT_FORGET) != 0)
		return decoys_forget(d, e164);
	if ((t->result.effects & EFFECT_DECOY) != 0)
		return decoys_set(d, e164, t->result.word, t->now_ms);
	if (t->gate == DECOY_WORD)
		return decoys_renew(d, e164, t->now_ms);
	return 0;
}

/* Whether they can be called, and whether we asked if it is still them. */
static void
callback_look(struct turn *t, struct menu_input *input)
{
	const struct callback *b =
	    callbacks_of(t->h->callbacks, phone_reveal(&t->phone));

	t->wants_call = b != NULL;
	input->calls = b != NULL || callbacks_offered(t->h->callbacks);
	if (b == NULL || b->state != CALLBACK_ASKED || t->gate == DECOY_CLOSED)
		return;
	t->asked = (struct menu_asked){ .lang = b->lang,
		.latin = b->latin,
		.hours = callback_hours(b->window),
		.number = t->h->conf.callback.number };
	input->asked = &t->asked;
}

static int
callback_note(struct turn *t)
{
	const struct menu_result *r = &t->result;
	const struct edition *e = t->h->edition;
	bool wrote = t->call == NULL;
	const struct sv nothing = { 0 };
	const struct callback_ask ask = { .e164 = phone_reveal(&t->phone),
		.gateway = wrote ? sv_of(t->gw->conf.name) : nothing,
		.line = !wrote		? nothing :
			t->in->to.n > 0 ? t->in->to :
					  sv_of(t->gw->conf.line),
		.lang = r->lang,
		.latin = r->next.latin,
		.window = r->window,
		.topic = topic_id(e, r->next.topic),
		.place = place_id(e, r->next.place),
		.utc_min = callback_utc(
		    e, r->next.place, t->phone.country, t->now_ms) };

	return callbacks_put(t->h->callbacks, &ask, t->now_ms);
}

static int
callback_write(struct turn *t)
{
	unsigned effects = t->result.effects;
	struct sv e164 = phone_reveal(&t->phone);

	if ((effects & EFFECT_CALL) != 0)
		return callback_note(t);
	if ((effects & EFFECT_FORGET) != 0 ||
	    ((t->wants_call || t->call != NULL) &&
		(effects & (EFFECT_STOP | EFFECT_GONE)) != 0))
		return callbacks_end(t->h->callbacks, e164);
	if (!t->wants_call)
		return 0;
	return callbacks_said(
	    t->h->callbacks, e164, (effects & EFFECT_STILL) != 0);
}

static int
turn_write(struct turn *t)
{
	bool forget = (t->result.effects & EFFECT_FORGET) != 0;
	int64_t id = 0;
	int rc = 0;

	if (forget && !is_nobody(t))
		rc = erase_person(
		    t->h->db, t->h->vault, phone_reveal(&t->phone));
	if (rc == 0 && forget && !is_nobody(t))
		rc = calls_forget(t->h, phone_reveal(&t->phone));
	if (rc == 0 && !is_nobody(t))
		rc = decoy_write(t);
	if (rc == 0 && !is_nobody(t))
		rc = callback_write(t);
	if (rc == 0)
		rc = rows_write(t, forget, &id);
	if (rc == 0 && t->said.n > 0 && t->result.outcome == OUTCOME_NO_MATCH)
		rc = unmatched_keep(
		    t->h, &(struct unmatched){ t->said, sv_of(t->phone.country),
			      sv_of(lang_code(t->result.lang)), t->now_ms });
	if (rc == 0 && t->call == NULL)
		rc = answer_write(t, t->result.text, t->result.size);
	else if (rc == 0 && t->call->via != NULL)
		rc = answer_write(t, call_text(t->call), t->result.size);
	return rc;
}

/* Danger to life, however much was asked before; and who wants to be
 * forgotten, or not to be called, once: there is nothing more to do of that
 * until the next turn. */
static bool
always_answered(const struct turn *t, const struct match *m)
{
	if (m->urgent)
		return true;
	if (m->kind != MATCH_COMMAND)
		return false;
	return m->command == CMD_EMERGENCY ||
	       (m->command == CMD_STOP && t->wants_call) ||
	       (m->command == CMD_FORGET && !t->person.lately.forgotten);
}

static int
turn_answer(struct turn *t)
{
	struct hotline *h = t->h;
	struct person *p = &t->person;
	struct match m;
	struct menu_input input = { .text = t->in->text,
		.match = &m,
		.channel = CHANNEL_SMS,
		.country = t->phone.country,
		.verified_days =
		    (unsigned)h->conf.directory.require_verified_days,
		.now_ms = t->now_ms };
	int rc;

	t->gate = decoys_gate(
	    h->decoys, phone_reveal(&t->phone), &input.text, t->now_ms);
	if (t->gate != DECOY_CLOSED)
		t->said = input.text; /* without their word */
	callback_look(t, &input);
	known_match(h->known, h->edition, input.text, &m);
	if (is_machine(t, &m)) {
		h->n.echoed++;
		if (p->lately.same == h->conf.limit.same_text + 1)
			sender_log(t, "sender_repeats_itself");
		return -ECANCELED;
	}
	if (!limit_take(&p->lately.limit, h->conf.limit.per_sender,
		h->conf.limit.per_sender_s * 1000, t->now_ms)) {
		if (!always_answered(t, &m))
			return limited(t);
	} else {
		p->lately.warned = false;
	}
	(t->gate == DECOY_CLOSED ? decoy_step : menu_step)(
	    h->edition, &p->menu, &input, h->arena, &t->result);
	rc = turn_write(t);
	if (rc < 0)
		return rc;
	p->menu = t->result.next;
	p->lately.reply_hash = text_hash(t->result.text);
	p->lately.forgotten = (t->result.effects & EFFECT_FORGET) != 0;
	if (p->lately.forgotten) {
		p->menu = menu_session_new();
		p->lately.text_hash = p->lately.reply_hash = 0;
	}
	t->taken = true;
	return 0;
}

/* A key in a call: what is answered is said, and sent only when asked for. */
static int
key_answer(struct turn *t, bool known)
{
	struct person *p = &t->person;
	int rc;

	t->call->sms = !call_may_send(t->call) ||
		       limit_take(&p->lately.limit, t->h->conf.limit.per_sender,
			   t->h->conf.limit.per_sender_s * 1000, t->now_ms);
	if (!call_may(t->call, known, &p->menu, t->key))
		return -EPERM;
	call_step(t->call, &p->menu, t->now_ms, &t->result);
	rc = turn_write(t);
	if (rc < 0)
		return rc;
	p->menu = t->result.next;
	p->lately.forgotten = (t->result.effects & EFFECT_FORGET) != 0;
	if (p->lately.forgotten) {
		p->menu = menu_session_new();
		p->lately.text_hash = p->lately.reply_hash = 0;
	}
	return 0;
}

/* Who it is; on the day after a change of epoch, by the name of yesterday.
 * False if they have not written by the name of today. */
static bool
person_get(struct turn *t)
{
	const struct people *people = t->h->people;
	bool known = people_get(people, t->key, &t->person);

	if (!known &&
	    (!t->has_old || !people_get(people, t->old_key, &t->person)))
		t->person.menu = menu_session_new();
	memcpy(t->person.key, t->key, sizeof(t->key));
	return known;
}

/*
 * Run the turn on a copy of the person.  A text that gets no answer still
 * counts against its sender; a store that fails changes nothing.
 */
static int
turn_run(struct turn *t)
{
	struct hotline *h = t->h;
	bool known = person_get(t);
	const struct person before = t->person;
	int rc = db_turn_begin(h->db);

	if (rc < 0)
		return rc;
	rc = t->call != NULL ? key_answer(t, known) : turn_answer(t);
	t->person.at_ms = t->now_ms;
	if (rc == 0) {
		rc = db_turn_end(h->db);
		if (rc < 0 && (t->call == NULL || t->call->via != NULL))
			outbox_take_back(
			    h->outbox, t->call != NULL ? t->call->via : t->gw);
	}
	if (rc < 0) {
		db_turn_undo(h->db);
		decoys_undo(h->decoys);
		callbacks_undo(h->callbacks);
		if (rc == -ECANCELED)
			people_put(h->people, &t->person);
		return rc;
	}
	if ((t->result.effects & EFFECT_FORGET) != 0)
		answers_forget(t);
	callbacks_stand(h->callbacks);
	h->n.taken += t->taken;
	undo_note(t, true, known ? &before : NULL);
	if (!is_nobody(t))
		people_put(h->people, &t->person);
	if (t->call == NULL) /* keys do not come again */
		ref_put(h, t->ref, t->now_ms);
	return 0;
}

/* The person's pseudonym, and the one before while it may still matter. */
static int
names_get(struct turn *t)
{
	struct sv e164 = phone_reveal(&t->phone);
	int rc;

	if (is_nobody(t)) {
		vault_chance_put(t->key, sizeof(t->key));
		return 0;
	}
	rc = vault_person(t->h->vault, t->epoch, e164, t->key);

	t->has_old =
	    rc == 0 && t->epoch > 0 &&
	    vault_epoch(t->now_ms - DAY_MS) < t->epoch &&
	    vault_person_of(t->h->vault, t->epoch - 1, e164, t->old_key) == 0;
	return rc;
}

static int
text_take(struct hotline *h, struct gw *gw, const struct gw_in *in)
{
	struct turn t = { .h = h, .gw = gw, .in = in, .now_ms = clock_ms() };
	int rc;

	t.epoch = vault_epoch(t.now_ms);
	rc = turn_sender(h, gw, in->from, &t.phone);
	if (rc < 0)
		return rc;
	vault_ref(h->vault, sv_of(gw->conf.name), id_of(&t), t.ref);
	if (is_repeat(&t))
		return repeat_told(&t);
	/* the limit has counted the parts of a joined one */
	if (in->part.total > 0 ? outbox_is_full(h->outbox) :
				 !turn_has_room(h, gw))
		return -EAGAIN;
	rc = names_get(&t);
	if (rc == 0)
		rc = ack_begin(h->ack);
	if (rc == 0)
		rc = turn_run(&t);
	return rc;
}

int
turn_take(struct hotline *h, struct gw *gw, const struct gw_in *in)
{
	int rc = text_take(h, gw, in);

	arena_reset(h->arena); /* number and text do not outlive it */
	return rc;
}

int
turn_key(struct hotline *h, struct gw *gw, struct call *call)
{
	static const struct gw_in nothing;
	struct turn t = { .h = h,
		.gw = gw,
		.in = &nothing,
		.call = call,
		.phone = call->phone,
		.now_ms = clock_ms() };
	int rc;

	t.epoch = vault_epoch(t.now_ms);
	rc = turn_has_room(h, gw) ? names_get(&t) : -EAGAIN;

	vault_chance_put(t.ref, sizeof(t.ref));
	if (rc == 0)
		rc = ack_begin(h->ack);
	if (rc == 0)
		rc = turn_run(&t);
	arena_reset(h->arena);
	return rc;
}

void
turns_sweep(struct hotline *h, int64_t now_ms)
{
	int64_t shares = (now_ms - h->swept_ms) / SWEEP_PART_MS;

	if (shares < 0 || shares >= DAYMAP_PARTS) {
		shares = DAYMAP_PARTS;
		h->swept_ms = now_ms;
	} else {
		h->swept_ms += shares * SWEEP_PART_MS;
	}
	people_sweep(h->people, now_ms - h->conf.session.idle_h * HOUR_MS,
	    now_ms - h->conf.limit.per_sender_s * 1000, (unsigned)shares);
	(void)daymap_sweep(
	    h->refs, now_ms - HOTLINE_REPEAT_MS, (unsigned)shares, NULL, NULL);
	parts_sweep(h->parts, now_ms, (unsigned)shares);
}

void
turns_clip(struct hotline *h, int64_t now_ms)
{
	people_clip(h->people, now_ms);
	daymap_clip(h->refs, now_ms);
	h->swept_ms = 0; /* all, the next time */
}
