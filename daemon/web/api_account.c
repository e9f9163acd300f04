/* api_account.c - login, logout, who am I, my password and codes. */
#include "daemon/web/account.h"

#include <stdio.h>

#include "daemon/core/account.h"
#include "daemon/web/inner.h"
#include "daemon/web/lockout.h"
#include "daemon/web/session.h"
#include "daemon/web/totp.h"
#include "daemon/web/worker.h"

enum { DAY_MS = 24 * 3600 * 1000, CODE_CHARS = 10 };

/* --- me --- */

static json_t *
list_of(struct sv list)
{
	json_t *all = json_array();
	struct sv one;

	while (list.n > 0) {
		one = sv_cut(&list, ';');
		if (one.n > 0)
			(void)json_array_append_new(
			    all, json_stringn(one.p, one.n));
	}
	return all;
}

json_t *
account_scope_json(const struct web_scope *s)
{
	return json_pack("{s:o, s:o, s:o}", "orgs", list_of(s->orgs), "topics",
	    list_of(s->topics), "countries", list_of(s->countries));
}

json_t *
account_roles_json(unsigned roles)
{
	json_t *all = json_array();
	unsigned i;

	for (i = 0; i < ACCOUNT_ROLES; i++)
		if ((roles & 1U << i) != 0)
			(void)json_array_append_new(
			    all, json_string(account_role_name(1U << i)));
	return all;
}

json_t *
account_me(struct call *c)
{
	const struct web_user *u = c->q.user;
	const struct conf *conf = &c->q.web->conf;
	char csrf[ACCOUNT_TOKEN_SIZE];

	account_csrf(sv_of(c->token), csrf);
	return json_pack("{s:{s:I, s:s%, s:o, s:o, s:s%}, s:s,"
			 " s:{s:b, s:b, s:b, s:b}}",
	    "user", "id", (json_int_t)u->id, "name", u->name.p, u->name.n,
	    "roles", account_roles_json(u->roles), "scope",
	    account_scope_json(&u->scope), "lang", u->lang.p, u->lang.n, "csrf",
	    csrf, "settings", "approval", (int)conf->console.approval,
	    "reviewers_key", (int)c->q.web->reviewers_key, "prices",
	    (int)web_prices(c->q.web), "public_api",
	    (int)conf->console.public_api);
}

void
api_me(struct web_request *q)
{
	web_json(q, 200, account_me(call_of(q)));
}

/* --- login --- */

struct login {
	struct call *call;
	int64_t user_id; /* 0: there is no such user */
	struct lockout_who who;
	struct sv code;
	char name[CONSOLE_NAME_MAX + 1];
};

static char
upper(char c)
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz";
	static const char large[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *at = c != '\0' ? strchr(small, c) : NULL;

	if (at == NULL)
		return c;
	return large[at - small];
}

/* The one of the recovery codes that it is, or -1. */
static int
recovery_find(
    const struct call *c, const struct console_user *u, struct sv code)
{
	char clean[CODE_CHARS + 1];
	uint8_t tag[ACCOUNT_TAG_LEN];
	size_t n = 0, i;

	for (i = 0; i < code.n; i++) {
		char one = code.p[i];

		if (one == '-' || one == ' ')
			continue;
		if (n == CODE_CHARS)
			return -1;
		clean[n++] = upper(one);
	}
	if (n != CODE_CHARS)
		return -1;
	account_tag(
	    c->q.web->key, SV("recovery"), (struct sv){ clean, n }, tag);
	for (i = 0; i * CONSOLE_CODE_LEN < u->recovery_len; i++)
		if (memcmp(u->recovery + i * CONSOLE_CODE_LEN, tag,
			sizeof(tag)) == 0)
			return (int)i;
	return -1;
}

/* Take the code off the account; false: it is none, or was used. */
static bool
code_use(const struct call *c, struct console_user *u, struct sv code)
{
	uint8_t secret[CONSOLE_TOTP_MAX];
	size_t n = account_unseal(c->q.web->key,
	    (struct sv){ (const char *)u->totp, u->totp_len }, secret,
	    sizeof(secret));
	size_t from;
	int at;

	if (n > 0 && totp_fits((struct sv){ (const char *)secret, n }, code,
			 c->q.now_ms, u->totp_step, &u->totp_step)) {
		account_wipe(secret, sizeof(secret));
		return true;
	}
	account_wipe(secret, sizeof(secret));
	at = recovery_find(c, u, code);
	if (at < 0)
		return false;
	u->recovery_len -= CONSOLE_CODE_LEN;
	from = (size_t)at * CONSOLE_CODE_LEN;
	memmove(u->recovery + from, u->recovery + from + CONSOLE_CODE_LEN,
	    u->recovery_len - from);
	return true;
}

/* In one round: the code is used, the session begins, the row of the chain. */
static int
login_rows(struct call *c)
{
	struct console *store = c->q.web->console;
	int rc = console_begin(store);

	if (rc < 0)
		return rc;
	c->account.seen_ms = c->q.now_ms / DAY_MS * DAY_MS;
	rc = console_user_set(store, &c->account);
	if (rc == 0)
		rc = session_begin(c);
	if (rc == 0)
		rc = account_audit(
		    store, sv_of(c->account.name), SV("login"), c->q.now_ms);
	if (rc == 0)
		return console_commit(store);
	console_rollback(store);
	return rc;
}

static void
login_end(struct login *l, bool fits)
{
	struct call *c = l->call;
	int rc = -ENOENT;

	if (fits && l->user_id != 0)
		rc = console_user_get(
		    c->q.web->console, l->user_id, &c->account);
	if (rc == -ENOENT || c->account.locked) {
		web_error(&c->q, 401, "login_wrong", NULL);
		return;
	}
	if (rc == 0 && l->code.n == 0) {
		/* right so far, which forgives no wrong code */
		lockout_uncount(c->q.web->lockout, &l->who);
		web_error(&c->q, 401, "code_wanted", NULL);
		return;
	}
	if (rc == 0 && !code_use(c, &c->account, l->code)) {
		web_error(&c->q, 401, "login_wrong", NULL);
		return;
	}
	if (rc == 0)
		rc = login_rows(c);
	if (rc < 0) {
		web_failed(&c->q, rc);
		return;
	}
	lockout_passed(c->q.web->lockout, &l->who);
	web_json(&c->q, 200, account_me(c));
}

static void
on_login(void *arg, bool fits, const char *hash)
{
	(void)hash;
	login_end(arg, fits);
}

static void
wait_tell(struct web_request *q, int64_t ms)
{
	char text[24];
	int64_t s = (ms + 999) / 1000;

	(void)snprintf(text, sizeof(text), "%lld", (long long)s);
	web_reply_header(q, "Retry-After", text);
	web_error(
	    q, 429, "too_often", json_pack("{s:I}", "seconds", (json_int_t)s));
}

void
account_wait(struct web_request *q, int64_t ms)
{
	wait_tell(q, ms);
}

/* Counts the try.  False: answered. */
static bool
try_count(struct call *c, const struct lockout_who *who, struct sv name)
{
	bool began = false;
	int64_t wait_ms =
	    lockout_try(c->q.web->lockout, who, c->q.now_ms, &began);
	int rc = 0;

	if (wait_ms > 0) {
		wait_tell(&c->q, wait_ms);
		return false;
	}
	if (began)
		rc = account_audit(
		    c->q.web->console, name, SV("login_paused"), c->q.now_ms);
	if (rc < 0)
		web_failed(&c->q, rc);
	return rc == 0;
}

void
api_login(struct web_request *q)
{
	struct call *c = call_of(q);
	struct sv name = web_text(q->json, "name");
	struct console_user user = { .id = 0 };
	struct login *l = ARENA_NEW(q->arena, struct login);
	int rc = account_name_is(name) ?
		     console_user_find(q->web->console, name, &user) :
		     -ENOENT;

	if (rc < 0 && rc != -ENOENT) {
		web_failed(q, rc);
		return;
	}
	if (name.n > CONSOLE_NAME_MAX)
		name.n = CONSOLE_NAME_MAX;
	l->call = c;
	l->user_id = user.id;
	l->code = web_text(q->json, "code");
	session_who(c, name, rc == 0 ? &user : NULL, &l->who);
	if (!try_count(c, &l->who, rc == 0 ? sv_of(user.name) : SV("nobody")))
		return;
	rc = worker_ask(q->web->worker, user.password,
	    web_text(q->json, "password"), on_login, l);
	if (rc == -EINVAL)
		web_error(q, 401, "login_wrong", NULL);
	else if (rc < 0)
		web_failed(q, rc);
	else
		web_later(q);
}

/* --- logout --- */

static int
logout_rows(struct call *c, bool everywhere)
{
	struct console *store = c->q.web->console;
	uint8_t hash[CONSOLE_HASH_LEN];
	int rc = console_begin(store);

	if (rc < 0)
		return rc;
	if (everywhere)
		rc = console_sessions_end(store, c->q.user->id, NULL);
	else if (account_token_hash(sv_of(c->token), hash))
		rc = console_session_end(store, hash);
	if (rc == 0)
		rc = account_audit(store, c->q.user->name,
		    everywhere ? SV("logout_everywhere") : SV("logout"),
		    c->q.now_ms);
	if (rc == 0)
		return console_commit(store);
	console_rollback(store);
	return rc;
}

static void
logout(struct web_request *q, bool everywhere)
{
	int rc = logout_rows(call_of(q), everywhere);

	if (rc < 0) {
		web_failed(q, rc);
		return;
	}
	session_cookie_drop(call_of(q));
	web_json(q, 200, json_object());
}

void
api_logout(struct web_request *q)
{
	logout(q, false);
}

void
api_logout_everywhere(struct web_request *q)
{
	logout(q, true);
}

/* --- passwords and codes --- */

const char *
account_password_bad(struct sv password, struct sv name)
{
	bool seen[256] = { false };
	size_t chars = 0, kinds = 0, i;

	for (i = 0; i < password.n; i++) {
		uint8_t byte = (uint8_t)password.p[i];

		chars += (byte & 0xc0) != 0x80;
		kinds += !seen[byte];
		seen[byte] = true;
	}
	if (chars < ACCOUNT_PASSWORD_MIN)
		return "too_short";
	if (password.n > ACCOUNT_PASSWORD_MAX)
		return "too_long";
	if (kinds < 5 || (name.n > 3 && memmem(password.p, password.n, name.p,
					    name.n) != NULL))
		return "too_simple";
	return NULL;
}

void
account_field_bad(struct web_request *q, const char *field, const char *code)
{
	web_error(
	    q, 422, "invalid", json_pack("{s:{s:s}}", "fields", field, code));
}

json_t *
account_codes_new(struct call *c, struct console_user *u)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	json_t *all = json_array();
	char shown[CODE_CHARS + 2], code[CODE_CHARS];
	uint8_t chance[CODE_CHARS];
	size_t i, k;

	for (i = 0; i < CONSOLE_CODES; i++) {
		account_random(chance, sizeof(chance));
		for (k = 0; k < CODE_CHARS; k++)
			code[k] = letters[chance[k] % 32];
		account_tag(c->q.web->key, SV("recovery"),
		    (struct sv){ code, CODE_CHARS },
		    u->recovery + i * CONSOLE_CODE_LEN);
		(void)snprintf(
		    shown, sizeof(shown), "%.5s-%.5s", code, code + 5);
		(void)json_array_append_new(all, json_string(shown));
	}
	u->recovery_len = sizeof(u->recovery);
	account_wipe(code, sizeof(code));
	return all;
}

struct change {
	struct call *call;
	struct lockout_who who;
	struct sv fresh; /* the new password; empty: new codes */
};

static int
change_rows(struct call *c, struct sv action, bool others_end)
{
	struct console *store = c->q.web->console;
	uint8_t hash[CONSOLE_HASH_LEN];
	int rc = console_begin(store);

	if (rc < 0)
		return rc;
	rc = console_user_set(store, &c->account);
	if (rc == 0 && others_end && account_token_hash(sv_of(c->token), hash))
		rc = console_sessions_end(store, c->account.id, hash);
	if (rc == 0)
		rc = account_audit(
		    store, sv_of(c->account.name), action, c->q.now_ms);
	if (rc == 0)
		return console_commit(store);
	console_rollback(store);
	return rc;
}

static void
on_new_hash(void *arg, bool fits, const char *hash)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	int rc = hash == NULL ? -ENOMEM : 0;

	(void)fits;
	if (rc == 0)
		rc = console_user_get(
		    c->q.web->console, c->account.id, &c->account);
	if (rc == 0) {
		(void)snprintf(c->account.password, sizeof(c->account.password),
		    "%s", hash);
		rc = change_rows(c, SV("password_changed"), true);
	}
	if (rc < 0)
		web_failed(&c->q, rc);
	else
		web_json(&c->q, 200, account_me(c));
}

static void
codes_give(struct call *c)
{
	json_t *codes;
	int rc =
	    console_user_get(c->q.web->console, c->account.id, &c->account);

	if (rc < 0) {
		web_failed(&c->q, rc);
		return;
	}
	codes = account_codes_new(c, &c->account);
	rc = change_rows(c, SV("recovery_codes_new"), false);
	if (rc == 0) {
		web_json(&c->q, 200, json_pack("{s:o}", "recovery", codes));
		return;
	}
	json_decref(codes);
	web_failed(&c->q, rc);
}

static void
on_old_checked(void *arg, bool fits, const char *hash)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	int rc;

	(void)hash;
	if (!fits) {
		account_field_bad(&c->q,
		    ch->fresh.n > 0 ? "password_old" : "password", "wrong");
		return;
	}
	lockout_passed(c->q.web->lockout, &ch->who);
	if (ch->fresh.n == 0) {
		codes_give(c);
		return;
	}
	rc = worker_ask(c->q.web->worker, NULL, ch->fresh, on_new_hash, ch);
	if (rc < 0)
		web_failed(&c->q, rc);
}

/* Ask for the password that is, then change something. */
static void
change_begin(struct web_request *q, struct sv old, struct sv fresh)
{
	struct change *ch = ARENA_NEW(q->arena, struct change);
	struct call *c = call_of(q);
	int rc;

	ch->call = c;
	ch->fresh = fresh;
	session_who(c, q->user->name, &c->account, &ch->who);
	if (!try_count(c, &ch->who, q->user->name))
		return;
	rc = worker_ask(
	    q->web->worker, c->account.password, old, on_old_checked, ch);
	if (rc < 0)
		web_failed(q, rc);
	else
		web_later(q);
}

static bool
is_lang(struct sv lang)
{
	size_t i;

	for (i = 0; i < lang.n; i++)
		if ((lang.p[i] < 'a' || lang.p[i] > 'z') && lang.p[i] != '@')
			return false;
	return lang.n >= 2 && lang.n < sizeof(((struct console_user *)0)->lang);
}

void
api_account(struct web_request *q)
{
	struct call *c = call_of(q);
	struct sv lang = web_text(q->json, "lang");
	struct sv fresh = web_text(q->json, "password_new");
	const char *bad;
	int rc;

	if (lang.n > 0) {
		if (!is_lang(lang)) {
			account_field_bad(q, "lang", "unknown");
			return;
		}
		memcpy(c->account.lang, lang.p, lang.n);
		c->account.lang[lang.n] = '\0';
		c->user.lang = sv_of(c->account.lang);
		rc = console_user_set(q->web->console, &c->account);
		if (rc < 0)
			web_failed(q, rc);
		else
			web_json(q, 200, account_me(c));
		return;
	}
	bad = account_password_bad(fresh, q->user->name);
	if (bad != NULL)
		account_field_bad(q, "password_new", bad);
	else
		change_begin(q, web_text(q->json, "password_old"), fresh);
}

void
api_account_recovery(struct web_request *q)
{
	change_begin(q, web_text(q->json, "password"), (struct sv){ "", 0 });
}
