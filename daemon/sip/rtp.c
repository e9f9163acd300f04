/* rtp.c - packets of speech: parsed, latched, received, sent. */
#include "daemon/sip/rtp.h"

#include <netinet/ip.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	VERSION = 2,
	CSRC_BYTES = 4,
	EXTENSION_HEAD = 4,
	SEQ_NEAR = 50,	    /* packets that may be lost between two in a row */
	BATCH = 8,	    /* packets read by one call */
	ROUNDS = 4,	    /* of them in one tick */
	TRIES = 64,	    /* ports by chance, before one by one */
	DSCP_SPEECH = 0xB8, /* expedited forwarding: RFC 4594 */
};

struct rtp {
	int fd;
	uint16_t port, seq;
	uint32_t ssrc;
	struct rtp_latch latch;
	struct addr to; /* while nobody is latched */
};

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

bool
rtp_parse(struct sv datagram, struct rtp_packet *ret_packet)
{
	const uint8_t *p = (const uint8_t *)datagram.p;
	size_t n = datagram.n, head, pad;

	if (n < RTP_HEADER || p[0] >> 6 != VERSION)
		return false;
	head = RTP_HEADER + (size_t)(p[0] & 15) * CSRC_BYTES;
	if ((p[0] & 0x10) != 0) {
		if (n < head + EXTENSION_HEAD)
			return false;
		head += EXTENSION_HEAD +
			4 * ((size_t)p[head + 2] << 8 | p[head + 3]);
	}
	pad = (p[0] & 0x20) != 0 ? p[n - 1] : 0;
	if (n < head + pad)
		return false;
	*ret_packet = (struct rtp_packet){
		.type = p[1] & 0x7F,
		.marker = (p[1] & 0x80) != 0,
		.seq = (uint16_t)(p[2] << 8 | p[3]),
		.timestamp = get32(p + 4),
		.ssrc = get32(p + 8),
		.payload = { datagram.p + head, n - head - pad },
	};
	return true;
}

static bool
is_allowed(const struct rtp_latch *l, const struct addr *from)
{
	return addr_same_ip(&l->allowed[0], from) ||
	       addr_same_ip(&l->allowed[1], from);
}

bool
rtp_latch_take(struct rtp_latch *l, const struct addr *from,
    const struct rtp_packet *p, bool *ret_moved)
{
	uint16_t ahead = (uint16_t)(p->seq - l->next_seq);

	if (l->closed && !addr_same(&l->peer, from))
		return false;
	if (l->closed && l->ssrc == p->ssrc)
		return true;
	if (!l->closed && !is_allowed(l, from))
		return false;
	if (!l->any_next || l->next_ssrc != p->ssrc || ahead == 0 ||
	    ahead > SEQ_NEAR || !addr_same(&l->next, from)) {
		l->any_next = true;
		l->next = *from;
		l->next_ssrc = p->ssrc;
		l->next_seq = p->seq;
		return false;
	}
	*ret_moved = true;
	l->closed = true;
	l->any_next = false;
	l->peer = *from;
	l->ssrc = p->ssrc;
	return true;
}

static int
socket_open(const struct addr *at)
{
	int fd = socket(at->u.any.sa_family,
		SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	    tos = DSCP_SPEECH;

	if (fd < 0)
		return -errno;
	if (at->u.any.sa_family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	else
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	return fd;
}

static uint32_t
chance(void)
{
	uint32_t v;

	ASSERT(getrandom(&v, sizeof(v), 0) == sizeof(v));
	return v;
}

/* Ports by chance, so that nobody can tell where the next call speaks; when
 * most are taken, one by one. */
static int
socket_bind(int fd, const struct rtp_pool *pool, uint16_t *ret_port)
{
	uint32_t pairs = pool->count / 2U, i, at = 0;
	uint16_t even = (uint16_t)(pool->first + (pool->first & 1));
	struct addr a = pool->listen;

	for (i = 0; i < TRIES + pairs; i++) {
		at = i <= TRIES ? chance() % pairs : (at + 1) % pairs;
		if ((uint32_t)even + 2 * at + 1 > UINT16_MAX)
			continue;
		addr_set_port(&a, (uint16_t)(even + 2 * at));
		if (bind(fd, &a.u.any, a.len) == 0) {
			*ret_port = addr_port(&a);
			return 0;
		}
		if (errno != EADDRINUSE && errno != EACCES)
			return -errno;
	}
	return -EADDRINUSE;
}

int
rtp_open(const struct rtp_pool *pool, struct rtp **ret_rtp)
{
	struct rtp *r;
	uint16_t port = 0;
	int fd = socket_open(&pool->listen), rc;

	if (fd < 0)
		return fd;
	rc = socket_bind(fd, pool, &port);
	if (rc < 0) {
		(void)close(fd);
		return rc;
	}
	r = calloc(1, sizeof(*r));
	ASSERT(r != NULL);
	r->fd = fd;
	r->port = port;
	r->seq = (uint16_t)chance();
	r->ssrc = chance();
	*ret_rtp = r;
	return 0;
}

void
rtp_close(struct rtp **rp)
{
	if (*rp == NULL)
		return;
	(void)close((*rp)->fd);
	free(*rp);
	*rp = NULL;
}

uint16_t
rtp_port(const struct rtp *r)
{
	return r->port;
}

static void
unlatch(struct rtp *r)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (r->latch.closed) {
		r->to = r->latch.peer;
		(void)connect(r->fd, &none, sizeof(none));
	}
	r->latch.closed = false;
	r->latch.any_next = false;
}

void
rtp_expect(struct rtp *r, const struct addr *sdp, const struct addr *peer)
{
	unlatch(r);
	r->to = *sdp;
	r->latch.allowed[0] = *sdp;
	r->latch.allowed[1] = *peer;
}

void
rtp_forget(struct rtp *r)
{
	if (r->latch.closed)
		unlatch(r);
}

struct batch {
	uint8_t bytes[BATCH][RTP_PACKET_MAX];
	struct addr from[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
};

static int
batch_read(int fd, struct batch *b)
{
	unsigned i;

	for (i = 0; i < BATCH; i++) {
		b->iov[i] = (struct iovec){ b->bytes[i], RTP_PACKET_MAX };
		b->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &b->from[i].u,
			.msg_namelen = sizeof(b->from[i].u),
			.msg_iov = &b->iov[i],
			.msg_iovlen = 1,
		};
	}
	return recvmmsg(fd, b->msg, BATCH, MSG_DONTWAIT, NULL);
}

static bool
packet_take(struct rtp *r, struct batch *b, int i, struct rtp_packet *p)
{
	const struct msghdr *h = &b->msg[i].msg_hdr;
	struct sv datagram = { (char *)b->bytes[i], b->msg[i].msg_len };
	bool moved = false;

	b->from[i].len = h->msg_namelen;
	if ((h->msg_flags & MSG_TRUNC) != 0 || !rtp_parse(datagram, p))
		return false;
	if (!rtp_latch_take(&r->latch, &b->from[i], p, &moved))
		return false;
	if (moved)
		(void)connect(r->fd, &r->latch.peer.u.any, r->latch.peer.len);
	return true;
}

unsigned
rtp_receive(struct rtp *r, rtp_packet_fn *on_packet, void *arg)
{
	UNSET struct batch b;
	struct rtp_packet p;
	unsigned taken = 0, round;
	int n, i;

	for (round = 0; round < ROUNDS; round++) {
		n = batch_read(r->fd, &b);
		for (i = 0; i < n; i++)
			if (packet_take(r, &b, i, &p)) {
				on_packet(&p, arg);
				taken++;
			}
		/* an ICMP error is told in place of a packet, once */
		if (n < BATCH && !(n < 0 && errno == ECONNREFUSED))
			break;
	}
	return taken;
}

void
rtp_put(struct rtp *r, uint8_t type, bool marker, uint32_t timestamp,
    struct sv payload)
{
	uint8_t h[RTP_HEADER] = { VERSION << 6,
		(uint8_t)(type | (marker ? 0x80 : 0)), (uint8_t)(r->seq >> 8),
		(uint8_t)r->seq, (uint8_t)(timestamp >> 24),
		(uint8_t)(timestamp >> 16), (uint8_t)(timestamp >> 8),
		(uint8_t)timestamp, (uint8_t)(r->ssrc >> 24),
		(uint8_t)(r->ssrc >> 16), (uint8_t)(r->ssrc >> 8),
		(uint8_t)r->ssrc };
	union {
		const char *in;
		void *out;
	} bytes = { .in = payload.p };
	struct iovec iov[2] = { { h, sizeof(h) }, { bytes.out, payload.n } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	r->seq++;
	if (!r->latch.closed) {
		if (r->to.len == 0)
			return;
		m.msg_name = &r->to.u;
		m.msg_namelen = r->to.len;
	}
	(void)sendmsg(r->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}
