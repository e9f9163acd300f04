/* leg.c - one call on the trunk. */
#include <stdlib.h>

#include "daemon/sip/sip_inner.h"

#include "daemon/sip/sdp.h"

enum { NUMBER_MAX = 63, STATUS_MOST = 699 };

struct leg {
	struct trunk *trunk;
	struct sipsess *session;
	struct sipsub *transfer;
	struct sdp *sdp;
	struct addr peer;
	bool offered; /* the caller has offered; else we do */
	bool answered, told_end;
	void *arg;
};

/* --- who calls whom --- */

/* Digits, perhaps behind '+': all that a number may be made of. */
static struct sv
number_in(const struct pl *user, char room[NUMBER_MAX + 1])
{
	size_t n = 0, i;
	char c;

	for (i = 0; i < user->l && n < NUMBER_MAX; i++) {
		c = user->p[i];
		if (c == ';')
			break;
		if ((c >= '0' && c <= '9') || (c == '+' && n == 0))
			room[n++] = c;
		else if (strchr("-.()", c) == NULL)
			return (struct sv){ 0 };
	}
	return (struct sv){ room, n };
}

/*
 * The caller's number as they show it: From.  The trunk's own word for it
 * (RFC 3325) is taken only where From has none and nobody asked for privacy.
 */
static struct sv
caller_of(const struct sip_msg *msg, char room[NUMBER_MAX + 1])
{
	const struct sip_hdr *asserted =
	    sip_msg_hdr(msg, SIP_HDR_P_ASSERTED_IDENTITY);
	bool private = sip_msg_hdr_has_value(msg, SIP_HDR_PRIVACY, "id") ||
		       sip_msg_hdr_has_value(msg, SIP_HDR_PRIVACY, "user") ||
		       sip_msg_hdr_has_value(msg, SIP_HDR_PRIVACY, "header");
	struct sip_addr who;
	struct sv number;

	if (private)
		return (struct sv){ 0 };
	number = number_in(&msg->from.uri.user, room);
	if (number.n > 0 || asserted == NULL ||
	    pl_strcasecmp(&msg->from.uri.user, "anonymous") == 0)
		return number;
	if (sip_addr_decode(&who, &asserted->val) != 0)
		return (struct sv){ 0 };
	return number_in(&who.uri.user, room);
}

/* The number called, or a name: of harmless letters. */
static struct sv
called_of(const struct sip_msg *msg, char room[NUMBER_MAX + 1])
{
	const struct pl *user = &msg->uri.user;
	size_t n;

	for (n = 0; n < user->l && n < NUMBER_MAX; n++) {
		char c = user->p[n];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') &&
		    (c == '\0' || strchr("+*#_-.", c) == NULL))
			break;
		room[n] = c;
	}
	return (struct sv){ room, n };
}

/* --- what has been agreed --- */

static void
agree(struct leg *leg)
{
	struct media_format format;

	sdp_agreed(leg->sdp, &format);
	format.peer = leg->peer;
	leg->trunk->ops->agreed(leg->arg, &format);
}

static bool
has_sdp(const struct sip_msg *msg)
{
	return mbuf_get_left(msg->mb) > 0;
}

/* An INVITE inside of the call: hold, other codecs, other addresses. */
static int
on_offer(struct mbuf **descp, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;
	bool offered = has_sdp(msg);

	if (offered && sdp_read(leg->sdp, msg->mb, true) < 0)
		return EINVAL;
	*descp = sdp_write(leg->sdp, !offered);
	if (*descp == NULL)
		return ENOMEM;
	if (offered)
		agree(leg);
	return 0;
}

/* The answer to what we offered, in an ACK. */
static int
on_answer(const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (sdp_read(leg->sdp, msg->mb, false) < 0)
		return EINVAL;
	agree(leg);
	return 0;
}

static void
on_established(const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	(void)msg;
	leg->trunk->ops->established(leg->arg);
}

static void
on_info(struct sip *sip, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;
	struct sv subtype = { msg->ctyp.subtype.p, msg->ctyp.subtype.l };
	struct sv body = { (const char *)mbuf_buf(msg->mb),
		mbuf_get_left(msg->mb) };
	char key;

	if (pl_strcasecmp(&msg->ctyp.type, "application") != 0 ||
	    (pl_strcasecmp(&msg->ctyp.subtype, "dtmf") != 0 &&
		pl_strcasecmp(&msg->ctyp.subtype, "dtmf-relay") != 0)) {
		(void)sip_reply(sip, msg, 415, "Unsupported Media Type");
		return;
	}
	(void)sip_reply(sip, msg, 200, "OK");
	key = dtmf_info(subtype, body);
	if (key != '\0')
		leg->trunk->ops->key(leg->arg, key);
}

static void
on_closed(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	(void)err;
	(void)msg;
	leg->session = mem_deref(leg->session);
	leg->transfer = mem_deref(leg->transfer);
	leg->trunk->ops->closed(leg->arg);
}

/* --- a new call --- */

static void
leg_drop(struct leg *leg)
{
	leg->trunk->legs--;
	sdp_free(&leg->sdp);
	free(leg);
}

/* Status and words of a refusal; 0: it can be taken. */
static uint16_t
read_offer(struct leg *leg, const struct sip_msg *msg, const char **ret_words)
{
	leg->offered = has_sdp(msg);
	if (!leg->offered)
		return 0;
	*ret_words = "Unsupported Media Type";
	if (!msg_ctype_cmp(&msg->ctyp, "application", "sdp"))
		return 415;
	*ret_words = "Not Acceptable Here";
	return sdp_read(leg->sdp, msg->mb, true) < 0 ? 488 : 0;
}

static uint16_t
take(struct leg *leg, const struct sip_msg *msg, const char **ret_words)
{
	struct trunk *t = leg->trunk;
	char caller[NUMBER_MAX + 1], called[NUMBER_MAX + 1];
	struct leg_call call = { caller_of(msg, caller),
		called_of(msg, called) };
	uint16_t port = 0;

	*ret_words = "Busy Here";
	if (t->ops->invite(t->gateway, leg, &call, &leg->arg, &port) < 0)
		return 486;
	sdp_set_port(leg->sdp, port);
	if (sipsess_accept(&leg->session, t->sessions, msg, 180, "Ringing",
		t->contact, "application/sdp", NULL, trunk_auth, t, false,
		on_offer, on_answer, on_established, on_info, NULL, on_closed,
		leg, "%s", sip_allow) != 0) {
		/* no Contact, say; the gateway ends it, as every leg */
		(void)sip_treply(NULL, t->sip, msg, 400, "Bad Request");
		t->refused++;
		t->ops->closed(leg->arg);
		return 0;
	}
	if (leg->offered)
		agree(leg);
	t->ops->ringing(leg->arg);
	return 0;
}

void
leg_invited(struct trunk *t, const struct sip_msg *msg)
{
	struct leg *leg = calloc(1, sizeof(*leg));
	const char *words = "";
	uint16_t status;

	ASSERT(leg != NULL);
	leg->trunk = t;
	t->legs++;
	leg->peer.len = msg->src.len;
	memcpy(&leg->peer.u, &msg->src.u, sizeof(leg->peer.u));
	leg->sdp = sdp_new(&t->local);
	status = read_offer(leg, msg, &words);
	if (status == 0)
		status = take(leg, msg, &words);
	if (status == 0)
		return;
	(void)sip_treply(NULL, t->sip, msg, status, words);
	t->refused++;
	leg_drop(leg);
}

/* --- orders --- */

void
leg_progress(struct leg *leg)
{
	struct mbuf *mb;

	if (leg->session == NULL || leg->answered || !leg->offered)
		return;
	mb = sdp_write(leg->sdp, false);
	(void)sipsess_progress(leg->session, 183, "Session Progress", mb, NULL);
	mem_deref(mb);
}

void
leg_answer(struct leg *leg)
{
	struct mbuf *mb;

	if (leg->session == NULL || leg->answered)
		return;
	leg->answered = true;
	mb = sdp_write(leg->sdp, !leg->offered);
	(void)sipsess_answer(leg->session, 200, "OK", mb, "%s", sip_allow);
	mem_deref(mb);
}

void
leg_refuse(struct leg *leg, unsigned status)
{
	if (leg->session == NULL || leg->answered || status > STATUS_MOST)
		return;
	(void)sipsess_reject(leg->session, (uint16_t)status,
	    status == 486 ? "Busy Here" :
	    status == 603 ? "Decline" :
			    "Temporarily Unavailable",
	    NULL);
}

static enum dial_end
end_of(unsigned status)
{
	if (status >= 200 && status < 300)
		return DIAL_ANSWER;
	switch (status) {
	case 486:
	case 600:
	case 603:
		return DIAL_BUSY;
	case 408:
	case 480:
	case 487:
		return DIAL_NOANSWER;
	case 404:
	case 405:
	case 501:
		return DIAL_CHANUNAVAIL;
	default:
		return DIAL_CONGESTION;
	}
}

static void
referred(struct leg *leg, unsigned status)
{
	if (leg->told_end)
		return;
	leg->told_end = true;
	leg->trunk->ops->referred(leg->arg, end_of(status));
}

/* How it goes, in a body of message/sipfrag: RFC 3420. */
static void
on_notify(struct sip *sip, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;
	struct pl body, status;

	(void)sip_treply(NULL, sip, msg, 200, "OK");
	pl_set_mbuf(&body, msg->mb);
	if (re_regex(body.p, body.l, "SIP/2.0 [0-9]+", &status) == 0 &&
	    pl_u32(&status) >= 200)
		referred(leg, pl_u32(&status));
}

static void
on_transfer_closed(int err, const struct sip_msg *msg,
    const struct sipevent_substate *substate, void *arg)
{
	struct leg *leg = arg;

	(void)err;
	(void)substate;
	leg->transfer = mem_deref(leg->transfer);
	/* refused, or over without a word about the end */
	referred(leg, msg != NULL && msg->scode >= 300 ? msg->scode : 500);
}

int
leg_refer(struct leg *leg, const char *uri)
{
	struct trunk *t = leg->trunk;
	int err;

	if (leg->session == NULL || !leg->answered)
		return -ENOTCONN;
	leg_refer_end(leg);
	leg->told_end = false;
	err = sipevent_drefer(&leg->transfer, t->events,
	    sipsess_dialog(leg->session), t->contact, trunk_auth, t, false,
	    on_notify, on_transfer_closed, leg, "Refer-To: <%s>\r\n", uri);
	return -err;
}

void
leg_refer_end(struct leg *leg)
{
	leg->transfer = mem_deref(leg->transfer);
}

void
leg_close(struct leg **lp)
{
	struct leg *leg = *lp;

	if (leg == NULL)
		return;
	*lp = NULL;
	leg->transfer = mem_deref(leg->transfer);
	leg->session = mem_deref(leg->session); /* says BYE, or 486 */
	leg_drop(leg);
}
