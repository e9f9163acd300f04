/*
 * publish.h - makes a numbered edition of directory, texts and menus.
 *
 *   DATA/editions/NNNN/menus/main.yaml
 *   DATA/editions/NNNN/content/ (as in content.h; orgs/directory.csv)
 *
 * In three steps, so that the caller can load and check the edition before
 * anybody is answered from it:
 *
 *   content_publish_stage(), edition_load(stage.path), content_publish_finish()
 *
 * Whatever fails, and wherever the power does, the old edition stays.
 */
#ifndef CONTENT_PUBLISH_H
#define CONTENT_PUBLISH_H

#include "db/directory.h"

enum { CONTENT_PATH_MAX = 1024 };

/* Beside directory.csv: what the public API gives, hsds_export_public(). */
#define CONTENT_PUBLIC "services.ndjson"

/* An edition that is written but not published. */
struct content_stage {
	char editions[CONTENT_PATH_MAX]; /* DATA/editions */
	char path[CONTENT_PATH_MAX];	 /* DATA/editions/NNNN.tmp */
	int64_t number;
	int64_t listings;
	int64_t change; /* the newest in the history that is in it */
	int lock;	/* on the editions: one publishing at a time */
};

/*
 * Write the next edition to NNNN.tmp, on disk to the last byte.  Removes what
 * an interrupted publishing left behind.
 *
 * data   the data folder; its folder editions/ is made if missing
 * share  the project's folders: SHARE/content, SHARE/menus/trees/main.yaml
 *
 * Returns 0, -ENOENT, -EINVAL, -EIO, -ENOSPC and the like, -EBUSY while another
 * process publishes, or what directory.h returns; then nothing is left behind.
 * After 0 end it with content_publish_finish() or content_publish_abandon().
 */
MUST_USE int content_publish_stage(const char *data, const char *share,
    struct directory *dir, struct content_stage *ret_stage,
    struct diag *reterr_diag);

/*
 * The same, but a copy of an older edition under the next number: how to go
 * back.  The directory in directory.db is not touched.
 */
MUST_USE int content_publish_stage_again(const char *data, int64_t number,
    struct directory *dir, struct content_stage *ret_stage,
    struct diag *reterr_diag);

/* Who publishes, when, and why, in their words; who and why may be empty. */
struct content_publisher {
	struct sv who, note;
	int64_t at_ms;
};

/*
 * The same to look at only: without a number, never to be finished.  It does
 * not keep anybody from publishing.
 *
 * folder  that is ours alone: FOLDER/draft.tmp is written, or written anew
 *
 * Returns as content_publish_stage(); end it with content_publish_abandon().
 */
MUST_USE int content_publish_draft(const char *folder, const char *share,
    struct directory *dir, struct content_stage *ret_stage,
    struct diag *reterr_diag);

/* Whether a staged edition has what an edition has, file by file. */
bool content_stage_is(
    const struct content_stage *stage, const char *data, int64_t number);

/*
 * Give the staged edition its name and make it the current one.
 *
 * Returns 0, -EIO and the like; then the stage is gone.
 */
MUST_USE int content_publish_finish(struct content_stage *stage,
    struct directory *dir, const struct content_publisher *by,
    struct diag *reterr_diag);

/* Remove a staged edition that is not wanted. */
void content_publish_abandon(struct content_stage *stage);

/* Told of a file by its name in the share folder. */
typedef void content_name_fn(void *arg, const char *name);

/*
 * Name the files of menus and texts, topics and places that are not the same in
 * the share folder as in an edition, or only in one of them.  Listings are not
 * compared: they come from directory.db.
 *
 * Returns 0, -ENOENT and the like if a folder of texts cannot be read.
 */
MUST_USE int content_unpublished(const char *data, int64_t number,
    const char *share, content_name_fn *fn, void *arg);

/* Where an edition lies.  Returns 0, -ENAMETOOLONG. */
MUST_USE int content_edition_path(
    const char *data, int64_t number, char ret_path[CONTENT_PATH_MAX]);

#endif
