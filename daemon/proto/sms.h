/*
 * sms.h - the alphabets of SMS: which one a text needs and how many parts.
 *
 * Pure: no I/O, no state.  Source: 3GPP TS 23.038 section 6.2.1 (GSM-7 default
 * alphabet and its extension table), TS 23.040 section 9.2.3.24.1
 * (concatenation): 160/153 septets or 70/67 UTF-16 units a part.
 */
#ifndef DAEMON_PROTO_SMS_H
#define DAEMON_PROTO_SMS_H

#include "daemon/base/sb.h"

enum sms_encoding { SMS_GSM7, SMS_UCS2 };

struct sms_size {
	enum sms_encoding encoding;
	unsigned units; /* septets or UTF-16 units */
	unsigned parts; /* 0 for an empty text */
};

/* "gsm7" or "ucs2". */
const char *sms_encoding_name(enum sms_encoding encoding);

/*
 * Measure a text as a gateway would send it: GSM-7 when every character is in
 * its alphabet, else UCS-2; surrogate pairs and escaped pairs never split.
 *
 * text  valid UTF-8
 */
struct sms_size sms_measure(struct sv text);

/* True if sms_measure() would say SMS_GSM7; looks no further than it must. */
bool sms_is_gsm7(struct sv text);

/*
 * Cut a text into parts.  All telephone numbers stay whole if so many parts
 * have room for that; where they have not, the first ones that can.
 *
 * text       valid UTF-8
 * encoding   one that holds it; what sms_measure() says, or SMS_UCS2
 * wide       the parts carry a reference of 16 bits, which takes a character
 *            from each; else of 8 bits, and they are those sms_measure()
 *            counts
 * ret_parts  views into text, together all of it; at most max are set
 *
 * Returns how many there are; above max: nothing is set.
 */
size_t sms_split(struct sv text, enum sms_encoding encoding, bool wide,
    struct sv *ret_parts, size_t max);

/* True if every byte belongs to a well-formed UTF-8 character (no surrogate,
 * no overlong form, no NUL). */
bool utf8_is_valid(struct sv text);

/*
 * Turn UTF-16 big endian into UTF-8, appended to b.
 *
 * Returns 0, -EBADMSG for an odd length, a lone surrogate or U+0000.
 */
MUST_USE int utf16be_read(struct sv bytes, struct sb *b);

/* Append text (valid UTF-8) to b as UTF-16 big endian bytes. */
void utf16be_write(struct sv text, struct sb *b);

#endif
