/*
 * daymap.c - linear probing in the order of the keys.
 *
 * The home of a key is its share of the slots: the smallest key's is the first.
 * Entries lie in the order of their keys, each at its home or as near behind it
 * as those before it allow, with no free slot between.  So a search ends at the
 * first entry that is greater, even where nine of ten slots are taken; and all
 * of a part is moved in one pass from left to right.
 */
#include "daemon/base/daymap.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	TIME_LEN = 3,
	TIME_MAX = (1 << 24) - 1, /* units: 46 hours */
	/* a day, and what is older becomes a little older than that */
	REACH_MS = 24 * 3600 * 1000 + 2 * DAYMAP_UNIT_MS,
	PAGE = 4096,
	CACHE_LINE = 64,
	TAIL_MIN = 64, /* slots behind the last home */
	SIZE_MAX_ENTRY = DAYMAP_KEY_LEN + TIME_LEN + DAYMAP_VALUE_MAX,
};

/* From the system, not from malloc(): parts grow at about the same time, and
 * what they leave would lie between them. */
struct part {
	uint8_t *slots; /* NULL: none yet */
	size_t pages;
	uint32_t total; /* slots; the last one is always free */
	uint32_t homes; /* those that are some key's home */
	uint32_t count;
	int64_t base_ms; /* times are units after it; 0: a free slot */
};

struct daymap {
	size_t key_len, size; /* of an entry: key, time, value */
	size_t count;
	unsigned next; /* part that is swept next */
	struct part parts[DAYMAP_PARTS];
};

static struct part *
part_of(struct daymap *m, const uint8_t *key)
{
	return &m->parts[key[0] % DAYMAP_PARTS];
}

static uint8_t *
slot_at(const struct daymap *m, const struct part *p, size_t i)
{
	return p->slots + i * m->size;
}

static uint32_t
time_of(const struct daymap *m, const uint8_t *slot)
{
	const uint8_t *t = slot + m->key_len;

	return (uint32_t)t[0] | (uint32_t)t[1] << 8 | (uint32_t)t[2] << 16;
}

static void
time_set(const struct daymap *m, uint8_t *slot, uint32_t units)
{
	uint8_t *t = slot + m->key_len;

	t[0] = (uint8_t)units;
	t[1] = (uint8_t)(units >> 8);
	t[2] = (uint8_t)(units >> 16);
}

static uint32_t
units_of(const struct part *p, int64_t at_ms)
{
	int64_t units = (at_ms - p->base_ms) / DAYMAP_UNIT_MS;

	return units < 1 ? 1 : units > TIME_MAX ? TIME_MAX : (uint32_t)units;
}

static int64_t
ms_of(const struct part *p, uint32_t units)
{
	return p->base_ms + (int64_t)units * DAYMAP_UNIT_MS;
}

/* The first bytes in the order that memcmp() gives. */
static uint64_t
prefix_of(const uint8_t *key)
{
	uint64_t n;

	memcpy(&n, key, sizeof(n));
	return be64toh(n);
}

static uint32_t
home_of(const struct part *p, const uint8_t *key)
{
	return (uint32_t)((prefix_of(key) >> 32) * p->homes >> 32);
}

/* As memcmp(); of the bytes that are kept. */
static int
key_compare(const struct daymap *m, const uint8_t *a, const uint8_t *b)
{
	uint64_t x = prefix_of(a), y = prefix_of(b);

	if (x != y)
		return x < y ? -1 : 1;
	return memcmp(a + sizeof(x), b + sizeof(y), m->key_len - sizeof(x));
}

/* The first slot that is free, this key's or a greater one's. */
static uint32_t
slot_find(const struct daymap *m, const struct part *p, const uint8_t *kept,
    bool *ret_found)
{
	uint32_t i = home_of(p, kept);
	const uint8_t *slot = slot_at(m, p, i);
	int order = -1;

	while (
	    time_of(m, slot) != 0 && (order = key_compare(m, slot, kept)) < 0) {
		slot += m->size;
		i++;
	}
	*ret_found = order == 0;
	return i;
}

static void
slots_map(const struct daymap *m, struct part *p, size_t pages)
{
	p->slots = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(p->slots != MAP_FAILED);
	p->pages = pages;
	p->total = (uint32_t)(pages * PAGE / m->size);
	/* an eighth behind them is hardly ever touched */
	p->homes = (p->total - TAIL_MIN) / 9 * 8;
	ASSERT(p->homes > 0);
}

static void
slots_unmap(struct part *p)
{
	if (p->slots != NULL)
		ASSERT(munmap(p->slots, p->pages * PAGE) == 0);
	p->slots = NULL;
	p->pages = 0;
}

/*
 * Put the entries of old into p, from left to right.  p may be old itself, with
 * fewer of them: none then goes further right.  False if there is no room.
 */
static bool
part_lay(const struct daymap *m, const struct part *old, struct part *p)
{
	uint8_t entry[SIZE_MAX_ENTRY];
	uint32_t i, home, free_at = 0;
	uint8_t *slot;

	for (i = 0; i + 1 < old->total; i++) {
		slot = slot_at(m, old, i);
		if (time_of(m, slot) == 0)
			continue;
		memcpy(entry, slot, m->size);
		if (old == p)
			memset(slot, 0, m->size);
		home = home_of(p, entry);
		if (free_at < home)
			free_at = home;
		if (free_at + 1 >= p->total)
			return false;
		memcpy(slot_at(m, p, free_at++), entry, m->size);
	}
	return true;
}

static void
part_resize(const struct daymap *m, struct part *p, size_t pages)
{
	struct part fresh = *p;

	slots_map(m, &fresh, pages);
	while (p->slots != NULL && !part_lay(m, p, &fresh)) {
		slots_unmap(&fresh);
		pages += pages / 8 + 1;
		slots_map(m, &fresh, pages);
	}
	slots_unmap(p);
	*p = fresh;
}

/* So that nine of ten homes are taken. */
static size_t
pages_for(const struct daymap *m, size_t count)
{
	size_t slots = (count * 10 / 9 + 1) * 9 / 8 + 9 + TAIL_MIN;

	return (slots * m->size + PAGE - 1) / PAGE;
}

/* Times of this part are to begin at base_ms. */
static void
part_rebase(const struct daymap *m, struct part *p, int64_t base_ms)
{
	struct part old = *p;
	uint32_t i, units;

	p->base_ms = base_ms - base_ms % DAYMAP_UNIT_MS; /* rounds once */
	for (i = 0; p->count > 0 && i < p->total; i++) {
		units = time_of(m, slot_at(m, p, i));
		if (units != 0)
			time_set(m, slot_at(m, p, i),
			    units_of(p, ms_of(&old, units)));
	}
}

static void
part_grow(const struct daymap *m, struct part *p)
{
	part_resize(m, p,
	    p->slots != NULL ? p->pages + p->pages / 8 + 1 : pages_for(m, 1));
}

struct daymap *
daymap_new(size_t key_len, size_t value_len)
{
	struct daymap *m = calloc(1, sizeof(*m));

	ASSERT(m != NULL && key_len >= sizeof(uint64_t) &&
	       key_len < DAYMAP_KEY_LEN && value_len <= DAYMAP_VALUE_MAX);
	m->key_len = key_len;
	m->size = key_len + TIME_LEN + value_len;
	return m;
}

void
daymap_free(struct daymap **mp)
{
	size_t i;

	if (*mp == NULL)
		return;
	for (i = 0; i < DAYMAP_PARTS; i++)
		slots_unmap(&(*mp)->parts[i]);
	free(*mp);
	*mp = NULL;
}

void
daymap_reserve(struct daymap *m, size_t count)
{
	/* hashes do not fall quite evenly */
	size_t share = count / DAYMAP_PARTS, i, pages;

	pages = pages_for(m, share + share / 64);
	for (i = 0; count > 0 && i < DAYMAP_PARTS; i++)
		if (m->parts[i].pages < pages)
			part_resize(m, &m->parts[i], pages);
}

void
daymap_expect(const struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN])
{
	const struct part *p = &m->parts[key[0] % DAYMAP_PARTS];
	const uint8_t *slot;

	if (p->slots == NULL)
		return;
	slot = slot_at(m, p, home_of(p, key + 1));
	__builtin_prefetch(slot, 1);
	__builtin_prefetch(slot + CACHE_LINE, 1); /* never past the tail */
}

bool
daymap_get(const struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN],
    int64_t *ret_at_ms, void *ret_value)
{
	const struct part *p = &m->parts[key[0] % DAYMAP_PARTS];
	const uint8_t *slot;
	bool found;

	if (p->count == 0)
		return false;
	slot = slot_at(m, p, slot_find(m, p, key + 1, &found));
	if (!found)
		return false;
	if (ret_at_ms != NULL)
		*ret_at_ms = ms_of(p, time_of(m, slot));
	if (ret_value != NULL)
		memcpy(ret_value, slot + m->key_len + TIME_LEN,
		    m->size - m->key_len - TIME_LEN);
	return true;
}

/* Make room at i, behind which what is greater moves up. */
static bool
slot_open(const struct daymap *m, struct part *p, uint32_t i)
{
	uint8_t *slot = slot_at(m, p, i), *end = slot;

	while (time_of(m, end) != 0)
		end += m->size;
	if (end == slot_at(m, p, p->total - 1))
		return false; /* one stays free */
	memmove(slot + m->size, slot, (size_t)(end - slot));
	memset(slot, 0, m->size);
	return true;
}

static uint32_t
grow_find(struct daymap *m, struct part *p, const uint8_t *kept)
{
	bool found;

	part_grow(m, p);
	return slot_find(m, p, kept, &found);
}

/* i is what slot_find() said, if there are slots. */
static uint8_t *
slot_new(struct daymap *m, struct part *p, const uint8_t *kept, uint32_t i)
{
	if (p->slots == NULL || p->count + 1 > p->homes / 10 * 9)
		i = grow_find(m, p, kept);
	while (!slot_open(m, p, i))
		i = grow_find(m, p, kept);
	memcpy(slot_at(m, p, i), kept, m->key_len);
	p->count++;
	m->count++;
	return slot_at(m, p, i);
}

uint8_t *
daymap_put(struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN], int64_t at_ms,
    bool *ret_new)
{
	struct part *p = part_of(m, key);
	bool found = false;
	uint8_t *slot;
	uint32_t i = 0;

	ASSERT(at_ms > 0);
	if (p->count == 0 || at_ms > ms_of(p, TIME_MAX))
		part_rebase(m, p, at_ms - REACH_MS);
	if (p->slots != NULL)
		i = slot_find(m, p, key + 1, &found);
	slot = found ? slot_at(m, p, i) : slot_new(m, p, key + 1, i);
	time_set(m, slot, units_of(p, at_ms));
	*ret_new = !found;
	return slot + m->key_len + TIME_LEN;
}

void
daymap_remove(struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN])
{
	struct part *p = part_of(m, key);
	uint8_t *slot, *end;
	bool found;
	uint32_t i;

	if (p->count == 0)
		return;
	i = slot_find(m, p, key + 1, &found);
	if (!found)
		return;
	slot = slot_at(m, p, i);
	end = slot + m->size;
	/* pull back what is not at its home */
	while (time_of(m, end) != 0 && home_of(p, end) <= i) {
		end += m->size;
		i++;
	}
	memmove(slot, slot + m->size, (size_t)(end - slot) - m->size);
	memset(end - m->size, 0, m->size);
	p->count--;
	m->count--;
}

static size_t
part_sweep(struct daymap *m, struct part *p, int64_t before_ms,
    void (*on_drop)(void *arg, const uint8_t *value), void *arg)
{
	uint32_t i, units, old = 0;
	uint8_t *slot;

	for (i = 0; p->count > 0 && i < p->total; i++) {
		slot = slot_at(m, p, i);
		units = time_of(m, slot);
		if (units == 0 || ms_of(p, units) >= before_ms)
			continue;
		if (on_drop != NULL)
			on_drop(arg, slot + m->key_len + TIME_LEN);
		memset(slot, 0, m->size);
		old++;
	}
	p->count -= old;
	m->count -= old;
	if (p->count == 0)
		slots_unmap(p);
	else if (pages_for(m, p->count) < p->pages / 4 * 3)
		part_resize(m, p, pages_for(m, p->count));
	else if (old > 0)
		ASSERT(part_lay(m, p, p));
	return old;
}

size_t
daymap_sweep(struct daymap *m, int64_t before_ms, unsigned parts,
    void (*on_drop)(void *arg, const uint8_t *value), void *arg)
{
	size_t old = 0;

	for (; parts > 0; parts--) {
		old +=
		    part_sweep(m, &m->parts[m->next], before_ms, on_drop, arg);
		m->next = (m->next + 1) % DAYMAP_PARTS;
	}
	return old;
}

static void
part_clip(const struct daymap *m, struct part *p, int64_t now_ms)
{
	uint32_t i, now;

	if (now_ms <= p->base_ms)
		part_rebase(m, p, now_ms - REACH_MS);
	now = units_of(p, now_ms);
	for (i = 0; p->count > 0 && i < p->total; i++)
		if (time_of(m, slot_at(m, p, i)) > now)
			time_set(m, slot_at(m, p, i), now);
}

void
daymap_clip(struct daymap *m, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < DAYMAP_PARTS; i++)
		part_clip(m, &m->parts[i], now_ms);
}

size_t
daymap_count(const struct daymap *m)
{
	return m->count;
}

size_t
daymap_bytes(const struct daymap *m)
{
	size_t bytes = sizeof(*m), i;

	for (i = 0; i < DAYMAP_PARTS; i++)
		bytes +=
		    m->parts[i].slots == NULL ? 0 : m->parts[i].pages * PAGE;
	return bytes;
}
