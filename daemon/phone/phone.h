/*
 * phone.h - whose number is it: E.164, country, or nobody to answer.
 *
 * libphonenumber is the judge.  In front of it stands a digit trie, built at
 * start by probing libphonenumber, that settles ordinary mobile numbers of our
 * countries in nanoseconds; where the trie is unsure the library is asked.
 * The library is C++: phone_shim.cc is the only file that includes it.
 */
#ifndef DAEMON_PHONE_PHONE_H
#define DAEMON_PHONE_PHONE_H

#include "daemon/base/sv.h"

enum {
	PHONE_RAW_MAX = 64,  /* bytes of a number as a gateway gives it */
	PHONE_E164_MAX = 16, /* '+' and 15 digits, ITU-T E.164 section 6 */
};

enum phone_kind {
	PHONE_MOBILE,	/* mobile, or where one cannot tell: a range newer than
			 * the library, or shared with fixed lines */
	PHONE_FIXED,	/* any other valid number */
	PHONE_TOLLFREE, /* works only inside its country */
	PHONE_SHORT,	/* three to six digits: a service, never a person */
	PHONE_ALPHA,	/* a name: a sender nobody can answer */
};

/* A number printf() does not take: a struct where "%s" wants a string does not
 * compile.  Its digits are had from phone_reveal(), and tests/layering.sh lets
 * neither them nor any view into a line of the log. */
struct phone_number {
	char digits[PHONE_E164_MAX + 1];
};

struct phone {
	enum phone_kind kind;
	struct phone_number e164; /* "" for PHONE_SHORT, PHONE_ALPHA */
	char country[3]; /* ISO 3166-1 alpha-2, lower case; "" if unknown;
			  * of PHONE_SHORT where phone_parse() was told */
};

static inline struct sv
phone_reveal(const struct phone *p)
{
	return sv_of(p->e164.digits);
}

struct phones;

/* Load the library and build the trie; about 25 ms.  Free with phones_free().
 */
struct phones *phones_new(void);
void phones_free(struct phones **pp);

/*
 * Read a number.
 *
 * raw      as a gateway or a person gives it: "+996 555 12-34-56",
 *          "996555123456", "00996...", "0555123456", "Beeline", "1414"
 * country  where a number without country code is at home, lower case, or ""
 *
 * A number without country code is read as at home first, then as if its '+'
 * were missing.  Spaces, dashes, brackets, dots and slashes do not count; one
 * ASCII letter makes it a name.
 *
 * Returns 0, -EINVAL if it is nobody's number (empty, too long, impossible,
 * other characters).
 */
MUST_USE int phone_parse(const struct phones *ps, struct sv raw,
    const char *country, struct phone *ret_phone);

/*
 * The same of a number that somebody typed for others to call: nothing is
 * guessed.  Without '+' or 00 it must be one that the country has given out,
 * dialled as there or with the country's code: "8 499 126-75" is no number in
 * Russia, and not one of Vietnam (+84 991 26 75) either.
 *
 * Returns 0, -EINVAL as phone_parse(), also for a name; -EXDEV: not in that
 * country, or no country is named; it may be one elsewhere, with '+'.
 */
MUST_USE int phone_parse_typed(const struct phones *ps, struct sv raw,
    const char *country, struct phone *ret_phone);

enum { PHONE_GROUPED_MAX = 40 };

/* An E.164 number for people to read, in groups as its country writes them:
 * "+996 312 455 312". */
void phone_group(const char *e164, char ret_text[PHONE_GROUPED_MAX]);

#endif
