/*
 * drafts.h - the edition as it would be if everything that is being written
 * were published now; to look at.
 */
#ifndef DAEMON_WEB_DRAFTS_H
#define DAEMON_WEB_DRAFTS_H

#include "daemon/base/diag.h"
#include "daemon/web/web.h"

struct drafts;

void drafts_close(struct drafts **dp);

/*
 * The edition, valid until the loop goes round.  Its number is below 0.
 *
 * fresh  make it anew, unless that was done just now: it takes as long as
 *        loading an edition does; else what was made last is given
 *
 * Returns 0, or what content_publish_draft() and edition_load() say.
 */
MUST_USE int drafts_edition(struct web *w, bool fresh,
    const struct edition **ret_edition, struct diag *reterr_diag);

#endif
