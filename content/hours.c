/* hours.c - reads opening hours as the directory's editors write them. */
#include "content/hours.h"

enum { DAY_MINUTES = 24 * 60, DAY_NAME = 3, ALL_DAYS = (1 << HOURS_DAYS) - 1 };

static bool
take(struct sv *rest, struct sv what)
{
	if (rest->n < what.n || memcmp(rest->p, what.p, what.n) != 0)
		return false;
	rest->p += what.n;
	rest->n -= what.n;
	return true;
}

static void
spaces_skip(struct sv *rest)
{
	while (take(rest, SV(" ")))
		continue;
}

static bool
two_digits(struct sv *rest, unsigned *ret)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (i == rest->n || rest->p[i] < '0' || rest->p[i] > '9')
			return false;
		n = n * 10 + (unsigned)(rest->p[i] - '0');
	}
	rest->p += 2;
	rest->n -= 2;
	*ret = n;
	return true;
}

static bool
time_take(struct sv *rest, uint16_t *ret_minutes)
{
	unsigned hour, minute;

	if (!two_digits(rest, &hour) || !take(rest, SV(":")) ||
	    !two_digits(rest, &minute) || minute >= 60 ||
	    hour * 60 + minute > DAY_MINUTES)
		return false;
	*ret_minutes = (uint16_t)(hour * 60 + minute);
	return true;
}

/* The index of a day, or HOURS_DAYS. */
static unsigned
day_take(struct sv *rest)
{
	static const char names[] = "MonTueWedThuFriSatSun";
	size_t i;

	for (i = 0; i < HOURS_DAYS; i++)
		if (take(rest, (struct sv){ names + i * DAY_NAME, DAY_NAME }))
			break;
	return (unsigned)i;
}

/* "Mon-Fri", "Mon, Wed", "daily"; nothing is as good. */
static bool
days_take(struct sv *rest, uint8_t *ret_days)
{
	unsigned first, last, days = 0;

	if (take(rest, SV("daily"))) {
		*ret_days = ALL_DAYS;
		return true;
	}
	while ((first = day_take(rest)) < HOURS_DAYS) {
		last = take(rest, SV("-")) ? day_take(rest) : first;
		if (last == HOURS_DAYS || last < first)
			return false;
		for (; first <= last; first++)
			days |= 1u << first;
		if (!take(rest, SV(",")))
			break;
		spaces_skip(rest);
	}
	*ret_days = (uint8_t)days;
	return true;
}

static bool
span_take(struct sv *rest, struct hours_span *ret_span)
{
	if (!days_take(rest, &ret_span->days))
		return false;
	spaces_skip(rest);
	return time_take(rest, &ret_span->from) && take(rest, SV("-")) &&
	       time_take(rest, &ret_span->to) && ret_span->from != ret_span->to;
}

int
hours_read(struct sv text, struct hours *ret_hours)
{
	struct hours h = { .count = 0 };
	struct sv rest = text;

	if (!sv_eq(text, SV("24 hours"))) {
		do {
			spaces_skip(&rest);
			if (h.count == HOURS_SPANS_MAX ||
			    !span_take(&rest, &h.spans[h.count++]))
				return -EINVAL;
		} while (take(&rest, SV(";")));
		if (rest.n > 0)
			return -EINVAL;
	}
	*ret_hours = h;
	return 0;
}
