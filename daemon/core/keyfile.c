/* keyfile.c - one key in one file, as hex, for its owner's eyes only. */
#include "daemon/core/keyfile.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* in the file: hex and a newline */
	HEX_LEN = 2 * KEYFILE_LEN + 1,
	BOX_HEX_LEN = 2 * KEYFILE_BOX + 1,
	DRAFT_LEN = KEYFILE_NAME + 4, /* "NAME.new" */
	NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
};

_Static_assert(KEYFILE_BOX == NONCE_LEN + KEYFILE_LEN +
				  crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "what a sealed key takes");
_Static_assert(KEYFILE_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    "one length of keys");

void
keyfile_seal(uint8_t ret_box[KEYFILE_BOX], const char *name,
    const uint8_t key[KEYFILE_LEN], const uint8_t under[KEYFILE_LEN])
{
	randombytes_buf(ret_box, NONCE_LEN);
	ASSERT(crypto_aead_xchacha20poly1305_ietf_encrypt(ret_box + NONCE_LEN,
		   NULL, key, KEYFILE_LEN, (const uint8_t *)name, strlen(name),
		   NULL, ret_box, under) == 0);
}

int
keyfile_unseal(const uint8_t box[KEYFILE_BOX], const char *name,
    const uint8_t under[KEYFILE_LEN], uint8_t ret_key[KEYFILE_LEN])
{
	int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(ret_key, NULL, NULL,
	    box + NONCE_LEN, KEYFILE_BOX - NONCE_LEN, (const uint8_t *)name,
	    strlen(name), box, under);

	return rc != 0 ? -EKEYREJECTED : 0;
}

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

static bool
hex_is(struct keyfile_room *room, uint8_t *bin, size_t len)
{
	size_t got = 0;

	return room->hex[2 * len] == '\n' &&
	       sodium_hex2bin(bin, len, room->hex, 2 * len, NULL, &got, NULL) ==
		   0 &&
	       got == len;
}

/* Leaves the key in the room. */
static int
key_parse(
    struct keyfile_room *room, const char *name, size_t n, bool *ret_sealed)
{
	*ret_sealed = n == BOX_HEX_LEN;
	if (!*ret_sealed)
		return n == HEX_LEN && hex_is(room, room->key, KEYFILE_LEN) ?
			   0 :
			   -EINVAL;
	if (!hex_is(room, room->box, KEYFILE_BOX))
		return -EINVAL;
	if (!room->wrapped)
		return -ENOKEY;
	return keyfile_unseal(room->box, name, room->wrap, room->key);
}

static int
key_load(int fd, const char *name, struct keyfile_room *room, bool *ret_sealed)
{
	size_t n = 0;
	int rc = read_all(fd, room->hex, sizeof(room->hex), &n);

	if (rc == 0)
		rc = key_parse(room, name, n, ret_sealed);
	sodium_memzero(room->hex, sizeof(room->hex));
	return rc;
}

static int
file_open(int dir_fd, const char *name, int mode)
{
	int fd = openat(dir_fd, name, mode | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0)
		return fd;
	return errno == ENOENT ? -ENOENT : errno == EACCES ? -EPERM : -EIO;
}

static int
key_read(int dir_fd, const char *name, bool check, struct keyfile_room *room,
    uint8_t ret_key[KEYFILE_LEN])
{
	int fd = file_open(dir_fd, name, O_RDONLY), rc;
	bool sealed;

	if (fd < 0)
		return fd;
	rc = check ? keyfile_check(fd) : 0;
	if (rc == 0)
		rc = key_load(fd, name, room, &sealed);
	if (rc == 0)
		memcpy(ret_key, room->key, KEYFILE_LEN);
	(void)close(fd);
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
hex_write(int fd, const char *name, bool sealed, struct keyfile_room *room,
    const uint8_t key[KEYFILE_LEN])
{
	size_t len = sealed ? KEYFILE_BOX : KEYFILE_LEN;
	int rc;

	if (sealed)
		keyfile_seal(room->box, name, key, room->wrap);
	(void)sodium_bin2hex(
	    room->hex, sizeof(room->hex), sealed ? room->box : key, len);
	room->hex[2 * len] = '\n';
	rc = write_all(fd, room->hex, 2 * len + 1);
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
	rc = hex_write(fd, name, room->wrapped, room, key);
	(void)close(fd);
	if (rc < 0)
		(void)unlinkat(dir_fd, name, 0);
	return rc;
}

int
keyfile_zero(int fd)
{
	static const char zeros[512];
	struct stat st = { 0 };
	off_t at;
	int rc = 0;

	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -EIO;
	for (at = 0; rc == 0 && at < st.st_size; at += (off_t)sizeof(zeros))
		rc = write_all(fd, zeros, sizeof(zeros));
	return rc;
}

/* The new file takes the name when it is on disk; the old one, which only fd
 * still has, is written over then. */
static int
key_replace(
    int dir_fd, int fd, const char *name, bool sealed, struct keyfile_room *r)
{
	char draft[DRAFT_LEN];
	int new_fd, rc;

	(void)snprintf(draft, sizeof(draft), "%s.new", name);
	new_fd = create_private(dir_fd, draft);
	if (new_fd < 0)
		return -EIO;
	rc = hex_write(new_fd, name, sealed, r, r->key);
	(void)close(new_fd);
	if (rc == 0 && renameat(dir_fd, draft, dir_fd, name) < 0)
		rc = -EIO;
	if (rc < 0)
		(void)unlinkat(dir_fd, draft, 0);
	if (rc == 0 && fsync(dir_fd) < 0)
		rc = -EIO;
	return rc == 0 ? keyfile_zero(fd) : rc;
}

int
keyfile_convert(
    int dir_fd, const char *name, bool sealed, struct keyfile_room *room)
{
	int fd = file_open(dir_fd, name, O_RDWR), rc;
	bool is_sealed = false;

	ASSERT(room->wrapped && strlen(name) < KEYFILE_NAME);
	if (fd < 0)
		return fd;
	rc = keyfile_check(fd);
	if (rc == 0)
		rc = key_load(fd, name, room, &is_sealed);
	if (rc == 0 && is_sealed != sealed)
		rc = key_replace(dir_fd, fd, name, sealed, room);
	(void)close(fd);
	sodium_memzero(room->key, sizeof(room->key));
	return rc;
}

int
keyfile_destroy(int dir_fd, const char *name)
{
	int fd = openat(
	    dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc = 0;

	if (fd >= 0) {
		rc = keyfile_zero(fd);
		(void)close(fd);
	}
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
	rc = hex_write(fd, name, room->wrapped, room, room->key);
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
