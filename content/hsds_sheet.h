/*
 * hsds_sheet.h - the CSV with one row for each listing, for people who have a
 * spreadsheet and nothing else.
 *
 * Columns are those of content/orgs/README.md, in any order; only id and
 * name_en must be there, others that are missing stay as they are known, and
 * unknown ones are left out.
 */
#ifndef CONTENT_HSDS_SHEET_H
#define CONTENT_HSDS_SHEET_H

#include "content/hsds_listing.h"
#include "daemon/base/diag.h"

/* Returns 0 or -Exxx to stop. */
typedef int hsds_sheet_fn(void *arg, const struct hsds_listing *l);

struct hsds_sheet {
	struct hsds *h; /* its arena, its problems */
	const struct listing_rules *rules;
	const char *name; /* for messages */
	hsds_sheet_fn *fn;
	void *arg;
};

/* Returns 0, -EINVAL if it is no text, lacks id or name_en or has more than
 * CSV_ROWS_MAX rows, or what fn returned; problems of rows are noted with
 * hsds_refuse(). */
MUST_USE int hsds_sheet_read(
    const struct hsds_sheet *sheet, struct sv bytes, struct diag *reterr_diag);

#endif
