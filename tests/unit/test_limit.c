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

	l = (struct limit){ 0 };
	EQ(taken(&l, 80, 100, 1000, 1), 80, "eighty of a hundred");
	OK(!limit_take_but(&l, 100, 1000, 1, 20), "the last twenty are kept");
	OK(limit_take_but(&l, 100, 1000, 1, 19), "unless fewer are to be");
	EQ(taken(&l, 80, 100, 1000, 1), 19, "and for others they are there");

	l = (struct limit){ 0 };
	EQ(limit_spend(&l, 100, 7, 1000), 0, "parts of an answer");
	EQ(limit_spend(&l, 100, 7, 1000), 0, "of another, on credit");
	EQ(limit_spend(&l, 100, 1, 1000), 41, "then a pause");
	EQ(limit_spend(&l, 100, 1, 1040), 1, "which is not over");
	EQ(limit_spend(&l, 100, 1, 1041), 0, "now it is");
	EQ(limit_spend(&l, 100, 1, 500), 10, "a clock set back gives none");
	EQ(limit_spend(&l, 100, 1, 900000000), 0, "long after");
	l = (struct limit){ 0 };
	EQ(limit_spend(&l, 1, 3, 1), 0, "one in a second: three at once");
	EQ(limit_spend(&l, 1, 1, 1), 2001, "cost two seconds");
	return tap_done();
}
