/* drafts.c - an edition of what is not published yet. */
#include "daemon/web/drafts.h"

#include <stdlib.h>

#include "content/publish.h"
#include "daemon/base/clock.h"
#include "daemon/web/inner.h"
#include "menus/edition.h"

enum { REST = 3 /* times as long as it took: the loop has other work */ };

struct drafts {
	struct edition *edition;
	int64_t number; /* of the last, below 0 */
	int64_t rest_until_ms;
};

void
drafts_close(struct drafts **dp)
{
	if (*dp == NULL)
		return;
	edition_free(&(*dp)->edition);
	free(*dp);
	*dp = NULL;
}

static int
make(struct web *w, struct drafts *d, struct diag *why)
{
	struct content_stage stage;
	struct edition *e = NULL;
	int rc = content_publish_draft(
	    web_spool(w), web_share(w), web_directory(w), &stage, why);

	if (rc < 0)
		return rc;
	rc = edition_load(stage.path, d->number - 1, &e, why);
	content_publish_abandon(&stage);
	if (rc < 0)
		return rc;
	edition_free(&d->edition);
	d->edition = e;
	d->number--;
	return 0;
}

int
drafts_edition(struct web *w, bool fresh, const struct edition **ret_edition,
    struct diag *reterr_diag)
{
	int64_t began_ms = clock_ms(), ended_ms;
	struct drafts *d = w->drafts;
	int rc = 0;

	if (d == NULL)
		d = w->drafts = calloc(1, sizeof(*d));
	ASSERT(d != NULL);
	if (d->edition == NULL || (fresh && began_ms >= d->rest_until_ms)) {
		rc = make(w, d, reterr_diag);
		ended_ms = clock_ms();
		d->rest_until_ms = ended_ms + REST * (ended_ms - began_ms);
	}
	if (rc == 0)
		*ret_edition = d->edition;
	return rc;
}
