/*
 * guard.h - connections that cost too much: too many, too slow, too large.
 *
 * evhttp limits headers and bodies; what it lets by is looked at here, at every
 * byte that comes and once a second.  Whoever is over a limit is hung up on.
 */
#ifndef DAEMON_WEB_GUARD_H
#define DAEMON_WEB_GUARD_H

#include <event2/event.h>

#include "daemon/base/base.h"

struct bufferevent;
struct guard;
struct web_tls;

enum {
	GUARD_LINKS = 512,	  /* connections */
	GUARD_PER_ADDRESS = 48,	  /* of them, but for nginx on this machine */
	GUARD_BIG = 2,		  /* bodies above WEB_BODY_MAX at a time */
	GUARD_REQUEST_MS = 30000, /* for a request to come whole, and */
	GUARD_BYTES_PER_MS = 16,  /* so much more time for what has come */
	GUARD_REPLY_MS = 300000,  /* for its answer to be taken */
};

/* tls  NULL: none */
struct guard *guard_new(struct event_base *base, struct web_tls *tls);
void guard_free(struct guard **gp);

/* evhttp's callback for a new connection; arg is the guard. */
struct bufferevent *guard_link(struct event_base *base, void *arg);

/* A request has come whole. */
void guard_whole(struct guard *g, struct bufferevent *bev);

/* Bytes of all answers that nobody has taken yet. */
size_t guard_waiting(const struct guard *g);

/* Once a second. */
void guard_tick(struct guard *g, int64_t now_ms);

#endif
