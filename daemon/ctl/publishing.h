/* publishing.h - makes an edition the current one, for init and publish. */
#ifndef DAEMON_CTL_PUBLISHING_H
#define DAEMON_CTL_PUBLISHING_H

#include "daemon/base/diag.h"
#include "db/directory.h"

struct publishing {
	const char *data, *share;
	const char *note;	  /* or NULL */
	int64_t again;		  /* an older edition; 0: from the drafts */
	int64_t number, listings; /* set on success */
};

/* Stage, load and check, then finish; on failure the old edition stays.
 * Returns 0 or -Exxx. */
MUST_USE int publishing_run(struct publishing *p, struct directory *directory,
    struct diag *reterr_diag);

/*
 * Say in a line that menus or texts of the share folder are not in this
 * edition, which people get, and how to publish them.
 *
 * Returns false, saying nothing, if all are or that cannot be known.
 */
bool publishing_tell(const char *dir, int64_t edition, const char *indent);

#endif
