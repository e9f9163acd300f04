/* phone.c - reads a sender: name, short code or number. */
#include "daemon/phone/phone.h"

#include <stdlib.h>

#include "daemon/phone/phone_shim.h"
#include "daemon/phone/phone_trie.h"

enum {
	SHORT_MIN = 3, /* digits */
	SHORT_MAX = 6,
	ALPHA_MAX = 11,		/* characters; 3GPP TS 23.040 section 9.1.2.5 */
	INTERNATIONAL_MAX = 15, /* digits; ITU-T E.164 section 6 */
};

_Static_assert((int)PHONE_E164_MAX == (int)SHIM_E164_MAX, "one E.164");

struct phones {
	struct phone_trie *trie;
};

/* What is left of a number without the marks people put between digits. */
struct dialled {
	char text[PHONE_RAW_MAX + 2]; /* '+', digits, NUL */
	size_t n;		      /* digits */
	bool international;
	bool name;
};

struct phones *
phones_new(void)
{
	struct phones *ps = calloc(1, sizeof(*ps));

	ASSERT(ps != NULL);
	ps->trie = phone_trie_new();
	return ps;
}

void
phones_free(struct phones **pp)
{
	struct phones *ps = *pp;

	if (ps == NULL)
		return;
	phone_trie_free(&ps->trie);
	free(ps);
	*pp = NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * How many bytes at the front of v are one mark without meaning: a separator
 * people write, or what copying from a page or a phone book leaves behind
 * (hard spaces, typographic dashes, direction marks).  0 if none.
 */
static size_t
mark_bytes(struct sv v)
{
	unsigned char third = v.n >= 3 ? (unsigned char)v.p[2] : 0;

	if (v.p[0] != '\0' && strchr(" -.()/", v.p[0]) != NULL)
		return 1;
	if (v.n >= 2 && memcmp(v.p, "\xC2\xA0", 2) == 0) /* U+00A0 */
		return 2;
	if (v.n < 3)
		return 0;
	if (memcmp(v.p, "\xE2\x80", 2) == 0 &&
	    ((third >= 0x80 && third <= 0x95) ||   /* U+2000..U+2015 */
		(third >= 0xAA && third <= 0xAF))) /* U+202A..U+202F */
		return 3;
	return memcmp(v.p, "\xE2\x88\x92", 3) == 0 ? 3 : 0; /* U+2212 */
}

static struct sv
trimmed(struct sv v)
{
	while (v.n > 0 && strchr(" \t\r\n", v.p[0]) != NULL && v.p[0] != '\0')
		v.p++, v.n--;
	while (v.n > 0 && strchr(" \t\r\n", v.p[v.n - 1]) != NULL &&
	       v.p[v.n - 1] != '\0')
		v.n--;
	return v;
}

/* A sender with a letter in it is a name, however many digits it has. */
static int
name_read(struct sv v, bool *ret_name)
{
	bool letter = false;
	size_t i;

	for (i = 0; i < v.n; i++) {
		letter = letter || is_letter(v.p[i]);
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7F)
			return -EINVAL;
	}
	if (letter && v.n > ALPHA_MAX)
		return -EINVAL;
	*ret_name = letter;
	return 0;
}

static int
digits_read(struct sv v, struct dialled *d)
{
	size_t skip;

	d->text[0] = '+';
	for (; v.n > 0; v.p += skip, v.n -= skip) {
		skip = is_digit(v.p[0]) ? 0 : mark_bytes(v);
		if (skip > 0)
			continue;
		if (is_digit(v.p[0]))
			d->text[++d->n] = v.p[0];
		else if (v.p[0] == '+' && d->n == 0 && !d->international)
			d->international = true;
		else
			return -EINVAL;
		skip = 1;
	}
	return 0;
}

static int
dialled_read(struct sv raw, struct dialled *d)
{
	struct sv v = trimmed(raw);
	int rc;

	*d = (struct dialled){ 0 };
	if (raw.n > PHONE_RAW_MAX || v.n == 0)
		return -EINVAL;
	rc = name_read(v, &d->name);
	if (rc < 0 || d->name)
		return rc;
	rc = digits_read(v, d);
	if (rc < 0 || d->n < SHORT_MIN)
		return -EINVAL;
	/* 00 is how one dials out of most countries, and what gateways write */
	if (!d->international && d->n > SHORT_MAX &&
	    memcmp(d->text, "+00", 3) == 0) {
		memmove(d->text + 1, d->text + 3, d->n - 1);
		d->n -= 2;
		d->international = true;
	}
	return d->international && d->n > INTERNATIONAL_MAX ? -EINVAL : 0;
}

static char
lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

/* "kg" as the library has it, "KG"; "" for anything that is not two letters. */
static void
region_read(const char *country, char ret_region[3])
{
	size_t i;

	ret_region[0] = '\0';
	if (strlen(country) != 2 || !is_letter(country[0]) ||
	    !is_letter(country[1]))
		return;
	for (i = 0; i < 2; i++)
		ret_region[i] = (char)(lower(country[i]) - 'a' + 'A');
	ret_region[2] = '\0';
}

static void
country_set(struct phone *phone, const char *region)
{
	size_t i;

	for (i = 0; i < 2 && region[i] != '\0'; i++)
		phone->country[i] = lower(region[i]);
	phone->country[i] = '\0';
}

/*
 * A number without '+' is first what its home country would dial, then an
 * international one: "4951234567" is Moscow in Russia, not Germany.  A range
 * the library does not know (it may be newer) counts only if nothing better
 * is found.
 */
static enum shim_fit
library_read(const struct dialled *d, const char *home, struct shim_number *ret)
{
	struct shim_number abroad = { 0 };
	enum shim_fit fit = SHIM_NOBODY, fit_abroad;

	if (!d->international && home[0] != '\0')
		fit = shim_read(d->text + 1, home, ret);
	if (fit == SHIM_VALID)
		return fit;
	fit_abroad = shim_read(d->text, "", &abroad);
	if (fit_abroad > fit) {
		*ret = abroad;
		fit = fit_abroad;
	}
	return fit;
}

static void
number_set(struct phone *phone, const struct shim_number *number)
{
	static const enum phone_kind kinds[] = { [SHIM_MOBILE] = PHONE_MOBILE,
		[SHIM_FIXED] = PHONE_FIXED,
		[SHIM_TOLLFREE] = PHONE_TOLLFREE };

	phone->kind = kinds[number->kind];
	memcpy(phone->e164.digits, number->e164, sizeof(phone->e164));
	country_set(phone, number->region);
}

static int
library_ask(const struct dialled *d, const char *home, struct phone *phone)
{
	struct shim_number number = { 0 };

	if (library_read(d, home, &number) == SHIM_NOBODY)
		return -EINVAL;
	number_set(phone, &number);
	return 0;
}

/*
 * Without '+' the trie may answer only where no number of the home country
 * could look the same: it holds 11 or 12 digits, our countries dial fewer or
 * the very same number.
 */
static bool
trie_answers(const struct phones *ps, const struct dialled *d, const char *home,
    struct phone *phone)
{
	const char *region =
	    phone_trie_find(ps->trie, (struct sv){ d->text + 1, d->n });

	if (region == NULL)
		return false;
	if (!d->international && home[0] != '\0' &&
	    !phone_trie_has(ps->trie, home))
		return false;
	phone->kind = PHONE_MOBILE;
	memcpy(phone->e164.digits, d->text, d->n + 1);
	country_set(phone, region);
	return true;
}

int
phone_parse(const struct phones *ps, struct sv raw, const char *country,
    struct phone *ret_phone)
{
	struct phone phone = { .kind = PHONE_ALPHA };
	struct dialled d;
	char home[3];
	int rc = dialled_read(raw, &d);

	if (rc < 0)
		return rc;
	region_read(country, home);
	if (!d.name && !d.international && d.n <= SHORT_MAX) {
		phone.kind = PHONE_SHORT;
		country_set(&phone, home);
	} else if (!d.name && !trie_answers(ps, &d, home, &phone)) {
		rc = library_ask(&d, home, &phone);
	}
	if (rc == 0)
		*ret_phone = phone;
	return rc;
}

static int
home_ask(const struct dialled *d, const char *home, struct phone *phone)
{
	struct shim_number number = { 0 };

	if (home[0] == '\0')
		return -EXDEV;
	if (shim_read(d->text + 1, home, &number) != SHIM_VALID &&
	    (shim_read(d->text, "", &number) != SHIM_VALID ||
		strcmp(number.region, home) != 0))
		return -EXDEV;
	number_set(phone, &number);
	return 0;
}

int
phone_parse_typed(const struct phones *ps, struct sv raw, const char *country,
    struct phone *ret_phone)
{
	struct phone phone = { 0 };
	struct dialled d;
	char home[3];
	int rc = dialled_read(raw, &d);

	if (rc < 0 || d.name)
		return -EINVAL;
	if (d.international || d.n <= SHORT_MAX)
		return phone_parse(ps, raw, country, ret_phone);
	region_read(country, home);
	rc = home_ask(&d, home, &phone);
	if (rc == 0)
		*ret_phone = phone;
	return rc;
}

void
phone_group(const char *e164, char ret_text[PHONE_GROUPED_MAX])
{
	shim_group(e164, ret_text, PHONE_GROUPED_MAX);
}
