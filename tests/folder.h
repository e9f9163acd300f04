/* folder.h - a folder of its own for a test, gone afterwards. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/base.h"

struct folder {
	char path[256];
};

static inline struct folder
folder_new(void)
{
	const char *parent = getenv("TMPDIR");
	struct folder f;

	(void)snprintf(f.path, sizeof(f.path), "%s/safar-test.XXXXXX",
	    parent != NULL ? parent : P_tmpdir);
	ASSERT(mkdtemp(f.path) != NULL);
	return f;
}

static inline int
folder_on_entry(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline void
folder_done(struct folder *f)
{
	(void)nftw(f->path, folder_on_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* How often text occurs in a file of the folder. */
static inline int
folder_find(const struct folder *f, const char *name, const char *text)
{
	size_t len = strlen(text), size, i;
	char path[512], *bytes;
	int count = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", f->path, name);
	file = fopen(path, "rb");
	ASSERT(file != NULL && fseek(file, 0, SEEK_END) == 0);
	size = (size_t)ftell(file);
	bytes = malloc(size + 1);
	ASSERT(bytes != NULL && fseek(file, 0, SEEK_SET) == 0 &&
	       fread(bytes, 1, size, file) == size);
	for (i = 0; i + len <= size; i++)
		count += memcmp(bytes + i, text, len) == 0;
	free(bytes);
	(void)fclose(file);
	return count;
}

#endif
