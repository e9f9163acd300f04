/*
 * account.h - what accounts of the console rest on: tokens, passwords, sealed
 * secrets, the chain of what was done.
 *
 * For safar-console and safarctl.  Whoever reads console.db learns no token,
 * no password and no code; who also reads DATA/console.key can make codes of
 * the second factor, and no more.
 */
#ifndef DAEMON_CORE_ACCOUNT_H
#define DAEMON_CORE_ACCOUNT_H

#include "db/console.h"

enum {
	ACCOUNT_TOKEN_SIZE = 44, /* 32 random bytes as base64url, and a NUL */
	ACCOUNT_TAG_LEN = 16,
	ACCOUNT_PASSWORD_MIN = 12,  /* characters */
	ACCOUNT_PASSWORD_MAX = 256, /* bytes */
};

/* Random bytes from the system. */
void account_random(void *ret_bytes, size_t n);

/* Whether two texts are the same, in a time that does not tell. */
bool account_same(struct sv a, struct sv b);

/* Write over what was a secret. */
void account_wipe(void *bytes, size_t n);

/* A new token, and the hash that is stored in its place. */
void account_token_new(
    char ret_text[ACCOUNT_TOKEN_SIZE], uint8_t ret_hash[CONSOLE_HASH_LEN]);

/* False: it does not look like one. */
bool account_token_hash(struct sv text, uint8_t ret_hash[CONSOLE_HASH_LEN]);

/* What a page must send along with a change: made of the session's token,
 * which another site's page cannot read. */
void account_csrf(struct sv token, char ret_text[ACCOUNT_TOKEN_SIZE]);

/* --- passwords: argon2id, 64 MiB, about 0.1 s; not on a loop --- */

/* password  NUL-terminated.  Returns 0, -ENOMEM. */
MUST_USE int account_password_hash(
    const char *password, char ret_hash[CONSOLE_PASSWORD_SIZE]);

/* An empty hash fits nothing, and takes as long. */
bool account_password_fits(const char *hash, const char *password);

/* --- DATA/console.key --- */

#define ACCOUNT_KEY_NAME "console.key"

struct account_key;

/* Read it, or make it where there is none (0600); who has it holds a lock on
 * it, by which account_destroy() finds them.  Returns 0, -EPERM (others can
 * read it), -EINVAL (not a key), -EIO and the like. */
MUST_USE int account_key_open(
    const char *dir, struct account_key **ret_key, struct diag *reterr_diag);
void account_key_close(struct account_key **kp);

/*
 * Nobody is logged in and nobody can log in any more: kill the processes that
 * have the key, destroy it, write over sessions, invitations, passwords and
 * second factors, and note "panic".  Names and what was done stay.  Where there
 * is no console nothing happens.
 *
 * Returns 0; -EBUSY: a process would not end; or what the disk and the store
 * say: the rest was done.
 */
MUST_USE int account_destroy(
    const char *dir, struct sv who, int64_t now_ms, struct diag *reterr_diag);

/* A keyed hash of two texts: a recovery code, an address at a limit. */
void account_tag(const struct account_key *key, struct sv a, struct sv b,
    uint8_t ret_tag[ACCOUNT_TAG_LEN]);

/* Seal (XSalsa20-Poly1305), and open.  Returns how many bytes, or 0 if they
 * do not fit; opening: or are not ours. */
size_t account_seal(const struct account_key *key, struct sv plain,
    uint8_t *ret_sealed, size_t size);
size_t account_unseal(const struct account_key *key, struct sv sealed,
    uint8_t *ret_plain, size_t size);

/* --- what was done --- */

/* Add a row to the chain, in the round that is open, or in one of its own.
 * who and action are cut to CONSOLE_WHO_MAX and CONSOLE_ACTION_MAX.  No row
 * holds a caller's number or text. */
MUST_USE int account_audit(
    struct console *c, struct sv who, struct sv action, int64_t at_ms);

/* Rows from_id and later, oldest first; whole: chain.h.  Of the first one
 * where from_id is above 1 nobody can say. */
MUST_USE int account_audit_each(struct console *c, int64_t from_id,
    void (*fn)(void *arg, const struct console_audit *row, bool whole),
    void *arg);

/* Make a link's token for a user, in the place of the one before, and note
 * it.  Opens a round of its own where there is none. */
MUST_USE int account_invite(struct console *c, const struct console_user *user,
    struct sv who, int64_t now_ms, char ret_token[ACCOUNT_TOKEN_SIZE]);

/* "admin", "operator" ... as bits of web.h's enum; 0: no such role. */
unsigned account_role_of(struct sv name);
/* Of one bit. */
const char *account_role_name(unsigned role);
enum { ACCOUNT_ROLES = 4, ACCOUNT_ROLE_ADMIN = 1 };

/* Whether it can be a name: 1 to 64 bytes of letters, digits and _ . @ - */
bool account_name_is(struct sv name);

#endif
