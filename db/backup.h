/*
 * backup.h - copies of both stores, and whether a store is sound.
 */
#ifndef DB_BACKUP_H
#define DB_BACKUP_H

#include "daemon/base/diag.h"

/*
 * Copy DIR/hotline.db, DIR/directory.db and, where there is one, DIR/console.db
 * into the folder TO, while safard runs on DIR.  Of hotline.db the log and what
 * administrators did are copied; retention.def says which tables are not: who
 * wrote today, their texts and numbers, sealed or not, and the answers on their
 * way.  Whoever is being forgotten, or asks for it meanwhile, is forgotten in
 * the copy: while it is made, DIR/backup.lock is locked and no such name is
 * dropped.  It is read some thousand rows at a time, so that the write-ahead
 * log can begin again in between.
 *
 * The files are 0600, have no journal beside them and are not yet synced.
 *
 * Returns 0, or what db.h says; -ENOSPC and the like also for TO.  What was
 * written until then is left to the caller.
 */
MUST_USE int db_backup(
    const char *dir, const char *to, struct diag *reterr_diag);

/* What the stores of a folder hold. */
struct db_facts {
	/* number of migrations; 0: no console.db */
	int64_t hotline_schema, directory_schema, console_schema;
	int64_t log_rows;
	int64_t log_first_ms, log_last_ms; /* hours, 0 without rows */
	int64_t edition;		   /* the current one, 0 none */
	int64_t listings;		   /* in it */
	int64_t damaged;    /* rows of answers to be sent that make no sense */
	int64_t lines_lost; /* as db_lines_lost() */
};

/*
 * Look through every page and row of the stores of a folder: SQLite's
 * integrity_check and foreign_key_check, and whose files they are.  Also while
 * safard runs, and for stores of an older version, whose answers it cannot
 * read.
 *
 * Returns also -EUCLEAN with the first finding, -EPROTO for a newer version.
 */
MUST_USE int db_check(
    const char *dir, struct db_facts *ret_facts, struct diag *reterr_diag);

#endif
