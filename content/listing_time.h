/* listing_time.h - moments as the directory's files write them. */
#ifndef CONTENT_LISTING_TIME_H
#define CONTENT_LISTING_TIME_H

#include "daemon/base/sv.h"

enum { LISTING_TIME_BYTES = 24 /* "2026-09-14T10:20:30.123Z" */ };

/*
 * Read "2026-09-14" or "2026-09-14T10:20:30.123Z", UTC; "" gives 0.
 *
 * v  NUL terminated
 *
 * Returns 0, -EINVAL.
 */
MUST_USE int listing_time_read(struct sv v, int64_t *ret_ms);

/* True if a check of then lies ahead of now, which none can: a slip of the
 * keyboard.  A day is let pass, for time zones. */
bool listing_time_is_ahead(int64_t ms, int64_t now_ms);

/* What to say of it: "checked" as the source calls it, the long form. */
#define LISTING_TIME_AHEAD                                                     \
	"%s is %.10s, a day still to come; write the day when somebody "       \
	"called, as 2026-09-14"

/* Write the long form; "" for 0. */
void listing_time_write(int64_t ms, char ret_text[LISTING_TIME_BYTES + 1]);

#endif
