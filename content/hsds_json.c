/* hsds_json.c - rows of HSDS from nested JSON, and as nested JSON. */
#include "content/hsds_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "content/sheet.h"

enum { ARENA_BLOCK = 64 << 10, ARENA_LIMIT = 256 << 20 };

/* What stands in what.  many: an array of rows that name the outer one in
 * column; else an object that the outer one names in column. */
static const struct nest {
	enum hsds_table outer, inner;
	const char *key, *column;
	bool many;
	bool read_only; /* is understood, not written */
} nests[] = {
#define MANY(outer, inner, key, column)                                        \
	{                                                                      \
		HSDS_##outer, HSDS_##inner, key, column, true, false           \
	}
#define ONE(outer, inner, key, column)                                         \
	{                                                                      \
		HSDS_##outer, HSDS_##inner, key, column, false, false          \
	}
#define ALSO(outer, inner, key, column)                                        \
	{                                                                      \
		HSDS_##outer, HSDS_##inner, key, column, true, true            \
	}
	ONE(SERVICE, ORGANIZATION, "organization", "organization_id"),
	ONE(SERVICE, PROGRAM, "program", "program_id"),
	MANY(
	    SERVICE, SERVICE_AT_LOCATION, "service_at_locations", "service_id"),
	MANY(SERVICE, CONTACT, "contacts", "service_id"),
	MANY(SERVICE, PHONE, "phones", "service_id"),
	MANY(SERVICE, SCHEDULE, "schedules", "service_id"),
	MANY(SERVICE, LANGUAGE, "languages", "service_id"),
	MANY(SERVICE, SERVICE_AREA, "service_areas", "service_id"),
	MANY(SERVICE, REQUIRED_DOCUMENT, "required_documents", "service_id"),
	MANY(SERVICE, COST_OPTION, "cost_options", "service_id"),
	MANY(SERVICE, FUNDING, "funding", "service_id"),
	MANY(SERVICE, ATTRIBUTE, "attributes", "link_id"),
	MANY(SERVICE, TRANSLATION, "translations", "link_id"),
	MANY(ORGANIZATION, ORGANIZATION_IDENTIFIER, "organization_identifiers",
	    "organization_id"),
	MANY(ORGANIZATION, CONTACT, "contacts", "organization_id"),
	MANY(ORGANIZATION, PHONE, "phones", "organization_id"),
	MANY(ORGANIZATION, FUNDING, "funding", "organization_id"),
	MANY(ORGANIZATION, ATTRIBUTE, "attributes", "link_id"),
	MANY(ORGANIZATION, TRANSLATION, "translations", "link_id"),
	ALSO(ORGANIZATION, SERVICE, "services", "organization_id"),
	ALSO(ORGANIZATION, LOCATION, "locations", "organization_id"),
	ALSO(ORGANIZATION, PROGRAM, "programs", "organization_id"),
	ONE(SERVICE_AT_LOCATION, LOCATION, "location", "location_id"),
	MANY(
	    SERVICE_AT_LOCATION, CONTACT, "contacts", "service_at_location_id"),
	MANY(SERVICE_AT_LOCATION, PHONE, "phones", "service_at_location_id"),
	MANY(SERVICE_AT_LOCATION, SCHEDULE, "schedules",
	    "service_at_location_id"),
	MANY(SERVICE_AT_LOCATION, SERVICE_AREA, "service_areas",
	    "service_at_location_id"),
	MANY(LOCATION, ADDRESS, "addresses", "location_id"),
	MANY(LOCATION, ACCESSIBILITY, "accessibility", "location_id"),
	MANY(LOCATION, CONTACT, "contacts", "location_id"),
	MANY(LOCATION, PHONE, "phones", "location_id"),
	MANY(LOCATION, SCHEDULE, "schedules", "location_id"),
	MANY(LOCATION, LANGUAGE, "languages", "location_id"),
	MANY(LOCATION, ATTRIBUTE, "attributes", "link_id"),
	MANY(LOCATION, TRANSLATION, "translations", "link_id"),
	MANY(CONTACT, PHONE, "phones", "contact_id"),
	MANY(PHONE, LANGUAGE, "languages", "phone_id"),
	ONE(ATTRIBUTE, TAXONOMY_TERM, "taxonomy_term", "taxonomy_term_id"),
	ONE(TAXONOMY_TERM, TAXONOMY, "taxonomy_detail", "taxonomy_id"),
};

/* --- reading --- */

struct reading {
	struct hsds *h;
	const char *file;
	unsigned line;
	bool full; /* no more rows fit */
};

static void
refuse(struct reading *r, struct sv id, const char *field, const char *code,
    const char *text)
{
	const struct hsds_problem p = { .file = r->file,
		.line = r->line,
		.id = id,
		.field = field,
		.code = code };

	hsds_refuse(r->h, &p, "%s", text);
}

/* A number as short as it can be written; views into buf or the value. */
static bool
scalar_text(const json_t *v, char buf[40], struct sv *ret)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		*ret =
		    (struct sv){ json_string_value(v), json_string_length(v) };
		return true;
	case JSON_INTEGER:
		(void)snprintf(
		    buf, 40, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		break;
	case JSON_REAL:
		(void)snprintf(buf, 40, "%.15g", json_real_value(v));
		break;
	case JSON_TRUE:
		(void)snprintf(buf, 40, "1");
		break;
	case JSON_FALSE:
		(void)snprintf(buf, 40, "0");
		break;
	case JSON_NULL:
		buf[0] = '\0';
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
	default:
		return false;
	}
	*ret = sv_of(buf);
	return true;
}

static bool
has_nul(struct sv v)
{
	return v.n > 0 && memchr(v.p, '\0', v.n) != NULL;
}

/* Its own columns; what is nested is not theirs, though the name is the same
 * ("taxonomy" of a term may be either). */
static void
read_columns(
    struct reading *r, enum hsds_table t, struct hsds_row *row, json_t *object)
{
	const struct hsds_def *def = hsds_def(t);
	char buf[40];
	struct sv v;
	size_t i;

	for (i = 0; i < def->count; i++) {
		const char *name = def->columns[i].name;
		json_t *value = json_object_get(object, name);

		if (value == NULL)
			continue;
		hsds_set_column(r->h, t, (int)i);
		if (!scalar_text(value, buf, &v)) {
			row->bad = true;
			refuse(r, row->fields[0], name, "wrong_type",
			    "a list or an object where a text belongs");
		} else if (has_nul(v) || !hsds_set(r->h, row, (int)i, v)) {
			row->bad = true;
			refuse(r, row->fields[0], name, "too_long",
			    "longer than 16384 bytes, or with a NUL; shorten "
			    "it");
		}
	}
}

static void
set_if_empty(struct reading *r, enum hsds_table t, struct hsds_row *row,
    const char *column, struct sv value)
{
	int at = hsds_column_of(t, sv_of(column));

	hsds_set_column(r->h, t, at);
	if (row->fields[at].n == 0)
		(void)!hsds_set(r->h, row, at, value);
}

/* The outer row's fields are found again after each row that is added: the
 * table may have moved. */
struct outer {
	enum hsds_table table;
	struct sv id;
};

static bool read_object(struct reading *r, enum hsds_table t,
    const struct outer *outer, json_t *object, unsigned depth);

static void
read_many(struct reading *r, const struct nest *n, struct sv id, json_t *list,
    unsigned depth)
{
	const struct outer outer = { n->outer, id };
	size_t i;

	if (json_is_null(list))
		return;
	if (!json_is_array(list)) {
		refuse(r, id, n->key, "wrong_type",
		    "something else where a list belongs");
		return;
	}
	hsds_set_present(r->h, n->inner);
	for (i = 0; i < json_array_size(list) && !r->full; i++)
		if (!read_object(r, n->inner, &outer, json_array_get(list, i),
			depth + 1))
			refuse(r, id, n->key, "wrong_type",
			    "something else where an object belongs");
}

static void
read_nested(struct reading *r, enum hsds_table t, size_t at, json_t *object,
    unsigned depth)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(nests); i++) {
		const struct nest *n = &nests[i];
		json_t *inner = json_object_get(object, n->key);
		struct sv id;

		if (n->outer != t || inner == NULL)
			continue;
		if (n->many) {
			read_many(r, n, hsds_at(r->h, t, at)->fields[0], inner,
			    depth);
			continue;
		}
		if (!json_is_object(inner))
			continue;
		id = sv_of(json_string_value(json_object_get(inner, "id")));
		set_if_empty(r, t, hsds_at(r->h, t, at), n->column, id);
		(void)!read_object(r, n->inner, NULL, inner, depth + 1);
	}
}

static void
link_to(struct reading *r, enum hsds_table t, struct hsds_row *row,
    const struct outer *outer)
{
	const char *name = hsds_def(outer->table)->name;
	char column[64];

	if (t == HSDS_ATTRIBUTE || t == HSDS_TRANSLATION) {
		set_if_empty(r, t, row, "link_id", outer->id);
		set_if_empty(r, t, row, "link_entity", sv_of(name));
		return;
	}
	(void)snprintf(column, sizeof(column), "%s_id", name);
	set_if_empty(r, t, row, column, outer->id);
}

static bool
read_object(struct reading *r, enum hsds_table t, const struct outer *outer,
    json_t *object, unsigned depth)
{
	size_t at = hsds_count(r->h, t);
	struct hsds_row *row;

	if (!json_is_object(object) || depth > HSDS_JSON_DEPTH_MAX)
		return false;
	row = hsds_add(r->h, t);
	if (row == NULL) {
		r->full = true;
		refuse(r, SV(""), "", "too_many_rows",
		    "more than 200000 rows; split the file");
		return true;
	}
	row->file = r->file;
	row->line = r->line;
	row->fields[0] = SV("");
	read_columns(r, t, row, object);
	if (outer != NULL)
		link_to(r, t, row, outer);
	read_nested(r, t, at, object, depth);
	return true;
}

/* What an object is, by what it has. */
static enum hsds_table
table_of(json_t *object)
{
	static const struct {
		const char *key;
		enum hsds_table table;
	} marks[] = {
		{ "location_type", HSDS_LOCATION },
		{ "status", HSDS_SERVICE },
		{ "organization", HSDS_SERVICE },
		{ "services", HSDS_ORGANIZATION },
		{ "organization_identifiers", HSDS_ORGANIZATION },
		{ "service_at_locations", HSDS_SERVICE },
		{ "location", HSDS_SERVICE_AT_LOCATION },
		{ "location_id", HSDS_SERVICE_AT_LOCATION },
		{ "organization_id", HSDS_SERVICE },
		{ "taxonomy_detail", HSDS_TAXONOMY_TERM },
		{ "taxonomy_id", HSDS_TAXONOMY_TERM },
		{ "term_uri", HSDS_TAXONOMY_TERM },
		{ "name", HSDS_ORGANIZATION },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(marks); i++)
		if (json_object_get(object, marks[i].key) != NULL)
			return marks[i].table;
	return HSDS_NONE;
}

static void
read_top(struct reading *r, json_t *object)
{
	enum hsds_table t =
	    json_is_object(object) ? table_of(object) : HSDS_NONE;
	json_t *service;

	if (t == HSDS_NONE) {
		refuse(r, SV(""), "", "not_hsds",
		    "this is no service, organization or location of HSDS");
		return;
	}
	/* a service_at_location has its service inside */
	service = json_object_get(object, "service");
	if (t == HSDS_SERVICE_AT_LOCATION && json_is_object(service)) {
		json_t *id = json_object_get(service, "id");

		(void)!read_object(r, HSDS_SERVICE, NULL, service, 1);
		if (json_object_get(object, "service_id") == NULL && id != NULL)
			(void)json_object_set(object, "service_id", id);
	}
	(void)!read_object(r, t, NULL, object, 0);
}

static void
read_list(struct reading *r, json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list) && !r->full; i++) {
		r->line = (unsigned)i + 1;
		read_top(r, json_array_get(list, i));
	}
}

/* Each bracket and comma costs memory: not more of them than services have. */
static bool
too_many_marks(struct sv text)
{
	size_t i, marks = 0;

	for (i = 0; i < text.n; i++)
		marks +=
		    text.p[i] == ',' || text.p[i] == '[' || text.p[i] == '{';
	return marks > HSDS_JSON_MARKS_MAX;
}

static bool
is_blank(struct sv v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if (strchr(" \t\r\n", v.p[i]) == NULL)
			return false;
	return true;
}

/* A document on each line. */
static void
read_lines(struct reading *r, struct sv text)
{
	json_error_t error;
	json_t *object;

	for (r->line = 1; text.n > 0 && !r->full; r->line++) {
		struct sv one = sv_cut(&text, '\n');

		if (is_blank(one))
			continue;
		object = json_loadb(one.p, one.n, 0, &error);
		if (object == NULL)
			refuse(r, SV(""), "", "not_json",
			    "this line is no JSON; was the file cut?");
		else
			read_top(r, object);
		json_decref(object);
	}
}

/* The first line is a document of its own and there are more. */
static bool
is_ndjson(struct sv text)
{
	struct sv first = sv_cut(&text, '\n');
	json_t *object;

	if (is_blank(text))
		return false;
	object = json_loadb(first.p, first.n, 0, NULL);
	json_decref(object);
	return object != NULL;
}

static int
read_document(struct reading *r, struct sv text, struct diag *d)
{
	json_error_t error;
	json_t *all = json_loadb(text.p, text.n, 0, &error), *list;

	if (all == NULL)
		return hsds_unreadable(r->h, d, "not_json",
		    "line %d is no JSON (%s); was the file cut?", error.line,
		    error.text);
	list = json_is_array(all) ? all : json_object_get(all, "contents");
	if (json_is_array(list)) {
		read_list(r, list);
	} else {
		r->line = 1;
		read_top(r, all);
	}
	json_decref(all);
	return 0;
}

int
hsds_read_json(
    struct hsds *h, const char *name, struct sv bytes, struct diag *reterr_diag)
{
	struct arena *arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	struct reading r = {
		.h = h,
		.file = arena_dup(hsds_arena(h), name, strlen(name)),
	};
	struct diag why = { "" };
	const char *charset = NULL;
	struct sv text;
	int rc;

	rc = sheet_decode(arena, bytes, &text, &charset, &why);
	if (rc < 0)
		rc = hsds_unreadable(
		    h, reterr_diag, "wrong_encoding", "%s", why.text);
	else if (is_blank(text))
		rc = hsds_unreadable(
		    h, reterr_diag, "empty_file", "the file is empty");
	else if (too_many_marks(text))
		rc = hsds_unreadable(h, reterr_diag, "zip_large",
		    "more than can be services; split the file");
	else if (is_ndjson(text))
		read_lines(&r, text);
	else
		rc = read_document(&r, text, reterr_diag);
	arena_free(&arena);
	return rc;
}

/* --- writing --- */

static json_t *
value_json(const struct hsds_column *c, struct sv v)
{
	char text[64];
	char *end;
	double number;

	if (c->type != HSDS_NUMBER && c->type != HSDS_INTEGER)
		return json_stringn(v.n > 0 ? v.p : "", v.n);
	(void)snprintf(text, sizeof(text), SV_FMT, SV_ARG(v));
	if (c->type == HSDS_INTEGER)
		return json_integer(strtoll(text, NULL, 10));
	number = strtod(text, &end);
	return json_real(number);
}

static json_t *row_json(struct hsds *h, enum hsds_table t,
    const struct hsds_row *row, enum hsds_nest nest, bool for_all);

static void
put_nested(struct hsds *h, const struct nest *n, const struct hsds_row *row,
    bool for_all, json_t *object)
{
	struct hsds_row *const *rows;
	const struct hsds_row *one;
	json_t *list;
	size_t i, count;

	if (!n->many) {
		one =
		    hsds_find(h, n->inner, hsds_get(n->outer, row, n->column));
		if (one != NULL)
			(void)json_object_set_new(object, n->key,
			    row_json(h, n->inner, one, HSDS_WITHIN, for_all));
		return;
	}
	count = hsds_of(h, n->inner, n->column, row->fields[0], &rows);
	if (count == 0)
		return;
	list = json_array();
	for (i = 0; i < count; i++)
		(void)json_array_append_new(
		    list, row_json(h, n->inner, rows[i], HSDS_WITHIN, for_all));
	(void)json_object_set_new(object, n->key, list);
}

static json_t *
row_json(struct hsds *h, enum hsds_table t, const struct hsds_row *row,
    enum hsds_nest nest, bool for_all)
{
	const struct hsds_def *def = hsds_def(t);
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < def->count; i++) {
		const struct hsds_column *c = &def->columns[i];

		if ((for_all && c->inside) ||
		    (row->fields[i].n == 0 && !c->required))
			continue;
		(void)json_object_set_new(
		    object, c->name, value_json(c, row->fields[i]));
	}
	for (i = 0; nest == HSDS_WITHIN && i < ARRAY_LEN(nests); i++)
		if (nests[i].outer == t && !nests[i].read_only)
			put_nested(h, &nests[i], row, for_all, object);
	return object;
}

json_t *
hsds_row_json(struct hsds *h, enum hsds_table t, const struct hsds_row *row,
    enum hsds_nest nest, bool for_all)
{
	return row_json(h, t, row, nest, for_all);
}
