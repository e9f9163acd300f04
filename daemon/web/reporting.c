/* reporting.c - a question to the counts, and its answer as JSON. */
#include "daemon/web/reporting.h"

#include <stdio.h>

#include "menus/edition.h"

enum { DAY_MS = 24 * 3600 * 1000, MONTH_CHARS = 7, ID_TEXT = 80 };

static const char *const by_names[REPORT_BYS] = {
	[REPORT_CHANNEL] = "channel",
	[REPORT_GATEWAY] = "gateway",
	[REPORT_COUNTRY] = "country",
	[REPORT_LANG] = "lang",
	[REPORT_TOPIC] = "topic",
	[REPORT_PLACE] = "place",
	[REPORT_OUTCOME] = "outcome",
	[REPORT_LISTING] = "listing",
	[REPORT_DAY] = "day",
	[REPORT_WEEK] = "week",
	[REPORT_MONTH] = "month",
};

enum report_by
reporting_by(struct sv name)
{
	int i;

	for (i = 0; i < REPORT_BYS; i++)
		if (sv_eq(name, sv_of(by_names[i])))
			break;
	return (enum report_by)i;
}

const char *
reporting_by_name(enum report_by by)
{
	return by_names[by];
}

int64_t
reporting_today(const struct web_request *q)
{
	return q->now_ms / DAY_MS;
}

/* The region a place lies in; a city of that rank is its own. */
static struct sv
region_of(void *arg, struct sv id)
{
	const struct places *places = arg;
	uint16_t at = places_find(places, id);
	const struct place *p = NULL;

	if (at == PLACE_NONE)
		return SV("");
	for (p = places_at(places, at);
	     p->kind > PLACE_REGION && p->parent != PLACE_NONE &&
	     places_at(places, p->parent)->kind != PLACE_COUNTRY;)
		p = places_at(places, p->parent);
	return sv_of(p->id);
}

/* Before there is an edition nobody knows a region. */
static struct sv
region_none(void *arg, struct sv id)
{
	(void)arg, (void)id;
	return SV("");
}

struct report_scope
reporting_scope(struct web_request *q)
{
	const struct web_user *u = q->user;
	const struct edition *e = web_edition(q->web);
	bool scoped =
	    u->scope.orgs.n + u->scope.topics.n + u->scope.countries.n > 0;
	bool partner =
	    (u->roles & (ROLE_ADMIN | ROLE_OPERATOR | ROLE_APPROVER)) == 0 ||
	    (scoped && (u->roles & ROLE_ADMIN) == 0);

	return (struct report_scope){
		.listings = u->scope.orgs,
		.topics = u->scope.topics,
		.countries = u->scope.countries,
		.partner = partner,
		.region = e != NULL ? region_of : region_none,
		.region_arg = e != NULL ? e->content.places : NULL,
	};
}

static json_t *
field_invalid(const char *field)
{
	return json_pack("{s:{s:s}}", "fields", field, "invalid");
}

bool
reporting_ask(struct web_request *q, const struct report_query *query,
    struct report *ret_report)
{
	struct report_scope scope = reporting_scope(q);
	struct db *db = web_hotline(q->web);
	int rc = db == NULL ?
		     -EBUSY :
		     reports_query(db, &scope, query, q->arena, ret_report);

	if (rc == 0)
		return true;
	if (rc == -EINVAL)
		web_error(q, 422, "invalid", field_invalid("from"));
	else if (rc == -EOPNOTSUPP)
		web_error(q, 422, "not_for_scope", NULL);
	else if (rc == -EPERM)
		web_error(q, 403, "grain", NULL);
	else
		web_failed(q, rc);
	return false;
}

json_t *
reporting_date(int64_t day)
{
	char date[REPORT_DATE];

	report_date(day, date);
	return json_string(date);
}

json_t *
reporting_count(int64_t count)
{
	return count == REPORT_HIDDEN ? json_null() :
					json_integer((json_int_t)count);
}

/* Of the total, in hundredths. */
static json_t *
share_of(int64_t count, int64_t total)
{
	int64_t percent;

	if (count == REPORT_HIDDEN || total <= 0)
		return json_null();
	percent = (count * 100 + total / 2) / total;
	return json_real((double)(percent > 100 ? 100 : percent) / 100);
}

json_t *
reporting_rows(const struct report *r, enum report_by by)
{
	json_t *rows = json_array();
	size_t i;

	for (i = 0; i < r->count; i++) {
		const struct report_row *row = &r->rows[i];
		size_t n = by == REPORT_MONTH ? MONTH_CHARS : row->key.n;

		(void)json_array_append_new(
		    rows, json_pack("{s:s%, s:o, s:o, s:o}", "key",
			      n > 0 ? row->key.p : "", n, "count",
			      reporting_count(row->count), "share",
			      share_of(row->count, r->total), "before",
			      reporting_count(row->before)));
	}
	return rows;
}

json_t *
reporting_json(const struct report *r, enum report_by by)
{
	return json_pack("{s:o, s:o, s:{s:o, s:o}, s:o, s:o, s:o, s:I, s:o}",
	    "from", reporting_date(r->from), "to", reporting_date(r->to),
	    "before", "from", reporting_date(r->before_from), "to",
	    reporting_date(r->before_to), "rows", reporting_rows(r, by),
	    "total", reporting_count(r->total), "total_before",
	    reporting_count(r->total_before), "suppressed",
	    (json_int_t)r->hidden, "until", reporting_date(r->until));
}

static struct sv
topic_name(const struct edition *e, enum lang lang, struct sv key)
{
	char id[ID_TEXT];

	if (topics_find(e->content.topics, key) == TOPIC_NONE)
		return key;
	(void)snprintf(id, sizeof(id), "label." SV_FMT, SV_ARG(key));
	return texts_get(e->content.texts, lang, id);
}

static struct sv
place_name(const struct edition *e, enum lang lang, struct sv key)
{
	uint16_t at = places_find(e->content.places, key);

	return at == PLACE_NONE ? key :
				  places_at(e->content.places, at)->names[lang];
}

static struct sv
listing_name(const struct edition *e, enum lang lang, struct sv key)
{
	const struct listing *l = listings_find(e->content.listings, key);
	enum lang at = lang;

	while (l != NULL && at != LANG_NONE && l->names[at].n == 0)
		at = lang_fallback(at);
	return l == NULL || at == LANG_NONE ? key : l->names[at];
}

struct sv
reporting_name(struct web_request *q, enum report_by by, struct sv key)
{
	const struct edition *e = web_edition(q->web);
	enum lang lang = lang_of(q->user->lang);

	if (lang == LANG_NONE)
		lang = LANG_RU;
	if (e == NULL || key.n == 0)
		return key;
	if (by == REPORT_TOPIC)
		return topic_name(e, lang, key);
	if (by == REPORT_PLACE || by == REPORT_COUNTRY)
		return place_name(e, lang, key);
	if (by == REPORT_LISTING)
		return listing_name(e, lang, key);
	return key;
}
