/* upcoming.c - an edition of what is not published yet. */
#include "daemon/web/upcoming.h"

#include <stdlib.h>

#include "content/publish.h"
#include "daemon/base/clock.h"
#include "daemon/web/inner.h"
#include "db/drafts.h"
#include "menus/edition.h"

enum {
	REST = 3, /* times as long as it took: the loop has other work */
	DRAFTS_MAX = 1000,
};

struct upcoming {
	struct edition *edition;
	int64_t number; /* of the last, below 0 */
	int64_t rest_until_ms;
};

struct ids {
	char *all[DRAFTS_MAX];
	size_t count;
};

void
upcoming_close(struct upcoming **up)
{
	if (*up == NULL)
		return;
	edition_free(&(*up)->edition);
	free(*up);
	*up = NULL;
}

static bool
on_draft(void *arg, const struct draft *draft)
{
	struct ids *ids = arg;

	if (ids->count == DRAFTS_MAX)
		return false;
	ids->all[ids->count] = strdup(draft->listing);
	ASSERT(ids->all[ids->count] != NULL);
	ids->count++;
	return true;
}

/* Within a round that is not kept.  A draft that cannot be approved as it is
 * stays out. */
static int
drafts_apply(struct directory *d)
{
	const struct draft_by by = { .at_ms = clock_ms() };
	struct ids ids = { .count = 0 };
	int rc = drafts_each(d, on_draft, &ids);
	size_t i;

	for (i = 0; i < ids.count; i++) {
		if (rc == 0)
			rc = draft_approve(d, sv_of(ids.all[i]), &by, false);
		if (rc == -EINVAL || rc == -ESTALE)
			rc = 0;
		free(ids.all[i]);
	}
	return rc;
}

static int
stage(struct web *w, struct content_stage *ret_stage, struct diag *why)
{
	struct directory *d = web_directory(w);
	int rc = directory_begin(d);

	if (rc == 0) {
		rc = drafts_apply(d);
		if (rc == 0)
			rc = content_publish_draft(
			    web_spool(w), web_share(w), d, ret_stage, why);
		else
			(void)diag_set(why, rc, "drafts: %s", strerror(-rc));
		directory_rollback(d);
		return rc;
	}
	return diag_set(why, rc, "directory.db: %s", strerror(-rc));
}

static int
make(struct web *w, struct upcoming *u, struct diag *why)
{
	struct content_stage staged;
	struct edition *e = NULL;
	int rc = stage(w, &staged, why);

	if (rc < 0)
		return rc;
	rc = edition_load(staged.path, u->number - 1, &e, why);
	content_publish_abandon(&staged);
	if (rc < 0)
		return rc;
	edition_free(&u->edition);
	u->edition = e;
	u->number--;
	return 0;
}

int
upcoming_edition(struct web *w, bool fresh, const struct edition **ret_edition,
    struct diag *reterr_diag)
{
	int64_t began_ms = clock_ms(), ended_ms;
	struct upcoming *u = w->upcoming;
	int rc = 0;

	if (u == NULL)
		u = w->upcoming = calloc(1, sizeof(*u));
	ASSERT(u != NULL);
	if (u->edition == NULL || (fresh && began_ms >= u->rest_until_ms)) {
		rc = make(w, u, reterr_diag);
		ended_ms = clock_ms();
		u->rest_until_ms = ended_ms + REST * (ended_ms - began_ms);
	}
	if (rc == 0)
		*ret_edition = u->edition;
	return rc;
}
