/* listing_time.c - moments as the directory's files write them. */
#include "content/listing_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { DAY_MS = 24 * 3600 * 1000 };

int
listing_time_read(struct sv v, int64_t *ret_ms)
{
	struct tm tm = { 0 };
	const char *rest;
	char *end;
	long ms = 0;

	if (v.n == 0) {
		*ret_ms = 0;
		return 0;
	}
	rest = strptime(v.p, "%Y-%m-%d", &tm);
	if (rest != NULL && v.n == LISTING_TIME_BYTES) {
		rest = strptime(rest, "T%H:%M:%S.", &tm);
		if (rest == NULL || rest != v.p + LISTING_TIME_BYTES - 4)
			return -EINVAL;
		ms = strtol(rest, &end, 10);
		rest = *end == 'Z' ? end + 1 : NULL;
	}
	if (rest == NULL || rest != v.p + v.n || tm.tm_year < 100 || ms < 0)
		return -EINVAL;
	*ret_ms = (int64_t)timegm(&tm) * 1000 + ms;
	return 0;
}

bool
listing_time_is_ahead(int64_t ms, int64_t now_ms)
{
	return ms > now_ms + DAY_MS;
}

void
listing_time_write(int64_t ms, char ret_text[LISTING_TIME_BYTES + 1])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	ret_text[0] = '\0';
	if (ms <= 0 || gmtime_r(&seconds, &tm) == NULL)
		return;
	n = strftime(
	    ret_text, LISTING_TIME_BYTES + 1, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(ret_text + n, LISTING_TIME_BYTES + 1 - n, ".%03dZ",
	    (int)(ms % 1000));
}
