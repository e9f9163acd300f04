/*
 * listing_row.h - the columns of a listing, and what each may hold.
 *
 * content/orgs/README.md explains the columns to the people who fill them.
 */
#ifndef CONTENT_LISTING_ROW_H
#define CONTENT_LISTING_ROW_H

#include <stdio.h>

#include "content/csv.h"
#include "content/listings.h"
#include "daemon/base/arena.h"
#include "daemon/phone/phone.h"
#include "db/directory.h"

extern const struct csv_columns listing_columns;

/* In the column listing: it stays in directory.db. */
#define LISTING_NEVER_EXPORTED "never_export"

/* Copy a row of a CSV file; every view is NUL terminated and lives as long as
 * the arena.  Returns 0, -EINVAL: a date that is none. */
MUST_USE int listing_row_take(const struct csv_row *csv, struct arena *arena,
    struct directory_row *ret_row, struct diag *reterr_diag);

/* What the members of a row are looked up in. */
struct listing_rules {
	const struct topics *topics;
	const struct places *places;
	const struct phones *phones;
};

/*
 * Read a row's fields.  The listing has views into row, whose id, country and
 * serves must be NUL terminated.
 *
 * Returns 0, -EINVAL with "what is wrong; what to write" and no place.
 */
MUST_USE int listing_row_read(const struct directory_row *row,
    const struct listing_rules *rules, struct listing *ret_listing,
    struct diag *reterr_diag);

/*
 * Write the first row, or one listing, as flat CSV: RFC 4180 with LF, columns
 * always in the same order.
 *
 * A spreadsheet takes a field that begins with = + - @ a tab or CR for a
 * formula: it would run a stranger's, and make a number of +77172696553.  Such
 * a field, also behind apostrophes, gets an apostrophe before it, which
 * listing_row_take() takes away: what was written comes back exactly.
 *
 * Returns 0, -EIO.
 */
MUST_USE int listing_row_put_head(FILE *f);
MUST_USE int listing_row_put(FILE *f, const struct directory_row *row);

/* Cut the first member off a list with ';' between them; spaces trimmed. */
struct sv listing_list_cut(struct sv *rest);

#endif
