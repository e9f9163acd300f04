/* bench_sweep.c - what a round of the loop pays when a million rows of the log
 * are too old at once, while they are counted for the reports, and while full
 * hours lose their order. */
#include <sqlite3.h>

#include "db/db.h"
#include "tests/bench/bench.h"

enum { ROWS = 1000000, ROUNDS = 2000, HOUR_MS = 3600 * 1000 };

static const int64_t old_ms = 1767322800000;

static struct db *
open_in(const struct folder *f)
{
	struct diag why = { "" };
	struct db *db = NULL;

	if (db_open(f->path, &db, &why) < 0)
		printf("# %s\n", why.text);
	ASSERT(db != NULL);
	return db;
}

static const char past_sql[] =
    "SELECT i, hour, 681, randomblob(16), 'kannel', 'kg', 'sms', 'ky', topic,"
    " place, 'directory', 'one two', 'answered', 1, 2 FROM n";

/* 64 turns are a row. */
static const char now_sql[] =
    "SELECT min(i), hour, 681, 1, randomblob(16 * count(*)), group_concat("
    "json_array('kannel', 'kg', 'sms', 'ky', topic, place, 'directory',"
    " 'one two', 'answered', 2), char(10)) FROM n GROUP BY i / 64";

/* Turns as they are left, all of one hour; counted for the reports or not. */
static void
fill(const struct folder *f, const char *table, bool counted)
{
	bool past = strcmp(table, "log_past") == 0;
	char path[PATH_MAX], sql[1024];
	sqlite3 *sq = NULL;
	struct db *db = open_in(f);

	db_close(&db);
	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
	    "WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i"
	    " WHERE i < %d), n AS (SELECT i, %lld AS hour,"
	    " 'wages-' || (i * 31 %% 20) AS topic,"
	    " 'ru-moskva-' || (i * 7919 %% 50) AS place FROM i)"
	    " INSERT INTO %s %s;"
	    "UPDATE meta SET value = '%d' WHERE '%s' = 'log_past' AND key IN"
	    " ('mixed_turn', '%s');"
	    "PRAGMA journal_mode = WAL",
	    ROWS, (long long)old_ms, table, past ? past_sql : now_sql, ROWS,
	    table, counted ? "rolled_turn" : "");
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
}

/* Rounds of the sweep alone: checkpoints have rounds of their own. */
static void
rounds(const char *name, const char *table, int64_t keep_ms)
{
	const struct db_sweep now = { .now_ms = old_ms + 2 * (int64_t)HOUR_MS,
		.log_ms = keep_ms };
	static double cpu[ROUNDS], wall[ROUNDS];
	struct folder f = folder_new();
	double cpu_then, wall_then;
	struct db *db;
	bool more = true;
	size_t n;

	fill(&f, table, strcmp(name, "sweep") == 0);
	db = open_in(&f);
	for (n = 0; n < ROUNDS && more; n++) {
		cpu_then = cpu_s();
		wall_then = wall_s();
		ASSERT(db_sweep(db, &now, &more) == 0);
		cpu[n] = (cpu_s() - cpu_then) * 1e3;
		wall[n] = (wall_s() - wall_then) * 1e3;
		if (db_wal_is_long(db))
			ASSERT(db_checkpoint(db) == 0);
	}
	printf("%s_round_ms_p50 %.3f ms\n", name, quantile(cpu, n, 0.5));
	printf("%s_round_ms_p99 %.3f ms\n", name, quantile(cpu, n, 0.99));
	printf("%s_round_ms_worst %.3f ms\n", name, quantile(cpu, n, 1));
	printf("# with what the disk took: %.2f, %.2f, %.2f ms\n",
	    quantile(wall, n, 0.5), quantile(wall, n, 0.99),
	    quantile(wall, n, 1));
	db_close(&db);
	folder_done(&f);
}

int
main(void)
{
	rounds("sweep", "log_past", 1);
	rounds("roll", "log_past", INT64_C(400) * 24 * HOUR_MS);
	rounds("mix", "log_now", INT64_C(400) * 24 * HOUR_MS);
	return 0;
}
