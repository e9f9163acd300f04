/* Speech: which packets are RTP, and whose. */
#include "daemon/sip/rtp.h"
#include "tests/tap.h"

static const struct {
	const char *name, *bytes;
	size_t n;
	bool good;
	size_t payload;
} packets[] = {
	{ "empty", "", 0, false, 0 },
	{ "eleven bytes", "\x80\x08\0\1\0\0\0\1\0\0\0", 11, false, 0 },
	{ "a header alone", "\x80\x08\0\1\0\0\0\1\0\0\0\2", 12, true, 0 },
	{ "with speech", "\x80\x88\0\1\0\0\0\1\0\0\0\2abc", 15, true, 3 },
	{ "version 1", "\x40\x08\0\1\0\0\0\1\0\0\0\2abc", 15, false, 0 },
	{ "a source that contributes", "\x81\x08\0\1\0\0\0\1\0\0\0\2CCCCab", 18,
	    true, 2 },
	{ "sources that are not there", "\x8F\x08\0\1\0\0\0\1\0\0\0\2CC", 14,
	    false, 0 },
	{ "an extension", "\x90\x08\0\1\0\0\0\1\0\0\0\2\0\0\0\1EEEEa", 21, true,
	    1 },
	{ "an extension that is cut",
	    "\x90\x08\0\1\0\0\0\1\0\0\0\2\0\0\0\2EEEEa", 21, false, 0 },
	{ "an extension without a head", "\x90\x08\0\1\0\0\0\1\0\0\0\2\0\0", 14,
	    false, 0 },
	{ "padding", "\xA0\x08\0\1\0\0\0\1\0\0\0\2a\0\2", 15, true, 1 },
	{ "more padding than packet", "\xA0\x08\0\1\0\0\0\1\0\0\0\2a\0\x20", 15,
	    false, 0 },
};

static void
test_parse(void)
{
	struct rtp_packet p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(packets); i++) {
		bool good = rtp_parse(
		    (struct sv){ packets[i].bytes, packets[i].n }, &p);

		EQ(good, packets[i].good, packets[i].name);
		if (good)
			EQ(p.payload.n, packets[i].payload, "its speech");
	}
	OK(rtp_parse((struct sv){ packets[3].bytes, 15 }, &p), "once more");
	OK(p.type == 8 && p.marker && p.seq == 1 && p.timestamp == 1 &&
		p.ssrc == 2,
	    "its fields");
}

static struct addr
at(const char *text)
{
	struct addr a = { .len = 0 };

	ASSERT(addr_parse(sv_of(text), 1, &a) == 0);
	return a;
}

static bool
take(struct rtp_latch *l, const char *from, uint32_t ssrc, uint16_t seq,
    bool *moved)
{
	struct addr a = at(from);
	struct rtp_packet p = { .ssrc = ssrc, .seq = seq };

	*moved = false;
	return rtp_latch_take(l, &a, &p, moved);
}

static void
test_latch(void)
{
	struct rtp_latch l = { .closed = false };
	bool moved;

	l.allowed[0] = at("10.0.0.7"); /* as SDP says: private */
	l.allowed[1] = at("192.0.2.1");
	OK(!take(&l, "198.51.100.1:4000", 1, 1, &moved), "a stranger");
	OK(!take(&l, "198.51.100.1:4000", 1, 2, &moved) && !l.closed,
	    "a stranger goes on");
	OK(!take(&l, "192.0.2.1:4000", 7, 65535, &moved), "the first");
	OK(!take(&l, "192.0.2.1:4000", 8, 0, &moved), "another source");
	OK(!take(&l, "192.0.2.1:4002", 8, 1, &moved), "another port");
	OK(!take(&l, "192.0.2.1:4000", 8, 65535, &moved), "and back");
	OK(take(&l, "192.0.2.1:4000", 8, 0, &moved) && moved,
	    "two in a row, around the end of the numbers");
	OK(take(&l, "192.0.2.1:4000", 8, 1, &moved) && !moved, "it goes on");
	OK(!take(&l, "192.0.2.1:4004", 8, 2, &moved), "another port later");
	OK(!take(&l, "10.0.0.7:4000", 8, 2, &moved), "the other address later");
	OK(!take(&l, "192.0.2.1:4000", 9, 5, &moved), "a new source: once");
	OK(take(&l, "192.0.2.1:4000", 8, 2, &moved), "the old one meanwhile");
	OK(take(&l, "192.0.2.1:4000", 9, 6, &moved) && moved, "twice");
	OK(!take(&l, "192.0.2.1:4000", 9999, 6, &moved) &&
		!take(&l, "192.0.2.1:4000", 9999, 6, &moved),
	    "one packet sent twice is not two");
}

static void
on_packet(const struct rtp_packet *p, void *arg)
{
	*(size_t *)arg += p->payload.n;
}

static unsigned
receive(const struct rtp_pool *pool, struct rtp *r, size_t *bytes)
{
	rtp_pool_send(pool);
	rtp_pool_look(pool);
	return rtp_receive(r, on_packet, bytes);
}

/* So many packets of one type, numbered on. */
static void
speak(struct rtp *r, uint8_t type, int count)
{
	static const char speech[RTP_FRAME];
	int i;

	for (i = 0; i < count; i++)
		rtp_put(r, type, i == 0, (uint32_t)i * RTP_FRAME,
		    (struct sv){ speech, sizeof(speech) });
}

/* Keys alone are wanted: little else is read, and all again afterwards. */
static void
test_want(const struct rtp_pool *pool, struct rtp *from, struct rtp *to)
{
	size_t bytes = 0;
	unsigned n;

	rtp_want(to, 101);
	speak(from, 8, 10 * RTP_LIFE);
	EQ(receive(pool, to, &bytes), 10, "of speech each 32nd");
	speak(from, 101, 20);
	EQ(receive(pool, to, &bytes), 20, "of keys all");
	rtp_want(to, RTP_ALL);
	speak(from, 8, 20);
	EQ(receive(pool, to, &bytes), 20, "of speech all again");
	rtp_want(to, 101);
	rtp_forget(to);
	speak(from, 8, 30);
	n = receive(pool, to, &bytes);
	OK(n == 29, "who is found anew, is found by speech");
	speak(from, 8, 10 * RTP_LIFE);
	EQ(receive(pool, to, &bytes), 10, "and then not listened to");
}

/* Two sockets that speak to each other. */
static void
test_sockets(void)
{
	struct rtp_pool pool = {
		.listen = at("127.0.0.1"), .first = 40000, .count = 4
	};
	struct addr one = at("127.0.0.1"), other = one;
	struct rtp *a = NULL, *b = NULL, *c = NULL;
	size_t bytes = 0;

	rtp_pool_open(&pool);
	while (rtp_open(&pool, &a) < 0 && pool.first < 60000)
		pool.first = (uint16_t)(pool.first + 100);
	EQ(rtp_open(&pool, &b), 0, "two ports of four are even");
	OK(rtp_port(a) % 2 == 0 && rtp_port(b) % 2 == 0, "and taken");
	EQ(rtp_open(&pool, &c), -EADDRINUSE, "there is no third");
	addr_set_port(&one, rtp_port(a));
	addr_set_port(&other, rtp_port(b));
	rtp_expect(a, &other, &other);
	rtp_expect(b, &one, &one);
	speak(a, 8, 20);
	EQ(receive(&pool, b, &bytes), 19, "all but the first come");
	EQ(bytes, 19 * 160, "whole");
	EQ(receive(&pool, b, &bytes), 0, "and then none");
	rtp_forget(b);
	speak(a, 8, 2);
	EQ(receive(&pool, b, &bytes), 1, "found anew");
	test_want(&pool, a, b);
	rtp_want(b, RTP_ALL);
	speak(a, 8, 5);
	rtp_close(&a);
	EQ(receive(&pool, b, &bytes), 5, "what was said last goes out first");
	rtp_close(&b);
	rtp_pool_close(&pool);
	OK(a == NULL && b == NULL, "closed");
}

int
main(void)
{
	test_parse();
	test_latch();
	test_sockets();
	return tap_done();
}
