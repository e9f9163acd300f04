/* diag.h - one sentence that tells a person what is wrong and what to do. */
#ifndef DAEMON_BASE_DIAG_H
#define DAEMON_BASE_DIAG_H

#include "daemon/base/base.h"

/* Set only on failure, usually "FILE:LINE: what is wrong; what to write". */
struct diag {
	char text[512];
};

/* Write the sentence; what does not fit is cut off, never within a character.
 * Returns rc, for "return". */
PRINTF(3, 4)
int diag_set(struct diag *d, int rc, const char *fmt, ...);

#endif
