/* The store under load, and on disks that fail: what gateways and people see.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <sys/syscall.h>

#include "db/backup.h"
#include "db/db.h"
#include "tests/flow/kit.h"

enum { SWEEPS_MAX = 5000, SWEEPS_LOOK = 50 };

static struct kit *k;

/* What the disk does with writes, truncations and syncs of hotline.db*. */
static struct {
	int write_err, base_err, sync_err; /* errno, 0: works */
	bool waiting;			   /* somebody is to be told */
	int moved;			   /* pages written into hotline.db */
	int moved_waiting;		   /* while somebody waited */
	int cut;			   /* truncations of the WAL */
} disk;

static bool
is_file(int fd, const char *end)
{
	char link[64], path[512];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < (ssize_t)strlen(end))
		return false;
	path[n] = '\0';
	return strcmp(path + n - strlen(end), end) == 0;
}

/* SQLite comes through these: the executable's symbols are found first. */
__attribute__((visibility("default"))) ssize_t disk_pwrite(
    int fd, const void *buf, size_t n, off64_t at) __asm__("pwrite64");
__attribute__((visibility("default"))) int disk_truncate(
    int fd, off64_t size) __asm__("ftruncate64");
__attribute__((visibility("default"))) int disk_sync(int fd) __asm__(
    "fdatasync");

ssize_t
disk_pwrite(int fd, const void *buf, size_t n, off64_t at)
{
	bool base = is_file(fd, "/hotline.db");

	disk.moved += base;
	disk.moved_waiting += base && disk.waiting;
	errno = base && disk.base_err != 0 ? disk.base_err : disk.write_err;
	return errno != 0 ? -1 : syscall(SYS_pwrite64, fd, buf, n, at);
}

int
disk_truncate(int fd, off64_t size)
{
	disk.cut += is_file(fd, "/hotline.db-wal");
	return (int)syscall(SYS_ftruncate, fd, size);
}

int
disk_sync(int fd)
{
	errno = disk.sync_err;
	return errno != 0 ? -1 : (int)syscall(SYS_fdatasync, fd);
}

static void
on_told(void *arg, int rc)
{
	*(int *)arg = rc;
	disk.waiting = false;
}

/* A text of somebody new, told as a busy gateway would be. */
static int
say(int who)
{
	char from[32], id[32];
	const struct gw_in in = { .id = SV("x"), .to = SV("1414") };
	struct gw_in one = in;
	int told = KIT_NOT_YET, i;

	(void)snprintf(from, sizeof(from), "+99655510%04d", who);
	(void)snprintf(id, sizeof(id), "who-%d", who);
	one.id = sv_of(id);
	one.from = sv_of(from);
	one.text = SV("menu");
	disk.waiting = true;
	loop_say(k->loop, &one, on_told, &told);
	for (i = 0; i < 100 && told == KIT_NOT_YET; i++)
		kit_run(k);
	k->count = k->count > KIT_ANSWERS_MAX / 2 ? 0 : k->count;
	return told;
}

static bool
status_says(const char *what)
{
	char status[32768];
	struct sb b;

	sb_wrap(&b, status, sizeof(status));
	hotline_status(k->h, &b);
	return strstr(status, what) != NULL;
}

/* Never idle: the clock stands still. */
static void
test_load(void)
{
	enum { TEXTS = 1500 };
	struct db_counts before = kit_counts(k), after;
	int i, rc = 0;

	memset(&disk, 0, sizeof(disk));
	for (i = 0; i < TEXTS; i++)
		rc |= say(i);
	EQ(rc, 0, "every text is taken");
	after = kit_counts(k);
	EQ(after.log - before.log, TEXTS, "and is in the log");
	OK(disk.moved > 0 && after.size_bytes > before.size_bytes,
	    "pages were moved into the file meanwhile");
	EQ(disk.moved_waiting, 0, "never while a gateway waited");
	EQ(disk.cut, 0, "the WAL was never truncated");
	EQ(after.wal_bytes, before.wal_bytes, "and has the size it had");
	EQ(after.wal_bytes, DB_WAL_BYTES, "which is what it was grown to");
}

/* The file cannot take pages, but the WAL can: texts are answered. */
static void
test_checkpoint_fails(void)
{
	size_t answers = k->count;
	int i;

	disk.base_err = ENOSPC;
	EQ(say(2000), 0, "taken");
	EQ(k->count - answers, 1, "and answered");
	kit_wait(k, 2000);
	kit_wait(k, 2000); /* a tick sweeps or moves pages */
	OK(status_says("\"checkpoint\":\"No space left on device\""),
	    "status says that the WAL grows");
	OK(status_says("\"ok\":true"), "and that all is well else");
	EQ(say(2001), 0, "the next is taken, too");
	disk.base_err = 0;
	/* by turns with sweeps; the first is told of what was lost */
	for (i = 0; i < 6 && status_says("checkpoint"); i++)
		kit_wait(k, 2000);
	OK(!status_says("checkpoint"), "with space it ends by itself");
}

static void
fails(const char *name, const char *said, int first)
{
	size_t answers = k->count;
	int rc = say(first);

	OK(rc < 0 && rc != -EBADMSG, name);
	OK(status_says("\"ok\":false"), "status says that it fails");
	OK(status_says(said), said);
	rc = say(first + 1);
	OK(rc < 0 && rc != -EBADMSG, "the next is put off, too");
	kit_wait(k, 2000);
	OK(status_says("\"ok\":false"), "no better by itself");
	EQ(k->count, answers, "and nobody is answered");
}

/* No restart, no hand: what was put off comes again and is answered once. */
static void
test_disks(void)
{
	static const struct {
		const char *name;
		int write_err, sync_err;
		const char *said;
	} cases[] = {
		{ "full", ENOSPC, 0, "No space left on device" },
		{ "over quota", EDQUOT, 0, "No space left on device" },
		{ "read-only", EROFS, 0, "Read-only file system" },
		{ "bad sector", EIO, 0, "Input/output error" },
		{ "fails to sync", 0, EIO, "Input/output error" },
		{ "full when it syncs", 0, ENOSPC, "No space left on device" },
	};
	struct db_counts before = kit_counts(k);
	size_t i, answers;
	int first;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		k->count = 0;
		first = 3000 + 10 * (int)i;
		EQ(say(first + 5), 0, "a good text");
		disk.write_err = cases[i].write_err;
		disk.sync_err = cases[i].sync_err;
		fails(cases[i].name, cases[i].said, first);
		disk.write_err = disk.sync_err = 0;
		kit_wait(k, 2000);
		OK(status_says("\"ok\":true"), "it works again by itself");
		answers = k->count;
		EQ(say(first), 0, "what was put off is taken");
		EQ(say(first + 1), 0, "all of it");
		EQ(k->count - answers, 2, "and answered");
	}
	kit_stop(k);
	EQ(kit_start(k), 0, "a restart");
	EQ(kit_counts(k).log - before.log, 3 * ARRAY_LEN(cases),
	    "everything that was taken is there, once");
	answers = k->count;
	EQ(say(3000), 0, "a repeat of it");
	EQ(k->count, answers, "is known");
}

/* An answer that waits, and a part of a text, in rows that make no sense. */
static void
damaged_put(void)
{
	int64_t now_ms = clock_ms();
	char path[512], sql[512];
	sqlite3 *sq = NULL;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO outbox SELECT max(id) + 100, %" PRId64 ", %" PRId64
	    ", 'loop', zeroblob(3), zeroblob(48), x'0101ff' FROM outbox;"
	    "INSERT INTO part VALUES (1000, %" PRId64 ", 'loop',"
	    " zeroblob(16), zeroblob(16), 2, -9, 0, NULL, x'ff')",
	    now_ms, now_ms + INT64_C(3600) * 1000, now_ms);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
}

static void
test_damaged(void)
{
	struct db_facts facts = { .damaged = -1 };
	struct diag why = { "" };
	size_t answers;
	int i;

	kit_stop(k);
	damaged_put();
	EQ(kit_start(k), 0, "a start with a row that is damaged");
	OK(status_says("\"ok\":true") && status_says("\"damaged\":1"),
	    "which status says");
	EQ(db_check(k->dir, &facts, &why), 0, "and the check of the store");
	EQ(facts.damaged, 1, "one row");
	answers = k->count;
	EQ(say(4000), 0, "a text comes");
	EQ(say(4001), 0, "and one more");
	EQ(k->count - answers, 2, "both are answered");
	kit_wait(k, 26 * INT64_C(3600) * 1000);
	for (i = 0; i < SWEEPS_MAX && facts.damaged > 0; i++) {
		kit_wait(k, 1000);
		if (i % SWEEPS_LOOK == 0)
			ASSERT(db_check(k->dir, &facts, &why) == 0);
	}
	EQ(facts.damaged, 0, "a day later its time is over");
}

/* A line of the log that makes no sense when its hour is over. */
static void
test_line_damaged(void)
{
	char path[512];
	sqlite3 *sq = NULL;
	int i;

	OK(status_says("\"lines_lost\":0"), "no row of the log is lost");
	EQ(say(5000), 0, "a text comes");
	kit_stop(k);
	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq,
		   "UPDATE log_now SET turns = substr(turns, 2)"
		   " WHERE id = (SELECT max(id) FROM log_now)",
		   NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	EQ(kit_start(k), 0, "a start with a line that is damaged");
	kit_wait(k, 2 * INT64_C(3600) * 1000);
	for (i = 0; i < SWEEPS_MAX && !status_says("\"lines_lost\":1"); i++)
		kit_wait(k, 1000);
	OK(status_says("\"lines_lost\":1"), "which status says");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	kit_stop(k);
	kit_set(k, "global_per_s: 500", "global_per_s: 100000");
	EQ(kit_start(k), 0, "as many texts as come");
	test_load();
	test_checkpoint_fails();
	test_disks();
	test_damaged();
	test_line_damaged();
	kit_end(k);
	free(k);
	return tap_done();
}
