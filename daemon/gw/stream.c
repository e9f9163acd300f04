/* stream.c - connect, read, write once a round, close.  Buffers hold numbers
 * and texts: what has left them is wiped. */
#include "daemon/gw/stream.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/gw/tls.h"

enum { GONE_MS = 30 * 1000 }; /* bytes that nobody acknowledged */

enum stream_state {
	STREAM_CLOSED,
	STREAM_CONNECTING,
	STREAM_HANDSHAKE,
	STREAM_OPEN,
};

struct stream {
	struct event_base *base;
	const struct stream_ops *ops;
	void *arg;
	enum stream_state state;
	bool paused;
	bool handing; /* data() is reading in[] */
	int fd;
	struct tls *tls;
	struct tls_link *tls_link;
	struct event *readable, *writable, *soon;
	size_t in_n;
	char *in;      /* STREAM_BUFFER bytes */
	struct sb out; /* and so many */
};

static void
stream_end(struct stream *s, const char *why)
{
	stream_close(s);
	s->ops->closed(s->arg, why);
}

/* --- out --- */

static void
out_drop(struct stream *s)
{
	explicit_bzero(s->out.p, s->out.n);
	sb_cut(&s->out, 0);
}

/* Returns bytes written, 0 if none go now, or -1 when it is over. */
static ssize_t
write_some(struct stream *s)
{
	ssize_t n;
	int rc;

	if (s->tls_link == NULL) {
		n = send(s->fd, s->out.p, s->out.n, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		return n;
	}
	rc = tls_write(s->tls_link, s->out.p, s->out.n);
	if (rc == TLS_WANT_WRITE || rc == TLS_WANT_READ)
		return 0;
	return rc > 0 ? rc : -1;
}

/* Returns true if all has left. */
static bool
write_all(struct stream *s, bool *ret_over)
{
	size_t done = 0;
	ssize_t n = 1;

	*ret_over = false;
	while (s->out.n > 0 && n > 0) {
		n = write_some(s);
		if (n <= 0)
			break;
		done = (size_t)n;
		memmove(s->out.p, s->out.p + done, s->out.n - done);
		explicit_bzero(s->out.p + s->out.n - done, done);
		sb_cut(&s->out, s->out.n - done);
		if (s->tls_link == NULL && s->out.n > 0)
			break; /* the kernel's buffer is full */
	}
	*ret_over = n < 0;
	return s->out.n == 0;
}

void
stream_finish(struct stream *s)
{
	bool over;

	if (s->state != STREAM_OPEN)
		return;
	(void)write_all(s, &over);
	out_drop(s);
	if (s->tls_link != NULL)
		tls_finish(s->tls_link);
	(void)shutdown(s->fd, SHUT_WR);
	stream_resume(s);
}

static void
on_soon(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;
	bool over;

	(void)fd, (void)what;
	if (s->state != STREAM_OPEN || s->out.n == 0)
		return;
	if (write_all(s, &over))
		s->ops->drained(s->arg);
	else if (over)
		stream_end(s, "write");
	else
		(void)event_add(s->writable, NULL);
}

struct sb *
stream_out(struct stream *s)
{
	return &s->out;
}

void
stream_flush_soon(struct stream *s)
{
	if (s->state == STREAM_OPEN)
		event_active(s->soon, EV_TIMEOUT, 0);
}

/* --- in --- */

/* Hand over what there is; what is not consumed moves to the front. */
static void
hand_over(struct stream *s)
{
	size_t used, n = s->in_n;

	if (n == 0 || s->paused)
		return;
	s->handing = true;
	used = s->ops->data(s->arg, (struct sv){ s->in, n });
	s->handing = false;
	if (s->state != STREAM_OPEN) { /* closed by what it read */
		explicit_bzero(s->in, n);
		return;
	}
	ASSERT(used <= s->in_n);
	s->in_n -= used;
	if (used > 0 && s->in_n > 0)
		memmove(s->in, s->in + used, s->in_n);
	explicit_bzero(s->in + s->in_n, used);
}

/* Returns bytes read, 0 if there are none now, -1 with why when it is over. */
static ssize_t
read_some(struct stream *s, const char **ret_why)
{
	size_t room = STREAM_BUFFER - s->in_n;
	ssize_t n;
	int rc;

	*ret_why = "closed";
	if (s->tls_link == NULL) {
		n = recv(s->fd, s->in + s->in_n, room, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		return n > 0 ? n : -1;
	}
	rc = tls_read(s->tls_link, s->in + s->in_n, room);
	if (rc == TLS_WANT_READ || rc == TLS_WANT_WRITE)
		return 0;
	if (rc == TLS_FAILED)
		*ret_why = tls_why(s->tls_link);
	return rc > 0 ? rc : -1;
}

static void
take_bytes(struct stream *s)
{
	const char *why;
	ssize_t n;

	hand_over(s); /* what a pause left */
	/* TLS keeps bytes of its own, of which the descriptor says nothing */
	while (
	    s->state == STREAM_OPEN && !s->paused && s->in_n < STREAM_BUFFER) {
		n = read_some(s, &why);
		if (n < 0) {
			stream_end(s, why);
			return;
		}
		if (n == 0)
			break;
		s->in_n += (size_t)n;
		hand_over(s);
		if (s->tls_link == NULL)
			break;
	}
	/* a write that waited for bytes to be read */
	if (s->state == STREAM_OPEN && s->tls_link != NULL && s->out.n > 0)
		stream_flush_soon(s);
}

/* --- opening --- */

static void
now_open(struct stream *s)
{
	s->state = STREAM_OPEN;
	(void)event_add(s->readable, NULL);
	s->ops->opened(s->arg);
}

static void
handshake(struct stream *s)
{
	int rc = tls_handshake(s->tls_link);

	if (rc > 0)
		now_open(s);
	else if (rc == TLS_WANT_READ)
		(void)event_add(s->readable, NULL);
	else if (rc == TLS_WANT_WRITE)
		(void)event_add(s->writable, NULL);
	else
		stream_end(
		    s, rc == TLS_ENDED ? "closed" : tls_why(s->tls_link));
}

static void
connected(struct stream *s)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 ||
	    error != 0) {
		stream_end(s, "connect");
		return;
	}
	if (s->tls == NULL) {
		now_open(s);
		return;
	}
	s->state = STREAM_HANDSHAKE;
	s->tls_link = tls_start(s->tls, s->fd);
	handshake(s);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	if (s->state == STREAM_CONNECTING)
		connected(s);
	else if (s->state == STREAM_HANDSHAKE)
		handshake(s);
	else
		on_soon(fd, what, s);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd, (void)what;
	if (s->state == STREAM_HANDSHAKE) {
		(void)event_del(s->readable);
		handshake(s);
	} else if (s->state == STREAM_OPEN) {
		take_bytes(s);
	}
}

struct stream *
stream_new(struct event_base *base, const struct stream_ops *ops, void *arg)
{
	struct stream *s = calloc(1, sizeof(*s));
	char *out = malloc(STREAM_BUFFER);

	ASSERT(s != NULL && out != NULL);
	s->base = base;
	s->ops = ops;
	s->arg = arg;
	s->fd = -1;
	s->in = malloc(STREAM_BUFFER);
	ASSERT(s->in != NULL);
	sb_wrap(&s->out, out, STREAM_BUFFER);
	s->soon = event_new(base, -1, 0, on_soon, s);
	ASSERT(s->soon != NULL);
	return s;
}

void
stream_free(struct stream **sp)
{
	struct stream *s = *sp;

	if (s == NULL)
		return;
	stream_close(s);
	event_free(s->soon);
	free(s->in);
	free(s->out.p);
	free(s);
	*sp = NULL;
}

int
stream_open(struct stream *s, const struct sockaddr *addr, socklen_t addr_len,
    struct tls *tls)
{
	unsigned gone_ms = GONE_MS;
	int one = 1, rc;

	ASSERT(s->state == STREAM_CLOSED);
	s->fd = socket(
	    addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	(void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(
	    s->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof(gone_ms));
	if (connect(s->fd, addr, addr_len) < 0 && errno != EINPROGRESS) {
		rc = -errno;
		(void)close(s->fd);
		s->fd = -1;
		return rc;
	}
	s->tls = tls;
	s->state = STREAM_CONNECTING;
	s->readable =
	    event_new(s->base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	s->writable = event_new(s->base, s->fd, EV_WRITE, on_writable, s);
	ASSERT(s->readable != NULL && s->writable != NULL);
	(void)event_add(s->writable, NULL);
	return 0;
}

void
stream_close(struct stream *s)
{
	if (s->state == STREAM_CLOSED)
		return;
	s->state = STREAM_CLOSED;
	event_free(s->readable);
	event_free(s->writable);
	(void)event_del(s->soon);
	tls_end(&s->tls_link);
	(void)close(s->fd);
	s->fd = -1;
	if (!s->handing)
		explicit_bzero(s->in, s->in_n);
	s->in_n = 0;
	s->paused = false;
	out_drop(s);
}

void
stream_pause(struct stream *s)
{
	if (s->paused || s->state != STREAM_OPEN)
		return;
	s->paused = true;
	(void)event_del(s->readable);
}

void
stream_resume(struct stream *s)
{
	if (!s->paused || s->state != STREAM_OPEN)
		return;
	s->paused = false;
	(void)event_add(s->readable, NULL);
	event_active(s->readable, EV_READ, 0); /* what was left */
}
