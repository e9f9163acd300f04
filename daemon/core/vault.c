/* vault.c - the keys in use: pseudonyms, tags, sealed outbox rows. */
#include "daemon/core/vault.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/core/keyfolder.h"
#include "daemon/core/keywrap.h"
#include "daemon/core/reviewers.h"
#include "daemon/core/vault_inner.h"

enum {
	KEY_LEN = KEYFILE_LEN,
	NAME_LEN = KEYFILE_NAME, /* "epoch-9223372036854775807.key" fits */
	EPOCHS_HELD = 4,
	SEALED_VERSION = 1,
	SEALED_HEAD = 1 + crypto_secretbox_NONCEBYTES,
	FIELD_MAX = 255,	/* of a number or a sender: one length byte */
	TEXT_MAX = 1024 * 1024, /* of a text, bytes */
	REVIEW_MAX = 2 * 1024 * 1024, /* the same, or a voice message */
	SEALED_MAX = 2 + 2 * FIELD_MAX + TEXT_MAX,
	SEALED_OVER = SEALED_HEAD + crypto_secretbox_MACBYTES + 2,
	SALT_LEN = crypto_core_hsalsa20_INPUTBYTES, /* begins a nonce */
	STREAM_STEP = 4 * 64, /* libsodium makes four blocks as fast as one */
	DAY_MS = 24 * 3600 * 1000,
};

_Static_assert((int)SEALED_OVER == (int)VAULT_SEAL_BYTES, "as it is told");

/* All that is secret, in memory that is locked, guarded and wiped. */
struct keys {
	uint8_t ref[KEY_LEN];  /* derived from the vault key */
	uint8_t seal[KEY_LEN]; /* derived from the vault key */
	uint8_t tag[KEY_LEN];  /* random, of this process */
	uint8_t nonce[crypto_secretbox_NONCEBYTES]; /* of the last box */
	uint8_t box[KEY_LEN]; /* derived from seal and the nonce's salt */
	uint8_t epochs[EPOCHS_HELD][KEY_LEN];
	struct keyfile_room room;
};

struct vault {
	int dir_fd; /* DIR/keys */
	struct keys *keys;
	int64_t epochs[EPOCHS_HELD]; /* whose keys they are, -1 none */
	uint8_t reviewers[KEY_LEN];  /* their public key */
	bool reviewed;		     /* there is one */
	char tag[9];
};

int64_t
vault_epoch(int64_t at_ms)
{
	return at_ms / DAY_MS / VAULT_EPOCH_DAYS;
}

static void
epoch_name(int64_t epoch, char ret_name[NAME_LEN])
{
	(void)snprintf(ret_name, NAME_LEN, "epoch-%lld.key", (long long)epoch);
}

static struct keys *
keys_new(void)
{
	struct keys *k;

	ASSERT(sodium_init() >= 0);
	k = sodium_malloc(sizeof(*k)); /* locks it, too */
	ASSERT(k != NULL);
	sodium_memzero(k, sizeof(*k));
	return k;
}

/* Epochs. */

/* N of "epoch-N.key", or -1. */
static int64_t
epoch_of_name(const char *name)
{
	char again[NAME_LEN], *end = NULL;
	long long epoch;

	if (strncmp(name, "epoch-", 6) != 0)
		return -1;
	errno = 0;
	epoch = strtoll(name + 6, &end, 10);
	if (errno != 0 || epoch < 0)
		return -1;
	epoch_name(epoch, again);
	return strcmp(name, again) == 0 ? (int64_t)epoch : -1;
}

/* Where to hold a key: the place of the oldest epoch. */
static size_t
oldest_slot(const struct vault *v)
{
	size_t i, oldest = 0;

	for (i = 1; i < EPOCHS_HELD; i++)
		if (v->epochs[i] < v->epochs[oldest])
			oldest = i;
	return oldest;
}

static int
epoch_load(struct vault *v, int64_t epoch, const char *name, size_t *ret_slot)
{
	size_t slot = oldest_slot(v);
	int rc = keyfile_read(
	    v->dir_fd, name, &v->keys->room, v->keys->epochs[slot]);

	if (rc == 0) {
		v->epochs[slot] = epoch;
		*ret_slot = slot;
	}
	return rc;
}

/* Read every epoch key, so that a bad one is found at start. */
static int
epochs_load(struct vault *v, const char *path, struct diag *reterr_diag)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t slot = 0;
	int64_t epoch;
	int rc = 0;

	if (dir == NULL)
		return vault_key_explain(reterr_diag, -EIO, path, "");
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		epoch = epoch_of_name(entry->d_name);
		if (epoch < 0)
			continue;
		rc = epoch_load(v, epoch, entry->d_name, &slot);
		if (rc < 0)
			(void)vault_key_explain(
			    reterr_diag, rc, path, entry->d_name);
	}
	(void)closedir(dir);
	return rc;
}

static int
epoch_slot(struct vault *v, int64_t epoch, bool make, size_t *ret_slot)
{
	char name[NAME_LEN];
	size_t i;
	int rc;

	for (i = 0; i < EPOCHS_HELD; i++) {
		if (v->epochs[i] == epoch) {
			*ret_slot = i;
			return 0;
		}
	}
	epoch_name(epoch, name);
	if (make && keyfile_create(v->dir_fd, name, &v->keys->room) < 0)
		return -EIO;
	rc = epoch_load(v, epoch, name, ret_slot);
	if (rc == -ENOENT && !make)
		return rc;
	return rc < 0 ? -EIO : 0;
}

static bool
epoch_is_over(void *arg, const char *name)
{
	const int64_t *first = arg;
	size_t n = strlen(name);
	char whole[NAME_LEN];
	int64_t epoch;

	if (n > 4 && strcmp(name + n - 4, ".new") == 0) /* a crash left it */
		n -= 4;
	if (n >= sizeof(whole))
		return false;
	(void)snprintf(whole, sizeof(whole), "%.*s", (int)n, name);
	epoch = epoch_of_name(whole);
	return epoch >= 0 && epoch < *first;
}

int
vault_epochs_destroy(struct vault *v, int64_t first, size_t *ret_count)
{
	size_t i;

	for (i = 0; i < EPOCHS_HELD; i++) {
		if (v->epochs[i] < 0 || v->epochs[i] >= first)
			continue;
		sodium_memzero(v->keys->epochs[i], KEY_LEN);
		v->epochs[i] = -1;
	}
	return keyfolder_destroy(v->dir_fd, epoch_is_over, &first, ret_count);
}

/* Random bytes in their place: what were sealed now, nobody could open. */
int
vault_destroy(struct vault *v, size_t *ret_count)
{
	size_t i;
	int rc;

	randombytes_buf(v->keys, sizeof(*v->keys));
	for (i = 0; i < EPOCHS_HELD; i++)
		v->epochs[i] = -1;
	v->reviewed = false;
	rc = keyfolder_destroy(v->dir_fd, NULL, NULL, ret_count);
	(void)close(v->dir_fd); /* no key is made again */
	v->dir_fd = -1;
	return rc;
}

int
vault_epochs_each(
    struct vault *v, void (*fn)(void *arg, int64_t epoch), void *arg)
{
	int own = openat(v->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	if (dir == NULL) {
		if (own >= 0)
			(void)close(own);
		return -EIO;
	}
	while ((entry = readdir(dir)) != NULL)
		if (epoch_of_name(entry->d_name) >= 0)
			fn(arg, epoch_of_name(entry->d_name));
	(void)closedir(dir);
	return 0;
}

/* Opening. */

static int
reviewers_load(struct vault *v)
{
	int rc = keyfile_read(
	    v->dir_fd, REVIEWERS_PUBLIC, &v->keys->room, v->reviewers);

	v->reviewed = rc == 0;
	return rc == -ENOENT ? 0 : rc;
}

/* One key, one use: both come from the vault key. */
static int
vault_derive(struct vault *v)
{
	struct keys *k = v->keys;
	uint8_t *root = k->epochs[0]; /* free until the epochs are read */
	int rc = keyfile_read(v->dir_fd, VAULT_KEY, &k->room, root);

	_Static_assert(KEY_LEN == crypto_kdf_KEYBYTES, "one length of keys");
	if (rc < 0)
		return rc;
	ASSERT(crypto_kdf_derive_from_key(
		   k->ref, KEY_LEN, 1, "safarref", root) == 0);
	ASSERT(crypto_kdf_derive_from_key(
		   k->seal, KEY_LEN, 2, "safarbox", root) == 0);
	sodium_memzero(root, KEY_LEN);
	randombytes_buf(k->tag, KEY_LEN);
	/* counted up from here behind its salt, which so stays that of one key:
	 * to ask the system for each takes longer than to seal, and no two
	 * processes meet in 128 bits */
	randombytes_buf(k->nonce, sizeof(k->nonce));
	ASSERT(crypto_core_hsalsa20(k->box, k->nonce, k->seal, NULL) == 0);
	return 0;
}

static int
vault_setup(struct vault *v, const char *path, struct diag *reterr_diag)
{
	int rc = vault_derive(v);

	if (rc < 0)
		return vault_key_explain(reterr_diag, rc, path, VAULT_KEY);
	rc = reviewers_load(v);
	if (rc < 0)
		return vault_key_explain(
		    reterr_diag, rc, path, REVIEWERS_PUBLIC);
	return epochs_load(v, path, reterr_diag);
}

/* The key of keys, where there is one. */
static int
vault_unwrap(
    struct vault *v, const char *path, bool write, struct diag *reterr_diag)
{
	struct keyfile_room *room = &v->keys->room;
	int rc;

	if (!keywrap_is(v->dir_fd))
		return 0;
	rc = vault_wrap_load(v->dir_fd, path, room, reterr_diag);
	if (rc < 0 || !write)
		return rc;
	return vault_wrap_settle(v->dir_fd, path, room, reterr_diag);
}

/* Takes fd. */
static int
vault_of(int fd, const char *path, bool write, struct vault **ret_vault,
    struct diag *reterr_diag)
{
	CLEANUP(vault_close) struct vault *v = calloc(1, sizeof(*v));
	size_t i;
	int rc;

	ASSERT(v != NULL);
	v->dir_fd = fd;
	v->keys = keys_new();
	for (i = 0; i < EPOCHS_HELD; i++)
		v->epochs[i] = -1;
	rc = vault_unwrap(v, path, write, reterr_diag);
	if (rc == 0)
		rc = vault_setup(v, path, reterr_diag);
	if (rc < 0)
		return rc;
	*ret_vault = v;
	v = NULL; /* ownership moves to the caller */
	return 0;
}

int
vault_open(const char *dir, struct vault **ret_vault, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	int fd = -1, rc = keyfolder_open(dir, path, &fd, reterr_diag);

	return rc < 0 ? rc : vault_of(fd, path, true, ret_vault, reterr_diag);
}

int
vault_look(const char *path, struct vault **ret_vault, struct diag *reterr_diag)
{
	int fd = -1, rc = keyfolder_look(path, &fd, reterr_diag);

	return rc < 0 ? rc : vault_of(fd, path, false, ret_vault, reterr_diag);
}

void
vault_close(struct vault **vp)
{
	struct vault *v = *vp;

	if (v == NULL)
		return;
	sodium_free(v->keys); /* which wipes them */
	if (v->dir_fd >= 0)
		(void)close(v->dir_fd);
	free(v);
	*vp = NULL;
}

/* Pseudonyms and tags. */

static int
person_of(struct vault *v, int64_t epoch, bool make, struct sv e164,
    uint8_t ret_person[VAULT_TAG_LEN])
{
	size_t slot = 0;
	int rc;

	ASSERT(epoch >= 0);
	rc = epoch_slot(v, epoch, make, &slot);
	if (rc < 0)
		return rc;
	ASSERT(crypto_generichash(ret_person, VAULT_TAG_LEN,
		   (const uint8_t *)e164.p, e164.n, v->keys->epochs[slot],
		   KEY_LEN) == 0);
	return 0;
}

int
vault_person(struct vault *v, int64_t epoch, struct sv e164,
    uint8_t ret_person[VAULT_TAG_LEN])
{
	return person_of(v, epoch, true, e164, ret_person);
}

int
vault_person_of(struct vault *v, int64_t epoch, struct sv e164,
    uint8_t ret_person[VAULT_TAG_LEN])
{
	return person_of(v, epoch, false, e164, ret_person);
}

void
vault_ref(const struct vault *v, struct sv gateway, struct sv id,
    uint8_t ret_ref[VAULT_TAG_LEN])
{
	uint64_t len = gateway.n; /* or "ab" + "c" would be "a" + "bc" */
	crypto_generichash_state s;

	ASSERT(crypto_generichash_init(
		   &s, v->keys->ref, KEY_LEN, VAULT_TAG_LEN) == 0);
	(void)crypto_generichash_update(&s, (const uint8_t *)&len, sizeof(len));
	(void)crypto_generichash_update(
	    &s, (const uint8_t *)gateway.p, gateway.n);
	(void)crypto_generichash_update(&s, (const uint8_t *)id.p, id.n);
	(void)crypto_generichash_final(&s, ret_ref, VAULT_TAG_LEN);
}

const char *
vault_phone_tag(struct vault *v, struct sv e164)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];

	ASSERT(crypto_generichash(hash, sizeof(hash), (const uint8_t *)e164.p,
		   e164.n, v->keys->tag, KEY_LEN) == 0);
	(void)sodium_bin2hex(v->tag, sizeof(v->tag), hash, 4);
	return v->tag;
}

/* Sealing: version, nonce, box of (length, number, length, from, text). */

static char *
put_field(char *at, struct sv v)
{
	*at++ = (char)(uint8_t)v.n;
	if (v.n > 0)
		memcpy(at, v.p, v.n);
	return at + v.n;
}

/*
 * crypto_secretbox_easy() with the next nonce, by its parts: XSalsa20, whose
 * first 32 bytes are Poly1305's key, keeps its first half, HSalsa20, for all
 * nonces of one salt (NaCl, "Cryptography in NaCl", 7 and 10).
 *
 * plain   behind 32 bytes of zeros, and with zeros behind, n bytes with them
 * sealed  nonce, tag, and bytes of the box
 */
static void
box_put(struct keys *k, uint8_t *plain, size_t n, uint8_t *sealed, size_t bytes)
{
	uint8_t *tag = sealed + crypto_secretbox_NONCEBYTES;
	uint8_t *box = tag + crypto_secretbox_MACBYTES;

	sodium_increment(
	    k->nonce + SALT_LEN, sizeof(k->nonce) - (size_t)SALT_LEN);
	memcpy(sealed, k->nonce, sizeof(k->nonce));
	(void)crypto_stream_salsa20_xor(
	    plain, plain, n, k->nonce + SALT_LEN, k->box);
	memcpy(box, plain + crypto_secretbox_ZEROBYTES, bytes);
	(void)crypto_onetimeauth(tag, box, bytes, plain);
	sodium_memzero(plain, n);
}

struct sv
vault_seal(const struct vault *v, struct sv e164, struct sv from,
    struct sv text, struct arena *a)
{
	size_t n = 2 + e164.n + from.n + text.n;
	size_t room = crypto_secretbox_ZEROBYTES + n + STREAM_STEP - 1;
	uint8_t *plain, *sealed;
	char *at;

	ASSERT(
	    e164.n <= FIELD_MAX && from.n <= FIELD_MAX && text.n <= TEXT_MAX);
	room -= room % STREAM_STEP;
	plain = arena_get(a, room);
	sealed = arena_get(a, SEALED_HEAD + crypto_secretbox_MACBYTES + n);
	at = put_field((char *)plain + crypto_secretbox_ZEROBYTES, e164);
	at = put_field(at, from);
	if (text.n > 0)
		memcpy(at, text.p, text.n);
	sealed[0] = SEALED_VERSION;
	box_put(v->keys, plain, room, sealed + 1, n);
	return (struct sv){ (const char *)sealed,
		SEALED_HEAD + crypto_secretbox_MACBYTES + n };
}

static int
cut_field(struct sv *rest, struct sv *ret_field)
{
	size_t n;

	if (rest->n == 0)
		return -EBADMSG;
	n = (uint8_t)rest->p[0];
	if (n > rest->n - 1)
		return -EBADMSG;
	*ret_field = (struct sv){ rest->p + 1, n };
	rest->p += 1 + n;
	rest->n -= 1 + n;
	return 0;
}

int
vault_unseal(const struct vault *v, struct sv sealed, struct arena *a,
    struct sv *ret_e164, struct sv *ret_from, struct sv *ret_text)
{
	const uint8_t *box = (const uint8_t *)sealed.p;
	const size_t least = SEALED_HEAD + crypto_secretbox_MACBYTES;
	struct sv rest, e164, from;
	uint8_t *plain;

	if (sealed.n < least || sealed.n > least + SEALED_MAX ||
	    box[0] != SEALED_VERSION)
		return -EBADMSG;
	plain = arena_get(a, sealed.n - least + 1);
	if (crypto_secretbox_open_easy(plain, box + SEALED_HEAD,
		sealed.n - SEALED_HEAD, box + 1, v->keys->seal) != 0)
		return -EBADMSG;
	rest = (struct sv){ (const char *)plain, sealed.n - least };
	if (cut_field(&rest, &e164) < 0 || cut_field(&rest, &from) < 0)
		return -EBADMSG;
	*ret_e164 = e164;
	*ret_from = from;
	*ret_text = rest;
	return 0;
}

/* Sealing for reviewers. */

bool
vault_has_reviewers(const struct vault *v)
{
	return v->reviewed;
}

struct sealing *
vault_sealing_new(const struct vault *v, struct sv line, uint8_t *ret_head)
{
	ASSERT(v->reviewed);
	return sealing_new(v->reviewers, line, ret_head);
}

struct sv
vault_seal_review(const struct vault *v, struct sv text, struct arena *a)
{
	size_t room = text.n + REVIEWERS_PAD, n = 0;
	uint8_t *plain = arena_get(a, room);
	uint8_t *sealed = arena_get(a, room + crypto_box_SEALBYTES);

	ASSERT(v->reviewed && text.n <= REVIEW_MAX);
	if (text.n > 0)
		memcpy(plain, text.p, text.n);
	ASSERT(sodium_pad(&n, plain, text.n, REVIEWERS_PAD, room) == 0);
	ASSERT(crypto_box_seal(sealed, plain, n, v->reviewers) == 0);
	sodium_memzero(plain, room);
	return (struct sv){ (const char *)sealed, n + crypto_box_SEALBYTES };
}

uint64_t
vault_chance(void)
{
	uint64_t chance;

	vault_chance_put(&chance, sizeof(chance));
	return chance;
}

void
vault_chance_put(void *ret_bytes, size_t n)
{
	randombytes_buf(ret_bytes, n);
}
