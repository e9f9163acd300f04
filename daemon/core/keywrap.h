/*
 * keywrap.h - a key folder with a passphrase: who takes data and keys, but not
 * the passphrase, has nothing.
 *
 * wrap.key holds a random key of keys, sealed under what argon2id makes of the
 * passphrase:  argon2id OPS MEMORY_KIB SALT BOX  in one line, the last two as
 * hex.  Every other file NAME.key is sealed under it (keyfile.h); passwords of
 * gateways and the reviewers' public key are not.  Where the passphrase comes
 * from is passphrase.h's choice.
 *
 * Whether wrap.key is there decides: a folder in which a crash left keys that
 * are not sealed is mended by the next keywrap_settle(), and whoever sets or
 * takes away a passphrase can do it again.
 */
#ifndef DAEMON_CORE_KEYWRAP_H
#define DAEMON_CORE_KEYWRAP_H

#include "daemon/base/sv.h"
#include "daemon/core/keyfile.h"

#define KEYWRAP_NAME "wrap.key"

/* What argon2id takes: libsodium's "moderate" is 3 and 256 MiB, 0.7 s. */
struct keywrap_cost {
	unsigned long long ops;
	size_t memory_kib;
};
extern const struct keywrap_cost keywrap_moderate;

/* Whether the open folder has a passphrase. */
bool keywrap_is(int dir_fd);

/*
 * Get the key of keys into the room.
 *
 * Returns 0, -EKEYREJECTED (not this passphrase), -ENOENT, -EPERM (others may
 * read it), -EINVAL (no such file), -ENOMEM (for argon2id), -EIO.
 */
MUST_USE int keywrap_load(
    int dir_fd, struct sv passphrase, struct keyfile_room *room);

/*
 * Write wrap.key, in the place of an older one: for the key of keys that is in
 * the room, or a new one that is there then.  Returns 0, -ENOMEM, -EIO.
 */
MUST_USE int keywrap_put(int dir_fd, struct sv passphrase,
    const struct keywrap_cost *cost, struct keyfile_room *room);

/*
 * Make every key of the folder sealed, or none, and then take wrap.key away.
 * To seal takes away, too, what a crash left of keys that were being written:
 * nobody else may be making one.
 *
 * ret_name  size KEYFILE_NAME: on failure, which file it was
 *
 * Returns what keyfile_convert() does.
 */
MUST_USE int keywrap_settle(
    int dir_fd, struct keyfile_room *room, char ret_name[KEYFILE_NAME]);
MUST_USE int keywrap_undo(
    int dir_fd, struct keyfile_room *room, char ret_name[KEYFILE_NAME]);

#endif
