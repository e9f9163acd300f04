/*
 * gsm7.h - the GSM 7 bit default alphabet, and what else has one byte for a
 * character.
 *
 * Pure.  Septets stand one in each byte ("unpacked") unless a name says
 * otherwise.  Source: 3GPP TS 23.038 sections 6.1.2.1 (packing), 6.2.1 (the
 * alphabet and its extension table).
 */
#ifndef DAEMON_PROTO_GSM7_H
#define DAEMON_PROTO_GSM7_H

#include "daemon/base/sb.h"

enum { GSM7_SEPTETS = 128 };

/* The septet of a character, 0x1B00 and the septet if it is an escaped pair,
 * -1 if it is not in the alphabet. */
int gsm7_of(uint32_t c);

/*
 * Turn septets into UTF-8, appended to b.  An escape with nothing behind it is
 * left out; one with a septet that is not in the extension table shows what
 * the main table has.
 *
 * Returns 0, -EBADMSG for a byte above 0x7F.
 */
MUST_USE int gsm7_read(struct sv septets, struct sb *b);

/* Turn UTF-8 into septets, appended to b.  Returns 0, or -EBADMSG and appends
 * nothing if a character is not in the alphabet. */
MUST_USE int gsm7_write(struct sv text, struct sb *b);

/* Eight septets in seven bytes, and back.
 * fill  0 to 6 bits of nothing before the first: the padding of a user data
 *       header; where it ends, whole bytes follow
 * A last septet that may be padding (zeros or CR that end a byte) is dropped.
 */
void gsm7_unpack(struct sv packed, unsigned fill, struct sb *b);
void gsm7_pack(struct sv septets, unsigned fill, struct sb *b);

/* ISO 8859-1 as UTF-8, appended to b. */
void latin1_read(struct sv bytes, struct sb *b);

/* True if every character of a text is in ISO 8859-1. */
bool latin1_has(struct sv text);

/* Append a text that latin1_has() as ISO 8859-1. */
void latin1_write(struct sv text, struct sb *b);

#endif
