/*
 * clear.h - answers in clear for the moment between their seal and the driver.
 *
 * To open what has just been sealed would cost as much again.  The memory is
 * locked, and wiped answer by answer; it holds so many and no more: for the
 * others, and for what a restart finds on disk, there is the seal.
 */
#ifndef DAEMON_CORE_CLEAR_H
#define DAEMON_CORE_CLEAR_H

#include "daemon/base/sv.h"

enum {
	CLEAR_COUNT = 1024,
	CLEAR_BYTES = 640, /* of number, sender and text together */
};

struct clears;
struct clear;

struct clears *clears_new(void);

/* Wipes what is there. */
void clears_free(struct clears **cp);

/* Keep an answer; NULL if it is too long, or there are too many. */
struct clear *clears_put(
    struct clears *c, struct sv e164, struct sv from, struct sv text);

/* Views that last until it is dropped. */
void clear_read(const struct clear *clear, struct sv *ret_e164,
    struct sv *ret_from, struct sv *ret_text);

/* Wipe it and set *clearp to NULL, which it may be already. */
void clears_drop(struct clears *c, struct clear **clearp);

#endif
