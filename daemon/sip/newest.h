/* newest.h - where the prompts of the newest edition are. */
#ifndef DAEMON_SIP_NEWEST_H
#define DAEMON_SIP_NEWEST_H

#include "daemon/base/sv.h"

/*
 * Find ROOT/0007/LANG, with the greatest number there is.
 *
 * ret_folder  of 1,024 bytes
 *
 * Returns 0, -ENOENT.
 */
MUST_USE int newest_find(const char *root, struct sv lang, char *ret_folder);

#endif
