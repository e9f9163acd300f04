/* tmpdir.h - a folder for one test, with files written from strings. */
#ifndef TESTS_TMPDIR_H
#define TESTS_TMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/base.h"

enum { TMP_PATH_MAX = 512 };

struct tmpdir {
	char path[TMP_PATH_MAX];
};

static inline int
tmp_remove_one(
    const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static inline void
tmp_init(struct tmpdir *t)
{
	const char *root = getenv("TMPDIR");

	ASSERT(snprintf(t->path, sizeof(t->path), "%s/safar.XXXXXX",
		   root != NULL ? root : P_tmpdir) < TMP_PATH_MAX);
	ASSERT(mkdtemp(t->path) != NULL);
}

static inline void
tmp_done(struct tmpdir *t)
{
	ASSERT(nftw(t->path, tmp_remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* The path of a name in the folder; valid until the fourth next call. */
static inline const char *
tmp_path(const struct tmpdir *t, const char *name)
{
	static char paths[4][2 * TMP_PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", t->path, name);
	return path;
}

static inline void
tmp_mkdir(const struct tmpdir *t, const char *name)
{
	ASSERT(mkdir(tmp_path(t, name), 0777) == 0);
}

static inline void
tmp_put(const struct tmpdir *t, const char *name, const char *p, size_t n)
{
	FILE *f = fopen(tmp_path(t, name), "w");

	ASSERT(f != NULL && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

static inline void
tmp_puts(const struct tmpdir *t, const char *name, const char *text)
{
	tmp_put(t, name, text, strlen(text));
}

#endif
