/* control.c - one question, one answer. */
#include "daemon/core/control.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATUS_MAX = 32768, LINE_MAX_BYTES = 1024, ASK_S = 5, PEERS_MAX = 16 };

struct peer {
	struct control *c;
	struct bufferevent *bev;
	bool told; /* it is closed when all is written */
	LIST_ENTRY(peer) link;
};

struct control {
	struct hotline *h;
	struct evconnlistener *listener;
	struct sockaddr_un addr;
	LIST_HEAD(peer_list, peer) peers;
	size_t peer_count;
};

static int
addr_of(const char *dir, struct sockaddr_un *ret)
{
	int n;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(
	    ret->sun_path, sizeof(ret->sun_path), "%s/safard.sock", dir);
	return n < (int)sizeof(ret->sun_path) ? 0 : -ENAMETOOLONG;
}

static void
peer_free(struct peer *p)
{
	LIST_REMOVE(p, link);
	p->c->peer_count--;
	bufferevent_free(p->bev);
	free(p);
}

static void
tell(struct sb *b, int rc)
{
	if (rc == 0)
		sb_puts(b, "{\"ok\":true}");
	else
		sb_printf(b, "{\"ok\":false,\"why\":\"%s\",\"code\":%d}",
		    strerror(-rc), -rc);
}

static struct sv
text_of(const json_t *line, const char *name)
{
	return sv_of(json_string_value(json_object_get(line, name)));
}

static void
callback_do(struct hotline *h, const json_t *line, struct sv who, struct sb *b)
{
	int rc = hotline_callback(h, text_of(line, "act"),
	    json_integer_value(json_object_get(line, "id")), who, b);

	if (rc < 0)
		tell(b, rc);
}

static void
answer(struct hotline *h, const json_t *line, struct sb *b)
{
	struct sv what = text_of(line, "do"), who = text_of(line, "who");

	if (sv_eq(what, SV("status")))
		hotline_status(h, b);
	else if (sv_eq(what, SV("erase")))
		tell(b, hotline_erase(h, text_of(line, "number"), who));
	else if (sv_eq(what, SV("audit")))
		tell(b, hotline_audit(h, who, text_of(line, "action")));
	else if (sv_eq(what, SV("callback")))
		callback_do(h, line, who, b);
	else if (sv_eq(what, SV("panic")))
		tell(b, hotline_panic(h));
	else
		tell(b, -ENOSYS);
}

/* After a panic the loop turns no more: it is written at once, and what does
 * not fit into a fresh socket's buffer is left to the loop. */
static void
say(struct peer *p, const struct sb *b)
{
	ssize_t n = send(
	    bufferevent_getfd(p->bev), b->p, b->n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n == (ssize_t)b->n) {
		peer_free(p);
		return;
	}
	p->told = true;
	n = n < 0 ? 0 : n;
	(void)bufferevent_disable(p->bev, EV_READ);
	(void)bufferevent_write(p->bev, b->p + n, b->n - (size_t)n);
}

static void
on_line(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct peer *p = arg;
	char buf[STATUS_MAX];
	json_t *line;
	char *text;
	struct sb b;
	size_t n = 0;

	if (p->told)
		return;
	text = evbuffer_readln(in, &n, EVBUFFER_EOL_LF);
	if (text == NULL && evbuffer_get_length(in) < LINE_MAX_BYTES)
		return;
	sb_wrap(&b, buf, sizeof(buf));
	line = text != NULL ? json_loadb(text, n, 0, NULL) : NULL;
	answer(p->c->h, line, &b);
	sb_puts(&b, "\n");
	json_decref(line);
	if (text != NULL)
		explicit_bzero(text, n);
	free(text);
	say(p, &b);
	explicit_bzero(buf, sizeof(buf));
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct peer *p = arg;

	(void)bev;
	if (p->told)
		peer_free(p);
}

static void
on_end(struct bufferevent *bev, short what, void *arg)
{
	(void)bev, (void)what;
	peer_free(arg);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *addr, int len, void *arg)
{
	const struct timeval most = { .tv_sec = ASK_S };
	struct control *c = arg;
	struct peer *p;

	(void)addr, (void)len;
	if (c->peer_count == PEERS_MAX) {
		(void)close(fd);
		return;
	}
	p = calloc(1, sizeof(*p));
	ASSERT(p != NULL);
	p->c = c;
	p->bev = bufferevent_socket_new(
	    evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
	ASSERT(p->bev != NULL);
	LIST_INSERT_HEAD(&c->peers, p, link);
	c->peer_count++;
	bufferevent_setcb(p->bev, on_line, on_written, on_end, p);
	(void)bufferevent_set_timeouts(p->bev, &most, &most);
	(void)bufferevent_enable(p->bev, EV_READ | EV_WRITE);
}

int
control_open(struct event_base *base, struct hotline *h, const char *dir,
    struct control **ret_control)
{
	CLEANUP(control_close) struct control *c = calloc(1, sizeof(*c));
	mode_t old;
	int rc;

	ASSERT(c != NULL);
	c->h = h;
	LIST_INIT(&c->peers);
	rc = addr_of(dir, &c->addr);
	if (rc < 0)
		return rc;
	(void)unlink(c->addr.sun_path);
	old = umask(0177);
	c->listener = evconnlistener_new_bind(base, on_accept, c,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
	    (struct sockaddr *)&c->addr, sizeof(c->addr));
	rc = -errno;
	(void)umask(old);
	if (c->listener == NULL)
		return rc;
	*ret_control = c;
	c = NULL;
	return 0;
}

void
control_close(struct control **cp)
{
	struct control *c = *cp;
	struct peer *p, *next;

	if (c == NULL)
		return;
	for (p = LIST_FIRST(&c->peers); p != NULL; p = next) {
		next = LIST_NEXT(p, link);
		peer_free(p);
	}
	if (c->listener != NULL) {
		evconnlistener_free(c->listener);
		(void)unlink(c->addr.sun_path);
	}
	free(c);
	*cp = NULL;
}

static int
answer_read(int fd, struct sb *b)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[4096];
	ssize_t n;

	for (;;) {
		if (poll(&p, 1, 1000 * ASK_S) != 1)
			return -ETIMEDOUT;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return n < 0 ? -errno : 0;
		sb_put(b, (struct sv){ buf, (size_t)n });
	}
}

static int
peer_open(const char *dir, int *ret_fd)
{
	struct sockaddr_un addr;
	int fd, rc = addr_of(dir, &addr);

	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		(void)close(fd);
		return -ENOENT;
	}
	*ret_fd = fd;
	return 0;
}

static int
line_send(int fd, struct sv line)
{
	char buf[LINE_MAX_BYTES + 1];
	ssize_t n;

	if (line.n > LINE_MAX_BYTES - 1)
		return -EMSGSIZE;
	memcpy(buf, line.p, line.n);
	buf[line.n] = '\n';
	n = send(fd, buf, line.n + 1, MSG_NOSIGNAL);
	explicit_bzero(buf, sizeof(buf));
	return n == (ssize_t)line.n + 1 ? 0 : -EPIPE;
}

int
control_ask(const char *dir, struct sv line, struct sb *ret_json)
{
	int fd = -1, rc = peer_open(dir, &fd);

	if (rc < 0)
		return rc;
	rc = line_send(fd, line);
	if (rc == 0)
		rc = answer_read(fd, ret_json);
	(void)close(fd);
	return rc;
}

int
control_pid(const char *dir, pid_t *ret_pid)
{
	struct ucred who = { 0 };
	socklen_t n = sizeof(who);
	int fd = -1, rc = peer_open(dir, &fd);

	if (rc < 0)
		return rc;
	rc = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0 ? -errno : 0;
	(void)close(fd);
	if (rc == 0)
		*ret_pid = who.pid;
	return rc;
}
