/*
 * rtp.h - the socket of one call's speech: RFC 3550, with nobody else let in.
 *
 * Speech counts only from the addresses that signalling named, and from there
 * only when two packets in a row carry one SSRC: then the socket is connected,
 * so that the kernel drops everything else.
 */
#ifndef DAEMON_SIP_RTP_H
#define DAEMON_SIP_RTP_H

#include "daemon/sip/addr.h"

enum {
	RTP_HEADER = 12,
	RTP_PACKET_MAX = 1024, /* bytes; 120 ms of speech and more */
	RTP_FRAME = 160,       /* samples, and bytes, of 20 ms */
	RTP_ALL = -1,
	RTP_LIFE = 32, /* each so manieth packet comes even if unwanted */
};

struct rtp_packet {
	uint8_t type;
	bool marker;
	uint16_t seq;
	uint32_t timestamp, ssrc;
	struct sv payload; /* into the datagram */
};

/* Returns false: not RTP version 2, or cut. */
bool rtp_parse(struct sv datagram, struct rtp_packet *ret_packet);

/* Who may speak. */
struct rtp_latch {
	bool closed;   /* peer and ssrc are decided */
	bool any_next; /* one packet has come from next */
	uint16_t next_seq;
	uint32_t ssrc, next_ssrc;
	struct addr allowed[2]; /* by SDP and by signalling; ports ignored */
	struct addr peer, next; /* who does; who may be */
};

/*
 * A packet came.
 *
 * Returns true if it is the caller's.  ret_moved: the peer was decided by it,
 * or changed; not touched otherwise.
 */
bool rtp_latch_take(struct rtp_latch *l, const struct addr *from,
    const struct rtp_packet *p, bool *ret_moved);

/* Where sockets are opened: the even ports of first .. first + count - 1. */
struct rtp_pool {
	struct addr listen; /* the port is not used */
	uint16_t first, count;
	int poll_fd;	       /* knows what has news: a bool for each */
	struct rtp_queue *out; /* packets that are to be sent */
};

void rtp_pool_open(struct rtp_pool *pool);
void rtp_pool_close(struct rtp_pool *pool);

/* Find out, for all sockets at once; rtp_receive() looks no further. */
void rtp_pool_look(const struct rtp_pool *pool);

/*
 * Send what rtp_put() has left, in one go: a tick first goes through all calls
 * and then through the kernel, so that neither throws the other out of the
 * processor's caches at each packet.
 */
void rtp_pool_send(const struct rtp_pool *pool);

struct rtp;

/*
 * Open a socket on a port taken by chance.  pool has to outlive it.
 *
 * Returns 0, -EADDRINUSE: all are taken, or what socket() says.
 */
MUST_USE int rtp_open(const struct rtp_pool *pool, struct rtp **ret_rtp);
void rtp_close(struct rtp **rp);
uint16_t rtp_port(const struct rtp *r);

/* What signalling says: where speech goes until some has come, and who may
 * send it.  Whoever spoke before has to be found anew. */
void rtp_expect(struct rtp *r, const struct addr *sdp, const struct addr *peer);

/* The caller was heard, and it is known from where. */
bool rtp_is_latched(const struct rtp *r);

/* Nothing came for a while: let the caller come from another port. */
void rtp_forget(struct rtp *r);

/*
 * Keys alone are wanted: the kernel drops the caller's speech where it comes
 * in, which is half the cost of a call.  By each 32nd packet (640 ms) it is
 * known that the caller is there.
 *
 * event  payload type of what is wanted, or RTP_ALL, as at first
 */
void rtp_want(struct rtp *r, int event);

typedef void rtp_packet_fn(const struct rtp_packet *p, void *arg);

/* Hand over the caller's packets that have come, by the last look; returns how
 * many. */
unsigned rtp_receive(struct rtp *r, rtp_packet_fn *on_packet, void *arg);

/* Speech to be sent by rtp_pool_send(), RTP_FRAME bytes at most; copied.  What
 * cannot be sent is lost. */
void rtp_put(struct rtp *r, uint8_t type, bool marker, uint32_t timestamp,
    struct sv payload);

#endif
