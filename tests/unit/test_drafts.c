/* test_drafts.c - drafts, second persons, history and search of listings. */
#include "db/drafts.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "db/directory_find.h"
#include "db/directory_json.h"
#include "tests/folder.h"
#include "tests/tap.h"

enum { MOST = 16, DAY_MS = 24 * 60 * 60 * 1000 };

static const struct draft_by ann = { { "ann", 3 }, 1, 1000 };
static const struct draft_by bob = { { "bob", 3 }, 2, 2000 };
static const struct directory_by by = { { "ann", 3 }, { "import", 6 }, 500 };

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

/* The numbers are reserved for fiction. */
static struct directory_row
row_of(const char *id, const char *name)
{
	return (struct directory_row){ .id = sv_of(id),
		.name_en = sv_of(name),
		.country = SV("kg"),
		.places = SV("kg-osh"),
		.topics = SV("wages;legal"),
		.kind = SV("ngo"),
		.listing = SV("callers-after-check"),
		.languages = SV("ky;ru"),
		.phone_e164 = SV("+12025550123") };
}

static void
put(struct directory *d, const struct directory_row *row)
{
	enum directory_change change;

	ASSERT(directory_put(d, row, &by, &change) == 0);
}

static int
save(struct directory *d, const struct directory_row *row, int64_t version,
    int64_t base)
{
	const struct draft_save s = { row, version, base };
	int64_t now = 0;
	int rc = draft_put(d, &s, &ann, &now);

	return rc < 0 ? rc : (int)now;
}

struct got {
	int64_t version;
	char name[128];
};

static void
on_get(void *arg, const struct directory_row *row, int64_t version)
{
	struct got *g = arg;

	g->version = version;
	(void)snprintf(g->name, sizeof(g->name), SV_FMT, SV_ARG(row->name_en));
}

static struct got
get(struct directory *d, const char *id)
{
	struct got g = { .version = -1 };

	(void)!directory_get(d, sv_of(id), on_get, &g);
	return g;
}

struct found {
	size_t count;
	char ids[MOST][64], draft[MOST][16], status[MOST][16];
};

static void
on_found(void *arg, const struct directory_found *row)
{
	struct found *f = arg;

	ASSERT(f->count < MOST);
	(void)snprintf(
	    f->ids[f->count], sizeof(f->ids[0]), SV_FMT, SV_ARG(row->id));
	(void)snprintf(f->draft[f->count], sizeof(f->draft[0]), SV_FMT,
	    SV_ARG(row->draft));
	(void)snprintf(f->status[f->count++], sizeof(f->status[0]), SV_FMT,
	    SV_ARG(row->status));
}

static int64_t
look(struct directory *d, struct directory_find find, struct found *f)
{
	int64_t total = -1;

	*f = (struct found){ .count = 0 };
	if (find.most == 0)
		find.most = MOST;
	ASSERT(directory_find(d, &find, on_found, f, &total) == 0);
	return total;
}

static int64_t
words(struct directory *d, const char *text, struct found *f)
{
	return look(d, (struct directory_find){ .text = sv_of(text) }, f);
}

static void
test_path(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("one", "One"), other = row;
	struct draft *draft = NULL;

	put(d, &row);
	other.name_en = SV("Another");
	EQ(save(d, &other, 0, 1), 1, "a draft of what is there");
	OK(strcmp(get(d, "one").name, "One") == 0, "changes nothing");
	EQ(draft_approve(d, row.id, &bob, true), -EAGAIN, "not submitted");
	EQ(draft_submit(d, row.id, &ann), 0, "submitted");
	EQ(draft_submit(d, row.id, &ann), -EALREADY, "once");
	EQ(draft_approve(d, row.id, &ann, true), -EPERM,
	    "not by who submitted it");
	EQ(draft_back(d, row.id, SV("call them first")), 0, "sent back");
	ASSERT(draft_get(d, row.id, &draft) == 0);
	OK(strcmp(draft->why, "call them first") == 0 && !draft->submitted,
	    "with a reason");
	draft_free(&draft);
	EQ(draft_approve(d, row.id, &bob, true), -EAGAIN, "not now");
	EQ(draft_submit(d, row.id, &ann), 0, "again");
	EQ(draft_approve(d, row.id, &bob, true), 0, "by another person");
	OK(strcmp(get(d, "one").name, "Another") == 0, "changes it");
	EQ(get(d, "one").version, 2, "to the next version");
	EQ(draft_get(d, row.id, &draft), -ENOENT, "and ends the draft");
	EQ(draft_drop(d, row.id), -ENOENT, "none to drop");
	directory_close(&d);
	folder_done(&f);
}

static void
test_alone(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("one", "One"), other = row;

	put(d, &row);
	other.name_en = SV("Another");
	EQ(save(d, &other, 0, 1), 1, "saved");
	EQ(draft_approve(d, row.id, &ann, false), 0,
	    "one person, where the settings say so");
	EQ(get(d, "one").version, 2, "changed");
	directory_close(&d);
	folder_done(&f);
}

/* Two people at once: nobody overwrites what they have not seen. */
static void
test_conflict(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("one", "One"), a = row, b = row;

	put(d, &row);
	a.name_en = SV("Ann's");
	b.name_en = SV("Bob's");
	EQ(save(d, &a, 0, 1), 1, "the first one saves");
	EQ(save(d, &b, 0, 1), -ESTALE, "the second did not see it");
	EQ(save(d, &b, 1, 1), 2, "now has");
	EQ(save(d, &a, 1, 1), -ESTALE, "and the first has to look");
	row.notes = SV("imported meanwhile");
	put(d, &row);
	EQ(save(d, &b, 2, 1), -ESTALE, "the listing is another one");
	EQ(draft_submit(d, row.id, &ann), 0, "submitted all the same");
	EQ(draft_approve(d, row.id, &bob, true), -ESTALE, "but not approved");
	OK(strcmp(get(d, "one").name, "One") == 0, "nothing is overwritten");
	EQ(save(d, &b, 2, 2), 3, "seen, saved");
	EQ(draft_submit(d, row.id, &ann), 0, "submitted");
	EQ(draft_approve(d, row.id, &bob, true), 0, "approved");
	EQ(save(d, &a, 0, 2), -ESTALE, "of the version before");
	directory_close(&d);
	folder_done(&f);
}

static void
test_new(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("fresh", "Fresh start");
	struct found found;

	EQ(save(d, &row, 0, 0), 1, "a new listing");
	EQ(get(d, "fresh").version, -1, "is not in the directory");
	EQ(words(d, "start", &found), 1, "but is found");
	OK(strcmp(found.status[0], "new") == 0 &&
		strcmp(found.draft[0], "draft") == 0,
	    "as a new one");
	EQ(draft_drop(d, row.id), 0, "dropped");
	EQ(words(d, "start", &found), 0, "not found any more");
	EQ(save(d, &row, 0, 0), 1, "once more");
	EQ(draft_submit(d, row.id, &ann), 0, "submitted");
	EQ(draft_approve(d, row.id, &bob, true), 0, "approved");
	EQ(get(d, "fresh").version, 1, "is there");
	EQ(words(d, "start", &found), 1, "found");
	OK(strcmp(found.status[0], "active") == 0 && found.draft[0][0] == '\0',
	    "as an active one");
	row.name_en = SV("");
	EQ(save(d, &row, 0, 1), 1, "a draft may have no name yet");
	EQ(draft_approve(d, row.id, &bob, false), -EINVAL, "a listing not");
	ASSERT(draft_drop(d, row.id) == 0);
	row.name_en = SV("\xff");
	EQ(save(d, &row, 0, 1), -EINVAL, "no text");
	directory_close(&d);
	folder_done(&f);
}

struct past {
	size_t count;
	struct {
		int64_t version, at_ms;
		char who[16], action[16], before[512], after[512];
	} rows[MOST];
};

static bool
on_past(void *arg, const struct directory_history *row)
{
	struct past *p = arg;
	size_t i = p->count++;

	ASSERT(i < MOST);
	p->rows[i].version = row->version;
	p->rows[i].at_ms = row->at_ms;
	(void)snprintf(p->rows[i].who, 16, SV_FMT, SV_ARG(row->who));
	(void)snprintf(p->rows[i].action, 16, SV_FMT, SV_ARG(row->action));
	(void)snprintf(p->rows[i].before, 512, SV_FMT, SV_ARG(row->before));
	(void)snprintf(p->rows[i].after, 512, SV_FMT, SV_ARG(row->after));
	return true;
}

static bool
says(const char *json, const char *field, const char *want)
{
	struct directory_row row;
	json_t *owner = NULL;
	bool same = false;
	size_t i;

	ASSERT(directory_row_parse(sv_of(json), &owner, &row) == 0);
	for (i = 0; i < DIRECTORY_FIELDS; i++)
		if (strcmp(directory_fields[i].name, field) == 0)
			same = sv_eq(directory_field(&row, i), sv_of(want));
	json_decref(owner);
	return same;
}

static void
test_history(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("one", "One"), other = row;
	static struct past p;
	int64_t change = 0, listings = 0;
	char *text = NULL;

	put(d, &row);
	put(d, &row); /* the same: no change */
	ASSERT(directory_verify(d, row.id, 700, SV("phone"), SV("eve")) == 0);
	ASSERT(directory_change_now(d, &change) == 0);
	EQ(change, 2, "two changes");
	other.name_en = SV("<script>alert(1)</script>");
	ASSERT(save(d, &other, 0, 1) == 1);
	ASSERT(draft_approve(d, row.id, &bob, false) == 0);
	p.count = 0;
	ASSERT(directory_history_each(d, row.id, MOST, on_past, &p) == 0);
	EQ(p.count, 3, "three in all, newest first");
	OK(strcmp(p.rows[2].action, "import") == 0 &&
		p.rows[2].before[0] == '\0' && p.rows[2].at_ms == 500,
	    "imported: there was nothing before");
	OK(strcmp(p.rows[1].action, "phone") == 0 &&
		strcmp(p.rows[1].who, "eve") == 0 && p.rows[1].version == 1,
	    "checked: of the same version");
	OK(strstr(p.rows[1].before, "checked_ms") == NULL &&
		strstr(p.rows[1].after, "\"checked_ms\":700") != NULL,
	    "and when");
	OK(strcmp(p.rows[0].action, "approved") == 0 &&
		strcmp(p.rows[0].who, "bob") == 0 && p.rows[0].version == 2,
	    "approved: the next one");
	OK(says(p.rows[0].before, "name_en", "One") &&
		says(p.rows[0].after, "name_en", "<script>alert(1)</script>"),
	    "what it was, what it is");
	ASSERT(directory_history_text(d, row.id, 1, &text) == 0);
	OK(says(text, "name_en", "One"), "what it was at version 1");
	free(text);
	EQ(directory_history_text(d, row.id, 7, &text), -ENOENT,
	    "there was no version 7");
	ASSERT(directory_changed_since(d, change, &listings) == 0);
	EQ(listings, 1, "one listing is changed since");
	directory_close(&d);
	folder_done(&f);
}

static void
test_search(void)
{
	static const struct {
		const char *name, *text;
		int64_t want;
	} cases[] = {
		{ "a beginning", "migr", 2 },
		{ "capitals", "MIGRANT", 2 },
		{ "Cyrillic capitals", "ЦЕНТР", 1 },
		{ "Kyrgyz", "борб", 1 },
		{ "two words", "migrant cent", 1 },
		{ "of a description", "unpaid", 1 },
		{ "a number", "+1 (202) 555-0123", 2 },
		{ "the end of a number", "50123", 2 },
		{ "a short code", "1899", 1 },
		{ "nothing like it", "zebra", 0 },
		{ "quotes", "\"migr", 2 },
		{ "signs only", "*** \"\" ---", 3 },
		{ "what FTS5 would take for an order", "names:a OR NOT b*", 0 },
	};
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row a = row_of("a", "Migrant centre Osh"),
			     b = row_of("b", "Migrant hotline"),
			     c = row_of("c", "Embassy");
	struct found found;
	size_t i;

	a.name_ru = SV("Центр для мигрантов");
	a.name_ky = SV("Борбор");
	a.description_en = SV("Unpaid wages.");
	b.short_code = SV("1899");
	b.listing = SV("operators");
	b.checked_ms = 5 * (int64_t)DAY_MS;
	c.phone_e164 = SV("+12025550199");
	c.topics = SV("consulate");
	c.status = SV("inactive");
	put(d, &a);
	put(d, &b);
	put(d, &c);
	for (i = 0; i < ARRAY_LEN(cases); i++)
		EQ(words(d, cases[i].text, &found), cases[i].want,
		    cases[i].name);
	EQ(words(d, "migrant", &found), 2, "by name, the best first");
	EQ(look(d, (struct directory_find){ .topic = SV("legal") }, &found), 2,
	    "by topic");
	EQ(look(d, (struct directory_find){ .topic = SV("leg") }, &found), 0,
	    "whole ids");
	EQ(look(d, (struct directory_find){ .visibility = SV("operators") },
	       &found),
	    1, "by visibility");
	EQ(look(d, (struct directory_find){ .status = SV("inactive") }, &found),
	    1, "by status");
	EQ(look(d, (struct directory_find){ .checked_from_ms = 1 }, &found), 1,
	    "by age");
	EQ(look(d, (struct directory_find){ .skip = 1, .most = 1 }, &found), 3,
	    "all are counted");
	OK(found.count == 1 && strcmp(found.ids[0], "a") == 0,
	    "one page is given, by name");
	a.name_ky = SV("");
	put(d, &a);
	EQ(words(d, "борб", &found), 0, "what is gone is not found");
	directory_close(&d);
	folder_done(&f);
}

static void
exec(const struct folder *f, const char *sql)
{
	sqlite3 *sq = NULL;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/directory.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
	(void)sqlite3_close(sq);
}

/* A directory of before there were lists and a history. */
static void
test_older(void)
{
	struct folder f = folder_new();
	struct directory *d = open_in(&f);
	struct directory_row row = row_of("one", "One"), other = row;
	struct found found;
	char *text = NULL;

	put(d, &row);
	directory_close(&d);
	exec(&f, "DELETE FROM listing; DELETE FROM listing_text;"
		 "DELETE FROM history");
	d = open_in(&f);
	EQ(words(d, "one", &found), 1, "is found when it is opened");
	EQ(get(d, "one").version, 1, "at its first version");
	other.name_en = SV("Another");
	put(d, &other);
	EQ(get(d, "one").version, 2, "changed");
	ASSERT(directory_history_text(d, row.id, 1, &text) == 0);
	OK(says(text, "name_en", "One"), "what it was then is kept");
	free(text);
	directory_close(&d);
	folder_done(&f);
}

int
main(void)
{
	test_path();
	test_alone();
	test_conflict();
	test_new();
	test_history();
	test_search();
	test_older();
	return tap_done();
}
