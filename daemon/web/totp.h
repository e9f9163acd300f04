/*
 * totp.h - codes of the second factor: RFC 6238 (TOTP) over RFC 4226 (HOTP),
 * HMAC-SHA-1, 30 s, 6 digits, which is what every authenticator does.
 *
 * Pure: no clock, no store.
 */
#ifndef DAEMON_WEB_TOTP_H
#define DAEMON_WEB_TOTP_H

#include "daemon/base/sb.h"

enum {
	TOTP_SECRET = 20, /* bytes; RFC 4226 section 4, R6 */
	TOTP_STEP_S = 30,
	TOTP_BASE32 = 33, /* the secret as text, and a NUL */
};

/* The code of one step: digits of them, 6 to 8 (RFC 4226 section 5.3). */
uint32_t totp_code(struct sv secret, int64_t step, int digits);

/*
 * Whether a code is that of now, one step before or after (clocks differ), and
 * its step is behind last_step: a code works once (RFC 6238 section 5.2).
 *
 * code  six digits; spaces between them do no harm
 */
bool totp_fits(struct sv secret, struct sv code, int64_t now_ms,
    int64_t last_step, int64_t *ret_step);

/* RFC 4648 section 6, without padding. */
void totp_base32(struct sv bytes, struct sb *b);

/* "otpauth://totp/Safar:NAME?secret=...": what the QR code says.  name as
 * account.h takes it. */
void totp_uri(struct sv secret, struct sv name, struct sb *b);

#endif
