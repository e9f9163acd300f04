/* account.c - tokens, passwords, sealed secrets, the console's chain. */
#include "daemon/core/account.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/core/chain.h"
#include "daemon/core/keyfile.h"

enum {
	TOKEN_BYTES = 32,
	PASSWORD_OPS = 3,
	PASSWORD_BYTES = 64 << 20,
};

_Static_assert(
    (int)CONSOLE_HASH_LEN == (int)CHAIN_HASH_LEN, "one length of hashes");
_Static_assert(CONSOLE_HASH_LEN == crypto_generichash_BYTES, "BLAKE2b-256");
_Static_assert(
    CONSOLE_PASSWORD_SIZE >= crypto_pwhash_STRBYTES, "room for a hash");

struct account_key {
	uint8_t seal[KEYFILE_LEN], tag[KEYFILE_LEN];
	struct keyfile_room room;
	int lock_fd; /* the lock goes with the first close of the file */
};

void
account_random(void *ret_bytes, size_t n)
{
	randombytes_buf(ret_bytes, n);
}

bool
account_same(struct sv a, struct sv b)
{
	return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}

void
account_wipe(void *bytes, size_t n)
{
	sodium_memzero(bytes, n);
}

/* --- tokens --- */

static void
hash(struct sv text, uint8_t ret_hash[CONSOLE_HASH_LEN])
{
	(void)crypto_generichash(ret_hash, CONSOLE_HASH_LEN,
	    (const uint8_t *)text.p, text.n, NULL, 0);
}

static void
base64(const uint8_t *bytes, size_t n, char *ret_text, size_t size)
{
	(void)sodium_bin2base64(
	    ret_text, size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void
account_token_new(
    char ret_text[ACCOUNT_TOKEN_SIZE], uint8_t ret_hash[CONSOLE_HASH_LEN])
{
	uint8_t bytes[TOKEN_BYTES];

	ASSERT(sodium_init() >= 0);
	randombytes_buf(bytes, sizeof(bytes));
	base64(bytes, sizeof(bytes), ret_text, ACCOUNT_TOKEN_SIZE);
	sodium_memzero(bytes, sizeof(bytes));
	hash(sv_of(ret_text), ret_hash);
}

bool
account_token_hash(struct sv text, uint8_t ret_hash[CONSOLE_HASH_LEN])
{
	if (text.n != ACCOUNT_TOKEN_SIZE - 1)
		return false;
	hash(text, ret_hash);
	return true;
}

void
account_csrf(struct sv token, char ret_text[ACCOUNT_TOKEN_SIZE])
{
	static const char what[] = "csrf";
	uint8_t bytes[TOKEN_BYTES];

	ASSERT(token.n == ACCOUNT_TOKEN_SIZE - 1);
	(void)crypto_generichash(bytes, sizeof(bytes), (const uint8_t *)what,
	    sizeof(what) - 1, (const uint8_t *)token.p, token.n);
	base64(bytes, sizeof(bytes), ret_text, ACCOUNT_TOKEN_SIZE);
}

/* --- passwords --- */

int
account_password_hash(
    const char *password, char ret_hash[CONSOLE_PASSWORD_SIZE])
{
	ASSERT(sodium_init() >= 0);
	return crypto_pwhash_str_alg(ret_hash, password, strlen(password),
		   PASSWORD_OPS, PASSWORD_BYTES,
		   crypto_pwhash_ALG_ARGON2ID13) == 0 ?
		   0 :
		   -ENOMEM;
}

bool
account_password_fits(const char *stored, const char *password)
{
	char other[CONSOLE_PASSWORD_SIZE];

	ASSERT(sodium_init() >= 0);
	if (*stored != '\0')
		return crypto_pwhash_str_verify(
			   stored, password, strlen(password)) == 0;
	(void)!account_password_hash(password, other);
	return false;
}

/* --- the key --- */

static int
key_make(int dir_fd, struct account_key *k)
{
	randombytes_buf(k->seal, sizeof(k->seal));
	return keyfile_write(dir_fd, ACCOUNT_KEY_NAME, &k->room, k->seal);
}

static int
key_read(int dir_fd, struct account_key *k)
{
	uint8_t *key = k->tag; /* the room is wiped by who uses it */
	int rc = keyfile_read(dir_fd, ACCOUNT_KEY_NAME, &k->room, key);

	if (rc == -ENOENT) {
		rc = key_make(dir_fd, k);
		if (rc == 0)
			rc = keyfile_read(
			    dir_fd, ACCOUNT_KEY_NAME, &k->room, key);
	}
	if (rc < 0)
		return rc;
	/* two keys of one, for two uses; its own place comes last */
	(void)crypto_kdf_derive_from_key(
	    k->seal, sizeof(k->seal), 1, "console_", key);
	(void)crypto_kdf_derive_from_key(
	    k->tag, sizeof(k->tag), 2, "console_", key);
	return 0;
}

/* A lock that others may have, too. */
static int
key_lock(int dir_fd, struct account_key *k)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	k->lock_fd =
	    openat(dir_fd, ACCOUNT_KEY_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (k->lock_fd < 0 || fcntl(k->lock_fd, F_SETLK, &lock) < 0)
		return -errno;
	return 0;
}

int
account_key_open(
    const char *dir, struct account_key **ret_key, struct diag *reterr_diag)
{
	struct account_key *k;
	int dir_fd, rc;

	ASSERT(sodium_init() >= 0);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return diag_set(
		    reterr_diag, -errno, "%s: %s", dir, strerror(errno));
	k = sodium_malloc(sizeof(*k));
	ASSERT(k != NULL);
	sodium_memzero(k, sizeof(*k));
	k->lock_fd = -1;
	rc = key_read(dir_fd, k);
	if (rc == 0)
		rc = key_lock(dir_fd, k);
	(void)close(dir_fd);
	if (rc < 0) {
		account_key_close(&k);
		return diag_set(reterr_diag, rc,
		    "%s/%s: %s; only its owner may read it, and it is one line "
		    "of 64 hex digits (without it a new one is made, and "
		    "everybody needs a new invitation)",
		    dir, ACCOUNT_KEY_NAME, strerror(-rc));
	}
	*ret_key = k;
	return 0;
}

void
account_key_close(struct account_key **kp)
{
	if (*kp != NULL && (*kp)->lock_fd >= 0)
		(void)close((*kp)->lock_fd);
	sodium_free(*kp); /* which wipes it */
	*kp = NULL;
}

void
account_tag(const struct account_key *key, struct sv a, struct sv b,
    uint8_t ret_tag[ACCOUNT_TAG_LEN])
{
	uint64_t n = a.n; /* or "ab" + "c" would be "a" + "bc" */
	crypto_generichash_state s;

	ASSERT(crypto_generichash_init(
		   &s, key->tag, sizeof(key->tag), ACCOUNT_TAG_LEN) == 0);
	(void)crypto_generichash_update(&s, (const uint8_t *)&n, sizeof(n));
	if (a.n > 0)
		(void)crypto_generichash_update(&s, (const uint8_t *)a.p, a.n);
	if (b.n > 0)
		(void)crypto_generichash_update(&s, (const uint8_t *)b.p, b.n);
	(void)crypto_generichash_final(&s, ret_tag, ACCOUNT_TAG_LEN);
}

enum { NONCE = crypto_secretbox_NONCEBYTES, MAC = crypto_secretbox_MACBYTES };

size_t
account_seal(const struct account_key *key, struct sv plain,
    uint8_t *ret_sealed, size_t size)
{
	if (plain.n + NONCE + MAC > size)
		return 0;
	randombytes_buf(ret_sealed, NONCE);
	(void)crypto_secretbox_easy(ret_sealed + NONCE,
	    (const uint8_t *)plain.p, plain.n, ret_sealed, key->seal);
	return plain.n + NONCE + MAC;
}

size_t
account_unseal(const struct account_key *key, struct sv sealed,
    uint8_t *ret_plain, size_t size)
{
	const uint8_t *p = (const uint8_t *)sealed.p;

	if (sealed.n < NONCE + MAC || sealed.n - NONCE - MAC > size ||
	    crypto_secretbox_open_easy(
		ret_plain, p + NONCE, sealed.n - NONCE, p, key->seal) != 0)
		return 0;
	return sealed.n - NONCE - MAC;
}

/* --- what was done --- */

static struct sv
cut(struct sv v, size_t most)
{
	return (struct sv){ v.p, v.n < most ? v.n : most };
}

static struct chain_row
row_of(const struct console_audit *row)
{
	return (struct chain_row){ row->id, row->at_ms, row->who, row->action };
}

static int
audit_add(struct console *c, struct sv who, struct sv action, int64_t at_ms)
{
	struct console_audit row = { .at_ms = at_ms,
		.who = cut(who, CONSOLE_WHO_MAX),
		.action = cut(action, CONSOLE_ACTION_MAX) };
	uint8_t before[CONSOLE_HASH_LEN];
	struct chain_row next;
	int rc = console_audit_last(c, &row.id, before);

	if (rc < 0)
		return rc;
	row.id++;
	next = row_of(&row);
	chain_hash(&next, before, row.hash);
	return console_audit_put(c, &row);
}

/* End a round of one's own. */
static int
leave(struct console *c, bool own, int rc)
{
	if (!own)
		return rc;
	if (rc == 0)
		return console_commit(c);
	console_rollback(c);
	return rc;
}

int
account_audit(struct console *c, struct sv who, struct sv action, int64_t at_ms)
{
	bool own = !console_in_round(c);
	int rc = own ? console_begin(c) : 0;

	return rc < 0 ? rc : leave(c, own, audit_add(c, who, action, at_ms));
}

struct walk {
	void (*fn)(void *arg, const struct console_audit *row, bool whole);
	void *arg;
	struct chain_walk chain;
};

static bool
on_row(void *arg, const struct console_audit *row)
{
	struct walk *w = arg;
	struct chain_row next = row_of(row);
	bool whole = chain_next(&w->chain, &next, row->hash);

	w->fn(w->arg, row, whole);
	return true;
}

int
account_audit_each(struct console *c, int64_t from_id,
    void (*fn)(void *arg, const struct console_audit *row, bool whole),
    void *arg)
{
	struct walk w = { .fn = fn, .arg = arg };

	return console_audit_each(c, from_id, on_row, &w);
}

static int
invite_add(struct console *c, const struct console_user *user, struct sv who,
    int64_t now_ms, char ret_token[ACCOUNT_TOKEN_SIZE])
{
	struct console_invite i = { .user_id = user->id,
		.until_ms = now_ms + CONSOLE_INVITE_MS };
	char action[CONSOLE_ACTION_MAX];
	int rc;

	account_token_new(ret_token, i.token);
	rc = console_invite_put(c, &i);
	(void)snprintf(action, sizeof(action), "user_invited %s", user->name);
	return rc < 0 ? rc : account_audit(c, who, sv_of(action), now_ms);
}

int
account_invite(struct console *c, const struct console_user *user,
    struct sv who, int64_t now_ms, char ret_token[ACCOUNT_TOKEN_SIZE])
{
	bool own = !console_in_round(c);
	int rc = own ? console_begin(c) : 0;

	return rc < 0 ?
		   rc :
		   leave(c, own, invite_add(c, user, who, now_ms, ret_token));
}

/* --- names --- */

static const char *const roles[ACCOUNT_ROLES] = { "admin", "operator",
	"approver", "reviewer" };

unsigned
account_role_of(struct sv name)
{
	unsigned i;

	for (i = 0; i < ACCOUNT_ROLES; i++)
		if (sv_eq(name, sv_of(roles[i])))
			return 1U << i;
	return sv_eq(name, SV("administrator")) ? ACCOUNT_ROLE_ADMIN : 0;
}

const char *
account_role_name(unsigned role)
{
	unsigned i;

	for (i = 0; i < ACCOUNT_ROLES; i++)
		if (role == 1U << i)
			return roles[i];
	return "";
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("_.@-", c) != NULL;
}

bool
account_name_is(struct sv name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (name.p[i] == '\0' || !is_name_char(name.p[i]))
			return false;
	return name.n > 0 && name.n <= CONSOLE_NAME_MAX;
}
