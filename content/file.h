/* file.h - whole files: a text into memory, checked before anyone parses it;
 * and bytes out of it, all of them or none. */
#ifndef CONTENT_FILE_H
#define CONTENT_FILE_H

#include <sys/types.h>

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

/*
 * Read a file of at most max bytes.
 *
 * Refused with -EINVAL and "FILE:LINE: ...": more than max bytes, a NUL, bytes
 * that are not UTF-8, not a regular file, not readable.  -ENOENT: no such file.
 *
 * ret_text  NUL terminated, a byte order mark is cut off; free() it
 */
MUST_USE int file_read_text(const char *path, size_t max, char **ret_text,
    size_t *ret_len, struct diag *reterr_diag);

/*
 * Write a file, on disk to the last byte before it takes the place of what is
 * there; a power cut leaves the one or the other.
 *
 * mode  of a new file, less the umask; one that is there keeps its own
 *
 * Returns 0, -ENOSPC, -EACCES, -EIO and the like: then what was there stays.
 */
MUST_USE int file_write(const char *path, struct sv bytes, mode_t mode);

/* Remove a file, or a folder and all below; a link, not what it leads to.  What
 * cannot be removed stays. */
void file_tree_remove(const char *path);

/* Write to an open file and sync it.  Returns 0, -ENOSPC, -EIO and the like. */
MUST_USE int file_fill(int fd, struct sv bytes);

#endif
