/* sv.h - a view of bytes owned by someone else; not NUL terminated. */
#ifndef DAEMON_BASE_SV_H
#define DAEMON_BASE_SV_H

#include <string.h>

#include "daemon/base/base.h"

struct sv {
	const char *p;
	size_t n; /* bytes */
};

#define SV(lit) ((struct sv){ .p = ("" lit), .n = sizeof(lit) - 1 })
#define SV_FMT "%.*s"
#define SV_ARG(v) (int)(v).n, (v).p

static inline bool
sv_eq(struct sv a, struct sv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* A view of a C string; NULL gives an empty view. */
static inline struct sv
sv_of(const char *s)
{
	return (struct sv){ s, s != NULL ? strlen(s) : 0 };
}

/* Cut *rest at the first sep: returns what came before, keeps what follows. */
static inline struct sv
sv_cut(struct sv *rest, char sep)
{
	const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	struct sv head = *rest;

	if (at == NULL) {
		*rest = (struct sv){ 0 };
		return head;
	}
	head.n = (size_t)(at - rest->p);
	rest->p = at + 1;
	rest->n -= head.n + 1;
	return head;
}

/* At most so many bytes of the beginning of v, without a last UTF-8 character
 * that is not whole. */
static inline struct sv
sv_begin(struct sv v, size_t most)
{
	size_t start, len;
	unsigned char lead;

	if (v.n > most)
		v.n = most;
	for (start = v.n; start > 0 && v.n - start < 4;) {
		lead = (unsigned char)v.p[--start];
		if ((lead & 0xc0) == 0x80)
			continue;
		len = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
		if (start + len > v.n)
			v.n = start;
		break;
	}
	return v;
}

#endif
