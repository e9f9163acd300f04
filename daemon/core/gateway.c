/* gateway.c - the core's side of a driver: texts in, reports, link state. */
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/core.h"

enum {
	REFUSED_LOG_MS = 60 * 1000,
	HEARD_MS = 1000, /* what is heard together is taken by then */
};

const char *
gw_name(const struct gw *gw)
{
	return gw->conf.name;
}

const char *
gw_tag(const struct gw *gw)
{
	return gw->h->tag;
}

int64_t
backoff_ms(unsigned n, int64_t first_ms, int64_t most_ms)
{
	int64_t pause = first_ms;

	while (n-- > 0 && pause < most_ms)
		pause *= 2;
	if (pause > most_ms)
		pause = most_ms;
	return pause / 2 +
	       (int64_t)randombytes_uniform((uint32_t)(pause / 2 + 1));
}

/* Answer the driver: behind this round's commit, if there is one. */
static void
done_later(struct gw *gw, gw_done_fn *done, void *arg)
{
	if (ack_begin(gw->h->ack) == 0)
		ack_after_commit(gw->h->ack, done, arg);
	else
		done(arg, -EAGAIN);
}

void
gw_inbound(struct gw *gw, const struct gw_in *in, gw_done_fn *done, void *arg)
{
	struct hotline *h = gw->h;
	int rc;

	ASSERT(in->text.n <= GW_TEXT_MAX && in->id.n <= GW_ID_MAX &&
	       in->to.n <= GW_LINE_MAX && in->part.bytes.n <= GW_PART_MAX);
	gw->in++;
	if (in->part.total > 0)
		rc = parts_take(h->parts, gw, in);
	else
		rc = turn_take(h, gw, in);
	switch (rc) {
	case 0:
		h->last_turn_ms = clock_ms();
		ack_after_commit(h->ack, done, arg);
		break;
	case -EEXIST: /* its first copy may be in this very round */
		done_later(gw, done, arg);
		break;
	case -ECANCELED: /* nobody to answer, nothing to keep */
		done(arg, 0);
		break;
	case -EBADMSG:
		done(arg, rc);
		break;
	default:
		h->n.put_off++;
		hotline_store_said(h, rc);
		done(arg, rc);
		break;
	}
}

void
gw_up(struct gw *gw)
{
	if (!gw->up)
		log_kv(LOG_INFO, "gateway_up", "gw=%s driver=%s", gw->conf.name,
		    gw->ops->name);
	gw->up = true;
	outbox_flush(gw->h->outbox, gw);
}

void
gw_down(struct gw *gw)
{
	if (!gw->up)
		return;
	log_kv(LOG_WARN, "gateway_down", "gw=%s driver=%s", gw->conf.name,
	    gw->ops->name);
	gw->up = false;
	gw->down_ms = clock_ms();
}

static void
refusal_count(struct gw *gw, const char *what)
{
	struct refusal *r = gw->refusals;

	while (r < gw->refusals + REFUSALS_MAX - 1 && r->what != NULL &&
	       strcmp(r->what, what) != 0)
		r++;
	r->what = what;
	r->count++;
}

void
gw_cut(struct gw *gw, int64_t heard_ms)
{
	int64_t now_ms = clock_ms(), cut_ms = heard_ms + HEARD_MS;

	if (cut_ms > now_ms)
		cut_ms = now_ms;
	if (cut_ms > gw->cut_ms)
		gw->cut_ms = cut_ms;
}

void
gw_refused(struct gw *gw, const char *what)
{
	int64_t now_ms = clock_ms();

	gw->h->n.refused++;
	refusal_count(gw, what);
	if (gw->refused_logged_ms != 0 && now_ms >= gw->refused_logged_ms &&
	    now_ms - gw->refused_logged_ms < REFUSED_LOG_MS)
		return;
	gw->refused_logged_ms = now_ms;
	log_kv(LOG_WARN, "refused", "gw=%s what=%s total=%" PRId64,
	    gw->conf.name, what, gw->h->n.refused);
}
