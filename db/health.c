/* health.c - hotline.db: small values, counts. */
#include <stdlib.h>
#include <sys/stat.h>

#include "db/hotline.h"

int
db_meta_set(struct db *db, const char *key, struct sv value)
{
	sqlite3_stmt *st = db->stmts[STMT_META_SET];
	int rc = db_change(db);

	if (rc < 0)
		return rc;
	sql_bind_sv(st, 1, sv_of(key));
	sql_bind_sv(st, 2, value);
	return db_run(db, STMT_META_SET);
}

int
db_meta_get(struct db *db, const char *key, char *ret_value, size_t size)
{
	sqlite3_stmt *st = db->stmts[STMT_META_GET];
	struct sv value;
	int rc;

	ASSERT(size > 0);
	sql_bind_sv(st, 1, sv_of(key));
	rc = sql_next(st);
	if (rc == 1) {
		value = sql_column_sv(st, 0);
		if (value.n > size - 1)
			value.n = size - 1;
		if (value.n > 0)
			memcpy(ret_value, value.p, value.n);
		ret_value[value.n] = '\0';
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

static int64_t
file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

int
db_counts(struct db *db, struct db_counts *ret_counts)
{
	struct db_counts c = { 0 };
	int cache = 0, high = 0;
	int rc = sql_int(db->stmts[STMT_COUNT_LOG], &c.log);

	if (rc == 0)
		rc = sql_int(db->stmts[STMT_COUNT_INBOX], &c.inbox);
	if (rc == 0)
		rc = db_out_count(db, &c);
	if (rc < 0)
		return rc;
	c.size_bytes = file_size(sqlite3_db_filename(db->sq, "main"));
	c.wal_bytes = file_size(db_wal_path(db));
	(void)sqlite3_db_status(
	    db->sq, SQLITE_DBSTATUS_CACHE_USED, &cache, &high, 0);
	c.cache_bytes = cache;
	*ret_counts = c;
	return 0;
}

int64_t
db_lines_lost(struct db *db)
{
	char value[24] = "";

	(void)!db_meta_get(db, DB_LINES_LOST, value, sizeof(value));
	return strtoll(value, NULL, 10);
}
