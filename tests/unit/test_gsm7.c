/* test_gsm7.c - septets, packed and not; user data headers. */
#include "daemon/proto/gsm7.h"

#include "daemon/proto/udh.h"
#include "tests/tap.h"

struct text_case {
	const char *name;
	struct sv septets;
	const char *text; /* NULL: refused */
	bool one_way;	  /* the text is written otherwise */
};

#define B(s)                                                                   \
	{                                                                      \
		(s), sizeof(s) - 1                                             \
	}

static const struct text_case texts[] = {
	{ "empty", B(""), "", false },
	{ "letters", B("menu 1"), "menu 1", false },
	{ "at sign is zero", B("a\0b"), "a@b", false },
	{ "dollar, pound, line end", B("\2\1\12\15"), "$£\n\r", false },
	{ "Western letters", B("\x5B\x5C\x5D\x5E\x7B\x7C\x7D\x7E\x7F"),
	    "ÄÖÑÜäöñüà", false },
	{ "Greek", B("\x10\x12\x13\x14\x15\x16\x17\x18\x19\x1A"), "ΔΦΓΛΩΠΨΣΘΞ",
	    false },
	{ "escaped", B("\x1B\x28\x1B\x29\x1B\x3C\x1B\x3E\x1B\x65"), "{}[]€",
	    false },
	{ "escaped, the rest", B("\x1B\x0A\x1B\x14\x1B\x2F\x1B\x3D\x1B\x40"),
	    "\f^\\~|", false },
	{ "escaped, not in the table",
	    B("\x1B"
	      "a"),
	    "a", true },
	{ "escaped twice",
	    B("\x1B\x1B"
	      "a"),
	    " a", true },
	{ "escape at the end", B("a\x1B"), "a", true },
	{ "a byte of eight bits", B("caf\xE9"), NULL, true },
};

static void
test_texts(void)
{
	char buf[128];
	struct sb b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		const struct text_case *c = &texts[i];

		sb_wrap(&b, buf, sizeof(buf));
		EQ(gsm7_read(c->septets, &b), c->text != NULL ? 0 : -EBADMSG,
		    c->name);
		OK(sv_eq(sb_sv(&b), sv_of(c->text)), c->name);
		if (c->one_way)
			continue;
		sb_cut(&b, 0);
		EQ(gsm7_write(sv_of(c->text), &b), 0, c->name);
		OK(sv_eq(sb_sv(&b), c->septets), "written back");
	}
	sb_wrap(&b, buf, sizeof(buf));
	EQ(gsm7_write(SV("да"), &b), -EBADMSG, "no Cyrillic");
	EQ(b.n, 0, "nothing is written");
	latin1_read(SV("caf\xE9"), &b);
	OK(sv_eq(sb_sv(&b), SV("café")), "Latin-1");
	OK(latin1_has(SV("café ÿ@_")), "all of it is Latin-1");
	OK(!latin1_has(SV("5 €")) && !latin1_has(SV("Δ")), "GSM-7 only");
	sb_cut(&b, 0);
	latin1_write(SV("café ÿ@_"), &b);
	OK(sv_eq(sb_sv(&b), SV("caf\xE9 \xFF@_")), "written as Latin-1");
}

/* Both tables say the same. */
static void
test_tables(void)
{
	char septet[2] = { 0x1B, 0 }, buf[8];
	struct sv one = { septet + 1, 1 }, pair = { septet, 2 };
	int i, bad = 0, pairs = 0;
	struct sb b, back;

	for (i = 0; i < GSM7_SEPTETS; i++) {
		char again[8];

		septet[1] = (char)i;
		sb_wrap(&b, buf, sizeof(buf));
		sb_wrap(&back, again, sizeof(again));
		bad +=
		    gsm7_read(one, &b) < 0 || gsm7_write(sb_sv(&b), &back) < 0;
		bad += i != 0x1B && !sv_eq(sb_sv(&back), one);
		sb_cut(&b, 0);
		sb_cut(&back, 0);
		bad +=
		    gsm7_read(pair, &b) < 0 || gsm7_write(sb_sv(&b), &back) < 0;
		pairs += sv_eq(sb_sv(&back), pair);
	}
	EQ(bad, 0, "every septet there and back");
	EQ(pairs, 10, "ten characters in the extension table");
	EQ(gsm7_of(0x20AC), 0x1B65, "the euro");
	EQ(gsm7_of(0x1B), -1, "the escape is no character");
	EQ(gsm7_of(0x10FFFF), -1, "nor is most of Unicode there");
}

static const struct {
	const char *name;
	struct sv septets, packed;
	unsigned fill;
} packs[] = {
	{ "nothing", B(""), B(""), 0 },
	{ "TS 23.038's own", B("hellohello"),
	    B("\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37"), 0 },
	{ "one", B("a"), B("\x61"), 0 },
	{ "seven: CR stands in for the rest", B("aaaaaaa"),
	    B("\xE1\x70\x38\x1C\x0E\x87\x1B"), 0 },
	{ "eight", B("aaaaaaaa"), B("\xE1\x70\x38\x1C\x0E\x87\xC3"), 0 },
	{ "one, behind a bit", B("a"), B("\xC2"), 1 },
	{ "two, behind six bits", B("ab"), B("\x40\x58\x0C"), 6 },
};

static void
test_packing(void)
{
	char buf[64];
	struct sb b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(packs); i++) {
		sb_wrap(&b, buf, sizeof(buf));
		gsm7_pack(packs[i].septets, packs[i].fill, &b);
		OK(sv_eq(sb_sv(&b), packs[i].packed), packs[i].name);
		sb_cut(&b, 0);
		gsm7_unpack(packs[i].packed, packs[i].fill, &b);
		OK(sv_eq(sb_sv(&b), packs[i].septets), "and unpacked");
	}
}

static const struct {
	const char *name;
	struct sv data;
	int rc;
	struct udh want;
} headers[] = {
	{ "8-bit reference", B("\5\0\3\x77\2\1text"), 0, { 6, 2, 1, 0x77 } },
	{ "16-bit reference", B("\6\10\4\x12\x34\3\2"), 0,
	    { 7, 3, 2, 0x1234 } },
	{ "no elements", B("\0text"), 0, { 1, 0, 0, 0 } },
	{ "another element alone", B("\6\5\4\x0B\x84\0\0"), 0, { 7, 0, 0, 0 } },
	{ "another element before", B("\12\1\3\1\2\3\0\3\5\2\2"), 0,
	    { 11, 2, 2, 5 } },
	{ "another element behind", B("\10\0\3\5\2\2\x24\1\1"), 0,
	    { 9, 2, 2, 5 } },
	{ "an element of nothing", B("\2\x70\0"), 0, { 3, 0, 0, 0 } },
	{ "the last one counts", B("\12\0\3\5\2\2\0\3\6\3\1"), 0,
	    { 11, 3, 1, 6 } },
	{ "number 0 is passed over", B("\5\0\3\1\2\0"), 0, { 6, 0, 0, 0 } },
	{ "number above the total", B("\5\0\3\1\2\3"), 0, { 6, 0, 0, 0 } },
	{ "total 0", B("\5\0\3\1\0\0"), 0, { 6, 0, 0, 0 } },
	{ "one of one", B("\5\0\3\1\1\1"), 0, { 6, 1, 1, 1 } },
	{ "255 parts", B("\5\0\3\1\xFF\xFF"), 0, { 6, 255, 255, 1 } },
	{ "nothing at all", B(""), -EBADMSG, { 0 } },
	{ "longer than the data", B("\6\0\3\1\2\1"), -EBADMSG, { 0 } },
	{ "greatest length", B("\xFF\0\3\1\2\1"), -EBADMSG, { 0 } },
	{ "an id alone", B("\1\0"), 0, { 2, 0, 0, 0 } },
	{ "an element past the header", B("\5\0\4\1\2\1\1"), 0,
	    { 6, 0, 0, 0 } },
	{ "the same behind a good one", B("\7\0\3\1\2\1\5\4\1"), 0,
	    { 8, 0, 0, 0 } },
	{ "8-bit of four bytes", B("\6\0\4\1\2\1\1"), 0, { 7, 0, 0, 0 } },
	{ "16-bit of three bytes", B("\5\10\3\1\2\1"), 0, { 6, 0, 0, 0 } },
};

static void
test_headers(void)
{
	char buf[16];
	struct sb b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(headers); i++) {
		struct udh u = { .len = 99 };

		EQ(udh_read(headers[i].data, &u), headers[i].rc,
		    headers[i].name);
		if (headers[i].rc < 0) {
			EQ(u.len, 99, "output untouched");
			continue;
		}
		EQ(u.len, headers[i].want.len, headers[i].name);
		EQ(u.total, headers[i].want.total, "total");
		EQ(u.number, headers[i].want.number, "number");
		EQ(u.ref, headers[i].want.ref, "reference");
	}
	sb_wrap(&b, buf, sizeof(buf));
	udh_write(&headers[1].want, true, &b);
	OK(sv_eq(sb_sv(&b), headers[1].data), "written with 16 bits");
	sb_cut(&b, 0);
	udh_write(&headers[0].want, false, &b);
	OK(sv_eq(sb_sv(&b), SV("\5\0\3\x77\2\1")), "and with 8");
}

int
main(void)
{
	test_texts();
	test_tables();
	test_packing();
	test_headers();
	return tap_done();
}
