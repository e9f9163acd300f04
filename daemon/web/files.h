/*
 * files.h - the pages: a folder that is read once, at start.
 *
 * No path of a request ever reaches the file system: it is looked up among the
 * names that were there.
 */
#ifndef DAEMON_WEB_FILES_H
#define DAEMON_WEB_FILES_H

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

struct files;

struct file {
	char name[128]; /* "assets/app-1A2B.js", from the folder */
	const char *type;
	char tag[35]; /* an ETag */
	struct sv bytes;
	struct sv gz; /* empty: there is none */
	bool forever; /* its name has a hash: it never changes */
};

/*
 * Read a folder: regular files only, at most FILES_MAX of them and 32 MB.
 * NAME.gz beside NAME is the same, compressed.
 *
 * Returns 0 (also where there is no folder: then there are no pages), -E2BIG,
 * -EIO and the like.
 */
enum { FILES_MAX = 512 };
MUST_USE int files_read(
    const char *dir, struct files **ret_files, struct diag *reterr_diag);
void files_free(struct files **fp);

/* NULL: no such name. */
const struct file *files_find(const struct files *f, struct sv name);

#endif
