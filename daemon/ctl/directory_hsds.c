/* directory_hsds.c - the directory from HSDS and spreadsheets, and to them. */
#include <inttypes.h>
#include <jansson.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/exchange.h"
#include "content/hsds_export.h"
#include "content/hsds_import.h"
#include "daemon/base/clock.h"
#include "daemon/ctl/directory.h"
#include "daemon/ctl/service.h"
#include "db/drafts.h"

enum {
	ROUND = 100, /* listings put in at a time where some may be bad */
	JSON_ROWS_MAX = 5000,
};

/* --- import --- */

static bool
has_file(const char *folder, const char *name)
{
	char path[PATH_MAX];

	ctl_path(path, folder, name);
	return access(path, R_OK) == 0;
}

bool
directory_is_hsds(const char *path)
{
	static const char *const ends[] = { ".zip", ".json", ".ndjson",
		".jsonl" };
	size_t n = strlen(path), i;
	struct stat st;

	if (n > PATH_MAX / 2 || stat(path, &st) < 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return has_file(path, "services.csv") ||
		       has_file(path, "organizations.csv") ||
		       has_file(path, "datapackage.json");
	for (i = 0; i < ARRAY_LEN(ends); i++)
		if (n > strlen(ends[i]) &&
		    strcasecmp(path + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static void
row_tell(const struct hsds_import_row *row, bool dry_run)
{
	size_t i;

	for (i = 0; i < row->problem_count; i++) {
		const struct hsds_problem *p = &row->problems[i];
		/* some sentences begin with their field */
		bool named = strncmp(p->text, p->field, strlen(p->field)) == 0;

		(void)ctl_fail("%s:%u: %s%s%s", row->file, row->line,
		    named ? "" : p->field, named ? "" : ": ", p->text);
	}
	if (dry_run && row->result != HSDS_BAD && row->result != HSDS_SAME)
		printf("%-7s " SV_FMT "\n", hsds_result_name(row->result),
		    SV_ARG(row->id));
}

static void
totals_tell(const struct hsds_import *import, const struct directory_hsds *what,
    const char *dir)
{
	size_t changed = hsds_import_total(import, HSDS_ADD) +
			 hsds_import_total(import, HSDS_CHANGE);

	printf("%s%zu added, %zu changed, %zu the same\n",
	    what->dry_run ? "would be: " : "",
	    hsds_import_total(import, HSDS_ADD),
	    hsds_import_total(import, HSDS_CHANGE),
	    hsds_import_total(import, HSDS_SAME));
	if (!what->dry_run && changed > 0)
		printf(
		    "run `safarctl --data %s publish` to give it out\n", dir);
}

/* All of it, in one round. */
static int
put_all(const struct hsds_import *import, struct directory *d)
{
	const struct directory_by by = { sv_of(service_who()), SV("import"),
		clock_ms() };
	size_t i;
	int rc = directory_begin(d);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < hsds_import_count(import); i++)
		rc = hsds_import_put(import, i, d, &by);
	if (rc == 0)
		return directory_commit(d);
	directory_rollback(d);
	return rc;
}

static int
finish(const struct hsds_import *import, const struct directory_hsds *what,
    const char *dir, struct directory *d)
{
	size_t bad = hsds_import_total(import, HSDS_BAD), i;
	int rc;

	for (i = 0; i < hsds_import_count(import); i++)
		row_tell(hsds_import_at(import, i), what->dry_run);
	if (bad > 0)
		return ctl_fail("%s: bad rows: %zu; nothing was changed, "
				"correct them and import again",
		    what->path, bad);
	rc = what->dry_run ? 0 : put_all(import, d);
	if (rc < 0)
		return ctl_fail("%s/directory.db: %s; nothing was changed, try "
				"again when that is mended",
		    dir, strerror(-rc));
	totals_tell(import, what, dir);
	return CTL_OK;
}

/* --- for the console --- */

static void
progress_tell(size_t done, size_t total)
{
	printf("{\"done\":%zu,\"total\":%zu}\n", done, total);
	(void)fflush(stdout);
}

/* How many became what. */
struct became {
	int put, submitted, left; /* left: somebody's draft is in the way */
};

/* What somebody else must approve. */
static int
submit(struct directory *d, const struct hsds_import_row *row,
    const struct draft_by *by, struct became *b)
{
	const struct draft_save save = { .row = row->listing,
		.base_version = row->version };
	int64_t version;
	int rc = draft_put(d, &save, by, &version);

	if (rc == -ESTALE) {
		b->left++;
		return 0;
	}
	if (rc == 0)
		rc = draft_submit(d, row->id, by);
	b->submitted += rc == 0;
	return rc;
}

static int
put_one(const struct hsds_import *import, size_t i, struct directory *d,
    const struct directory_hsds *what, struct became *b)
{
	const struct hsds_import_row *row = hsds_import_at(import, i);
	const struct directory_by by = { sv_of(what->who), SV("import"),
		clock_ms() };
	const struct draft_by draft_by = { by.who, what->account, by.at_ms };
	int rc;

	if (row->result == HSDS_BAD || row->result == HSDS_SAME)
		return 0;
	if (what->submit)
		return submit(d, row, &draft_by, b);
	rc = hsds_import_put(import, i, d, &by);
	b->put += rc == 0;
	return rc;
}

/* In rounds: whoever edits meanwhile waits for one of them at most. */
static int
put_good(const struct hsds_import *import, struct directory *d,
    const struct directory_hsds *what, struct became *b)
{
	size_t total = hsds_import_count(import), i = 0;
	int rc = 0;

	while (rc == 0 && i < total) {
		size_t end = i + ROUND < total ? i + ROUND : total;

		rc = directory_begin(d);
		if (rc < 0)
			return rc;
		for (; rc == 0 && i < end; i++)
			rc = put_one(import, i, d, what, b);
		if (rc == 0)
			rc = directory_commit(d);
		else
			directory_rollback(d);
		progress_tell(i, total);
	}
	return rc;
}

static int
import_with_progress(const struct hsds_import *import,
    const struct directory_hsds *what, const char *dir, struct directory *d)
{
	struct became b = { 0, 0, 0 };
	int rc;

	if (what->who == NULL)
		return ctl_wrong(&ctl_directory, "write --who and a name");
	rc = put_good(import, d, what, &b);
	if (rc < 0)
		return ctl_fail("%s/directory.db: %s; what was not put in yet "
				"stays as it was, import again",
		    dir, strerror(-rc));
	ctl_json(json_pack("{s:{s:i, s:i, s:i, s:i, s:i}}", "result", "changed",
	    b.put, "submitted", b.submitted, "draft_in_the_way", b.left, "same",
	    (int)hsds_import_total(import, HSDS_SAME), "bad",
	    (int)hsds_import_total(import, HSDS_BAD)));
	return CTL_OK;
}

static int
report_write(json_t *report, const char *path)
{
	FILE *f = fopen(path, "we");

	if (f == NULL) {
		json_decref(report);
		return ctl_fail(
		    "%s: cannot be written (%s)", path, strerror(errno));
	}
	ctl_json_to(f, report);
	if (fclose(f) != 0)
		return ctl_fail("%s: cannot be written; make room", path);
	return CTL_OK;
}

/* --- all of it --- */

static int
kind_read(const char *as, enum hsds_kind *ret_kind)
{
	static const struct {
		const char *name;
		enum hsds_kind kind;
	} kinds[] = { { "hsds", HSDS_TABULAR }, { "json", HSDS_JSON },
		{ "csv", HSDS_SHEET } };
	size_t i;

	*ret_kind = HSDS_ANY;
	for (i = 0; as != NULL && i < ARRAY_LEN(kinds); i++)
		if (strcmp(as, kinds[i].name) == 0) {
			*ret_kind = kinds[i].kind;
			return CTL_OK;
		}
	return as == NULL ? CTL_OK :
			    ctl_wrong(&ctl_directory,
				"--as %s: write hsds, json or csv", as);
}

static int
import_tell(const struct hsds_import *import, const struct directory_hsds *what,
    const char *dir, struct directory *d)
{
	if (what->report != NULL) {
		int rc = report_write(
		    hsds_import_json(import, JSON_ROWS_MAX), what->report);

		if (rc == CTL_OK)
			printf("{\"result\":true}\n");
		return rc;
	}
	if (what->progress)
		return import_with_progress(import, what, dir, d);
	if (!what->json)
		return finish(import, what, dir, d);
	ctl_json(hsds_import_json(import, JSON_ROWS_MAX));
	return CTL_OK;
}

/* The console also gets a word that it has texts for. */
static int
unreadable_tell(
    const struct directory_hsds *what, const char *code, const char *why)
{
	if (what->report != NULL)
		(void)report_write(
		    json_pack("{s:s}", "unreadable", code), what->report);
	return ctl_fail("%s", why);
}

int
directory_import_hsds(const struct ctl *ctl, const struct directory_hsds *what)
{
	const char *code = "";
	struct hsds_source source = { .path = what->path,
		.reterr_code = &code };
	CLEANUP(hsds_import_free) struct hsds_import *import = NULL;
	struct terms terms = { NULL, NULL };
	struct diag why = { "" };
	const char *dir;
	int rc = kind_read(what->as, &source.kind);

	if (rc == CTL_OK)
		rc = terms_load(&terms);
	if (rc != CTL_OK)
		return rc;
	/* what the console keeps has a name that tells nobody anything */
	if (what->report != NULL)
		source.name = source.kind == HSDS_SHEET ? "listings.csv" :
							  "services.json";
	source.topics = terms.topics;
	source.places = terms.places;
	rc = directory_of(ctl, &dir, &source.dir);
	if (rc == CTL_OK) {
		if (hsds_import_read(&source, &import, &why) < 0)
			rc = unreadable_tell(what, code, why.text);
		else
			rc = import_tell(import, what, dir, source.dir);
		directory_close(&source.dir);
	}
	terms_done(&terms);
	return rc;
}

/* --- export --- */

struct exporting {
	const char *hsds, *json, *csv;
};

static int
export_to(struct directory *d, const struct exporting *e, int64_t *ret_count,
    struct diag *why)
{
	if (e->csv != NULL)
		return content_export(d, e->csv, ret_count, why);
	return e->hsds != NULL ?
		   hsds_export(d, HSDS_PACKAGE, e->hsds, ret_count, why) :
		   hsds_export(d, HSDS_NDJSON, e->json, ret_count, why);
}

int
directory_export(const struct ctl *ctl, int argc, char **argv)
{
	struct exporting e = { NULL, NULL, NULL };
	const struct ctl_opt opts[] = {
		{ .name = "hsds", .text = &e.hsds },
		{ .name = "json", .text = &e.json },
		{ .name = "csv", .text = &e.csv },
	};
	const struct ctl_opts all = { &ctl_directory, opts, ARRAY_LEN(opts), 0,
		0, NULL };
	struct directory *d = NULL;
	struct diag why = { "" };
	int64_t count = 0;
	const char *dir;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	if ((e.hsds != NULL) + (e.json != NULL) + (e.csv != NULL) != 1)
		return ctl_wrong(&ctl_directory,
		    "write one of --hsds FOLDER|FILE.zip, --json FILE, --csv "
		    "FILE");
	rc = directory_of(ctl, &dir, &d);
	if (rc != CTL_OK)
		return rc;
	if (export_to(d, &e, &count, &why) < 0)
		rc = ctl_fail("%s", why.text);
	else
		printf("%" PRId64 " listings written\n", count);
	directory_close(&d);
	return rc;
}
