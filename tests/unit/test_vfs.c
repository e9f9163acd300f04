/* test_vfs.c - gathered writes and reads ahead are what plain ones would be. */
#include "db/vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/tap.h"

enum { SIZE = 1 << 20, STEPS = 20000, PIECE = 6000 };

static char model[SIZE]; /* what the file should hold */
static long model_n;

static unsigned
random_below(unsigned n)
{
	static uint32_t state = 7;

	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

static sqlite3_file *
file_open(const char *path, int kind)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name());
	sqlite3_file *f = calloc(1, (size_t)vfs->szOsFile);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), flags = 0;

	ASSERT(f != NULL && fd >= 0 && close(fd) == 0);
	ASSERT(vfs->xOpen(vfs, path, f, SQLITE_OPEN_READWRITE | kind, &flags) ==
	       SQLITE_OK);
	return f;
}

static void
file_close(sqlite3_file *f)
{
	EQ(f->pMethods->xClose(f), SQLITE_OK, "closes");
	free(f);
}

/* Most go on where the one before ended, as SQLite's do. */
static long
place_next(long last)
{
	return random_below(4) > 0 && last < SIZE - PIECE ?
		   last :
		   (long)random_below(SIZE - PIECE);
}

static bool
write_some(sqlite3_file *f, long *at)
{
	char piece[PIECE] = { 0 };
	int i, n = 1 + (int)random_below(PIECE - 1);

	*at = place_next(*at);
	for (i = 0; i < n; i++)
		piece[i] = (char)random_below(256);
	memcpy(model + *at, piece, (size_t)n);
	if (model_n < *at + n)
		model_n = *at + n;
	*at += n;
	return f->pMethods->xWrite(f, piece, n, *at - n) == SQLITE_OK;
}

static bool
read_some(sqlite3_file *f, long *at)
{
	char piece[PIECE];
	int n = 1 + (int)random_below(PIECE - 1), rc;
	bool whole;

	*at = place_next(*at);
	whole = *at + n <= model_n;
	rc = f->pMethods->xRead(f, piece, n, *at);
	*at += n;
	/* beyond the end there are zeros, and SQLite is told */
	return memcmp(piece, model + *at - n, (size_t)n) == 0 &&
	       rc == (whole ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
}

static bool
cut_some(sqlite3_file *f)
{
	if (model_n == 0)
		return true;
	model_n = (long)random_below((unsigned)model_n);
	memset(model + model_n, 0, (size_t)(SIZE - model_n));
	return f->pMethods->xTruncate(f, model_n) == SQLITE_OK;
}

/* After a sync others see all of it. */
static bool
is_on_disk(sqlite3_file *f, const char *path)
{
	static char bytes[SIZE];
	sqlite3_int64 size = -1;
	bool same = f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) == SQLITE_OK;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ASSERT(fd >= 0);
	same = same && read(fd, bytes, SIZE) == model_n &&
	       memcmp(bytes, model, (size_t)model_n) == 0;
	(void)close(fd);
	return same && f->pMethods->xFileSize(f, &size) == SQLITE_OK &&
	       size == model_n;
}

static void
test_random(const struct folder *folder, int kind, const char *name)
{
	char path[512] = { 0 };
	sqlite3_file *f;
	long written = 0, looked = 0, bad = 0, i;

	(void)snprintf(path, sizeof(path) - 8, "%s/%s", folder->path, name);
	memset(model, 0, sizeof(model));
	model_n = 0;
	f = file_open(path, kind);
	for (i = 0; i < STEPS; i++) {
		if (random_below(3) == 0)
			bad += !read_some(f, &looked);
		else
			bad += !write_some(f, &written);
		if (random_below(500) == 0)
			bad += !cut_some(f);
		if (random_below(200) == 0)
			bad += !is_on_disk(f, path);
	}
	EQ(bad, 0, name);
	file_close(f);
	f = file_open(path, kind);
	OK(is_on_disk(f, path), "and all of it is there");
	file_close(f);
}

static void
test_held_back(const struct folder *folder)
{
	char path[512] = { 0 };
	sqlite3_file *f;

	(void)snprintf(path, sizeof(path) - 8, "%s/held", folder->path);
	f = file_open(path, SQLITE_OPEN_WAL);
	EQ(f->pMethods->xWrite(f, "abc", 3, 0), SQLITE_OK, "write");
	EQ(f->pMethods->xWrite(f, "SECRET", 6, 3), SQLITE_OK, "and more");
	EQ(folder_find(folder, "held", "SECRET"), 0, "it is held back");
	EQ(f->pMethods->xSync(f, SQLITE_SYNC_NORMAL), SQLITE_OK,
	    "until a sync");
	EQ(folder_find(folder, "held", "abcSECRET"), 1, "then it is there");
	file_close(f);
}

static sqlite3 *
store_open(const char *path)
{
	sqlite3 *sq = NULL;

	ASSERT(sqlite3_open_v2(path, &sq,
		   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		   vfs_name()) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq,
		   "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		   "PRAGMA cache_size = 0",
		   NULL, NULL, NULL) == SQLITE_OK);
	return sq;
}

/* A hundred rows. */
static void
table_make(sqlite3 *sq)
{
	ASSERT(sqlite3_exec(sq,
		   "CREATE TABLE t (v); INSERT INTO t WITH RECURSIVE"
		   " n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		   " WHERE i < 100) SELECT '' FROM n",
		   NULL, NULL, NULL) == SQLITE_OK);
}

/* Of ten rows those that have not this letter all through. */
static int
others_than(sqlite3 *sq, char letter, int from)
{
	char sql[160];
	sqlite3_stmt *st = NULL;
	int n = -1;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM t WHERE v <> replace(hex(zeroblob(2000)),"
	    " '0', '%c') AND rowid BETWEEN %d AND %d + 9",
	    letter, from, from);
	if (sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

/* Another connection begins the WAL again: what was read ahead is old. */
static void
test_wal_again(const struct folder *folder)
{
	char path[512] = { 0 }, sql[200];
	sqlite3 *one, *two;
	int bad = 0, i;
	char c;

	(void)snprintf(path, sizeof(path) - 8, "%s/again", folder->path);
	one = store_open(path);
	table_make(one);
	two = store_open(path);
	for (i = 0; i < 26; i++) {
		c = "abcdefghijklmnopqrstuvwxyz"[i];
		(void)snprintf(sql, sizeof(sql),
		    "PRAGMA wal_checkpoint(RESTART); UPDATE t SET v ="
		    " replace(hex(zeroblob(2000)), '0', '%c')",
		    c);
		bad += sqlite3_exec(two, sql, NULL, NULL, NULL) != SQLITE_OK;
		bad += others_than(one, c, 31 + (int)random_below(40)) != 0;
	}
	EQ(bad, 0, "no old pages are read");
	(void)sqlite3_close(one);
	(void)sqlite3_close(two);
}

static void
all_become(sqlite3 *sq, char letter, const char *then)
{
	char sql[200];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE t SET v = replace(hex(zeroblob(2000)), '0', '%c'); %s",
	    letter, then);
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3 *
other_open(const char *path)
{
	sqlite3 *sq = NULL;

	ASSERT(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, "unix") ==
	       SQLITE_OK);
	return sq;
}

/* A checkpoint that a reader holds up syncs nothing, and yet counts its pages
 * as written: another program must find them in the file. */
static void
test_cut_short(const struct folder *folder)
{
	char path[512] = { 0 };
	sqlite3 *sq, *holds, *looks;

	(void)snprintf(path, sizeof(path) - 8, "%s/short", folder->path);
	sq = store_open(path);
	table_make(sq);
	all_become(sq, 'a', "PRAGMA wal_checkpoint(RESTART)");
	all_become(sq, 'b', "");
	holds = other_open(path);
	ASSERT(sqlite3_exec(holds, "BEGIN", NULL, NULL, NULL) == SQLITE_OK);
	EQ(others_than(holds, 'b', 91), 0, "a reader stays");
	ASSERT(sqlite3_exec(sq,
		   "UPDATE t SET v = 'c' WHERE rowid = 1;"
		   "PRAGMA wal_checkpoint(PASSIVE)",
		   NULL, NULL, NULL) == SQLITE_OK);
	looks = other_open(path);
	EQ(others_than(looks, 'b', 91), 0, "who comes then reads what is");
	(void)sqlite3_close(looks);
	(void)sqlite3_close(holds);
	(void)sqlite3_close(sq);
}

int
main(void)
{
	struct folder f = folder_new();

	ASSERT(sqlite3_initialize() == SQLITE_OK);
	test_cut_short(&f);
	test_held_back(&f);
	test_wal_again(&f);
	test_random(&f, SQLITE_OPEN_WAL, "a WAL");
	test_random(&f, SQLITE_OPEN_MAIN_DB, "a database");
	folder_done(&f);
	return tap_done();
}
