/*
 * ticker.h - the one clock of all calls: 5 ms, each call on every fourth tick.
 *
 * Speech leaves in packets of 20 ms.  A timer for each call would drift and
 * cost; here calls share four phases of one timer, the next of which is begun
 * when the one before is full, and a tick that came late is made up for.
 */
#ifndef DAEMON_SIP_TICKER_H
#define DAEMON_SIP_TICKER_H

#include <sys/queue.h>

#include "daemon/base/base.h"

enum { TICK_MS = 5, TICKER_PHASES = 4, FRAME_MS = TICK_MS * TICKER_PHASES };

struct ticker;

/* Embedded by who is to be called every 20 ms. */
struct tick {
	TAILQ_ENTRY(tick) next;
	void (*on_tick)(void *arg, int64_t now_ms);
	void *arg;
	unsigned phase;
};

struct ticker *ticker_new(void);
void ticker_free(struct ticker **tp);

/* Readable when it is time; then call ticker_run(). */
int ticker_fd(const struct ticker *t);
void ticker_run(struct ticker *t);

/* on_tick may remove itself, and nobody else; others may be added. */
void ticker_add(struct ticker *t, struct tick *k);
void ticker_remove(struct ticker *t, struct tick *k);

/* Milliseconds of the monotonic clock. */
int64_t ticker_now_ms(void);

#endif
