/* sip.c - the trunk: who may say what, and what is answered at once. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/sip/sip_inner.h"

#include "daemon/base/log.h"
#include "daemon/core/limit.h"
#include "daemon/sip/ticker.h"

enum {
	HASH_SIZE = 1024,
	RETRY_AFTER_S = 2,
	DNS_SERVERS = 4,
};

/* UPDATE is not in it, so that trunks refresh by INVITE. */
#define ALLOW "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, NOTIFY\r\n"
#define NO_BODY "Content-Length: 0\r\n\r\n"

const char sip_allow[] = ALLOW;

static struct addr
source_of(const struct sip_msg *msg)
{
	struct addr a = { .len = msg->src.len };

	memcpy(&a.u, &msg->src.u, sizeof(a.u));
	return a;
}

static bool
is_method(const struct sip_msg *msg, const char *method)
{
	return pl_strcmp(&msg->met, method) == 0;
}

static void
refuse(struct trunk *t, const struct sip_msg *msg, uint16_t status,
    const char *reason)
{
	t->refused++;
	if (!is_method(msg, "ACK"))
		(void)sip_reply(t->sip, msg, status, reason);
}

/* What libre lets through and no honest sender writes. */
static bool
is_sound(const struct sip_msg *msg)
{
	static const enum sip_hdrid once[] = { SIP_HDR_CALL_ID, SIP_HDR_FROM,
		SIP_HDR_TO, SIP_HDR_CSEQ, SIP_HDR_CONTENT_LENGTH };
	size_t i;

	for (i = 0; i < ARRAY_LEN(once); i++)
		if (sip_msg_hdr_count(msg, once[i]) > 1)
			return false;
	return pl_cmp(&msg->cseq.met, &msg->met) == 0;
}

/* The names in a header, by commas; sip_msg_hdr_apply() gives each value. */
static bool
on_required(const struct sip_hdr *h, const struct sip_msg *msg, void *arg)
{
	struct sb *names = arg;

	(void)msg;
	if (names->n > 0)
		sb_puts(names, ", ");
	sb_put(names, (struct sv){ h->val.p, h->val.l });
	return false;
}

/* RFC 3261, 8.2.2.3: we have no extension that may be required. */
static bool
asks_too_much(struct trunk *t, const struct sip_msg *msg)
{
	char room[256];
	struct sb names;

	sb_wrap(&names, room, sizeof(room));
	(void)sip_msg_hdr_apply(
	    msg, true, SIP_HDR_REQUIRE, on_required, &names);
	if (names.n == 0 || is_method(msg, "ACK") || is_method(msg, "CANCEL"))
		return false;
	(void)sip_replyf(t->sip, msg, 420, "Bad Extension",
	    "Unsupported: %s\r\n" NO_BODY, room);
	return true;
}

/* The first of the chain: true ends it. */
bool
trunk_on_request(const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;
	struct addr from = source_of(msg);

	if (!guard_allows(&t->conf.guard, &from)) {
		t->strangers++;
		return true;
	}
	if (pl_strcasecmp(&msg->uri.scheme, "sip") != 0) {
		refuse(t, msg, 416, "Unsupported URI Scheme");
		return true;
	}
	if (!is_sound(msg)) {
		refuse(t, msg, 400, "Bad Request");
		return true;
	}
	return asks_too_much(t, msg);
}

/* The last of the chain: what nobody took. */
bool
trunk_on_other(const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;

	if (is_method(msg, "ACK"))
		return true;
	if (is_method(msg, "OPTIONS"))
		(void)sip_replyf(t->sip, msg, 200, "OK",
		    ALLOW "Accept: application/sdp\r\n" NO_BODY);
	else if (is_method(msg, "BYE") || is_method(msg, "NOTIFY") ||
		 is_method(msg, "INFO"))
		(void)sip_reply(
		    t->sip, msg, 481, "Call/Transaction Does Not Exist");
	else
		(void)sip_replyf(
		    t->sip, msg, 405, "Method Not Allowed", ALLOW NO_BODY);
	return true;
}

/* A new call: how many there may be, before anything is read of it. */
void
trunk_on_invite(const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;

	if (t->stopping || !limit_take(&t->new_calls, t->conf.calls_per_s, 1000,
			       ticker_now_ms())) {
		t->throttled++;
		(void)sip_replyf(t->sip, msg, 503, "Service Unavailable",
		    "Retry-After: %d\r\n" NO_BODY, RETRY_AFTER_S);
	} else if (t->legs >= t->conf.calls) {
		refuse(t, msg, 486, "Busy Here");
	} else {
		leg_invited(t, msg);
	}
}

int
trunk_auth(char **user, char **password, const char *realm, void *arg)
{
	const struct trunk *t = arg;

	(void)realm;
	if (t->conf.user[0] == '\0')
		return EAUTH;
	return str_dup(user, t->conf.user) |
	       str_dup(password, t->conf.password);
}

static void
on_registered(int err, const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;
	unsigned status = msg != NULL ? msg->scode : 0;

	if (err == 0 && status < 300) {
		if (!t->registered)
			log_kv(LOG_INFO, "registered", "expires_s=%lld",
			    (long long)t->conf.register_s);
		t->registered = true;
		return;
	}
	t->registered = false;
	log_kv(LOG_WARN, "not_registered", "status=%u error=\"%s\"", status,
	    err != 0 ? strerror(err) : "");
}

static void
address_put(struct sb *b, const struct addr *a)
{
	char text[ADDR_TEXT];

	addr_text(a, text);
	sb_printf(b, strchr(text, ':') != NULL ? "[%s]:%u" : "%s:%u", text,
	    (unsigned)addr_port(a));
}

static int
register_start(struct trunk *t)
{
	char uri[128], me[256], via[96];
	const char *route[] = { via };
	struct sb b;

	(void)snprintf(uri, sizeof(uri), "sip:%s", t->conf.domain);
	(void)snprintf(
	    me, sizeof(me), "sip:%s@%s", t->conf.user, t->conf.domain);
	sb_wrap(&b, via, sizeof(via));
	sb_puts(&b, "sip:");
	address_put(&b, &t->conf.registrar);
	sb_puts(&b, ";lr");
	return sipreg_register(&t->registration, t->sip, uri, me, NULL, me,
	    (uint32_t)t->conf.register_s, t->contact, route, 1, 0, trunk_auth,
	    t, false, on_registered, t, NULL, NULL);
}

/* Who a trunk names by a domain is looked up where the system looks. */
static void
resolver_open(struct trunk *t)
{
	struct sa servers[DNS_SERVERS];
	uint32_t n = DNS_SERVERS;

	if (dns_srv_get(NULL, 0, servers, &n) == 0 && n > 0)
		(void)dnsc_alloc(&t->dns, NULL, servers, n);
}

static int
listen_at(struct trunk *t, struct diag *why)
{
	const struct addr *at = &t->conf.listen;
	struct sa local;
	char text[ADDR_TEXT];
	int err, rc;

	addr_text(at, text);
	err = sa_set_sa(&local, &at->u.any);
	if (err == 0)
		err = sip_transp_add(t->sip, SIP_TRANSP_UDP, &local);
	if (err == 0 && t->conf.tcp)
		err = sip_transp_add(t->sip, SIP_TRANSP_TCP, &local);
	if (err != 0)
		return diag_set(why, -err,
		    "sip.listen, sip.port: %s port %u: %s", text,
		    (unsigned)addr_port(at), strerror(err));
	rc = guard_attach(&t->conf.guard, at);
	if (rc < 0)
		return diag_set(why, rc,
		    "sip.trunks: the filter cannot be set: %s", strerror(-rc));
	return 0;
}

static int
chain(struct trunk *t)
{
	int err = sip_listen(&t->first, t->sip, true, trunk_on_request, t);

	if (err == 0)
		err = sipsess_listen(
		    &t->sessions, t->sip, HASH_SIZE, trunk_on_invite, t);
	if (err == 0)
		err = sipevent_listen(&t->events, t->sip, 32, 32, NULL, NULL);
	if (err == 0)
		err = sip_listen(&t->last, t->sip, true, trunk_on_other, t);
	return err;
}

int
trunk_open(const struct trunk_conf *conf, const struct leg_ops *ops,
    void *gateway, struct trunk **ret_trunk, struct diag *reterr_diag)
{
	struct trunk *t = calloc(1, sizeof(*t));
	struct sb b;
	int rc, err;

	ASSERT(t != NULL);
	t->conf = *conf;
	t->ops = ops;
	t->gateway = gateway;
	t->local = conf->external.len > 0 ? conf->external : conf->listen;
	addr_set_port(&t->local, addr_port(&conf->listen));
	sb_wrap(&b, t->contact, sizeof(t->contact));
	sb_puts(&b, "sip:safar@");
	address_put(&b, &t->local);
	resolver_open(t);
	err = sip_alloc(&t->sip, t->dns, HASH_SIZE, HASH_SIZE, HASH_SIZE,
	    "safar", NULL, NULL);
	ASSERT(err == 0);
	rc = listen_at(t, reterr_diag);
	if (rc == 0) {
		err = chain(t);
		if (err == 0 && conf->user[0] != '\0')
			err = register_start(t);
		if (err != 0)
			rc = diag_set(
			    reterr_diag, -err, "SIP: %s", strerror(err));
	}
	if (rc < 0) {
		trunk_close(&t);
		return rc;
	}
	*ret_trunk = t;
	return 0;
}

void
trunk_stop(struct trunk *t)
{
	t->stopping = true;
	t->registration = mem_deref(t->registration);
}

void
trunk_close(struct trunk **tp)
{
	struct trunk *t = *tp;

	if (t == NULL)
		return;
	mem_deref(t->registration);
	mem_deref(t->first);
	mem_deref(t->last);
	mem_deref(t->events);
	mem_deref(t->sessions);
	sip_close(t->sip, true);
	mem_deref(t->sip);
	mem_deref(t->dns);
	free(t);
	*tp = NULL;
}
