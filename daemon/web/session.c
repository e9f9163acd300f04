/* session.c - who a request is from. */
#include "daemon/web/session.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "daemon/base/clock.h"
#include "daemon/web/lockout.h"

enum {
	USED_MS = 60 * 1000, /* the last use is written to the minute */
	DEVICE_DAYS = 180,
};

/* "__Host-": only by TLS, for this host alone (RFC 6265bis section 4.1.3). */
static const char *
cookie_name(const struct web *w, bool device)
{
	if (w->tls)
		return device ? "__Host-safar_device" : "__Host-safar";
	return device ? "safar_device" : "safar";
}

static struct sv
cookie_get(const struct call *c, const char *name)
{
	struct sv rest = web_header(&c->q, "Cookie"), one, key;

	while (rest.n > 0) {
		one = sv_cut(&rest, ';');
		while (one.n > 0 && one.p[0] == ' ')
			one.p++, one.n--;
		key = sv_cut(&one, '=');
		if (sv_eq(key, sv_of(name)))
			return one;
	}
	return (struct sv){ "", 0 };
}

static void
cookie_set(struct call *c, const char *name, const char *value, long age_s)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
	    "%s=%s; Path=/; Max-Age=%ld; HttpOnly; SameSite=Strict%s", name,
	    value, age_s, c->q.web->tls ? "; Secure" : "");
	(void)evhttp_add_header(
	    evhttp_request_get_output_headers(c->req), "Set-Cookie", text);
}

void
session_cookie_drop(struct call *c)
{
	cookie_set(c, cookie_name(c->q.web, false), "", 0);
}

/* --- sessions --- */

static void
user_take(struct call *c)
{
	struct console_user *u = &c->account;

	c->user = (struct web_user){ .id = u->id,
		.name = sv_of(u->name),
		.roles = (unsigned)u->roles,
		.lang = sv_of(u->lang),
		.scope = {
		    sv_of(u->orgs), sv_of(u->topics), sv_of(u->countries) } };
	c->q.user = &c->user;
}

static int
session_use(struct call *c, const struct console_session *s)
{
	struct console *store = c->q.web->console;
	int64_t now = c->q.now_ms;
	int rc;

	if (now - s->used_ms > CONSOLE_IDLE_MS ||
	    now - s->began_ms > CONSOLE_SESSION_MS)
		return console_session_end(store, s->token);
	rc = console_user_get(store, s->user_id, &c->account);
	if (rc < 0 || c->account.locked)
		return rc == -ENOENT ? 0 : rc;
	user_take(c);
	return now - s->used_ms > USED_MS ?
		   console_session_use(store, s->token, now) :
		   0;
}

int
session_find(struct call *c)
{
	struct sv token = cookie_get(c, cookie_name(c->q.web, false));
	struct console_session s;
	int rc;

	if (!account_token_hash(token, s.token))
		return 0;
	rc = console_session_get(c->q.web->console, s.token, &s);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	memcpy(c->token, token.p, token.n);
	c->token[token.n] = '\0';
	return session_use(c, &s);
}

/* --- a browser that was here before --- */

/* "NONCE.MAC": the MAC is over nonce, user and their password's hash, so that
 * a new password makes the cookie of no use. */
static void
device_mac(const struct call *c, const struct console_user *u, struct sv nonce,
    char ret_hex[2 * ACCOUNT_TAG_LEN + 1])
{
	char text[CONSOLE_PASSWORD_SIZE + 32];
	uint8_t tag[ACCOUNT_TAG_LEN];
	size_t i;

	(void)snprintf(text, sizeof(text), "device %lld %s", (long long)u->id,
	    u->password);
	account_tag(c->q.web->key, nonce, sv_of(text), tag);
	for (i = 0; i < sizeof(tag); i++)
		(void)snprintf(ret_hex + 2 * i, 3, "%02x", tag[i]);
}

static struct sv
device_get(struct call *c, const struct console_user *u)
{
	struct sv rest = cookie_get(c, cookie_name(c->q.web, true));
	struct sv nonce = sv_cut(&rest, '.');
	char want[2 * ACCOUNT_TAG_LEN + 1];

	if (u == NULL || nonce.n != ACCOUNT_TOKEN_SIZE - 1)
		return (struct sv){ "", 0 };
	device_mac(c, u, nonce, want);
	return account_same(rest, sv_of(want)) ? nonce : (struct sv){ "", 0 };
}

static void
device_set(struct call *c)
{
	char nonce[ACCOUNT_TOKEN_SIZE], mac[2 * ACCOUNT_TAG_LEN + 1];
	char text[DEVICE_SIZE];
	uint8_t hash[CONSOLE_HASH_LEN];

	account_token_new(nonce, hash);
	device_mac(c, &c->account, sv_of(nonce), mac);
	(void)snprintf(text, sizeof(text), "%s.%s", nonce, mac);
	cookie_set(c, cookie_name(c->q.web, true), text,
	    (long)DEVICE_DAYS * 24 * 3600);
}

int
session_begin(struct call *c)
{
	struct console_session s = { .user_id = c->account.id,
		.began_ms = c->q.now_ms,
		.used_ms = c->q.now_ms };
	int rc;

	account_token_new(c->token, s.token);
	rc = console_session_put(c->q.web->console, &s);
	if (rc < 0)
		return rc;
	user_take(c);
	cookie_set(c, cookie_name(c->q.web, false), c->token,
	    (long)(CONSOLE_SESSION_MS / 1000));
	device_set(c);
	return 0;
}

/* --- other sites --- */

bool
session_csrf_fits(const struct call *c)
{
	char want[ACCOUNT_TOKEN_SIZE];

	account_csrf(sv_of(c->token), want);
	return account_same(web_header(&c->q, "X-CSRF-Token"), sv_of(want));
}

bool
session_cross_site(const struct call *c)
{
	/* https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header */
	struct sv site = web_header(&c->q, "Sec-Fetch-Site");

	return site.n > 0 && !sv_eq(site, SV("same-origin")) &&
	       !sv_eq(site, SV("none"));
}

/* --- addresses --- */

static bool
is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 ||
	       strcmp(address, "::1") == 0 ||
	       strncmp(address, "::ffff:127.", 11) == 0;
}

/* The last one: what nginx itself has seen. */
static struct sv
forwarded(struct sv list)
{
	struct sv last = { "", 0 };

	while (list.n > 0)
		last = sv_cut(&list, ',');
	while (last.n > 0 && last.p[0] == ' ')
		last.p++, last.n--;
	return last;
}

/* False: no address. */
static bool
address_take(const char *text, char ret_address[INET6_ADDRSTRLEN])
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1)
		return inet_ntop(AF_INET, &four, ret_address,
			   INET6_ADDRSTRLEN) != NULL;
	if (inet_pton(AF_INET6, text, &six) != 1)
		return false;
	memset(six.s6_addr + 8, 0, 8); /* one customer */
	return inet_ntop(AF_INET6, &six, ret_address, INET6_ADDRSTRLEN) != NULL;
}

void
session_address(struct call *c)
{
	struct evhttp_connection *connection =
	    evhttp_request_get_connection(c->req);
	struct sv named = forwarded(web_header(&c->q, "X-Forwarded-For"));
	char text[INET6_ADDRSTRLEN], *peer = NULL;
	uint16_t port;

	if (connection != NULL)
		evhttp_connection_get_peer(connection, &peer, &port);
	if (peer == NULL)
		return;
	c->local = is_loopback(peer);
	if (c->local && named.n > 0 && named.n < sizeof(text)) {
		(void)snprintf(text, sizeof(text), SV_FMT, SV_ARG(named));
		c->local = false;
		if (address_take(text, c->address))
			return;
	}
	if (!address_take(peer, c->address))
		(void)snprintf(c->address, sizeof(c->address), "?");
}

void
session_who(struct call *c, struct sv name, const struct console_user *user,
    struct lockout_who *ret_who)
{
	char *lower = arena_dup(c->q.arena, name.p, name.n);
	size_t i;

	for (i = 0; i < name.n; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] = (char)(lower[i] + 'a' - 'A');
	*ret_who = (struct lockout_who){ .address = sv_of(c->address),
		.account = { lower, name.n },
		.device = device_get(c, user) };
}
