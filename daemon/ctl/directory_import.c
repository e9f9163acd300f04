/* directory_import.c - listings from CSV files, all of them or none. */
#include "content/exchange.h"
#include "daemon/base/clock.h"
#include "daemon/ctl/directory.h"
#include "daemon/ctl/service.h"

struct counts {
	bool dry_run;
	long changes[3]; /* by enum directory_change */
};

static void
on_row(void *arg, const struct content_import_row *row)
{
	static const char *const names[] = {
		[DIRECTORY_SAME] = "same",
		[DIRECTORY_ADDED] = "add",
		[DIRECTORY_CHANGED] = "change",
	};
	struct counts *c = arg;

	if (row->error != NULL) {
		(void)ctl_fail("%s", row->error);
		return;
	}
	c->changes[row->change]++;
	if (c->dry_run && row->change != DIRECTORY_SAME)
		printf("%-7s %s\n", names[row->change], row->id);
}

static void
tell(const struct counts *c, const char *dir)
{
	printf("%s%ld added, %ld changed, %ld the same\n",
	    c->dry_run ? "would be: " : "", c->changes[DIRECTORY_ADDED],
	    c->changes[DIRECTORY_CHANGED], c->changes[DIRECTORY_SAME]);
	if (!c->dry_run &&
	    c->changes[DIRECTORY_ADDED] + c->changes[DIRECTORY_CHANGED] > 0)
		printf(
		    "run `safarctl --data %s publish` to give it out\n", dir);
}

int
directory_import(const struct ctl *ctl, int argc, char **argv)
{
	struct counts counts = { .dry_run = false };
	struct directory_hsds what = { .path = NULL };
	const struct ctl_opt opts[] = {
		{ .name = "dry-run", .flag = &what.dry_run },
		{ .name = "json", .flag = &what.json },
		{ .name = "as", .text = &what.as },
		{ .name = "report", .text = &what.report },
		{ .name = "progress", .flag = &what.progress },
		{ .name = "submit", .flag = &what.submit },
		{ .name = "who", .text = &what.who },
		{ .name = "account",
		    .number = &what.account,
		    .max = INT32_MAX },
	};
	const struct ctl_opts all = { &ctl_directory, opts, ARRAY_LEN(opts), 1,
		1, "the FILE or FOLDER to read" };
	struct content_import import = { .on_row = on_row, .arg = &counts };
	struct diag why = { "" };
	struct terms terms = { NULL, NULL };
	const char *dir;
	int rc = ctl_args(&all, argc, argv), done;

	if (rc < 0)
		return -rc;
	what.path = import.path = argv[rc];
	if (what.as != NULL || what.json || directory_is_hsds(what.path))
		return directory_import_hsds(ctl, &what);
	import.dry_run = counts.dry_run = what.dry_run;
	import.by = (struct directory_by){ sv_of(service_who()), SV("import"),
		clock_ms() };
	rc = terms_load(&terms);
	if (rc != CTL_OK)
		return rc;
	import.topics = terms.topics;
	import.places = terms.places;
	rc = directory_of(ctl, &dir, &import.dir);
	if (rc == CTL_OK) {
		done = content_import(&import, &why);
		if (done < 0)
			rc = ctl_fail("%s", why.text);
		else
			tell(&counts, dir);
		directory_close(&import.dir);
	}
	terms_done(&terms);
	return rc;
}
