/* test_db_faults.c - hotline.db when the disk, a file or a peer is bad. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { WAL_BYTES = 64 * 1024, LIMIT = 512 * 1024 };

static struct db *
open_in(const struct folder *f)
{
	struct db *db = NULL;
	struct diag diag = { 0 };

	if (db_open_sized(f->path, WAL_BYTES, &db, &diag) < 0)
		printf("# %s\n", diag.text);
	ASSERT(db != NULL);
	return db;
}

static void
path_of(const struct folder *f, const char *name, char ret_path[512])
{
	(void)snprintf(ret_path, 512, "%s/%s", f->path, name);
}

static off_t
size_of(const struct folder *f, const char *name)
{
	struct stat st = { 0 };
	char path[512];

	path_of(f, name, path);
	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* One turn with its answer; the sealed part is size bytes. */
static int
turn(struct db *db, size_t size)
{
	static char bytes[64 * 1024];
	struct db_turn t = { .at_ms = 1767323045678, .gateway = SV("loop") };
	struct db_out o = { .sealed = { bytes, size } };
	int64_t id = 0;
	int rc = db_turn_begin(db);

	ASSERT(size <= sizeof(bytes));
	if (rc < 0)
		return rc;
	rc = db_turn_put(db, &t, &id);
	if (rc == 0)
		rc = db_out_put(db, &o, &id);
	if (rc == 0)
		rc = db_turn_end(db);
	if (rc < 0)
		db_turn_undo(db);
	return rc;
}

static int
round_of(struct db *db, int turns, size_t size)
{
	int i, rc = db_begin(db), bad = 0;

	if (rc < 0)
		return rc;
	for (i = 0; i < turns; i++) {
		rc = turn(db, size);
		if (rc < 0)
			bad = rc;
	}
	rc = db_commit(db);
	/* a round must not say yes after one of its turns said no disk */
	ASSERT(bad != -ENOSPC || rc == -ENOSPC);
	return rc;
}

static struct db_counts
counts_of(struct db *db)
{
	struct db_counts c = { 0 };

	ASSERT(db_counts(db, &c) == 0);
	return c;
}

static void
exec(const struct folder *f, const char *name, const char *sql)
{
	sqlite3 *sq = NULL;
	char path[512];

	path_of(f, name, path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
}

/* Who may open what. */

static void
test_open(void)
{
	struct folder f = folder_new();
	struct db *db = NULL, *second = NULL, *reader = NULL;
	struct diag diag = { 0 };
	char value[8];

	EQ(db_open_reader(f.path, &reader, &diag), -ENOENT, "nothing to read");
	OK(strstr(diag.text, "safarctl init") != NULL, "says what to do");
	EQ(db_open("/nonexistent", &db, &diag), -ENOENT, "no folder");
	OK(strstr(diag.text, "safarctl init") != NULL, "says what to do");
	OK(db == NULL && reader == NULL, "outputs untouched");
	db = open_in(&f);
	EQ(db_open(f.path, &second, &diag), -EEXIST, "a second writer");
	OK(strstr(diag.text, "another safard") != NULL, "says why");
	EQ(db_meta_set(db, "key", SV("one")), 0, "the first still writes");
	EQ(db_open_reader(f.path, &reader, &diag), 0, "a reader beside it");
	EQ(db_meta_get(reader, "key", value, sizeof(value)), 0, "reads");
	EQ(db_meta_set(reader, "key", SV("two")), -EROFS, "cannot write");
	EQ(db_meta_set(db, "key", SV("two")), 0, "the writer goes on");
	EQ(db_meta_get(reader, "key", value, sizeof(value)), 0, "reads again");
	OK(strcmp(value, "two") == 0, "what is new");
	db_close(&db);
	db = open_in(&f);
	OK(db != NULL, "opened again after it was closed");
	db_close(&db);
	db_close(&reader);
	EQ(db_open_reader(f.path, &reader, &diag), 0, "a reader alone");
	EQ(counts_of(reader).log, 0, "reads");
	db_close(&reader);
	db_close(&reader);
	folder_done(&f);
}

static void
test_versions(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct diag diag = { 0 };

	db_close(&db);
	exec(&f, "hotline.db", "PRAGMA user_version = 999");
	EQ(db_open(f.path, &db, &diag), -EPROTO, "a newer version");
	OK(strstr(diag.text, "newer") != NULL && strstr(diag.text, "999"),
	    "says which");
	EQ(db_open_reader(f.path, &db, &diag), -EPROTO, "for a reader, too");
	exec(&f, "hotline.db", "PRAGMA user_version = 0");
	EQ(db_open_reader(f.path, &db, &diag), -EPROTO, "an older, to read");
	OK(strstr(diag.text, "older") != NULL, "says so");
	folder_done(&f);
}

static void
test_other_tables(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct diag diag = { 0 };

	db_close(&db);
	exec(&f, "hotline.db", "DROP TABLE outbox");
	EQ(db_open(f.path, &db, &diag), -EUCLEAN, "a table is missing");
	exec(&f, "hotline.db", "PRAGMA application_id = 7");
	EQ(db_open(f.path, &db, &diag), -EUCLEAN, "another program's file");
	OK(strstr(diag.text, "another program") != NULL, "says so");
	OK(db == NULL, "output untouched");
	folder_done(&f);
}

static void
test_damaged(void)
{
	static const char junk[4096] = "This is a letter, not a database.";
	struct folder f = folder_new();
	struct db *db = NULL;
	struct diag diag = { 0 };
	char path[512];
	int fd;

	path_of(&f, "hotline.db", path);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	ASSERT(fd >= 0 && write(fd, junk, sizeof(junk)) == sizeof(junk));
	EQ(db_open(f.path, &db, &diag), -EUCLEAN, "not a database");
	OK(strstr(diag.text, "not a database") != NULL, "says so");
	(void)close(fd);
	folder_done(&f);
}

/* Durability. */

static void
test_uncommitted(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	pid_t child;
	int status = 0;

	EQ(round_of(db, 3, 50), 0, "three turns");
	db_close(&db);
	(void)fflush(stdout);
	child = fork();
	ASSERT(child >= 0);
	if (child == 0) {
		db = open_in(&f);
		if (round_of(db, 2, 50) < 0 || db_begin(db) < 0 ||
		    turn(db, 50) < 0)
			_exit(1);
		(void)raise(SIGKILL);
	}
	ASSERT(waitpid(child, &status, 0) == child);
	OK(WIFSIGNALED(status), "killed within a round");
	OK(size_of(&f, "hotline.db-wal") >= WAL_BYTES, "its WAL is there");
	db = open_in(&f);
	EQ(counts_of(db).log, 5, "what was committed, no more, no less");
	EQ(counts_of(db).inbox, 5, "in the inbox, too");
	EQ(round_of(db, 1, 50), 0, "and it goes on");
	db_close(&db);
	folder_done(&f);
}

static void
test_wal(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	off_t grown = size_of(&f, "hotline.db-wal"), most;
	struct stat st = { 0 };
	char path[512];
	int i, rc = 0;

	path_of(&f, "hotline.db-wal", path);
	EQ(grown, WAL_BYTES, "grown at start");
	ASSERT(stat(path, &st) == 0);
	OK((off_t)st.st_blocks * 512 >= WAL_BYTES, "its blocks are real");
	EQ(st.st_mode & 0777, 0600, "nobody else may read it");
	for (i = 0; i < 40; i++) {
		rc |= round_of(db, 1, 50);
		rc |= db_checkpoint(db);
	}
	EQ(rc, 0, "commit and checkpoint");
	EQ(size_of(&f, "hotline.db-wal"), grown, "it neither grew nor shrank");
	for (i = 0; i < 200 && !db_wal_is_long(db); i++)
		rc |= round_of(db, 20, 200);
	EQ(rc, 0, "never idle");
	OK(i > 10 && i < 200, "then there is enough for a checkpoint");
	EQ(db_checkpoint(db), 0, "which is done between two commits");
	OK(!db_wal_is_long(db), "and no more is to be moved");
	most = size_of(&f, "hotline.db-wal");
	for (i = 0; i < 500; i++) {
		rc |= round_of(db, 20, 200);
		if (db_wal_is_long(db))
			rc |= db_checkpoint(db);
	}
	EQ(rc, 0, "for long");
	EQ(size_of(&f, "hotline.db-wal"), most, "the WAL does not run away");
	db_close(&db);
	db = open_in(&f);
	OK(counts_of(db).log > 10000, "all is there");
	db_close(&db);
	folder_done(&f);
}

/* Full and read-only disks, by SQLite's own door: a VFS that fails. */

/* The methods of one kind of file, ours in front of the real ones. */
struct methods {
	sqlite3_io_methods mine; /* first: a file's pMethods points here */
	const sqlite3_io_methods *real;
};

static struct {
	struct methods kinds[2]; /* the database, and the WAL without locks */
	size_t count;
	int (*open)(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
	    int flags, int *ret_flags);
	int write_rc; /* what a write says, 0 works */
	int sync_rc;
	int err;
} fault;

static const sqlite3_io_methods *
real_of(const sqlite3_file *file)
{
	return ((const struct methods *)(const void *)file->pMethods)->real;
}

static int
fault_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	if (fault.write_rc == SQLITE_OK)
		return real_of(file)->xWrite(file, p, n, at);
	errno = fault.err;
	return fault.write_rc;
}

static int
fault_sync(sqlite3_file *file, int flags)
{
	if (fault.sync_rc == SQLITE_OK)
		return real_of(file)->xSync(file, flags);
	errno = fault.err;
	return fault.sync_rc;
}

static int
fault_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
    int flags, int *ret_flags)
{
	int rc = fault.open(vfs, name, file, flags, ret_flags);
	struct methods *m;
	size_t i;

	if (rc != SQLITE_OK || file->pMethods == NULL)
		return rc;
	for (i = 0; i < fault.count; i++)
		if (fault.kinds[i].real == file->pMethods)
			break;
	ASSERT(i < ARRAY_LEN(fault.kinds));
	m = &fault.kinds[i];
	if (i == fault.count) {
		fault.count++;
		m->real = file->pMethods;
		m->mine = *m->real;
		m->mine.xWrite = fault_write;
		m->mine.xSync = fault_sync;
	}
	file->pMethods = &m->mine;
	return rc;
}

/* Make every database that is opened from here on go through the faults. */
static void
fault_install(void)
{
	static sqlite3_vfs vfs;

	vfs = *sqlite3_vfs_find(NULL);
	fault.open = vfs.xOpen;
	vfs.xOpen = fault_open;
	vfs.zName = "fault";
	vfs.pNext = NULL;
	ASSERT(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

static void
test_faults(void)
{
	static const struct {
		const char *name;
		int write_rc, sync_rc, err, want;
	} cases[] = {
		{ "full", SQLITE_FULL, 0, ENOSPC, -ENOSPC },
		{ "over quota", SQLITE_IOERR_WRITE, 0, EDQUOT, -ENOSPC },
		{ "read-only", SQLITE_IOERR_WRITE, 0, EROFS, -EROFS },
		{ "read-only to SQLite", SQLITE_READONLY, 0, EROFS, -EROFS },
		{ "bad sector", SQLITE_IOERR_WRITE, 0, EIO, -EIO },
		{ "fails to sync", 0, SQLITE_IOERR_FSYNC, EIO, -EIO },
		{ "full when syncing", 0, SQLITE_IOERR_FSYNC, ENOSPC, -ENOSPC },
	};
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	int64_t want = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		EQ(round_of(db, 2, 100), 0, "a good round");
		want += 2;
		fault.write_rc = cases[i].write_rc;
		fault.sync_rc = cases[i].sync_rc;
		fault.err = cases[i].err;
		EQ(round_of(db, 2, 100), cases[i].want, cases[i].name);
		/* so many that SQLite writes before the commit */
		EQ(round_of(db, 400, 60000), cases[i].want, cases[i].name);
		EQ(db_meta_set(db, "key", SV("value")), cases[i].want,
		    "outside a round");
		fault.write_rc = fault.sync_rc = SQLITE_OK;
		EQ(counts_of(db).log, want, "nothing of it is there");
		EQ(counts_of(db).queued, want, "in the outbox neither");
	}
	EQ(round_of(db, 2, 100), 0, "works again");
	db_close(&db);
	db = open_in(&f);
	EQ(counts_of(db).log, want + 2, "all acknowledged is there");
	db_close(&db);
	folder_done(&f);
}

/* A round that SQLite gave up in its middle stays given up. */
static void
test_lost_round(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	int i, rc = 0;

	EQ(db_begin(db), 0, "begin");
	EQ(turn(db, 100), 0, "a good turn");
	fault.write_rc = SQLITE_FULL;
	for (i = 0; i < 1000 && rc == 0; i++)
		rc = turn(db, 60000);
	EQ(rc, -ENOSPC, "a turn finds the disk full");
	fault.write_rc = SQLITE_OK;
	EQ(turn(db, 100), -ENOSPC, "a later turn of the round");
	EQ(db_meta_set(db, "key", SV("x")), -ENOSPC, "anything in the round");
	EQ(db_commit(db), -ENOSPC, "the commit");
	EQ(counts_of(db).log, 0, "nothing was written");
	EQ(round_of(db, 1, 100), 0, "the next round works");
	EQ(counts_of(db).log, 1, "and is there");
	db_close(&db);
	folder_done(&f);
}

static bool
on_linked(void *arg, const struct db_log *row)
{
	*(int *)arg += row->linked;
	return true;
}

/* A pass through the log whose slices did not get to the disk begins again. */
static void
test_lost_slices(void)
{
	static const uint8_t nobody[DB_KEY_LEN]; /* whose turns all are */
	const struct db_log_filter all = { .most = 1 << 20 };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	int linked = 0, rc = 0;
	bool more = true;

	EQ(round_of(db, DB_FORGET_ROWS, 10), 0, "turns");
	EQ(round_of(db, DB_FORGET_ROWS, 10), 0, "and more");
	EQ(db_person_forget(db, nobody, 1), 0, "forget");
	EQ(db_begin(db), 0, "a round");
	while (rc == 0 && more)
		rc = db_forget_step(db, &more);
	EQ(rc, 0, "in which the slices are done");
	fault.write_rc = SQLITE_FULL;
	EQ(db_commit(db), -ENOSPC, "does not reach the disk");
	fault.write_rc = SQLITE_OK;
	for (rc = 0, more = true; rc == 0 && more;)
		rc = db_forget_step(db, &more);
	EQ(rc, 0, "with space they are done again");
	EQ(db_log_each(db, &all, on_linked, &linked), 0, "read");
	EQ(linked, 0, "all of them");
	db_close(&db);
	folder_done(&f);
}

/* The same from below: the kernel refuses to let a file grow. */
static void
test_limit(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct rlimit old, small;
	int64_t good = 0;
	int rc = 0;

	ASSERT(getrlimit(RLIMIT_FSIZE, &old) == 0);
	small = (struct rlimit){ LIMIT, old.rlim_max };
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)fflush(stdout);
	ASSERT(setrlimit(RLIMIT_FSIZE, &small) == 0);
	while (rc == 0 && good < 5000) {
		rc = round_of(db, 10, 1000);
		good += rc == 0 ? 10 : 0;
	}
	ASSERT(setrlimit(RLIMIT_FSIZE, &old) == 0);
	EQ(rc, -ENOSPC, "no room");
	OK(good > 0 && counts_of(db).log == good, "what had room is there");
	EQ(round_of(db, 10, 1000), 0, "works when there is room");
	db_close(&db);
	db = open_in(&f);
	EQ(counts_of(db).log, good + 10, "and after a restart");
	db_close(&db);
	folder_done(&f);
}

/* Starting on a full disk: the WAL cannot grow, but the hotline opens. */
static void
test_open_full(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct rlimit old, small;
	struct diag diag = { 0 };
	int rc;

	EQ(round_of(db, 1, 100), 0, "one turn");
	db_close(&db);
	ASSERT(getrlimit(RLIMIT_FSIZE, &old) == 0);
	small = (struct rlimit){ LIMIT, old.rlim_max };
	(void)fflush(stdout);
	ASSERT(setrlimit(RLIMIT_FSIZE, &small) == 0);
	rc = db_open_sized(f.path, (int64_t)2 * LIMIT, &db, &diag);
	ASSERT(setrlimit(RLIMIT_FSIZE, &old) == 0);
	EQ(rc, 0, "opens without room for the WAL");
	EQ(size_of(&f, "hotline.db-wal"), 0, "and takes none");
	EQ(round_of(db, 1, 100), 0, "a turn that fits");
	db_close(&db);
	folder_done(&f);
}

int
main(void)
{
	test_open();
	test_versions();
	test_other_tables();
	test_damaged();
	test_uncommitted();
	test_wal();
	fault_install();
	test_faults();
	test_lost_round();
	test_lost_slices();
	test_limit();
	test_open_full();
	return tap_done();
}
