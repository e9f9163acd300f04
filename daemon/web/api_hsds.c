/* api_hsds.c - the published services for everybody: HSDS 3.0's API. */
#include <stdlib.h>

#include "content/catalog.h"
#include "content/publish.h"
#include "daemon/base/log.h"
#include "daemon/core/conf.h"
#include "daemon/web/guard.h"
#include "daemon/web/inner.h"
#include "daemon/web/openapi.h"

enum {
	LARGE = 1 << 20,
	WAITING_MAX = 128 << 20, /* bytes that nobody has taken yet */
};

static const char profile[] =
    "https://docs.openreferral.org/en/3.0.1/hsds/overview.html";

/* The published edition's; the one before stays where that has none. */
static struct catalog *
catalog_of(struct web *w)
{
	char edition[CONTENT_PATH_MAX], path[CONTENT_PATH_MAX + 64];
	struct catalog *fresh = NULL;
	struct diag why = { "" };

	if (w->catalog_number == w->edition_wanted)
		return w->catalog;
	w->catalog_number = w->edition_wanted;
	if (content_edition_path(w->dir, w->edition_wanted, edition) < 0)
		return w->catalog;
	(void)snprintf(
	    path, sizeof(path), "%s/content/orgs/" CONTENT_PUBLIC, edition);
	if (catalog_load(path, &fresh, &why) < 0) {
		log_kv(LOG_WARN, "catalog_refused", "number=%lld why=\"%s\"",
		    (long long)w->edition_wanted, why.text);
		return w->catalog;
	}
	catalog_free(&w->catalog);
	w->catalog = fresh;
	return fresh;
}

/* NULL: answered. */
static struct catalog *
begin(struct web_request *q)
{
	struct catalog *c = NULL;

	if (!web_conf(q->web)->console.public_api)
		web_error(q, 404, "not_found", NULL);
	else if ((c = catalog_of(q->web)) == NULL)
		web_error(q, 503, "nothing_published", NULL);
	else {
		/* anybody's page may read what everybody may */
		web_reply_header(q, "Access-Control-Allow-Origin", "*");
	}
	return c;
}

/* --- parameters --- */

static struct sv
text_of(const struct web_request *q, const char *name)
{
	struct sv v = { "", 0 };

	return web_query(q, name, &v) ? v : (struct sv){ "", 0 };
}

static bool
is_true(const struct web_request *q, const char *name)
{
	struct sv v = text_of(q, name);

	return sv_eq(v, SV("true")) || sv_eq(v, SV("1"));
}

/* -1: no number. */
static int64_t
number_of(const struct web_request *q, const char *name, int64_t otherwise)
{
	struct sv v = text_of(q, name);
	char *end;
	long long n;

	if (v.n == 0)
		return otherwise;
	n = strtoll(v.p, &end, 10);
	return end == v.p + v.n && v.n < 10 && n > 0 ? n : -1;
}

static bool
is_moment(struct sv v)
{
	return v.n == 0 || (v.n >= 10 && v.n <= 32 &&
			       strspn(v.p, "0123456789-:.TZ+") == v.n);
}

/* Who asks for all of it and does not take it shall not fill the memory. */
static void
answer(struct web_request *q, struct sv text, bool lines)
{
	if (text.n > LARGE && guard_waiting(q->web->guard) > WAITING_MAX) {
		web_error(q, 503, "busy", NULL);
		return;
	}
	web_bytes(q, 200, lines ? "application/x-ndjson" : "application/json",
	    NULL, text);
}

static void
list(struct web_request *q, enum catalog_list which)
{
	struct catalog *c = begin(q);
	struct catalog_query ask = { .list = which };
	struct sv text, format;

	if (c == NULL)
		return;
	format = text_of(q, "format");
	ask.page = number_of(q, "page", 1);
	ask.per_page = number_of(q, "per_page", 0);
	ask.search = text_of(q, "search");
	ask.modified_after = text_of(q, "modified_after");
	ask.taxonomy_term_id = text_of(q, "taxonomy_term_id");
	ask.taxonomy_id = text_of(q, "taxonomy_id");
	ask.organization_id = text_of(q, "organization_id");
	ask.parent_id = text_of(q, "parent_id");
	ask.top_only = is_true(q, "top_only");
	ask.minimal = which < CATALOG_TAXONOMIES && is_true(q, "minimal");
	ask.full = is_true(q, "full") || is_true(q, "full_service");
	ask.lines = sv_eq(format, SV("ndjson"));
	if ((format.n > 0 && !ask.lines && !sv_eq(format, SV("json"))) ||
	    !is_moment(ask.modified_after) || ask.per_page < 0 ||
	    catalog_page(c, &ask, &text) < 0)
		web_error(q, 400, "bad_parameter", NULL);
	else
		answer(q, text, ask.lines);
}

static void
one(struct web_request *q, enum catalog_list which)
{
	struct catalog *c = begin(q);
	struct sv text;

	if (c == NULL)
		return;
	if (catalog_one(c, which, q->id, &text) < 0)
		web_error(q, 404, "not_found", NULL);
	else
		answer(q, text, false);
}

/* --- routes --- */

void
hsds_root(struct web_request *q)
{
	if (begin(q) != NULL)
		web_json(q, 200,
		    json_pack("{s:s, s:s, s:s}", "version", "3.0", "profile",
			profile, "openapi_url", "/openapi.json"));
}

void
hsds_openapi(struct web_request *q)
{
	if (begin(q) != NULL)
		answer(q, openapi_json(), false);
}

#define LIST(name, which)                                                      \
	void hsds_##name(struct web_request *q)                                \
	{                                                                      \
		list(q, which);                                                \
	}                                                                      \
	void hsds_##name##_one(struct web_request *q)                          \
	{                                                                      \
		one(q, which);                                                 \
	}

LIST(services, CATALOG_SERVICES)
LIST(organizations, CATALOG_ORGANIZATIONS)
LIST(service_at_locations, CATALOG_SERVICE_AT_LOCATIONS)
LIST(taxonomies, CATALOG_TAXONOMIES)
LIST(taxonomy_terms, CATALOG_TAXONOMY_TERMS)
