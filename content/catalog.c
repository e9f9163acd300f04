/* catalog.c - pages of published services, from ready pieces. */
#include "content/catalog.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <unicode/ucasemap.h>

#include "daemon/base/arena.h"

enum {
	ARENA_BLOCK = 1 << 20,
	ARENA_LIMIT = 1 << 30,
	KEPT_SLOTS = 1024, /* a power of two */
	TERMS_MAX = 64,	   /* of a service */
};

/* What there is one of in a list. */
struct item {
	struct sv id, modified;
	struct sv bare, full; /* as JSON */
	struct sv found_by;   /* folded texts, of services and organizations */
	struct sv organization, parent, taxonomy;
	const struct sv *terms; /* ids of terms, and of their taxonomies */
	const struct sv *taxonomies;
	size_t term_count;
};

struct items {
	struct item *list;
	size_t count, cap;
};

/* An answer that was given before. */
struct kept {
	char *key;
	char *text;
	size_t n;
};

struct catalog {
	struct arena *arena;
	struct items lists[CATALOG_LISTS];
	struct kept kept[KEPT_SLOTS];
	size_t kept_bytes;
	UCaseMap *fold;
	char *one; /* the last answer, where it is not kept */
};

/* --- reading --- */

static struct sv
keep_text(struct catalog *c, const char *p, size_t n)
{
	return (struct sv){ arena_dup(c->arena, p, n), n };
}

static struct sv
keep_json(struct catalog *c, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	struct sv v;

	ASSERT(text != NULL);
	v = keep_text(c, text, strlen(text));
	free(text);
	return v;
}

static struct sv
text_of(struct catalog *c, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? keep_text(c, json_string_value(value),
					   json_string_length(value)) :
				       (struct sv){ "", 0 };
}

/* Its own fields alone. */
static json_t *
bare_of(json_t *object)
{
	json_t *bare = json_object(), *value;
	const char *key;

	json_object_foreach(object, key,
	    value) if (!json_is_object(value) && !json_is_array(value))(void)
	    json_object_set(bare, key, value);
	return bare;
}

/* Room for one more, zeroed. */
static struct item *
item_add(struct catalog *c, enum catalog_list list)
{
	struct items *items = &c->lists[list];

	if (items->count == items->cap) {
		items->cap = items->cap > 0 ? items->cap * 2 : 256;
		items->list =
		    reallocarray(items->list, items->cap, sizeof(*items->list));
		ASSERT(items->list != NULL);
	}
	items->list[items->count] = (struct item){ .term_count = 0 };
	return &items->list[items->count++];
}

static struct sv
folded(struct catalog *c, struct sv v)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t room = (int32_t)v.n * 3 + 1, n;
	char *to = arena_get(c->arena, (size_t)room);

	n = ucasemap_utf8FoldCase(
	    c->fold, to, room, v.p, (int32_t)v.n, &status);
	return U_FAILURE(status) || n > room ? (struct sv){ "", 0 } :
					       (struct sv){ to, (size_t)n };
}

static void
put_text(FILE *f, json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		(void)fprintf(f, "%s\n", json_string_value(value));
}

/* What is looked through: names and descriptions in every language. */
static struct sv
found_by(struct catalog *c, json_t *service, json_t *organization)
{
	json_t *objects[] = { service, organization }, *list, *one;
	char *text = NULL;
	size_t n = 0, i, j;
	FILE *f = open_memstream(&text, &n);
	struct sv v;

	ASSERT(f != NULL);
	for (i = 0; i < ARRAY_LEN(objects); i++) {
		put_text(f, objects[i], "name");
		put_text(f, objects[i], "alternate_name");
		put_text(f, objects[i], "description");
		list = json_object_get(objects[i], "translations");
		json_array_foreach(list, j, one)
		{
			put_text(f, one, "value");
		}
	}
	ASSERT(fclose(f) == 0);
	v = folded(c, (struct sv){ text, n });
	free(text);
	return v;
}

static void
take_term(struct catalog *c, json_t *term, json_t *attribute_taxonomy)
{
	struct item *item = item_add(c, CATALOG_TAXONOMY_TERMS), *taxonomy;
	json_t *bare = bare_of(term);

	item->id = text_of(c, term, "id");
	item->parent = text_of(c, term, "parent_id");
	item->taxonomy = text_of(c, term, "taxonomy_id");
	item->bare = keep_json(c, bare);
	item->full = keep_json(c, term);
	json_decref(bare);
	if (!json_is_object(attribute_taxonomy))
		return;
	taxonomy = item_add(c, CATALOG_TAXONOMIES);
	taxonomy->id = text_of(c, attribute_taxonomy, "id");
	taxonomy->bare = taxonomy->full = keep_json(c, attribute_taxonomy);
}

static void
take_terms(struct catalog *c, struct item *item, json_t *object)
{
	struct sv *terms = arena_get(c->arena, TERMS_MAX * sizeof(*terms));
	struct sv *taxonomies =
	    arena_get(c->arena, TERMS_MAX * sizeof(*taxonomies));
	size_t i, n = 0;
	json_t *one;

	json_array_foreach(json_object_get(object, "attributes"), i, one)
	{
		json_t *term = json_object_get(one, "taxonomy_term");

		if (n == TERMS_MAX || !json_is_object(term))
			continue;
		terms[n] = text_of(c, term, "id");
		taxonomies[n++] = text_of(c, term, "taxonomy_id");
		take_term(c, term, json_object_get(term, "taxonomy_detail"));
	}
	item->terms = terms;
	item->taxonomies = taxonomies;
	item->term_count = n;
}

/* A service with its organization's own fields. */
static json_t *
service_bare(json_t *service)
{
	json_t *bare = bare_of(service);
	json_t *organization = json_object_get(service, "organization");

	if (json_is_object(organization))
		(void)json_object_set_new(
		    bare, "organization", bare_of(organization));
	return bare;
}

static void
take_organization(struct catalog *c, json_t *organization, json_t *service,
    const struct item *of)
{
	struct item *item = item_add(c, CATALOG_ORGANIZATIONS);
	json_t *bare = bare_of(organization), *full;
	json_t *services = json_array();

	full = json_copy(organization);
	(void)json_array_append_new(services, bare_of(service));
	(void)json_object_set_new(full, "services", services);
	*item = *of;
	item->id = text_of(c, organization, "id");
	item->bare = keep_json(c, bare);
	item->full = keep_json(c, full);
	json_decref(bare);
	json_decref(full);
}

static void
take_places(struct catalog *c, json_t *service, const struct item *of)
{
	json_t *one;
	size_t i;

	json_array_foreach(
	    json_object_get(service, "service_at_locations"), i, one)
	{
		struct item *item = item_add(c, CATALOG_SERVICE_AT_LOCATIONS);
		json_t *bare = bare_of(one), *full = json_copy(one);
		json_t *location = json_object_get(one, "location");

		if (json_is_object(location))
			(void)json_object_set_new(
			    bare, "location", bare_of(location));
		(void)json_object_set_new(bare, "service", bare_of(service));
		(void)json_object_set_new(
		    full, "service", service_bare(service));
		*item = *of;
		item->id = text_of(c, one, "id");
		item->bare = keep_json(c, bare);
		item->full = keep_json(c, full);
		json_decref(bare);
		json_decref(full);
	}
}

static void
take_service(struct catalog *c, json_t *service, struct sv line)
{
	json_t *organization = json_object_get(service, "organization");
	json_t *bare = service_bare(service);
	struct item item = { .id = text_of(c, service, "id"),
		.modified = text_of(c, service, "last_modified"),
		.organization = text_of(c, service, "organization_id"),
		.bare = keep_json(c, bare),
		.full = keep_text(c, line.p, line.n),
		.found_by = found_by(c, service, organization) };

	json_decref(bare);
	take_terms(c, &item, service);
	*item_add(c, CATALOG_SERVICES) = item;
	if (json_is_object(organization))
		take_organization(c, organization, service, &item);
	take_places(c, service, &item);
}

static int
compare_items(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;
	size_t n = a->id.n < b->id.n ? a->id.n : b->id.n;
	int order = n > 0 ? memcmp(a->id.p, b->id.p, n) : 0;

	if (order != 0)
		return order;
	return a->id.n < b->id.n ? -1 : a->id.n > b->id.n;
}

/* In order of id, each once. */
static void
items_sort(struct items *items)
{
	size_t i, kept = 0;

	if (items->count == 0)
		return;
	qsort(items->list, items->count, sizeof(*items->list), compare_items);
	for (i = 1; i < items->count; i++)
		if (!sv_eq(items->list[kept].id, items->list[i].id))
			items->list[++kept] = items->list[i];
	items->count = kept + 1;
}

static int
read_lines(struct catalog *c, struct sv text, const char *path, struct diag *d)
{
	unsigned line;
	size_t i;

	for (line = 1; text.n > 0; line++) {
		struct sv one = sv_cut(&text, '\n');
		json_t *service = json_loadb(one.p, one.n, 0, NULL);

		if (!json_is_object(service) ||
		    !json_is_string(json_object_get(service, "id"))) {
			json_decref(service);
			return diag_set(d, -EINVAL,
			    "%s:%u: no service; publish again", path, line);
		}
		take_service(c, service, one);
		json_decref(service);
	}
	for (i = 0; i < CATALOG_LISTS; i++)
		items_sort(&c->lists[i]);
	return 0;
}

int
catalog_load(
    const char *path, struct catalog **ret_catalog, struct diag *reterr_diag)
{
	struct catalog *c;
	UErrorCode status = U_ZERO_ERROR;
	FILE *f = fopen(path, "re");
	struct stat st;
	size_t n;
	char *p;
	int rc;

	if (f == NULL)
		return diag_set(reterr_diag, -ENOENT,
		    "%s: cannot be read (%s); publish again", path,
		    strerror(errno));
	if (fstat(fileno(f), &st) < 0 || st.st_size > CATALOG_BYTES_MAX) {
		(void)fclose(f);
		return diag_set(reterr_diag, -EINVAL,
		    "%s: larger than %d bytes", path, CATALOG_BYTES_MAX);
	}
	p = malloc((size_t)st.st_size + 1);
	ASSERT(p != NULL);
	n = fread(p, 1, (size_t)st.st_size, f);
	(void)fclose(f);
	c = calloc(1, sizeof(*c));
	ASSERT(c != NULL);
	c->arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	c->fold = ucasemap_open("", U_FOLD_CASE_DEFAULT, &status);
	ASSERT(U_SUCCESS(status));
	rc = read_lines(c, (struct sv){ p, n }, path, reterr_diag);
	free(p);
	if (rc < 0)
		catalog_free(&c);
	else
		*ret_catalog = c;
	return rc;
}

static void
kept_drop(struct catalog *c)
{
	size_t i;

	for (i = 0; i < KEPT_SLOTS; i++) {
		free(c->kept[i].key);
		free(c->kept[i].text);
		c->kept[i] = (struct kept){ NULL, NULL, 0 };
	}
	c->kept_bytes = 0;
}

void
catalog_free(struct catalog **cp)
{
	struct catalog *c = *cp;
	size_t i;

	if (c == NULL)
		return;
	kept_drop(c);
	for (i = 0; i < CATALOG_LISTS; i++)
		free(c->lists[i].list);
	ucasemap_close(c->fold);
	arena_free(&c->arena);
	free(c->one);
	free(c);
	*cp = NULL;
}

/* --- answering --- */

static bool
is_among(const struct sv *list, size_t n, struct sv v)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (sv_eq(list[i], v))
			return true;
	return false;
}

/* Moments of one form compare as texts do. */
static bool
is_after(struct sv modified, struct sv after)
{
	size_t n = modified.n < after.n ? modified.n : after.n;
	int order = n > 0 ? memcmp(modified.p, after.p, n) : 0;

	/* of when nobody knows: once too often is better than never */
	return modified.n == 0 || order > 0 ||
	       (order == 0 && modified.n > after.n);
}

static bool
fits(const struct item *item, const struct catalog_query *q, struct sv search)
{
	if (q->organization_id.n > 0 &&
	    !sv_eq(q->organization_id, item->organization))
		return false;
	if (q->taxonomy_term_id.n > 0 &&
	    !is_among(item->terms, item->term_count, q->taxonomy_term_id))
		return false;
	if (q->taxonomy_id.n > 0 && !sv_eq(q->taxonomy_id, item->taxonomy) &&
	    !is_among(item->taxonomies, item->term_count, q->taxonomy_id))
		return false;
	if (q->parent_id.n > 0 && !sv_eq(q->parent_id, item->parent))
		return false;
	if (q->top_only && item->parent.n > 0)
		return false;
	if (q->modified_after.n > 0 &&
	    !is_after(item->modified, q->modified_after))
		return false;
	return search.n == 0 || memmem(item->found_by.p, item->found_by.n,
				    search.p, search.n) != NULL;
}

static void
put_item(FILE *f, const struct item *item, const struct catalog_query *q)
{
	struct sv v = q->full ? item->full : item->bare;
	json_t *one;

	if (!q->minimal) {
		(void)fwrite(v.p, 1, v.n, f);
		return;
	}
	one = json_pack("{s:s%}", "id", item->id.p, item->id.n);
	if (item->modified.n > 0)
		(void)json_object_set_new(one, "last_modified",
		    json_stringn(item->modified.p, item->modified.n));
	ASSERT(json_dumpf(one, f, JSON_COMPACT) == 0);
	json_decref(one);
}

/* Which of the found ones a page has. */
struct span {
	int64_t from, to, total, pages, size;
};

static void
put_found(FILE *f, const struct item *const *found,
    const struct catalog_query *q, const struct span *s)
{
	int64_t i, shown = s->to > s->from ? s->to - s->from : 0;

	if (!q->lines)
		(void)fprintf(f,
		    "{\"total_items\":%lld,\"total_pages\":%lld,"
		    "\"page_number\":%lld,\"size\":%lld,\"first_page\":%s,"
		    "\"last_page\":%s,\"empty\":%s,\"contents\":[",
		    (long long)s->total, (long long)s->pages,
		    (long long)q->page, (long long)shown,
		    q->page == 1 ? "true" : "false",
		    q->page >= s->pages ? "true" : "false",
		    shown == 0 ? "true" : "false");
	for (i = s->from; i < s->to && found[i] != NULL; i++) {
		if (i > s->from && !q->lines)
			(void)fputc(',', f);
		put_item(f, found[i], q);
		if (q->lines)
			(void)fputc('\n', f);
	}
	if (!q->lines)
		(void)fputs("]}", f);
}

static struct span
span_of(const struct catalog_query *q, int64_t total)
{
	struct span s = { .total = total };

	s.size = q->per_page > 0 ? q->per_page : CATALOG_PER_PAGE;
	if (q->lines && q->per_page == 0)
		s.size = total > 0 ? total : 1;
	s.pages = total > 0 ? (total + s.size - 1) / s.size : 1;
	s.from = (q->page - 1) * s.size;
	if (s.from > total)
		s.from = total;
	s.to = s.from + s.size < total ? s.from + s.size : total;
	return s;
}

static void
make_page(struct catalog *c, const struct catalog_query *q, char **ret_text,
    size_t *ret_n)
{
	const struct items *items = &c->lists[q->list];
	const struct item **found =
	    calloc(items->count + 1, sizeof(struct item *));
	char search[CATALOG_TEXT_MAX * 3 + 1];
	UErrorCode status = U_ZERO_ERROR;
	int32_t search_n = 0;
	size_t i, n = 0;
	struct span s;
	FILE *f = open_memstream(ret_text, ret_n);

	ASSERT(found != NULL && f != NULL);
	if (q->search.n > 0)
		search_n = ucasemap_utf8FoldCase(c->fold, search,
		    sizeof(search), q->search.p, (int32_t)q->search.n, &status);
	ASSERT(U_SUCCESS(status));
	for (i = 0; i < items->count; i++)
		if (fits(&items->list[i], q,
			(struct sv){ search, (size_t)search_n }))
			found[n++] = &items->list[i];
	s = span_of(q, (int64_t)n);
	put_found(f, found, q, &s);
	ASSERT(fclose(f) == 0);
	free(found);
}

/* Everything that tells two questions apart. */
static int
key_of(const struct catalog_query *q, char *buf, size_t size)
{
	int n = snprintf(buf, size,
	    "%d %lld %lld %d%d%d%d\n" SV_FMT "\n" SV_FMT "\n" SV_FMT "\n" SV_FMT
	    "\n" SV_FMT "\n" SV_FMT,
	    (int)q->list, (long long)q->page, (long long)q->per_page,
	    q->top_only, q->minimal, q->full, q->lines, SV_ARG(q->search),
	    SV_ARG(q->modified_after), SV_ARG(q->taxonomy_term_id),
	    SV_ARG(q->taxonomy_id), SV_ARG(q->organization_id),
	    SV_ARG(q->parent_id));

	return n < 0 || (size_t)n >= size ? -EINVAL : 0;
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static struct kept *
kept_of(struct catalog *c, const char *key)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3;
	return &c->kept[(h ^ h >> 32) & (KEPT_SLOTS - 1)];
}

static void
keep(
    struct catalog *c, struct kept *slot, const char *key, char *text, size_t n)
{
	if (n > CATALOG_KEPT_MAX / 4) {
		free(c->one);
		c->one = text;
		return;
	}
	if (c->kept_bytes + n > CATALOG_KEPT_MAX)
		kept_drop(c);
	c->kept_bytes -= slot->n;
	free(slot->key);
	free(slot->text);
	slot->key = strdup(key);
	ASSERT(slot->key != NULL);
	slot->text = text;
	slot->n = n;
	c->kept_bytes += n;
}

int
catalog_page(
    struct catalog *c, const struct catalog_query *q, struct sv *ret_text)
{
	char key[1024];
	struct kept *slot;
	char *text = NULL;
	size_t n = 0;

	if (q->page < 1 || q->page > 1000000 || q->per_page < 0 ||
	    q->per_page > CATALOG_PER_PAGE_MAX ||
	    q->search.n > CATALOG_TEXT_MAX || key_of(q, key, sizeof(key)) < 0)
		return -EINVAL;
	slot = kept_of(c, key);
	if (slot->key == NULL || strcmp(slot->key, key) != 0) {
		make_page(c, q, &text, &n);
		*ret_text = (struct sv){ text, n };
		keep(c, slot, key, text, n);
		return 0;
	}
	*ret_text = (struct sv){ slot->text, slot->n };
	return 0;
}

int
catalog_one(struct catalog *c, enum catalog_list list, struct sv id,
    struct sv *ret_text)
{
	const struct item wanted = { .id = id };
	const struct item *found = NULL;

	if (c->lists[list].count > 0)
		found = bsearch(&wanted, c->lists[list].list,
		    c->lists[list].count, sizeof(wanted), compare_items);
	if (found == NULL)
		return -ENOENT;
	*ret_text = found->full;
	return 0;
}
