/* hsds_check.c - what HSDS asks of rows, and what they refer to. */
#include "content/hsds_check.h"

#include <stdio.h>
#include <stdlib.h>

static void
refuse(struct hsds *h, struct hsds_row *row, const char *field,
    const char *code, const char *text)
{
	const struct hsds_problem p = { .file = row->file,
		.line = row->line,
		.id = row->fields[0],
		.field = field,
		.code = code };

	row->bad = true;
	hsds_refuse(h, &p, "%s", text);
}

static bool
in_list(const char *codes, struct sv v)
{
	struct sv rest = sv_of(codes);

	while (rest.n > 0)
		if (sv_eq(sv_cut(&rest, ';'), v))
			return true;
	return false;
}

/* Fields are NUL terminated. */
static bool
is_number(struct sv v, bool whole)
{
	char *end;

	if (strspn(v.p, whole ? "+-0123456789" : "+-.eE0123456789") != v.n ||
	    v.n > 40)
		return false;
	if (whole)
		(void)strtoll(v.p, &end, 10);
	else
		(void)strtod(v.p, &end);
	return end == v.p + v.n;
}

static bool
is_date(struct sv v)
{
	static const char form[] = "dddd-dd-dd";
	size_t i;

	if (v.n != sizeof(form) - 1)
		return false;
	for (i = 0; i < v.n; i++)
		if (form[i] == 'd' ? v.p[i] < '0' || v.p[i] > '9' :
				     v.p[i] != form[i])
			return false;
	return true;
}

static void
check_reference(struct hsds *h, struct hsds_row *row,
    const struct hsds_column *c, struct sv v)
{
	char text[160];

	if (hsds_find(h, c->to, v) != NULL)
		return;
	(void)snprintf(text, sizeof(text),
	    "no row of %s has the id \"" SV_FMT "\"; add it or correct the id",
	    hsds_def(c->to)->file, SV_ARG(sv_begin(v, 40)));
	refuse(h, row, c->name, "broken_reference", text);
}

static void
check_value(struct hsds *h, struct hsds_row *row, const struct hsds_column *c,
    struct sv v)
{
	char text[160];

	if (c->to != HSDS_NONE) {
		check_reference(h, row, c, v);
	} else if (c->codes != NULL && !in_list(c->codes, v)) {
		(void)snprintf(
		    text, sizeof(text), "must be one of %s", c->codes);
		refuse(h, row, c->name, "not_in_list", text);
	} else if ((c->type == HSDS_NUMBER || c->type == HSDS_INTEGER) &&
		   !is_number(v, c->type == HSDS_INTEGER)) {
		refuse(h, row, c->name, "not_a_number",
		    "must be a number, or empty");
	} else if (c->type == HSDS_DATE && !is_date(v)) {
		refuse(h, row, c->name, "not_a_date",
		    "must be a day as 2026-11-22, or empty");
	}
}

static void
check_row(struct hsds *h, enum hsds_table t, struct hsds_row *row)
{
	const struct hsds_def *def = hsds_def(t);
	size_t i;

	for (i = 0; i < def->count; i++) {
		const struct hsds_column *c = &def->columns[i];
		struct sv v = row->fields[i];

		if (v.n > 0)
			check_value(h, row, c, v);
		else if (c->must)
			refuse(h, row, c->name, "missing",
			    "is empty; it must be there");
	}
}

/* link_entity says which table link_id is of. */
static void
check_link(struct hsds *h, enum hsds_table t, struct hsds_row *row)
{
	struct sv entity = hsds_get(t, row, "link_entity");
	struct sv id = hsds_get(t, row, "link_id");
	size_t i;

	for (i = 0; i < HSDS_TABLES; i++)
		if (sv_eq(sv_of(hsds_def((enum hsds_table)i)->name), entity))
			break;
	/* what others attach to tables of their own is no concern of ours */
	if (i == HSDS_TABLES || id.n == 0 ||
	    hsds_find(h, (enum hsds_table)i, id) != NULL)
		return;
	refuse(h, row, "link_id", "broken_reference",
	    "no row of the table in link_entity has this id");
}

static void
check_twins(struct hsds *h, enum hsds_table t)
{
	size_t i;

	for (i = 1; i < hsds_count(h, t); i++) {
		struct hsds_row *row = hsds_at(h, t, i);
		const struct hsds_row *before = hsds_at(h, t, i - 1);
		char text[96];

		if (row->fields[0].n == 0 ||
		    !sv_eq(row->fields[0], before->fields[0]))
			continue;
		(void)snprintf(text, sizeof(text),
		    "line %u has this id already; each needs its own",
		    before->line);
		refuse(h, row, "id", "id_twice", text);
	}
}

/* Whether a row needs one that is bad. */
static bool
needs_bad(struct hsds *h, enum hsds_table t, const struct hsds_row *row)
{
	const struct hsds_def *def = hsds_def(t);
	size_t i;

	for (i = 0; i < def->count; i++) {
		const struct hsds_row *to;

		if (def->columns[i].to >= t || row->fields[i].n == 0)
			continue;
		to = hsds_find(h, def->columns[i].to, row->fields[i]);
		if (to != NULL && to->bad)
			return true;
	}
	return false;
}

void
hsds_check(struct hsds *h)
{
	size_t i, j;

	for (i = 0; i < HSDS_TABLES; i++) {
		enum hsds_table t = (enum hsds_table)i;

		check_twins(h, t);
		for (j = 0; j < hsds_count(h, t); j++) {
			struct hsds_row *row = hsds_at(h, t, j);

			check_row(h, t, row);
			if (t == HSDS_ATTRIBUTE || t == HSDS_TRANSLATION)
				check_link(h, t, row);
			if (!row->bad && needs_bad(h, t, row))
				row->bad = true;
		}
	}
}
