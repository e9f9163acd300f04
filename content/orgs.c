/* orgs.c - reads the CSV files of a folder and merges rows with one id. */
#include "content/orgs.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "content/listing_row.h"
#include "content/listing_time.h"
#include "daemon/base/sb.h"

enum {
	FILES_MAX = 64,
	PATH_BYTES_MAX = 1024,
	ARENA_BLOCK = 256 << 10,
	ARENA_LIMIT = 256 << 20,
};

struct orgs {
	struct arena *arena;
	struct org *items;
	size_t count, cap;
};

/* While files are read. */
struct reading {
	struct orgs *orgs;
	const struct orgs_source *source;
	struct listing_rules rules;
	const char *path; /* the present file, kept by the arena */
};

static int
org_check(const struct reading *r, struct org *org, struct diag *d)
{
	struct diag why;
	int rc;

	rc = listing_row_read(&org->row, &r->rules, &org->listing, &why);
	if (rc < 0)
		return diag_set(
		    d, rc, "%s:%u: %.300s", org->path, org->line, why.text);
	return 0;
}

/* No more of them come. */
static void
items_fit(struct orgs *o)
{
	if (o->count == 0)
		return;
	o->items = reallocarray(o->items, o->count, sizeof(*o->items));
	ASSERT(o->items != NULL);
	o->cap = o->count;
}

static int
checked_check(const struct reading *r, const struct csv_row *csv, int64_t ms,
    struct diag *d)
{
	char text[LISTING_TIME_BYTES + 1];

	if (r->source->now_ms == 0 ||
	    !listing_time_is_ahead(ms, r->source->now_ms))
		return 0;
	listing_time_write(ms, text);
	return csv_refuse(csv, d, LISTING_TIME_AHEAD, "checked", text);
}

static int
on_row(void *arg, const struct csv_row *csv, struct diag *d)
{
	struct reading *r = arg;
	struct orgs *o = r->orgs;
	struct org org = { .path = r->path, .line = csv->line };
	int rc;

	rc = listing_row_take(csv, o->arena, &org.row, d);
	if (rc == 0)
		rc = checked_check(r, csv, org.row.checked_ms, d);
	if (rc == 0)
		rc = org_check(r, &org, d);
	if (rc < 0 && r->source->on_bad != NULL) {
		r->source->on_bad(r->source->arg, d->text);
		return 0;
	}
	if (rc < 0)
		return rc;
	if (o->count == o->cap) {
		o->cap = o->cap > 0 ? o->cap * 2 : 256;
		o->items = reallocarray(o->items, o->cap, sizeof(*o->items));
		ASSERT(o->items != NULL);
	}
	o->items[o->count++] = org;
	return 0;
}

static int
read_file(struct reading *r, const char *path, struct diag *d)
{
	r->path = arena_dup(r->orgs->arena, path, strlen(path));
	return csv_read(path, &listing_columns, on_row, r, d);
}

static int
is_csv(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > 4 &&
	       strcmp(entry->d_name + n - 4, ".csv") == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_files(struct reading *r, const char *dir, struct dirent **names, int count,
    struct diag *d)
{
	char path[PATH_BYTES_MAX];
	int i, n, rc = 0;

	if (count == 0)
		return diag_set(d, -ENOENT,
		    "%s: holds no CSV file; put the directory there", dir);
	if (count > FILES_MAX)
		return diag_set(d, -EINVAL,
		    "%s: more than %d CSV files; join some", dir, FILES_MAX);
	for (i = 0; rc == 0 && i < count; i++) {
		n = snprintf(
		    path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (n < 0 || (size_t)n >= sizeof(path))
			return diag_set(d, -EINVAL,
			    "%s: the path is too long; shorten it", dir);
		rc = read_file(r, path, d);
	}
	return rc;
}

static int
read_folder(struct reading *r, const char *dir, struct diag *d)
{
	struct dirent **names = NULL;
	int i, rc, count;

	count = scandir(dir, &names, is_csv, by_name);
	if (count < 0)
		return diag_set(d, -EINVAL, "%s: cannot be read (%s)", dir,
		    strerror(errno));
	rc = read_files(r, dir, names, count, d);
	for (i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return rc;
}

/* By id, then newest first; of one year the one that was read last. */
static int
compare_orgs(const void *pa, const void *pb)
{
	const struct org *a = pa, *b = pb;
	int order = strcmp(a->listing.id, b->listing.id);

	if (order != 0)
		return order;
	if (a->listing.year != b->listing.year)
		return a->listing.year > b->listing.year ? -1 : 1;
	return strcmp(b->path, a->path);
}

static int
compare_origins(const void *pa, const void *pb)
{
	const struct org *a = pa, *b = pb;
	int order = strcmp(a->listing.id, b->listing.id);

	if (order == 0)
		order = strcmp(a->path, b->path);
	if (order != 0)
		return order;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* An id may stand in several files, but once in each. */
static int
refuse_twins(struct orgs *o, struct diag *d)
{
	size_t i;

	qsort(o->items, o->count, sizeof(*o->items), compare_origins);
	for (i = 1; i < o->count; i++) {
		const struct org *a = &o->items[i - 1], *b = &o->items[i];

		if (strcmp(a->listing.id, b->listing.id) == 0 &&
		    strcmp(a->path, b->path) == 0)
			return diag_set(d, -EINVAL,
			    "%s:%u: id \"%s\" stands in line %u already; join "
			    "the rows",
			    b->path, b->line, b->listing.id, a->line);
	}
	return 0;
}

static bool
has_contact(const struct directory_row *row)
{
	return row->phone_e164.n > 0 || row->short_code.n > 0 ||
	       row->email.n > 0 || row->website.n > 0 || row->address.n > 0;
}

static void
take_contact(struct org *to, const struct org *from)
{
	to->row.phone_e164 = from->row.phone_e164;
	to->row.phone_as_printed = from->row.phone_as_printed;
	to->row.phone_descriptions = from->row.phone_descriptions;
	to->row.short_code = from->row.short_code;
	to->row.email = from->row.email;
	to->row.website = from->row.website;
	to->row.address = from->row.address;
	to->row.hours = from->row.hours;
	to->row.reachable_from = from->row.reachable_from;
	to->row.seen = from->row.seen;
	to->row.source_year = from->row.source_year;
	to->row.checked_ms = from->row.checked_ms;
	to->path = from->path;
	to->line = from->line;
}

static void
fill(struct sv *to, struct sv from)
{
	if (to->n == 0)
		*to = from;
}

/* Fill what the newer row leaves open about the very same numbers. */
static void
fill_contact(struct directory_row *to, const struct directory_row *from)
{
	if (!sv_eq(to->phone_e164, from->phone_e164) ||
	    !sv_eq(to->short_code, from->short_code))
		return;
	fill(&to->hours, from->hours);
	fill(&to->reachable_from, from->reachable_from);
}

static bool
list_has(struct sv list, struct sv member)
{
	while (list.n > 0)
		if (sv_eq(listing_list_cut(&list), member))
			return true;
	return false;
}

/* Add the members of from that to lacks. */
static struct sv
join_lists(struct arena *arena, struct sv to, struct sv from)
{
	struct sb b;

	sb_init(&b, arena, to.n + 1 + from.n);
	sb_put(&b, to);
	while (from.n > 0) {
		struct sv member = listing_list_cut(&from);

		if (member.n == 0 || list_has(to, member))
			continue;
		if (b.n > 0)
			sb_puts(&b, ";");
		sb_put(&b, member);
	}
	return sb_sv(&b);
}

static struct sv
join_texts(struct arena *arena, struct sv to, struct sv from, const char *mid)
{
	struct sb b;

	if (from.n == 0 || sv_eq(to, from))
		return to;
	if (to.n == 0)
		return from;
	sb_init(&b, arena, to.n + strlen(mid) + from.n);
	sb_put(&b, to);
	sb_puts(&b, mid);
	sb_put(&b, from);
	return sb_sv(&b);
}

static int
merge(struct orgs *o, struct org *to, const struct org *from, struct diag *d)
{
	struct directory_row *row = &to->row;
	bool held_back = !to->listing.for_callers || !from->listing.for_callers;
	size_t i;

	if (held_back && to->listing.for_callers)
		row->listing = from->row.listing;
	if (!has_contact(row) && has_contact(&from->row))
		take_contact(to, from);
	else
		fill_contact(row, &from->row);
	for (i = DIRECTORY_FIELD_name_ky; i <= DIRECTORY_FIELD_status; i++)
		if (directory_field(row, i).n == 0)
			directory_field_set(
			    row, i, directory_field(&from->row, i));
	fill(&row->name_ru, from->row.name_ru);
	fill(&row->country, from->row.country);
	fill(&row->serves, from->row.serves);
	fill(&row->languages, from->row.languages);
	fill(&row->description_en, from->row.description_en);
	fill(&row->topics_basis, from->row.topics_basis);
	row->topics = join_lists(o->arena, row->topics, from->row.topics);
	row->places = join_lists(o->arena, row->places, from->row.places);
	row->source = join_texts(o->arena, row->source, from->row.source, "; ");
	row->notes = join_texts(o->arena, row->notes, from->row.notes, " ");
	if (row->source.n > CSV_FIELD_MAX || row->notes.n > CSV_FIELD_MAX)
		return diag_set(d, -EINVAL,
		    "%s:%u: source or notes of \"%s\" are too long when "
		    "joined; shorten them",
		    from->path, from->line, from->listing.id);
	return 0;
}

static int
merge_all(struct reading *r, struct diag *d)
{
	struct orgs *o = r->orgs;
	size_t i, kept = 0;
	int rc;

	if (o->count == 0)
		return 0;
	rc = refuse_twins(o, d);
	if (rc < 0)
		return rc;
	qsort(o->items, o->count, sizeof(*o->items), compare_orgs);
	for (i = 1; i < o->count; i++) {
		struct org *to = &o->items[kept];

		if (strcmp(to->listing.id, o->items[i].listing.id) != 0) {
			o->items[++kept] = o->items[i];
			continue;
		}
		rc = merge(o, to, &o->items[i], d);
		if (rc == 0)
			rc = org_check(r, to, d);
		if (rc < 0)
			return rc;
	}
	o->count = kept + 1;
	return 0;
}

int
orgs_load(const struct orgs_source *source, struct orgs **ret_orgs,
    struct diag *reterr_diag)
{
	struct orgs *o = calloc(1, sizeof(*o));
	CLEANUP(phones_free) struct phones *phones = phones_new();
	struct reading r = {
		.orgs = o,
		.source = source,
		.rules = { source->topics, source->places, phones },
	};
	struct stat st;
	int rc;

	ASSERT(o != NULL);
	o->arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	if (stat(source->path, &st) == 0 && S_ISDIR(st.st_mode))
		rc = read_folder(&r, source->path, reterr_diag);
	else
		rc = read_file(&r, source->path, reterr_diag);
	if (rc == 0)
		rc = merge_all(&r, reterr_diag);
	items_fit(o);
	if (rc < 0)
		orgs_free(&o);
	else
		*ret_orgs = o;
	return rc;
}

void
orgs_free(struct orgs **op)
{
	if (*op == NULL)
		return;
	arena_free(&(*op)->arena);
	free((*op)->items);
	free(*op);
	*op = NULL;
}

size_t
orgs_count(const struct orgs *o)
{
	return o->count;
}

const struct org *
orgs_at(const struct orgs *o, size_t index)
{
	ASSERT(index < o->count);
	return &o->items[index];
}
