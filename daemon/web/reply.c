/* reply.c - JSON, bytes, pages and errors, with the headers that they need. */
#include "daemon/web/reply.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"

static const char policy[] =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

static void
header(struct call *c, const char *name, const char *value)
{
	struct evkeyvalq *h = evhttp_request_get_output_headers(c->req);

	(void)evhttp_remove_header(h, name);
	(void)evhttp_add_header(h, name, value);
}

void
web_reply_header(struct web_request *q, const char *name, const char *value)
{
	header(call_of(q), name, value);
}

static void
headers_strict(struct call *c)
{
	header(c, "Content-Security-Policy", policy);
	header(c, "X-Content-Type-Options", "nosniff");
	header(c, "X-Frame-Options", "DENY");
	header(c, "Referrer-Policy", "no-referrer");
	header(c, "Cross-Origin-Opener-Policy", "same-origin");
	header(c, "Cross-Origin-Resource-Policy", "same-origin");
	header(c, "Permissions-Policy",
	    "camera=(), geolocation=(), microphone=(), payment=()");
	if (c->q.web->tls)
		header(c, "Strict-Transport-Security", "max-age=31536000");
	if (evhttp_find_header(evhttp_request_get_output_headers(c->req),
		"Cache-Control") == NULL)
		header(c, "Cache-Control", "no-store");
}

/* Hand it over: c->req is evhttp's from here on. */
static void
answer(struct call *c, int status, struct evbuffer *body)
{
	const char *route = c->route != NULL ? c->route->path : "page";
	char length[24];

	ASSERT(!c->replied);
	c->replied = true;
	headers_strict(c);
	log_kv(LOG_INFO, "http", "route=\"%s %s\" status=%d ms=%lld",
	    c->route != NULL ? route_method_name(c->route->method) : "GET",
	    route, status, (long long)(clock_ms() - c->q.now_ms));
	if (evhttp_request_get_command(c->req) == EVHTTP_REQ_HEAD) {
		(void)snprintf(
		    length, sizeof(length), "%zu", evbuffer_get_length(body));
		header(c, "Content-Length", length);
		(void)evbuffer_drain(body, evbuffer_get_length(body));
	}
	evhttp_send_reply(c->req, status, NULL, body);
	c->req = NULL;
	evbuffer_free(body);
	call_done(c);
}

static struct evbuffer *
buffer(struct sv bytes)
{
	struct evbuffer *b = evbuffer_new();

	ASSERT(b != NULL);
	ASSERT(bytes.n == 0 || evbuffer_add(b, bytes.p, bytes.n) == 0);
	return b;
}

static void
freed(const void *data, size_t n, void *arg)
{
	(void)data, (void)n;
	free(arg);
}

void
web_json(struct web_request *q, int status, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	struct evbuffer *b = evbuffer_new();

	ASSERT(body != NULL && text != NULL && b != NULL);
	json_decref(body);
	header(call_of(q), "Content-Type", "application/json");
	ASSERT(evbuffer_add_reference(b, text, strlen(text), freed, text) == 0);
	answer(call_of(q), status, b);
}

void
web_error(struct web_request *q, int status, const char *code, json_t *detail)
{
	json_t *body = json_pack("{s:s}", "error", code);

	ASSERT(body != NULL);
	if (detail != NULL)
		(void)json_object_set_new(body, "detail", detail);
	web_json(q, status, body);
}

void
web_failed(struct web_request *q, int rc)
{
	static const struct {
		int rc, status;
		const char *code;
	} all[] = {
		{ -ENOENT, 404, "not_found" },
		{ -EEXIST, 409, "exists" },
		{ -EINVAL, 422, "invalid" },
		{ -EBUSY, 503, "busy" },
		{ -ENOSPC, 503, "disk" },
		{ -EROFS, 503, "disk" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].rc == rc) {
			web_error(q, all[i].status, all[i].code, NULL);
			return;
		}
	log_kv(LOG_ERR, "http_failed", "route=\"%s\" why=\"%s\"",
	    call_of(q)->route != NULL ? call_of(q)->route->path : "page",
	    strerror(-rc));
	web_error(q, 500, "failed", NULL);
}

void
web_bytes(struct web_request *q, int status, const char *type,
    const char *filename, struct sv bytes)
{
	char text[200];

	header(call_of(q), "Content-Type", type);
	if (filename != NULL) {
		(void)snprintf(text, sizeof(text),
		    "attachment; filename=\"%s\"", filename);
		header(call_of(q), "Content-Disposition", text);
	}
	answer(call_of(q), status, buffer(bytes));
}

/* --- pages --- */

bool
reply_wants_page(const struct call *c)
{
	struct sv accept = web_header(&c->q, "Accept");

	return accept.n > 0 && strstr(accept.p, "text/html") != NULL;
}

void
reply_file(struct call *c, const struct file *f)
{
	struct sv has = web_header(&c->q, "If-None-Match");
	struct sv takes = web_header(&c->q, "Accept-Encoding");
	struct evbuffer *b = evbuffer_new();
	struct sv bytes = f->bytes;

	ASSERT(b != NULL);
	header(c, "Cache-Control",
	    f->forever ? "public, max-age=31536000, immutable" : "no-cache");
	header(c, "ETag", f->tag);
	header(c, "Vary", "Accept, Accept-Encoding");
	if (sv_eq(has, sv_of(f->tag))) {
		answer(c, 304, b);
		return;
	}
	header(c, "Content-Type", f->type);
	if (f->gz.n > 0 && takes.n > 0 && strstr(takes.p, "gzip") != NULL) {
		header(c, "Content-Encoding", "gzip");
		bytes = f->gz;
	}
	/* they live as long as the console */
	ASSERT(evbuffer_add_reference(b, bytes.p, bytes.n, NULL, NULL) == 0);
	answer(c, 200, b);
}
