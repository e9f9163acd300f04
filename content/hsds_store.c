/* hsds_store.c - reads directory.db's tables for an export. */
#include "content/hsds_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "content/listing_row.h"
#include "content/listing_time.h"
#include "db/hsds.h"

enum { COLUMNS_MAX = 64 };

struct loading {
	struct hsds *h;
	enum hsds_table table;
	unsigned line;
	int at[COLUMNS_MAX]; /* the database's column -> ours, or -1 */
	bool full;
};

static void
on_record(
    void *arg, const char *const *names, const struct sv *values, size_t count)
{
	struct loading *l = arg;
	struct hsds_row *row;
	size_t i;

	if (values == NULL) {
		hsds_set_present(l->h, l->table);
		for (i = 0; i < count; i++) {
			l->at[i] = hsds_column_of(l->table, sv_of(names[i]));
			if (l->at[i] >= 0)
				hsds_set_column(l->h, l->table, l->at[i]);
		}
		return;
	}
	row = l->full ? NULL : hsds_add(l->h, l->table);
	if (row == NULL) {
		l->full = true;
		return;
	}
	row->file = "directory.db";
	row->line = ++l->line;
	for (i = 0; i < count; i++)
		if (l->at[i] >= 0 && !hsds_set(l->h, row, l->at[i], values[i]))
			l->full = true;
}

/* Its columns that are tables of ours in directory.db. */

static void
set_field(struct hsds *h, enum hsds_table t, struct sv id, const char *column,
    struct sv value)
{
	struct hsds_row *row = hsds_find(h, t, id);
	int at = hsds_column_of(t, sv_of(column));

	if (row != NULL)
		(void)!hsds_set(h, row, at, value);
}

static void
on_visibility(
    void *arg, const char *const *names, const struct sv *values, size_t count)
{
	struct sv id = { NULL, 0 }, value = { NULL, 0 };
	size_t i;

	if (values == NULL)
		return;
	for (i = 0; i < count; i++) {
		if (strcmp(names[i], "link_id") == 0)
			id = values[i];
		if (strcmp(names[i], "listing") == 0)
			value = values[i];
	}
	set_field(arg, HSDS_ORGANIZATION, id, "x_visibility", value);
}

/* Of the organization; in HSDS checks are of services. */
static void
on_checked(
    void *arg, const char *const *names, const struct sv *values, size_t count)
{
	struct hsds *h = arg;
	char text[LISTING_TIME_BYTES + 1], ms[24];
	struct hsds_row *const *rows;
	size_t i, n;

	(void)names;
	if (values == NULL || count != 3)
		return;
	(void)snprintf(ms, sizeof(ms), SV_FMT, SV_ARG(values[1]));
	listing_time_write(strtoll(ms, NULL, 10), text);
	n = hsds_of(h, HSDS_SERVICE, "organization_id", values[0], &rows);
	for (i = 0; i < n; i++) {
		struct sv id = rows[i]->fields[0];

		set_field(h, HSDS_SERVICE, id, "x_checked", sv_of(text));
		set_field(h, HSDS_SERVICE, id, "x_checked_how", values[2]);
	}
}

static int
load_tables(struct hsds *h, struct directory *dir)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < HSDS_TABLES; i++) {
		struct loading l = { .h = h, .table = (enum hsds_table)i };

		rc = directory_records(
		    dir, hsds_def(l.table)->name, on_record, &l);
		if (rc == -ENOENT) /* this directory has no such table */
			rc = 0;
		if (rc == 0 && l.full)
			rc = -E2BIG;
	}
	return rc;
}

static void
own_columns(struct hsds *h, enum hsds_table t, const char *a, const char *b)
{
	int first = hsds_column_of(t, sv_of(a));
	int second = hsds_column_of(t, sv_of(b));
	size_t i;

	hsds_set_column(h, t, first);
	hsds_set_column(h, t, second);
	for (i = 0; i < hsds_count(h, t); i++) {
		hsds_at(h, t, i)->fields[first] = SV("");
		hsds_at(h, t, i)->fields[second] = SV("");
	}
}

struct keeping {
	struct hsds *h;
	enum hsds_scope scope;
};

static bool
is_active(struct hsds *h, const struct hsds_row *organization)
{
	struct hsds_row *const *rows;
	size_t i, n = hsds_of(h, HSDS_SERVICE, "organization_id",
		      organization->fields[0], &rows);

	for (i = 0; i < n; i++)
		if (!sv_eq(hsds_get(HSDS_SERVICE, rows[i], "status"),
			SV("active")))
			return false;
	return n > 0;
}

static bool
keep(void *arg, const struct hsds_row *organization)
{
	const struct keeping *k = arg;
	struct sv visibility =
	    hsds_get(HSDS_ORGANIZATION, organization, "x_visibility");

	if (sv_eq(visibility, SV(LISTING_NEVER_EXPORTED)))
		return false;
	return k->scope == HSDS_EXPORT ||
	       (sv_eq(visibility, SV("callers-after-check")) &&
		   is_active(k->h, organization));
}

int
hsds_load(struct directory *dir, enum hsds_scope scope, struct hsds **ret_hsds)
{
	struct hsds *h = hsds_new();
	struct keeping k = { h, scope };
	int rc = load_tables(h, dir);

	hsds_sort(h);
	if (rc == 0) {
		own_columns(
		    h, HSDS_ORGANIZATION, "x_visibility", "x_visibility");
		own_columns(h, HSDS_SERVICE, "x_checked", "x_checked_how");
		rc = directory_records(dir, "visibility", on_visibility, h);
	}
	if (rc == 0)
		rc = directory_records(dir, "checked", on_checked, h);
	if (rc < 0) {
		hsds_free(&h);
		return rc;
	}
	hsds_keep(h, keep, &k);
	*ret_hsds = h;
	return 0;
}
