/* drivers.h - every SMS gateway driver; see daemon/core/gw.h. */
#ifndef DAEMON_GW_DRIVERS_H
#define DAEMON_GW_DRIVERS_H

#include "daemon/core/gw.h"

/* Kannel's bearerbox by its box protocol, in smsbox's place. */
extern const struct gw_ops kannel_ops;

/* An SMSC by SMPP 3.4, as its ESME. */
extern const struct gw_ops smpp_ops;

/*
 * No network: test phones on a unix socket, or a test in the same process.
 *
 * The socket speaks one JSON object a line.  In: {"from","to","text","id"};
 * without "text" it only says whose phone this is.  Out: {"id","ack"} with
 * "ok", "again" or "refused", and {"to","from","text","encoding","parts"}
 * for an answer to a number that a connected phone has said.
 */
extern const struct gw_ops loop_ops;

struct loop;

/* Serve phones on a socket at path (0600).  Returns 0 or -Exxx. */
MUST_USE int loop_listen(struct loop *l, const char *path);

/* In one process: where answers go instead; fn says what became of them. */
void loop_set_sink(struct loop *l,
    enum gw_result (*fn)(void *arg, const struct gw_out *out), void *arg);

/* In one process: a text comes in. */
void loop_say(
    struct loop *l, const struct gw_in *in, gw_done_fn *done, void *arg);

/* In one process: a delivery report comes in. */
void loop_report(
    struct loop *l, int64_t id, bool delivered, gw_done_fn *done, void *arg);

#endif
