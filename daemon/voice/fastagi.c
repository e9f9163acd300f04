/* fastagi.c - listens on this machine alone, and keeps the connections. */
#include "daemon/voice/fastagi.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/voice/inner.h"

enum {
	BACKLOG = 256,
	READ_MAX = 2 * AGI_BLOCK_MAX, /* kept unread of a peer */
	FULL_LOG_MS = 60 * 1000,
	SOCKET_MODE = 0117, /* the gateway may be of our group */
};

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	int len;
};

struct fastagi {
	struct event_base *base;
	struct hotline *h;
	struct evconnlistener *listener;
	struct event *tick_ev, *reap_ev;
	struct talk_list talks;
	struct talk_dead dead;
	size_t count;
	unsigned serial;
	int64_t full_logged_ms;
	struct address address;
};

struct hotline *
fastagi_hotline(const struct fastagi *s)
{
	return s->h;
}

size_t
fastagi_calls(const struct fastagi *s)
{
	return s->count;
}

/* --- connections --- */

static void
talk_free(struct talk *t)
{
	bufferevent_free(t->bev);
	explicit_bzero(t, sizeof(*t));
	free(t);
}

static void
reap(struct fastagi *s)
{
	struct talk *t;

	while ((t = SLIST_FIRST(&s->dead)) != NULL) {
		SLIST_REMOVE_HEAD(&s->dead, dead);
		talk_free(t);
	}
}

static void
on_reap(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	reap(arg);
}

void
fastagi_reap(struct talk *t)
{
	struct fastagi *s = t->server;

	LIST_REMOVE(t, link);
	SLIST_INSERT_HEAD(&s->dead, t, dead);
	s->count--;
	(void)bufferevent_disable(t->bev, EV_READ | EV_WRITE);
	event_active(s->reap_ev, EV_TIMEOUT, 0);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct talk *t = arg;
	size_t n = evbuffer_get_length(in);
	const char *p = (const char *)evbuffer_pullup(in, -1);

	if (n > 0)
		n = talk_read(t, (struct sv){ p, n });
	(void)evbuffer_drain(in, n);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev, (void)what;
	talk_over(arg, "closed");
}

static bool
is_full(struct fastagi *s)
{
	int64_t now_ms = clock_ms();

	if ((int64_t)s->count < hotline_conf(s->h)->voice.calls)
		return false;
	if (s->full_logged_ms == 0 || now_ms < s->full_logged_ms ||
	    now_ms - s->full_logged_ms >= FULL_LOG_MS) {
		s->full_logged_ms = now_ms;
		log_kv(LOG_WARN, "calls_refused",
		    "calls=%zu hint=\"voice.calls says how many\"", s->count);
	}
	return true;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *addr, int len, void *arg)
{
	struct fastagi *s = arg;
	struct bufferevent *bev;
	struct talk *t;
	int on = 1;

	(void)listener, (void)len;
	if (is_full(s)) {
		(void)close(fd);
		return;
	}
	if (addr->sa_family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	ASSERT(bev != NULL);
	t = talk_new(s, bev);
	t->serial = ++s->serial;
	LIST_INSERT_HEAD(&s->talks, t, link);
	s->count++;
	bufferevent_setwatermark(bev, EV_READ, 0, READ_MAX);
	bufferevent_setcb(bev, on_read, NULL, on_event, t);
	/* writing is on from the start; to say so would wake us for nothing */
	(void)bufferevent_enable(bev, EV_READ);
}

static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)listener, (void)arg;
	log_kv(LOG_WARN, "call_not_accepted", "why=\"%s\"", strerror(errno));
}

void
fastagi_tick(struct fastagi *s)
{
	int64_t now_ms = clock_ms();
	struct talk *t, *next;

	for (t = LIST_FIRST(&s->talks); t != NULL; t = next) {
		next = LIST_NEXT(t, link);
		talk_tick(t, now_ms);
	}
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	fastagi_tick(arg);
}

/* --- where it listens --- */

/* 127.0.0.0/8 or ::1; RFC 6890. */
static bool
is_ours(const struct address *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

/* An IP address, with a port or without, or what was meant as one. */
static bool
is_tcp(const char *listen)
{
	struct in_addr in;

	return (strchr(listen, ':') != NULL && listen[0] != '/') ||
	       inet_pton(AF_INET, listen, &in) == 1;
}

static int
tcp_address(const char *text, struct address *a, struct diag *why)
{
	a->len = sizeof(*a) - sizeof(a->len);
	if (evutil_parse_sockaddr_port(text, &a->any, &a->len) < 0)
		return diag_set(why, -EINVAL,
		    "voice.listen: '%s' is no IP:PORT; write 127.0.0.1:%d",
		    text, (int)AGI_PORT);
	if (a->in.sin_port == 0) /* in6 has it in the same place */
		a->in.sin_port = htons(AGI_PORT);
	if (!is_ours(a))
		return diag_set(why, -EINVAL,
		    "voice.listen: %s can be reached by others, and FastAGI "
		    "has no password; write 127.0.0.1:%d",
		    text, (int)AGI_PORT);
	return 0;
}

static int
file_address(
    const char *dir, const char *name, struct address *a, struct diag *why)
{
	struct stat st;
	int n;

	a->un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	a->len = sizeof(a->un);
	n = name[0] == '/' ?
		snprintf(a->un.sun_path, sizeof(a->un.sun_path), "%s", name) :
		snprintf(
		    a->un.sun_path, sizeof(a->un.sun_path), "%s/%s", dir, name);
	if (n >= (int)sizeof(a->un.sun_path))
		return diag_set(why, -ENAMETOOLONG,
		    "voice.listen: a socket file may have %zu letters with "
		    "its folder",
		    sizeof(a->un.sun_path) - 1);
	/* left by a crash: the store's lock says that we are the only one */
	if (lstat(a->un.sun_path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return diag_set(why, -EEXIST,
			    "voice.listen: %s is there, and no socket; name "
			    "another file",
			    a->un.sun_path);
		(void)unlink(a->un.sun_path);
	}
	return 0;
}

static int
listen_at(struct fastagi *s, const char *text, struct diag *why)
{
	mode_t old = umask(SOCKET_MODE);
	int rc = 0;

	s->listener = evconnlistener_new_bind(s->base, on_accept, s,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
	    BACKLOG, &s->address.any, s->address.len);
	if (s->listener == NULL)
		rc = diag_set(
		    why, -errno, "voice.listen: %s: %s", text, strerror(errno));
	else
		evconnlistener_set_error_cb(s->listener, on_accept_error);
	(void)umask(old);
	return rc;
}

int
fastagi_open(struct event_base *base, struct hotline *h, const char *dir,
    const char *listen, struct fastagi **ret_server, struct diag *reterr_diag)
{
	const struct timeval second = { .tv_sec = 1 };
	CLEANUP(fastagi_close) struct fastagi *s = NULL;
	int rc;

	if (listen[0] == '\0') {
		*ret_server = NULL;
		return 0;
	}
	s = calloc(1, sizeof(*s));
	ASSERT(s != NULL);
	s->base = base;
	s->h = h;
	LIST_INIT(&s->talks);
	SLIST_INIT(&s->dead);
	rc = is_tcp(listen) ?
		 tcp_address(listen, &s->address, reterr_diag) :
		 file_address(dir, listen, &s->address, reterr_diag);
	if (rc == 0)
		rc = listen_at(s, listen, reterr_diag);
	if (rc < 0)
		return rc;
	s->tick_ev = event_new(base, -1, EV_PERSIST, on_tick, s);
	s->reap_ev = event_new(base, -1, 0, on_reap, s);
	ASSERT(s->tick_ev != NULL && s->reap_ev != NULL);
	ASSERT(event_add(s->tick_ev, &second) == 0);
	*ret_server = s;
	s = NULL;
	return 0;
}

void
fastagi_close(struct fastagi **sp)
{
	struct fastagi *s = *sp;
	struct talk *t;

	if (s == NULL)
		return;
	while ((t = LIST_FIRST(&s->talks)) != NULL)
		talk_over(t, "stopping");
	reap(s);
	if (s->listener != NULL) {
		evconnlistener_free(s->listener);
		if (s->address.any.sa_family == AF_UNIX)
			(void)unlink(s->address.un.sun_path);
	}
	if (s->tick_ev != NULL)
		event_free(s->tick_ev);
	if (s->reap_ev != NULL)
		event_free(s->reap_ev);
	free(s);
	*sp = NULL;
}
