/*
 * log.h - operational log: one logfmt line per event, on stderr.
 *
 * Only what runs for long logs: core, gw, voice, sip, web and main.  What lies
 * below core returns errors.
 */
#ifndef DAEMON_BASE_LOG_H
#define DAEMON_BASE_LOG_H

#include "daemon/base/base.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above this level are not written; LOG_INFO at start. */
void log_set_level(enum log_level level);

/*
 * Write one line.
 *
 * event  a fixed snake_case name, one per call site: it is what people grep
 * fmt    "key=value ..." pairs; never a phone number, never message text
 */
PRINTF(3, 4)
void log_kv(enum log_level level, const char *event, const char *fmt, ...);

#endif
