/* publish.c - stages, names and records editions. */
#include "content/publish.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/exchange.h"
#include "content/file.h"
#include "content/hsds_export.h"
#include "content/listing_row.h"
#include "content/taught.h"

enum {
	COPY_BYTES_MAX = 64 << 20,
	EDITION_NUMBER_MAX = 999999999,
};

static const char half_written[] = ".tmp";

/* Where the parts of a new edition come from. */
struct origin {
	char menus[CONTENT_PATH_MAX]; /* the folder of main.yaml */
	char content[CONTENT_PATH_MAX];
	struct directory *dir;
	int64_t
	    again; /* a copy of this edition, with its directory.csv; or 0 */
};

static int
failed(struct diag *d, int rc, const char *path)
{
	return diag_set(d, rc,
	    "%s: %s; the old edition stays, publish again when that is mended",
	    path, strerror(-rc));
}

/* Join two names with a '/'. */
static int
join(char out[CONTENT_PATH_MAX], const char *a, const char *b, struct diag *d)
{
	int n = snprintf(out, CONTENT_PATH_MAX, "%s/%s", a, b);

	if (n < 0 || n >= CONTENT_PATH_MAX)
		return failed(d, -ENAMETOOLONG, a);
	return 0;
}

int
content_edition_path(
    const char *data, int64_t number, char ret_path[CONTENT_PATH_MAX])
{
	int n = snprintf(ret_path, CONTENT_PATH_MAX, "%s/editions/%04lld", data,
	    (long long)number);

	return n < 0 || n >= CONTENT_PATH_MAX ? -ENAMETOOLONG : 0;
}

static int
sync_folder(const char *path, struct diag *d)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd) < 0)
		rc = failed(d, -errno, path);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int
copy_file(const char *from, const char *to, struct diag *d)
{
	size_t n;
	char *text;
	int fd, rc;

	rc = file_read_text(from, COPY_BYTES_MAX, &text, &n, d);
	if (rc < 0)
		return rc;
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	rc = fd < 0 ? -errno : file_fill(fd, (struct sv){ text, n });
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = -errno;
	free(text);
	return rc < 0 ? failed(d, rc, to) : 0;
}

static int
make_folder(const char *parent, const char *name, char out[CONTENT_PATH_MAX],
    struct diag *d)
{
	int rc = join(out, parent, name, d);

	if (rc == 0 && mkdir(out, 0755) < 0)
		rc = failed(d, -errno, out);
	return rc;
}

/* Copy a file that has a name in both folders. */
static int
copy_named(const char *from, const char *to, const char *name, struct diag *d)
{
	char source[CONTENT_PATH_MAX], target[CONTENT_PATH_MAX];
	int rc = join(source, from, name, d);

	if (rc == 0)
		rc = join(target, to, name, d);
	return rc == 0 ? copy_file(source, target, d) : rc;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

static int
copy_texts(const char *from, const char *to, struct diag *d)
{
	DIR *folder = opendir(from);
	const struct dirent *entry;
	int rc = 0;

	if (folder == NULL)
		return failed(d, -errno, from);
	while (rc == 0 && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.' &&
		    ends_with(entry->d_name, ".po") &&
		    !ends_with(entry->d_name, ".console.po"))
			rc = copy_named(from, to, entry->d_name, d);
	(void)closedir(folder);
	return rc;
}

static int
write_menus(const struct origin *origin, const char *edition, struct diag *d)
{
	char to[CONTENT_PATH_MAX];
	int rc = make_folder(edition, "menus", to, d);

	if (rc == 0)
		rc = copy_named(origin->menus, to, "main.yaml", d);
	return rc == 0 ? sync_folder(to, d) : rc;
}

static int
count_row(void *arg, const struct csv_row *row, struct diag *d)
{
	(void)row, (void)d;
	++*(int64_t *)arg;
	return 0;
}

/* Copy the listings as an older edition has them. */
static int
copy_listings(const struct origin *origin, const char *orgs,
    struct content_stage *stage, struct diag *d)
{
	char from[CONTENT_PATH_MAX], path[CONTENT_PATH_MAX];
	int rc = join(from, origin->content, "orgs", d);

	if (rc == 0)
		rc = copy_named(from, orgs, "directory.csv", d);
	if (rc == 0)
		rc = join(path, orgs, "directory.csv", d);
	if (rc == 0)
		rc = csv_read(
		    path, &listing_columns, count_row, &stage->listings, d);
	if (rc < 0)
		return rc;
	/* an edition may be older than this file */
	rc = copy_named(from, orgs, CONTENT_PUBLIC, d);
	return rc == -ENOENT ? 0 : rc;
}

static int
export_listings(const struct origin *origin, const char *orgs,
    struct content_stage *stage, struct diag *d)
{
	char path[CONTENT_PATH_MAX];
	int rc = join(path, orgs, "directory.csv", d);

	if (rc == 0)
		rc = content_export(origin->dir, path, &stage->listings, d);
	if (rc == 0)
		rc = join(path, orgs, CONTENT_PUBLIC, d);
	if (rc == 0)
		rc = hsds_export_public(origin->dir, path, d);
	return rc;
}

static int
write_listings(const struct origin *origin, const char *content,
    struct content_stage *stage, struct diag *d)
{
	char orgs[CONTENT_PATH_MAX];
	int rc = make_folder(content, "orgs", orgs, d);

	if (rc == 0)
		rc = origin->again != 0 ?
			 copy_listings(origin, orgs, stage, d) :
			 export_listings(origin, orgs, stage, d);
	return rc == 0 ? sync_folder(orgs, d) : rc;
}

static int
write_content(
    const struct origin *origin, struct content_stage *stage, struct diag *d)
{
	char from_lang[CONTENT_PATH_MAX], to_lang[CONTENT_PATH_MAX];
	char to[CONTENT_PATH_MAX];
	int rc = join(from_lang, origin->content, "lang", d);

	if (rc == 0)
		rc = make_folder(stage->path, "content", to, d);
	if (rc == 0)
		rc = make_folder(to, "lang", to_lang, d);
	if (rc == 0)
		rc = copy_texts(from_lang, to_lang, d);
	if (rc == 0 && origin->again == 0)
		rc = content_taught(origin->dir, to_lang, d);
	if (rc == 0)
		rc = sync_folder(to_lang, d);
	if (rc == 0)
		rc = copy_named(origin->content, to, "topics.csv", d);
	if (rc == 0)
		rc = copy_named(origin->content, to, "gazetteer.csv", d);
	if (rc == 0)
		rc = write_listings(origin, to, stage, d);
	return rc == 0 ? sync_folder(to, d) : rc;
}

/* The number of a published edition's folder, 0 for any other name. */
static int64_t
edition_number(const char *name)
{
	char *end;
	long number;

	if (name[0] < '0' || name[0] > '9')
		return 0;
	number = strtol(name, &end, 10);
	return *end == '\0' && number <= EDITION_NUMBER_MAX ? number : 0;
}

/* Clear away half-written editions and find the last whole one. */
static int
tidy(const char *editions, int64_t *ret_last, struct diag *d)
{
	char path[CONTENT_PATH_MAX];
	const struct dirent *entry;
	DIR *folder = opendir(editions);
	int64_t last = 0;
	int rc = 0;

	if (folder == NULL)
		return failed(d, -errno, editions);
	while (rc == 0 && (entry = readdir(folder)) != NULL) {
		int64_t number = edition_number(entry->d_name);

		if (number > last)
			last = number;
		if (!ends_with(entry->d_name, half_written))
			continue;
		rc = join(path, editions, entry->d_name, d);
		if (rc == 0)
			file_tree_remove(path);
	}
	(void)closedir(folder);
	if (rc == 0)
		*ret_last = last;
	return rc;
}

/* Numbers only grow, also over folders that never became current. */
static int
next_number(struct directory *dir, const char *editions, int64_t *ret_number,
    struct diag *d)
{
	int64_t now = 0, last = 0;
	int rc = directory_edition_now(dir, &now);

	if (rc < 0 && rc != -ENOENT)
		return failed(d, rc, "directory.db");
	rc = tidy(editions, &last, d);
	if (rc == 0)
		*ret_number = (now > last ? now : last) + 1;
	return rc;
}

/* Before the listings are read: what is changed meanwhile is not published. */
static int
change_of(const struct origin *origin, int64_t *ret_change, struct diag *d)
{
	int rc = origin->again != 0 ?
		     directory_edition_change(
			 origin->dir, origin->again, ret_change) :
		     directory_change_now(origin->dir, ret_change);

	return rc < 0 ? failed(d, rc, "directory.db") : 0;
}

/* Take the folder for this process alone; the lock ends with the process. */
static int
lock_editions(const char *editions, int *ret_lock, struct diag *d)
{
	int fd;

	if (mkdir(editions, 0755) < 0 && errno != EEXIST)
		return failed(d, -errno, editions);
	fd = open(editions, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(d, -errno, editions);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		(void)close(fd);
		return diag_set(d, -EBUSY,
		    "%s: another publishing is under way; wait until it ends",
		    editions);
	}
	*ret_lock = fd;
	return 0;
}

/* All or nothing. */
static int
write_parts(
    const struct origin *origin, struct content_stage *stage, struct diag *d)
{
	int rc;

	if (mkdir(stage->path, 0755) < 0)
		return failed(d, -errno, stage->path);
	rc = write_menus(origin, stage->path, d);
	if (rc == 0)
		rc = write_content(origin, stage, d);
	if (rc == 0)
		rc = sync_folder(stage->path, d);
	if (rc < 0)
		file_tree_remove(stage->path);
	return rc;
}

static int
write_stage(
    const struct origin *origin, struct content_stage *stage, struct diag *d)
{
	int n, rc;

	rc = next_number(origin->dir, stage->editions, &stage->number, d);
	if (rc == 0)
		rc = change_of(origin, &stage->change, d);
	if (rc < 0)
		return rc;
	n = snprintf(stage->path, sizeof(stage->path), "%s/%04lld%s",
	    stage->editions, (long long)stage->number, half_written);
	if (n < 0 || (size_t)n >= sizeof(stage->path))
		return failed(d, -ENAMETOOLONG, stage->editions);
	return write_parts(origin, stage, d);
}

static int
stage_from(const struct origin *origin, const char *data,
    struct content_stage *ret_stage, struct diag *d)
{
	struct content_stage stage = { .number = 0 };
	int rc;

	rc = join(stage.editions, data, "editions", d);
	if (rc == 0)
		rc = lock_editions(stage.editions, &stage.lock, d);
	if (rc < 0)
		return rc;
	rc = write_stage(origin, &stage, d);
	if (rc < 0) {
		(void)close(stage.lock);
		return rc;
	}
	*ret_stage = stage;
	return 0;
}

static int
origin_share(const char *share, struct directory *dir,
    struct origin *ret_origin, struct diag *d)
{
	int rc = join(ret_origin->menus, share, "menus/trees", d);

	ret_origin->dir = dir;
	return rc == 0 ? join(ret_origin->content, share, "content", d) : rc;
}

int
content_publish_stage(const char *data, const char *share,
    struct directory *dir, struct content_stage *ret_stage,
    struct diag *reterr_diag)
{
	struct origin origin = { 0 };
	int rc = origin_share(share, dir, &origin, reterr_diag);

	if (rc < 0)
		return rc;
	return stage_from(&origin, data, ret_stage, reterr_diag);
}

int
content_publish_draft(const char *folder, const char *share,
    struct directory *dir, struct content_stage *ret_stage,
    struct diag *reterr_diag)
{
	struct content_stage stage = { .lock = -1 };
	struct origin origin = { 0 };
	int rc;

	rc = origin_share(share, dir, &origin, reterr_diag);
	if (rc == 0)
		rc = join(stage.path, folder, "draft.tmp", reterr_diag);
	if (rc < 0)
		return rc;
	file_tree_remove(stage.path); /* a crash left it */
	rc = write_parts(&origin, &stage, reterr_diag);
	if (rc == 0)
		*ret_stage = stage;
	return rc;
}

int
content_publish_stage_again(const char *data, int64_t number,
    struct directory *dir, struct content_stage *ret_stage,
    struct diag *reterr_diag)
{
	struct origin origin = { .dir = dir, .again = number };
	char edition[CONTENT_PATH_MAX];
	int rc;

	if (content_edition_path(data, number, edition) < 0)
		return failed(reterr_diag, -ENAMETOOLONG, data);
	if (access(edition, F_OK) < 0)
		return diag_set(reterr_diag, -errno,
		    "%s: there is no edition %lld; the folder editions/ there "
		    "has them all",
		    data, (long long)number);
	rc = join(origin.menus, edition, "menus", reterr_diag);
	if (rc == 0)
		rc = join(origin.content, edition, "content", reterr_diag);
	if (rc < 0)
		return rc;
	return stage_from(&origin, data, ret_stage, reterr_diag);
}

static int
record(const struct content_stage *stage, struct directory *dir,
    const struct content_publisher *by)
{
	struct directory_edition edition = {
		.number = stage->number,
		.at_ms = by->at_ms,
		.listings = stage->listings,
		.note = by->note,
		.who = by->who,
		.change = stage->change,
	};
	int rc = directory_begin(dir);

	if (rc < 0)
		return rc;
	rc = directory_edition_put(dir, &edition);
	if (rc < 0) {
		directory_rollback(dir);
		return rc;
	}
	return directory_commit(dir);
}

/* Name and record; what was named but not recorded is removed again. */
static int
name_stage(const struct content_stage *stage, struct directory *dir,
    const struct content_publisher *by, struct diag *d)
{
	char path[CONTENT_PATH_MAX];
	int64_t now = stage->number; /* stays so if nobody can say */
	int n, rc;

	n = snprintf(path, sizeof(path), "%s/%04lld", stage->editions,
	    (long long)stage->number);
	if (n < 0 || (size_t)n >= sizeof(path))
		return failed(d, -ENAMETOOLONG, stage->editions);
	if (rename(stage->path, path) < 0)
		return failed(d, -errno, path);
	rc = sync_folder(stage->editions, d);
	if (rc == 0) {
		rc = record(stage, dir, by);
		if (rc < 0)
			(void)failed(d, rc, "directory.db");
	}
	/* a commit may fail and be there all the same: ask before removing */
	if (rc < 0 && (directory_edition_now(dir, &now) == -ENOENT ||
			  now != stage->number))
		file_tree_remove(path);
	return rc;
}

int
content_publish_finish(struct content_stage *stage, struct directory *dir,
    const struct content_publisher *by, struct diag *reterr_diag)
{
	int rc = name_stage(stage, dir, by, reterr_diag);

	if (rc < 0)
		file_tree_remove(stage->path);
	(void)close(stage->lock);
	stage->lock = -1;
	return rc;
}

void
content_publish_abandon(struct content_stage *stage)
{
	file_tree_remove(stage->path);
	(void)close(stage->lock);
	stage->lock = -1;
}
