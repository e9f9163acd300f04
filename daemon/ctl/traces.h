/*
 * traces.h - numbers and texts that stand in files for everybody to read.
 */
#ifndef DAEMON_CTL_TRACES_H
#define DAEMON_CTL_TRACES_H

#include "daemon/base/base.h"

struct phones;

struct traces {
	int64_t files, bytes;
	int64_t numbers; /* of people: valid with their country code */
	int64_t texts;	 /* runs of words in Cyrillic, or [msg:N:...] of
			    Kannel's access log */
};

/*
 * Look through a file, or every file below a folder, and add what is found.
 * Numbers and Cyrillic are known in UTF-8 and UTF-16; what is compressed or
 * encoded is not.
 *
 * Returns 0, -ENOENT, -EACCES and the like.
 */
MUST_USE int traces_find(
    const struct phones *phones, const char *path, struct traces *t);

#endif
