/* audit.c - the chain of what administrators did. */
#include "daemon/core/audit.h"

#include <sodium.h>
#include <string.h>

#include "daemon/base/clock.h"

_Static_assert(DB_HASH_LEN == crypto_generichash_BYTES, "BLAKE2b-256");

static void
field_add(crypto_generichash_state *s, struct sv field)
{
	uint64_t n = field.n; /* or "ab" + "c" would be "a" + "bc" */

	(void)crypto_generichash_update(s, (const uint8_t *)&n, sizeof(n));
	if (field.n > 0)
		(void)crypto_generichash_update(
		    s, (const uint8_t *)field.p, field.n);
}

static void
row_hash(const struct db_audit *row, const uint8_t before[DB_HASH_LEN],
    uint8_t ret_hash[DB_HASH_LEN])
{
	const int64_t numbers[] = { row->id, row->at_ms };
	crypto_generichash_state s;

	ASSERT(crypto_generichash_init(&s, NULL, 0, DB_HASH_LEN) == 0);
	(void)crypto_generichash_update(&s, before, DB_HASH_LEN);
	(void)crypto_generichash_update(
	    &s, (const uint8_t *)numbers, sizeof(numbers));
	field_add(&s, row->who);
	field_add(&s, row->action);
	(void)crypto_generichash_final(&s, ret_hash, DB_HASH_LEN);
}

static struct sv
cut(struct sv v, size_t most)
{
	return (struct sv){ v.p, v.n < most ? v.n : most };
}

int
audit_put(struct db *db, struct sv who, struct sv action)
{
	struct db_audit row = { .at_ms = clock_ms(),
		.who = cut(who, AUDIT_WHO_MAX),
		.action = cut(action, AUDIT_ACTION_MAX) };
	uint8_t before[DB_HASH_LEN];
	int rc = db_audit_last(db, &row.id, before);

	if (rc < 0)
		return rc;
	row.id++;
	row_hash(&row, before, row.hash);
	return db_audit_put(db, &row);
}

struct walk {
	void (*fn)(void *arg, const struct db_audit *row, bool whole);
	void *arg;
	uint8_t before[DB_HASH_LEN];
	int64_t id; /* of the row before, 0 none */
};

static bool
on_row(void *arg, const struct db_audit *row)
{
	struct walk *w = arg;
	uint8_t hash[DB_HASH_LEN];
	bool first = w->id == 0 && row->id > 1; /* older ones were swept */

	row_hash(row, w->before, hash);
	w->fn(w->arg, row,
	    first || (row->id == w->id + 1 &&
			 memcmp(hash, row->hash, sizeof(hash)) == 0));
	memcpy(w->before, row->hash, sizeof(hash));
	w->id = row->id;
	return true;
}

int
audit_each(struct db *db,
    void (*fn)(void *arg, const struct db_audit *row, bool whole), void *arg)
{
	struct walk w = { .fn = fn, .arg = arg };

	return db_audit_each(db, on_row, &w);
}
