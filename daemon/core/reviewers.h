/*
 * reviewers.h - the pair of keys for texts that found no answer.
 *
 * safard holds only the public key and cannot open what it seals.  The private
 * one is written once, to a file that the reviewers take away.
 *
 * That file is 64 hex digits and a newline, or, with a passphrase, one line
 *
 *   safar-reviewers 1 argon2id OPS MEMORY_KIB SALT NONCE BOX
 *
 * with the last three as hex: 16, 24 and 48 bytes.  BOX is libsodium's
 * crypto_secretbox of the 32 bytes of the private key, under what
 * crypto_pwhash (argon2id 1.3) makes of the passphrase, in UTF-8.  The
 * console's page opens it in the browser, so its cost is what a browser can
 * pay.
 */
#ifndef DAEMON_CORE_REVIEWERS_H
#define DAEMON_CORE_REVIEWERS_H

#include "daemon/base/arena.h"
#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

#define REVIEWERS_PUBLIC "reviewers.pub" /* in the key folder */

enum {
	REVIEWERS_PAD = 256, /* lengths of sealed texts are multiples of it */
	REVIEWERS_OPS = 3,
	REVIEWERS_KIB = 64 << 10,
	REVIEWERS_KEY = 32,   /* bytes of a public key */
	REVIEWERS_LINE = 96,  /* room for what stands before something long */
	REVIEWERS_HEAD = 200, /* bytes that it begins with, sealed */
	REVIEWERS_SLICE = 65536,
	REVIEWERS_SLICE_SEALED = REVIEWERS_SLICE + 17,
};

struct reviewers;

/*
 * Make a pair: the private key becomes the new file path (64 hex digits, 0600),
 * the public one DIR/keys/reviewers.pub, in the place of an older one.
 *
 * Returns 0, -EEXIST (path is there), -ENOENT, -EPERM, -EROFS, -EIO.
 */
MUST_USE int reviewers_create(
    const char *dir, const char *path, struct diag *reterr_diag);

/*
 * Read a private key, with its passphrase if it has one: passphrase.h says
 * where that comes from.
 *
 * Returns 0, -ENOENT, -EPERM, -EINVAL, -EKEYREJECTED (another passphrase),
 * -EIO, or what passphrase_get() does.
 */
MUST_USE int reviewers_open(const char *path, struct reviewers **ret_reviewers,
    struct diag *reterr_diag);
void reviewers_close(struct reviewers **rp);

/*
 * Write it to the new file path (0600) with a passphrase, asked for like one
 * that is to be set.
 *
 * Returns 0, -EEXIST, -ENOMEM, -EIO, or what passphrase_new() does.
 */
MUST_USE int reviewers_wrap(
    const struct reviewers *r, const char *path, struct diag *reterr_diag);

/* Open what vault_seal_review() made; a view into the arena.  -EBADMSG if it
 * was not sealed to this pair. */
MUST_USE int reviewers_unseal(const struct reviewers *r, struct sv sealed,
    struct arena *a, struct sv *ret_text);

/* --- something long, sealed slice by slice --- */

/*
 * To each a key of its own, which stands at its head with a line, sealed to the
 * reviewers (crypto_box_seal); the slices follow, sealed by that key
 * (crypto_secretstream_xchacha20poly1305).
 */
struct sealing;

/* line  of less than REVIEWERS_LINE bytes, without NUL; its length is hidden */
struct sealing *sealing_new(const uint8_t to[REVIEWERS_KEY], struct sv line,
    uint8_t ret_head[REVIEWERS_HEAD]);
void sealing_free(struct sealing **sp);

/* Every slice but the last has REVIEWERS_SLICE bytes.  Returns the bytes of the
 * sealed one. */
size_t sealing_put(struct sealing *s, struct sv slice, bool last,
    uint8_t ret_sealed[REVIEWERS_SLICE_SEALED]);

/* Open all of it; views into the arena.  -EBADMSG if it was not sealed to this
 * pair, or is not whole. */
MUST_USE int reviewers_unseal_long(const struct reviewers *r, struct sv sealed,
    struct arena *a, struct sv *ret_line, struct sv *ret_text);

#endif
