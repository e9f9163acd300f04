/* quiet.h - only our own lines are written. */
#ifndef DAEMON_SIP_QUIET_H
#define DAEMON_SIP_QUIET_H

/*
 * Let nothing but log lines through standard error.
 *
 * libre writes a line there for each message it cannot use, with addresses in
 * it: a flood for who wants one, and nobody's to read.
 */
void quiet_others(void);

#endif
