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
	HEAD_MAX = 64,
	ARENA_BLOCK = 1 << 20,
	ARENA_MOST = 4 * MESSAGE_MOST,
	ZEROS = 65536,
};

static const char draft_name[] = "draft";
static const char spool_prefix[] = "safar-";

/* --- wiping --- */

/* O_NONBLOCK: a pipe that lies in the spool makes nobody wait. */

static int
zeros_over(int fd, off_t size)
{
	static const char zeros[ZEROS];
	off_t at = 0;

	while (at < size) {
		size_t n = size - at < ZEROS ? (size_t)(size - at) : ZEROS;
		ssize_t put = pwrite(fd, zeros, n, at);

		if (put <= 0)
			return put < 0 ? -errno : -EIO;
		at += put;
	}
	return fdatasync(fd) < 0 ? -errno : 0;
}

static int
wipe_at(int folder, const char *name)
{
	int fd = openat(
	    folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = fd < 0 ? -errno : 0;
	struct stat st;

	if (fd >= 0) {
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			rc = zeros_over(fd, st.st_size);
		(void)close(fd);
	}
	if (unlinkat(folder, name, 0) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

int
message_wipe(const char *path)
{
	return wipe_at(AT_FDCWD, path);
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
		(void)wipe_at(folder, name);
}

void
messages_sweep(const char *dir, int64_t now_ms)
{
	int folder = folder_open(dir, false);

	if (folder < 0)
		return;
	(void)wipe_at(folder, draft_name); /* a crash left it */
	(void)!names_each(folder, on_old, &now_ms);
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
		(void)wipe_at(folder, name);
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
		(void)wipe_at(folder, name);
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

/* Read a recording behind what is in b already. */
static int
recording_read(const char *path, struct sb *b)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n = 0;
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		rc = -EIO;
	else if (st.st_size < MESSAGE_LEAST)
		rc = -ENODATA;
	else if (st.st_size > MESSAGE_MOST)
		rc = -EFBIG;
	while (rc == 0 && b->n < b->max &&
	       (n = read(fd, b->p + b->n, b->max - b->n)) > 0)
		b->n += (size_t)n;
	(void)close(fd);
	return rc < 0 || n >= 0 ? rc : -EIO;
}

static int
draft_write(int folder, struct sv sealed)
{
	int fd = openat(folder, draft_name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n = 0;
	int rc;

	if (fd < 0)
		return -errno;
	while (sealed.n > 0 && (n = write(fd, sealed.p, sealed.n)) > 0)
		sealed.p += n, sealed.n -= (size_t)n;
	rc = n < 0 ? -errno : fsync(fd) < 0 ? -EIO : 0;
	return close(fd) < 0 && rc == 0 ? -EIO : rc;
}

/* All of it, under its name, or nothing. */
static int
sealed_write(
    int folder, const struct vault *v, struct sv e164, struct sv sealed)
{
	char name[MESSAGE_NAME_MAX];
	struct sb b;
	int rc = draft_write(folder, sealed);

	sb_wrap(&b, name, sizeof(name));
	name_of(v, e164, &b);
	sb_printf(&b, "-%016" PRIx64 MESSAGES_SUFFIX, vault_chance());
	if (rc == 0 && renameat(folder, draft_name, folder, name) < 0)
		rc = -errno;
	if (rc == 0 && fsync(folder) < 0)
		rc = -EIO;
	if (rc < 0)
		(void)wipe_at(folder, draft_name);
	return rc;
}

static int
room_check(const char *dir)
{
	int folder = folder_open(dir, false), rc;
	size_t n = 0;

	if (folder < 0)
		return folder;
	rc = names_each(folder, on_count, &n);
	return rc == 0 && n >= MESSAGES_MOST ? -EDQUOT : rc;
}

int
message_keep(const char *dir, const struct vault *v, const char *recording,
    struct sv e164, struct sv lang)
{
	CLEANUP(arena_free) struct arena *a = NULL;
	int folder, rc = vault_has_reviewers(v) ? room_check(dir) : -ENOKEY;
	struct sb b;

	if (rc < 0)
		return rc;
	a = arena_new(ARENA_BLOCK, ARENA_MOST);
	sb_init(&b, a, HEAD_MAX + MESSAGE_MOST);
	sb_put(&b, e164.n > 0 ? e164 : SV("-"));
	sb_puts(&b, " ");
	sb_put(&b, lang);
	sb_puts(&b, "\n");
	rc = recording_read(recording, &b);
	if (rc < 0)
		return rc;
	folder = folder_open(dir, false);
	if (folder < 0)
		return folder;
	rc = sealed_write(folder, v, e164, vault_seal_review(v, sb_sv(&b), a));
	(void)close(folder);
	return rc;
}
