/*
 * udh.h - the user data header that may stand before a text.
 *
 * Pure.  Source: 3GPP TS 23.040 section 9.2.3.24 (a length byte, then elements
 * of id, length, bytes), 9.2.3.24.1 and 9.2.3.24.8 (concatenation with a
 * reference of 8 and of 16 bits).
 */
#ifndef DAEMON_PROTO_UDH_H
#define DAEMON_PROTO_UDH_H

#include "daemon/base/sb.h"

enum { UDH_CONCAT_MAX = 7 }; /* bytes of what udh_write() makes */

struct udh {
	size_t len;	/* bytes of the header, its length byte included */
	uint8_t total;	/* 0: not a piece of a longer text */
	uint8_t number; /* 1 .. total */
	uint16_t ref;
};

/*
 * Read the header at the front of a user data.
 *
 * Elements that are not about concatenation are passed over, and so, as the
 * standard asks, is one whose number is 0 or above its total, and the whole
 * header if its last element is too short or too long for it: the text behind
 * it is somebody's all the same.
 *
 * Returns 0, -EBADMSG if the header is longer than the data.
 */
MUST_USE int udh_read(struct sv data, struct udh *ret_udh);

/* Append a header that says so, with a reference of 16 bits or its lower 8;
 * u->len is not looked at. */
void udh_write(const struct udh *u, bool wide, struct sb *b);

#endif
