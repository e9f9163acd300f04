/*
 * hsds_export.h - the directory as files for others.
 *
 * Whatever the form, listings that are never exported are not in it.  The
 * package has all that an import needs to make the same directory again,
 * operators' notes too; so has services.ndjson.  The same directory gives the
 * same bytes.
 */
#ifndef CONTENT_HSDS_EXPORT_H
#define CONTENT_HSDS_EXPORT_H

#include "content/hsds_store.h"
#include "daemon/base/diag.h"

enum hsds_form {
	HSDS_PACKAGE, /* a folder; or, where the name ends in .zip, a zip */
	HSDS_NDJSON,  /* services.ndjson: a service with all of it a line */
};

/*
 * Write a file or a folder; each file is whole, or as it was before.
 *
 * ret_count  how many services; may be NULL
 *
 * Returns 0, -EIO, -ENOSPC, -EACCES and the like, or what directory.h returns.
 */
MUST_USE int hsds_export(struct directory *dir, enum hsds_form form,
    const char *path, int64_t *ret_count, struct diag *reterr_diag);

/* The same as bytes: a zip, or lines.  ret_p: free() it. */
MUST_USE int hsds_export_bytes(struct directory *dir, enum hsds_form form,
    char **ret_p, size_t *ret_n, struct diag *reterr_diag);

/*
 * What the public may read: services that callers may be given, without what is
 * for operators, a line each.
 */
MUST_USE int hsds_export_public(
    struct directory *dir, const char *path, struct diag *reterr_diag);

#endif
