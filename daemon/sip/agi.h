/*
 * agi.h - a call's connection to safard: lines out, lines in.
 *
 * It is looked at by its call's ticks alone: what safard says between two of
 * them could not be heard before the next one anyway, and nobody is woken.
 *
 * What a caller of this MUST do: end it by agi_close(), also one that was told
 * as closed.  MUST NOT: close it inside of a call of agi_ops.
 */
#ifndef DAEMON_SIP_AGI_H
#define DAEMON_SIP_AGI_H

#include <sys/un.h>

#include "daemon/base/diag.h"
#include "daemon/sip/addr.h"

struct agi;

/* Where safard listens: a socket file, or an address of this machine. */
struct agi_target {
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		struct addr addr;
	} u;
	bool is_path;
};

struct agi_ops {
	void (*opened)(void *arg);
	/* False: keep the next line until it is asked for again. */
	bool (*is_ready)(void *arg);
	void (*line)(void *arg, struct sv line);
	/* Refused, ended by the other side, or it sent what is no line. */
	void (*closed)(void *arg);
};

/*
 * Read the setting voice.listen.
 *
 * dir  the data folder, for a name without a path
 *
 * Returns 0, -EINVAL with a sentence.
 */
MUST_USE int agi_target(const char *listen, const char *dir,
    struct agi_target *ret_target, struct diag *reterr_diag);

/*
 * Connect.
 *
 * poll_fd  an epoll that is to know of it, edge-triggered: rtp_pool_look()
 *          asks until nobody is left, so nobody may be named twice
 * news     with it as its data; true: agi_run() is due.  Set by who looks at
 *          poll_fd; now, too.  To outlive what is opened
 *
 * Returns 0: opened or closed is told later, by agi_run(); or -Exxx.
 */
MUST_USE int agi_open(const struct agi_target *target,
    const struct agi_ops *ops, void *arg, int poll_fd, bool *news,
    struct agi **ret_agi);
void agi_close(struct agi **ap);

/* It may be connected, or on its way. */
bool agi_is_open(const struct agi *a);

/* Send bytes: at once where it is connected, as a socket file is from the
 * start, though opened may not have been told yet.  What a daemon that does not
 * read leaves lying closes it, which the next agi_run() tells. */
void agi_send(struct agi *a, struct sv bytes);

/* Hand over what has come, as long as is_ready() says so; also due when that
 * may have become true, and behind agi_send().  Returns true: it is due again
 * at the next tick. */
MUST_USE bool agi_run(struct agi *a);

#endif
