/* tls.h - the console's own certificate, where no nginx stands before it. */
#ifndef DAEMON_WEB_TLS_H
#define DAEMON_WEB_TLS_H

#include "daemon/base/diag.h"

struct bufferevent;
struct event_base;
struct web_tls;

/*
 * Read certificate and key, once: a new one needs a restart.
 *
 * Returns 0, -EPERM if others can read the key, -EINVAL if the files are not
 * what they should be, each with a sentence.
 */
MUST_USE int web_tls_open(const char *certificate, const char *key,
    struct web_tls **ret_tls, struct diag *reterr_diag);
void web_tls_close(struct web_tls **tp);

/* For a connection that evhttp is about to take; web_tls_done() when its last
 * user lets go of it. */
struct bufferevent *web_tls_link(struct web_tls *t, struct event_base *base);
void web_tls_done(struct bufferevent *bev);

#endif
