/*
 * hsds.h - directory.db's HSDS tables row by row, for exports and imports.
 *
 * Errors as in db.h.
 */
#ifndef DB_HSDS_H
#define DB_HSDS_H

#include "db/directory.h"

/* Values are texts, "" for NULL; gone after the call. */
typedef void directory_record_fn(
    void *arg, const char *const *names, const struct sv *values, size_t count);

/*
 * Every row of a table in order of its id.
 *
 * table  one of HSDS's, or "visibility"; or "checked": link_id, at_ms, how of
 *        each verification that counts, oldest first
 *
 * fn is called first with values NULL, for the names alone.
 *
 * Returns also -ENOENT: there is no such table.
 */
MUST_USE int directory_records(
    struct directory *d, const char *table, directory_record_fn *fn, void *arg);

/*
 * After directory_put(), in the same round: when a listing was changed where it
 * comes from, and how it was checked there.
 *
 * modified  text as HSDS has it, empty: as it is
 * how       "phone" ..., empty: as it is
 */
MUST_USE int directory_put_origin(struct directory *d,
    const struct directory_row *row, struct sv modified, struct sv how);

#endif
