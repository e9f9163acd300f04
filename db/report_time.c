/* report_time.c - days, weeks and months of the reports, all UTC. */
#include <stdio.h>
#include <time.h>

#include "db/reports_inner.h"

enum { DAY_S = 24 * 3600, WEEK = 7, FIRST_MONDAY = 4 };

static struct tm
civil(int64_t day)
{
	time_t at = (time_t)(day * DAY_S);
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	return tm;
}

static int64_t
day_of(int year, int month, int mday)
{
	struct tm tm = { .tm_year = year, .tm_mon = month, .tm_mday = mday };

	return (int64_t)timegm(&tm) / DAY_S;
}

int64_t
report_month(int64_t day, int months)
{
	struct tm tm = civil(day);

	return day_of(tm.tm_year, tm.tm_mon + months, 1);
}

/* The first day of the week. */
static int64_t
week_of(int64_t day)
{
	return day - (day - FIRST_MONDAY + WEEK) % WEEK;
}

void
report_date(int64_t day, char ret_date[REPORT_DATE])
{
	struct tm tm = civil(day);

	(void)strftime(ret_date, REPORT_DATE, "%Y-%m-%d", &tm);
}

int
report_day(struct sv date, int64_t *ret_day)
{
	char text[REPORT_DATE] = "", back[REPORT_DATE];
	int64_t day;

	if (date.n == 7)
		(void)snprintf(text, sizeof(text), SV_FMT "-01", SV_ARG(date));
	else if (date.n == 10)
		(void)snprintf(text, sizeof(text), SV_FMT, SV_ARG(date));
	for (size_t i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' :
				       text[i] < '0' || text[i] > '9')
			return -EINVAL;
	day = day_of((text[0] - '0') * 1000 + (text[1] - '0') * 100 +
			 (text[2] - '0') * 10 + (text[3] - '0') - 1900,
	    (text[5] - '0') * 10 + (text[6] - '0') - 1,
	    (text[8] - '0') * 10 + (text[9] - '0'));
	if (day < 0)
		return -EINVAL;
	report_date(day, back);
	if (strcmp(text, back) != 0) /* 31 February */
		return -EINVAL;
	*ret_day = day;
	return 0;
}

static bool
whole_months(const struct span *t)
{
	return report_month(t->from, 0) == t->from &&
	       report_month(t->to, 1) == t->to + 1;
}

static int
months_between(int64_t from, int64_t to)
{
	struct tm a = civil(from), b = civil(to);

	return (b.tm_year - a.tm_year) * 12 + b.tm_mon - a.tm_mon;
}

/* To whole months or weeks outwards, but not behind until. */
static void
widen(struct span *t, int64_t until, bool months)
{
	if (months) {
		t->from = report_month(t->from, 0);
		t->to = report_month(t->to, 1) - 1;
		if (t->to > until)
			t->to = report_month(until + 1, 0) - 1;
	} else {
		t->from = week_of(t->from);
		t->to = week_of(t->to) + WEEK - 1;
		if (t->to > until)
			t->to = week_of(until + 1) - 1;
	}
}

int
report_time(struct span *t, int64_t until, bool partner, enum report_by by,
    struct span *ret_before)
{
	if (by == REPORT_MONTH ||
	    (partner && by != REPORT_WEEK && whole_months(t) && t->to <= until))
		widen(t, until, true);
	else if (by == REPORT_WEEK || partner)
		widen(t, until, false);
	else if (t->to > until)
		t->to = until;
	if (t->from > t->to)
		return -ENODATA;
	ret_before->to = t->from - 1;
	if (whole_months(t))
		ret_before->from =
		    report_month(t->from, -1 - months_between(t->from, t->to));
	else
		ret_before->from = t->from - (t->to - t->from + 1);
	return 0;
}

/* The longest span that begins on its first day and is not longer. */
static int64_t
span_end(const struct span *t, bool partner, enum report_by by)
{
	int64_t month = report_month(t->from, 1) - 1;
	int64_t week = t->from + WEEK - 1;
	bool months = report_month(t->from, 0) == t->from && month <= t->to;
	bool weeks = week_of(t->from) == t->from && week <= t->to;

	if (by == REPORT_DAY)
		return t->from;
	if (by == REPORT_WEEK ||
	    (partner && by != REPORT_MONTH && weeks && !whole_months(t)))
		return week;
	if (months)
		return month;
	return weeks ? week : t->from;
}

size_t
report_spans(const struct span *time, bool partner, enum report_by by,
    struct arena *a, struct span **ret_spans)
{
	struct span t = *time;
	size_t n = 0;

	*ret_spans =
	    arena_get(a, (size_t)(t.to - t.from + 1) * sizeof(struct span));
	for (; t.from <= t.to; t.from = (*ret_spans)[n++].to + 1)
		(*ret_spans)[n] =
		    (struct span){ t.from, span_end(&t, partner, by) };
	return n;
}
