/* vars.c - a short list of names and values. */
#include "daemon/sip/vars.h"

#include <stdlib.h>

static char *
copy(struct sv v)
{
	char *p = malloc(v.n + 1);

	ASSERT(p != NULL);
	if (v.n > 0)
		memcpy(p, v.p, v.n);
	p[v.n] = '\0';
	return p;
}

static size_t
find(const struct vars *v, struct sv name)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (sv_eq(sv_of(v->name[i]), name))
			break;
	return i;
}

void
vars_set(struct vars *v, struct sv name, struct sv value)
{
	size_t i = find(v, name);

	if (i == VARS_MAX)
		return;
	if (i == v->count) {
		v->name[i] = copy(name);
		v->count++;
	} else {
		free(v->value[i]);
	}
	v->value[i] = copy(value);
}

struct sv
vars_get(const struct vars *v, struct sv name)
{
	size_t i = find(v, name);

	return i < v->count ? sv_of(v->value[i]) : (struct sv){ 0 };
}

void
vars_done(struct vars *v)
{
	size_t i;

	for (i = 0; i < v->count; i++) {
		free(v->name[i]);
		free(v->value[i]);
	}
	v->count = 0;
}
