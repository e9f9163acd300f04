/* console_backup.c - a copy of console.db, without who is logged in. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/console.h"
#include "db/retention.h"
#include "db/sql.h"

enum { BUSY_MS = 2000, SQL_MAX = 256 };

/* The row that get stands on, into put. */
static int
row_put(sqlite3_stmt *get, sqlite3_stmt *put)
{
	int i, n = sqlite3_column_count(get);

	for (i = 0; i < n; i++)
		ASSERT(sqlite3_bind_value(put, i + 1,
			   sqlite3_column_value(get, i)) == SQLITE_OK);
	return sql_run(put);
}

static int
rows_copy(sqlite3_stmt *get, sqlite3_stmt *put)
{
	int rc;

	while ((rc = sql_next(get)) == 1) {
		rc = row_put(get, put);
		if (rc < 0)
			break;
	}
	sql_end(get);
	return rc < 0 ? rc : 0;
}

/* "INSERT INTO table VALUES (?, ?)", for as many columns as get has. */
static void
insert_write(char sql[SQL_MAX], const char *table, sqlite3_stmt *get)
{
	int i, n = sqlite3_column_count(get);
	size_t at =
	    (size_t)snprintf(sql, SQL_MAX, "INSERT INTO %s VALUES (?", table);

	for (i = 1; i < n; i++)
		at += (size_t)snprintf(sql + at, SQL_MAX - at, ", ?");
	(void)snprintf(sql + at, SQL_MAX - at, ")");
}

static int
table_copy(sqlite3 *from, sqlite3 *to, const char *table)
{
	sqlite3_stmt *get = NULL, *put = NULL;
	char sql[SQL_MAX];
	int rc;

	errno = 0;
	(void)snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	rc = sql_rc(sqlite3_prepare_v2(from, sql, -1, &get, NULL));
	if (rc == 0) {
		insert_write(sql, table, get);
		rc = sql_rc(sqlite3_prepare_v2(to, sql, -1, &put, NULL));
	}
	if (rc == 0)
		rc = rows_copy(get, put);
	(void)sqlite3_finalize(get);
	(void)sqlite3_finalize(put);
	return rc;
}

static int
tables_copy(sqlite3 *from, sqlite3 *to)
{
	size_t i;
	/* a file alone, which the caller syncs when it is whole; and of the
	 * source one moment, not several */
	int rc = sql_exec(to, "PRAGMA journal_mode=MEMORY;"
			      "PRAGMA synchronous=OFF; BEGIN");

	if (rc == 0)
		rc = sql_exec(from, "BEGIN");
	for (i = 0; rc == 0 && i < retention_table_count; i++)
		if (strcmp(retention_tables[i].base, "console") == 0 &&
		    retention_tables[i].backup)
			rc = table_copy(from, to, retention_tables[i].table);
	return rc == 0 ? sql_exec(to, "COMMIT") : rc;
}

int
console_backup(const char *dir, const char *to, struct diag *reterr_diag)
{
	sqlite3 *source = NULL, *copy = NULL;
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, schema_console.file);
	int rc;

	if (n < 0 || n >= PATH_MAX)
		return diag_set(
		    reterr_diag, -ENOENT, "the folder's name is too long");
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	rc = sql_open(
	    dir, &schema_console, false, BUSY_MS, &source, reterr_diag);
	if (rc == 0)
		rc = sql_open(
		    to, &schema_console, true, BUSY_MS, &copy, reterr_diag);
	if (rc == 0) {
		rc = tables_copy(source, copy);
		if (rc < 0)
			(void)diag_set(reterr_diag, rc,
			    "%s cannot be copied to %s: %s; check both disks",
			    path, to, strerror(-rc));
	}
	(void)sqlite3_close(copy);
	(void)sqlite3_close(source);
	return rc;
}
