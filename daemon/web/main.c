/* main.c - safar-console: wiring only. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/web/route.h"
#include "daemon/web/server.h"

enum { PATH_ROOM = 1024 };

static const char usage[] =
    "usage: safar-console [--data DIR] [--pages DIR]\n"
    "       safar-console --routes\n"
    "\n"
    "Serves the console, where operators keep the directory right and "
    "partners\n"
    "see what is asked for, as the section console of DIR/safar.yaml says;\n"
    "until SIGTERM or SIGINT.\n"
    "\n"
    "  --data DIR   data folder (default: $SAFAR_DATA, else data)\n"
    "  --pages DIR  the built pages (default: beside this program)\n"
    "  --routes     print every route and who may use it, a line of JSON each\n"
    "  --help       this text\n"
    "\n"
    "exit code: 0 ended by a signal, 1 something failed, 2 wrong arguments\n";

/* As safard: sessions and passwords are in our memory. */
static int
keep_private(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}

static bool
is_there(const char *dir, const char *name)
{
	char path[PATH_ROOM + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, R_OK) == 0;
}

/* Cut off the last part; false at the root. */
static bool
go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return false;
	*slash = '\0';
	return true;
}

struct beside {
	char share[PATH_ROOM], pages[PATH_ROOM], ctl[PATH_ROOM];
};

/* The folders with what is served, as installed beside this program or in the
 * tree it was built in. */
static void
folders_find(struct beside *b)
{
	const char *named = getenv("SAFAR_SHARE");
	char exe[PATH_ROOM - 64];
	char *share = b->share, *pages = b->pages;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[n > 0 ? n : 0] = '\0';
	(void)go_up(exe);
	(void)snprintf(b->ctl, PATH_ROOM, "%s/safarctl", exe);
	(void)snprintf(share, PATH_ROOM, "%s/../share/safar", exe);
	(void)snprintf(pages, PATH_ROOM, "%s/../share/safar/web", exe);
	if (!is_there(share, "menus/trees/main.yaml")) {
		(void)snprintf(pages, PATH_ROOM, "%s/../web", exe);
		while (!is_there(exe, "menus/trees/main.yaml") && go_up(exe))
			;
		(void)snprintf(share, PATH_ROOM, "%s", exe);
	}
	if (named != NULL && *named != '\0')
		(void)snprintf(share, PATH_ROOM, "%s", named);
}

static void
on_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	(void)event_base_loopbreak(arg);
}

static int
run(const char *dir, const char *pages)
{
	struct event_base *base = event_base_new();
	struct event *term, *intr;
	struct beside beside;
	struct server_folders folders;
	struct web *w = NULL;
	struct diag why = { "" };
	int rc;

	ASSERT(base != NULL);
	folders_find(&beside);
	folders = (struct server_folders){ beside.share,
		pages != NULL ? pages : beside.pages, beside.ctl };
	term = evsignal_new(base, SIGTERM, on_signal, base);
	intr = evsignal_new(base, SIGINT, on_signal, base);
	ASSERT(term != NULL && event_add(term, NULL) == 0);
	ASSERT(intr != NULL && event_add(intr, NULL) == 0);
	rc = server_open(base, dir, &folders, &w, &why);
	if (rc == 0)
		rc = server_confine(w, &why);
	if (rc == 0) {
		log_kv(LOG_INFO, "ready", "data=%s", dir);
		(void)event_base_dispatch(base);
		rc = server_failed(w) ? -EIO : 0;
	} else {
		fprintf(stderr, "safar-console: %s\n", why.text);
	}
	server_close(&w);
	event_free(term);
	event_free(intr);
	event_base_free(base);
	return rc < 0;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "pages", required_argument, NULL, 'p' },
		{ "routes", no_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *dir = getenv("SAFAR_DATA"), *pages = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "d:p:rh", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			dir = optarg;
			break;
		case 'p':
			pages = optarg;
			break;
		case 'r':
			route_print(stdout);
			return 0;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? 0 : 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (keep_private() < 0) {
		fprintf(
		    stderr, "safar-console: core dumps cannot be turned off\n");
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	return run(dir != NULL ? dir : "data", pages);
}
