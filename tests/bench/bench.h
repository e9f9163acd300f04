/*
 * bench.h - what the benches share: clocks, pairs, children, a data folder.
 *
 * Header only, since every bench is a program of its own.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/folder.h"

enum { BENCH_PAIRS = 5 };

static inline double
clock_s(clockid_t clock)
{
	struct timespec ts = { 0 };

	ASSERT(clock_gettime(clock, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline double
cpu_s(void)
{
	return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

static inline double
wall_s(void)
{
	return clock_s(CLOCK_MONOTONIC);
}

static inline void
sleep_ms(long ms)
{
	const struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&ts, NULL);
}

static inline int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The value that so much of all, 0 to 1, are below; sorts them. */
static inline double
quantile(double *values, size_t n, double part)
{
	qsort(values, n, sizeof(values[0]), compare_doubles);
	return values[(size_t)((double)(n - 1) * part + 0.5)];
}

static inline double
median(double *values, size_t n)
{
	return quantile(values, n, 0.5);
}

/* --- children: none outlives the bench --- */

struct child {
	pid_t pid; /* 0: none */
};

/* What it says goes to a file. */
static inline struct child
child_start(const char *const *argv, const char *log)
{
	struct child c = { fork() };
	int fd;

	ASSERT(c.pid >= 0);
	if (c.pid > 0)
		return c;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd >= 0) {
		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
	}
	(void)execvp(argv[0], (char **)(uintptr_t)argv);
	_exit(127);
}

/* Its exit code; 128 if it did not end by itself. */
static inline int
child_wait(struct child *c)
{
	int status = 0;

	ASSERT(c->pid > 0 && waitpid(c->pid, &status, 0) == c->pid);
	c->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static inline void
child_stop(struct child *c, int signal)
{
	int i;

	if (c->pid == 0)
		return;
	(void)kill(c->pid, signal);
	for (i = 0; i < 500; i++) {
		if (waitpid(c->pid, NULL, WNOHANG) == c->pid) {
			c->pid = 0;
			return;
		}
		sleep_ms(20);
	}
	(void)kill(c->pid, SIGKILL);
	(void)child_wait(c);
}

/* CPU seconds it has taken, all its threads. */
static inline double
child_cpu_s(const struct child *c)
{
	clockid_t clock;

	ASSERT(clock_getcpuclockid(c->pid, &clock) == 0);
	return clock_s(clock);
}

/* A number behind a word in a file of /proc/PID, -1 if nobody tells. */
static inline long long
child_number(const struct child *c, const char *file, const char *word)
{
	char path[64], line[256];
	long long value = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)c->pid, file);
	f = fopen(path, "re");
	while (f != NULL && value < 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			value = strtoll(line + strlen(word), NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return value;
}

/* --- a data folder and a safard on it --- */

/* The program NAME, two folders above the bench. */
static inline void
program_path(char path[PATH_MAX], const char *bench, const char *name)
{
	char self[PATH_MAX - 64];

	(void)snprintf(self, sizeof(self), "%s", bench);
	(void)snprintf(path, PATH_MAX, "%s/../../%s", dirname(self), name);
}

/* Run safarctl and wait.  Returns its exit code. */
static inline int
safarctl(const char *bench, const struct folder *f, const char *const *args)
{
	char ctl[PATH_MAX], log[PATH_MAX];
	const char *argv[16] = { ctl };
	struct child c;
	int i;

	program_path(ctl, bench, "safarctl");
	(void)snprintf(log, sizeof(log), "%s/safarctl.log", f->path);
	for (i = 0; args[i] != NULL; i++)
		argv[i + 1] = args[i];
	c = child_start(argv, log);
	return child_wait(&c);
}

/* Put one setting in the place of another. */
static inline void
setting(const char *data, const char *old, const char *new)
{
	char path[PATH_MAX + 16], text[32768];
	const char *at;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/safar.yaml", data);
	f = fopen(path, "re");
	ASSERT(f != NULL);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	at = strstr(text, old);
	ASSERT(at != NULL);
	f = fopen(path, "we");
	ASSERT(f != NULL);
	fprintf(f, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
	ASSERT(fclose(f) == 0);
}

/* A number behind a word in a log, -1 if it is not there within a minute. */
static inline long long
log_number(const char *log, const char *word)
{
	char line[1024];
	const char *at;
	FILE *f;
	int i;

	for (i = 0; i < 3000; i++) {
		f = fopen(log, "re");
		while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
			at = strstr(line, word);
			if (at == NULL)
				continue;
			(void)fclose(f);
			return strtoll(at + strlen(word), NULL, 10);
		}
		if (f != NULL)
			(void)fclose(f);
		sleep_ms(20);
	}
	return -1;
}

#endif
