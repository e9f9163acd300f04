/*
 * test_db_sync.c - a kernel that forgets what it could not write.
 *
 * After fsync() has failed, pages of the cache are called clean though the disk
 * never had them, and the next fsync() says that all is well.  Here each file
 * of hotline.db has a second one beside it that stands for the disk: it gets
 * the pages written since the last sync when a sync works, and never those of a
 * sync that failed, unless they are written again.  Then the power goes.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "db/db.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { WAL_BYTES = 256 * 1024, PAGE = 4096, PAGES = 4096, ROUNDS = 40 };

enum { BASE, WAL, FILES };

static struct {
	sqlite3_io_methods mine[FILES];
	const sqlite3_io_methods *real[FILES];
	const char *paths[FILES];
	char disks[FILES][512];
	bool dirty[FILES][PAGES];
	int (*open)(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
	    int flags, int *ret_flags);
	int syncs, fail_at; /* the one that fails, 0 none */
} disk;

static int
file_of(const sqlite3_file *file)
{
	return file->pMethods == &disk.mine[WAL] ? WAL : BASE;
}

static int
disk_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	int f = file_of(file), rc = disk.real[f]->xWrite(file, p, n, at);
	sqlite3_int64 page;

	for (page = at / PAGE; page <= (at + n - 1) / PAGE; page++) {
		ASSERT(page < PAGES);
		disk.dirty[f][page] = true;
	}
	return rc;
}

/* Copy what the cache has of a page to the disk. */
static void
page_reach(int f, int from, int to, off_t page)
{
	char bytes[PAGE];
	ssize_t n = pread(from, bytes, sizeof(bytes), page * PAGE);

	(void)f;
	ASSERT(n >= 0 && pwrite(to, bytes, (size_t)n, page * PAGE) == n);
}

static void
file_reach(int f, bool all)
{
	int from = open(disk.paths[f], O_RDONLY | O_CLOEXEC);
	int to = open(disk.disks[f], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	off_t size = lseek(from, 0, SEEK_END), page;

	ASSERT(from >= 0 && to >= 0);
	for (page = 0; page * PAGE < size; page++)
		if (all || disk.dirty[f][page])
			page_reach(f, from, to, page);
	(void)close(from);
	(void)close(to);
}

static int
disk_sync(sqlite3_file *file, int flags)
{
	int f = file_of(file);
	bool works = ++disk.syncs != disk.fail_at;

	(void)flags;
	if (works)
		file_reach(f, false);
	memset(disk.dirty[f], 0, sizeof(disk.dirty[f]));
	errno = EIO;
	return works ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int
disk_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
    int flags, int *ret_flags)
{
	int rc = disk.open(vfs, name, file, flags, ret_flags);
	int f = (flags & SQLITE_OPEN_WAL) != 0 ? WAL : BASE;

	if (rc != SQLITE_OK || file->pMethods == NULL ||
	    (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)) == 0)
		return rc;
	disk.real[f] = file->pMethods;
	disk.mine[f] = *file->pMethods;
	disk.mine[f].xWrite = disk_write;
	disk.mine[f].xSync = disk_sync;
	disk.paths[f] = name;
	(void)snprintf(disk.disks[f], sizeof(disk.disks[f]), "%s.disk", name);
	file->pMethods = &disk.mine[f];
	return SQLITE_OK;
}

static void
disk_install(void)
{
	static sqlite3_vfs vfs;

	vfs = *sqlite3_vfs_find(NULL);
	disk.open = vfs.xOpen;
	vfs.xOpen = disk_open;
	vfs.zName = "disk";
	vfs.pNext = NULL;
	ASSERT(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

/* The power goes: only what the disks have is left. */
static void
power_cut(const struct folder *f, struct folder *ret_after)
{
	static const char *const names[] = { "hotline.db", "hotline.db-wal" };
	size_t i;

	*ret_after = folder_new();
	for (i = 0; i < ARRAY_LEN(names); i++) {
		char from[512], to[512];

		(void)snprintf(
		    from, sizeof(from), "%s/%s.disk", f->path, names[i]);
		(void)snprintf(
		    to, sizeof(to), "%s/%s", ret_after->path, names[i]);
		ASSERT(rename(from, to) == 0);
	}
}

static int
round_of(struct db *db, int turns)
{
	static char bytes[300];
	struct db_turn t = { .at_ms = 1767323045678, .gateway = SV("loop") };
	struct db_out o = { .sealed = { bytes, sizeof(bytes) } };
	int64_t id;
	int rc = db_begin(db);

	if (rc < 0)
		return rc;
	while (rc == 0 && turns-- > 0) {
		rc = db_turn_put(db, &t, &id);
		if (rc == 0)
			rc = db_out_put(db, &o, &id);
	}
	return rc == 0 ? db_commit(db) : rc;
}

/* Rounds of many sizes and checkpoints.  Returns the rows acknowledged. */
static int64_t
work(struct db *db, int *ret_failed)
{
	int64_t rows = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		int turns = 1 + i * 7 % 40;

		if (round_of(db, turns) == 0)
			rows += turns;
		else
			++*ret_failed;
		if (i % 5 == 4 && db_checkpoint(db) < 0)
			++*ret_failed;
	}
	return rows;
}

/* With the sync of this number failing; false when there are not so many. */
static bool
play(int fail_at, int64_t *ret_lost)
{
	struct folder f = folder_new(), after;
	struct db *db = NULL;
	struct diag diag = { "" };
	struct db_counts c = { 0 };
	int64_t rows;
	int failed = 0;

	disk.fail_at = 0;
	if (db_open_sized(f.path, WAL_BYTES, &db, &diag) < 0)
		printf("# %s\n", diag.text);
	ASSERT(db != NULL);
	file_reach(BASE, true);
	file_reach(WAL, true);
	memset(disk.dirty, 0, sizeof(disk.dirty));
	disk.syncs = 0;
	disk.fail_at = fail_at;
	rows = work(db, &failed);
	disk.fail_at = 0;
	power_cut(&f, &after);
	db_close(&db);
	if (db_open_sized(after.path, WAL_BYTES, &db, &diag) < 0)
		printf("# sync %d: %s\n", fail_at, diag.text);
	ASSERT(db != NULL && db_counts(db, &c) == 0);
	*ret_lost = rows - c.log;
	db_close(&db);
	folder_done(&f);
	folder_done(&after);
	ASSERT(fail_at == 0 || failed <= 1);
	return failed > 0;
}

int
main(void)
{
	int64_t lost = -1, bad = 0;
	int at;

	disk_install();
	(void)play(0, &lost);
	EQ(lost, 0, "the power goes: what was acknowledged is there");
	for (at = 1; at < 1000 && play(at, &lost); at++)
		bad += lost != 0;
	printf("# %d syncs failed, one a run\n", at - 1);
	OK(at > ROUNDS, "each sync of a commit and of a checkpoint fails once");
	EQ(bad, 0, "and nothing that was acknowledged is ever lost");
	return tap_done();
}
