#include "daemon/core/limit.h"
#include "tests/tap.h"

static int
taken(struct limit *l, int tries, int64_t burst, int64_t per_ms, int64_t at_ms)
{
	int n = 0;

	while (tries-- > 0)
		n += limit_take(l, burst, per_ms, at_ms);
	return n;
}

int
main(void)
{
	struct limit l = { 0 };

	EQ(taken(&l, 50, 30, 600000, 1000), 30, "a burst, then no more");
	EQ(taken(&l, 5, 30, 600000, 1000 + 19000), 0, "not refilled yet");
	EQ(taken(&l, 5, 30, 600000, 1000 + 21000), 1, "one after its time");
	EQ(taken(&l, 50, 30, 600000, 1000 + 2000000), 30, "full again");
	EQ(taken(&l, 5, 30, 600000, 500), 0, "a clock set back gives none");
	l = (struct limit){ 0 };
	EQ(taken(&l, 2000, 500, 1000, 1), 500, "per second");
	EQ(taken(&l, 2000, 500, 1000, 101), 50, "a tenth later");
	return tap_done();
}
