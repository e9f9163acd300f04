/*
 * keyfolder.h - the folder of keys: DIR/keys, 0700, or a link to such a folder
 * on another disk.
 */
#ifndef DAEMON_CORE_KEYFOLDER_H
#define DAEMON_CORE_KEYFOLDER_H

#include "daemon/base/diag.h"

/*
 * Make the folder where, unless it is there, and the link DIR/keys to it.
 *
 * Returns 0, -ENOENT (no such place), -EEXIST (DIR/keys is there), -EPERM
 * (others may look into it), -EIO.
 */
MUST_USE int keyfolder_link(
    const char *dir, const char *where, struct diag *reterr_diag);

/* Make DIR/keys, unless it is there.  -ENOENT, -EIO. */
MUST_USE int keyfolder_create(const char *dir, struct diag *reterr_diag);

/*
 * Open it.
 *
 * path  size PATH_MAX; set also on failure, for messages
 *
 * Returns 0, -ENOENT, -EPERM (others may look into it, or we may not write
 * there), -EROFS, -EINVAL (its name is too long), -EIO.
 */
MUST_USE int keyfolder_open(
    const char *dir, char *path, int *ret_fd, struct diag *reterr_diag);

/* The same for the folder itself, to be read only. */
MUST_USE int keyfolder_look(
    const char *path, int *ret_fd, struct diag *reterr_diag);

/*
 * Destroy the files of an open folder that doomed() names, NULL: all of them:
 * each is written over, synced and unlinked, then the folder is synced.  Goes
 * on behind one that fails.
 *
 * Returns 0, -EIO.
 */
MUST_USE int keyfolder_destroy(int fd,
    bool (*doomed)(void *arg, const char *name), void *arg, size_t *ret_count);

#endif
