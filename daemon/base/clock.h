/* clock.h - wall time that tests can move. */
#ifndef DAEMON_BASE_CLOCK_H
#define DAEMON_BASE_CLOCK_H

#include "daemon/base/base.h"

/* Milliseconds since 1970, UTC. */
int64_t clock_ms(void);

/* Stop the clock at at_ms (tests); 0 lets it run again. */
void clock_set(int64_t at_ms);

#endif
