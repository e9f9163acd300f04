/* exchange.c - imports and exports the directory as flat CSV. */
#include "content/exchange.h"

#include <stdio.h>
#include <stdlib.h>

#include "content/file.h"
#include "content/listing_row.h"
#include "content/orgs.h"
#include "daemon/base/clock.h"

struct importing {
	const struct content_import *import;
	unsigned bad;
};

static void
report(
    const struct content_import *import, const struct content_import_row *row)
{
	if (import->on_row != NULL)
		import->on_row(import->arg, row);
}

static void
on_bad(void *arg, const char *why)
{
	struct importing *i = arg;
	struct content_import_row row = { .error = why };

	i->bad++;
	report(i->import, &row);
}

static int
directory_failed(struct diag *d, int rc)
{
	return diag_set(d, rc,
	    "directory.db: %s; nothing was changed, try again when that is "
	    "mended",
	    strerror(-rc));
}

static int
put_all(const struct content_import *import, const struct orgs *orgs)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < orgs_count(orgs); i++) {
		const struct org *org = orgs_at(orgs, i);
		struct content_import_row row = {
			.id = org->listing.id,
			.path = org->path,
			.line = org->line,
		};

		rc = directory_put(
		    import->dir, &org->row, &import->by, &row.change);
		if (rc == 0)
			report(import, &row);
	}
	return rc;
}

/* A dry run does everything and undoes it: what it tells is exact. */
static int
put_round(const struct content_import *import, const struct orgs *orgs,
    bool keep, struct diag *d)
{
	int rc = directory_begin(import->dir);

	if (rc < 0)
		return directory_failed(d, rc);
	rc = put_all(import, orgs);
	if (rc == 0 && keep)
		rc = directory_commit(import->dir);
	else
		directory_rollback(import->dir);
	return rc < 0 ? directory_failed(d, rc) : 0;
}

int
content_import(const struct content_import *import, struct diag *reterr_diag)
{
	struct importing importing = { .import = import };
	struct orgs_source source = {
		.path = import->path,
		.topics = import->topics,
		.places = import->places,
		.on_bad = on_bad,
		.arg = &importing,
		.now_ms = clock_ms(),
	};
	CLEANUP(orgs_free) struct orgs *orgs = NULL;
	int rc;

	rc = orgs_load(&source, &orgs, reterr_diag);
	if (rc == 0)
		rc = put_round(import, orgs,
		    !import->dry_run && importing.bad == 0, reterr_diag);
	if (rc == 0 && importing.bad > 0)
		rc = diag_set(reterr_diag, -EINVAL,
		    "%s: %u bad rows; nothing was changed, correct them and "
		    "import again",
		    import->path, importing.bad);
	return rc;
}

struct exporting {
	FILE *f;
	int64_t count;
	int rc;
};

static bool
on_row(void *arg, const struct directory_row *row)
{
	struct exporting *e = arg;

	if (sv_eq(row->listing, SV(LISTING_NEVER_EXPORTED)))
		return true;
	e->rc = listing_row_put(e->f, row);
	e->count++;
	return e->rc == 0;
}

/* All of it, in memory.  free() *ret_text, whatever comes of it. */
static int
rows_write(
    struct directory *dir, char **ret_text, size_t *ret_n, int64_t *ret_count)
{
	struct exporting e = { .f = open_memstream(ret_text, ret_n) };
	int rc;

	ASSERT(e.f != NULL);
	rc = listing_row_put_head(e.f);
	if (rc == 0)
		rc = directory_each(dir, on_row, &e);
	if (rc == 0)
		rc = e.rc;
	ASSERT(fclose(e.f) == 0);
	*ret_count = e.count;
	return rc;
}

int
content_export(struct directory *dir, const char *path, int64_t *ret_count,
    struct diag *reterr_diag)
{
	int64_t count = 0;
	char *text = NULL;
	size_t n = 0;
	int rc = rows_write(dir, &text, &n, &count);

	if (rc == 0)
		rc = file_write(path, (struct sv){ text, n }, 0666);
	free(text);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "%s: cannot be written (%s); the old file stays, make room "
		    "or choose another folder",
		    path, strerror(-rc));
	if (ret_count != NULL)
		*ret_count = count;
	return 0;
}
