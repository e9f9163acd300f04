/* db.c - hotline.db: opening, rounds, turns, small values, health. */
#include "db/db.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/hotline.h"

enum {
	BUSY_MS = 100, /* only a checkpoint can meet a lock of a reader */
	PAGE = 4096,
	FRAME = PAGE + 24,  /* https://sqlite.org/fileformat2.html 4.1 */
	CHUNK = 256 * 1024, /* zeros written at a time */
};

#define INBOX_COLUMNS                                                          \
	"id, at_ms, gateway, ref, person, epoch, s_node, s_menu, s_topic,"     \
	" s_place, s_choices, s_lang, s_chosen, s_stopped, s_page"
#define LOG_COLUMNS                                                            \
	"id, hour, epoch, person, gateway, country, channel, lang, topic,"     \
	" place, node, listings, outcome, edition, parts"
#define OUT_COLUMNS                                                            \
	"id, turn_id, at_ms, next_ms, expires_ms, gateway, person, sealed,"    \
	" parts, tries, state"
/* The sweep looks only at the oldest rows: in order of id is in order of time,
 * and no index is needed. */
#define SWEEP_ROWS "256"
#define SWEEP(table, column, more)                                             \
	"DELETE FROM " table                                                   \
	" WHERE id IN (SELECT id FROM (SELECT * FROM " table                   \
	" ORDER BY id LIMIT " SWEEP_ROWS ") WHERE " column " < ?1" more ")"

static const char *const stmt_sql[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_SAVE] = "SAVEPOINT turn",
	[STMT_RELEASE] = "RELEASE turn",
	[STMT_BACK] = "ROLLBACK TO turn",
	[STMT_META_GET] = "SELECT value FROM meta WHERE key = ?1",
	[STMT_META_SET] = "INSERT INTO meta (key, value) VALUES (?1, ?2)"
			  " ON CONFLICT (key) DO UPDATE SET value = ?2",
	[STMT_LAST_TURN] =
	    "SELECT max(coalesce((SELECT max(id) FROM inbox), 0),"
	    " coalesce((SELECT max(id) FROM log), 0),"
	    " coalesce((SELECT CAST(value AS INTEGER) - 1"
	    " FROM meta WHERE key = 'next_turn'), 0))",
	[STMT_LAST_OUT] =
	    "SELECT max(coalesce((SELECT max(id) FROM outbox), 0),"
	    " coalesce((SELECT CAST(value AS INTEGER) - 1"
	    " FROM meta WHERE key = 'next_out'), 0))",
	[STMT_INBOX_PUT] = "INSERT INTO inbox (" INBOX_COLUMNS
			   ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
			   " ?10, ?11, ?12, ?13, ?14, ?15)",
	[STMT_INBOX_EACH] =
	    "SELECT " INBOX_COLUMNS " FROM inbox WHERE at_ms >= ?1 ORDER BY id",
	[STMT_INBOX_CUT] = "DELETE FROM inbox WHERE id >= ?1",
	[STMT_INBOX_FORGET] = "DELETE FROM inbox WHERE person = ?1",
	[STMT_INBOX_SWEEP] = SWEEP("inbox", "at_ms", ""),
	[STMT_LOG_PUT] = "INSERT INTO log (" LOG_COLUMNS
			 ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
			 " ?10, ?11, ?12, ?13, ?14, ?15)",
	[STMT_LOG_EACH] = "SELECT " LOG_COLUMNS " FROM log WHERE hour >= ?1"
			  " AND (?2 = '' OR country = ?2)"
			  " AND (?3 = '' OR lang = ?3)"
			  " AND (?4 = '' OR topic = ?4)"
			  " AND (?5 = '' OR place = ?5)"
			  " AND (?6 = '' OR outcome = ?6)"
			  " ORDER BY id DESC LIMIT ?7",
	[STMT_LOG_CUT] = "DELETE FROM log WHERE id >= ?1",
	[STMT_LOG_FORGET] = "UPDATE log SET person = NULL"
			    " WHERE person = ?1 AND epoch >= ?2",
	[STMT_LOG_SWEEP] = SWEEP("log", "hour", ""),
	[STMT_OUT_PUT] = "INSERT INTO outbox (" OUT_COLUMNS
			 ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
			 " ?10, ?11)",
	[STMT_OUT_SET] = "UPDATE outbox SET state = ?2, tries = ?3,"
			 " next_ms = ?4 WHERE id = ?1",
	[STMT_OUT_ZERO] = "UPDATE outbox SET sealed ="
			  " zeroblob(length(sealed)), person ="
			  " zeroblob(length(person)) WHERE id = ?1",
	[STMT_OUT_WIPE] = "UPDATE outbox SET state = ?2, tries = ?3,"
			  " next_ms = ?4, sealed = NULL, person = NULL"
			  " WHERE id = ?1",
	[STMT_OUT_EACH] =
	    "SELECT " OUT_COLUMNS " FROM outbox WHERE state <= 1 ORDER BY id",
	[STMT_OUT_CUT] = "DELETE FROM outbox WHERE id >= ?1",
	[STMT_OUT_ZERO_PERSON] = "UPDATE outbox SET sealed ="
				 " zeroblob(length(sealed)) WHERE person = ?1",
	[STMT_OUT_FORGET] = "DELETE FROM outbox WHERE person = ?1",
	[STMT_OUT_SWEEP] = SWEEP("outbox", "at_ms", " AND state >= 2"),
	[STMT_COUNT_LOG] = "SELECT count(*) FROM log",
	[STMT_COUNT_INBOX] = "SELECT count(*) FROM inbox",
	[STMT_COUNT_OUT] = "SELECT state, count(*) FROM outbox GROUP BY state",
};

int
db_run(struct db *db, enum stmt which)
{
	int rc;

	if (db->round_rc < 0)
		return db->round_rc;
	rc = sql_run(db->stmts[which]);
	if (rc < 0 && db->round && sqlite3_get_autocommit(db->sq))
		db->round_rc = rc;
	return rc;
}

/* Rounds. */

int
db_begin(struct db *db)
{
	int rc;

	ASSERT(!db->round);
	rc = db_run(db, STMT_BEGIN);
	if (rc == 0)
		db->round = true;
	return rc;
}

static void
rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->sq))
		(void)!sql_run(db->stmts[STMT_ROLLBACK]);
}

int
db_commit(struct db *db)
{
	int rc;

	ASSERT(db->round && !db->turn);
	rc = db_run(db, STMT_COMMIT);
	if (rc < 0)
		rollback(db);
	db->round = false;
	db->round_rc = 0;
	return rc;
}

int
db_enter(struct db *db, bool *ret_own)
{
	int rc;

	if (db->round) {
		*ret_own = false;
		return db_change(db);
	}
	rc = db_begin(db);
	if (rc == 0)
		*ret_own = true;
	return rc;
}

int
db_leave(struct db *db, bool own, int rc)
{
	if (!own)
		return rc;
	if (rc == 0)
		return db_commit(db);
	rollback(db);
	db->round = false;
	db->round_rc = 0;
	return rc;
}

/* Turns. */

int
db_turn_begin(struct db *db)
{
	ASSERT(db->round && !db->turn);
	if (db->round_rc < 0)
		return db->round_rc;
	db->turn = true;
	db->saved = false;
	db->turn_mark = db->next_turn;
	db->out_mark = db->next_out;
	return 0;
}

int
db_change(struct db *db)
{
	int rc;

	if (!db->turn || db->saved)
		return db->round_rc;
	rc = db_run(db, STMT_SAVE);
	if (rc == 0)
		db->saved = true;
	return rc;
}

int
db_turn_end(struct db *db)
{
	int rc;

	ASSERT(db->turn);
	rc = db->saved ? db_run(db, STMT_RELEASE) : db->round_rc;
	if (rc == 0)
		db->turn = false;
	return rc;
}

int
db_cut(struct db *db, enum stmt which, int64_t from_id)
{
	sql_bind_int(db->stmts[which], 1, from_id);
	return db_run(db, which);
}

/* Rows put before the savepoint are still there after going back to it. */
static int
undo(struct db *db)
{
	int rc = 0;

	if (db->saved) {
		rc = db_run(db, STMT_BACK);
		if (rc == 0)
			rc = db_run(db, STMT_RELEASE);
	}
	if (rc == 0 && db->next_turn > db->turn_mark) {
		rc = db_cut(db, STMT_INBOX_CUT, db->turn_mark);
		if (rc == 0)
			rc = db_cut(db, STMT_LOG_CUT, db->turn_mark);
	}
	if (rc == 0 && db->next_out > db->out_mark)
		rc = db_cut(db, STMT_OUT_CUT, db->out_mark);
	return rc;
}

void
db_turn_undo(struct db *db)
{
	int rc;

	ASSERT(db->turn);
	rc = undo(db);
	db->turn = false;
	if (rc == 0 || db->round_rc < 0)
		return;
	/* half a turn must not be committed with the others */
	rollback(db);
	db->round_rc = rc;
}

/* The WAL. */

int
db_checkpoint(struct db *db)
{
	errno = 0;
	return sql_rc(sqlite3_wal_checkpoint_v2(
	    db->sq, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
}

/* After each commit: a loop that is never idle must not fill the disk. */
static int
on_commit(void *arg, sqlite3 *sq, const char *name, int pages)
{
	struct db *db = arg;

	(void)sq, (void)name;
	if (pages >= db->wal_pages)
		(void)db_checkpoint(db); /* tried again at the next commit */
	return SQLITE_OK;
}

/*
 * Write zeros behind the WAL's end, once.  A commit then overwrites blocks it
 * has instead of asking for new ones, which nearly halves its fdatasync; blocks
 * that are merely reserved (fallocate) gain nothing.  Zeros end the WAL for
 * whoever reads it.  SQLite holds no lock on this file, so opening and closing
 * it here loses none.
 */
static int
wal_write(int fd, int64_t at, int64_t end)
{
	static const char zeros[CHUNK];
	ssize_t n;

	while (at < end) {
		n = pwrite(fd, zeros,
		    end - at < CHUNK ? (size_t)(end - at) : CHUNK, at);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			at += n;
	}
	return fdatasync(fd) < 0 ? -errno : 0;
}

static void
wal_grow(const char *path, int64_t bytes)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	/* a disk too full for this may still have room for the turns */
	if (fstat(fd, &st) == 0 && st.st_size < bytes &&
	    wal_write(fd, st.st_size, bytes) < 0)
		(void)!ftruncate(fd, st.st_size);
	(void)close(fd);
}

static const char *
wal_path(struct db *db)
{
	return sqlite3_filename_wal(sqlite3_db_filename(db->sq, "main"));
}

static void
wal_open(struct db *db, int64_t bytes)
{
	db->wal_pages = bytes / FRAME;
	(void)sqlite3_wal_hook(db->sq, on_commit, db);
	/* what a crash left goes into the file, old pages out of the WAL; a
	 * reader may be in the way, then the WAL stays as it is */
	(void)sqlite3_wal_checkpoint_v2(
	    db->sq, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	wal_grow(wal_path(db), bytes);
}

/* Opening. */

static int
lock(const char *dir, int *ret_fd, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	int fd, n, err;

	n = snprintf(path, sizeof(path), "%s/safard.lock", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return diag_set(
		    reterr_diag, -ENOENT, "the folder's name is too long");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	err = errno;
	if (fd < 0 && err == ENOENT)
		return diag_set(reterr_diag, -ENOENT,
		    "there is no folder %s; make it with: safarctl init %s",
		    dir, dir);
	if (fd < 0)
		return diag_set(reterr_diag,
		    err == EROFS || err == EACCES ? -EROFS :
		    err == ENOSPC		  ? -ENOSPC :
						    -EIO,
		    "%s cannot be made: %s", path, strerror(err));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return 0;
	}
	(void)close(fd);
	return diag_set(reterr_diag, -EEXIST,
	    "another safard works on %s; stop it first", dir);
}

static int
ids_read(struct db *db)
{
	int64_t turn = 0, out = 0;
	int rc = sql_int(db->stmts[STMT_LAST_TURN], &turn);

	if (rc == 0)
		rc = sql_int(db->stmts[STMT_LAST_OUT], &out);
	db->next_turn = turn + 1;
	db->next_out = out + 1;
	return rc;
}

int
db_ids_keep(struct db *db)
{
	char turn[24], out[24];
	int rc;

	(void)snprintf(turn, sizeof(turn), "%lld", (long long)db->next_turn);
	(void)snprintf(out, sizeof(out), "%lld", (long long)db->next_out);
	rc = db_meta_set(db, "next_turn", sv_of(turn));
	return rc < 0 ? rc : db_meta_set(db, "next_out", sv_of(out));
}

static int
db_setup(struct db *db, const char *dir, bool write, struct diag *reterr_diag)
{
	int rc;

	if (write) {
		rc = lock(dir, &db->lock_fd, reterr_diag);
		if (rc < 0)
			return rc;
	}
	rc = sql_open(
	    dir, &schema_hotline, write, BUSY_MS, &db->sq, reterr_diag);
	if (rc == 0)
		rc = sql_prepare(
		    db->sq, stmt_sql, STMT_COUNT, db->stmts, reterr_diag);
	if (rc < 0)
		return rc;
	rc = ids_read(db);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "%s/hotline.db cannot be read; check the disk", dir);
	return 0;
}

static int
open_as(
    const char *dir, bool write, struct db **ret_db, struct diag *reterr_diag)
{
	struct db *db = calloc(1, sizeof(*db));
	int rc;

	ASSERT(db != NULL);
	db->lock_fd = -1;
	rc = db_setup(db, dir, write, reterr_diag);
	if (rc < 0)
		db_close(&db);
	else
		*ret_db = db;
	return rc;
}

int
db_open_sized(const char *dir, int64_t wal_bytes, struct db **ret_db,
    struct diag *reterr_diag)
{
	int rc = open_as(dir, true, ret_db, reterr_diag);

	if (rc == 0)
		wal_open(*ret_db, wal_bytes);
	return rc;
}

int
db_open(const char *dir, struct db **ret_db, struct diag *reterr_diag)
{
	return db_open_sized(dir, DB_WAL_BYTES, ret_db, reterr_diag);
}

int
db_open_reader(const char *dir, struct db **ret_db, struct diag *reterr_diag)
{
	return open_as(dir, false, ret_db, reterr_diag);
}

void
db_close(struct db **dbp)
{
	struct db *db = *dbp;
	size_t i;

	if (db == NULL)
		return;
	for (i = 0; i < STMT_COUNT; i++)
		(void)sqlite3_finalize(db->stmts[i]);
	(void)sqlite3_close(db->sq);
	if (db->lock_fd >= 0)
		(void)close(db->lock_fd); /* which unlocks */
	free(db);
	*dbp = NULL;
}

/* Small values and health. */

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

static int
count_out(struct db *db, struct db_counts *c)
{
	sqlite3_stmt *st = db->stmts[STMT_COUNT_OUT];
	int64_t *const by_state[] = {
		[OUT_QUEUED] = &c->queued,
		[OUT_SENT] = &c->sent,
		[OUT_DELIVERED] = &c->delivered,
		[OUT_FAILED] = &c->failed,
		[OUT_EXPIRED] = &c->expired,
	};
	int rc, state;

	while ((rc = sql_next(st)) == 1) {
		state = sqlite3_column_int(st, 0);
		if (state >= 0 && state < (int)ARRAY_LEN(by_state))
			*by_state[state] = sqlite3_column_int64(st, 1);
	}
	sql_end(st);
	return rc;
}

int
db_counts(struct db *db, struct db_counts *ret_counts)
{
	struct db_counts c = { 0 };
	int rc = sql_int(db->stmts[STMT_COUNT_LOG], &c.log);

	if (rc == 0)
		rc = sql_int(db->stmts[STMT_COUNT_INBOX], &c.inbox);
	if (rc == 0)
		rc = count_out(db, &c);
	if (rc < 0)
		return rc;
	c.size_bytes = file_size(sqlite3_db_filename(db->sq, "main"));
	c.wal_bytes = file_size(wal_path(db));
	*ret_counts = c;
	return 0;
}

int
db_verify(struct db *db, struct diag *reterr_diag)
{
	sqlite3_stmt *st = NULL;
	struct sv found;
	int rc = sql_rc(sqlite3_prepare_v2(
	    db->sq, "PRAGMA integrity_check(1)", -1, &st, NULL));

	if (rc == 0)
		rc = sql_next(st);
	if (rc == 1) {
		found = sql_column_sv(st, 0);
		rc = sv_eq(found, SV("ok")) ?
			 0 :
			 diag_set(reterr_diag, -EUCLEAN,
			     "hotline.db is damaged (" SV_FMT "); put a backup "
			     "in its place",
			     SV_ARG(found));
	} else if (rc < 0) {
		rc = diag_set(reterr_diag, rc,
		    "hotline.db cannot be read; check the disk or put a "
		    "backup in its place");
	}
	(void)sqlite3_finalize(st);
	return rc;
}
