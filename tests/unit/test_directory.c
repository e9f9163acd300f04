/* test_directory.c - listings over the HSDS tables, and back unchanged. */
#include "db/directory.h"

#include <glob.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "content/orgs.h"
#include "db/directory_find.h"
#include "db/uuid.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { FIELDS = DIRECTORY_FIELDS, ROWS = 8 };

static const struct directory_by by = { { "ann", 3 }, { "import", 6 }, 1 };

static struct sv *
field(struct directory_row *row, size_t i)
{
	return (struct sv *)(void *)((char *)row + directory_fields[i].at);
}

static struct directory *
open_in(const struct folder *f)
{
	struct directory *d = NULL;
	struct diag diag = { 0 };

	if (directory_open(f->path, &d, &diag) < 0)
		printf("# %s\n", diag.text);
	ASSERT(d != NULL);
	return d;
}

/* Every field set; the numbers are reserved for fiction. */
static struct directory_row
row_of(const char *id)
{
	return (struct directory_row){ .id = sv_of(id),
		.name_en = SV("Example \"Centre\""),
		.name_ru = SV("Пример"),
		.country = SV("kz"),
		.places = SV("kz;kz-astana"),
		.topics = SV("wages;legal;tb"),
		.kind = SV("ngo"),
		.phone_e164 = SV("+12025550123;+12025550124"),
		.phone_as_printed = SV("(202) 555-0123, -24"),
		.short_code = SV("00000"),
		.email = SV("help@example.org"),
		.website = SV("https://example.org/a?b=c;d"),
		.address = SV("1, Street;\nFloor 2"),
		.languages = SV("ru;kk;uz@cyrillic"),
		.description_en = SV("Helps."),
		.hours = SV("Mon-Fri 9-18"),
		.reachable_from = SV("kz;kg"),
		.serves = SV("tj"),
		.listing = SV("callers-after-check"),
		.notes = SV("Ask; for hours"),
		.source = SV("a page; another"),
		.seen = SV("2026-01"),
		.source_year = SV("2026"),
		.topics_basis = SV("seed"),
		.name_ky = SV("Мисал"),
		.name_tg = SV("Намуна"),
		.name_uz = SV("Namuna"),
		.name_uz_cyrl = SV("Намуна маркази"),
		.name_kk = SV("Мысал"),
		.description_ru = SV("Помогает."),
		.description_ky = SV("Жардам берет."),
		.description_tg = SV("Ёрӣ мерасонад."),
		.description_uz = SV("Yordam beradi."),
		.description_uz_cyrl = SV("Ёрдам беради."),
		.description_kk = SV("Көмектеседі."),
		.phone_descriptions = SV(";reception"),
		.eligibility_description = SV("Everybody; also children"),
		.fees_description = SV("Free."),
		.application_process = SV("Call first."),
		.interpretation_services = SV("Tajik"),
		.accessibility = SV("A ramp."),
		.required_documents = SV("Passport;Patent"),
		.status = SV(""),
		.checked_ms = 1767323045678 };
}

/* What directory_each() gave, copied out of its views. */
struct seen {
	size_t count, most;
	struct directory_row rows[ROWS];
	char text[ROWS][FIELDS][256];
};

static bool
on_row(void *arg, const struct directory_row *row)
{
	struct directory_row copy = *row;
	struct seen *s = arg;
	size_t i;

	ASSERT(s->count < ROWS);
	for (i = 0; i < FIELDS; i++) {
		struct sv v = *field(&copy, i);
		char *to = s->text[s->count][i];

		ASSERT(v.n < sizeof(s->text[0][0]));
		if (v.n > 0)
			memcpy(to, v.p, v.n);
		*field(&copy, i) = (struct sv){ to, v.n };
	}
	s->rows[s->count++] = copy;
	return s->count != s->most;
}

static void
read_all(struct directory *d, struct seen *s)
{
	*s = (struct seen){ 0 };
	ASSERT(directory_each(d, on_row, s) == 0);
}

static enum directory_change
put(struct directory *d, const struct directory_row *row)
{
	enum directory_change change = DIRECTORY_SAME;

	ASSERT(directory_put(d, row, &by, &change) == 0);
	return change;
}

/* Name the first field that differs, or NULL. */
static const char *
difference(struct directory_row *a, struct directory_row *b)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (!sv_eq(*field(a, i), *field(b, i)))
			return directory_fields[i].name;
	return a->checked_ms != b->checked_ms ? "checked_ms" : NULL;
}

static int64_t
query(const struct folder *f, const char *sql)
{
	sqlite3 *sq = NULL;
	sqlite3_stmt *st = NULL;
	char path[512];
	int64_t v;

	(void)snprintf(path, sizeof(path), "%s/directory.db", f->path);
	ASSERT(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READWRITE, NULL) ==
	       SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	v = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(sq);
	return v;
}

static void
test_round_trip(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	static struct seen s;
	struct directory_row row = row_of("example"), bare = { 0 };
	const char *diff;

	EQ(put(d, &row), DIRECTORY_ADDED, "a new listing");
	read_all(d, &s);
	EQ(s.count, 1, "is there");
	diff = difference(&row, &s.rows[0]);
	OK(diff == NULL, "every field comes back");
	if (diff != NULL)
		printf("# %s\n", diff);
	EQ(put(d, &row), DIRECTORY_SAME, "the same again");
	bare.id = SV("bare");
	bare.name_en = SV("Bare");
	EQ(put(d, &bare), DIRECTORY_ADDED, "a listing with nothing known");
	directory_close(&d);
	d = open_in(&f);
	read_all(d, &s);
	OK(s.count == 2 && difference(&bare, &s.rows[0]) == NULL &&
		difference(&row, &s.rows[1]) == NULL,
	    "both, in order of id, after a restart");
	EQ(put(d, &bare), DIRECTORY_SAME, "still the same");
	s = (struct seen){ .most = 1 };
	EQ(directory_each(d, on_row, &s), 0, "stop after the first");
	EQ(s.count, 1, "stopped");
	directory_close(&d);
	folder_done(&f);
}

/* Change each field alone, empty each field alone, and back. */
static void
test_change(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	static struct seen s;
	struct directory_row row = row_of("example"), other;
	char name[64];
	size_t i;

	row.checked_ms = 0;
	EQ(put(d, &row), DIRECTORY_ADDED, "a new listing");
	for (i = 1; i < FIELDS; i++) {
		(void)snprintf(
		    name, sizeof(name), "change %s", directory_fields[i].name);
		other = row;
		*field(&other, i) =
		    i == DIRECTORY_FIELD_status ? SV("defunct") : SV("x;y;z;w");
		if (i == DIRECTORY_FIELD_phone_descriptions)
			*field(&other, i) = SV("x;y"); /* of two numbers */
		if (i == DIRECTORY_FIELD_status) {
			EQ(put(d, &other), DIRECTORY_CHANGED, name);
			read_all(d, &s);
			EQ(s.count, 0, "who is closed is not given");
			EQ(put(d, &row), DIRECTORY_CHANGED, name);
			continue;
		}
		EQ(put(d, &other), DIRECTORY_CHANGED, name);
		read_all(d, &s);
		OK(s.count == 1 && difference(&other, &s.rows[0]) == NULL,
		    name);
		EQ(put(d, &row), DIRECTORY_CHANGED, name);
		if (i == 1)
			continue; /* a name cannot be empty */
		(void)snprintf(
		    name, sizeof(name), "empty %s", directory_fields[i].name);
		*field(&other, i) = (struct sv){ 0 };
		EQ(put(d, &other), DIRECTORY_CHANGED, name);
		if (i == DIRECTORY_FIELD_phone_e164) /* what they are for */
			other.phone_descriptions = (struct sv){ 0 };
		read_all(d, &s);
		OK(difference(&other, &s.rows[0]) == NULL, name);
		EQ(put(d, &row), DIRECTORY_CHANGED, name);
		read_all(d, &s);
		OK(difference(&row, &s.rows[0]) == NULL, name);
	}
	directory_close(&d);
	EQ(query(&f, "UPDATE service SET status = 'inactive'"), -1,
	    "made inactive");
	d = open_in(&f);
	read_all(d, &s);
	EQ(s.count, 0, "an inactive listing is not given");
	EQ(put(d, &row), DIRECTORY_CHANGED, "put again it is active");
	read_all(d, &s);
	EQ(s.count, 1, "and given");
	directory_close(&d);
	folder_done(&f);
}

static void
test_tables(void)
{
	static const struct {
		const char *name, *sql;
		int64_t want;
	} cases[] = {
		{ "organizations", "SELECT count(*) FROM organization", 2 },
		{ "services", "SELECT count(*) FROM service", 2 },
		{ "a location for each", "SELECT count(*) FROM location", 2 },
		{ "no address, no physical location",
		    "SELECT count(*) FROM location WHERE location_type ="
		    " 'virtual'",
		    1 },
		{ "an address in its country",
		    "SELECT count(*) FROM address WHERE country = 'KZ'", 1 },
		{ "phones", "SELECT count(*) FROM phone", 3 },
		{ "a short code has no E.164 form",
		    "SELECT count(*) FROM phone WHERE number = '00000' AND"
		    " x_e164 IS NULL",
		    1 },
		{ "places", "SELECT count(*) FROM service_area", 2 },
		{ "languages", "SELECT count(*) FROM language", 3 },
		{ "topics and kind", "SELECT count(*) FROM attribute", 4 },
		{ "terms", "SELECT count(*) FROM taxonomy_term", 4 },
		{ "taxonomies", "SELECT count(*) FROM taxonomy", 2 },
		{ "hours", "SELECT count(*) FROM schedule", 1 },
		{ "translation",
		    "SELECT count(*) FROM translation WHERE language = 'ru'",
		    2 },
		{ "the day it was checked",
		    "SELECT count(*) FROM service WHERE assured_date ="
		    " '2026-01-02'",
		    1 },
		{ "foreign keys hold",
		    "SELECT count(*) FROM pragma_foreign_key_check", 0 },
		{ "ids are UUIDs of version 8",
		    "SELECT count(*) FROM phone WHERE length(id) = 36"
		    " AND substr(id, 15, 1) = '8'",
		    3 },
	};
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("example"),
			     bare = { .id = SV("bare"), .name_en = SV("B") };
	glob_t files = { 0 };
	size_t i;

	put(d, &row);
	put(d, &bare);
	for (i = 0; i < ARRAY_LEN(cases); i++)
		EQ(query(&f, cases[i].sql), cases[i].want, cases[i].name);
	ASSERT(glob("db/migrations/directory/*.sql", 0, NULL, &files) == 0);
	EQ(query(&f, "PRAGMA user_version"), files.gl_pathc,
	    "every migration is in");
	globfree(&files);
	directory_close(&d);
	folder_done(&f);
}

static int64_t
checked(struct directory *d)
{
	static struct seen s;

	read_all(d, &s);
	return s.rows[0].checked_ms;
}

static void
test_verify(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("example");

	row.checked_ms = 0;
	put(d, &row);
	EQ(checked(d), 0, "never checked");
	EQ(directory_verify(d, SV("nobody"), 5, SV("call"), SV("ann")), -ENOENT,
	    "no such listing");
	EQ(directory_verify(d, row.id, 5000, SV("call"), SV("ann")), 0,
	    "checked");
	EQ(directory_verify(d, row.id, 3000, SV("call"), SV("bob")), 0,
	    "an older check comes late");
	EQ(checked(d), 5000, "the newest counts");
	EQ(put(d, &row), DIRECTORY_SAME, "an import knows nothing of it");
	row.notes = SV("other notes");
	EQ(put(d, &row), DIRECTORY_CHANGED, "other notes");
	EQ(checked(d), 5000, "leave the check as it is");
	row.phone_e164 = SV("+12025550199");
	EQ(put(d, &row), DIRECTORY_CHANGED, "another number");
	EQ(checked(d), 0, "was not called by anybody");
	EQ(query(&f,
	       "SELECT count(*) FROM service WHERE assured_date IS NOT NULL"),
	    0, "HSDS says so, too");
	EQ(query(&f, "SELECT count(*) FROM verification"), 2,
	    "the old checks are kept");
	row.checked_ms = 4000;
	EQ(put(d, &row), DIRECTORY_CHANGED, "an import with a check");
	EQ(checked(d), 4000, "counts for the new number");
	EQ(put(d, &row), DIRECTORY_SAME, "and only once");
	row.short_code = SV("11111");
	row.checked_ms = 4001;
	EQ(put(d, &row), DIRECTORY_CHANGED, "new contact, checked");
	EQ(checked(d), 4001, "counts");
	directory_close(&d);
	folder_done(&f);
}

static void
on_found(void *arg, const struct directory_found *row)
{
	(void)arg, (void)row;
}

/* How many were not checked since then. */
static int64_t
due(struct directory *d, int64_t until_ms)
{
	const struct directory_find find = { .checked_until_ms = until_ms,
		.most = 9 };
	int64_t total = -1;

	ASSERT(directory_find(d, &find, on_found, NULL, &total) == 0);
	return total;
}

/* A store of before such days were refused has a check of 2062. */
static void
test_ahead(void)
{
	static const char *const before[] = {
		"INSERT INTO verification (link_entity, link_id, at_ms, how,"
		" who) SELECT link_entity, link_id, 2926281600000, how, who"
		" FROM verification",
		"UPDATE listing SET checked_ms = 2926281600000",
		"UPDATE service SET assured_date = '2062-09-24'",
		"PRAGMA user_version = 4",
	};
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("example");
	char path[512];
	sqlite3 *sq = NULL;
	size_t i;

	put(d, &row);
	directory_close(&d);
	(void)snprintf(path, sizeof(path), "%s/directory.db", f.path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	for (i = 0; i < ARRAY_LEN(before); i++)
		ASSERT(
		    sqlite3_exec(sq, before[i], NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	d = open_in(&f);
	EQ(checked(d), row.checked_ms, "the check of before counts");
	EQ(due(d, row.checked_ms), 1, "and is due again in its time");
	EQ(query(&f, "SELECT count(*) FROM service WHERE assured_date ="
		     " '2026-01-02'"),
	    1, "HSDS says so, too");
	EQ(query(&f, "SELECT count(*) FROM verification"), 2,
	    "nothing is deleted");
	directory_close(&d);
	folder_done(&f);
}

static void
test_bad(void)
{
	static char long_field[DIRECTORY_FIELD_MAX + 1];
	static char long_list[2 * DIRECTORY_LIST_MAX + 2];
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	static struct seen s;
	enum directory_change change = DIRECTORY_CHANGED;
	struct sv big = { long_field, sizeof(long_field) };
	struct sv many = { long_list, sizeof(long_list) - 1 };
	size_t i;
	struct {
		const char *name;
		size_t at;
		struct sv value;
	} cases[] = {
		{ "no id", offsetof(struct directory_row, id), SV("") },
		{ "no name", offsetof(struct directory_row, name_en), SV("") },
		{ "an empty topic", offsetof(struct directory_row, topics),
		    SV("wages;;legal") },
		{ "an empty last place", offsetof(struct directory_row, places),
		    SV("kz;") },
		{ "an empty first phone",
		    offsetof(struct directory_row, phone_e164), SV(";+1") },
		{ "only a semicolon", offsetof(struct directory_row, languages),
		    SV(";") },
		{ "too long a field", offsetof(struct directory_row, notes),
		    big },
		{ "too long a list", offsetof(struct directory_row, topics),
		    many },
	};

	memset(long_field, 'x', sizeof(long_field));
	for (i = 0; i < sizeof(long_list) - 1; i++)
		long_list[i] = i % 2 == 0 ? 'a' : ';';
	long_list[sizeof(long_list) - 2] = 'a';
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct directory_row row = row_of("example");

		*(struct sv *)(void *)((char *)&row + cases[i].at) =
		    cases[i].value;
		EQ(directory_put(d, &row, &by, &change), -EINVAL,
		    cases[i].name);
	}
	EQ(change, DIRECTORY_CHANGED, "output untouched");
	read_all(d, &s);
	EQ(s.count, 0, "nothing is there");
	directory_close(&d);
	directory_close(&d);
	folder_done(&f);
}

static void
test_rounds(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f), *other = open_in(&f);
	static struct seen s;
	struct directory_row row = row_of("one"), two = row_of("two"),
			     bad = row_of("bad");
	enum directory_change change;
	int64_t before = 0, after = 0, again = 0;

	EQ(directory_version(other, &before), 0, "version");
	EQ(directory_begin(d), 0, "begin");
	put(d, &row);
	directory_rollback(d);
	read_all(d, &s);
	EQ(s.count, 0, "rolled back");
	EQ(directory_version(other, &again), 0, "version");
	EQ(again, before, "nothing was written");
	EQ(directory_begin(d), 0, "begin");
	put(d, &row);
	bad.topics = SV(";");
	EQ(directory_put(d, &bad, &by, &change), -EINVAL, "a bad one between");
	EQ(directory_verify(d, bad.id, 1, SV(""), SV("")), -ENOENT,
	    "is not there");
	put(d, &two);
	read_all(other, &s);
	EQ(s.count, 0, "the others see nothing yet");
	EQ(directory_commit(d), 0, "commit");
	read_all(other, &s);
	EQ(s.count, 2, "then both");
	EQ(directory_version(other, &after), 0, "version");
	OK(after != before, "has changed");
	EQ(directory_version(other, &again), 0, "version");
	EQ(again, after, "once");
	directory_close(&d);
	directory_close(&other);
	folder_done(&f);
}

static void
test_editions(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_edition e = {
		.number = 1, .at_ms = 5, .listings = 7, .note = SV("first")
	};
	int64_t now = -1;

	EQ(directory_edition_now(d, &now), -ENOENT, "nothing published");
	EQ(now, -1, "output untouched");
	EQ(directory_edition_put(d, &e), 0, "publish");
	e.number = 2;
	EQ(directory_edition_put(d, &e), 0, "publish");
	EQ(directory_edition_now(d, &now), 0, "which one?");
	EQ(now, 2, "the last");
	e.number = 1;
	EQ(directory_edition_put(d, &e), 0, "publish the older again");
	directory_close(&d);
	d = open_in(&f);
	EQ(directory_edition_now(d, &now), 0, "which one?");
	EQ(now, 1, "the older");
	directory_close(&d);
	folder_done(&f);
}

static void
test_uuid(void)
{
	char a[UUID_SIZE], b[UUID_SIZE];

	/* fixed for ever: exports of two machines must agree */
	uuid_of("organization", SV("emergency-ru-112"), 0, a);
	OK(strcmp(a, "772d7ebc-29f2-8380-82e7-00e51823bcd3") == 0,
	    "the id of a known listing");
	uuid_of("service", SV("emergency-ru-112"), 0, b);
	OK(strcmp(a, b) != 0, "another kind");
	uuid_of("organization", SV("emergency-ru-112"), 1, b);
	OK(strcmp(a, b) != 0, "another number");
	uuid_of("organization", SV("emergency-ru-113"), 0, b);
	OK(strcmp(a, b) != 0, "another name");
	EQ(strlen(a), 36, "its length");
	OK(a[14] == '8' && strchr("89ab", a[19]) != NULL,
	    "version and variant");
}

/* The seed, row by row: what went in comes out. */
struct seed {
	struct orgs *orgs;
	size_t at, different;
};

static bool
on_seed(void *arg, const struct directory_row *row)
{
	struct seed *s = arg;
	struct directory_row got = *row, want;
	const char *diff;

	ASSERT(s->at < orgs_count(s->orgs));
	want = orgs_at(s->orgs, s->at++)->row;
	diff = difference(&got, &want);
	if (diff != NULL) {
		s->different++;
		printf("# " SV_FMT ": %s\n", SV_ARG(want.id), diff);
	}
	return true;
}

static void
test_seed(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct orgs_source source = { .path = "content/orgs" };
	struct topics *topics = NULL;
	struct places *places = NULL;
	struct seed s = { 0 };
	struct diag diag = { 0 };
	size_t i, added = 0, same = 0;

	ASSERT(topics_load("content/topics.csv", &topics, &diag) == 0);
	ASSERT(places_load("content/gazetteer.csv", &places, &diag) == 0);
	source.topics = topics;
	source.places = places;
	ASSERT(orgs_load(&source, &s.orgs, &diag) == 0);
	EQ(directory_begin(d), 0, "begin");
	for (i = 0; i < orgs_count(s.orgs); i++)
		added += put(d, &orgs_at(s.orgs, i)->row) == DIRECTORY_ADDED;
	for (i = 0; i < orgs_count(s.orgs); i++)
		same += put(d, &orgs_at(s.orgs, i)->row) == DIRECTORY_SAME;
	EQ(directory_commit(d), 0, "commit");
	EQ(added, orgs_count(s.orgs), "the whole seed is added");
	EQ(same, added, "and the same a second time");
	EQ(directory_each(d, on_seed, &s), 0, "read it again");
	EQ(s.at, added, "every row");
	EQ(s.different, 0, "unchanged");
	orgs_free(&s.orgs);
	places_free(&places);
	topics_free(&topics);
	directory_close(&d);
	folder_done(&f);
}

int
main(void)
{
	test_round_trip();
	test_change();
	test_tables();
	test_verify();
	test_ahead();
	test_bad();
	test_rounds();
	test_editions();
	test_uuid();
	test_seed();
	return tap_done();
}
