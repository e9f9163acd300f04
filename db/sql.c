/* sql.c - opening, migrating, statements and the mapping of errors. */
#include "db/sql.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "db/vfs.h"

/* What the system said beneath an I/O error; SQLite knows only ENOSPC. */
static int
errno_rc(int err)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return -ENOSPC;
	case EROFS:
		return -EROFS;
	default:
		return -EIO;
	}
}

static int
constraint_rc(int rc)
{
	if (rc == SQLITE_CONSTRAINT_UNIQUE ||
	    rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_ROWID)
		return -EEXIST;
	return -EINVAL;
}

int
sql_rc(int rc)
{
	ASSERT((rc & 0xff) != SQLITE_NOMEM); /* out of memory aborts */
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return -EROFS;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_CONSTRAINT:
		return constraint_rc(rc);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return errno_rc(errno);
	default:
		return -EIO;
	}
}

static const char *
advice(int rc)
{
	switch (rc) {
	case -EBUSY:
		return "is locked; end the other program that uses it";
	case -ENOSPC:
		return "cannot be written: the disk is full; make room";
	case -EROFS:
		return "cannot be written: it is read-only; check the owner "
		       "and the mount";
	case -EUCLEAN:
		return "is not a database, or is damaged; put a backup in its "
		       "place, or move it away and start again";
	default:
		return "cannot be read or written; check the disk";
	}
}

int
sql_explain(struct diag *d, int rc, const char *path)
{
	return diag_set(d, rc, "%s %s", path, advice(rc));
}

int
sql_run(sqlite3_stmt *st)
{
	int rc;

	errno = 0;
	rc = sqlite3_step(st);
	ASSERT(rc != SQLITE_ROW);
	rc = sql_rc(rc);
	(void)sqlite3_reset(st); /* repeats the error step() gave */
	return rc;
}

int
sql_next(sqlite3_stmt *st)
{
	int rc;

	errno = 0;
	rc = sqlite3_step(st);
	return rc == SQLITE_ROW ? 1 : sql_rc(rc);
}

void
sql_end(sqlite3_stmt *st)
{
	(void)sqlite3_reset(st);
}

int
sql_int(sqlite3_stmt *st, int64_t *ret_value)
{
	int rc = sql_next(st);

	if (rc >= 0)
		*ret_value = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
	sql_end(st);
	return rc < 0 ? rc : 0;
}

void
sql_bind_sv(sqlite3_stmt *st, int at, struct sv v)
{
	ASSERT(v.n <= SQL_FIELD_MAX);
	ASSERT(sqlite3_bind_text(st, at, v.n > 0 ? v.p : "", (int)v.n,
		   SQLITE_STATIC) == SQLITE_OK);
}

void
sql_bind_opt(sqlite3_stmt *st, int at, struct sv v)
{
	if (v.n > 0)
		sql_bind_sv(st, at, v);
	else
		ASSERT(sqlite3_bind_null(st, at) == SQLITE_OK);
}

void
sql_bind_int(sqlite3_stmt *st, int at, int64_t v)
{
	ASSERT(sqlite3_bind_int64(st, at, v) == SQLITE_OK);
}

void
sql_bind_blob(sqlite3_stmt *st, int at, const void *p, size_t n)
{
	ASSERT(n <= SQL_FIELD_MAX);
	/* a NULL pointer binds NULL */
	ASSERT(
	    sqlite3_bind_blob(st, at, p, (int)n, SQLITE_STATIC) == SQLITE_OK);
}

struct sv
sql_column_sv(sqlite3_stmt *st, int at)
{
	/* text before bytes: the order SQLite asks for */
	const char *p = (const char *)sqlite3_column_text(st, at);

	return (struct sv){ p, (size_t)sqlite3_column_bytes(st, at) };
}

struct sv
sql_column_blob(sqlite3_stmt *st, int at)
{
	const char *p = sqlite3_column_blob(st, at);

	return (struct sv){ p, (size_t)sqlite3_column_bytes(st, at) };
}

int
sql_prepare(sqlite3 *sq, const char *const *sql, size_t count,
    sqlite3_stmt **ret_stmts, struct diag *reterr_diag)
{
	size_t i;
	int rc;

	for (i = 0; i < count; i++) {
		rc = sqlite3_prepare_v3(sq, sql[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &ret_stmts[i], NULL);
		if (rc == SQLITE_ERROR)
			return diag_set(reterr_diag, -EUCLEAN,
			    "%s has not the tables it should have (%s); put a "
			    "backup in its place",
			    sqlite3_db_filename(sq, "main"),
			    sqlite3_errmsg(sq));
		if (rc != SQLITE_OK)
			return sql_explain(reterr_diag, sql_rc(rc),
			    sqlite3_db_filename(sq, "main"));
	}
	return 0;
}

static int
query_int(sqlite3 *sq, const char *sql, int64_t *ret_value)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_rc(sqlite3_prepare_v2(sq, sql, -1, &st, NULL));

	if (rc == 0)
		rc = sql_int(st, ret_value);
	(void)sqlite3_finalize(st);
	return rc;
}

int
sql_exec(sqlite3 *sq, const char *sql)
{
	errno = 0;
	return sql_rc(sqlite3_exec(sq, sql, NULL, NULL, NULL));
}

/* The migration and its number, unless another program was faster. */
static int
migrate_locked(sqlite3 *sq, const struct schema *schema, int version)
{
	char mark[96];
	int64_t now = 0;
	int rc = query_int(sq, "PRAGMA user_version", &now);

	if (rc < 0 || now >= version)
		return rc;
	(void)snprintf(mark, sizeof(mark),
	    "PRAGMA application_id=%d; PRAGMA user_version=%d",
	    (int)schema->app_id, version);
	rc = sql_exec(sq, schema->sql[version - 1]);
	return rc < 0 ? rc : sql_exec(sq, mark);
}

/* One migration, all or nothing. */
static int
migrate_one(sqlite3 *sq, const struct schema *schema, int version)
{
	int rc = sql_exec(sq, "BEGIN IMMEDIATE");

	if (rc < 0)
		return rc;
	rc = migrate_locked(sq, schema, version);
	if (rc == 0)
		rc = sql_exec(sq, "COMMIT");
	if (rc < 0 && !sqlite3_get_autocommit(sq))
		(void)!sql_exec(sq, "ROLLBACK");
	return rc;
}

/*
 * Whose file is it, and how old?
 *
 * ret_version  0 for a file that is still empty
 */
static int
schema_version(sqlite3 *sq, const struct schema *schema, const char *path,
    int64_t *ret_version, struct diag *reterr_diag)
{
	int64_t app_id = 0, version = 0, objects = 0;
	int rc = query_int(sq, "PRAGMA application_id", &app_id);

	if (rc == 0)
		rc = query_int(sq, "PRAGMA user_version", &version);
	if (rc == 0)
		rc = query_int(
		    sq, "SELECT count(*) FROM sqlite_schema", &objects);
	if (rc < 0)
		return sql_explain(reterr_diag, rc, path);
	if (app_id != schema->app_id && (app_id | version | objects) != 0)
		return diag_set(reterr_diag, -EUCLEAN,
		    "%s belongs to another program; move it away and start "
		    "again",
		    path);
	if (version > schema->version)
		return diag_set(reterr_diag, -EPROTO,
		    "%s was made by a newer version (schema %d, this program "
		    "knows %d); install that version",
		    path, (int)version, (int)schema->version);
	*ret_version = version;
	return 0;
}

static int
migrate(sqlite3 *sq, const struct schema *schema, const char *path, bool write,
    struct diag *reterr_diag)
{
	int64_t version = 0;
	int rc = schema_version(sq, schema, path, &version, reterr_diag);

	if (rc < 0 || version == schema->version)
		return rc;
	if (!write)
		return diag_set(reterr_diag, -EPROTO,
		    "%s was made by an older version; start safard once to "
		    "bring it up to date",
		    path);
	while (rc == 0 && version < schema->version)
		rc = migrate_one(sq, schema, (int)++version);
	if (rc < 0)
		return sql_explain(reterr_diag, rc, path);
	return 0;
}

/* Make the file and its name durable; the WAL takes its mode from it. */
static int
create(const char *dir, const char *path, struct diag *reterr_diag)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600),
	    dir_fd, rc;

	if (fd < 0)
		return sql_explain(reterr_diag,
		    errno == EACCES ? -EROFS : errno_rc(errno), path);
	(void)close(fd);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = dir_fd < 0 || fsync(dir_fd) < 0 ? errno_rc(errno) : 0;
	if (dir_fd >= 0)
		(void)close(dir_fd);
	return rc < 0 ? sql_explain(reterr_diag, rc, dir) : 0;
}

static int
find(const char *dir, const char *path, bool write, struct diag *reterr_diag)
{
	if (access(dir, F_OK) < 0)
		return diag_set(reterr_diag, -ENOENT,
		    "there is no folder %s; make it with: safarctl init %s",
		    dir, dir);
	if (access(path, F_OK) == 0)
		return 0;
	if (write)
		return create(dir, path, reterr_diag);
	return diag_set(reterr_diag, -ENOENT,
	    "there is no %s; make it with: safarctl init %s", path, dir);
}

static int
setup(sqlite3 *sq, bool write, int busy_ms)
{
	int rc;

	(void)sqlite3_extended_result_codes(sq, 1);
	(void)sqlite3_busy_timeout(sq, busy_ms);
	/* secure_delete: what is erased is overwritten */
	rc = sql_exec(sq,
	    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
	    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;" SQL_CACHE
	    "PRAGMA journal_size_limit=-1;"
	    "PRAGMA trusted_schema=OFF");
	if (rc == 0 && write)
		rc = sql_exec(sq, "PRAGMA journal_mode=WAL");
	return rc;
}

/* vfs: NULL for SQLite's own */
static int
connect(const char *path, bool write, const char *vfs, int busy_ms,
    sqlite3 **ret_sq, struct diag *reterr_diag)
{
	int flags = write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, rc;
	sqlite3 *sq = NULL;

	/* one thread, and nobody asks how much memory it takes; refused once a
	 * store is open, which is right */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	errno = 0;
	rc = sqlite3_open_v2(path, &sq, flags | SQLITE_OPEN_NOMUTEX, vfs);
	ASSERT(sq != NULL);
	rc = sql_rc(rc);
	if (rc == 0)
		rc = setup(sq, write, busy_ms);
	if (rc == 0) {
		*ret_sq = sq;
		return 0;
	}
	rc = sql_explain(reterr_diag, rc, path);
	(void)sqlite3_close(sq);
	return rc;
}

static int
path_of(const char *dir, const char *file, char ret_path[PATH_MAX],
    struct diag *reterr_diag)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/%s", dir, file);

	if (n < 0 || n >= PATH_MAX)
		return diag_set(
		    reterr_diag, -ENOENT, "the folder's name is too long");
	return 0;
}

int
sql_look(const char *dir, const struct schema *schema, int busy_ms,
    sqlite3 **ret_sq, int64_t *ret_version, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	sqlite3 *sq = NULL;
	int rc = path_of(dir, schema->file, path, reterr_diag);

	if (rc == 0)
		rc = find(dir, path, false, reterr_diag);
	if (rc == 0)
		rc = connect(path, false, NULL, busy_ms, &sq, reterr_diag);
	if (rc < 0)
		return rc;
	rc = schema_version(sq, schema, path, ret_version, reterr_diag);
	if (rc < 0)
		(void)sqlite3_close(sq);
	else
		*ret_sq = sq;
	return rc;
}

int
sql_open(const char *dir, const struct schema *schema, bool write, int busy_ms,
    sqlite3 **ret_sq, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	sqlite3 *sq = NULL;
	/* only where one program writes: directory.db has two */
	bool alone = write && schema == &schema_hotline;
	int rc = path_of(dir, schema->file, path, reterr_diag);

	if (rc == 0)
		rc = find(dir, path, write, reterr_diag);
	if (rc == 0)
		rc = connect(path, write, alone ? vfs_name() : NULL, busy_ms,
		    &sq, reterr_diag);
	if (rc < 0)
		return rc;
	rc = migrate(sq, schema, path, write, reterr_diag);
	if (rc < 0)
		(void)sqlite3_close(sq);
	else
		*ret_sq = sq;
	return rc;
}
