/*
 * kit.h - the daemon in one process for tests: loop driver, moved clock.
 *
 * Header only, since every flow test is a program of its own.
 */
#ifndef TESTS_FLOW_KIT_H
#define TESTS_FLOW_KIT_H

#include <event2/event.h>
#include <ftw.h>
#include <libgen.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/core.h"
#include "daemon/core/hotline.h"
#include "daemon/gw/drivers.h"
#include "db/db.h"
#include "menus/edition.h"
#include "menus/replies.h"
#include "tests/tap.h"

#define KIT_NOW_MS INT64_C(1793620800000) /* 2026-11-02 12:00 UTC */
enum { KIT_ANSWERS_MAX = 512, KIT_NOT_YET = 1 };

struct kit_answer {
	int64_t id;
	char to[32], from[32], text[4096];
	bool gsm7, report;
	unsigned parts;
};

struct kit {
	char dir[64];
	const char *program; /* argv[0] of the test */
	struct event_base *base;
	struct hotline *h;
	struct loop *loop;
	enum gw_result result; /* what the fake gateway says of an answer */
	bool report_first;     /* it reports delivery even before that */
	struct kit_answer answers[KIT_ANSWERS_MAX];
	size_t count;
	unsigned serial;
	int told; /* of report_first */
};

/* Where the timers of the loop are: a slow machine has no more of them. */
static int64_t kit_timer_us = 1000 * 1000;
enum { KIT_ROUND_US = 250 };

/* libevent and the daemon ask this: the executable's symbol comes first. */
__attribute__((visibility("default"))) int kit_gettime(
    clockid_t id, struct timespec *ret_t) __asm__("clock_gettime");

int
kit_gettime(clockid_t id, struct timespec *ret_t)
{
	if (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE)
		return (int)syscall(SYS_clock_gettime, id, ret_t);
	ret_t->tv_sec = kit_timer_us / 1000000;
	ret_t->tv_nsec = kit_timer_us % 1000000 * 1000;
	return 0;
}

/*
 * A published edition does not change: the first is read once, and a restart
 * has it again.  The linker leads those who load and free editions to these.
 */
int kit_edition_load(const char *data, int64_t number,
    struct edition **ret_edition,
    struct diag *reterr_diag) __asm__("__wrap_edition_load_published");
int kit_edition_read(const char *data, int64_t number,
    struct edition **ret_edition,
    struct diag *reterr_diag) __asm__("__real_edition_load_published");
void kit_edition_drop(struct edition **ep) __asm__("__wrap_edition_free");
void kit_edition_free(struct edition **ep) __asm__("__real_edition_free");

static struct edition *kit_first;

int
kit_edition_load(const char *data, int64_t number, struct edition **ret_edition,
    struct diag *reterr_diag)
{
	int rc;

	if (kit_first != NULL && kit_first->number == number) {
		replies_free(&kit_first->replies); /* of this run alone */
		kit_first->replies = replies_new();
		*ret_edition = kit_first;
		return 0;
	}
	rc = kit_edition_read(data, number, ret_edition, reterr_diag);
	if (rc == 0 && kit_first == NULL)
		kit_first = *ret_edition;
	return rc;
}

void
kit_edition_drop(struct edition **ep)
{
	if (*ep != kit_first)
		kit_edition_free(ep);
	*ep = NULL;
}

/* Run a program; what it prints goes to standard error. */
static inline int
kit_exec(const char *exe, const char *const *args)
{
	const char *argv[16] = { exe };
	int status, i;
	pid_t pid;

	for (i = 0; args[i] != NULL; i++)
		argv[i + 1] = args[i];
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
		(void)execvp(exe, (char **)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* safarctl stands two folders above the test: build/MODE/safarctl. */
static inline int
kit_ctl(const struct kit *k, const char *const *args)
{
	char exe[4096], self[4000];

	(void)snprintf(self, sizeof(self), "%s", k->program);
	(void)snprintf(exe, sizeof(exe), "%s/../../safarctl", dirname(self));
	return kit_exec(exe, args);
}

static inline void
kit_done(void *arg, int rc)
{
	*(int *)arg = rc;
}

static inline enum gw_result
kit_sink(void *arg, const struct gw_out *out)
{
	struct kit *k = arg;
	struct kit_answer *a = &k->answers[k->count];

	if (k->result != GW_SENT)
		return k->result;
	ASSERT(k->count < KIT_ANSWERS_MAX);
	a->id = out->id;
	a->gsm7 = out->gsm7;
	a->parts = out->parts;
	a->report = out->report;
	(void)snprintf(a->to, sizeof(a->to), SV_FMT, SV_ARG(out->to));
	(void)snprintf(a->from, sizeof(a->from), SV_FMT, SV_ARG(out->from));
	(void)snprintf(a->text, sizeof(a->text), SV_FMT, SV_ARG(out->text));
	k->count++;
	if (k->report_first)
		loop_report(k->loop, out->id, true, kit_done, &k->told);
	return GW_SENT;
}

/* Open the data folder and put the loop driver on it. */
static inline int
kit_start(struct kit *k)
{
	const struct conf_gateway conf = { .name = "loop",
		.driver = "loop",
		.line = "1414",
		.reports = true };
	struct diag why = { "" };
	int rc;

	k->base = event_base_new();
	ASSERT(k->base != NULL);
	rc = hotline_open(k->base, k->dir, &k->h, &why);
	if (rc < 0) {
		printf("# %s\n", why.text);
		return rc;
	}
	(void)event_del(k->h->tick_ev); /* kit_wait() is who ticks */
	rc = hotline_gateway_add(k->h, &loop_ops, &conf);
	ASSERT(rc == 0);
	k->loop = hotline_gateway_self(k->h, "loop");
	loop_set_sink(k->loop, kit_sink, k);
	return 0;
}

static inline void
kit_stop(struct kit *k)
{
	hotline_close(&k->h);
	if (k->base != NULL)
		event_base_free(k->base);
	k->base = NULL;
}

/* A new data folder with the seed directory, and a daemon on it.  What
 * `safarctl init` makes was made once, by make: build/MODE/tests/data. */
static inline void
kit_new(struct kit *k, const char *program)
{
	char self[4000], made[4096];
	const char *args[] = { "-a", made, k->dir, NULL };
	int rc;

	*k = (struct kit){ .dir = "/tmp/safar_flow.XXXXXX",
		.program = program,
		.result = GW_SENT };
	clock_set(KIT_NOW_MS);
	ASSERT(mkdtemp(k->dir) != NULL);
	(void)rmdir(k->dir);
	(void)snprintf(self, sizeof(self), "%s", program);
	(void)snprintf(made, sizeof(made), "%s/../data", dirname(self));
	EQ(kit_exec("cp", args), 0, "a data folder");
	ASSERT(freopen("/dev/null", "we", stderr) != NULL);
	rc = kit_start(k);
	EQ(rc, 0, "open the data folder");
	if (rc < 0) {
		puts("Bail out! it is said above what is wrong");
		exit(1);
	}
}

static inline int
kit_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void
kit_end(struct kit *k)
{
	kit_stop(k);
	kit_edition_free(&kit_first);
	(void)nftw(k->dir, kit_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* Put one setting in the place of another, for the next kit_start(). */
static inline void
kit_set(const struct kit *k, const char *old, const char *new)
{
	char path[128], text[16384];
	const char *at;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/safar.yaml", k->dir);
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

/* Let the loop do all that is due now; two milliseconds go by for its timers.
 */
static inline void
kit_run(struct kit *k)
{
	int i;

	for (i = 0; i < 8; i++) {
		kit_timer_us += KIT_ROUND_US;
		(void)event_base_loop(k->base, EVLOOP_NONBLOCK);
	}
}

/* What the timers of the loop wait for comes; nothing else is later then. */
static inline void
kit_timers(struct kit *k, int64_t ms)
{
	kit_timer_us += ms * 1000;
	kit_run(k);
}

/* What the store holds, read from outside as safarctl does. */
static inline struct db_counts
kit_counts(const struct kit *k)
{
	struct db_counts c = { 0 };
	struct db *db = NULL;
	struct diag why;

	ASSERT(db_open_reader(k->dir, &db, &why) == 0);
	ASSERT(db_counts(db, &c) == 0);
	db_close(&db);
	return c;
}

/* A text comes in under an id of the gateway.  Returns what it was told. */
static inline int
kit_say_id(struct kit *k, const char *id, const char *from, const char *text)
{
	const struct gw_in in = { .id = sv_of(id),
		.from = sv_of(from),
		.to = SV("1414"),
		.text = sv_of(text) };
	int told = KIT_NOT_YET;

	loop_say(k->loop, &in, kit_done, &told);
	kit_run(k);
	return told;
}

static inline int
kit_say(struct kit *k, const char *from, const char *text)
{
	char id[32];

	(void)snprintf(id, sizeof(id), "t-%u", ++k->serial);
	return kit_say_id(k, id, from, text);
}

static inline const struct kit_answer *
kit_last(const struct kit *k)
{
	static const struct kit_answer none;

	return k->count > 0 ? &k->answers[k->count - 1] : &none;
}

static inline void
kit_wait(struct kit *k, int64_t ms)
{
	clock_set(clock_ms() + ms);
	hotline_tick(k->h);
	kit_timers(k, ms);
}

/* Until a published edition is taken up, which a thread loads; at most five
 * minutes, on a machine that is slow and busy. */
static inline bool
kit_edition(struct kit *k, int64_t number)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	char status[16384], want[64];
	struct sb b;
	int i;

	(void)snprintf(want, sizeof(want), "\"edition\":%" PRId64 ",", number);
	for (i = 0; i < 30000; i++) {
		kit_run(k);
		sb_wrap(&b, status, sizeof(status));
		hotline_status(k->h, &b);
		if (strstr(status, want) != NULL)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

#endif
