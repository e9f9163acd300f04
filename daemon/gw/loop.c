/* loop.c - the driver without a network: phones on a unix socket. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/gw/drivers.h"
#include "daemon/proto/sms.h"

enum { LINE_BYTES_MAX = 16384, CLIENTS_MAX = 64 };

struct client {
	LIST_ENTRY(client) link;
	struct loop *loop;
	struct bufferevent *bev; /* NULL: gone, waiting for its done calls */
	char number[32];
	unsigned waiting; /* done calls still to come */
};

LIST_HEAD(client_list, client);

struct loop {
	struct gw *gw;
	struct event_base *base;
	struct evconnlistener *listener;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client_list clients;
	size_t client_count;
	enum gw_result (*sink)(void *arg, const struct gw_out *out);
	void *sink_arg;
};

/* One text of a client, until the core has answered for it. */
struct said {
	struct client *client;
	json_t *line;
};

static void
client_drop(struct client *c)
{
	LIST_REMOVE(c, link);
	c->loop->client_count--;
	bufferevent_free(c->bev);
	c->bev = NULL;
	if (c->waiting == 0)
		free(c);
}

static void
client_write(struct client *c, json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT);

	ASSERT(text != NULL);
	(void)bufferevent_write(c->bev, text, strlen(text));
	(void)bufferevent_write(c->bev, "\n", 1);
	free(text);
	json_decref(line);
}

static void
on_taken(void *arg, int rc)
{
	struct said *said = arg;
	struct client *c = said->client;
	const char *ack = "again", *id;

	if (rc == 0)
		ack = "ok";
	else if (rc == -EBADMSG)
		ack = "refused";
	id = json_string_value(json_object_get(said->line, "id"));
	c->waiting--;
	if (c->bev != NULL)
		client_write(c, json_pack("{s:s, s:s}", "id",
				    id != NULL ? id : "", "ack", ack));
	else if (c->waiting == 0)
		free(c);
	json_decref(said->line);
	free(said);
}

static struct sv
member(const json_t *line, const char *name)
{
	const json_t *v = json_object_get(line, name);

	if (!json_is_string(v))
		return (struct sv){ 0 };
	return (struct sv){ json_string_value(v), json_string_length(v) };
}

static void
client_say(struct client *c, struct sv text)
{
	json_t *line = json_loadb(text.p, text.n, 0, NULL);
	struct gw_in in = { .id = member(line, "id"),
		.from = member(line, "from"),
		.to = member(line, "to"),
		.text = member(line, "text") };
	struct said *said;

	if (line == NULL || in.text.n > GW_TEXT_MAX || in.id.n > GW_ID_MAX ||
	    in.to.n > GW_LINE_MAX || in.from.n == 0 ||
	    in.from.n >= sizeof(c->number)) {
		gw_refused(c->loop->gw, "bad_line");
		client_write(
		    c, json_pack("{s:s, s:s}", "id", "", "ack", "refused"));
		json_decref(line);
		return;
	}
	memcpy(c->number, in.from.p, in.from.n);
	c->number[in.from.n] = '\0';
	if (!json_is_string(json_object_get(line, "text"))) {
		json_decref(line);
		return;
	}
	said = calloc(1, sizeof(*said));
	ASSERT(said != NULL);
	*said = (struct said){ c, line };
	c->waiting++;
	gw_inbound(c->loop->gw, &in, on_taken, said);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct client *c = arg;
	char *line;
	size_t n;

	while ((line = evbuffer_readln(in, &n, EVBUFFER_EOL_LF)) != NULL) {
		client_say(c, (struct sv){ line, n });
		free(line);
	}
	if (evbuffer_get_length(in) > LINE_BYTES_MAX) {
		gw_refused(c->loop->gw, "long_line");
		client_drop(c);
	}
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev, (void)what;
	client_drop(arg);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *addr, int len, void *arg)
{
	struct loop *l = arg;
	struct client *c;

	(void)listener, (void)addr, (void)len;
	if (l->client_count >= CLIENTS_MAX) {
		(void)close(fd);
		return;
	}
	c = calloc(1, sizeof(*c));
	ASSERT(c != NULL);
	c->loop = l;
	c->bev = bufferevent_socket_new(l->base, fd, BEV_OPT_CLOSE_ON_FREE);
	ASSERT(c->bev != NULL);
	LIST_INSERT_HEAD(&l->clients, c, link);
	l->client_count++;
	bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
	(void)bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

int
loop_listen(struct loop *l, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t old;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	/* left by a crash: the store's lock says that we are the only one */
	(void)unlink(path);
	old = umask(0177);
	l->listener = evconnlistener_new_bind(l->base, on_accept, l,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
	    (struct sockaddr *)&sun, sizeof(sun));
	(void)umask(old);
	if (l->listener == NULL)
		return -errno;
	memcpy(l->path, path, strlen(path) + 1);
	return 0;
}

void
loop_set_sink(struct loop *l,
    enum gw_result (*fn)(void *arg, const struct gw_out *out), void *arg)
{
	l->sink = fn;
	l->sink_arg = arg;
}

void
loop_say(struct loop *l, const struct gw_in *in, gw_done_fn *done, void *arg)
{
	gw_inbound(l->gw, in, done, arg);
}

void
loop_report(
    struct loop *l, int64_t id, bool delivered, gw_done_fn *done, void *arg)
{
	gw_report(l->gw, id, delivered, done, arg);
}

static int
loop_start(struct gw *gw, struct event_base *base,
    const struct conf_gateway *conf, void **ret_self)
{
	struct loop *l = calloc(1, sizeof(*l));

	(void)conf;
	ASSERT(l != NULL);
	l->gw = gw;
	l->base = base;
	LIST_INIT(&l->clients);
	*ret_self = l;
	gw_up(gw);
	return 0;
}

/* The phone with this number, however its owner wrote the '+'. */
static bool
number_is(const struct client *c, struct sv number)
{
	const char *have = c->number + (c->number[0] == '+');

	return number.n > 1 && strlen(have) == number.n - 1 &&
	       memcmp(have, number.p + 1, number.n - 1) == 0;
}

static struct client *
client_find(struct loop *l, struct sv number)
{
	struct client *c = LIST_FIRST(&l->clients);

	while (c != NULL && !number_is(c, number))
		c = LIST_NEXT(c, link);
	return c;
}

static int
loop_send(void *self, const struct gw_out *out)
{
	struct loop *l = self;
	struct client *c;

	if (l->sink != NULL) {
		gw_sent(l->gw, out->id, l->sink(l->sink_arg, out));
		return 0;
	}
	c = client_find(l, out->to);
	if (c == NULL) { /* that phone is switched off */
		gw_sent(l->gw, out->id, GW_RETRY);
		return 0;
	}
	client_write(
	    c, json_pack("{s:s%, s:s%, s:s%, s:s, s:i}", "to", out->to.p,
		   out->to.n, "from", out->from.p, out->from.n, "text",
		   out->text.p, out->text.n, "encoding",
		   sms_encoding_name(out->gsm7 ? SMS_GSM7 : SMS_UCS2), "parts",
		   (int)out->parts));
	gw_sent(l->gw, out->id, GW_SENT);
	return 0;
}

static void
loop_stop(void *self)
{
	struct loop *l = self;
	struct client *c, *next;

	for (c = LIST_FIRST(&l->clients); c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		client_drop(c);
	}
	if (l->listener != NULL) {
		evconnlistener_free(l->listener);
		(void)unlink(l->path);
	}
	free(l);
}

const struct gw_ops loop_ops = {
	.name = "loop",
	.start = loop_start,
	.send = loop_send,
	.stop = loop_stop,
};
