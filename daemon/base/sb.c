/* sb.c - bounded text builder. */
#include "daemon/base/sb.h"

#include <stdarg.h>
#include <stdio.h>

void
sb_init(struct sb *b, struct arena *a, size_t max)
{
	*b = (struct sb){ .p = arena_get(a, max + 1), .max = max };
}

void
sb_wrap(struct sb *b, char *buf, size_t size)
{
	ASSERT(size > 0);
	buf[0] = '\0';
	*b = (struct sb){ .p = buf, .max = size - 1 };
}

void
sb_put(struct sb *b, struct sv v)
{
	if (b->full || v.n > b->max - b->n) {
		b->full = true;
		return;
	}
	if (v.n > 0)
		memcpy(b->p + b->n, v.p, v.n);
	b->n += v.n;
	b->p[b->n] = '\0';
}

void
sb_puts(struct sb *b, const char *s)
{
	sb_put(b, (struct sv){ s, strlen(s) });
}

void
sb_printf(struct sb *b, const char *fmt, ...)
{
	size_t room = b->max - b->n + 1;
	va_list ap;
	int n;

	if (b->full)
		return;
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->n, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		b->full = true;
		b->p[b->n] = '\0';
		return;
	}
	b->n += (size_t)n;
}

void
sb_cut(struct sb *b, size_t n)
{
	ASSERT(n <= b->n);
	b->n = n;
	b->p[n] = '\0';
	b->full = false;
}
