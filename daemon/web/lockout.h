/*
 * lockout.h - growing pauses for who guesses passwords, which lock nobody else
 * out.
 *
 * Counted are tries by address and account together, by account from
 * everywhere, and by address on all accounts.  A browser that has logged in to
 * an account before has a cookie that says so: its tries are counted by that
 * cookie alone, so that whoever guesses from elsewhere, even from many places
 * or from behind the same NAT, does not keep the owner out.
 */
#ifndef DAEMON_WEB_LOCKOUT_H
#define DAEMON_WEB_LOCKOUT_H

#include "daemon/core/account.h"

struct lockout;

struct lockout_who {
	struct sv address; /* IPv6: the first 64 bits */
	/* the name, in lower case, whether there is one; empty: no account's,
	 * and counted by address alone */
	struct sv account;
	struct sv device; /* what its cookie says, checked; empty: none */
};

/* key  lives longer */
struct lockout *lockout_new(const struct account_key *key);
void lockout_free(struct lockout **lp);

/*
 * Count a try, before it is known how it ends.
 *
 * ret_began  a pause begins with it: worth a row of the audit
 *
 * Returns 0, or how many ms to wait; then it is not counted, and must not be
 * looked at.
 */
int64_t lockout_try(struct lockout *l, const struct lockout_who *who,
    int64_t now_ms, bool *ret_began);

/* The last try was right. */
void lockout_passed(struct lockout *l, const struct lockout_who *who);

/* The last try was right as far as it went: it is as if there had been none,
 * and the tries before it stay counted. */
void lockout_uncount(struct lockout *l, const struct lockout_who *who);

/* Forget what is a day old. */
void lockout_sweep(struct lockout *l, int64_t now_ms);

#endif
