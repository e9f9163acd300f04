/* main.c - safard: wiring only. */
#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/control.h"
#include "daemon/core/hotline.h"
#include "daemon/gw/drivers.h"
#include "daemon/voice/fastagi.h"

static const char usage[] =
    "usage: safard [--data DIR]\n"
    "\n"
    "Answers texts until SIGTERM or SIGINT; says what it does on standard\n"
    "error, one line an event, never a number or a text.\n"
    "\n"
    "  --data DIR   data folder made by `safarctl init DIR` (default: data)\n"
    "  --help       this text\n"
    "\n"
    "Keys with a passphrase: `safarctl keys --help` says how to give it.\n"
    "\n"
    "exit code: 0 ended by a signal, 1 something failed, 2 wrong arguments,\n"
    "3 the keys' passphrase is missing or wrong\n";

/* To start again will not help: see safard.service. */
enum { EXIT_LOCKED = 3 };

struct service {
	struct event_base *base;
	struct hotline *hotline;
	bool stopping;
};

/* The second one ends it at once. */
static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct service *s = arg;

	(void)what;
	log_kv(LOG_INFO, "stopping", "signal=%d", (int)number);
	if (s->stopping)
		(void)event_base_loopbreak(s->base);
	else
		hotline_stop(s->hotline);
	s->stopping = true;
}

/* libevent's buffers hold frames with numbers and texts, and small pieces that
 * are freed are not overwritten by malloc, whatever mallopt() says. */
static void
free_wiped(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *
realloc_wiped(void *p, size_t n)
{
	size_t had = p != NULL ? malloc_usable_size(p) : 0;
	void *after = malloc(n);

	if (after != NULL && had > 0) {
		memcpy(after, p, had < n ? had : n);
		free_wiped(p);
	}
	return after;
}

/* A core file would hold numbers and texts; so would what ptrace reads, and
 * memory that libraries have freed: it is written over.  Files made here are
 * for our user alone. */
static int
keep_private(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	(void)mallopt(M_PERTURB, 0x55);
	event_set_mem_functions(malloc, realloc_wiped, free_wiped);
	/* what is large goes back to the system when it is freed, always */
	(void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	(void)setrlimit(RLIMIT_CORE, &none);
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}

static int
gateway_start(struct hotline *h, const char *dir,
    const struct conf_gateway *conf, struct diag *why)
{
	bool smpp = strcmp(conf->driver, "smpp") == 0;
	struct conf_gateway c = *conf;
	int rc = smpp ? conf_password(dir, &c, why) : 0;

	if (rc < 0)
		return rc;
	rc = hotline_gateway_add(h, smpp ? &smpp_ops : &kannel_ops, &c);
	if (rc == -EDESTADDRREQ)
		return diag_set(why, rc,
		    "gateway %s: host: write an IP address", conf->name);
	if (rc == -EKEYREJECTED)
		return diag_set(why, rc,
		    "gateway %s: tls_ca: write the path of a PEM file with "
		    "certificates",
		    conf->name);
	if (rc < 0)
		return diag_set(
		    why, rc, "gateway %s: %s", conf->name, strerror(-rc));
	return 0;
}

static int
phone_start(struct hotline *h, const char *dir, struct diag *why)
{
	const struct conf_gateway phone = { .name = "phone", .line = "1414" };
	char path[4096];
	int rc = hotline_gateway_add(h, &loop_ops, &phone);

	if (rc == 0) {
		(void)snprintf(path, sizeof(path), "%s/phone.sock", dir);
		rc = loop_listen(hotline_gateway_self(h, "phone"), path);
	}
	if (rc < 0)
		return diag_set(
		    why, rc, "%s/phone.sock: %s", dir, strerror(-rc));
	return 0;
}

static int
gateways_start(struct hotline *h, const char *dir, struct diag *why)
{
	const struct conf *conf = hotline_conf(h);
	size_t i;
	int rc;

	for (i = 0; i < conf->gateway_count; i++) {
		rc = gateway_start(h, dir, &conf->gateways[i], why);
		if (rc < 0)
			return rc;
	}
	return conf->phone.enabled ? phone_start(h, dir, why) : 0;
}

static int
serve(struct service *s, const char *dir)
{
	CLEANUP(hotline_close) struct hotline *h = NULL;
	CLEANUP(control_close) struct control *control = NULL;
	CLEANUP(fastagi_close) struct fastagi *calls = NULL;
	int64_t began_ms = clock_ms();
	struct diag why = { "" };
	bool locked;
	int rc;

	rc = hotline_open(s->base, dir, &h, &why);
	locked = rc == -ENOKEY || rc == -EKEYREJECTED;
	if (rc == 0)
		rc = gateways_start(h, dir, &why);
	if (rc == 0)
		rc = fastagi_open(s->base, h, dir,
		    hotline_conf(h)->voice.listen, &calls, &why);
	if (rc == 0) {
		rc = control_open(s->base, h, dir, &control);
		if (rc < 0)
			(void)diag_set(
			    &why, rc, "%s/safard.sock: %s", dir, strerror(-rc));
	}
	if (rc == 0)
		rc = hotline_confine(h, &why);
	if (rc < 0) {
		fprintf(stderr, "safard: %s\n", why.text);
		return locked ? EXIT_LOCKED : 1;
	}
	(void)malloc_trim(0); /* what reading all of it has left */
	log_kv(LOG_INFO, "ready", "data=%s start_ms=%" PRId64, dir,
	    clock_ms() - began_ms);
	s->hotline = h;
	(void)event_base_dispatch(s->base);
	return 0;
}

static int
run(const char *dir)
{
	struct service s = { .base = event_base_new() };
	struct event *term, *intr;
	int rc;

	ASSERT(s.base != NULL);
	term = evsignal_new(s.base, SIGTERM, on_signal, &s);
	intr = evsignal_new(s.base, SIGINT, on_signal, &s);
	ASSERT(term != NULL && event_add(term, NULL) == 0);
	ASSERT(intr != NULL && event_add(intr, NULL) == 0);
	rc = serve(&s, dir);
	event_free(term);
	event_free(intr);
	event_base_free(s.base);
	return rc;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *dir = getenv("SAFAR_DATA");
	int c;

	while ((c = getopt_long(argc, argv, "d:h", options, NULL)) != -1) {
		if (c == 'd') {
			dir = optarg;
		} else {
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? 0 : 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (keep_private() < 0) {
		fprintf(stderr, "safard: core dumps cannot be turned off\n");
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	return run(dir != NULL ? dir : "data");
}
