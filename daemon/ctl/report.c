/* report.c - a month in numbers, as the console's reports tell them. */
#include <inttypes.h>

#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "db/reports.h"

enum {
	ARENA_FIRST = 1 << 16,
	ARENA_MOST = 64 << 20,
	DAY_MS = 24 * 3600 * 1000,
	COUNT_TEXT = 24,
	MONTH_CHARS = 7,
};

static const struct {
	enum report_by by;
	const char *title;
} tables[] = {
	{ REPORT_COUNTRY, "Country of the phone" },
	{ REPORT_TOPIC, "Topic" },
	{ REPORT_LANG, "Language" },
	{ REPORT_PLACE, "Place" },
	{ REPORT_CHANNEL, "Channel" },
	{ REPORT_OUTCOME, "Outcome" },
	{ REPORT_LISTING, "Listings given out" },
};

static const char *
count_text(int64_t count, char buf[COUNT_TEXT])
{
	if (count == REPORT_HIDDEN)
		return "under 5";
	(void)snprintf(buf, COUNT_TEXT, "%" PRId64, count);
	return buf;
}

static void
table_print(const struct report *r, const char *title)
{
	char now[COUNT_TEXT], before[COUNT_TEXT];
	const struct report_row *row;
	size_t i;

	printf("\n%s\n", title);
	for (i = 0; i < r->count; i++) {
		row = &r->rows[i];
		printf("  %8s ", count_text(row->count, now));
		if (row->count != REPORT_HIDDEN && r->total > 0)
			printf("%3" PRId64 " %%", row->count * 100 / r->total);
		else
			printf("     ");
		printf("  (before: %s)  " SV_FMT "\n",
		    count_text(row->before, before),
		    SV_ARG(row->key.n > 0 ? row->key : SV("not known")));
	}
	if (r->count == 0)
		printf("  nothing that was asked by 5 or more\n");
}

static void
head_print(const struct report *r)
{
	char from[REPORT_DATE], to[REPORT_DATE], was[REPORT_DATE];
	char ended[REPORT_DATE], now[COUNT_TEXT], before[COUNT_TEXT];

	report_date(r->from, from);
	report_date(r->to, to);
	report_date(r->before_from, was);
	report_date(r->before_to, ended);
	printf("%s to %s: %s requests (%s to %s: %s)\n"
	       "rounded to 5; what fewer than 5 people asked is left out\n",
	    from, to, count_text(r->total, now), was, ended,
	    count_text(r->total_before, before));
}

static int
tables_print(struct db *db, struct report_query *query)
{
	static const struct report_scope all;
	struct arena *a = arena_new(ARENA_FIRST, ARENA_MOST);
	struct report r;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ARRAY_LEN(tables); i++) {
		query->by = tables[i].by;
		rc = reports_query(db, &all, query, a, &r);
		if (rc == 0 && i == 0)
			head_print(&r);
		if (rc == 0)
			table_print(&r, tables[i].title);
		arena_reset(a);
	}
	arena_free(&a);
	return rc;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const char *month = NULL, *dir;
	const struct ctl_opt opts[] = { { .name = "month", .text = &month } };
	const struct ctl_opts all = { &ctl_report, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	struct report_query query = { .today = clock_ms() / DAY_MS };
	struct diag why = { "" };
	struct db *db = NULL;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	query.from = report_month(query.today, -1);
	if (month != NULL && (strlen(month) != MONTH_CHARS ||
				 report_day(sv_of(month), &query.from) < 0))
		return ctl_wrong(
		    &ctl_report, "%s is no month; write one as 2026-10", month);
	query.to = report_month(query.from, 1) - 1;
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	if (db_open_reader(dir, &db, &why) < 0)
		return ctl_fail("%s", why.text);
	rc = tables_print(db, &query);
	db_close(&db);
	return rc < 0 ? ctl_fail("%s/hotline.db cannot be read: %s", dir,
			    strerror(-rc)) :
			CTL_OK;
}

const struct ctl_command ctl_report = {
	.name = "report",
	.help = "a month in numbers: who asked for what, beside the month "
		"before",
	.usage = "usage: safarctl [--data DIR] report [--month YYYY-MM]\n"
		 "\n"
		 "Requests of a month, by default the last one that is over: "
		 "by country, topic,\n"
		 "language, place, channel, outcome, and the listings given "
		 "out, with their share\n"
		 "and the month before.  Counts are rounded to 5, and what "
		 "fewer than 5 asked is\n"
		 "left out, as in the console's reports.\n"
		 "\n"
		 "  --month YYYY-MM   another month; UTC\n",
	.run = run,
};
