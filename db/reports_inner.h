/*
 * reports_inner.h - what the parts of the reports share.
 *
 * report_days.c keeps the counts in memory, report_time.c knows the calendar,
 * reports.c answers.
 */
#ifndef DB_REPORTS_INNER_H
#define DB_REPORTS_INNER_H

#include "db/hotline.h"
#include "db/reports.h"

enum { NAMES_MAX = 1 << 16, NO_VALUE = 0xffff };

/* Requests that have all of it in common: values are of struct dim. */
struct cell {
	uint16_t v[REPORT_DIMS];
	uint32_t count, parts;
};

struct cells {
	struct cell *at;
	size_t count;
};

struct day {
	int64_t day;
	int64_t count; /* that rollup_day said: another one, another day */
	bool loaded;
	struct cells requests, given;
};

/* The names that a column has, numbered as they were met. */
struct dim {
	uint16_t *value; /* by id of the name, NO_VALUE if never met */
	uint16_t *name;	 /* id of the name, by value */
	size_t count;
};

struct reports {
	sqlite3_stmt *version, *days, *names, *cells, *listings, *behind;
	int64_t seen; /* data_version of what is known */
	char **name;  /* by id; "" for those that are too many */
	int64_t last_name;
	struct dim dims[REPORT_DIMS];
	struct day *day; /* in order */
	size_t day_count;
};

/* Look what has changed, and give it; db->reports, made when first asked. */
MUST_USE int reports_see(struct db *db, struct reports **ret_reports);

/* The place of the first day that is not before it. */
size_t reports_at(const struct reports *r, int64_t day);

/* Its counts are in memory then. */
MUST_USE int reports_load(struct db *db, struct day *day);

/* Up to which day every request is counted, of those before today. */
MUST_USE int reports_until(struct db *db, int64_t today, int64_t *ret_day);

struct span {
	int64_t from, to;
};

/* The spans of a time, in order; by says which, if any. */
size_t report_spans(const struct span *time, bool partner, enum report_by by,
    struct arena *a, struct span **ret_spans);

/* Make a time one of whole spans that end by until; -ENODATA if there is none.
 * ret_before: as long, just before. */
MUST_USE int report_time(struct span *time, int64_t until, bool partner,
    enum report_by by, struct span *ret_before);

#endif
