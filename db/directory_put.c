/* directory_put.c - lays a flat listing over the HSDS tables. */
#include <jansson.h>
#include <stdlib.h>

#include "db/directory_json.h"
#include "db/directory_sql.h"
#include "db/uuid.h"

static const struct sv topics_name = { "safar-topics", 12 };
static const struct sv kinds_name = { "safar-kinds", 11 };

/* The ids of the listing's rows that it has once. */
struct ids {
	char organization[UUID_SIZE], identifier[UUID_SIZE];
	char service[UUID_SIZE], location[UUID_SIZE], place[UUID_SIZE];
	char address[UUID_SIZE], schedule[UUID_SIZE];
	char accessibility[UUID_SIZE], visibility[UUID_SIZE];
};

static void
ids_of(struct sv id, struct ids *ids)
{
	uuid_of("organization", id, 0, ids->organization);
	uuid_of("organization_identifier", id, 0, ids->identifier);
	uuid_of("service", id, 0, ids->service);
	uuid_of("location", id, 0, ids->location);
	uuid_of("service_at_location", id, 0, ids->place);
	uuid_of("address", id, 0, ids->address);
	uuid_of("schedule", id, 0, ids->schedule);
	uuid_of("accessibility", id, 0, ids->accessibility);
	uuid_of("visibility", id, 0, ids->visibility);
}

/* One put under way. */
struct put {
	struct directory *d;
	const struct directory_row *row;
	const struct directory_by *by;
	struct ids ids;
	struct sv phone_descriptions; /* of the numbers that follow */
};

static int
run_cut(struct put *p, enum dir_stmt which, const char *id)
{
	sql_bind_sv(p->d->stmts[which], 1, sv_of(id));
	return directory_run(p->d, which);
}

static int
put_organization(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_ORGANIZATION];
	const struct directory_row *r = p->row;

	sql_bind_sv(st, 1, sv_of(p->ids.organization));
	sql_bind_sv(st, 2, r->name_en);
	sql_bind_sv(st, 3, r->description_en);
	sql_bind_opt(st, 4, r->email);
	sql_bind_opt(st, 5, r->website);
	sql_bind_opt(st, 6, r->country);
	sql_bind_opt(st, 7, r->notes);
	sql_bind_opt(st, 8, r->source);
	sql_bind_opt(st, 9, r->source_year);
	sql_bind_opt(st, 10, r->seen);
	sql_bind_opt(st, 11, r->topics_basis);
	return directory_run(p->d, DIR_PUT_ORGANIZATION);
}

static int
put_identifier(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_IDENTIFIER];

	sql_bind_sv(st, 1, sv_of(p->ids.identifier));
	sql_bind_sv(st, 2, sv_of(p->ids.organization));
	sql_bind_sv(st, 3, p->row->id);
	return directory_run(p->d, DIR_PUT_IDENTIFIER);
}

static int
put_service(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_SERVICE];
	const struct directory_row *r = p->row;

	sql_bind_sv(st, 1, sv_of(p->ids.service));
	sql_bind_sv(st, 2, sv_of(p->ids.organization));
	sql_bind_sv(st, 3, r->name_en);
	sql_bind_opt(st, 4, r->description_en);
	sql_bind_opt(st, 5, r->serves);
	sql_bind_opt(st, 6, r->reachable_from);
	sql_bind_opt(st, 7, r->phone_as_printed);
	sql_bind_sv(st, 8, r->status.n > 0 ? r->status : SV("active"));
	sql_bind_opt(st, 9, r->eligibility_description);
	sql_bind_opt(st, 10, r->fees_description);
	sql_bind_opt(st, 11, r->application_process);
	sql_bind_opt(st, 12, r->interpretation_services);
	sql_bind_int(st, 13, p->by->at_ms);
	return directory_run(p->d, DIR_PUT_SERVICE);
}

/* Without an address the location is virtual: none is ever invented. */
static int
put_location(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_LOCATION];

	sql_bind_sv(st, 1, sv_of(p->ids.location));
	sql_bind_sv(st, 2, sv_of(p->ids.organization));
	sql_bind_sv(
	    st, 3, p->row->address.n > 0 ? SV("physical") : SV("virtual"));
	sql_bind_sv(st, 4, p->row->name_en);
	return directory_run(p->d, DIR_PUT_LOCATION);
}

static int
put_place(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_PLACE];

	sql_bind_sv(st, 1, sv_of(p->ids.place));
	sql_bind_sv(st, 2, sv_of(p->ids.service));
	sql_bind_sv(st, 3, sv_of(p->ids.location));
	return directory_run(p->d, DIR_PUT_PLACE);
}

static int
put_address(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_ADDRESS];

	if (p->row->address.n == 0)
		return run_cut(p, DIR_CUT_ADDRESS, p->ids.address);
	sql_bind_sv(st, 1, sv_of(p->ids.address));
	sql_bind_sv(st, 2, sv_of(p->ids.location));
	sql_bind_sv(st, 3, p->row->address);
	sql_bind_sv(st, 4, p->row->country);
	return directory_run(p->d, DIR_PUT_ADDRESS);
}

static int
put_schedule(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_SCHEDULE];

	if (p->row->hours.n == 0)
		return run_cut(p, DIR_CUT_SCHEDULE, p->ids.schedule);
	sql_bind_sv(st, 1, sv_of(p->ids.schedule));
	sql_bind_sv(st, 2, sv_of(p->ids.service));
	sql_bind_sv(st, 3, p->row->hours);
	return directory_run(p->d, DIR_PUT_SCHEDULE);
}

static int
put_accessibility(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_ACCESS];

	if (p->row->accessibility.n == 0)
		return run_cut(p, DIR_CUT_ACCESS, p->ids.accessibility);
	sql_bind_sv(st, 1, sv_of(p->ids.accessibility));
	sql_bind_sv(st, 2, sv_of(p->ids.location));
	sql_bind_sv(st, 3, p->row->accessibility);
	return directory_run(p->d, DIR_PUT_ACCESS);
}

/* The number makes the id of the row: new ones go to the end. */
static const struct {
	size_t field;
	const char *of, *language;
} translations[] = {
	{ DIRECTORY_FIELD_name_ru, "name", "ru" },
	{ DIRECTORY_FIELD_name_ky, "name", "ky" },
	{ DIRECTORY_FIELD_name_tg, "name", "tg" },
	{ DIRECTORY_FIELD_name_uz, "name", "uz" },
	{ DIRECTORY_FIELD_name_uz_cyrl, "name", "uz-Cyrl" },
	{ DIRECTORY_FIELD_name_kk, "name", "kk" },
	{ DIRECTORY_FIELD_description_ru, "description", "ru" },
	{ DIRECTORY_FIELD_description_ky, "description", "ky" },
	{ DIRECTORY_FIELD_description_tg, "description", "tg" },
	{ DIRECTORY_FIELD_description_uz, "description", "uz" },
	{ DIRECTORY_FIELD_description_uz_cyrl, "description", "uz-Cyrl" },
	{ DIRECTORY_FIELD_description_kk, "description", "kk" },
};

static int
put_translation(struct put *p, unsigned at)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_TRANSLATION];
	struct sv text = directory_field(p->row, translations[at].field);
	char id[UUID_SIZE];

	uuid_of("translation", p->row->id, at, id);
	if (text.n == 0)
		return run_cut(p, DIR_CUT_TRANSLATION, id);
	sql_bind_sv(st, 1, sv_of(id));
	sql_bind_sv(st, 2, sv_of(p->ids.organization));
	sql_bind_sv(st, 3, text);
	sql_bind_sv(st, 4, sv_of(translations[at].of));
	sql_bind_sv(st, 5, sv_of(translations[at].language));
	return directory_run(p->d, DIR_PUT_TRANSLATION);
}

static int
put_translations(struct put *p)
{
	unsigned i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ARRAY_LEN(translations); i++)
		rc = put_translation(p, i);
	return rc;
}

static int
put_visibility(struct put *p)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_VISIBILITY];

	sql_bind_sv(st, 1, sv_of(p->ids.visibility));
	sql_bind_sv(st, 2, sv_of(p->ids.organization));
	sql_bind_sv(st, 3, p->row->listing);
	return directory_run(p->d, DIR_PUT_VISIBILITY);
}

/* Lists: a row for each member, in order; what was longer before is cut. */

typedef int member_fn(struct put *p, struct sv member, unsigned position);

static int
put_members(
    struct put *p, struct sv list, unsigned *position, member_fn *member)
{
	int rc = 0;

	while (rc == 0 && list.n > 0)
		rc = member(p, sv_cut(&list, ';'), (*position)++);
	return rc;
}

static int
cut_from(
    struct put *p, enum dir_stmt which, const char *link_id, unsigned position)
{
	sqlite3_stmt *st = p->d->stmts[which];

	sql_bind_sv(st, 1, sv_of(link_id));
	sql_bind_int(st, 2, position);
	return directory_run(p->d, which);
}

/* Every list but the terms: id, service, position, member. */
static int
put_member(struct put *p, enum dir_stmt which, const char *kind,
    struct sv member, unsigned position)
{
	sqlite3_stmt *st = p->d->stmts[which];
	char id[UUID_SIZE];

	uuid_of(kind, p->row->id, position, id);
	sql_bind_sv(st, 1, sv_of(id));
	sql_bind_sv(st, 2, sv_of(p->ids.service));
	sql_bind_int(st, 3, position);
	sql_bind_sv(st, 4, member);
	return directory_run(p->d, which);
}

static int
phone_member(struct put *p, struct sv member, unsigned position)
{
	sql_bind_int(p->d->stmts[DIR_PUT_PHONE], 5, 0);
	sql_bind_opt(
	    p->d->stmts[DIR_PUT_PHONE], 6, sv_cut(&p->phone_descriptions, ';'));
	return put_member(p, DIR_PUT_PHONE, "phone", member, position);
}

static int
short_member(struct put *p, struct sv member, unsigned position)
{
	sql_bind_int(p->d->stmts[DIR_PUT_PHONE], 5, 1);
	sql_bind_opt(p->d->stmts[DIR_PUT_PHONE], 6, SV(""));
	return put_member(p, DIR_PUT_PHONE, "phone", member, position);
}

static int
put_phones(struct put *p)
{
	unsigned n = 0;
	int rc;

	p->phone_descriptions = p->row->phone_descriptions;
	rc = put_members(p, p->row->phone_e164, &n, phone_member);
	if (rc == 0)
		rc = put_members(p, p->row->short_code, &n, short_member);
	if (rc == 0)
		rc = cut_from(p, DIR_CUT_PHONE, p->ids.service, n);
	return rc;
}

static int
language_member(struct put *p, struct sv member, unsigned position)
{
	return put_member(p, DIR_PUT_LANGUAGE, "language", member, position);
}

static int
put_languages(struct put *p)
{
	unsigned n = 0;
	int rc = put_members(p, p->row->languages, &n, language_member);

	return rc < 0 ? rc : cut_from(p, DIR_CUT_LANGUAGE, p->ids.service, n);
}

static int
document_member(struct put *p, struct sv member, unsigned position)
{
	return put_member(
	    p, DIR_PUT_DOCUMENT, "required_document", member, position);
}

static int
put_documents(struct put *p)
{
	unsigned n = 0;
	int rc =
	    put_members(p, p->row->required_documents, &n, document_member);

	return rc < 0 ? rc : cut_from(p, DIR_CUT_DOCUMENT, p->ids.service, n);
}

static int
area_member(struct put *p, struct sv member, unsigned position)
{
	return put_member(p, DIR_PUT_AREA, "service_area", member, position);
}

static int
put_areas(struct put *p)
{
	unsigned n = 0;
	int rc = put_members(p, p->row->places, &n, area_member);

	return rc < 0 ? rc : cut_from(p, DIR_CUT_AREA, p->ids.service, n);
}

/* Terms: a taxonomy, its term, and the attribute that links a row to it. */
struct term {
	struct sv taxonomy, description;
	const char *entity, *link_id;
	struct sv name;
	unsigned position;
};

static int
put_taxonomy(struct put *p, const struct term *t, const char *taxonomy_id)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_TAXONOMY];

	sql_bind_sv(st, 1, sv_of(taxonomy_id));
	sql_bind_sv(st, 2, t->taxonomy);
	sql_bind_sv(st, 3, t->description);
	return directory_run(p->d, DIR_PUT_TAXONOMY);
}

static int
put_term(struct put *p, const struct term *t, const char *term_id,
    const char *taxonomy_id)
{
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_TERM];

	sql_bind_sv(st, 1, sv_of(term_id));
	sql_bind_sv(st, 2, sv_of(taxonomy_id));
	sql_bind_sv(st, 3, t->taxonomy);
	sql_bind_sv(st, 4, t->name);
	return directory_run(p->d, DIR_PUT_TERM);
}

static int
put_attribute(struct put *p, const struct term *t)
{
	char id[UUID_SIZE], term_id[UUID_SIZE], taxonomy_id[UUID_SIZE];
	sqlite3_stmt *st = p->d->stmts[DIR_PUT_ATTRIBUTE];
	int rc;

	uuid_of("taxonomy", t->taxonomy, 0, taxonomy_id);
	/* a term is known by its taxonomy and its name */
	uuid_of(taxonomy_id, t->name, 0, term_id);
	uuid_of("attribute", sv_of(t->link_id), t->position, id);
	rc = put_taxonomy(p, t, taxonomy_id);
	if (rc == 0)
		rc = put_term(p, t, term_id, taxonomy_id);
	if (rc < 0)
		return rc;
	sql_bind_sv(st, 1, sv_of(id));
	sql_bind_sv(st, 2, sv_of(t->link_id));
	sql_bind_int(st, 3, t->position);
	sql_bind_sv(st, 4, sv_of(t->entity));
	sql_bind_sv(st, 5, sv_of(term_id));
	return directory_run(p->d, DIR_PUT_ATTRIBUTE);
}

static int
topic_member(struct put *p, struct sv member, unsigned position)
{
	return put_attribute(
	    p, &(struct term){ .taxonomy = topics_name,
		   .description = SV("What a listing helps with"),
		   .entity = "service",
		   .link_id = p->ids.service,
		   .name = member,
		   .position = position });
}

static int
kind_member(struct put *p, struct sv member, unsigned position)
{
	return put_attribute(
	    p, &(struct term){ .taxonomy = kinds_name,
		   .description = SV("What an organization is"),
		   .entity = "organization",
		   .link_id = p->ids.organization,
		   .name = member,
		   .position = position });
}

static int
put_terms(struct put *p)
{
	unsigned topics = 0, kinds = 0;
	int rc = put_members(p, p->row->topics, &topics, topic_member);

	if (rc == 0)
		rc = put_members(p, p->row->kind, &kinds, kind_member);
	if (rc == 0)
		rc = cut_from(p, DIR_CUT_ATTRIBUTE, p->ids.service, topics);
	if (rc == 0)
		rc = cut_from(p, DIR_CUT_ATTRIBUTE, p->ids.organization, kinds);
	return rc;
}

static int
put_tables(struct put *p)
{
	/* what is referred to comes before what refers to it */
	static int (*const steps[])(struct put *) = { put_organization,
		put_identifier, put_service, put_location, put_place,
		put_address, put_schedule, put_phones, put_languages, put_areas,
		put_documents, put_terms, put_accessibility, put_translations,
		put_visibility };
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ARRAY_LEN(steps); i++)
		rc = steps[i](p);
	return rc;
}

/* What is there already. */
struct known {
	bool exists;
	bool same;     /* every field */
	bool contacts; /* phones, short code, email, website, address */
	int64_t checked_ms, version;
	char *text; /* as JSON, where it is changed */
};

static bool
contacts_same(const struct directory_row *a, const struct directory_row *b)
{
	return sv_eq(a->phone_e164, b->phone_e164) &&
	       sv_eq(a->short_code, b->short_code) &&
	       sv_eq(a->email, b->email) && sv_eq(a->website, b->website) &&
	       sv_eq(a->address, b->address);
}

static bool
fields_same(const struct directory_row *a, const struct directory_row *b)
{
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++)
		if (!sv_eq(directory_field(a, i), directory_field(b, i)))
			return false;
	return true;
}

static int
look_up(struct directory *d, const struct directory_row *row, struct known *k)
{
	sqlite3_stmt *st = d->stmts[DIR_ONE];
	struct directory_row old = { 0 };
	int rc;

	sql_bind_sv(st, 1, row->id);
	rc = sql_next(st);
	if (rc == 1) {
		directory_row_read(st, &old);
		*k = (struct known){
			.exists = true,
			.same = fields_same(&old, row),
			.contacts = contacts_same(&old, row),
			.checked_ms = old.checked_ms,
		};
		if (!k->same || row->checked_ms > k->checked_ms)
			k->text = directory_row_text(&old);
	}
	sql_end(st);
	return rc < 0 ? rc : directory_version_of(d, row->id, &k->version);
}

/* Nobody called the new number: what was said of the old one is void. */
static int
void_checks(struct put *p)
{
	int rc = run_cut(p, DIR_VOID_CHECKS, p->ids.organization);

	if (rc < 0)
		return rc;
	sql_bind_int(p->d->stmts[DIR_SET_ASSURED], 2, 0);
	return run_cut(p, DIR_SET_ASSURED, p->ids.service);
}

static int
put_checks(struct put *p, const struct known *k)
{
	int64_t known_ms = k->checked_ms;
	int rc = 0;

	if (k->exists && !k->contacts) {
		rc = void_checks(p);
		known_ms = 0;
	}
	if (rc == 0 && p->row->checked_ms > known_ms)
		rc = directory_check_put(p->d, p->row->id, p->row->checked_ms,
		    p->by->action, p->by->who);
	return rc;
}

struct after {
	struct directory *d;
	int64_t version, at_ms;
	char *text;
	int rc;
};

static void
on_after(void *arg, const struct directory_row *row, int64_t version)
{
	struct after *a = arg;

	(void)version;
	a->text = directory_row_text(row);
	a->rc = directory_list_put(a->d, row, a->version, a->at_ms);
}

/* List it as it is now, and note what it was.  Where only the check is new,
 * the version stays. */
static int
put_history(struct put *p, const struct known *k)
{
	struct after a = { p->d, k->version + !k->same, p->by->at_ms, NULL, 0 };
	int rc = directory_get(p->d, p->row->id, on_after, &a);

	if (rc == 0)
		rc = a.rc;
	if (rc == 0)
		rc = directory_history_put(p->d,
		    &(struct directory_history_put){
			p->row->id, a.version, k->text, a.text },
		    p->by);
	free(a.text);
	return rc;
}

static int
put_changed(struct put *p, const struct known *k)
{
	int rc;

	ids_of(p->row->id, &p->ids);
	rc = put_tables(p);
	if (rc == 0)
		rc = put_checks(p, k);
	return rc == 0 ? put_history(p, k) : rc;
}

static int
put_row(struct directory *d, const struct directory_row *row,
    const struct directory_by *by, enum directory_change *change)
{
	struct put p = { .d = d, .row = row, .by = by };
	struct known k = { 0 };
	int rc = look_up(d, row, &k);

	if (rc == 0 && k.same && row->checked_ms <= k.checked_ms) {
		*change = DIRECTORY_SAME;
		return 0;
	}
	*change = k.exists ? DIRECTORY_CHANGED : DIRECTORY_ADDED;
	if (rc == 0)
		rc = put_changed(&p, &k);
	free(k.text);
	return rc;
}

/* What may come in. */

static bool
list_is_sound(struct sv list)
{
	size_t n = 0;

	if (list.n > 0 && list.p[list.n - 1] == ';')
		return false;
	for (; list.n > 0; n++)
		if (sv_cut(&list, ';').n == 0)
			return false;
	return n <= DIRECTORY_LIST_MAX;
}

/* UTF-8 without NUL. */
static bool
is_text(struct sv v)
{
	json_t *text = v.n > 0 ? json_stringn(v.p, v.n) : NULL;
	bool sound =
	    v.n == 0 || (text != NULL && memchr(v.p, '\0', v.n) == NULL);

	json_decref(text);
	return sound;
}

static bool
status_is_sound(struct sv v)
{
	return v.n == 0 || sv_eq(v, SV("inactive")) ||
	       sv_eq(v, SV("defunct")) || sv_eq(v, SV("temporarily closed"));
}

bool
directory_row_is_kept(const struct directory_row *row)
{
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++)
		if (directory_field(row, i).n > DIRECTORY_FIELD_MAX ||
		    !is_text(directory_field(row, i)))
			return false;
	return row->id.n > 0 && row->checked_ms >= 0 &&
	       status_is_sound(row->status) && list_is_sound(row->places) &&
	       list_is_sound(row->topics) && list_is_sound(row->kind) &&
	       list_is_sound(row->phone_e164) &&
	       list_is_sound(row->short_code) &&
	       list_is_sound(row->languages) &&
	       list_is_sound(row->required_documents);
}

/* As it is read again: no more descriptions than numbers, no ';' at their
 * end. */
static struct directory_row
as_read(const struct directory_row *row)
{
	struct sv numbers = row->phone_e164, rest = row->phone_descriptions;
	struct directory_row out = *row;
	struct sv *of = &out.phone_descriptions;

	for (; numbers.n > 0; (void)sv_cut(&numbers, ';'))
		(void)sv_cut(&rest, ';');
	of->n -= rest.n;
	while (of->n > 0 && of->p[of->n - 1] == ';')
		of->n--;
	return out;
}

int
directory_put(struct directory *d, const struct directory_row *row,
    const struct directory_by *by, enum directory_change *ret_change)
{
	const struct directory_row put = as_read(row);
	enum directory_change change = DIRECTORY_SAME;
	bool own = false;
	int rc;

	if (put.name_en.n == 0 || !directory_row_is_kept(&put))
		return -EINVAL;
	rc = directory_enter(d, &own);
	if (rc < 0)
		return rc;
	rc = directory_leave(d, own, put_row(d, &put, by, &change));
	if (rc == 0)
		*ret_change = change;
	return rc;
}
