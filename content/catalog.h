/*
 * catalog.h - the published services as others may read them: HSDS 3.0's API.
 *
 * Made of the services.ndjson of an edition (content_publish_stage()), which
 * holds what callers may be given: active, for callers, never what is never
 * exported.  Answers are texts put together of ready pieces; those that were
 * given are kept, up to CATALOG_KEPT_MAX bytes.
 *
 * HSDS API reference 3.0: https://docs.openreferral.org, openapi.json.
 */
#ifndef CONTENT_CATALOG_H
#define CONTENT_CATALOG_H

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum {
	CATALOG_BYTES_MAX = 128 << 20, /* of the file */
	CATALOG_KEPT_MAX = 48 << 20,
	CATALOG_PER_PAGE = 50,
	CATALOG_PER_PAGE_MAX = 1000,
	CATALOG_TEXT_MAX = 200, /* bytes of a search */
};

enum catalog_list {
	CATALOG_SERVICES,
	CATALOG_ORGANIZATIONS,
	CATALOG_SERVICE_AT_LOCATIONS,
	CATALOG_TAXONOMIES,
	CATALOG_TAXONOMY_TERMS,
	CATALOG_LISTS,
};

struct catalog;

/* Returns 0, -ENOENT, -EINVAL: no such lines. */
MUST_USE int catalog_load(
    const char *path, struct catalog **ret_catalog, struct diag *reterr_diag);
void catalog_free(struct catalog **cp);

/* All that is given must hold. */
struct catalog_query {
	enum catalog_list list;
	int64_t page, per_page;	  /* from 1; per_page 0: CATALOG_PER_PAGE */
	struct sv search;	  /* in names and descriptions, any language */
	struct sv modified_after; /* "2026-11-22", or with a time, UTC */
	struct sv taxonomy_term_id, taxonomy_id, organization_id, parent_id;
	bool top_only; /* terms without a parent */
	bool minimal;  /* id and last_modified alone */
	bool full;     /* with all that belongs to it */
	bool lines;    /* ndjson, of all pages unless per_page is given */
};

/*
 * A page: {"total_items","total_pages","page_number","size","first_page",
 * "last_page","empty","contents"}, or lines.
 *
 * ret_text  good until the next call
 *
 * Returns 0, -EINVAL: a page or a size that cannot be, too long a search.
 */
MUST_USE int catalog_page(
    struct catalog *c, const struct catalog_query *q, struct sv *ret_text);

/* One, with all that belongs to it.  Returns 0, -ENOENT. */
MUST_USE int catalog_one(struct catalog *c, enum catalog_list list,
    struct sv id, struct sv *ret_text);

#endif
