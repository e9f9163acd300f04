/* hsds.c - directory.db's HSDS tables, row by row. */
#include "db/hsds.h"

#include <stdio.h>

#include "db/directory_sql.h"
#include "db/uuid.h"

enum { COLUMNS_MAX = 64 };

/* An export is rare: its statements are made when they are needed. */
static int
sql_of(const char *table, char sql[256])
{
	static const char *const tables[] = { "organization",
		"organization_identifier", "program", "service", "location",
		"service_at_location", "contact", "phone", "address",
		"schedule", "language", "service_area", "required_document",
		"cost_option", "accessibility", "funding", "taxonomy",
		"taxonomy_term", "attribute", "translation", "visibility" };
	size_t i;

	if (strcmp(table, "checked") == 0) {
		(void)snprintf(sql, 256,
		    "SELECT link_id, at_ms, how FROM verification"
		    " WHERE counts = 1 ORDER BY at_ms, id");
		return 0;
	}
	for (i = 0; i < ARRAY_LEN(tables); i++) {
		if (strcmp(table, tables[i]) != 0)
			continue;
		(void)snprintf(
		    sql, 256, "SELECT * FROM %s ORDER BY id", tables[i]);
		return 0;
	}
	return -ENOENT;
}

static int
each_record(sqlite3_stmt *st, directory_record_fn *fn, void *arg)
{
	const char *names[COLUMNS_MAX];
	struct sv values[COLUMNS_MAX];
	size_t i, count = (size_t)sqlite3_column_count(st);
	int rc;

	ASSERT(count <= COLUMNS_MAX);
	for (i = 0; i < count; i++)
		names[i] = sqlite3_column_name(st, (int)i);
	fn(arg, names, NULL, count);
	while ((rc = sql_next(st)) == 1) {
		for (i = 0; i < count; i++) {
			values[i] = sql_column_sv(st, (int)i);
			if (values[i].p == NULL)
				values[i] = SV("");
		}
		fn(arg, names, values, count);
	}
	return rc;
}

int
directory_records(
    struct directory *d, const char *table, directory_record_fn *fn, void *arg)
{
	sqlite3_stmt *st = NULL;
	char sql[256];
	int rc = sql_of(table, sql);

	if (rc < 0)
		return rc;
	/* a table that no version of the schema has yet */
	if (sqlite3_prepare_v2(d->sq, sql, -1, &st, NULL) != SQLITE_OK)
		return -ENOENT;
	rc = each_record(st, fn, arg);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
run_once(struct directory *d, const char *sql, struct sv value, struct sv id,
    int64_t at_ms)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (sqlite3_prepare_v2(d->sq, sql, -1, &st, NULL) != SQLITE_OK)
		return sql_rc(sqlite3_errcode(d->sq));
	sql_bind_sv(st, 1, value);
	sql_bind_sv(st, 2, id);
	if (sqlite3_bind_parameter_count(st) > 2)
		sql_bind_int(st, 3, at_ms);
	rc = sql_run(st);
	(void)sqlite3_finalize(st);
	return rc;
}

int
directory_put_origin(struct directory *d, const struct directory_row *row,
    struct sv modified, struct sv how)
{
	char organization[UUID_SIZE], service[UUID_SIZE];
	int rc = 0;

	uuid_of("organization", row->id, 0, organization);
	uuid_of("service", row->id, 0, service);
	if (modified.n > 0)
		rc = run_once(d,
		    "UPDATE service SET last_modified = ?1 WHERE id = ?2",
		    modified, sv_of(service), 0);
	if (rc == 0 && how.n > 0 && row->checked_ms > 0)
		rc = run_once(d,
		    "UPDATE verification SET how = ?1 WHERE link_id = ?2"
		    " AND at_ms = ?3 AND how = 'import'",
		    how, sv_of(organization), row->checked_ms);
	return rc;
}
