/*
 * inner.h - what the files of safar-console share; handlers need web.h alone.
 *
 * stores.c opens what there is, server.c listens, call.c takes one request
 * through session, role and limits to its handler and back, files.c has the
 * pages.
 */
#ifndef DAEMON_WEB_INNER_H
#define DAEMON_WEB_INNER_H

#include <event2/http.h>
#include <netinet/in.h>
#include <sys/queue.h>

#include "daemon/base/diag.h"
#include "daemon/core/account.h"
#include "daemon/core/conf.h"
#include "daemon/web/files.h"
#include "daemon/web/route.h"

enum { WEB_PATH_MAX = 1024 };

struct evhttp_request;
struct evkeyvalq;

/* One request on its way. */
struct call {
	LIST_ENTRY(call) link;
	struct web_request q;
	struct evhttp_request *req;
	const struct route *route;   /* NULL: a page, or nothing */
	struct evkeyvalq *query;     /* NULL: not asked for yet */
	struct web_user user;	     /* views into account */
	struct console_user account; /* of the session */
	char token[ACCOUNT_TOKEN_SIZE];
	char address[INET6_ADDRSTRLEN]; /* whom limits count; IPv6: a /64 */
	bool local;			/* from this machine, for nobody else */
	bool in_handler, later, replied;
};

struct web {
	struct event_base *base;
	struct evhttp *http;
	unsigned port; /* that is listened on */
	struct conf conf;
	char dir[WEB_PATH_MAX], share[WEB_PATH_MAX], spool[WEB_PATH_MAX + 16];
	struct console *console;
	struct account_key *key;
	struct lockout *lockout;
	struct rate *rate;
	struct guard *guard;
	struct web_tls *own_tls; /* NULL: none, or nginx has it */
	struct worker *worker;
	struct spawner *spawner;
	LIST_HEAD(job_list, job) jobs; /* that run */
	struct directory *directory;
	struct db *hotline;
	struct edition *edition;
	int64_t edition_number;	 /* of it, or of one that was refused */
	int64_t edition_wanted;	 /* the published one, as of the last tick */
	struct catalog *catalog; /* NULL: nobody asked for it yet */
	int64_t catalog_number;	 /* the edition it is of */
	struct event *tick;
	struct upcoming *upcoming; /* NULL: nobody looked at them yet */
	struct desk *desk;	   /* NULL: not needed yet */
	unsigned ticks;
	bool failed; /* a process of ours has ended */
	struct files *files;
	bool reviewers_key; /* there is one */
	bool tls;	    /* on the socket, or in front of us */
	LIST_HEAD(call_list, call) calls;
};

/* A data folder's stores and the published edition.  What was opened is for
 * stores_close(), also after a failure. */
MUST_USE int stores_open(struct web *w, struct diag *reterr_diag);
void stores_close(struct web *w);

/* Take up a newer edition; open hotline.db once it is there. */
void stores_tick(struct web *w);

/* evhttp's callback for every request. */
void call_begin(struct evhttp_request *req, void *arg);

static inline struct call *
call_of(struct web_request *q)
{
	return (struct call *)((char *)q - offsetof(struct call, q));
}

/* Where browsers find the console, without a '/' at its end. */
void web_address(const struct web *w, char *ret_text, size_t size);

/* Whether the settings have prices of texts. */
bool web_prices(const struct web *w);

/* It is answered. */
void call_done(struct call *c);

/* End what waits for a later answer. */
void calls_end(struct web *w);

#endif
