/*
 * keyfile.h - one key in one file: 32 random bytes as hex and a newline, 0600.
 *
 * Private to the vault, which owns the locked memory that keys pass through.
 */
#ifndef DAEMON_CORE_KEYFILE_H
#define DAEMON_CORE_KEYFILE_H

#include "daemon/base/base.h"

enum {
	KEYFILE_LEN = 32,
	KEYFILE_HEX = 2 * KEYFILE_LEN + 2, /* with a newline and a NUL */
	KEYFILE_NAME = 40,
};

/* Where keys pass through; in locked memory, wiped after each use. */
struct keyfile_room {
	uint8_t key[KEYFILE_LEN];
	char hex[KEYFILE_HEX];
};

/* Of an open file or folder: -EPERM if group or others may read it. */
MUST_USE int keyfile_check(int fd);

/* Returns 0, -ENOENT, -EPERM (others may read it), -EINVAL (not a key),
 * -EIO. */
MUST_USE int keyfile_read(int dir_fd, const char *name,
    struct keyfile_room *room, uint8_t ret_key[KEYFILE_LEN]);

/* The same, whoever may read it: of a stick that knows no owners. */
MUST_USE int keyfile_read_any(int dir_fd, const char *name,
    struct keyfile_room *room, uint8_t ret_key[KEYFILE_LEN]);

/* Write a key file that is not there yet.  Returns 0, -EEXIST, -EIO or what
 * open() says. */
MUST_USE int keyfile_write(int dir_fd, const char *name,
    struct keyfile_room *room, const uint8_t key[KEYFILE_LEN]);

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
