/* clear.c - a fixed number of places in locked memory. */
#include "daemon/core/clear.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct clear {
	struct clear *next;	   /* free */
	uint16_t e164, from, text; /* bytes of each, one behind the other */
	char bytes[CLEAR_BYTES];
};

struct clears {
	struct clear *free;
	struct clear *places; /* locked, guarded, wiped */
};

struct clears *
clears_new(void)
{
	struct clears *c = calloc(1, sizeof(*c));
	size_t i;

	ASSERT(c != NULL && sodium_init() >= 0);
	c->places = sodium_allocarray(CLEAR_COUNT, sizeof(c->places[0]));
	ASSERT(c->places != NULL);
	for (i = CLEAR_COUNT; i-- > 0; c->free = &c->places[i])
		c->places[i] = (struct clear){ .next = c->free };
	return c;
}

void
clears_free(struct clears **cp)
{
	if (*cp == NULL)
		return;
	sodium_free((*cp)->places);
	free(*cp);
	*cp = NULL;
}

static char *
put(char *at, struct sv v)
{
	if (v.n > 0)
		memcpy(at, v.p, v.n);
	return at + v.n;
}

struct clear *
clears_put(struct clears *c, struct sv e164, struct sv from, struct sv text)
{
	struct clear *clear = c->free;

	if (clear == NULL || e164.n > CLEAR_BYTES || from.n > CLEAR_BYTES ||
	    text.n > CLEAR_BYTES || e164.n + from.n + text.n > CLEAR_BYTES)
		return NULL;
	c->free = clear->next;
	clear->e164 = (uint16_t)e164.n;
	clear->from = (uint16_t)from.n;
	clear->text = (uint16_t)text.n;
	(void)put(put(put(clear->bytes, e164), from), text);
	return clear;
}

void
clear_read(const struct clear *clear, struct sv *ret_e164, struct sv *ret_from,
    struct sv *ret_text)
{
	const char *p = clear->bytes;

	*ret_e164 = (struct sv){ p, clear->e164 };
	*ret_from = (struct sv){ p + clear->e164, clear->from };
	*ret_text = (struct sv){ p + clear->e164 + clear->from, clear->text };
}

void
clears_drop(struct clears *c, struct clear **clearp)
{
	struct clear *clear = *clearp;

	if (clear == NULL)
		return;
	sodium_memzero(
	    clear->bytes, (size_t)clear->e164 + clear->from + clear->text);
	clear->next = c->free;
	c->free = clear;
	*clearp = NULL;
}
