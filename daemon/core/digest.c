/* digest.c - BLAKE2b-256 of files, read once, and of texts. */
#include "daemon/core/digest.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, HASH_LEN = 32 };

_Static_assert(DIGEST_HEX == 2 * HASH_LEN + 1, "two digits a byte");

static int
read_into(int fd, crypto_generichash_state *state, int64_t *ret_bytes)
{
	unsigned char chunk[CHUNK];
	int64_t bytes = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		(void)crypto_generichash_update(
		    state, chunk, (unsigned long long)n);
		bytes += n;
	}
	*ret_bytes = bytes;
	return 0;
}

int
digest_file(const char *path, int64_t *ret_bytes, char ret_hex[DIGEST_HEX])
{
	crypto_generichash_state state;
	uint8_t hash[HASH_LEN];
	int fd, rc;

	ASSERT(sodium_init() >= 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	rc = read_into(fd, &state, ret_bytes);
	(void)close(fd);
	if (rc < 0)
		return rc;
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	(void)sodium_bin2hex(ret_hex, DIGEST_HEX, hash, sizeof(hash));
	return 0;
}

void
digest_text(struct sv text, char ret_hex[DIGEST_HEX])
{
	uint8_t hash[HASH_LEN];

	ASSERT(sodium_init() >= 0);
	(void)crypto_generichash(
	    hash, sizeof(hash), (const unsigned char *)text.p, text.n, NULL, 0);
	(void)sodium_bin2hex(ret_hex, DIGEST_HEX, hash, sizeof(hash));
}
