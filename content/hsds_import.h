/*
 * hsds_import.h - listings of others, or our own, into the directory.
 *
 * First all of it is read and compared with what is there (a dry run changes
 * nothing and is exact), then what is good is put in, by id.  Nothing is ever
 * deleted: what an import does not name stays as it is; a service that it calls
 * inactive becomes so.
 */
#ifndef CONTENT_HSDS_IMPORT_H
#define CONTENT_HSDS_IMPORT_H

#include "content/hsds.h"
#include "content/places.h"
#include "content/topics.h"
#include "db/directory.h"

struct json_t;

enum hsds_kind {
	HSDS_ANY,     /* told by the bytes and the name */
	HSDS_TABULAR, /* a folder, or a zip */
	HSDS_JSON,
	HSDS_SHEET, /* CSV, a row for each listing: content/orgs/README.md */
};

struct hsds_source {
	enum hsds_kind kind;
	const char *path; /* a file or folder; or NULL: */
	struct sv bytes;
	const char *name; /* for messages: "listings.csv"; with path may be
			     NULL: the path's */
	const struct topics *topics;
	const struct places *places;
	struct directory *dir; /* what it is compared with */
	/* May be NULL; hsds_unreadable_code() where nothing can be read. */
	const char **reterr_code;
};

enum hsds_result {
	HSDS_SAME,
	HSDS_ADD,
	HSDS_CHANGE,
	HSDS_BAD,
};

struct hsds_import_row {
	const char *file;
	unsigned line; /* 0: the whole file */
	struct sv id;  /* of the listing, or of a row that is of none */
	struct sv name;
	enum hsds_result result;
	const struct hsds_problem *problems; /* of HSDS_BAD */
	size_t problem_count;
	/* What it would be, whole; NULL for HSDS_BAD. */
	const struct directory_row *listing;
	int64_t version; /* of the listing that is there, 0: none */
};

struct hsds_import;

/*
 * Read a source and compare it with the directory.
 *
 * Returns 0 also where rows are bad; -ENOENT, -EINVAL if there is nothing to
 * read at all: no such file, a trap, no JSON; or what directory.h returns.
 */
MUST_USE int hsds_import_read(const struct hsds_source *source,
    struct hsds_import **ret_import, struct diag *reterr_diag);
void hsds_import_free(struct hsds_import **ip);

/* In the order of the files' rows. */
size_t hsds_import_count(const struct hsds_import *import);
const struct hsds_import_row *hsds_import_at(
    const struct hsds_import *import, size_t i);

/* How many rows have this result. */
size_t hsds_import_total(
    const struct hsds_import *import, enum hsds_result result);

/*
 * Put one row in: nothing if it is bad or the same.  In a round of changes
 * (directory_begin) many are quick.
 *
 * Returns what directory_put() returns.
 */
MUST_USE int hsds_import_put(const struct hsds_import *import, size_t i,
    struct directory *dir, const struct directory_by *by);

/*
 * {"summary":{"add":N,"change":N,"same":N,"bad":N},"rows":[{"file","row","id",
 * "name","result","errors":[{"field","code","text"}]}],"left_out":N}
 *
 * rows_max  of rows in it; bad ones come first, then changes, then the same
 *
 * Returns an object to json_decref().
 */
struct json_t *hsds_import_json(
    const struct hsds_import *import, size_t rows_max);

const char *hsds_result_name(enum hsds_result result);

#endif
