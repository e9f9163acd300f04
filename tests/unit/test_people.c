/* Who has written: each as they were put, sessions shared by those who stand at
 * the same place. */
#include "daemon/core/people.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/sessions.h"
#include "tests/tap.h"

enum {
	PEOPLE = 500,
	STEPS = 20000,
	PLACES = 40,
	HOUR_MS = 3600 * 1000,
	LATELY_MS = 600 * 1000,
	DAY_MS = 24 * HOUR_MS,
};

static const int64_t start_ms = INT64_C(1790000000000);
static const struct lately nothing;
static struct person naive[PEOPLE]; /* at_ms 0: not there */
static uint64_t seed = 1;

static uint32_t
some(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static struct menu_session
session_random(void)
{
	struct menu_session s = menu_session_new();

	if (some(8) == 0)
		return s;
	s.node = (uint16_t)some(PLACES);
	s.lang = (uint8_t)some(LANG_COUNT);
	if (some(4) == 0) {
		s.choices[0] = (uint16_t)some(PLACES);
		s.choice_count = 1;
	}
	return s;
}

static bool
is_session(const struct menu_session *a, const struct menu_session *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool
is_lately(const struct lately *a, const struct lately *b)
{
	return a->limit.at_ms == b->limit.at_ms &&
	       a->limit.level == b->limit.level &&
	       a->text_hash == b->text_hash && a->reply_hash == b->reply_hash &&
	       a->same == b->same && a->warned == b->warned &&
	       a->forgotten == b->forgotten;
}

static void
person_write(struct people *p, struct person *n, int64_t now_ms)
{
	n->at_ms = now_ms;
	n->menu = session_random();
	n->lately = (struct lately){ .limit = { now_ms, some(30000) },
		.text_hash = some(1000),
		.reply_hash = some(1000),
		.same = 1,
		.warned = some(2) == 0,
		.forgotten = some(2) == 0 };
	people_put(p, n);
}

static size_t
wrong(const struct people *p, int64_t now_ms)
{
	size_t i, bad = 0, count = 0;
	const struct person *n;

	for (i = 0; i < PEOPLE; i++) {
		struct person got = { .at_ms = 1 };
		bool found;

		n = &naive[i];
		found = people_get(p, n->key, &got);
		bad += found != (n->at_ms != 0);
		if (!found)
			continue;
		count++;
		bad += got.at_ms != n->at_ms ||
		       !is_session(&got.menu, &n->menu) ||
		       memcmp(got.key, n->key, sizeof(got.key)) != 0;
		if (!is_lately(&got.lately, &n->lately))
			bad += n->at_ms >= now_ms - LATELY_MS ||
			       !is_lately(&got.lately, &nothing);
	}
	return bad + (people_count(p) != count);
}

static void
sweep(struct people *p, int64_t now_ms)
{
	size_t i;

	people_sweep(p, now_ms - DAY_MS, now_ms - LATELY_MS, DAYMAP_PARTS);
	for (i = 0; i < PEOPLE; i++)
		if (naive[i].at_ms < now_ms - DAY_MS)
			naive[i].at_ms = 0;
}

static void
people_come_and_go(void)
{
	struct people *p = people_new();
	int64_t now_ms = start_ms;
	size_t i, k, bad = 0, came = 0, bytes;

	for (i = 0; i < PEOPLE; i++)
		for (k = 0; k < VAULT_TAG_LEN; k++)
			naive[i].key[k] = (uint8_t)some(256);
	for (i = 0; i < STEPS; i++) {
		now_ms += some(600) * INT64_C(1000);
		k = some(PEOPLE);
		if (some(5) > 0) {
			came += naive[k].at_ms == 0;
			person_write(p, &naive[k], now_ms);
		} else {
			people_remove(p, naive[k].key);
			naive[k].at_ms = 0;
		}
		if (i % 20 == 0)
			sweep(p, now_ms);
		if (i % 200 == 0)
			bad += wrong(p, now_ms);
	}
	OK(came > STEPS / 4, "many come and go");
	EQ(bad, 0, "each is as they were put");
	bytes = people_bytes(p);
	for (i = 0; i < PEOPLE; i++)
		people_remove(p, naive[i].key);
	EQ(people_count(p), 0, "nobody is left");
	OK(people_bytes(p) <= bytes, "and takes memory");
	people_free(&p);
	OK(p == NULL, "freed");
}

static void
what_is_of_the_last_minutes(void)
{
	struct people *p = people_new();
	struct person a = { .key = { 1 }, .at_ms = start_ms }, got;

	a.menu = menu_session_new();
	a.menu.node = 3;
	a.lately.text_hash = 7;
	people_put(p, &a);
	people_sweep(p, start_ms - HOUR_MS, start_ms, DAYMAP_PARTS);
	OK(people_get(p, a.key, &got) && got.lately.text_hash == 7,
	    "the last text, while it is young");
	people_sweep(p, start_ms - HOUR_MS, start_ms + 10, DAYMAP_PARTS);
	OK(people_get(p, a.key, &got) && got.lately.text_hash == 0 &&
		got.menu.node == 3,
	    "then only where they are");
	people_learn(p, a.key, start_ms + 50, &a.menu);
	OK(people_get(p, a.key, &got) && got.at_ms == start_ms + 50,
	    "learnt from the store");
	EQ(people_count(p), 1, "one person");
	people_clip(p, start_ms - 500);
	OK(people_get(p, a.key, &got) && got.at_ms == start_ms - 500,
	    "a clock that is set back");
	people_sweep(p, start_ms, start_ms, DAYMAP_PARTS);
	got.at_ms = 1;
	OK(!people_get(p, a.key, &got) && got.at_ms == 1,
	    "too old: nothing is touched");
	people_free(&p);
}

static void
sessions_are_shared(void)
{
	struct sessions *s = sessions_new();
	struct menu_session a = menu_session_new(), b, none = a;
	uint32_t first, second;
	size_t bytes;

	EQ(sessions_take(s, &none), SESSIONS_NONE, "never seen");
	a.node = 1;
	a.choice_count = 1;
	a.choices[0] = 5;
	b = a;
	b.choices[2] = 9; /* left there by what was before */
	first = sessions_take(s, &a);
	second = sessions_take(s, &b);
	EQ(first, second, "equal ones are one");
	EQ(sessions_count(s), 1, "which is kept once");
	sessions_drop(s, first);
	OK(is_session(sessions_at(s, second), &a), "while somebody has it");
	sessions_drop(s, second);
	EQ(sessions_count(s), 0, "and then no more");
	sessions_drop(s, SESSIONS_NONE);
	OK(is_session(sessions_at(s, SESSIONS_NONE), &none),
	    "that of nobody stays");
	bytes = sessions_bytes(s);
	first = sessions_take(s, &a);
	OK(first == second && sessions_bytes(s) == bytes,
	    "what was free is used again");
	sessions_free(&s);
}

static struct menu_session
session_at(uint32_t i)
{
	struct menu_session s = menu_session_new();

	s.node = (uint16_t)i;
	s.menu = (uint16_t)(i >> 16);
	return s;
}

static void
sessions_of_many(void)
{
	enum { MANY = 100000 };
	struct sessions *s = sessions_new();
	uint32_t *numbers = calloc(MANY, sizeof(*numbers)), i;
	struct menu_session want;
	size_t bad = 0;

	ASSERT(numbers != NULL);
	for (i = 0; i < MANY; i++) {
		want = session_at(i);
		numbers[i] = sessions_take(s, &want);
	}
	EQ(sessions_count(s), MANY, "a hundred thousand different ones");
	for (i = 0; i < MANY; i += 2)
		sessions_drop(s, numbers[i]);
	for (i = 1; i < MANY; i += 2) {
		want = session_at(i);
		bad += !is_session(sessions_at(s, numbers[i]), &want);
		bad += sessions_take(s, &want) != numbers[i];
		bad += numbers[i] >> 8 * SESSIONS_NUMBER_LEN != 0;
	}
	EQ(bad, 0, "each is found by its number, and has no other");
	EQ(sessions_count(s), MANY / 2, "half of them go");
	OK(sessions_bytes(s) < (size_t)MANY * 80, "some bytes each");
	free(numbers);
	sessions_free(&s);
}

int
main(void)
{
	people_come_and_go();
	what_is_of_the_last_minutes();
	sessions_are_shared();
	sessions_of_many();
	return tap_done();
}
