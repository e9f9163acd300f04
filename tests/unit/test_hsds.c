/* test_hsds.c - packages as others write them, what is wrong with them, what
 * becomes of them. */
#include <jansson.h>
#include <sqlite3.h>

#include "content/catalog.h"
#include "tests/unit/hsds_kit.h"

#define ORG "id,name,description\no1,Aid,Helps\n"
#define SERVICE                                                                \
	"id,organization_id,name,status\n"                                     \
	"11111111-2222-4333-8444-555555555555,o1,Aid,active\n"
#define ID "11111111-2222-4333-8444-555555555555"

struct file {
	const char *name, *text;
};

/* A folder with these files, read. */
static struct hsds_import *
read_files(struct kit *k, struct directory *dir, const struct file *files)
{
	char name[32], path[64];
	struct hsds_source source = kit_source(k, dir, "", SV(""));
	struct hsds_import *import = NULL;
	struct diag d = { "" };
	char whole[600];

	(void)snprintf(name, sizeof(name), "in%u", k->made++);
	tmp_mkdir(&k->tmp, name);
	for (; files->name != NULL; files++) {
		(void)snprintf(path, sizeof(path), "%s/%s", name, files->name);
		tmp_puts(&k->tmp, path, files->text);
	}
	(void)snprintf(whole, sizeof(whole), "%s/%s", k->tmp.path, name);
	source.path = whole;
	if (hsds_import_read(&source, &import, &d) < 0)
		printf("# %s\n", d.text);
	return import;
}

/* What is wrong is told with file, row, field and a word. */
static void
test_problems(struct kit *k, struct directory *dir)
{
	static const struct {
		const char *name;
		struct file files[4];
		const char *file;
		unsigned line;
		const char *field, *code;
	} cases[] = {
		{ "no organization",
		    { { "organizations.csv", "id,name\n" },
			{ "services.csv", SERVICE } },
		    "services.csv", 2, "organization_id", "broken_reference" },
		{ "no name",
		    { { "organizations.csv", "id,name\no1,\n" },
			{ "services.csv", SERVICE } },
		    "organizations.csv", 2, "name", "missing" },
		{ "an id twice",
		    { { "organizations.csv", ORG "o1,Other,\n" },
			{ "services.csv", SERVICE } },
		    "organizations.csv", 3, "id", "id_twice" },
		{ "a status that is none",
		    { { "organizations.csv", ORG },
			{ "services.csv", "id,organization_id,name,status\n"
					  "s,o1,A,open\n" } },
		    "services.csv", 2, "status", "not_in_list" },
		{ "a number that is none",
		    { { "organizations.csv", ORG }, { "services.csv", SERVICE },
			{ "locations.csv",
			    "id,location_type,latitude\nl,physical,north\n" } },
		    "locations.csv", 2, "latitude", "not_a_number" },
		{ "a day that is none",
		    { { "organizations.csv", ORG },
			{ "services.csv",
			    "id,organization_id,name,status,assured_date\n"
			    "s,o1,A,active,yesterday\n" } },
		    "services.csv", 2, "assured_date", "not_a_date" },
		{ "a quote too few",
		    { { "organizations.csv", ORG "o2,\"B,\n" },
			{ "services.csv", SERVICE } },
		    "organizations.csv", 3, "", "bad_quotes" },
		{ "no column id",
		    { { "organizations.csv", "name\nAid\n" },
			{ "services.csv", SERVICE } },
		    "organizations.csv", 1, "", "no_id_column" },
		{ "a separator too many",
		    { { "organizations.csv", ORG "o2,B,c,d\n" },
			{ "services.csv", SERVICE } },
		    "organizations.csv", 3, "", "too_many_fields" },
		{ "an encoding nobody knows",
		    { { "organizations.csv", "id,name\no1,\xd0\xff\n" },
			{ "services.csv", SERVICE } },
		    "organizations.csv", 0, "", "wrong_encoding" },
	};
	size_t i, j, p;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(hsds_import_free)
		struct hsds_import *import = read_files(k, dir, cases[i].files);
		bool told = false;

		for (j = 0; import != NULL && j < hsds_import_count(import);
		     j++) {
			const struct hsds_import_row *row =
			    hsds_import_at(import, j);

			for (p = 0; p < row->problem_count; p++)
				told = told ||
				       (strcmp(row->file, cases[i].file) == 0 &&
					   row->line == cases[i].line &&
					   strcmp(row->problems[p].field,
					       cases[i].field) == 0 &&
					   strcmp(row->problems[p].code,
					       cases[i].code) == 0);
		}
		OK(told, cases[i].name);
		if (!told && import != NULL)
			kit_tell(import);
	}
}

/* However it is written, it is the same listing. */
static void
test_forms(struct kit *k)
{
	static const struct {
		const char *name;
		struct file files[3];
	} cases[] = {
		{ "as it should be", { { "organizations.csv", ORG },
					 { "services.csv", SERVICE } } },
		{ "a mark, CRLF, semicolons, columns of others",
		    { { "organizations.csv",
			  "\xef\xbb\xbfID;Name;description;colour\r\n"
			  "o1;Aid;Helps;red\r\n;;;\r\n" },
			{ "services.csv", SERVICE } } },
		{ "tabs, other order, names in the singular",
		    { { "organization.csv",
			  "name\tid\tdescription\nAid\to1\tHelps\n" },
			{ "service.csv", SERVICE } } },
		{ "old ends of lines",
		    { { "organizations.csv",
			  "id,name,description\ro1,Aid,Helps\r" },
			{ "services.csv", SERVICE } } },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct directory *dir = kit_directory(k);
		struct hsds_import *import = read_files(k, dir, cases[i].files);
		const struct hsds_import_row *row;

		ASSERT(import != NULL);
		kit_tell(import);
		EQ(hsds_import_total(import, HSDS_ADD), 1, cases[i].name);
		row = hsds_import_at(import, 0);
		OK(sv_eq(row->id, SV(ID)) && sv_eq(row->name, SV("Aid")),
		    "is told by its id and its name");
		hsds_import_free(&import);
		directory_close(&dir);
	}
}

/* --- what becomes of it --- */

struct found {
	char text[DIRECTORY_FIELDS][64];
	bool there;
};

static void
on_found(void *arg, const struct directory_row *row, int64_t version)
{
	struct found *f = arg;
	size_t i;

	(void)version;
	f->there = true;
	for (i = 0; i < DIRECTORY_FIELDS; i++)
		(void)snprintf(f->text[i], sizeof(f->text[i]), SV_FMT,
		    SV_ARG(directory_field(row, i)));
}

static struct found
find(struct directory *dir, const char *id)
{
	struct found f = { .there = false };

	(void)!directory_get(dir, sv_of(id), on_found, &f);
	return f;
}

static void
put_json(struct kit *k, struct directory *dir, const char *text)
{
	struct hsds_import *import = kit_read(k, dir, "x.json", sv_of(text));

	kit_tell(import);
	EQ(hsds_import_total(import, HSDS_BAD), 0, "nothing is wrong");
	kit_apply(import, dir);
	hsds_import_free(&import);
}

/* One who knows nothing of us: names are understood, the rest is kept back. */
static void
test_foreign(struct kit *k)
{
	struct directory *dir = kit_directory(k);
	struct found f;

	put_json(k, dir,
	    "{\"contents\":[{\"id\":\"S-1\",\"name\":\"Advice\",\"status\":"
	    "\"active\",\"organization\":{\"id\":\"o\",\"name\":\"Aid\","
	    "\"description\":\"\"},\"phones\":[{\"id\":\"p\",\"number\":"
	    "\"+996 555 123 456\"},{\"id\":\"q\",\"number\":\"ask Anna\"}],"
	    "\"schedules\":[{\"id\":\"c\",\"freq\":\"WEEKLY\",\"byday\":"
	    "\"MO,TU\",\"opens_at\":\"09:00+06:00\",\"closes_at\":"
	    "\"18:00+06:00\"}],\"service_at_locations\":[{\"id\":\"a\","
	    "\"location\":{\"id\":\"l\",\"location_type\":\"physical\","
	    "\"addresses\":[{\"id\":\"d\",\"address_1\":\"1 Street\",\"city\":"
	    "\"Osh\",\"state_province\":\"\",\"postal_code\":\"\",\"country\":"
	    "\"KG\",\"address_type\":\"physical\"}]}}],\"attributes\":[{"
	    "\"id\":\"t\",\"taxonomy_term\":{\"id\":\"u\",\"name\":\"Legal "
	    "Aid\",\"description\":\"\"}},{\"id\":\"v\",\"taxonomy_term\":{"
	    "\"id\":\"w\",\"name\":\"Chess\",\"description\":\"\"}}]}]}");
	f = find(dir, "s-1");
	OK(f.there, "a service is a listing");
#define IS(field, want)                                                        \
	OK(strcmp(f.text[DIRECTORY_FIELD_##field], want) == 0, want)
	IS(name_en, "Aid: Advice");
	IS(topics, "legal");
	IS(places, "kg-osh");
	IS(country, "kg");
	IS(phone_e164, "+996555123456");
	IS(phone_as_printed, "ask Anna");
	IS(hours, "Mon, Tue 09:00-18:00");
	IS(address, "1 Street, Osh");
	IS(listing, "callers-after-check");
	OK(strstr(f.text[DIRECTORY_FIELD_notes], "Chess") != NULL,
	    "terms nobody knows are noted");

	put_json(k, dir,
	    "[{\"id\":\"s-2\",\"name\":\"Chess\",\"status\":\"active\","
	    "\"organization_id\":\"o\",\"organization\":{\"id\":\"o\","
	    "\"name\":\"Aid\",\"description\":\"\"}}]");
	f = find(dir, "s-2");
	IS(listing, "operators");
	OK(find(dir, "s-1").there, "who is not named stays");

	put_json(k, dir,
	    "{\"id\":\"s-1\",\"name\":\"Advice\",\"status\":\"inactive\","
	    "\"organization\":{\"id\":\"o\",\"name\":\"Aid\",\"description\":"
	    "\"\"}}");
	f = find(dir, "s-1");
	IS(status, "inactive");
	IS(topics, "legal");
	IS(phone_e164, "+996555123456");
#undef IS
	directory_close(&dir);
}

/* Every column of ours is in the table, or an export would lose it. */
static void
test_columns(struct kit *k)
{
	struct directory *dir = kit_directory(k);
	sqlite3 *sq = NULL;
	sqlite3_stmt *st = NULL;
	char path[600], sql[96];
	size_t i;
	int c;

	(void)snprintf(path, sizeof(path), "%s/dir%u/directory.db", k->tmp.path,
	    k->made - 1);
	directory_close(&dir);
	ASSERT(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READWRITE, NULL) ==
	       SQLITE_OK);
	for (i = 0; i < HSDS_TABLES; i++) {
		const struct hsds_def *def = hsds_def((enum hsds_table)i);
		bool all = true;

		ASSERT(def->count <= HSDS_COLUMNS_MAX);
		(void)snprintf(sql, sizeof(sql), "SELECT * FROM %s", def->name);
		if (sqlite3_prepare_v2(sq, sql, -1, &st, NULL) != SQLITE_OK)
			continue; /* a table that we do not hold */
		for (c = 0; c < sqlite3_column_count(st); c++)
			if (hsds_column_of((enum hsds_table)i,
				sv_of(sqlite3_column_name(st, c))) < 0) {
				printf("# %s.%s\n", def->name,
				    sqlite3_column_name(st, c));
				all = false;
			}
		OK(all, def->file);
		(void)sqlite3_finalize(st);
	}
	(void)sqlite3_close(sq);
}

/* --- the public API's pages --- */

static bool
says(struct sv v, const char *text)
{
	return memmem(v.p, v.n, text, strlen(text)) != NULL;
}

static void
test_catalog(struct kit *k)
{
	static const char lines[] =
	    "{\"id\":\"a\",\"name\":\"Приёмная\",\"status\":\"active\","
	    "\"organization_id\":\"o\",\"last_modified\":\"2026-02-01\","
	    "\"organization\":{\"id\":\"o\",\"name\":\"Aid\",\"description\":"
	    "\"\"},\"attributes\":[{\"id\":\"x\",\"taxonomy_term\":{\"id\":"
	    "\"t\",\"name\":\"legal\",\"description\":\"\",\"taxonomy_id\":"
	    "\"y\",\"taxonomy_detail\":{\"id\":\"y\",\"name\":\"topics\","
	    "\"description\":\"\"}}}]}\n"
	    "{\"id\":\"b\",\"name\":\"Other\",\"status\":\"active\","
	    "\"last_modified\":\"2026-03-01\\\",\\\"x\"}\n";
	static const struct {
		const char *name;
		struct catalog_query q;
		int rc;
		const char *has, *has_not;
	} cases[] = {
		{ "all", { .page = 1 }, 0, "\"total_items\":2", "\"phones\"" },
		{ "the second page", { .page = 2, .per_page = 1 }, 0,
		    "\"id\":\"b\"", "\"id\":\"a\"" },
		{ "behind the last", { .page = 9 }, 0, "\"empty\":true",
		    "\"id\"" },
		{ "no page", { .page = 0 }, -EINVAL, "", NULL },
		{ "by a word, folded", { .page = 1, .search = { "ПРИЁМ", 10 } },
		    0, "\"id\":\"a\"", "\"id\":\"b\"" },
		{ "by term", { .page = 1, .taxonomy_term_id = { "t", 1 } }, 0,
		    "\"total_items\":1", "\"id\":\"b\"" },
		{ "by organization",
		    { .page = 1, .organization_id = { "none", 4 } }, 0,
		    "\"total_items\":0", "\"id\"" },
		{ "changed later",
		    { .page = 1, .modified_after = { "2026-02-15", 10 } }, 0,
		    "\"id\":\"b\"", "\"id\":\"a\"" },
		{ "minimal", { .page = 1, .minimal = true }, 0,
		    "{\"id\":\"a\",\"last_modified\":\"2026-02-01\"}",
		    "\"name\"" },
		{ "what others wrote",
		    { .page = 2, .per_page = 1, .minimal = true }, 0,
		    "\"last_modified\":\"2026-03-01\\\",\\\"x\"}", NULL },
		{ "full", { .page = 1, .full = true }, 0, "taxonomy_detail",
		    NULL },
		{ "lines", { .page = 1, .lines = true }, 0, "}\n{",
		    "contents" },
		{ "terms", { .list = CATALOG_TAXONOMY_TERMS, .page = 1 }, 0,
		    "\"legal\"", "\"a\"" },
	};
	struct catalog *c = NULL;
	struct diag d = { "" };
	struct sv text, again;
	size_t i;

	tmp_puts(&k->tmp, "lines", lines);
	EQ(catalog_load(tmp_path(&k->tmp, "lines"), &c, &d), 0, "lines");
	ASSERT(c != NULL);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		EQ(catalog_page(c, &cases[i].q, &text), cases[i].rc,
		    cases[i].name);
		if (cases[i].rc < 0)
			continue;
		OK(says(text, cases[i].has), "has what it should");
		OK(cases[i].has_not == NULL || !says(text, cases[i].has_not),
		    "and no more");
		EQ(catalog_page(c, &cases[i].q, &again), 0, "once more");
		OK(text.p == again.p, "is the same, kept");
	}
	EQ(catalog_one(c, CATALOG_ORGANIZATIONS, SV("o"), &text), 0, "one");
	OK(says(text, "\"services\":[{\"id\":\"a\""), "with its services");
	EQ(catalog_one(c, CATALOG_SERVICES, SV("c"), &text), -ENOENT, "none");
	catalog_free(&c);
	tmp_puts(&k->tmp, "lines", "{}\n");
	EQ(catalog_load(tmp_path(&k->tmp, "lines"), &c, &d), -EINVAL,
	    "what is no service is refused");
}

/* What is wrong is told whole, also where it names what was cut: half a
 * character would be no JSON, and the row bad without a word. */
static void
test_cut(struct kit *k, struct directory *dir)
{
	char service[400], id[] = "жжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжжж";
	const struct file files[] = { { "organizations.csv", ORG },
		{ "services.csv", service }, { NULL, NULL } };
	json_t *errors, *one;
	size_t odd, i;

	for (odd = 0; odd < 2; odd++) {
		CLEANUP(hsds_import_free) struct hsds_import *import = NULL;
		json_t *all, *row;

		(void)snprintf(service, sizeof(service),
		    "id,organization_id,name,status\n%s%s,%s%s,A,active\n",
		    odd > 0 ? "x" : "", id, odd > 0 ? "x" : "", id);
		import = read_files(k, dir, files);
		all = hsds_import_json(import, 10);
		row = json_array_get(json_object_get(all, "rows"), 0);
		OK(json_is_object(row), "a row with a long id is told");
		errors = json_object_get(row, "errors");
		OK(json_array_size(errors) > 0, "with what is wrong");
		json_array_foreach(errors, i, one)
		{
			OK(json_is_object(one), "in words");
		}
		json_decref(all);
	}
}

/* Each row costs memory: no more of them than an edition can have. */
static void
test_rows(struct kit *k, struct directory *dir)
{
	static const char head[] = "id,name_en\n", row[] = { 'x', '\n' };
	size_t n = sizeof(head) - 1;
	size_t room = n + sizeof(row) * (CSV_ROWS_MAX + 1), i;
	char *text = malloc(room);
	struct hsds_source source;
	struct hsds_import *import = NULL;
	struct diag d = { "" };

	ASSERT(text != NULL);
	memcpy(text, head, n);
	for (i = n; i < room; i += sizeof(row))
		memcpy(text + i, row, sizeof(row));
	source = kit_source(k, dir, "rows.csv", (struct sv){ text, room });
	EQ(hsds_import_read(&source, &import, &d), -EINVAL, "too many rows");
	OK(strstr(d.text, "rows.csv: more than 20000 rows") != NULL, d.text);
	hsds_import_free(&import);
	free(text);
}

/* The kind of it is no matter of the words, which may be the file's own. */
static void
test_unreadable(struct kit *k, struct directory *dir)
{
	static const struct {
		const char *name, *bytes, *code;
		enum hsds_kind kind;
	} cases[] = {
		{ "no JSON, that speaks of zips",
		    "{\"a\": the zip has a password", "not_json", HSDS_JSON },
		{ "nothing", " \n", "empty_file", HSDS_JSON },
		{ "no text", "{\xff\xfe\x81\x98", "wrong_encoding", HSDS_JSON },
		{ "an empty sheet", "", "empty_file", HSDS_SHEET },
		{ "a sheet of something else", "zip,JSON\na,b\n", "no_columns",
		    HSDS_SHEET },
		{ "a sheet that is no text", "id,name_en\n\x81\x98\xff\n",
		    "wrong_encoding", HSDS_SHEET },
		{ "no zip", "id,name_en\n", "zip_damaged", HSDS_TABULAR },
	};
	struct hsds_import *import = NULL;
	struct diag d = { "" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct hsds_source source =
		    kit_source(k, dir, "zip.json", sv_of(cases[i].bytes));
		const char *code = "none";

		source.kind = cases[i].kind;
		source.reterr_code = &code;
		EQ(hsds_import_read(&source, &import, &d), -EINVAL,
		    cases[i].name);
		OK(strcmp(code, cases[i].code) == 0, code);
	}
}

int
main(void)
{
	struct directory *dir;
	struct kit k;

	kit_init(&k);
	dir = kit_directory(&k);
	test_problems(&k, dir);
	test_cut(&k, dir);
	test_rows(&k, dir);
	test_unreadable(&k, dir);
	directory_close(&dir);
	test_forms(&k);
	test_foreign(&k);
	test_columns(&k);
	test_catalog(&k);
	kit_done(&k);
	return tap_done();
}
