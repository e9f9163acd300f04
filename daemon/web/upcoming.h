/*
 * upcoming.h - the edition as it would be if everything that is being written
 * were approved and published now; to look at.
 */
#ifndef DAEMON_WEB_UPCOMING_H
#define DAEMON_WEB_UPCOMING_H

#include "daemon/base/diag.h"
#include "daemon/web/web.h"

struct upcoming;

/* Hangs off the console, which ends it. */
void upcoming_close(struct upcoming **up);

/*
 * The edition, valid until the loop goes round.  Its number is below 0.
 *
 * fresh  make it anew, unless that was done just now: it takes as long as
 *        loading an edition does; else what was made last is given
 *
 * Returns 0, or what draft_approve(), content_publish_draft() and
 * edition_load() say.
 */
MUST_USE int upcoming_edition(struct web *w, bool fresh,
    const struct edition **ret_edition, struct diag *reterr_diag);

#endif
