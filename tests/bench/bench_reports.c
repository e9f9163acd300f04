/* bench_reports.c - what a page of the reports waits for, with ten million rows
 * of the log counted. */
#include <sqlite3.h>

#include "db/reports.h"
#include "tests/bench/bench.h"

enum {
	DAYS = 365,
	FIRST = 20089, /* 1 January 2025 */
	ROWS = 10 * 1000 * 1000,
	A_DAY = ROWS / DAYS,
	QUESTIONS = 400,
};

/* How many values each has: as a service of five countries has them. */
static const int sizes[REPORT_DIMS] = { 2, 4, 8, 7, 22, 160, 4, 300 };

struct row {
	uint16_t v[REPORT_DIMS];
};

/* The first values are the most frequent by far. */
static uint16_t
some(int size)
{
	static uint32_t seed = 1;
	double x;

	seed = seed * 1664525 + 1013904223;
	x = (double)(seed >> 8) / (1 << 24);

	return (uint16_t)(x * x * x * size * 0.999);
}

/* A number says the gateway, and where people are says what they speak. */
static struct row
row_new(void)
{
	struct row r = { { 0 } };
	int country = some(sizes[REPORT_COUNTRY]);
	size_t d;

	for (d = 0; d < REPORT_LISTING; d++)
		r.v[d] = some(sizes[d]);
	r.v[REPORT_COUNTRY] = (uint16_t)country;
	r.v[REPORT_GATEWAY] = (uint16_t)(country % sizes[REPORT_GATEWAY]);
	r.v[REPORT_PLACE] = (uint16_t)(country * 20 + some(20));
	r.v[REPORT_LANG] = (uint16_t)((country + some(3)) % sizes[REPORT_LANG]);
	return r;
}

static int
row_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct row));
}

static void
number_bind(sqlite3_stmt *st, int at, int64_t n)
{
	ASSERT(sqlite3_bind_int64(st, at, n) == SQLITE_OK);
}

static void
put(sqlite3_stmt *st)
{
	ASSERT(sqlite3_step(st) == SQLITE_DONE);
	ASSERT(sqlite3_reset(st) == SQLITE_OK);
}

static int64_t
id_of(size_t dim, uint16_t value)
{
	return (int64_t)dim * 1000 + value + 1;
}

static sqlite3_stmt *
prepare(sqlite3 *sq, const char *sql)
{
	sqlite3_stmt *st = NULL;

	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	return st;
}

/* Rows of a day that are the same are one cell. */
static size_t
day_put(sqlite3_stmt *st, int day, struct row *rows, size_t count)
{
	size_t i, j, d, cells = 0;

	qsort(rows, count, sizeof(rows[0]), row_order);
	for (i = 0; i < count; i = j, cells++) {
		for (j = i; j < count && row_order(&rows[i], &rows[j]) == 0;)
			j++;
		number_bind(st, 1, day);
		for (d = 0; d < REPORT_LISTING; d++)
			number_bind(st, (int)d + 2, id_of(d, rows[i].v[d]));
		number_bind(st, 9, (int64_t)(j - i));
		number_bind(st, 10, (int64_t)(j - i) * 2);
		put(st);
	}
	return cells;
}

static void
listings_put(sqlite3_stmt *st, int day, const struct row *rows)
{
	size_t i;

	for (i = 0; i < A_DAY; i += 4) {
		number_bind(st, 1, day);
		number_bind(st, 2, id_of(REPORT_LISTING, some(300)));
		number_bind(
		    st, 3, id_of(REPORT_TOPIC, rows[i].v[REPORT_TOPIC]));
		number_bind(
		    st, 4, id_of(REPORT_COUNTRY, rows[i].v[REPORT_COUNTRY]));
		number_bind(st, 5, id_of(REPORT_LANG, rows[i].v[REPORT_LANG]));
		number_bind(
		    st, 6, id_of(REPORT_CHANNEL, rows[i].v[REPORT_CHANNEL]));
		put(st);
	}
}

static void
names_put(sqlite3 *sq)
{
	sqlite3_stmt *st =
	    prepare(sq, "INSERT INTO rollup_name VALUES (?1, ?2)");
	char name[16];
	size_t d;
	int v;

	for (d = 0; d < REPORT_DIMS; d++)
		for (v = 0; v < sizes[d]; v++) {
			(void)snprintf(name, sizeof(name), "d%zu-%d", d, v);
			number_bind(st, 1, id_of(d, (uint16_t)v));
			(void)sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
			put(st);
		}
	(void)sqlite3_finalize(st);
}

static void
fill(const struct folder *f)
{
	static struct row rows[A_DAY];
	char path[PATH_MAX];
	sqlite3 *sq = NULL;
	sqlite3_stmt *cell, *listing, *total;
	size_t i, cells = 0;
	int day;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL,
		   NULL) == SQLITE_OK);
	names_put(sq);
	cell = prepare(sq, "INSERT INTO rollup VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
			   " ?7, ?8, ?9, ?10)");
	listing = prepare(sq,
	    "INSERT INTO rollup_listing VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)"
	    " ON CONFLICT DO UPDATE SET count = count + 1");
	total = prepare(sq, "INSERT INTO rollup_day VALUES (?1, ?2)");
	for (day = FIRST; day < FIRST + DAYS; day++) {
		for (i = 0; i < A_DAY; i++)
			rows[i] = row_new();
		cells += day_put(cell, day, rows, A_DAY);
		listings_put(listing, day, rows);
		number_bind(total, 1, day);
		number_bind(total, 2, A_DAY);
		put(total);
	}
	(void)sqlite3_finalize(cell);
	(void)sqlite3_finalize(listing);
	(void)sqlite3_finalize(total);
	ASSERT(sqlite3_exec(sq, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	printf("# %d rows of the log are %zu counts\n", A_DAY * DAYS, cells);
}

/* What a page asks: mostly a month, sometimes more, sometimes with filters. */
static struct report_query
question(int i)
{
	static const struct {
		enum report_by by;
		int months;
		const char *topic, *country;
	} kinds[] = {
		{ REPORT_TOPIC, 1, NULL, NULL },
		{ REPORT_COUNTRY, 1, NULL, NULL },
		{ REPORT_DAY, 1, NULL, NULL },
		{ REPORT_LANG, 1, "d4-1", NULL },
		{ REPORT_PLACE, 1, "d4-1", "d2-0" },
		{ REPORT_LISTING, 1, NULL, NULL },
		{ REPORT_OUTCOME, 1, NULL, "d2-1" },
		{ REPORT_WEEK, 3, NULL, NULL },
		{ REPORT_TOPIC, 3, NULL, "d2-0" },
		{ REPORT_MONTH, 5, NULL, NULL },
	};
	size_t k = (size_t)i % ARRAY_LEN(kinds);
	int64_t last = report_month(FIRST + DAYS, -(i / 40 % 2));

	return (struct report_query){
		.from = report_month(last - 1, 1 - kinds[k].months),
		.to = last - 1,
		.today = FIRST + DAYS + 1,
		.by = kinds[k].by,
		.where[REPORT_TOPIC] = sv_of(kinds[k].topic),
		.where[REPORT_COUNTRY] = sv_of(kinds[k].country),
	};
}

static void
ask(struct db *db)
{
	static double ms[QUESTIONS];
	static const struct report_scope everybody;
	struct arena *a = arena_new(1 << 20, 16 << 20);
	struct report r;
	int i;

	for (i = 0; i < QUESTIONS; i++) {
		const struct report_query q = question(i);
		double then = cpu_s();

		arena_reset(a);
		ASSERT(reports_query(db, &everybody, &q, a, &r) == 0);
		ms[i] = (cpu_s() - then) * 1e3;
	}
	arena_free(&a);
	printf("reports_p50_ms %.3f ms\n", quantile(ms, QUESTIONS, 0.5));
	printf("reports_p99_ms %.3f ms\n", quantile(ms, QUESTIONS, 0.99));
}

int
main(void)
{
	struct folder f = folder_new();
	struct diag why = { "" };
	struct db *db = NULL;
	bool more = true;
	double then, day, worst = 0;

	ASSERT(db_open_sized(f.path, 0, &db, &why) == 0);
	db_close(&db);
	fill(&f);
	ASSERT(db_open_reader(f.path, &db, &why) == 0);
	while (more) {
		then = cpu_s();
		ASSERT(reports_warm(db, &more) == 0);
		day = (cpu_s() - then) * 1e3;
		worst = day > worst ? day : worst;
	}
	printf("reports_day_load_ms_worst %.3f ms\n", worst);
	ask(db);
	db_close(&db);
	folder_done(&f);
	return 0;
}
