/* newest.c - editions are folders named by their numbers. */
#include "daemon/sip/newest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDER_SIZE = 1024 };

static bool
has_folder(const char *root, const char *edition, struct sv lang, char *path)
{
	struct stat st;

	return snprintf(path, FOLDER_SIZE, "%s/%s/%.*s", root, edition,
		   SV_ARG(lang)) < FOLDER_SIZE &&
	       stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
newest_find(const char *root, struct sv lang, char *ret_folder)
{
	char path[FOLDER_SIZE];
	long number, newest = -1;
	struct dirent *d;
	DIR *dir;
	char *end;

	if (lang.n == 0 || memchr(lang.p, '/', lang.n) != NULL ||
	    lang.p[0] == '.')
		return -ENOENT;
	dir = opendir(root);
	if (dir == NULL)
		return -ENOENT;
	while ((d = readdir(dir)) != NULL) {
		number = strtol(d->d_name, &end, 10);
		if (end == d->d_name || *end != '\0' || number <= newest ||
		    !has_folder(root, d->d_name, lang, path))
			continue;
		newest = number;
		memcpy(ret_folder, path, sizeof(path));
	}
	(void)closedir(dir);
	return newest < 0 ? -ENOENT : 0;
}
