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
 * it.  Fields are those of directory_fields.def, explained in
 * content/orgs/README.md; lists have ';' between their members.  Views; empty
 * where nothing is known.
 */
struct directory_row {
#define TEXT(name) struct sv name;
#define LIST(name) struct sv name;
#include "db/directory_fields.def"
	int64_t checked_ms; /* last verification, 0 never */
};

enum {
#define TEXT(name) DIRECTORY_FIELD_##name,
#define LIST(name) DIRECTORY_FIELD_##name,
#include "db/directory_fields.def"
	DIRECTORY_FIELDS
};

struct directory_field {
	const char *name;
	size_t at; /* in struct directory_row */
	bool list; /* ';' between members */
};
extern const struct directory_field directory_fields[DIRECTORY_FIELDS];

static inline struct sv
directory_field(const struct directory_row *row, size_t i)
{
	return *(const struct sv *)(const void *)((const char *)row +
						  directory_fields[i].at);
}

static inline void
directory_field_set(struct directory_row *row, size_t i, struct sv v)
{
	*(struct sv *)(void *)((char *)row + directory_fields[i].at) = v;
}

/* Who changes something, and how it is called in the history: "import",
 * "approved", "restored" ... */
struct directory_by {
	struct sv who, action;
	int64_t at_ms;
};

enum directory_change { DIRECTORY_SAME, DIRECTORY_ADDED, DIRECTORY_CHANGED };

enum {
	DIRECTORY_FIELD_MAX = 16 * 1024, /* bytes of a field */
	DIRECTORY_LIST_MAX = 64,	 /* members of a list */
};

/*
 * Add or change the listing with this id, over all HSDS tables, with what is
 * searched and a row of its history.
 *
 * HSDS ids are UUIDs made from the listing's id, the same on every machine.
 * A verification stays as long as the contacts (phones, short code, email,
 * website, address) stay as they were when it was made; a checked_ms newer
 * than what is known is recorded as one.
 *
 * Returns also -EINVAL: no id or name, a list with an empty member, a status
 * that is none, or a field over its limit.
 */
MUST_USE int directory_put(struct directory *d, const struct directory_row *row,
    const struct directory_by *by, enum directory_change *ret_change);

/* Every active listing in order of id.  fn returns false to stop. */
MUST_USE int directory_each(struct directory *d,
    bool (*fn)(void *arg, const struct directory_row *row), void *arg);

/* One listing, active or not: fn is called once.  Returns also -ENOENT. */
MUST_USE int directory_get(struct directory *d, struct sv id,
    void (*fn)(void *arg, const struct directory_row *row, int64_t version),
    void *arg);

/* Say that somebody checked a listing.  -ENOENT: no such listing. */
MUST_USE int directory_verify(struct directory *d, struct sv id, int64_t at_ms,
    struct sv how, struct sv who);

struct directory_edition {
	int64_t number, at_ms, listings;
	struct sv note, who;
	int64_t change; /* directory_change_now() before it was written */
};

/* Record a published edition and make it the current one; an older number may
 * be published again. */
MUST_USE int directory_edition_put(
    struct directory *d, const struct directory_edition *edition);

/* The current edition; -ENOENT if nothing was ever published. */
MUST_USE int directory_edition_now(struct directory *d, int64_t *ret_number);

/* Newest first; fn returns false to stop. */
MUST_USE int directory_editions_each(struct directory *d,
    bool (*fn)(void *arg, const struct directory_edition *edition), void *arg);

/* The newest row of the history; 0 if there is none. */
MUST_USE int directory_change_now(struct directory *d, int64_t *ret_change);

/* The newest row of the history that is in an edition; 0 if nobody knows. */
MUST_USE int directory_edition_change(
    struct directory *d, int64_t number, int64_t *ret_change);

/* How many listings were changed or checked behind that row. */
MUST_USE int directory_changed_since(
    struct directory *d, int64_t change, int64_t *ret_listings);

/* Changes whenever another connection has written: cheap to ask. */
MUST_USE int directory_version(struct directory *d, int64_t *ret_version);

#endif
