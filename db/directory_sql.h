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
	DIR_PUT_ACCESS,
	DIR_CUT_ACCESS,
	DIR_PUT_DOCUMENT,
	DIR_CUT_DOCUMENT,
	DIR_CUT_TRANSLATION,
	DIR_PUT_VISIBILITY,
	DIR_PUT_CHECK,
	DIR_VOID_CHECKS,
	DIR_SET_ASSURED,
	DIR_PUT_EDITION,
	DIR_EDITION_NOW,
	DIR_EDITIONS,
	DIR_EDITION_CHANGE,
	DIR_CHANGE_NOW,
	DIR_CHANGED_SINCE,
	DIR_VERSION_OF,
	DIR_UNLISTED,
	DIR_LIST,
	DIR_UNLIST,
	DIR_LIST_CHECKED,
	DIR_NUMBER_OF,
	DIR_PUT_TEXT,
	DIR_CUT_TEXT,
	DIR_PUT_HISTORY,
	DIR_HISTORY,
	DIR_HISTORY_AT,
	DIR_CHECKS,
	DIR_DRAFT,
	DIR_DRAFTS,
	DIR_PUT_DRAFT,
	DIR_CUT_DRAFT,
	DIR_FIND_ALL,
	DIR_FIND_OLD,
	DIR_FIND_TEXT,
	DIR_FIND_ONE,
	DIR_PUT_WORD,
	DIR_WORD_ID,
	DIR_WORD,
	DIR_WORDS,
	DIR_WORDS_TAUGHT,
	DIR_DECIDE_WORD,
	DIR_VERSION,
	DIR_COUNT
};

struct directory {
	sqlite3 *sq;
	sqlite3_stmt *stmts[DIR_COUNT];
	bool round;
	int round_rc; /* SQLite gave the round up: what every call says */
};

/* Read the row DIR_EACH or DIR_ONE stands on: the fields in their order, then
 * checked_ms; views until the next step. */
void directory_row_read(sqlite3_stmt *st, struct directory_row *ret_row);

/* Run a statement without rows; notices when SQLite rolled the round back. */
MUST_USE int directory_run(struct directory *d, enum dir_stmt which);

/* All or nothing for one change, within a round or as its own. */
MUST_USE int directory_enter(struct directory *d, bool *ret_own);
MUST_USE int directory_leave(struct directory *d, bool own, int rc);

/* Can it be put, or be a draft?  That may have no name yet. */
bool directory_row_is_kept(const struct directory_row *row);

/* Write what a listing is found by.  version 0: a new one, a draft only. */
MUST_USE int directory_list_put(struct directory *d,
    const struct directory_row *row, int64_t version, int64_t at_ms);

/* Nothing of it is found any more. */
MUST_USE int directory_list_cut(struct directory *d, struct sv id);

/* List what is not: a directory of before there were lists. */
MUST_USE int directory_list_missing(struct directory *d);

/* 0: there is none, or it is new. */
MUST_USE int directory_version_of(
    struct directory *d, struct sv id, int64_t *ret_version);

/* One change; before may be NULL.  Both are JSON. */
struct directory_history_put {
	struct sv id;
	int64_t version;
	const char *before, *after;
};
MUST_USE int directory_history_put(struct directory *d,
    const struct directory_history_put *row, const struct directory_by *by);

/* Record that a listing was checked. */
MUST_USE int directory_check_put(struct directory *d, struct sv id,
    int64_t at_ms, struct sv how, struct sv who);

#endif
