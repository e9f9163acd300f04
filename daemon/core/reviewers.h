/*
 * reviewers.h - the pair of keys for texts that found no answer.
 *
 * safard holds only the public key and cannot open what it seals.  The private
 * one is written once, to a file that the reviewers take away.
 */
#ifndef DAEMON_CORE_REVIEWERS_H
#define DAEMON_CORE_REVIEWERS_H

#include "daemon/base/arena.h"
#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

#define REVIEWERS_PUBLIC "reviewers.pub" /* in the key folder */

enum { REVIEWERS_PAD = 256 /* lengths of sealed texts are multiples of it */ };

struct reviewers;

/*
 * Make a pair: the private key becomes the new file path (64 hex digits, 0600),
 * the public one DIR/keys/reviewers.pub, in the place of an older one.
 *
 * Returns 0, -EEXIST (path is there), -ENOENT, -EPERM, -EROFS, -EIO.
 */
MUST_USE int reviewers_create(
    const char *dir, const char *path, struct diag *reterr_diag);

/* Read a private key.  Returns 0, -ENOENT, -EPERM, -EINVAL, -EIO. */
MUST_USE int reviewers_open(const char *path, struct reviewers **ret_reviewers,
    struct diag *reterr_diag);
void reviewers_close(struct reviewers **rp);

/* Open what vault_seal_review() made; a view into the arena.  -EBADMSG if it
 * was not sealed to this pair. */
MUST_USE int reviewers_unseal(const struct reviewers *r, struct sv sealed,
    struct arena *a, struct sv *ret_text);

#endif
