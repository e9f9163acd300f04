/* rate.h - how many requests one account, or one address without a session,
 * may send. */
#ifndef DAEMON_WEB_RATE_H
#define DAEMON_WEB_RATE_H

#include "daemon/web/inner.h"

enum {
	RATE_USER = 1200, /* in RATE_MS */
	RATE_ADDRESS = 240,
	RATE_MS = 60000,
};

struct rate;

struct rate *rate_new(const struct account_key *key);
void rate_free(struct rate **rp);
void rate_sweep(struct rate *r, int64_t now_ms);

/* Count a request.  Who asks from this machine, for nobody else and without a
 * session, is not counted.  False: it is one too many. */
bool rate_take(struct rate *r, const struct call *c);

#endif
