/* test_hsds_round.c - what is exported and imported again is the same bytes. */
#include "tests/unit/hsds_kit.h"

enum { LISTINGS = 150, TEXT_MAX = 400 };

static void
seed(const struct kit *k, struct directory *dir)
{
	struct diag d = { "" };
	const struct content_import i = { .path = "content/orgs",
		.topics = k->topics,
		.places = k->places,
		.dir = dir,
		.by = kit_by };

	ASSERT(content_import(&i, &d) == 0);
	ASSERT(directory_verify(dir, SV("psp-fond"), 1767323045678, SV("phone"),
		   SV("Ann")) == 0);
}

/* --- listings by chance --- */

static uint64_t state = 20261122;

static uint64_t
chance(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* Quotes, separators, ends of lines, right to left, emoji, formulas. */
static const char *const pieces[] = { "Help", " ", "\"", "\"\"", ",", "\n",
	"\r\n", "'", "=1+1", "+996", "-", "@", "\t", "Ёрӣ", "ʻ", "שלום",
	"\xe2\x80\x8f", "سلام", "😀", "👩‍⚕️", "\\", "/", "{}", "[",
	"\x01", "<script>", "%", "null", "0", "é", "e\xcc\x81",
	"\xef\xbb\xbf" };

static struct sv
text(char buf[TEXT_MAX], bool may_be_empty)
{
	size_t n = chance(8) + !may_be_empty, i;
	struct sb b;

	sb_wrap(&b, buf, TEXT_MAX);
	for (i = 0; i < n; i++)
		sb_puts(&b, pieces[chance(ARRAY_LEN(pieces))]);
	return sb_sv(&b);
}

/* Members of a list, each once. */
static struct sv
list(char buf[TEXT_MAX], const char *const *members, size_t count, bool empty)
{
	size_t i, most = empty ? chance(count + 1) : 1 + chance(count);
	size_t from = chance(count);
	struct sb b;

	sb_wrap(&b, buf, TEXT_MAX);
	for (i = 0; i < most; i++) {
		if (i > 0)
			sb_puts(&b, ";");
		sb_puts(&b, members[(from + i) % count]);
	}
	return sb_sv(&b);
}

static void
put_by_chance(struct directory *dir, size_t number)
{
	static const char *const topics[] = { "jobs", "wages", "tb", "legal" };
	static const char *const places[] = { "kg", "ru-moscow", "kz-astana" };
	static const char *const phones[] = { "+996555123456", "+77172696553",
		"+74957777777" };
	static const char *const languages[] = { "ru", "ky", "uz@cyrillic" };
	static const char *const kinds[] = { "ngo", "hotline", "clinic" };
	static const char *const whom[] = { "callers-after-check", "operators",
		"placeholder", LISTING_NEVER_EXPORTED };
	static const char *const states[] = { "", "", "inactive", "defunct" };
	static char bufs[DIRECTORY_FIELDS][TEXT_MAX];
	struct directory_row row = { 0 };
	enum directory_change change;
	char id[32];
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++)
		directory_field_set(&row, i, text(bufs[i], true));
	(void)snprintf(id, sizeof(id), "listing-%zu", number);
	row.id = sv_of(id);
	row.name_en = text(bufs[DIRECTORY_FIELD_name_en], false);
#define LIST_OF(field, members, empty)                                         \
	row.field = list(                                                      \
	    bufs[DIRECTORY_FIELD_##field], members, ARRAY_LEN(members), empty)
	LIST_OF(topics, topics, false);
	LIST_OF(places, places, false);
	LIST_OF(phone_e164, phones, true);
	LIST_OF(languages, languages, true);
#undef LIST_OF
	row.required_documents = SV("passport;bill of \"rent\"");
	row.phone_descriptions = row.phone_e164.n > 0 ? SV("day") : SV("");
	row.kind = sv_of(kinds[chance(ARRAY_LEN(kinds))]);
	row.listing = sv_of(whom[chance(ARRAY_LEN(whom))]);
	row.status = sv_of(states[chance(ARRAY_LEN(states))]);
	row.country = chance(2) ? SV("kg") : SV("");
	row.serves = chance(2) ? SV("tj") : SV("");
	row.reachable_from = chance(2) ? SV("kg;kz") : SV("any");
	row.short_code = chance(2) ? SV("00112") : SV("");
	row.email = chance(2) ? SV("a@example.org") : SV("");
	row.website = chance(2) ? SV("https://example.org/?a;b,\"c\"") : SV("");
	row.checked_ms = chance(2) ? 1767323045678 + (int64_t)number : 0;
	ASSERT(directory_put(dir, &row, &kit_by, &change) == 0);
}

/* --- and back --- */

static size_t
bad_of(const struct hsds_import *import)
{
	kit_tell(import);
	return hsds_import_total(import, HSDS_BAD);
}

/* Both forms carry all there is. */
static void
round_trip(struct kit *k, struct directory *from, enum hsds_form form,
    const char *name)
{
	struct directory *to = kit_directory(k);
	struct kit_bytes first = kit_export(from, form), again;
	struct kit_bytes zip = kit_export(from, HSDS_PACKAGE), zip_again;
	struct hsds_import *import = kit_read(k, to,
	    form == HSDS_PACKAGE ? "package.zip" : "services.ndjson",
	    kit_sv(first));

	EQ(bad_of(import), 0, "nothing is wrong with an export");
	kit_apply(import, to);
	hsds_import_free(&import);
	again = kit_export(to, form);
	OK(kit_eq(first, again), name);
	zip_again = kit_export(to, HSDS_PACKAGE);
	OK(kit_eq(zip, zip_again), "and all tables are the same");

	import = kit_read(k, to,
	    form == HSDS_PACKAGE ? "package.zip" : "services.ndjson",
	    kit_sv(first));
	EQ(hsds_import_total(import, HSDS_SAME), hsds_import_count(import),
	    "a second time changes nothing");
	hsds_import_free(&import);
	free(first.p);
	free(again.p);
	free(zip.p);
	free(zip_again.p);
	directory_close(&to);
}

static struct kit_bytes
file_bytes(const char *path)
{
	FILE *f = fopen(path, "r");
	char *p = malloc(8 << 20);
	size_t n;

	ASSERT(f != NULL && p != NULL);
	n = fread(p, 1, 8 << 20, f);
	(void)fclose(f);
	return (struct kit_bytes){ p, n };
}

/* The sheet has active listings alone. */
static void
round_trip_sheet(struct kit *k, struct directory *from, const char *name)
{
	struct directory *to = kit_directory(k);
	struct diag d = { "" };
	struct hsds_import *import;
	struct kit_bytes first, again;
	char path[2][600];

	(void)snprintf(path[0], sizeof(path[0]), "%s/a.csv", k->tmp.path);
	(void)snprintf(path[1], sizeof(path[1]), "%s/b.csv", k->tmp.path);
	EQ(content_export(from, path[0], NULL, &d), 0, "a sheet");
	first = file_bytes(path[0]);
	import = kit_read(k, to, "listings.csv", kit_sv(first));
	EQ(bad_of(import), 0, "nothing is wrong with it");
	kit_apply(import, to);
	hsds_import_free(&import);
	EQ(content_export(to, path[1], NULL, &d), 0, "a sheet again");
	again = file_bytes(path[1]);
	OK(kit_eq(first, again), name);
	free(first.p);
	free(again.p);
	directory_close(&to);
}

/* A folder has the same files as the zip. */
static void
test_folder(struct kit *k, struct directory *from)
{
	struct directory *to = kit_directory(k);
	struct diag d = { "" };
	char path[600];
	struct hsds_source source = kit_source(k, to, "", SV(""));
	struct hsds_import *import = NULL;
	int64_t count = 0;
	struct kit_bytes a, b;

	(void)snprintf(path, sizeof(path), "%s/package", k->tmp.path);
	EQ(hsds_export(from, HSDS_PACKAGE, path, &count, &d), 0, "a folder");
	EQ(count, 176, "of all listings");
	source.path = path;
	EQ(hsds_import_read(&source, &import, &d), 0, d.text);
	if (import != NULL)
		kit_apply(import, to);
	hsds_import_free(&import);
	a = kit_export(from, HSDS_PACKAGE);
	b = kit_export(to, HSDS_PACKAGE);
	OK(kit_eq(a, b), "comes back from a folder");
	free(a.p);
	free(b.p);
	directory_close(&to);
}

static void
test_never(struct kit *k)
{
	struct directory *dir = kit_directory(k);
	struct directory_row row = { .id = SV("hidden-house"),
		.name_en = SV("Hidden House"),
		.country = SV("kg"),
		.places = SV("kg"),
		.topics = SV("shelter"),
		.kind = SV("ngo"),
		.phone_e164 = SV("+996555123456"),
		.address = SV("1 Hidden Street"),
		.listing = SV(LISTING_NEVER_EXPORTED) };
	enum directory_change change;
	struct diag d = { "" };
	char path[600];
	struct kit_bytes bytes[3];
	size_t i;

	ASSERT(directory_put(dir, &row, &kit_by, &change) == 0);
	row.id = SV("open-house");
	row.name_en = SV("Open House");
	row.listing = SV("callers-after-check");
	row.address = SV("2 Open Street");
	ASSERT(directory_put(dir, &row, &kit_by, &change) == 0);
	(void)snprintf(path, sizeof(path), "%s/public", k->tmp.path);
	EQ(hsds_export_public(dir, path, &d), 0, "what the public may read");
	bytes[0] = file_bytes(path);
	bytes[1] = kit_export(dir, HSDS_NDJSON);
	EQ(content_export(dir, path, NULL, &d), 0, "a sheet");
	bytes[2] = file_bytes(path);
	for (i = 0; i < 3; i++) {
		OK(memmem(bytes[i].p, bytes[i].n, "Hidden", 6) == NULL,
		    "what is never exported is in none");
		OK(memmem(bytes[i].p, bytes[i].n, "Open Street", 11) != NULL,
		    "what may be is");
		free(bytes[i].p);
	}
	directory_close(&dir);
}

/* One problem with that field, by the same words whatever it came in. */
static void
ahead_read(struct kit *k, struct directory *dir, const char *file,
    struct sv bytes, const char *field, const char *name)
{
	CLEANUP(hsds_import_free)
	struct hsds_import *import = kit_read(k, dir, file, bytes);
	size_t i, problems = 0;
	char want[64];

	(void)snprintf(want, sizeof(want), "%s is 2062-01-02, a day", field);
	for (i = 0; i < hsds_import_count(import); i++) {
		const struct hsds_import_row *row = hsds_import_at(import, i);

		problems += row->problem_count == 1 &&
			    strcmp(row->problems->field, field) == 0 &&
			    strcmp(row->problems->code, "day_ahead") == 0 &&
			    strstr(row->problems->text, want) != NULL;
	}
	EQ(problems, 1, name);
	EQ(hsds_import_total(import, HSDS_BAD), 1, "and no other row is bad");
}

/* The day of the check mistyped. */
static void
test_ahead(struct kit *k, struct directory *dir)
{
	static const char sheet[] =
	    "id,name_en,country,places,topics,kind,listing,email,checked\n"
	    "c,C,kg,kg,jobs,ngo,callers-after-check,b@c,2062-01-02\n";
	struct kit_bytes b = kit_export(dir, HSDS_NDJSON);
	char *at = memmem(b.p, b.n, "2026-01-02T", 11);

	ASSERT(at != NULL);
	for (; at != NULL; at = memmem(b.p, b.n, "2026-01-02T", 11)) {
		at[2] = '6';
		at[3] = '2';
	}
	ahead_read(k, dir, "services.ndjson", kit_sv(b), "x_checked",
	    "a line of JSON is refused");
	free(b.p);
	ahead_read(
	    k, dir, "listings.csv", sv_of(sheet), "checked", "so is a sheet");
}

int
main(void)
{
	struct kit k;
	struct directory *dir;
	size_t i;

	kit_init(&k);
	dir = kit_directory(&k);
	seed(&k, dir);
	round_trip(&k, dir, HSDS_PACKAGE, "the seed as a package");
	round_trip(&k, dir, HSDS_NDJSON, "the seed as lines of JSON");
	round_trip_sheet(&k, dir, "the seed as a sheet");
	test_folder(&k, dir);
	test_ahead(&k, dir);
	directory_close(&dir);

	dir = kit_directory(&k);
	ASSERT(directory_begin(dir) == 0);
	for (i = 0; i < LISTINGS; i++)
		put_by_chance(dir, i);
	ASSERT(directory_commit(dir) == 0);
	round_trip(&k, dir, HSDS_PACKAGE, "any texts as a package");
	round_trip(&k, dir, HSDS_NDJSON, "any texts as lines of JSON");
	round_trip_sheet(&k, dir, "any texts as a sheet");
	directory_close(&dir);
	test_never(&k);
	kit_done(&k);
	return tap_done();
}
