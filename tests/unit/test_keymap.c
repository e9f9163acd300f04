#include <string.h>

#include "daemon/base/keymap.h"
#include "tests/tap.h"

enum { KEYS = 5000 };

struct entry {
	struct keymap_head head;
	int value;
};

/* Keys that collide a lot: only 64 different homes. */
static void
key_of(int i, uint8_t key[KEYMAP_KEY_LEN])
{
	memset(key, 0, KEYMAP_KEY_LEN);
	key[0] = (uint8_t)(i % 64);
	memcpy(key + 8, &i, sizeof(i));
}

static struct entry *
put(struct keymap *m, int i, int64_t at_ms)
{
	uint8_t key[KEYMAP_KEY_LEN];
	struct entry *e;
	bool is_new;

	key_of(i, key);
	e = keymap_put(m, key, at_ms, &is_new);
	if (is_new)
		e->value = i;
	return e;
}

/* Entries that are there but should not be, or the reverse, or wrong. */
static int
wrong(struct keymap *m, int from, int step, int to)
{
	uint8_t key[KEYMAP_KEY_LEN];
	const struct entry *e;
	int i, bad = 0;

	for (i = 0; i < KEYS; i++) {
		key_of(i, key);
		e = keymap_find(m, key);
		if (i >= from && i < to && (i - from) % step == 0)
			bad += e == NULL || e->value != i;
		else
			bad += e != NULL;
	}
	return bad;
}

static void
on_entry(void *arg, void *entry)
{
	(void)entry;
	++*(size_t *)arg;
}

int
main(void)
{
	struct keymap *m = keymap_new(sizeof(struct entry));
	uint8_t key[KEYMAP_KEY_LEN];
	size_t seen = 0;
	int i;

	for (i = 0; i < KEYS; i++)
		(void)put(m, i, 1000 + i);
	EQ(keymap_count(m), KEYS, "all in");
	EQ(wrong(m, 0, 1, KEYS), 0, "all found");
	(void)put(m, 7, 1);
	EQ(keymap_count(m), KEYS, "putting again adds none");
	for (i = 1; i < KEYS; i += 2) {
		key_of(i, key);
		keymap_remove(m, key);
	}
	EQ(wrong(m, 0, 2, KEYS), 0, "every second one removed, none lost");
	keymap_remove(m, key);
	EQ(keymap_count(m), KEYS / 2, "removing twice is harmless");
	EQ(keymap_expire(m, 1000 + 4000), 2000, "the old ones expire");
	EQ(wrong(m, 4000, 2, KEYS), 0, "the young ones stay");
	keymap_each(m, on_entry, &seen);
	EQ(seen, keymap_count(m), "each sees every entry once");
	EQ(keymap_expire(m, 1), 0, "nothing to expire");
	keymap_clip(m, 1000 + 4500);
	EQ(keymap_expire(m, 1000 + 4500), 250, "those before stay as they are");
	EQ(keymap_expire(m, 1000 + 4501), 250, "the later ones are of then");
	keymap_free(&m);
	OK(m == NULL, "freed");
	return tap_done();
}
