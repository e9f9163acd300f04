/*
 * outbox.c - answers on their way: rows on disk, a queue per gateway.
 *
 * An entry is held until the round that wrote its row is on disk, then ready,
 * then under way at the driver.  GW_SENT ends it here: the row waits for the
 * delivery report or for the sweeper.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/core.h"

enum {
	OUT_UNDER_WAY_MAX = 100, /* per gateway, as Kannel's own limit */
	OUT_FLUSH_MAX = 256,	 /* texts handed over in one go */
};

enum out_where { OUT_HELD, OUT_READY, OUT_WAITING, OUT_UNDER_WAY, OUT_DONE };

struct out {
	UT_hash_handle hh;
	TAILQ_ENTRY(out) link;
	int64_t id;
	struct gw *gw;
	enum out_where where;
	bool forgotten;
	enum gw_result result; /* OUT_DONE: what the row must still say */
	uint8_t person[VAULT_TAG_LEN];
	int64_t at_ms, next_ms, expires_ms, tries, parts;
	bool report;
	size_t sealed_len;
	unsigned char sealed[];
};

TAILQ_HEAD(out_list, out);

struct outbox {
	struct hotline *h;
	struct out *by_id;
	struct out_list held, waiting, done;
	struct out_list ready[CONF_GATEWAYS_MAX + 1];
	struct arena *arena;
	bool forget; /* some entry is forgotten by this round */
};

struct outbox *
outbox_new(struct hotline *h)
{
	struct outbox *o = calloc(1, sizeof(*o));
	size_t i;

	ASSERT(o != NULL);
	o->h = h;
	o->arena = arena_new(16384, 1 << 20);
	TAILQ_INIT(&o->held);
	TAILQ_INIT(&o->waiting);
	TAILQ_INIT(&o->done);
	for (i = 0; i < ARRAY_LEN(o->ready); i++)
		TAILQ_INIT(&o->ready[i]);
	return o;
}

static size_t
gw_index(const struct hotline *h, const struct gw *gw)
{
	size_t i = 0;

	while (h->gateways[i] != gw)
		i++;
	return i;
}

static struct out_list *
list_of(struct outbox *o, struct out *out)
{
	switch (out->where) {
	case OUT_HELD:
		return &o->held;
	case OUT_READY:
		return &o->ready[gw_index(o->h, out->gw)];
	case OUT_WAITING:
		return &o->waiting;
	case OUT_DONE:
		return &o->done;
	case OUT_UNDER_WAY:
		break;
	}
	return NULL; /* the driver has it */
}

static void
out_move(struct outbox *o, struct out *out, enum out_where to)
{
	struct out_list *list = list_of(o, out);

	if (list != NULL)
		TAILQ_REMOVE(list, out, link);
	if (out->where == OUT_UNDER_WAY)
		out->gw->under_way--;
	out->where = to;
	list = list_of(o, out);
	if (list != NULL)
		TAILQ_INSERT_TAIL(list, out, link);
	else
		out->gw->under_way++;
}

static void
out_drop(struct outbox *o, struct out *out)
{
	struct out_list *list = list_of(o, out);

	if (list != NULL)
		TAILQ_REMOVE(list, out, link);
	else
		out->gw->under_way--;
	HASH_DEL(o->by_id, out);
	free(out);
}

void
outbox_free(struct outbox **op)
{
	struct outbox *o = *op;
	struct out *out, *tmp;

	if (o == NULL)
		return;
	HASH_ITER(hh, o->by_id, out, tmp)
	{
		HASH_DEL(o->by_id, out);
		free(out);
	}
	arena_free(&o->arena);
	free(o);
	*op = NULL;
}

static struct out *
out_add(struct outbox *o, const struct db_out *row, struct gw *gw,
    enum out_where where)
{
	struct out *out = calloc(1, sizeof(*out) + row->sealed.n);

	ASSERT(out != NULL);
	out->id = row->id;
	out->gw = gw;
	out->where = where;
	memcpy(out->person, row->person, sizeof(out->person));
	out->at_ms = row->at_ms;
	out->next_ms = row->next_ms;
	out->expires_ms = row->expires_ms;
	out->tries = row->tries;
	out->parts = row->parts;
	out->report = gw->conf.reports;
	out->sealed_len = row->sealed.n;
	memcpy(out->sealed, row->sealed.p, row->sealed.n);
	HASH_ADD(hh, o->by_id, id, sizeof(out->id), out);
	TAILQ_INSERT_TAIL(list_of(o, out), out, link);
	return out;
}

int
outbox_put(struct outbox *o, struct gw *gw, const struct gw_out *out,
    int64_t turn_id, const uint8_t person[VAULT_TAG_LEN])
{
	int64_t now_ms = clock_ms();
	struct db_out row = { .turn_id = turn_id,
		.at_ms = now_ms,
		.next_ms = now_ms,
		.expires_ms =
		    now_ms + o->h->conf.outbox.valid_h * 60 * 60 * 1000,
		.gateway = sv_of(gw->conf.name),
		.parts = out->parts,
		.state = OUT_QUEUED };
	int rc;

	memcpy(row.person, person, sizeof(row.person));
	row.sealed =
	    vault_seal(o->h->vault, out->to, out->from, out->text, o->h->arena);
	rc = db_out_put(o->h->db, &row, &row.id);
	if (rc == 0)
		(void)out_add(o, &row, gw, OUT_HELD);
	return rc;
}

void
outbox_take_back(struct outbox *o)
{
	struct out *out = TAILQ_LAST(&o->held, out_list);

	if (out != NULL)
		out_drop(o, out);
}

void
outbox_forget(struct outbox *o, const uint8_t person[VAULT_TAG_LEN])
{
	struct out *out;

	for (out = o->by_id; out != NULL; out = out->hh.next) {
		if (memcmp(out->person, person, VAULT_TAG_LEN) != 0)
			continue;
		out->forgotten = true;
		o->forget = true;
	}
}

static void
forget_settle(struct outbox *o, int rc)
{
	struct out *out, *tmp;

	HASH_ITER(hh, o->by_id, out, tmp)
	{
		if (!out->forgotten)
			continue;
		/* what the driver holds comes back by gw_sent() */
		if (rc == 0 && out->where != OUT_UNDER_WAY)
			out_drop(o, out);
		else if (rc < 0)
			out->forgotten = false;
	}
	o->forget = false;
}

void
outbox_settle(struct outbox *o, int rc)
{
	struct out *out, *next;

	for (out = TAILQ_FIRST(&o->held); out != NULL; out = next) {
		next = TAILQ_NEXT(out, link);
		if (rc < 0)
			out_drop(o, out);
		else
			out_move(o, out, OUT_READY);
	}
	if (o->forget)
		forget_settle(o, rc);
}

/* Write a row's end; while the store cannot, the entry waits in o->done. */
static void
out_end(struct outbox *o, struct out *out, enum gw_result result)
{
	struct hotline *h = o->h;
	enum db_out_state state = OUT_FAILED;
	int rc = ack_begin(h->ack);

	if (result == GW_SENT)
		state = out->report ? OUT_SENT : OUT_DELIVERED;
	else if (result == GW_RETRY)
		state = OUT_EXPIRED;
	if (rc == 0)
		rc = db_out_set(h->db, out->id, state, out->tries, 0);
	hotline_store_said(h, rc);
	if (rc == 0 || rc == -ENOENT) {
		out_drop(o, out);
		return;
	}
	out->result = result;
	if (out->where != OUT_DONE)
		out_move(o, out, OUT_DONE);
}

void
gw_sent(struct gw *gw, int64_t id, enum gw_result result)
{
	struct outbox *o = gw->h->outbox;
	struct conf *c = &gw->h->conf;
	struct out *out;

	HASH_FIND(hh, o->by_id, &id, sizeof(id), out);
	if (out == NULL || out->where != OUT_UNDER_WAY)
		return;
	if (out->forgotten) {
		out_drop(o, out);
	} else if (result == GW_RETRY) {
		gw->h->n.retried++;
		out->tries++;
		out->next_ms = clock_ms() + backoff_ms((unsigned)out->tries - 1,
						c->outbox.retry_s * 1000,
						c->outbox.retry_most_s * 1000);
		out_move(o, out, OUT_WAITING);
	} else {
		if (result == GW_SENT) {
			gw->h->n.sent++;
			gw->out++;
		} else {
			gw->h->n.failed++;
			log_kv(LOG_WARN, "answer_refused", "gw=%s id=%" PRId64,
			    gw->conf.name, id);
		}
		out_end(o, out, result);
	}
	outbox_flush(o, gw);
}

/* Hand one entry to the driver.  False: it takes no more now. */
static bool
out_send(struct outbox *o, struct out *out)
{
	struct gw *gw = out->gw;
	struct gw_out msg = { .id = out->id,
		.parts = (unsigned)out->parts,
		.report = out->report };
	int rc;

	arena_reset(o->arena);
	rc = vault_unseal(o->h->vault,
	    (struct sv){ (const char *)out->sealed, out->sealed_len }, o->arena,
	    &msg.to, &msg.from, &msg.text);
	if (rc < 0) { /* another vault key: nobody can read it any more */
		log_kv(LOG_ERR, "answer_unreadable",
		    "id=%" PRId64 " hint=the_vault_key_was_replaced", out->id);
		o->h->n.failed++;
		out_end(o, out, GW_REFUSED);
		return true;
	}
	msg.gsm7 = sms_measure(msg.text).encoding == SMS_GSM7;
	/* moved first: the driver may call gw_sent() from inside send() */
	out_move(o, out, OUT_UNDER_WAY);
	rc = gw->ops->send(gw->self, &msg);
	if (rc == 0)
		return true;
	out_move(o, out, OUT_READY);
	return false;
}

void
outbox_flush(struct outbox *o, struct gw *gw)
{
	struct out_list *ready = &o->ready[gw_index(o->h, gw)];
	struct out *out;
	size_t n;

	/* without a store a text sent could not be marked as sent */
	if (!gw->up || o->h->store_rc < 0 || gw->flushing)
		return;
	gw->flushing = true;
	for (n = 0; n < OUT_FLUSH_MAX; n++) {
		out = TAILQ_FIRST(ready);
		if (out == NULL || gw->under_way >= OUT_UNDER_WAY_MAX ||
		    !out_send(o, out))
			break;
	}
	gw->flushing = false;
}

void
outbox_tick(struct outbox *o, int64_t now_ms)
{
	struct hotline *h = o->h;
	struct out *out, *next;
	size_t i;

	for (out = TAILQ_FIRST(&o->done); out != NULL; out = next) {
		next = TAILQ_NEXT(out, link);
		out_end(o, out, out->result);
	}
	for (out = TAILQ_FIRST(&o->waiting); out != NULL; out = next) {
		next = TAILQ_NEXT(out, link);
		if (out->expires_ms > now_ms && out->next_ms > now_ms)
			continue;
		out_move(o, out, OUT_READY);
	}
	for (i = 0; i < h->gateway_count; i++) {
		/* oldest first, so only the head can have outlived itself */
		while ((out = TAILQ_FIRST(&o->ready[i])) != NULL &&
		       out->expires_ms <= now_ms && h->store_rc == 0) {
			h->n.expired++;
			out_end(o, out, GW_RETRY);
		}
		outbox_flush(o, h->gateways[i]);
	}
}

struct load {
	struct outbox *o;
	struct gw *gw;
};

static bool
on_row(void *arg, const struct db_out *row)
{
	struct load *l = arg;

	if (row->state == OUT_QUEUED &&
	    sv_eq(sv_of(l->gw->conf.name), row->gateway))
		(void)out_add(l->o, row, l->gw, OUT_READY);
	return true;
}

int
outbox_load(struct outbox *o, struct gw *gw)
{
	struct load l = { o, gw };

	return db_out_each(o->h->db, on_row, &l);
}

int64_t
outbox_waiting(const struct outbox *o)
{
	return (int64_t)HASH_COUNT(o->by_id);
}

int64_t
outbox_oldest_ms(const struct outbox *o)
{
	/* uthash keeps the order of adding */
	return o->by_id != NULL ? o->by_id->at_ms : 0;
}
