/*
 * limit.h - how much is taken from one sender and from all.
 *
 * Token buckets that live in the caller's structs; time comes from outside.
 */
#ifndef DAEMON_CORE_LIMIT_H
#define DAEMON_CORE_LIMIT_H

#include "daemon/base/base.h"

struct limit {
	int64_t at_ms; /* when level was right; 0: never used */
	int64_t level; /* thousandths of a token */
};

/*
 * Take one token from a bucket of burst tokens that refills with burst tokens
 * every per_ms.
 *
 * Returns true if there was one.
 */
bool limit_take(struct limit *l, int64_t burst, int64_t per_ms, int64_t now_ms);

/*
 * The same, but the last keep tokens are not taken: they are for others.
 */
bool limit_take_but(struct limit *l, int64_t burst, int64_t per_ms,
    int64_t now_ms, int64_t keep);

/*
 * Spend n tokens, which may leave a debt, of a bucket that gets per_s of them
 * in a second and holds those of a tenth of a second, but at least one.
 *
 * Returns 0 if they were spent, else how many ms to wait.
 */
int64_t limit_spend(struct limit *l, int64_t per_s, int64_t n, int64_t now_ms);

#endif
