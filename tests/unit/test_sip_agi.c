/* A call's connection to the daemon: many at once, slow ones, and their end. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/sip/agi.h"
#include "daemon/sip/rtp.h"
#include "tests/tap.h"

enum { MANY = 200, AT_ONCE = 200, SPINS = 1000, STEP_US = 10000 };

struct call {
	struct agi *agi;
	int peer;
	bool news;
	unsigned opened, lines, closed;
};

static void
on_opened(void *arg)
{
	((struct call *)arg)->opened++;
}

static bool
is_ready(void *arg)
{
	(void)arg;
	return true;
}

static void
on_line(void *arg, struct sv line)
{
	((struct call *)arg)->lines += sv_eq(line, SV("NOOP"));
}

static void
on_closed(void *arg)
{
	((struct call *)arg)->closed++;
}

static const struct agi_ops ops = { .opened = on_opened,
	.is_ready = is_ready,
	.line = on_line,
	.closed = on_closed };

static void
tick(struct call *c)
{
	if (c->news)
		c->news = agi_run(c->agi);
}

static void
say(const struct call *c)
{
	ASSERT(write(c->peer, "NOOP\n", 5) == 5);
}

static struct agi_target
target_of(const char *listen)
{
	struct agi_target t;
	struct diag why;

	ASSERT(agi_target(listen, "/nowhere", &t, &why) == 0);
	return t;
}

/* The same happens to more calls than one question to the kernel names. */
static void
happens(const struct rtp_pool *pool, struct call *calls, bool end)
{
	unsigned i, fresh = 0;

	for (i = 0; i < MANY; i++) {
		if (end)
			(void)close(calls[i].peer);
		else
			say(&calls[i]);
	}
	rtp_pool_look(pool);
	for (i = 0; i < MANY; i++)
		fresh += calls[i].news;
	EQ(fresh, MANY, "all are known to have news");
	for (i = 0; i < MANY; i++)
		tick(&calls[i]);
}

/* Who speaks without end is not listened to without end. */
static void
test_flood(const struct rtp_pool *pool, struct call *c)
{
	unsigned said = 0, ticks = 0, i;
	char much[5 * AT_ONCE];

	for (i = 0; i < AT_ONCE; i++)
		memcpy(much + 5 * (size_t)i, "NOOP\n", 5);
	while (send(c->peer, much, sizeof(much), MSG_DONTWAIT) > 0)
		said += AT_ONCE;
	ASSERT(said > 0);
	c->lines = 0;
	rtp_pool_look(pool);
	for (; c->lines < said && ticks < said; ticks++)
		tick(c);
	EQ(c->lines, said, "a flood is heard to its end");
	OK(ticks > 1, "and not in one tick");
	tick(c);
}

/* A daemon at a socket file is told of a call with the connection itself, and
 * not a tick later; one that is gone by then is told of as closed, once. */
static void
test_at_once(
    const struct rtp_pool *pool, const struct agi_target *target, int fd)
{
	struct call c = { .news = false }, gone = { .news = false };
	char block[16];

	ASSERT(agi_open(target, &ops, &c, pool->poll_fd, &c.news, &c.agi) == 0);
	agi_send(c.agi, SV("agi_x: 1\n\n"));
	c.peer = accept(fd, NULL, NULL);
	EQ(recv(c.peer, block, sizeof(block), MSG_DONTWAIT), 10,
	    "what is sent is there before any tick");
	EQ(c.opened, 0, "that it is open is told");
	tick(&c);
	EQ(c.opened, 1, "by the first tick");
	ASSERT(agi_open(target, &ops, &gone, pool->poll_fd, &gone.news,
		   &gone.agi) == 0);
	(void)close(accept(fd, NULL, NULL));
	agi_send(gone.agi, SV("agi_x: 1\n\n"));
	tick(&gone);
	tick(&gone);
	OK(gone.opened == 0 && gone.closed == 1,
	    "gone by then: closed, once, and never opened");
	agi_close(&gone.agi);
	agi_close(&c.agi);
	(void)close(c.peer);
}

static void
test_file(const struct rtp_pool *pool)
{
	char dir[] = "/tmp/safar-agi-XXXXXX", path[64];
	static struct call calls[MANY];
	struct agi_target target;
	unsigned i, opened = 0, lines = 0, closed = 0, due = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ASSERT(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof(path), "%s/agi.sock", dir);
	target = target_of(path);
	ASSERT(bind(fd, &target.u.any, sizeof(target.u.un)) == 0);
	ASSERT(listen(fd, MANY) == 0);
	test_at_once(pool, &target, fd);
	for (i = 0; i < MANY; i++) {
		ASSERT(agi_open(&target, &ops, &calls[i], pool->poll_fd,
			   &calls[i].news, &calls[i].agi) == 0);
		calls[i].peer = accept(fd, NULL, NULL);
		tick(&calls[i]);
		opened += calls[i].opened;
	}
	EQ(opened, MANY, "all are connected");
	happens(pool, calls, false);
	for (i = 0; i < MANY; i++) {
		tick(&calls[i]);
		lines += calls[i].lines;
		due += calls[i].news;
	}
	EQ(lines, MANY, "a line each");
	EQ(due, 0, "and no more is due");
	test_flood(pool, &calls[0]);
	calls[0].lines = 0;
	say(&calls[0]); /* and its end right behind it */
	happens(pool, calls, true);
	EQ(calls[0].lines, 1, "what was said last is heard");
	for (i = 0; i < MANY; i++) {
		tick(&calls[i]);
		closed += calls[i].closed;
		agi_close(&calls[i].agi);
	}
	EQ(closed, MANY, "and all have ended, once");
	(void)close(fd);
	(void)unlink(path);
	(void)rmdir(dir);
}

/* Its queue is full, so the kernel lets the second one wait. */
static void
test_slow(const struct rtp_pool *pool)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	struct call one = { .peer = -1 }, two = one;
	struct agi_target target;
	char text[32];
	unsigned i;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ASSERT(bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0);
	ASSERT(getsockname(fd, (struct sockaddr *)&in, &n) == 0);
	ASSERT(listen(fd, 0) == 0);
	(void)snprintf(
	    text, sizeof(text), "127.0.0.1:%u", (unsigned)ntohs(in.sin_port));
	target = target_of(text);
	ASSERT(agi_open(&target, &ops, &one, pool->poll_fd, &one.news,
		   &one.agi) == 0);
	ASSERT(agi_open(&target, &ops, &two, pool->poll_fd, &two.news,
		   &two.agi) == 0);
	agi_send(two.agi, SV("agi_network: yes\n\n"));
	tick(&one);
	tick(&two);
	OK(one.opened == 1 && two.opened == 0 && two.news,
	    "who is not accepted yet is asked for again");
	one.peer = accept(fd, NULL, NULL);
	for (i = 0; i < SPINS && two.opened == 0; i++) {
		(void)usleep(STEP_US);
		rtp_pool_look(pool);
		tick(&two);
	}
	OK(two.opened == 1 && two.closed == 0, "and then connected");
	two.peer = accept(fd, NULL, NULL);
	EQ(read(two.peer, text, sizeof(text)), 18, "what waited has gone out");
	say(&two);
	rtp_pool_look(pool);
	tick(&two);
	EQ(two.lines, 1, "and it is heard");
	agi_close(&one.agi);
	agi_close(&two.agi);
	(void)close(one.peer);
	(void)close(two.peer);
	(void)close(fd);
}

int
main(void)
{
	struct rtp_pool pool = { .count = 0 };

	rtp_pool_open(&pool);
	(void)alarm(60); /* not for ever */
	test_file(&pool);
	test_slow(&pool);
	rtp_pool_close(&pool);
	return tap_done();
}
