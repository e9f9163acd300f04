/* hsds_csv.h - one table of HSDS as a CSV file; private to hsds_package.c. */
#ifndef CONTENT_HSDS_CSV_H
#define CONTENT_HSDS_CSV_H

#include <stdio.h>

#include "content/hsds.h"

/* The name of a table's file? */
bool hsds_is_table(const char *name);

/* Columns that the source has, rows in their order; RFC 4180 with LF.
 * Returns 0, -EIO. */
MUST_USE int hsds_write_csv(FILE *f, const struct hsds *h, enum hsds_table t);

#endif
