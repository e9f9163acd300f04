/*
 * directory_json.h - a listing laid flat as JSON, for the history and drafts.
 *
 * An object of strings by the names of directory_fields.def, without empty
 * ones, and "checked_ms".
 */
#ifndef DB_DIRECTORY_JSON_H
#define DB_DIRECTORY_JSON_H

#include "db/directory.h"

struct json_t;

/* The same row gives the same bytes; free() it. */
char *directory_row_text(const struct directory_row *row);

/*
 * Read it back.  Fields of another version are left out.
 *
 * ret_owner  has what the row's views are of, NUL terminated: json_decref() it
 *
 * Returns 0, -EINVAL: not such an object.
 */
MUST_USE int directory_row_parse(
    struct sv text, struct json_t **ret_owner, struct directory_row *ret_row);

#endif
