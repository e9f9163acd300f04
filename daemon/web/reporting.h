/*
 * reporting.h - questions to the counts, as the handlers of the reports ask
 * them: whatever they ask, they ask it for q->user.
 */
#ifndef DAEMON_WEB_REPORTING_H
#define DAEMON_WEB_REPORTING_H

#include "daemon/web/web.h"
#include "db/reports.h"

/* What the user may see.  A partner is who is a reviewer only, or has a scope
 * and is no administrator. */
struct report_scope reporting_scope(struct web_request *q);

/* "topic", "day" ...; REPORT_BYS if it is none. */
enum report_by reporting_by(struct sv name);
const char *reporting_by_name(enum report_by by);

/*
 * Answer; where that cannot be, reply with why: 403 grain (days are not for
 * partners), 422 invalid (period) or not_for_scope, 503.
 *
 * Returns false: it is replied.
 */
MUST_USE bool reporting_ask(struct web_request *q,
    const struct report_query *query, struct report *ret_report);

/* {from,to,before,rows,total,suppressed,until} */
json_t *reporting_json(const struct report *r, enum report_by by);

/* Only its rows: [{key,count,share,before}]. */
json_t *reporting_rows(const struct report *r, enum report_by by);

/* "2026-11-22", a new string. */
json_t *reporting_date(int64_t day);

/* A count, or null. */
json_t *reporting_count(int64_t count);

/* What a key is called in the user's language; the key where it has no name. */
struct sv reporting_name(
    struct web_request *q, enum report_by by, struct sv key);

/* The day that it is. */
int64_t reporting_today(const struct web_request *q);

#endif
