/*
 * hotline.h - the core of safard: store, keys, edition, people, answers.
 *
 * One object on one event loop.  Drivers are added by name; everything else
 * is found in the data folder.
 */
#ifndef DAEMON_CORE_HOTLINE_H
#define DAEMON_CORE_HOTLINE_H

#include "daemon/base/sb.h"
#include "daemon/core/gw.h"

struct hotline;

/*
 * Open a data folder: settings, keys, both databases, the current edition;
 * who wrote lately and what is still to be sent.
 *
 * reterr_diag  one sentence for the operator
 *
 * Returns 0, -EEXIST if another safard runs on this folder, else -Exxx.
 */
MUST_USE int hotline_open(struct event_base *base, const char *dir,
    struct hotline **ret_hotline, struct diag *reterr_diag);

/*
 * Hand over no more answers, and end the loop when the gateways have said what
 * became of those under way, or after 2 s: an answer whose fate nobody knows
 * would be sent again at the next start.
 */
void hotline_stop(struct hotline *h);

/* Stop the drivers, commit what is waiting, close everything. */
void hotline_close(struct hotline **hp);

const struct conf *hotline_conf(const struct hotline *h);

/*
 * Start a driver.
 *
 * conf  copied
 *
 * Returns 0, -ENOSPC if there are too many, -EEXIST if one has this name, or
 * what ops->start() says.
 */
MUST_USE int hotline_gateway_add(struct hotline *h, const struct gw_ops *ops,
    const struct conf_gateway *conf);

/* The driver's object of a gateway, for tests; NULL if there is none. */
void *hotline_gateway_self(struct hotline *h, const char *name);

/*
 * Give up what serving does not need; see sandbox.h.  Everything is open now:
 * gateways that are added later get no connection.
 */
MUST_USE int hotline_confine(struct hotline *h, struct diag *reterr_diag);

/* Look for a newer edition now, and do what is due; runs by itself too. */
void hotline_tick(struct hotline *h);

/*
 * Do for an administrator what FORGET does, and note that it was done.
 *
 * number  E.164
 * who     the administrator
 *
 * Returns 0, -EINVAL (nobody's number), -EAGAIN, or what the store says.
 */
MUST_USE int hotline_erase(struct hotline *h, struct sv number, struct sv who);

/* Note what an administrator did. */
MUST_USE int hotline_audit(struct hotline *h, struct sv who, struct sv action);

/*
 * What operators do with who asked to be called: callback.h.
 *
 * act  "list", from the id-th on, 20 of them, oldest first: {"ok":true,
 *      "calls":[{"id","since_ms" (the hour),"lang","hours","utc_min","now",
 *      "topic","place","state","texts"}],"more"}, without a number;
 *      "number": {"ok":true,"number"};
 *      "message", which asks whether it is still them: {"ok":true,"now"}, not
 *      now: their hours are others;
 *      "done": {"ok":true}
 * id   of a request
 * who  the operator: all but the list is noted
 * b    one JSON object; untouched on failure
 *
 * Returns 0, -ENOSYS (no such act), -ENOENT (no such request, any more),
 * -ESTALE, -EALREADY, -EDQUOT (callbacks_message()), -ENOTSUP (no
 * callback.number), -EAGAIN, or what the store says.
 */
MUST_USE int hotline_callback(
    struct hotline *h, struct sv act, int64_t id, struct sv who, struct sb *b);

/*
 * Destroy every key, then whatever is kept of who wrote today, and end the
 * loop: nothing is sent, sealed or made any more.
 *
 * Returns 0, -EIO: a key may still be on disk; or what the store says.
 */
MUST_USE int hotline_panic(struct hotline *h);

/* What `safarctl status` shows: one JSON object, no newline. */
void hotline_status(struct hotline *h, struct sb *b);

#endif
