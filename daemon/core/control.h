/*
 * control.h - what safarctl asks of a running safard: DIR/safard.sock (0600).
 *
 * Whoever connects gets one line of JSON, hotline_status(), and end of file.
 */
#ifndef DAEMON_CORE_CONTROL_H
#define DAEMON_CORE_CONTROL_H

#include "daemon/core/hotline.h"

struct control;

/* Returns 0, -ENAMETOOLONG, or what bind() says. */
MUST_USE int control_open(struct event_base *base, struct hotline *h,
    const char *dir, struct control **ret_control);
void control_close(struct control **cp);

/*
 * Ask the safard of a data folder for its status; waits at most 5 s.
 *
 * Returns 0, -ENOENT if none runs there, -ETIMEDOUT.
 */
MUST_USE int control_ask(const char *dir, struct sb *ret_json);

#endif
