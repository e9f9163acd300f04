/* server.c - listens, and keeps what a request needs. */
#include "daemon/web/server.h"

#include <arpa/inet.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/sandbox.h"
#include "daemon/web/guard.h"
#include "daemon/web/inner.h"
#include "daemon/web/jobs.h"
#include "daemon/web/spawner.h"
#include "daemon/web/tls.h"
#include "daemon/web/worker.h"

enum { TICK_S = 1, IDLE_S = 30 };

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct web *w = arg;

	(void)fd, (void)what;
	stores_tick(w);
	guard_tick(w->guard, clock_ms());
}

static uint16_t
port_of(struct evhttp_bound_socket *bound)
{
	/* the port is at the same place in both */
	struct sockaddr_in6 at = { .sin6_port = 0 };
	socklen_t n = sizeof(at);

	if (getsockname(evhttp_bound_socket_get_fd(bound),
		(struct sockaddr *)&at, &n) < 0)
		return 0;
	return ntohs(at.sin6_port);
}

/* IP:PORT; port 0: one that is free, for tests. */
static int
address_read(const char *where, struct sockaddr_storage *ret_ss, int *ret_n)
{
	size_t n = strlen(where);
	bool any = n > 2 && strcmp(where + n - 2, ":0") == 0;
	char text[64];

	(void)snprintf(text, sizeof(text), "%s", where);
	if (any)
		text[n - 1] = '1';
	if (evutil_parse_sockaddr_port(text, (struct sockaddr *)ret_ss, ret_n) <
	    0)
		return -EINVAL;
	if (ret_ss->ss_family == AF_INET6)
		((struct sockaddr_in6 *)ret_ss)->sin6_port *= !any;
	else
		((struct sockaddr_in *)ret_ss)->sin_port *= !any;
	return ((struct sockaddr_in *)ret_ss)->sin_port == 0 && !any ? -EINVAL :
								       0;
}

static int
listen_on(struct web *w, struct diag *why)
{
	const char *where = w->conf.console.listen;
	struct sockaddr_storage ss = { 0 };
	int n = sizeof(ss), on = 1;
	struct evconnlistener *l;
	struct evhttp_bound_socket *bound;

	if (address_read(where, &ss, &n) < 0)
		return diag_set(why, -EINVAL,
		    "console.listen: %s is no IP address and port; write, for "
		    "example, 127.0.0.1:8080",
		    where);
	l = evconnlistener_new_bind(w->base, NULL, NULL,
	    LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE,
	    512, (struct sockaddr *)&ss, n);
	if (l == NULL)
		return diag_set(why, -errno,
		    "console.listen: %s: %s; is another console running?",
		    where, strerror(errno));
	/* inherited: else the end of an answer waits 40 ms for an ACK */
	(void)setsockopt(evconnlistener_get_fd(l), IPPROTO_TCP, TCP_NODELAY,
	    &on, sizeof(on));
	bound = evhttp_bind_listener(w->http, l);
	ASSERT(bound != NULL);
	w->port = port_of(bound);
	log_kv(LOG_INFO, "listen", "address=%s port=%u", where, w->port);
	return 0;
}

void
web_address(const struct web *w, char *ret_text, size_t size)
{
	const char *named = w->conf.console.address;
	const char *host = w->conf.console.listen;
	const char *colon = strrchr(host, ':');
	size_t n = strlen(named);

	while (n > 0 && named[n - 1] == '/')
		n--;
	if (n > 0)
		(void)snprintf(ret_text, size, "%.*s", (int)n, named);
	else
		(void)snprintf(ret_text, size, "%s://%.*s:%u",
		    w->tls ? "https" : "http",
		    colon != NULL ? (int)(colon - host) : 0, host, w->port);
}

static void
http_open(struct web *w)
{
	w->http = evhttp_new(w->base);
	ASSERT(w->http != NULL);
	evhttp_set_allowed_methods(
	    w->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
			 EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
	evhttp_set_max_headers_size(w->http, WEB_HEADER_MAX);
	evhttp_set_max_body_size(w->http, WEB_UPLOAD_MAX);
	evhttp_set_timeout(w->http, IDLE_S);
	(void)evhttp_set_flags(w->http, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_default_content_type(w->http, NULL);
	evhttp_set_bevcb(w->http, guard_link, w->guard);
	evhttp_set_gencb(w->http, call_begin, w);
}

static int
folder_set(char ret_path[WEB_PATH_MAX], const char *path, struct diag *why)
{
	if (strlen(path) >= WEB_PATH_MAX - 64)
		return diag_set(why, -ENAMETOOLONG,
		    "%s: the folder's name is too long", path);
	memcpy(ret_path, path, strlen(path) + 1);
	return 0;
}

static int
settings_read(struct web *w, struct diag *why)
{
	char path[WEB_PATH_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s/safar.yaml", w->dir);
	return conf_load(path, &w->conf, why);
}

/* It cannot be started again from within the sandbox. */
static void
on_process_end(void *arg)
{
	struct web *w = arg;

	log_kv(LOG_ERR, "process_ended",
	    "what_now=\"the console ends, to be started "
	    "again\"");
	w->failed = true;
	(void)event_base_loopbreak(w->base);
}

bool
server_failed(const struct web *w)
{
	return w->failed;
}

int
server_open(struct event_base *base, const char *dir,
    const struct server_folders *f, struct web **ret_web,
    struct diag *reterr_diag)
{
	CLEANUP(server_close) struct web *w = calloc(1, sizeof(*w));
	const struct timeval every = { .tv_sec = TICK_S };
	int rc;

	ASSERT(w != NULL);
	LIST_INIT(&w->calls);
	LIST_INIT(&w->jobs);
	w->base = base;
	/* before anything is open that it should not have */
	rc = worker_start(&w->worker, reterr_diag);
	if (rc == 0)
		rc = spawner_start(
		    f->ctl, dir, f->share, &w->spawner, reterr_diag);
	if (rc == 0)
		rc = folder_set(w->dir, dir, reterr_diag);
	if (rc == 0)
		rc = folder_set(w->share, f->share, reterr_diag);
	if (rc == 0)
		rc = settings_read(w, reterr_diag);
	if (rc == 0)
		rc = files_read(f->pages, &w->files, reterr_diag);
	if (rc == 0)
		rc = stores_open(w, reterr_diag);
	if (rc < 0)
		return rc;
	log_set_level((enum log_level)w->conf.log.level);
	w->tls = w->conf.console.tls_certificate[0] != '\0' ||
		 strncmp(w->conf.console.address, "https://", 8) == 0;
	if (w->conf.console.tls_certificate[0] != '\0')
		rc = web_tls_open(w->conf.console.tls_certificate,
		    w->conf.console.tls_key, &w->own_tls, reterr_diag);
	if (rc < 0)
		return rc;
	w->guard = guard_new(base, w->own_tls);
	worker_attach(w->worker, base, on_process_end, w);
	spawner_attach(w->spawner, base, jobs_heard, on_process_end, w);
	http_open(w);
	rc = listen_on(w, reterr_diag);
	if (rc < 0)
		return rc;
	w->tick = event_new(base, -1, EV_PERSIST, on_tick, w);
	ASSERT(w->tick != NULL && event_add(w->tick, &every) == 0);
	*ret_web = w;
	w = NULL;
	return 0;
}

static void
sandbox_tell(const struct sandbox *box)
{
	if (box->why.text[0] == '\0')
		log_kv(LOG_INFO, "sandbox", "landlock=%d ports=%d",
		    box->landlock, box->ports);
	else
		log_kv(LOG_WARN, "sandbox_missing",
		    "landlock=%d seccomp=%d why=\"%s\"", box->landlock,
		    box->seccomp, box->why.text);
}

enum { READABLE = 5 };

/* The databases are open; of the data folder it sees nothing else but what it
 * gives out, and its own folder. */
int
server_confine(struct web *w, struct diag *reterr_diag)
{
	const char *const folders[] = { w->spool, NULL };
	char paths[READABLE][WEB_PATH_MAX + 16];
	const char *readable[READABLE + 1] = { NULL };
	const struct sandbox_plan plan = {
		.folders = folders, .readable = readable, .trees = true
	};
	struct sandbox box;
	size_t i, n = 0;
	int rc;

	(void)snprintf(paths[0], sizeof(paths[0]), "%s/menus", w->share);
	(void)snprintf(paths[4], sizeof(paths[4]), "%s/content", w->share);
	(void)snprintf(paths[1], sizeof(paths[1]), "%s/editions", w->dir);
	(void)snprintf(paths[2], sizeof(paths[2]), "%s/prompts", w->dir);
	(void)snprintf(
	    paths[3], sizeof(paths[3]), "%s", w->conf.voice.prompts_dir);
	for (i = 0; i < READABLE; i++)
		if (paths[i][0] != '\0' && access(paths[i], R_OK | X_OK) == 0)
			readable[n++] = paths[i];
	json_object_seed(0); /* opens /dev/urandom, once */
	rc = sandbox_enter(&plan, &box, reterr_diag);
	if (rc == 0)
		sandbox_tell(&box);
	return rc;
}

void
server_close(struct web **wp)
{
	struct web *w = *wp;

	if (w == NULL)
		return;
	calls_end(w);
	if (w->tick != NULL)
		event_free(w->tick);
	if (w->http != NULL)
		evhttp_free(w->http);
	guard_free(&w->guard);
	web_tls_close(&w->own_tls);
	worker_free(&w->worker);
	spawner_free(&w->spawner);
	jobs_free(w);
	stores_close(w);
	files_free(&w->files);
	free(w);
	*wp = NULL;
}
