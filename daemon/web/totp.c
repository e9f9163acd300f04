/* totp.c - codes of the second factor. */
#include "daemon/web/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { DIGITS = 6, MAC = 20 };

uint32_t
totp_code(struct sv secret, int64_t step, int digits)
{
	uint8_t count[8], mac[EVP_MAX_MD_SIZE];
	unsigned n = 0, at;
	uint32_t code, limit = 1;
	int i;

	for (i = 0; i < 8; i++)
		count[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	ASSERT(HMAC(EVP_sha1(), secret.p, (int)secret.n, count, sizeof(count),
		   mac, &n) != NULL &&
	       n == MAC);
	at = mac[MAC - 1] & 15;
	code = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
	       (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	for (i = 0; i < digits; i++)
		limit *= 10;
	return code % limit;
}

static bool
code_read(struct sv text, uint32_t *ret_code)
{
	uint32_t code = 0;
	int digits = 0;
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (text.p[i] == ' ')
			continue;
		if (text.p[i] < '0' || text.p[i] > '9' || digits++ == DIGITS)
			return false;
		code = code * 10 + (uint32_t)(text.p[i] - '0');
	}
	*ret_code = code;
	return digits == DIGITS;
}

bool
totp_fits(struct sv secret, struct sv code, int64_t now_ms, int64_t last_step,
    int64_t *ret_step)
{
	int64_t now = now_ms / 1000 / TOTP_STEP_S, step, found = -1;
	uint32_t want;

	if (!code_read(code, &want))
		return false;
	/* all of them, always: time tells nothing */
	for (step = now - 1; step <= now + 1; step++)
		if (totp_code(secret, step, DIGITS) == want && step > last_step)
			found = step;
	if (found < 0)
		return false;
	*ret_step = found;
	return true;
}

void
totp_base32(struct sv bytes, struct sb *b)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	int have = 0;
	size_t i;

	for (i = 0; i < bytes.n; i++) {
		bits = (bits << 8 | (uint8_t)bytes.p[i]) & 0xffff;
		for (have += 8; have >= 5; have -= 5)
			sb_printf(b, "%c", letters[bits >> (have - 5) & 31]);
	}
	if (have > 0)
		sb_printf(b, "%c", letters[bits << (5 - have) & 31]);
}

void
totp_uri(struct sv secret, struct sv name, struct sb *b)
{
	size_t i;

	sb_puts(b, "otpauth://totp/Safar:");
	for (i = 0; i < name.n; i++)
		if (name.p[i] == '@')
			sb_puts(b, "%40");
		else
			sb_put(b, (struct sv){ name.p + i, 1 });
	sb_puts(b, "?secret=");
	totp_base32(secret, b);
	sb_puts(b, "&issuer=Safar");
}
