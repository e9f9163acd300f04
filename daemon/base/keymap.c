/* keymap.c - linear probing; at most 80 % full. */
#include "daemon/base/keymap.h"

#include <stdlib.h>
#include <string.h>

enum { KEYMAP_CAP_MIN = 1024 };

struct keymap {
	unsigned char *slots;
	size_t size; /* bytes of one slot */
	size_t cap;  /* slots, a power of two */
	size_t count;
};

/* The finalizer of splitmix64: https://prng.di.unimi.it/splitmix64.c */
void
keymap_key(int64_t number, uint8_t ret_key[KEYMAP_KEY_LEN])
{
	uint64_t h = (uint64_t)number;

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
	h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
	h ^= h >> 31;
	memcpy(ret_key, &h, sizeof(h));
	memset(ret_key + sizeof(h), 0, KEYMAP_KEY_LEN - sizeof(h));
}

static struct keymap_head *
slot_at(const struct keymap *m, size_t i)
{
	void *p = m->slots + i * m->size;

	return p;
}

static size_t
slot_home(const struct keymap *m, const uint8_t *key)
{
	size_t h;

	memcpy(&h, key, sizeof(h));
	return h & (m->cap - 1);
}

/* Where key is, or the free slot where it belongs. */
static size_t
slot_of(const struct keymap *m, const uint8_t *key)
{
	size_t i = slot_home(m, key);

	while (slot_at(m, i)->at_ms != 0 &&
	       memcmp(slot_at(m, i)->key, key, KEYMAP_KEY_LEN) != 0)
		i = (i + 1) & (m->cap - 1);
	return i;
}

static void
slots_new(struct keymap *m, size_t cap)
{
	m->slots = calloc(cap, m->size);
	ASSERT(m->slots != NULL);
	m->cap = cap;
	m->count = 0;
}

/* Move all that is not older than before_ms into cap new slots. */
static void
slots_move(struct keymap *m, size_t cap, int64_t before_ms)
{
	struct keymap old = *m;
	struct keymap_head *head;
	size_t i;

	slots_new(m, cap);
	for (i = 0; i < old.cap; i++) {
		head = slot_at(&old, i);
		if (head->at_ms == 0 || head->at_ms < before_ms)
			continue;
		memcpy(slot_at(m, slot_of(m, head->key)), head, m->size);
		m->count++;
	}
	free(old.slots);
}

struct keymap *
keymap_new(size_t size)
{
	struct keymap *m = calloc(1, sizeof(*m));

	ASSERT(m != NULL && size >= sizeof(struct keymap_head));
	m->size = size;
	slots_new(m, KEYMAP_CAP_MIN);
	return m;
}

void
keymap_free(struct keymap **mp)
{
	struct keymap *m = *mp;

	if (m == NULL)
		return;
	free(m->slots);
	free(m);
	*mp = NULL;
}

void *
keymap_find(struct keymap *m, const uint8_t key[KEYMAP_KEY_LEN])
{
	struct keymap_head *head = slot_at(m, slot_of(m, key));

	return head->at_ms != 0 ? head : NULL;
}

void *
keymap_put(struct keymap *m, const uint8_t key[KEYMAP_KEY_LEN], int64_t at_ms,
    bool *ret_new)
{
	struct keymap_head *head;

	ASSERT(at_ms > 0);
	if ((m->count + 1) * 10 > m->cap * 8)
		slots_move(m, m->cap * 2, 0);
	head = slot_at(m, slot_of(m, key));
	*ret_new = head->at_ms == 0;
	if (*ret_new) {
		memset(head, 0, m->size);
		memcpy(head->key, key, KEYMAP_KEY_LEN);
		head->at_ms = at_ms;
		m->count++;
	}
	return head;
}

void
keymap_remove(struct keymap *m, const uint8_t key[KEYMAP_KEY_LEN])
{
	size_t mask = m->cap - 1, hole = slot_of(m, key), i, home;

	if (slot_at(m, hole)->at_ms == 0)
		return;
	/* pull back what had been pushed past the hole */
	for (i = (hole + 1) & mask; slot_at(m, i)->at_ms != 0;
	     i = (i + 1) & mask) {
		home = slot_home(m, slot_at(m, i)->key);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		memcpy(slot_at(m, hole), slot_at(m, i), m->size);
		hole = i;
	}
	memset(slot_at(m, hole), 0, m->size);
	m->count--;
}

size_t
keymap_expire(struct keymap *m, int64_t before_ms)
{
	size_t i, old = 0, cap = m->cap;

	for (i = 0; i < m->cap; i++)
		old += slot_at(m, i)->at_ms != 0 &&
		       slot_at(m, i)->at_ms < before_ms;
	if (old == 0)
		return 0;
	while (cap > KEYMAP_CAP_MIN && (m->count - old) * 10 < cap * 2)
		cap /= 2;
	slots_move(m, cap, before_ms);
	return old;
}

size_t
keymap_count(const struct keymap *m)
{
	return m->count;
}

size_t
keymap_bytes(const struct keymap *m)
{
	return m->cap * m->size;
}

void
keymap_clip(struct keymap *m, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < m->cap; i++)
		if (slot_at(m, i)->at_ms > now_ms)
			slot_at(m, i)->at_ms = now_ms;
}

void
keymap_each(struct keymap *m, void (*fn)(void *arg, void *entry), void *arg)
{
	size_t i;

	for (i = 0; i < m->cap; i++)
		if (slot_at(m, i)->at_ms != 0)
			fn(arg, slot_at(m, i));
}
