/* listing_json.c - a listing as JSON for the pages, read and checked. */
#include "daemon/web/listing_json.h"

#include <stdio.h>

#include "content/content.h"
#include "content/listing_row.h"
#include "daemon/base/sb.h"
#include "daemon/phone/phone.h"

enum {
	NAME_MAX_BYTES = 400,
	TEXT_MAX_BYTES = 4000, /* below CSV_FIELD_MAX: editions are CSV */
	MEMBERS_MAX = 64,
	FIELD_NAME_MAX = 32,
};

#define F(name) DIRECTORY_FIELD_##name

/* Members that are a string. */
static const struct {
	const char *name;
	size_t field;
} texts[] = {
	{ "name_en", F(name_en) },
	{ "name_ru", F(name_ru) },
	{ "country", F(country) },
	{ "kind", F(kind) },
	{ "visibility", F(listing) },
	{ "status", F(status) },
	{ "email", F(email) },
	{ "website", F(website) },
	{ "address", F(address) },
	{ "hours", F(hours) },
	{ "description_en", F(description_en) },
	{ "serves", F(serves) },
	{ "eligibility_description", F(eligibility_description) },
	{ "fees_description", F(fees_description) },
	{ "application_process", F(application_process) },
	{ "interpretation_services", F(interpretation_services) },
	{ "accessibility", F(accessibility) },
	{ "source", F(source) },
	{ "source_year", F(source_year) },
	{ "seen", F(seen) },
	{ "topics_basis", F(topics_basis) },
	{ "notes", F(notes) },
};

/* Members that are a list of strings. */
static const struct {
	const char *name;
	size_t field;
} lists[] = {
	{ "places", F(places) },
	{ "topics", F(topics) },
	{ "languages", F(languages) },
	{ "reachable_from", F(reachable_from) },
	{ "required_documents", F(required_documents) },
	{ "short_codes", F(short_code) },
};

/* Members of names and descriptions. */
static const struct {
	const char *in, *lang;
	size_t field;
} translations[] = {
	{ "names", "ky", F(name_ky) },
	{ "names", "tg", F(name_tg) },
	{ "names", "uz", F(name_uz) },
	{ "names", "uz@cyrillic", F(name_uz_cyrl) },
	{ "names", "kk", F(name_kk) },
	{ "descriptions", "ru", F(description_ru) },
	{ "descriptions", "ky", F(description_ky) },
	{ "descriptions", "tg", F(description_tg) },
	{ "descriptions", "uz", F(description_uz) },
	{ "descriptions", "uz@cyrillic", F(description_uz_cyrl) },
	{ "descriptions", "kk", F(description_kk) },
};

/* --- to JSON --- */

static json_t *
text_json(struct sv v)
{
	json_t *text = json_stringn(v.n > 0 ? v.p : "", v.n);

	return text != NULL ? text : json_string("");
}

static json_t *
list_json(struct sv list)
{
	json_t *all = json_array();

	while (list.n > 0)
		(void)json_array_append_new(all, text_json(sv_cut(&list, ';')));
	return all;
}

/* How the numbers are printed is known of all of them together. */
static json_t *
phones_json(const struct directory_row *row)
{
	struct sv numbers = row->phone_e164, about = row->phone_descriptions;
	struct sv printed = row->phone_as_printed;
	json_t *all = json_array(), *one;

	while (numbers.n > 0) {
		one = json_object();
		(void)json_object_set_new(
		    one, "number", text_json(sv_cut(&numbers, ';')));
		(void)json_object_set_new(
		    one, "as_printed", text_json(printed));
		(void)json_object_set_new(
		    one, "description", text_json(sv_cut(&about, ';')));
		(void)json_array_append_new(all, one);
		printed = (struct sv){ 0 };
	}
	return all;
}

static json_t *
translations_json(const struct directory_row *row, const char *in)
{
	json_t *all = json_object();
	struct sv v;
	size_t i;

	for (i = 0; i < ARRAY_LEN(translations); i++) {
		v = directory_field(row, translations[i].field);
		if (v.n > 0 && strcmp(translations[i].in, in) == 0)
			(void)json_object_set_new(
			    all, translations[i].lang, text_json(v));
	}
	return all;
}

json_t *
listing_json(const struct directory_row *row)
{
	json_t *all = json_object();
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++)
		(void)json_object_set_new(all, texts[i].name,
		    text_json(directory_field(row, texts[i].field)));
	for (i = 0; i < ARRAY_LEN(lists); i++)
		(void)json_object_set_new(all, lists[i].name,
		    list_json(directory_field(row, lists[i].field)));
	if (row->status.n == 0)
		(void)json_object_set_new(all, "status", json_string("active"));
	(void)json_object_set_new(
	    all, "names", translations_json(row, "names"));
	(void)json_object_set_new(
	    all, "descriptions", translations_json(row, "descriptions"));
	(void)json_object_set_new(all, "phones", phones_json(row));
	return all;
}

json_t *
listing_changes(
    const struct directory_row *before, const struct directory_row *after)
{
	static const struct directory_row none;
	json_t *was = listing_json(before != NULL ? before : &none);
	json_t *is = listing_json(after), *all = json_array(), *value;
	const char *name;

	json_object_foreach(is, name, value)
	{
		if (!json_equal(value, json_object_get(was, name)))
			(void)json_array_append_new(
			    all, json_pack("{s:s, s:O, s:O}", "field", name,
				     "before", json_object_get(was, name),
				     "after", value));
	}
	json_decref(was);
	json_decref(is);
	return all;
}

/* --- from JSON --- */

static void
bad(json_t *wrong, const char *field, const char *code)
{
	if (json_object_get(wrong, field) == NULL)
		(void)json_object_set_new(wrong, field, json_string(code));
}

/* Text for people: no control characters but line breaks, and not in names. */
static bool
is_plain(struct sv v, bool lines)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t'))) ||
		    c == 0x7f)
			return false;
	}
	return true;
}

static struct sv
trimmed(struct sv v)
{
	while (v.n > 0 && strchr(" \n\t\r", *v.p) != NULL)
		v = (struct sv){ v.p + 1, v.n - 1 };
	while (v.n > 0 && strchr(" \n\t\r", v.p[v.n - 1]) != NULL)
		v.n--;
	return v;
}

struct reading {
	struct arena *arena;
	json_t *wrong;
};

/* The string of a member, copied; empty where it is none or nothing. */
static struct sv
text_read(const struct reading *r, const json_t *v, const char *field,
    size_t most, bool lines)
{
	struct sv text;

	if (v == NULL || json_is_null(v))
		return (struct sv){ 0 };
	if (!json_is_string(v)) {
		bad(r->wrong, field, "no_text");
		return (struct sv){ 0 };
	}
	text =
	    trimmed((struct sv){ json_string_value(v), json_string_length(v) });
	if (text.n > most)
		bad(r->wrong, field, "too_long");
	else if (!is_plain(text, lines))
		bad(r->wrong, field, "invalid");
	else
		return (
		    struct sv){ arena_dup(r->arena, text.p, text.n), text.n };
	return (struct sv){ 0 };
}

static void
member_put(
    const struct reading *r, struct sb *b, struct sv member, const char *field)
{
	if (member.n > 0 && memchr(member.p, ';', member.n) != NULL)
		bad(r->wrong, field, "invalid");
	else
		sb_put(b, member);
}

static struct sv
list_read(const struct reading *r, const json_t *v, const char *field)
{
	struct sv member;
	struct sb b;
	size_t i;

	if (v == NULL || json_is_null(v))
		return (struct sv){ 0 };
	if (!json_is_array(v) || json_array_size(v) > MEMBERS_MAX) {
		bad(r->wrong, field, json_is_array(v) ? "too_many" : "invalid");
		return (struct sv){ 0 };
	}
	sb_init(&b, r->arena, TEXT_MAX_BYTES);
	for (i = 0; i < json_array_size(v); i++) {
		member = text_read(
		    r, json_array_get(v, i), field, NAME_MAX_BYTES, false);
		if (member.n == 0)
			continue;
		if (b.n > 0)
			sb_puts(&b, ";");
		member_put(r, &b, member, field);
	}
	if (b.full)
		bad(r->wrong, field, "too_long");
	return b.n > 0 ? sb_sv(&b) : (struct sv){ 0 };
}

/* What is put together of the numbers. */
struct phones_read {
	struct sb numbers, printed, about;
	size_t count;
};

static void
phone_read(const struct reading *r, const json_t *one, size_t at,
    struct phones_read *p)
{
	char field[FIELD_NAME_MAX];
	struct sv number, printed, about;

	(void)snprintf(field, sizeof(field), "phones.%zu", at);
	if (!json_is_object(one)) {
		bad(r->wrong, field, "invalid");
		return;
	}
	number = text_read(
	    r, json_object_get(one, "number"), field, PHONE_RAW_MAX, false);
	printed = text_read(r, json_object_get(one, "as_printed"), field,
	    NAME_MAX_BYTES, false);
	about = text_read(r, json_object_get(one, "description"), field,
	    NAME_MAX_BYTES, false);
	if (number.n == 0)
		return; /* a line not yet filled in */
	if (p->count++ > 0) {
		sb_puts(&p->numbers, ";");
		sb_puts(&p->about, ";");
	}
	member_put(r, &p->numbers, number, field);
	member_put(r, &p->about, about, field);
	if (printed.n > 0 && p->printed.n > 0)
		sb_puts(&p->printed, "; ");
	sb_put(&p->printed, printed);
}

static void
phones_read(const struct reading *r, const json_t *v, struct directory_row *row)
{
	struct phones_read p = { .count = 0 };
	size_t i;

	if (v == NULL || json_is_null(v))
		return;
	if (!json_is_array(v) || json_array_size(v) > LISTING_PHONES_MAX) {
		bad(r->wrong, "phones",
		    json_is_array(v) ? "too_many" : "invalid");
		return;
	}
	sb_init(&p.numbers, r->arena, TEXT_MAX_BYTES);
	sb_init(&p.printed, r->arena, TEXT_MAX_BYTES);
	sb_init(&p.about, r->arena, TEXT_MAX_BYTES);
	for (i = 0; i < json_array_size(v); i++)
		phone_read(r, json_array_get(v, i), i, &p);
	row->phone_e164 = sb_sv(&p.numbers);
	row->phone_as_printed = sb_sv(&p.printed);
	row->phone_descriptions = sb_sv(&p.about);
	/* no member at all */
	while (row->phone_descriptions.n > 0 &&
	       row->phone_descriptions.p[row->phone_descriptions.n - 1] == ';')
		row->phone_descriptions.n--;
}

static bool
is_name(size_t field)
{
	return strncmp(directory_fields[field].name, "name_", 5) == 0;
}

void
listing_json_read(const json_t *in, struct arena *arena,
    struct directory_row *ret_row, json_t *wrong)
{
	const struct reading r = { arena, wrong };
	struct directory_row row = { 0 };
	char field[FIELD_NAME_MAX];
	bool name;
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		name = is_name(texts[i].field);
		directory_field_set(&row, texts[i].field,
		    text_read(&r, json_object_get(in, texts[i].name),
			texts[i].name, name ? NAME_MAX_BYTES : TEXT_MAX_BYTES,
			!name));
	}
	for (i = 0; i < ARRAY_LEN(lists); i++)
		directory_field_set(&row, lists[i].field,
		    list_read(
			&r, json_object_get(in, lists[i].name), lists[i].name));
	for (i = 0; i < ARRAY_LEN(translations); i++) {
		name = is_name(translations[i].field);
		(void)snprintf(field, sizeof(field), "%s.%s",
		    translations[i].in, translations[i].lang);
		directory_field_set(&row, translations[i].field,
		    text_read(&r,
			json_object_get(json_object_get(in, translations[i].in),
			    translations[i].lang),
			field, name ? NAME_MAX_BYTES : TEXT_MAX_BYTES, !name));
	}
	phones_read(&r, json_object_get(in, "phones"), &row);
	if (sv_eq(row.status, SV("active")))
		row.status = (struct sv){ 0 };
	*ret_row = row;
}

/* --- is it right? --- */

static bool
is_country(struct sv v)
{
	return v.n == 2 && v.p[0] >= 'a' && v.p[0] <= 'z' && v.p[1] >= 'a' &&
	       v.p[1] <= 'z';
}

static bool
is_one_of(struct sv v, const char *const *all, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (sv_eq(v, sv_of(all[i])))
			return true;
	return false;
}

static void
choices_check(const struct directory_row *row, json_t *wrong)
{
	static const char *const kinds[] = { "hotline", "ngo", "igo", "clinic",
		"government", "other" };
	static const char *const who[] = { "callers-after-check", "operators",
		"placeholder", LISTING_NEVER_EXPORTED };
	static const char *const status[] = { "inactive", "defunct",
		"temporarily closed" };

	if (row->kind.n > 0 && !is_one_of(row->kind, kinds, ARRAY_LEN(kinds)))
		bad(wrong, "kind", "unknown");
	if (row->listing.n > 0 && !is_one_of(row->listing, who, ARRAY_LEN(who)))
		bad(wrong, "visibility", "unknown");
	if (row->status.n > 0 &&
	    !is_one_of(row->status, status, ARRAY_LEN(status)))
		bad(wrong, "status", "unknown");
	if (row->country.n > 0 && !is_country(row->country))
		bad(wrong, "country", "unknown");
	if (row->serves.n > 0 && !is_country(row->serves))
		bad(wrong, "serves", "unknown");
}

static bool
is_topic(const struct listing_known *k, struct sv v)
{
	return topics_find(k->content->topics, v) != TOPIC_NONE;
}

static bool
is_place(const struct listing_known *k, struct sv v)
{
	return places_find(k->content->places, v) != PLACE_NONE;
}

static bool
is_language(const struct listing_known *k, struct sv v)
{
	(void)k;
	return lang_is_code(v);
}

static bool
is_reach(const struct listing_known *k, struct sv v)
{
	(void)k;
	return is_country(v) || sv_eq(v, SV("any"));
}

static bool
is_short_code(const struct listing_known *k, struct sv v)
{
	size_t i;

	(void)k;
	for (i = 0; i < v.n; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	return v.n >= 2 && v.n <= 6;
}

static void
members_check(const struct directory_row *row, const struct listing_known *k,
    json_t *wrong)
{
	static const struct {
		const char *name, *code;
		size_t field, most;
		bool (*is)(const struct listing_known *k, struct sv v);
	} rules[] = {
		{ "topics", "unknown", F(topics), MEMBERS_MAX, is_topic },
		{ "places", "unknown", F(places), LISTING_PLACES_MAX,
		    is_place },
		{ "languages", "unknown", F(languages), MEMBERS_MAX,
		    is_language },
		{ "reachable_from", "unknown", F(reachable_from), MEMBERS_MAX,
		    is_reach },
		{ "short_codes", "short_code", F(short_code), 1,
		    is_short_code },
	};
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(rules); i++) {
		struct sv rest = directory_field(row, rules[i].field);

		for (n = 0; rest.n > 0; n++)
			if (!rules[i].is(k, sv_cut(&rest, ';')))
				bad(wrong, rules[i].name, rules[i].code);
		if (n > rules[i].most)
			bad(wrong, rules[i].name, "too_many");
	}
	if (row->reachable_from.n > 3 &&
	    memmem(row->reachable_from.p, row->reachable_from.n, "any", 3) !=
		NULL)
		bad(wrong, "reachable_from", "invalid");
}

void
listing_phones_settle(struct directory_row *row,
    const struct listing_known *known, struct arena *arena)
{
	struct sv rest = row->phone_e164, number;
	struct phone phone;
	struct sb b;

	sb_init(&b, arena, TEXT_MAX_BYTES);
	while (rest.n > 0) {
		number = sv_cut(&rest, ';');
		if (phone_parse_typed(known->phones, number,
			row->country.n > 0 ? row->country.p : "",
			&phone) == 0 &&
		    phone_reveal(&phone).n > 0)
			number = phone_reveal(&phone);
		if (b.n > 0)
			sb_puts(&b, ";");
		sb_put(&b, number);
	}
	row->phone_e164 = sb_sv(&b);
}

static void
phones_check(const struct directory_row *row, const struct listing_known *k,
    json_t *wrong)
{
	const char *country = row->country.n > 0 ? row->country.p : "";
	struct sv rest = row->phone_e164, number;
	char field[FIELD_NAME_MAX];
	struct phone phone;
	size_t i;
	int rc;

	for (i = 0; rest.n > 0; i++) {
		number = sv_cut(&rest, ';');
		(void)snprintf(field, sizeof(field), "phones.%zu", i);
		rc = phone_parse_typed(k->phones, number, country, &phone);
		if (rc == -EXDEV)
			bad(wrong, field, "phone_home");
		else if (rc < 0 || !sv_eq(number, phone_reveal(&phone)))
			bad(wrong, field, "phone");
	}
}

/* "javascript:" is no website. */
static bool
is_website(struct sv v)
{
	const char *sign = memchr(v.p, ':', v.n);
	struct sv scheme = { v.p, sign != NULL ? (size_t)(sign - v.p) : 0 };

	if (memchr(v.p, ' ', v.n) != NULL || memchr(v.p, '\n', v.n) != NULL ||
	    memchr(v.p, '.', v.n) == NULL)
		return false;
	return sign == NULL || sv_eq(scheme, SV("https")) ||
	       sv_eq(scheme, SV("http")) ||
	       memchr(scheme.p, '.', scheme.n) != NULL; /* a port */
}

static void
links_check(const struct directory_row *row, json_t *wrong)
{
	const char *at =
	    row->email.n > 0 ? memchr(row->email.p, '@', row->email.n) : NULL;

	if (row->email.n > 0 &&
	    (at == NULL || at == row->email.p ||
		at + 1 == row->email.p + row->email.n ||
		memchr(row->email.p, ' ', row->email.n) != NULL ||
		memchr(row->email.p, '\n', row->email.n) != NULL))
		bad(wrong, "email", "email");
	if (row->website.n > 0 && !is_website(row->website))
		bad(wrong, "website", "website");
}

static void
needed_check(const struct directory_row *row, json_t *wrong)
{
	if (row->name_en.n == 0)
		bad(wrong, "name_en", "needed");
	if (row->topics.n == 0)
		bad(wrong, "topics", "needed");
	if (row->kind.n == 0)
		bad(wrong, "kind", "needed");
	if (row->listing.n == 0)
		bad(wrong, "visibility", "needed");
	if (row->places.n == 0 && row->country.n == 0)
		bad(wrong, "country", "needed");
}

void
listing_check(const struct directory_row *row,
    const struct listing_known *known, bool whole, json_t *wrong)
{
	const struct listing_rules rules = { known->content->topics,
		known->content->places, known->phones };
	struct listing listing;
	struct diag why;

	choices_check(row, wrong);
	members_check(row, known, wrong);
	phones_check(row, known, wrong);
	links_check(row, wrong);
	if (!whole)
		return;
	needed_check(row, wrong);
	/* and by the same rules as an import: a country nobody knows */
	if (json_object_size(wrong) == 0 &&
	    listing_row_read(row, &rules, &listing, &why) < 0)
		bad(wrong, "places", "needed");
}
