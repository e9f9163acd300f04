/* test_phone.c - senders as gateways and people write them; trie == library. */
#include "daemon/phone/phone.h"

#include "daemon/base/clock.h"
#include "daemon/phone/phone_shim.h"
#include "daemon/phone/phone_trie.h"
#include "tests/tap.h"

enum { RANDOM_NUMBERS = 20000 };

struct phone_case {
	const char *name, *raw, *home;
	int rc;
	enum phone_kind kind;
	const char *e164, *country;
};

static const struct phone_case cases[] = {
	{ "plus", "+996555123456", "", 0, PHONE_MOBILE, "+996555123456", "kg" },
	{ "plus, other home", "+996555123456", "ru", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "spaces, dashes", "+996 555 12-34-56", "", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "brackets", " (+996) 555.12/34 56 ", "", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "hard spaces, direction marks",
	    "\xE2\x80\xAA+996\xC2\xA0"
	    "555\xE2\x80\x93"
	    "123456\xE2\x80\xAC",
	    "", 0, PHONE_MOBILE, "+996555123456", "kg" },
	{ "plus lost", "996555123456", "", 0, PHONE_MOBILE, "+996555123456",
	    "kg" },
	{ "plus lost, at home", "996555123456", "kg", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "plus lost, roaming in ru", "996555123456", "ru", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "plus lost, home not ours", "996555123456", "us", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "00", "00996555123456", "", 0, PHONE_MOBILE, "+996555123456", "kg" },
	{ "00 in ru", "00996555123456", "ru", 0, PHONE_MOBILE, "+996555123456",
	    "kg" },
	{ "810 out of ru", "810996555123456", "ru", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "national kg", "0555123456", "kg", 0, PHONE_MOBILE, "+996555123456",
	    "kg" },
	{ "home in capitals", "0555123456", "KG", 0, PHONE_MOBILE,
	    "+996555123456", "kg" },
	{ "national, home unknown", "0555123456", "", -EINVAL, 0, "", "" },
	{ "national ru, 8", "8 (926) 123-45-67", "ru", 0, PHONE_MOBILE,
	    "+79261234567", "ru" },
	{ "national kz, 8", "87011234567", "kz", 0, PHONE_MOBILE,
	    "+77011234567", "kz" },
	{ "Moscow, not Germany", "4951234567", "ru", 0, PHONE_FIXED,
	    "+74951234567", "ru" },
	{ "+7 9 is ru", "+79261234567", "kz", 0, PHONE_MOBILE, "+79261234567",
	    "ru" },
	{ "+7 7 is kz", "+77011234567", "ru", 0, PHONE_MOBILE, "+77011234567",
	    "kz" },
	{ "7 without plus, kz", "77011234567", "ru", 0, PHONE_MOBILE,
	    "+77011234567", "kz" },
	{ "tj", "+992927123456", "", 0, PHONE_MOBILE, "+992927123456", "tj" },
	{ "uz", "+998901234567", "", 0, PHONE_MOBILE, "+998901234567", "uz" },
	{ "tm", "+99366123456", "", 0, PHONE_MOBILE, "+99366123456", "tm" },
	{ "by", "+375291234567", "", 0, PHONE_MOBILE, "+375291234567", "by" },
	{ "fixed or mobile", "+12015550123", "", 0, PHONE_MOBILE,
	    "+12015550123", "us" },
	{ "fixed line", "+996312900123", "", 0, PHONE_FIXED, "+996312900123",
	    "kg" },
	{ "toll free", "8-800-555-01-23", "ru", 0, PHONE_TOLLFREE,
	    "+78005550123", "ru" },
	{ "freephone of no country", "+80012345678", "", 0, PHONE_TOLLFREE,
	    "+80012345678", "" },
	{ "range newer than the library", "+996400123456", "", 0, PHONE_MOBILE,
	    "+996400123456", "kg" },
	{ "such a range at home", "0400123456", "kg", 0, PHONE_MOBILE,
	    "+996400123456", "kg" },
	{ "trunk prefix behind the code", "+996 (0) 555 123456", "", 0,
	    PHONE_MOBILE, "+996555123456", "kg" },
	{ "what is left has a trunk prefix again", "+86005550055501", "", 0,
	    PHONE_FIXED, "+865550055501", "cn" },
	{ "short code", "1414", "kg", 0, PHONE_SHORT, "", "kg" },
	{ "short code, home unknown", "112", "", 0, PHONE_SHORT, "", "" },
	{ "short code, six digits", "123456", "ru", 0, PHONE_SHORT, "", "ru" },
	{ "short code that begins with 00", "00123", "", 0, PHONE_SHORT, "",
	    "" },
	{ "two digits", "12", "kg", -EINVAL, 0, "", "" },
	{ "seven digits of nobody", "1234567", "", -EINVAL, 0, "", "" },
	{ "plus and a short code", "+1414", "kg", -EINVAL, 0, "", "" },
	{ "name", "Beeline", "kg", 0, PHONE_ALPHA, "", "" },
	{ "name with a mark", "O!", "kg", 0, PHONE_ALPHA, "", "" },
	{ "name with digits", "0800SAFAR", "kg", 0, PHONE_ALPHA, "", "" },
	{ "name with accent", "Caf\xC3\xA9 24", "", 0, PHONE_ALPHA, "", "" },
	{ "name of 11", "ABCDEFGHIJK", "", 0, PHONE_ALPHA, "", "" },
	{ "name of 12", "ABCDEFGHIJKL", "", -EINVAL, 0, "", "" },
	{ "number with a tail", "+996555123456 ext 7", "", -EINVAL, 0, "", "" },
	{ "empty", "", "kg", -EINVAL, 0, "", "" },
	{ "blank", " \t ", "kg", -EINVAL, 0, "", "" },
	{ "plus alone", "+", "", -EINVAL, 0, "", "" },
	{ "two pluses", "++996555123456", "", -EINVAL, 0, "", "" },
	{ "plus inside", "996+555123456", "", -EINVAL, 0, "", "" },
	{ "marks alone", "-()-", "", -EINVAL, 0, "", "" },
	{ "service request", "*100#", "", -EINVAL, 0, "", "" },
	{ "Cyrillic letters", "+996555\xD0\x9E\xD0\x97", "", -EINVAL, 0, "",
	    "" },
	{ "cut character", "+996555123456\xE2\x80", "", -EINVAL, 0, "", "" },
	{ "stray byte",
	    "\xFF"
	    "996555123456",
	    "", -EINVAL, 0, "", "" },
	{ "control byte",
	    "99655\x01"
	    "5123456",
	    "", -EINVAL, 0, "", "" },
	{ "line break inside", "+996555\n123456", "", -EINVAL, 0, "", "" },
	{ "no such country", "+999123456789", "", -EINVAL, 0, "", "" },
	{ "a digit short", "+99655512345", "", -EINVAL, 0, "", "" },
	{ "a digit long", "+792612345678", "", -EINVAL, 0, "", "" },
	{ "sixteen digits", "+9965551234567890", "", -EINVAL, 0, "", "" },
	{ "sixty-four digits",
	    "99655512345699655512345699655512345699655512345699655512345"
	    "69965",
	    "kg", -EINVAL, 0, "", "" },
	{ "sixty-five bytes",
	    "+996555123456                                               "
	    "     ",
	    "", -EINVAL, 0, "", "" },
	{ "home not a country", "0555123456", "zz", -EINVAL, 0, "", "" },
	{ "home too long", "0555123456", "kgz", -EINVAL, 0, "", "" },
	{ "home not letters", "0555123456", "1\n", -EINVAL, 0, "", "" },
};

typedef int parse_fn(const struct phones *ps, struct sv raw,
    const char *country, struct phone *ret_phone);

static void
test_case(const struct phones *ps, const struct phone_case *c, parse_fn *parse)
{
	struct phone got = { .kind = PHONE_ALPHA, .e164 = { "untouched" } };
	int rc = parse(ps, sv_of(c->raw), c->home, &got);

	EQ(rc, c->rc, c->name);
	if (c->rc < 0) {
		OK(strcmp(got.e164.digits, "untouched") == 0, c->name);
		return;
	}
	EQ(got.kind, c->kind, c->name);
	OK(strcmp(got.e164.digits, c->e164) == 0, c->name);
	OK(strcmp(got.country, c->country) == 0, c->name);
	if (strcmp(got.e164.digits, c->e164) != 0 ||
	    strcmp(got.country, c->country) != 0)
		printf("# got %s %s\n", got.e164.digits, got.country);
}

/* Of what somebody types for others to call nothing is guessed. */
static const struct phone_case typed_cases[] = {
	{ "dialled at home", "8 499 126-75-99", "ru", 0, PHONE_FIXED,
	    "+74991267599", "ru" },
	{ "the country's code without plus", "996312455312", "kg", 0,
	    PHONE_FIXED, "+996312455312", "kg" },
	{ "of elsewhere, with plus", "+74991267599", "kg", 0, PHONE_FIXED,
	    "+74991267599", "ru" },
	{ "of elsewhere, with 00", "0074991267599", "", 0, PHONE_FIXED,
	    "+74991267599", "ru" },
	{ "short code", "1414", "kg", 0, PHONE_SHORT, "", "kg" },
	{ "nine digits are not Vietnam's", "8 499 126-75", "ru", -EXDEV, 0, "",
	    "" },
	{ "ten digits in no range", "8 499 126-75-9", "ru", -EXDEV, 0, "", "" },
	{ "of elsewhere, without plus", "74991267599", "kg", -EXDEV, 0, "",
	    "" },
	{ "no country", "0312455312", "", -EXDEV, 0, "", "" },
	{ "a digit short", "+7499126759", "ru", -EINVAL, 0, "", "" },
	{ "a name", "Beeline", "ru", -EINVAL, 0, "", "" },
	{ "empty", "", "ru", -EINVAL, 0, "", "" },
};

static void
test_nul_inside(const struct phones *ps)
{
	static const char raw[] = "+996555\0123456";
	struct phone got;

	EQ(phone_parse(ps, (struct sv){ raw, sizeof(raw) - 1 }, "", &got),
	    -EINVAL, "NUL inside");
	EQ(phone_parse(ps, (struct sv){ "\0", 1 }, "", &got), -EINVAL,
	    "NUL alone");
	EQ(phone_parse(ps, (struct sv){ NULL, 0 }, "", &got), -EINVAL, "NULL");
}

/* xorshift32 (Marsaglia 2003): the same numbers in every run. */
static unsigned
pick(uint32_t *seed, unsigned below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

/*
 * A number of the kind our gateways see: half begin as operators' numbers do,
 * half are any digits, one in sixteen is a digit short or long.
 */
static void
random_number(uint32_t *seed, char *buf, size_t size)
{
	static const struct {
		const char *code, *firsts;
		int digits;
	} plans[] = { { "996", "2579", 9 }, { "7", "7", 10 },
		{ "992", "1579", 9 }, { "998", "3789", 9 }, { "993", "6", 8 },
		{ "7", "9", 10 }, { "375", "2234", 9 }, { "374", "4579", 8 },
		{ "994", "1579", 9 }, { "995", "57", 9 }, { "373", "67", 8 },
		{ "380", "5679", 9 } };
	size_t plan = pick(seed, ARRAY_LEN(plans));
	int wrong = pick(seed, 16) == 0 ? (int)pick(seed, 3) - 1 : 0;
	int n, first, i;

	n = snprintf(buf, size, "+%s", plans[plan].code);
	first = n;
	for (i = 0; i < plans[plan].digits + wrong; i++)
		buf[n++] = "0123456789"[pick(seed, 10)];
	buf[n] = '\0';
	if (pick(seed, 2) == 0)
		buf[first] = plans[plan].firsts[pick(
		    seed, (unsigned)strlen(plans[plan].firsts))];
}

/* What the library alone says must be what phone_parse() says. */
static bool
library_agrees(
    const char *raw, int rc, const struct phone *got, enum shim_fit *ret_fit)
{
	struct shim_number want = { 0 };
	enum shim_fit fit = shim_read(raw, "", &want);

	*ret_fit = fit;
	if (fit == SHIM_NOBODY || rc < 0)
		return fit == SHIM_NOBODY && rc < 0;
	return strcmp(got->e164.digits, want.e164) == 0 &&
	       strncasecmp(got->country, want.region, 3) == 0 &&
	       (got->kind == PHONE_MOBILE) == (want.kind == SHIM_MOBILE) &&
	       (got->kind == PHONE_TOLLFREE) == (want.kind == SHIM_TOLLFREE);
}

static void
test_random(const struct phones *ps, const struct phone_trie *trie)
{
	uint32_t seed = 20240518;
	int i, bad = 0, settled = 0, valid = 0, ru = 0, kz = 0;

	for (i = 0; i < RANDOM_NUMBERS; i++) {
		struct phone got = { .kind = PHONE_ALPHA };
		enum shim_fit fit;
		char raw[24];
		int rc;

		random_number(&seed, raw, sizeof(raw));
		rc = phone_parse(ps, sv_of(raw), "", &got);
		if (!library_agrees(raw, rc, &got, &fit) && bad++ < 5)
			printf("# %s: got %d %s %s\n", raw, rc, got.e164.digits,
			    got.country);
		settled += phone_trie_find(trie, sv_of(raw + 1)) != NULL;
		valid += fit == SHIM_VALID && got.kind == PHONE_MOBILE;
		ru += rc == 0 && strcmp(got.country, "ru") == 0;
		kz += rc == 0 && strcmp(got.country, "kz") == 0;
	}
	EQ(bad, 0, "trie and library agree on random numbers");
	OK(settled > valid / 3, "the trie settles a good part of them");
	OK(ru > 100 && kz > 100, "both sides of +7 seen");
	printf(
	    "# %d random numbers: %d valid mobile ones, %d settled by trie\n",
	    RANDOM_NUMBERS, valid, settled);
}

/* Without '+' and with a home, the short way must be the long way's answer. */
static void
test_random_at_home(const struct phones *ps, const struct phone_trie *trie)
{
	static const char *const homes[] = { "KG", "KZ", "TJ", "UZ", "TM", "RU",
		"BY", "DE" };
	uint32_t seed = 7;
	int i, bad = 0, seen = 0;

	for (i = 0; i < RANDOM_NUMBERS / 10; i++) {
		const char *home = homes[pick(&seed, ARRAY_LEN(homes))];
		struct shim_number want = { 0 };
		struct phone got;
		char raw[24];

		random_number(&seed, raw, sizeof(raw));
		if (phone_trie_find(trie, sv_of(raw + 1)) == NULL)
			continue;
		seen++;
		if (shim_read(raw + 1, home, &want) != SHIM_VALID)
			(void)shim_read(raw, "", &want);
		if (phone_parse(ps, sv_of(raw + 1), home, &got) < 0 ||
		    strcmp(got.e164.digits, want.e164) != 0)
			bad++;
	}
	EQ(bad, 0, "plus lost: the trie answers as the library at home");
	OK(seen > 100, "enough of them seen");
}

static void
test_speed(const struct phones *ps)
{
	enum { ROUNDS = 100000 };
	struct phone got;
	int64_t start_ms = clock_ms();
	int i, bad = 0;

	for (i = 0; i < ROUNDS; i++)
		bad += phone_parse(ps, SV("+996555123456"), "kg", &got) < 0;
	EQ(bad, 0, "the same number, many times");
	printf("# %d ns a settled number\n",
	    (int)((clock_ms() - start_ms) * 1000000 / ROUNDS));
}

static void
test_group(void)
{
	static const char *const written[][2] = {
		{ "+996312455312", "+996 312 455 312" },
		{ "+74991267599", "+7 499 126-75-99" },
		{ "+998712001234", "+998 71 200 12 34" },
		{ "+1", "+1" },
		{ "", "" },
	};
	char text[PHONE_GROUPED_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(written); i++) {
		phone_group(written[i][0], text);
		OK(strcmp(text, written[i][1]) == 0, written[i][1]);
	}
}

int
main(void)
{
	int64_t start_ms, built_ms;
	CLEANUP(phones_free) struct phones *ps = NULL;
	CLEANUP(phone_trie_free) struct phone_trie *trie = NULL;
	size_t i;

	start_ms = clock_ms();
	ps = phones_new(); /* loads the library's data too */
	built_ms = clock_ms();
	trie = phone_trie_new();
	printf("# library and trie %d ms, trie alone %d ms\n",
	    (int)(built_ms - start_ms), (int)(clock_ms() - built_ms));
	for (i = 0; i < ARRAY_LEN(cases); i++)
		test_case(ps, &cases[i], phone_parse);
	for (i = 0; i < ARRAY_LEN(typed_cases); i++)
		test_case(ps, &typed_cases[i], phone_parse_typed);
	test_nul_inside(ps);
	OK(phone_trie_has(trie, "KZ"), "both owners of +7 have ranges");
	OK(phone_trie_has(trie, "RU"), "both owners of +7 have ranges");
	OK(!phone_trie_has(trie, "DE"), "others have none");
	test_random(ps, trie);
	test_random_at_home(ps, trie);
	test_speed(ps);
	test_group();
	phones_free(&ps);
	phones_free(&ps); /* NULL is fine */
	return tap_done();
}
