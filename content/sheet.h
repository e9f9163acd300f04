/*
 * sheet.h - a CSV file as spreadsheets and other programs write it.
 *
 * RFC 4180, and what is met in the field: ';' or a tab between fields, a byte
 * order mark, CRLF or CR, UTF-16 and Windows-1251.  csv.h is for our own
 * files, which have none of that.
 */
#ifndef CONTENT_SHEET_H
#define CONTENT_SHEET_H

#include "daemon/base/arena.h"
#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum { SHEET_COLUMNS_MAX = 256 /* of a row; more are dropped */ };

/*
 * Make UTF-8 of a file's bytes.
 *
 * UTF-8 is taken as it is, without a byte order mark; UTF-16 with one is
 * converted, and so is what is Windows-1251 beyond doubt.
 *
 * ret_text     views into bytes or the arena
 * ret_charset  what it was converted from, or NULL; static
 *
 * Returns 0, -EINVAL with the encoding that it looks like in reterr_diag.
 */
MUST_USE int sheet_decode(struct arena *arena, struct sv bytes,
    struct sv *ret_text, const char **ret_charset, struct diag *reterr_diag);

struct sheet_row {
	unsigned line; /* where it begins, from 1 */
	const struct sv *fields;
	size_t count;
};

/* Returns false to stop. */
typedef bool sheet_row_fn(void *arg, const struct sheet_row *row);

/*
 * Call fn for each row of a text, the first included; blank ones are skipped.
 *
 * Returns 0, -EINVAL where quotes are in the wrong place or never closed:
 * *reterr_line is where that row begins.
 */
MUST_USE int sheet_read(
    struct sv text, sheet_row_fn *fn, void *arg, unsigned *reterr_line);

#endif
