/*
 * directory.h - directory.db: HSDS 3.x tables of who helps, and the editions.
 *
 * Tables organization, service, location, service_at_location, phone,
 * address, schedule, language, service_area, taxonomy, taxonomy_term,
 * attribute, organization_identifier as in HSDS; translation, verification,
 * visibility, edition are ours.  Never holds a caller.  Errors as in db.h.
 */
#ifndef DB_DIRECTORY_H
#define DB_DIRECTORY_H

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

struct directory;

/* Open or create DIR/directory.db and apply missing migrations. */
MUST_USE int directory_open(
    const char *dir, struct directory **ret_dir, struct diag *reterr_diag);
void directory_close(struct directory **dp);

/* One round of changes, all or nothing.  Changes outside a round are each a
 * round of their own. */
MUST_USE int directory_begin(struct directory *d);
MUST_USE int directory_commit(struct directory *d);
void directory_rollback(struct directory *d);

/*
 * A listing laid flat: one organization, its service, where and how to reach
 * it.  Fields are the columns of content/orgs/README.md; lists have ';'
 * between their members.  Views; empty where nothing is known.
 */
struct directory_row {
	struct sv id, name_en, name_ru, country, places, topics, kind;
	struct sv phone_e164, phone_as_printed, short_code, email, website;
	struct sv address, languages, description_en, hours;
	struct sv reachable_from, serves, listing, notes;
	struct sv source, seen, source_year, topics_basis;
	int64_t checked_ms; /* last verification, 0 never */
};

enum directory_change { DIRECTORY_SAME, DIRECTORY_ADDED, DIRECTORY_CHANGED };

enum {
	DIRECTORY_FIELD_MAX = 16 * 1024, /* bytes of a field */
	DIRECTORY_LIST_MAX = 64,	 /* members of a list */
};

/*
 * Add or change the listing with this id, over all HSDS tables.
 *
 * HSDS ids are UUIDs made from the listing's id, the same on every machine.
 * A verification stays as long as the contacts (phones, short code, email,
 * website, address) stay as they were when it was made; a checked_ms newer
 * than what is known is recorded as one.
 *
 * Returns also -EINVAL: no id or name, a list with an empty member, or a field
 * over its limit.
 */
MUST_USE int directory_put(struct directory *d, const struct directory_row *row,
    enum directory_change *ret_change);

/* Every active listing in order of id.  fn returns false to stop. */
MUST_USE int directory_each(struct directory *d,
    bool (*fn)(void *arg, const struct directory_row *row), void *arg);

/* Say that somebody checked a listing.  -ENOENT: no such listing. */
MUST_USE int directory_verify(struct directory *d, struct sv id, int64_t at_ms,
    struct sv how, struct sv who);

struct directory_edition {
	int64_t number, at_ms, listings;
	struct sv note;
};

/* Record a published edition and make it the current one; an older number may
 * be published again. */
MUST_USE int directory_edition_put(
    struct directory *d, const struct directory_edition *edition);

/* The current edition; -ENOENT if nothing was ever published. */
MUST_USE int directory_edition_now(struct directory *d, int64_t *ret_number);

/* Changes whenever another connection has written: cheap to ask. */
MUST_USE int directory_version(struct directory *d, int64_t *ret_version);

#endif
