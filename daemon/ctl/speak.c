/* speak.c - pipes a text through espeak-ng and sox into a file. */
#include "daemon/ctl/speak.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ARGS_MAX = 24, EXIT_UNKNOWN = 127 };

/* What a child has for its standard input and output; -1: nothing. */
struct ends {
	int in, out;
};

static int
child_start(const char *const args[], struct ends ends, pid_t *ret_pid)
{
	char *argv[ARGS_MAX + 1];
	posix_spawn_file_actions_t actions;
	size_t i;
	int rc;

	for (i = 0; args[i] != NULL; i++) {
		ASSERT(i < ARGS_MAX);
		/* posix_spawn() does not write to them, whatever its type */
		memcpy(&argv[i], &args[i], sizeof(argv[i]));
	}
	argv[i] = NULL;
	rc = posix_spawn_file_actions_init(&actions);
	ASSERT(rc == 0);
	if (ends.in < 0)
		rc = posix_spawn_file_actions_addopen(
		    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	else
		rc = posix_spawn_file_actions_adddup2(
		    &actions, ends.in, STDIN_FILENO);
	ASSERT(rc == 0);
	if (ends.out < 0)
		rc = posix_spawn_file_actions_addopen(
		    &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	else
		rc = posix_spawn_file_actions_adddup2(
		    &actions, ends.out, STDOUT_FILENO);
	ASSERT(rc == 0);
	rc = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -rc;
}

/* Returns its exit code, or that of a shell for a program that a signal ended.
 */
static int
child_end(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_UNKNOWN;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static int
child_run(const char *const args[])
{
	const struct ends none = { -1, -1 };
	pid_t pid;
	int rc = child_start(args, none, &pid);

	return rc < 0 ? rc : child_end(pid);
}

static int
not_started(const char *program, int rc, struct diag *d)
{
	if (rc == -ENOENT)
		return diag_set(d, rc,
		    "%s is not installed; install what makes speech: apt "
		    "install espeak-ng sox",
		    program);
	return diag_set(
	    d, rc, "%s cannot be started: %s", program, strerror(-rc));
}

int
speak_ready(struct diag *reterr_diag)
{
	static const char *const programs[] = { "espeak-ng", "sox" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(programs); i++) {
		const char *const args[] = { programs[i], "--version", NULL };
		int rc = child_run(args);

		if (rc < 0)
			return not_started(programs[i], rc, reterr_diag);
		if (rc > 0)
			return diag_set(reterr_diag, -ENOENT,
			    "`%s --version` ends with %d; install it again",
			    programs[i], rc);
	}
	return 0;
}

static void
ends_close(struct ends *e)
{
	if (e->in >= 0)
		(void)close(e->in);
	if (e->out >= 0)
		(void)close(e->out);
	e->in = e->out = -1;
}

static int
pipe_make(struct ends *ret, struct diag *d)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return diag_set(d, -errno, "no pipe: %s", strerror(errno));
	ret->in = fds[0];
	ret->out = fds[1];
	return 0;
}

/* A pipe that has the text and then its end. */
static int
pipe_fill(struct ends *ret, struct sv text, struct diag *d)
{
	int rc = pipe_make(ret, d);

	if (rc < 0)
		return rc;
	if (write(ret->out, text.p, text.n) != (ssize_t)text.n)
		return diag_set(d, -EIO, "a pipe does not take %zu bytes",
		    text.n); /* cannot be: it holds more */
	(void)close(ret->out);
	ret->out = -1;
	return 0;
}

static int
both_start(struct speaking *s, const char *voice, const struct ends *text,
    const struct ends *sound, struct diag *d)
{
	/* -b 1: UTF-8; -s: words a minute; -z: no pause behind the end */
	const char *const say[] = { "espeak-ng", "-v", voice, "-b", "1", "-s",
		"150", "-z", "--stdin", "--stdout", NULL };
	/* -D: the same bytes each time; a pipe's WAV does not know its length
	 */
	const char *const sox[] = { "sox", "-V1", "-D", "--ignore-length", "-t",
		"wav", "-", "-t", "wav", "-r", "8000", "-c", "1", "-b", "16",
		"-e", "signed-integer", s->to, "rate", "8000", "norm", "-3",
		NULL };
	int rc =
	    child_start(say, (struct ends){ text->in, sound->out }, &s->voice);

	if (rc < 0)
		return not_started(say[0], rc, d);
	rc = child_start(sox, (struct ends){ sound->in, -1 }, &s->sox);
	return rc < 0 ? not_started(sox[0], rc, d) : 0;
}

int
speak_begin(struct speaking *s, const char *voice, struct sv text,
    const char *to, struct diag *reterr_diag)
{
	struct ends in = { -1, -1 }, sound = { -1, -1 };
	int rc;

	ASSERT(text.n <= SPEAK_TEXT_MAX);
	*s = (struct speaking){ .to = to };
	rc = pipe_fill(&in, text, reterr_diag);
	if (rc == 0)
		rc = pipe_make(&sound, reterr_diag);
	if (rc == 0)
		rc = both_start(s, voice, &in, &sound, reterr_diag);
	ends_close(&in);
	ends_close(&sound);
	if (rc < 0)
		speak_stop(s);
	return rc;
}

static int
ended(const char *program, int code, const char *to, struct diag *d)
{
	if (code == 0)
		return 0;
	return diag_set(d, -EIO,
	    "%s: %s ended with %d; what it said stands above; is the disk "
	    "full?",
	    to, program, code);
}

int
speak_end(struct speaking *s, struct diag *reterr_diag)
{
	int rc = 0, code;

	if (s->sox > 0) {
		code = child_end(s->sox);
		rc = ended("sox", code, s->to, reterr_diag);
	}
	if (s->voice > 0) {
		code = child_end(s->voice);
		if (rc == 0)
			rc = ended("espeak-ng", code, s->to, reterr_diag);
	}
	s->sox = s->voice = 0;
	return rc;
}

static void
child_stop(pid_t *pid)
{
	if (*pid > 0 && kill(*pid, SIGTERM) == 0)
		(void)child_end(*pid);
	*pid = 0;
}

void
speak_stop(struct speaking *s)
{
	child_stop(&s->voice);
	child_stop(&s->sox);
}

int
speak_copy(const char *from, const char *to, struct diag *reterr_diag)
{
	const char *const args[] = { "sox", "-V1", "-D", from, "-t", "wav",
		"-c", "1", "-b", "16", "-e", "signed-integer", to, "trim", "0",
		"61", NULL };
	int rc = child_run(args);

	if (rc < 0)
		return not_started(args[0], rc, reterr_diag);
	if (rc > 0)
		return diag_set(reterr_diag, -EINVAL,
		    "%s: sox cannot read it, as it says above; save it as "
		    "WAV, or take it away",
		    from);
	return 0;
}

int
speak_convert(const char *from, const char *to, struct diag *reterr_diag)
{
	const char *const args[] = { "sox", "-V1", "-D", "-t", "wav", from,
		"-t", "wav", "-r", "8000", to, "rate", "8000", "norm", "-3",
		NULL };
	int rc = child_run(args);

	if (rc < 0)
		return not_started(args[0], rc, reterr_diag);
	return ended(args[0], rc, to, reterr_diag);
}
