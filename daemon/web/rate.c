/* rate.c - requests of one account, or one address. */
#include "daemon/web/rate.h"

#include <stdlib.h>

#include "daemon/base/keymap.h"
#include "daemon/core/limit.h"

enum { COUNT_MAX = 100000 };

struct taker {
	struct keymap_head head;
	struct limit limit;
};

struct rate {
	const struct account_key *key;
	struct keymap *takers;
};

struct rate *
rate_new(const struct account_key *key)
{
	struct rate *r = calloc(1, sizeof(*r));

	ASSERT(r != NULL);
	r->key = key;
	r->takers = keymap_new(sizeof(struct taker));
	return r;
}

void
rate_free(struct rate **rp)
{
	struct rate *r = *rp;

	if (r == NULL)
		return;
	keymap_free(&r->takers);
	free(r);
	*rp = NULL;
}

void
rate_sweep(struct rate *r, int64_t now_ms)
{
	(void)keymap_expire(r->takers, now_ms - (int64_t)2 * RATE_MS);
	keymap_clip(r->takers, now_ms);
}

bool
rate_take(struct rate *r, const struct call *c)
{
	const struct web_user *u = c->q.user;
	uint8_t key[KEYMAP_KEY_LEN];
	struct taker *t;
	bool fresh;

	if (u == NULL && c->local)
		return true;
	account_tag(r->key, u != NULL ? SV("rate user") : SV("rate address"),
	    u != NULL ? (struct sv){ (const char *)&u->id, sizeof(u->id) } :
			sv_of(c->address),
	    key);
	if (keymap_count(r->takers) > COUNT_MAX)
		rate_sweep(r, c->q.now_ms);
	t = keymap_put(r->takers, key, c->q.now_ms, &fresh);
	t->head.at_ms = c->q.now_ms;
	return limit_take(&t->limit, u != NULL ? RATE_USER : RATE_ADDRESS,
	    RATE_MS, c->q.now_ms);
}
