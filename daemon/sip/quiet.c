/* quiet.c - standard error with a sieve in front. */
#include "daemon/sip/quiet.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/base.h"

enum { LINE_ROOM = 2048 };

/* As log_kv() begins. */
static const char ours[] = "level=";

static ssize_t
on_write(void *cookie, const char *bytes, size_t n)
{
	const char *line = bytes, *end;

	(void)cookie;
	for (; line < bytes + n; line = end) {
		end = memchr(line, '\n', (size_t)(bytes + n - line));
		end = end != NULL ? end + 1 : bytes + n;
		if ((size_t)(end - line) >= sizeof(ours) - 1 &&
		    memcmp(line, ours, sizeof(ours) - 1) == 0)
			(void)!write(STDERR_FILENO, line, (size_t)(end - line));
	}
	return (ssize_t)n;
}

void
quiet_others(void)
{
	const cookie_io_functions_t sieve = { .write = on_write };
	FILE *f = fopencookie(NULL, "w", sieve);

	ASSERT(f != NULL && setvbuf(f, NULL, _IOLBF, LINE_ROOM) == 0);
	stderr = f;
}
