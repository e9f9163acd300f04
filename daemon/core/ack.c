/* ack.c - one commit per loop round. */
#include "daemon/core/ack.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "db/db.h"

struct waiter {
	ack_fn *fn;
	void *arg;
};

struct ack {
	struct db *db;
	struct event *ev;
	struct waiter observer;
	bool open;
	bool ending; /* the waiters of the last round are being told */
	size_t n;
	struct waiter waiters[ACK_ROUND_MAX];
	struct waiter done[ACK_ROUND_MAX];
};

static void
ack_round_end(struct ack *a)
{
	size_t i, n = a->n;
	int rc;

	if (!a->open || a->ending)
		return;
	rc = db_commit(a->db);
	memcpy(a->done, a->waiters, n * sizeof(a->done[0]));
	a->open = false;
	a->n = 0;
	a->ending = true;
	if (a->observer.fn != NULL)
		a->observer.fn(a->observer.arg, rc);
	for (i = 0; i < n; i++)
		a->done[i].fn(a->done[i].arg, rc); /* may open a new round */
	a->ending = false;
}

/* Activated events join the tail of the queue: this runs after the round. */
static void
on_round_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	ack_round_end(arg);
}

struct ack *
ack_new(struct event_base *base, struct db *db)
{
	struct ack *a = calloc(1, sizeof(*a));

	ASSERT(a != NULL);
	a->db = db;
	a->ev = event_new(base, -1, 0, on_round_end, a);
	ASSERT(a->ev != NULL);
	return a;
}

int
ack_begin(struct ack *a)
{
	int rc;

	if (a->n == ACK_ROUND_MAX)
		return -EAGAIN;
	if (a->open)
		return 0;
	rc = db_begin(a->db);
	if (rc == 0) {
		a->open = true;
		event_active(a->ev, EV_TIMEOUT, 0);
	}
	return rc;
}

void
ack_after_commit(struct ack *a, ack_fn *fn, void *arg)
{
	ASSERT(a->open && a->n < ACK_ROUND_MAX);
	a->waiters[a->n++] = (struct waiter){ fn, arg };
}

void
ack_set_observer(struct ack *a, ack_fn *fn, void *arg)
{
	a->observer = (struct waiter){ fn, arg };
}

bool
ack_is_open(const struct ack *a)
{
	return a->open;
}

void
ack_flush(struct ack *a)
{
	ack_round_end(a);
}

void
ack_free(struct ack **ap)
{
	struct ack *a = *ap;

	if (a == NULL)
		return;
	ack_round_end(a);
	event_free(a->ev);
	free(a);
	*ap = NULL;
}
