/* addr.h - IP addresses with a port, and networks of them. */
#ifndef DAEMON_SIP_ADDR_H
#define DAEMON_SIP_ADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/base/sv.h"

enum { ADDR_TEXT = 46 }; /* bytes of an address as text, with its NUL */

struct addr {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u;
	socklen_t len; /* 0: none */
};

/*
 * Read "192.0.2.1", "192.0.2.1:5060", "2001:db8::1" or "[2001:db8::1]:5060".
 *
 * port  what it gets if none is written
 *
 * Returns 0, -EINVAL.
 */
MUST_USE int addr_parse(struct sv text, uint16_t port, struct addr *ret_addr);

/* The address alone, without brackets and port. */
void addr_text(const struct addr *a, char ret_text[ADDR_TEXT]);

/* An address that listens to all of them: 0.0.0.0 or ::. */
bool addr_is_any(const struct addr *a);

uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);

/* ::ffff:192.0.2.1 is the same as 192.0.2.1. */
bool addr_same_ip(const struct addr *a, const struct addr *b);
bool addr_same(const struct addr *a, const struct addr *b);

/* Network byte order: 4 or 16 bytes.  Returns how many. */
size_t addr_bytes(const struct addr *a, uint8_t ret_bytes[16]);

#endif
