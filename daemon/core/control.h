/*
 * control.h - what safarctl asks of a running safard: DIR/safard.sock (0600).
 *
 * Who connects writes one line of JSON and gets one, then end of file:
 *
 *   {"do":"status"}                             hotline_status()
 *   {"do":"erase","number":"+...","who":"..."}  {"ok":true}
 *   {"do":"audit","action":"...","who":"..."}   {"ok":true}
 *   {"do":"callback","act":"...","id":N,"who":"..."}  hotline_callback()
 *   {"do":"panic"}                              {"ok":true}, and it ends
 *
 * or {"ok":false,"why":"...","code":N}, an errno.
 */
#ifndef DAEMON_CORE_CONTROL_H
#define DAEMON_CORE_CONTROL_H

#include <sys/types.h>

#include "daemon/core/hotline.h"

struct control;

/* Returns 0, -ENAMETOOLONG, or what bind() says. */
MUST_USE int control_open(struct event_base *base, struct hotline *h,
    const char *dir, struct control **ret_control);
void control_close(struct control **cp);

/*
 * Ask the safard of a data folder; waits at most 5 s.
 *
 * line  without its newline
 *
 * Returns 0, -ENOENT if none runs there, -ETIMEDOUT.
 */
MUST_USE int control_ask(const char *dir, struct sv line, struct sb *ret_json);

/* The process that listens there.  Returns 0, -ENOENT. */
MUST_USE int control_pid(const char *dir, pid_t *ret_pid);

#endif
