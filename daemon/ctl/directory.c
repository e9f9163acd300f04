/* directory.c - who helps: list, show, verify; import is in its own file. */
#include "daemon/ctl/directory.h"

#include <inttypes.h>
#include <jansson.h>
#include <time.h>

#include "content/listing_row.h"
#include "daemon/base/clock.h"

enum { DAY_MAX = 16 };

int
terms_load(struct terms *ret_terms)
{
	struct terms t = { NULL, NULL };
	char share[PATH_MAX], path[PATH_MAX];
	struct diag why = { "" };
	int rc = ctl_share(share);

	if (rc != CTL_OK)
		return rc;
	ctl_path(path, share, "content/topics.csv");
	rc = topics_load(path, &t.topics, &why);
	if (rc == 0) {
		ctl_path(path, share, "content/gazetteer.csv");
		rc = places_load(path, &t.places, &why);
	}
	if (rc < 0) {
		terms_done(&t);
		return ctl_fail("%s", why.text);
	}
	*ret_terms = t;
	return CTL_OK;
}

void
terms_done(struct terms *t)
{
	places_free(&t->places);
	topics_free(&t->topics);
}

int
directory_of(const struct ctl *ctl, const char **ret_dir,
    struct directory **ret_directory)
{
	int rc = ctl_data(ctl, true, ret_dir);

	return rc == CTL_OK ? ctl_directory_open(*ret_dir, ret_directory) : rc;
}

/* --- one row --- */

static const char *
day_of(int64_t at_ms, char buf[DAY_MAX])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	if (at_ms == 0 || gmtime_r(&at, &tm) == NULL ||
	    strftime(buf, DAY_MAX, "%Y-%m-%d", &tm) == 0)
		return "never";
	return buf;
}

static json_t *
list_json(struct sv members)
{
	json_t *list = json_array();
	struct sv member;

	while (members.n > 0) {
		member = listing_list_cut(&members);
		if (member.n > 0)
			(void)json_array_append_new(
			    list, json_stringn(member.p, member.n));
	}
	return list;
}

json_t *
directory_row_json(const struct directory_row *row)
{
	json_t *all = json_object();
	char day[DAY_MAX];
	struct sv v;
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		v = directory_field(row, i);
		(void)json_object_set_new(all, directory_fields[i].name,
		    directory_fields[i].list ?
			list_json(v) :
			json_stringn(v.n > 0 ? v.p : "", v.n));
	}
	(void)json_object_set_new(all, "checked",
	    row->checked_ms == 0 ? json_null() :
				   json_string(day_of(row->checked_ms, day)));
	return all;
}

/* --- list --- */

struct listing_filter {
	const struct terms *terms;
	const char *topic, *place, *country;
	uint16_t place_index;
	bool json;
	long shown;
};

static bool
has_member(struct sv members, const char *wanted)
{
	struct sv member;

	while (members.n > 0) {
		member = listing_list_cut(&members);
		if (sv_eq(member, sv_of(wanted)))
			return true;
	}
	return false;
}

/* Helps there, or somewhere in it; without places: in its whole country. */
static bool
place_fits(const struct listing_filter *f, const struct directory_row *row)
{
	const struct places *places = f->terms->places;
	struct sv rest = row->places.n > 0 ? row->places : row->country;
	struct sv member;
	uint16_t index;

	while (rest.n > 0) {
		member = listing_list_cut(&rest);
		index = places_find(places, member);
		if (index != PLACE_NONE &&
		    (places_within(places, index, f->place_index) ||
			places_within(places, f->place_index, index)))
			return true;
	}
	return false;
}

static struct sv
contact_of(const struct directory_row *row)
{
	struct sv phones = row->phone_e164;

	if (row->short_code.n > 0)
		return row->short_code;
	if (phones.n > 0)
		return sv_cut(&phones, ';');
	if (row->email.n > 0)
		return row->email;
	return row->website.n > 0 ? row->website : SV("-");
}

static bool
on_list_row(void *arg, const struct directory_row *row)
{
	struct listing_filter *f = arg;
	char day[DAY_MAX];
	struct sv contact = contact_of(row), rest = row->listing;
	struct sv whom = sv_cut(&rest, '-'); /* "callers-after-check" */

	if ((f->topic != NULL && !has_member(row->topics, f->topic)) ||
	    (f->country != NULL && !sv_eq(row->country, sv_of(f->country))) ||
	    (f->place != NULL && !place_fits(f, row)))
		return true;
	f->shown++;
	if (f->json) {
		ctl_json(directory_row_json(row));
		return true;
	}
	if (f->shown == 1)
		printf("%-40s %-3s %-10s %-11s %-10s %-24s %s\n", "ID", "IN",
		    "KIND", "FOR", "CHECKED", "CONTACT", "NAME");
	printf("%-40.*s %-3.*s %-10.*s %-11.*s %-10s %-24.*s " SV_FMT "\n",
	    SV_ARG(row->id), SV_ARG(row->country), SV_ARG(row->kind),
	    SV_ARG(whom), day_of(row->checked_ms, day), SV_ARG(contact),
	    SV_ARG(row->name_en));
	return true;
}

static int
filter_check(struct listing_filter *f)
{
	if (f->topic != NULL &&
	    topics_find(f->terms->topics, sv_of(f->topic)) == TOPIC_NONE)
		return ctl_wrong(&ctl_directory,
		    "there is no topic '%s'; content/topics.csv has them all",
		    f->topic);
	if (ctl_country(&ctl_directory, f->country) != CTL_OK)
		return CTL_WRONG;
	if (f->place == NULL)
		return CTL_OK;
	f->place_index = places_find(f->terms->places, sv_of(f->place));
	if (f->place_index == PLACE_NONE)
		return ctl_wrong(&ctl_directory,
		    "there is no place '%s'; content/gazetteer.csv has them "
		    "all",
		    f->place);
	return CTL_OK;
}

static int
list_print(const struct ctl *ctl, struct listing_filter *f)
{
	struct directory *d = NULL;
	const char *dir;
	int rc = directory_of(ctl, &dir, &d);

	if (rc != CTL_OK)
		return rc;
	if (directory_each(d, on_list_row, f) < 0)
		rc = ctl_fail(
		    "%s/directory.db cannot be read; check the disk", dir);
	else if (f->shown == 0 && !f->json)
		printf("no such listing\n");
	directory_close(&d);
	return rc;
}

int
directory_list(const struct ctl *ctl, int argc, char **argv)
{
	struct listing_filter f = { .topic = NULL };
	const struct ctl_opt opts[] = {
		{ .name = "topic", .text = &f.topic },
		{ .name = "place", .text = &f.place },
		{ .name = "country", .text = &f.country },
		{ .name = "json", .flag = &f.json },
	};
	const struct ctl_opts all = { &ctl_directory, opts, ARRAY_LEN(opts), 0,
		0, NULL };
	struct terms terms = { NULL, NULL };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = terms_load(&terms);
	if (rc != CTL_OK)
		return rc;
	f.terms = &terms;
	rc = filter_check(&f);
	if (rc == CTL_OK)
		rc = list_print(ctl, &f);
	terms_done(&terms);
	return rc;
}

/* --- show --- */

struct wanted {
	struct sv id;
	bool json, found;
};

static void
row_print(const struct directory_row *row)
{
	char day[DAY_MAX];
	struct sv v;
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		v = directory_field(row, i);
		if (v.n > 0)
			printf("%-16s " SV_FMT "\n", directory_fields[i].name,
			    SV_ARG(v));
	}
	printf("%-16s %s\n", "checked", day_of(row->checked_ms, day));
}

static bool
on_show_row(void *arg, const struct directory_row *row)
{
	struct wanted *w = arg;

	if (!sv_eq(row->id, w->id))
		return true;
	w->found = true;
	if (w->json)
		ctl_json(directory_row_json(row));
	else
		row_print(row);
	return false;
}

int
directory_show(const struct ctl *ctl, int argc, char **argv)
{
	struct wanted w = { .found = false };
	const struct ctl_opt opts[] = { { .name = "json", .flag = &w.json } };
	const struct ctl_opts all = { &ctl_directory, opts, 1, 1, 1,
		"the ID of a listing" };
	struct directory *d = NULL;
	const char *dir;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	w.id = sv_of(argv[rc]);
	rc = directory_of(ctl, &dir, &d);
	if (rc != CTL_OK)
		return rc;
	if (directory_each(d, on_show_row, &w) < 0)
		rc = ctl_fail(
		    "%s/directory.db cannot be read; check the disk", dir);
	else if (!w.found)
		rc = ctl_fail("there is no listing '" SV_FMT
			      "'; `safarctl directory list` names them all",
		    SV_ARG(w.id));
	directory_close(&d);
	return rc;
}

/* --- verify --- */

static bool
is_way(const char *how)
{
	static const char *const ways[] = { "phone", "visit", "web" };
	size_t i;

	for (i = 0; how != NULL && i < ARRAY_LEN(ways); i++)
		if (strcmp(how, ways[i]) == 0)
			return true;
	return false;
}

int
directory_check_in(const struct ctl *ctl, int argc, char **argv)
{
	const char *how = NULL, *who = NULL, *dir;
	const struct ctl_opt opts[] = {
		{ .name = "how", .text = &how },
		{ .name = "who", .text = &who },
	};
	const struct ctl_opts all = { &ctl_directory, opts, ARRAY_LEN(opts), 1,
		1, "the ID of a listing" };
	struct directory *d = NULL;
	int rc = ctl_args(&all, argc, argv), put;
	struct sv id;

	if (rc < 0)
		return -rc;
	id = sv_of(argv[rc]);
	if (!is_way(how))
		return ctl_wrong(
		    &ctl_directory, "write --how phone, visit or web");
	if (who == NULL || *who == '\0')
		return ctl_wrong(
		    &ctl_directory, "write --who and who has checked it");
	rc = directory_of(ctl, &dir, &d);
	if (rc != CTL_OK)
		return rc;
	put = directory_verify(d, id, clock_ms(), sv_of(how), sv_of(who));
	directory_close(&d);
	if (put == -ENOENT)
		return ctl_fail("there is no listing '" SV_FMT
				"'; `safarctl directory list` names them all",
		    SV_ARG(id));
	if (put < 0)
		return ctl_fail("%s/directory.db cannot be written: %s; check "
				"the disk",
		    dir, strerror(-put));
	printf("noted; run `safarctl --data %s publish` to give it out\n", dir);
	return CTL_OK;
}

/* --- which of them --- */

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct ctl *ctl, int argc, char **argv);
	} parts[] = {
		{ "import", directory_import },
		{ "export", directory_export },
		{ "list", directory_list },
		{ "show", directory_show },
		{ "verify", directory_check_in },
	};
	size_t i;

	if (argc < 2)
		return ctl_wrong(&ctl_directory,
		    "write import, export, list, show or verify");
	for (i = 0; i < ARRAY_LEN(parts); i++)
		if (strcmp(argv[1], parts[i].name) == 0)
			return parts[i].run(ctl, argc - 1, argv + 1);
	return ctl_wrong(&ctl_directory,
	    "'%s' is none of import, export, list, show, verify", argv[1]);
}

const struct ctl_command ctl_directory = {
	.name = "directory",
	.help = "who helps: import, export, list, show, verify",
	.usage =
	    "usage: safarctl [--data DIR] directory import FILE|FOLDER "
	    "[--dry-run]\n"
	    "                                           [--as "
	    "hsds|json|csv] [--json]\n"
	    "       safarctl [--data DIR] directory export --hsds "
	    "FOLDER|FILE.zip\n"
	    "       safarctl [--data DIR] directory export --json FILE\n"
	    "       safarctl [--data DIR] directory export --csv FILE\n"
	    "       safarctl [--data DIR] directory list [--topic T] "
	    "[--place P] [--country C]\n"
	    "                                           [--json]\n"
	    "       safarctl [--data DIR] directory show ID [--json]\n"
	    "       safarctl [--data DIR] directory verify ID --how "
	    "phone|visit|web --who NAME\n"
	    "\n"
	    "  import  add and change listings from CSV files; their columns "
	    "are explained in\n"
	    "          content/orgs/README.md.  One bad row and nothing is "
	    "changed; every bad\n"
	    "          row is told with file and line.  --dry-run only "
	    "tells, --json as JSON.\n"
	    "          A folder or .zip with services.csv and the like, .json "
	    "and .ndjson are read\n"
	    "          as HSDS 3.x.  --as csv: a row for each listing, as a "
	    "spreadsheet writes it\n"
	    "          (';' or tab, Windows-1251, columns left out).  Nothing "
	    "is ever deleted\n"
	    "  export  all listings but those never exported: as HSDS 3.0 "
	    "(CSV files and\n"
	    "          datapackage.json), as services.ndjson, or a row each\n"
	    "  list    the listings with a topic, that help in a place, of a "
	    "country\n"
	    "  show    all that is known of one listing\n"
	    "  verify  say that NAME has called, visited or looked it up "
	    "today and found it\n"
	    "          right\n"
	    "\n"
	    "People get what is published: run `safarctl publish` "
	    "afterwards.\n",
	.run = run,
};
