/*
 * passphrase.h - the passphrase of a key folder, from whoever has it.
 *
 * It is one line of PASSPHRASE_MIN to PASSPHRASE_MAX bytes, and comes from the
 * first of these that is there:
 *   $SAFAR_PASSPHRASE_FD        an open descriptor, by its number; each call
 *                               reads the next line
 *   $CREDENTIALS_DIRECTORY      a systemd credential, the file safar.passphrase
 *   the terminal                without an echo
 */
#ifndef DAEMON_CORE_PASSPHRASE_H
#define DAEMON_CORE_PASSPHRASE_H

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum { PASSPHRASE_MIN = 12, PASSPHRASE_MAX = 1000 };

#define PASSPHRASE_CREDENTIAL "safar.passphrase"

struct passphrase; /* in locked memory */

/*
 * Get it.
 *
 * folder  whose it is, to say so
 *
 * Returns 0, -ENOKEY (nobody gave one), -EINVAL (not such a line), -ECANCELED
 * (Ctrl-C), -EPERM, -EIO.
 */
MUST_USE int passphrase_get(
    const char *folder, struct passphrase **ret_pass, struct diag *reterr_diag);

/* Get one that is to be set: at a terminal it is asked for twice. */
MUST_USE int passphrase_new(
    const char *folder, struct passphrase **ret_pass, struct diag *reterr_diag);
void passphrase_free(struct passphrase **pp);

/* A view of it. */
struct sv passphrase_sv(const struct passphrase *p);

#endif
