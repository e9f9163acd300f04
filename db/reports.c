/*
 * reports.c - answers from the counts, with what must not be told left out.
 *
 * For each span of a question its cells are added up once, together with their
 * neighbours: the cells that differ from them in one of the things that the
 * question holds fixed.  Only with these it is known what may be told.
 */
#include "db/reports.h"

#include <stdlib.h>
#include <string.h>

#include "db/reports_inner.h"

enum { FILTERS_MAX = REPORT_DIMS };

/* A thing that the question holds fixed. */
struct filter {
	enum report_by dim;
	uint16_t value;	  /* NO_VALUE: one that nobody asked for */
	size_t values;	  /* that the dim has */
	uint32_t *counts; /* of the neighbours: row by row, then by value */
	uint32_t *sums;	  /* of all rows, by value */
};

struct asking {
	struct reports *reports;
	struct arena *arena;
	bool given; /* counts of listings, not of requests */
	bool partner;
	enum report_by by;
	struct limit {
		enum report_by dim;
		bool *allowed; /* by value */
	} limits[REPORT_DIMS];
	size_t limit_count;
	uint16_t *regions; /* by place; NULL: places as they are */
	struct sv *region_names;
	size_t region_count;
	struct filter filters[FILTERS_MAX];
	size_t filter_count;
	struct span time, before;
	int64_t until;
	size_t rows; /* values of by, or 1 */
	uint32_t *counts, *parts;
};

/* What is told, by row; the last one is the total. */
struct told {
	int64_t *counts, *parts;
	struct span *spans; /* of the time */
	size_t span_count;
};

static struct sv
value_name(const struct asking *q, enum report_by dim, size_t value)
{
	const struct reports *r = q->reports;
	const char *name;

	if (dim == REPORT_PLACE && q->regions != NULL)
		return q->region_names[value];
	name = r->name[r->dims[dim].name[value]];
	return name != NULL ? sv_of(name) : SV("");
}

static size_t
value_count(const struct asking *q, enum report_by dim)
{
	if (dim == REPORT_PLACE && q->regions != NULL)
		return q->region_count;
	return q->reports->dims[dim].count;
}

static uint16_t
value_find(const struct asking *q, enum report_by dim, struct sv name)
{
	size_t i, n = value_count(q, dim);

	for (i = 0; i < n; i++)
		if (sv_eq(value_name(q, dim, i), name))
			return (uint16_t)i;
	return NO_VALUE;
}

/* Adding up. */

static size_t
cell_value(const struct asking *q, const struct cell *c, enum report_by dim)
{
	return dim == REPORT_PLACE && q->regions != NULL ?
		   q->regions[c->v[dim]] :
		   c->v[dim];
}

static bool
cell_allowed(const struct asking *q, const struct cell *c)
{
	size_t i;

	for (i = 0; i < q->limit_count; i++)
		if (!q->limits[i].allowed[c->v[q->limits[i].dim]])
			return false;
	return true;
}

/* A cell counts where it fits, and for one filter where it fits all others. */
static void
cell_count(struct asking *q, const struct cell *c)
{
	size_t row = q->by < REPORT_DIMS ? cell_value(q, c, q->by) : 0;
	size_t i, misfits = 0, at = 0;
	struct filter *f;

	for (i = 0; i < q->filter_count && misfits < 2; i++)
		if (cell_value(q, c, q->filters[i].dim) !=
		    q->filters[i].value) {
			misfits++;
			at = i;
		}
	if (misfits > 1 || !cell_allowed(q, c))
		return;
	if (misfits == 0) {
		q->counts[row] += c->count;
		q->parts[row] += c->parts;
	}
	for (i = 0; i < q->filter_count; i++) {
		f = &q->filters[i];
		if (misfits == 0 || i == at)
			f->counts[row * f->values + cell_value(q, c, f->dim)] +=
			    c->count;
	}
}

static void
span_add(struct asking *q, const struct span *span)
{
	const struct reports *r = q->reports;
	size_t i, j;

	memset(q->counts, 0, q->rows * sizeof(q->counts[0]));
	memset(q->parts, 0, q->rows * sizeof(q->parts[0]));
	for (i = 0; i < q->filter_count; i++)
		memset(q->filters[i].counts, 0,
		    q->rows * q->filters[i].values * sizeof(uint32_t));
	for (i = reports_at(r, span->from);
	     i < r->day_count && r->day[i].day <= span->to; i++) {
		const struct cells *list =
		    q->given ? &r->day[i].given : &r->day[i].requests;

		for (j = 0; j < list->count; j++)
			cell_count(q, &list->at[j]);
	}
}

/* What may be told. */

static int64_t
rounded(int64_t n)
{
	return (n + REPORT_LEAST / 2) / REPORT_LEAST * REPORT_LEAST;
}

/* The cell of a row of cells that is hidden so that nobody can tell what the
 * smaller ones are: SIZE_MAX if there is no need. */
static size_t
victim(const struct asking *q, enum report_by dim, const uint32_t *row,
    size_t count)
{
	size_t i, found = SIZE_MAX;
	uint64_t hidden = 0;

	for (i = 0; i < count; i++)
		if (row[i] < REPORT_LEAST)
			hidden += row[i];
	if (hidden == 0 || hidden >= REPORT_LEAST)
		return SIZE_MAX;
	for (i = 0; i < count; i++) {
		struct sv a, b;

		if (row[i] < REPORT_LEAST ||
		    (found != SIZE_MAX && row[i] > row[found]))
			continue;
		if (found == SIZE_MAX || row[i] < row[found]) {
			found = i;
			continue;
		}
		/* of two that are the same the first by name, whatever order
		 * they were met in */
		a = value_name(q, dim, i);
		b = value_name(q, dim, found);
		if (memcmp(a.p, b.p, a.n < b.n ? a.n : b.n) < 0)
			found = i;
	}
	return found;
}

/* Whether the filters' neighbours let a cell be told. */
static bool
neighbours_let(const struct asking *q, size_t row)
{
	const struct filter *f;
	size_t i;

	for (i = 0; i < q->filter_count; i++) {
		f = &q->filters[i];
		if (victim(q, f->dim, f->counts + row * f->values, f->values) ==
		    f->value)
			return false;
	}
	return true;
}

/* The cell of all rows together. */
static bool
total_is_told(const struct asking *q, int64_t total)
{
	const struct filter *f;
	size_t i, j, row;

	if (total < REPORT_LEAST)
		return false;
	for (i = 0; i < q->filter_count; i++) {
		f = &q->filters[i];
		memset(f->sums, 0, f->values * sizeof(f->sums[0]));
		for (row = 0; row < q->rows; row++)
			for (j = 0; j < f->values; j++)
				f->sums[j] += f->counts[row * f->values + j];
		if (victim(q, f->dim, f->sums, f->values) == f->value)
			return false;
	}
	return true;
}

static void
tell(int64_t *sum, int64_t n)
{
	*sum = (*sum == REPORT_HIDDEN ? 0 : *sum) + rounded(n);
}

/* Add what may be told of a span. */
static void
span_tell(const struct asking *q, struct told *told)
{
	size_t row, hidden = q->by < REPORT_DIMS ?
				 victim(q, q->by, q->counts, q->rows) :
				 SIZE_MAX;
	int64_t total = 0, parts = 0;

	for (row = 0; row < q->rows; row++) {
		total += q->counts[row];
		parts += q->parts[row];
		if (q->by >= REPORT_DIMS || row == hidden ||
		    q->counts[row] < REPORT_LEAST || !neighbours_let(q, row))
			continue;
		tell(&told->counts[row], q->counts[row]);
		tell(&told->parts[row], q->parts[row]);
	}
	if (total_is_told(q, total)) {
		tell(&told->counts[q->rows], total);
		tell(&told->parts[q->rows], parts);
	}
}

/* The question. */

static void
allow(struct asking *q, enum report_by dim, struct sv members)
{
	struct limit *l = &q->limits[q->limit_count];
	uint16_t value;

	if (members.n == 0)
		return;
	q->limit_count++;
	l->dim = dim;
	l->allowed = arena_get(q->arena, q->reports->dims[dim].count + 1);
	while (members.n > 0) {
		value = value_find(q, dim, sv_cut(&members, ';'));
		if (value != NO_VALUE)
			l->allowed[value] = true;
	}
}

static uint16_t
region_find(struct asking *q, struct sv name)
{
	size_t i;

	for (i = 0; i < q->region_count; i++)
		if (sv_eq(q->region_names[i], name))
			return (uint16_t)i;
	q->region_names[q->region_count] = name;
	return (uint16_t)q->region_count++;
}

static void
regions_make(struct asking *q, const struct report_scope *scope)
{
	size_t i, n = q->reports->dims[REPORT_PLACE].count;
	uint16_t *regions = arena_get(q->arena, (n + 1) * sizeof(*regions));
	struct sv name;

	q->region_names =
	    arena_get(q->arena, (n + 1) * sizeof(q->region_names[0]));
	for (i = 0; i < n; i++) {
		name = scope->region(
		    scope->region_arg, value_name(q, REPORT_PLACE, i));
		regions[i] = region_find(q, name);
	}
	q->regions = regions;
}

/* Only what a listing is counted by. */
static bool
is_given(enum report_by dim)
{
	return dim != REPORT_GATEWAY && dim != REPORT_PLACE &&
	       dim != REPORT_OUTCOME;
}

static int
question_check(const struct report_scope *scope,
    const struct report_query *query, bool *ret_given)
{
	bool given = scope->listings.n > 0 || query->by == REPORT_LISTING ||
		     query->where[REPORT_LISTING].n > 0;
	int i;

	if (query->from > query->to || query->by >= REPORT_BYS ||
	    query->to - query->from >= REPORT_DAYS_MAX)
		return -EINVAL;
	if (query->by < REPORT_DIMS && query->where[query->by].n > 0)
		return -EINVAL;
	if (scope->partner && query->by == REPORT_DAY)
		return -EPERM;
	if (given && !is_given(query->by))
		return -EOPNOTSUPP;
	for (i = 0; given && i < REPORT_DIMS; i++)
		if (query->where[i].n > 0 && !is_given((enum report_by)i))
			return -EOPNOTSUPP;
	*ret_given = given;
	return 0;
}

/* Of a question with many rows and many neighbours: more than an arena has. */
static uint32_t *
numbers_new(size_t count)
{
	uint32_t *numbers = calloc(count + 1, sizeof(*numbers));

	ASSERT(numbers != NULL);
	return numbers;
}

static void
question_done(struct asking *q)
{
	size_t i;

	free(q->counts);
	free(q->parts);
	for (i = 0; i < q->filter_count; i++) {
		free(q->filters[i].counts);
		free(q->filters[i].sums);
	}
}

/* Behind the loading of all days: then the dims have all their values. */
static void
question_make(struct asking *q, const struct report_scope *scope,
    const struct report_query *query)
{
	struct filter *f;
	int i;

	if (scope->partner && scope->region != NULL && !q->given)
		regions_make(q, scope);
	allow(q, REPORT_LISTING, scope->listings);
	allow(q, REPORT_TOPIC, scope->topics);
	allow(q, REPORT_COUNTRY, scope->countries);
	q->by = query->by;
	q->rows = q->by < REPORT_DIMS ? value_count(q, q->by) : 1;
	q->counts = numbers_new(q->rows);
	q->parts = numbers_new(q->rows);
	for (i = 0; i < REPORT_DIMS; i++) {
		if (query->where[i].n == 0)
			continue;
		f = &q->filters[q->filter_count++];
		f->dim = (enum report_by)i;
		f->value = value_find(q, f->dim, query->where[i]);
		f->values = value_count(q, f->dim);
		f->counts = numbers_new(q->rows * f->values);
		f->sums = numbers_new(f->values);
	}
}

static int
days_load(struct db *db, struct reports *r, int64_t from, int64_t to)
{
	size_t i;
	int rc = 0;

	for (i = reports_at(r, from);
	     rc == 0 && i < r->day_count && r->day[i].day <= to; i++)
		rc = reports_load(db, &r->day[i]);
	return rc;
}

static struct told
told_new(struct asking *q, size_t rows)
{
	const struct told t = {
		.counts = arena_get(q->arena, rows * sizeof(int64_t)),
		.parts = arena_get(q->arena, rows * sizeof(int64_t)),
	};
	size_t i;

	for (i = 0; i < rows; i++)
		t.counts[i] = t.parts[i] = REPORT_HIDDEN;
	return t;
}

/* All spans of a time. */
static struct told
time_tell(struct asking *q, const struct span *time)
{
	struct span *spans;
	size_t i, n = report_spans(time, q->partner, q->by, q->arena, &spans);
	bool by_time = q->by >= REPORT_DIMS;
	size_t last = by_time ? n : q->rows;
	struct told one, all = told_new(q, last + 1);

	for (i = 0; i < n; i++) {
		span_add(q, &spans[i]);
		if (!by_time) {
			span_tell(q, &all);
			continue;
		}
		one = told_new(q, 2);
		span_tell(q, &one);
		all.counts[i] = one.counts[1];
		all.parts[i] = one.parts[1];
		if (one.counts[1] != REPORT_HIDDEN) {
			tell(&all.counts[last], one.counts[1]);
			tell(&all.parts[last], one.parts[1]);
		}
	}
	all.spans = spans;
	all.span_count = n;
	return all;
}

static int
row_order(const void *a, const void *b)
{
	const struct report_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->before != y->before)
		return x->before < y->before ? 1 : -1;
	return 0;
}

static void
rows_of_values(struct asking *q, const struct told *now,
    const struct told *before, struct report *ret)
{
	struct report_row *row;
	size_t i;

	ret->rows = arena_get(q->arena, (q->rows + 1) * sizeof(ret->rows[0]));
	for (i = 0; i < q->rows; i++) {
		if (now->counts[i] == REPORT_HIDDEN &&
		    before->counts[i] == REPORT_HIDDEN)
			continue;
		row = &ret->rows[ret->count++];
		row->key = value_name(q, q->by, i);
		row->key.p = arena_dup(q->arena, row->key.p, row->key.n);
		row->count = now->counts[i];
		row->parts = now->parts[i];
		row->before = before->counts[i];
	}
	qsort(ret->rows, ret->count, sizeof(ret->rows[0]), row_order);
}

static void
rows_of_spans(struct asking *q, const struct told *now,
    const struct told *before, struct report *ret)
{
	size_t i, count = now->span_count;
	char date[REPORT_DATE];

	ret->rows = arena_get(q->arena, (count + 1) * sizeof(ret->rows[0]));
	ret->count = count;
	for (i = 0; i < count; i++) {
		report_date(now->spans[i].from, date);
		ret->rows[i] = (struct report_row){
			.key = { arena_dup(q->arena, date, REPORT_DATE - 1),
			    REPORT_DATE - 1 },
			.count = now->counts[i],
			.parts = now->parts[i],
			.before = i < before->span_count ? before->counts[i] :
							   REPORT_HIDDEN,
		};
	}
}

static void
answer(struct asking *q, struct report *ret)
{
	bool by_time = q->by >= REPORT_DIMS;
	struct told then = time_tell(q, &q->before);
	struct told now = time_tell(q, &q->time);
	size_t i;

	ret->before_from = q->before.from;
	ret->before_to = q->before.to;
	if (by_time)
		rows_of_spans(q, &now, &then, ret);
	else
		rows_of_values(q, &now, &then, ret);
	ret->total = now.counts[by_time ? now.span_count : q->rows];
	ret->parts = now.parts[by_time ? now.span_count : q->rows];
	ret->total_before = then.counts[by_time ? then.span_count : q->rows];
	for (i = 0; i < ret->count; i++)
		ret->hidden += ret->rows[i].count == REPORT_HIDDEN;
}

/* The time that is told of, its days in memory. */
static int
time_open(struct db *db, const struct report_scope *scope,
    const struct report_query *query, struct asking *q)
{
	int rc = reports_see(db, &q->reports);

	q->time = (struct span){ query->from, query->to };
	if (rc == 0)
		rc = reports_until(db, query->today, &q->until);
	if (rc < 0)
		return rc;
	if (scope->partner && q->until > query->today - 1 - REPORT_LATE_DAYS)
		q->until = query->today - 1 - REPORT_LATE_DAYS;
	rc = report_time(
	    &q->time, q->until, scope->partner, query->by, &q->before);
	if (rc == 0)
		rc = days_load(db, q->reports, q->before.from, q->time.to);
	return rc;
}

int
reports_query(struct db *db, const struct report_scope *scope,
    const struct report_query *query, struct arena *a,
    struct report *ret_report)
{
	struct asking q = { .arena = a, .partner = scope->partner };
	struct report report = { .total = REPORT_HIDDEN,
		.total_before = REPORT_HIDDEN,
		.parts = REPORT_HIDDEN,
		.from = query->from,
		.to = query->to,
		.before_from = query->from,
		.before_to = query->to };
	int rc = question_check(scope, query, &q.given);

	if (rc == 0)
		rc = time_open(db, scope, query, &q);
	if (rc == 0) {
		question_make(&q, scope, query);
		answer(&q, &report);
		question_done(&q);
		report.from = q.time.from;
		report.to = q.time.to;
	}
	if (rc < 0 && rc != -ENODATA)
		return rc;
	report.until = q.until;
	*ret_report = report;
	return 0;
}

/* Asked and not found. */

/* Cells of topic, country and place: an open table of them. */
struct spot {
	uint64_t key; /* 0: free */
	uint32_t count;
	int64_t told;
};

struct spots {
	struct spot *at;
	size_t size, count; /* size a power of 2 */
};

static struct spot *
spot_find(const struct spots *s, uint64_t key)
{
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15ULL >> 20) & (s->size - 1);

	while (s->at[i].key != 0 && s->at[i].key != key)
		i = (i + 1) & (s->size - 1);
	return &s->at[i];
}

static void
spots_grow(struct spots *s)
{
	struct spots more = { NULL, s->size == 0 ? 1024 : s->size * 2, 0 };
	size_t i;

	more.at = calloc(more.size, sizeof(more.at[0]));
	ASSERT(more.at != NULL);
	for (i = 0; i < s->size; i++)
		if (s->at[i].key != 0)
			*spot_find(&more, s->at[i].key) = s->at[i];
	more.count = s->count;
	free(s->at);
	*s = more;
}

static void
spot_add(struct spots *s, const struct cell *c)
{
	uint64_t key =
	    1 + ((uint64_t)c->v[REPORT_TOPIC] << 32 |
		    (uint64_t)c->v[REPORT_COUNTRY] << 16 | c->v[REPORT_PLACE]);
	struct spot *spot;

	if (s->count * 2 >= s->size)
		spots_grow(s);
	spot = spot_find(s, key);
	s->count += spot->key == 0;
	spot->key = key;
	spot->count += c->count;
}

static void
spots_count(const struct asking *q, const struct span *span, struct spots *s)
{
	const struct reports *r = q->reports;
	const struct filter *f = &q->filters[0];
	const struct cell *c;
	size_t i, j;

	for (i = reports_at(r, span->from);
	     i < r->day_count && r->day[i].day <= span->to; i++)
		for (j = 0; j < r->day[i].requests.count; j++) {
			c = &r->day[i].requests.at[j];
			if (c->v[f->dim] == f->value && cell_allowed(q, c))
				spot_add(s, c);
		}
	for (i = 0; i < s->size; i++) {
		if (s->at[i].count >= REPORT_LEAST)
			s->at[i].told += rounded(s->at[i].count);
		s->at[i].count = 0;
	}
}

static int
missing_order(const void *a, const void *b)
{
	const struct report_missing *x = a, *y = b;

	return x->count == y->count ? 0 : x->count < y->count ? 1 : -1;
}

static void
missing_list(struct asking *q, const struct spots *s,
    struct report_missing **ret_rows, size_t *ret_count)
{
	struct report_missing *rows =
	    arena_get(q->arena, (s->count + 1) * sizeof(rows[0]));
	size_t i, n = 0;

	for (i = 0; i < s->size; i++) {
		uint64_t key = s->at[i].key - 1;

		if (s->at[i].told == 0)
			continue;
		rows[n++] = (struct report_missing){
			.topic = value_name(q, REPORT_TOPIC, key >> 32),
			.country =
			    value_name(q, REPORT_COUNTRY, key >> 16 & 0xffff),
			.place = value_name(q, REPORT_PLACE, key & 0xffff),
			.count = s->at[i].told,
		};
	}
	qsort(rows, n, sizeof(rows[0]), missing_order);
	*ret_rows = rows;
	*ret_count = n;
}

int
reports_missing(struct db *db, const struct report_scope *scope,
    const struct report_query *query, struct arena *a,
    struct report_missing **ret_rows, size_t *ret_count)
{
	struct report_query only = {
		.from = query->from,
		.to = query->to,
		.today = query->today,
		.where[REPORT_OUTCOME] = query->where[REPORT_OUTCOME],
	};
	struct asking q = { .arena = a };
	struct spots spots = { NULL, 0, 0 };
	struct span *spans;
	size_t i, n;
	int rc = question_check(scope, &only, &q.given);

	if (rc == 0 && scope->partner)
		rc = -EPERM;
	if (rc == 0 && (q.given || only.where[REPORT_OUTCOME].n == 0))
		rc = -EOPNOTSUPP;
	if (rc == 0)
		rc = time_open(db, scope, &only, &q);
	if (rc == -ENODATA)
		*ret_count = 0;
	if (rc < 0)
		return rc == -ENODATA ? 0 : rc;
	question_make(&q, scope, &only);
	n = report_spans(&q.time, false, only.by, a, &spans);
	for (i = 0; i < n; i++)
		spots_count(&q, &spans[i], &spots);
	missing_list(&q, &spots, ret_rows, ret_count);
	free(spots.at);
	question_done(&q);
	return 0;
}
