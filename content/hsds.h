/*
 * hsds.h - an HSDS 3.x data set in memory: rows of tables, by their names.
 *
 * Human Services Data Specification 3.0, docs.openreferral.org: tables, files,
 * columns and code lists.  Columns that begin with x_, and the table
 * translation, are ours; the standard allows terms from outside (Conformance).
 *
 * The same rows are read from directory.db, from a tabular package or from
 * JSON, and written as either.
 */
#ifndef CONTENT_HSDS_H
#define CONTENT_HSDS_H

#include "daemon/base/arena.h"
#include "daemon/base/sv.h"

/* In this order nothing refers to what comes later, but parents of their own
 * kind. */
enum hsds_table {
	HSDS_ORGANIZATION,
	HSDS_ORGANIZATION_IDENTIFIER,
	HSDS_PROGRAM,
	HSDS_SERVICE,
	HSDS_LOCATION,
	HSDS_SERVICE_AT_LOCATION,
	HSDS_CONTACT,
	HSDS_PHONE,
	HSDS_ADDRESS,
	HSDS_SCHEDULE,
	HSDS_LANGUAGE,
	HSDS_SERVICE_AREA,
	HSDS_REQUIRED_DOCUMENT,
	HSDS_COST_OPTION,
	HSDS_ACCESSIBILITY,
	HSDS_FUNDING,
	HSDS_TAXONOMY,
	HSDS_TAXONOMY_TERM,
	HSDS_ATTRIBUTE,
	HSDS_TRANSLATION,
	HSDS_TABLES,
	HSDS_NONE = HSDS_TABLES,
};

enum hsds_type {
	HSDS_STRING,
	HSDS_NUMBER,
	HSDS_INTEGER,
	HSDS_DATE, /* 2026-11-22 */
};

enum {
	HSDS_COLUMNS_MAX = 32,	   /* of a table */
	HSDS_FIELD_MAX = 16384,	   /* bytes; as DIRECTORY_FIELD_MAX */
	HSDS_ROWS_MAX = 200000,	   /* of all tables */
	HSDS_BYTES_MAX = 64 << 20, /* of all fields */
};

struct hsds_column {
	const char *name;
	enum hsds_type type;
	bool required;	    /* by the standard's schema */
	bool must;	    /* an import refuses a row without it */
	bool inside;	    /* for operators: not in the public API */
	const char *codes;  /* "active;inactive;...", or NULL */
	enum hsds_table to; /* whose id it holds, or HSDS_NONE */
};

struct hsds_def {
	const char *name; /* "service_at_location", also in directory.db */
	const char *file; /* "service_at_location.csv" */
	const char *key;  /* in nested JSON: "service_at_locations" */
	const struct hsds_column *columns; /* the first is id */
	size_t count;
};

const struct hsds_def *hsds_def(enum hsds_table t);

/* A column's place, or -1. */
int hsds_column_of(enum hsds_table t, struct sv name);

struct hsds_row {
	/* One for each column; p is NULL where the source has no such column,
	 * not "" where it is empty. */
	struct sv *fields;
	const char *file; /* where it was read */
	unsigned line;
	bool bad; /* something is wrong with it, or with what it needs */
};

struct hsds;

struct hsds *hsds_new(void);
void hsds_free(struct hsds **hp);

/* What the rows' views live in. */
struct arena *hsds_arena(struct hsds *h);

/* Add a row of empty fields; NULL past HSDS_ROWS_MAX.  The pointer is good
 * until the next one is added. */
struct hsds_row *hsds_add(struct hsds *h, enum hsds_table t);

/* Copy a field; false if it or all of them are too long: then it is as it was.
 */
bool hsds_set(
    struct hsds *h, struct hsds_row *row, int column, struct sv value);

/* The source has this table, maybe without rows. */
void hsds_set_present(struct hsds *h, enum hsds_table t);
bool hsds_is_present(const struct hsds *h, enum hsds_table t);

/* Its columns that the source has, whether or not a row fills them. */
void hsds_set_column(struct hsds *h, enum hsds_table t, int column);
bool hsds_has_column(const struct hsds *h, enum hsds_table t, int column);

/* Rows with one id become one that has what any of them has; those that say
 * different things are refused.  After hsds_sort(). */
void hsds_join_twins(struct hsds *h);

/* Put every table in order of id; rows with one id stay in the order they
 * came.  What follows needs it; nothing may be added afterwards. */
void hsds_sort(struct hsds *h);

size_t hsds_count(const struct hsds *h, enum hsds_table t);
struct hsds_row *hsds_at(const struct hsds *h, enum hsds_table t, size_t i);

/* The row with this id, or NULL. */
struct hsds_row *hsds_find(
    const struct hsds *h, enum hsds_table t, struct sv id);

/* A field by its name; p is NULL where there is none.  An unknown name is a
 * bug. */
struct sv hsds_get(
    enum hsds_table t, const struct hsds_row *row, const char *column);

/*
 * Rows of t whose column has this value, in order of x_position, then as they
 * came.
 *
 * ret_rows  lives until something is dropped
 */
size_t hsds_of(struct hsds *h, enum hsds_table t, const char *column,
    struct sv value, struct hsds_row *const **ret_rows);

/* Whether a row may stay. */
typedef bool hsds_keep_fn(void *arg, const struct hsds_row *organization);

/* What is wrong with a row, or, with line 0, with a file. */
struct hsds_problem {
	const char *file;
	unsigned line;
	struct sv id;
	const char *field; /* a column, or "" */
	const char *code;  /* one of a few words, as "missing"; static */
	const char *text;  /* what is wrong and what to do */
};

enum { HSDS_PROBLEMS_MAX = 2000 /* more are not kept */ };

/* Note a problem; where has all but its text.  Copies what it is given. */
PRINTF(3, 4)
void hsds_refuse(
    struct hsds *h, const struct hsds_problem *where, const char *fmt, ...);

struct diag;

/*
 * Say why nothing of it can be read at all.
 *
 * code  one of a few words, as "zip_password", which the console has texts for
 *       ("error.zip_password"); static
 *
 * Returns -EINVAL, for "return".
 */
PRINTF(4, 5)
int hsds_unreadable(struct hsds *h, struct diag *reterr_diag, const char *code,
    const char *fmt, ...);

/* The code of that; "" where there is none. */
const char *hsds_unreadable_code(const struct hsds *h);

/* As they were found. */
const struct hsds_problem *hsds_problems(
    const struct hsds *h, size_t *ret_count);

/*
 * Drop organizations that fn does not want, all that belongs to them, and terms
 * and taxonomies that nobody uses any more.  A parent that goes is forgotten.
 */
void hsds_keep(struct hsds *h, hsds_keep_fn *fn, void *arg);

#endif
