/*
 * editions.h - a newer edition is loaded beside the loop, in a thread: texts
 * are answered from the one before meanwhile.
 *
 * The thread reads files of the data folder and nothing else: no store, no
 * key, no socket, no log.  An edition is whole when it is handed over, and
 * belongs to who takes it.
 */
#ifndef DAEMON_CORE_EDITIONS_H
#define DAEMON_CORE_EDITIONS_H

#include "daemon/base/diag.h"

struct edition;
struct editions;
struct sandbox_plan;

/* Start the thread, which waits.  dir: the data folder; copied. */
struct editions *editions_new(const char *dir);

/* Wait for the thread, and free what nobody took. */
void editions_free(struct editions **ep);

/* Put the thread where the loop is; see sandbox.h.  Before anything is loaded.
 */
MUST_USE int editions_confine(struct editions *e,
    const struct sandbox_plan *plan, struct diag *reterr_diag);

/* Readable when editions_take() may give one. */
int editions_fd(const struct editions *e);

/* Load this edition; false: it still loads another one. */
bool editions_load(struct editions *e, int64_t number);

/*
 * What was loaded, once.
 *
 * ret_edition  owned by the caller; NULL if it cannot be loaded, and
 *              ret_why says why
 *
 * Returns false if there is none yet.
 */
bool editions_take(struct editions *e, int64_t *ret_number,
    struct edition **ret_edition, struct diag *ret_why);

/* Free one that nobody needs any more, there: it takes long. */
void editions_drop(struct editions *e, struct edition **edition);

#endif
