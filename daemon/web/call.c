/* call.c - one request: what is asked, who asks, may they, and its handler. */
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/web/account.h"
#include "daemon/web/guard.h"
#include "daemon/web/rate.h"
#include "daemon/web/reply.h"
#include "daemon/web/session.h"

enum { ARENA_BLOCK = 16 << 10 };

static void
call_free(struct call *c)
{
	LIST_REMOVE(c, link);
	if (c->query != NULL)
		evhttp_clear_headers(c->query);
	free(c->query);
	json_decref(c->q.json);
	arena_free(&c->q.arena);
	free(c);
}

void
call_done(struct call *c)
{
	if (!c->in_handler)
		call_free(c);
}

void
calls_end(struct web *w)
{
	struct call *c;

	while ((c = LIST_FIRST(&w->calls)) != NULL)
		web_error(&c->q, 503, "stopping", NULL);
}

void
web_later(struct web_request *q)
{
	call_of(q)->later = true;
}

/* --- what is asked --- */

struct sv
web_header(const struct web_request *q, const char *name)
{
	const struct call *c =
	    (const struct call *)((const char *)q - offsetof(struct call, q));

	return sv_of(
	    evhttp_find_header(evhttp_request_get_input_headers(c->req), name));
}

bool
web_query(const struct web_request *q, const char *name, struct sv *ret_value)
{
	const struct call *c =
	    (const struct call *)((const char *)q - offsetof(struct call, q));
	const char *value;

	if (c->query == NULL)
		return false;
	value = evhttp_find_header(c->query, name);
	if (value == NULL)
		return false;
	*ret_value = sv_of(value);
	return true;
}

struct sv
web_text(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_string(value))
		return (struct sv){ "", 0 };
	return (
	    struct sv){ json_string_value(value), json_string_length(value) };
}

static bool
method_of(struct evhttp_request *req, enum route_method *ret_method)
{
	switch ((int)evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD:
		*ret_method = ROUTE_GET;
		return true;
	case EVHTTP_REQ_POST:
		*ret_method = ROUTE_POST;
		return true;
	case EVHTTP_REQ_PUT:
		*ret_method = ROUTE_PUT;
		return true;
	case EVHTTP_REQ_DELETE:
		*ret_method = ROUTE_DELETE;
		return true;
	default:
		return false;
	}
}

static void
body_take(struct call *c)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(c->req);
	size_t n = evbuffer_get_length(in);

	c->q.type = web_header(&c->q, "Content-Type");
	if (n > 0)
		c->q.body = (struct sv){ (char *)evbuffer_pullup(in, -1), n };
}

static bool
is_json(struct sv type)
{
	return sv_eq(sv_cut(&type, ';'), SV("application/json"));
}

/* Read the body as JSON, which it is but for uploads.  False: answered. */
static bool
json_take(struct call *c)
{
	struct web_request *q = &c->q;

	if (q->body.n == 0)
		return true;
	if (!is_json(q->type)) {
		if ((c->route->flags & UPLOAD) != 0)
			return true;
		web_error(q, 415, "json_wanted", NULL);
		return false;
	}
	q->json =
	    json_loadb(q->body.p, q->body.n, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(q->json))
		return true;
	web_error(q, 400, "bad_json", NULL);
	return false;
}

static void
query_take(struct call *c)
{
	const char *text =
	    evhttp_uri_get_query(evhttp_request_get_evhttp_uri(c->req));

	if (text == NULL || *text == '\0')
		return;
	c->query = calloc(1, sizeof(*c->query));
	ASSERT(c->query != NULL);
	if (evhttp_parse_query_str(text, c->query) < 0) {
		free(c->query);
		c->query = NULL;
	}
}

/* --- may they --- */

/* False: answered. */
static bool
let_in(struct call *c)
{
	const struct web_request *q = &c->q;

	if (route_allows(c->route, q->user != NULL ? q->user->roles : 0))
		return true;
	if (q->user == NULL)
		web_error(&c->q, 401, "login_wanted", NULL);
	else
		web_error(&c->q, 403, "role_wanted", NULL);
	return false;
}

/* False: answered. */
static bool
body_fits(struct call *c)
{
	size_t max =
	    (c->route->flags & UPLOAD) != 0 ? WEB_UPLOAD_MAX : WEB_BODY_MAX;

	if (c->q.body.n <= max)
		return true;
	web_error(
	    &c->q, 413, "too_big", json_pack("{s:I}", "most", (json_int_t)max));
	return false;
}

/* False: answered. */
static bool
rate_fits(struct call *c)
{
	if (rate_take(c->q.web->rate, c))
		return true;
	account_wait(&c->q, RATE_MS / 10);
	return false;
}

/* Changes come from our own pages.  False: answered. */
static bool
same_site(struct call *c)
{
	if (c->route->method == ROUTE_GET)
		return true;
	if (session_cross_site(c) ||
	    (c->q.user != NULL && (c->route->roles & PUBLIC) == 0 &&
		!session_csrf_fits(c))) {
		web_error(&c->q, 403, "csrf", NULL);
		return false;
	}
	return true;
}

/* False: answered. */
static bool
session_take(struct call *c)
{
	int rc = session_find(c);

	if (rc < 0)
		web_failed(&c->q, rc);
	return rc == 0;
}

static void
handle(struct call *c)
{
	query_take(c);
	c->in_handler = true;
	c->route->handler(&c->q);
	if (!c->replied && !c->later) {
		log_kv(
		    LOG_ERR, "http_unanswered", "route=\"%s\"", c->route->path);
		web_error(&c->q, 500, "failed", NULL);
	}
	c->in_handler = false;
	if (c->replied)
		call_free(c);
}

/* A page, where its name is asked for. */
static const struct file *
page_of(const struct call *c, struct sv path)
{
	const struct file *f;

	if (path.n == 1)
		return reply_wants_page(c) ?
			   files_find(c->q.web->files, SV("index.html")) :
			   NULL;
	path.p++;
	path.n--;
	f = files_find(c->q.web->files, path);
	return f;
}

static void
call_route(struct call *c, enum route_method method, struct sv path)
{
	struct sv ids[2];
	const struct file *page = method == ROUTE_GET ? page_of(c, path) : NULL;
	enum route_found found;

	if (page != NULL) {
		reply_file(c, page);
		return;
	}
	found = route_find(method, path, c->q.arena, &c->route, ids);
	if (found != ROUTE_HERE) {
		web_error(&c->q, found == ROUTE_NOT_FOUND ? 404 : 405,
		    found == ROUTE_NOT_FOUND ? "not_found" : "other_method",
		    NULL);
		return;
	}
	c->q.id = ids[0];
	c->q.id2 = ids[1];
	body_take(c);
	if (body_fits(c) && session_take(c) && rate_fits(c) && let_in(c) &&
	    same_site(c) && json_take(c))
		handle(c);
}

void
call_begin(struct evhttp_request *req, void *arg)
{
	struct web *w = arg;
	struct call *c = calloc(1, sizeof(*c));
	enum route_method method;
	const char *path =
	    evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));

	ASSERT(c != NULL);
	LIST_INSERT_HEAD(&w->calls, c, link);
	c->req = req;
	c->q.web = w;
	c->q.now_ms = clock_ms();
	c->q.arena = arena_new(ARENA_BLOCK, WEB_ARENA_MAX);
	guard_whole(w->guard, evhttp_connection_get_bufferevent(
				  evhttp_request_get_connection(req)));
	session_address(c);
	if (path == NULL || path[0] != '/')
		web_error(&c->q, 400, "bad_path", NULL);
	else if (!method_of(req, &method))
		web_error(&c->q, 405, "other_method", NULL);
	else
		call_route(c, method, sv_of(path));
}
