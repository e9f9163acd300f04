/*
 * desk.h - what the handlers of the directory share.
 */
#ifndef DAEMON_WEB_DESK_H
#define DAEMON_WEB_DESK_H

#include "daemon/web/listing_json.h"
#include "daemon/web/web.h"
#include "db/drafts.h"

struct desk;
struct directory_found;
struct listing;

void desk_free(struct desk **dp);

/* Topics, places and numbers to look values up in; false: replied, nothing was
 * ever published. */
bool desk_known(struct web_request *q, struct listing_known *ret_known);

/* Whether the user may change, or as a reviewer see, a listing of these lists,
 * with ';' before, between and behind, or nothing. */
bool desk_in_scope(const struct web_request *q, struct sv id, struct sv topics,
    struct sv country);

/* The same of a row; false: replied. */
bool desk_may(struct web_request *q, const struct directory_row *row);

/* Whether the user's part is the whole directory: an import, an export or an
 * edition is more than a part.  False: replied. */
bool desk_has_all(struct web_request *q);

/* True for who is a reviewer and nothing else. */
bool desk_only_reviews(const struct web_request *q);

/* Whether a listing is one that the user may look at: what is for operators
 * alone is seen by no reviewer but its own organization's. */
bool desk_is_shown(
    const struct web_request *q, struct sv id, struct sv visibility);

struct draft_by desk_draft_by(const struct web_request *q);

/*
 * A change of the directory between the two, all or nothing, and its row of
 * the audit.  They are in two files: the row is committed before the change,
 * so that a crash can leave a row without a change, which the listing's
 * history shows, but no change without a row.
 *
 * rc      how the change went; below 0 nothing is kept
 * action  NULL: no row
 *
 * desk_end() returns rc, or what the stores say; then nothing was changed.
 */
MUST_USE int desk_begin(struct web_request *q);
MUST_USE int desk_end(
    struct web_request *q, int rc, const char *action, struct sv what);

/* A listing, or a draft, that lives as long as the request. */
struct desk_row {
	struct directory_row row;
	int64_t version;
	json_t *owner; /* json_decref() it */
};

/* Returns 0, -ENOENT, what the store says. */
MUST_USE int desk_row_get(
    struct web_request *q, struct sv id, struct desk_row *ret_row);

/* {version,state,who,at_ms,listing,base_version,submitter,submitter_id,why} */
json_t *desk_draft_json(const struct draft *draft);

/* {id,version,listing,draft}: what is there now, or null. */
json_t *desk_present(struct web_request *q, struct sv id);

/* {field: code} of what is not wrong but should be looked at: not_discreet,
 * not_spoken. */
json_t *desk_warnings(struct web_request *q, const struct directory_row *row,
    const struct listing_known *known);

/* [{topic,country,place,count}]: what was asked for in the last 30 days and not
 * found, most of it first; fewer than five are not told, and partners get
 * none. */
json_t *desk_missing(struct web_request *q);

/* A listing as callers would get it; -EINVAL: it is none yet. */
MUST_USE int desk_listing(const struct directory_row *row,
    const struct listing_known *known, struct listing *ret_listing);

#endif
