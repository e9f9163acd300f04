/*
 * directory_sql.h - what the parts of directory.db share.
 *
 * Private to db/: directory.c opens and reads, directory_put.c writes.
 */
#ifndef DB_DIRECTORY_SQL_H
#define DB_DIRECTORY_SQL_H

#include "db/directory.h"
#include "db/sql.h"

enum dir_stmt {
	DIR_BEGIN,
	DIR_COMMIT,
	DIR_ROLLBACK,
	DIR_SAVE,
	DIR_RELEASE,
	DIR_BACK,
	DIR_EACH,
	DIR_ONE,
	DIR_PUT_ORGANIZATION,
	DIR_PUT_IDENTIFIER,
	DIR_PUT_SERVICE,
	DIR_PUT_LOCATION,
	DIR_PUT_PLACE,
	DIR_PUT_ADDRESS,
	DIR_CUT_ADDRESS,
	DIR_PUT_SCHEDULE,
	DIR_CUT_SCHEDULE,
	DIR_PUT_PHONE,
	DIR_CUT_PHONE,
	DIR_PUT_LANGUAGE,
	DIR_CUT_LANGUAGE,
	DIR_PUT_AREA,
	DIR_CUT_AREA,
	DIR_PUT_TAXONOMY,
	DIR_PUT_TERM,
	DIR_PUT_ATTRIBUTE,
	DIR_CUT_ATTRIBUTE,
	DIR_PUT_TRANSLATION,
	DIR_CUT_TRANSLATION,
	DIR_PUT_VISIBILITY,
	DIR_FIND,
	DIR_PUT_CHECK,
	DIR_VOID_CHECKS,
	DIR_SET_ASSURED,
	DIR_PUT_EDITION,
	DIR_EDITION_NOW,
	DIR_VERSION,
	DIR_COUNT
};

struct directory {
	sqlite3 *sq;
	sqlite3_stmt *stmts[DIR_COUNT];
	bool round;
	int round_rc; /* SQLite gave the round up: what every call says */
};

/* The views of a row, in the order of its fields and of DIR_EACH's columns. */
enum { DIRECTORY_FIELDS = 24 };
extern const size_t directory_fields[DIRECTORY_FIELDS];

static inline struct sv
directory_field(const struct directory_row *row, size_t i)
{
	return *(const struct sv *)(const void *)((const char *)row +
						  directory_fields[i]);
}

/* Read the row DIR_EACH or DIR_ONE stands on; views until the next step. */
void directory_row_read(sqlite3_stmt *st, struct directory_row *ret_row);

/* Run a statement without rows; notices when SQLite rolled the round back. */
MUST_USE int directory_run(struct directory *d, enum dir_stmt which);

/* All or nothing for one change, within a round or as its own. */
MUST_USE int directory_enter(struct directory *d, bool *ret_own);
MUST_USE int directory_leave(struct directory *d, bool own, int rc);

/* Record that a listing was checked. */
MUST_USE int directory_check_put(struct directory *d, struct sv id,
    int64_t at_ms, struct sv how, struct sv who);

#endif
