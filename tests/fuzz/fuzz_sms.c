/* fuzz_sms.c - any bytes as UTF-8 and as UTF-16: the two must agree. */
#include <stdlib.h>

#include "daemon/proto/sms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
buffer(size_t n)
{
	char *p = malloc(n);

	ASSERT(p != NULL);
	return p;
}

static void
check_size(struct sv text)
{
	struct sms_size size = sms_measure(text);
	unsigned alone = size.encoding == SMS_GSM7 ? 160 : 70;
	unsigned part = size.encoding == SMS_GSM7 ? 153 : 67;

	ASSERT((size.parts == 0) == (text.n == 0));
	ASSERT((size.parts <= 1) == (size.units <= alone));
	if (size.parts > 1) {
		ASSERT(size.units <= size.parts * part);
		/* a part is left at most one unit short, by a pair */
		ASSERT(size.units > (size.parts - 1) * (part - 1));
	}
	ASSERT(size.units <= 2 * text.n);
}

/* Nothing is lost, every part is within its size. */
static void
check_split(struct sv text, bool wide)
{
	struct sms_size size = sms_measure(text), one;
	struct sv *parts = calloc(text.n + 1, sizeof(*parts));
	unsigned part = (size.encoding == SMS_GSM7 ? 153 : 67) - wide;
	size_t at = 0, i, count;

	ASSERT(parts != NULL);
	count =
	    sms_split(text, sms_measure(text).encoding, wide, parts, text.n);
	ASSERT(wide ? count >= size.parts : count == size.parts);
	for (i = 0; i < count; i++) {
		one = sms_measure(parts[i]);
		ASSERT(parts[i].p == text.p + at && parts[i].n > 0);
		ASSERT(count == 1 || one.encoding != size.encoding ||
		       one.units <= part);
		at += parts[i].n;
	}
	ASSERT(at == text.n);
	free(parts);
}

/* Text to UTF-16 and back is the same text. */
static void
check_text(struct sv text)
{
	size_t room = 2 * text.n + 1;
	char *wide = buffer(room), *back = buffer(text.n + 1);
	struct sb w, b;

	sb_wrap(&w, wide, room);
	sb_wrap(&b, back, text.n + 1);
	utf16be_write(text, &w);
	ASSERT(!w.full);
	ASSERT(utf16be_read(sb_sv(&w), &b) == 0);
	ASSERT(!b.full && sv_eq(sb_sv(&b), text));
	free(wide);
	free(back);
}

/* What UTF-16 is read is valid text, and writes back the same bytes. */
static void
check_wide(struct sv bytes)
{
	size_t room = 2 * bytes.n + 1;
	char *text = buffer(room), *back = buffer(bytes.n + 1);
	struct sb t, b;

	sb_wrap(&t, text, room);
	sb_wrap(&b, back, bytes.n + 1);
	if (utf16be_read(bytes, &t) == 0) {
		ASSERT(!t.full && utf8_is_valid(sb_sv(&t)));
		utf16be_write(sb_sv(&t), &b);
		ASSERT(!b.full && sv_eq(sb_sv(&b), bytes));
	} else {
		ASSERT(t.n == 0);
	}
	free(text);
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = { (const char *)data, size };

	check_size(in);
	if (utf8_is_valid(in)) {
		check_text(in);
		check_split(in, false);
		check_split(in, true);
	}
	check_wide(in);
	return 0;
}
