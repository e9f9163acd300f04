/* clock.c - CLOCK_REALTIME, or where a test has put it. */
#include "daemon/base/clock.h"

#include <time.h>

static int64_t clock_fixed_ms;

int64_t
clock_ms(void)
{
	struct timespec ts;

	if (clock_fixed_ms != 0)
		return clock_fixed_ms;
	ASSERT(clock_gettime(CLOCK_REALTIME, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_set(int64_t at_ms)
{
	clock_fixed_ms = at_ms;
}
