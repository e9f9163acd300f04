/* test_web_totp.c - codes of the second factor, by the RFCs' own vectors. */
#include "daemon/web/qr.h"
#include "daemon/web/totp.h"
#include "tests/tap.h"

#define SECRET SV("12345678901234567890")

/* RFC 6238 appendix B, the rows for SHA1: eight digits. */
static void
test_vectors(void)
{
	static const struct {
		int64_t at_s;
		uint32_t code;
		const char *name;
	} rows[] = {
		{ 59, 94287082, "1970-01-01 00:00:59" },
		{ 1111111109, 7081804, "2005-03-18 01:58:29" },
		{ 1111111111, 14050471, "2005-03-18 01:58:31" },
		{ 1234567890, 89005924, "2009-02-13 23:31:30" },
		{ 2000000000, 69279037, "2033-05-18 03:33:20" },
		{ 20000000000, 65353130, "2603-10-11 11:33:20" },
	};
	/* RFC 4226 appendix D: six digits of the steps from 0 on */
	static const uint32_t hotp[] = { 755224, 287082, 359152, 969429, 338314,
		254676, 287922, 162583, 399871, 520489 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		EQ(totp_code(SECRET, rows[i].at_s / TOTP_STEP_S, 8),
		    rows[i].code, rows[i].name);
	for (i = 0; i < ARRAY_LEN(hotp); i++)
		EQ(totp_code(SECRET, (int64_t)i, 6), hotp[i],
		    "RFC 4226 appendix D");
}

static void
test_fits(void)
{
	const int64_t now_ms = 1111111111LL * 1000, step = 1111111111 / 30;
	char text[3][8];
	int64_t found = 0;
	int i;

	for (i = 0; i < 3; i++)
		(void)snprintf(text[i], sizeof(text[i]), "%06u",
		    (unsigned)totp_code(SECRET, step + i - 1, 6));
	OK(totp_fits(SECRET, sv_of(text[1]), now_ms, 0, &found) &&
		found == step,
	    "now's");
	OK(!totp_fits(SECRET, sv_of(text[1]), now_ms, found, &found),
	    "it works once");
	OK(!totp_fits(SECRET, sv_of(text[0]), now_ms, found, &found),
	    "nor does an older one after it");
	OK(totp_fits(SECRET, sv_of(text[2]), now_ms, found, &found) &&
		found == step + 1,
	    "a clock that is 30 s ahead");
	OK(totp_fits(SECRET, sv_of(text[0]), now_ms, 0, &found),
	    "a clock that is 30 s late");
	OK(!totp_fits(SECRET, sv_of(text[0]), now_ms + 30000, 0, &found),
	    "not one that is a minute late");
	OK(totp_fits(SECRET, SV("050 471"), now_ms, 0, &found),
	    "with the space that authenticators show");
	OK(!totp_fits(SECRET, SV("50471"), now_ms, 0, &found),
	    "five digits are none");
	OK(!totp_fits(SECRET, SV("0504710"), now_ms, 0, &found),
	    "seven are none");
	OK(!totp_fits(SECRET, SV("05047x"), now_ms, 0, &found),
	    "letters are none");
	OK(!totp_fits(SECRET, (struct sv){ 0 }, now_ms, 0, &found),
	    "nothing is none");
}

/* RFC 4648 section 10, without its padding. */
static void
test_base32(void)
{
	static const char *const rows[][2] = { { "", "" }, { "f", "MY" },
		{ "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
		{ "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	char buf[64];
	struct sb b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		sb_wrap(&b, buf, sizeof(buf));
		totp_base32(sv_of(rows[i][0]), &b);
		OK(strcmp(buf, rows[i][1]) == 0, rows[i][1]);
	}
}

static void
test_uri(void)
{
	char buf[200];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	totp_uri(SECRET, SV("anna@ngo"), &b);
	OK(strcmp(buf, "otpauth://totp/Safar:anna%40ngo?secret="
		       "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Safar") == 0,
	    buf);
}

static void
test_qr(void)
{
	struct arena *a = arena_new(1 << 16, 1 << 20);
	struct sb b;

	sb_init(&b, a, 1 << 16);
	qr_svg("otpauth://totp/Safar:anna?secret=GEZDGNBVGY3TQOJQ", &b);
	OK(!b.full && strncmp(b.p, "<svg ", 5) == 0 &&
		strcmp(b.p + b.n - 6, "</svg>") == 0,
	    "a QR code is drawn");
	OK(strstr(b.p, "style") == NULL && strstr(b.p, "script") == NULL &&
		strstr(b.p, "GEZD") == NULL,
	    "without a style, a script or the text");
	arena_free(&a);
}

int
main(void)
{
	test_vectors();
	test_fits();
	test_base32();
	test_uri();
	test_qr();
	return tap_done();
}
