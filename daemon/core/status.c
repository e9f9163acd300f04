/* status.c - what the service knows of itself, as JSON. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/core/core.h"
#include "daemon/core/people.h"
#include "daemon/core/voice.h"

static json_t *
refusals_json(const struct gw *gw)
{
	json_t *all = json_object();
	size_t i;

	for (i = 0; i < REFUSALS_MAX && gw->refusals[i].what != NULL; i++)
		(void)json_object_set_new(all, gw->refusals[i].what,
		    json_integer(gw->refusals[i].count));
	return all;
}

static json_t *
gateways_json(const struct hotline *h)
{
	json_t *list = json_array();
	const struct gw *gw;
	size_t i;

	for (i = 0; i < h->gateway_count; i++) {
		gw = h->gateways[i];
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:b, s:I, s:I, s:I, s:o}",
			      "name", gw->conf.name, "driver", gw->ops->name,
			      "up", (int)gw->up, "in", (json_int_t)gw->in,
			      "out", (json_int_t)gw->out, "under_way",
			      (json_int_t)gw->under_way, "refused",
			      refusals_json(gw)));
	}
	return list;
}

static json_t *
counters_json(const struct counters *n)
{
	const struct {
		const char *name;
		int64_t value;
	} rows[] = {
		{ "taken", n->taken },
		{ "repeated", n->repeated },
		{ "not_a_person", n->not_a_person },
		{ "bad_sender", n->bad_sender },
		{ "limited", n->limited },
		{ "echoed", n->echoed },
		{ "put_off", n->put_off },
		{ "refused", n->refused },
		{ "parts", n->parts },
		{ "joined", n->joined },
		{ "incomplete", n->incomplete },
		{ "late_parts", n->late_parts },
		{ "bad_parts", n->bad_parts },
		{ "crowded", n->crowded },
		{ "early_reports", n->early_reports },
		{ "unnamed", n->unnamed },
		{ "moved", n->moved },
		{ "maybe_twice", n->maybe_twice },
		{ "sent", n->sent },
		{ "retried", n->retried },
		{ "failed", n->failed },
		{ "expired", n->expired },
		{ "delivered", n->delivered },
		{ "calls", n->calls },
		{ "keys", n->keys },
		{ "missed_calls", n->missed_calls },
		{ "messages", n->messages },
		{ "lost_messages", n->lost_messages },
		{ "put_through", n->put_through },
		{ "no_prompt", n->no_prompt },
	};
	json_t *all = json_object();
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		json_object_set_new(
		    all, rows[i].name, json_integer((json_int_t)rows[i].value));
	return all;
}

static json_t *
store_json(const struct hotline *h)
{
	struct db_counts c = { 0 };
	int rc = db_counts(h->db, &c);
	json_t *store;

	if (rc == 0)
		rc = h->store_rc;
	store = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ok",
	    rc == 0, "damaged", (json_int_t)db_damaged(h->db), "lines_lost",
	    (json_int_t)h->lines_lost, "log_rows", (json_int_t)c.log, "queued",
	    (json_int_t)c.queued, "sent", (json_int_t)c.sent, "bytes",
	    (json_int_t)c.size_bytes, "wal_bytes", (json_int_t)c.wal_bytes,
	    "cache_bytes", (json_int_t)c.cache_bytes);
	if (rc < 0)
		json_object_set_new(store, "why", json_string(strerror(-rc)));
	if (h->checkpoint_rc < 0)
		json_object_set_new(store, "checkpoint",
		    json_string(strerror(-h->checkpoint_rc)));
	return store;
}

/* Bytes of what grows with the people and texts of a day, or of an hour. */
static json_t *
memory_json(const struct hotline *h)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "people",
	    (json_int_t)people_bytes(h->people), "texts",
	    (json_int_t)daymap_bytes(h->refs), "pieces",
	    (json_int_t)parts_bytes(h->parts), "reports",
	    (json_int_t)names_bytes(h->names), "mixing",
	    (json_int_t)db_mix_bytes(h->db));
}

static json_t *
sandbox_json(const struct sandbox *box)
{
	json_t *all = json_pack("{s:b, s:b, s:b}", "calls", (int)box->seccomp,
	    "files", (int)(box->landlock > 0), "ports", (int)box->ports);

	ASSERT(all != NULL);
	if (box->why.text[0] != '\0')
		json_object_set_new(all, "why", json_string(box->why.text));
	return all;
}

void
hotline_status(struct hotline *h, struct sb *b)
{
	int64_t now_ms = clock_ms(), oldest_ms = outbox_oldest_ms(h->outbox);
	json_t *all;
	char *text;

	all =
	    json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, "
		      "s:o}",
		"pid", (int)getpid(), "uptime_s",
		(json_int_t)((now_ms - h->started_ms) / 1000), "edition",
		(json_int_t)h->edition->number, "people",
		(json_int_t)people_count(h->people), "waiting",
		(json_int_t)outbox_waiting(h->outbox), "oldest_waiting_s",
		(json_int_t)(oldest_ms != 0 ? (now_ms - oldest_ms) / 1000 : 0),
		"open_texts", (json_int_t)parts_open(h->parts), "memory",
		memory_json(h), "store", store_json(h), "gateways",
		gateways_json(h), "sandbox", sandbox_json(&h->sandbox),
		"counters", counters_json(&h->n));
	ASSERT(all != NULL);
	if (h->edition_trouble.text[0] != '\0')
		json_object_set_new(all, "edition_trouble",
		    json_string(h->edition_trouble.text));
	if (h->conf.voice.listen[0] != '\0')
		json_object_set_new(
		    all, "spoken", json_boolean(voice_is_spoken(h)));
	json_object_set_new(all, "callbacks",
	    json_integer((json_int_t)callbacks_open(h->callbacks)));
	text = json_dumps(all, JSON_COMPACT);
	ASSERT(text != NULL);
	sb_puts(b, text);
	free(text);
	json_decref(all);
}
