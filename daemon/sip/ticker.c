/* ticker.c - a timerfd and four lists. */
#include "daemon/sip/ticker.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	CATCH_UP_MOST = 20, /* ticks: 100 ms; what is later is lost */
	PHASE_FULL = 128,   /* calls; before that the next one stays empty */
	TICK_NS = TICK_MS * 1000000,
	SECOND_NS = 1000000000,
};

TAILQ_HEAD(tick_list, tick);

struct ticker {
	int fd;
	unsigned phase, count;
	int64_t due_ns; /* when phase is due, or was */
	unsigned filled[TICKER_PHASES];
	struct tick_list phases[TICKER_PHASES];
};

static int64_t
now_ns(void)
{
	struct timespec ts;

	ASSERT(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (int64_t)ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

int64_t
ticker_now_ms(void)
{
	return now_ns() / 1000000;
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

/* For the next phase with somebody in it; with nobody to call it stands
 * still.  What the timer has told before is forgotten by that. */
static void
arm(struct ticker *t)
{
	struct itimerspec at = { 0 };
	int64_t due_ns = t->due_ns;
	unsigned phase = t->phase;

	if (t->count > 0) {
		for (; t->filled[phase] == 0;
		     phase = (phase + 1) % TICKER_PHASES)
			due_ns += TICK_NS;
		at.it_value.tv_sec = due_ns / SECOND_NS;
		at.it_value.tv_nsec = due_ns % SECOND_NS;
	}
	ASSERT(timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
}

/* Few calls share a phase: each wakes this process, and whoever hears it. */
static unsigned
phase_for_next(const struct ticker *t)
{
	unsigned i, least = 0;

	for (i = 0; i < TICKER_PHASES; i++) {
		if (t->filled[i] < PHASE_FULL)
			return i;
		if (t->filled[i] < t->filled[least])
			least = i;
	}
	return least;
}

void
ticker_add(struct ticker *t, struct tick *k)
{
	k->phase = phase_for_next(t);
	t->filled[k->phase]++;
	TAILQ_INSERT_TAIL(&t->phases[k->phase], k, next);
	if (t->count++ == 0)
		t->due_ns = now_ns() + TICK_NS;
	if (t->filled[k->phase] == 1)
		arm(t);
}

void
ticker_remove(struct ticker *t, struct tick *k)
{
	TAILQ_REMOVE(&t->phases[k->phase], k, next);
	t->filled[k->phase]--;
	if (--t->count == 0)
		arm(t);
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
	int64_t now = now_ns(), late = (now - t->due_ns) / TICK_NS;

	/* whole rounds are left out, so that phases stay apart */
	if (late > CATCH_UP_MOST)
		t->due_ns += (late - CATCH_UP_MOST) / TICKER_PHASES *
			     TICKER_PHASES * TICK_NS;
	while (t->due_ns <= now) {
		unsigned phase = t->phase;

		t->phase = (phase + 1) % TICKER_PHASES;
		t->due_ns += TICK_NS;
		phase_run(t, phase, now / 1000000);
	}
	arm(t);
}
