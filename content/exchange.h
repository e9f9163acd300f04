/*
 * exchange.h - the directory as flat CSV: into directory.db and out of it.
 *
 * The columns are those of content/orgs/README.md.  What is exported can be
 * imported again and changes nothing.
 */
#ifndef CONTENT_EXCHANGE_H
#define CONTENT_EXCHANGE_H

#include "content/places.h"
#include "content/topics.h"
#include "db/directory.h"

/* What became, or in a dry run would become, of one listing. */
struct content_import_row {
	const char *id;	  /* NULL with error */
	const char *path; /* where it was read */
	unsigned line;
	enum directory_change change; /* without error */
	const char *error;	      /* "FILE:LINE: ...", or NULL */
};

struct content_import {
	const char *path; /* a CSV file, or a folder with some */
	const struct topics *topics;
	const struct places *places;
	struct directory *dir;
	struct directory_by by; /* for the history */
	bool dry_run;		/* change nothing, only tell */
	/* Called for each bad row, then for each listing in order of id; may
	 * be NULL. */
	void (*on_row)(void *arg, const struct content_import_row *row);
	void *arg;
};

/*
 * Read listings into the directory, all or nothing: one bad row and nothing is
 * changed, though every row is still reported.
 *
 * Returns 0, -ENOENT, -EINVAL, or what directory.h returns.
 */
MUST_USE int content_import(
    const struct content_import *import, struct diag *reterr_diag);

/*
 * Write every active listing that may leave directory.db to a file, in order of
 * id; the file is whole, or as it was before.
 *
 * ret_count  how many; may be NULL
 *
 * Returns 0, -EIO, -ENOSPC, -EACCES and the like, or what directory.h returns.
 */
MUST_USE int content_export(struct directory *dir, const char *path,
    int64_t *ret_count, struct diag *reterr_diag);

#endif
