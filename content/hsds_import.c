/* hsds_import.c - reads a source, compares it with the directory, puts it in.
 */
#include "content/hsds_import.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "content/hsds_check.h"
#include "content/hsds_json.h"
#include "content/hsds_listing.h"
#include "content/hsds_package.h"
#include "content/hsds_sheet.h"
#include "content/listing_time.h"
#include "daemon/base/clock.h"
#include "db/hsds.h"
#include "db/uuid.h"

/* What a listing is taken from, and what becomes of it. */
struct item {
	struct hsds_import_row row;
	struct directory_row listing;
	struct sv last_modified, checked_how;
};

struct hsds_import {
	struct hsds *h;
	struct arena *arena; /* the data set's */
	struct item *items;
	size_t count, cap;
	size_t totals[HSDS_BAD + 1];
};

/* While it is read. */
struct importing {
	struct hsds_import *import;
	const struct hsds_source *source;
	struct listing_rules rules;
	struct known *known; /* by service */
	size_t known_count;
};

/* --- listings that are there --- */

struct known {
	char service[UUID_SIZE];
	struct sv id;
};

struct knowing {
	struct importing *i;
	size_t cap;
};

static bool
on_known(void *arg, const struct directory_row *row)
{
	struct knowing *k = arg;
	struct importing *i = k->i;
	struct known *one;

	if (i->known_count == k->cap) {
		k->cap = k->cap > 0 ? k->cap * 2 : 256;
		i->known = reallocarray(i->known, k->cap, sizeof(*i->known));
		ASSERT(i->known != NULL);
	}
	one = &i->known[i->known_count++];
	uuid_of("service", row->id, 0, one->service);
	one->id =
	    (struct sv){ arena_dup(i->import->arena, row->id.p, row->id.n),
		    row->id.n };
	return true;
}

static int
by_service(const void *pa, const void *pb)
{
	const struct known *a = pa, *b = pb;

	return strcmp(a->service, b->service);
}

static int
know(struct importing *i)
{
	struct knowing k = { .i = i };
	int rc = directory_each(i->source->dir, on_known, &k);

	if (i->known_count > 0)
		qsort(i->known, i->known_count, sizeof(*i->known), by_service);
	return rc;
}

static struct sv
listing_of(void *arg, struct sv service_id)
{
	const struct importing *i = arg;
	struct known wanted = { 0 };
	const struct known *found = NULL;

	if (service_id.n == UUID_SIZE - 1 && i->known_count > 0) {
		memcpy(wanted.service, service_id.p, UUID_SIZE - 1);
		wanted.service[UUID_SIZE - 1] = '\0';
		found = bsearch(&wanted, i->known, i->known_count,
		    sizeof(wanted), by_service);
	}
	return found != NULL ? found->id : (struct sv){ NULL, 0 };
}

/* --- one listing --- */

static struct item *
item_add(struct hsds_import *import)
{
	if (import->count == import->cap) {
		import->cap = import->cap > 0 ? import->cap * 2 : 256;
		import->items = reallocarray(
		    import->items, import->cap, sizeof(*import->items));
		ASSERT(import->items != NULL);
	}
	import->items[import->count] = (struct item){ .row.line = 0 };
	return &import->items[import->count++];
}

/* The columns a message names first, for whoever shows it beside the field. */
static const char *
field_of(const char *text)
{
	static const char *const also[][2] = { { "topic ", "topics" },
		{ "place ", "places" } };
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(also); i++)
		if (strncmp(text, also[i][0], strlen(also[i][0])) == 0)
			return also[i][1];
	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		n = strlen(directory_fields[i].name);
		if (strncmp(text, directory_fields[i].name, n) == 0 &&
		    text[n] == ' ')
			return directory_fields[i].name;
	}
	if (strstr(text, " phones") != NULL)
		return "phone_e164";
	return strstr(text, " places") != NULL ? "places" : "";
}

static void
refuse(struct importing *i, const struct item *item, const char *field,
    const char *code, const char *text)
{
	const struct hsds_problem p = { .file = item->row.file,
		.line = item->row.line,
		.id = item->row.id,
		.field = field,
		.code = code };

	hsds_refuse(i->import->h, &p, "%s", text);
}

/* What is there of a listing. */
struct present {
	struct importing *i;
	struct directory_row *row; /* to be completed */
	bool found, same;
	int64_t checked_ms, version;
};

static void
on_present(void *arg, const struct directory_row *row, int64_t version)
{
	struct present *p = arg;
	size_t i;

	p->version = version;
	p->found = true;
	p->same = true;
	p->checked_ms = row->checked_ms;
	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		struct sv old = directory_field(row, i);
		struct sv new = directory_field(p->row, i);

		if (new.p == NULL)
			directory_field_set(p->row, i,
			    (struct sv){ arena_dup(p->i->import->arena,
					     old.n > 0 ? old.p : "", old.n),
				old.n });
		else if (!sv_eq(old, new))
			p->same = false;
	}
}

/* What a listing that is new here lacks. */
static void
complete(struct item *item, const struct hsds_listing *l, struct arena *arena)
{
	struct directory_row *row = &item->listing;
	char *note;
	size_t i;

	if (!l->ours && row->kind.n == 0)
		row->kind = SV("other");
	if (row->listing.n == 0)
		row->listing = row->topics.n > 0 && row->places.n > 0 ?
				   SV("callers-after-check") :
				   SV("operators");
	if (!l->ours && row->notes.n == 0 && l->terms.n > 0) {
		note = arena_get(arena, l->terms.n + 64);
		(void)snprintf(note, l->terms.n + 64,
		    "Its source calls what it does: " SV_FMT, SV_ARG(l->terms));
		row->notes = sv_of(note);
	}
	for (i = 0; i < DIRECTORY_FIELDS; i++)
		if (directory_field(row, i).p == NULL)
			directory_field_set(row, i, SV(""));
}

/* Refused where it is no moment, or one to come. */
static bool
checked_is_bad(struct importing *i, struct item *item)
{
	int64_t ms = item->listing.checked_ms;
	char day[LISTING_TIME_BYTES + 1], text[160];

	if (ms < 0) {
		refuse(i, item, "x_checked", "not_a_date",
		    "must be a moment as 2026-09-14T10:20:30.123Z, or empty");
		return true;
	}
	if (!listing_time_is_ahead(ms, clock_ms()))
		return false;
	listing_time_write(ms, day);
	(void)snprintf(
	    text, sizeof(text), LISTING_TIME_AHEAD, "x_checked", day);
	refuse(i, item, "x_checked", "day_ahead", text);
	return true;
}

static int
compare(struct importing *i, struct item *item, const struct hsds_listing *l)
{
	struct present p = { .i = i, .row = &item->listing };
	struct listing listing;
	struct diag why = { "" };
	int rc =
	    directory_get(i->source->dir, item->listing.id, on_present, &p);

	if (rc < 0 && rc != -ENOENT)
		return rc;
	complete(item, l, i->import->arena);
	item->row.version = p.version;
	if (checked_is_bad(i, item))
		return 0;
	if (listing_row_read(&item->listing, &i->rules, &listing, &why) < 0)
		refuse(i, item, field_of(why.text), "refused", why.text);
	else if (!p.found)
		item->row.result = HSDS_ADD;
	else if (p.same && item->listing.checked_ms <= p.checked_ms)
		item->row.result = HSDS_SAME;
	else
		item->row.result = HSDS_CHANGE;
	return 0;
}

static int
take_listing(struct importing *i, const struct hsds_listing *l)
{
	struct item *item = item_add(i->import);
	char text[128];

	item->listing = l->row;
	item->last_modified = l->last_modified;
	item->checked_how = l->checked_how;
	item->row.file = l->file;
	item->row.line = l->line;
	item->row.id = l->row.id;
	item->row.name = l->row.name_en;
	item->row.result = HSDS_BAD;
	if (!l->bad)
		return compare(i, item, l);
	if (!sv_eq(l->bad_file, sv_of(l->file)) || l->bad_line != l->line) {
		(void)snprintf(text, sizeof(text),
		    "what belongs to it is wrong: see " SV_FMT ", row %u",
		    SV_ARG(l->bad_file), l->bad_line);
		refuse(i, item, "", "part_bad", text);
	}
	return 0;
}

/* --- HSDS --- */

static int
take_services(struct importing *i, bool nested)
{
	struct hsds *h = i->import->h;
	const struct hsds_rules rules = { &i->rules, listing_of, i };
	size_t at;
	int rc = know(i);

	hsds_sort(h);
	if (nested)
		hsds_join_twins(h);
	hsds_check(h);
	for (at = 0; rc == 0 && at < hsds_count(h, HSDS_SERVICE); at++) {
		struct hsds_listing l;

		hsds_listing_of(h, hsds_at(h, HSDS_SERVICE, at), &rules, &l);
		rc = take_listing(i, &l);
	}
	return rc;
}

/* --- a sheet --- */

static int
on_sheet_row(void *arg, const struct hsds_listing *l)
{
	return take_listing(arg, l);
}

/* --- what came out --- */

static int
sv_compare(struct sv a, struct sv b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (order != 0)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

static int
by_line(const char *a, unsigned a_line, const char *b, unsigned b_line)
{
	int order = strcmp(a, b);

	if (order != 0)
		return order;
	return a_line < b_line ? -1 : a_line > b_line;
}

static int
compare_problems(const void *pa, const void *pb)
{
	const struct hsds_problem *a = pa, *b = pb;

	return by_line(a->file, a->line, b->file, b->line);
}

static int
compare_items(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;
	int order = by_line(a->row.file, a->row.line, b->row.file, b->row.line);

	if (order != 0)
		return order;
	return sv_compare(a->row.id, b->row.id);
}

/* Give problems of one row to the listing of that row, or make them a row. */
static void
problems_place(struct hsds_import *import, size_t items,
    const struct hsds_problem *list, size_t count)
{
	size_t low = 0, high = items;
	struct item *item;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct hsds_import_row *row = &import->items[mid].row;

		if (by_line(row->file, row->line, list[0].file, list[0].line) <
		    0)
			low = mid + 1;
		else
			high = mid;
	}
	item = low < items ? &import->items[low] : NULL;
	if (item == NULL || by_line(item->row.file, item->row.line,
				list[0].file, list[0].line) != 0) {
		item = item_add(import);
		item->row.file = list[0].file;
		item->row.line = list[0].line;
		item->row.id = list[0].id;
		item->row.name = SV("");
	}
	item->row.result = HSDS_BAD;
	item->row.problems = list;
	item->row.problem_count = count;
}

struct twin {
	struct item *item;
};

static int
compare_ids(const void *pa, const void *pb)
{
	const struct twin *x = pa, *y = pb;
	const struct item *a = x->item, *b = y->item;
	int order = sv_compare(a->row.id, b->row.id);

	return order != 0 ?
		   order :
		   by_line(a->row.file, a->row.line, b->row.file, b->row.line);
}

/* Of two listings with one id neither is put in: who knows which is meant. */
static void
refuse_twins(struct importing *i)
{
	struct hsds_import *import = i->import;
	struct twin *order = calloc(import->count + 1, sizeof(*order));
	char text[96];
	size_t at;

	ASSERT(order != NULL);
	for (at = 0; at < import->count; at++)
		order[at].item = &import->items[at];
	qsort(order, import->count, sizeof(*order), compare_ids);
	for (at = 1; at < import->count; at++) {
		struct item *a = order[at - 1].item;
		struct item *b = order[at].item;

		if (!sv_eq(a->row.id, b->row.id))
			continue;
		a->row.result = b->row.result = HSDS_BAD;
		(void)snprintf(text, sizeof(text),
		    "rows %u and %u have this id; join the two", a->row.line,
		    b->row.line);
		refuse(i, a, "id", "id_twice", text);
		refuse(i, b, "id", "id_twice", text);
	}
	free(order);
}

/* A bad row without a word would leave its reader helpless. */
static void
finish(struct hsds_import *import)
{
	size_t count, i, n, items = import->count;
	const struct hsds_problem *all = hsds_problems(import->h, &count);
	struct hsds_problem *sorted =
	    arena_get(import->arena, (count + 1) * sizeof(*sorted));

	for (i = 0; i < count; i++)
		sorted[i] = all[i];
	qsort(sorted, count, sizeof(*sorted), compare_problems);
	if (items > 0)
		qsort(import->items, items, sizeof(*import->items),
		    compare_items);
	for (i = 0; i < count; i += n) {
		for (n = 1; i + n < count &&
			    compare_problems(&sorted[i], &sorted[i + n]) == 0;)
			n++;
		problems_place(import, items, sorted + i, n);
	}
	if (import->count > items)
		qsort(import->items, import->count, sizeof(*import->items),
		    compare_items);
	for (i = 0; i < import->count; i++) {
		struct item *item = &import->items[i];

		import->totals[item->row.result]++;
		item->row.listing =
		    item->row.result == HSDS_BAD ? NULL : &item->listing;
	}
}

/* --- sources --- */

static enum hsds_kind
kind_of(const char *name, struct sv bytes)
{
	const char *dot = strrchr(name, '.');
	size_t at;

	if (hsds_is_zip(bytes))
		return HSDS_TABULAR;
	if (dot != NULL && strcasecmp(dot, ".csv") == 0)
		return HSDS_SHEET;
	for (at = 0;
	     at < bytes.n && strchr(" \t\r\n\xef\xbb\xbf", bytes.p[at]) != NULL;
	     at++)
		;
	return at < bytes.n && (bytes.p[at] == '{' || bytes.p[at] == '[') ?
		   HSDS_JSON :
		   HSDS_SHEET;
}

static int
read_from(
    struct importing *i, const char *name, struct sv bytes, struct diag *d)
{
	enum hsds_kind kind = i->source->kind;
	struct hsds_sheet sheet = { .h = i->import->h,
		.rules = &i->rules,
		.name = name,
		.fn = on_sheet_row,
		.arg = i };
	int rc;

	if (bytes.n > HSDS_BYTES_MAX)
		return hsds_unreadable(i->import->h, d, "zip_large",
		    "%s: more than %d MB; split it", name,
		    HSDS_BYTES_MAX >> 20);
	if (kind == HSDS_ANY)
		kind = kind_of(name, bytes);
	if (kind == HSDS_SHEET)
		return hsds_sheet_read(&sheet, bytes, d);
	rc = kind == HSDS_TABULAR ?
		 hsds_read_zip(i->import->h, bytes, d) :
		 hsds_read_json(i->import->h, name, bytes, d);
	return rc < 0 ? rc : take_services(i, kind == HSDS_JSON);
}

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static int
read_path(struct importing *i, const char *path, struct diag *d)
{
	struct sv bytes = { NULL, 0 };
	struct stat st;
	char *p;
	FILE *f;
	int rc;

	if (stat(path, &st) < 0)
		return diag_set(d, -ENOENT,
		    "%s: there is no such file; correct the path", path);
	if (S_ISDIR(st.st_mode)) {
		rc = hsds_read_folder(i->import->h, path, d);
		return rc < 0 ? rc : take_services(i, false);
	}
	if (!S_ISREG(st.st_mode) || st.st_size > HSDS_BYTES_MAX)
		return hsds_unreadable(i->import->h, d, "zip_large",
		    "%s: no file, or of more than %d MB; split it", path,
		    HSDS_BYTES_MAX >> 20);
	f = fopen(path, "re");
	if (f == NULL)
		return diag_set(d, -EINVAL, "%s: cannot be read (%s)", path,
		    strerror(errno));
	p = malloc((size_t)st.st_size + 1);
	ASSERT(p != NULL);
	bytes = (struct sv){ p, fread(p, 1, (size_t)st.st_size, f) };
	(void)fclose(f);
	rc = read_from(i,
	    i->source->name != NULL ? i->source->name : last_part(path), bytes,
	    d);
	free(p);
	return rc;
}

int
hsds_import_read(const struct hsds_source *source,
    struct hsds_import **ret_import, struct diag *reterr_diag)
{
	struct hsds_import *import = calloc(1, sizeof(*import));
	CLEANUP(phones_free) struct phones *phones = phones_new();
	struct importing i = { .import = import,
		.source = source,
		.rules = { source->topics, source->places, phones } };
	int rc;

	ASSERT(import != NULL);
	reterr_diag->text[0] = '\0';
	import->h = hsds_new();
	import->arena = hsds_arena(import->h);
	rc = source->path != NULL ?
		 read_path(&i, source->path, reterr_diag) :
		 read_from(&i, source->name, source->bytes, reterr_diag);
	free(i.known);
	if (rc < 0) {
		if (source->reterr_code != NULL)
			*source->reterr_code = hsds_unreadable_code(import->h);
		if (reterr_diag->text[0] == '\0')
			(void)diag_set(reterr_diag, rc,
			    "directory.db: %s; nothing was changed, try again",
			    strerror(-rc));
		hsds_import_free(&import);
		return rc;
	}
	refuse_twins(&i);
	finish(import);
	*ret_import = import;
	return 0;
}

void
hsds_import_free(struct hsds_import **ip)
{
	if (*ip == NULL)
		return;
	hsds_free(&(*ip)->h);
	free((*ip)->items);
	free(*ip);
	*ip = NULL;
}

size_t
hsds_import_count(const struct hsds_import *import)
{
	return import->count;
}

const struct hsds_import_row *
hsds_import_at(const struct hsds_import *import, size_t i)
{
	ASSERT(i < import->count);
	return &import->items[i].row;
}

size_t
hsds_import_total(const struct hsds_import *import, enum hsds_result result)
{
	return import->totals[result];
}

int
hsds_import_put(const struct hsds_import *import, size_t i,
    struct directory *dir, const struct directory_by *by)
{
	const struct item *item = &import->items[i];
	enum directory_change change;
	int rc;

	if (item->row.result == HSDS_BAD || item->row.result == HSDS_SAME)
		return 0;
	rc = directory_put(dir, &item->listing, by, &change);
	if (rc == 0 && change != DIRECTORY_SAME)
		rc = directory_put_origin(dir, &item->listing,
		    item->last_modified, item->checked_how);
	return rc;
}

/* --- as JSON --- */

const char *
hsds_result_name(enum hsds_result result)
{
	static const char *const names[] = {
		[HSDS_SAME] = "same",
		[HSDS_ADD] = "add",
		[HSDS_CHANGE] = "change",
		[HSDS_BAD] = "bad",
	};

	return names[result];
}

static json_t *
row_json(const struct hsds_import_row *row)
{
	json_t *errors = json_array();
	size_t i;

	for (i = 0; i < row->problem_count; i++) {
		const struct hsds_problem *p = &row->problems[i];

		(void)json_array_append_new(
		    errors, json_pack("{s:s, s:s, s:s}", "field", p->field,
				"code", p->code, "text", p->text));
	}
	return json_pack("{s:s, s:i, s:o, s:o, s:s, s:o}", "file", row->file,
	    "row", (int)row->line, "id",
	    json_stringn_nocheck(row->id.n > 0 ? row->id.p : "", row->id.n),
	    "name",
	    json_stringn(row->name.n > 0 ? row->name.p : "", row->name.n),
	    "result", hsds_result_name(row->result), "errors", errors);
}

json_t *
hsds_import_json(const struct hsds_import *import, size_t rows_max)
{
	static const enum hsds_result order[] = { HSDS_BAD, HSDS_ADD,
		HSDS_CHANGE, HSDS_SAME };
	json_t *rows = json_array();
	size_t i, j;

	for (j = 0; j < ARRAY_LEN(order); j++)
		for (i = 0;
		     i < import->count && json_array_size(rows) < rows_max; i++)
			if (import->items[i].row.result == order[j])
				(void)json_array_append_new(
				    rows, row_json(&import->items[i].row));
	return json_pack("{s:{s:i, s:i, s:i, s:i}, s:i, s:o}", "summary", "add",
	    (int)import->totals[HSDS_ADD], "change",
	    (int)import->totals[HSDS_CHANGE], "same",
	    (int)import->totals[HSDS_SAME], "bad",
	    (int)import->totals[HSDS_BAD], "left_out",
	    (int)(import->count - json_array_size(rows)), "rows", rows);
}
