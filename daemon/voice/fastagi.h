/*
 * fastagi.h - takes calls from Asterisk and safar-voice by FastAGI.
 *
 * A connection is a call.  FastAGI has neither passwords nor TLS: it listens
 * on a socket file or on an address of this machine alone.
 */
#ifndef DAEMON_VOICE_FASTAGI_H
#define DAEMON_VOICE_FASTAGI_H

#include "daemon/base/diag.h"

struct event_base;
struct fastagi;
struct hotline;

/*
 * Listen.
 *
 * dir     the data folder, where relative names are
 * listen  as the setting voice.listen has it; empty: nowhere, and *ret_server
 *         is NULL
 *
 * Returns 0, -EINVAL (no such address, or not of this machine), -EEXIST (a file
 * that is no socket), -ENAMETOOLONG and what the system says, with a sentence.
 */
MUST_USE int fastagi_open(struct event_base *base, struct hotline *h,
    const char *dir, const char *listen, struct fastagi **ret_server,
    struct diag *reterr_diag);

/* Ends every call. */
void fastagi_close(struct fastagi **sp);

/* End what lasts too long; runs by itself, once a second. */
void fastagi_tick(struct fastagi *s);

/* Calls in progress. */
size_t fastagi_calls(const struct fastagi *s);

#endif
