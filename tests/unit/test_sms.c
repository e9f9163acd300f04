/* test_sms.c - parts and alphabets, UTF-8 and UTF-16 at their edges. */
#include "daemon/proto/sms.h"

#include "tests/tap.h"

enum { TEXT_MAX = 4096 };

/* A text is unit repeated n times, then tail. */
struct measure_case {
	unsigned n;
	struct sms_size want;
	const char *name, *unit, *tail;
};

static const struct measure_case measures[] = {
	{ 0, { SMS_GSM7, 0, 0 }, "empty", "", "" },
	{ 1, { SMS_GSM7, 1, 1 }, "one letter", "a", "" },
	{ 160, { SMS_GSM7, 160, 1 }, "gsm7, one part full", "a", "" },
	{ 161, { SMS_GSM7, 161, 2 }, "gsm7, one over", "a", "" },
	{ 306, { SMS_GSM7, 306, 2 }, "gsm7, two parts full", "a", "" },
	{ 307, { SMS_GSM7, 307, 3 }, "gsm7, third part", "a", "" },
	{ 459, { SMS_GSM7, 459, 3 }, "gsm7, three parts full", "a", "" },
	{ 158, { SMS_GSM7, 160, 1 }, "escaped pair counts two", "a", "[" },
	{ 159, { SMS_GSM7, 161, 2 }, "escaped pair over the edge", "a", "[" },
	{ 152, { SMS_GSM7, 164, 2 }, "escaped pair not split", "a",
	    "[aaaaaaaaaa" },
	{ 152, { SMS_GSM7, 306, 3 }, "the split costs a part", "a",
	    "["
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aa" },
	{ 0, { SMS_GSM7, 20, 1 }, "every escaped character", "",
	    "^{}\\[~]|\f"
	    "\xE2\x82\xAC" },
	{ 0, { SMS_GSM7, 4, 1 }, "line ends", "", "a\r\nb" },
	{ 0, { SMS_GSM7, 6, 1 }, "Western letters", "",
	    "\xC3\xA4\xC3\xB6\xC3\x87\xC3\x9F"
	    "\xCE\xA9\xCE\x94" },
	{ 0, { SMS_UCS2, 1, 1 }, "capital omega only, not small", "",
	    "\xCF\x89" },
	{ 0, { SMS_UCS2, 1, 1 }, "small c with cedilla is not there", "",
	    "\xC3\xA7" },
	{ 0, { SMS_UCS2, 1, 1 }, "backquote is not there", "", "`" },
	{ 0, { SMS_UCS2, 1, 1 }, "tab is not there", "", "\t" },
	{ 160, { SMS_UCS2, 161, 3 }, "Uzbek apostrophe turns all", "a",
	    "\xCA\xBB" },
	{ 70, { SMS_UCS2, 70, 1 }, "ucs2, one part full", "\xD1\x8F", "" },
	{ 71, { SMS_UCS2, 71, 2 }, "ucs2, one over", "\xD1\x8F", "" },
	{ 134, { SMS_UCS2, 134, 2 }, "ucs2, two parts full", "\xD1\x8F", "" },
	{ 135, { SMS_UCS2, 135, 3 }, "ucs2, third part", "\xD1\x8F", "" },
	{ 201, { SMS_UCS2, 201, 3 }, "ucs2, three parts full", "\xD1\x8F", "" },
	{ 202, { SMS_UCS2, 202, 4 }, "ucs2, fourth part", "\xD1\x8F", "" },
	{ 1, { SMS_UCS2, 2, 1 }, "emoji is two units", "\xF0\x9F\x99\x82", "" },
	{ 35, { SMS_UCS2, 70, 1 }, "35 emoji, one part", "\xF0\x9F\x99\x82",
	    "" },
	{ 67, { SMS_UCS2, 134, 3 }, "pairs never split: 33 a part",
	    "\xF0\x9F\x99\x82", "" },
	{ 0, { SMS_UCS2, 2, 1 }, "broken bytes are measured as one unit each",
	    "", "\xFF\xFE" },
};

struct utf8_case {
	const char *name;
	struct sv text;
	bool valid;
};

static const struct utf8_case utf8s[] = {
	{ "empty", { "", 0 }, true },
	{ "ASCII", { "menu", 4 }, true },
	{ "two bytes", { "\xD0\xBC", 2 }, true },
	{ "three bytes", { "\xE2\x82\xAC", 3 }, true },
	{ "four bytes", { "\xF0\x9F\x99\x82", 4 }, true },
	{ "last character", { "\xF4\x8F\xBF\xBF", 4 }, true },
	{ "beyond the last", { "\xF4\x90\x80\x80", 4 }, false },
	{ "surrogate", { "\xED\xA0\x80", 3 }, false },
	{ "overlong slash", { "\xC0\xAF", 2 }, false },
	{ "overlong, three bytes", { "\xE0\x80\xAF", 3 }, false },
	{ "overlong, four bytes", { "\xF0\x80\x80\xAF", 4 }, false },
	{ "lone continuation", { "\x80", 1 }, false },
	{ "cut after one", { "\xD0", 1 }, false },
	{ "cut after two", { "a\xE2\x82", 3 }, false },
	{ "cut after three", { "\xF0\x9F\x99", 3 }, false },
	{ "bad continuation",
	    { "\xD0"
	      "a",
		2 },
	    false },
	{ "FE", { "\xFE", 1 }, false },
	{ "NUL", { "a\0b", 3 }, false },
	{ "overlong NUL", { "\xC0\x80", 2 }, false },
	{ "Latin-1", { "caf\xE9", 4 }, false },
};

struct utf16_case {
	const char *name;
	struct sv bytes;
	int rc;
	struct sv text;
};

static const struct utf16_case utf16s[] = {
	{ "empty", { "", 0 }, 0, { "", 0 } },
	{ "ASCII", { "\0m\0e", 4 }, 0, { "me", 2 } },
	{ "Cyrillic", { "\x04\x3C\x04\x35", 4 }, 0, { "\xD0\xBC\xD0\xB5", 4 } },
	{ "low byte is a space", { "\x04\x20", 2 }, 0, { "\xD0\xA0", 2 } },
	{ "three-byte form", { "\x20\xAC", 2 }, 0, { "\xE2\x82\xAC", 3 } },
	{ "pair", { "\xD8\x3D\xDE\x42", 4 }, 0, { "\xF0\x9F\x99\x82", 4 } },
	{ "last pair", { "\xDB\xFF\xDF\xFF", 4 }, 0,
	    { "\xF4\x8F\xBF\xBF", 4 } },
	{ "odd length", { "\x04\x3C\x04", 3 }, -EBADMSG, { "", 0 } },
	{ "one byte", { "\x04", 1 }, -EBADMSG, { "", 0 } },
	{ "lone lead at the end", { "\0a\xD8\x3D", 4 }, -EBADMSG, { "", 0 } },
	{ "lone lead inside", { "\xD8\x3D\0a", 4 }, -EBADMSG, { "", 0 } },
	{ "two leads", { "\xD8\x3D\xD8\x3D\xDE\x42", 6 }, -EBADMSG, { "", 0 } },
	{ "lone trail", { "\0a\xDE\x42", 4 }, -EBADMSG, { "", 0 } },
	{ "NUL inside", { "\0a\0\0", 4 }, -EBADMSG, { "", 0 } },
};

static void
test_measure(const struct measure_case *c)
{
	char buf[TEXT_MAX];
	struct sms_size got;
	struct sb b;
	unsigned i;

	sb_wrap(&b, buf, sizeof(buf));
	for (i = 0; i < c->n; i++)
		sb_puts(&b, c->unit);
	sb_puts(&b, c->tail);
	OK(!b.full, c->name);
	got = sms_measure(sb_sv(&b));
	EQ(got.encoding, c->want.encoding, c->name);
	EQ(sms_is_gsm7(sb_sv(&b)), got.encoding == SMS_GSM7, c->name);
	EQ(got.units, c->want.units, c->name);
	EQ(got.parts, c->want.parts, c->name);
}

/* The text begins with pad repeated n times. */
struct split_case {
	const char *name;
	const char *pad;
	unsigned n;
	const char *tail;
	const char *parts[4]; /* the beginning of each part behind the first */
};

static const struct split_case splits[] = {
	{ "one part is not cut", "a", 160, "", { NULL } },
	{ "two parts, cut where the first is full", "a", 153, "bbbbbbbb",
	    { "bbbbbbbb" } },
	{ "a number is kept whole", "a", 144, " +996312123456 bbb",
	    { "+996312123456 bbb" } },
	{ "with its spaces and marks", "a", 140, " 8 (800) 555-35-35 bbb",
	    { "8 (800) 555-35-35 bbb" } },
	{ "with the bracket it begins with", "a", 145, " (0312) 66-00-11 bbb",
	    { "(0312) 66-00-11 bbb" } },
	{ "without the number before it", "a", 137,
	    " +79991234567 +996312123456 bbb", { "+996312123456 bbb" } },
	{ "nor that where both have no plus", "a", 135,
	    " 88005553535 84951234567 bbb", { "84951234567 bbb" } },
	{ "a number that ends where the part does", "a", 141,
	    "123456789012bbbbbbbb", { "bbbbbbbb" } },
	{ "a number that begins there", "a", 153, "123456789",
	    { "123456789" } },
	{ "two digits are no number", "a", 152, "12 bbbbbbb", { "2 bbbbbbb" } },
	{ "a list of digits without end is cut anywhere", "1", 170, "",
	    { "1" } },
	{ "cut all the same where it would cost a part", "a", 144,
	    " +996312123456 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	    { "23456 bbb" } },
	{ "an escaped pair is not cut", "a", 152, "[bbbbbbbb", { "[bbb" } },
	{ "nor a surrogate pair", "\xD1\x8F", 66,
	    "\xF0\x9F\x99\x82\xD0\xB6\xD0\xB6\xD0\xB6\xD0\xB6",
	    { "\xF0\x9F\x99\x82\xD0\xB6" } },
	{ "a number behind Cyrillic", "\xD1\x8F", 60, " 88005553535 ok",
	    { "88005553535 ok" } },
	{ "three parts, a number at both cuts", "a", 145,
	    " 123456789 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb 98765432101 "
	    "cccccccccccccccccccc",
	    { "123456789 bbb", "98765432101 c" } },
};

/* The parts are all of the text, as many as were counted. */
static void
test_split(const struct split_case *c)
{
	char buf[TEXT_MAX];
	struct sv parts[5], text;
	size_t count, at = 0, i;
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	for (i = 0; i < c->n; i++)
		sb_puts(&b, c->pad);
	sb_puts(&b, c->tail);
	text = sb_sv(&b);
	count = sms_split(
	    text, sms_measure(text).encoding, false, parts, ARRAY_LEN(parts));
	EQ(count, sms_measure(text).parts, c->name);
	for (i = 0; i < count; i++) {
		OK(parts[i].p == text.p + at, c->name);
		at += parts[i].n;
		EQ(sms_measure(parts[i]).parts, 1, c->name);
		if (i == 0)
			continue;
		OK(c->parts[i - 1] != NULL &&
			strncmp(parts[i].p, c->parts[i - 1],
			    strlen(c->parts[i - 1])) == 0,
		    c->name);
	}
	OK(at == text.n && c->parts[count - 1] == NULL, c->name);
	EQ(sms_split(text, sms_measure(text).encoding, false, parts, count - 1),
	    count, "too little room");
}

/* A reference of 16 bits takes a byte more: 152 septets, 66 units. */
static void
test_split_wide(void)
{
	char buf[TEXT_MAX];
	struct sv parts[4];
	struct sb b;
	int i;

	sb_wrap(&b, buf, sizeof(buf));
	for (i = 0; i < 160; i++)
		sb_puts(&b, "a");
	EQ(sms_split(
	       sb_sv(&b), sms_measure(sb_sv(&b)).encoding, true, parts, 4),
	    1, "one part has none");
	sb_puts(&b, "a");
	EQ(sms_split(
	       sb_sv(&b), sms_measure(sb_sv(&b)).encoding, true, parts, 4),
	    2, "two parts");
	EQ(parts[0].n, 152, "152 septets in the first");
	while (b.n < 306)
		sb_puts(&b, "a");
	EQ(sms_split(
	       sb_sv(&b), sms_measure(sb_sv(&b)).encoding, false, parts, 4),
	    2, "full with 8 bits");
	EQ(sms_split(
	       sb_sv(&b), sms_measure(sb_sv(&b)).encoding, true, parts, 4),
	    3, "one more with 16");
	sb_cut(&b, 0);
	for (i = 0; i < 71; i++)
		sb_puts(&b, "\xD1\x8F");
	EQ(sms_split(
	       sb_sv(&b), sms_measure(sb_sv(&b)).encoding, true, parts, 4),
	    2, "two parts of Cyrillic");
	EQ(parts[0].n, 132, "66 units in the first");
	sb_cut(&b, 0);
	for (i = 0; i < 71; i++)
		sb_puts(&b, "a");
	EQ(sms_split(sb_sv(&b), SMS_UCS2, true, parts, 4), 2,
	    "two parts of letters that would fit one of GSM-7");
	EQ(parts[0].n, 66, "66 of them in the first");
}

static void
test_utf16(const struct utf16_case *c)
{
	char text[64], back[64];
	struct sb b, w;

	sb_wrap(&b, text, sizeof(text));
	sb_puts(&b, "<");
	EQ(utf16be_read(c->bytes, &b), c->rc, c->name);
	OK(text[0] == '<' && sv_eq((struct sv){ text + 1, b.n - 1 }, c->text),
	    c->name);
	if (c->rc < 0)
		return;
	OK(utf8_is_valid(sb_sv(&b)), c->name);
	sb_wrap(&w, back, sizeof(back));
	utf16be_write(c->text, &w);
	OK(sv_eq(sb_sv(&w), c->bytes), c->name);
}

/* What does not fit is left out whole and said once. */
static void
test_no_room(void)
{
	char small[4];
	struct sb b;

	sb_wrap(&b, small, sizeof(small));
	EQ(utf16be_read((struct sv){ "\x04\x3C\x04\x35", 4 }, &b), 0,
	    "no room for the second letter is not a bad text");
	OK(b.full, "but the buffer says so");
	OK(sv_eq(sb_sv(&b), SV("\xD0\xBC")), "no half character");
	sb_wrap(&b, small, sizeof(small));
	utf16be_write(SV("\xF0\x9F\x99\x82"), &b);
	OK(b.full && b.n == 0, "no half pair");
}

/* Every character there is survives UTF-8 -> UTF-16 -> UTF-8. */
static void
test_every_character(void)
{
	unsigned c;
	int bad = 0;

	for (c = 1; c <= 0x10FFFF; c++) {
		bool lone = c >= 0xD800 && c <= 0xDFFF;
		unsigned v = c - 0x10000;
		unsigned lead = c < 0x10000 ? c : 0xD800 + (v >> 10);
		unsigned trail = 0xDC00 + (v & 0x3FF);
		char bytes[4] = { (char)(lead >> 8), (char)lead,
			(char)(trail >> 8), (char)trail };
		struct sv in = { bytes, c < 0x10000 ? 2 : 4 };
		char text[8], back[8];
		struct sb b, w;

		sb_wrap(&b, text, sizeof(text));
		sb_wrap(&w, back, sizeof(back));
		if ((utf16be_read(in, &b) == 0) == lone)
			bad++;
		if (lone)
			continue;
		utf16be_write(sb_sv(&b), &w);
		bad += !sv_eq(sb_sv(&w), in) || !utf8_is_valid(sb_sv(&b));
	}
	EQ(bad, 0, "every character there and back, no lone surrogate");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(measures); i++)
		test_measure(&measures[i]);
	for (i = 0; i < ARRAY_LEN(splits); i++)
		test_split(&splits[i]);
	test_split_wide();
	EQ(sms_split(SV(""), SMS_GSM7, false, NULL, 0), 0,
	    "an empty text has no parts");
	for (i = 0; i < ARRAY_LEN(utf8s); i++)
		EQ(utf8_is_valid(utf8s[i].text), utf8s[i].valid, utf8s[i].name);
	for (i = 0; i < ARRAY_LEN(utf16s); i++)
		test_utf16(&utf16s[i]);
	test_no_room();
	test_every_character();
	OK(strcmp(sms_encoding_name(SMS_GSM7), "gsm7") == 0, "name of gsm7");
	OK(strcmp(sms_encoding_name(SMS_UCS2), "ucs2") == 0, "name of ucs2");
	return tap_done();
}
