/*
 * stream.h - a connection to a peer by raw reads and writes with large
 * buffers, TLS if asked: bytes in, bytes out, one write for a batch.
 *
 * A bufferevent reads 4 KB a call; this reads what there is, up to
 * STREAM_BUFFER, and writes once behind the callbacks of a loop round.
 */
#ifndef DAEMON_GW_STREAM_H
#define DAEMON_GW_STREAM_H

#include <sys/socket.h>

#include "daemon/base/sb.h"

struct event_base;
struct stream;
struct tls;

enum { STREAM_BUFFER = 256 * 1024 }; /* bytes, each way */

struct stream_ops {
	/* Connected, and the peer is who its certificate says. */
	void (*opened)(void *arg);
	/* Bytes came: in is all that is not consumed yet.  Returns how many
	 * are; the rest comes again with more, or after stream_resume(). */
	size_t (*data)(void *arg, struct sv in);
	/* All that was written has left. */
	void (*drained)(void *arg);
	/* It is over, and was closed; why is a few words for the log. */
	void (*closed)(void *arg, const char *why);
};

struct stream *stream_new(
    struct event_base *base, const struct stream_ops *ops, void *arg);
/* Not from within its own callbacks. */
void stream_free(struct stream **sp);

/*
 * Connect; opened() or closed() says what came of it.
 *
 * tls  NULL: in clear; must outlive the connection
 *
 * Returns 0, -Exxx if it cannot even be tried.
 */
MUST_USE int stream_open(struct stream *s, const struct sockaddr *addr,
    socklen_t addr_len, struct tls *tls);

/* At once and without a callback; harmless if it is not open. */
void stream_close(struct stream *s);

/* Where to append what is to be sent; call stream_flush_soon() then. */
struct sb *stream_out(struct stream *s);
void stream_flush_soon(struct stream *s);

/* Say goodbye: what was written leaves as far as the kernel has room for it
 * now, then the peer is told that nothing more comes.  What it still sends is
 * handed over until it closes too, or stream_close(): a close with bytes unread
 * would take back our last ones. */
void stream_finish(struct stream *s);

/* Take no more bytes from the peer, and do again. */
void stream_pause(struct stream *s);
void stream_resume(struct stream *s);

/*
 * How to speak TLS as a client.
 *
 * ca    a file with the certificates to trust; "" the system's
 * name  host name or IP address that the peer's certificate must have
 *
 * Returns 0, -EKEYREJECTED if the file has none that can be read.
 */
MUST_USE int tls_new(const char *ca, const char *name, struct tls **ret_tls);
void tls_free(struct tls **tp);

#endif
