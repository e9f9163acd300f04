/* limit.c - token bucket in whole numbers. */
#include "daemon/core/limit.h"

enum { DEBT_MS = 3600 * 1000 /* any debt is paid by then */ };

bool
limit_take(struct limit *l, int64_t burst, int64_t per_ms, int64_t now_ms)
{
	return limit_take_but(l, burst, per_ms, now_ms, 0);
}

bool
limit_take_but(struct limit *l, int64_t burst, int64_t per_ms, int64_t now_ms,
    int64_t keep)
{
	int64_t full = burst * 1000, passed = now_ms - l->at_ms;

	if (l->at_ms == 0 || passed >= per_ms)
		l->level = full;
	else if (passed > 0) /* a clock set back gives nothing */
		l->level +=
		    full / per_ms * passed + full % per_ms * passed / per_ms;
	if (l->level > full)
		l->level = full;
	l->at_ms = now_ms;
	if (l->level < 1000 + keep * 1000)
		return false;
	l->level -= 1000;
	return true;
}

int64_t
limit_spend(struct limit *l, int64_t per_s, int64_t n, int64_t now_ms)
{
	int64_t full = per_s > 10 ? per_s * 100 : 1000,
		passed = now_ms - l->at_ms;

	if (l->at_ms == 0)
		l->level = full;
	else if (passed > 0) /* so many thousandths in a millisecond */
		l->level += (passed < DEBT_MS ? passed : DEBT_MS) * per_s;
	if (l->level > full)
		l->level = full;
	l->at_ms = now_ms;
	if (l->level <= 0)
		return -l->level / per_s + 1;
	l->level -= n * 1000;
	return 0;
}
