/* A table of very many things, held against a list of them. */
#include "daemon/base/daymap.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

enum {
	KEYS = 3000,
	STEPS = 60000,
	KEPT = 10, /* bytes of a key */
	MANY = 200000,
	DAY_MS = 24 * 3600 * 1000,
};

static const int64_t start_ms = INT64_C(1790000000000);

/* What should be there. */
struct naive {
	uint8_t key[DAYMAP_KEY_LEN];
	int64_t at_ms; /* 0: nothing */
	uint32_t value;
};

static struct naive naive[KEYS];
static size_t there, dropped, strange, bad_sweeps;
static uint64_t seed = 1;

static uint32_t
some(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static void
key_random(uint8_t key[DAYMAP_KEY_LEN])
{
	size_t i;

	for (i = 0; i < DAYMAP_KEY_LEN; i++)
		key[i] = (uint8_t)some(256);
}

/* Some at one home, at the first and at the last one; two that differ in the
 * last byte that is kept. */
static void
key_of(uint32_t i, uint8_t key[DAYMAP_KEY_LEN])
{
	key_random(key);
	if (i % 8 == 0)
		memset(key, 0, 5);
	if (i % 8 == 1)
		memset(key, 0xff, 5);
	if (i % 8 == 3) {
		memcpy(key, naive[i - 1].key, DAYMAP_KEY_LEN);
		key[KEPT]++;
	}
}

static void
put(struct daymap *m, uint32_t i, int64_t at_ms, uint32_t value)
{
	struct naive *n = &naive[i];
	uint8_t *kept;
	bool is_new;

	kept = daymap_put(m, n->key, at_ms, &is_new);
	there += n->at_ms == 0;
	strange += is_new != (n->at_ms == 0);
	memcpy(kept, &value, sizeof(value));
	n->at_ms = at_ms;
	n->value = value;
}

static void
drop(struct naive *n)
{
	there -= n->at_ms != 0;
	dropped += n->at_ms != 0;
	n->at_ms = 0;
}

/* Keys that are there but should not be, or the reverse, or wrong. */
static size_t
wrong(const struct daymap *m)
{
	size_t i, bad = daymap_count(m) != there;
	int64_t at_ms = 0;
	uint32_t value = 0;
	bool found;

	for (i = 0; i < KEYS; i++) {
		found = daymap_get(m, naive[i].key, &at_ms, &value);
		bad += found != (naive[i].at_ms != 0);
		if (found && naive[i].at_ms != 0)
			bad += value != naive[i].value ||
			       llabs(at_ms - naive[i].at_ms) >= DAYMAP_UNIT_MS;
	}
	return bad;
}

static void
on_drop(void *arg, const uint8_t *value)
{
	uint32_t v;

	memcpy(&v, value, sizeof(v));
	*(uint64_t *)arg += v;
}

/* What is older than a day goes, each with its value. */
static bool
sweep_is_right(struct daymap *m, int64_t now_ms)
{
	uint64_t values = 0, want = 0;
	size_t i, old = 0, before = dropped;
	int64_t limit_ms = now_ms - DAY_MS + 500; /* between two times */

	for (i = 0; i < KEYS; i++) {
		if (naive[i].at_ms == 0 || naive[i].at_ms >= limit_ms)
			continue;
		want += naive[i].value;
		drop(&naive[i]);
	}
	for (i = 0; i < DAYMAP_PARTS; i += 4)
		old += daymap_sweep(m, limit_ms, 4, on_drop, &values);
	return values == want && old == dropped - before;
}

static void
clip(struct daymap *m, int64_t now_ms)
{
	size_t i;

	daymap_clip(m, now_ms);
	for (i = 0; i < KEYS; i++)
		if (naive[i].at_ms > now_ms)
			naive[i].at_ms = now_ms;
}

/* A clock that goes on, stands still for a day and is set back. */
static int64_t
later(struct daymap *m, int64_t now_ms)
{
	switch (some(2000)) {
	case 0:
	case 1:
		now_ms += (1 + some(3)) * (int64_t)DAY_MS;
		bad_sweeps += !sweep_is_right(m, now_ms);
		return now_ms;
	case 2:
		now_ms -= DAY_MS / 2;
		clip(m, now_ms);
		return now_ms;
	case 3:
		now_ms -= 3 * (int64_t)DAY_MS;
		clip(m, now_ms);
		return now_ms;
	default:
		return now_ms + some(40) * INT64_C(1000);
	}
}

static void
random_steps(void)
{
	struct daymap *m = daymap_new(KEPT, sizeof(uint32_t));
	int64_t now_ms = start_ms + 5;
	size_t bad = 0;
	uint32_t i, k;

	for (i = 0; i < KEYS; i++)
		key_of(i, naive[i].key);
	for (i = 0; i < STEPS; i++) {
		now_ms = later(m, now_ms);
		k = some(KEYS);
		if (some(4) > 0) {
			put(m, k, now_ms, some(1000));
		} else {
			daymap_remove(m, naive[k].key);
			drop(&naive[k]);
		}
		if (i % 50 == 0)
			bad_sweeps += !sweep_is_right(m, now_ms);
		if (i % 500 == 0)
			bad += wrong(m);
	}
	OK(there > KEYS / 8 && dropped > KEYS, "many come and go");
	EQ(strange, 0, "what is new is said to be");
	EQ(bad, 0, "what was put is there, what was not is not");
	EQ(bad_sweeps, 0, "what is a day old goes, and nothing else");
	now_ms += 3 * (int64_t)DAY_MS;
	OK(sweep_is_right(m, now_ms), "all of it");
	EQ(daymap_count(m), 0, "is gone");
	OK(daymap_bytes(m) < 8192, "and so is its memory");
	daymap_free(&m);
	OK(m == NULL, "freed");
}

static void
fill(struct daymap *m, uint32_t from, uint32_t to)
{
	uint8_t key[DAYMAP_KEY_LEN];
	bool is_new;
	uint32_t i;

	for (i = from; i < to; i++) {
		seed = i;
		key_random(key);
		(void)daymap_put(m, key, start_ms + 10 * (int64_t)i, &is_new);
	}
}

static size_t
missing(const struct daymap *m, uint32_t from, uint32_t to)
{
	uint8_t key[DAYMAP_KEY_LEN];
	size_t bad = 0;
	uint32_t i;

	for (i = from; i < to; i++) {
		seed = i;
		key_random(key);
		bad += !daymap_get(m, key, NULL, NULL);
	}
	return bad;
}

static void
memory_is_small(void)
{
	struct daymap *m = daymap_new(9, 0), *ready = daymap_new(9, 0);
	size_t bytes, most = 0;
	uint32_t i;

	for (i = 0; i < MANY; i += 1000) {
		bytes = daymap_bytes(m);
		fill(m, i, i + 1000);
		bytes = daymap_bytes(m) - bytes;
		most = bytes > most ? bytes : most;
	}
	EQ(missing(m, 0, MANY), 0, "many are there");
	OK(daymap_bytes(m) < MANY * 12 * 3 / 2, "twelve bytes each, and room");
	OK(most < MANY * 12 / 4, "which grows by small steps");
	daymap_reserve(ready, MANY);
	bytes = daymap_bytes(ready);
	fill(ready, 0, MANY);
	EQ(daymap_bytes(ready), bytes, "room for all is enough for all");
	OK(bytes < MANY * 12 * 4 / 3, "and is not much more");
	bytes = daymap_bytes(m);
	EQ(daymap_sweep(
	       m, start_ms + 10 * MANY * 3 / 4, DAYMAP_PARTS, NULL, NULL),
	    MANY * 3 / 4, "three of four go");
	OK(daymap_bytes(m) < bytes / 2, "memory is given back");
	EQ(missing(m, MANY * 3 / 4, MANY), 0, "the rest stays");
	daymap_free(&m);
	daymap_free(&ready);
}

static void
times_end(void)
{
	struct daymap *m = daymap_new(8, 0);
	uint8_t a[DAYMAP_KEY_LEN] = { 1 }, b[DAYMAP_KEY_LEN] = { 1, 2 };
	int64_t at_ms = 0;
	bool is_new;

	(void)daymap_put(m, a, start_ms, &is_new);
	(void)daymap_put(m, b, start_ms + 20 * DAY_MS / 24, &is_new);
	OK(daymap_get(m, a, &at_ms, NULL) && at_ms == start_ms,
	    "what is new leaves the time of what is younger than a day");
	(void)daymap_put(m, b, start_ms + 5 * (int64_t)DAY_MS, &is_new);
	OK(daymap_get(m, a, &at_ms, NULL) &&
		at_ms < start_ms + 4 * (int64_t)DAY_MS &&
		at_ms > start_ms + 4 * (int64_t)DAY_MS - 1000,
	    "and makes what is older a day old, no less");
	(void)daymap_put(m, a, start_ms - 9 * (int64_t)DAY_MS, &is_new);
	OK(!is_new && daymap_get(m, a, &at_ms, NULL) &&
		at_ms < start_ms + 4 * (int64_t)DAY_MS,
	    "the time of one may be set back as far");
	daymap_free(&m);
}

int
main(void)
{
	random_steps();
	memory_is_small();
	times_end();
	return tap_done();
}
