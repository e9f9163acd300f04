/* sms.c - the alphabets of SMS: GSM-7, UCS-2, and UTF-8 between them. */
#include "daemon/proto/sms.h"

#include <unicode/utf16.h>

#include "daemon/proto/gsm7.h"
#include "daemon/proto/utf8.h"

enum {
	GSM7_ALONE = 160, /* septets of a text that is one part */
	GSM7_PART = 153,  /* septets of a part of several */
	UCS2_ALONE = 70,  /* UTF-16 units, likewise */
	UCS2_PART = 67,
	REPLACEMENT = 0xFFFD,
	NUMBER_DIGITS_LEAST = 3, /* of a number that is kept whole */
	NUMBER_DIGITS_MOST = 15, /* E.164 */
	JOINTS_MOST = 2,	 /* between two of them */
	NUMBER_MAX = 2 + NUMBER_DIGITS_MOST * (1 + JOINTS_MOST), /* bytes */
};

/* A text laid out in parts of one encoding, unit by unit. */
struct layout {
	unsigned alone, part; /* units that fit */
	unsigned units, parts;
	unsigned room; /* units left in the last part, if there are several */
};

static unsigned
gsm7_septets(UChar32 c)
{
	int code = gsm7_of((uint32_t)c);

	return code < 0 ? 0 : code > 0xFF ? 2 : 1;
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
sms_is_gsm7(struct sv text)
{
	size_t at = 0;

	while (at < text.n)
		if (gsm7_septets(next_char(text, &at)) == 0)
			return false;
	return true;
}

/* Units of a character in this encoding. */
static unsigned
units_of(enum sms_encoding encoding, UChar32 c)
{
	return encoding == SMS_GSM7 ? gsm7_septets(c) : (unsigned)U16_LENGTH(c);
}

/* How a text is cut: units that fit in one part of several. */
struct cutter {
	enum sms_encoding encoding;
	unsigned room;
};

/* Bytes of the front of text that fill one part. */
static size_t
part_fill(const struct cutter *c, struct sv text)
{
	unsigned room = c->room, units;
	size_t at = 0, next;

	for (;;) {
		next = at;
		if (next == text.n)
			return at;
		units = units_of(c->encoding, next_char(text, &next));
		if (units > room)
			return at;
		room -= units;
		at = next;
	}
}

static size_t
parts_count(const struct cutter *c, struct sv text)
{
	size_t n, parts = 0;

	for (; text.n > 0; parts++) {
		n = part_fill(c, text);
		text.p += n, text.n -= n;
	}
	return parts;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_joint(char c)
{
	return c != '\0' && strchr(" -().", c) != NULL;
}

static size_t
digits_skip(struct sv text, size_t at)
{
	while (at < text.n && is_digit(text.p[at]))
		at++;
	return at;
}

/* Where the number ends that begins at this byte; at least one byte on, also
 * if none does.  What has too many digits in a row is none. */
static size_t
number_end(struct sv text, size_t at, size_t *ret_digits)
{
	size_t from = at, end = at + 1, next, digits = 0, joints;

	if (text.p[at] == '+')
		from++;
	if (from < text.n && text.p[from] == '(')
		from++;
	for (next = digits_skip(text, from);
	     next > from && digits + next - from <= NUMBER_DIGITS_MOST;
	     next = digits_skip(text, from)) {
		digits += next - from;
		end = from = next;
		for (joints = 0; joints < JOINTS_MOST && from < text.n &&
				 is_joint(text.p[from]);
		     joints++)
			from++;
	}
	*ret_digits = digits;
	return digits > 0 || next == from ? end : next;
}

/* Where the number begins that a cut at this byte would split; else at. */
static size_t
number_start(struct sv text, size_t at)
{
	size_t least = at > NUMBER_MAX ? at - NUMBER_MAX : 0, i = at;
	size_t end, digits;

	while (
	    i > least && (is_digit(text.p[i - 1]) || is_joint(text.p[i - 1]) ||
			     text.p[i - 1] == '+'))
		i--;
	if (i == least && i > 0 && is_digit(text.p[i - 1]))
		i = digits_skip(text, i);
	for (; i < at; i = end) {
		end = number_end(text, i, &digits);
		if (end > at && i > 0 && digits >= NUMBER_DIGITS_LEAST)
			return i;
	}
	return at;
}

size_t
sms_split(struct sv text, enum sms_encoding encoding, bool wide,
    struct sv *ret_parts, size_t max)
{
	bool gsm7 = encoding == SMS_GSM7;
	const struct cutter alone = { encoding,
		gsm7 ? GSM7_ALONE : UCS2_ALONE };
	struct cutter c = { encoding, gsm7 ? GSM7_PART : UCS2_PART };
	size_t i, n, kept, count = text.n > 0;
	struct sv rest;

	if (wide)
		c.room--;
	if (part_fill(&alone, text) < text.n)
		count = parts_count(&c, text);
	if (count > max)
		return count;
	for (i = 0; i + 1 < count; i++) {
		n = part_fill(&c, text);
		kept = number_start(text, n);
		rest = (struct sv){ text.p + kept, text.n - kept };
		if (kept != n && parts_count(&c, rest) <= count - i - 1)
			n = kept;
		ret_parts[i] = (struct sv){ text.p, n };
		text.p += n, text.n -= n;
	}
	if (count > 0)
		ret_parts[i] = text;
	return count;
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
