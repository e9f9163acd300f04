/* wal.c - hotline.db's write-ahead log: grown once, moved on, erased. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "db/hotline.h"

enum {
	/* https://sqlite.org/fileformat2.html 4.1 */
	WAL_HEAD = 32,
	FRAME = 4096 + 24,
	CHUNK = 256 * 1024, /* zeros written at a time */
	STEP = 1000,	    /* pages: 2 to 10 ms of work */
	ERASE_MS = 60 * 1000,
};

const char *
db_wal_path(struct db *db)
{
	return sqlite3_filename_wal(sqlite3_db_filename(db->sq, "main"));
}

static int
zeros_write(int fd, int64_t at, int64_t end)
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

/*
 * Write zeros behind the WAL's end, once.  A commit then overwrites blocks it
 * has instead of asking for new ones, which nearly halves its fdatasync; blocks
 * that are merely reserved (fallocate) gain nothing.  Zeros end the WAL for
 * whoever reads it.  SQLite holds no lock on this file, so opening and closing
 * it here loses none.
 */
static void
grow(const char *path, int64_t bytes)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return;
	/* a disk too full for this may still have room for the turns */
	if (fstat(fd, &st) == 0 && st.st_size < bytes &&
	    zeros_write(fd, st.st_size, bytes) < 0)
		(void)!ftruncate(fd, st.st_size);
	(void)close(fd);
}

static int
checkpoint(struct db *db)
{
	errno = 0;
	return sql_rc(sqlite3_wal_checkpoint_v2(
	    db->sq, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
}

/* After each commit; pages is how many the WAL holds now: it grows until all
 * of it is in the file, and begins again with the next commit. */
static int
on_commit(void *arg, sqlite3 *sq, const char *name, int pages)
{
	struct db *db = arg;

	(void)sq, (void)name;
	db->wrote = true;
	if (pages < db->wal_now)
		db->wal_moved = 0;
	db->wal_now = pages;
	if (pages > db->wal_high)
		db->wal_high = pages;
	return SQLITE_OK;
}

bool
db_wal_is_long(const struct db *db)
{
	return db->wal_now - db->wal_moved >= STEP;
}

void
db_wal_open(struct db *db, int64_t bytes)
{
	(void)sqlite3_wal_hook(db->sq, on_commit, db);
	/* what a crash left goes into the file, old pages out of the WAL; a
	 * reader may be in the way, then the WAL stays as it is */
	(void)sqlite3_wal_checkpoint_v2(
	    db->sq, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	grow(db_wal_path(db), bytes);
}

/* Frames behind the last commit of a WAL that began again are nobody's: a
 * reader that still needed them would have kept it from beginning again. */
static int
erase_old(struct db *db)
{
	int fd = open(db_wal_path(db), O_RDWR | O_CLOEXEC | O_NOFOLLOW), rc;

	if (fd < 0)
		return -EIO;
	rc = zeros_write(fd, WAL_HEAD + db->wal_now * FRAME,
	    WAL_HEAD + db->wal_high * FRAME);
	(void)close(fd);
	if (rc == 0)
		db->wal_high = db->wal_now;
	return rc;
}

/*
 * Erased rows are still in the WAL's old pages.  Make the WAL begin again,
 * which takes a commit, and write zeros over the rest.
 */
static int
erase(struct db *db)
{
	int64_t before = db->wal_now;
	int rc = db_run(db, STMT_META_COUNT);

	if (rc < 0 || db->wal_now > before)
		return rc; /* a reader holds the old pages: next time */
	rc = erase_old(db);
	if (rc < 0)
		return rc;
	db->wal_wiped = db->wal_forgot = false;
	db->wal_erased_ms = clock_ms();
	return 0;
}

int
db_checkpoint(struct db *db)
{
	int rc;

	if (db->round)
		return -EBUSY;
	rc = checkpoint(db);
	db->wal_moved = db->wal_now; /* or tried: a reader may be in the way */
	if (rc < 0)
		return rc;
	if (db->wal_forgot ||
	    (db->wal_wiped && clock_ms() - db->wal_erased_ms >= ERASE_MS))
		return erase(db);
	return 0;
}
