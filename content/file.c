/* file.c - reads one text file whole and refuses what is not UTF-8 text; writes
 * one whole. */
#include "content/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <unicode/ustring.h>

enum { OPEN_FOLDERS = 16 /* while a tree is removed */ };

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* Say that the file cannot be had; a missing one keeps its errno. */
static int
cannot_read(const char *path, int err, struct diag *d)
{
	if (err == ENOENT)
		return diag_set(d, -ENOENT,
		    "%s: there is no such file; put it there or correct the "
		    "path",
		    path);
	return diag_set(d, -EINVAL,
	    "%s: cannot be read (%s); correct its owner and permissions", path,
	    strerror(err));
}

static int
read_all(const char *path, int fd, char *buf, size_t len, struct diag *d)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, buf + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_read(path, errno, d);
		if (n == 0)
			return diag_set(d, -EINVAL,
			    "%s: became shorter while it was read; try again",
			    path);
		got += (size_t)n;
	}
	return 0;
}

/* ICU is asked only for the length: it finds what is not UTF-8 on the way. */
static bool
is_utf8(struct sv line)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t units;

	(void)u_strFromUTF8(NULL, 0, &units, line.p, (int32_t)line.n, &status);
	return status != U_INVALID_CHAR_FOUND;
}

static int
check_text(const char *path, struct sv text, struct diag *d)
{
	struct sv rest = text;
	unsigned line;

	for (line = 1; rest.n > 0; line++) {
		struct sv one = sv_cut(&rest, '\n');

		if (one.n > 0 && memchr(one.p, '\0', one.n) != NULL)
			return diag_set(d, -EINVAL,
			    "%s:%u: a NUL byte; save the file as plain text",
			    path, line);
		if (one.n > 0 && !is_utf8(one))
			return diag_set(d, -EINVAL,
			    "%s:%u: not UTF-8; save the file as UTF-8 text",
			    path, line);
	}
	return 0;
}

/* Cut a byte order mark (U+FEFF), as spreadsheets write it, off the front. */
static size_t
cut_mark(char *buf, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (len < 3 || memcmp(buf, mark, 3) != 0)
		return len;
	memmove(buf, buf + 3, len - 3 + 1);
	return len - 3;
}

int
file_read_text(const char *path, size_t max, char **ret_text, size_t *ret_len,
    struct diag *reterr_diag)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t len;
	char *buf;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_read(path, errno, reterr_diag);
	if (!S_ISREG(st.st_mode))
		return diag_set(reterr_diag, -EINVAL,
		    "%s: is not a file; give the path of a text file", path);
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		return diag_set(reterr_diag, -EINVAL,
		    "%s: is larger than %zu bytes; split it", path, max);
	len = (size_t)st.st_size;
	buf = calloc(1, len + 1);
	ASSERT(buf != NULL);
	rc = read_all(path, fd, buf, len, reterr_diag);
	if (rc == 0)
		rc = check_text(path, (struct sv){ buf, len }, reterr_diag);
	if (rc < 0) {
		free(buf);
		return rc;
	}
	*ret_len = cut_mark(buf, len);
	*ret_text = buf;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

void
file_tree_remove(const char *path)
{
	(void)nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

int
file_fill(int fd, struct sv bytes)
{
	while (bytes.n > 0) {
		ssize_t put = write(fd, bytes.p, bytes.n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes.p += put;
		bytes.n -= (size_t)put;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* The name of a file is an entry of its folder.  Who may write there and not
 * read goes without. */
static int
sync_name(char *path)
{
	char *slash = strrchr(path, '/');
	int fd, rc;

	if (slash != NULL)
		slash[slash == path ? 1 : 0] = '\0';
	fd = open(slash != NULL ? path : ".", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	rc = fsync(fd) < 0 ? -errno : 0;
	(void)close(fd);
	return rc;
}

int
file_write(const char *path, struct sv bytes, mode_t mode)
{
	char fresh[PATH_MAX];
	struct stat old;
	int n, fd, rc;

	n = snprintf(fresh, sizeof(fresh), "%s.%ld.tmp", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(fresh))
		return -ENAMETOOLONG;
	fd = open(
	    fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	if (stat(path, &old) == 0)
		(void)fchmod(fd, old.st_mode & 0777);
	rc = file_fill(fd, bytes);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(fresh, path) < 0)
		rc = -errno;
	if (rc == 0)
		return sync_name(fresh);
	(void)unlink(fresh);
	return rc;
}
