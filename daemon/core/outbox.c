/*
 * outbox.c - answers on their way: rows on disk, a queue per gateway.
 *
 * An entry is held until the round that wrote its row is on disk, then ready,
 * then under way at the driver.  GW_SENT ends it here: the row waits for the
 * delivery report or for the sweeper.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/outbox_inner.h"

enum {
	OUT_FLUSH_MAX = 256, /* texts handed over in one go */
	BACK_MS = 100,	     /* so long is "at once" */
};

struct outbox *
outbox_new(struct hotline *h)
{
	struct outbox *o = calloc(1, sizeof(*o));
	size_t w, g;

	ASSERT(o != NULL);
	o->h = h;
	o->arena = arena_new(16384, 1 << 20);
	o->clears = clears_new();
	o->by_id = keymap_new(sizeof(struct out_ref));
	for (w = 0; w < OUT_WHERE_COUNT; w++)
		for (g = 0; g < HOTLINE_GATEWAYS_MAX; g++)
			TAILQ_INIT(&o->lists[w][g]);
	return o;
}

/* Where an entry stands that may go out. */
static enum out_where
ready_of(const struct out *out)
{
	return out->priority == OUT_ANSWER ? OUT_READY : OUT_READY_PUSH;
}

static void
out_unlink(struct outbox *o, struct out *out)
{
	struct out_list *list = out_list_of(o, out->gw, out->where);

	TAILQ_REMOVE(list, out, link);
	if (out->where == OUT_UNDER_WAY)
		out->gw->under_way--;
	if (out->where == OUT_ENDED)
		out->gw->unmarked--;
	o->count--;
}

static void
out_link(struct outbox *o, struct out *out, enum out_where to)
{
	struct out_list *list = out_list_of(o, out->gw, to);
	struct out *next = NULL;

	/* ids are in order of time, and what was tried is older than most */
	if (to == ready_of(out) && !TAILQ_EMPTY(list) &&
	    TAILQ_LAST(list, out_list)->id > out->id)
		next = TAILQ_FIRST(list);
	while (next != NULL && next->id < out->id)
		next = TAILQ_NEXT(next, link);
	if (next != NULL)
		TAILQ_INSERT_BEFORE(next, out, link);
	else
		TAILQ_INSERT_TAIL(list, out, link);
	out->where = to;
	if (to == OUT_UNDER_WAY)
		out->gw->under_way++;
	if (to == OUT_ENDED)
		out->gw->unmarked++;
	o->count++;
}

static void
out_move(struct outbox *o, struct out *out, enum out_where to)
{
	out_unlink(o, out);
	out_link(o, out, to);
}

struct out *
out_find(struct outbox *o, int64_t id)
{
	uint8_t key[KEYMAP_KEY_LEN];
	struct out_ref *ref;

	keymap_key(id, key);
	ref = keymap_find(o->by_id, key);
	return ref != NULL ? ref->out : NULL;
}

static void
ref_put(struct outbox *o, int64_t id, struct out *out)
{
	uint8_t key[KEYMAP_KEY_LEN];
	struct out_ref *ref;
	bool is_new;

	keymap_key(id, key);
	ref = keymap_put(o->by_id, key, 1, &is_new);
	ref->out = out;
}

static void
ref_drop(struct outbox *o, int64_t id)
{
	uint8_t key[KEYMAP_KEY_LEN];

	keymap_key(id, key);
	keymap_remove(o->by_id, key);
}

void
out_alias(struct outbox *o, struct out *out, int64_t was)
{
	out->was = was;
	ref_put(o, was, out);
}

void
out_drop(struct outbox *o, struct out *out)
{
	ref_drop(o, out->id);
	if (out->was != 0)
		ref_drop(o, out->was);
	out_unlink(o, out);
	clears_drop(o->clears, &out->clear);
	free(out);
}

/* Call fn for every entry; fn may drop or move the one it is given. */
static void
outs_each(struct outbox *o,
    void (*fn)(struct outbox *o, struct out *out, void *arg), void *arg)
{
	struct out *out, *next;
	size_t w, g;

	for (w = 0; w < OUT_WHERE_COUNT; w++) {
		for (g = 0; g < HOTLINE_GATEWAYS_MAX; g++) {
			out = TAILQ_FIRST(&o->lists[w][g]);
			for (; out != NULL; out = next) {
				next = TAILQ_NEXT(out, link);
				fn(o, out, arg);
			}
		}
	}
}

static void
on_free(struct outbox *o, struct out *out, void *arg)
{
	(void)arg;
	out_drop(o, out);
}

void
outbox_free(struct outbox **op)
{
	struct outbox *o = *op;

	if (o == NULL)
		return;
	outs_each(o, on_free, NULL);
	arena_free(&o->arena);
	clears_free(&o->clears);
	keymap_free(&o->by_id);
	free(o);
	*op = NULL;
}

struct out *
out_add(struct outbox *o, const struct db_out *row, struct gw *gw, bool held)
{
	struct out *out = calloc(1, sizeof(*out) + row->sealed.n);

	ASSERT(out != NULL);
	ref_put(o, row->id, out);
	out->id = row->id;
	out->gw = gw;
	memcpy(out->person, row->person, sizeof(out->person));
	out->at_ms = row->at_ms;
	out->next_ms = row->at_ms;
	out->expires_ms = row->expires_ms;
	out->parts = row->parts;
	out->priority = row->priority;
	out->sealed_len = row->sealed.n;
	memcpy(out->sealed, row->sealed.p, row->sealed.n);
	out_link(o, out, held ? OUT_HELD : ready_of(out));
	return out;
}

/* row  whose it is, how urgent and until when at most */
static int
row_put(struct outbox *o, struct gw *gw, const struct gw_out *out,
    struct db_out *row)
{
	int64_t now_ms = clock_ms();
	int64_t valid_ms = o->h->conf.outbox.valid_h * 60 * 60 * 1000;
	struct out *added;
	int rc;

	row->at_ms = now_ms;
	if (row->expires_ms > now_ms + valid_ms)
		row->expires_ms = now_ms + valid_ms;
	row->gateway = sv_of(gw->conf.name);
	row->parts = out->parts;
	row->state = OUT_QUEUED;
	row->sealed =
	    vault_seal(o->h->vault, out->to, out->from, out->text, o->h->arena);
	rc = db_out_put(o->h->db, row, &row->id);
	if (rc < 0)
		return rc;
	added = out_add(o, row, gw, true);
	added->clear = clears_put(o->clears, out->to, out->from, out->text);
	added->gsm7 = out->gsm7;
	return 0;
}

int
outbox_put(struct outbox *o, struct gw *gw, const struct gw_out *out,
    const uint8_t person[VAULT_TAG_LEN])
{
	struct db_out row = { .expires_ms = INT64_MAX };

	memcpy(row.person, person, sizeof(row.person));
	return row_put(o, gw, out, &row);
}

int
outbox_push(struct outbox *o, struct gw *gw, const struct gw_out *out,
    const uint8_t person[VAULT_TAG_LEN], int64_t expires_ms)
{
	struct db_out row = { .expires_ms = expires_ms, .priority = OUT_PUSH };

	memcpy(row.person, person, sizeof(row.person));
	return row_put(o, gw, out, &row);
}

void
outbox_take_back(struct outbox *o, const struct gw *gw)
{
	struct out *out = TAILQ_LAST(out_list_of(o, gw, OUT_HELD), out_list);

	if (out != NULL)
		out_drop(o, out);
}

static void
on_forget(struct outbox *o, struct out *out, void *arg)
{
	if (memcmp(out->person, arg, VAULT_TAG_LEN) != 0)
		return;
	out->forgetting = true;
	o->forget = true;
}

void
outbox_forget(struct outbox *o, const uint8_t person[VAULT_TAG_LEN])
{
	uint8_t key[VAULT_TAG_LEN];

	memcpy(key, person, sizeof(key));
	outs_each(o, on_forget, key);
}

/* The driver is to let go of it.  Nothing else goes out meanwhile: the caller
 * walks a list. */
static void
out_recall(struct out *out)
{
	struct gw *gw = out->gw;
	bool flushing = gw->flushing;

	if (out->recalled || gw->ops->recall == NULL)
		return;
	out->recalled = true;
	gw->flushing = true;
	gw->ops->recall(gw->self, out->id);
	gw->flushing = flushing;
}

static void
on_forget_settle(struct outbox *o, struct out *out, void *arg)
{
	const int *rc = arg;

	if (!out->forgetting)
		return;
	out->forgetting = false;
	if (*rc < 0)
		return;
	if (out->where == OUT_UNDER_WAY) {
		out->forgotten = true; /* it comes back by gw_sent() */
		out_recall(out);
	} else {
		out_drop(o, out);
	}
}

static void
list_settle(struct outbox *o, struct out_list *list, int rc)
{
	struct out *out, *next;

	for (out = TAILQ_FIRST(list); out != NULL; out = next) {
		next = TAILQ_NEXT(out, link);
		if (out->where == OUT_ENDED && !out->told)
			continue;
		out->told = false;
		if ((out->where == OUT_HELD) == (rc < 0))
			out_drop(o, out); /* never written, or ended */
		else if (out->where == OUT_HELD)
			out_move(o, out, ready_of(out));
	}
}

void
outbox_settle(struct outbox *o, int rc)
{
	size_t g;

	for (g = 0; g < o->h->gateway_count; g++) {
		list_settle(o, &o->lists[OUT_HELD][g], rc);
		list_settle(o, &o->lists[OUT_ENDED][g], rc);
	}
	if (o->forget)
		outs_each(o, on_forget_settle, &rc);
	o->forget = false;
}

/* Tell a row its end; the entry stays until the commit, and while the store
 * cannot take it. */
static void
out_end(struct outbox *o, struct out *out, enum gw_result result)
{
	enum db_out_state state = OUT_FAILED;
	int rc;

	if (result == GW_SENT)
		state = out->gw->conf.reports && !out->complete ? OUT_SENT :
								  OUT_DELIVERED;
	else if (result == GW_RETRY)
		state = OUT_EXPIRED;
	out->result = result;
	if (out->where != OUT_ENDED)
		out_move(o, out, OUT_ENDED);
	rc = ack_begin(o->h->ack);
	if (rc == 0)
		rc = db_out_end(o->h->db, out->id, state);
	out->told = rc == 0;
	if (rc < 0)
		hotline_store_said(o->h, rc);
}

/* What a gateway gives back at once, as when its link breaks, goes out again
 * at once: a person's answers stay in order. */
static int64_t
next_try_ms(struct gw *gw, int64_t tries)
{
	const struct conf *c = &gw->h->conf;
	int64_t now_ms = clock_ms(), passed = now_ms - gw->back.at_ms;

	if (tries == gw->back.tries && passed >= 0 && passed < BACK_MS)
		return gw->back.next_ms;
	gw->back.at_ms = now_ms;
	gw->back.tries = tries;
	gw->back.next_ms =
	    now_ms + backoff_ms((unsigned)tries - 1, c->outbox.retry_s * 1000,
			 c->outbox.retry_most_s * 1000);
	return gw->back.next_ms;
}

void
gw_sent(struct gw *gw, int64_t id, enum gw_result result)
{
	struct outbox *o = gw->h->outbox;
	struct out *out;

	out = out_find(o, id);
	if (out == NULL || out->id != id || out->gw != gw ||
	    out->where != OUT_UNDER_WAY)
		return;
	if (result != GW_SENT) {
		names_drop(gw->h->names, id);
	} else if (names_complete(gw->h->names, id)) {
		out->complete = true;
		gw->h->n.delivered++;
	}
	if (out->forgotten || (out->reported && result == GW_RETRY)) {
		out_drop(o, out);
	} else if (result == GW_RETRY) {
		gw->h->n.retried++;
		out->tries++;
		out->next_ms = next_try_ms(gw, out->tries);
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

int64_t
outbox_parts(struct outbox *o, int64_t id)
{
	struct out *out = out_find(o, id);

	if (out == NULL || out->id != id || out->where != OUT_UNDER_WAY)
		return 0;
	return out->parts;
}

static int
report_put(struct outbox *o, int64_t id, bool delivered)
{
	struct out *out = out_find(o, id);
	int rc;

	if (out != NULL)
		id = out->id;
	if (out != NULL && out->where == OUT_ENDED)
		out = NULL; /* its end is only to be written */
	/* never handed over: this is about an answer of another store */
	if (out != NULL && out->where != OUT_UNDER_WAY && out->tries == 0)
		return -ENOENT;
	rc = db_out_set(o->h->db, id, delivered ? OUT_DELIVERED : OUT_FAILED);
	if (rc < 0 || out == NULL)
		return rc;
	/* the gateway has had it: a link that broke does not make it twice */
	if (out->where == OUT_UNDER_WAY)
		out->reported = true;
	else
		out_drop(o, out);
	return 0;
}

int
outbox_report(struct outbox *o, int64_t id, bool delivered)
{
	int rc = report_put(o, id, delivered);

	if (rc == 0 && delivered)
		o->h->n.delivered++;
	else if (rc == 0)
		o->h->n.failed++;
	return rc;
}

void
gw_report(
    struct gw *gw, int64_t id, bool delivered, gw_done_fn *done, void *arg)
{
	struct hotline *h = gw->h;
	int rc = ack_begin(h->ack);

	if (rc == 0)
		rc = outbox_report(h->outbox, id, delivered);
	if (rc < 0 && rc != -ENOENT) {
		hotline_store_said(h, rc);
		done(arg, rc);
		return;
	}
	/* not found: too old, not ours, or a repeat of one in this round */
	ack_after_commit(h->ack, done, arg);
}

static int
out_read(struct outbox *o, const struct out *out, struct gw_out *msg)
{
	struct sv sealed = { (const char *)out->sealed, out->sealed_len };
	int rc;

	if (out->clear != NULL) {
		clear_read(out->clear, &msg->to, &msg->from, &msg->text);
		msg->gsm7 = out->gsm7;
		return 0;
	}
	rc = vault_unseal(
	    o->h->vault, sealed, o->arena, &msg->to, &msg->from, &msg->text);
	if (rc == 0)
		msg->gsm7 = sms_is_gsm7(msg->text);
	return rc;
}

static void
on_cancel(struct outbox *o, struct out *out, void *arg)
{
	if (out->priority != OUT_PUSH || out->where == OUT_ENDED ||
	    memcmp(out->person, arg, VAULT_TAG_LEN) != 0)
		return;
	out->expires_ms = 0;
	if (out->where == OUT_UNDER_WAY)
		out_recall(out);
	else if (out->where != OUT_HELD)
		out_end(o, out, GW_RETRY);
}

void
outbox_cancel(struct outbox *o, const uint8_t person[VAULT_TAG_LEN])
{
	uint8_t key[VAULT_TAG_LEN];

	memcpy(key, person, sizeof(key));
	outs_each(o, on_cancel, key);
}

/* Hand one entry to the driver.  False: it takes no more now. */
static bool
out_send(struct outbox *o, struct out *out)
{
	struct gw *gw = out->gw;
	struct gw_out msg = { .id = out->id,
		.parts = (unsigned)out->parts,
		.report = out->gw->conf.reports };
	struct clear *clear = out->clear;
	int rc = out_read(o, out, &msg);

	if (rc < 0) { /* another vault key: nobody can read it any more */
		log_kv(LOG_ERR, "answer_unreadable",
		    "id=%" PRId64 " hint=the_vault_key_was_replaced", out->id);
		arena_reset(o->arena);
		o->h->n.failed++;
		out_end(o, out, GW_REFUSED);
		return true;
	}
	/* moved first: the driver may call gw_sent() from inside send() */
	out_move(o, out, OUT_UNDER_WAY);
	out->clear = NULL;
	out->recalled = false;
	rc = gw->ops->send(gw->self, &msg);
	arena_reset(o->arena);
	if (rc == 0) {
		clears_drop(o->clears, &clear);
		return true;
	}
	out->clear = clear;
	out_move(o, out, ready_of(out)); /* to where it stood */
	return false;
}

static struct out *
next_ready(struct outbox *o, const struct gw *gw)
{
	struct out *out = TAILQ_FIRST(out_list_of(o, gw, OUT_READY));

	if (out == NULL)
		out = TAILQ_FIRST(out_list_of(o, gw, OUT_READY_PUSH));
	return out;
}

/* False if the gateway has had what it takes in a second: a timer goes on. */
static bool
pace_allows(struct gw *gw, int64_t parts)
{
	int64_t wait_ms;
	struct timeval tv;

	if (gw->pace_ev == NULL)
		return true;
	wait_ms =
	    limit_spend(&gw->pace, gw->conf.parts_per_s, parts, clock_ms());
	if (wait_ms == 0)
		return true;
	tv = (struct timeval){ .tv_sec = wait_ms / 1000,
		.tv_usec = wait_ms % 1000 * 1000 };
	ASSERT(event_add(gw->pace_ev, &tv) == 0);
	return false;
}

/* Hand the next entry over.  False: nothing more goes now. */
static bool
flush_one(struct outbox *o, struct gw *gw)
{
	struct out *out = next_ready(o, gw);
	int64_t parts;

	/* nobody is woken at night because the gateway was down by day */
	if (out != NULL && out->priority == OUT_PUSH &&
	    out->expires_ms <= clock_ms()) {
		o->h->n.expired++;
		out_end(o, out, GW_RETRY);
		return true;
	}
	/* a crash sends both kinds again, and no more than a window */
	if (out == NULL || gw->under_way + gw->unmarked >= gw->conf.window)
		return false;
	parts = out->parts;
	if (!pace_allows(gw, parts))
		return false;
	if (out_send(o, out))
		return true;
	gw->pace.level += parts * 1000; /* it was not spent */
	return false;
}

void
outbox_flush(struct outbox *o, struct gw *gw)
{
	size_t n;

	/* without a store a text sent could not be marked as sent */
	if (!gw->up || o->h->store_rc < 0 || o->h->stopping || gw->flushing)
		return;
	gw->flushing = true;
	for (n = 0; n < OUT_FLUSH_MAX; n++)
		if (!flush_one(o, gw))
			break;
	gw->flushing = false;
}

/* What has outlived itself ends; what waited long enough is ready. */
static void
list_tick(struct outbox *o, struct out_list *list, int64_t now_ms)
{
	struct out *out, *next;

	for (out = TAILQ_FIRST(list); out != NULL; out = next) {
		next = TAILQ_NEXT(out, link);
		if (out->where == OUT_UNDER_WAY) {
			if (out->expires_ms <= now_ms)
				out_recall(out);
		} else if (out->expires_ms <= now_ms) {
			o->h->n.expired++;
			out_end(o, out, GW_RETRY);
		} else if (out->where == OUT_WAITING &&
			   out->next_ms <= now_ms) {
			out_move(o, out, ready_of(out));
		}
	}
}

static void
gateway_tick(struct outbox *o, struct gw *gw, int64_t now_ms)
{
	struct out *out, *next;

	out = TAILQ_FIRST(out_list_of(o, gw, OUT_ENDED));
	for (; out != NULL && o->h->store_rc == 0; out = next) {
		next = TAILQ_NEXT(out, link);
		if (!out->told)
			out_end(o, out, out->result);
	}
	list_tick(o, out_list_of(o, gw, OUT_READY), now_ms);
	list_tick(o, out_list_of(o, gw, OUT_READY_PUSH), now_ms);
	list_tick(o, out_list_of(o, gw, OUT_UNDER_WAY), now_ms);
	list_tick(o, out_list_of(o, gw, OUT_WAITING), now_ms);
	outbox_flush(o, gw);
}

void
outbox_tick(struct outbox *o, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < o->h->gateway_count; i++)
		gateway_tick(o, o->h->gateways[i], now_ms);
}

struct load {
	struct outbox *o;
	struct gw *gw;
	int64_t count;
};

static bool
on_row(void *arg, const struct db_out *row)
{
	struct load *l = arg;

	if (row->state != OUT_QUEUED ||
	    !sv_eq(sv_of(l->gw->conf.name), row->gateway))
		return true;
	out_add(l->o, row, l->gw, false);
	l->count++;
	return true;
}

int
outbox_load(struct outbox *o, struct gw *gw)
{
	struct load l = { o, gw, 0 };
	int rc = db_out_each(o->h->db, on_row, &l);

	if (l.count > gw->conf.window)
		l.count = gw->conf.window;
	/* it may have had so many already, and nobody wrote it down */
	if (!o->h->stopped_well)
		o->h->n.maybe_twice += l.count;
	return rc;
}

static void
on_clip(struct outbox *o, struct out *out, void *arg)
{
	const int64_t *now_ms = arg, valid_ms = out->expires_ms - out->at_ms;

	(void)o;
	if (out->at_ms > *now_ms) {
		out->at_ms = *now_ms;
		out->expires_ms = *now_ms + valid_ms;
	}
	if (out->next_ms > *now_ms)
		out->next_ms = *now_ms;
}

void
outbox_clip(struct outbox *o, int64_t now_ms)
{
	outs_each(o, on_clip, &now_ms);
}

bool
outbox_is_full(const struct outbox *o)
{
	return o->count >= o->h->conf.outbox.most;
}

int64_t
outbox_waiting(const struct outbox *o)
{
	return o->count;
}

static void
on_oldest(struct outbox *o, struct out *out, void *arg)
{
	int64_t *oldest_ms = arg;

	(void)o;
	if (*oldest_ms == 0 || out->at_ms < *oldest_ms)
		*oldest_ms = out->at_ms;
}

int64_t
outbox_oldest_ms(struct outbox *o)
{
	int64_t oldest_ms = 0;

	outs_each(o, on_oldest, &oldest_ms);
	return oldest_ms;
}
