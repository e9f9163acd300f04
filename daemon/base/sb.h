/*
 * sb.h - text built into a buffer with a ceiling set at birth.
 *
 * Overflow is one sticky error, looked at once, at the end; what did not fit
 * is left out whole, so the text stays valid UTF-8 if its pieces were.
 */
#ifndef DAEMON_BASE_SB_H
#define DAEMON_BASE_SB_H

#include "daemon/base/arena.h"
#include "daemon/base/sv.h"

struct sb {
	char *p;    /* always NUL terminated */
	size_t n;   /* bytes, without the NUL */
	size_t max; /* most bytes n may reach */
	bool full;  /* something did not fit */
};

/* Start an empty text of at most max bytes; the arena owns the buffer. */
void sb_init(struct sb *b, struct arena *a, size_t max);

/* Start an empty text in a caller's buffer of size bytes, the NUL included. */
void sb_wrap(struct sb *b, char *buf, size_t size);

void sb_put(struct sb *b, struct sv v);
void sb_puts(struct sb *b, const char *s);
PRINTF(2, 3)
void sb_printf(struct sb *b, const char *fmt, ...);

/* Forget what came after the first n bytes, and the overflow with it. */
void sb_cut(struct sb *b, size_t n);

static inline struct sv
sb_sv(const struct sb *b)
{
	return (struct sv){ b->p, b->n };
}

#endif
