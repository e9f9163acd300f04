/* hotline.c - opening, the clock's tick, editions, closing. */
#include "daemon/core/hotline.h"

#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "content/publish.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/audit.h"
#include "daemon/core/call.h"
#include "daemon/core/core.h"
#include "daemon/core/editions.h"
#include "daemon/core/erase.h"
#include "daemon/core/people.h"

enum {
	TICK_S = 1,
	SWEEP_MS = 60 * 1000,
	SWEEP_US = 4 * 1000, /* of one round of the sweep, with its sync */
	SWEEP_LEAST = 16,    /* rows of a round */
	SWEEP_MOST = 1024,
	FORGET_PAUSE_US = 10 * 1000, /* between slices: texts come first */
	CHECKPOINT_PAUSE_US = 1000,  /* what was told goes out before */
	IDLE_MS = 200, /* no text for so long: time for a checkpoint */
	STOP_STEP_US = 20 * 1000,
	STOP_STEPS = 100,
	STORE_LOG_MS = 60 * 1000,
	ARENA_MOST = 4 << 20,
	GATEWAY_WINDOW = 32, /* of one that is in no settings */
	HOUR_MS = 60 * 60 * 1000,
	REF_LEN = 9, /* a text of millions is taken for a repeat once in 10^11
			such days */
};

const struct conf *
hotline_conf(const struct hotline *h)
{
	return &h->conf;
}

void
hotline_store_said(struct hotline *h, int rc)
{
	int64_t now_ms = clock_ms();

	if (rc == -EAGAIN) /* too much at once: not the store's word */
		return;
	if (rc < 0 && (rc != h->store_rc ||
			  now_ms - h->last_store_log_ms > STORE_LOG_MS)) {
		h->last_store_log_ms = now_ms;
		log_kv(LOG_ERR, "store_fails",
		    "why=\"%s\" hint=\"gateways keep their texts and try "
		    "again; see safarctl status\"",
		    strerror(-rc));
	} else if (rc == 0 && h->store_rc < 0) {
		log_kv(LOG_INFO, "store_works", "again=1");
	}
	h->store_rc = rc;
}

static void
checkpoint(struct hotline *h)
{
	int rc;

	ack_flush(h->ack); /* nobody is to wait for this */
	rc = db_checkpoint(h->db);
	h->uncheckpointed = rc < 0;
	if (rc == -EBUSY) /* who was told handed over more */
		return;
	if (rc < 0 && rc != h->checkpoint_rc)
		log_kv(LOG_WARN, "checkpoint_fails",
		    "why=\"%s\" hint=\"the write-ahead log grows until it "
		    "works; see safarctl status\"",
		    strerror(-rc));
	else if (rc == 0 && h->checkpoint_rc < 0)
		log_kv(LOG_INFO, "checkpoint_works", "again=1");
	h->checkpoint_rc = rc;
}

static void
on_checkpoint(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	checkpoint(arg);
}

static void
checkpoint_soon(struct hotline *h)
{
	const struct timeval pause = { .tv_usec = CHECKPOINT_PAUSE_US };

	if (!event_pending(h->checkpoint_ev, EV_TIMEOUT, NULL))
		ASSERT(event_add(h->checkpoint_ev, &pause) == 0);
}

static void
forget_after(struct hotline *h, const struct timeval *pause)
{
	ASSERT(event_add(h->forget_ev, pause) == 0);
}

/* Runs after every commit, before the gateways are told. */
static void
on_commit(void *arg, int rc)
{
	const struct timeval tick = { .tv_sec = TICK_S };
	struct hotline *h = arg;
	bool wrote = rc == 0 && db_wrote(h->db);

	if (rc < 0 || wrote) /* to commit nothing works on a full disk too */
		hotline_store_said(h, rc);
	turns_settle(h, rc);
	parts_settle(h->parts, rc);
	names_settle(h->names, rc);
	decoys_settle(h->decoys, rc);
	callbacks_settle(h->callbacks, rc);
	outbox_settle(h->outbox, rc);
	h->uncheckpointed = h->uncheckpointed || wrote;
	if (db_wal_is_long(h->db))
		checkpoint_soon(h);
	if (rc < 0) /* its slice may have been the last one */
		forget_after(h, &tick);
	event_active(h->flush_ev, EV_TIMEOUT, 0);
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct hotline *h = arg;
	size_t i;

	(void)fd, (void)what;
	for (i = 0; i < h->gateway_count; i++)
		outbox_flush(h->outbox, h->gateways[i]);
}

void
hotline_forget_soon(struct hotline *h)
{
	const struct timeval pause = { .tv_usec = FORGET_PAUSE_US };

	forget_after(h, &pause);
}

/* One slice of the rows, in whatever round is open. */
static void
on_forget(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tick = { .tv_sec = TICK_S };
	struct hotline *h = arg;
	bool more = false;
	int rc = ack_begin(h->ack);

	(void)fd, (void)what;
	if (rc == 0)
		rc = db_forget_step(h->db, &more);
	if (rc < 0) {
		hotline_store_said(h, rc);
		forget_after(h, &tick); /* until the store works again */
	} else if (more) {
		hotline_forget_soon(h);
	}
}

static int
edition_open(struct hotline *h, struct edition **ret_edition, struct diag *why)
{
	int64_t number;
	int rc;

	rc = directory_edition_now(h->directory, &number);
	if (rc == -ENOENT)
		return diag_set(why, rc,
		    "%s: nothing is published; run `safarctl --data %s "
		    "publish`",
		    h->dir, h->dir);
	if (rc < 0)
		return diag_set(
		    why, rc, "%s/directory.db: %s", h->dir, strerror(-rc));
	return edition_load_published(h->dir, number, ret_edition, why);
}

/* A publish by safarctl shows as a change of directory.db. */
static void
edition_watch(struct hotline *h)
{
	int64_t version, number;

	if (directory_version(h->directory, &version) < 0 ||
	    version == h->directory_version ||
	    directory_edition_now(h->directory, &number) < 0)
		return; /* looked at again soon */
	if (number == h->edition->number || editions_load(h->editions, number))
		h->directory_version = version;
}

/* It was loaded, or it cannot be. */
static void
on_edition(evutil_socket_t fd, short what, void *arg)
{
	struct edition *next = NULL;
	struct hotline *h = arg;
	int64_t number;
	struct diag why;

	(void)fd, (void)what;
	if (!editions_take(h->editions, &number, &next, &why))
		return;
	if (next == NULL) {
		h->edition_trouble = why;
		log_kv(LOG_ERR, "edition_refused",
		    "number=%" PRId64 " kept=%" PRId64 " why=\"%s\"", number,
		    h->edition->number, why.text);
		return;
	}
	h->edition_trouble.text[0] = '\0';
	people_move(h->people, h->edition, next);
	editions_drop(h->editions, &h->edition);
	h->edition = next;
	log_kv(LOG_INFO, "edition", "number=%" PRId64, number);
	calls_look(h);
}

/* Keys of old epochs are destroyed; what fails is tried again. */
static void
keys_expire(struct hotline *h, int64_t now_ms)
{
	int64_t kept = erase_epoch_kept(
	    now_ms, h->conf.log.link_days, h->conf.log.keep_days);
	size_t n = 0;

	if (kept == h->epoch_kept)
		return;
	if (vault_epochs_destroy(h->vault, kept, &n) < 0) {
		log_kv(LOG_ERR, "key_not_destroyed",
		    "before=%" PRId64 " hint=\"is the key folder writable?\"",
		    kept);
		return;
	}
	h->epoch_kept = kept;
	if (n > 0)
		log_kv(LOG_INFO, "keys_destroyed", "n=%zu before=%" PRId64, n,
		    kept);
}

static int64_t
monotonic_us(void)
{
	struct timespec t = { 0 };

	ASSERT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* As many rows as take SWEEP_US: texts wait meanwhile.  A round with little to
 * do says nothing of a full one. */
static int64_t
sweep_rows(int64_t rows, int64_t took_us, bool full)
{
	if (took_us > SWEEP_US)
		return rows / 2 > SWEEP_LEAST ? rows / 2 : SWEEP_LEAST;
	if (full && took_us < SWEEP_US / 2)
		return rows * 5 / 4 < SWEEP_MOST ? rows * 5 / 4 : SWEEP_MOST;
	return rows;
}

/* Once for each that was not told. */
static void
lines_tell(struct hotline *h)
{
	int64_t lost = db_lines_lost(h->db);

	if (lost <= h->lines_lost)
		return;
	log_kv(LOG_ERR, "log_rows_damaged",
	    "rows=%" PRId64 " hint=\"they are lost, and in no report; "
	    "look after the disk; see safarctl check --store\"",
	    lost - h->lines_lost);
	h->lines_lost = lost;
}

static void
sweep(struct hotline *h, int64_t now_ms)
{
	const struct db_sweep now = { .now_ms = now_ms,
		.log_ms = h->conf.log.keep_days * 24 * HOUR_MS,
		.epoch = h->epoch_kept,
		.rows = h->sweep_rows };
	int64_t began_us;
	bool more = true;
	int rc;

	names_sweep(h->names, now_ms);
	decoys_sweep(h->decoys, now_ms);
	calls_sweep(h, now_ms);
	callbacks_sweep(h->callbacks, now_ms);
	began_us = monotonic_us();
	rc = db_sweep(h->db, &now, &more);
	h->sweep_rows = sweep_rows(
	    h->sweep_rows, monotonic_us() - began_us, rc == 0 && more);
	if (rc < 0)
		hotline_store_said(h, rc);
	else if (!more)
		h->last_sweep_ms = now_ms;
	lines_tell(h);
	h->uncheckpointed = true;
	if (db_wal_is_long(h->db)) /* in a round of its own */
		checkpoint_soon(h);
}

/* Ask a store that failed whether it works again.  Always another value: the
 * same again would not be written. */
static void
store_try(struct hotline *h, int64_t now_ms)
{
	char value[24];
	int rc = ack_begin(h->ack);

	(void)snprintf(value, sizeof(value), "%" PRId64, now_ms);
	if (rc == 0)
		rc = db_meta_set(h->db, "store_try", sv_of(value));
	if (rc < 0)
		hotline_store_said(h, rc);
}

/* The clock was set back: whatever is from after now would last too long. */
static void
times_clip(struct hotline *h, int64_t now_ms)
{
	size_t i;

	log_kv(LOG_WARN, "clock_set_back", "s=%" PRId64,
	    (h->last_tick_ms - now_ms) / 1000);
	turns_clip(h, now_ms);
	outbox_clip(h->outbox, now_ms);
	parts_clip(h->parts, now_ms);
	names_clip(h->names, now_ms);
	decoys_clip(h->decoys, now_ms);
	callbacks_clip(h->callbacks, now_ms);
	for (i = 0; i < h->gateway_count; i++)
		if (h->gateways[i]->cut_ms > now_ms)
			h->gateways[i]->cut_ms = now_ms;
	h->last_turn_ms = 0;
	h->last_sweep_ms = 0;
	h->last_store_log_ms = 0;
}

void
hotline_tick(struct hotline *h)
{
	int64_t now_ms = clock_ms();

	ack_flush(h->ack);
	if (now_ms < h->last_tick_ms)
		times_clip(h, now_ms);
	h->last_tick_ms = now_ms;
	if (h->store_rc < 0)
		store_try(h, now_ms);
	edition_watch(h);
	parts_tick(h->parts, now_ms);
	names_tick(h->names);
	callbacks_tick(h->callbacks, now_ms);
	outbox_tick(h->outbox, now_ms);
	ack_flush(h->ack);
	/* else a gateway that was told has handed its next text over */
	if (!ack_is_open(h->ack))
		outbox_failover(h->outbox, now_ms);
	turns_sweep(h, now_ms);
	/* by turns: either takes its milliseconds */
	h->swept = !h->swept && now_ms - h->last_sweep_ms >= SWEEP_MS;
	if (h->swept) {
		keys_expire(h, now_ms);
		sweep(h, now_ms);
	} else if (h->uncheckpointed && now_ms - h->last_turn_ms >= IDLE_MS) {
		checkpoint(h);
	}
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	hotline_tick(arg);
}

static int
stores_open(struct hotline *h, struct diag *why)
{
	char path[4096];
	bool sealed = false;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/safar.yaml", h->dir);
	rc = conf_load(path, &h->conf, why);
	(void)snprintf(path, sizeof(path), "%s/keys", h->dir);
	if (rc == 0)
		rc = vault_is_sealed(path, &sealed, why);
	/* its lock keeps others from changing the keys while they are read */
	if (rc == 0)
		rc = db_open(h->dir, &h->db, why);
	if (rc == 0)
		rc = vault_open(h->dir, &h->vault, why);
	if (rc == 0)
		h->lines_lost = db_lines_lost(h->db);
	if (rc == 0 && db_meta_get(h->db, "tag", h->tag, sizeof(h->tag)) < 0)
		rc = diag_set(
		    why, -EUCLEAN, "%s/hotline.db has lost its tag", h->dir);
	if (rc == 0)
		rc = directory_open(h->dir, &h->directory, why);
	if (rc == 0)
		rc = edition_open(h, &h->edition, why);
	return rc;
}

/* How it ended the last time; from now on it may end at any moment. */
static bool
stop_was_well(struct hotline *h)
{
	char value[2] = "1";

	(void)!db_meta_get(h->db, "stopped_well", value, sizeof(value));
	(void)!db_meta_set(h->db, "stopped_well", SV("0"));
	return value[0] == '1';
}

int
hotline_open(struct event_base *base, const char *dir,
    struct hotline **ret_hotline, struct diag *reterr_diag)
{
	CLEANUP(hotline_close) struct hotline *h = calloc(1, sizeof(*h));
	const struct timeval tick = { .tv_sec = TICK_S };
	int rc;

	ASSERT(h != NULL);
	h->base = base;
	h->dir = strdup(dir);
	ASSERT(h->dir != NULL);
	SLIST_INIT(&h->undo);
	h->started_ms = clock_ms();
	h->sweep_rows = DB_SWEEP_ROWS;
	rc = stores_open(h, reterr_diag);
	if (rc < 0)
		return rc;
	log_set_level((enum log_level)h->conf.log.level);
	h->phones = phones_new();
	h->arena = arena_new(65536, ARENA_MOST);
	h->people = people_new();
	h->refs = daymap_new(REF_LEN, 0);
	h->known = known_new();
	h->outbox = outbox_new(h);
	h->parts = parts_new(h);
	h->names = names_new(h);
	h->decoys = decoys_new(h);
	h->calls = calls_new();
	h->callbacks = callbacks_new(h);
	h->ack = ack_new(base, h->db);
	ack_set_observer(h->ack, on_commit, h);
	h->flush_ev = event_new(base, -1, 0, on_flush, h);
	h->checkpoint_ev = event_new(base, -1, 0, on_checkpoint, h);
	h->forget_ev = event_new(base, -1, 0, on_forget, h);
	h->tick_ev = event_new(base, -1, EV_PERSIST, on_tick, h);
	h->editions = editions_new(h->dir);
	h->edition_ev = event_new(base, editions_fd(h->editions),
	    EV_READ | EV_PERSIST, on_edition, h);
	ASSERT(h->edition_ev != NULL && event_add(h->edition_ev, NULL) == 0);
	ASSERT(h->flush_ev != NULL && h->checkpoint_ev != NULL &&
	       h->forget_ev != NULL && h->tick_ev != NULL);
	hotline_forget_soon(h); /* what a crash interrupted */
	ASSERT(event_add(h->tick_ev, &tick) == 0);
	rc = turns_load(h);
	if (rc == 0)
		rc = names_load(h->names);
	if (rc == 0)
		rc = decoys_load(h->decoys);
	if (rc == 0)
		rc = callbacks_load(h->callbacks);
	if (rc < 0)
		return diag_set(reterr_diag, rc, "%s/hotline.db: %s", h->dir,
		    strerror(-rc));
	rc = calls_open(h, reterr_diag);
	if (rc < 0)
		return rc;
	h->stopped_well = stop_was_well(h);
	h->opened = true;
	*ret_hotline = h;
	h = NULL;
	return 0;
}

static void
gateway_free(struct gw *gw)
{
	if (gw->pace_ev != NULL)
		event_free(gw->pace_ev);
	free(gw);
}

/* Answers that a gateway may have, and no row says so. */
static int64_t
unsure(const struct hotline *h)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < h->gateway_count; i++)
		n += h->gateways[i]->under_way + h->gateways[i]->unmarked;
	return n;
}

static void
gateways_stop(struct hotline *h)
{
	int64_t under_way = unsure(h);
	size_t i;

	for (i = 0; i < h->gateway_count; i++) {
		h->gateways[i]->up = false; /* nothing more is handed over */
		if (h->gateways[i]->self != NULL)
			h->gateways[i]->ops->stop(h->gateways[i]->self);
	}
	ack_flush(h->ack);
	if (under_way == 0 && unsure(h) == 0)
		(void)!db_meta_set(h->db, "stopped_well", SV("1"));
}

void
hotline_close(struct hotline **hp)
{
	struct hotline *h = *hp;
	size_t i;

	if (h == NULL)
		return;
	if (h->opened) {
		gateways_stop(h);
		calls_finish(h);
	}
	ack_free(&h->ack);
	parts_free(&h->parts);
	names_free(&h->names);
	decoys_free(&h->decoys);
	calls_free(&h->calls);
	callbacks_free(&h->callbacks);
	outbox_free(&h->outbox); /* its entries point to their gateways */
	for (i = 0; i < h->gateway_count; i++)
		gateway_free(h->gateways[i]);
	if (h->tick_ev != NULL)
		event_free(h->tick_ev);
	if (h->flush_ev != NULL)
		event_free(h->flush_ev);
	if (h->checkpoint_ev != NULL)
		event_free(h->checkpoint_ev);
	if (h->forget_ev != NULL)
		event_free(h->forget_ev);
	if (h->stop_ev != NULL)
		event_free(h->stop_ev);
	if (h->edition_ev != NULL)
		event_free(h->edition_ev);
	editions_free(&h->editions);
	people_free(&h->people);
	daymap_free(&h->refs);
	known_free(&h->known);
	arena_free(&h->arena);
	phones_free(&h->phones);
	edition_free(&h->edition);
	directory_close(&h->directory);
	db_close(&h->db);
	vault_close(&h->vault);
	free(h->dir);
	free(h);
	*hp = NULL;
}

static struct gw *
hotline_gateway(const struct hotline *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->gateway_count; i++)
		if (strcmp(h->gateways[i]->conf.name, name) == 0)
			return h->gateways[i];
	return NULL;
}

static void
on_pace(evutil_socket_t fd, short what, void *arg)
{
	struct gw *gw = arg;

	(void)fd, (void)what;
	outbox_flush(gw->h->outbox, gw);
}

static void
damaged_tell(const struct hotline *h)
{
	int64_t rows = db_damaged(h->db);

	if (rows > 0)
		log_kv(LOG_ERR, "answers_damaged",
		    "rows=%" PRId64 " hint=\"they are not sent; who waits will "
		    "write again; see safarctl check --store\"",
		    rows);
}

int
hotline_gateway_add(struct hotline *h, const struct gw_ops *ops,
    const struct conf_gateway *conf)
{
	struct phone line;
	struct gw *gw;
	int rc;

	if (h->gateway_count == ARRAY_LEN(h->gateways))
		return -ENOSPC;
	if (hotline_gateway(h, conf->name) != NULL)
		return -EEXIST;
	gw = calloc(1, sizeof(*gw));
	ASSERT(gw != NULL);
	gw->h = h;
	gw->conf = *conf;
	gw->down_ms = clock_ms();
	if (gw->conf.parts_per_s > 0) {
		gw->pace_ev = event_new(h->base, -1, 0, on_pace, gw);
		ASSERT(gw->pace_ev != NULL);
	}
	gw->cut_ms = h->last_turn_ms; /* the end of what was before */
	if (gw->conf.window == 0)
		gw->conf.window = GATEWAY_WINDOW;
	gw->ops = ops;
	if (phone_parse(h->phones, sv_of(conf->line), conf->country, &line) ==
	    0)
		memcpy(gw->line, line.e164.digits, sizeof(gw->line));
	gw->index = h->gateway_count;
	/* one that does not start stays too: answers wait for it in memory */
	h->gateways[h->gateway_count++] = gw;
	rc = outbox_load(h->outbox, gw);
	if (rc == 0 && gw->index == 0) /* each reads all rows */
		damaged_tell(h);
	if (rc == 0)
		rc = parts_load(h->parts, gw);
	if (rc == 0)
		rc = ops->start(gw, h->base, &gw->conf, &gw->self);
	return rc;
}

void *
hotline_gateway_self(struct hotline *h, const char *name)
{
	struct gw *gw = hotline_gateway(h, name);

	return gw != NULL ? gw->self : NULL;
}

static void
sandbox_tell(const struct sandbox *box)
{
	if (box->why.text[0] == '\0')
		log_kv(LOG_INFO, "sandbox", "landlock=%d ports=%d",
		    box->landlock, box->ports);
	else
		log_kv(LOG_WARN, "sandbox_missing",
		    "landlock=%d seccomp=%d why=\"%s\"", box->landlock,
		    box->seccomp, box->why.text);
}

int
hotline_confine(struct hotline *h, struct diag *reterr_diag)
{
	char keys[4096];
	const char *spool = h->conf.voice.spool_dir;
	const char *const folders[] = { h->dir, keys,
		spool[0] != '\0' ? spool : NULL, NULL };
	uint16_t ports[CONF_GATEWAYS_MAX];
	const struct sandbox_plan plan = { .folders = folders,
		.ports = ports,
		.port_count = h->conf.gateway_count };
	size_t i;
	int rc;

	/* may be another disk */
	(void)snprintf(keys, sizeof(keys), "%s/keys", h->dir);
	for (i = 0; i < h->conf.gateway_count; i++)
		ports[i] = (uint16_t)h->conf.gateways[i].port;
	json_object_seed(0); /* opens /dev/urandom, once */
	rc = editions_confine(h->editions, &plan, reterr_diag);
	if (rc == 0)
		rc = sandbox_enter(&plan, &h->sandbox, reterr_diag);
	if (rc == 0)
		sandbox_tell(&h->sandbox);
	return rc;
}

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct hotline *h = arg;
	int64_t under_way = 0;
	size_t i;

	(void)fd, (void)what;
	for (i = 0; i < h->gateway_count; i++)
		under_way += h->gateways[i]->under_way;
	if (under_way == 0 || h->stop_left-- == 0)
		(void)event_base_loopbreak(h->base);
}

void
hotline_stop(struct hotline *h)
{
	const struct timeval step = { .tv_usec = STOP_STEP_US };

	if (h->stopping)
		return;
	h->stopping = true;
	h->stop_left = STOP_STEPS;
	h->stop_ev = event_new(h->base, -1, EV_PERSIST, on_stop, h);
	ASSERT(h->stop_ev != NULL && event_add(h->stop_ev, &step) == 0);
}
