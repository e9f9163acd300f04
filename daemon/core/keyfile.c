/* keyfile.c - one key in one file, as hex, for its owner's eyes only. */
#include "daemon/core/keyfile.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEX_LEN = KEYFILE_HEX - 1,    /* in the file: hex and a newline */
	DRAFT_LEN = KEYFILE_NAME + 4, /* "NAME.new" */
};

int
keyfile_check(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -EIO;
	return (st.st_mode & 077) != 0 ? -EPERM : 0;
}

/* Read up to size bytes; more than that in the file is no key. */
static int
read_all(int fd, char *buf, size_t size, size_t *ret_n)
{
	size_t n = 0;
	ssize_t got;

	while (n < size) {
		got = read(fd, buf + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -EIO;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_n = n;
	return 0;
}

static int
key_parse(struct keyfile_room *room, size_t n, uint8_t ret_key[KEYFILE_LEN])
{
	size_t got = 0;
	int rc;

	if (n != HEX_LEN || room->hex[HEX_LEN - 1] != '\n')
		return -EINVAL;
	rc = sodium_hex2bin(
	    room->key, KEYFILE_LEN, room->hex, HEX_LEN - 1, NULL, &got, NULL);
	if (rc != 0 || got != KEYFILE_LEN)
		return -EINVAL;
	memcpy(ret_key, room->key, KEYFILE_LEN);
	return 0;
}

static int
key_read(int dir_fd, const char *name, bool check, struct keyfile_room *room,
    uint8_t ret_key[KEYFILE_LEN])
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc;
	size_t n = 0;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT :
		       errno == EACCES ? -EPERM :
					 -EIO;
	rc = check ? keyfile_check(fd) : 0;
	if (rc == 0)
		rc = read_all(fd, room->hex, sizeof(room->hex), &n);
	if (rc == 0)
		rc = key_parse(room, n, ret_key);
	(void)close(fd);
	sodium_memzero(room->hex, sizeof(room->hex));
	sodium_memzero(room->key, sizeof(room->key));
	return rc;
}

int
keyfile_read(int dir_fd, const char *name, struct keyfile_room *room,
    uint8_t ret_key[KEYFILE_LEN])
{
	return key_read(dir_fd, name, true, room, ret_key);
}

int
keyfile_read_any(int dir_fd, const char *name, struct keyfile_room *room,
    uint8_t ret_key[KEYFILE_LEN])
{
	return key_read(dir_fd, name, false, room, ret_key);
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -EIO;
		p += done;
		n -= (size_t)done;
	}
	return fsync(fd) < 0 ? -EIO : 0;
}

/* A file nobody else can have: O_EXCL, and 0600 from the first moment. */
static int
create_private(int dir_fd, const char *name)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, fd;

	fd = openat(dir_fd, name, flags, 0600);
	if (fd < 0 && errno == EEXIST) {
		/* left by a crash in this very place */
		(void)unlinkat(dir_fd, name, 0);
		fd = openat(dir_fd, name, flags, 0600);
	}
	return fd;
}

static int
hex_write(int fd, struct keyfile_room *room, const uint8_t key[KEYFILE_LEN])
{
	int rc;

	(void)sodium_bin2hex(room->hex, sizeof(room->hex), key, KEYFILE_LEN);
	room->hex[HEX_LEN - 1] = '\n';
	rc = write_all(fd, room->hex, HEX_LEN);
	sodium_memzero(room->hex, sizeof(room->hex));
	return rc;
}

int
keyfile_write(int dir_fd, const char *name, struct keyfile_room *room,
    const uint8_t key[KEYFILE_LEN])
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, rc;
	int fd = openat(dir_fd, name, flags, 0600);

	if (fd < 0)
		return -errno;
	rc = hex_write(fd, room, key);
	(void)close(fd);
	if (rc < 0)
		(void)unlinkat(dir_fd, name, 0);
	return rc;
}

int
keyfile_destroy(int dir_fd, const char *name)
{
	int fd = openat(
	    dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	static const char zeros[512];
	struct stat st = { 0 };
	off_t at;
	int rc = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		for (at = 0; rc == 0 && at < st.st_size;
		     at += (off_t)sizeof(zeros))
			rc = write_all(fd, zeros, sizeof(zeros));
	}
	if (fd >= 0)
		(void)close(fd);
	/* it goes also where it could not be written over */
	if (unlinkat(dir_fd, name, 0) < 0)
		rc = -EIO;
	return rc;
}

/*
 * It gets its name only when it is whole and on disk, and link() never
 * replaces a key that somebody made in between.
 */
int
keyfile_create(int dir_fd, const char *name, struct keyfile_room *room)
{
	char draft[DRAFT_LEN];
	int fd, rc;

	if (faccessat(dir_fd, name, F_OK, 0) == 0)
		return 0;
	(void)snprintf(draft, sizeof(draft), "%s.new", name);
	fd = create_private(dir_fd, draft);
	if (fd < 0)
		return -EIO;
	randombytes_buf(room->key, KEYFILE_LEN);
	rc = hex_write(fd, room, room->key);
	(void)close(fd);
	sodium_memzero(room->key, sizeof(room->key));
	if (rc == 0 && linkat(dir_fd, draft, dir_fd, name, 0) < 0 &&
	    errno != EEXIST)
		rc = -EIO;
	(void)unlinkat(dir_fd, draft, 0);
	if (rc == 0 && fsync(dir_fd) < 0)
		rc = -EIO;
	return rc;
}
