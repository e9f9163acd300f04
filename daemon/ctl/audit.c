/* audit.c - what administrators and users of the console did, and whether both
 * chains are whole. */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/account.h"
#include "daemon/core/audit.h"
#include "daemon/ctl/ctl.h"

struct printing {
	bool quiet;
	int64_t rows, broken;
};

static void
row_print(struct printing *p, const struct db_audit *row, bool whole)
{
	time_t at = (time_t)(row->at_ms / 1000);
	struct tm tm = { 0 };
	char text[32];

	p->rows++;
	p->broken += !whole;
	if (p->quiet && whole)
		return;
	(void)gmtime_r(&at, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	printf("%-6" PRId64 " %s  %-16.*s " SV_FMT "%s\n", row->id, text,
	    SV_ARG(row->who), SV_ARG(row->action),
	    whole ? "" :
		    "   <- BROKEN: this row or the one before was changed");
}

static void
on_row(void *arg, const struct db_audit *row, bool whole)
{
	row_print(arg, row, whole);
}

static void
on_console_row(void *arg, const struct console_audit *row, bool whole)
{
	const struct db_audit same = { .id = row->id,
		.at_ms = row->at_ms,
		.who = row->who,
		.action = row->action };

	row_print(arg, &same, whole);
}

static void
sum_print(const struct printing *p, const char *file)
{
	printf("%s: %" PRId64 " rows, %s\n", file, p->rows,
	    p->broken == 0 ? "all as they were written" : "BROKEN");
}

static int
hotline_print(const char *dir, struct printing *p)
{
	struct diag why = { "" };
	struct db *db = NULL;
	int rc;

	if (db_open_reader(dir, &db, &why) < 0)
		return ctl_fail("%s", why.text);
	rc = audit_each(db, on_row, p);
	db_close(&db);
	return rc < 0 ? ctl_fail("%s/hotline.db cannot be read: %s", dir,
			    strerror(-rc)) :
			CTL_OK;
}

/* Where there never was a console there is none. */
static int
console_print(const char *dir, struct printing *p)
{
	struct console *console = NULL;
	struct diag why = { "" };
	char path[PATH_MAX];
	int rc;

	ctl_path(path, dir, "console.db");
	if (access(path, F_OK) < 0)
		return CTL_OK;
	if (console_open(dir, &console, &why) < 0)
		return ctl_fail("%s", why.text);
	rc = account_audit_each(console, 1, on_console_row, p);
	console_close(&console);
	return rc < 0 ? ctl_fail("%s/console.db cannot be read: %s", dir,
			    strerror(-rc)) :
			CTL_OK;
}

static int
both_print(const char *dir, bool quiet)
{
	struct printing hotline = { .quiet = quiet }, console = hotline;
	int rc = hotline_print(dir, &hotline);

	if (rc != CTL_OK)
		return rc;
	if (quiet)
		sum_print(&hotline, "hotline.db");
	rc = console_print(dir, &console);
	if (rc != CTL_OK)
		return rc;
	if (quiet)
		sum_print(&console, "console.db");
	if (hotline.broken + console.broken > 0)
		return ctl_fail("%" PRId64 " rows are not as they were written",
		    hotline.broken + console.broken);
	if (!quiet && hotline.rows + console.rows == 0)
		printf("nothing was done yet that is noted here\n");
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_opts all = { &ctl_audit, NULL, 0, 0, 1, NULL };
	const char *dir;
	int rc = ctl_args(&all, argc, argv), at = rc;

	if (rc < 0)
		return -rc;
	if (at < argc && strcmp(argv[at], "verify") != 0)
		return ctl_wrong(&ctl_audit, "there is no '%s'", argv[at]);
	rc = ctl_data(ctl, true, &dir);
	return rc == CTL_OK ? both_print(dir, at < argc) : rc;
}

const struct ctl_command ctl_audit = {
	.name = "audit",
	.help =
	    "what administrators did to people's data, users in the console",
	.usage =
	    "usage: safarctl [--data DIR] audit [verify]\n"
	    "\n"
	    "Oldest first, two years: who read texts or erased a number, and "
	    "when; then what\n"
	    "users of the console did.  Each row's hash covers the row before: "
	    "one that was\n"
	    "changed is told.  verify only says whether both are whole.\n"
	    "\n"
	    "exit code: 0 both are whole, 1 they are not, 2 wrong arguments\n",
	.run = run,
};
