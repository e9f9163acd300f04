/*
 * hsds_package.h - HSDS as a tabular data package: CSV files in a folder or a
 * zip, with datapackage.json (HSDS 3.0, Serialization; Frictionless Tabular
 * Data Package).
 *
 * What is written is the same to the last byte for the same rows: files in the
 * order of enum hsds_table, rows in order of id, no time of the export.
 */
#ifndef CONTENT_HSDS_PACKAGE_H
#define CONTENT_HSDS_PACKAGE_H

#include "content/hsds.h"
#include "daemon/base/diag.h"

enum {
	PACKAGE_ENTRIES_MAX = 256,    /* files in a zip */
	PACKAGE_BYTES_MAX = 64 << 20, /* of a zip, all of them unpacked */
	PACKAGE_RATIO_MAX = 200,      /* a zip grows at most so many times, */
	PACKAGE_RATIO_FREE = 1 << 20, /* or to so many bytes */
};

/*
 * Read one CSV file of a package: any separator, columns in any order, others
 * than ours left out.  What is wrong is noted with hsds_refuse().
 *
 * name  as in "services.csv"; a name of no table is nothing wrong
 */
void hsds_read_csv(struct hsds *h, const char *name, struct sv bytes);

/*
 * Read the files of a folder, or of a zip that is in memory, that are tables.
 * Files in folders of the zip are taken by the last part of their names, which
 * are never used to write anything.
 *
 * Returns 0, or -EINVAL if it is no package: no folder or zip, none of its
 * files is a table, or it is a trap: more entries, more bytes or more growth
 * than above, names that lead out of it.  -ENOENT: no such folder.
 */
MUST_USE int hsds_read_folder(
    struct hsds *h, const char *path, struct diag *reterr_diag);
MUST_USE int hsds_read_zip(
    struct hsds *h, struct sv bytes, struct diag *reterr_diag);

/* Bytes of a zip begin like this. */
bool hsds_is_zip(struct sv bytes);

/*
 * Write all tables.  The folder is made if it is missing; each file is whole,
 * or as it was before.
 *
 * ret_p  of ret_n bytes; free() it
 *
 * Returns 0, -EIO, -ENOSPC, -EACCES and the like.
 */
MUST_USE int hsds_write_folder(
    const struct hsds *h, const char *path, struct diag *reterr_diag);
MUST_USE int hsds_write_zip(const struct hsds *h, char **ret_p, size_t *ret_n,
    struct diag *reterr_diag);

#endif
