/*
 * people.h - who has written in the last day: some 16 bytes for each.
 *
 * Of a person it is kept when they wrote last and the number of their session;
 * struct lately only while it matters.  Times are rounded down to
 * DAYMAP_UNIT_MS.
 */
#ifndef DAEMON_CORE_PEOPLE_H
#define DAEMON_CORE_PEOPLE_H

#include "daemon/core/core.h"

struct people *people_new(void);
void people_free(struct people **pp);

/* Memory for so many is taken at once. */
void people_reserve(struct people *p, size_t count);

/* Fill in all of a person; false, and nothing is touched, if nobody is known by
 * this key. */
bool people_get(const struct people *p, const uint8_t key[VAULT_TAG_LEN],
    struct person *ret_person);

/* Somebody is asked for or learnt soon: have the memory near. */
void people_expect(const struct people *p, const uint8_t key[VAULT_TAG_LEN]);

/* As they are now, at_ms above 0. */
void people_put(struct people *p, const struct person *person);

/* The same of somebody who wrote before the start. */
void people_learn(struct people *p, const uint8_t key[VAULT_TAG_LEN],
    int64_t at_ms, const struct menu_session *session);

void people_remove(struct people *p, const uint8_t key[VAULT_TAG_LEN]);

/* Carry everybody to another edition. */
void people_move(
    struct people *p, const struct edition *from, const struct edition *to);

/* Forget, in the next parts of DAYMAP_PARTS, who wrote last before idle_ms, and
 * of the others what is older than lately_ms. */
void people_sweep(
    struct people *p, int64_t idle_ms, int64_t lately_ms, unsigned parts);

/* The clock went back: nobody wrote after now_ms. */
void people_clip(struct people *p, int64_t now_ms);

size_t people_count(const struct people *p);

/* Memory that they take. */
size_t people_bytes(const struct people *p);

#endif
