/* people.c - two tables and the sessions that are in use. */
#include "daemon/core/people.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/sessions.h"

/* Two people of a million under one key: once in 10^14 such days. */
enum { PERSON_LEN = 10 };

struct people {
	struct daymap *all;    /* the number of their session */
	struct daymap *lately; /* struct lately */
	struct sessions *sessions;
};

static uint32_t
number_read(const uint8_t bytes[SESSIONS_NUMBER_LEN])
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
	       (uint32_t)bytes[2] << 16;
}

static void
number_write(uint8_t bytes[SESSIONS_NUMBER_LEN], uint32_t number)
{
	bytes[0] = (uint8_t)number;
	bytes[1] = (uint8_t)(number >> 8);
	bytes[2] = (uint8_t)(number >> 16);
}

struct people *
people_new(void)
{
	struct people *p = calloc(1, sizeof(*p));

	ASSERT(p != NULL);
	p->all = daymap_new(PERSON_LEN, SESSIONS_NUMBER_LEN);
	p->lately = daymap_new(PERSON_LEN, sizeof(struct lately));
	p->sessions = sessions_new();
	return p;
}

void
people_free(struct people **pp)
{
	if (*pp == NULL)
		return;
	daymap_free(&(*pp)->all);
	daymap_free(&(*pp)->lately);
	sessions_free(&(*pp)->sessions);
	free(*pp);
	*pp = NULL;
}

void
people_reserve(struct people *p, size_t count)
{
	daymap_reserve(p->all, count);
}

void
people_expect(const struct people *p, const uint8_t key[VAULT_TAG_LEN])
{
	daymap_expect(p->all, key);
}

bool
people_get(const struct people *p, const uint8_t key[VAULT_TAG_LEN],
    struct person *ret_person)
{
	uint8_t number[SESSIONS_NUMBER_LEN];
	int64_t at_ms;

	if (!daymap_get(p->all, key, &at_ms, number))
		return false;
	memcpy(ret_person->key, key, VAULT_TAG_LEN);
	ret_person->at_ms = at_ms;
	ret_person->menu = *sessions_at(p->sessions, number_read(number));
	if (!daymap_get(p->lately, key, NULL, &ret_person->lately))
		ret_person->lately = (struct lately){ 0 };
	return true;
}

void
people_learn(struct people *p, const uint8_t key[VAULT_TAG_LEN], int64_t at_ms,
    const struct menu_session *session)
{
	uint32_t number = sessions_take(p->sessions, session);
	uint8_t *kept;
	bool is_new;

	kept = daymap_put(p->all, key, at_ms, &is_new);
	sessions_drop(p->sessions, number_read(kept)); /* none, if new */
	number_write(kept, number);
}

void
people_put(struct people *p, const struct person *person)
{
	uint8_t *kept;
	bool is_new;

	people_learn(p, person->key, person->at_ms, &person->menu);
	kept = daymap_put(p->lately, person->key, person->at_ms, &is_new);
	memcpy(kept, &person->lately, sizeof(person->lately));
}

static void
on_drop(void *arg, const uint8_t *value)
{
	struct people *p = arg;

	sessions_drop(p->sessions, number_read(value));
}

void
people_remove(struct people *p, const uint8_t key[VAULT_TAG_LEN])
{
	uint8_t number[SESSIONS_NUMBER_LEN];

	if (daymap_get(p->all, key, NULL, number))
		on_drop(p, number);
	daymap_remove(p->all, key);
	daymap_remove(p->lately, key);
}

void
people_move(
    struct people *p, const struct edition *from, const struct edition *to)
{
	sessions_move(p->sessions, from, to);
}

void
people_sweep(
    struct people *p, int64_t idle_ms, int64_t lately_ms, unsigned parts)
{
	(void)daymap_sweep(p->all, idle_ms, parts, on_drop, p);
	(void)daymap_sweep(p->lately, lately_ms, parts, NULL, NULL);
}

void
people_clip(struct people *p, int64_t now_ms)
{
	daymap_clip(p->all, now_ms);
	daymap_clip(p->lately, now_ms);
}

size_t
people_count(const struct people *p)
{
	return daymap_count(p->all);
}

size_t
people_bytes(const struct people *p)
{
	return daymap_bytes(p->all) + daymap_bytes(p->lately) +
	       sessions_bytes(p->sessions);
}
