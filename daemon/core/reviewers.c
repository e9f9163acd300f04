/* reviewers.c - a pair of keys: made, read, used to open texts. */
#include "daemon/core/reviewers.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/keyfile.h"
#include "daemon/core/keyfolder.h"
#include "daemon/core/passphrase.h"

enum {
	KEY_LEN = KEYFILE_LEN,
	SALT_LEN = crypto_pwhash_argon2id_SALTBYTES,
	NONCE_LEN = crypto_secretbox_NONCEBYTES,
	BOX_LEN = KEYFILE_LEN + crypto_secretbox_MACBYTES,
	OPS_MOST = 16,
	KIB_LEAST = 8,
	KIB_MOST = 1 << 20,
	WRAP_MAX = 400, /* bytes of the line */
	KIB = 1024,
};

static const char kind[] = "safar-reviewers 1 argon2id ";

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

/* A private key with a passphrase. */

struct wrap {
	unsigned long ops, kib;
	uint8_t salt[SALT_LEN], nonce[NONCE_LEN], box[BOX_LEN];
};

/* The line of a file of its kind; false if it is of another one. */
static bool
wrap_read(const char *path, char line[WRAP_MAX + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, line, WRAP_MAX);
	(void)close(fd);
	line[n > 0 ? n : 0] = '\0';
	return strncmp(line, kind, strlen(kind)) == 0;
}

static bool
hex_cut(const char **at, uint8_t *bin, size_t len)
{
	const char *end = NULL;
	size_t got = 0;

	if (strlen(*at) < 2 * len ||
	    sodium_hex2bin(bin, len, *at, 2 * len, NULL, &got, &end) != 0 ||
	    got != len)
		return false;
	*at = end + (*end == ' ');
	return true;
}

static bool
wrap_parse(const char *line, struct wrap *w)
{
	const char *at = line + strlen(kind);
	char *end;

	w->ops = strtoul(at, &end, 10);
	if (end == at || *end != ' ' || w->ops < 1 || w->ops > OPS_MOST)
		return false;
	at = end + 1;
	w->kib = strtoul(at, &end, 10);
	if (end == at || *end != ' ' || w->kib < KIB_LEAST || w->kib > KIB_MOST)
		return false;
	at = end + 1;
	return hex_cut(&at, w->salt, SALT_LEN) &&
	       hex_cut(&at, w->nonce, NONCE_LEN) &&
	       hex_cut(&at, w->box, BOX_LEN) && strcmp(at, "\n") == 0;
}

/* Leaves in room->wrap what the passphrase makes. */
static int
stretch(struct reviewers *r, const struct wrap *w, struct sv passphrase)
{
	if (crypto_pwhash_argon2id(r->room.wrap, KEY_LEN, passphrase.p,
		passphrase.n, w->salt, w->ops, w->kib * KIB,
		crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		return -ENOMEM;
	return 0;
}

static int
wrap_open(struct reviewers *r, const char *path, const char *line,
    struct diag *reterr_diag)
{
	struct passphrase *pass = NULL;
	struct wrap w;
	int rc;

	if (!wrap_parse(line, &w))
		return diag_set(reterr_diag, -EINVAL,
		    "%s is not whole; take a copy that is", path);
	rc = passphrase_get(path, &pass, reterr_diag);
	if (rc < 0)
		return rc;
	rc = stretch(r, &w, passphrase_sv(pass));
	passphrase_free(&pass);
	if (rc == 0 && crypto_secretbox_open_easy(r->secret, w.box, BOX_LEN,
			   w.nonce, r->room.wrap) != 0)
		rc = -EKEYREJECTED;
	if (rc == 0)
		return 0;
	return diag_set(reterr_diag, rc,
	    rc == -ENOMEM ? "%s: there is not enough memory for its "
			    "passphrase" :
			    "that is not the passphrase of %s; try again",
	    path);
}

static int
wrap_write(const char *path, const struct wrap *w)
{
	char salt[2 * SALT_LEN + 1], nonce[2 * NONCE_LEN + 1];
	char box[2 * BOX_LEN + 1];
	int rc = 0;
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%s%lu %lu %s %s %s\n", kind, w->ops, w->kib,
		sodium_bin2hex(salt, sizeof(salt), w->salt, SALT_LEN),
		sodium_bin2hex(nonce, sizeof(nonce), w->nonce, NONCE_LEN),
		sodium_bin2hex(box, sizeof(box), w->box, BOX_LEN)) < 0 ||
	    fsync(fd) < 0)
		rc = -EIO;
	(void)close(fd);
	if (rc < 0)
		(void)unlink(path);
	return rc;
}

int
reviewers_wrap(
    const struct reviewers *r, const char *path, struct diag *reterr_diag)
{
	CLEANUP(reviewers_close) struct reviewers *copy = reviewers_new();
	struct wrap w = { .ops = REVIEWERS_OPS, .kib = REVIEWERS_KIB };
	struct passphrase *pass = NULL;
	int rc = passphrase_new(path, &pass, reterr_diag);

	if (rc < 0)
		return rc;
	randombytes_buf(w.salt, SALT_LEN);
	randombytes_buf(w.nonce, NONCE_LEN);
	rc = stretch(copy, &w, passphrase_sv(pass));
	passphrase_free(&pass);
	if (rc == 0) {
		ASSERT(crypto_secretbox_easy(w.box, r->secret, KEY_LEN, w.nonce,
			   copy->room.wrap) == 0);
		rc = wrap_write(path, &w);
	}
	if (rc == 0)
		return 0;
	return diag_set(reterr_diag, rc,
	    "%s cannot be written: %s; name a new file", path, strerror(-rc));
}

int
reviewers_open(const char *path, struct reviewers **ret_reviewers,
    struct diag *reterr_diag)
{
	struct reviewers *r = reviewers_new();
	char line[WRAP_MAX + 1] = "";
	int rc;

	if (wrap_read(path, line))
		rc = wrap_open(r, path, line, reterr_diag);
	else
		rc = keyfile_read_any(AT_FDCWD, path, &r->room, r->secret);
	if (rc == 0) {
		(void)crypto_scalarmult_base(r->open, r->secret);
		*ret_reviewers = r;
		return 0;
	}
	reviewers_close(&r);
	if (strncmp(line, kind, strlen(kind)) == 0)
		return rc; /* it is said already */
	return diag_set(reterr_diag, rc,
	    rc == -ENOENT ? "there is no %s; name the file with the private "
			    "key" :
	    rc == -EINVAL ? "%s is not a private key (64 hex digits and a "
			    "newline, or safar-reviewers ...)" :
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

/* --- something long --- */

typedef crypto_secretstream_xchacha20poly1305_state stream_state;

enum {
	STREAM_KEY = crypto_secretstream_xchacha20poly1305_KEYBYTES,
	STREAM_HEAD = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	STREAM_MORE = crypto_secretstream_xchacha20poly1305_ABYTES,
	STREAM_LAST = crypto_secretstream_xchacha20poly1305_TAG_FINAL,
	STREAM_GO_ON = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
	BOX = crypto_box_SEALBYTES + STREAM_KEY + REVIEWERS_LINE,
};

_Static_assert(REVIEWERS_KEY == (int)KEY_LEN, "one length of keys");
_Static_assert((int)REVIEWERS_HEAD == BOX + STREAM_HEAD, "the head");
_Static_assert(
    (int)REVIEWERS_SLICE_SEALED == REVIEWERS_SLICE + STREAM_MORE, "a slice");

/* Sealed at the head. */
struct stream_head {
	uint8_t key[STREAM_KEY];
	char line[REVIEWERS_LINE]; /* and NULs */
};

_Static_assert(
    sizeof(struct stream_head) == STREAM_KEY + REVIEWERS_LINE, "no padding");

struct sealing {
	stream_state state;
};

struct sealing *
sealing_new(const uint8_t to[REVIEWERS_KEY], struct sv line,
    uint8_t ret_head[REVIEWERS_HEAD])
{
	struct stream_head h = { .line = "" };
	struct sealing *s = sodium_malloc(sizeof(*s));

	ASSERT(s != NULL && line.n < REVIEWERS_LINE);
	memcpy(h.line, line.p, line.n);
	crypto_secretstream_xchacha20poly1305_keygen(h.key);
	ASSERT(
	    crypto_box_seal(ret_head, (const uint8_t *)&h, sizeof(h), to) == 0);
	ASSERT(crypto_secretstream_xchacha20poly1305_init_push(
		   &s->state, ret_head + BOX, h.key) == 0);
	sodium_memzero(&h, sizeof(h));
	return s;
}

void
sealing_free(struct sealing **sp)
{
	sodium_free(*sp); /* which wipes it */
	*sp = NULL;
}

size_t
sealing_put(struct sealing *s, struct sv slice, bool last,
    uint8_t ret_sealed[REVIEWERS_SLICE_SEALED])
{
	ASSERT(
	    slice.n <= REVIEWERS_SLICE && (last || slice.n == REVIEWERS_SLICE));
	ASSERT(crypto_secretstream_xchacha20poly1305_push(&s->state, ret_sealed,
		   NULL, (const uint8_t *)slice.p, slice.n, NULL, 0,
		   last ? STREAM_LAST : STREAM_GO_ON) == 0);
	return slice.n + STREAM_MORE;
}

/* The slices; the last one says that it is. */
static int
slices_open(stream_state *state, struct sv sealed, uint8_t *plain, size_t *n)
{
	uint8_t tag = STREAM_GO_ON;

	for (*n = 0; sealed.n > 0 && tag != STREAM_LAST;) {
		size_t k = sealed.n < REVIEWERS_SLICE_SEALED ?
			       sealed.n :
			       REVIEWERS_SLICE_SEALED;

		if (k < STREAM_MORE ||
		    crypto_secretstream_xchacha20poly1305_pull(state,
			plain + *n, NULL, &tag, (const uint8_t *)sealed.p, k,
			NULL, 0) != 0)
			return -EBADMSG;
		*n += k - STREAM_MORE;
		sealed.p += k;
		sealed.n -= k;
	}
	return tag == STREAM_LAST && sealed.n == 0 ? 0 : -EBADMSG;
}

int
reviewers_unseal_long(const struct reviewers *r, struct sv sealed,
    struct arena *a, struct sv *ret_line, struct sv *ret_text)
{
	struct stream_head *h = arena_get(a, sizeof(*h));
	const uint8_t *bytes = (const uint8_t *)sealed.p;
	stream_state *state = arena_get(a, sizeof(*state));
	uint8_t *plain;
	size_t n = 0;

	if (sealed.n < REVIEWERS_HEAD ||
	    crypto_box_seal_open(
		(uint8_t *)h, bytes, BOX, r->open, r->secret) != 0 ||
	    crypto_secretstream_xchacha20poly1305_init_pull(
		state, bytes + BOX, h->key) != 0)
		return -EBADMSG;
	plain = arena_get(a, sealed.n);
	if (slices_open(state,
		(struct sv){
		    sealed.p + REVIEWERS_HEAD, sealed.n - REVIEWERS_HEAD },
		plain, &n) < 0)
		return -EBADMSG;
	*ret_line = (struct sv){ h->line, strnlen(h->line, REVIEWERS_LINE) };
	*ret_text = (struct sv){ (const char *)plain, n };
	return 0;
}
