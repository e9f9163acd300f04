/*
 * hours.h - opening hours, where they are written so that they can be said.
 *
 *   24 hours
 *   Mon-Fri 09:00-18:00
 *   daily 08:00-20:00; Sat, Sun 10:00-14:00
 *   09:00-18:00                     of every day, or nobody wrote which
 */
#ifndef CONTENT_HOURS_H
#define CONTENT_HOURS_H

#include "daemon/base/sv.h"

enum { HOURS_SPANS_MAX = 4, HOURS_DAYS = 7 };

struct hours_span {
	uint8_t days;	   /* bit 0: Monday; 0: not told */
	uint16_t from, to; /* minutes since midnight, at most 24 * 60 */
};

struct hours {
	struct hours_span spans[HOURS_SPANS_MAX];
	size_t count; /* 0: always */
};

/* Returns 0, -EINVAL: empty, or in words that are not understood. */
MUST_USE int hours_read(struct sv text, struct hours *ret_hours);

#endif
