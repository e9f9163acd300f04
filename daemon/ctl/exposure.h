/*
 * exposure.h - what somebody who takes this disk now would learn.
 */
#ifndef DAEMON_CTL_EXPOSURE_H
#define DAEMON_CTL_EXPOSURE_H

#include "daemon/ctl/ctl.h"

/* Print it: without the keys, and, if DIR/keys has some that lie open, with
 * them. */
MUST_USE int exposure_print(const char *dir);

#endif
