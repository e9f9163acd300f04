/* hsds_export.c - the directory as an HSDS package or as lines of JSON. */
#include "content/hsds_export.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "content/hsds_json.h"
#include "content/hsds_package.h"

enum { PATH_BYTES_MAX = 1024 };

static int
cannot_read(struct diag *d, int rc)
{
	return diag_set(d, rc,
	    "directory.db: %s; nothing was written, try again", strerror(-rc));
}

static int
cannot_write(struct diag *d, int rc, const char *path)
{
	return diag_set(d, rc,
	    "%s: cannot be written (%s); the old file stays, make room or "
	    "choose another folder",
	    path, strerror(-rc));
}

/* A service with all that belongs to it, a line each, in order of id. */
static void
lines_of(struct hsds *h, bool for_all, char **ret_p, size_t *ret_n)
{
	size_t i;
	FILE *f = open_memstream(ret_p, ret_n);

	ASSERT(f != NULL);
	for (i = 0; i < hsds_count(h, HSDS_SERVICE); i++) {
		json_t *one = hsds_row_json(h, HSDS_SERVICE,
		    hsds_at(h, HSDS_SERVICE, i), HSDS_WITHIN, for_all);

		ASSERT(json_dumpf(one, f, JSON_COMPACT) == 0 &&
		       fputc('\n', f) == '\n');
		json_decref(one);
	}
	ASSERT(fclose(f) == 0);
}

static int
write_file(const char *path, struct sv bytes, struct diag *d)
{
	char fresh[PATH_BYTES_MAX];
	int n = snprintf(fresh, sizeof(fresh), "%s.tmp", path), rc = 0;
	FILE *f;

	if (n < 0 || (size_t)n >= sizeof(fresh))
		return cannot_write(d, -ENAMETOOLONG, path);
	f = fopen(fresh, "we");
	if (f == NULL)
		return cannot_write(d, -errno, path);
	errno = 0;
	if (fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fflush(f) != 0 ||
	    fsync(fileno(f)) < 0)
		rc = errno > 0 ? -errno : -EIO;
	if (fclose(f) != 0 && rc == 0)
		rc = -EIO;
	if (rc == 0 && rename(fresh, path) < 0)
		rc = -errno;
	if (rc < 0) {
		(void)unlink(fresh);
		return cannot_write(d, rc, path);
	}
	return 0;
}

static int
bytes_of(struct hsds *h, enum hsds_form form, char **ret_p, size_t *ret_n,
    struct diag *d)
{
	if (form == HSDS_PACKAGE)
		return hsds_write_zip(h, ret_p, ret_n, d);
	lines_of(h, false, ret_p, ret_n);
	return 0;
}

static bool
ends_in_zip(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcasecmp(path + n - 4, ".zip") == 0;
}

int
hsds_export(struct directory *dir, enum hsds_form form, const char *path,
    int64_t *ret_count, struct diag *reterr_diag)
{
	CLEANUP(hsds_free) struct hsds *h = NULL;
	char *p = NULL;
	size_t n = 0;
	int rc = hsds_load(dir, HSDS_EXPORT, &h);

	if (rc < 0)
		return cannot_read(reterr_diag, rc);
	if (form == HSDS_PACKAGE && !ends_in_zip(path)) {
		rc = hsds_write_folder(h, path, reterr_diag);
	} else {
		rc = bytes_of(h, form, &p, &n, reterr_diag);
		if (rc == 0)
			rc = write_file(path, (struct sv){ p, n }, reterr_diag);
		free(p);
	}
	if (rc == 0 && ret_count != NULL)
		*ret_count = (int64_t)hsds_count(h, HSDS_SERVICE);
	return rc;
}

int
hsds_export_bytes(struct directory *dir, enum hsds_form form, char **ret_p,
    size_t *ret_n, struct diag *reterr_diag)
{
	CLEANUP(hsds_free) struct hsds *h = NULL;
	int rc = hsds_load(dir, HSDS_EXPORT, &h);

	if (rc < 0)
		return cannot_read(reterr_diag, rc);
	return bytes_of(h, form, ret_p, ret_n, reterr_diag);
}

int
hsds_export_public(
    struct directory *dir, const char *path, struct diag *reterr_diag)
{
	CLEANUP(hsds_free) struct hsds *h = NULL;
	char *p = NULL;
	size_t n = 0;
	int rc = hsds_load(dir, HSDS_PUBLIC, &h);

	if (rc < 0)
		return cannot_read(reterr_diag, rc);
	lines_of(h, true, &p, &n);
	rc = write_file(path, (struct sv){ p, n }, reterr_diag);
	free(p);
	return rc;
}
