/* jobs.h - what safarctl does for users of the console, as it goes. */
#ifndef DAEMON_WEB_JOBS_H
#define DAEMON_WEB_JOBS_H

#include "daemon/web/inner.h"

/* spawner.h's callback. */
void jobs_heard(void *arg, int64_t id, struct sv line, int code);
void jobs_free(struct web *w);

#endif
