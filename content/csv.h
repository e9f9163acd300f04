/*
 * csv.h - rows of a CSV file (RFC 4180) by the names in its first row.
 *
 * UTF-8, a byte order mark and CRLF are tolerated, blank lines are skipped.
 * libcsv does the quoting; the limits and the messages are ours.
 */
#ifndef CONTENT_CSV_H
#define CONTENT_CSV_H

#include <stdio.h>

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum {
	CSV_BYTES_MAX = 64 << 20, /* of a file */
	CSV_COLUMNS_MAX = 64,
	CSV_FIELD_MAX = 4096, /* bytes of one field */
	CSV_ROWS_MAX = 20000,
	CSV_ID_MAX = 64, /* bytes of an id */
};

/* The columns a reader knows; a file may have them in any order. */
struct csv_columns {
	const char *const *names;
	size_t count;	 /* at most CSV_COLUMNS_MAX */
	size_t required; /* the first so many must be there */
};

struct csv_row {
	const char *path;
	unsigned line;		 /* where the row begins, counted from 1 */
	const struct sv *fields; /* one for each known column, in the order
				    of csv_columns; empty if missing.  NUL
				    terminated.  Gone after the callback. */
};

/* Returns 0 to go on, or a negative errno with reterr_diag set to stop. */
typedef int csv_row_fn(
    void *arg, const struct csv_row *row, struct diag *reterr_diag);

/*
 * Read a file and call fn for each row below the first.
 *
 * Refused with "FILE:LINE: what is wrong; what to do": a column that is
 * unknown, missing or there twice, a row with more or fewer fields than the
 * first, bad quoting, and what passes a limit above.
 *
 * Returns 0, -ENOENT, -EINVAL, or what fn returned.
 */
MUST_USE int csv_read(const char *path, const struct csv_columns *columns,
    csv_row_fn *fn, void *arg, struct diag *reterr_diag);

/* Say "FILE:LINE: ..." about a row.  Returns -EINVAL, for "return". */
PRINTF(3, 4)
int csv_refuse(
    const struct csv_row *row, struct diag *reterr_diag, const char *fmt, ...);

/* True for an id: lower-case letters, digits and '-', CSV_ID_MAX bytes. */
bool csv_is_id(struct sv v);

/* Write one field, quoted where it must be.  Returns 0, -EIO. */
MUST_USE int csv_put_field(FILE *f, struct sv v);

#endif
