/*
 * content.h - one edition's texts and directory, read from its folder.
 *
 *   ROOT/lang/ (PO files)  ROOT/orgs/ (listings)  ROOT/gazetteer.csv
 *   ROOT/topics.csv
 *
 * The project's own content/ has this shape, and so has the content/ of every
 * published edition.  No I/O after content_load().
 */
#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include "content/listings.h"
#include "content/texts.h"

struct content {
	struct texts *texts;
	struct topics *topics;
	struct places *places;
	struct listings *listings;
};

/* Returns 0, -ENOENT, -EINVAL; on failure *ret_content is untouched. */
MUST_USE int content_load(
    const char *root, struct content *ret_content, struct diag *reterr_diag);
void content_done(struct content *c);

#endif
