/*
 * sql.h - what the stores share: opening, migrating, statements, errors.
 *
 * Private to db/.
 */
#ifndef DB_SQL_H
#define DB_SQL_H

#include <sqlite3.h>

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"
#include "db/migrations.h"

enum { SQL_FIELD_MAX = 1 << 20 /* bytes of one bound value */ };

/* A whole round stays in memory, or it would be written twice; and what does
 * for a table that is read once, from one end to the other. */
#define SQL_CACHE "PRAGMA cache_size=-16384;"
#define SQL_CACHE_SMALL "PRAGMA cache_size=-256;"

/*
 * Map what SQLite said, exactly: -EBUSY, -ENOSPC, -EROFS, -EUCLEAN, -EEXIST
 * (only a broken UNIQUE or primary key), -EINVAL (any other constraint), and
 * -EIO for the rest.
 *
 * For an I/O error it looks at errno, which must have been 0 before the call:
 * sqlite3_system_errno() is not set by a COMMIT that fails.
 */
int sql_rc(int rc);

/*
 * Open DIR/FILE of a schema.
 *
 * write    create the file (0600) if missing and apply missing migrations;
 *          otherwise read-only
 * busy_ms  how long to wait for another connection's lock
 *
 * Returns also -ENOENT (no folder, or no file to read), -EPROTO (made by a
 * newer version; for a reader also an older one).
 */
MUST_USE int sql_open(const char *dir, const struct schema *schema, bool write,
    int busy_ms, sqlite3 **ret_sq, struct diag *reterr_diag);

/*
 * Open it as it is, for reading: no migration, whatever its version, unless
 * that is newer than this program.
 *
 * ret_version  0 for a file that is still empty
 */
MUST_USE int sql_look(const char *dir, const struct schema *schema, int busy_ms,
    sqlite3 **ret_sq, int64_t *ret_version, struct diag *reterr_diag);

/* Run statements that give no rows. */
MUST_USE int sql_exec(sqlite3 *sq, const char *sql);

/* Say of a file what an error means and what to do.  Returns rc. */
int sql_explain(struct diag *d, int rc, const char *path);

/* Prepare count statements once, for good. */
MUST_USE int sql_prepare(sqlite3 *sq, const char *const *sql, size_t count,
    sqlite3_stmt **ret_stmts, struct diag *reterr_diag);

/* Step a statement that returns no rows, and leave it ready for next time. */
MUST_USE int sql_run(sqlite3_stmt *st);

/*
 * Step to the next row.
 *
 * Returns 1 with a row, 0 at the end, or an error; whoever stops must call
 * sql_end().
 */
MUST_USE int sql_next(sqlite3_stmt *st);
void sql_end(sqlite3_stmt *st);

/* Run a statement that gives one integer; 0 if it gives NULL or no row. */
MUST_USE int sql_int(sqlite3_stmt *st, int64_t *ret_value);

/* Bind; the bytes must live until the statement has run.  Out of memory
 * aborts, so there is nothing to check. */
void sql_bind_sv(sqlite3_stmt *st, int at, struct sv v);
/* The same, an empty view as NULL. */
void sql_bind_opt(sqlite3_stmt *st, int at, struct sv v);
void sql_bind_int(sqlite3_stmt *st, int at, int64_t v);
void sql_bind_blob(sqlite3_stmt *st, int at, const void *p, size_t n);

/* Views into the statement's row, valid until the next step. */
struct sv sql_column_sv(sqlite3_stmt *st, int at);
struct sv sql_column_blob(sqlite3_stmt *st, int at);

#endif
