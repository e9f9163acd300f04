/* hsds_export.c - the directory as an HSDS package or as lines of JSON. */
#include "content/hsds_export.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "content/file.h"
#include "content/hsds_json.h"
#include "content/hsds_package.h"

static int
cannot_read(struct diag *d, int rc)
{
	return diag_set(d, rc,
	    "directory.db: %s; nothing was written, try again", strerror(-rc));
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
	int rc = file_write(path, bytes, 0666);

	if (rc < 0)
		return diag_set(d, rc,
		    "%s: cannot be written (%s); the old file stays, make room "
		    "or choose another folder",
		    path, strerror(-rc));
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
