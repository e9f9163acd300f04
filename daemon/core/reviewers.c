/* reviewers.c - a pair of keys: made, read, used to open texts. */
#include "daemon/core/reviewers.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/keyfile.h"
#include "daemon/core/keyfolder.h"

enum { KEY_LEN = KEYFILE_LEN };

_Static_assert(KEY_LEN == crypto_box_SECRETKEYBYTES, "one length of keys");
_Static_assert(KEY_LEN == crypto_box_PUBLICKEYBYTES, "one length of keys");

/* In memory that is locked, guarded and wiped. */
struct reviewers {
	uint8_t secret[KEY_LEN], open[KEY_LEN];
	struct keyfile_room room;
};

static struct reviewers *
reviewers_new(void)
{
	struct reviewers *r;

	ASSERT(sodium_init() >= 0);
	r = sodium_malloc(sizeof(*r));
	ASSERT(r != NULL);
	sodium_memzero(r, sizeof(*r));
	return r;
}

void
reviewers_close(struct reviewers **rp)
{
	sodium_free(*rp); /* which wipes it */
	*rp = NULL;
}

/* The old one is of no more use: what it sealed its owners can still open. */
static int
public_put(int keys_fd, struct reviewers *r)
{
	static const char draft[] = REVIEWERS_PUBLIC ".new";
	int rc;

	(void)unlinkat(keys_fd, draft, 0);
	rc = keyfile_write(keys_fd, draft, &r->room, r->open);
	if (rc == 0 && renameat(keys_fd, draft, keys_fd, REVIEWERS_PUBLIC) < 0)
		rc = -errno;
	return rc == 0 && fsync(keys_fd) < 0 ? -EIO : rc;
}

int
reviewers_create(const char *dir, const char *path, struct diag *reterr_diag)
{
	CLEANUP(reviewers_close) struct reviewers *r = reviewers_new();
	char folder[PATH_MAX];
	int fd = -1, rc = keyfolder_open(dir, folder, &fd, reterr_diag);

	if (rc < 0)
		return rc;
	ASSERT(crypto_box_keypair(r->open, r->secret) == 0);
	rc = keyfile_write(AT_FDCWD, path, &r->room, r->secret);
	if (rc < 0) {
		(void)diag_set(reterr_diag, rc,
		    "%s cannot be written: %s; name a new file", path,
		    strerror(-rc));
	} else {
		rc = public_put(fd, r);
		if (rc < 0) {
			(void)diag_set(reterr_diag, rc,
			    "%s cannot be written: %s; check the disk", folder,
			    strerror(-rc));
			(void)unlink(path);
		}
	}
	(void)close(fd);
	return rc;
}

int
reviewers_open(const char *path, struct reviewers **ret_reviewers,
    struct diag *reterr_diag)
{
	struct reviewers *r = reviewers_new();
	int rc = keyfile_read_any(AT_FDCWD, path, &r->room, r->secret);

	if (rc == 0) {
		(void)crypto_scalarmult_base(r->open, r->secret);
		*ret_reviewers = r;
		return 0;
	}
	reviewers_close(&r);
	return diag_set(reterr_diag, rc,
	    rc == -ENOENT ? "there is no %s; name the file with the private "
			    "key" :
	    rc == -EINVAL ? "%s is not a private key (64 hex digits and a "
			    "newline)" :
			    "%s cannot be read",
	    path);
}

int
reviewers_unseal(const struct reviewers *r, struct sv sealed, struct arena *a,
    struct sv *ret_text)
{
	uint8_t *plain;
	size_t n;

	if (sealed.n < crypto_box_SEALBYTES)
		return -EBADMSG;
	n = sealed.n - crypto_box_SEALBYTES;
	plain = arena_get(a, n + 1);
	if (crypto_box_seal_open(plain, (const uint8_t *)sealed.p, sealed.n,
		r->open, r->secret) != 0 ||
	    sodium_unpad(&n, plain, n, REVIEWERS_PAD) != 0)
		return -EBADMSG;
	*ret_text = (struct sv){ (const char *)plain, n };
	return 0;
}
