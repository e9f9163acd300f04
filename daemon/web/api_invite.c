/* api_invite.c - a link that works once: a password and a second factor. */
#include <stdio.h>

#include "daemon/core/account.h"
#include "daemon/web/account.h"
#include "daemon/web/lockout.h"
#include "daemon/web/qr.h"
#include "daemon/web/session.h"
#include "daemon/web/totp.h"
#include "daemon/web/worker.h"

enum { URI_MAX = 200, QR_MAX = 64 << 10 };

/* Whose link it is.  False: answered. */
static bool
invite_find(struct web_request *q, struct console_invite *ret_invite,
    struct console_user *ret_user)
{
	struct call *c = call_of(q);
	uint8_t hash[CONSOLE_HASH_LEN];
	struct lockout_who who;
	bool began;
	int64_t wait_ms;
	int rc;

	/* no account's: guesses from elsewhere keep nobody out */
	session_who(c, SV(""), NULL, &who);
	wait_ms = lockout_try(q->web->lockout, &who, q->now_ms, &began);
	if (wait_ms > 0) {
		account_wait(q, wait_ms);
		return false;
	}
	rc = account_token_hash(web_text(q->json, "token"), hash) ?
		 console_invite_get(
		     q->web->console, hash, q->now_ms, ret_invite) :
		 -ENOENT;
	if (rc == 0)
		rc = console_user_get(
		    q->web->console, ret_invite->user_id, ret_user);
	if (rc == 0 && !ret_user->locked) {
		lockout_passed(q->web->lockout, &who);
		return true;
	}
	if (rc == 0 || rc == -ENOENT)
		web_error(q, 404, "invite_over", NULL);
	else
		web_failed(q, rc);
	return false;
}

/* The secret that goes with a link: the same each time it is opened. */
static int
secret_of(struct web_request *q, struct console_invite *i,
    uint8_t ret_secret[TOTP_SECRET])
{
	struct web *w = q->web;

	if (account_unseal(w->key,
		(struct sv){ (const char *)i->totp, i->totp_len }, ret_secret,
		TOTP_SECRET) == TOTP_SECRET)
		return 0;
	account_random(ret_secret, TOTP_SECRET);
	i->totp_len = account_seal(w->key,
	    (struct sv){ (const char *)ret_secret, TOTP_SECRET }, i->totp,
	    sizeof(i->totp));
	ASSERT(i->totp_len > 0);
	return console_invite_put(w->console, i);
}

void
api_invite(struct web_request *q)
{
	struct console_invite i;
	struct console_user user;
	uint8_t secret[TOTP_SECRET];
	const struct sv bytes = { (const char *)secret, sizeof(secret) };
	char text[TOTP_BASE32];
	struct sb key, uri, qr;
	int rc;

	if (!invite_find(q, &i, &user))
		return;
	rc = secret_of(q, &i, secret);
	if (rc < 0) {
		web_failed(q, rc);
		return;
	}
	sb_wrap(&key, text, sizeof(text));
	totp_base32(bytes, &key);
	sb_init(&uri, q->arena, URI_MAX);
	totp_uri(bytes, sv_of(user.name), &uri);
	sb_init(&qr, q->arena, QR_MAX);
	qr_svg(uri.p, &qr);
	account_wipe(secret, sizeof(secret));
	web_json(q, 200,
	    json_pack("{s:s, s:o, s:b, s:{s:s, s:s, s:s}}", "name", user.name,
		"roles", account_roles_json((unsigned)user.roles), "again",
		(int)(user.password[0] != '\0'), "totp", "secret", key.p, "uri",
		uri.p, "qr", qr.p));
}

struct accept {
	struct call *call;
	struct console_invite invite;
	int64_t step; /* of the code that was shown */
};

static int
accept_rows(struct accept *a, const char *hash, json_t **ret_codes)
{
	struct call *c = a->call;
	struct console *store = c->q.web->console;
	struct console_user *u = &c->account;
	int rc;

	(void)snprintf(u->password, sizeof(u->password), "%s", hash);
	memcpy(u->totp, a->invite.totp, a->invite.totp_len);
	u->totp_len = a->invite.totp_len;
	u->totp_step = a->step;
	u->seen_ms = c->q.now_ms / 86400000 * 86400000;
	*ret_codes = account_codes_new(c, u);
	rc = console_user_set(store, u);
	if (rc == 0)
		rc = console_invite_end(store, u->id);
	if (rc == 0)
		rc = console_sessions_end(store, u->id, NULL);
	if (rc == 0)
		rc = session_begin(c);
	return rc < 0 ? rc :
			account_audit(store, sv_of(u->name),
			    SV("invitation_taken"), c->q.now_ms);
}

/* The link works once: it must still be there. */
static int
accept_round(struct accept *a, const char *hash, json_t **ret_codes)
{
	struct call *c = a->call;
	struct console *store = c->q.web->console;
	struct console_invite now;
	int rc = console_begin(store);

	if (rc < 0)
		return rc;
	rc = console_invite_get(store, a->invite.token, c->q.now_ms, &now);
	if (rc == 0)
		rc = console_user_get(store, now.user_id, &c->account);
	if (rc == 0)
		rc = accept_rows(a, hash, ret_codes);
	if (rc == 0)
		return console_commit(store);
	console_rollback(store);
	return rc;
}

static void
on_hash(void *arg, bool fits, const char *hash)
{
	struct accept *a = arg;
	struct call *c = a->call;
	json_t *codes = NULL, *me;
	int rc = hash == NULL ? -ENOMEM : accept_round(a, hash, &codes);

	(void)fits;
	if (rc < 0) {
		json_decref(codes);
		if (rc == -ENOENT)
			web_error(&c->q, 404, "invite_over", NULL);
		else
			web_failed(&c->q, rc);
		return;
	}
	me = account_me(c);
	(void)json_object_set_new(me, "recovery", codes);
	web_json(&c->q, 200, me);
}

void
api_invite_accept(struct web_request *q)
{
	struct accept *a = ARENA_NEW(q->arena, struct accept);
	struct sv password = web_text(q->json, "password");
	uint8_t secret[TOTP_SECRET];
	struct console_user user;
	const char *bad;
	int rc;

	a->call = call_of(q);
	if (!invite_find(q, &a->invite, &user))
		return;
	bad = account_password_bad(password, sv_of(user.name));
	if (bad != NULL) {
		account_field_bad(q, "password", bad);
		return;
	}
	if (account_unseal(q->web->key,
		(struct sv){ (const char *)a->invite.totp, a->invite.totp_len },
		secret, sizeof(secret)) != sizeof(secret) ||
	    !totp_fits((struct sv){ (const char *)secret, sizeof(secret) },
		web_text(q->json, "code"), q->now_ms, 0, &a->step)) {
		account_field_bad(q, "code", "wrong");
		return;
	}
	rc = worker_ask(q->web->worker, NULL, password, on_hash, a);
	if (rc < 0)
		web_failed(q, rc);
	else
		web_later(q);
}
