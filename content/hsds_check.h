/* hsds_check.h - whether rows of HSDS are sound. */
#ifndef CONTENT_HSDS_CHECK_H
#define CONTENT_HSDS_CHECK_H

#include "content/hsds.h"

/*
 * Look at every row: fields that must be there, numbers, dates, code lists,
 * ids that are there once, references to rows that exist.  What is wrong is
 * noted with hsds_refuse() and marks the row as bad, and so is what needs a bad
 * row.  After hsds_sort().
 *
 * Fields that the standard requires but that often nobody knows (the parts of
 * an address, a description) may be empty.
 */
void hsds_check(struct hsds *h);

#endif
