/*
 * worker.h - a process of its own for passwords: argon2id takes 0.1 s and
 * 64 MiB on purpose, and the loop must not wait for it.
 *
 * One at a time, the others wait in a queue of WORKER_QUEUE.  It has neither
 * files nor network.
 */
#ifndef DAEMON_WEB_WORKER_H
#define DAEMON_WEB_WORKER_H

#include <event2/event.h>

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum { WORKER_QUEUE = 16 };

struct worker;

/* fits: checked; hash: made, NULL if that failed. */
typedef void worker_fn(void *arg, bool fits, const char *hash);

/* Start the process; call before anything is opened. */
MUST_USE int worker_start(struct worker **ret_worker, struct diag *why);

/* on_end  it has ended by itself, which it never should */
void worker_attach(struct worker *w, struct event_base *base,
    void (*on_end)(void *arg), void *arg);

/* What waits is dropped, uncalled. */
void worker_free(struct worker **wp);

/*
 * Check a password against a stored hash ("": takes as long, fits nothing), or
 * make a hash of one, where stored is NULL.
 *
 * fn  called from the loop, never from here
 *
 * Returns 0, -EBUSY if the queue is full, -EINVAL: too long a password.
 */
MUST_USE int worker_ask(struct worker *w, const char *stored,
    struct sv password, worker_fn *fn, void *arg);

#endif
