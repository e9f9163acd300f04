/* hsds_listing.c - lays a service of HSDS and what belongs to it flat. */
#include "content/hsds_listing.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "content/hours.h"
#include "content/listing_time.h"
#include "daemon/base/sb.h"
#include "db/uuid.h"

enum { PARTS_MAX = 96 /* of a field, before they are joined */ };

/* One service being laid flat. */
struct flat {
	struct hsds *h;
	const struct hsds_rules *rules;
	const struct hsds_row *service, *organization; /* NULL: none */
	struct hsds_row *const *sals; /* its service_at_locations */
	size_t sal_count;
	struct hsds_listing *l;
};

/* Texts that become one field. */
struct parts {
	struct sv list[PARTS_MAX];
	size_t count;
	bool known; /* the data set has the table */
};

static void
note_bad(struct flat *f, const struct hsds_row *row)
{
	if (!row->bad || f->l->bad)
		return;
	f->l->bad = true;
	f->l->bad_file = sv_of(row->file);
	f->l->bad_line = row->line;
}

static bool
parts_has(const struct parts *p, struct sv v)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (sv_eq(p->list[i], v))
			return true;
	return false;
}

static void
parts_put(struct parts *p, struct sv v)
{
	if (p->count < PARTS_MAX)
		p->list[p->count++] = v;
}

/* Each once, none empty. */
static void
parts_put_new(struct parts *p, struct sv v)
{
	if (v.n > 0 && !parts_has(p, v))
		parts_put(p, v);
}

static struct sv
join(struct flat *f, const struct parts *p, const char *mid)
{
	size_t room = 1, i;
	struct sb b;

	if (!p->known)
		return (struct sv){ NULL, 0 };
	for (i = 0; i < p->count; i++)
		room += p->list[i].n + strlen(mid);
	sb_init(&b, hsds_arena(f->h), room);
	for (i = 0; i < p->count; i++) {
		if (i > 0)
			sb_puts(&b, mid);
		sb_put(&b, p->list[i]);
	}
	return sb_sv(&b);
}

static struct sv
of_service(const struct flat *f, const char *column)
{
	return hsds_get(HSDS_SERVICE, f->service, column);
}

static struct sv
of_organization(const struct flat *f, const char *column)
{
	return f->organization != NULL ?
		   hsds_get(HSDS_ORGANIZATION, f->organization, column) :
		   (struct sv){ NULL, 0 };
}

/* Rows of a table that belong to the service. */
static size_t
rows_of(struct flat *f, enum hsds_table t, struct hsds_row *const **ret_rows)
{
	size_t i,
	    n = hsds_of(f->h, t, "service_id", f->service->fields[0], ret_rows);

	for (i = 0; i < n; i++)
		note_bad(f, (*ret_rows)[i]);
	return n;
}

/* --- who it is --- */

static void
take_id(struct flat *f)
{
	struct sv service_id = f->service->fields[0], id;
	struct hsds_row *const *rows;
	char uuid[UUID_SIZE], *low;
	size_t i, n = 0;

	if (f->organization != NULL)
		n = hsds_of(f->h, HSDS_ORGANIZATION_IDENTIFIER,
		    "organization_id", f->organization->fields[0], &rows);
	for (i = 0; i < n; i++) {
		id = hsds_get(
		    HSDS_ORGANIZATION_IDENTIFIER, rows[i], "identifier");
		uuid_of("service", id, 0, uuid);
		if (sv_eq(sv_of(uuid), service_id)) {
			f->l->row.id = id;
			f->l->ours = true;
			return;
		}
	}
	id = f->rules->listing_of(f->rules->arg, service_id);
	f->l->ours = id.n > 0;
	if (id.n == 0) {
		low = arena_dup(hsds_arena(f->h), service_id.p, service_id.n);
		for (i = 0; i < service_id.n; i++)
			low[i] = (char)tolower((unsigned char)low[i]);
		id = (struct sv){ low, service_id.n };
	}
	if (!csv_is_id(id)) {
		uuid_of("listing", service_id, 0, uuid);
		id = (struct sv){ arena_dup(
				      hsds_arena(f->h), uuid, UUID_SIZE - 1),
			UUID_SIZE - 1 };
	}
	f->l->row.id = id;
}

/* Of an organization with several services each is told by both names. */
static void
take_name(struct flat *f)
{
	struct sv name = of_organization(f, "name");
	struct sv service = of_service(f, "name");
	struct parts p = { .known = true };

	parts_put_new(&p, name);
	if (!f->l->ours || name.n == 0)
		parts_put_new(&p, service);
	f->l->row.name_en = join(f, &p, ": ");
}

static void
take_translations(struct flat *f)
{
	static const struct {
		const char *language;
		size_t name, description;
	} forms[] = {
#define FORM(code, suffix)                                                     \
	{ code, offsetof(struct directory_row, name_##suffix),                 \
		offsetof(struct directory_row, description_##suffix) }
		FORM("ru", ru),
		FORM("ky", ky),
		FORM("tg", tg),
		FORM("uz", uz),
		FORM("uz-Cyrl", uz_cyrl),
		FORM("kk", kk),
#undef FORM
	};
	bool known = hsds_is_present(f->h, HSDS_TRANSLATION);
	struct hsds_row *const *rows = NULL;
	size_t i, j, n = 0;

	if (f->organization != NULL && known)
		n = hsds_of(f->h, HSDS_TRANSLATION, "link_id",
		    f->organization->fields[0], &rows);
	for (i = 0; known && i < ARRAY_LEN(forms); i++) {
		*(struct sv *)(void *)((char *)&f->l->row + forms[i].name) =
		    SV("");
		*(struct sv *)(void *)((char *)&f->l->row +
				       forms[i].description) = SV("");
	}
	for (i = 0; i < n; i++) {
		struct sv field = hsds_get(HSDS_TRANSLATION, rows[i], "field");
		struct sv language =
		    hsds_get(HSDS_TRANSLATION, rows[i], "language");
		bool name = sv_eq(field, SV("name"));

		note_bad(f, rows[i]);
		if (!name && !sv_eq(field, SV("description")))
			continue;
		for (j = 0; j < ARRAY_LEN(forms); j++)
			if (sv_eq(sv_of(forms[j].language), language))
				*(struct sv *)(void
					*)((char *)&f->l->row +
					   (name ? forms[j].name :
						   forms[j].description)) =
				    hsds_get(
					HSDS_TRANSLATION, rows[i], "value");
	}
}

/* --- where --- */

static const struct hsds_row *
location_at(struct flat *f, size_t i)
{
	return hsds_find(f->h, HSDS_LOCATION,
	    hsds_get(HSDS_SERVICE_AT_LOCATION, f->sals[i], "location_id"));
}

static void
put_address(struct flat *f, const struct hsds_row *a, struct parts *to)
{
	static const char *const columns[] = { "address_1", "address_2", "city",
		"region", "state_province", "postal_code" };
	struct parts p = { .known = true };
	size_t i;

	note_bad(f, a);
	for (i = 0; i < ARRAY_LEN(columns); i++)
		parts_put_new(&p, hsds_get(HSDS_ADDRESS, a, columns[i]));
	parts_put_new(to, join(f, &p, ", "));
}

/* Each address of its locations, and what is said of their access. */
static void
take_locations(struct flat *f, struct sv *ret_country)
{
	struct parts addresses = { .known =
				       hsds_is_present(f->h, HSDS_ADDRESS) };
	struct parts access = { .known =
				    hsds_is_present(f->h, HSDS_ACCESSIBILITY) };
	struct hsds_row *const *rows;
	size_t i, j, n;

	for (i = 0; i < f->sal_count; i++) {
		const struct hsds_row *at = location_at(f, i);

		note_bad(f, f->sals[i]);
		if (at == NULL)
			continue;
		note_bad(f, at);
		n = hsds_of(
		    f->h, HSDS_ADDRESS, "location_id", at->fields[0], &rows);
		for (j = 0; j < n; j++) {
			put_address(f, rows[j], &addresses);
			if (ret_country->n == 0)
				*ret_country =
				    hsds_get(HSDS_ADDRESS, rows[j], "country");
		}
		n = hsds_of(f->h, HSDS_ACCESSIBILITY, "location_id",
		    at->fields[0], &rows);
		for (j = 0; j < n; j++)
			parts_put_new(&access, hsds_get(HSDS_ACCESSIBILITY,
						   rows[j], "description"));
	}
	f->l->row.address = join(f, &addresses, "; ");
	f->l->row.accessibility = join(f, &access, "; ");
}

static void
take_country(struct flat *f, struct sv of_address)
{
	struct sv known = of_organization(f, "x_country");
	char *low;

	if (known.p != NULL || f->l->ours) {
		f->l->row.country = known;
		return;
	}
	if (of_address.n != 2)
		return; /* nobody says: it stays as it is known */
	low = arena_dup(hsds_arena(f->h), of_address.p, 2);
	low[0] = (char)tolower((unsigned char)low[0]);
	low[1] = (char)tolower((unsigned char)low[1]);
	f->l->row.country = (struct sv){ low, 2 };
}

/* A place by its id, or by one of its names. */
static uint16_t
place_of(const struct places *places, struct sv name)
{
	uint16_t i, at = places_find(places, name);
	size_t lang;

	if (at != PLACE_NONE || name.n == 0)
		return at;
	for (i = 0; i < places_count(places); i++)
		for (lang = 0; lang < LANG_COUNT; lang++) {
			struct sv one = places_at(places, i)->names[lang];

			if (one.n == name.n &&
			    strncasecmp(one.p, name.p, name.n) == 0)
				return i;
		}
	return PLACE_NONE;
}

static void
put_place(struct flat *f, struct parts *p, struct sv name)
{
	const struct places *places = f->rules->listing->places;
	uint16_t at = place_of(places, name);

	if (at != PLACE_NONE && p->count < LISTING_PLACES_MAX)
		parts_put_new(p, sv_of(places_at(places, at)->id));
}

/* Towns and regions of its addresses, where no area is told. */
static void
put_towns(struct flat *f, struct parts *p)
{
	static const char *const columns[] = { "city", "region",
		"state_province" };
	struct hsds_row *const *rows;
	size_t i, j, k, n, before;

	for (i = 0; i < f->sal_count; i++) {
		const struct hsds_row *at = location_at(f, i);

		n = at == NULL ? 0 :
				 hsds_of(f->h, HSDS_ADDRESS, "location_id",
				     at->fields[0], &rows);
		for (j = 0; j < n; j++) {
			before = p->count;
			for (k = 0; k < ARRAY_LEN(columns); k++)
				if (p->count == before)
					put_place(f, p,
					    hsds_get(HSDS_ADDRESS, rows[j],
						columns[k]));
		}
	}
}

static void
take_places(struct flat *f)
{
	struct hsds_row *const *rows;
	size_t i, n = rows_of(f, HSDS_SERVICE_AREA, &rows);
	struct parts p = { .known = hsds_is_present(f->h, HSDS_SERVICE_AREA) };

	for (i = 0; i < n; i++) {
		struct sv extent =
		    hsds_get(HSDS_SERVICE_AREA, rows[i], "extent");

		if (f->l->ours) {
			parts_put(&p, extent);
			continue;
		}
		put_place(f, &p, hsds_get(HSDS_SERVICE_AREA, rows[i], "name"));
		put_place(f, &p, extent);
	}
	if (!f->l->ours && p.count == 0)
		put_towns(f, &p);
	if (!f->l->ours && p.count == 0)
		put_place(f, &p, f->l->row.country);
	/* those that a person has set for a foreign listing stay */
	if (!f->l->ours)
		p.known = p.count > 0;
	f->l->row.places = join(f, &p, ";");
}

/* --- how to reach it --- */

struct numbers {
	struct parts phones, about, codes, other;
};

static void
put_number(struct flat *f, struct numbers *n, const struct hsds_row *row)
{
	struct sv number = hsds_get(HSDS_PHONE, row, "number");
	struct sv e164 = hsds_get(HSDS_PHONE, row, "x_e164");
	struct sv about = hsds_get(HSDS_PHONE, row, "description");
	struct phone phone;
	char country[3] = "";

	note_bad(f, row);
	if (f->l->ours && e164.p != NULL) {
		parts_put(e164.n > 0 ? &n->phones : &n->codes,
		    e164.n > 0 ? e164 : number);
		if (e164.n > 0)
			parts_put(&n->about, about.n > 0 ? about : SV(""));
		return;
	}
	if (f->l->row.country.n == 2)
		memcpy(country, f->l->row.country.p, 2);
	if (phone_parse(f->rules->listing->phones, number, country, &phone) <
		0 ||
	    phone.kind == PHONE_ALPHA) {
		parts_put_new(&n->other, number);
	} else if (phone.kind == PHONE_SHORT) {
		parts_put_new(&n->codes, number);
	} else {
		e164 = phone_reveal(&phone);
		if (parts_has(&n->phones, e164))
			return;
		parts_put(&n->phones,
		    (struct sv){
			arena_dup(hsds_arena(f->h), e164.p, e164.n), e164.n });
		parts_put(&n->about, about.n > 0 ? about : SV(""));
	}
}

static void
put_numbers(struct flat *f, struct numbers *n, const char *column, struct sv id)
{
	struct hsds_row *const *rows;
	size_t i, count = hsds_of(f->h, HSDS_PHONE, column, id, &rows);

	for (i = 0; i < count; i++)
		put_number(f, n, rows[i]);
}

/* ';' divides the members of a list. */
static void
no_semicolons(struct flat *f, struct parts *p)
{
	size_t i, j;

	for (i = 0; i < p->count; i++) {
		char *copy;

		if (p->list[i].n == 0 ||
		    memchr(p->list[i].p, ';', p->list[i].n) == NULL)
			continue;
		copy = arena_dup(hsds_arena(f->h), p->list[i].p, p->list[i].n);
		for (j = 0; j < p->list[i].n; j++)
			if (copy[j] == ';')
				copy[j] = ',';
		p->list[i].p = copy;
	}
}

static void
take_phones(struct flat *f)
{
	bool known = hsds_is_present(f->h, HSDS_PHONE);
	struct numbers n = { .phones.known = known,
		.about.known = known,
		.codes.known = known,
		.other.known = known };
	size_t i;

	put_numbers(f, &n, "service_id", f->service->fields[0]);
	for (i = 0; !f->l->ours && i < f->sal_count; i++) {
		struct sv at = hsds_get(
		    HSDS_SERVICE_AT_LOCATION, f->sals[i], "location_id");

		put_numbers(
		    f, &n, "service_at_location_id", f->sals[i]->fields[0]);
		put_numbers(f, &n, "location_id", at);
	}
	if (!f->l->ours && f->organization != NULL)
		put_numbers(
		    f, &n, "organization_id", f->organization->fields[0]);
	if (!f->l->ours && n.phones.count > LISTING_PHONES_MAX)
		n.phones.count = n.about.count = LISTING_PHONES_MAX;
	if (!f->l->ours && n.codes.count > 1)
		n.codes.count = 1;
	while (n.about.count > 0 && n.about.list[n.about.count - 1].n == 0)
		n.about.count--;
	if (!f->l->ours)
		no_semicolons(f, &n.about);
	f->l->row.phone_e164 = join(f, &n.phones, ";");
	f->l->row.phone_descriptions = join(f, &n.about, ";");
	f->l->row.short_code = join(f, &n.codes, ";");
	f->l->row.phone_as_printed = of_service(f, "x_phone_as_printed");
	/* what is no number stays to be read by people */
	if (f->l->row.phone_as_printed.p == NULL && !f->l->ours)
		f->l->row.phone_as_printed = join(f, &n.other, "; ");
}

static void
take_links(struct flat *f)
{
	struct sv email = of_service(f, "email"), url = of_service(f, "url");

	f->l->row.email = of_organization(f, "email");
	f->l->row.website = of_organization(f, "website");
	if (f->l->ours)
		return;
	if (email.n > 0)
		f->l->row.email = email;
	if (url.n > 0)
		f->l->row.website = url;
	/* what nobody can write to or open is not kept */
	email = f->l->row.email;
	if (email.n > 0 && (memchr(email.p, '@', email.n) == NULL ||
			       memchr(email.p, ' ', email.n) != NULL))
		f->l->row.email = SV("");
	url = f->l->row.website;
	if (url.n > 0 && memchr(url.p, ' ', url.n) != NULL)
		f->l->row.website = SV("");
}

/* --- what it does --- */

static bool
is_of(struct flat *f, const struct hsds_row *term, const char *taxonomy)
{
	struct sv name = hsds_get(HSDS_TAXONOMY_TERM, term, "taxonomy");
	const struct hsds_row *t;

	if (name.n > 0)
		return sv_eq(name, sv_of(taxonomy));
	t = hsds_find(f->h, HSDS_TAXONOMY,
	    hsds_get(HSDS_TAXONOMY_TERM, term, "taxonomy_id"));
	return t != NULL &&
	       sv_eq(hsds_get(HSDS_TAXONOMY, t, "name"), sv_of(taxonomy));
}

static const struct hsds_row *
term_of(struct flat *f, const struct hsds_row *attribute)
{
	note_bad(f, attribute);
	return hsds_find(f->h, HSDS_TAXONOMY_TERM,
	    hsds_get(HSDS_ATTRIBUTE, attribute, "taxonomy_term_id"));
}

static void
take_topics(struct flat *f)
{
	const struct topics *topics = f->rules->listing->topics;
	bool known = hsds_is_present(f->h, HSDS_ATTRIBUTE);
	struct parts p = { .known = known }, other = { .known = true };
	struct hsds_row *const *rows;
	size_t i, n = hsds_of(f->h, HSDS_ATTRIBUTE, "link_id",
		      f->service->fields[0], &rows);

	for (i = 0; i < n; i++) {
		const struct hsds_row *term = term_of(f, rows[i]);
		struct sv name;
		uint16_t topic;

		if (term == NULL)
			continue;
		name = hsds_get(HSDS_TAXONOMY_TERM, term, "name");
		if (is_of(f, term, "safar-topics")) {
			parts_put(&p, name);
			continue;
		}
		topic = hsds_term_topic(topics, term);
		if (topic != TOPIC_NONE)
			parts_put_new(&p, sv_of(topics_at(topics, topic)->id));
		else
			parts_put_new(&other, name);
	}
	if (!f->l->ours) /* as with places */
		p.known = p.count > 0;
	f->l->row.topics = join(f, &p, ";");
	f->l->terms = join(f, &other, "; ");
}

static void
take_kind(struct flat *f)
{
	bool known = hsds_is_present(f->h, HSDS_ATTRIBUTE);
	struct parts p = { .known = known && f->l->ours };
	struct hsds_row *const *rows = NULL;
	size_t i, n = 0;

	if (f->organization != NULL)
		n = hsds_of(f->h, HSDS_ATTRIBUTE, "link_id",
		    f->organization->fields[0], &rows);
	for (i = 0; i < n; i++) {
		const struct hsds_row *term = term_of(f, rows[i]);

		if (term == NULL || !is_of(f, term, "safar-kinds"))
			continue;
		p.known = true;
		parts_put(&p, hsds_get(HSDS_TAXONOMY_TERM, term, "name"));
	}
	f->l->row.kind = join(f, &p, ";");
}

static void
take_lists(struct flat *f)
{
	struct parts languages = { .known =
				       hsds_is_present(f->h, HSDS_LANGUAGE) };
	struct parts documents = { .known = hsds_is_present(
				       f->h, HSDS_REQUIRED_DOCUMENT) };
	struct hsds_row *const *rows;
	size_t i, n = rows_of(f, HSDS_LANGUAGE, &rows);

	for (i = 0; i < n; i++) {
		struct sv code = hsds_get(HSDS_LANGUAGE, rows[i], "code");

		parts_put_new(&languages,
		    code.n > 0 ? code :
				 hsds_get(HSDS_LANGUAGE, rows[i], "name"));
	}
	n = rows_of(f, HSDS_REQUIRED_DOCUMENT, &rows);
	for (i = 0; i < n; i++)
		parts_put_new(&documents,
		    hsds_get(HSDS_REQUIRED_DOCUMENT, rows[i], "document"));
	if (!f->l->ours) {
		no_semicolons(f, &languages);
		no_semicolons(f, &documents);
	}
	f->l->row.languages = join(f, &languages, ";");
	f->l->row.required_documents = join(f, &documents, ";");
}

/* --- when --- */

/* "09:00", local; a time in UTC is nobody's opening hour. */
static struct sv
clock_of(struct sv v)
{
	if (v.n < 5 || v.p[2] != ':' || v.p[v.n - 1] == 'Z')
		return SV("");
	return (struct sv){ v.p, 5 };
}

/* byday "MO,TU" as in hours.h: "Mon, Tue 09:00-18:00". */
static struct sv
schedule_text(struct flat *f, const struct hsds_row *row)
{
	static const char *const days[][2] = { { "MO", "Mon" }, { "TU", "Tue" },
		{ "WE", "Wed" }, { "TH", "Thu" }, { "FR", "Fri" },
		{ "SA", "Sat" }, { "SU", "Sun" } };
	struct sv text = hsds_get(HSDS_SCHEDULE, row, "description");
	struct sv byday = hsds_get(HSDS_SCHEDULE, row, "byday");
	struct sv from = clock_of(hsds_get(HSDS_SCHEDULE, row, "opens_at"));
	struct sv to = clock_of(hsds_get(HSDS_SCHEDULE, row, "closes_at"));
	struct sb b;
	size_t i;

	if (text.n > 0 || from.n == 0 || to.n == 0)
		return text;
	sb_init(&b, hsds_arena(f->h), 128);
	while (byday.n > 0) {
		struct sv day = sv_cut(&byday, ',');

		for (i = 0; i < ARRAY_LEN(days); i++)
			if (sv_eq(sv_of(days[i][0]), day))
				sb_printf(&b, "%s%s", b.n > 0 ? ", " : "",
				    days[i][1]);
	}
	sb_printf(&b, "%s" SV_FMT "-" SV_FMT, b.n > 0 ? " " : "", SV_ARG(from),
	    SV_ARG(to));
	return sb_sv(&b);
}

static void
take_hours(struct flat *f)
{
	struct parts p = { .known = hsds_is_present(f->h, HSDS_SCHEDULE) };
	struct hsds_row *const *rows;
	size_t i, j, n = rows_of(f, HSDS_SCHEDULE, &rows);

	for (i = 0; i < n; i++)
		parts_put_new(&p, schedule_text(f, rows[i]));
	for (j = 0; !f->l->ours && p.count == 0 && j < f->sal_count; j++) {
		n = hsds_of(f->h, HSDS_SCHEDULE, "service_at_location_id",
		    f->sals[j]->fields[0], &rows);
		for (i = 0; i < n; i++)
			parts_put_new(&p, schedule_text(f, rows[i]));
	}
	f->l->row.hours = join(f, &p, "; ");
}

/* --- the rest --- */

static void
take_texts(struct flat *f)
{
	struct directory_row *row = &f->l->row;
	struct sv about = of_service(f, "description");

	row->description_en = of_organization(f, "description");
	if (about.n > 0 && !f->l->ours)
		row->description_en = about;
	row->listing = of_organization(f, "x_visibility");
	row->notes = of_organization(f, "x_notes");
	row->source = of_organization(f, "x_source");
	row->source_year = of_organization(f, "x_source_year");
	row->seen = of_organization(f, "x_seen");
	row->topics_basis = of_organization(f, "x_topics_basis");
	row->serves = of_service(f, "x_serves");
	row->reachable_from = of_service(f, "x_reachable_from");
	row->eligibility_description = of_service(f, "eligibility_description");
	row->fees_description = of_service(f, "fees_description");
	row->application_process = of_service(f, "application_process");
	row->interpretation_services = of_service(f, "interpretation_services");
	row->status = of_service(f, "status");
	if (sv_eq(row->status, SV("active")))
		row->status = SV("");
	if (sv_eq(row->listing, SV("public")) ||
	    sv_eq(row->listing, SV("callers")))
		row->listing = SV("callers-after-check");
}

/* A check by others than us is none of ours: only x_checked counts. */
static void
take_checks(struct flat *f)
{
	struct sv at = of_service(f, "x_checked");

	f->l->last_modified = of_service(f, "last_modified");
	f->l->checked_how = of_service(f, "x_checked_how");
	if (at.n == 0 || !f->l->ours)
		return;
	if (listing_time_read(at, &f->l->row.checked_ms) < 0) {
		f->l->row.checked_ms = -1;
	}
}

void
hsds_listing_of(struct hsds *h, const struct hsds_row *service,
    const struct hsds_rules *rules, struct hsds_listing *ret_listing)
{
	struct hsds_listing l = { .file = service->file,
		.line = service->line };
	struct flat f = { .h = h, .rules = rules, .service = service, .l = &l };
	struct sv country = { NULL, 0 };

	f.organization = hsds_find(h, HSDS_ORGANIZATION,
	    hsds_get(HSDS_SERVICE, service, "organization_id"));
	f.sal_count = hsds_of(h, HSDS_SERVICE_AT_LOCATION, "service_id",
	    service->fields[0], &f.sals);
	note_bad(&f, service);
	if (f.organization != NULL)
		note_bad(&f, f.organization);
	take_id(&f);
	take_name(&f);
	take_translations(&f);
	take_locations(&f, &country);
	take_country(&f, country);
	take_places(&f);
	take_phones(&f);
	take_links(&f);
	take_topics(&f);
	take_kind(&f);
	take_lists(&f);
	take_hours(&f);
	take_texts(&f);
	take_checks(&f);
	*ret_listing = l;
}
