/* file.h - a whole text file in memory, checked before anyone parses it. */
#ifndef CONTENT_FILE_H
#define CONTENT_FILE_H

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

#endif
