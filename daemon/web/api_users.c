/* api_users.c - accounts, for administrators. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/sb.h"
#include "daemon/core/account.h"
#include "daemon/web/account.h"

/* --- list --- */

static const char *
state_of(const struct console_user *u)
{
	if (u->locked)
		return "locked";
	return u->password[0] == '\0' ? "invited" : "active";
}

static json_t *
user_json(const struct console_user *u)
{
	const struct web_scope scope = { sv_of(u->orgs), sv_of(u->topics),
		sv_of(u->countries) };

	return json_pack("{s:I, s:s, s:o, s:o, s:s, s:s, s:I}", "id",
	    (json_int_t)u->id, "name", u->name, "roles",
	    account_roles_json((unsigned)u->roles), "scope",
	    account_scope_json(&scope), "lang", u->lang, "state", state_of(u),
	    "seen_ms", (json_int_t)u->seen_ms);
}

static bool
on_user(void *arg, const struct console_user *u)
{
	(void)json_array_append_new(arg, user_json(u));
	return true;
}

void
api_users(struct web_request *q)
{
	json_t *rows = json_array();
	int rc = console_users_each(web_console(q->web), on_user, rows);

	if (rc == 0) {
		web_json(q, 200, json_pack("{s:o}", "rows", rows));
		return;
	}
	json_decref(rows);
	web_failed(q, rc);
}

/* --- what was sent --- */

static bool
roles_take(const json_t *list, int64_t *ret_roles)
{
	const json_t *one;
	unsigned role;
	size_t i;

	*ret_roles = 0;
	for (i = 0; i < json_array_size(list); i++) {
		one = json_array_get(list, i);
		role = json_is_string(one) ?
			   account_role_of(sv_of(json_string_value(one))) :
			   0;
		if (role == 0)
			return false;
		*ret_roles |= role;
	}
	return *ret_roles != 0;
}

static bool
is_scope_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("_.-", c) != NULL;
}

/* A list of ids, as one text with ';'. */
static bool
list_take(const json_t *list, char ret_text[CONSOLE_SCOPE_MAX + 1])
{
	struct sb b;
	const char *id, *p;
	size_t i;

	sb_wrap(&b, ret_text, CONSOLE_SCOPE_MAX + 1);
	for (i = 0; i < json_array_size(list); i++) {
		id = json_string_value(json_array_get(list, i));
		if (id == NULL || *id == '\0')
			return false;
		for (p = id; *p != '\0'; p++)
			if (!is_scope_char(*p))
				return false;
		sb_printf(&b, "%s%s", i > 0 ? ";" : "", id);
	}
	return !b.full;
}

/* Roles and scope, as far as they were sent.  NULL, or the field that is
 * wrong. */
static const char *
fields_take(const json_t *json, struct console_user *u)
{
	const json_t *roles = json_object_get(json, "roles");
	const json_t *scope = json_object_get(json, "scope");

	if (roles != NULL && !roles_take(roles, &u->roles))
		return "roles";
	if (scope == NULL)
		return NULL;
	if (!list_take(json_object_get(scope, "orgs"), u->orgs))
		return "orgs";
	if (!list_take(json_object_get(scope, "topics"), u->topics))
		return "topics";
	return list_take(json_object_get(scope, "countries"), u->countries) ?
		   NULL :
		   "countries";
}

/* --- changes: each with its row of the chain, in one round --- */

static int
audit_of(
    struct web_request *q, const char *action, const struct console_user *u)
{
	return web_audit(q, action, sv_of(u->name));
}

static int
leave(struct web_request *q, int rc)
{
	if (rc == 0)
		return console_commit(web_console(q->web));
	console_rollback(web_console(q->web));
	return rc;
}

static int
user_add(struct web_request *q, struct console_user *u)
{
	struct console *store = web_console(q->web);
	int rc = console_begin(store);

	if (rc < 0)
		return rc;
	rc = console_user_add(store, u, &u->id);
	return leave(q, rc < 0 ? rc : audit_of(q, "user_added", u));
}

void
api_user_new(struct web_request *q)
{
	struct sv name = web_text(q->json, "name");
	struct console_user u = { .made_ms = q->now_ms };
	const char *bad;
	int rc;

	if (!account_name_is(name)) {
		account_field_bad(q, "name", "bad_name");
		return;
	}
	memcpy(u.name, name.p, name.n);
	bad = fields_take(q->json, &u);
	if (bad == NULL && u.roles == 0)
		bad = "roles";
	if (bad != NULL) {
		account_field_bad(q, bad, "unknown");
		return;
	}
	rc = user_add(q, &u);
	if (rc == -EEXIST)
		account_field_bad(q, "name", "taken");
	else if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 201, user_json(&u));
}

/* False: answered. */
static bool
user_find(struct web_request *q, struct console_user *ret_user)
{
	int rc = console_user_get(
	    web_console(q->web), strtoll(q->id.p, NULL, 10), ret_user);

	if (rc < 0)
		web_failed(q, rc);
	return rc == 0;
}

/* Somebody must be left who can let others in. */
static int
last_check(struct web_request *q)
{
	int64_t count = 0;
	int rc = console_users_count(web_console(q->web), ROLE_ADMIN, &count);

	return rc == 0 && count == 0 ? -EUSERS : rc;
}

static void
changed_tell(struct web_request *q, const struct console_user *u, int rc)
{
	if (rc == -EUSERS)
		web_error(q, 409, "last_admin", NULL);
	else if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 200, user_json(u));
}

static int
user_change(struct web_request *q, const struct console_user *u,
    const char *action, bool sessions_end)
{
	struct console *store = web_console(q->web);
	int rc = console_begin(store);

	if (rc < 0)
		return rc;
	rc = console_user_set(store, u);
	if (rc == 0)
		rc = last_check(q);
	if (rc == 0 && sessions_end)
		rc = console_sessions_end(store, u->id, NULL);
	if (rc == 0 && u->locked)
		rc = console_invite_end(store, u->id);
	return leave(q, rc < 0 ? rc : audit_of(q, action, u));
}

void
api_user_change(struct web_request *q)
{
	struct console_user u;
	const char *bad;

	if (!user_find(q, &u))
		return;
	bad = fields_take(q->json, &u);
	if (bad != NULL)
		account_field_bad(q, bad, "unknown");
	else
		changed_tell(q, &u, user_change(q, &u, "user_changed", false));
}

static void
lock(struct web_request *q, bool locked)
{
	struct console_user u;

	if (!user_find(q, &u))
		return;
	u.locked = locked;
	changed_tell(q, &u,
	    user_change(
		q, &u, locked ? "user_locked" : "user_unlocked", locked));
}

void
api_user_lock(struct web_request *q)
{
	lock(q, true);
}

void
api_user_unlock(struct web_request *q)
{
	lock(q, false);
}

void
api_user_invite(struct web_request *q)
{
	char token[ACCOUNT_TOKEN_SIZE], address[256];
	struct console_user u;
	json_t *link;
	int rc;

	if (!user_find(q, &u))
		return;
	if (u.locked) {
		web_error(q, 409, "locked", NULL);
		return;
	}
	rc = account_invite(
	    web_console(q->web), &u, q->user->name, q->now_ms, token);
	if (rc < 0) {
		web_failed(q, rc);
		return;
	}
	web_address(q->web, address, sizeof(address));
	link = json_sprintf("%s/#/invite/%s", address, token);
	web_json(q, 200,
	    json_pack("{s:o, s:I}", "link", link, "expires_ms",
		(json_int_t)q->now_ms + CONSOLE_INVITE_MS));
}
