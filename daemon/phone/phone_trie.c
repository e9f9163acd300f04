/* phone_trie.c - a digit trie filled by asking libphonenumber. */
#include "daemon/phone/phone_trie.h"

#include <stdlib.h>

#include "daemon/phone/phone_shim.h"

enum {
	PREFIX_DIGITS = 3, /* after the calling code: an operator's range */
	REGIONS_MAX = 16,
	NODES_MAX = 1024,
	DIGITS_MAX = 12, /* of a national number that we probe */
	LEAF = 0x8000,	 /* node link: the rest is an index into regions */
};

/* Where our callers come from and work.  Each calling code costs 2-5 ms at
 * start, so numbers of other countries are left to the library. */
static const char *const trie_regions[] = { "KG", "KZ", "TJ", "UZ", "TM",
	"RU" };

/* A two-digit prefix is looked into if one of these third digits is mobile. */
static const unsigned glances[] = { 0, 5, 7, 8 };

/* A three-digit prefix is taken if all these fourth digits agree. */
static const unsigned branches[] = { 0, 2, 5, 7, 9 };

struct range {
	char region[3];
	size_t digits; /* of a whole number, calling code included */
};

struct phone_trie {
	uint16_t next[NODES_MAX][10]; /* 0: ask the library */
	size_t nodes;
	struct range ranges[REGIONS_MAX];
	size_t range_count;
	uint32_t random;
};

/* One calling code while it is probed. */
struct probe {
	struct phone_trie *t;
	unsigned code;
	unsigned digits; /* of a national mobile number */
};

static uint16_t
node_new(struct phone_trie *t)
{
	ASSERT(t->nodes < NODES_MAX);
	return (uint16_t)t->nodes++;
}

/* xorshift32 (Marsaglia 2003): the same trie at every start. */
static uint32_t
random_next(struct phone_trie *t)
{
	uint32_t x = t->random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	t->random = x;
	return x;
}

/* Is prefix, filled up with pseudo-random digits, a mobile number? */
static bool
probe_prefix(const struct probe *pr, unsigned prefix, unsigned prefix_digits,
    char ret_region[3])
{
	unsigned long long national = prefix;
	unsigned i;

	for (i = prefix_digits; i < pr->digits; i++)
		national = national * 10 + random_next(pr->t) % 10;
	return shim_is_mobile(pr->code, national, ret_region) != 0;
}

/* The leaf link of a region, made when first seen; 0 if there is no room. */
static uint16_t
leaf_of(struct phone_trie *t, const char *region, size_t digits)
{
	struct range *r;
	size_t i;

	for (i = 0; i < t->range_count; i++)
		if (strcmp(t->ranges[i].region, region) == 0)
			return (uint16_t)(LEAF | i);
	if (t->range_count == REGIONS_MAX)
		return 0;
	r = &t->ranges[t->range_count++];
	memcpy(r->region, region, sizeof(r->region));
	r->digits = digits;
	return (uint16_t)(LEAF | i);
}

static unsigned
code_digits(unsigned code)
{
	return code < 10 ? 1 : code < 100 ? 2 : 3;
}

/* The leaf for a three-digit prefix, 0 if its branches do not agree. */
static uint16_t
probe_leaf(const struct probe *pr, unsigned prefix)
{
	char first[3] = "", region[3] = "";
	size_t i;

	for (i = 0; i < ARRAY_LEN(branches); i++) {
		if (!probe_prefix(pr, prefix * 10 + branches[i],
			PREFIX_DIGITS + 1, region))
			return 0;
		if (i == 0)
			memcpy(first, region, sizeof(first));
		else if (strcmp(first, region) != 0)
			return 0;
	}
	return leaf_of(pr->t, first, code_digits(pr->code) + pr->digits);
}

static bool
prefix_is_promising(const struct probe *pr, unsigned prefix)
{
	char region[3];
	size_t i;

	for (i = 0; i < ARRAY_LEN(glances); i++)
		if (probe_prefix(
			pr, prefix * 10 + glances[i], PREFIX_DIGITS, region))
			return true;
	return false;
}

/* The node that the digits of value lead to from node at, made as needed. */
static uint16_t
walk(struct phone_trie *t, uint16_t at, unsigned value, unsigned scale)
{
	for (; scale > 0; scale /= 10) {
		uint16_t *link = &t->next[at][value / scale % 10];

		if (*link == 0)
			*link = node_new(t);
		at = *link;
	}
	return at;
}

static void
probe_code(const struct probe *pr)
{
	unsigned scale = pr->code < 10 ? 1 : pr->code < 100 ? 10 : 100;
	uint16_t root = walk(pr->t, 0, pr->code, scale);
	unsigned prefix, d;

	/* national numbers do not begin with 0: that is the trunk prefix */
	for (prefix = 10; prefix < 100; prefix++) {
		uint16_t at;

		if (!prefix_is_promising(pr, prefix))
			continue;
		at = walk(pr->t, root, prefix, 10);
		for (d = 0; d < 10; d++)
			pr->t->next[at][d] = probe_leaf(pr, prefix * 10 + d);
	}
}

struct phone_trie *
phone_trie_new(void)
{
	struct phone_trie *t = calloc(1, sizeof(*t));
	bool seen[1000] = { false };
	size_t i;

	ASSERT(t != NULL);
	t->random = 2463534242U;
	(void)node_new(t);
	for (i = 0; i < ARRAY_LEN(trie_regions); i++) {
		struct probe pr = { t, shim_calling_code(trie_regions[i]),
			shim_mobile_digits(trie_regions[i]) };

		/* Russia and Kazakhstan share one code: probed once */
		if (pr.code == 0 || pr.code >= ARRAY_LEN(seen) ||
		    seen[pr.code] || pr.digits <= PREFIX_DIGITS ||
		    pr.digits > DIGITS_MAX)
			continue;
		seen[pr.code] = true;
		probe_code(&pr);
	}
	return t;
}

void
phone_trie_free(struct phone_trie **tp)
{
	free(*tp);
	*tp = NULL;
}

const char *
phone_trie_find(const struct phone_trie *t, struct sv digits)
{
	uint16_t at = 0;
	size_t i;

	for (i = 0; i < digits.n; i++) {
		ASSERT(digits.p[i] >= '0' && digits.p[i] <= '9');
		at = t->next[at][digits.p[i] - '0'];
		if (at == 0)
			return NULL;
		if ((at & LEAF) != 0) {
			const struct range *r = &t->ranges[at & ~LEAF];

			return r->digits == digits.n ? r->region : NULL;
		}
	}
	return NULL;
}

bool
phone_trie_has(const struct phone_trie *t, const char *region)
{
	size_t i;

	for (i = 0; i < t->range_count; i++)
		if (strcmp(t->ranges[i].region, region) == 0)
			return true;
	return false;
}
