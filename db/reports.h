/*
 * reports.h - what the counts of hotline.db say to those who may read them.
 *
 * A cell is the requests of a span that have something in common: one topic,
 * one topic and one country ...  It is told rounded to 5, and not at all where
 * it is
 *
 *   under 5, which is not told from nothing; or
 *   the smallest of a row of cells that are told, where the others that are
 *   not hold only 1 to 4 together: who has the sum of the row could tell them.
 *
 * Whether a cell is told depends on the cell alone, never on which question it
 * is the answer to.  Spans are whole days, weeks (from Monday) and months, UTC;
 * a longer time is the sum of its spans as they are told, so that times that
 * overlap give nothing finer away.
 *
 * For partners the spans are weeks and months, at least a week old when they
 * are told, and places are regions.  Every question names a scope; there is no
 * way past it.
 */
#ifndef DB_REPORTS_H
#define DB_REPORTS_H

#include "daemon/base/arena.h"
#include "db/db.h"

enum report_by {
	REPORT_CHANNEL,
	REPORT_GATEWAY,
	REPORT_COUNTRY,
	REPORT_LANG,
	REPORT_TOPIC,
	REPORT_PLACE,
	REPORT_OUTCOME,
	REPORT_LISTING, /* how often it was given out, not requests */
	REPORT_DIMS,
	REPORT_DAY = REPORT_DIMS,
	REPORT_WEEK,
	REPORT_MONTH,
	REPORT_BYS,
};

enum {
	REPORT_HIDDEN = -1,
	REPORT_LEAST = 5,	/* a smaller cell is not told */
	REPORT_DAYS_MAX = 3700, /* of a question */
	REPORT_LATE_DAYS = 7,	/* partners */
};

/* What somebody may see: members with ';' between them, empty: all. */
struct report_scope {
	struct sv listings; /* set: only how often these were given out */
	struct sv topics, countries;
	bool partner;
	/* the region a place lies in, or its own name; NULL: as it is */
	struct sv (*region)(void *arg, struct sv place);
	void *region_arg;
};

struct report_query {
	int64_t from, to; /* days since 1970, both in */
	int64_t today;
	enum report_by by;
	struct sv where[REPORT_DIMS]; /* empty: any */
};

struct report_row {
	struct sv key; /* a name, or a day: "2026-11-22"; in the arena */
	int64_t count, before; /* or REPORT_HIDDEN */
	int64_t parts;	       /* SMS parts, where count is told */
};

struct report {
	int64_t from, to;		/* made whole weeks or months */
	int64_t before_from, before_to; /* as long, just before */
	int64_t until;			/* the last day that is told of */
	int64_t total, total_before;	/* or REPORT_HIDDEN */
	int64_t parts;
	struct report_row *rows; /* most first, or in order of time */
	size_t count, hidden;	 /* of rows, and of those with no count */
};

/*
 * Answer a question.  Rows that are told neither now nor before are left out.
 *
 * Returns also -EINVAL: from is behind to, more than REPORT_DAYS_MAX days, by
 * is in where, too; -EOPNOTSUPP: not of what listings are given out for
 * (gateway, place, outcome); -EPERM: days are not for partners.  Where no whole
 * span of the time can be told yet there are no rows, and no total.
 */
MUST_USE int reports_query(struct db *db, const struct report_scope *scope,
    const struct report_query *query, struct arena *a,
    struct report *ret_report);

/* Asked, understood, and nobody to name. */
struct report_missing {
	struct sv topic, country, place; /* place may be empty */
	int64_t count;
};

/*
 * What people asked for and did not find, most first: of requests with this
 * outcome, cells of topic, country and place.  Not for partners: -EPERM.
 */
MUST_USE int reports_missing(struct db *db, const struct report_scope *scope,
    const struct report_query *query, struct arena *a,
    struct report_missing **ret_rows, size_t *ret_count);

/*
 * Read the counts of one more day into memory, the newest first: else the
 * first question does.
 *
 * ret_more  false if all are
 */
MUST_USE int reports_warm(struct db *db, bool *ret_more);

/* Days and what they are called. */
enum { REPORT_DATE = 11 };
void report_date(int64_t day, char ret_date[REPORT_DATE]);
/* "2026-11-22", or "2026-11", which is its first day; -EINVAL. */
MUST_USE int report_day(struct sv date, int64_t *ret_day);
/* First day of the month that is so many months from that of day. */
int64_t report_month(int64_t day, int months);

#endif
