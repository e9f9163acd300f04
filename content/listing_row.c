/* listing_row.c - one flat row of the directory: from CSV, checked, to CSV. */
#include "content/listing_row.h"

#include <stdlib.h>

#include "content/listing_time.h"
#include "daemon/base/sb.h"

enum {
	SHORT_CODE_MIN = 2,
	SHORT_CODE_MAX = 6,
	LIST_MEMBERS_MAX = 64,
};

enum {
	REQUIRED_COUNT = 7, /* id to listing */
	COL_CHECKED = DIRECTORY_FIELDS,
	/* of the seed files only; the last two are not kept */
	COL_SOURCE_SEED,
	COL_QUOTE_HINT,
	COL_VERIFIED,
	COL_COUNT,
};

/* Columns that are kept as they are, in the order of an export; then others. */
static const char *const column_names[COL_COUNT] = {
#define TEXT(name) #name,
#define LIST(name) #name,
#include "db/directory_fields.def"
	"checked", "source_seed", "source_quote_hint", "verified"
};

const struct csv_columns listing_columns = { column_names, COL_COUNT,
	REQUIRED_COUNT };

/* Write a list without the spaces around its members. */
static struct sv
list_tidy(struct arena *arena, struct sv list)
{
	bool first = true;
	struct sb b;

	sb_init(&b, arena, list.n);
	/* an empty member at the end must survive, to be refused */
	for (; list.n > 0; first = false) {
		bool last = memchr(list.p, ';', list.n) == NULL;

		if (!first)
			sb_puts(&b, ";");
		sb_put(&b, listing_list_cut(&list));
		if (!last && list.n == 0)
			sb_puts(&b, ";");
	}
	return sb_sv(&b);
}

static int
check_lists(const struct directory_row *row, struct diag *d)
{
	size_t i, count;

	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		struct sv rest = directory_field(row, i);
		bool empty = rest.n > 0 && rest.p[rest.n - 1] == ';';

		if (!directory_fields[i].list)
			continue;
		for (count = 0; rest.n > 0; count++)
			if (listing_list_cut(&rest).n == 0)
				empty = true;
		if (empty)
			return diag_set(d, -EINVAL,
			    "%s has an empty member; write ';' only between "
			    "two",
			    directory_fields[i].name);
		if (count > LIST_MEMBERS_MAX)
			return diag_set(d, -EINVAL,
			    "%s has more than %d members; remove some",
			    directory_fields[i].name, LIST_MEMBERS_MAX);
	}
	return 0;
}

/* A sign by which a spreadsheet tells a formula, behind apostrophes or not. */
static bool
is_formula(struct sv v)
{
	while (v.n > 0 && v.p[0] == '\'')
		v = (struct sv){ v.p + 1, v.n - 1 };
	return v.n > 0 && v.p[0] != '\0' && strchr("=+-@\t\r", v.p[0]) != NULL;
}

static struct sv
unguard(struct sv v)
{
	if (v.n > 0 && v.p[0] == '\'' && is_formula(v))
		return (struct sv){ v.p + 1, v.n - 1 };
	return v;
}

int
listing_row_take(const struct csv_row *csv, struct arena *arena,
    struct directory_row *ret_row, struct diag *reterr_diag)
{
	struct directory_row row = { 0 };
	struct sv seed = csv->fields[COL_SOURCE_SEED];
	size_t i;

	if (listing_time_read(csv->fields[COL_CHECKED], &row.checked_ms) < 0)
		return csv_refuse(csv, reterr_diag,
		    "checked must be a day as 2026-09-14, or empty if nobody "
		    "ever called");
	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		struct sv v = unguard(csv->fields[i]);

		v.p = arena_dup(arena, v.p, v.n);
		if (directory_fields[i].list)
			v = list_tidy(arena, v);
		directory_field_set(&row, i, v);
	}
	if (seed.n > 0) {
		size_t n = seed.n + (row.source.n > 0 ? row.source.n + 2 : 0);
		struct sb b;

		sb_init(&b, arena, n);
		sb_put(&b, seed);
		if (row.source.n > 0)
			sb_puts(&b, "; ");
		sb_put(&b, row.source);
		row.source = sb_sv(&b);
	}
	*ret_row = row;
	return 0;
}

struct sv
listing_list_cut(struct sv *rest)
{
	struct sv v = sv_cut(rest, ';');

	while (v.n > 0 && v.p[0] == ' ') {
		v.p++;
		v.n--;
	}
	while (v.n > 0 && v.p[v.n - 1] == ' ')
		v.n--;
	return v;
}

static bool
is_country(struct sv v)
{
	return v.n == 2 && v.p[0] >= 'a' && v.p[0] <= 'z' && v.p[1] >= 'a' &&
	       v.p[1] <= 'z';
}

static int
read_countries(
    const struct directory_row *row, struct listing *l, struct diag *d)
{
	struct sv rest = row->reachable_from;

	if (row->country.n > 0 && !is_country(row->country))
		return diag_set(d, -EINVAL,
		    "country must be the two small letters of ISO 3166, as "
		    "kg, or empty");
	if (row->serves.n > 0 && !is_country(row->serves))
		return diag_set(d, -EINVAL,
		    "serves must be the two small letters of ISO 3166, as kg, "
		    "or empty");
	if (!sv_eq(rest, SV("any")))
		while (rest.n > 0)
			if (!is_country(listing_list_cut(&rest)))
				return diag_set(d, -EINVAL,
				    "reachable_from must be \"any\" or country "
				    "codes with ';' between them");
	l->country = row->country.n > 0 ? row->country.p : "";
	l->serves = row->serves.n > 0 ? row->serves.p : "";
	l->reachable_from = row->reachable_from;
	return 0;
}

static int
read_topics(const struct directory_row *row, const struct topics *topics,
    struct listing *l, struct diag *d)
{
	struct sv rest = row->topics;

	while (rest.n > 0) {
		struct sv id = listing_list_cut(&rest);
		uint16_t at = topics_find(topics, id);

		if (at == TOPIC_NONE)
			return diag_set(d, -EINVAL,
			    "topic \"" SV_FMT "\" is not in topics.csv; "
			    "write one that is",
			    SV_ARG(id));
		if (l->topics == 0)
			l->main_topic = at;
		l->topics |= UINT64_C(1) << at;
	}
	/* what others know is kept for operators until somebody sets them */
	if (l->topics == 0 && l->for_callers)
		return diag_set(d, -EINVAL,
		    "topics is empty; write what the listing helps with");
	return 0;
}

static int
read_places(const struct directory_row *row, const struct places *places,
    struct listing *l, struct diag *d)
{
	struct sv rest = row->places;

	while (rest.n > 0) {
		struct sv id = listing_list_cut(&rest);
		uint16_t at = places_find(places, id);

		if (at == PLACE_NONE)
			return diag_set(d, -EINVAL,
			    "place \"" SV_FMT "\" is not in gazetteer.csv; "
			    "write one that is",
			    SV_ARG(id));
		if (l->place_count == LISTING_PLACES_MAX)
			return diag_set(d, -EINVAL,
			    "more than %d places; name the region or country "
			    "instead",
			    LISTING_PLACES_MAX);
		l->places[l->place_count++] = at;
	}
	if (l->place_count == 0 && row->country.n > 0) {
		uint16_t at = places_find(places, row->country);

		if (at != PLACE_NONE)
			l->places[l->place_count++] = at;
	}
	if (l->place_count == 0 && l->for_callers)
		return diag_set(d, -EINVAL,
		    "places is empty; write where the listing helps");
	return 0;
}

static int
read_kind(const struct directory_row *row, struct listing *l, struct diag *d)
{
	static const char *const kinds[LISTING_KIND_COUNT] = {
		[LISTING_HOTLINE] = "hotline",
		[LISTING_NGO] = "ngo",
		[LISTING_IGO] = "igo",
		[LISTING_CLINIC] = "clinic",
		[LISTING_GOVERNMENT] = "government",
		[LISTING_OTHER] = "other",
	};
	unsigned i;

	l->for_callers = sv_eq(row->listing, SV("callers-after-check"));
	if (!l->for_callers && !sv_eq(row->listing, SV("operators")) &&
	    !sv_eq(row->listing, SV("placeholder")) &&
	    !sv_eq(row->listing, SV(LISTING_NEVER_EXPORTED)))
		return diag_set(d, -EINVAL,
		    "listing must be callers-after-check, operators, "
		    "placeholder or " LISTING_NEVER_EXPORTED);
	for (i = 0; i < LISTING_KIND_COUNT; i++) {
		if (!sv_eq(row->kind, sv_of(kinds[i])))
			continue;
		l->kind = (enum listing_kind)i;
		return 0;
	}
	return diag_set(d, -EINVAL,
	    "kind must be hotline, ngo, igo, clinic, government or other");
}

static int
read_phone(struct sv raw, const struct phones *phones, struct listing *l,
    struct diag *d)
{
	struct phone phone;

	if (phone_parse(phones, raw, "", &phone) < 0 ||
	    !sv_eq(raw, phone_reveal(&phone)))
		return diag_set(d, -EINVAL,
		    "phone_e164 holds a number that cannot exist; write '+', "
		    "country code and number without spaces, ';' between two");
	if (l->phone_count == LISTING_PHONES_MAX)
		return diag_set(d, -EINVAL,
		    "more than %d phones; keep the best", LISTING_PHONES_MAX);
	l->tollfree[l->phone_count] = phone.kind == PHONE_TOLLFREE;
	l->phones[l->phone_count++] = raw;
	return 0;
}

static int
read_phones(const struct directory_row *row, const struct phones *phones,
    struct listing *l, struct diag *d)
{
	struct sv rest = row->phone_e164, code = row->short_code;
	size_t i;
	int rc;

	while (rest.n > 0) {
		rc = read_phone(listing_list_cut(&rest), phones, l, d);
		if (rc < 0)
			return rc;
	}
	for (i = 0; i < code.n && code.p[i] >= '0' && code.p[i] <= '9'; i++)
		;
	if (i != code.n || (code.n > 0 && (code.n < SHORT_CODE_MIN ||
					      code.n > SHORT_CODE_MAX)))
		return diag_set(d, -EINVAL,
		    "short_code must be %d to %d digits, or empty",
		    SHORT_CODE_MIN, SHORT_CODE_MAX);
	l->short_code = code;
	return 0;
}

static int
read_links(const struct directory_row *row, struct listing *l, struct diag *d)
{
	struct sv email = row->email, website = row->website;

	if (email.n > 0 && (memchr(email.p, '@', email.n) == NULL ||
			       memchr(email.p, ' ', email.n) != NULL))
		return diag_set(d, -EINVAL,
		    "email must be one address, as help@example.org, or empty");
	if (website.n > 0 && memchr(website.p, ' ', website.n) != NULL)
		return diag_set(d, -EINVAL,
		    "website must be one address without spaces, or empty");
	l->email = email;
	l->website = website;
	l->address = row->address;
	return 0;
}

/* Who is closed is given to nobody. */
static int
read_status(const struct directory_row *row, struct listing *l, struct diag *d)
{
	if (row->status.n == 0)
		return 0;
	if (!sv_eq(row->status, SV("inactive")) &&
	    !sv_eq(row->status, SV("defunct")) &&
	    !sv_eq(row->status, SV("temporarily closed")))
		return diag_set(d, -EINVAL,
		    "status must be inactive, defunct, temporarily closed, or "
		    "empty");
	l->for_callers = false;
	return 0;
}

/* The newest year named in seen or source_year, 0 if none. */
static unsigned
newest_year(const struct directory_row *row)
{
	const struct sv texts[] = { row->seen, row->source_year };
	unsigned newest = 0, year;
	size_t i, at, n;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		for (at = 0; at<texts[i].n; at += n> 0 ? n : 1) {
			const char *p = texts[i].p + at;

			year = 0;
			for (n = 0; at + n < texts[i].n && n < 9 &&
				    p[n] >= '0' && p[n] <= '9';
			     n++)
				year = year * 10 + (unsigned)(p[n] - '0');
			if (n == 4 && year >= 1990 && year < 2100 &&
			    year > newest)
				newest = year;
		}
	}
	return newest;
}

int
listing_row_read(const struct directory_row *row,
    const struct listing_rules *rules, struct listing *ret_listing,
    struct diag *reterr_diag)
{
	struct listing l = { .names = {
				 [LANG_RU] = row->name_ru,
				 [LANG_KY] = row->name_ky,
				 [LANG_TG] = row->name_tg,
				 [LANG_UZ] = row->name_uz,
				 [LANG_UZ_CYRL] = row->name_uz_cyrl,
				 [LANG_KK] = row->name_kk,
				 [LANG_EN] = row->name_en,
			     } };
	int rc;

	if (!csv_is_id(row->id))
		return diag_set(reterr_diag, -EINVAL,
		    "id must be at most %d lower-case letters, digits and '-'",
		    CSV_ID_MAX);
	if (row->name_en.n == 0)
		return diag_set(
		    reterr_diag, -EINVAL, "name_en is empty; write a name");
	rc = check_lists(row, reterr_diag);
	if (rc == 0)
		rc = read_countries(row, &l, reterr_diag);
	if (rc == 0)
		rc = read_kind(row, &l, reterr_diag);
	if (rc == 0)
		rc = read_topics(row, rules->topics, &l, reterr_diag);
	if (rc == 0)
		rc = read_places(row, rules->places, &l, reterr_diag);
	if (rc == 0)
		rc = read_phones(row, rules->phones, &l, reterr_diag);
	if (rc == 0)
		rc = read_links(row, &l, reterr_diag);
	if (rc == 0)
		rc = read_status(row, &l, reterr_diag);
	if (rc < 0)
		return rc;
	l.id = row->id.p;
	l.hours = row->hours;
	l.description = row->description_en;
	l.seen = row->seen;
	l.year = newest_year(row);
	l.checked_ms = row->checked_ms;
	/* emergency numbers are general knowledge, named so by their id */
	l.general = row->id.n > 10 && memcmp(l.id, "emergency-", 10) == 0;
	*ret_listing = l;
	return 0;
}

int
listing_row_put_head(FILE *f)
{
	size_t i;

	for (i = 0; i <= COL_CHECKED; i++)
		if (fprintf(f, "%s%s", i > 0 ? "," : "", column_names[i]) < 0)
			return -EIO;
	return fputc('\n', f) == '\n' ? 0 : -EIO;
}

static int
field_put(FILE *f, struct sv v)
{
	char guarded[DIRECTORY_FIELD_MAX + 1];

	if (!is_formula(v) || v.n > DIRECTORY_FIELD_MAX)
		return csv_put_field(f, v);
	guarded[0] = '\'';
	memcpy(guarded + 1, v.p, v.n);
	return csv_put_field(f, (struct sv){ guarded, v.n + 1 });
}

int
listing_row_put(FILE *f, const struct directory_row *row)
{
	char checked[LISTING_TIME_BYTES + 1];
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++)
		if (field_put(f, directory_field(row, i)) < 0 ||
		    fputc(',', f) != ',')
			return -EIO;
	listing_time_write(row->checked_ms, checked);
	return fprintf(f, "%s\n", checked) < 0 ? -EIO : 0;
}
