/*
 * edition_copy.h - a copy of the shipped edition in a folder of its own, for
 * tests that break it.
 */
#ifndef TESTS_UNIT_EDITION_COPY_H
#define TESTS_UNIT_EDITION_COPY_H

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/base.h"

struct edition_copy {
	char root[PATH_MAX];
};

static const char *const copied_dirs[] = { "content", "content/lang",
	"content/orgs", "menus" };

static inline void
copy_path(char path[PATH_MAX], const char *root, const char *name)
{
	int n = snprintf(path, PATH_MAX, "%s/%s", root, name);

	ASSERT(n > 0 && n < PATH_MAX);
}

/* The whole file, NUL terminated; the caller frees it. */
static inline char *
file_text(const char *path)
{
	FILE *in = fopen(path, "rb");
	char *text;
	long n;

	ASSERT(in != NULL);
	ASSERT(fseek(in, 0, SEEK_END) == 0);
	n = ftell(in);
	ASSERT(n >= 0);
	rewind(in);
	text = calloc(1, (size_t)n + 1);
	ASSERT(text != NULL);
	ASSERT(fread(text, 1, (size_t)n, in) == (size_t)n);
	(void)fclose(in);
	return text;
}

static inline void
file_write(const char *path, const char *text)
{
	FILE *out = fopen(path, "wb");

	ASSERT(out != NULL);
	ASSERT(fputs(text, out) >= 0);
	ASSERT(fclose(out) == 0);
}

static inline void
file_copy(const char *from, const char *to)
{
	char *text = file_text(from);

	file_write(to, text);
	free(text);
}

static inline void
dir_copy(const char *root, const char *name)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(name);

	ASSERT(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		copy_path(from, name, entry->d_name);
		if (stat(from, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		copy_path(to, root, from);
		file_copy(from, to);
	}
	(void)closedir(dir);
}

static inline void
edition_copy_init(struct edition_copy *c)
{
	char path[PATH_MAX];
	size_t i;

	snprintf(c->root, sizeof(c->root), "/tmp/test_edition.XXXXXX");
	ASSERT(mkdtemp(c->root) != NULL);
	for (i = 0; i < ARRAY_LEN(copied_dirs); i++) {
		copy_path(path, c->root, copied_dirs[i]);
		ASSERT(mkdir(path, 0700) == 0);
		if (strcmp(copied_dirs[i], "menus") != 0)
			dir_copy(c->root, copied_dirs[i]);
	}
	copy_path(path, c->root, "menus/main.yaml");
	file_copy("menus/trees/main.yaml", path);
}

/* Replace the first occurrence of one text in one file. */
static inline void
edition_copy_replace(struct edition_copy *c, const char *name,
    const char *old_text, const char *new_text)
{
	char path[PATH_MAX];
	char *text, *at;
	FILE *out;

	copy_path(path, c->root, name);
	text = file_text(path);
	at = strstr(text, old_text);
	ASSERT(at != NULL);
	out = fopen(path, "wb");
	ASSERT(out != NULL);
	ASSERT(
	    fwrite(text, 1, (size_t)(at - text), out) == (size_t)(at - text));
	ASSERT(fputs(new_text, out) >= 0);
	ASSERT(fputs(at + strlen(old_text), out) >= 0);
	ASSERT(fclose(out) == 0);
	free(text);
}

static inline void
dir_empty(const char *dir_name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(dir_name);

	ASSERT(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		copy_path(path, dir_name, entry->d_name);
		(void)unlink(path); /* folders stay for rmdir() */
	}
	(void)closedir(dir);
	(void)rmdir(dir_name);
}

static inline void
edition_copy_done(struct edition_copy *c)
{
	char path[PATH_MAX];
	size_t i;

	for (i = ARRAY_LEN(copied_dirs); i > 0; i--) {
		copy_path(path, c->root, copied_dirs[i - 1]);
		dir_empty(path);
	}
	ASSERT(rmdir(c->root) == 0);
}

#endif
