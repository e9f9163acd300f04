/* vault_folder.c - the key folder's life: made, given a passphrase, destroyed.
 */
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <unistd.h>

#include "daemon/core/keyfolder.h"
#include "daemon/core/keywrap.h"
#include "daemon/core/passphrase.h"
#include "daemon/core/vault.h"
#include "daemon/core/vault_inner.h"

int
vault_key_explain(struct diag *d, int rc, const char *path, const char *name)
{
	switch (rc) {
	case -ENOENT:
		return diag_set(d, rc,
		    "there is no %s/%s; put the keys back there, or make "
		    "another "
		    "folder: safarctl backup, then safarctl restore --to",
		    path, name);
	case -EPERM:
		return diag_set(d, rc,
		    "others may read %s/%s; change that with: chmod 600 %s/%s",
		    path, name, path, name);
	case -EINVAL:
		return diag_set(d, rc,
		    "%s/%s is not a key as safarctl writes it; put a copy of "
		    "it in its place",
		    path, name);
	case -ENOKEY:
		return diag_set(d, rc,
		    "%s/%s is sealed, and %s/%s, which opens it with the "
		    "passphrase, is not there; put a copy of it back",
		    path, name, path, KEYWRAP_NAME);
	case -EKEYREJECTED:
		return diag_set(d, rc,
		    "%s/%s was sealed with another %s, or under another name; "
		    "put the copies of both back",
		    path, name, KEYWRAP_NAME);
	default:
		return diag_set(d, rc,
		    "%s/%s cannot be read or written; check the disk", path,
		    name);
	}
}

/* The name of the folder itself must survive a power cut, too. */
static int
sync_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return -EIO;
	rc = fsync(fd) < 0 ? -EIO : 0;
	(void)close(fd);
	return rc;
}

/* Passphrases. */

static int
wrap_explain(struct diag *d, int rc, const char *path)
{
	switch (rc) {
	case -EKEYREJECTED:
		return diag_set(d, rc,
		    "that is not the passphrase of %s; try again: without it "
		    "nobody can read these keys",
		    path);
	case -EINVAL:
		return diag_set(d, rc,
		    "%s/%s is not as safarctl writes it; put a copy of it in "
		    "its place",
		    path, KEYWRAP_NAME);
	case -ENOMEM:
		return diag_set(d, rc,
		    "there is not enough memory to try the passphrase of %s: "
		    "it takes %zu MB",
		    path, keywrap_moderate.memory_kib / 1024);
	default:
		return vault_key_explain(d, rc, path, KEYWRAP_NAME);
	}
}

int
vault_wrap_load(
    int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	struct passphrase *p = NULL;
	int rc = passphrase_get(path, &p, d);

	if (rc < 0)
		return rc;
	rc = keywrap_load(fd, passphrase_sv(p), room);
	passphrase_free(&p);
	return rc < 0 ? wrap_explain(d, rc, path) : 0;
}

/* A new passphrase, for the key of keys in the room or a new one. */
static int
wrap_put(int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	struct passphrase *p = NULL;
	int rc = passphrase_new(path, &p, d);

	if (rc < 0)
		return rc;
	rc = keywrap_put(fd, passphrase_sv(p), &keywrap_moderate, room);
	passphrase_free(&p);
	return rc < 0 ? wrap_explain(d, rc, path) : 0;
}

int
vault_wrap_settle(
    int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	char name[KEYFILE_NAME];
	int rc = keywrap_settle(fd, room, name);

	return rc < 0 ? vault_key_explain(d, rc, path, name) : 0;
}

static int
wrap_undo(int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	char name[KEYFILE_NAME];
	int rc = keywrap_undo(fd, room, name);

	return rc < 0 ? vault_key_explain(d, rc, path, name) : 0;
}

typedef int folder_fn(
    int fd, const char *path, struct keyfile_room *room, struct diag *d);

/* Do something in DIR/keys. */
static int
folder_do(const char *dir, folder_fn *fn, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	struct keyfile_room *room;
	int fd = -1, rc = keyfolder_open(dir, path, &fd, reterr_diag);

	if (rc < 0)
		return rc;
	ASSERT(sodium_init() >= 0);
	room = sodium_malloc(sizeof(*room)); /* locks it, too */
	ASSERT(room != NULL);
	sodium_memzero(room, sizeof(*room));
	rc = fn(fd, path, room, reterr_diag);
	sodium_free(room);
	(void)close(fd);
	return rc;
}

static int
seal_all(int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	int rc = keywrap_is(fd) ? vault_wrap_load(fd, path, room, d) : 0;

	if (rc == 0)
		rc = wrap_put(fd, path, room, d);
	return rc == 0 ? vault_wrap_settle(fd, path, room, d) : rc;
}

static int
unseal_all(int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	int rc;

	if (!keywrap_is(fd))
		return 0;
	rc = vault_wrap_load(fd, path, room, d);
	return rc == 0 ? wrap_undo(fd, path, room, d) : rc;
}

int
vault_seal_keys(const char *dir, struct diag *reterr_diag)
{
	return folder_do(dir, seal_all, reterr_diag);
}

int
vault_unseal_keys(const char *dir, struct diag *reterr_diag)
{
	return folder_do(dir, unseal_all, reterr_diag);
}

int
vault_is_sealed(const char *path, bool *ret_sealed, struct diag *reterr_diag)
{
	int fd = -1, rc = keyfolder_look(path, &fd, reterr_diag);

	if (rc < 0)
		return rc;
	*ret_sealed = keywrap_is(fd);
	(void)close(fd);
	return 0;
}

/* Making. */

static int
key_make(int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	int rc = keyfile_create(fd, VAULT_KEY, room);

	return rc < 0 ? vault_key_explain(d, rc, path, VAULT_KEY) : 0;
}

static int
key_make_sealed(
    int fd, const char *path, struct keyfile_room *room, struct diag *d)
{
	int rc = keywrap_is(fd) ? vault_wrap_load(fd, path, room, d) :
				  wrap_put(fd, path, room, d);

	return rc == 0 ? key_make(fd, path, room, d) : rc;
}

static int
create(const char *dir, folder_fn *fn, struct diag *reterr_diag)
{
	int rc = keyfolder_create(dir, reterr_diag);

	if (rc == 0)
		rc = folder_do(dir, fn, reterr_diag);
	if (rc == 0 && sync_folder(dir) < 0)
		rc = diag_set(reterr_diag, -EIO,
		    "%s cannot be written; check the disk", dir);
	return rc;
}

int
vault_create(const char *dir, struct diag *reterr_diag)
{
	return create(dir, key_make, reterr_diag);
}

int
vault_create_sealed(const char *dir, struct diag *reterr_diag)
{
	return create(dir, key_make_sealed, reterr_diag);
}

int
vault_folder_destroy(
    const char *dir, size_t *ret_count, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	int fd = -1, rc = keyfolder_open(dir, path, &fd, reterr_diag);

	if (rc < 0)
		return rc;
	rc = keyfolder_destroy(fd, NULL, NULL, ret_count);
	(void)close(fd);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "not every file of %s could be destroyed; destroy that "
		    "disk",
		    path);
	return 0;
}
