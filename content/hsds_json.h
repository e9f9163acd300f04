/*
 * hsds_json.h - HSDS as nested JSON: a service with all that belongs to it
 * (HSDS 3.0, Serialization: JSON is its canonical form).
 */
#ifndef CONTENT_HSDS_JSON_H
#define CONTENT_HSDS_JSON_H

#include "content/hsds.h"
#include "daemon/base/diag.h"

struct json_t;

enum {
	HSDS_JSON_DEPTH_MAX = 12,      /* nested objects */
	HSDS_JSON_MARKS_MAX = 4000000, /* brackets and commas of a file */
};

/*
 * Read JSON: an object, an array of them, a Page with "contents", or ndjson.
 * Objects may be services, organizations, service_at_locations, locations or
 * taxonomy terms with what is nested in them; properties of others are left
 * out.  What is wrong with one is noted with hsds_refuse(): its line is that
 * of ndjson, else its place in the array, from 1.
 *
 * name  of the file, for messages
 *
 * Returns 0, -EINVAL if it is no JSON, or none of services.
 */
MUST_USE int hsds_read_json(struct hsds *h, const char *name, struct sv bytes,
    struct diag *reterr_diag);

enum hsds_nest {
	HSDS_BARE,   /* its own columns */
	HSDS_WITHIN, /* and what belongs to it */
};

/*
 * A row as an object.  Columns that are empty are left out, unless the
 * standard requires them.
 *
 * for_all  leave out what is for operators
 *
 * Returns an object to json_decref().
 */
struct json_t *hsds_row_json(struct hsds *h, enum hsds_table t,
    const struct hsds_row *row, enum hsds_nest nest, bool for_all);

#endif
