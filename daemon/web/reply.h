/* reply.h - the one way out: headers, status, access log; for call.c and
 * what answers without a handler. */
#ifndef DAEMON_WEB_REPLY_H
#define DAEMON_WEB_REPLY_H

#include "daemon/web/inner.h"

/* Answer with a file of the pages; 304 where the client has it. */
void reply_file(struct call *c, const struct file *f);

/* Whether the client would rather have a page than JSON. */
bool reply_wants_page(const struct call *c);

#endif
