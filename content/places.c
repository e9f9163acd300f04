/* places.c - reads gazetteer.csv into one array; ids through a sorted index. */
#include "content/places.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "content/csv.h"
#include "daemon/base/arena.h"

enum {
	PLACES_MAX = 16000,
	ARENA_BLOCK = 64 << 10,
	ARENA_LIMIT = 64 << 20,
};

enum {
	COL_ID,
	COL_COUNTRY,
	COL_KIND,
	COL_PARENT,
	COL_LAT,
	COL_LON,
	COL_NAMES, /* one for each form, in the order of enum lang */
	COL_ALIASES = COL_NAMES + LANG_COUNT,
	COL_REQUIRED,
	COL_REVIEW = COL_REQUIRED, /* for translators only */
	COL_UTC,		   /* "+3", "+5:30"; empty: as the parent */
	COL_COUNT,
};

static const char *const column_names[COL_COUNT] = {
	[COL_ID] = "id",
	[COL_COUNTRY] = "country",
	[COL_KIND] = "kind",
	[COL_PARENT] = "parent",
	[COL_LAT] = "lat",
	[COL_LON] = "lon",
	[COL_NAMES + LANG_RU] = "name_ru",
	[COL_NAMES + LANG_KY] = "name_ky",
	[COL_NAMES + LANG_TG] = "name_tg",
	[COL_NAMES + LANG_UZ] = "name_uz_latn",
	[COL_NAMES + LANG_UZ_CYRL] = "name_uz_cyrl",
	[COL_NAMES + LANG_KK] = "name_kk",
	[COL_NAMES + LANG_EN] = "name_en",
	[COL_ALIASES] = "aliases",
	[COL_REVIEW] = "names_to_review",
	[COL_UTC] = "utc",
};

static const char *const kind_names[] = {
	[PLACE_COUNTRY] = "country",
	[PLACE_REGION] = "region",
	[PLACE_CITY] = "city",
	[PLACE_DISTRICT] = "district",
};

enum { UTC_UNKNOWN = INT_MAX, UTC_HOURS_MAX = 14 };

/* Only while loading: a parent may stand below its child. */
struct loading {
	struct sv parent;
	unsigned line;
};

struct places {
	struct arena *arena;
	struct place *items;
	struct loading *loading;
	size_t count, cap;
	uint16_t *by_id;
};

static struct sv
keep(struct places *p, struct sv v)
{
	return (struct sv){ arena_dup(p->arena, v.p, v.n), v.n };
}

static bool
is_country(struct sv v)
{
	return v.n == 2 && v.p[0] >= 'a' && v.p[0] <= 'z' && v.p[1] >= 'a' &&
	       v.p[1] <= 'z';
}

static int
read_kind(const struct csv_row *row, enum place_kind *ret_kind, struct diag *d)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kind_names); i++) {
		if (!sv_eq(row->fields[COL_KIND], sv_of(kind_names[i])))
			continue;
		*ret_kind = (enum place_kind)i;
		return 0;
	}
	return csv_refuse(
	    row, d, "kind must be country, region, city or district");
}

static int
read_degrees(const struct csv_row *row, int col, double limit,
    double *ret_degrees, struct diag *d)
{
	struct sv v = row->fields[col];
	char *end = NULL;
	double degrees = strtod(v.p, &end);

	if (v.n == 0 || v.n > 16 || end != v.p + v.n || !isfinite(degrees) ||
	    fabs(degrees) > limit)
		return csv_refuse(row, d,
		    "%s must be degrees from -%.0f to %.0f, as 55.76",
		    column_names[col], limit, limit);
	*ret_degrees = degrees;
	return 0;
}

/* "+5:30" at *p, which moves behind it.  False if there is none. */
static bool
read_offset(const char **p, int *ret_minutes)
{
	char sign = **p;
	char *end = NULL;
	long hours = strtol(*p, &end, 10), minutes = 0;

	if (end > *p && *end == ':')
		minutes = strtol(end + 1, &end, 10);
	if ((sign != '+' && sign != '-') || end == *p ||
	    labs(hours) > UTC_HOURS_MAX || minutes < 0 || minutes > 59)
		return false;
	*ret_minutes = (int)(hours * 60 + (sign == '-' ? -minutes : minutes));
	*p = end;
	return true;
}

static int
read_utc(const struct csv_row *row, struct place *item, struct diag *d)
{
	const char *p = row->fields[COL_UTC].p;
	bool good;

	item->utc_min = item->summer_min = UTC_UNKNOWN;
	if (row->fields[COL_UTC].n == 0)
		return 0;
	good = read_offset(&p, &item->utc_min);
	item->summer_min = item->utc_min;
	if (good && *p == '/') {
		p++;
		good = read_offset(&p, &item->summer_min);
	}
	if (!good || *p != '\0')
		return csv_refuse(row, d,
		    "utc must be hours ahead of UTC, as +3 or +5:30; +1/+2 "
		    "where there is summer time");
	return 0;
}

static int
read_names(struct places *p, const struct csv_row *row, struct place *item,
    struct diag *d)
{
	unsigned i;

	for (i = 0; i < LANG_COUNT; i++) {
		if (row->fields[COL_NAMES + i].n == 0)
			return csv_refuse(row, d,
			    "%s is empty; write the name people use",
			    column_names[COL_NAMES + i]);
		item->names[i] = keep(p, row->fields[COL_NAMES + i]);
	}
	item->aliases = keep(p, row->fields[COL_ALIASES]);
	return 0;
}

static void
grow(struct places *p)
{
	if (p->count < p->cap)
		return;
	p->cap = p->cap > 0 ? p->cap * 2 : 256;
	p->items = reallocarray(p->items, p->cap, sizeof(*p->items));
	p->loading = reallocarray(p->loading, p->cap, sizeof(*p->loading));
	ASSERT(p->items != NULL && p->loading != NULL);
}

static int
check_place(const struct csv_row *row, enum place_kind kind, struct diag *d)
{
	struct sv id = row->fields[COL_ID], country = row->fields[COL_COUNTRY];

	if (!csv_is_id(id))
		return csv_refuse(row, d,
		    "a place's id must be lower-case letters, digits and '-'");
	if (!is_country(country))
		return csv_refuse(row, d,
		    "country must be the two small letters of ISO 3166, as kg");
	if ((kind == PLACE_COUNTRY) != sv_eq(id, country))
		return csv_refuse(row, d,
		    "the id of a country, and of nothing else, is its two "
		    "letters");
	if ((kind == PLACE_COUNTRY) != (row->fields[COL_PARENT].n == 0))
		return csv_refuse(
		    row, d, "every place but a country needs a parent");
	return 0;
}

static int
on_place(void *arg, const struct csv_row *row, struct diag *d)
{
	struct places *p = arg;
	struct place item = { .parent = PLACE_NONE };
	int rc;

	if (p->count == PLACES_MAX)
		return csv_refuse(
		    row, d, "more than %d places; remove some", PLACES_MAX);
	rc = read_kind(row, &item.kind, d);
	if (rc == 0)
		rc = check_place(row, item.kind, d);
	if (rc == 0)
		rc = read_degrees(row, COL_LAT, 90, &item.lat, d);
	if (rc == 0)
		rc = read_degrees(row, COL_LON, 180, &item.lon, d);
	if (rc == 0)
		rc = read_utc(row, &item, d);
	if (rc == 0)
		rc = read_names(p, row, &item, d);
	if (rc < 0)
		return rc;
	item.id = keep(p, row->fields[COL_ID]).p;
	item.country = keep(p, row->fields[COL_COUNTRY]).p;
	grow(p);
	p->items[p->count] = item;
	p->loading[p->count] = (struct loading){
		keep(p, row->fields[COL_PARENT]),
		row->line,
	};
	p->count++;
	return 0;
}

static int
compare_ids(const void *a, const void *b, void *arg)
{
	const struct place *items = arg;

	return strcmp(
	    items[*(const uint16_t *)a].id, items[*(const uint16_t *)b].id);
}

static int
index_ids(struct places *p, const char *path, struct diag *d)
{
	size_t i;

	if (p->count == 0)
		return diag_set(
		    d, -EINVAL, "%s:1: has no place; add a row for each", path);
	p->by_id = calloc(p->count, sizeof(*p->by_id));
	ASSERT(p->by_id != NULL);
	for (i = 0; i < p->count; i++)
		p->by_id[i] = (uint16_t)i;
	qsort_r(p->by_id, p->count, sizeof(*p->by_id), compare_ids, p->items);
	for (i = 1; i < p->count; i++) {
		uint16_t a = p->by_id[i - 1], b = p->by_id[i];

		if (strcmp(p->items[a].id, p->items[b].id) == 0)
			return diag_set(d, -EINVAL,
			    "%s:%u: place \"%s\" is there twice; remove one "
			    "row",
			    path, p->loading[a > b ? a : b].line,
			    p->items[a].id);
	}
	return 0;
}

/* A parent is of a wider kind, so parents never go in a circle. */
static int
link_parents(struct places *p, const char *path, struct diag *d)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		struct place *item = &p->items[i];
		const struct place *up;

		if (item->kind == PLACE_COUNTRY)
			continue;
		item->parent = places_find(p, p->loading[i].parent);
		if (item->parent == PLACE_NONE)
			return diag_set(d, -EINVAL,
			    "%s:%u: parent \"%s\" is not in this file; write "
			    "the id of a row",
			    path, p->loading[i].line, p->loading[i].parent.p);
		up = &p->items[item->parent];
		if (up->kind >= item->kind ||
		    strcmp(up->country, item->country) != 0)
			return diag_set(d, -EINVAL,
			    "%s:%u: parent \"%s\" must be a wider place of the "
			    "same country",
			    path, p->loading[i].line, up->id);
	}
	return 0;
}

/* Who has no time of its own has that of the wider place. */
static void
inherit_utc(struct places *p)
{
	uint16_t at;
	size_t i;

	for (i = 0; i < p->count; i++) {
		at = (uint16_t)i;
		while (p->items[at].utc_min == UTC_UNKNOWN &&
		       p->items[at].parent != PLACE_NONE)
			at = p->items[at].parent;
		if (p->items[at].utc_min == UTC_UNKNOWN)
			p->items[at].utc_min = p->items[at].summer_min =
			    PLACE_UTC_MIN;
		p->items[i].utc_min = p->items[at].utc_min;
		p->items[i].summer_min = p->items[at].summer_min;
	}
}

int
places_load(
    const char *path, struct places **ret_places, struct diag *reterr_diag)
{
	static const struct csv_columns columns = { column_names, COL_COUNT,
		COL_REQUIRED };
	CLEANUP(places_free) struct places *p = calloc(1, sizeof(*p));
	int rc;

	ASSERT(p != NULL);
	p->arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	rc = csv_read(path, &columns, on_place, p, reterr_diag);
	if (rc == 0)
		rc = index_ids(p, path, reterr_diag);
	if (rc == 0)
		rc = link_parents(p, path, reterr_diag);
	if (rc < 0)
		return rc;
	inherit_utc(p);
	free(p->loading);
	p->loading = NULL;
	*ret_places = p;
	p = NULL; /* ownership moves to the caller */
	return 0;
}

void
places_free(struct places **pp)
{
	struct places *p = *pp;

	if (p == NULL)
		return;
	arena_free(&p->arena);
	free(p->items);
	free(p->loading);
	free(p->by_id);
	free(p);
	*pp = NULL;
}

uint16_t
places_count(const struct places *p)
{
	return (uint16_t)p->count;
}

const struct place *
places_at(const struct places *p, uint16_t index)
{
	ASSERT(index < p->count);
	return &p->items[index];
}

uint16_t
places_find(const struct places *p, struct sv id)
{
	size_t low = 0, high = id.n > 0 ? p->count : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *other = p->items[p->by_id[mid]].id;
		int order = strncmp(id.p, other, id.n);

		if (order == 0 && other[id.n] == '\0')
			return p->by_id[mid];
		if (order > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return PLACE_NONE;
}

/* Both months of change have 31 days. */
static bool
is_summer(int64_t at_ms)
{
	enum { MARCH = 2, OCTOBER = 9, LAST = 31, WEEK = 7 };
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm tm;
	int sunday;
	bool changed;

	if (gmtime_r(&seconds, &tm) == NULL)
		return false;
	sunday = LAST - (tm.tm_wday + LAST - tm.tm_mday) % WEEK;
	changed =
	    tm.tm_mday > sunday || (tm.tm_mday == sunday && tm.tm_hour >= 1);
	if (tm.tm_mon == MARCH)
		return changed;
	if (tm.tm_mon == OCTOBER)
		return !changed;
	return tm.tm_mon > MARCH && tm.tm_mon < OCTOBER;
}

int
place_utc(const struct place *place, int64_t at_ms)
{
	return is_summer(at_ms) ? place->summer_min : place->utc_min;
}

bool
places_within(const struct places *p, uint16_t inner, uint16_t outer)
{
	while (inner != PLACE_NONE && inner != outer)
		inner = places_at(p, inner)->parent;
	return inner != PLACE_NONE;
}

double
places_km(const struct places *p, uint16_t a, uint16_t b)
{
	static const double radian = 3.14159265358979323846 / 180;
	static const double earth_km = 6371.0; /* mean radius, IUGG */
	const struct place *from = places_at(p, a), *to = places_at(p, b);
	double up = sin((to->lat - from->lat) * radian / 2);
	double side = sin((to->lon - from->lon) * radian / 2);
	double h = up * up + cos(from->lat * radian) * cos(to->lat * radian) *
				 side * side;

	return 2 * earth_km * asin(fmin(1.0, sqrt(h)));
}
