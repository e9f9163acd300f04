/*
 * fuzz_phone.c - any sender: no crash, a well-formed answer, and never one that
 * the library alone would not give.
 *
 * The first two bytes are the home country, the rest is the sender.
 */
#include <strings.h>

#include "daemon/phone/phone.h"
#include "daemon/phone/phone_shim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_shape(const struct phone *p)
{
	bool number = p->kind != PHONE_SHORT && p->kind != PHONE_ALPHA;
	size_t n = strlen(p->e164.digits);

	ASSERT(p->kind <= PHONE_ALPHA);
	ASSERT(strlen(p->country) == 0 || strlen(p->country) == 2);
	if (!number) {
		ASSERT(n == 0);
		return;
	}
	ASSERT(n >= 2 && n <= PHONE_E164_MAX && p->e164.digits[0] == '+');
	ASSERT(strspn(p->e164.digits + 1, "0123456789") == n - 1);
}

/* The number as we give it, read again, is the same; so says the library. */
static void
check_again(const struct phones *ps, const struct phone *p)
{
	struct phone again;
	struct shim_number number;

	if (p->e164.digits[0] == '\0')
		return;
	ASSERT(phone_parse(ps, sv_of(p->e164.digits), "", &again) == 0);
	ASSERT(strcmp(again.e164.digits, p->e164.digits) == 0);
	ASSERT(strcmp(again.country, p->country) == 0);
	ASSERT(again.kind == p->kind);
	ASSERT(shim_read(p->e164.digits, "", &number) != SHIM_NOBODY);
	ASSERT(strcmp(number.e164, p->e164.digits) == 0);
	ASSERT(strcasecmp(number.region, p->country) == 0);
	ASSERT((number.kind == SHIM_MOBILE) == (p->kind == PHONE_MOBILE));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct phones *ps;
	char home[3] = "";
	struct phone p;

	if (ps == NULL)
		ps = phones_new();
	if (size < 2)
		return 0;
	memcpy(home, data, 2);
	if (phone_parse(ps, (struct sv){ (const char *)data + 2, size - 2 },
		home, &p) == 0) {
		check_shape(&p);
		check_again(ps, &p);
	}
	return 0;
}
