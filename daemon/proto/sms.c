/* sms.c - the alphabets of SMS: GSM-7, UCS-2, and UTF-8 between them. */
#include "daemon/proto/sms.h"

#include <unicode/utf16.h>
#include <unicode/utf8.h>

enum {
	GSM7_ALONE = 160, /* septets of a text that is one part */
	GSM7_PART = 153,  /* septets of a part of several */
	UCS2_ALONE = 70,  /* UTF-16 units, likewise */
	UCS2_PART = 67,
	REPLACEMENT = 0xFFFD,
};

/* TS 23.038 table 6.2.1 and its extension table: septets of each ASCII
 * character, 0 where it is in neither. */
static const char ascii_septets[] = "0000000000102100" /* LF FF CR */
				    "0000000000000000"
				    "1111111111111111" /* space..'/' */
				    "1111111111111111"
				    "1111111111111111"	/* '@'..'O' */
				    "1111111111122221"	/* [ \ ] ^ */
				    "0111111111111111"	/* no '`' */
				    "1111111111122220"; /* { | } ~ */

/* The same table beyond ASCII, in ascending order. */
static const UChar32 beyond_ascii[] = { 0xA1, 0xA3, 0xA4, 0xA5, 0xA7, 0xBF,
	0xC4, 0xC5, 0xC6, 0xC7, 0xC9, 0xD1, 0xD6, 0xD8, 0xDC, 0xDF, 0xE0, 0xE4,
	0xE5, 0xE6, 0xE8, 0xE9, 0xEC, 0xF1, 0xF2, 0xF6, 0xF8, 0xF9, 0xFC, 0x393,
	0x394, 0x398, 0x39B, 0x39E, 0x3A0, 0x3A3, 0x3A6, 0x3A8, 0x3A9 };

/* A text laid out in parts of one encoding, unit by unit. */
struct layout {
	unsigned alone, part; /* units that fit */
	unsigned units, parts;
	unsigned room; /* units left in the last part, if there are several */
};

static unsigned
gsm7_septets(UChar32 c)
{
	size_t i;

	if (c < 0x80)
		return (unsigned)(ascii_septets[c] - '0');
	if (c == 0x20AC) /* the euro sign, by the extension table */
		return 2;
	for (i = 0; i < ARRAY_LEN(beyond_ascii) && beyond_ascii[i] <= c; i++)
		if (beyond_ascii[i] == c)
			return 1;
	return 0;
}

/* Add a character of 1 or 2 units, which stay in one part. */
static void
layout_add(struct layout *l, unsigned units)
{
	l->units += units;
	if (units > l->room) {
		l->parts++;
		l->room = l->part;
	}
	l->room -= units;
}

static struct sms_size
layout_size(const struct layout *l, enum sms_encoding encoding)
{
	struct sms_size size = { encoding, l->units, l->parts };

	if (l->units > 0 && l->units <= l->alone)
		size.parts = 1;
	return size;
}

/* ICU's macros narrow on purpose. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* The next character, negative if it is malformed. */
static UChar32
utf8_next(struct sv text, size_t *at)
{
	UChar32 c;

	U8_NEXT(text.p, *at, text.n, c);
	return c;
}

static void
utf8_put(struct sb *b, UChar32 c) /* NOLINT(*-function-size): ICU nests */
{
	char bytes[U8_MAX_LENGTH];
	size_t n = 0;

	U8_APPEND_UNSAFE(bytes, n, c);
	sb_put(b, (struct sv){ bytes, n });
}

#pragma GCC diagnostic pop

/* The next character; U+FFFD for bytes that are not UTF-8, so that a text
 * nobody checked is at worst measured too long. */
static UChar32
next_char(struct sv text, size_t *at)
{
	UChar32 c = utf8_next(text, at);

	return c < 0 ? REPLACEMENT : c;
}

const char *
sms_encoding_name(enum sms_encoding encoding)
{
	return encoding == SMS_GSM7 ? "gsm7" : "ucs2";
}

struct sms_size
sms_measure(struct sv text)
{
	struct layout gsm7 = { .alone = GSM7_ALONE, .part = GSM7_PART };
	struct layout ucs2 = { .alone = UCS2_ALONE, .part = UCS2_PART };
	bool fits_gsm7 = true;
	size_t at = 0;

	while (at < text.n) {
		UChar32 c = next_char(text, &at);
		unsigned septets = fits_gsm7 ? gsm7_septets(c) : 0;

		fits_gsm7 = septets > 0;
		if (fits_gsm7)
			layout_add(&gsm7, septets);
		layout_add(&ucs2, (unsigned)U16_LENGTH(c));
	}
	return fits_gsm7 ? layout_size(&gsm7, SMS_GSM7) :
			   layout_size(&ucs2, SMS_UCS2);
}

bool
utf8_is_valid(struct sv text)
{
	size_t at = 0;

	while (at < text.n)
		if (utf8_next(text, &at) <= 0)
			return false;
	return true;
}

static uint32_t
unit_at(struct sv bytes, size_t at)
{
	return (uint32_t)(unsigned char)bytes.p[at] << 8 |
	       (unsigned char)bytes.p[at + 1];
}

/* One character, -1 for a lone surrogate or U+0000. */
static UChar32
utf16be_next(struct sv bytes, size_t *at)
{
	uint32_t lead = unit_at(bytes, *at), trail;

	*at += 2;
	if (lead == 0 || U16_IS_TRAIL(lead))
		return -1;
	if (!U16_IS_LEAD(lead))
		return (UChar32)lead;
	if (*at == bytes.n)
		return -1;
	trail = unit_at(bytes, *at);
	*at += 2;
	return U16_IS_TRAIL(trail) ? U16_GET_SUPPLEMENTARY(lead, trail) : -1;
}

int
utf16be_read(struct sv bytes, struct sb *b)
{
	size_t at = 0;

	if (bytes.n % 2 != 0)
		return -EBADMSG;
	while (at < bytes.n)
		if (utf16be_next(bytes, &at) < 0)
			return -EBADMSG;
	for (at = 0; at < bytes.n;)
		utf8_put(b, utf16be_next(bytes, &at));
	return 0;
}

static size_t
unit_to(char *p, UChar32 unit)
{
	p[0] = (char)(unit >> 8);
	p[1] = (char)unit;
	return 2;
}

void
utf16be_write(struct sv text, struct sb *b)
{
	size_t at = 0;

	while (at < text.n) {
		UChar32 c = next_char(text, &at);
		char bytes[4];
		size_t n;

		if (U16_LENGTH(c) == 1) {
			n = unit_to(bytes, c);
		} else {
			n = unit_to(bytes, U16_LEAD(c));
			n += unit_to(bytes + n, U16_TRAIL(c));
		}
		sb_put(b, (struct sv){ bytes, n });
	}
}
