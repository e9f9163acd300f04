/*
 * notify.h - to systemd: that it is ready, and that it still goes round.
 *
 * Source: sd_notify(3); a datagram to the socket named by NOTIFY_SOCKET.
 */
#ifndef DAEMON_SIP_NOTIFY_H
#define DAEMON_SIP_NOTIFY_H

/* Returns a socket, or -1: nobody asked. */
int notify_open(void);

/* "READY=1", "WATCHDOG=1"; nothing with -1. */
void notify_say(int fd, const char *what);

#endif
