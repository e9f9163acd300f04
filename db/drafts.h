/*
 * drafts.h - what somebody wants a listing to become, until it is approved.
 *
 * One draft a listing, of a listing that is there or a new one.  Saved,
 * submitted, then approved, which changes the listing, or sent back.  Nobody
 * overwrites what they have not seen: who saves names the version of the draft
 * and of the listing that they began with.  Errors as in db.h.
 */
#ifndef DB_DRAFTS_H
#define DB_DRAFTS_H

#include "db/directory.h"

enum { DRAFT_BODY_MAX = 256 * 1024, DRAFT_WHY_MAX = 1024 /* bytes */ };

/* Who does something with a draft; id: of the account, that one person does
 * not approve what they submitted. */
struct draft_by {
	struct sv who;
	int64_t id, at_ms;
};

struct draft {
	char *listing, *who, *submitter, *why; /* why: it was sent back */
	char *body;			       /* JSON of directory_json.h */
	bool submitted;
	int64_t version;      /* of the draft: grows whenever it is saved */
	int64_t base_version; /* of the listing; 0: it is a new one */
	int64_t at_ms, who_id, submitter_id;
};

void draft_free(struct draft **dp);

/* Returns also -ENOENT. */
MUST_USE int draft_get(
    struct directory *d, struct sv listing, struct draft **ret_draft);

/* Newest first; the draft is valid during the call.  fn returns false to
 * stop. */
MUST_USE int drafts_each(struct directory *d,
    bool (*fn)(void *arg, const struct draft *draft), void *arg);

struct draft_save {
	const struct directory_row *row; /* its id names the listing */
	int64_t version; /* of the draft that this is in the place of; 0: there
			    is none */
	int64_t base_version; /* of the listing as it is; 0: there is none */
};

/*
 * Save; what was submitted is not any more.  A name may be missing yet.
 *
 * ret_version  of the draft now
 *
 * Returns also -ESTALE: the draft or the listing has another version; -EINVAL:
 * no id, no text, or too long.
 */
MUST_USE int draft_put(struct directory *d, const struct draft_save *save,
    const struct draft_by *by, int64_t *ret_version);

/* Nothing becomes of it.  Returns also -ENOENT. */
MUST_USE int draft_drop(struct directory *d, struct sv listing);

/* Ask for it to be approved.  Returns also -ENOENT, -EALREADY. */
MUST_USE int draft_submit(
    struct directory *d, struct sv listing, const struct draft_by *by);

/* No more submitted.  why: empty from who took it back.  Returns also -ENOENT,
 * -EALREADY: it was not submitted. */
MUST_USE int draft_back(struct directory *d, struct sv listing, struct sv why);

/*
 * Make the listing what the draft says, end the draft, and note who did it:
 * "approved", or "added".
 *
 * second  only if it was submitted, and by another person
 *
 * Returns also -ENOENT; -EAGAIN: not submitted; -EPERM: the same person;
 * -ESTALE: the listing was changed since; -EINVAL: it is none.
 */
MUST_USE int draft_approve(struct directory *d, struct sv listing,
    const struct draft_by *by, bool second);

#endif
