/*
 * service.h - what changes something in a data folder: by the safard that runs
 * on it, else by us.
 */
#ifndef DAEMON_CTL_SERVICE_H
#define DAEMON_CTL_SERVICE_H

#include "daemon/ctl/ctl.h"

struct db;
struct json_t;

/*
 * Have the running safard do it; takes request.
 *
 * Returns 0, -ENOENT if none runs, else -Exxx with a sentence.
 */
MUST_USE int service_ask(
    const char *dir, struct json_t *request, struct diag *reterr_diag);

/* The same, and give what it answers, also that it could not: an object that
 * the caller drops. */
MUST_USE int service_get(const char *dir, struct json_t *request,
    struct json_t **ret_answer, struct diag *reterr_diag);

/* Who asks: the user behind sudo, else the user. */
const char *service_who(void);

/* Note that it was done, by safard or by us.  Returns CTL_OK, or CTL_FAILED
 * after saying why. */
MUST_USE int service_audit(const char *dir, const char *action);

#endif
