/*
 * keeper.h - voice messages go from the spool to DIR/messages.
 *
 * A recording has up to 1.5 MB.  To seal it, write it and wipe it where it was
 * takes the disk tens of milliseconds, in which no text would be answered: here
 * it is done in slices, one in a round of the loop, one message after another.
 */
#ifndef DAEMON_CORE_KEEPER_H
#define DAEMON_CORE_KEEPER_H

#include "daemon/core/messages.h"

struct event_base;
struct keeper;

/* dir and v live longer. */
struct keeper *keeper_new(
    struct event_base *base, const char *dir, const struct vault *v);

/* Nothing may be left to do: keeper_finish(). */
void keeper_free(struct keeper **kp);

/*
 * rc is 0: kept, on disk.  -ENOKEY (no reviewers), -ENODATA (nothing in it),
 * -EFBIG, -EDQUOT (too many are kept), -ECANCELED (forgotten meanwhile),
 * -ENOENT, -EIO and what the disk says.
 *
 * wiped  0, or why the recording, or its bytes, may still be in the spool
 */
typedef void keeper_done_fn(void *arg, int rc, int wiped);

/*
 * Keep a recording, and wipe it whatever comes of that.
 *
 * e164  empty if the number is withheld
 * done  runs once, from the loop or from keeper_finish()
 */
void keeper_take(struct keeper *k, const char *recording, struct sv e164,
    struct sv lang, keeper_done_fn *done, void *arg);

/* What a number has left, or everybody (empty), is not kept any more. */
void keeper_forget(struct keeper *k, struct sv e164);

/* Do now what is left to do. */
void keeper_finish(struct keeper *k);

#endif
