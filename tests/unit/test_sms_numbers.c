/* test_sms_numbers.c - numbers of random listings stay whole in their parts. */
#include "daemon/proto/sms.h"

#include "tests/tap.h"

enum {
	TEXT_MAX = 2048,
	NUMBERS_MAX = 64,
	PARTS_MOST = 16,
	LISTINGS = 20000,
};

/* A text, and where its numbers are, in bytes. */
struct listing {
	char buf[TEXT_MAX];
	struct sb b;
	size_t from[NUMBERS_MAX], to[NUMBERS_MAX], numbers;
	enum sms_encoding encoding;
	unsigned room;
};

static uint32_t seed = 1;

static unsigned
any(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* As the directory writes them. */
static void
number_add(struct listing *l)
{
	static const char *const forms[] = { "+996312123456", "+79031234567",
		"88005553535", "+7 495 123-45-67", "8 (800) 555-35-35",
		"(0312) 66-00-11", "+996 (312) 66-00-11", "1414", "112",
		"8-800-333-00-16" };

	l->from[l->numbers] = l->b.n;
	sb_puts(&l->b, forms[any(ARRAY_LEN(forms))]);
	l->to[l->numbers++] = l->b.n;
}

static void
words_add(struct listing *l, bool cyrillic)
{
	unsigned i, n = any(40);

	for (i = 0; i < n; i++)
		sb_puts(&l->b, any(6) == 0 ? " " : cyrillic ? "ж" : "a");
	if (!cyrillic && any(8) == 0)
		sb_puts(&l->b, "[x]");
}

static void
listing_make(struct listing *l)
{
	static const char *const between[] = { "\n", ", ", "; ", " / ", ": " };
	bool cyrillic = any(2) == 0;
	unsigned i, n = 1 + any(cyrillic ? 10 : 16);

	sb_wrap(&l->b, l->buf, sizeof(l->buf));
	l->numbers = 0;
	sb_puts(&l->b, cyrillic ? "ж" : "a");
	for (i = 0; i < n; i++) {
		words_add(l, cyrillic);
		sb_puts(&l->b, between[any(ARRAY_LEN(between))]);
		number_add(l);
		sb_puts(&l->b, between[any(ARRAY_LEN(between))]);
	}
	words_add(l, cyrillic);
}

/* Which number a cut at this byte would go through, or -1. */
static int
cut_number(const struct listing *l, size_t at)
{
	size_t i;

	for (i = 0; i < l->numbers; i++)
		if (at > l->from[i] && at < l->to[i])
			return (int)i;
	return -1;
}

/* Characters of 1 or 2 bytes and of 1 unit, but [ and ] in GSM-7. */
static size_t
fill(const struct listing *l, size_t at)
{
	unsigned room = l->room, units;

	while (at < l->b.n) {
		units = l->encoding == SMS_GSM7 &&
			(l->buf[at] == '[' || l->buf[at] == ']');
		if (++units > room)
			return at;
		room -= units;
		at += (l->buf[at] & 0x80) != 0 ? 2 : 1;
	}
	return at;
}

/*
 * The fewest numbers that must be cut for so many parts: reach[cuts] is the
 * farthest byte that the parts so far come to with so many cut.
 */
static unsigned
fewest_cut(const struct listing *l, size_t count)
{
	size_t reach[PARTS_MOST + 1] = { 0 }, next, i;
	unsigned cuts, used = 0;
	int number;

	for (i = 0; i < count; i++) {
		for (cuts = (unsigned)i + 1; cuts-- > 0;) {
			next = fill(l, reach[cuts]);
			number = cut_number(l, next);
			if (number >= 0 && next > reach[cuts + 1])
				reach[cuts + 1] = next;
			if (number >= 0 && l->from[number] > reach[cuts])
				next = l->from[number];
			reach[cuts] = next;
		}
	}
	while (used < count && reach[used] < l->b.n)
		used++;
	return used;
}

static unsigned
cut_count(const struct listing *l, const struct sv *parts, size_t count)
{
	unsigned cuts = 0;
	size_t i;

	for (i = 1; i < count; i++)
		cuts += cut_number(l, (size_t)(parts[i].p - l->buf)) >= 0;
	return cuts;
}

struct tally {
	unsigned kept;	 /* listings that keep all their numbers whole */
	unsigned cut;	 /* that cannot */
	unsigned broken; /* that could and do not */
};

static void
listing_check(struct listing *l, bool wide, struct tally *t)
{
	struct sv parts[PARTS_MOST];
	size_t count;

	l->encoding = sms_measure(sb_sv(&l->b)).encoding;
	l->room = l->encoding == SMS_GSM7 ? 153 : 67;
	l->room -= wide;
	count = sms_split(sb_sv(&l->b), l->encoding, wide, parts, PARTS_MOST);
	ASSERT(count <= PARTS_MOST);
	if (count <= 1)
		return;
	if (fewest_cut(l, count) > 0) {
		t->cut++;
	} else if (cut_count(l, parts, count) == 0) {
		t->kept++;
	} else {
		t->broken++;
		printf("# cut: %s\n", l->buf);
	}
}

int
main(void)
{
	struct tally t = { 0 };
	struct listing l;
	unsigned i;

	for (i = 0; i < LISTINGS; i++) {
		listing_make(&l);
		listing_check(&l, false, &t);
		listing_check(&l, true, &t);
	}
	OK(t.kept > LISTINGS, "most listings have room for whole numbers");
	OK(t.cut > 0, "some have none");
	EQ(t.broken, 0, "a number is cut only where there is none");
	return tap_done();
}
