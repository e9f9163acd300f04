/*
 * web.h - what a handler of safar-console gets and how it answers.
 *
 * A route is one row of routes.def: method, path, handler, roles, flags.  The
 * router has looked at session, role, CSRF token, size and limits before it
 * calls the handler; whose row it is (scopes) the handler looks at itself, in
 * its query.
 *
 * A handler gives exactly one reply before it returns, or calls web_later()
 * and gives it later.  Everything is on one loop: nothing may block.
 */
#ifndef DAEMON_WEB_WEB_H
#define DAEMON_WEB_WEB_H

#include <jansson.h>

#include "daemon/base/arena.h"
#include "daemon/base/sv.h"

struct conf;
struct console;
struct db;
struct directory;
struct edition;
struct web;

enum web_role {
	ROLE_ADMIN = 1,
	ROLE_OPERATOR = 2,
	ROLE_APPROVER = 4,
	ROLE_REVIEWER = 8,
	ANY_USER = 15, /* who has logged in */
	PUBLIC = 16,   /* anybody: q->user is NULL where there is no session */
};

enum web_flag {
	UPLOAD = 1, /* a body up to WEB_UPLOAD_MAX, of any type */
	LOOK = 2,   /* sealed data: the row of the audit comes before it */
	NDJSON = 4, /* may answer as application/x-ndjson */
};

enum {
	WEB_HEADER_MAX = 16 << 10,
	WEB_BODY_MAX = 256 << 10,
	WEB_UPLOAD_MAX = 40
			 << 20,	  /* our own 5,000 services are 21 MB of JSON */
	WEB_ARENA_MAX = 16 << 20, /* bytes of q->arena */
};

/* What a reviewer may see, and an operator may change; ';' between members,
 * empty: all. */
struct web_scope {
	struct sv orgs, topics, countries;
};

struct web_user {
	int64_t id;
	struct sv name;
	unsigned roles; /* bits of enum web_role */
	struct sv lang; /* of the pages: "ru" */
	struct web_scope scope;
};

struct web_request {
	struct web *web;
	const struct web_user *user; /* NULL only on public routes */
	struct sv id, id2;    /* {id}, {id2}: 1 to 64 of A-Z a-z 0-9 _ . - */
	json_t *json;	      /* an object, if JSON was sent, else NULL */
	struct sv body, type; /* the body as it came, its type */
	int64_t now_ms;
	struct arena *arena; /* ends with the request */
};

/* Every handler. */
#define ROUTE(method, path, handler, roles, flags)                             \
	void handler(struct web_request *q);
#include "daemon/web/routes.def"
#undef ROUTE

/* A parameter behind the '?', decoded; false if there is none. */
bool web_query(
    const struct web_request *q, const char *name, struct sv *ret_value);

/* A header of the request; empty if there is none. */
struct sv web_header(const struct web_request *q, const char *name);

/* What a member of a JSON object says; empty if it is not there or is none. */
struct sv web_text(const json_t *object, const char *name);

/*
 * The reply: exactly one.  It ends the request: q is gone on return, unless
 * the handler that was called with it has not yet returned.
 */

/* body  is stolen */
void web_json(struct web_request *q, int status, json_t *body);

/*
 * {"error":code,"detail":detail}
 *
 * code    short, lower case with '_': the pages have a text for each
 * detail  stolen; NULL: left out
 */
void web_error(
    struct web_request *q, int status, const char *code, json_t *detail);

/* The same for what a store said: 404 not_found, 409 exists, 503 busy, disk,
 * 422 invalid, 500 failed. */
void web_failed(struct web_request *q, int rc);

/*
 * Bytes, copied.
 *
 * type      "audio/wav"
 * filename  what a browser saves it as, or NULL: shown
 */
void web_bytes(struct web_request *q, int status, const char *type,
    const char *filename, struct sv bytes);

/* A header of the reply to come; of fixed texts and numbers only. */
void web_reply_header(
    struct web_request *q, const char *name, const char *value);

/* The reply comes when the handler has returned: q lives until then.  A
 * client who goes away meanwhile is no concern of the handler's. */
void web_later(struct web_request *q);

/*
 * A row in the console's chain: q->user did action with what.  Committed on
 * return.
 *
 * what  an id; never a number, a text, a name of a person
 *
 * Returns 0, or -Exxx: reply with web_failed() and do not go on.
 */
MUST_USE int web_audit(
    struct web_request *q, const char *action, struct sv what);

/*
 * Start `safarctl ARGV...` beside the console (it cannot be done by the
 * console itself, which is confined).  The command writes lines of JSON on
 * standard output: {"done":N,"total":N,"text":"..."} as it goes, and last
 * {"result":...}.
 *
 * kind  "publish", "import" ...; only one of a kind runs at a time
 * argv  without "safarctl" and --data; ended by NULL; the first word must be
 *       one of job.c's list
 *
 * Returns 0 with the id for GET /api/jobs/{id}, -EBUSY (one of this kind
 * runs), -EINVAL (not of the list).
 */
MUST_USE int web_job_start(struct web_request *q, const char *kind,
    const char *const *argv, int64_t *ret_job);

/*
 * The same for an answer that waits for it: no row, no id; fn is called once
 * from the loop, unless the console ends before.  q is told web_later().
 *
 * code  exit code of the command; text: its last word, as a refusal
 */
typedef void web_run_fn(
    struct web_request *q, void *arg, int code, const char *text);
MUST_USE int web_run(
    struct web_request *q, const char *const *argv, web_run_fn *fn, void *arg);

/* What is open.  web_hotline() is read-only, and NULL where there is no such
 * file yet; web_edition() is the published one, which changes between two
 * requests, and NULL before the first; it is loaded when it is first wanted. */
struct console *web_console(struct web *w);
struct directory *web_directory(struct web *w);
struct db *web_hotline(struct web *w);
const struct edition *web_edition(struct web *w);
const struct conf *web_conf(const struct web *w);
const char *web_dir(const struct web *w);   /* the data folder */
const char *web_share(const struct web *w); /* with menus/ and content/ */
/* DATA/console: what the console may write files in, besides the databases. */
const char *web_spool(const struct web *w);

#endif
