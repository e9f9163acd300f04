/* exchange.c - imports and exports the directory as flat CSV. */
#include "content/exchange.h"

#include <stdio.h>
#include <unistd.h>

#include "content/listing_row.h"
#include "content/orgs.h"

enum { PATH_BYTES_MAX = 1024 };

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

static int
write_rows(struct directory *dir, FILE *f, int64_t *ret_count)
{
	struct exporting e = { .f = f };
	int rc;

	errno = 0;
	rc = listing_row_put_head(f);
	if (rc == 0)
		rc = directory_each(dir, on_row, &e);
	if (rc == 0)
		rc = e.rc;
	if (rc == 0 && (fflush(f) != 0 || fsync(fileno(f)) < 0))
		rc = -EIO;
	if (rc == -EIO && errno > 0)
		rc = -errno; /* what the disk said, as -ENOSPC */
	if (rc == 0)
		*ret_count = e.count;
	return rc;
}

static int
export_failed(struct diag *d, int rc, const char *path)
{
	return diag_set(d, rc,
	    "%s: cannot be written (%s); the old file stays, make room or "
	    "choose another folder",
	    path, strerror(-rc));
}

int
content_export(struct directory *dir, const char *path, int64_t *ret_count,
    struct diag *reterr_diag)
{
	char fresh[PATH_BYTES_MAX];
	int64_t count = 0;
	FILE *f;
	int n, rc;

	n = snprintf(fresh, sizeof(fresh), "%s.tmp", path);
	if (n < 0 || (size_t)n >= sizeof(fresh))
		return export_failed(reterr_diag, -ENAMETOOLONG, path);
	f = fopen(fresh, "we");
	if (f == NULL)
		return export_failed(reterr_diag, -errno, path);
	rc = write_rows(dir, f, &count);
	if (fclose(f) != 0 && rc == 0)
		rc = -EIO;
	if (rc == 0 && rename(fresh, path) < 0)
		rc = -errno;
	if (rc < 0) {
		(void)unlink(fresh);
		return export_failed(reterr_diag, rc, path);
	}
	if (ret_count != NULL)
		*ret_count = count;
	return 0;
}
