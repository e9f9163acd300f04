/* digest.h - BLAKE2b-256 of files and texts. */
#ifndef DAEMON_CORE_DIGEST_H
#define DAEMON_CORE_DIGEST_H

#include "daemon/base/sv.h"

enum { DIGEST_HEX = 2 * 32 + 1 };

/*
 * Read a file once, for its length and its digest.
 *
 * ret_hex  lower case, as `b2sum -l 256` prints it
 *
 * Returns 0, -ENOENT, -EACCES and the like.
 */
MUST_USE int digest_file(
    const char *path, int64_t *ret_bytes, char ret_hex[DIGEST_HEX]);

/* The same of a text. */
void digest_text(struct sv text, char ret_hex[DIGEST_HEX]);

#endif
