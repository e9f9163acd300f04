/*
 * keymap.h - a table of things that grow old, by a 16-byte key.
 *
 * Open addressing with linear probing over one array: the keys are keyed
 * hashes, so their own bytes are the hash.  An entry is a caller's struct that
 * starts with struct keymap_head.
 */
#ifndef DAEMON_BASE_KEYMAP_H
#define DAEMON_BASE_KEYMAP_H

#include "daemon/base/base.h"

enum { KEYMAP_KEY_LEN = 16 };

struct keymap_head {
	uint8_t key[KEYMAP_KEY_LEN];
	int64_t at_ms; /* 0: the slot is free */
};

struct keymap;

/* A key of a number: mixed, since neighbours must not lie side by side. */
void keymap_key(int64_t number, uint8_t ret_key[KEYMAP_KEY_LEN]);

/* size  bytes of one entry, its head included */
struct keymap *keymap_new(size_t size);
void keymap_free(struct keymap **mp);

/* The entry with this key, or NULL. */
void *keymap_find(struct keymap *m, const uint8_t key[KEYMAP_KEY_LEN]);

/*
 * The same, made if missing: zeroed but for its head.
 *
 * at_ms  for a new entry, above 0
 *
 * The pointer is good until the next put, remove or expire.
 */
void *keymap_put(struct keymap *m, const uint8_t key[KEYMAP_KEY_LEN],
    int64_t at_ms, bool *ret_new);

void keymap_remove(struct keymap *m, const uint8_t key[KEYMAP_KEY_LEN]);

/* Forget entries whose at_ms is below before_ms.  Returns how many. */
size_t keymap_expire(struct keymap *m, int64_t before_ms);

/* The clock went back: no entry is of later than now_ms. */
void keymap_clip(struct keymap *m, int64_t now_ms);

size_t keymap_count(const struct keymap *m);

/* Memory that it takes. */
size_t keymap_bytes(const struct keymap *m);

/* Call fn for every entry, in no order; fn changes nothing but the entry. */
void keymap_each(
    struct keymap *m, void (*fn)(void *arg, void *entry), void *arg);

#endif
