/*
 * bench_smpp.c - safard over SMPP: what a text costs, and how soon it is safe.
 *
 * The real process on a data folder of its own, the real menus and directory,
 * texts of ever new people.  Floors are measured in the same run, by turns:
 * rows of a plain SQLite table, and fdatasync of blocks that are there.
 */
#include <sqlite3.h>

#include "tests/bench/safard.h"

enum {
	FLOOD = 20480,	/* texts of one side of a pair */
	WINDOW = 1024,	/* of the texts that are flooded */
	BATCH = 2048,	/* rows of a commit of the floor */
	PACED = 1000,	/* texts, one each ms */
	COUNTED = 8192, /* texts whose system calls are counted */
	COUNTED_WINDOW = 256,
	BLOCK = 4096,
	ROW_MAX = 8192,
};

/* --- the floors --- */

static void
exec(sqlite3 *sq, const char *sql)
{
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3 *
rows_open(const struct folder *f)
{
	char path[PATH_MAX];
	sqlite3 *sq = NULL;

	(void)snprintf(path, sizeof(path), "%s/rows.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	exec(sq, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		 "CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB) STRICT");
	return sq;
}

/* CPU seconds a row of so many bytes. */
static double
rows_run(sqlite3 *sq, size_t bytes)
{
	static const char body[ROW_MAX];
	sqlite3_stmt *st = NULL;
	double began = cpu_s();
	int i;

	ASSERT(bytes <= sizeof(body));
	ASSERT(sqlite3_prepare_v2(sq, "INSERT INTO row (body) VALUES (?1)", -1,
		   &st, NULL) == SQLITE_OK);
	for (i = 0; i < FLOOD; i++) {
		if (i % BATCH == 0)
			exec(sq, "BEGIN IMMEDIATE");
		(void)sqlite3_bind_blob(st, 1, body, (int)bytes, SQLITE_STATIC);
		ASSERT(sqlite3_step(st) == SQLITE_DONE);
		(void)sqlite3_reset(st);
		if (i % BATCH == BATCH - 1)
			exec(sq, "COMMIT");
	}
	(void)sqlite3_finalize(st);
	return (cpu_s() - began) / FLOOD;
}

static int
blocks_open(const struct folder *f)
{
	static const char zeros[BLOCK];
	char path[PATH_MAX];
	int fd, i;

	(void)snprintf(path, sizeof(path), "%s/blocks", f->path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	for (i = 0; i < PACED; i++)
		ASSERT(write(fd, zeros, BLOCK) == BLOCK);
	ASSERT(fsync(fd) == 0);
	return fd;
}

/* Seconds of each overwrite. */
static void
blocks_run(int fd, double took_s[PACED])
{
	static const char block[BLOCK] = "x";
	double began;
	int i;

	for (i = 0; i < PACED; i++) {
		began = wall_s();
		ASSERT(pwrite(fd, block, BLOCK, (off_t)i * BLOCK) == BLOCK &&
		       fdatasync(fd) == 0);
		took_s[i] = wall_s() - began;
	}
}

/* --- what a turn's rows hold --- */

static double
number(sqlite3 *sq, const char *sql)
{
	sqlite3_stmt *st = NULL;
	double value;

	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	value = sqlite3_column_double(st, 0);
	(void)sqlite3_finalize(st);
	return value;
}

/* Bytes of a turn that must be on disk: the answer, sealed; what the log says;
 * what a repeat or a restart needs.  A number counts for four bytes. */
static size_t
payload_bytes(const struct safard *d)
{
	char path[PATH_MAX];
	sqlite3 *sq = NULL;
	double n;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", d->data);
	ASSERT(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, NULL) ==
	       SQLITE_OK);
	n = number(sq, "SELECT 1.0 * sum(length(refs) + length(people)"
		       " + length(sessions)) / sum(length(refs) / 16) + 4"
		       " FROM inbox");
	n += number(sq, "SELECT avg(length(person) + length(gateway)"
			" + length(country) + length(channel) + length(lang)"
			" + length(topic) + length(place) + length(node)"
			" + length(listings) + length(outcome) + 4 * 4)"
			" FROM log");
	n += number(sq, "SELECT max(length(gateway)) + 6 * 4 + 16 FROM outbox");
	(void)sqlite3_close(sq);
	n += 41 + 2 + 13 + 4; /* seal, lengths, number, line */
	return (size_t)(n + (double)d->smsc->bytes / d->smsc->sent);
}

/* --- figures --- */

static void
cost_bench(struct safard *d, const struct folder *f)
{
	double ratios[BENCH_PAIRS], turns[BENCH_PAIRS], began;
	long long written = child_number(&d->child, "io", "write_bytes:");
	sqlite3 *sq = rows_open(f);
	size_t i, bytes = payload_bytes(d);

	for (i = 0; i < BENCH_PAIRS; i++) {
		began = child_cpu_s(&d->child);
		smsc_flood(d->smsc, FLOOD, WINDOW);
		turns[i] = (child_cpu_s(&d->child) - began) / FLOOD;
		ratios[i] = rows_run(sq, bytes) / turns[i];
	}
	(void)sqlite3_close(sq);
	printf("turn_vs_rows %.3f ratio\n", median(ratios, BENCH_PAIRS));
	printf(
	    "turns_per_cpu_s %.0f texts/s\n", 1 / median(turns, BENCH_PAIRS));
	if (written < 0)
		printf("# bytes_vs_payload: /proc/PID/io cannot be read; run "
		       "as root\n");
	else
		printf("bytes_vs_payload %.2f ratio\n",
		    (double)(child_number(&d->child, "io", "write_bytes:") -
			     written) /
			((double)bytes * FLOOD * BENCH_PAIRS));
	printf("payload %zu bytes\n", bytes);
}

static void
ack_bench(struct safard *d, const struct folder *f)
{
	double p50[BENCH_PAIRS], p99[BENCH_PAIRS], ack_us[BENCH_PAIRS];
	double took_s[PACED], *acks_s = calloc(SMSC_PEOPLE, sizeof(*acks_s));
	double *sent_s = calloc(SMSC_PEOPLE, sizeof(*sent_s)), *acks;
	int fd = blocks_open(f);
	size_t i;

	ASSERT(acks_s != NULL && sent_s != NULL);
	d->smsc->sent_s = sent_s;
	d->smsc->took_s = acks_s;
	for (i = 0; i < BENCH_PAIRS; i++) {
		acks = acks_s + d->smsc->acked;
		smsc_pace(d->smsc, PACED);
		blocks_run(fd, took_s);
		ack_us[i] = median(acks, PACED) * 1e6;
		p50[i] = median(acks, PACED) / median(took_s, PACED);
		p99[i] =
		    quantile(acks, PACED, 0.99) / quantile(took_s, PACED, 0.99);
	}
	d->smsc->sent_s = d->smsc->took_s = NULL;
	printf("ack_p50_vs_fdatasync %.2f ratio\n", median(p50, BENCH_PAIRS));
	printf("ack_p99_vs_fdatasync %.2f ratio\n", median(p99, BENCH_PAIRS));
	printf("ack_p50 %.0f us\n", median(ack_us, BENCH_PAIRS));
	(void)close(fd);
	free(acks_s);
	free(sent_s);
}

/* The calls in strace's last line, "100.00  seconds  usecs  calls ...". */
static long long
calls_total(const char *path)
{
	long long calls = -1;
	char line[256], *at;
	FILE *f = fopen(path, "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, " total") != NULL) {
			(void)strtod(line, &at);
			(void)strtod(at, &at);
			(void)strtod(at, &at);
			calls = strtoll(at, NULL, 10);
		}
	if (f != NULL)
		(void)fclose(f);
	return calls;
}

static void
calls_bench(struct safard *d, const struct folder *f)
{
	char pid[16], path[PATH_MAX], log[PATH_MAX];
	const char *const argv[] = { "strace", "-f", "-c", "-o", path, "-p",
		pid, NULL };
	struct child strace;
	long long calls;
	int i;

	(void)snprintf(pid, sizeof(pid), "%d", (int)d->child.pid);
	(void)snprintf(path, sizeof(path), "%s/calls", f->path);
	(void)snprintf(log, sizeof(log), "%s/strace.log", f->path);
	strace = child_start(argv, log);
	for (i = 0; i < 100; i++) {
		if (child_number(&d->child, "status", "TracerPid:") > 0)
			break;
		sleep_ms(20);
	}
	smsc_flood(d->smsc, COUNTED, COUNTED_WINDOW);
	child_stop(&strace, SIGINT);
	calls = calls_total(path);
	if (calls < 0)
		printf("# syscalls_per_turn: strace is missing, or may not "
		       "watch\n");
	else
		printf(
		    "syscalls_per_turn %.3f calls\n", (double)calls / COUNTED);
}

int
main(int argc, char **argv)
{
	struct folder f = folder_new();
	struct safard d;

	(void)argc;
	setbuf(stdout, NULL);
	safard_start(&d, argv[0], &f);
	smsc_flood(d.smsc, FLOOD / 4, WINDOW); /* warm */
	cost_bench(&d, &f);
	calls_bench(&d, &f);
	ack_bench(&d, &f);
	safard_stop(&d);
	folder_done(&f);
	return 0;
}
