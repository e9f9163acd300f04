/* test_backup.c - copies of the stores beside a writer, and the check of one.
 */
#include "db/backup.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/db.h"
#include "db/directory.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { WAL_BYTES = 1 << 20, WAL_MOST = 2 << 20, HISTORY = 50000 };

static const int64_t at = 1767323045678, hour = 1767322800000;
static const uint8_t ann[DB_KEY_LEN] = "ann-ann-ann-ann";
static const uint8_t bob[DB_KEY_LEN] = "bob-bob-bob-bob";

static struct db *
open_in(const struct folder *f)
{
	struct db *db = NULL;
	struct diag diag = { "" };

	if (db_open_sized(f->path, WAL_BYTES, &db, &diag) < 0)
		printf("# %s\n", diag.text);
	ASSERT(db != NULL);
	return db;
}

/* With an edition of 7 listings. */
static void
directory_make(const struct folder *f)
{
	const struct directory_edition e = { .number = 3, .listings = 7 };
	struct directory *d = NULL;
	struct diag diag = { "" };

	ASSERT(directory_open(f->path, &d, &diag) == 0);
	ASSERT(directory_edition_put(d, &e) == 0);
	directory_close(&d);
}

static void
path_of(const struct folder *f, const char *name, char ret_path[512])
{
	(void)snprintf(ret_path, 512, "%s/%s", f->path, name);
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

static int64_t
number(const struct folder *f, const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = NULL;
	char path[512];
	int64_t n;

	path_of(f, "hotline.db", path);
	ASSERT(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, NULL) ==
	       SQLITE_OK);
	(void)sqlite3_busy_timeout(sq, 10000);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(sq);
	return n;
}

static int
turns(struct db *db, const uint8_t person[DB_KEY_LEN], int count)
{
	struct db_turn t = { .at_ms = at,
		.gateway = SV("kannel"),
		.session = { "SECRET-node", 11 },
		.country = SV("kg"),
		.topic = SV("wages"),
		.listings = SV("a b"),
		.outcome = SV("answered") };
	struct db_out o = { .gateway = SV("kannel"),
		.sealed = SV("SECRET-sealed") };
	int64_t id;
	int i, rc = db_begin(db);

	memcpy(t.person, person, DB_KEY_LEN);
	memcpy(o.person, person, DB_KEY_LEN);
	for (i = 0; rc == 0 && i < count; i++) {
		rc = db_turn_put(db, &t, &id);
		if (rc == 0)
			rc = db_out_put(db, &o, &id);
	}
	return rc == 0 ? db_commit(db) : rc;
}

static void
test_copy(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct db *db = open_in(&f);
	struct db_facts facts = { 0 };
	struct diag diag = { "" };
	struct stat st = { 0 };
	char path[512];
	glob_t files = { 0 };

	directory_make(&f);
	EQ(turns(db, ann, 2), 0, "two turns");
	EQ(turns(db, bob, 3), 0, "three of another");
	EQ(db_backup(f.path, to.path, &diag), 0, "backup beside the writer");
	path_of(&to, "*", path);
	ASSERT(glob(path, 0, NULL, &files) == 0);
	EQ(files.gl_pathc, 2, "two files and no journal");
	globfree(&files);
	path_of(&to, "hotline.db", path);
	EQ(stat(path, &st), 0, "hotline.db");
	EQ(st.st_mode & 0777, 0600, "is its owner's");
	path_of(&to, "directory.db", path);
	EQ(stat(path, &st), 0, "directory.db");
	EQ(st.st_mode & 0777, 0600, "too");
	EQ(db_check(to.path, &facts, &diag), 0, "they are sound");
	OK(facts.log_rows == 5 && facts.log_first_ms == hour &&
		facts.log_last_ms == hour && facts.edition == 3 &&
		facts.listings == 7,
	    "and hold what was there");
	EQ(number(&to, "SELECT count(DISTINCT person) FROM log"), 2,
	    "of two people");
	EQ(number(&to, "SELECT total(topic = 'wages' AND listings = 'a b') FROM"
		       " log"),
	    5, "every column");
	EQ(number(&to, "SELECT (SELECT count(*) FROM inbox)"
		       " + (SELECT count(*) FROM outbox)"
		       " + (SELECT count(*) FROM part)"
		       " + (SELECT count(*) FROM out_name)"),
	    0, "nothing of today, nothing on its way");
	EQ(folder_find(&to, "hotline.db", "SECRET"), 0, "not a byte of it");
	db_close(&db);
	db = open_in(&to);
	EQ(turns(db, ann, 1), 0, "a copy can be worked with");
	EQ(number(&to, "SELECT max(id) FROM log"), 6, "its ids go on");
	db_close(&db);
	folder_done(&f);
	folder_done(&to);
}

/* Whoever wants to be forgotten just now is not in the copy. */
static void
test_forgotten(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct db *db = open_in(&f);
	struct diag diag = { "" };

	directory_make(&f);
	EQ(turns(db, ann, 10), 0, "turns long ago");
	EQ(turns(db, bob, 2 * DB_FORGET_ROWS), 0, "and many later");
	EQ(db_person_forget(db, ann, 1), 0, "forget");
	EQ(number(&f, "SELECT count(*) FROM forget"), 1, "which takes time");
	EQ(db_backup(f.path, to.path, &diag), 0, "backup");
	EQ(number(&to, "SELECT count(*) FROM log"), 10 + 2 * DB_FORGET_ROWS,
	    "every row");
	EQ(folder_find(&to, "hotline.db", "ann-ann"), 0, "none is hers");
	EQ(number(&to, "SELECT count(person) FROM log"), 2 * DB_FORGET_ROWS,
	    "the others are theirs");
	db_close(&db);
	folder_done(&f);
	folder_done(&to);
}

/* A pass that ends between two slices of a backup: the name waits for it, so
 * that the backup finds it at its end. */
static void
test_forgotten_meanwhile(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct db *db = open_in(&f);
	struct diag diag = { "" };
	char path[300];
	bool more = true;
	int fd, i, rc = 0;

	directory_make(&f);
	EQ(turns(db, ann, 10), 0, "turns");
	(void)snprintf(path, sizeof(path), "%s/backup.lock", f.path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0 && flock(fd, LOCK_SH) == 0); /* as a backup does */
	EQ(db_person_forget(db, ann, 1), 0, "forget");
	for (i = 0; rc == 0 && more && i < 50; i++)
		rc = db_forget_step(db, &more);
	OK(rc == 0 && more, "the pass waits for the backup");
	EQ(number(&f, "SELECT count(*) FROM forget"), 1, "with the name");
	EQ(number(&f, "SELECT count(person) FROM log"), 0,
	    "though the rows are nobody's already");
	ASSERT(close(fd) == 0);
	for (i = 0; rc == 0 && more && i < 50; i++)
		rc = db_forget_step(db, &more);
	OK(rc == 0 && !more, "then it ends");
	EQ(number(&f, "SELECT count(*) FROM forget"), 0, "and drops it");
	EQ(db_backup(f.path, to.path, &diag), 0, "a backup leaves no lock");
	fd = open(path, O_RDWR | O_CLOEXEC);
	OK(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0, "behind");
	ASSERT(close(fd) == 0);
	db_close(&db);
	folder_done(&f);
	folder_done(&to);
}

/* The child commits as fast as it can until it is killed. */
static pid_t
writer_start(const struct folder *f)
{
	struct db *db = NULL;
	struct diag diag;
	pid_t child;
	int rc;

	(void)fflush(stdout);
	child = fork();
	ASSERT(child >= 0);
	if (child > 0)
		return child;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	rc = db_open(f->path, &db, &diag);
	while (rc == 0) {
		rc = turns(db, ann, 50);
		if (rc == 0 && db_wal_is_long(db) && db_checkpoint(db) < 0)
			rc = -EIO;
	}
	_exit(1);
}

/* A long history, whose hours are over. */
static void
history_make(const struct folder *f)
{
	struct db *db = open_in(f);
	char sql[512];

	directory_make(f);
	db_close(&db);
	(void)snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO log_past SELECT i, 0, 1, "
	    "randomblob(16),"
	    " 'g', 'kg', 'sms', 'ky', 'wages', '', '', 'a b', 'answered', 1, 2"
	    " FROM n;"
	    "INSERT OR REPLACE INTO meta (key, value) VALUES"
	    " ('mixed_turn', '%d'), ('next_turn', '%d')",
	    HISTORY, HISTORY, HISTORY + 1);
	exec(f, "hotline.db", sql);
}

static void
test_under_load(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct db_facts facts = { 0 };
	struct diag diag = { "" };
	int status = 0;
	pid_t child;

	history_make(&f);
	child = writer_start(&f);
	while (number(&f, "SELECT max(id) FROM log") == HISTORY &&
	       waitpid(child, &status, WNOHANG) == 0)
		(void)usleep(1000);
	EQ(db_backup(f.path, to.path, &diag), 0, "backup of a busy store");
	EQ(waitpid(child, &status, WNOHANG), 0, "which goes on");
	(void)kill(child, SIGKILL);
	ASSERT(waitpid(child, &status, 0) == child);
	EQ(db_check(to.path, &facts, &diag), 0, "the copy is sound");
	OK(facts.log_rows > HISTORY, "with all from before it began");
	EQ(number(&to, "SELECT max(id) FROM log"), facts.log_rows,
	    "and no row missing between");
	EQ((facts.log_rows - HISTORY) % 50, 0, "in whole rounds");
	folder_done(&f);
	folder_done(&to);
}

/* Who writes while a backup rests, and how often it did. */
static struct db *writer;
static int rests;

/* In the place of libc's. */
int
nanosleep(const struct timespec *requested_time, struct timespec *remaining)
{
	if (writer == NULL)
		return clock_nanosleep(
		    CLOCK_REALTIME, 0, requested_time, remaining);
	rests++;
	ASSERT(turns(writer, bob, 200) == 0);
	ASSERT(db_checkpoint(writer) == 0);
	return 0;
}

/* Nothing is read while it rests: the WAL can begin again. */
static void
test_rests(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct diag diag = { "" };
	struct stat st = { 0 };
	struct db *db;
	char path[512];

	history_make(&f);
	db = open_in(&f);
	writer = db;
	EQ(db_backup(f.path, to.path, &diag), 0, "backup of a long history");
	writer = NULL;
	printf("# %d rests\n", rests);
	OK(rests >= HISTORY / 4096, "it rests again and again");
	path_of(&f, "hotline.db-wal", path);
	EQ(stat(path, &st), 0, "the WAL");
	printf("# the WAL has %lld kB\n", (long long)st.st_size >> 10);
	OK(st.st_size < WAL_MOST, "does not run away");
	db_close(&db);
	folder_done(&f);
	folder_done(&to);
}

static void
test_refused(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct db *db = open_in(&f);
	struct rlimit old, small;
	struct diag diag = { "" };
	int rc;

	EQ(db_backup("/nonexistent", to.path, &diag), -ENOENT, "no folder");
	EQ(turns(db, ann, 5000), 0, "turns");
	EQ(db_backup(f.path, to.path, &diag), -ENOENT, "no directory.db");
	OK(strstr(diag.text, "directory.db") != NULL, diag.text);
	directory_make(&f);
	folder_done(&to);
	EQ(db_backup(f.path, to.path, &diag), -ENOENT, "nowhere to write");
	to = folder_new();
	ASSERT(getrlimit(RLIMIT_FSIZE, &old) == 0);
	small = (struct rlimit){ 98304, old.rlim_max };
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)fflush(stdout);
	ASSERT(setrlimit(RLIMIT_FSIZE, &small) == 0);
	rc = db_backup(f.path, to.path, &diag);
	ASSERT(setrlimit(RLIMIT_FSIZE, &old) == 0);
	EQ(rc, -ENOSPC, "no room");
	OK(strstr(diag.text, "No space") != NULL ||
		strstr(diag.text, "disk is full") != NULL,
	    diag.text);
	folder_done(&to);
	to = folder_new();
	exec(&f, "hotline.db", "CREATE TABLE diary (text TEXT)");
	EQ(db_backup(f.path, to.path, &diag), -EPROTO,
	    "a table that nobody has decided on");
	db_close(&db);
	folder_done(&f);
	folder_done(&to);
}

static void
damage(const struct folder *f, const char *name, int from, int to)
{
	static const char junk[4096] = "This is a letter, not a database.";
	char path[512];
	int fd, i;

	path_of(f, name, path);
	fd = open(path, O_RDWR);
	ASSERT(fd >= 0);
	for (i = from; i < to; i++)
		ASSERT(pwrite(fd, junk, sizeof(junk), (off_t)i * 4096) ==
		       sizeof(junk));
	(void)close(fd);
}

static void
test_check(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	struct db_facts facts = { .log_rows = -1 };
	struct diag diag = { "" };

	EQ(db_check("/nonexistent", &facts, &diag), -ENOENT, "no folder");
	EQ(turns(db, ann, 5000), 0, "turns");
	EQ(db_check(f.path, &facts, &diag), -ENOENT, "no directory.db");
	OK(facts.log_rows == -1, "outputs untouched");
	directory_make(&f);
	EQ(db_check(f.path, &facts, &diag), 0, "sound beside the writer");
	EQ(facts.log_rows, 5000, "with what is still in the WAL");
	db_close(&db);
	EQ(db_check(f.path, &facts, &diag), 0, "sound without one");

	exec(&f, "hotline.db", "PRAGMA user_version = 1");
	EQ(db_check(f.path, &facts, &diag), 0, "an older version, too");
	EQ(facts.hotline_schema, 1, "is told");
	exec(&f, "hotline.db", "PRAGMA user_version = 99");
	EQ(db_check(f.path, &facts, &diag), -EPROTO, "a newer one is not");
	exec(&f, "hotline.db", "PRAGMA user_version = 1");

	exec(&f, "directory.db",
	    "PRAGMA foreign_keys = OFF; INSERT INTO service (id,"
	    " organization_id, name, status) VALUES ('x', 'none', 'x',"
	    " 'active')");
	EQ(db_check(f.path, &facts, &diag), -EUCLEAN, "a row without parent");
	OK(strstr(diag.text, "directory.db") && strstr(diag.text, "1 rows"),
	    diag.text);
	damage(&f, "hotline.db", 30, 60);
	EQ(db_check(f.path, &facts, &diag), -EUCLEAN, "damaged pages");
	OK(strstr(diag.text, "hotline.db") && strstr(diag.text, "backup"),
	    diag.text);
	damage(&f, "hotline.db", 0, 1);
	EQ(db_check(f.path, &facts, &diag), -EUCLEAN, "not a database");
	EQ(facts.log_rows, 5000, "outputs untouched");
	folder_done(&f);
}

int
main(void)
{
	test_copy();
	test_forgotten();
	test_forgotten_meanwhile();
	test_under_load();
	test_rests();
	test_refused();
	test_check();
	return tap_done();
}
