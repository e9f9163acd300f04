/* hsds.c - rows of HSDS tables: added, put in order, found, dropped. */
#include "content/hsds.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "content/csv.h"

enum {
	ARENA_BLOCK = 256 << 10,
	/* fields, their views, and what the arena rounds up */
	ARENA_LIMIT = 512 << 20,
	NUL_BYTES = 32,
};

/* Rows of a table in the order of a column. */
struct order {
	struct hsds_row **rows;
	size_t count;
};

struct table {
	struct hsds_row *rows;
	size_t count, cap;
	bool present;
	uint32_t columns; /* a bit for each that the source has */
	struct order by[HSDS_COLUMNS_MAX];
};

struct hsds {
	struct arena *arena;
	size_t bytes, rows;
	struct hsds_problem *problems;
	size_t problem_count, problem_cap;
	const char *unreadable; /* NULL: it can be read */
	struct table tables[HSDS_TABLES];
};

struct hsds *
hsds_new(void)
{
	struct hsds *h = calloc(1, sizeof(*h));

	ASSERT(h != NULL);
	h->arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	return h;
}

static void
orders_drop(struct table *t)
{
	size_t i;

	for (i = 0; i < HSDS_COLUMNS_MAX; i++) {
		free(t->by[i].rows);
		t->by[i] = (struct order){ NULL, 0 };
	}
}

void
hsds_free(struct hsds **hp)
{
	size_t i;

	if (*hp == NULL)
		return;
	for (i = 0; i < HSDS_TABLES; i++) {
		orders_drop(&(*hp)->tables[i]);
		free((*hp)->tables[i].rows);
	}
	free((*hp)->problems);
	arena_free(&(*hp)->arena);
	free(*hp);
	*hp = NULL;
}

struct arena *
hsds_arena(struct hsds *h)
{
	return h->arena;
}

struct hsds_row *
hsds_add(struct hsds *h, enum hsds_table t)
{
	struct table *table = &h->tables[t];

	if (h->rows == HSDS_ROWS_MAX)
		return NULL;
	if (table->count == table->cap) {
		table->cap = table->cap > 0 ? table->cap * 2 : 64;
		table->rows =
		    reallocarray(table->rows, table->cap, sizeof(*table->rows));
		ASSERT(table->rows != NULL);
	}
	h->rows++;
	table->present = true;
	table->rows[table->count] = (struct hsds_row){
		.fields =
		    arena_get(h->arena, hsds_def(t)->count * sizeof(struct sv)),
	};
	return &table->rows[table->count++];
}

bool
hsds_set(struct hsds *h, struct hsds_row *row, int column, struct sv value)
{
	size_t bytes = value.n + NUL_BYTES;

	if (value.n > HSDS_FIELD_MAX || h->bytes + bytes > HSDS_BYTES_MAX)
		return false;
	h->bytes += bytes;
	row->fields[column] = (struct sv){
		arena_dup(h->arena, value.n > 0 ? value.p : "", value.n),
		value.n
	};
	return true;
}

void
hsds_set_present(struct hsds *h, enum hsds_table t)
{
	h->tables[t].present = true;
}

bool
hsds_is_present(const struct hsds *h, enum hsds_table t)
{
	return h->tables[t].present;
}

void
hsds_set_column(struct hsds *h, enum hsds_table t, int column)
{
	h->tables[t].columns |= UINT32_C(1) << column;
}

bool
hsds_has_column(const struct hsds *h, enum hsds_table t, int column)
{
	return (h->tables[t].columns >> column & 1) != 0;
}

size_t
hsds_count(const struct hsds *h, enum hsds_table t)
{
	return h->tables[t].count;
}

struct hsds_row *
hsds_at(const struct hsds *h, enum hsds_table t, size_t i)
{
	ASSERT(i < h->tables[t].count);
	return &h->tables[t].rows[i];
}

struct sv
hsds_get(enum hsds_table t, const struct hsds_row *row, const char *column)
{
	int at = hsds_column_of(t, sv_of(column));

	ASSERT(at >= 0);
	return row->fields[at];
}

/* Bytes decide, so that the order is the same on every machine. */
static int
compare_sv(struct sv a, struct sv b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (order != 0)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

static int
by_id(const void *pa, const void *pb)
{
	const struct hsds_row *a = pa, *b = pb;
	int order = compare_sv(a->fields[0], b->fields[0]);

	if (order != 0)
		return order;
	return a->line < b->line ? -1 : a->line > b->line;
}

void
hsds_sort(struct hsds *h)
{
	size_t i;

	for (i = 0; i < HSDS_TABLES; i++) {
		struct table *t = &h->tables[i];

		orders_drop(t);
		if (t->count > 1)
			qsort(t->rows, t->count, sizeof(*t->rows), by_id);
	}
}

struct hsds_row *
hsds_find(const struct hsds *h, enum hsds_table t, struct sv id)
{
	const struct table *table = &h->tables[t];
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_sv(table->rows[mid].fields[0], id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == table->count || !sv_eq(table->rows[low].fields[0], id))
		return NULL;
	return &table->rows[low];
}

/* What rows are put in order by. */
struct sorting {
	int column, position;
};

static long
position_of(const struct hsds_row *row, int column)
{
	struct sv v = column >= 0 ? row->fields[column] : SV("");

	return v.n > 0 ? strtol(v.p, NULL, 10) : 0;
}

static int
by_value(const void *pa, const void *pb, void *arg)
{
	const struct hsds_row *a = *(struct hsds_row *const *)pa;
	const struct hsds_row *b = *(struct hsds_row *const *)pb;
	const struct sorting *s = arg;
	int order = compare_sv(a->fields[s->column], b->fields[s->column]);
	long at = position_of(a, s->position), bt = position_of(b, s->position);

	if (order != 0)
		return order;
	if (at != bt)
		return at < bt ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return compare_sv(a->fields[0], b->fields[0]);
}

static struct order *
order_of(struct hsds *h, enum hsds_table t, int column)
{
	struct table *table = &h->tables[t];
	struct order *o = &table->by[column];
	struct sorting sorting = { column,
		hsds_column_of(t, SV("x_position")) };
	size_t i;

	if (o->rows != NULL || table->count == 0)
		return o;
	o->rows = calloc(table->count, sizeof(struct hsds_row *));
	ASSERT(o->rows != NULL);
	for (i = 0; i < table->count; i++)
		if (table->rows[i].fields[column].n > 0)
			o->rows[o->count++] = &table->rows[i];
	qsort_r(
	    o->rows, o->count, sizeof(struct hsds_row *), by_value, &sorting);
	return o;
}

size_t
hsds_of(struct hsds *h, enum hsds_table t, const char *column, struct sv value,
    struct hsds_row *const **ret_rows)
{
	int at = hsds_column_of(t, sv_of(column));
	size_t low = 0, high, n = 0;
	struct order *o;

	ASSERT(at >= 0);
	o = order_of(h, t, at);
	for (high = o->count; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (compare_sv(o->rows[mid]->fields[at], value) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	while (low + n < o->count && sv_eq(o->rows[low + n]->fields[at], value))
		n++;
	*ret_rows = n > 0 ? o->rows + low : NULL;
	return n;
}

/* Take from what to lacks; false if they say different things. */
static bool
row_join(struct hsds_row *to, const struct hsds_row *from, size_t columns)
{
	bool same = true;
	size_t i;

	for (i = 0; i < columns; i++) {
		if (to->fields[i].n == 0)
			to->fields[i] = from->fields[i].p != NULL ?
					    from->fields[i] :
					    to->fields[i];
		else if (from->fields[i].n > 0)
			same = same && sv_eq(to->fields[i], from->fields[i]);
	}
	return same;
}

void
hsds_join_twins(struct hsds *h)
{
	size_t i, j, kept;

	for (i = 0; i < HSDS_TABLES; i++) {
		struct table *t = &h->tables[i];
		size_t columns = hsds_def((enum hsds_table)i)->count;

		orders_drop(t);
		for (j = 1, kept = 0; j < t->count; j++) {
			struct hsds_row *to = &t->rows[kept],
					*row = &t->rows[j];

			if (!sv_eq(to->fields[0], row->fields[0]) ||
			    row->fields[0].n == 0 ||
			    !row_join(to, row, columns))
				t->rows[++kept] = *row;
		}
		if (t->count > 0)
			t->count = kept + 1;
	}
}

/* --- dropping --- */

/* The table that link_entity names. */
static enum hsds_table
entity_of(struct sv name)
{
	size_t i;

	for (i = 0; i < HSDS_TABLES; i++)
		if (sv_eq(sv_of(hsds_def((enum hsds_table)i)->name), name))
			return (enum hsds_table)i;
	return HSDS_NONE;
}

static bool
is_gone(const struct hsds *h, enum hsds_table t, struct sv id)
{
	return t != HSDS_NONE && id.n > 0 && hsds_find(h, t, id) == NULL;
}

/* A reference to what was dropped before; to its own kind it is forgotten. */
static bool
row_refers(struct hsds *h, enum hsds_table t, struct hsds_row *row)
{
	const struct hsds_def *def = hsds_def(t);
	size_t i;

	for (i = 0; i < def->count; i++) {
		enum hsds_table to = def->columns[i].to;

		if (to < t && is_gone(h, to, row->fields[i]))
			return true;
	}
	if (t != HSDS_ATTRIBUTE && t != HSDS_TRANSLATION)
		return false;
	return is_gone(h, entity_of(hsds_get(t, row, "link_entity")),
	    hsds_get(t, row, "link_id"));
}

/* A parent of its own kind that is gone. */
static void
parent_forget(struct hsds *h, enum hsds_table t, const char *column)
{
	int at = hsds_column_of(t, sv_of(column));
	size_t i;

	for (i = 0; i < hsds_count(h, t); i++) {
		struct hsds_row *row = hsds_at(h, t, i);

		if (is_gone(h, t, row->fields[at]))
			row->fields[at] = SV("");
	}
}

static bool
term_is_used(struct hsds *h, const struct hsds_row *row)
{
	struct hsds_row *const *rows;

	return hsds_of(h, HSDS_ATTRIBUTE, "taxonomy_term_id", row->fields[0],
		   &rows) > 0 ||
	       hsds_of(h, HSDS_TAXONOMY_TERM, "parent_id", row->fields[0],
		   &rows) > 0;
}

static bool
taxonomy_is_used(struct hsds *h, const struct hsds_row *row)
{
	struct hsds_row *const *rows;

	return hsds_of(h, HSDS_TAXONOMY_TERM, "taxonomy_id", row->fields[0],
		   &rows) > 0;
}

struct dropping {
	hsds_keep_fn *fn;
	void *arg;
};

static bool
row_stays(struct hsds *h, enum hsds_table t, struct hsds_row *row,
    const struct dropping *d)
{
	if (t == HSDS_ORGANIZATION)
		return d->fn(d->arg, row);
	if (t == HSDS_TAXONOMY)
		return taxonomy_is_used(h, row);
	if (t == HSDS_TAXONOMY_TERM)
		return term_is_used(h, row);
	return !row_refers(h, t, row);
}

/* Returns how many went. */
static size_t
table_drop(struct hsds *h, enum hsds_table t, const struct dropping *d)
{
	struct table *table = &h->tables[t];
	size_t i, kept = 0, before = table->count;
	bool *stays = calloc(before + 1, sizeof(*stays));

	ASSERT(stays != NULL);
	/* all are asked before one moves: they are looked up by each other */
	for (i = 0; i < before; i++)
		stays[i] = row_stays(h, t, &table->rows[i], d);
	orders_drop(table);
	for (i = 0; i < before; i++)
		if (stays[i])
			table->rows[kept++] = table->rows[i];
	table->count = kept;
	free(stays);
	return before - kept;
}

void
hsds_keep(struct hsds *h, hsds_keep_fn *fn, void *arg)
{
	const struct dropping d = { fn, arg };
	size_t i;

	for (i = 0; i < HSDS_TABLES; i++)
		if (i != HSDS_TAXONOMY && i != HSDS_TAXONOMY_TERM)
			(void)table_drop(h, (enum hsds_table)i, &d);
	while (table_drop(h, HSDS_TAXONOMY_TERM, &d) > 0)
		;
	(void)table_drop(h, HSDS_TAXONOMY, &d);
	parent_forget(h, HSDS_ORGANIZATION, "parent_organization_id");
}

/* --- problems --- */

static const char *
keep_text(struct hsds *h, const char *text)
{
	return arena_dup(h->arena, text, strlen(text));
}

void
hsds_refuse(
    struct hsds *h, const struct hsds_problem *where, const char *fmt, ...)
{
	struct hsds_problem p = *where;
	char text[320];
	va_list ap;

	if (h->problem_count == HSDS_PROBLEMS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text[sv_begin(sv_of(text), sizeof(text)).n] = '\0';
	if (h->problem_count == h->problem_cap) {
		h->problem_cap = h->problem_cap > 0 ? 2 * h->problem_cap : 64;
		h->problems = reallocarray(
		    h->problems, h->problem_cap, sizeof(*h->problems));
		ASSERT(h->problems != NULL);
	}
	p.text = keep_text(h, text);
	p.file = keep_text(h, p.file);
	p.field = keep_text(h, p.field);
	p.id = sv_begin(p.id, CSV_ID_MAX);
	p.id.p = arena_dup(h->arena, p.id.n > 0 ? p.id.p : "", p.id.n);
	h->problems[h->problem_count++] = p;
}

int
hsds_unreadable(struct hsds *h, struct diag *reterr_diag, const char *code,
    const char *fmt, ...)
{
	char text[sizeof(reterr_diag->text)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	h->unreadable = code;
	return diag_set(reterr_diag, -EINVAL, "%s", text);
}

const char *
hsds_unreadable_code(const struct hsds *h)
{
	return h->unreadable != NULL ? h->unreadable : "";
}

const struct hsds_problem *
hsds_problems(const struct hsds *h, size_t *ret_count)
{
	*ret_count = h->problem_count;
	return h->problems;
}
