/* lockout.c - tries, and the pauses behind them. */
#include "daemon/web/lockout.h"

#include <stdlib.h>

#include "daemon/base/keymap.h"

enum {
	COUNT_MAX = 100000, /* entries; above it the oldest hour goes */
	KINDS = 3,
};

_Static_assert((int)KEYMAP_KEY_LEN == (int)ACCOUNT_TAG_LEN, "tags are keys");

static const int64_t minute_ms = 60000, day_ms = 86400000;

struct tries {
	struct keymap_head head;
	int64_t count;
	int64_t until_ms; /* of the pause */
};

struct kind {
	const char *name;
	int64_t free; /* tries without a pause */
	int64_t most_ms;
};

static const struct kind by_device = { "device", 5, 900000 };
static const struct kind by_both = { "both", 5, 900000 };
static const struct kind by_account = { "account", 20, 300000 };
static const struct kind by_address = { "address", 30, 900000 };

struct lockout {
	const struct account_key *key;
	struct keymap *tries;
};

struct bucket {
	const struct kind *kind;
	uint8_t key[KEYMAP_KEY_LEN];
};

struct lockout *
lockout_new(const struct account_key *key)
{
	struct lockout *l = calloc(1, sizeof(*l));

	ASSERT(l != NULL);
	l->key = key;
	l->tries = keymap_new(sizeof(struct tries));
	return l;
}

void
lockout_free(struct lockout **lp)
{
	struct lockout *l = *lp;

	if (l == NULL)
		return;
	keymap_free(&l->tries);
	free(l);
	*lp = NULL;
}

/* Which kind, and whose. */
static struct bucket
bucket_of(
    const struct lockout *l, const struct kind *kind, struct sv a, struct sv b)
{
	struct bucket ret = { .kind = kind };
	uint8_t inner[ACCOUNT_TAG_LEN];

	account_tag(l->key, a, b, inner);
	account_tag(l->key, sv_of(kind->name),
	    (struct sv){ (const char *)inner, sizeof(inner) }, ret.key);
	return ret;
}

static size_t
buckets_of(const struct lockout *l, const struct lockout_who *who,
    struct bucket ret[KINDS])
{
	const struct sv none = { "", 0 };

	if (who->device.n > 0) {
		ret[0] = bucket_of(l, &by_device, who->device, who->account);
		return 1;
	}
	ret[0] = bucket_of(l, &by_both, who->address, who->account);
	if (who->account.n == 0)
		return 1;
	ret[1] = bucket_of(l, &by_account, none, who->account);
	ret[2] = bucket_of(l, &by_address, who->address, none);
	return KINDS;
}

/* 1 s behind the last free try, then twice as long each time. */
static int64_t
pause_ms(const struct kind *kind, int64_t count)
{
	int64_t over = count - kind->free, ms;

	if (over < 0)
		return 0;
	ms = over > 20 ? kind->most_ms : 1000LL << over;
	return ms < kind->most_ms ? ms : kind->most_ms;
}

int64_t
lockout_try(struct lockout *l, const struct lockout_who *who, int64_t now_ms,
    bool *ret_began)
{
	struct bucket buckets[KINDS];
	size_t n = buckets_of(l, who, buckets), i;
	int64_t wait_ms = 0, pause;
	bool began = false, fresh;
	struct tries *t;

	for (i = 0; i < n; i++) {
		t = keymap_find(l->tries, buckets[i].key);
		if (t != NULL && t->until_ms - now_ms > wait_ms)
			wait_ms = t->until_ms - now_ms;
	}
	if (wait_ms > 0)
		return wait_ms;
	if (keymap_count(l->tries) > COUNT_MAX)
		(void)keymap_expire(l->tries, now_ms - 60 * minute_ms);
	for (i = 0; i < n; i++) {
		t = keymap_put(l->tries, buckets[i].key, now_ms, &fresh);
		t->head.at_ms = now_ms;
		t->count++;
		pause = pause_ms(buckets[i].kind, t->count);
		began = began || pause > 0;
		t->until_ms = pause > 0 ? now_ms + pause : 0;
	}
	*ret_began = began;
	return 0;
}

void
lockout_passed(struct lockout *l, const struct lockout_who *who)
{
	struct bucket buckets[KINDS];
	size_t n = buckets_of(l, who, buckets), i;
	struct tries *t;

	/* who is right is no excuse for others' tries */
	keymap_remove(l->tries, buckets[0].key);
	for (i = 1; i < n; i++) {
		t = keymap_find(l->tries, buckets[i].key);
		if (t == NULL)
			continue;
		t->count--;
		t->until_ms = 0;
	}
}

void
lockout_uncount(struct lockout *l, const struct lockout_who *who)
{
	struct bucket buckets[KINDS];
	size_t n = buckets_of(l, who, buckets), i;
	struct tries *t;

	for (i = 0; i < n; i++) {
		t = keymap_find(l->tries, buckets[i].key);
		if (t == NULL)
			continue;
		t->count--;
		t->until_ms = 0;
	}
}

void
lockout_sweep(struct lockout *l, int64_t now_ms)
{
	(void)keymap_expire(l->tries, now_ms - day_ms);
	keymap_clip(l->tries, now_ms);
}
