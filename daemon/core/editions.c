/* editions.c - a thread that loads editions and frees them. */
#include "daemon/core/editions.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/core/sandbox.h"
#include "menus/edition.h"

enum { NICE = 10 /* texts come first, also on one core */ };

enum doing { NOTHING, CONFINING, LOADING, LOADED };

struct editions {
	char *dir;
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* whoever waits: there is something new */
	/* under the lock */
	enum doing doing;
	bool end;
	int64_t number;
	struct edition *loaded, *old;
	const struct sandbox_plan *plan;
	int rc; /* of what was done */
	struct diag why;
};

static void
load(struct editions *e)
{
	struct edition *loaded = NULL;
	struct diag why = { "" };
	int64_t number = e->number;
	uint64_t one = 1;

	(void)pthread_mutex_unlock(&e->lock);
	(void)!edition_load_published(e->dir, number, &loaded, &why);
	(void)pthread_mutex_lock(&e->lock);
	e->loaded = loaded;
	e->why = why;
	e->doing = LOADED;
	(void)!write(e->fd, &one, sizeof(one));
}

static void
confine(struct editions *e)
{
	struct sandbox box;

	e->rc = sandbox_enter(e->plan, &box, &e->why);
	e->doing = NOTHING;
	(void)pthread_cond_broadcast(&e->wake);
}

static void
free_old(struct editions *e)
{
	struct edition *old = e->old;

	e->old = NULL;
	(void)pthread_mutex_unlock(&e->lock);
	edition_free(&old);
	(void)pthread_mutex_lock(&e->lock);
}

static void *
work(void *arg)
{
	const struct sched_param none = { 0 };
	struct editions *e = arg;

	(void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	(void)pthread_mutex_lock(&e->lock);
	while (!e->end) {
		if (e->old != NULL)
			free_old(e);
		else if (e->doing == CONFINING)
			confine(e);
		else if (e->doing == LOADING)
			load(e);
		else
			(void)pthread_cond_wait(&e->wake, &e->lock);
	}
	(void)pthread_mutex_unlock(&e->lock);
	return NULL;
}

struct editions *
editions_new(const char *dir)
{
	struct editions *e = calloc(1, sizeof(*e));
	sigset_t all, before;

	ASSERT(e != NULL);
	e->dir = strdup(dir);
	e->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT(e->dir != NULL && e->fd >= 0);
	ASSERT(pthread_mutex_init(&e->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&e->wake, NULL) == 0);
	/* signals are the loop's */
	(void)sigfillset(&all);
	ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	ASSERT(pthread_create(&e->thread, NULL, work, e) == 0);
	ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	return e;
}

void
editions_free(struct editions **ep)
{
	struct editions *e = *ep;

	if (e == NULL)
		return;
	(void)pthread_mutex_lock(&e->lock);
	e->end = true;
	(void)pthread_cond_broadcast(&e->wake);
	(void)pthread_mutex_unlock(&e->lock);
	(void)pthread_join(e->thread, NULL);
	edition_free(&e->loaded);
	edition_free(&e->old);
	(void)pthread_cond_destroy(&e->wake);
	(void)pthread_mutex_destroy(&e->lock);
	(void)close(e->fd);
	free(e->dir);
	free(e);
	*ep = NULL;
}

int
editions_confine(struct editions *e, const struct sandbox_plan *plan,
    struct diag *reterr_diag)
{
	int rc;

	(void)pthread_mutex_lock(&e->lock);
	ASSERT(e->doing == NOTHING);
	e->plan = plan;
	e->doing = CONFINING;
	(void)pthread_cond_broadcast(&e->wake);
	while (e->doing == CONFINING)
		(void)pthread_cond_wait(&e->wake, &e->lock);
	e->plan = NULL;
	rc = e->rc;
	if (rc < 0)
		*reterr_diag = e->why;
	(void)pthread_mutex_unlock(&e->lock);
	return rc;
}

int
editions_fd(const struct editions *e)
{
	return e->fd;
}

bool
editions_load(struct editions *e, int64_t number)
{
	bool idle;

	(void)pthread_mutex_lock(&e->lock);
	idle = e->doing == NOTHING;
	if (idle) {
		e->number = number;
		e->doing = LOADING;
		(void)pthread_cond_broadcast(&e->wake);
	}
	(void)pthread_mutex_unlock(&e->lock);
	return idle;
}

bool
editions_take(struct editions *e, int64_t *ret_number,
    struct edition **ret_edition, struct diag *ret_why)
{
	uint64_t n;
	bool there;

	(void)!read(e->fd, &n, sizeof(n));
	(void)pthread_mutex_lock(&e->lock);
	there = e->doing == LOADED;
	if (there) {
		*ret_number = e->number;
		*ret_edition = e->loaded;
		*ret_why = e->why;
		e->loaded = NULL;
		e->doing = NOTHING;
	}
	(void)pthread_mutex_unlock(&e->lock);
	return there;
}

void
editions_drop(struct editions *e, struct edition **edition)
{
	struct edition *here = NULL;

	(void)pthread_mutex_lock(&e->lock);
	here = e->old; /* not yet gone: two at a time are none too many */
	e->old = *edition;
	*edition = NULL;
	(void)pthread_cond_broadcast(&e->wake);
	(void)pthread_mutex_unlock(&e->lock);
	edition_free(&here);
}
