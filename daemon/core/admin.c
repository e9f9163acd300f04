/* admin.c - what an administrator asks of the running service. */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/audit.h"
#include "daemon/core/call.h"
#include "daemon/core/core.h"
#include "daemon/core/erase.h"
#include "daemon/core/messages.h"
#include "daemon/core/people.h"

enum { CALLS_PAGE = 20, HOUR_MS = 3600 * 1000 };

/* No round is open when this returns 0. */
static int
alone(struct hotline *h)
{
	ack_flush(h->ack);
	return ack_is_open(h->ack) ? -EAGAIN : 0;
}

/* What memory holds of them, under each name it may be held by. */
static void
memory_forget(struct hotline *h, struct sv e164, int64_t now_ms)
{
	uint8_t name[VAULT_TAG_LEN];
	int64_t now = vault_epoch(now_ms), epoch;

	for (epoch = now; epoch >= 0 && epoch >= now - 1; epoch--) {
		if (vault_person_of(h->vault, epoch, e164, name) < 0)
			continue;
		people_remove(h->people, name);
		outbox_forget(h->outbox, name);
		parts_forget(h->parts, name);
	}
	hotline_forget_soon(h); /* the older rows, slice by slice */
}

int
hotline_erase(struct hotline *h, struct sv number, struct sv who)
{
	int64_t now_ms = clock_ms();
	struct phone phone;
	struct sv e164;
	int rc;

	if (phone_parse(h->phones, number, "", &phone) < 0 ||
	    phone_reveal(&phone).n == 0)
		return -EINVAL;
	e164 = phone_reveal(&phone);
	rc = alone(h);
	/* first the note: nothing is erased that nobody answers for */
	if (rc == 0)
		rc = audit_put(h->db, who, SV("erase a number"));
	if (rc == 0)
		rc = erase_person(h->db, h->vault, e164);
	if (rc == 0)
		rc = decoys_forget(h->decoys, e164);
	if (rc == 0)
		rc = calls_forget(h, e164);
	if (rc == 0)
		rc = callbacks_end(h->callbacks, e164);
	if (rc == 0)
		memory_forget(h, e164, now_ms);
	explicit_bzero(&phone, sizeof(phone));
	h->uncheckpointed = true;
	if (rc == 0)
		rc = db_checkpoint(h->db);
	callbacks_stand(h->callbacks);
	return rc;
}

int
hotline_audit(struct hotline *h, struct sv who, struct sv action)
{
	int rc = alone(h);

	h->uncheckpointed = true;
	return rc == 0 ? audit_put(h->db, who, action) : rc;
}

/* --- who asked to be called --- */

struct calls {
	struct sb *b;
	int64_t skip, left, now_ms;
	bool first, more;
};

static void
on_call(void *arg, const struct callback *c)
{
	struct calls *all = arg;

	if (c->head.at_ms <= all->now_ms || all->skip-- > 0)
		return;
	if (all->left-- <= 0) {
		all->more = true;
		return;
	}
	sb_printf(all->b,
	    "%s{\"id\":%" PRId64 ",\"since_ms\":%" PRId64
	    ",\"lang\":\"%s\",\"hours\":\"%s\",\"utc_min\":%d,\"now\":%s,"
	    "\"topic\":\"%s\",\"place\":\"%s\",\"state\":\"%s\","
	    "\"texts\":%u}",
	    all->first ? "" : ",", c->id, c->since_ms - c->since_ms % HOUR_MS,
	    lang_code(c->lang),
	    c->window == WINDOW_ANY ? "any" : callback_hours(c->window),
	    c->utc_min, callback_is_time(c, all->now_ms) ? "true" : "false",
	    c->topic, c->place, callback_state_name(c->state), c->texts);
	all->first = false;
}

static int
calls_list(struct hotline *h, int64_t skip, struct sb *b)
{
	struct calls all = { .b = b,
		.skip = skip,
		.left = CALLS_PAGE,
		.now_ms = clock_ms(),
		.first = true };

	sb_puts(b, "{\"ok\":true,\"calls\":[");
	callbacks_each(h->callbacks, on_call, &all);
	sb_printf(b, "],\"more\":%s}", all.more ? "true" : "false");
	return 0;
}

static int
call_number(struct hotline *h, struct callback *c, struct sb *b)
{
	struct sv e164;
	int rc = callbacks_number(h->callbacks, c, &e164);

	if (rc == 0) {
		sb_puts(b, "{\"ok\":true,\"number\":\"");
		sb_put(b, e164);
		sb_puts(b, "\"}");
	}
	callbacks_seal_away(h->callbacks);
	return rc;
}

static int
call_message(struct hotline *h, struct callback *c, struct sb *b)
{
	int rc;

	if (h->conf.callback.number[0] == '\0')
		return -ENOTSUP;
	rc = callbacks_message(h->callbacks, c);
	if (rc == 0)
		sb_printf(b, "{\"ok\":true,\"now\":%s}",
		    callback_is_time(c, clock_ms()) ? "true" : "false");
	return rc;
}

static int
call_done(struct hotline *h, struct callback *c, struct sb *b)
{
	int rc = callbacks_done(h->callbacks, c, clock_ms());

	if (rc == 0)
		sb_puts(b, "{\"ok\":true}");
	return rc;
}

static const struct call_act {
	const char *name, *note;
	int (*run)(struct hotline *h, struct callback *c, struct sb *b);
} call_acts[] = {
	{ "number", "show the number of call", call_number },
	{ "message", "ask by text about call", call_message },
	{ "done", "close call", call_done },
};

/* First the note: nothing is shown that nobody answers for. */
static int
call_do(struct hotline *h, const struct call_act *act, int64_t id,
    struct sv who, struct sb *b)
{
	struct callback *c = callbacks_find(h->callbacks, id);
	char note[64];
	int rc;

	if (c == NULL || c->head.at_ms <= clock_ms())
		return -ENOENT;
	(void)snprintf(note, sizeof(note), "%s %" PRId64, act->note, id);
	rc = alone(h);
	if (rc == 0) /* what was told may have ended it */
		c = callbacks_find(h->callbacks, id);
	if (rc == 0 && c == NULL)
		rc = -ENOENT;
	if (rc == 0)
		rc = audit_put(h->db, who, sv_of(note));
	h->uncheckpointed = true;
	return rc == 0 ? act->run(h, c, b) : rc;
}

int
hotline_callback(
    struct hotline *h, struct sv act, int64_t id, struct sv who, struct sb *b)
{
	size_t i;

	if (sv_eq(act, SV("list")))
		return calls_list(h, id, b);
	for (i = 0; i < ARRAY_LEN(call_acts); i++)
		if (sv_eq(act, sv_of(call_acts[i].name)))
			return call_do(h, &call_acts[i], id, who, b);
	return -ENOSYS;
}

int
hotline_panic(struct hotline *h)
{
	size_t i, n = 0;
	int keys = vault_destroy(h->vault, &n), rc;

	for (i = 0; i < h->gateway_count; i++)
		h->gateways[i]->up = false; /* nothing more is handed over */
	calls_wipe(h);
	rc = alone(h);
	if (rc == 0)
		rc = db_people_wipe(h->db);
	if (rc == 0)
		rc = db_checkpoint(h->db);
	log_kv(LOG_ERR, "panic", "keys=%d store=%d files=%zu", keys, rc, n);
	(void)event_base_loopbreak(h->base);
	return keys < 0 ? keys : rc;
}
