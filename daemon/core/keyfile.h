/*
 * keyfile.h - one key in one file: 32 random bytes as hex and a newline, 0600.
 *
 * In a folder with a passphrase (keywrap.h) they are sealed: a nonce and the
 * XChaCha20-Poly1305 box of the key, bound to the file's name, as hex.  The
 * length of the file tells one from the other.
 *
 * Private to the vault, which owns the locked memory that keys pass through.
 */
#ifndef DAEMON_CORE_KEYFILE_H
#define DAEMON_CORE_KEYFILE_H

#include "daemon/base/base.h"

enum {
	KEYFILE_LEN = 32,
	KEYFILE_BOX = 24 + KEYFILE_LEN + 16, /* nonce, sealed key, MAC */
	KEYFILE_HEX = 2 * KEYFILE_BOX + 2,   /* with a newline and a NUL */
	KEYFILE_NAME = 40,
};

/* Where keys pass through; in locked memory, wiped after each use, but for
 * the key of keys. */
struct keyfile_room {
	uint8_t key[KEYFILE_LEN], box[KEYFILE_BOX];
	char hex[KEYFILE_HEX];
	bool wrapped; /* keys are written sealed under wrap */
	uint8_t wrap[KEYFILE_LEN];
};

/* Seal a key under another, bound to a name. */
void keyfile_seal(uint8_t ret_box[KEYFILE_BOX], const char *name,
    const uint8_t key[KEYFILE_LEN], const uint8_t under[KEYFILE_LEN]);

/* Open it.  -EKEYREJECTED: another key, another name, or changed. */
MUST_USE int keyfile_unseal(const uint8_t box[KEYFILE_BOX], const char *name,
    const uint8_t under[KEYFILE_LEN], uint8_t ret_key[KEYFILE_LEN]);

/* Of an open file or folder: -EPERM if group or others may read it. */
MUST_USE int keyfile_check(int fd);

/* Returns 0, -ENOENT, -EPERM (others may read it), -EINVAL (not a key), -ENOKEY
 * (sealed, and room has no key of keys), -EKEYREJECTED (sealed under another
 * one), -EIO. */
MUST_USE int keyfile_read(int dir_fd, const char *name,
    struct keyfile_room *room, uint8_t ret_key[KEYFILE_LEN]);

/* The same, whoever may read it: of a stick that knows no owners. */
MUST_USE int keyfile_read_any(int dir_fd, const char *name,
    struct keyfile_room *room, uint8_t ret_key[KEYFILE_LEN]);

/* Write a key file that is not there yet.  Returns 0, -EEXIST, -EIO or what
 * open() says. */
MUST_USE int keyfile_write(int dir_fd, const char *name,
    struct keyfile_room *room, const uint8_t key[KEYFILE_LEN]);

/*
 * Put a key sealed, or not, in the place of what is there, which is written
 * over; nothing happens if it is so already.  A crash leaves one or the other.
 *
 * room  holds the key of keys
 *
 * Returns as keyfile_read().
 */
MUST_USE int keyfile_convert(
    int dir_fd, const char *name, bool sealed, struct keyfile_room *room);

/* Write zeros over an open file, and sync it; what is no plain file stays as it
 * is.  Returns 0, -EIO. */
MUST_USE int keyfile_zero(int fd);

/* Write over a file, sync it, unlink it; the caller syncs the folder.  A copy
 * that the disk or the file system keeps elsewhere is out of reach.  Returns 0,
 * -EIO. */
MUST_USE int keyfile_destroy(int dir_fd, const char *name);

/*
 * Make a key file, unless it is there.
 *
 * name  shorter than KEYFILE_NAME
 *
 * Returns 0, -EIO.
 */
MUST_USE int keyfile_create(
    int dir_fd, const char *name, struct keyfile_room *room);

#endif
