/*
 * erase.h - a person is taken out of the store under every name they had.
 */
#ifndef DAEMON_CORE_ERASE_H
#define DAEMON_CORE_ERASE_H

#include "daemon/core/vault.h"
#include "db/db.h"

/*
 * Erase a number: what is not yet sent goes, rows of inbox and log are nobody's
 * (see db_person_forget()), under every name that a key is there for; rows of
 * other epochs are nobody's already.
 */
MUST_USE int erase_person(struct db *db, struct vault *v, struct sv e164);

/* The same for a word of their own; the row's name is a vault_ref() with this
 * in the place of a gateway. */
#define ERASE_DECOY "\001decoy name"
MUST_USE int erase_decoy(struct db *db, const struct vault *v, struct sv e164);

/* The same for a wish to be called: its row and its name. */
#define ERASE_CALLBACK "\001callback name"
MUST_USE int erase_callback(
    struct db *db, const struct vault *v, struct sv e164);

/*
 * The first epoch whose key is still of use: the key of an older one is
 * destroyed when link_days after its first row are over, or its last row is
 * too old to be kept.
 */
int64_t erase_epoch_kept(int64_t now_ms, int64_t link_days, int64_t keep_days);

#endif
