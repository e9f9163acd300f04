/* agi.c - one socket, a buffer each way. */
#include "daemon/sip/agi.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "daemon/proto/agi.h"

enum {
	IN_ROOM = 2 * (AGI_LINE_MAX + 2),
	OUT_ROOM = 3 * AGI_LINE_MAX,
};

struct agi {
	int fd;
	bool connected;
	bool open, told; /* that it is connected was told; that it is closed */
	const struct agi_ops *ops;
	void *arg;
	size_t in_n, out_n;
	char in[IN_ROOM], out[OUT_ROOM];
};

static int
path_target(const char *listen, const char *dir, struct sockaddr_un *un)
{
	int n;

	un->sun_family = AF_UNIX;
	n = snprintf(un->sun_path, sizeof(un->sun_path), "%s%s%s",
	    listen[0] == '/' ? "" : dir, listen[0] == '/' ? "" : "/", listen);
	return n < 0 || (size_t)n >= sizeof(un->sun_path) ? -EINVAL : 0;
}

static bool
is_loopback(const struct addr *a)
{
	uint8_t bytes[16];
	size_t n = addr_bytes(a, bytes);

	return n == 4 ? bytes[0] == 127 :
			IN6_IS_ADDR_LOOPBACK(&a->u.in6.sin6_addr);
}

int
agi_target(const char *listen, const char *dir, struct agi_target *ret_target,
    struct diag *reterr_diag)
{
	struct agi_target t = { .is_path = false };

	if (listen[0] == '\0')
		return diag_set(reterr_diag, -EINVAL,
		    "voice.listen: empty, so safard takes no calls; write "
		    "agi.sock");
	if (addr_parse(sv_of(listen), AGI_PORT, &t.u.addr) == 0) {
		if (!is_loopback(&t.u.addr))
			return diag_set(reterr_diag, -EINVAL,
			    "voice.listen: '%s' is not of this machine; write "
			    "agi.sock or 127.0.0.1:4573",
			    listen);
	} else {
		t.is_path = true;
		if (path_target(listen, dir, &t.u.un) < 0)
			return diag_set(reterr_diag, -EINVAL,
			    "voice.listen: the path is too long");
	}
	*ret_target = t;
	return 0;
}

/* agi_run() tells it, and never agi_send(): there the owner is in the middle of
 * something. */
static void
fail(struct agi *a)
{
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
	a->connected = a->open = false;
}

static void
flush(struct agi *a)
{
	ssize_t n = send(a->fd, a->out, a->out_n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		n = 0;
	if (n < 0) {
		fail(a);
		return;
	}
	a->out_n -= (size_t)n;
	memmove(a->out, a->out + n, a->out_n);
}

static void
connected_check(struct agi *a)
{
	struct pollfd p = { .fd = a->fd, .events = POLLOUT };
	int error = 0;
	socklen_t n = sizeof(error);

	if (poll(&p, 1, 0) <= 0)
		return;
	(void)getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error != 0)
		fail(a);
	else
		a->connected = true;
}

/* Some of what has come.  Returns false: nothing is left, or there is no room
 * until a line has been run; true: there may be more, or the end of it. */
static bool
in_read(struct agi *a)
{
	ssize_t n;

	if (a->in_n == sizeof(a->in))
		return false;
	n = recv(a->fd, a->in + a->in_n, sizeof(a->in) - a->in_n, MSG_DONTWAIT);
	if (n > 0) {
		a->in_n += (size_t)n;
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		fail(a);
	return n < 0 && errno == EINTR;
}

static void
lines_run(struct agi *a)
{
	struct sv line = { 0 };
	size_t used = 0;
	enum parse_rc rc;

	while (a->in_n > 0 && a->ops->is_ready(a->arg)) {
		rc = agi_read_line((struct sv){ a->in, a->in_n }, &line, &used);
		if (rc == PARSE_MORE)
			break;
		if (rc != PARSE_OK) {
			fail(a);
			a->in_n = 0;
			break;
		}
		a->ops->line(a->arg, line);
		a->in_n -= used;
		memmove(a->in, a->in + used, a->in_n);
	}
}

bool
agi_run(struct agi *a)
{
	bool more;

	if (a->fd >= 0 && !a->connected)
		connected_check(a);
	if (a->connected && !a->open) {
		a->open = true;
		a->ops->opened(a->arg);
	}
	if (a->open && a->out_n > 0)
		flush(a);
	lines_run(a);
	/* once: who speaks without end must not hold up the other calls */
	more = a->open && in_read(a);
	lines_run(a);
	if (a->fd < 0 && !a->told) {
		a->told = true;
		a->ops->closed(a->arg);
	}
	return a->fd >= 0 && (!a->open || a->out_n > 0 || more);
}

bool
agi_is_open(const struct agi *a)
{
	return a->fd >= 0;
}

void
agi_send(struct agi *a, struct sv bytes)
{
	if (a->fd < 0)
		return;
	if (bytes.n > sizeof(a->out) - a->out_n) {
		fail(a);
		return;
	}
	memcpy(a->out + a->out_n, bytes.p, bytes.n);
	a->out_n += bytes.n;
	if (a->connected)
		flush(a);
}

int
agi_open(const struct agi_target *target, const struct agi_ops *ops, void *arg,
    int poll_fd, bool *news, struct agi **ret_agi)
{
	struct epoll_event in = { .events = EPOLLIN | EPOLLET,
		.data.ptr = news };
	int fd = socket(target->u.any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len =
	    target->is_path ? sizeof(target->u.un) : target->u.addr.len;
	const int on = 1;
	struct agi *a;
	int rc;

	if (fd < 0)
		return -errno;
	/* a notice behind a reply would wait for the daemon's ACK */
	if (!target->is_path)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	rc = connect(fd, &target->u.any, len);
	if ((rc < 0 && errno != EINPROGRESS) ||
	    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &in) < 0) {
		rc = -errno;
		(void)close(fd);
		return rc;
	}
	a = calloc(1, sizeof(*a));
	ASSERT(a != NULL);
	a->fd = fd;
	a->connected = rc == 0; /* a socket file is, at once */
	a->ops = ops;
	a->arg = arg;
	*news = true; /* to see that it is connected */
	*ret_agi = a;
	return 0;
}

void
agi_close(struct agi **ap)
{
	if (*ap == NULL)
		return;
	fail(*ap);
	free(*ap);
	*ap = NULL;
}
