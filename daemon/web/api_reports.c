/* api_reports.c - what people ask for, in numbers. */
#include <stdio.h>

#include "daemon/base/sb.h"
#include "daemon/core/conf.h"
#include "daemon/web/inner.h"
#include "daemon/web/reporting.h"

enum {
	KEY_MAX = 80, /* bytes of what is asked for */
	CSV_MAX = 4 << 20,
	MISSING_DAYS = 92,
	MONEY = 32,
};

static void
wrong(struct web_request *q, const char *field)
{
	web_error(q, 422, "invalid",
	    json_pack("{s:{s:s}}", "fields", field, "invalid"));
}

/* False: replied. */
static bool
where_read(struct web_request *q, struct report_query *query)
{
	json_t *where = json_object_get(q->json, "where"), *value;
	const char *name;
	enum report_by by;
	struct sv text;

	if (where != NULL && !json_is_object(where)) {
		wrong(q, "where");
		return false;
	}
	json_object_foreach(where, name, value)
	{
		by = reporting_by(sv_of(name));
		text = web_text(where, name);
		if (by >= REPORT_DIMS || !json_is_string(value) ||
		    text.n > KEY_MAX) {
			wrong(q, "where");
			return false;
		}
		query->where[by] = text;
	}
	return true;
}

/* The period that the body names.  False: replied. */
static bool
period_read(struct web_request *q, struct report_query *query)
{
	query->today = reporting_today(q);
	if (report_day(web_text(q->json, "from"), &query->from) < 0) {
		wrong(q, "from");
		return false;
	}
	if (report_day(web_text(q->json, "to"), &query->to) < 0 ||
	    query->to < query->from ||
	    query->to - query->from >= REPORT_DAYS_MAX) {
		wrong(q, "to");
		return false;
	}
	return true;
}

static bool
query_read(struct web_request *q, struct report_query *query)
{
	query->by = reporting_by(web_text(q->json, "by"));
	if (query->by == REPORT_BYS) {
		wrong(q, "by");
		return false;
	}
	return period_read(q, query) && where_read(q, query);
}

void
api_reports(struct web_request *q)
{
	struct report_query query = { 0 };
	struct report r;

	if (query_read(q, &query) && reporting_ask(q, &query, &r))
		web_json(q, 200, reporting_json(&r, query.by));
}

/* As a sheet.  A field that a spreadsheet would take for a formula has a ' in
 * front of it: names are what people have typed. */

static void
csv_put(struct sb *b, struct sv v)
{
	size_t i;

	sb_puts(b, "\"");
	if (v.n > 0 && v.p[0] != '\0' && strchr("=+-@\t\r\n", v.p[0]) != NULL)
		sb_puts(b, "'");
	for (i = 0; i < v.n; i++) {
		if (v.p[i] == '"')
			sb_puts(b, "\"");
		sb_put(b, (struct sv){ v.p + i, 1 });
	}
	sb_puts(b, "\"");
}

static void
csv_count(struct sb *b, int64_t count)
{
	if (count != REPORT_HIDDEN)
		sb_printf(b, "%lld", (long long)count);
}

static void
csv_row(struct web_request *q, struct sb *b, enum report_by by,
    const struct report_row *row)
{
	csv_put(b, row->key);
	sb_puts(b, ",");
	csv_put(b, reporting_name(q, by, row->key));
	sb_puts(b, ",");
	csv_count(b, row->count);
	sb_puts(b, ",");
	csv_count(b, row->before);
	sb_puts(b, "\r\n");
}

void
api_reports_csv(struct web_request *q)
{
	struct report_query query = { 0 };
	char from[REPORT_DATE], to[REPORT_DATE], name[64];
	struct report r;
	struct sb b;
	size_t i;

	if (!query_read(q, &query) || !reporting_ask(q, &query, &r))
		return;
	sb_init(&b, q->arena, CSV_MAX);
	/* a byte order mark: else spreadsheets take it for Latin-1 */
	sb_puts(&b, "\xef\xbb\xbf");
	sb_printf(&b, "\"%s\",\"name\",\"count\",\"before\"\r\n",
	    reporting_by_name(query.by));
	for (i = 0; i < r.count; i++)
		csv_row(q, &b, query.by, &r.rows[i]);
	csv_row(q, &b, REPORT_DAY,
	    &(struct report_row){ .key = SV("total"),
		.count = r.total,
		.before = r.total_before });
	report_date(r.from, from);
	report_date(r.to, to);
	(void)snprintf(name, sizeof(name), "safar-%s-%s-%s.csv",
	    reporting_by_name(query.by), from, to);
	web_bytes(q, 200, "text/csv; charset=utf-8", name, sb_sv(&b));
}

/* Asked but unanswered. */

/* Rows of one more question about the same time.  False: replied. */
static bool
table_add(struct web_request *q, const struct report_query *of,
    enum report_by by, json_t *to, const char *name, struct report *ret_report)
{
	struct report_query query = *of;

	query.by = by;
	if (!reporting_ask(q, &query, ret_report))
		return false;
	(void)json_object_set_new(to, name, reporting_rows(ret_report, by));
	return true;
}

static bool
missing_add(struct web_request *q, const struct report_query *query, json_t *to)
{
	struct report_scope scope = reporting_scope(q);
	struct report_missing *rows = NULL;
	json_t *list = json_array();
	size_t count = 0, i;
	int rc = scope.partner ? 0 :
				 reports_missing(web_hotline(q->web), &scope,
				     query, q->arena, &rows, &count);

	for (i = 0; i < count; i++)
		(void)json_array_append_new(
		    list, json_pack("{s:s%, s:s%, s:s%, s:I}", "topic",
			      rows[i].topic.p, rows[i].topic.n, "country",
			      rows[i].country.p, rows[i].country.n, "place",
			      rows[i].place.p, rows[i].place.n, "count",
			      (json_int_t)rows[i].count));
	(void)json_object_set_new(to, "missing", list);
	if (rc < 0)
		web_failed(q, rc);
	return rc == 0;
}

static bool
unanswered_add(struct web_request *q, struct report_query *query, json_t *to)
{
	json_t *none = json_object(), *unknown = json_object();
	struct report r;
	bool good;

	(void)json_object_set_new(to, "no_listing", none);
	(void)json_object_set_new(to, "no_match", unknown);
	query->where[REPORT_OUTCOME] = SV("no_match");
	good = table_add(q, query, REPORT_LANG, unknown, "langs", &r) &&
	       table_add(q, query, REPORT_COUNTRY, unknown, "countries", &r);
	query->where[REPORT_OUTCOME] = SV("no_listing");
	good = good && table_add(q, query, REPORT_TOPIC, none, "topics", &r) &&
	       table_add(q, query, REPORT_COUNTRY, none, "countries", &r) &&
	       table_add(q, query, REPORT_PLACE, none, "places", &r) &&
	       missing_add(q, query, to);
	if (!good)
		return false;
	(void)json_object_set_new(to, "from", reporting_date(r.from));
	(void)json_object_set_new(to, "to", reporting_date(r.to));
	(void)json_object_set_new(to, "until", reporting_date(r.until));
	return true;
}

void
api_reports_unanswered(struct web_request *q)
{
	struct report_query query = { 0 };
	json_t *all;

	if (!period_read(q, &query))
		return;
	all = json_object();
	if (unanswered_add(q, &query, all))
		web_json(q, 200, all);
	else
		json_decref(all);
}

/* What was sent and what it cost. */

bool
web_prices(const struct web *w)
{
	const struct conf *c = web_conf(w);
	size_t i;

	for (i = 0; i < c->gateway_count; i++)
		if (c->gateways[i].price[0] != '\0')
			return true;
	return false;
}

static const struct conf_gateway *
gateway_of(const struct conf *c, struct sv name)
{
	size_t i;

	for (i = 0; i < c->gateway_count; i++)
		if (sv_eq(name, sv_of(c->gateways[i].name)))
			return &c->gateways[i];
	return NULL;
}

static json_t *
money(int64_t units)
{
	char text[MONEY];

	(void)snprintf(text, sizeof(text), "%lld.%02lld",
	    (long long)(units / CONF_PRICE_UNITS),
	    (long long)(units % CONF_PRICE_UNITS * 100 / CONF_PRICE_UNITS));
	return json_string(text);
}

/* Sums by currency; a gateway without a price is in none. */
static void
cost_sum(json_t *sums, const char *currency, int64_t units)
{
	json_int_t before = json_integer_value(json_object_get(sums, currency));

	(void)json_object_set_new(
	    sums, currency, json_integer(before + (json_int_t)units));
}

static json_t *
cost_row(const struct conf *c, const struct report_row *row, json_t *sums)
{
	const struct conf_gateway *g = gateway_of(c, row->key);
	int64_t price = 0;
	bool known = g != NULL && conf_price(g->price, &price) &&
		     row->parts != REPORT_HIDDEN;
	json_t *out = json_pack("{s:s%, s:o, s:o}", "gateway", row->key.p,
	    row->key.n, "requests", reporting_count(row->count), "parts",
	    reporting_count(row->parts));

	if (!known)
		return out;
	cost_sum(sums, g->currency, price * row->parts);
	(void)json_object_set_new(out, "price", json_string(g->price));
	(void)json_object_set_new(out, "currency", json_string(g->currency));
	(void)json_object_set_new(out, "cost", money(price * row->parts));
	return out;
}

void
api_reports_cost(struct web_request *q)
{
	struct report_query query = { .by = REPORT_GATEWAY };
	const struct conf *conf = web_conf(q->web);
	json_t *rows, *sums, *totals, *value;
	const char *currency;
	struct report r;
	size_t i;

	if (!period_read(q, &query))
		return;
	query.where[REPORT_CHANNEL] = SV("sms");
	if (!reporting_ask(q, &query, &r))
		return;
	rows = json_array();
	sums = json_object();
	totals = json_array();
	for (i = 0; i < r.count; i++)
		(void)json_array_append_new(
		    rows, cost_row(conf, &r.rows[i], sums));
	json_object_foreach(sums, currency, value)(void) json_array_append_new(
	    totals, json_pack("{s:s, s:o}", "currency", currency, "cost",
			money(json_integer_value(value))));
	json_decref(sums);
	web_json(q, 200,
	    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "from",
		reporting_date(r.from), "to", reporting_date(r.to), "until",
		reporting_date(r.until), "rows", rows, "totals", totals,
		"parts", reporting_count(r.parts)));
}

/* A month as the bulletins print it. */

static bool
month_add(struct web_request *q, const struct report_query *query, json_t *to)
{
	static const struct {
		enum report_by by;
		const char *name;
	} tables[] = {
		{ REPORT_COUNTRY, "countries" },
		{ REPORT_TOPIC, "topics" },
		{ REPORT_LANG, "langs" },
		{ REPORT_CHANNEL, "channels" },
		{ REPORT_LISTING, "listings" },
		{ REPORT_OUTCOME, "outcomes" },
		{ REPORT_PLACE, "places" },
	};
	bool scoped = reporting_scope(q).listings.n > 0;
	struct report r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(tables); i++) {
		if (scoped && (tables[i].by == REPORT_OUTCOME ||
				  tables[i].by == REPORT_PLACE))
			continue;
		if (!table_add(q, query, tables[i].by, to, tables[i].name, &r))
			return false;
		if (i > 0)
			continue;
		(void)json_object_set_new(to, "from", reporting_date(r.from));
		(void)json_object_set_new(to, "to", reporting_date(r.to));
		(void)json_object_set_new(to, "until", reporting_date(r.until));
		(void)json_object_set_new(
		    to, "total", reporting_count(r.total));
		(void)json_object_set_new(
		    to, "total_before", reporting_count(r.total_before));
	}
	return true;
}

void
api_reports_monthly(struct web_request *q)
{
	struct report_query query = { .today = reporting_today(q) };
	struct sv month;
	json_t *all;

	if (!web_query(q, "month", &month) || month.n != 7 ||
	    report_day(month, &query.from) < 0) {
		wrong(q, "month");
		return;
	}
	query.to = report_month(query.from, 1) - 1;
	all = json_pack("{s:s%}", "month", month.p, month.n);
	if (month_add(q, &query, all))
		web_json(q, 200, all);
	else
		json_decref(all);
}
