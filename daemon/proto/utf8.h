/* utf8.h - one character of UTF-8 at a time, by ICU. */
#ifndef DAEMON_PROTO_UTF8_H
#define DAEMON_PROTO_UTF8_H

#include <unicode/utf8.h>

#include "daemon/base/sb.h"

/* ICU's macros narrow on purpose. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* The next character, negative if it is malformed. */
static inline UChar32
utf8_next(struct sv text, size_t *at)
{
	UChar32 c;

	U8_NEXT(text.p, *at, text.n, c);
	return c;
}

static inline void
utf8_put(struct sb *b, UChar32 c) /* NOLINT(*-function-size): ICU nests */
{
	char bytes[U8_MAX_LENGTH];
	size_t n = 0;

	U8_APPEND_UNSAFE(bytes, n, c);
	sb_put(b, (struct sv){ bytes, n });
}

#pragma GCC diagnostic pop

#endif
