/*
 * vault.h - keys: pseudonyms, sealed outbox rows, tags for the log.
 *
 * DIR/keys (0700, or a link to a folder elsewhere) holds vault.key and
 * epoch-N.key, 32 random bytes each as hex, 0600, outside both databases,
 * sealed under a passphrase if there is one (keywrap.h).
 * Epoch N covers 30 days from N * 30 days since 1970.  Keys sit in locked
 * memory (sodium_malloc) and are wiped.
 */
#ifndef DAEMON_CORE_VAULT_H
#define DAEMON_CORE_VAULT_H

#include "daemon/base/arena.h"
#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum { VAULT_TAG_LEN = 16, VAULT_EPOCH_DAYS = 30, VAULT_SEAL_BYTES = 43 };

struct vault;

/* Make the key folder and its vault key; a key that is there stays. */
MUST_USE int vault_create(const char *dir, struct diag *reterr_diag);

/* The same with a passphrase (keywrap.h), which is asked for. */
MUST_USE int vault_create_sealed(const char *dir, struct diag *reterr_diag);

/*
 * Read the keys.  Where they have a passphrase it is asked for (passphrase.h);
 * one that a crash left unsealed is sealed.
 *
 * Returns 0, -ENOENT, -EPERM (others may read them, or we may not write),
 * -EROFS, -EINVAL, -ENOKEY (no passphrase), -EKEYREJECTED (a wrong one).
 */
MUST_USE int vault_open(
    const char *dir, struct vault **ret_vault, struct diag *reterr_diag);

/* The same for a key folder itself, which need not be writable: to see what it
 * opens. */
MUST_USE int vault_look(
    const char *path, struct vault **ret_vault, struct diag *reterr_diag);
void vault_close(struct vault **vp);

/* Whether a key folder has a passphrase. */
MUST_USE int vault_is_sealed(
    const char *path, bool *ret_sealed, struct diag *reterr_diag);

/*
 * Give DIR/keys a passphrase, or another one; or none any more.  The one of now
 * and the new one are asked for.  No vault is open.  What a crash interrupts,
 * the next vault_open() finishes: with a passphrase if there was or was to be
 * one.
 *
 * Returns as vault_open().
 */
MUST_USE int vault_seal_keys(const char *dir, struct diag *reterr_diag);
MUST_USE int vault_unseal_keys(const char *dir, struct diag *reterr_diag);

int64_t vault_epoch(int64_t at_ms);

/*
 * Pseudonym of a number: keyed BLAKE2b-128 under the epoch's key, which is
 * made (and synced to disk) when it does not exist yet.
 *
 * Returns 0, -EIO if the key could not be written.
 */
MUST_USE int vault_person(struct vault *v, int64_t epoch, struct sv e164,
    uint8_t ret_person[VAULT_TAG_LEN]);

/* The same, but -ENOENT for an epoch that has no key: nobody was given a
 * pseudonym in it, or the key was destroyed. */
MUST_USE int vault_person_of(struct vault *v, int64_t epoch, struct sv e164,
    uint8_t ret_person[VAULT_TAG_LEN]);

/*
 * Destroy the keys of epochs before first, in memory and on disk: their
 * pseudonyms belong to nobody from now on.
 *
 * Returns 0, -EIO: not all of them; call again.
 */
MUST_USE int vault_epochs_destroy(
    struct vault *v, int64_t first, size_t *ret_count);

/* Destroy everything in the key folder, and what memory holds of it.  Nothing
 * is made there again by this vault.  Returns 0, -EIO: not all of it. */
MUST_USE int vault_destroy(struct vault *v, size_t *ret_count);

/* The same where no vault is open. */
MUST_USE int vault_folder_destroy(
    const char *dir, size_t *ret_count, struct diag *reterr_diag);

/* Call fn for every epoch whose key is there.  Returns 0, -EIO. */
MUST_USE int vault_epochs_each(
    struct vault *v, void (*fn)(void *arg, int64_t epoch), void *arg);

/* Keyed BLAKE2b-128 under the vault key of two fields: a gateway's name and
 * its message id. */
void vault_ref(const struct vault *v, struct sv gateway, struct sv id,
    uint8_t ret_ref[VAULT_TAG_LEN]);

/* Eight hex digits that stand for a number in the log of one process: a random
 * key made at start, never stored. */
const char *vault_phone_tag(struct vault *v, struct sv e164);

/* Seal number and text (crypto_secretbox); the arena owns the bytes, which are
 * VAULT_SEAL_BYTES more than those of the three. */
struct sv vault_seal(const struct vault *v, struct sv e164, struct sv from,
    struct sv text, struct arena *a);

/* Open what vault_seal() made; views into the arena.  -EBADMSG if it was not
 * made under this key. */
MUST_USE int vault_unseal(const struct vault *v, struct sv sealed,
    struct arena *a, struct sv *ret_e164, struct sv *ret_from,
    struct sv *ret_text);

/* Whether there is a reviewers' public key. */
bool vault_has_reviewers(const struct vault *v);

/* Seal a text to the reviewers (crypto_box_seal), its length hidden in blocks;
 * reviewers_unseal() reads it.  There must be a key. */
struct sv vault_seal_review(
    const struct vault *v, struct sv text, struct arena *a);

/* Begin to seal something long to the reviewers: reviewers.h.  There must be a
 * key. */
struct sealing;
struct sealing *vault_sealing_new(
    const struct vault *v, struct sv line, uint8_t *ret_head);

/* Random bits. */
uint64_t vault_chance(void);
void vault_chance_put(void *ret_bytes, size_t n);

#endif
