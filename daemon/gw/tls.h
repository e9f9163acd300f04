/* tls.h - OpenSSL on a nonblocking descriptor; for stream.c alone. */
#ifndef DAEMON_GW_TLS_H
#define DAEMON_GW_TLS_H

#include "daemon/gw/stream.h"

struct tls_link;

/* What a step on the descriptor ended with: bytes, or one of these. */
enum {
	TLS_WANT_READ = -1,
	TLS_WANT_WRITE = -2,
	TLS_FAILED = -3, /* tls_why() tells */
	TLS_ENDED = 0,	 /* the peer has closed */
};

struct tls_link *tls_start(struct tls *tls, int fd);
void tls_end(struct tls_link **lp);

/* Returns above 0 when done. */
int tls_handshake(struct tls_link *l);
int tls_read(struct tls_link *l, char *buf, size_t size);
int tls_write(struct tls_link *l, const char *buf, size_t size);
/* Tell the peer that nothing more comes; does not wait for its answer. */
void tls_finish(struct tls_link *l);
const char *tls_why(const struct tls_link *l);

#endif
