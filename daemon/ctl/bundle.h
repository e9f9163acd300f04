/*
 * bundle.h - a folder of files with a manifest: what a backup is.
 *
 * A folder is made under another name and given its own when it is whole and
 * on disk to the last byte: whatever fails, and wherever the power does, there
 * is either all of it or none.
 */
#ifndef DAEMON_CTL_BUNDLE_H
#define DAEMON_CTL_BUNDLE_H

#include "daemon/ctl/ctl.h"
#include "db/backup.h"

/* A folder being made. */
struct bundle {
	char name[CONTENT_PATH_MAX]; /* what it will be called */
	char path[PATH_MAX];	     /* NAME.unfinished */
	int lock;		     /* on it: one maker at a time */
};

/*
 * Begin; removes what an interrupted run left under the unfinished name.
 *
 * name  perhaps with a '/' at its end, which is left out
 *
 * Returns 0, -EEXIST (name is taken), -EBUSY, -ENAMETOOLONG, or what mkdir()
 * says.
 */
MUST_USE int bundle_begin(
    struct bundle *b, const char *name, struct diag *reterr_diag);

/* Sync all of it and give it its name; after a failure it is gone. */
MUST_USE int bundle_finish(struct bundle *b, struct diag *reterr_diag);
void bundle_abandon(struct bundle *b);

/* Copy a file or a folder with all below; what is called *.tmp is left out.
 * Copies are for the owner alone. */
MUST_USE int bundle_copy(const char *from, const char *to, const char *name,
    struct diag *reterr_diag);

/* True if there is such a file or folder: recordings need not be. */
bool bundle_has(const char *from, const char *name);

/* Write PATH/manifest.json: every file's length and BLAKE2b, and the facts. */
MUST_USE int bundle_seal(const char *path, const struct db_facts *facts,
    int64_t at_ms, struct diag *reterr_diag);

struct bundle_told {
	int64_t at_ms;
	int64_t files, bytes;
};

/*
 * Read every file and hold it against the manifest.
 *
 * Returns 0, -ENOENT (no manifest), -EUCLEAN: a file is missing, other than it
 * was, or one too many.
 */
MUST_USE int bundle_verify(
    const char *path, struct bundle_told *ret_told, struct diag *reterr_diag);

#endif
