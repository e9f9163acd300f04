/* spawner.c - command lines of a list, in a process of its own. */
#include "daemon/web/spawner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 1024, HEAD = sizeof(int64_t), EXIT_LOST = 125 };

static const char *const jobs[] = {
#define JOB(words) words,
#include "daemon/web/jobs.def"
#undef JOB
};

struct spawner {
	int fd;
	char dir[PATH_SIZE];
	struct event *readable;
	spawner_fn *fn;
	void (*on_end)(void *arg);
	void *arg;
	char buf[HEAD + 1 + SPAWNER_LINE_MAX];
};

/* What the process goes by. */
struct starting {
	char program[PATH_SIZE], dir[PATH_SIZE], share[PATH_SIZE];
};

/* --- the list --- */

static bool
is_number(struct sv word)
{
	size_t i;

	for (i = 0; i < word.n; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return word.n > 0 && word.n < 10;
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/* DIR/console/NAME */
static bool
is_file(struct sv word, const char *dir)
{
	static const char in[] = "/console/";
	size_t n = strlen(dir), i;

	if (word.n <= n + sizeof(in) - 1 || memcmp(word.p, dir, n) != 0 ||
	    memcmp(word.p + n, in, sizeof(in) - 1) != 0)
		return false;
	word.p += n + sizeof(in) - 1;
	word.n -= n + sizeof(in) - 1;
	for (i = 0; i < word.n; i++)
		if (!is_name_char(word.p[i]))
			return false;
	return word.p[0] != '.' && word.p[0] != '-';
}

static bool
word_fits(struct sv want, struct sv word, const char *dir)
{
	if (sv_eq(want, SV("NUMBER")))
		return is_number(word);
	if (sv_eq(want, SV("TEXT")))
		return word.n == 0 || word.p[0] != '-';
	if (sv_eq(want, SV("FILE")))
		return is_file(word, dir);
	return sv_eq(want, word);
}

bool
spawner_allows(const char *const *argv, const char *dir)
{
	struct sv rest;
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(jobs); i++) {
		rest = sv_of(jobs[i]);
		for (k = 0; k < SPAWNER_WORDS && argv[k] != NULL && rest.n > 0;
		     k++)
			if (!word_fits(sv_cut(&rest, ' '), sv_of(argv[k]), dir))
				break;
		if (rest.n == 0 && k < SPAWNER_WORDS && k > 0 &&
		    argv[k] == NULL)
			return true;
	}
	return false;
}

/* --- the process --- */

struct child {
	int64_t job; /* 0: none */
	pid_t pid;
	int fd;
	size_t n; /* of a line that is not whole yet */
	bool too_long;
	char line[SPAWNER_LINE_MAX];
};

struct spawning {
	struct starting *how;
	int fd; /* to the console */
	struct child children[SPAWNER_AT_ONCE];
	char out[HEAD + 1 + SPAWNER_LINE_MAX];
};

static void
tell(struct spawning *s, int64_t job, char kind, struct sv text)
{
	memcpy(s->out, &job, HEAD);
	s->out[HEAD] = kind;
	if (text.n > 0)
		memcpy(s->out + HEAD + 1, text.p, text.n);
	(void)!write(s->fd, s->out, HEAD + 1 + text.n);
}

static void
tell_end(struct spawning *s, int64_t job, int code)
{
	char text[12];

	(void)snprintf(text, sizeof(text), "%d", code);
	tell(s, job, 'E', sv_of(text));
}

NORETURN static void
become(struct starting *how, char **words, int out)
{
	char name[] = "safarctl", data[] = "--data";
	char lang[] = "LC_ALL=C.UTF-8", path[] = "PATH=/usr/bin:/bin";
	char share[PATH_SIZE + 16];
	char *argv[SPAWNER_WORDS + 4] = { name, data, how->dir };
	char *const env[] = { lang, path, share, NULL };
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	size_t i;

	(void)snprintf(share, sizeof(share), "SAFAR_SHARE=%s", how->share);
	for (i = 0; words[i] != NULL; i++)
		argv[3 + i] = words[i];
	if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(EXIT_LOST);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execve(how->program, argv, env);
	_exit(EXIT_LOST);
}

static void
child_start(struct spawning *s, struct child *c, int64_t job, char **words)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) < 0) {
		tell_end(s, job, EXIT_LOST);
		return;
	}
	c->pid = fork();
	if (c->pid == 0)
		become(s->how, words, pipes[1]);
	(void)close(pipes[1]);
	if (c->pid < 0) {
		(void)close(pipes[0]);
		tell_end(s, job, EXIT_LOST);
		return;
	}
	c->job = job;
	c->fd = pipes[0];
	c->n = 0;
	c->too_long = false;
}

/* "ID word\0word\0", as spawner_ask() writes it.  False: the console has
 * ended. */
static bool
asked(struct spawning *s)
{
	char buf[HEAD + SPAWNER_ASK_MAX + 1], *words[SPAWNER_WORDS] = { NULL };
	ssize_t n = read(s->fd, buf, sizeof(buf) - 1);
	struct child *c = NULL;
	size_t count = 0, at = HEAD, i;
	int64_t job;

	if (n <= HEAD)
		return false;
	buf[n] = '\0';
	memcpy(&job, buf, HEAD);
	for (; at < (size_t)n && count + 1 < SPAWNER_WORDS;
	     at += strlen(buf + at) + 1)
		words[count++] = buf + at;
	for (i = 0; i < SPAWNER_AT_ONCE && c == NULL; i++)
		if (s->children[i].job == 0)
			c = &s->children[i];
	if (c == NULL ||
	    !spawner_allows((const char *const *)words, s->how->dir))
		tell_end(s, job, EXIT_LOST);
	else
		child_start(s, c, job, words);
	return true;
}

static void
child_line(struct spawning *s, struct child *c)
{
	if (!c->too_long && c->n > 0)
		tell(s, c->job, 'L', (struct sv){ c->line, c->n });
	c->n = 0;
	c->too_long = false;
}

static void
child_read(struct spawning *s, struct child *c)
{
	char buf[16 << 10];
	ssize_t n = read(c->fd, buf, sizeof(buf)), i;
	int status = 0;

	for (i = 0; i < n; i++)
		if (buf[i] == '\n')
			child_line(s, c);
		else if (c->n == sizeof(c->line))
			c->too_long = true;
		else
			c->line[c->n++] = buf[i];
	if (n > 0 || (n < 0 && errno == EINTR))
		return;
	child_line(s, c);
	(void)close(c->fd);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	tell_end(
	    s, c->job, WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_LOST);
	c->job = 0;
}

NORETURN static void
process(struct starting *how, int fd)
{
	struct spawning *s = calloc(1, sizeof(*s));
	struct pollfd fds[1 + SPAWNER_AT_ONCE];
	size_t i;

	ASSERT(s != NULL);
	s->how = how;
	s->fd = fd;
	(void)signal(SIGINT, SIG_IGN);	 /* the console says when it is over */
	(void)prctl(PR_SET_DUMPABLE, 1); /* nothing of it is secret */
	for (;;) {
		fds[0] = (struct pollfd){ fd, POLLIN, 0 };
		for (i = 0; i < SPAWNER_AT_ONCE; i++)
			fds[1 + i] = (struct pollfd){ s->children[i].job != 0 ?
							  s->children[i].fd :
							  -1,
				POLLIN, 0 };
		if (poll(fds, ARRAY_LEN(fds), -1) < 0)
			continue;
		for (i = 0; i < SPAWNER_AT_ONCE; i++)
			if (fds[1 + i].revents != 0)
				child_read(s, &s->children[i]);
		/* what was begun goes on to its end without us */
		if (fds[0].revents != 0 && !asked(s))
			_exit(0);
	}
}

int
spawner_start(const char *program, const char *dir, const char *share,
    struct spawner **ret_spawner, struct diag *why)
{
	struct spawner *s = calloc(1, sizeof(*s));
	struct starting how;
	int pair[2];
	pid_t pid;

	ASSERT(s != NULL);
	s->fd = -1;
	(void)snprintf(how.program, PATH_SIZE, "%s", program);
	(void)snprintf(how.dir, PATH_SIZE, "%s", dir);
	(void)snprintf(how.share, PATH_SIZE, "%s", share);
	memcpy(s->dir, how.dir, sizeof(s->dir));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(s);
		return diag_set(
		    why, -errno, "no socket pair: %s", strerror(errno));
	}
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		process(&how, pair[1]);
	}
	(void)close(pair[1]);
	s->fd = pair[0];
	if (pid < 0) {
		spawner_free(&s);
		return diag_set(
		    why, -EAGAIN, "no process for jobs can be started");
	}
	*ret_spawner = s;
	return 0;
}

/* --- the console's side --- */

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct spawner *s = arg;
	ssize_t n = read(fd, s->buf, sizeof(s->buf) - 1);
	struct sv text;
	int64_t job;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= HEAD) {
		s->on_end(s->arg);
		return;
	}
	memcpy(&job, s->buf, HEAD);
	s->buf[n] = '\0';
	text = (struct sv){ s->buf + HEAD + 1, (size_t)n - HEAD - 1 };
	if (s->buf[HEAD] == 'L')
		s->fn(s->arg, job, text, 0);
	else
		s->fn(s->arg, job, (struct sv){ 0 },
		    (int)strtol(text.p, NULL, 10));
}

void
spawner_attach(struct spawner *s, struct event_base *base, spawner_fn *fn,
    void (*on_end)(void *arg), void *arg)
{
	s->fn = fn;
	s->on_end = on_end;
	s->arg = arg;
	(void)evutil_make_socket_nonblocking(s->fd);
	s->readable =
	    event_new(base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	ASSERT(s->readable != NULL && event_add(s->readable, NULL) == 0);
}

void
spawner_free(struct spawner **sp)
{
	struct spawner *s = *sp;

	if (s == NULL)
		return;
	if (s->readable != NULL)
		event_free(s->readable);
	(void)close(s->fd);
	free(s);
	*sp = NULL;
}

int
spawner_ask(struct spawner *s, int64_t job, const char *const *argv)
{
	char buf[HEAD + SPAWNER_ASK_MAX];
	size_t n = HEAD, i, len;

	if (!spawner_allows(argv, s->dir))
		return -EINVAL;
	memcpy(buf, &job, HEAD);
	for (i = 0; argv[i] != NULL; i++) {
		len = strlen(argv[i]) + 1;
		if (len > sizeof(buf) - n)
			return -EINVAL;
		memcpy(buf + n, argv[i], len);
		n += len;
	}
	return write(s->fd, buf, n) == (ssize_t)n ? 0 : -EAGAIN;
}
