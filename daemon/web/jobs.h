/* jobs.h - what safarctl does for users of the console, as it goes. */
#ifndef DAEMON_WEB_JOBS_H
#define DAEMON_WEB_JOBS_H

#include "daemon/web/inner.h"

/* spawner.h's callback. */
void jobs_heard(void *arg, int64_t id, struct sv line, int code);
void jobs_free(struct web *w);

/* What a command said, as JSON can hold it: cut between two letters, and
 * bytes of no UTF-8 are '?'. */
void jobs_text(struct sv said, char *ret_text, size_t size);

#endif
