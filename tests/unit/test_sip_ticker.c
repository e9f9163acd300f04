/* The clock of all calls: who shares a phase, and that nobody is left out. */
#include <poll.h>

#include "daemon/sip/ticker.h"
#include "tests/tap.h"

enum { FULL = 128, MANY = FULL * TICKER_PHASES, ROUNDS = 12 };

static struct tick ticks[MANY + 1];
static unsigned called[MANY + 1];

static void
on_tick(void *arg, int64_t now_ms)
{
	(void)now_ms;
	++*(unsigned *)arg;
}

static void
add(struct ticker *t, unsigned from, unsigned to)
{
	for (; from < to; from++) {
		called[from] = 0;
		ticks[from] =
		    (struct tick){ .on_tick = on_tick, .arg = &called[from] };
		ticker_add(t, &ticks[from]);
	}
}

static unsigned
phases_of(unsigned n)
{
	bool used[TICKER_PHASES] = { false };
	unsigned i, count = 0;

	for (i = 0; i < n; i++)
		used[ticks[i].phase] = true;
	for (i = 0; i < TICKER_PHASES; i++)
		count += used[i];
	return count;
}

static void
run(struct ticker *t, unsigned times)
{
	struct pollfd p = { .fd = ticker_fd(t), .events = POLLIN };

	while (times-- > 0) {
		ASSERT(poll(&p, 1, 10000) == 1);
		ticker_run(t);
	}
}

/* However late it is called: one is at most a call ahead of another. */
static bool
is_even(unsigned n)
{
	unsigned i, least = called[0], most = called[0];

	for (i = 1; i < n; i++) {
		least = called[i] < least ? called[i] : least;
		most = called[i] > most ? called[i] : most;
	}
	return least > 0 && most - least <= 1;
}

int
main(void)
{
	struct ticker *t = ticker_new();
	struct pollfd p = { .fd = ticker_fd(t), .events = POLLIN };
	unsigned i;

	add(t, 0, FULL);
	EQ(phases_of(FULL), 1, "few calls wake the process once in a frame");
	run(t, ROUNDS);
	OK(is_even(FULL), "each of them is called as often as the others");
	add(t, FULL, FULL + 1);
	EQ(phases_of(FULL + 1), 2, "one more begins the next phase");
	add(t, FULL + 1, MANY + 1);
	EQ(phases_of(MANY + 1), TICKER_PHASES, "many are in all");
	for (i = 0; i <= MANY; i++)
		called[i] = 0;
	run(t, TICKER_PHASES * ROUNDS);
	OK(is_even(MANY + 1), "and nobody is left out");
	for (i = 0; i <= MANY; i++)
		ticker_remove(t, &ticks[i]);
	EQ(poll(&p, 1, 2 * FRAME_MS), 0, "without calls it stands still");
	ticker_free(&t);
	return tap_done();
}
