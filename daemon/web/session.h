/* session.h - who a request is from: cookies, their tokens, addresses. */
#ifndef DAEMON_WEB_SESSION_H
#define DAEMON_WEB_SESSION_H

#include "daemon/core/account.h"
#include "daemon/web/inner.h"

struct lockout_who;

enum { DEVICE_SIZE = 96 };

/* Whose session the cookie names: sets c->token, c->account, c->q.user; they
 * stay as they are where there is none, or it is over.  Returns 0, or what
 * the store says. */
MUST_USE int session_find(struct call *c);

/* Begin a session for c->account, in the round that is open; c->token is its
 * token from here on.  The cookies go with the reply. */
MUST_USE int session_begin(struct call *c);

/* Take the session's cookie away. */
void session_cookie_drop(struct call *c);

/* Whether the request carries the token that only our pages know. */
bool session_csrf_fits(const struct call *c);

/* Whether a browser says that another site's page sent it. */
bool session_cross_site(const struct call *c);

/* Who is counted by lockout.h for tries at this account; views into ret and
 * the call's arena. */
void session_who(struct call *c, struct sv name,
    const struct console_user *user, struct lockout_who *ret_who);

/* Where the request comes from: the peer, or whom nginx on this machine says
 * it is for.  IPv6: the first 64 bits. */
void session_address(struct call *c);

#endif
