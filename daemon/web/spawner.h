/*
 * spawner.h - a process that starts safarctl for the console, which cannot:
 * it gives up execve before strangers reach it.
 *
 * It takes the command lines of jobs.def and no other, and adds --data itself.
 */
#ifndef DAEMON_WEB_SPAWNER_H
#define DAEMON_WEB_SPAWNER_H

#include <event2/event.h>

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum {
	SPAWNER_WORDS = 16,
	SPAWNER_ASK_MAX = 4096,	      /* bytes of a command line */
	SPAWNER_LINE_MAX = 100 << 10, /* of a line that a command writes */
	SPAWNER_AT_ONCE = 4,
};

struct spawner;

/*
 * A line that a job wrote, without its end; or, with an empty one, that it has
 * ended, and its exit code.
 */
typedef void spawner_fn(void *arg, int64_t job, struct sv line, int code);

/* Whether a command line, ended by NULL, is of the list.  dir: the data
 * folder. */
bool spawner_allows(const char *const *argv, const char *dir);

/*
 * Start the process; call before anything is opened.
 *
 * program  the path of safarctl
 * dir      the data folder
 * share    for SAFAR_SHARE
 */
MUST_USE int spawner_start(const char *program, const char *dir,
    const char *share, struct spawner **ret_spawner, struct diag *why);

/* fn: called from the loop; on_end: it has ended by itself, which it never
 * should. */
void spawner_attach(struct spawner *s, struct event_base *base, spawner_fn *fn,
    void (*on_end)(void *arg), void *arg);
void spawner_free(struct spawner **sp);

/* Returns 0, -EINVAL (not of the list), -EAGAIN (it is busy). */
MUST_USE int spawner_ask(
    struct spawner *s, int64_t job, const char *const *argv);

#endif
