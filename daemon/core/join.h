/* join.h - the pieces of a longer text back into one text. */
#ifndef DAEMON_CORE_JOIN_H
#define DAEMON_CORE_JOIN_H

#include "daemon/base/sb.h"
#include "daemon/core/gw.h"

struct piece {
	enum gw_coding coding;
	struct sv bytes;
	bool gap; /* what stood before it is missing */
};

/*
 * Join the bytes of pieces, in order, then decode them; appended to b, which
 * cuts what is too long.  Neighbours in one coding are one run of bytes, so
 * that what was cut in two is whole again; a gap becomes a space.
 *
 * whole  nothing is missing: what cannot be decoded is refused
 *
 * Returns 0, -EBADMSG if whole and not decodable.
 */
MUST_USE int pieces_join(const struct piece *pieces, size_t count, bool whole,
    struct arena *a, struct sb *b);

#endif
