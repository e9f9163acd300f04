/* diag.c - formats a diagnosis. */
#include "daemon/base/diag.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/base/sv.h"

int
diag_set(struct diag *d, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
	d->text[sv_begin(sv_of(d->text), sizeof(d->text)).n] = '\0';
	return rc;
}
