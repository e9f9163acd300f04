/* audit.c - the chain of what administrators did. */
#include "daemon/core/audit.h"

#include "daemon/base/clock.h"
#include "daemon/core/chain.h"

_Static_assert((int)DB_HASH_LEN == (int)CHAIN_HASH_LEN, "one length of hashes");

static struct sv
cut(struct sv v, size_t most)
{
	return (struct sv){ v.p, v.n < most ? v.n : most };
}

static struct chain_row
row_of(const struct db_audit *row)
{
	return (struct chain_row){ row->id, row->at_ms, row->who, row->action };
}

int
audit_put(struct db *db, struct sv who, struct sv action)
{
	struct db_audit row = { .at_ms = clock_ms(),
		.who = cut(who, AUDIT_WHO_MAX),
		.action = cut(action, AUDIT_ACTION_MAX) };
	uint8_t before[DB_HASH_LEN];
	struct chain_row next;
	int rc = db_audit_last(db, &row.id, before);

	if (rc < 0)
		return rc;
	row.id++;
	next = row_of(&row);
	chain_hash(&next, before, row.hash);
	return db_audit_put(db, &row);
}

struct walk {
	void (*fn)(void *arg, const struct db_audit *row, bool whole);
	void *arg;
	struct chain_walk chain;
};

static bool
on_row(void *arg, const struct db_audit *row)
{
	struct walk *w = arg;
	struct chain_row next = row_of(row);

	w->fn(w->arg, row, chain_next(&w->chain, &next, row->hash));
	return true;
}

int
audit_each(struct db *db,
    void (*fn)(void *arg, const struct db_audit *row, bool whole), void *arg)
{
	struct walk w = { .fn = fn, .arg = arg };

	return db_audit_each(db, on_row, &w);
}
