/* chain.c - the hash of a row, and whether rows follow one another. */
#include "daemon/core/chain.h"

#include <sodium.h>

_Static_assert(CHAIN_HASH_LEN == crypto_generichash_BYTES, "BLAKE2b-256");

static void
field_add(crypto_generichash_state *s, struct sv field)
{
	uint64_t n = field.n; /* or "ab" + "c" would be "a" + "bc" */

	(void)crypto_generichash_update(s, (const uint8_t *)&n, sizeof(n));
	if (field.n > 0)
		(void)crypto_generichash_update(
		    s, (const uint8_t *)field.p, field.n);
}

void
chain_hash(const struct chain_row *row, const uint8_t before[CHAIN_HASH_LEN],
    uint8_t ret_hash[CHAIN_HASH_LEN])
{
	const int64_t numbers[] = { row->id, row->at_ms };
	crypto_generichash_state s;

	ASSERT(crypto_generichash_init(&s, NULL, 0, CHAIN_HASH_LEN) == 0);
	(void)crypto_generichash_update(&s, before, CHAIN_HASH_LEN);
	(void)crypto_generichash_update(
	    &s, (const uint8_t *)numbers, sizeof(numbers));
	field_add(&s, row->who);
	field_add(&s, row->action);
	(void)crypto_generichash_final(&s, ret_hash, CHAIN_HASH_LEN);
}

bool
chain_next(struct chain_walk *w, const struct chain_row *row,
    const uint8_t hash[CHAIN_HASH_LEN])
{
	uint8_t want[CHAIN_HASH_LEN];
	bool first = w->id == 0 && row->id > 1; /* older ones were swept */
	bool next = row->id == w->id + 1;

	chain_hash(row, w->before, want);
	memcpy(w->before, hash, CHAIN_HASH_LEN);
	w->id = row->id;
	return first || (next && memcmp(hash, want, sizeof(want)) == 0);
}
