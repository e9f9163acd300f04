/* files.c - the pages, in memory. */
#include "daemon/web/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_MAX = 32 << 20, DEPTH_MAX = 4 };

struct files {
	size_t count, bytes;
	struct file all[FILES_MAX];
	char *owned[FILES_MAX]; /* their bytes */
};

struct reading {
	struct files *files;
	struct diag *why;
};

static const char *
type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".webmanifest", "application/manifest+json" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".ico", "image/x-icon" },
		{ ".woff2", "font/woff2" },
		{ ".wasm", "application/wasm" },
		{ ".txt", "text/plain; charset=utf-8" },
	};
	size_t n = strlen(name), i, len;

	for (i = 0; i < ARRAY_LEN(types); i++) {
		len = strlen(types[i].end);
		if (n > len && strcmp(name + n - len, types[i].end) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

/* NAME-HASH.END, as esbuild makes them: eight capitals and digits. */
static bool
has_hash(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t i;

	if (dot == NULL || dot - name < 9 || dot[-9] != '-')
		return false;
	for (i = 1; i <= 8; i++)
		if (!((dot[-(long)i] >= 'A' && dot[-(long)i] <= 'Z') ||
			(dot[-(long)i] >= '0' && dot[-(long)i] <= '9')))
			return false;
	return true;
}

/* FNV-1a: tells one build from another, no more. */
static void
tag_make(struct file *f)
{
	uint64_t h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < f->bytes.n; i++)
		h = (h ^ (uint8_t)f->bytes.p[i]) * 0x100000001b3;
	(void)snprintf(
	    f->tag, sizeof(f->tag), "\"%016llx\"", (unsigned long long)h);
}

static int
bytes_read(int fd, size_t size, char **ret_owned, struct sv *ret_bytes)
{
	char *p = malloc(size + 1);
	size_t n = 0;
	ssize_t got = 1;

	ASSERT(p != NULL);
	while (n < size && got > 0) {
		got = read(fd, p + n, size - n);
		if (got > 0)
			n += (size_t)got;
	}
	if (got < 0) {
		free(p);
		return -errno;
	}
	p[n] = '\0';
	*ret_owned = p;
	*ret_bytes = (struct sv){ p, n };
	return 0;
}

static int
file_read(struct reading *r, int dir_fd, const char *entry, const char *name)
{
	struct files *files = r->files;
	struct file *f = &files->all[files->count];
	struct stat st;
	int fd, rc;

	if (files->count == FILES_MAX || strlen(name) >= sizeof(f->name))
		return diag_set(r->why, -E2BIG,
		    "the pages: more than %d files, or a name too long",
		    FILES_MAX);
	fd = openat(dir_fd, entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return diag_set(
		    r->why, -errno, "the pages: %s: %s", name, strerror(errno));
	rc = fstat(fd, &st) < 0 ? -errno : 0;
	if (rc == 0 && (size_t)st.st_size > BYTES_MAX - files->bytes)
		rc = -E2BIG;
	if (rc == 0)
		rc = bytes_read(fd, (size_t)st.st_size,
		    &files->owned[files->count], &f->bytes);
	(void)close(fd);
	if (rc < 0)
		return diag_set(
		    r->why, rc, "the pages: %s: %s", name, strerror(-rc));
	memcpy(f->name, name, strlen(name) + 1);
	f->type = type_of(name);
	f->forever = has_hash(name);
	tag_make(f);
	files->bytes += f->bytes.n;
	files->count++;
	return 0;
}

static int folder_read(
    struct reading *r, int dir_fd, const char *prefix, int depth);

static int
entry_read(struct reading *r, int dir_fd, const char *prefix, const char *entry,
    int depth)
{
	char name[256];
	struct stat st;
	int fd, n;

	n = snprintf(name, sizeof(name), "%s%s", prefix, entry);
	if (n < 0 || (size_t)n >= sizeof(name) ||
	    fstatat(dir_fd, entry, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return file_read(r, dir_fd, entry, name);
	if (!S_ISDIR(st.st_mode) || depth == DEPTH_MAX)
		return 0;
	(void)snprintf(name, sizeof(name), "%s%s/", prefix, entry);
	fd = openat(dir_fd, entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : folder_read(r, fd, name, depth + 1);
}

/* Closes dir_fd. */
static int
folder_read(struct reading *r, int dir_fd, const char *prefix, int depth)
{
	DIR *d = fdopendir(dir_fd);
	struct dirent *e;
	int rc = 0;

	ASSERT(d != NULL);
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			rc = entry_read(r, dir_fd, prefix, e->d_name, depth);
	(void)closedir(d);
	return rc;
}

/* NAME.gz belongs to NAME. */
static void
pairs_make(struct files *f)
{
	struct sv gz;
	size_t i, k;

	for (i = 0; i < f->count; i++) {
		gz = sv_of(f->all[i].name);
		if (gz.n < 4 || memcmp(gz.p + gz.n - 3, ".gz", 3) != 0)
			continue;
		gz.n -= 3;
		for (k = 0; k < f->count; k++)
			if (sv_eq(gz, sv_of(f->all[k].name)))
				f->all[k].gz = f->all[i].bytes;
	}
}

int
files_read(const char *dir, struct files **ret_files, struct diag *reterr_diag)
{
	struct files *f = calloc(1, sizeof(*f));
	struct reading r = { f, reterr_diag };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	ASSERT(f != NULL);
	if (fd >= 0)
		rc = folder_read(&r, fd, "", 0);
	else if (errno != ENOENT)
		rc = diag_set(reterr_diag, -errno, "the pages: %s: %s", dir,
		    strerror(errno));
	if (rc < 0) {
		files_free(&f);
		return rc;
	}
	pairs_make(f);
	*ret_files = f;
	return 0;
}

void
files_free(struct files **fp)
{
	struct files *f = *fp;
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->count; i++)
		free(f->owned[i]);
	free(f);
	*fp = NULL;
}

const struct file *
files_find(const struct files *f, struct sv name)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (sv_eq(name, sv_of(f->all[i].name)))
			return &f->all[i];
	return NULL;
}
