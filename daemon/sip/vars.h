/* vars.h - the variables of one call, as SET VARIABLE and GET VARIABLE want
 * them: few, and forgotten with it. */
#ifndef DAEMON_SIP_VARS_H
#define DAEMON_SIP_VARS_H

#include "daemon/base/sv.h"

enum { VARS_MAX = 32 };

/* Zeroed, it is empty. */
struct vars {
	char *name[VARS_MAX], *value[VARS_MAX];
	size_t count;
};

void vars_done(struct vars *v);

/* Copies both.  One more than VARS_MAX is passed over. */
void vars_set(struct vars *v, struct sv name, struct sv value);

/* p == NULL: there is none. */
struct sv vars_get(const struct vars *v, struct sv name);

#endif
