/* safard.h - a safard on a data folder of its own, bound to our SMSC. */
#ifndef TESTS_BENCH_SAFARD_H
#define TESTS_BENCH_SAFARD_H

#include "tests/bench/smsc.h"

struct safard {
	char data[512], log[512];
	struct smsc *smsc;
	struct child child;
};

static inline void
safard_gateway(const struct safard *d)
{
	char path[PATH_MAX + 64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/safar.yaml", d->data);
	f = fopen(path, "ae");
	ASSERT(f != NULL);
	fprintf(f,
	    "\ngateways:\n  - name: bench\n    driver: smpp\n"
	    "    port: %u\n    line: \"1414\"\n    country: kg\n"
	    "    system_id: bench\n    reports: no\n    window: 1024\n",
	    d->smsc->port);
	ASSERT(fclose(f) == 0);
	(void)snprintf(path, sizeof(path), "%s/keys/bench.password", d->data);
	f = fopen(path, "we");
	ASSERT(f != NULL && chmod(path, 0600) == 0);
	fputs("secret\n", f);
	ASSERT(fclose(f) == 0);
}

static inline void
safard_start(struct safard *d, const char *bench, const struct folder *f)
{
	const char *init[] = { "init", d->data, NULL };
	char program[PATH_MAX];
	const char *const argv[] = { program, "--data", d->data, NULL };

	*d = (struct safard){ .smsc = smsc_new() };
	(void)snprintf(d->data, sizeof(d->data), "%s/data", f->path);
	(void)snprintf(d->log, sizeof(d->log), "%s/safard.log", f->path);
	ASSERT(safarctl(bench, f, init) == 0);
	setting(d->data, "global_per_s: 500 ", "global_per_s: 100000 ");
	safard_gateway(d);
	program_path(program, bench, "safard");
	d->child = child_start(argv, d->log);
	smsc_accept(d->smsc);
}

static inline void
safard_stop(struct safard *d)
{
	child_stop(&d->child, SIGTERM);
	smsc_free(d->smsc);
}

#endif
