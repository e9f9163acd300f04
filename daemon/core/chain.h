/*
 * chain.h - rows of who did what, each with a hash (BLAKE2b-256) over itself
 * and the hash before it: one that is changed, or taken out of the middle,
 * shows.
 */
#ifndef DAEMON_CORE_CHAIN_H
#define DAEMON_CORE_CHAIN_H

#include "daemon/base/sv.h"

enum { CHAIN_HASH_LEN = 32 };

struct chain_row {
	int64_t id, at_ms;
	struct sv who, action;
};

/* before: the hash of the row before, zeros for the first */
void chain_hash(const struct chain_row *row,
    const uint8_t before[CHAIN_HASH_LEN], uint8_t ret_hash[CHAIN_HASH_LEN]);

/* Going through one, oldest first; begin with zeros. */
struct chain_walk {
	uint8_t before[CHAIN_HASH_LEN];
	int64_t id; /* of the row before, 0 none */
};

/* Whether a row is as it was written, and so is what is before it; of the
 * oldest one left nobody can say what was before. */
bool chain_next(struct chain_walk *w, const struct chain_row *row,
    const uint8_t hash[CHAIN_HASH_LEN]);

#endif
