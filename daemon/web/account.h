/* account.h - what the handlers of accounts share. */
#ifndef DAEMON_WEB_ACCOUNT_H
#define DAEMON_WEB_ACCOUNT_H

#include "daemon/web/inner.h"
#include "db/console.h"

/* The answer of GET /api/me, for c->q.user. */
json_t *account_me(struct call *c);
json_t *account_roles_json(unsigned roles);
json_t *account_scope_json(const struct web_scope *s);

/* Why a password is none, "too_short" and the like; NULL: it is one. */
const char *account_password_bad(struct sv password, struct sv name);

/* New recovery codes: their hashes in u, themselves returned, once. */
json_t *account_codes_new(struct call *c, struct console_user *u);

/* 422 {"fields":{field:code}} */
void account_field_bad(
    struct web_request *q, const char *field, const char *code);

/* 429 with Retry-After. */
void account_wait(struct web_request *q, int64_t ms);

#endif
