/* server.h - the console on one event loop. */
#ifndef DAEMON_WEB_SERVER_H
#define DAEMON_WEB_SERVER_H

#include <event2/event.h>

#include "daemon/base/diag.h"

struct web;

struct server_folders {
	const char *share; /* with menus/ and content/ */
	const char *pages; /* may not be there */
	const char *ctl;   /* the program safarctl */
};

/*
 * Open a data folder's stores and listen as its settings say.
 *
 * Returns 0, -Exxx with a sentence.
 */
MUST_USE int server_open(struct event_base *base, const char *dir,
    const struct server_folders *f, struct web **ret_web,
    struct diag *reterr_diag);
void server_close(struct web **wp);

/* Whether it ended by itself. */
bool server_failed(const struct web *w);

/* Give up what serving does not need: sandbox.h. */
MUST_USE int server_confine(struct web *w, struct diag *reterr_diag);

#endif
