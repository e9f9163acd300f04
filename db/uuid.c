/* uuid.c - UUIDs of version 8 from names. */
#include "db/uuid.h"

#include <inttypes.h>
#include <stdio.h>

/* http://www.isthe.com/chongo/tech/comp/fnv/ */
static const uint64_t fnv_start = 0xcbf29ce484222325, fnv_prime = 0x100000001b3;
/* any other start gives the second half: the golden ratio's digits */
static const uint64_t other_start = 0x9e3779b97f4a7c15;

static uint64_t
fnv(uint64_t h, const void *p, size_t n)
{
	const unsigned char *byte = p;

	while (n-- > 0)
		h = (h ^ *byte++) * fnv_prime;
	return h;
}

/* The finalizer of splitmix64, so that every bit depends on every byte. */
static uint64_t
mix(uint64_t h)
{
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
	h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
	return h ^ (h >> 31);
}

static uint64_t
hash(uint64_t start, const char *kind, struct sv name, unsigned number)
{
	unsigned char last[4];
	size_t i;

	for (i = 0; i < sizeof(last); i++)
		last[i] = (unsigned char)(number >> (8 * i));
	/* the NUL of kind, too: fields do not run together */
	start = fnv(start, kind, strlen(kind) + 1);
	start = fnv(start, name.p, name.n);
	return mix(fnv(start, last, sizeof(last)));
}

void
uuid_of(
    const char *kind, struct sv name, unsigned number, char ret_uuid[UUID_SIZE])
{
	uint64_t a = hash(fnv_start, kind, name, number);
	uint64_t b = hash(other_start, kind, name, number);

	/* the version's digit is 8, the variant's two bits are 10 */
	(void)snprintf(ret_uuid, UUID_SIZE,
	    "%08" PRIx64 "-%04" PRIx64 "-8%03" PRIx64 "-%04" PRIx64
	    "-%012" PRIx64,
	    a >> 32, (a >> 16) & 0xffff, a & 0xfff, (b >> 48 & 0x3fff) | 0x8000,
	    b & 0xffffffffffff);
}
