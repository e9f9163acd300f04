/* main.c - safar-voice: wiring only. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/base/log.h"
#include "daemon/core/conf.h"
#include "daemon/sip/gateway.h"
#include "daemon/sip/quiet.h"

static const char usage[] =
    "usage: safar-voice [--data DIR]\n"
    "\n"
    "Takes calls by SIP and does with them what safard says, until SIGTERM or\n"
    "SIGINT; says what it does on standard error, never a number.\n"
    "\n"
    "  --data DIR   data folder with safar.yaml: settings sip and voice\n"
    "               (default: data)\n"
    "  --help       this text\n"
    "\n"
    "exit code: 0 ended by a signal, 1 something failed, 2 wrong arguments\n";

/* As safard: what is said in calls is nobody else's. */
static int
keep_private(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit files;

	(void)umask(007);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}

static int
run(const char *dir)
{
	struct gateway *g = NULL;
	struct diag why = { "" };
	struct conf conf;
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/safar.yaml", dir);
	if (conf_load(path, &conf, &why) < 0) {
		fprintf(stderr, "safar-voice: %s\n", why.text);
		return 1;
	}
	log_set_level((enum log_level)conf.log.level);
	if (gateway_open(dir, &conf, &g, &why) < 0) {
		fprintf(stderr, "safar-voice: %s\n", why.text);
		return 1;
	}
	if (gateway_confine(g, &why) < 0) {
		fprintf(stderr, "safar-voice: %s\n", why.text);
		gateway_close(&g);
		return 1;
	}
	quiet_others();
	log_kv(LOG_INFO, "ready", "listen=%s port=%lld", conf.sip.listen,
	    (long long)conf.sip.port);
	gateway_run(g);
	gateway_close(&g);
	return 0;
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
		fprintf(
		    stderr, "safar-voice: core dumps cannot be turned off\n");
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	return run(dir != NULL ? dir : "data");
}
