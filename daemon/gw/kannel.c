/*
 * kannel.c - bearerbox's client: takes smsbox's place on its smsbox-port.
 *
 * bearerbox keeps a text in its store until our "ack", hands it over again
 * when the link drops, and has at most smsbox-max-pending (100) of them
 * waiting, which is our backpressure.  It queues a text whose ack says
 * "failed_tmp" again at once, so that ack is held back for a while.
 * Source: Kannel 1.4.5 user guide; gw/bb_boxc.c for what acks do.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/gw/drivers.h"
#include "daemon/proto/kannel_box.h"
#include "daemon/proto/sms.h"

enum {
	HEARTBEAT_S = 5,
	CONNECT_S = 10,
	STALL_MS = 60 * 1000, /* bearerbox answers a text at once, or never */
	GONE_MS = 30 * 1000,  /* of bytes that nobody acknowledged */
	UNREAD_MAX = 1 << 20, /* bytes that bearerbox leaves unread */
	RECONNECT_FIRST_MS = 500,
	RECONNECT_MOST_MS = 30 * 1000,
	AGAIN_FIRST_MS = 1000, /* before a text is asked for again */
	AGAIN_MOST_MS = 20 * 1000,
	SMALL_FRAME_MAX = 256,
	SMS_FIELDS_MAX = 1024, /* bytes of an sms frame beside its text */
	/* delivery reports: final ones only */
	REPORT_MASK = BOX_DLR_SUCCESS | BOX_DLR_FAIL | BOX_DLR_SMSC_FAIL,
	UUID_ID_DIGITS = 12, /* of our MT's uuid: the outbox row */
};

/* A text under way to bearerbox (MT): waits for its ack. */
struct mt {
	TAILQ_ENTRY(mt) link;
	int64_t id, at_ms;
};

/* A text or report from bearerbox (MO): waits for our ack. */
struct mo {
	LIST_ENTRY(mo) link;
	struct kannel *k; /* NULL: the link it came by is gone */
	struct event *again;
	bool waiting; /* for its done call */
	int32_t time;
	char uuid[BOX_UUID_LEN];
};

TAILQ_HEAD(mt_list, mt);
LIST_HEAD(mo_list, mo);

struct kannel {
	struct gw *gw;
	struct event_base *base;
	struct conf_gateway conf;
	struct sockaddr_storage addr;
	int addr_len;
	struct bufferevent *bev;
	struct event *reconnect, *heartbeat;
	unsigned tries;	 /* connects since the last one that was any good */
	unsigned agains; /* texts asked for again in a row */
	bool up;
	struct mt_list mts; /* oldest first; the core keeps them few */
	int32_t mt_count;
	int64_t partial_ms; /* since when half a frame waits, 0: none does */
	struct mo_list mos;
	struct arena *arena; /* of one frame */
};

static struct timeval
timeval_of(int64_t ms)
{
	return (
	    struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

static void
frame_send(struct kannel *k, const struct box_msg *msg, struct sb *b)
{
	box_write(msg, b);
	ASSERT(!b->full);
	(void)bufferevent_write(k->bev, b->p, b->n);
}

/* Everything but an sms. */
static void
frame_write(struct kannel *k, const struct box_msg *msg)
{
	char buf[SMALL_FRAME_MAX];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	frame_send(k, msg, &b);
}

static void
mo_free(struct mo *mo)
{
	if (mo->again != NULL)
		event_free(mo->again);
	if (mo->k != NULL)
		LIST_REMOVE(mo, link);
	free(mo);
}

/* bearerbox hands the text over again by itself if the link is gone. */
static void
mo_ack(struct mo *mo, enum box_nack nack)
{
	const struct box_msg msg = { .type = BOX_ACK,
		.ack = { .nack = (int32_t)nack,
		    .time = mo->time,
		    .id = { mo->uuid, BOX_UUID_LEN } } };

	if (mo->k != NULL)
		frame_write(mo->k, &msg);
	mo_free(mo);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	mo_ack(arg, BOX_ACK_FAILED_TMP);
}

static void
mo_ask_again(struct mo *mo)
{
	const struct timeval tv = timeval_of(
	    backoff_ms(mo->k->agains++, AGAIN_FIRST_MS, AGAIN_MOST_MS));

	mo->again = evtimer_new(mo->k->base, on_again, mo);
	ASSERT(mo->again != NULL && event_add(mo->again, &tv) == 0);
}

static void
on_done(void *arg, int rc)
{
	struct mo *mo = arg;

	mo->waiting = false;
	if (mo->k == NULL) {
		mo_free(mo);
	} else if (rc == 0) {
		mo->k->agains = 0;
		mo->k->tries = 0;
		mo_ack(mo, BOX_ACK_SUCCESS);
	} else if (rc == -EBADMSG) {
		mo_ack(mo, BOX_ACK_FAILED);
	} else {
		mo_ask_again(mo);
	}
}

static struct mo *
mo_new(struct kannel *k, const struct box_sms *sms)
{
	struct mo *mo = calloc(1, sizeof(*mo));

	ASSERT(mo != NULL && sms->id.n == BOX_UUID_LEN);
	mo->k = k;
	mo->waiting = true;
	mo->time = sms->time;
	memcpy(mo->uuid, sms->id.p, BOX_UUID_LEN);
	LIST_INSERT_HEAD(&k->mos, mo, link);
	return mo;
}

static bool
charset_is(struct sv charset, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strlen(*names) == charset.n &&
		    strncasecmp(*names, charset.p, charset.n) == 0)
			return true;
	return false;
}

/* The text as UTF-8.  Returns NULL, or the word for gw_refused(). */
static const char *
text_read(struct kannel *k, const struct box_sms *sms, struct sv *ret_text)
{
	static const char *const utf8[] = { "UTF-8", "UTF8", "US-ASCII",
		"ASCII", NULL };
	static const char *const utf16[] = { "UTF-16BE", "UCS-2", "UTF-16",
		NULL };
	bool wide;
	struct sb b;

	if (sms->coding == 1)
		return "binary";
	if (sms->coding < BOX_UNSET || sms->coding > 2)
		return "bad_coding";
	if (sms->charset.n == 0)
		wide = sms->coding == 2;
	else if (charset_is(sms->charset, utf16))
		wide = true;
	else if (charset_is(sms->charset, utf8))
		wide = false;
	else
		return "bad_charset";
	if (sms->msgdata.n > GW_TEXT_MAX / 2)
		return "long_text";
	if (!wide) {
		*ret_text = sms->msgdata;
		return utf8_is_valid(sms->msgdata) ? NULL : "bad_utf8";
	}
	sb_init(&b, k->arena, GW_TEXT_MAX);
	if (utf16be_read(sms->msgdata, &b) < 0)
		return "bad_utf16";
	*ret_text = sb_sv(&b);
	return NULL;
}

static void
mo_take(struct kannel *k, const struct box_sms *sms)
{
	struct mo *mo = mo_new(k, sms);
	struct gw_in in = { .id = sms->id,
		.from = sms->sender,
		.to = sms->receiver,
		.at_ms = sms->time > 0 ? (int64_t)sms->time * 1000 : 0 };
	const char *bad = text_read(k, sms, &in.text);

	if (in.to.n > GW_LINE_MAX)
		bad = "bad_receiver";
	if (bad != NULL) {
		gw_refused(k->gw, bad);
		on_done(mo, -EBADMSG);
		return;
	}
	gw_inbound(k->gw, &in, on_done, mo);
}

/* A whole number and nothing else, or 0. */
static int64_t
id_read(struct sv text, int base)
{
	char buf[24] = "", *end;
	int64_t id;

	if (text.n == 0 || text.n >= sizeof(buf))
		return 0;
	memcpy(buf, text.p, text.n);
	id = strtoll(buf, &end, base);
	return *end == '\0' ? id : 0;
}

/* Our own "TAG-id", or 0: bearerbox may have reports for another safard, or for
 * the data folder before this one, whose ids mean other answers. */
static int64_t
report_id(const struct kannel *k, struct sv url)
{
	struct sv rest = url, tag = sv_cut(&rest, '-');

	return sv_eq(tag, sv_of(gw_tag(k->gw))) ? id_read(rest, 10) : 0;
}

static void
report_take(struct kannel *k, const struct box_sms *sms)
{
	struct mo *mo = mo_new(k, sms);
	int64_t id = report_id(k, sms->dlr_url);
	bool delivered = sms->dlr_mask == BOX_DLR_SUCCESS;

	if (id <= 0)
		gw_refused(k->gw, "strange_report");
	if (id > 0 && (delivered || sms->dlr_mask == BOX_DLR_FAIL ||
			  sms->dlr_mask == BOX_DLR_SMSC_FAIL))
		gw_report(k->gw, id, delivered, on_done, mo);
	else
		on_done(mo, 0);
}

static void
sms_take(struct kannel *k, const struct box_sms *sms)
{
	if (sms->sms_type == BOX_MO) {
		mo_take(k, sms);
	} else if (sms->sms_type == BOX_REPORT_MO) {
		report_take(k, sms);
	} else {
		gw_refused(k->gw, "bad_sms_type");
		on_done(mo_new(k, sms), -EBADMSG);
	}
}

/* Bits that a UUID of version 4 leaves free: our tag, then the id. */
static void
uuid_write(const struct kannel *k, int64_t id, char ret_uuid[BOX_UUID_LEN + 1])
{
	const char *tag = gw_tag(k->gw);

	_Static_assert(GW_TAG_LEN == 14, "digits of the tag in a UUID");
	(void)snprintf(ret_uuid, BOX_UUID_LEN + 1,
	    "5afa%.4s-%.4s-4%.3s-8%.3s-%012" PRIx64, tag, tag + 4, tag + 8,
	    tag + 11, (uint64_t)id & UINT64_C(0xffffffffffff));
}

static void
mt_end(struct kannel *k, struct mt *mt, enum gw_result result)
{
	int64_t id = mt->id;

	TAILQ_REMOVE(&k->mts, mt, link);
	k->mt_count--;
	free(mt);
	gw_sent(k->gw, id, result);
}

static void
ack_take(struct kannel *k, const struct box_ack *ack)
{
	char uuid[BOX_UUID_LEN + 1];
	struct sv digits = ack->id;
	struct mt *mt;
	int64_t id;

	ASSERT(ack->id.n == BOX_UUID_LEN); /* by the codec */
	digits.p += BOX_UUID_LEN - UUID_ID_DIGITS;
	digits.n = UUID_ID_DIGITS;
	id = id_read(digits, 16);
	uuid_write(k, id, uuid);
	if (memcmp(uuid, ack->id.p, BOX_UUID_LEN) != 0)
		return; /* for somebody else */
	mt = TAILQ_FIRST(&k->mts);
	while (mt != NULL && mt->id != id)
		mt = TAILQ_NEXT(mt, link);
	if (mt == NULL)
		return;
	switch (ack->nack) {
	case BOX_ACK_SUCCESS:
	case BOX_ACK_BUFFERED:
		mt_end(k, mt, GW_SENT);
		break;
	case BOX_ACK_FAILED_TMP:
		mt_end(k, mt, GW_RETRY);
		break;
	default:
		mt_end(k, mt, GW_REFUSED);
		break;
	}
}

/* Give back what is under way; what came in stays until its done call. */
static void
link_drop(struct kannel *k)
{
	struct mt *mt, *next_mt;
	struct mo *mo, *next_mo;

	(void)event_del(k->heartbeat);
	if (k->bev != NULL)
		bufferevent_free(k->bev);
	k->bev = NULL;
	k->up = false;
	k->partial_ms = 0;
	gw_down(k->gw);
	for (mo = LIST_FIRST(&k->mos); mo != NULL; mo = next_mo) {
		next_mo = LIST_NEXT(mo, link);
		LIST_REMOVE(mo, link);
		mo->k = NULL;
		if (!mo->waiting)
			mo_free(mo);
	}
	for (mt = TAILQ_FIRST(&k->mts); mt != NULL; mt = next_mt) {
		next_mt = TAILQ_NEXT(mt, link);
		mt_end(k, mt, GW_RETRY);
	}
}

static void
link_close(struct kannel *k, const char *why)
{
	const struct timeval tv = timeval_of(
	    backoff_ms(k->tries, RECONNECT_FIRST_MS, RECONNECT_MOST_MS));

	if (k->tries++ == 0)
		log_kv(LOG_WARN, "kannel_link_lost",
		    "gw=%s why=%s hint=\"trying again\"", gw_name(k->gw), why);
	link_drop(k);
	(void)event_add(k->reconnect, &tv);
}

static void
admin_take(struct kannel *k, const struct box_admin *admin)
{
	switch (admin->command) {
	case BOX_CMD_SUSPEND:
		gw_down(k->gw);
		break;
	case BOX_CMD_RESUME:
		gw_up(k->gw);
		break;
	case BOX_CMD_SHUTDOWN:
	case BOX_CMD_RESTART:
		link_close(k, "peer_stops");
		break;
	default:
		break;
	}
}

static void
msg_take(struct kannel *k, const struct box_msg *msg)
{
	switch (msg->type) {
	case BOX_SMS:
		sms_take(k, &msg->sms);
		break;
	case BOX_ACK:
		ack_take(k, &msg->ack);
		break;
	case BOX_ADMIN:
		admin_take(k, &msg->admin);
		break;
	case BOX_HEARTBEAT:
		break;
	}
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct kannel *k = arg;
	enum parse_rc rc = PARSE_OK;
	struct box_msg msg;
	bool taken = false;
	size_t used;
	struct sv all = { 0 };

	while (rc == PARSE_OK && k->bev == bev) {
		all.n = evbuffer_get_length(in);
		if (all.n > BOX_FRAME_MAX + 4)
			all.n = BOX_FRAME_MAX + 4;
		all.p = (const char *)evbuffer_pullup(in, (ev_ssize_t)all.n);
		rc = box_read(all, &msg, &used);
		if (rc != PARSE_OK)
			break;
		taken = true;
		msg_take(k, &msg);
		arena_reset(k->arena);
		if (k->bev == bev)
			(void)evbuffer_drain(in, used);
	}
	if (rc == PARSE_OK || all.n == 0)
		k->partial_ms = 0;
	else if (rc == PARSE_MORE && (taken || k->partial_ms == 0))
		k->partial_ms = clock_ms();
	if (rc == PARSE_BAD || rc == PARSE_TOO_BIG) {
		gw_refused(k->gw, rc == PARSE_BAD ? "bad_frame" : "big_frame");
		link_close(k, "bad_frame");
	} else if (k->bev == bev && evbuffer_get_length(bufferevent_get_output(
					bev)) > UNREAD_MAX) {
		gw_refused(k->gw, "deaf_peer");
		link_close(k, "deaf");
	}
}

/* A machine that is gone says nothing, nor does its bearerbox ever when all is
 * well: our heartbeats find it out, if the kernel does not repeat them for a
 * quarter of an hour. */
static void
socket_set(int fd)
{
	int one = 1;
	unsigned gone_ms = GONE_MS;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof(gone_ms));
}

static void
link_opened(struct kannel *k)
{
	const struct timeval tv = { .tv_sec = HEARTBEAT_S };
	struct box_msg identify = { .type = BOX_ADMIN,
		.admin = { .command = BOX_CMD_IDENTIFY } };

	if (k->conf.box_id[0] != '\0')
		identify.admin.boxc_id = sv_of(k->conf.box_id);
	socket_set(bufferevent_getfd(k->bev));
	(void)bufferevent_set_timeouts(k->bev, NULL, NULL);
	k->up = true;
	frame_write(k, &identify);
	(void)event_add(k->heartbeat, &tv);
	gw_up(k->gw);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	if ((what & BEV_EVENT_CONNECTED) != 0)
		link_opened(arg);
	else if ((what & BEV_EVENT_TIMEOUT) != 0)
		link_close(arg, "timeout");
	else
		link_close(arg, "closed");
}

static void
on_reconnect(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tv = { .tv_sec = CONNECT_S };
	struct kannel *k = arg;

	(void)fd, (void)what;
	k->bev = bufferevent_socket_new(k->base, -1, BEV_OPT_CLOSE_ON_FREE);
	ASSERT(k->bev != NULL);
	bufferevent_setcb(k->bev, on_read, NULL, on_event, k);
	(void)bufferevent_set_timeouts(k->bev, &tv, &tv);
	bufferevent_setwatermark(k->bev, EV_READ, 0, BOX_FRAME_MAX + 4);
	(void)bufferevent_enable(k->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(
		k->bev, (struct sockaddr *)&k->addr, k->addr_len) < 0 &&
	    k->bev != NULL)
		link_close(k, "connect");
}

/* A clock that was set back counts from now. */
static bool
is_stalled(int64_t *since_ms, int64_t now_ms)
{
	if (*since_ms > now_ms)
		*since_ms = now_ms;
	return now_ms - *since_ms > STALL_MS;
}

/* Also watches for a peer that takes texts and never answers, or stops in the
 * middle of a frame. */
static void
on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tv = { .tv_sec = HEARTBEAT_S };
	struct kannel *k = arg;
	struct mt *oldest = TAILQ_FIRST(&k->mts);
	const struct box_msg msg = { .type = BOX_HEARTBEAT,
		.heartbeat = { k->mt_count } };
	int64_t now_ms = clock_ms();

	(void)fd, (void)what;
	k->tries = 0; /* not before: some take a link and close it at once */
	if ((oldest != NULL && is_stalled(&oldest->at_ms, now_ms)) ||
	    (k->partial_ms != 0 && is_stalled(&k->partial_ms, now_ms))) {
		gw_refused(k->gw, "stalled_peer");
		link_close(k, "stalled");
		return;
	}
	frame_write(k, &msg);
	(void)event_add(k->heartbeat, &tv);
}

static int
kannel_start(struct gw *gw, struct event_base *base,
    const struct conf_gateway *conf, void **ret_self)
{
	const char *host =
	    strcmp(conf->host, "localhost") == 0 ? "127.0.0.1" : conf->host;
	struct kannel *k = calloc(1, sizeof(*k));
	char where[96];

	ASSERT(k != NULL);
	k->addr_len = sizeof(k->addr);
	(void)snprintf(where, sizeof(where),
	    strchr(host, ':') != NULL ? "[%s]:%" PRId64 : "%s:%" PRId64, host,
	    conf->port);
	if (evutil_parse_sockaddr_port(
		where, (struct sockaddr *)&k->addr, &k->addr_len) < 0) {
		free(k);
		return -EDESTADDRREQ;
	}
	k->gw = gw;
	k->base = base;
	k->conf = *conf;
	k->arena = arena_new(65536, 1 << 20);
	TAILQ_INIT(&k->mts);
	LIST_INIT(&k->mos);
	k->reconnect = evtimer_new(base, on_reconnect, k);
	k->heartbeat = evtimer_new(base, on_heartbeat, k);
	ASSERT(k->reconnect != NULL && k->heartbeat != NULL);
	*ret_self = k;
	event_active(k->reconnect, EV_TIMEOUT, 0);
	return 0;
}

static void
mt_write(struct kannel *k, const struct gw_out *out)
{
	struct box_msg msg = { .type = BOX_SMS, .sms = box_sms_empty() };
	char uuid[BOX_UUID_LEN + 1], url[GW_TAG_LEN + 24];
	struct sb b, wide;

	uuid_write(k, out->id, uuid);
	(void)snprintf(url, sizeof(url), "%s-%" PRId64, gw_tag(k->gw), out->id);
	msg.sms.sender = out->from;
	msg.sms.receiver = out->to;
	msg.sms.msgdata = out->text;
	msg.sms.charset = SV("UTF-8");
	msg.sms.coding = 0;
	if (!out->gsm7) {
		sb_init(&wide, k->arena, 2 * out->text.n);
		utf16be_write(out->text, &wide);
		msg.sms.msgdata = sb_sv(&wide);
		msg.sms.charset = SV("UTF-16BE");
		msg.sms.coding = 2;
	}
	msg.sms.sms_type = BOX_MT_PUSH;
	msg.sms.time = (int32_t)(clock_ms() / 1000);
	msg.sms.id = (struct sv){ uuid, BOX_UUID_LEN };
	if (out->report) {
		msg.sms.dlr_mask = REPORT_MASK;
		msg.sms.dlr_url = sv_of(url);
	}
	sb_init(&b, k->arena, msg.sms.msgdata.n + SMS_FIELDS_MAX);
	frame_send(k, &msg, &b);
	arena_reset(k->arena);
}

static int
kannel_send(void *self, const struct gw_out *out)
{
	struct kannel *k = self;
	struct mt *mt;

	if (!k->up)
		return -EAGAIN;
	mt = calloc(1, sizeof(*mt));
	ASSERT(mt != NULL);
	mt->id = out->id;
	mt->at_ms = clock_ms();
	TAILQ_INSERT_TAIL(&k->mts, mt, link);
	k->mt_count++;
	mt_write(k, out);
	return 0;
}

static void
kannel_stop(void *self)
{
	struct kannel *k = self;

	link_drop(k);
	event_free(k->reconnect);
	event_free(k->heartbeat);
	arena_free(&k->arena);
	free(k);
}

const struct gw_ops kannel_ops = {
	.name = "kannel",
	.start = kannel_start,
	.send = kannel_send,
	.stop = kannel_stop,
};
