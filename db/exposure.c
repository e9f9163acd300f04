/* exposure.c - counts for who asks what a thief would learn. */
#include "db/exposure.h"

#include "db/hotline.h"

typedef void exposure_row_fn(void *arg, sqlite3_stmt *st);

static int
rows_each(struct db *db, const char *sql, exposure_row_fn *fn, void *arg)
{
	sqlite3_stmt *st = NULL;
	int rc;

	errno = 0;
	rc = sql_rc(sqlite3_prepare_v2(db->sq, sql, -1, &st, NULL));
	while (rc == 0 && (rc = sql_next(st)) == 1) {
		fn(arg, st);
		rc = 0;
	}
	(void)sqlite3_finalize(st);
	return rc;
}

struct epochs {
	void (*fn)(void *arg, const struct db_exposed *epoch);
	void *arg;
};

static void
on_epoch(void *arg, sqlite3_stmt *st)
{
	const struct epochs *e = arg;
	const struct db_exposed epoch = {
		.epoch = sqlite3_column_int64(st, 0),
		.rows = sqlite3_column_int64(st, 1),
		.linked = sqlite3_column_int64(st, 2),
		.people = sqlite3_column_int64(st, 3),
		.together = sqlite3_column_int64(st, 4),
		.first_ms = sqlite3_column_int64(st, 5),
		.last_ms = sqlite3_column_int64(st, 6),
	};

	e->fn(e->arg, &epoch);
}

int
db_exposed_each(struct db *db,
    void (*fn)(void *arg, const struct db_exposed *epoch), void *arg)
{
	struct epochs e = { fn, arg };

	return rows_each(db,
	    "SELECT epoch, sum(n), sum(iif(person NOTNULL, n, 0)),"
	    " count(person), sum(iif(person NOTNULL AND n > 1, n, 0)),"
	    " min(first), max(last) FROM (SELECT epoch, person, count(*) AS n,"
	    " min(hour) AS first, max(hour) AS last FROM log"
	    " GROUP BY epoch, person) GROUP BY epoch ORDER BY epoch",
	    on_epoch, &e);
}

static void
on_today(void *arg, sqlite3_stmt *st)
{
	int64_t *n = arg;

	n[0] = sqlite3_column_int64(st, 0);
	n[1] = sqlite3_column_int64(st, 1);
}

int
db_exposed_today(struct db *db, int64_t *ret_texts, int64_t *ret_people)
{
	int64_t n[2] = { 0, 0 };
	int rc = rows_each(db,
	    "WITH RECURSIVE n (i) AS"
	    " (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 63),"
	    " t (person) AS (SELECT substr(people, i * 16 + 1, 16)"
	    " FROM inbox JOIN n ON i < length(people) / 16)"
	    " SELECT count(person), count(DISTINCT person) FROM t"
	    " WHERE person <> zeroblob(16)",
	    on_today, n);

	if (rc < 0)
		return rc;
	*ret_texts = n[0];
	*ret_people = n[1];
	return 0;
}

static void
on_counts(void *arg, sqlite3_stmt *st)
{
	struct db_exposed_counts *c = arg;

	c->days = sqlite3_column_int64(st, 0);
	c->cells = sqlite3_column_int64(st, 1);
	c->ones = sqlite3_column_int64(st, 2);
}

int
db_exposed_counts(struct db *db, struct db_exposed_counts *ret_counts)
{
	return rows_each(db,
	    "SELECT count(DISTINCT day), count(*), coalesce(sum(count = 1), 0)"
	    " FROM rollup",
	    on_counts, ret_counts);
}

struct seals {
	void (*fn)(void *arg, const char *table, struct sv sealed);
	void *arg;
};

static void
on_sealed(void *arg, sqlite3_stmt *st)
{
	const struct seals *s = arg;

	s->fn(s->arg, (const char *)sqlite3_column_text(st, 0),
	    sql_column_blob(st, 1));
}

static bool
on_answer(void *arg, const struct db_out *out)
{
	const struct seals *s = arg;

	s->fn(s->arg, "outbox", out->sealed);
	return true;
}

int
db_sealed_each(struct db *db,
    void (*fn)(void *arg, const char *table, struct sv sealed), void *arg)
{
	struct seals s = { fn, arg };
	int rc = db_out_each(db, on_answer, &s);

	if (rc < 0)
		return rc;
	return rows_each(db,
	    "SELECT 'part', sealed FROM part WHERE sealed NOTNULL"
	    " UNION ALL SELECT 'callback', sealed FROM callback"
	    " WHERE until_ms > 0"
	    " UNION ALL SELECT 'unmatched', sealed FROM unmatched",
	    on_sealed, &s);
}
