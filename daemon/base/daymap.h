/*
 * daymap.h - a table of very many small things of the last day, by a 16-byte
 * keyed hash.
 *
 * An entry is the hash, a time and a few bytes, packed, without a pointer.  The
 * table is cut into DAYMAP_PARTS by the first byte of the hash; each grows and
 * shrinks alone and by small steps, so that the loop never waits for the whole
 * and memory never doubles.  Where there are but hundreds of entries, or where
 * they are to be pointed to, keymap.h is the one.
 */
#ifndef DAEMON_BASE_DAYMAP_H
#define DAEMON_BASE_DAYMAP_H

#include "daemon/base/base.h"

enum {
	DAYMAP_KEY_LEN = 16,
	DAYMAP_PARTS = 64,
	DAYMAP_UNIT_MS = 10, /* times are rounded down to it */
	DAYMAP_VALUE_MAX = 64,
};

struct daymap;

/*
 * key_len    8 to 15: how many bytes of a hash an entry keeps; with those that
 *            chose the part two keys are the same if 8 * key_len + 6 bits are.
 *            Ten bytes: two of a million people are mixed up once in 10^14
 *            such days.
 * value_len  bytes of what belongs to it, 0 to DAYMAP_VALUE_MAX
 */
struct daymap *daymap_new(size_t key_len, size_t value_len);
void daymap_free(struct daymap **mp);

/* Take the memory for so many entries at once. */
void daymap_reserve(struct daymap *m, size_t count);

/* A key is asked for or put soon: have its memory near. */
void daymap_expect(const struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN]);

/* Copy what belongs to a key; both may be NULL.  False if it is not there. */
bool daymap_get(const struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN],
    int64_t *ret_at_ms, void *ret_value);

/*
 * Set the time of an entry, which is made if missing.
 *
 * at_ms  above 0, less than a day before or after the newest one; else it is
 *        brought as near as can be
 *
 * Returns where its value is, zeros if it is new: no aligned address, good
 * until the table is changed again.
 */
uint8_t *daymap_put(struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN],
    int64_t at_ms, bool *ret_new);

void daymap_remove(struct daymap *m, const uint8_t key[DAYMAP_KEY_LEN]);

/*
 * Forget what is older than before_ms in the next parts of the table, and give
 * back the memory that they need no more.
 *
 * parts    DAYMAP_PARTS: all
 * on_drop  NULL, or called with each value that goes; it leaves the table alone
 *
 * Returns how many went.
 */
size_t daymap_sweep(struct daymap *m, int64_t before_ms, unsigned parts,
    void (*on_drop)(void *arg, const uint8_t *value), void *arg);

/* The clock went back: no entry is of later than now_ms. */
void daymap_clip(struct daymap *m, int64_t now_ms);

size_t daymap_count(const struct daymap *m);

/* Memory that it takes. */
size_t daymap_bytes(const struct daymap *m);

#endif
