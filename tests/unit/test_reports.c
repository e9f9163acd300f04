/* test_reports.c - what reports tell, held against counts added up anew; what
 * they hide, whoever asks in whichever way. */
#include "db/reports.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "tests/folder.h"
#include "tests/tap.h"

enum {
	FIRST = 20393 /* 1 November 2025, a Saturday */,
	DAYS = 150,
	CELLS = 6000
};
enum { TODAY = FIRST + DAYS + 30, DIMS = REPORT_DIMS };

static const char *const values[DIMS][6] = {
	{ "sms", "voice" },
	{ "megacom", "beeline" },
	{ "kg", "uz", "tj", "ru" },
	{ "ky", "ru", "uz", "tg", "en" },
	{ "wages", "hiv", "legal", "shelter", "" },
	{ "kg-osh", "kg-kara-suu", "ru-moskva", "ru-khimki", "" },
	{ "answered", "no_match", "no_listing" },
	{ "adilet", "sezim", "tais" },
};
static const int value_count[DIMS] = { 2, 2, 4, 5, 5, 5, 3, 3 };

/* What the store is given, and what the oracle knows. */
struct fact {
	int day;
	int v[DIMS];
	int count;
};

static struct fact facts[CELLS], given[CELLS];
static int fact_count, given_count;

static uint32_t seed = 12345;

static int
chance(int below)
{
	seed = seed * 1664525 + 1013904223;
	return (int)((seed >> 8) % (uint32_t)below);
}

static sqlite3 *
outside(const struct folder *f)
{
	sqlite3 *sq = NULL;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/hotline.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	return sq;
}

static void
run(sqlite3 *sq, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(sq, sql, NULL, NULL, &why) != SQLITE_OK)
		printf("# %s\n", why);
	ASSERT(why == NULL);
}

/* Small ids of names: dim * 6 + value + 1. */
static int
id_of(int dim, int value)
{
	return dim * 6 + value + 1;
}

static void
names_put(sqlite3 *sq)
{
	char sql[256];
	int d, v;

	for (d = 0; d < DIMS; d++)
		for (v = 0; v < value_count[d]; v++) {
			/* an empty name, or one that two dims share, is once */
			(void)snprintf(sql, sizeof(sql),
			    "INSERT OR IGNORE INTO rollup_name VALUES (%d, "
			    "'%s')",
			    id_of(d, v), values[d][v]);
			run(sq, sql);
		}
}

static void
fact_put(sqlite3 *sq, const struct fact *f)
{
	char sql[1024];
	int n, d;

	n = snprintf(sql, sizeof(sql), "INSERT INTO rollup VALUES (%d", f->day);
	for (d = REPORT_CHANNEL; d <= REPORT_OUTCOME; d++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n,
		    ", (SELECT id FROM rollup_name WHERE name = '%s')",
		    values[d][f->v[d]]);
	(void)snprintf(sql + n, sizeof(sql) - (size_t)n,
	    ", %d, %d) ON CONFLICT DO UPDATE SET count = count + %d,"
	    " parts = parts + %d",
	    f->count, f->count * 2, f->count, f->count * 2);
	run(sq, sql);
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO rollup_day VALUES (%d, %d) ON CONFLICT DO UPDATE SET"
	    " count = count + %d",
	    f->day, f->count, f->count);
	run(sq, sql);
}

static void
given_put(sqlite3 *sq, const struct fact *f)
{
	static const int columns[] = { REPORT_LISTING, REPORT_TOPIC,
		REPORT_COUNTRY, REPORT_LANG, REPORT_CHANNEL };
	char sql[1024];
	size_t i;
	int n = snprintf(
	    sql, sizeof(sql), "INSERT INTO rollup_listing VALUES (%d", f->day);

	for (i = 0; i < ARRAY_LEN(columns); i++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n,
		    ", (SELECT id FROM rollup_name WHERE name = '%s')",
		    values[columns[i]][f->v[columns[i]]]);
	(void)snprintf(sql + n, sizeof(sql) - (size_t)n,
	    ", %d) ON CONFLICT DO UPDATE SET count = count + %d", f->count,
	    f->count);
	run(sq, sql);
}

/* Few of most things, many of some. */
static struct fact
fact_new(void)
{
	struct fact f = { .day = FIRST + chance(DAYS), .count = 1 + chance(3) };
	int d;

	for (d = 0; d < DIMS; d++)
		f.v[d] = chance(3) > 0 ? chance(2) : chance(value_count[d]);
	if (chance(12) == 0)
		f.count += chance(20);
	return f;
}

static struct db *
store_new(const struct folder *f)
{
	struct db *db = NULL;
	struct diag why = { "" };
	sqlite3 *sq;
	int i;

	ASSERT(db_open_sized(f->path, 0, &db, &why) == 0);
	db_close(&db);
	sq = outside(f);
	run(sq, "PRAGMA synchronous = OFF; BEGIN");
	names_put(sq);
	for (i = 0; i < fact_count; i++)
		fact_put(sq, &facts[i]);
	for (i = 0; i < given_count; i++)
		given_put(sq, &given[i]);
	run(sq, "COMMIT");
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	ASSERT(db_open_reader(f->path, &db, &why) == 0);
	return db;
}

static void
facts_make(void)
{
	for (fact_count = 0; fact_count < CELLS; fact_count++)
		facts[fact_count] = fact_new();
	for (given_count = 0; given_count < CELLS / 2; given_count++)
		given[given_count] = fact_new();
}

/* ---- the oracle: from the words of reports.h ---- */

static const char *
region_name(const char *place)
{
	return strncmp(place, "kg-", 3) == 0 ? "kg-osh-oblast" :
	       strncmp(place, "ru-", 3) == 0 ? "ru-mow" :
					       "";
}

static struct sv
region(void *arg, struct sv place)
{
	char name[32];

	(void)arg;
	(void)snprintf(name, sizeof(name), SV_FMT, SV_ARG(place));
	return sv_of(region_name(name));
}

/* A cell: what is fixed, by name; NULL: anything. */
struct fixed {
	const char *v[DIMS];
};

static bool
member(struct sv list, const char *name)
{
	if (list.n == 0)
		return true;
	while (list.n > 0)
		if (sv_eq(sv_cut(&list, ';'), sv_of(name)))
			return true;
	return false;
}

static const char *
name_in(const struct report_scope *s, const struct fact *f, int d)
{
	const char *name = values[d][f->v[d]];

	return d == REPORT_PLACE && s->partner ? region_name(name) : name;
}

static long
raw(const struct report_scope *s, const struct fixed *c, bool of_given,
    int64_t from, int64_t to)
{
	const struct fact *list = of_given ? given : facts, *f;
	int i, d, n = of_given ? given_count : fact_count;
	long sum = 0;

	for (i = 0; i < n; i++) {
		f = &list[i];
		if (f->day < from || f->day > to ||
		    !member(s->topics, name_in(s, f, REPORT_TOPIC)) ||
		    !member(s->countries, name_in(s, f, REPORT_COUNTRY)) ||
		    (of_given &&
			!member(s->listings, name_in(s, f, REPORT_LISTING))))
			continue;
		for (d = 0; d < DIMS; d++)
			if (c->v[d] != NULL &&
			    strcmp(c->v[d], name_in(s, f, d)) != 0)
				break;
		if (d == DIMS)
			sum += f->count;
	}
	return sum;
}

/* The values that a dim can have for somebody. */
static int
domain(const struct report_scope *s, int d, const char *ret[6])
{
	int i, j, n = 0;

	for (i = 0; i < value_count[d]; i++) {
		const char *name = values[d][i];

		if (d == REPORT_PLACE && s->partner)
			name = region_name(name);
		for (j = 0; j < n && strcmp(ret[j], name) != 0;)
			j++;
		if (j == n)
			ret[n++] = name;
	}
	return n;
}

/* Told of one span: rounded, or REPORT_HIDDEN. */
static long
told(const struct report_scope *s, const struct fixed *c, bool of_given,
    int64_t from, int64_t to)
{
	long n = raw(s, c, of_given, from, to), m, hidden, least;
	const char *names[6], *first;
	struct fixed other;
	int d, i, count;

	if (n < 5)
		return REPORT_HIDDEN;
	for (d = 0; d < DIMS; d++) {
		if (c->v[d] == NULL)
			continue;
		count = domain(s, d, names);
		hidden = 0;
		least = 1L << 40;
		first = "";
		for (i = 0; i < count; i++) {
			other = *c;
			other.v[d] = names[i];
			m = raw(s, &other, of_given, from, to);
			if (m < 5) {
				hidden += m;
			} else if (m < least ||
				   (m == least &&
				       strcmp(names[i], first) < 0)) {
				least = m;
				first = names[i];
			}
		}
		if (hidden > 0 && hidden < 5 && strcmp(first, c->v[d]) == 0)
			return REPORT_HIDDEN;
	}
	return (n + 2) / 5 * 5;
}

/* ---- questions ---- */

static struct arena *arena;

static struct report_query
question(int by, int64_t from, int64_t to, const struct fixed *where)
{
	struct report_query q = {
		.from = from, .to = to, .today = TODAY, .by = (enum report_by)by
	};
	int d;

	for (d = 0; d < DIMS; d++)
		q.where[d] = sv_of(where->v[d]);
	return q;
}

static int
refused(struct db *db, const struct report_scope *s, struct report_query q)
{
	struct report r;

	return reports_query(db, s, &q, arena, &r);
}

static struct report
ask(struct db *db, const struct report_scope *s, int by, int64_t from,
    int64_t to, const struct fixed *where)
{
	const struct report_query q = question(by, from, to, where);
	struct report r = { 0 };

	ASSERT(reports_query(db, s, &q, arena, &r) == 0);
	return r;
}

static int64_t
count_of(const struct report *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (sv_eq(r->rows[i].key, sv_of(key)))
			return r->rows[i].count;
	return REPORT_HIDDEN;
}

static const struct report_scope everybody = { .region = region };

/* A span that is asked for as such. */
struct ask_span {
	int by; /* REPORT_DAY, _WEEK or _MONTH */
	int64_t from, to;
};

static struct ask_span
some_span(bool partner)
{
	static const int months[] = { FIRST, FIRST + 30, FIRST + 61 };
	int at = chance(3);

	if (at == 0 && !partner) {
		int64_t day = FIRST + chance(DAYS);

		return (struct ask_span){ REPORT_DAY, day, day };
	}
	if (at == 1) {
		int64_t monday = FIRST + 2 + 7 * chance(DAYS / 7 - 2);

		return (struct ask_span){ REPORT_WEEK, monday, monday + 6 };
	}
	at = chance(3);
	return (struct ask_span){ REPORT_MONTH, months[at],
		report_month(months[at], 1) - 1 };
}

static struct fixed
some_filters(int by, bool of_given)
{
	struct fixed c = { { NULL } };
	int i, d, n = chance(3);

	for (i = 0; i < n; i++) {
		d = chance(DIMS);
		if (d == by || d == REPORT_LISTING ||
		    (of_given && (d == REPORT_GATEWAY || d == REPORT_PLACE ||
				     d == REPORT_OUTCOME)))
			continue;
		c.v[d] = values[d][chance(value_count[d])];
		if (c.v[d][0] == '\0') /* cannot be asked for */
			c.v[d] = NULL;
	}
	return c;
}

static struct report_scope
some_scope(void)
{
	static const struct sv lists[] = { { "", 0 }, { "hiv", 3 },
		{ "legal;wages", 11 }, { "nothing", 7 } };
	struct report_scope s = { .partner = true, .region = region };

	s.topics = lists[chance(3)];
	if (chance(3) == 0)
		s.countries = SV("kg;uz");
	if (chance(4) == 0)
		s.listings = SV("sezim;tais");
	return s;
}

/* Every row of every question, against the oracle. */
static void
test_oracle(struct db *db)
{
	long wrong = 0, rows = 0, hidden = 0, odd = 0;
	int i, v, by;

	for (i = 0; i < 400; i++) {
		struct report_scope s =
		    chance(2) == 0 ? everybody : some_scope();
		bool of_given;
		struct ask_span t = some_span(s.partner);
		struct fixed c, cell;
		struct report r;
		const char *names[6];
		int n;

		do
			by = chance(DIMS);
		while (s.listings.n > 0 &&
		       (by == REPORT_GATEWAY || by == REPORT_PLACE ||
			   by == REPORT_OUTCOME));
		of_given = s.listings.n > 0 || by == REPORT_LISTING;
		c = some_filters(by, of_given);
		if (s.partner && c.v[REPORT_PLACE] != NULL)
			c.v[REPORT_PLACE] = region_name(c.v[REPORT_PLACE]);
		arena_reset(arena);
		r = ask(db, &s, by, t.from, t.to, &c);
		wrong += r.from != t.from || r.to != t.to;
		n = domain(&s, by, names);
		for (v = 0; v < n; v++) {
			long want;

			cell = c;
			cell.v[by] = names[v];
			want = told(&s, &cell, of_given, t.from, t.to);
			wrong += count_of(&r, names[v]) != want;
			odd += want > 0 && (want < 5 || want % 5 != 0);
			hidden += want == REPORT_HIDDEN;
			rows++;
		}
		wrong += r.total != told(&s, &c, of_given, t.from, t.to);
	}
	printf("# %ld cells, %ld of them hidden\n", rows, hidden);
	OK(hidden > rows / 10 && hidden < rows * 9 / 10, "of both there are");
	EQ(wrong, 0, "every cell of every question is as it should be");
	EQ(odd, 0, "nothing but fives is told");
}

/* The same cell as a row of two questions, and as the total of a third. */
static void
test_consistent(struct db *db)
{
	int i, wrong = 0;

	for (i = 0; i < 60; i++) {
		struct ask_span t = some_span(false);
		const char *topic = values[REPORT_TOPIC][chance(4)];
		const char *country = values[REPORT_COUNTRY][chance(4)];
		struct fixed a = { { NULL } }, b = a, both = a;
		struct report r, s, u;

		arena_reset(arena);
		a.v[REPORT_COUNTRY] = both.v[REPORT_COUNTRY] = country;
		b.v[REPORT_TOPIC] = both.v[REPORT_TOPIC] = topic;
		r = ask(db, &everybody, REPORT_TOPIC, t.from, t.to, &a);
		s = ask(db, &everybody, REPORT_COUNTRY, t.from, t.to, &b);
		u = ask(db, &everybody, t.by, t.from, t.to, &both);
		wrong += count_of(&r, topic) != count_of(&s, country);
		wrong += count_of(&r, topic) != u.total;
	}
	EQ(wrong, 0, "a cell says the same wherever it stands");
}

/* Who has the total and the rows that are told cannot tell what the others hold
 * together, unless it is 5 or more. */
static void
test_complement(struct db *db)
{
	int i, v, wrong = 0, victims = 0;

	for (i = 0; i < 300; i++) {
		struct ask_span t = some_span(false);
		int by = chance(REPORT_LISTING);
		struct fixed c = some_filters(by, false), cell;
		struct report r;
		long hidden = 0, n, shown = 0;

		arena_reset(arena);
		r = ask(db, &everybody, by, t.from, t.to, &c);
		for (v = 0; v < value_count[by]; v++) {
			cell = c;
			cell.v[by] = values[by][v];
			n = raw(&everybody, &cell, false, t.from, t.to);
			if (count_of(&r, values[by][v]) != REPORT_HIDDEN) {
				shown++;
				continue;
			}
			hidden += n;
			victims += n >= 5;
		}
		wrong += shown > 0 && hidden > 0 && hidden < 5;
	}
	printf("# %d cells of 5 and more are hidden for others\n", victims);
	OK(victims > 0, "some cells are hidden for others");
	EQ(wrong, 0, "no hidden cell is what is left of a total");
}

/* A time is the sum of its spans, as each is told alone. */
static void
test_sums(struct db *db)
{
	struct fixed c = { { NULL } };
	int64_t sum = 0;
	struct report r, one;
	int64_t d;

	/* Saturday 1 to Wednesday 5 November, and all of December */
	arena_reset(arena);
	for (d = FIRST; d < FIRST + 5; d++) {
		one = ask(db, &everybody, REPORT_LANG, d, d, &c);
		sum += count_of(&one, "ky") > 0 ? count_of(&one, "ky") : 0;
	}
	r = ask(db, &everybody, REPORT_LANG, FIRST, FIRST + 4, &c);
	EQ(count_of(&r, "ky"), sum, "five days are five spans");
	one = ask(db, &everybody, REPORT_LANG, FIRST + 30, FIRST + 60, &c);
	sum = count_of(&one, "ky");
	one = ask(db, &everybody, REPORT_LANG, FIRST + 61, FIRST + 61, &c);
	sum += count_of(&one, "ky") > 0 ? count_of(&one, "ky") : 0;
	r = ask(db, &everybody, REPORT_LANG, FIRST + 30, FIRST + 61, &c);
	EQ(count_of(&r, "ky"), sum, "a month and a day are two");
}

/* A year by days, of one thing: many spans, in the memory of one request. */
static void
test_many_spans(struct db *db)
{
	struct arena *all = arena, *small = arena_new(1 << 16, 1 << 20);
	struct fixed c = { { NULL } };
	struct report r;

	arena = small;
	c.v[REPORT_LISTING] = "adilet";
	c.v[REPORT_COUNTRY] = "kg";
	r = ask(db, &everybody, REPORT_DAY, TODAY - 3000, TODAY, &c);
	EQ(r.count, 3000, "a row for each day until yesterday");
	arena = all;
	arena_free(&small);
}

static void
test_times(struct db *db)
{
	struct report_scope partner = { .partner = true, .region = region };
	struct fixed c = { { NULL } };
	int64_t late = TODAY - 1 - REPORT_LATE_DAYS;
	int64_t from, to;
	struct report r;
	int wrong = 0;

	arena_reset(arena);
	EQ(refused(db, &partner, question(REPORT_DAY, FIRST, FIRST + 30, &c)),
	    -EPERM, "refused");
	r = ask(db, &everybody, REPORT_TOPIC, TODAY - 3, TODAY + 3, &c);
	EQ(r.to, TODAY - 1, "today is not over");
	r = ask(db, &partner, REPORT_TOPIC, FIRST, TODAY, &c);
	OK(r.to <= late && r.to > late - 7, "partners wait for a week");
	r = ask(db, &partner, REPORT_TOPIC, TODAY - 6, TODAY, &c);
	OK(r.count == 0 && r.total == REPORT_HIDDEN, "before that nothing");
	for (from = FIRST + 20; from < FIRST + 40; from++)
		for (to = from; to < FIRST + 80; to += 3) {
			bool months;

			arena_reset(arena);
			r = ask(db, &partner, REPORT_CHANNEL, from, to, &c);
			months = report_month(r.from, 0) == r.from &&
				 report_month(r.to, 1) == r.to + 1;
			/* 20394 + 1 is a Monday: 3 November 2025 */
			wrong += !months && ((r.from - FIRST - 2) % 7 != 0 ||
						(r.to - FIRST - 2) % 7 != 6);
			wrong += r.from > from || r.to < to;
			wrong += r.before_to != r.from - 1;
		}
	EQ(wrong, 0, "partners get whole weeks or months");
	r = ask(db, &everybody, REPORT_TOPIC, FIRST + 30, FIRST + 60, &c);
	EQ(r.before_from, FIRST, "before December is November");
	r = ask(db, &everybody, REPORT_DAY, FIRST, FIRST + 9, &c);
	EQ(r.count, 10, "a row a day");
	OK(sv_eq(r.rows[0].key, SV("2025-11-01")), "with its date");
	r = ask(db, &everybody, REPORT_MONTH, FIRST + 3, FIRST + 70, &c);
	EQ(r.count, 3, "three whole months");
	EQ(refused(
	       db, &everybody, question(REPORT_TOPIC, FIRST + 1, FIRST, &c)),
	    -EINVAL, "refused");
	c.v[REPORT_TOPIC] = "hiv";
	EQ(refused(db, &everybody, question(REPORT_TOPIC, FIRST, FIRST, &c)),
	    -EINVAL, "refused");
	c.v[REPORT_LISTING] = "adilet";
	EQ(refused(db, &everybody, question(REPORT_PLACE, FIRST, FIRST, &c)),
	    -EOPNOTSUPP, "refused");
}

/* One more request, or one less, in a day that is hidden: whoever asks for
 * every time there is, from every day to every day, hears the same. */
static void
test_differences(void)
{
	enum { DAY = FIRST + 12 };
	int64_t answers[2] = { 0, 0 };
	int n, wrong = 0, compared = 0;
	static int64_t seen[2][60][60];

	for (n = 0; n < 2; n++) {
		struct folder f = folder_new();
		struct fixed c = { { NULL } };
		struct db *db;
		int a, b, d;

		fact_count = given_count = 0;
		for (d = 0; d < 60; d++) {
			struct fact *x = &facts[fact_count++];

			*x = (struct fact){ .day = FIRST + d };
			x->count = d == 12    ? 1 + n :
				   d % 7 == 3 ? 2 :
						5 + d % 11;
			if (d == 9) /* whole weeks and months end on fives */
				x->count = 9;
		}
		/* 5 to 11 and the month: both as 1 and as 2 the same fives */
		db = store_new(&f);
		for (a = 0; a < 60; a++)
			for (b = a; b < 60; b++) {
				arena_reset(arena);
				seen[n][a][b] = ask(db, &everybody,
				    REPORT_CHANNEL, FIRST + a, FIRST + b, &c)
						    .total;
				answers[n] += seen[n][a][b];
			}
		if (n == 0) {
			struct fixed none = { { NULL } };
			long week = raw(
			    &everybody, &none, false, FIRST + 9, FIRST + 15);
			long month =
			    raw(&everybody, &none, false, FIRST, FIRST + 29);

			printf("# week %ld, month %ld\n", week, month);
			/* make room below the next five */
			ASSERT((week + 2) / 5 == (week + 3) / 5);
			ASSERT((month + 2) / 5 == (month + 3) / 5);
		}
		db_close(&db);
		folder_done(&f);
	}
	for (int a = 0; a < 60; a++)
		for (int b = a; b < 60; b++) {
			wrong += seen[0][a][b] != seen[1][a][b];
			compared++;
		}
	printf("# %d times compared\n", compared);
	EQ(wrong, 0, "no time tells how many there were on a hidden day");
}

/* What the sweep took away is told no more, by whoever has it in memory. */
static void
test_swept(const struct folder *f, struct db *db)
{
	struct fixed c = { { NULL } };
	const int64_t from = FIRST, to = FIRST + 29, later = FIRST + 60;
	sqlite3 *sq;

	arena_reset(arena);
	OK(ask(db, &everybody, REPORT_CHANNEL, from, to, &c).total > 0 &&
		ask(db, &everybody, REPORT_CHANNEL, later, later + 29, &c)
			.total > 0,
	    "two months are known");
	sq = outside(f);
	ASSERT(sqlite3_exec(sq,
		   "DELETE FROM rollup WHERE day < 20423;"
		   "DELETE FROM rollup_listing WHERE day < 20423;"
		   "DELETE FROM rollup_day WHERE day < 20423",
		   NULL, NULL, NULL) == SQLITE_OK);
	(void)sqlite3_close(sq);
	OK(ask(db, &everybody, REPORT_CHANNEL, from, to, &c).total <= 0,
	    "the first goes from the store, and from what is told");
	OK(ask(db, &everybody, REPORT_CHANNEL, later, later + 29, &c).total > 0,
	    "the other stays");
}

int
main(void)
{
	struct folder f = folder_new();
	struct db *db;

	arena = arena_new(1 << 16, 64 << 20);
	facts_make();
	db = store_new(&f);
	test_oracle(db);
	test_consistent(db);
	test_complement(db);
	test_sums(db);
	test_times(db);
	test_many_spans(db);
	test_swept(&f, db);
	db_close(&db);
	folder_done(&f);
	test_differences();
	arena_free(&arena);
	return tap_done();
}
