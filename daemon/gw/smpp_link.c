/*
 * smpp_link.c - one bind: connect, bind, stay alive, leave, come again.
 *
 * A PDU that breaks its form is answered with the status its fault calls for
 * and passed over; only one whose length cannot be true ends the link.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/gw/smpp_inner.h"

enum {
	CONNECT_MS = 10 * 1000, /* TLS included */
	BIND_MS = 10 * 1000,
	ENQUIRE_MS = 10 * 1000, /* for the response to an enquire_link */
	LEAVE_MS = 2 * 1000,
	TICK_MS = 1000,
	GOOD_MS = 10 * 1000, /* bound for so long, a link was worth it */
	RECONNECT_FIRST_MS = 500,
	RECONNECT_MOST_MS = 30 * 1000,
	REFUSED_FIRST_MS = 2000, /* after a bind that was refused */
	REFUSED_MOST_MS = 120 * 1000,
	SEQUENCE_MOST = 0x7FFFFFFF,
};

static const struct timeval *
timeval_of(int64_t ms, struct timeval *tv)
{
	*tv = (struct timeval){ .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };
	return tv;
}

static void
link_enter(struct link *l, enum link_state state, int64_t most_ms)
{
	struct timeval tv;

	l->state = state;
	(void)event_add(l->timer, timeval_of(most_ms, &tv));
}

bool
link_is_bound(const struct link *l, unsigned way)
{
	return l->state == LINK_BOUND && (l->ways & way) != 0;
}

uint32_t
link_sequence(struct link *l)
{
	l->sequence = l->sequence < SEQUENCE_MOST ? l->sequence + 1 : 1;
	return l->sequence;
}

void
link_write(struct link *l, const struct smpp_pdu *pdu)
{
	smpp_write(pdu, stream_out(l->stream));
	ASSERT(!stream_out(l->stream)->full); /* OUT_RESERVE sees to that */
	stream_flush_soon(l->stream);
}

void
link_respond(
    struct link *l, uint32_t command, uint32_t status, uint32_t sequence)
{
	smpp_write_resp(stream_out(l->stream), command, status, sequence);
	ASSERT(!stream_out(l->stream)->full);
	stream_flush_soon(l->stream);
}

static void
ask(struct link *l, uint32_t command)
{
	const struct smpp_pdu pdu = { .command = command,
		.sequence = link_sequence(l) };

	link_write(l, &pdu);
}

/* --- the end of a link --- */

/* It takes nothing more: tell the core, give back what is under way. */
static void
link_end(struct link *l, enum link_state to)
{
	struct smpp *s = l->s;
	bool up = false;
	size_t i;

	if (link_is_bound(l, WAY_IN))
		gw_cut(s->gw, l->heard_ms);
	l->state = to;
	for (i = 0; i < s->link_count; i++)
		up = up || link_is_bound(&s->links[i], WAY_OUT);
	if (!up)
		gw_down(s->gw);
	in_detach(l);
	out_give_back(l);
}

static void
come_again(struct link *l, const char *why, int64_t pause_ms)
{
	l->tries++;
	log_kv(LOG_INFO, "link_down",
	    "gw=%s link=%td why=\"%s\" again_ms=%" PRId64, gw_name(l->s->gw),
	    l - l->s->links, why, pause_ms);
	stream_close(l->stream);
	link_end(l, LINK_DOWN);
	link_enter(l, LINK_DOWN, pause_ms);
}

static void
link_lost(struct link *l, const char *why)
{
	come_again(l, why,
	    backoff_ms(l->tries, RECONNECT_FIRST_MS, RECONNECT_MOST_MS));
}

/* What was written last is to arrive: the peer closes. */
static void
link_leave(struct link *l)
{
	link_end(l, LINK_LEAVING);
	stream_finish(l->stream);
	link_enter(l, LINK_LEAVING, LEAVE_MS);
}

/* --- its beginning --- */

static void
link_open(struct link *l)
{
	struct smpp *s = l->s;
	int rc = stream_open(l->stream, (struct sockaddr *)&s->addr,
	    (socklen_t)s->addr_len, s->tls);

	if (rc < 0)
		link_lost(l, strerror(-rc));
	else
		link_enter(l, LINK_OPENING, CONNECT_MS);
}

static uint32_t
bind_command(const struct link *l)
{
	if (l->ways == WAY_OUT)
		return SMPP_bind_transmitter;
	if (l->ways == WAY_IN)
		return SMPP_bind_receiver;
	return SMPP_bind_transceiver;
}

static void
on_opened(void *arg)
{
	struct link *l = arg;
	const struct conf_gateway *c = &l->s->conf;
	const struct smpp_pdu bind = { .command = bind_command(l),
		.sequence = link_sequence(l),
		.bind = { .system_id = sv_of(c->system_id),
		    .password = sv_of(c->password),
		    .system_type = sv_of(c->system_type),
		    .interface_version = SMPP_VERSION } };

	link_write(l, &bind);
	l->partial_ms = 0;
	link_enter(l, LINK_BINDING, BIND_MS);
}

static void
bind_taken(struct link *l, const struct smpp_pdu *pdu)
{
	uint32_t want = bind_command(l) | SMPP_RESP;

	if (l->state != LINK_BINDING ||
	    (pdu->command != want && pdu->command != SMPP_NACK)) {
		gw_refused(l->s->gw, "stray_response");
		return;
	}
	if (pdu->status != SMPP_ROK || pdu->command == SMPP_NACK) {
		log_kv(LOG_WARN, "bind_refused",
		    "gw=%s status=0x%08x name=%s hint=\"system_id, "
		    "keys/%s.password, system_type, binds: as the operator "
		    "says?\"",
		    gw_name(l->s->gw), pdu->status,
		    smpp_status_name(pdu->status), gw_name(l->s->gw));
		gw_refused(l->s->gw, "bind_refused");
		come_again(l, "bind_refused",
		    backoff_ms(l->tries, REFUSED_FIRST_MS, REFUSED_MOST_MS));
		return;
	}
	l->bound_ms = l->heard_ms = clock_ms();
	l->asked_ms = l->paused_ms = 0;
	l->slower = 0;
	link_enter(l, LINK_BOUND, TICK_MS);
	if ((l->ways & WAY_OUT) != 0)
		gw_up(l->s->gw);
}

/* --- its life --- */

/* A clock that was set back counts from now. */
static bool
is_over(int64_t *since_ms, int64_t most_ms, int64_t now_ms)
{
	if (*since_ms > now_ms)
		*since_ms = now_ms;
	return now_ms - *since_ms >= most_ms;
}

/* Why the link is no good, or NULL. */
static const char *
link_trouble(struct link *l, int64_t now_ms)
{
	if (l->asked_ms != 0 && is_over(&l->asked_ms, ENQUIRE_MS, now_ms))
		return "silent_peer";
	if (l->partial_ms != 0 && is_over(&l->partial_ms, STALL_MS, now_ms))
		return "half_pdu";
	if (!out_tick(l, now_ms))
		return "stalled_peer";
	return NULL;
}

static void
link_tick(struct link *l)
{
	int64_t now_ms = clock_ms();
	const char *trouble = link_trouble(l, now_ms);

	if (trouble != NULL) {
		gw_refused(l->s->gw, trouble);
		link_lost(l, trouble);
		return;
	}
	if (is_over(&l->bound_ms, GOOD_MS, now_ms))
		l->tries = 0;
	if (l->asked_ms == 0 &&
	    is_over(&l->heard_ms, l->s->conf.enquire_s * 1000, now_ms)) {
		l->asked_ms = now_ms;
		ask(l, SMPP_enquire_link);
	}
	link_enter(l, LINK_BOUND, TICK_MS);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd, (void)what;
	switch (l->state) {
	case LINK_DOWN:
		link_open(l);
		break;
	case LINK_OPENING:
		link_lost(l, "connect_timeout");
		break;
	case LINK_BINDING:
		gw_refused(l->s->gw, "bind_timeout");
		link_lost(l, "bind_timeout");
		break;
	case LINK_BOUND:
		link_tick(l);
		break;
	case LINK_LEAVING:
		link_lost(l, "left");
		break;
	}
}

/* --- what the peer says --- */

static void
unbind_taken(struct link *l, const struct smpp_pdu *pdu)
{
	link_respond(l, pdu->command, SMPP_ROK, pdu->sequence);
	log_kv(LOG_INFO, "peer_unbinds", "gw=%s", gw_name(l->s->gw));
	link_leave(l);
}

/* A request that only we may make. */
static void
request_refuse(struct link *l, const struct smpp_pdu *pdu)
{
	gw_refused(l->s->gw, "bad_command");
	link_respond(l, SMPP_NACK, SMPP_RINVCMDID, pdu->sequence);
}

static void
request_take(struct link *l, const struct smpp_pdu *pdu)
{
	switch (pdu->command) {
	case SMPP_deliver_sm:
	case SMPP_data_sm:
		in_take(l, pdu);
		break;
	case SMPP_enquire_link:
		link_respond(l, pdu->command, SMPP_ROK, pdu->sequence);
		break;
	case SMPP_unbind:
		unbind_taken(l, pdu);
		break;
	case SMPP_outbind: /* we are here already */
		gw_refused(l->s->gw, "outbind");
		break;
	case SMPP_alert_notification: /* we asked for none */
		break;
	default:
		request_refuse(l, pdu);
		break;
	}
}

static void
response_take(struct link *l, const struct smpp_pdu *pdu)
{
	switch (pdu->command & ~SMPP_RESP) {
	case SMPP_bind_transmitter:
	case SMPP_bind_receiver:
	case SMPP_bind_transceiver:
		bind_taken(l, pdu);
		break;
	case SMPP_NACK & ~SMPP_RESP:
		if (l->state == LINK_BINDING)
			bind_taken(l, pdu);
		else
			out_response(l, pdu);
		break;
	case SMPP_submit_sm:
		out_response(l, pdu);
		break;
	case SMPP_enquire_link:
		break;
	default:
		gw_refused(l->s->gw, "stray_response");
		break;
	}
}

/* Answer a PDU that breaks its form, and pass it over if that can be done.  Of
 * a response only the body can break, and is there where all went well: its
 * header says enough, and not to listen would be to submit the same again. */
static void
fault_take(struct link *l, const struct smpp_refusal *no)
{
	const struct smpp_pdu resp = { .command = no->command,
		.sequence = no->sequence };

	gw_refused(l->s->gw, smpp_fault_name(no->fault));
	if ((no->command & SMPP_RESP) == 0)
		link_respond(l, no->used > 0 ? no->command : SMPP_NACK,
		    no->status, no->sequence);
	else if (no->fault != SMPP_BAD_COMMAND)
		response_take(l, &resp);
	if (no->used == 0)
		link_leave(l);
}

/* Returns bytes consumed: 0 if no whole PDU is there. */
static size_t
take_one(struct link *l, struct sv in)
{
	struct smpp_refusal no = { 0 };
	struct smpp_pdu pdu;
	size_t used = 0;

	switch (smpp_read(in, &pdu, &used, &no)) {
	case PARSE_MORE:
		return 0;
	case PARSE_OK:
		if ((pdu.command & SMPP_RESP) != 0)
			response_take(l, &pdu);
		else
			request_take(l, &pdu);
		arena_reset(l->s->arena);
		return used;
	case PARSE_BAD:
	case PARSE_TOO_BIG:
		break;
	}
	fault_take(l, &no);
	return no.used > 0 ? no.used : in.n;
}

static size_t
on_data(void *arg, struct sv in)
{
	struct link *l = arg;
	size_t at = 0, used = 1;

	l->heard_ms = clock_ms();
	l->asked_ms = 0;
	while (at < in.n && used > 0) {
		if (l->state != LINK_BINDING && l->state != LINK_BOUND)
			return in.n; /* nobody listens any more */
		if (in_is_full(l)) {
			stream_pause(l->stream);
			l->partial_ms = 0;
			return at;
		}
		used = take_one(l, (struct sv){ in.p + at, in.n - at });
		at += used;
	}
	if (at == in.n)
		l->partial_ms = 0;
	else if (at > 0 || l->partial_ms == 0)
		l->partial_ms = l->heard_ms;
	return at;
}

static void
on_drained(void *arg)
{
	struct link *l = arg;

	if (!in_is_full(l))
		stream_resume(l->stream);
	if (!link_is_bound(l, WAY_OUT))
		return;
	out_pump(l);
	if (l->starved)
		gw_up(l->s->gw); /* there is room again */
}

static void
on_closed(void *arg, const char *why)
{
	link_lost(arg, why);
}

void
link_init(struct link *l, struct smpp *s, unsigned ways)
{
	static const struct stream_ops ops = { on_opened, on_data, on_drained,
		on_closed };
	uint32_t slots = 16;

	*l = (struct link){ .s = s, .ways = ways };
	TAILQ_INIT(&l->unsent);
	TAILQ_INIT(&l->resting);
	TAILQ_INIT(&l->sent);
	LIST_INIT(&l->mos);
	/* twice the window: a sequence finds a free one soon */
	while (slots < 2 * (uint32_t)s->conf.window)
		slots *= 2;
	l->slot_mask = slots - 1;
	l->slots = calloc(slots, sizeof(*l->slots));
	l->stream = stream_new(s->base, &ops, l);
	l->timer = evtimer_new(s->base, on_timer, l);
	ASSERT(l->slots != NULL && l->timer != NULL);
	event_active(l->timer, EV_TIMEOUT, 0);
}

void
link_done(struct link *l)
{
	bool bound = l->state == LINK_BOUND;

	link_end(l, LINK_LEAVING);
	if (bound) {
		ask(l, SMPP_unbind);
		stream_finish(l->stream);
	}
	stream_free(&l->stream);
	event_free(l->timer);
	free(l->slots);
}
