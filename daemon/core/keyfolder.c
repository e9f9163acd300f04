/* keyfolder.c - the folder of keys: made, opened, emptied for good. */
#include "daemon/core/keyfolder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/keyfile.h"
#include "daemon/core/vault.h"

static int
keys_path(const char *dir, char *ret_path, struct diag *reterr_diag)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/keys", dir);

	if (n < 0 || n >= PATH_MAX)
		return diag_set(
		    reterr_diag, -EINVAL, "the folder's name is too long");
	return 0;
}

static int
folder_make(const char *path, struct diag *reterr_diag)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return diag_set(reterr_diag, errno == ENOENT ? -ENOENT : -EIO,
	    "%s cannot be made: %s; make it as root: install -d -o USER -m "
	    "700 %s, where USER runs safard",
	    path, strerror(errno), path);
}

int
keyfolder_create(const char *dir, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	int rc = keys_path(dir, path, reterr_diag);

	return rc < 0 ? rc : folder_make(path, reterr_diag);
}

static int
folder_check(int fd, const char *path, bool write, struct diag *reterr_diag)
{
	int rc = keyfile_check(fd);

	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "others may look into %s; change that with: chmod 700 %s",
		    path, path);
	/* found now, and not in the night when the next epoch begins */
	if (write && faccessat(fd, ".", W_OK, AT_EACCESS) < 0)
		return diag_set(reterr_diag, errno == EROFS ? -EROFS : -EPERM,
		    "%s cannot be written, but a new key is made there every "
		    "%d days; make it writable",
		    path, VAULT_EPOCH_DAYS);
	return 0;
}

static int
folder_open(const char *path, bool write, int *ret_fd, struct diag *reterr_diag)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0 && errno == ENOENT)
		return diag_set(reterr_diag, -ENOENT,
		    "there is no folder %s; mount the disk it is on, or make "
		    "another data folder: safarctl backup, then safarctl "
		    "restore --to",
		    path);
	if (fd < 0)
		return diag_set(reterr_diag, errno == EACCES ? -EPERM : -EIO,
		    "%s cannot be read: %s", path, strerror(errno));
	rc = folder_check(fd, path, write, reterr_diag);
	if (rc < 0)
		(void)close(fd);
	else
		*ret_fd = fd;
	return rc;
}

int
keyfolder_open(
    const char *dir, char *path, int *ret_fd, struct diag *reterr_diag)
{
	int rc = keys_path(dir, path, reterr_diag);

	return rc < 0 ? rc : folder_open(path, true, ret_fd, reterr_diag);
}

int
keyfolder_look(const char *path, int *ret_fd, struct diag *reterr_diag)
{
	return folder_open(path, false, ret_fd, reterr_diag);
}

int
keyfolder_link(const char *dir, const char *where, struct diag *reterr_diag)
{
	char path[PATH_MAX], whole[PATH_MAX];
	int fd = -1, rc = keys_path(dir, path, reterr_diag);

	if (rc == 0)
		rc = folder_make(where, reterr_diag);
	if (rc == 0)
		rc = folder_open(where, true, &fd, reterr_diag);
	if (rc < 0)
		return rc;
	(void)close(fd);
	if (realpath(where, whole) == NULL || symlink(whole, path) < 0)
		return diag_set(reterr_diag, errno == EEXIST ? -EEXIST : -EIO,
		    "%s cannot be made a link to %s: %s", path, where,
		    strerror(errno));
	return 0;
}

/* Every entry but the folders; ends with what failed first. */
static int
entry_destroy(int fd, const struct dirent *entry, size_t *count)
{
	const char *name = entry->d_name;
	int rc;

	if (entry->d_type == DT_DIR || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return 0;
	rc = keyfile_destroy(fd, name);
	*count += rc == 0;
	return rc;
}

int
keyfolder_destroy(int fd, bool (*doomed)(void *arg, const char *name),
    void *arg, size_t *ret_count)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;
	size_t count = 0;

	if (dir == NULL) {
		if (own >= 0)
			(void)close(own);
		return -EIO;
	}
	while ((entry = readdir(dir)) != NULL)
		if ((doomed == NULL || doomed(arg, entry->d_name)) &&
		    entry_destroy(fd, entry, &count) < 0)
			rc = -EIO;
	(void)closedir(dir);
	if (count > 0 && fsync(fd) < 0)
		rc = -EIO;
	*ret_count = count;
	return rc;
}
