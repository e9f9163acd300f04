/* names.c - makes names shorter, or discreet, as the texts say. */
#include "content/names.h"

#include "daemon/base/sb.h"

/* The first place of a part, with something else in it. */
static struct sv
replace(struct sv name, struct sv from, struct sv to, struct arena *arena)
{
	const char *at =
	    name.n > 0 ? memmem(name.p, name.n, from.p, from.n) : NULL;
	struct sb b;

	if (at == NULL)
		return name;
	sb_init(&b, arena, name.n + to.n);
	sb_put(&b, (struct sv){ name.p, (size_t)(at - name.p) });
	sb_put(&b, to);
	at += from.n;
	sb_put(&b, (struct sv){ at, (size_t)(name.p + name.n - at) });
	return sb_sv(&b);
}

struct sv
names_replace(const struct texts *t, enum lang of, const char *id,
    struct sv name, struct arena *arena)
{
	struct sv lines = texts_get(t, of, id);
	struct sv line, from, to;
	const char *sign;

	while (lines.n > 0) {
		line = sv_cut(&lines, '\n');
		sign = line.n > 0 ? memmem(line.p, line.n, " =", 2) : NULL;
		if (sign == NULL || sign == line.p)
			continue;
		from = (struct sv){ line.p, (size_t)(sign - line.p) };
		to = (struct sv){ sign + 2, line.n - from.n - 2 };
		if (to.n > 0 && *to.p == ' ')
			to = (struct sv){ to.p + 1, to.n - 1 };
		name = replace(name, from, to, arena);
	}
	return name;
}

struct sv
names_without(struct sv name, struct sv number, struct arena *arena)
{
	const char *end = name.p + name.n, *at = name.p, *rest;
	struct sb b;

	if (number.n == 0 || name.n <= number.n)
		return name;
	at = memmem(at, name.n, number.p, number.n);
	if (at == NULL || at == name.p || at[-1] != ' ')
		return name;
	rest = at + number.n;
	while (at > name.p && strchr(" ,", at[-1]) != NULL)
		at--;
	if (at == name.p || (rest < end && *rest != ','))
		return name;
	sb_init(&b, arena, name.n);
	sb_put(&b, (struct sv){ name.p, (size_t)(at - name.p) });
	sb_put(&b, (struct sv){ rest, (size_t)(end - rest) });
	return sb_sv(&b);
}
