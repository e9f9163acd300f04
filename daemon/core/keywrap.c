/* keywrap.c - the key of keys, and all others sealed under it. */
#include "daemon/core/keywrap.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SALT_LEN = crypto_pwhash_argon2id_SALTBYTES,
	OPS_MOST = 100,
	KIB_MOST = 4 << 20, /* 4 GiB */
	WRAP_MAX = 64 + 2 * SALT_LEN + 2 * KEYFILE_BOX,
	KIB = 1024,
};

static const char kind[] = "argon2id ", draft[] = KEYWRAP_NAME ".new";

const struct keywrap_cost keywrap_moderate = {
	crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
	crypto_pwhash_argon2id_MEMLIMIT_MODERATE / KIB,
};

/* What the file says; of no use without the passphrase. */
struct wrap {
	struct keywrap_cost cost;
	uint8_t salt[SALT_LEN], box[KEYFILE_BOX];
};

bool
keywrap_is(int dir_fd)
{
	return faccessat(dir_fd, KEYWRAP_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A number of 1 to most and what ends it; 0 if it is none. */
static unsigned long
number_cut(const char **at, unsigned long most)
{
	char *end = NULL;
	unsigned long n;

	if (**at < '1' || **at > '9')
		return 0;
	errno = 0;
	n = strtoul(*at, &end, 10);
	if (errno != 0 || n > most || *end != ' ')
		return 0;
	*at = end + 1;
	return n;
}

static bool
hex_cut(const char **at, uint8_t *bin, size_t len, char after)
{
	const char *end = NULL;
	size_t got = 0;

	if (strlen(*at) <= 2 * len ||
	    sodium_hex2bin(bin, len, *at, 2 * len, NULL, &got, &end) != 0 ||
	    got != len || *end != after)
		return false;
	*at = end + 1;
	return true;
}

static int
wrap_parse(const char *line, struct wrap *w)
{
	const char *at = line + strlen(kind);

	if (strncmp(line, kind, strlen(kind)) != 0)
		return -EINVAL;
	w->cost.ops = number_cut(&at, OPS_MOST);
	w->cost.memory_kib = w->cost.ops > 0 ? number_cut(&at, KIB_MOST) : 0;
	if (w->cost.memory_kib * KIB < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
	    !hex_cut(&at, w->salt, SALT_LEN, ' ') ||
	    !hex_cut(&at, w->box, KEYFILE_BOX, '\n'))
		return -EINVAL;
	return *at == '\0' ? 0 : -EINVAL;
}

static int
wrap_read(int dir_fd, struct wrap *w)
{
	int fd =
	    openat(dir_fd, KEYWRAP_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char line[WRAP_MAX + 1];
	ssize_t n;
	int rc;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT :
		       errno == EACCES ? -EPERM :
					 -EIO;
	rc = keyfile_check(fd);
	n = read(fd, line, WRAP_MAX);
	(void)close(fd);
	if (rc < 0 || n < 0)
		return rc < 0 ? rc : -EIO;
	line[n] = '\0';
	return wrap_parse(line, w);
}

/* Leaves in room->key what the passphrase makes. */
static int
stretch(const struct wrap *w, struct sv passphrase, struct keyfile_room *room)
{
	ASSERT(sodium_init() >= 0);
	if (crypto_pwhash_argon2id(room->key, KEYFILE_LEN, passphrase.p,
		passphrase.n, w->salt, w->cost.ops, w->cost.memory_kib * KIB,
		crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		return -ENOMEM;
	return 0;
}

int
keywrap_load(int dir_fd, struct sv passphrase, struct keyfile_room *room)
{
	struct wrap w;
	int rc = wrap_read(dir_fd, &w);

	if (rc == 0)
		rc = stretch(&w, passphrase, room);
	if (rc == 0)
		rc = keyfile_unseal(w.box, KEYWRAP_NAME, room->key, room->wrap);
	sodium_memzero(room->key, sizeof(room->key));
	room->wrapped = rc == 0;
	return rc;
}

static int
draft_write(int dir_fd, const struct wrap *w)
{
	char salt[2 * SALT_LEN + 1], box[2 * KEYFILE_BOX + 1];
	int fd, rc;

	(void)unlinkat(dir_fd, draft, 0); /* a crash left it */
	fd = openat(dir_fd, draft,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -EIO;
	rc = dprintf(fd, "%s%llu %zu %s %s\n", kind, w->cost.ops,
		 w->cost.memory_kib,
		 sodium_bin2hex(salt, sizeof(salt), w->salt, SALT_LEN),
		 sodium_bin2hex(box, sizeof(box), w->box, KEYFILE_BOX)) < 0 ||
		     fsync(fd) < 0 ?
		 -EIO :
		 0;
	(void)close(fd);
	return rc;
}

/* It takes the name when it is whole and on disk.  The one before, which the
 * passphrase before still opens, is written over then. */
static int
wrap_write(int dir_fd, const struct wrap *w)
{
	int old = openat(dir_fd, KEYWRAP_NAME,
	    O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc = draft_write(dir_fd, w);

	if (rc == 0 && renameat(dir_fd, draft, dir_fd, KEYWRAP_NAME) < 0)
		rc = -EIO;
	if (rc < 0)
		(void)unlinkat(dir_fd, draft, 0);
	if (rc == 0 && fsync(dir_fd) < 0)
		rc = -EIO;
	if (rc == 0 && old >= 0)
		rc = keyfile_zero(old);
	if (old >= 0)
		(void)close(old);
	return rc;
}

int
keywrap_put(int dir_fd, struct sv passphrase, const struct keywrap_cost *cost,
    struct keyfile_room *room)
{
	struct wrap w = { .cost = *cost };
	int rc;

	randombytes_buf(w.salt, SALT_LEN);
	rc = stretch(&w, passphrase, room);
	if (rc == 0 && !room->wrapped)
		randombytes_buf(room->wrap, sizeof(room->wrap));
	if (rc == 0) {
		keyfile_seal(w.box, KEYWRAP_NAME, room->wrap, room->key);
		rc = wrap_write(dir_fd, &w);
	}
	sodium_memzero(room->key, sizeof(room->key));
	room->wrapped = room->wrapped || rc == 0;
	return rc;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

static int
is_key(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return strlen(name) < KEYFILE_NAME && ends_with(name, ".key") &&
	       strcmp(name, KEYWRAP_NAME) != 0;
}

/* What a crash left of a key that was being written: perhaps in clear. */
static int
is_draft(const struct dirent *entry)
{
	return ends_with(entry->d_name, ".key.new");
}

/* Where the key has its name already, too, these are its own bytes. */
static int
draft_destroy(int dir_fd, const char *name)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -EIO;
	if (st.st_nlink == 1)
		return keyfile_destroy(dir_fd, name);
	return unlinkat(dir_fd, name, 0) < 0 ? -EIO : 0;
}

static int
drafts_destroy(int dir_fd)
{
	struct dirent **list = NULL;
	int n = scandirat(dir_fd, ".", &list, is_draft, NULL), i, rc = 0;

	if (n < 0)
		return -EIO;
	for (i = 0; i < n; i++) {
		if (rc == 0)
			rc = draft_destroy(dir_fd, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return rc;
}

/* The names first: the folder changes on the way. */
static int
convert(int dir_fd, bool sealed, struct keyfile_room *room,
    char ret_name[KEYFILE_NAME])
{
	struct dirent **list = NULL;
	int n = scandirat(dir_fd, ".", &list, is_key, NULL), i, rc = 0;

	ret_name[0] = '\0';
	if (n < 0)
		return -EIO;
	for (i = 0; i < n; i++) {
		if (rc == 0) {
			rc = keyfile_convert(
			    dir_fd, list[i]->d_name, sealed, room);
			(void)snprintf(ret_name, KEYFILE_NAME, "%.*s",
			    KEYFILE_NAME - 1, list[i]->d_name);
		}
		free(list[i]);
	}
	free(list);
	return rc;
}

int
keywrap_settle(
    int dir_fd, struct keyfile_room *room, char ret_name[KEYFILE_NAME])
{
	int rc = convert(dir_fd, true, room, ret_name);

	return rc == 0 ? drafts_destroy(dir_fd) : rc;
}

int
keywrap_undo(int dir_fd, struct keyfile_room *room, char ret_name[KEYFILE_NAME])
{
	int rc = convert(dir_fd, false, room, ret_name);

	if (rc == 0)
		rc = keyfile_destroy(dir_fd, KEYWRAP_NAME);
	if (rc == 0 && fsync(dir_fd) < 0)
		rc = -EIO;
	room->wrapped = false;
	return rc;
}
