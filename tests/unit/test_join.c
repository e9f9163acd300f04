/* test_join.c - pieces of a longer text, whole and with gaps. */
#include "daemon/core/join.h"

#include "daemon/proto/sms.h"
#include "tests/tap.h"

enum { PIECES_MAX = 4, BIG = 200 };

#define B(lit)                                                                 \
	{                                                                      \
		("" lit), sizeof(lit) - 1                                      \
	}
#define G GW_CODING_GSM7
#define L GW_CODING_LATIN1
#define U GW_CODING_UCS2

static const struct {
	const char *name;
	struct piece pieces[PIECES_MAX];
	size_t count;
	const char *whole; /* NULL: refused */
	const char *some;  /* when something else is missing */
} cases[] = {
	{ "one piece", { { G, B("menu"), false } }, 1, "menu", "menu" },
	{ "two", { { G, B("me"), false }, { G, B("nu"), false } }, 2, "menu",
	    "menu" },
	{ "an empty one between",
	    { { G, B("me"), false }, { G, B(""), false },
		{ G, B("nu"), false } },
	    3, "menu", "menu" },
	{ "an escape cut in two",
	    { { G, B("a\x1B"), false }, { G, B("\x65z"), false } }, 2,
	    "a\xE2\x82\xACz", "a\xE2\x82\xACz" },
	{ "an escape before a gap",
	    { { G, B("a\x1B"), false }, { G, B("\x65z"), true } }, 2, "a ez",
	    "a ez" },
	{ "a pair cut in two",
	    { { U, B("\xD8\x3D"), false }, { U, B("\xDE\x2D"), false } }, 2,
	    "\xF0\x9F\x98\xAD", "\xF0\x9F\x98\xAD" },
	{ "a unit cut in two",
	    { { U, B("\x04\x30\x04"), false }, { U, B("\x31"), false } }, 2,
	    "аб", "аб" },
	{ "half a pair before a gap",
	    { { U, B("\x04\x30\xD8\x3D"), false },
		{ U, B("\xDE\x2D\x04\x31"), true } },
	    2, NULL, "а б" },
	{ "half a pair before a letter",
	    { { U, B("\xD8\x3D\x04\x31"), false } }, 1, NULL, "б" },
	{ "two first halves", { { U, B("\xD8\x3D\xD8\x3D\xDE\x2D"), false } },
	    1, NULL, "\xF0\x9F\x98\xAD" },
	{ "half a unit at the end", { { U, B("\x04\x30\x04"), false } }, 1,
	    NULL, "а" },
	{ "no septet", { { G, B("a\x80z"), false } }, 1, NULL, "az" },
	{ "a NUL", { { L, B("a\0z"), false } }, 1, NULL, "az" },
	{ "a wide NUL", { { U, B("\0a\0\0\0z"), false } }, 1, NULL, "az" },
	{ "codings of their own",
	    { { L, B("\xE9"), false }, { U, B("\x04\x30"), false },
		{ G, B("\x05"), false } },
	    3, "éаé", "éаé" },
	{ "the first is missing", { { G, B("nu"), true } }, 1, " nu", " nu" },
	{ "no coding we know", { { (enum gw_coding)9, B("nu"), false } }, 1,
	    NULL, "" },
};

static void
test_cases(struct arena *a)
{
	struct sb whole, some;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		arena_reset(a);
		sb_init(&whole, a, GW_TEXT_MAX);
		sb_init(&some, a, GW_TEXT_MAX);
		rc = pieces_join(
		    cases[i].pieces, cases[i].count, true, a, &whole);
		EQ(rc, cases[i].whole != NULL ? 0 : -EBADMSG, cases[i].name);
		if (cases[i].whole != NULL)
			OK(strcmp(whole.p, cases[i].whole) == 0, whole.p);
		EQ(pieces_join(
		       cases[i].pieces, cases[i].count, false, a, &some),
		    0, "whatever comes");
		OK(strcmp(some.p, cases[i].some) == 0, some.p);
		OK(utf8_is_valid(sb_sv(&some)), "UTF-8");
	}
}

/* The most that can come: cut at a character, within bounds. */
static void
test_long(struct arena *a)
{
	static char bytes[GW_PART_MAX];
	struct piece pieces[BIG];
	struct sb b;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i % 2 == 0 ? 0x04 : 0x30;
	for (i = 0; i < BIG; i++)
		pieces[i] = (struct piece){ U, { bytes, 254 }, false };
	arena_reset(a);
	sb_init(&b, a, GW_TEXT_MAX);
	EQ(pieces_join(pieces, BIG, true, a, &b), 0, "long");
	EQ(b.n, GW_TEXT_MAX, "cut");
	OK(utf8_is_valid(sb_sv(&b)), "at a character");
}

int
main(void)
{
	struct arena *a = arena_new(65536, 1 << 20);

	test_cases(a);
	test_long(a);
	arena_free(&a);
	return tap_done();
}
