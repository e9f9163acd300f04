/* admin.c - what an administrator asks of the running service. */
#include <event2/event.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/audit.h"
#include "daemon/core/core.h"
#include "daemon/core/erase.h"
#include "daemon/core/messages.h"
#include "daemon/core/people.h"

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
		rc = messages_forget(h->dir, h->vault, e164);
	if (rc == 0)
		memory_forget(h, e164, now_ms);
	explicit_bzero(&phone, sizeof(phone));
	h->uncheckpointed = true;
	return rc == 0 ? db_checkpoint(h->db) : rc;
}

int
hotline_audit(struct hotline *h, struct sv who, struct sv action)
{
	int rc = alone(h);

	h->uncheckpointed = true;
	return rc == 0 ? audit_put(h->db, who, action) : rc;
}

int
hotline_panic(struct hotline *h)
{
	size_t i, n = 0;
	int keys = vault_destroy(h->vault, &n), rc;

	for (i = 0; i < h->gateway_count; i++)
		h->gateways[i]->up = false; /* nothing more is handed over */
	messages_sweep(h->dir, INT64_MAX);
	rc = alone(h);
	if (rc == 0)
		rc = db_people_wipe(h->db);
	if (rc == 0)
		rc = db_checkpoint(h->db);
	log_kv(LOG_ERR, "panic", "keys=%d store=%d files=%zu", keys, rc, n);
	(void)event_base_loopbreak(h->base);
	return keys < 0 ? keys : rc;
}
