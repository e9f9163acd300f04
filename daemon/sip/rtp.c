/* rtp.c - packets of speech: parsed, latched, received, sent. */
#include "daemon/sip/rtp.h"

#include <linux/filter.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	VERSION = 2,
	CSRC_BYTES = 4,
	EXTENSION_HEAD = 4,
	SEQ_NEAR = 50,	    /* packets that may be lost between two in a row */
	BATCH = 32,	    /* packets read in one tick */
	LOOK = 64,	    /* sockets named by one call */
	QUEUE = 64,	    /* packets kept for one go */
	TRIES = 64,	    /* ports by chance, before one by one */
	DSCP_SPEECH = 0xB8, /* expedited forwarding: RFC 4594 */
	UDP_HEADER = 8,	    /* a socket's filter sees it, too */
};

struct out {
	int fd;
	unsigned n;
	struct addr to; /* none: the socket is connected */
	uint8_t bytes[RTP_HEADER + RTP_FRAME];
};

struct rtp_queue {
	size_t count;
	struct out packets[QUEUE];
};

struct rtp {
	const struct rtp_pool *pool;
	int fd;
	bool any; /* something has come */
	uint16_t port, seq;
	uint32_t ssrc;
	struct rtp_latch latch;
	struct addr to; /* while nobody is latched */
	int event;	/* the type that alone is wanted, or RTP_ALL */
	bool filtered;	/* by the kernel */
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

void
rtp_pool_open(struct rtp_pool *pool)
{
	pool->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	pool->out = calloc(1, sizeof(*pool->out));
	ASSERT(pool->poll_fd >= 0 && pool->out != NULL);
}

void
rtp_pool_close(struct rtp_pool *pool)
{
	(void)close(pool->poll_fd);
	pool->poll_fd = -1;
	free(pool->out);
	pool->out = NULL;
}

void
rtp_pool_look(const struct rtp_pool *pool)
{
	UNSET struct epoll_event events[LOOK];
	int n, i;

	do {
		n = epoll_wait(pool->poll_fd, events, LOOK, 0);
		for (i = 0; i < n; i++)
			*(bool *)events[i].data.ptr = true;
	} while (n == LOOK);
}

int
rtp_open(const struct rtp_pool *pool, struct rtp **ret_rtp)
{
	struct epoll_event news = { .events = EPOLLIN | EPOLLET };
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
	r->pool = pool;
	r->fd = fd;
	r->port = port;
	r->event = RTP_ALL;
	r->seq = (uint16_t)chance();
	r->ssrc = chance();
	news.data.ptr = &r->any;
	ASSERT(epoll_ctl(pool->poll_fd, EPOLL_CTL_ADD, fd, &news) == 0);
	*ret_rtp = r;
	return 0;
}

void
rtp_close(struct rtp **rp)
{
	if (*rp == NULL)
		return;
	rtp_pool_send((*rp)->pool); /* by its socket, not by the next one */
	(void)close((*rp)->fd);
	free(*rp);
	*rp = NULL;
}

uint16_t
rtp_port(const struct rtp *r)
{
	return r->port;
}

/* While it is not decided whose packets count, all are looked at. */
static void
filter_set(struct rtp *r)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, UDP_HEADER + 1),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x7F),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)r->event, 3, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, UDP_HEADER + 2),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, RTP_LIFE - 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog whole = { ARRAY_LEN(program), program };
	bool on = r->event != RTP_ALL && r->latch.closed;
	const int none = 0;

	if (on)
		(void)setsockopt(
		    r->fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof(whole));
	else if (r->filtered)
		(void)setsockopt(
		    r->fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none));
	r->filtered = on;
}

void
rtp_want(struct rtp *r, int event)
{
	if (event == r->event)
		return;
	r->event = event;
	filter_set(r);
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
	filter_set(r);
}

void
rtp_expect(struct rtp *r, const struct addr *sdp, const struct addr *peer)
{
	unlatch(r);
	r->to = *sdp;
	r->latch.allowed[0] = *sdp;
	r->latch.allowed[1] = *peer;
}

bool
rtp_is_latched(const struct rtp *r)
{
	return r->latch.closed;
}

void
rtp_forget(struct rtp *r)
{
	if (r->latch.closed)
		unlatch(r);
}

/* The caller's, of those that signalling named? */
static bool
packet_take(struct rtp *r, struct sv datagram, const struct addr *from,
    struct rtp_packet *p)
{
	bool moved = false;

	if (!rtp_parse(datagram, p) ||
	    !rtp_latch_take(&r->latch, from, p, &moved))
		return false;
	if (moved) {
		(void)connect(r->fd, &r->latch.peer.u.any, r->latch.peer.len);
		filter_set(r);
	}
	return true;
}

unsigned
rtp_receive(struct rtp *r, rtp_packet_fn *on_packet, void *arg)
{
	UNSET char bytes[RTP_PACKET_MAX];
	struct rtp_packet p;
	struct addr from;
	unsigned taken = 0, tries;
	ssize_t n;

	for (tries = 0; r->any && tries < BATCH; tries++) {
		from.len = sizeof(from.u);
		n = recvfrom(r->fd, bytes, sizeof(bytes),
		    MSG_DONTWAIT | MSG_TRUNC, &from.u.any, &from.len);
		/* an ICMP error is told in place of a packet, once */
		r->any = n >= 0 || errno != EAGAIN;
		if (n < 0 || (size_t)n > sizeof(bytes) ||
		    !packet_take(r, (struct sv){ bytes, (size_t)n }, &from, &p))
			continue;
		on_packet(&p, arg);
		taken++;
	}
	return taken;
}

static struct out *
out_next(const struct rtp_pool *pool)
{
	if (pool->out->count == QUEUE)
		rtp_pool_send(pool);
	return &pool->out->packets[pool->out->count++];
}

void
rtp_put(struct rtp *r, uint8_t type, bool marker, uint32_t timestamp,
    struct sv payload)
{
	const uint8_t head[RTP_HEADER] = { VERSION << 6,
		(uint8_t)(type | (marker ? 0x80 : 0)), (uint8_t)(r->seq >> 8),
		(uint8_t)r->seq, (uint8_t)(timestamp >> 24),
		(uint8_t)(timestamp >> 16), (uint8_t)(timestamp >> 8),
		(uint8_t)timestamp, (uint8_t)(r->ssrc >> 24),
		(uint8_t)(r->ssrc >> 16), (uint8_t)(r->ssrc >> 8),
		(uint8_t)r->ssrc };
	struct out *o;

	ASSERT(payload.n <= RTP_FRAME);
	r->seq++;
	if (!r->latch.closed && r->to.len == 0)
		return;
	o = out_next(r->pool);
	o->fd = r->fd;
	o->to.len = 0;
	if (!r->latch.closed)
		o->to = r->to;
	o->n = (unsigned)(sizeof(head) + payload.n);
	/* in one piece: a list of pieces costs the kernel more than a copy */
	memcpy(o->bytes, head, sizeof(head));
	memcpy(o->bytes + sizeof(head), payload.p, payload.n);
}

void
rtp_pool_send(const struct rtp_pool *pool)
{
	const struct out *o = pool->out->packets;
	const struct out *const end = o + pool->out->count;

	for (; o < end; o++)
		(void)sendto(o->fd, o->bytes, o->n, MSG_DONTWAIT | MSG_NOSIGNAL,
		    o->to.len > 0 ? &o->to.u.any : NULL, o->to.len);
	pool->out->count = 0;
}
