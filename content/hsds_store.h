/* hsds_store.h - directory.db as an HSDS data set, for export. */
#ifndef CONTENT_HSDS_STORE_H
#define CONTENT_HSDS_STORE_H

#include "content/hsds.h"
#include "db/directory.h"

enum hsds_scope {
	HSDS_EXPORT, /* all but what is never exported */
	HSDS_PUBLIC, /* what callers may be given: active, for callers */
};

/*
 * Read all tables, put in order.
 *
 * Whatever the scope, a listing whose visibility is never-exported is not
 * there, nor is anything that belongs to it.
 *
 * Returns 0, or what directory.h returns.
 */
MUST_USE int hsds_load(
    struct directory *dir, enum hsds_scope scope, struct hsds **ret_hsds);

#endif
