/* control.c - one question, one answer. */
#include "daemon/core/control.h"

#include <event2/listener.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATUS_MAX = 32768, ASK_MS = 5000 };

struct control {
	struct hotline *h;
	struct evconnlistener *listener;
	struct sockaddr_un addr;
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
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *addr, int len, void *arg)
{
	struct control *c = arg;
	char buf[STATUS_MAX];
	struct sb b;

	(void)listener, (void)addr, (void)len;
	sb_wrap(&b, buf, sizeof(buf));
	hotline_status(c->h, &b);
	sb_puts(&b, "\n");
	/* a fresh socket's buffer holds all of it: this never waits */
	(void)send(fd, b.p, b.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)close(fd);
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

	if (c == NULL)
		return;
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
		if (poll(&p, 1, ASK_MS) != 1)
			return -ETIMEDOUT;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return n < 0 ? -errno : 0;
		sb_put(b, (struct sv){ buf, (size_t)n });
	}
}

int
control_ask(const char *dir, struct sb *ret_json)
{
	struct sockaddr_un addr;
	int fd, rc;

	rc = addr_of(dir, &addr);
	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		rc = -ENOENT;
	else
		rc = answer_read(fd, ret_json);
	(void)close(fd);
	return rc;
}
