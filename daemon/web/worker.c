/* worker.c - passwords, one at a time, in a process of their own. */
#include "daemon/web/worker.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/account.h"
#include "daemon/core/sandbox.h"

struct question {
	bool check;
	char stored[CONSOLE_PASSWORD_SIZE];
	char password[ACCOUNT_PASSWORD_MAX + 1];
};

struct answer {
	bool fits;
	char hash[CONSOLE_PASSWORD_SIZE]; /* "": none */
};

struct task {
	STAILQ_ENTRY(task) link;
	struct question question;
	worker_fn *fn;
	void *arg;
};

struct worker {
	int fd;
	struct event *readable;
	STAILQ_HEAD(task_list, task)
	queue; /* the first one is being worked on */
	size_t count;
	void (*on_end)(void *arg);
	void *arg;
};

/* --- the process --- */

static void
think(const struct question *q, struct answer *a)
{
	if (q->check)
		a->fits = account_password_fits(q->stored, q->password);
	else if (account_password_hash(q->password, a->hash) < 0)
		a->hash[0] = '\0';
}

NORETURN static void
child(int fd)
{
	static const char *const no_folders[] = { NULL };
	const struct sandbox_plan plan = { .folders = no_folders };
	struct sandbox box;
	struct question q;
	struct answer a;
	struct diag why;

	(void)signal(SIGINT, SIG_IGN); /* the console says when it is over */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	account_random(&q, sizeof(q)); /* what it opens is open now */
	if (sandbox_enter(&plan, &box, &why) < 0)
		_exit(1);
	while (read(fd, &q, sizeof(q)) == (ssize_t)sizeof(q)) {
		a = (struct answer){ .fits = false };
		q.stored[sizeof(q.stored) - 1] = '\0';
		q.password[sizeof(q.password) - 1] = '\0';
		think(&q, &a);
		account_wipe(&q, sizeof(q));
		if (write(fd, &a, sizeof(a)) != (ssize_t)sizeof(a))
			break;
	}
	_exit(0);
}

int
worker_start(struct worker **ret_worker, struct diag *why)
{
	struct worker *w = calloc(1, sizeof(*w));
	int pair[2];
	pid_t pid;

	ASSERT(w != NULL);
	STAILQ_INIT(&w->queue);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(w);
		return diag_set(
		    why, -errno, "no socket pair: %s", strerror(errno));
	}
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		child(pair[1]);
	}
	(void)close(pair[1]);
	w->fd = pair[0];
	if (pid < 0) {
		worker_free(&w);
		return diag_set(
		    why, -EAGAIN, "no process for passwords can be started");
	}
	*ret_worker = w;
	return 0;
}

/* --- the console's side --- */

static void
next_send(struct worker *w)
{
	struct task *t = STAILQ_FIRST(&w->queue);

	if (t == NULL)
		return;
	if (write(w->fd, &t->question, sizeof(t->question)) !=
	    (ssize_t)sizeof(t->question))
		w->on_end(w->arg);
	account_wipe(&t->question, sizeof(t->question));
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct task *t = STAILQ_FIRST(&w->queue);
	struct answer a;
	ssize_t n = read(fd, &a, sizeof(a));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != (ssize_t)sizeof(a) || t == NULL) {
		w->on_end(w->arg);
		return;
	}
	STAILQ_REMOVE_HEAD(&w->queue, link);
	w->count--;
	next_send(w);
	a.hash[sizeof(a.hash) - 1] = '\0';
	t->fn(t->arg, a.fits, a.hash[0] != '\0' ? a.hash : NULL);
	free(t);
}

void
worker_attach(struct worker *w, struct event_base *base,
    void (*on_end)(void *arg), void *arg)
{
	w->on_end = on_end;
	w->arg = arg;
	(void)evutil_make_socket_nonblocking(w->fd);
	w->readable =
	    event_new(base, w->fd, EV_READ | EV_PERSIST, on_readable, w);
	ASSERT(w->readable != NULL && event_add(w->readable, NULL) == 0);
}

void
worker_free(struct worker **wp)
{
	struct worker *w = *wp;
	struct task *t;

	if (w == NULL)
		return;
	while ((t = STAILQ_FIRST(&w->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&w->queue, link);
		account_wipe(t, sizeof(*t));
		free(t);
	}
	if (w->readable != NULL)
		event_free(w->readable);
	(void)close(w->fd);
	free(w);
	*wp = NULL;
}

int
worker_ask(struct worker *w, const char *stored, struct sv password,
    worker_fn *fn, void *arg)
{
	struct task *t;

	if (w->count == WORKER_QUEUE)
		return -EBUSY;
	if (password.n > ACCOUNT_PASSWORD_MAX ||
	    (password.n > 0 && memchr(password.p, '\0', password.n) != NULL))
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	ASSERT(t != NULL);
	t->fn = fn;
	t->arg = arg;
	t->question.check = stored != NULL;
	if (stored != NULL)
		memcpy(t->question.stored, stored,
		    strnlen(stored, sizeof(t->question.stored) - 1));
	if (password.n > 0)
		memcpy(t->question.password, password.p, password.n);
	STAILQ_INSERT_TAIL(&w->queue, t, link);
	if (++w->count == 1)
		next_send(w);
	return 0;
}
