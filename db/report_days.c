/*
 * report_days.c - the counts of hotline.db in memory, a list for each day.
 *
 * A question reads thousands of them for each day; in the file that would be
 * 0.1 s for a month.  A day is read again when rollup_day has more of it.
 */
#include <stdlib.h>
#include <string.h>

#include "db/reports_inner.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static const struct {
	const char *sql;
	size_t at;
} statements[] = {
	{ "PRAGMA data_version", offsetof(struct reports, version) },
	{ "SELECT day, count FROM rollup_day ORDER BY day",
	    offsetof(struct reports, days) },
	{ "SELECT id, name FROM rollup_name WHERE id > ?1 ORDER BY id",
	    offsetof(struct reports, names) },
	{ "SELECT channel, gateway, country, lang, topic, place, outcome,"
	  " count, parts FROM rollup WHERE day = ?1",
	    offsetof(struct reports, cells) },
	{ "SELECT channel, country, lang, topic, listing, count"
	  " FROM rollup_listing WHERE day = ?1",
	    offsetof(struct reports, listings) },
	{ "SELECT min(hour) FROM (SELECT * FROM (SELECT hour FROM log_past"
	  " WHERE id > (SELECT CAST(value AS INTEGER) FROM meta"
	  " WHERE key = 'rolled_turn') AND id <= (SELECT CAST(value AS INTEGER)"
	  " FROM meta WHERE key = 'mixed_turn') ORDER BY id LIMIT 1)"
	  " UNION ALL SELECT * FROM (SELECT hour FROM log_now"
	  " WHERE id + length(people) / 16 - 1 >"
	  " (SELECT CAST(value AS INTEGER) FROM meta"
	  " WHERE key = 'mixed_turn') ORDER BY id LIMIT 1))",
	    offsetof(struct reports, behind) },
};

static sqlite3_stmt **
statement(struct reports *r, size_t i)
{
	return (sqlite3_stmt **)(void *)((char *)r + statements[i].at);
}

static int
reports_new(struct db *db, struct reports **ret_reports)
{
	struct reports *r = calloc(1, sizeof(*r));
	size_t i;
	int rc = 0;

	ASSERT(r != NULL);
	r->name = calloc(NAMES_MAX, sizeof(r->name[0]));
	ASSERT(r->name != NULL);
	for (i = 0; i < REPORT_DIMS; i++) {
		r->dims[i].value = malloc(NAMES_MAX * sizeof(uint16_t));
		r->dims[i].name = malloc(NAMES_MAX * sizeof(uint16_t));
		ASSERT(r->dims[i].value != NULL && r->dims[i].name != NULL);
		memset(r->dims[i].value, 0xff, NAMES_MAX * sizeof(uint16_t));
	}
	errno = 0;
	for (i = 0; rc == 0 && i < ARRAY_LEN(statements); i++)
		rc = sql_rc(sqlite3_prepare_v3(db->sq, statements[i].sql, -1,
		    SQLITE_PREPARE_PERSISTENT, statement(r, i), NULL));
	if (rc < 0)
		reports_free(&r);
	else
		*ret_reports = r;
	return rc;
}

void
reports_free(struct reports **rp)
{
	struct reports *r = *rp;
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < ARRAY_LEN(statements); i++)
		(void)sqlite3_finalize(*statement(r, i));
	for (i = 0; i < r->day_count; i++) {
		free(r->day[i].requests.at);
		free(r->day[i].given.at);
	}
	for (i = 0; i < NAMES_MAX; i++)
		free(r->name[i]);
	for (i = 0; i < REPORT_DIMS; i++) {
		free(r->dims[i].value);
		free(r->dims[i].name);
	}
	free(r->name);
	free(r->day);
	free(r);
	*rp = NULL;
}

size_t
reports_at(const struct reports *r, int64_t day)
{
	size_t low = 0, high = r->day_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->day[mid].day < day)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The day as the store has it now; of one that is known, forget the counts. */
static void
day_note(struct reports *r, int64_t day, int64_t count)
{
	size_t at = reports_at(r, day);
	struct day *d;

	if (at == r->day_count || r->day[at].day != day) {
		r->day = realloc(r->day, (r->day_count + 1) * sizeof(*d));
		ASSERT(r->day != NULL);
		memmove(r->day + at + 1, r->day + at,
		    (r->day_count++ - at) * sizeof(*d));
		r->day[at] = (struct day){ .day = day };
	}
	d = &r->day[at];
	if (d->count != count)
		d->loaded = false;
	d->count = count;
}

/* Days that are gone from the store: they go from its beginning. */
static void
days_drop(struct reports *r, int64_t first)
{
	size_t i, n = reports_at(r, first);

	for (i = 0; i < n; i++) {
		free(r->day[i].requests.at);
		free(r->day[i].given.at);
	}
	r->day_count -= n;
	if (n > 0)
		memmove(r->day, r->day + n, r->day_count * sizeof(r->day[0]));
}

static int
days_read(struct reports *r)
{
	int64_t first = INT64_MAX, day;
	int rc;

	while ((rc = sql_next(r->days)) == 1) {
		day = sqlite3_column_int64(r->days, 0);
		first = day < first ? day : first;
		day_note(r, day, sqlite3_column_int64(r->days, 1));
	}
	sql_end(r->days);
	if (rc == 0)
		days_drop(r, first);
	return rc;
}

static int
names_read(struct reports *r)
{
	struct sv name;
	int64_t id;
	int rc;

	sql_bind_int(r->names, 1, r->last_name);
	while ((rc = sql_next(r->names)) == 1) {
		id = sqlite3_column_int64(r->names, 0);
		name = sql_column_sv(r->names, 1);
		if (id < 0 || id >= NAMES_MAX - 1)
			continue;
		r->name[id] = strndup(name.n > 0 ? name.p : "", name.n);
		ASSERT(r->name[id] != NULL);
		r->last_name = id;
	}
	sql_end(r->names);
	return rc;
}

int
reports_see(struct db *db, struct reports **ret_reports)
{
	int64_t version = 0;
	int rc = db->reports != NULL ? 0 : reports_new(db, &db->reports);

	if (rc == 0)
		rc = sql_int(db->reports->version, &version);
	if (rc == 0 && version != db->reports->seen) {
		rc = days_read(db->reports);
		if (rc == 0)
			rc = names_read(db->reports);
		if (rc == 0)
			db->reports->seen = version;
	}
	if (rc == 0)
		*ret_reports = db->reports;
	return rc;
}

static uint16_t
value_of(struct reports *r, enum report_by dim, int64_t id)
{
	struct dim *d = &r->dims[dim];

	if (id < 0 || id >= NAMES_MAX || r->name[id] == NULL)
		id = 0; /* too many: without a name */
	if (d->value[id] == NO_VALUE) {
		d->value[id] = (uint16_t)d->count;
		d->name[d->count++] = (uint16_t)id;
	}
	return d->value[id];
}

static uint32_t
number(sqlite3_stmt *st, int at)
{
	int64_t n = sqlite3_column_int64(st, at);

	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static struct cell *
cell_add(struct cells *list, size_t *room)
{
	if (list->count == *room) {
		*room = *room == 0 ? 256 : *room * 2;
		list->at = realloc(list->at, *room * sizeof(list->at[0]));
		ASSERT(list->at != NULL);
	}
	memset(&list->at[list->count], 0, sizeof(list->at[0]));
	return &list->at[list->count++];
}

static int
cells_read(struct reports *r, int64_t day, struct cells *list)
{
	sqlite3_stmt *st = r->cells;
	struct cell *c;
	size_t room = 0;
	int rc, i;

	sql_bind_int(st, 1, day);
	while ((rc = sql_next(st)) == 1) {
		c = cell_add(list, &room);
		for (i = REPORT_CHANNEL; i <= REPORT_OUTCOME; i++)
			c->v[i] = value_of(
			    r, (enum report_by)i, sqlite3_column_int64(st, i));
		c->count = number(st, REPORT_OUTCOME + 1);
		c->parts = number(st, REPORT_OUTCOME + 2);
	}
	sql_end(st);
	return rc;
}

static int
listings_read(struct reports *r, int64_t day, struct cells *list)
{
	static const enum report_by columns[] = { REPORT_CHANNEL,
		REPORT_COUNTRY, REPORT_LANG, REPORT_TOPIC, REPORT_LISTING };
	sqlite3_stmt *st = r->listings;
	struct cell *c;
	size_t room = 0, i;
	int rc;

	sql_bind_int(st, 1, day);
	while ((rc = sql_next(st)) == 1) {
		c = cell_add(list, &room);
		for (i = 0; i < ARRAY_LEN(columns); i++)
			c->v[columns[i]] = value_of(
			    r, columns[i], sqlite3_column_int64(st, (int)i));
		c->count = number(st, ARRAY_LEN(columns));
	}
	sql_end(st);
	return rc;
}

/* In one reading: the names of what is read must be known. */
static int
day_read(
    struct db *db, int64_t day, struct cells *requests, struct cells *given)
{
	int rc = sql_exec(db->sq, "BEGIN"), end;

	if (rc < 0)
		return rc;
	rc = names_read(db->reports);
	if (rc == 0)
		rc = cells_read(db->reports, day, requests);
	if (rc == 0)
		rc = listings_read(db->reports, day, given);
	end = sql_exec(db->sq, "COMMIT");
	return rc < 0 ? rc : end;
}

int
reports_load(struct db *db, struct day *day)
{
	struct cells requests = { NULL, 0 }, given = { NULL, 0 };
	int rc;

	if (day->loaded)
		return 0;
	rc = day_read(db, day->day, &requests, &given);
	if (rc < 0) {
		free(requests.at);
		free(given.at);
		return rc;
	}
	free(day->requests.at);
	free(day->given.at);
	day->requests = requests;
	day->given = given;
	day->loaded = true;
	return 0;
}

int
reports_warm(struct db *db, bool *ret_more)
{
	struct reports *r = NULL;
	int rc = reports_see(db, &r);
	size_t i;

	if (rc < 0)
		return rc;
	ASSERT(r != NULL);
	for (i = r->day_count; i > 0 && r->day[i - 1].loaded;)
		i--;
	if (i > 0)
		rc = reports_load(db, &r->day[i - 1]);
	if (rc == 0)
		*ret_more = i > 0;
	return rc;
}

int
reports_until(struct db *db, int64_t today, int64_t *ret_day)
{
	struct reports *r = NULL;
	int64_t hour = 0;
	int rc = reports_see(db, &r);

	if (rc == 0)
		rc = sql_int(r->behind, &hour);
	if (rc == 0)
		*ret_day = hour > 0 && hour / DAY_MS < today ?
			       hour / DAY_MS - 1 :
			       today - 1;
	return rc;
}
