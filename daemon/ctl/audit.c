/* audit.c - what administrators did, and whether the chain is whole. */
#include <inttypes.h>
#include <time.h>

#include "daemon/core/audit.h"
#include "daemon/ctl/ctl.h"

struct printing {
	int64_t rows, broken;
};

static void
on_row(void *arg, const struct db_audit *row, bool whole)
{
	struct printing *p = arg;
	time_t at = (time_t)(row->at_ms / 1000);
	struct tm tm = { 0 };
	char text[32];

	(void)gmtime_r(&at, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	printf("%-6" PRId64 " %s  %-16.*s " SV_FMT "%s\n", row->id, text,
	    SV_ARG(row->who), SV_ARG(row->action),
	    whole ? "" :
		    "   <- BROKEN: this row or the one before was changed");
	p->rows++;
	p->broken += !whole;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_opts all = { &ctl_audit, NULL, 0, 0, 0, NULL };
	struct printing p = { 0 };
	struct diag why = { "" };
	struct db *db = NULL;
	const char *dir;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	if (db_open_reader(dir, &db, &why) < 0)
		return ctl_fail("%s", why.text);
	rc = audit_each(db, on_row, &p);
	db_close(&db);
	if (rc < 0)
		return ctl_fail(
		    "%s/hotline.db cannot be read: %s", dir, strerror(-rc));
	if (p.broken > 0)
		return ctl_fail(
		    "%" PRId64 " rows are not as they were written", p.broken);
	if (p.rows == 0)
		printf("nothing was done yet that is noted here\n");
	return CTL_OK;
}

const struct ctl_command ctl_audit = {
	.name = "audit",
	.help = "what administrators did to people's data",
	.usage =
	    "usage: safarctl [--data DIR] audit\n"
	    "\n"
	    "Oldest first, two years: who read texts or erased a number, and "
	    "when.  Each row's\n"
	    "hash covers the row before: one that was changed is told.\n"
	    "\n"
	    "exit code: 0 the chain is whole, 1 it is not, 2 wrong arguments\n",
	.run = run,
};
