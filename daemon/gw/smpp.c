/*
 * smpp.c - the SMPP driver: an SMSC's ESME, with one or more links.
 *
 * A text is acknowledged by its deliver_sm_resp once it is on disk.  Each part
 * of an answer is a submit_sm; its reference comes from the outbox row, so an
 * answer that is sent again joins the parts a phone has already.  It is sent
 * again whole only when its link died or a failure of a part lasted.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gw/drivers.h"
#include "daemon/gw/smpp_inner.h"

enum { HOURS_A_DAY = 24 };

static int
address_read(struct smpp *s)
{
	const char *host =
	    strcmp(s->conf.host, "localhost") == 0 ? "127.0.0.1" : s->conf.host;
	char where[96];

	s->addr_len = sizeof(s->addr);
	(void)snprintf(where, sizeof(where),
	    strchr(host, ':') != NULL ? "[%s]:%" PRId64 : "%s:%" PRId64, host,
	    s->conf.port);
	return evutil_parse_sockaddr_port(
		   where, (struct sockaddr *)&s->addr, &s->addr_len) < 0 ?
		   -EDESTADDRREQ :
		   0;
}

static int
tls_setup(struct smpp *s)
{
	const char *name =
	    s->conf.tls_name[0] != '\0' ? s->conf.tls_name : s->conf.host;

	return s->conf.tls ? tls_new(s->conf.tls_ca, name, &s->tls) : 0;
}

/* A span of time, "YYMMDDhhmmsstnnR"; section 7.1.1.2. */
static void
validity_write(struct smpp *s)
{
	int64_t h = s->conf.sms_valid_h;

	if (h > 0)
		(void)snprintf(s->validity, sizeof(s->validity),
		    "0000%02" PRId64 "%02" PRId64 "0000000R",
		    h / HOURS_A_DAY % 100, h % HOURS_A_DAY);
}

static void
links_init(struct smpp *s)
{
	bool pair = strcmp(s->conf.bind, "transmitter+receiver") == 0;
	int64_t i;

	for (i = 0; i < s->conf.binds; i++) {
		if (pair) {
			link_init(&s->links[s->link_count++], s, WAY_OUT);
			link_init(&s->links[s->link_count++], s, WAY_IN);
		} else {
			link_init(
			    &s->links[s->link_count++], s, WAY_OUT | WAY_IN);
		}
	}
}

static int
smpp_start(struct gw *gw, struct event_base *base,
    const struct conf_gateway *conf, void **ret_self)
{
	struct smpp *s = calloc(1, sizeof(*s));
	int rc;

	ASSERT(s != NULL && conf->binds * 2 <= LINKS_MAX);
	s->gw = gw;
	s->base = base;
	s->conf = *conf;
	rc = address_read(s);
	if (rc == 0)
		rc = tls_setup(s);
	if (rc < 0) {
		free(s);
		return rc;
	}
	validity_write(s);
	s->arena = arena_new(65536, 1 << 20);
	links_init(s);
	*ret_self = s;
	return 0;
}

/* The link with the least to do, of those that can submit now. */
static struct link *
link_choose(struct smpp *s)
{
	struct link *best = NULL, *l;

	for (l = s->links; l < s->links + s->link_count; l++)
		if (link_is_bound(l, WAY_OUT) && !out_is_paused(l) &&
		    (best == NULL || out_load(l) < out_load(best)))
			best = l;
	return best;
}

static int
smpp_send(void *self, const struct gw_out *out)
{
	struct smpp *s = self;
	struct link *l = link_choose(s);

	return l != NULL ? out_take(l, out) : -EAGAIN;
}

static void
smpp_recall(void *self, int64_t id)
{
	struct smpp *s = self;
	size_t i;

	for (i = 0; i < s->link_count; i++)
		if (out_recall(&s->links[i], id))
			return;
}

static void
smpp_stop(void *self)
{
	struct smpp *s = self;
	size_t i;

	for (i = 0; i < s->link_count; i++)
		link_done(&s->links[i]);
	tls_free(&s->tls);
	arena_free(&s->arena);
	explicit_bzero(s->conf.password, sizeof(s->conf.password));
	free(s);
}

const struct gw_ops smpp_ops = {
	.name = "smpp",
	.start = smpp_start,
	.send = smpp_send,
	.recall = smpp_recall,
	.stop = smpp_stop,
};
