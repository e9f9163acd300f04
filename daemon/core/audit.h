/*
 * audit.h - what administrators did, in a chain: each row's hash (BLAKE2b-256)
 * covers the row and the hash before it, so that one changed or taken out of
 * the middle shows.  No row holds a number, a text or a pseudonym.
 */
#ifndef DAEMON_CORE_AUDIT_H
#define DAEMON_CORE_AUDIT_H

#include "db/db.h"

enum { AUDIT_WHO_MAX = 64, AUDIT_ACTION_MAX = 64 /* bytes; the rest is cut */ };

/* Add a row.  Returns what the store says. */
MUST_USE int audit_put(struct db *db, struct sv who, struct sv action);

/*
 * Go through the chain, oldest first.
 *
 * fn       whole: the row is as it was written, and so is what is before it;
 *          of the oldest row left nobody can say what was before
 */
MUST_USE int audit_each(struct db *db,
    void (*fn)(void *arg, const struct db_audit *row, bool whole), void *arg);

#endif
