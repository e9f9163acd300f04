/* messages.c - voice messages: sealed, found again by number, wiped. */
#include "daemon/core/messages.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/sb.h"

enum {
	SLICE = 65536,
	SEALED_KEY = 4096, /* what seals the rest of a message is in there */
};

static const char draft_name[] = "draft";
static const char spool_prefix[] = "safar-";

/* --- wiping --- */

/* O_NONBLOCK: a pipe that lies in the spool makes nobody wait. */

static int
zeros_put(int fd, off_t at, off_t end)
{
	static const char zeros[SLICE];

	while (at < end) {
		size_t n = end - at < SLICE ? (size_t)(end - at) : SLICE;
		ssize_t put = pwrite(fd, zeros, n, at);

		if (put <= 0)
			return put < 0 ? -errno : -EIO;
		at += put;
	}
	return 0;
}

static int
zeros_over(int fd, off_t end)
{
	int rc = zeros_put(fd, 0, end);

	return rc == 0 && fdatasync(fd) < 0 ? -errno : rc;
}

/* Of its first bytes, as many as most. */
static int
wipe_at(int folder, const char *name, off_t most)
{
	int fd = openat(
	    folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = fd < 0 ? -errno : 0;
	struct stat st;

	if (fd >= 0) {
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			rc = zeros_over(
			    fd, st.st_size < most ? st.st_size : most);
		(void)close(fd);
	}
	if (unlinkat(folder, name, 0) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

static int
sealed_wipe(int folder, const char *name)
{
	return wipe_at(folder, name, SEALED_KEY);
}

int
message_wipe_slice(const char *path, off_t *at)
{
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = fd < 0 ? -errno : 0;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    *at < st.st_size) {
		off_t end = st.st_size - *at < SLICE ? st.st_size : *at + SLICE;

		rc = zeros_put(fd, *at, end);
		*at = end;
		if (rc == 0 && end < st.st_size)
			rc = 1;
		/* the disk may begin: there is less to wait for at the end */
		if (rc == 1)
			(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		else if (rc == 0 && fdatasync(fd) < 0)
			rc = -errno;
	}
	if (fd >= 0)
		(void)close(fd);
	if (rc <= 0 && unlink(path) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* --- the folder --- */

/* Open DIR/messages, perhaps made anew; -ENOENT. */
static int
folder_open(const char *dir, bool make)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/" MESSAGES_FOLDER, dir) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool
is_message(const char *name)
{
	size_t n = strlen(name), m = strlen(MESSAGES_SUFFIX);

	return n > m && n < MESSAGE_NAME_MAX &&
	       strcmp(name + n - m, MESSAGES_SUFFIX) == 0;
}

/* Call fn for every name in a folder, which is closed.  -EIO. */
static int
names_each(
    int folder, void (*fn)(void *arg, int folder, const char *name), void *arg)
{
	DIR *d = fdopendir(folder);
	const struct dirent *e;

	if (d == NULL) {
		(void)close(folder);
		return -EIO;
	}
	while ((e = readdir(d)) != NULL)
		fn(arg, dirfd(d), e->d_name);
	return closedir(d) < 0 ? -EIO : 0;
}

struct listing_of {
	void (*fn)(void *arg, const char *name, int64_t at_ms, int64_t bytes);
	void *arg;
};

static void
on_each(void *arg, int folder, const char *name)
{
	struct listing_of *l = arg;
	struct stat st;

	if (is_message(name) &&
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode))
		l->fn(l->arg, name, (int64_t)st.st_mtim.tv_sec * 1000,
		    st.st_size);
}

int
messages_each(const char *dir,
    void (*fn)(void *arg, const char *name, int64_t at_ms, int64_t bytes),
    void *arg)
{
	struct listing_of l = { fn, arg };
	int folder = folder_open(dir, false);

	if (folder < 0)
		return folder == -ENOENT ? 0 : folder;
	return names_each(folder, on_each, &l);
}

static void
on_count(void *arg, int folder, const char *name)
{
	size_t *n = arg;

	(void)folder;
	*n += is_message(name);
}

static void
on_old(void *arg, int folder, const char *name)
{
	const int64_t *now_ms = arg;
	struct stat st;
	int64_t age_ms;

	if (!is_message(name) ||
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	age_ms = *now_ms - (int64_t)st.st_mtim.tv_sec * 1000;
	if (age_ms >= (int64_t)MESSAGES_KEEP_S * 1000)
		(void)sealed_wipe(folder, name);
}

void
messages_sweep(const char *dir, int64_t now_ms)
{
	int folder = folder_open(dir, false);

	if (folder < 0)
		return;
	(void)!names_each(folder, on_old, &now_ms);
}

void
message_draft_wipe(const char *dir)
{
	int folder = folder_open(dir, false);

	if (folder < 0)
		return;
	(void)sealed_wipe(folder, draft_name);
	(void)close(folder);
}

static void
name_of(const struct vault *v, struct sv e164, struct sb *b)
{
	uint8_t ref[VAULT_TAG_LEN];
	size_t i;

	vault_ref(v, SV("message"), e164, ref);
	for (i = 0; i < sizeof(ref); i++)
		sb_printf(b, "%02x", ref[i]);
}

static void
on_theirs(void *arg, int folder, const char *name)
{
	const struct sv *prefix = arg;

	if (is_message(name) && strncmp(name, prefix->p, prefix->n) == 0)
		(void)sealed_wipe(folder, name);
}

bool
message_is_of(
    const struct vault *v, struct sv e164, const char name[MESSAGE_NAME_MAX])
{
	char buf[MESSAGE_NAME_MAX];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	name_of(v, e164, &b);
	return strncmp(name, b.p, b.n) == 0;
}

int
messages_forget(const char *dir, const struct vault *v, struct sv e164)
{
	char buf[MESSAGE_NAME_MAX];
	int folder = folder_open(dir, false);
	struct sv prefix;
	struct sb b;

	if (folder < 0)
		return folder == -ENOENT ? 0 : folder;
	sb_wrap(&b, buf, sizeof(buf));
	name_of(v, e164, &b);
	prefix = sb_sv(&b);
	return names_each(folder, on_theirs, &prefix);
}

static void
on_left(void *arg, int folder, const char *name)
{
	(void)arg;
	if (strncmp(name, spool_prefix, strlen(spool_prefix)) == 0)
		(void)wipe_at(folder, name, INT64_MAX);
}

void
messages_spool_sweep(const char *spool)
{
	int folder = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0)
		(void)!names_each(folder, on_left, NULL);
}

int
messages_create(const char *dir)
{
	int folder = folder_open(dir, true);

	return folder < 0 ? folder : close(folder);
}

/* --- keeping --- */

int
messages_room(const char *dir)
{
	int folder = folder_open(dir, false), rc;
	size_t n = 0;

	if (folder < 0)
		return folder;
	rc = names_each(folder, on_count, &n);
	return rc == 0 && n >= MESSAGES_MOST ? -EDQUOT : rc;
}

int
message_draft(const char *dir)
{
	int folder = folder_open(dir, false), fd;

	if (folder < 0)
		return folder;
	fd = openat(folder, draft_name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = -errno;
	(void)close(folder);
	return fd;
}

void
message_name(const struct vault *v, struct sv e164, char ret[MESSAGE_NAME_MAX])
{
	struct sb b;

	sb_wrap(&b, ret, MESSAGE_NAME_MAX);
	name_of(v, e164, &b);
	sb_printf(&b, "-%016" PRIx64 MESSAGES_SUFFIX, vault_chance());
}

int
message_publish(const char *dir, const char *name)
{
	int folder = folder_open(dir, false), rc = 0;

	if (folder < 0)
		return folder;
	if (renameat(folder, draft_name, folder, name) < 0)
		rc = -errno;
	else if (fsync(folder) < 0)
		rc = -EIO;
	(void)close(folder);
	return rc;
}
