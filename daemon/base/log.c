/* log.c - logfmt writer. */
#include "daemon/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level log_most = LOG_INFO;

void
log_set_level(enum log_level level)
{
	log_most = level;
}

void
log_kv(enum log_level level, const char *event, const char *fmt, ...)
{
	static const char *const names[] = { "err", "warn", "info", "debug" };
	char line[1024];
	va_list ap;

	if (level > log_most)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "level=%s ev=%s %s\n", names[level], event, line);
}
