/*
 * rtp_many.c - the speech of many calls, from the side of the telephones or, as
 * the least that a gateway could cost, from the side of the gateway.
 *
 * usage: rtp_many COUNT SECONDS [PORT...]
 *
 * Opens COUNT sockets on 127.0.0.1 and prints their ports.  Each of them sends
 * 50 packets a second: to the PORT given for it, or to whoever it first heard
 * from.  Nobody is woken by a packet that comes, as nobody on this machine
 * would be if the telephones were elsewhere: what came is read when the next
 * is sent.  At the end, or at SIGTERM, it prints
 *
 *   packets N heard N calls N gap_p999_us N gap_most_us N cpu_us N
 *
 * where gaps are between packets of one call, by the kernel's time stamps.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	PHASES = 4, /* of a frame of 20 ms, at most */
	FULL = 128, /* a gateway's calls in a phase, before it uses another */
	FRAME_NS = 20000000,
	SPEECH = 172,  /* bytes of a packet of 20 ms */
	GAP_US = 10,   /* a step of the histogram */
	GAPS = 200000, /* up to 2 s */
	KEEP_OUT = 50, /* packets of a call before its gaps count */
};

struct leg {
	int fd;
	uint16_t seq;
	int known;
	int64_t last_us;
	uint32_t heard;
	uint8_t packet[SPEECH];
};

static struct leg *legs;
static long count, phases = PHASES;
static uint64_t sent, heard, gaps[GAPS];
static volatile sig_atomic_t stopped;

static void
on_stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static void
leg_open(struct leg *leg, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int on = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	leg->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (leg->fd < 0 ||
	    bind(leg->fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		fail("socket");
	(void)setsockopt(leg->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	leg->packet[0] = 0x80;
	leg->packet[1] = 8; /* A-law */
	leg->packet[11] = 1;
	memset(leg->packet + 12, 0xd5, SPEECH - 12);
	if (port != NULL) {
		at.sin_port = htons((uint16_t)strtol(port, NULL, 10));
		if (connect(leg->fd, (struct sockaddr *)&at, sizeof(at)) < 0)
			fail("connect");
		leg->known = 1;
	}
}

static void
leg_print(const struct leg *leg)
{
	struct sockaddr_in at = { 0 };
	socklen_t size = sizeof(at);

	if (getsockname(leg->fd, (struct sockaddr *)&at, &size) < 0)
		fail("getsockname");
	printf("%u ", (unsigned)ntohs(at.sin_port));
}

static int64_t
stamp_us(struct msghdr *message)
{
	struct cmsghdr *part = CMSG_FIRSTHDR(message);
	struct timespec at = { 0 };

	if (part != NULL && part->cmsg_type == SCM_TIMESTAMPNS)
		memcpy(&at, CMSG_DATA(part), sizeof(at));
	return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static void
gap_count(struct leg *leg, int64_t at_us)
{
	int64_t gap = (at_us - leg->last_us) / GAP_US;

	if (leg->heard++ > KEEP_OUT)
		gaps[gap < 0 ? 0 : gap >= GAPS ? GAPS - 1 : gap]++;
	leg->last_us = at_us;
	heard++;
}

static void
leg_read(struct leg *leg)
{
	uint8_t data[2048];
	char control[64];
	struct sockaddr_in from;
	struct iovec piece = { data, sizeof(data) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	for (;;) {
		message.msg_name = &from;
		message.msg_namelen = sizeof(from);
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		if (recvmsg(leg->fd, &message, 0) < 0)
			return;
		gap_count(leg, stamp_us(&message));
		if (leg->known)
			return; /* one for each 20 ms: no second look */
		leg->known = connect(leg->fd, (struct sockaddr *)&from,
				 message.msg_namelen) == 0;
	}
}

/* What came and what goes of one phase. */
static void
run_phase(long phase)
{
	long i;

	for (i = count * phase / phases; i < count * (phase + 1) / phases;
	     i++) {
		struct leg *leg = &legs[i];
		uint32_t stamp = htonl(++leg->seq * 160U);

		leg_read(leg);
		if (!leg->known)
			continue;
		leg->packet[2] = (uint8_t)(leg->seq >> 8);
		leg->packet[3] = (uint8_t)leg->seq;
		memcpy(leg->packet + 4, &stamp, sizeof(stamp));
		sent += send(leg->fd, leg->packet, SPEECH, 0) == SPEECH;
	}
}

static void
carry(long seconds)
{
	const struct timespec step = { 0, FRAME_NS / phases };
	struct itimerspec every = { step, step };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	time_t end = time(NULL) + seconds;
	uint64_t times;
	long phase = 0;

	if (timer < 0 || timerfd_settime(timer, 0, &every, NULL) < 0)
		fail("timer");
	while (!stopped && time(NULL) < end) {
		if (read(timer, &times, sizeof(times)) != sizeof(times))
			continue;
		for (; times > 0; times--) {
			run_phase(phase);
			phase = (phase + 1) % phases;
		}
	}
	(void)close(timer);
}

static void
tell(void)
{
	struct rusage used = { 0 };
	uint64_t all = 0, below = 0;
	long i, calls = 0, p999 = 0, most = 0;

	for (i = 0; i < count; i++)
		calls += legs[i].heard > KEEP_OUT;
	for (i = 0; i < GAPS; i++)
		all += gaps[i];
	for (i = 0; i < GAPS; i++) {
		below += gaps[i];
		if (gaps[i] > 0)
			most = i;
		if (below * 1000 <= all * 999)
			p999 = i + 1;
	}
	(void)getrusage(RUSAGE_SELF, &used);
	printf("packets %llu heard %llu calls %ld gap_p999_us %ld "
	       "gap_most_us %ld cpu_us %lld\n",
	    (unsigned long long)sent, (unsigned long long)heard, calls,
	    p999 * GAP_US, most * GAP_US,
	    (long long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
		used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int
main(int argc, char **argv)
{
	struct rlimit files = { 20000, 20000 };
	struct sigaction stop = { .sa_handler = on_stop };
	long i, seconds;

	if (argc < 3) {
		fprintf(stderr, "usage: rtp_many COUNT SECONDS [PORT...]\n");
		return 2;
	}
	count = strtol(argv[1], NULL, 10);
	seconds = strtol(argv[2], NULL, 10);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	(void)sigaction(SIGTERM, &stop, NULL);
	legs = calloc((size_t)count, sizeof(*legs));
	if (legs == NULL)
		fail("calloc");
	/* as a gateway that does nothing else would: woken no more often */
	if (argc > 3 && (count + FULL - 1) / FULL < PHASES)
		phases = (count + FULL - 1) / FULL;
	for (i = 0; i < count; i++) {
		leg_open(&legs[i], argc > 3 + i ? argv[3 + i] : NULL);
		leg_print(&legs[i]);
	}
	printf("\n");
	(void)fflush(stdout);
	carry(seconds);
	tell();
	free(legs);
	return 0;
}
