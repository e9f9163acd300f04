/*
 * exposure.h - what somebody who takes this disk now would learn.
 */
#ifndef DAEMON_CTL_EXPOSURE_H
#define DAEMON_CTL_EXPOSURE_H

#include "daemon/ctl/ctl.h"

/*
 * Print it: without the keys, and, if there are any, with them.
 *
 * keys   their folder, NULL for DIR/keys, which need not be there
 * paths  more files and folders to look for numbers and texts in: logs, a
 *        gateway's spool; NULL ends them
 */
MUST_USE int exposure_print(
    const char *dir, const char *keys, char *const *paths, bool json);

#endif
