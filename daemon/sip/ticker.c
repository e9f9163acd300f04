/* ticker.c - a timerfd and four lists. */
#include "daemon/sip/ticker.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CATCH_UP_MOST = 20 }; /* ticks: 100 ms; what is later is lost */

TAILQ_HEAD(tick_list, tick);

struct ticker {
	int fd;
	unsigned phase, count;
	unsigned filled[TICKER_PHASES];
	struct tick_list phases[TICKER_PHASES];
};

int64_t
ticker_now_ms(void)
{
	struct timespec ts;

	ASSERT(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct ticker *
ticker_new(void)
{
	struct ticker *t = calloc(1, sizeof(*t));
	unsigned i;

	ASSERT(t != NULL);
	t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	ASSERT(t->fd >= 0);
	for (i = 0; i < TICKER_PHASES; i++)
		TAILQ_INIT(&t->phases[i]);
	return t;
}

void
ticker_free(struct ticker **tp)
{
	if (*tp == NULL)
		return;
	(void)close((*tp)->fd);
	free(*tp);
	*tp = NULL;
}

int
ticker_fd(const struct ticker *t)
{
	return t->fd;
}

/* With nobody to call it stands still. */
static void
run_timer(struct ticker *t, bool on)
{
	struct itimerspec every = { 0 };

	if (on) {
		every.it_interval.tv_nsec = TICK_MS * 1000000L;
		every.it_value = every.it_interval;
	}
	ASSERT(timerfd_settime(t->fd, 0, &every, NULL) == 0);
}

void
ticker_add(struct ticker *t, struct tick *k)
{
	unsigned i, least = 0;

	for (i = 1; i < TICKER_PHASES; i++)
		if (t->filled[i] < t->filled[least])
			least = i;
	k->phase = least;
	t->filled[least]++;
	TAILQ_INSERT_TAIL(&t->phases[least], k, next);
	if (t->count++ == 0)
		run_timer(t, true);
}

void
ticker_remove(struct ticker *t, struct tick *k)
{
	TAILQ_REMOVE(&t->phases[k->phase], k, next);
	t->filled[k->phase]--;
	if (--t->count == 0)
		run_timer(t, false);
}

static void
phase_run(struct ticker *t, unsigned phase, int64_t now_ms)
{
	struct tick *k = TAILQ_FIRST(&t->phases[phase]), *next;

	for (; k != NULL; k = next) {
		next = TAILQ_NEXT(k, next);
		k->on_tick(k->arg, now_ms);
	}
}

void
ticker_run(struct ticker *t)
{
	uint64_t ticks = 0;
	int64_t now_ms = ticker_now_ms();

	if (read(t->fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	if (ticks > CATCH_UP_MOST)
		ticks = CATCH_UP_MOST;
	for (; ticks > 0; ticks--) {
		phase_run(t, t->phase, now_ms);
		t->phase = (t->phase + 1) % TICKER_PHASES;
	}
}
