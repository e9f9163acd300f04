/*
 * guard.h - who may talk SIP to us: the trunk's addresses, and nobody else.
 *
 * The list becomes a filter in the kernel, on the socket: what strangers send
 * never reaches a parser, and their TCP connections are not made.
 */
#ifndef DAEMON_SIP_GUARD_H
#define DAEMON_SIP_GUARD_H

#include "daemon/base/diag.h"
#include "daemon/sip/addr.h"

enum { GUARD_MAX = 16 };

struct guard {
	struct guard_net {
		uint8_t bytes[16], mask[16];
		size_t len; /* 4 or 16 */
	} nets[GUARD_MAX];
	size_t count;
};

/*
 * Read a list of addresses and networks, by blanks: "192.0.2.1 2001:db8::/32".
 *
 * Returns 0, -EINVAL with what is wrong.
 */
MUST_USE int guard_parse(
    struct sv list, struct guard *ret_guard, struct diag *reterr_diag);

bool guard_allows(const struct guard *g, const struct addr *a);

/*
 * Put the list before all sockets of this process that are bound to at.
 *
 * Returns 0, -ENOENT: there is none, or what the kernel says.
 */
MUST_USE int guard_attach(const struct guard *g, const struct addr *at);

#endif
