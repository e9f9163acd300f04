/* test_retention.c - the list of what is stored against both databases, and
 * the sweep against the list. */
#include "db/retention.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>

#include "db/db.h"
#include "db/migrations.h"
#include "tests/folder.h"
#include "tests/tap.h"

/* Both schemas as they are after the last migration. */
static sqlite3 *
schema_open(const struct schema *schema)
{
	sqlite3 *sq = NULL;
	int32_t i;

	ASSERT(sqlite3_open(":memory:", &sq) == SQLITE_OK);
	for (i = 0; i < schema->version; i++)
		ASSERT(sqlite3_exec(sq, schema->sql[i], NULL, NULL, NULL) ==
		       SQLITE_OK);
	return sq;
}

/* Which row of the list a column has; says so when there are several. */
static const struct retention_data *
listed(const char *base, const char *table, const char *column)
{
	const struct retention_data *found = NULL, *d;
	struct sv rest;
	size_t i;

	for (i = 0; i < retention_data_count; i++) {
		d = &retention_data[i];
		if (d->base == NULL || strcmp(d->base, base) != 0 ||
		    strcmp(d->table, table) != 0)
			continue;
		for (rest = sv_of(d->columns); rest.n > 0;)
			if (sv_eq(sv_cut(&rest, ' '), sv_of(column))) {
				if (found != NULL)
					printf(
					    "# twice: %s.%s\n", table, column);
				found = d;
			}
	}
	return found;
}

static const char columns_sql[] =
    "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'";

static int
missing(const char *base, sqlite3 *sq, int *ret_count)
{
	sqlite3_stmt *st = NULL;
	const char *table, *column;
	int count = 0, lost = 0;

	ASSERT(sqlite3_prepare_v2(sq, columns_sql, -1, &st, NULL) == SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		table = (const char *)sqlite3_column_text(st, 0);
		column = (const char *)sqlite3_column_text(st, 1);
		count++;
		if (retention_find(base, table) != NULL &&
		    listed(base, table, column) != NULL)
			continue;
		lost++;
		printf("# not listed: %s.db %s.%s\n", base, table, column);
	}
	(void)sqlite3_finalize(st);
	*ret_count = count;
	return lost;
}

/* Columns that the list has of a base, with doubles. */
static int
columns_of(const char *base)
{
	struct sv rest;
	int count = 0;
	size_t i;

	for (i = 0; i < retention_data_count; i++) {
		if (retention_data[i].base == NULL ||
		    strcmp(retention_data[i].base, base) != 0)
			continue;
		for (rest = sv_of(retention_data[i].columns); rest.n > 0;
		     count++)
			(void)sv_cut(&rest, ' ');
	}
	return count;
}

static void
test_list(void)
{
	static const struct {
		const char *base;
		const struct schema *schema;
	} bases[] = { { "hotline", &schema_hotline },
		{ "directory", &schema_directory },
		{ "console", &schema_console } };
	size_t i;
	int count = 0;
	sqlite3 *sq;

	for (i = 0; i < ARRAY_LEN(bases); i++) {
		sq = schema_open(bases[i].schema);
		EQ(missing(bases[i].base, sq, &count), 0,
		    "every column is in the list");
		EQ(columns_of(bases[i].base), count, "and nothing else");
		ASSERT(sqlite3_exec(sq, "ALTER TABLE meta ADD COLUMN x TEXT",
			   NULL, NULL, NULL) == SQLITE_OK ||
		       sqlite3_exec(sq, "ALTER TABLE phone ADD COLUMN x TEXT",
			   NULL, NULL, NULL) == SQLITE_OK ||
		       sqlite3_exec(sq, "ALTER TABLE user ADD COLUMN x TEXT",
			   NULL, NULL, NULL) == SQLITE_OK);
		EQ(missing(bases[i].base, sq, &count), 1,
		    "a new one would be missed");
		(void)sqlite3_close(sq);
	}
}

/* Numbers and texts are for nobody without a key, and in no backup. */
static void
test_sealed(void)
{
	const struct retention_data *d;
	size_t i, sealed = 0;

	for (i = 0; i < retention_data_count; i++) {
		d = &retention_data[i];
		if (d->base == NULL || strstr(d->columns, "sealed") == NULL)
			continue;
		sealed++;
		OK(d->readers == READ_KEYS || d->readers == READ_REVIEW,
		    d->table);
		OK(!retention_find(d->base, d->table)->backup,
		    "and no backup has it");
	}
	EQ(sealed, 4, "answers, pieces, calls, texts without an answer");
}

/* The sweep, by the clock, for every table that has one. */

static const int64_t now_ms = 1767322800000, day_ms = 86400000;
enum { LOG_DAYS = 180 };

static const struct {
	const char *table;
	int64_t keep_ms;
	const char *put; /* a row; ?1 its id, ?2 its time */
	bool day;	 /* its clock is a day */
} rows[] = {
	{ "inbox", 24 * INT64_C(3600000),
	    "INSERT INTO inbox VALUES (?1, ?2, zeroblob(16), NULL, '')",
	    false },
	{ "log_past", LOG_DAYS *INT64_C(86400000),
	    "INSERT INTO log_past VALUES (?1, ?2, 1, NULL, '', '', '', '', '', "
	    "'',"
	    " '', '', '', 1, 1)",
	    true },
	{ "outbox", INT64_C(3600000),
	    "INSERT INTO outbox VALUES (?1, 0, ?2, '', x'01', NULL, NULL)",
	    false },
	{ "part", INT64_C(3600000),
	    "INSERT INTO part VALUES (?1, ?2, '', x'', x'', 1, 1, 0, NULL,"
	    " NULL)",
	    false },
	{ "decoy WHERE day > 0", 60 * INT64_C(86400000),
	    "INSERT INTO decoy VALUES (?1, ?2, x'', x'')", true },
	{ "callback WHERE until_ms > 0", 1000,
	    "INSERT INTO callback VALUES (?1, 123456, ?2, zeroblob(16), x'')",
	    false },
	{ "unmatched", 7 * INT64_C(86400000),
	    "INSERT INTO unmatched VALUES (?1, ?2, '', '', x'')", true },
	{ "rollup", 1825 * INT64_C(86400000),
	    "INSERT INTO rollup VALUES (?2 / 86400000, ?1, 1, 1, 1, 1, 1, 1, 1,"
	    " 1)",
	    true },
	{ "rollup_listing", 1825 * INT64_C(86400000),
	    "INSERT INTO rollup_listing VALUES (?2 / 86400000, ?1, 1, 1, 1, 1,"
	    " 1)",
	    true },
	{ "rollup_day", 1825 * INT64_C(86400000),
	    "INSERT OR REPLACE INTO rollup_day VALUES (?2 / 86400000, ?1)",
	    true },
	{ "audit", 730 * INT64_C(86400000),
	    "INSERT INTO audit VALUES (?1, ?2, '', '', zeroblob(32))", false },
};

static struct db *
open_in(const struct folder *f)
{
	struct db *db = NULL;
	struct diag diag = { "" };

	if (db_open_sized(f->path, 0, &db, &diag) < 0)
		printf("# %s\n", diag.text);
	ASSERT(db != NULL);
	return db;
}

static sqlite3 *
outside(const struct folder *f)
{
	sqlite3 *sq = NULL;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	(void)sqlite3_busy_timeout(sq, 10000);
	/* rows that a test puts into the log are counted, and may go */
	ASSERT(sqlite3_exec(sq,
		   "UPDATE meta SET value = '1000000' WHERE key IN"
		   " ('mixed_turn', 'rolled_turn')",
		   NULL, NULL, NULL) == SQLITE_OK);
	return sq;
}

static void
row_put(sqlite3 *sq, const char *put, int id, int64_t at_ms)
{
	sqlite3_stmt *st = NULL;

	ASSERT(sqlite3_prepare_v2(sq, put, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_bind_int(st, 1, id) == SQLITE_OK &&
	       sqlite3_bind_int64(st, 2, at_ms) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_DONE);
	(void)sqlite3_finalize(st);
}

static int
count_of(sqlite3 *sq, const char *table)
{
	sqlite3_stmt *st = NULL;
	char sql[128];
	int n;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

static void
sweep_to_end(struct db *db, int64_t at_ms)
{
	const struct db_sweep now = { .now_ms = at_ms,
		.log_ms = LOG_DAYS * day_ms };
	bool more = true;
	int rc = 0;

	while (rc == 0 && more)
		rc = db_sweep(db, &now, &more);
	EQ(rc, 0, "sweep");
}

static void
test_clocks(void)
{
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	sqlite3 *sq = outside(&f);
	int64_t at_ms;
	size_t i, swept = 0;

	for (i = 0; i < retention_table_count; i++)
		swept += retention_tables[i].from != NULL;
	EQ(swept, ARRAY_LEN(rows), "a case for every table with a clock");
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		at_ms = rows[i].day ? now_ms - now_ms % day_ms : now_ms;
		row_put(sq, rows[i].put, 1, at_ms);
		sweep_to_end(db, at_ms + rows[i].keep_ms);
		EQ(count_of(sq, rows[i].table), 1, rows[i].table);
		sweep_to_end(db, at_ms + rows[i].keep_ms + 1);
		EQ(count_of(sq, rows[i].table), 0, "gone a ms later");
	}
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

/* Pseudonyms of old epochs go, whoever's they are; the rows stay. */
static void
test_unlink(void)
{
	enum { MANY = 1000, OLD = 600 };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	sqlite3 *sq = outside(&f);
	struct db_sweep now = { .now_ms = now_ms, .log_ms = 10 * day_ms };
	bool more = true;
	int rc = 0, rounds = 0;

	ASSERT(sqlite3_exec(sq,
		   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
		   " FROM n WHERE i < 1000) INSERT INTO log_past SELECT i,"
		   " 1767322800000, iif(i <= 600, 680, 681),"
		   " cast('ann-ann-ann-ann' || x'00' AS BLOB), '', '', '', '',"
		   " '', '', '', '', '', 1, 1 FROM n;"
		   "UPDATE meta SET value = 1000 WHERE key = 'mixed_turn'",
		   NULL, NULL, NULL) == SQLITE_OK);
	now.epoch = 681;
	for (; rc == 0 && more; rounds++)
		rc = db_sweep(db, &now, &more);
	EQ(rc, 0, "sweep");
	OK(rounds > OLD / 256, "in batches");
	EQ(count_of(sq, "log_past WHERE person NOTNULL AND epoch = 680"), 0,
	    "nobody in the old epoch");
	EQ(count_of(sq, "log_past WHERE person NOTNULL"), MANY - OLD,
	    "as before in the new one");
	EQ(count_of(sq, "log_past"), MANY, "no row is gone");
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

/* Rows, as ids: nobody deletes from the middle. */
static int
ids_of(sqlite3 *sq)
{
	sqlite3_stmt *st = NULL;
	int n;

	ASSERT(sqlite3_prepare_v2(sq,
		   "SELECT (SELECT max(id) FROM log_past) -"
		   " (SELECT min(id) FROM log_past)"
		   " + 1",
		   -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

/* A million rows too old at once: few of them in each round. */
static void
test_million(void)
{
	enum { ROWS = 1000000, LOOKED = 400, BATCH = 256 };
	const struct db_sweep now = { .now_ms = now_ms + 400 * day_ms,
		.log_ms = LOG_DAYS * day_ms };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	sqlite3 *sq;
	struct timespec a, b;
	double ms, worst = 0, sum = 0;
	int i, rc = 0, before, after, most = 0;
	bool more = true;

	db_close(&db);
	sq = outside(&f);
	ASSERT(sqlite3_exec(sq,
		   "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
		   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
		   " FROM n WHERE i < 1000000) INSERT INTO log_past SELECT i,"
		   " 1767322800000, 681, randomblob(16), 'kannel', 'kg', 'sms',"
		   " 'ky', 'wages', 'ru-moskva', 'directory', 'one two',"
		   " 'answered', 1, 2 FROM n; PRAGMA journal_mode = WAL",
		   NULL, NULL, NULL) == SQLITE_OK);
	db = open_in(&f);
	for (i = 0; i < LOOKED && rc == 0 && more; i++) {
		before = ids_of(sq);
		(void)clock_gettime(CLOCK_MONOTONIC, &a);
		rc = db_sweep(db, &now, &more);
		(void)clock_gettime(CLOCK_MONOTONIC, &b);
		after = ids_of(sq);
		ms = (double)(b.tv_sec - a.tv_sec) * 1e3 +
		     (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		most = before - after > most ? before - after : most;
		worst = ms > worst ? ms : worst;
		sum += ms;
		if (i % 50 == 0)
			rc = rc < 0 ? rc : db_checkpoint(db);
	}
	EQ(rc, 0, "sweep");
	OK(more, "there is more to do");
	EQ(most, BATCH, "rows in a round");
	printf("# a sweep of a million expired rows: %.2f ms a round, commit "
	       "and sync included; %.2f at worst of %d\n",
	    sum / i, worst, i);
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

/* Every table has more than a round may change: together they do not change
 * more, and none waits for another one's flood. */
static void
test_fair(void)
{
	enum { MANY = 400, ROUND = 64, ROUNDS = 24 };
	const struct db_sweep now = { .now_ms = now_ms + 1000 * day_ms,
		.log_ms = day_ms,
		.rows = ROUND };
	static const char *const flooded[] = { "inbox", "log_past", "part",
		"unmatched", "audit" };
	struct folder f = folder_new();
	struct db *db = open_in(&f);
	sqlite3 *sq = outside(&f);
	int i, n, before = 0, after, most = 0, rc = 0;
	size_t t;
	bool more = true;

	ASSERT(sqlite3_exec(sq, "BEGIN", NULL, NULL, NULL) == SQLITE_OK);
	for (t = 0; t < ARRAY_LEN(rows); t++)
		for (i = 1; i <= MANY; i++)
			row_put(sq, rows[t].put, i, now_ms - now_ms % day_ms);
	ASSERT(sqlite3_exec(sq, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
	for (i = 0; rc == 0 && i < ROUNDS; i++) {
		rc = db_sweep(db, &now, &more);
		for (after = 0, t = 0; t < ARRAY_LEN(flooded); t++)
			after += count_of(sq, flooded[t]);
		if (i > 0 && before - after > most)
			most = before - after;
		before = after;
	}
	EQ(rc, 0, "sweep");
	OK(most > 0 && most <= ROUND, "no round changes more than it may");
	for (t = 0; t < ARRAY_LEN(flooded); t++) {
		n = count_of(sq, flooded[t]);
		OK(n < MANY, flooded[t]);
	}
	for (i = 0; rc == 0 && more && i < 1000; i++)
		rc = db_sweep(db, &now, &more);
	OK(rc == 0 && !more, "to the end");
	(void)sqlite3_close(sq);
	db_close(&db);
	folder_done(&f);
}

int
main(void)
{
	test_list();
	test_sealed();
	test_clocks();
	test_unlink();
	test_fair();
	test_million();
	return tap_done();
}
