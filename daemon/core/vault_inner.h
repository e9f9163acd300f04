/*
 * vault_inner.h - what the vault's files share; nobody else includes it.
 */
#ifndef DAEMON_CORE_VAULT_INNER_H
#define DAEMON_CORE_VAULT_INNER_H

#include "daemon/base/diag.h"
#include "daemon/core/keyfile.h"

#define VAULT_KEY "vault.key"

/* Say of a file of the key folder path what an error means.  Returns rc. */
int vault_key_explain(
    struct diag *d, int rc, const char *path, const char *name);

/* Ask for the passphrase and get the key of keys into the room; seal what is
 * not yet sealed under it.  They explain what fails. */
MUST_USE int vault_wrap_load(
    int fd, const char *path, struct keyfile_room *room, struct diag *d);
MUST_USE int vault_wrap_settle(
    int fd, const char *path, struct keyfile_room *room, struct diag *d);

#endif
