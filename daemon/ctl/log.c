/* log.c - the newest requests, for people and as JSON. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "db/db.h"
#include "menus/step.h"

enum {
	HOUR_MS = 60 * 60 * 1000,
	DAY_MS = 24 * HOUR_MS,
	SPAN_MAX = 100000, /* hours or days */
	TIME_TEXT = 32,
	ROWS_USUAL = 50,
	ROWS_MAX = 1000000,
	SLICE_ROWS = 1000,
};

/* Rows are read in slices and printed between them: a pager may wait for
 * hours, and the store must not wait with it. */
struct printing {
	bool json;
	int64_t rows; /* so far */
	int64_t last; /* id of the last of them */
	FILE *slice;
};

static const char *
hour_text(int64_t hour_ms, char buf[TIME_TEXT])
{
	time_t at = (time_t)(hour_ms / 1000);
	struct tm tm;

	if (gmtime_r(&at, &tm) == NULL ||
	    strftime(buf, TIME_TEXT, "%Y-%m-%dT%H:00Z", &tm) == 0)
		return "?";
	return buf;
}

static json_t *
text_json(struct sv v)
{
	return json_stringn(v.n > 0 ? v.p : "", v.n);
}

static json_t *
ids_json(struct sv ids)
{
	json_t *list = json_array();

	while (ids.n > 0)
		(void)json_array_append_new(list, text_json(sv_cut(&ids, ' ')));
	return list;
}

static json_t *
person_json(const struct db_log *row)
{
	char hex[2 * DB_KEY_LEN + 1];
	size_t i;

	if (!row->linked)
		return json_null();
	for (i = 0; i < DB_KEY_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", row->person[i]);
	return json_string(hex);
}

static void
row_json(FILE *f, const struct db_log *row)
{
	char hour[TIME_TEXT];

	ctl_json_to(
	    f, json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:I, s:I, s:I, s:o}",
		   "id", (json_int_t)row->id, "hour",
		   hour_text(row->hour_ms, hour), "gateway",
		   text_json(row->gateway), "channel", text_json(row->channel),
		   "country", text_json(row->country), "lang",
		   text_json(row->lang), "topic", text_json(row->topic),
		   "place", text_json(row->place), "node", text_json(row->node),
		   "listings", ids_json(row->listings), "outcome",
		   text_json(row->outcome), "edition", (json_int_t)row->edition,
		   "parts", (json_int_t)row->parts, "epoch",
		   (json_int_t)row->epoch, "person", person_json(row)));
}

static struct sv
or_dash(struct sv v)
{
	return v.n > 0 ? v : SV("-");
}

static void
row_print(FILE *f, const struct db_log *row)
{
	char hour[TIME_TEXT];

	fprintf(f,
	    "%-17s %-7.*s %-11.*s %-14.*s %-18.*s %-20.*s %-10.*s %5" PRId64
	    " %7" PRId64 " " SV_FMT "\n",
	    hour_text(row->hour_ms, hour), SV_ARG(or_dash(row->country)),
	    SV_ARG(or_dash(row->lang)), SV_ARG(or_dash(row->topic)),
	    SV_ARG(or_dash(row->place)), SV_ARG(or_dash(row->node)),
	    SV_ARG(or_dash(row->outcome)), row->parts, row->edition,
	    SV_ARG(or_dash(row->listings)));
}

static bool
on_row(void *arg, const struct db_log *row)
{
	struct printing *p = arg;

	if (p->json)
		row_json(p->slice, row);
	else
		row_print(p->slice, row);
	p->last = row->id;
	p->rows++;
	return true;
}

/* "24h", "7d" or a day, "2026-11-01", UTC.  Rows know only their hour, so the
 * time begins with one. */
static int
since_read(const char *text, int64_t *ret_ms)
{
	struct tm tm = { 0 };
	int64_t span, at_ms;
	const char *rest;
	char *end;

	errno = 0;
	span = strtoll(text, &end, 10);
	if (end != text && (strcmp(end, "h") == 0 || strcmp(end, "d") == 0)) {
		if (errno != 0 || span < 1 || span > SPAN_MAX)
			return -EINVAL;
		at_ms = clock_ms() - span * (*end == 'h' ? HOUR_MS : DAY_MS);
		*ret_ms = at_ms < 0 ? 0 : at_ms - at_ms % HOUR_MS;
		return 0;
	}
	rest = strptime(text, "%Y-%m-%d", &tm);
	if (rest == NULL || *rest != '\0')
		return -EINVAL;
	*ret_ms = (int64_t)timegm(&tm) * 1000;
	return 0;
}

static void
head_print(void)
{
	printf("%-17s %-7s %-11s %-14s %-18s %-20s %-10s %5s %7s %s\n", "HOUR",
	    "COUNTRY", "LANG", "TOPIC", "PLACE", "NODE", "OUTCOME", "PARTS",
	    "EDITION", "LISTINGS");
}

/* Print up to SLICE_ROWS more.  Returns their number or a negative errno. */
static int64_t
slice_print(
    struct db *db, const struct db_log_filter *filter, struct printing *p)
{
	struct db_log_filter next = *filter;
	int64_t had = p->rows;
	char *text = NULL;
	size_t n = 0;
	int rc;

	next.before = p->last;
	next.most = filter->most - had;
	if (next.most > SLICE_ROWS)
		next.most = SLICE_ROWS;
	p->slice = open_memstream(&text, &n);
	ASSERT(p->slice != NULL);
	rc = db_log_each(db, &next, on_row, p);
	ASSERT(fclose(p->slice) == 0);
	if (had == 0 && p->rows > 0 && !p->json)
		head_print();
	(void)fwrite(text, 1, n, stdout);
	free(text);
	return rc < 0 ? rc : p->rows - had;
}

static int
print_all(const char *dir, const struct db_log_filter *filter, bool json)
{
	struct printing p = { .json = json };
	struct diag why = { "" };
	struct db *db = NULL;
	int64_t more;

	if (db_open_reader(dir, &db, &why) < 0)
		return ctl_fail("%s", why.text);
	do {
		more = slice_print(db, filter, &p);
	} while (
	    more == SLICE_ROWS && p.rows < filter->most && !ferror(stdout));
	db_close(&db);
	if (more < 0)
		return ctl_fail("%s/hotline.db cannot be read: %s; check the "
				"disk",
		    dir, strerror((int)-more));
	if (p.rows == 0 && !json)
		printf("no such request\n");
	return CTL_OK;
}

/* A slip in a filter must not read as "nothing happened". */
static int
filter_check(const char *country, const char *lang, const char *outcome)
{
	int i;

	if (ctl_country(&ctl_log, country) != CTL_OK)
		return CTL_WRONG;
	if (lang != NULL && lang_of(sv_of(lang)) == LANG_NONE)
		return ctl_wrong(&ctl_log,
		    "--lang %s: write ru, ky, tg, uz, uz@cyrillic, kk or en",
		    lang);
	for (i = OUTCOME_ANSWERED; outcome != NULL; i++) {
		if (i > OUTCOME_NO_LISTING)
			return ctl_wrong(&ctl_log,
			    "--outcome %s: write answered, asked_back, "
			    "no_match or no_listing",
			    outcome);
		if (strcmp(menu_outcome_name((enum menu_outcome)i), outcome) ==
		    0)
			break;
	}
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const char *since = NULL, *country = NULL, *lang = NULL, *topic = NULL;
	const char *place = NULL, *outcome = NULL, *dir;
	struct db_log_filter filter = { .most = ROWS_USUAL };
	bool json = false;
	const struct ctl_opt opts[] = {
		{ .name = "since", .text = &since },
		{ .name = "country", .text = &country },
		{ .name = "lang", .text = &lang },
		{ .name = "topic", .text = &topic },
		{ .name = "place", .text = &place },
		{ .name = "outcome", .text = &outcome },
		{ .name = "n", .number = &filter.most, 1, ROWS_MAX },
		{ .name = "json", .flag = &json },
	};
	const struct ctl_opts all = { &ctl_log, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	if (since != NULL && since_read(since, &filter.since_ms) < 0)
		return ctl_wrong(&ctl_log,
		    "--since %s: write 24h, 7d or a day like 2026-11-01",
		    since);
	rc = filter_check(country, lang, outcome);
	if (rc != CTL_OK)
		return rc;
	filter.country = sv_of(country);
	filter.lang = sv_of(lang);
	filter.topic = sv_of(topic);
	filter.place = sv_of(place);
	filter.outcome = sv_of(outcome);
	rc = ctl_data(ctl, true, &dir);
	return rc == CTL_OK ? print_all(dir, &filter, json) : rc;
}

const struct ctl_command ctl_log = {
	.name = "log",
	.help = "the newest requests; no number, no text",
	.usage =
	    "usage: safarctl [--data DIR] log [--since WHEN] [--country C] "
	    "[--lang L]\n"
	    "           [--topic T] [--place P] [--outcome O] [-n N] [--json]\n"
	    "\n"
	    "Newest first.  The log holds no number and no text, and of the "
	    "time the hour.\n"
	    "\n"
	    "  --since WHEN  24h, 7d or a day like 2026-11-01 (UTC)\n"
	    "  --outcome O   answered, asked_back, no_match or no_listing\n"
	    "  -n N          at most N rows (default 50)\n"
	    "  --json        an object a line, with the pseudonym of the "
	    "person: treat it\n"
	    "                as a name\n",
	.run = run,
};
