/* sessions.c - equal sessions are one, found by their bytes. */
#include "daemon/core/sessions.h"

#include <stdlib.h>
#include <string.h>

enum {
	SHELVES = 256, /* that grow one by one, never all at once */
	SHELF_MIN = 4,
	SHELF_MOST = 65535, /* all numbers fit into three bytes */
	NONE = SHELF_MOST,  /* the end of a chain */
};

struct entry {
	struct menu_session session;
	uint32_t users; /* 0: free */
	uint16_t next;	/* in its chain, or of those that are free */
};

/* A number is (place in the shelf + 1) * SHELVES + shelf. */
struct shelf {
	struct entry *entries;
	uint16_t *chains; /* first of each; as many as entries */
	uint32_t cap;	  /* a power of two */
	uint32_t count;	  /* used */
	uint16_t unused;  /* first free one */
};

struct sessions {
	struct menu_session none;
	size_t count;
	struct shelf shelves[SHELVES];
};

_Static_assert(
    sizeof(struct menu_session) == 24, "no gaps: its bytes are compared");

static uint64_t
mix(uint64_t h)
{
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static uint64_t
hash_of(const struct menu_session *session)
{
	uint64_t words[3];

	memcpy(words, session, sizeof(words));
	return mix(mix(mix(words[0]) ^ words[1]) ^ words[2]);
}

static uint16_t *
chain_of(const struct shelf *f, const struct menu_session *session)
{
	return &f->chains[(hash_of(session) >> 8) & (f->cap - 1)];
}

/* All chains anew: those in use, and of the rest one. */
static void
shelf_link(struct shelf *f)
{
	struct entry *e;
	uint16_t *chain;
	uint32_t i;

	f->unused = NONE;
	for (i = 0; i < f->cap; i++)
		f->chains[i] = NONE;
	for (i = f->cap; i-- > 0;) {
		e = &f->entries[i];
		chain = e->users > 0 ? chain_of(f, &e->session) : &f->unused;
		e->next = *chain;
		*chain = (uint16_t)i;
	}
}

static void
shelf_grow(struct shelf *f)
{
	uint32_t cap = f->cap > 0 ? f->cap * 2 : SHELF_MIN;

	f->entries = realloc(f->entries, cap * sizeof(f->entries[0]));
	f->chains = realloc(f->chains, cap * sizeof(f->chains[0]));
	ASSERT(f->entries != NULL && f->chains != NULL);
	memset(&f->entries[f->cap], 0, (cap - f->cap) * sizeof(f->entries[0]));
	f->cap = cap;
	shelf_link(f);
}

struct sessions *
sessions_new(void)
{
	struct sessions *s = calloc(1, sizeof(*s));

	ASSERT(s != NULL);
	s->none = menu_session_new();
	return s;
}

void
sessions_free(struct sessions **sp)
{
	size_t i;

	if (*sp == NULL)
		return;
	for (i = 0; i < SHELVES; i++) {
		free((*sp)->shelves[i].entries);
		free((*sp)->shelves[i].chains);
	}
	free(*sp);
	*sp = NULL;
}

static bool
is_equal(const struct menu_session *a, const struct menu_session *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static uint32_t
entry_find(const struct shelf *f, const struct menu_session *session)
{
	uint32_t i;

	if (f->cap == 0)
		return NONE;
	for (i = *chain_of(f, session); i != NONE; i = f->entries[i].next)
		if (is_equal(&f->entries[i].session, session))
			break;
	return i;
}

static uint32_t
entry_new(struct shelf *f, const struct menu_session *session)
{
	uint16_t *chain;
	struct entry *e;
	uint32_t i;

	if (f->count == f->cap)
		shelf_grow(f);
	i = f->unused;
	e = &f->entries[i];
	f->unused = e->next;
	chain = chain_of(f, session);
	*e = (struct entry){ .session = *session, .next = *chain };
	*chain = (uint16_t)i;
	f->count++;
	return i;
}

uint32_t
sessions_take(struct sessions *s, const struct menu_session *session)
{
	struct menu_session plain = *session;
	uint32_t shelf, i;
	struct shelf *f;

	for (i = plain.choice_count; i < MATCH_CHOICES_MAX; i++)
		plain.choices[i] = 0; /* whatever is left there */
	if (is_equal(&plain, &s->none))
		return SESSIONS_NONE;
	shelf = hash_of(&plain) % SHELVES;
	f = &s->shelves[shelf];
	i = entry_find(f, &plain);
	if (i == NONE) {
		if (f->count == SHELF_MOST)
			return SESSIONS_NONE;
		i = entry_new(f, &plain);
		s->count++;
	}
	f->entries[i].users++;
	return (i + 1) * SHELVES + shelf;
}

void
sessions_drop(struct sessions *s, uint32_t number)
{
	uint32_t i = number / SHELVES - 1;
	struct shelf *f = &s->shelves[number % SHELVES];
	struct entry *e;
	uint16_t *at;

	if (number == SESSIONS_NONE)
		return;
	e = &f->entries[i];
	if (--e->users > 0)
		return;
	for (at = chain_of(f, &e->session); *at != i;)
		at = &f->entries[*at].next;
	*at = e->next;
	memset(e, 0, sizeof(*e));
	e->next = f->unused;
	f->unused = (uint16_t)i;
	f->count--;
	s->count--;
}

const struct menu_session *
sessions_at(const struct sessions *s, uint32_t number)
{
	if (number == SESSIONS_NONE)
		return &s->none;
	return &s->shelves[number % SHELVES]
		    .entries[number / SHELVES - 1]
		    .session;
}

void
sessions_move(
    struct sessions *s, const struct edition *from, const struct edition *to)
{
	struct shelf *f;
	uint32_t i;

	for (f = s->shelves; f < s->shelves + SHELVES; f++) {
		for (i = 0; i < f->cap; i++)
			if (f->entries[i].users > 0)
				menu_session_move(
				    from, to, &f->entries[i].session);
		if (f->cap > 0)
			shelf_link(f);
	}
}

size_t
sessions_count(const struct sessions *s)
{
	return s->count;
}

size_t
sessions_bytes(const struct sessions *s)
{
	size_t bytes = sizeof(*s), i;

	for (i = 0; i < SHELVES; i++)
		bytes += s->shelves[i].cap *
			 (sizeof(struct entry) + sizeof(uint16_t));
	return bytes;
}
