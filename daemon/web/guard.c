/* guard.c - hangs up on connections that are too many, too slow, too large. */
#include "daemon/web/guard.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/web/tls.h"
#include "daemon/web/web.h"

enum { BIG = WEB_HEADER_MAX + WEB_BODY_MAX + 4096 };

/* A connection.  We hold a reference: evhttp closes the socket and lets go of
 * the rest, and nothing tells us, so that each second is looked who is left. */
struct link {
	LIST_ENTRY(link) link;
	struct guard *guard;
	struct bufferevent *bev;
	struct in6_addr from; /* IPv4 as ::ffff:a.b.c.d; IPv6: a /64 */
	bool known;	      /* from is */
	bool here;	      /* it is this machine */
	bool over;	      /* is being hung up on */
	int64_t made_ms;
	int64_t began_ms; /* of the request that is coming, 0 none */
	size_t bytes;	  /* of it */
	int64_t stuck_ms; /* since when there is something to send, 0 */
};

struct guard {
	struct event_base *base;
	struct web_tls *tls;
	LIST_HEAD(link_list, link) links;
	size_t count, big;
	int64_t told_ms; /* when it was last said that there are too many */
};

struct guard *
guard_new(struct event_base *base, struct web_tls *tls)
{
	struct guard *g = calloc(1, sizeof(*g));

	ASSERT(g != NULL);
	g->base = base;
	g->tls = tls;
	LIST_INIT(&g->links);
	return g;
}

static void
big_end(struct link *l)
{
	if (l->bytes > BIG)
		l->guard->big--;
	l->bytes = 0;
	l->began_ms = 0;
}

static void
link_free(struct link *l)
{
	big_end(l);
	LIST_REMOVE(l, link);
	l->guard->count--;
	if (l->guard->tls != NULL)
		web_tls_done(l->bev);
	else
		(void)bufferevent_decref(l->bev);
	free(l);
}

void
guard_free(struct guard **gp)
{
	struct guard *g = *gp;
	struct link *l, *next;

	if (g == NULL)
		return;
	for (l = LIST_FIRST(&g->links); l != NULL; l = next) {
		next = LIST_NEXT(l, link);
		link_free(l);
	}
	free(g);
	*gp = NULL;
}

/* evhttp sees the end of the stream and cleans up. */
static void
hang_up(struct link *l, const char *why)
{
	struct guard *g = l->guard;
	int64_t now = clock_ms();

	if (l->over)
		return;
	l->over = true;
	(void)shutdown(bufferevent_getfd(l->bev), SHUT_RDWR);
	if (now - g->told_ms < 1000)
		return;
	g->told_ms = now;
	log_kv(LOG_WARN, "hung_up", "why=%s links=%zu", why, g->count);
}

/* --- who it is --- */

static void
from_read(struct link *l)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n = sizeof(ss);
	struct sockaddr_in *four = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&ss;

	l->known = true;
	if (getpeername(bufferevent_getfd(l->bev), (struct sockaddr *)&ss, &n) <
	    0)
		return;
	if (ss.ss_family == AF_INET) {
		l->from.s6_addr[10] = l->from.s6_addr[11] = 0xff;
		memcpy(l->from.s6_addr + 12, &four->sin_addr, 4);
		l->here = l->from.s6_addr[12] == 127;
		return;
	}
	l->from = six->sin6_addr;
	l->here = IN6_IS_ADDR_LOOPBACK(&l->from);
	memset(l->from.s6_addr + 8, 0, 8);
}

static size_t
same_address(const struct link *of)
{
	const struct link *l;
	size_t n = 0;

	LIST_FOREACH (l, &of->guard->links, link)
		n += l->known &&
		     memcmp(&l->from, &of->from, sizeof(l->from)) == 0;
	return n;
}

/* --- what comes --- */

static void
bytes_count(struct link *l, size_t added)
{
	bool was_big = l->bytes > BIG;

	if (l->began_ms == 0)
		l->began_ms = clock_ms();
	l->bytes += added;
	if (was_big || l->bytes <= BIG)
		return;
	if (++l->guard->big > GUARD_BIG)
		hang_up(l, "too_many_large");
}

static void
on_input(
    struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct link *l = arg;

	(void)buffer;
	if (info->n_added == 0)
		return;
	if (!l->known) {
		from_read(l);
		if (!l->here && same_address(l) > GUARD_PER_ADDRESS)
			hang_up(l, "too_many_of_one");
	}
	if (l->guard->count > GUARD_LINKS && !l->here)
		hang_up(l, "too_many");
	bytes_count(l, info->n_added);
}

struct bufferevent *
guard_link(struct event_base *base, void *arg)
{
	struct guard *g = arg;
	struct link *l = calloc(1, sizeof(*l));

	ASSERT(l != NULL);
	l->guard = g;
	l->made_ms = clock_ms();
	l->bev = g->tls != NULL ? web_tls_link(g->tls, base) :
				  bufferevent_socket_new(base, -1, 0);
	ASSERT(l->bev != NULL);
	bufferevent_incref(l->bev);
	ASSERT(evbuffer_add_cb(bufferevent_get_input(l->bev), on_input, l) !=
	       NULL);
	LIST_INSERT_HEAD(&g->links, l, link);
	g->count++;
	return l->bev;
}

void
guard_whole(struct guard *g, struct bufferevent *bev)
{
	struct link *l;

	LIST_FOREACH (l, &g->links, link)
		if (l->bev == bev) {
			big_end(l);
			return;
		}
}

size_t
guard_waiting(const struct guard *g)
{
	const struct link *l;
	size_t n = 0;

	LIST_FOREACH (l, &g->links, link)
		n += evbuffer_get_length(bufferevent_get_output(l->bev));
	return n;
}

/* --- each second --- */

static bool
is_left(struct link *l)
{
	bufferevent_event_cb event = NULL;

	bufferevent_getcb(l->bev, NULL, NULL, &event, NULL);
	return event == NULL;
}

static void
look_at(struct link *l, int64_t now_ms)
{
	int64_t most =
	    GUARD_REQUEST_MS + (int64_t)(l->bytes / GUARD_BYTES_PER_MS);
	size_t waits = evbuffer_get_length(bufferevent_get_output(l->bev));

	if ((l->began_ms > 0 && now_ms - l->began_ms > most) ||
	    (!l->known && now_ms - l->made_ms > GUARD_REQUEST_MS))
		hang_up(l, "too_slow");
	if (waits == 0)
		l->stuck_ms = 0;
	else if (l->stuck_ms == 0)
		l->stuck_ms = now_ms;
	else if (now_ms - l->stuck_ms > GUARD_REPLY_MS)
		hang_up(l, "takes_nothing");
}

void
guard_tick(struct guard *g, int64_t now_ms)
{
	struct link *l, *next;

	for (l = LIST_FIRST(&g->links); l != NULL; l = next) {
		next = LIST_NEXT(l, link);
		if (is_left(l))
			link_free(l);
		else
			look_at(l, now_ms);
	}
}
