/* bundle.c - folders made whole or not at all; their manifest. */
#include "daemon/ctl/bundle.h"

#include <fcntl.h>
#include <fts.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/digest.h"

enum { CHUNK = 64 * 1024, FORMAT = 1 };

static const char manifest_name[] = "manifest.json";

static int
failed(struct diag *d, int rc, const char *path)
{
	return diag_set(d, rc, "%s: %s", path, strerror(-rc));
}

static int
sync_path(const char *path, struct diag *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0 ? failed(d, -errno, path) : 0;

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* Walking: everything below a folder, in the order of names. */

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

typedef int bundle_walk_fn(void *arg, const FTSENT *entry, struct diag *d);

/* fn returns an error to stop.  Folders are met before and after what they
 * hold: fts_info is FTS_D and FTS_DP. */
static int
walk(const char *root, bundle_walk_fn *fn, void *arg, struct diag *d)
{
	char path[PATH_MAX];
	char *roots[] = { path, NULL };
	const FTSENT *entry;
	FTS *fts;
	int rc = 0;

	(void)snprintf(path, sizeof(path), "%s", root);
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	ASSERT(fts != NULL);
	while (rc == 0 && (entry = fts_read(fts)) != NULL) {
		if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR ||
		    entry->fts_info == FTS_ERR)
			rc = failed(d, -entry->fts_errno, entry->fts_path);
		else
			rc = fn(arg, entry, d);
	}
	(void)fts_close(fts);
	return rc;
}

static int
on_remove(void *arg, const FTSENT *entry, struct diag *d)
{
	(void)arg;
	if (entry->fts_info == FTS_D || remove(entry->fts_accpath) == 0)
		return 0;
	return failed(d, -errno, entry->fts_path);
}

static int
on_sync(void *arg, const FTSENT *entry, struct diag *d)
{
	(void)arg;
	return entry->fts_info == FTS_D ? 0 : sync_path(entry->fts_path, d);
}

/* Making. */

static int
lock_folder(struct bundle *b, struct diag *d)
{
	int fd;

	if (mkdir(b->path, 0700) < 0 && errno != EEXIST)
		return diag_set(d, -errno,
		    "%s cannot be made: %s; name another folder", b->path,
		    strerror(errno));
	fd = open(b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(d, -errno, b->path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		b->lock = fd;
		return 0;
	}
	(void)close(fd);
	return diag_set(d, -EBUSY,
	    "%s is just being made by another safarctl; wait until it ends",
	    b->name);
}

/* What an interrupted run left: all but the folder, which is locked. */
static int
on_empty(void *arg, const FTSENT *entry, struct diag *d)
{
	if (entry->fts_level == FTS_ROOTLEVEL)
		return 0;
	return on_remove(arg, entry, d);
}

int
bundle_begin(struct bundle *b, const char *name, struct diag *reterr_diag)
{
	size_t n = strlen(name);
	struct stat st;
	int rc;

	*b = (struct bundle){ .lock = -1 };
	if (n > CONTENT_PATH_MAX / 2)
		return diag_set(reterr_diag, -ENAMETOOLONG,
		    "%s: write a shorter name", name);
	while (n > 1 && name[n - 1] == '/')
		n--;
	memcpy(b->name, name, n);
	if (lstat(b->name, &st) == 0)
		return diag_set(reterr_diag, -EEXIST,
		    "%s is there already: nothing is changed; name another "
		    "folder",
		    b->name);
	(void)snprintf(b->path, sizeof(b->path), "%s.unfinished", b->name);
	rc = lock_folder(b, reterr_diag);
	if (rc == 0)
		rc = walk(b->path, on_empty, NULL, reterr_diag);
	if (rc < 0 && b->lock >= 0)
		bundle_abandon(b);
	return rc;
}

void
bundle_abandon(struct bundle *b)
{
	struct diag ignored;

	(void)walk(b->path, on_remove, NULL, &ignored);
	if (b->lock >= 0)
		(void)close(b->lock);
	b->lock = -1;
}

/* The folder that a path lies in. */
static void
parent_of(const char *path, char ret_parent[PATH_MAX])
{
	char *slash;

	(void)snprintf(ret_parent, PATH_MAX, "%s", path);
	slash = strrchr(ret_parent, '/');
	if (slash == NULL)
		(void)snprintf(ret_parent, PATH_MAX, ".");
	else
		slash[slash == ret_parent ? 1 : 0] = '\0';
}

int
bundle_finish(struct bundle *b, struct diag *reterr_diag)
{
	char parent[PATH_MAX];
	int rc = walk(b->path, on_sync, NULL, reterr_diag);

	if (rc == 0 && rename(b->path, b->name) < 0)
		rc = failed(reterr_diag, -errno, b->name);
	if (rc < 0) {
		bundle_abandon(b);
		return rc;
	}
	(void)close(b->lock);
	b->lock = -1;
	parent_of(b->name, parent);
	return sync_path(parent, reterr_diag);
}

/* Copying. */

static int
bytes_copy(int from, int to)
{
	static char chunk[CHUNK];
	ssize_t n, put;

	for (;;) {
		n = read(from, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (put = 0; put < n;) {
			ssize_t more =
			    write(to, chunk + put, (size_t)(n - put));

			if (more < 0 && errno != EINTR)
				return -errno;
			put += more > 0 ? more : 0;
		}
	}
}

static int
file_copy(const char *from, const char *to, struct diag *d)
{
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), out, rc;

	if (in < 0)
		return failed(d, -errno, from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0) {
		rc = failed(d, -errno, to);
		(void)close(in);
		return rc;
	}
	rc = bytes_copy(in, out);
	if (close(out) < 0 && rc == 0)
		rc = -errno;
	(void)close(in);
	if (rc < 0)
		return diag_set(d, rc,
		    "%s cannot be written: %s; make room or name another "
		    "folder",
		    to, strerror(-rc));
	return 0;
}

struct copying {
	size_t root; /* length of the source's path */
	const char *to;
};

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

static int
on_copy(void *arg, const FTSENT *entry, struct diag *d)
{
	const struct copying *c = arg;
	char to[PATH_MAX];
	int n;

	/* an edition that is just being made, or was given up */
	if (strstr(entry->fts_path + c->root, ".tmp/") != NULL ||
	    ends_with(entry->fts_path, ".tmp"))
		return 0;
	n = snprintf(to, sizeof(to), "%s%s", c->to, entry->fts_path + c->root);
	if (n < 0 || (size_t)n >= sizeof(to))
		return failed(d, -ENAMETOOLONG, entry->fts_path);
	if (entry->fts_info == FTS_D)
		return mkdir(to, 0700) < 0 ? failed(d, -errno, to) : 0;
	if (entry->fts_info == FTS_DP)
		return 0;
	if (entry->fts_info != FTS_F)
		return diag_set(d, -EINVAL,
		    "%s is not a plain file; take it away", entry->fts_path);
	return file_copy(entry->fts_path, to, d);
}

int
bundle_copy(const char *from, const char *to, const char *name,
    struct diag *reterr_diag)
{
	char source[PATH_MAX], target[PATH_MAX];
	struct copying c = { .to = target };

	ctl_path(source, from, name);
	ctl_path(target, to, name);
	c.root = strlen(source);
	return walk(source, on_copy, &c, reterr_diag);
}

bool
bundle_has(const char *from, const char *name)
{
	char path[PATH_MAX];

	ctl_path(path, from, name);
	return access(path, F_OK) == 0;
}

/* The manifest. */

struct inventory {
	size_t root;   /* length of the folder's path */
	json_t *files; /* by name */
	int64_t bytes;
};

static int
on_list(void *arg, const FTSENT *entry, struct diag *d)
{
	struct inventory *l = arg;
	const char *name = entry->fts_path + l->root;
	char hex[DIGEST_HEX];
	int64_t bytes;
	int rc;

	if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP)
		return 0;
	if (entry->fts_info != FTS_F)
		return diag_set(
		    d, -EUCLEAN, "%s is not a plain file", entry->fts_path);
	name += strspn(name, "/"); /* of the folder's name, too */
	if (strcmp(name, manifest_name) == 0)
		return 0;
	rc = digest_file(entry->fts_path, &bytes, hex);
	if (rc < 0)
		return failed(d, rc, entry->fts_path);
	l->bytes += bytes;
	(void)json_object_set_new(l->files, name,
	    json_pack(
		"{s:I, s:s}", "bytes", (json_int_t)bytes, "blake2b", hex));
	return 0;
}

static int
list(const char *path, struct inventory *l, struct diag *d)
{
	*l = (struct inventory){ .root = strlen(path), .files = json_object() };
	return walk(path, on_list, l, d);
}

int
bundle_seal(const char *path, const struct db_facts *facts, int64_t at_ms,
    struct diag *reterr_diag)
{
	char manifest[PATH_MAX];
	struct inventory l;
	json_t *all;
	int rc = list(path, &l, reterr_diag);

	all = json_pack("{s:i, s:I, s:I, s:I, s:I, s:o}", "safar_backup",
	    FORMAT, "at_ms", (json_int_t)at_ms, "hotline_schema",
	    (json_int_t)facts->hotline_schema, "directory_schema",
	    (json_int_t)facts->directory_schema, "edition",
	    (json_int_t)facts->edition, "files", l.files);
	ASSERT(all != NULL);
	ctl_path(manifest, path, manifest_name);
	if (rc == 0 &&
	    json_dump_file(all, manifest, JSON_INDENT(1) | JSON_SORT_KEYS) < 0)
		rc = failed(reterr_diag, errno != 0 ? -errno : -EIO, manifest);
	json_decref(all);
	return rc;
}

static int
manifest_read(const char *path, json_t **ret_all, struct diag *d)
{
	char manifest[PATH_MAX];
	json_error_t why;
	json_t *all;

	ctl_path(manifest, path, manifest_name);
	if (access(manifest, R_OK) < 0)
		return diag_set(d, -errno,
		    "%s cannot be read (%s): that is no backup, or not all "
		    "of one",
		    manifest, strerror(errno));
	all = json_load_file(manifest, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(json_object_get(all, "files")) ||
	    json_integer_value(json_object_get(all, "safar_backup")) !=
		FORMAT) {
		json_decref(all);
		return diag_set(d, -EUCLEAN,
		    "%s is damaged or of another version; take another backup",
		    manifest);
	}
	*ret_all = all;
	return 0;
}

/* Every file of one list is in the other, and the same. */
static int
compare(const char *path, json_t *want, json_t *have, struct diag *d)
{
	const char *name;
	json_t *entry;

	json_object_foreach(want, name, entry)
	{
		if (json_object_get(have, name) == NULL)
			return diag_set(d, -EUCLEAN,
			    "%s/%s is missing; take another backup", path,
			    name);
		if (!json_equal(json_object_get(have, name), entry))
			return diag_set(d, -EUCLEAN,
			    "%s/%s is not what was written into it; take "
			    "another backup",
			    path, name);
	}
	json_object_foreach(have, name, entry)
	{
		if (json_object_get(want, name) == NULL)
			return diag_set(d, -EUCLEAN,
			    "%s/%s does not belong to the backup; take it away",
			    path, name);
	}
	return 0;
}

int
bundle_verify(
    const char *path, struct bundle_told *ret_told, struct diag *reterr_diag)
{
	json_t *all = NULL;
	struct inventory l;
	int rc = manifest_read(path, &all, reterr_diag);

	if (rc < 0)
		return rc;
	rc = list(path, &l, reterr_diag);
	if (rc == 0)
		rc = compare(
		    path, json_object_get(all, "files"), l.files, reterr_diag);
	if (rc == 0)
		*ret_told = (struct bundle_told){ .bytes = l.bytes,
			.files = (int64_t)json_object_size(l.files),
			.at_ms =
			    json_integer_value(json_object_get(all, "at_ms")) };
	json_decref(l.files);
	json_decref(all);
	return rc;
}
