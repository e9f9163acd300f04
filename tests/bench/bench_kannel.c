/*
 * bench_kannel.c - safard and Kannel's own keyword service, by turns.
 *
 * Both are bound to an SMSC of ours by SMPP and get the same texts.  Kannel
 * (bearerbox and smsbox, its store a file, as a service that loses nothing
 * would have it) answers each with one fixed line; safard understands it.
 */
#include "tests/bench/safard.h"

enum { TEXTS = 4000, KANNEL_WINDOW = 200, SAFARD_WINDOW = 1024 };

static const char bearerbox_path[] = "/usr/sbin/bearerbox",
		  smsbox_path[] = "/usr/sbin/smsbox";

struct kannel {
	struct smsc *smsc;
	struct child bearerbox, smsbox;
};

/* A port that is free now. */
static unsigned
free_port(void)
{
	struct smsc *s = smsc_new();
	unsigned port = s->port;

	smsc_free(s);
	return port;
}

static void
kannel_conf(const struct kannel *k, const struct folder *f, const char *path)
{
	FILE *conf = fopen(path, "we");
	unsigned box = free_port();

	ASSERT(conf != NULL);
	fprintf(conf,
	    "group = core\nadmin-port = %u\nadmin-interface = 127.0.0.1\n"
	    "admin-password = bench\nsmsbox-port = %u\n"
	    "smsbox-interface = 127.0.0.1\nlog-level = 2\n"
	    "log-file = \"%s/bearerbox.log\"\nstore-type = file\n"
	    "store-location = \"%s/kannel.store\"\n\n",
	    free_port(), box, f->path, f->path);
	fprintf(conf,
	    "group = smsc\nsmsc = smpp\nsmsc-id = bench\nhost = 127.0.0.1\n"
	    "port = %u\ntransceiver-mode = true\nsmsc-username = bench\n"
	    "smsc-password = secret\nsystem-type = \"\"\n"
	    "max-pending-submits = 200\nreconnect-delay = 1\n\n",
	    k->smsc->port);
	fprintf(conf,
	    "group = smsbox\nbearerbox-host = 127.0.0.1\n"
	    "bearerbox-port = %u\nlog-level = 2\n"
	    "log-file = \"%s/smsbox.log\"\n\n"
	    "group = sms-service\nkeyword = menu\ncatch-all = true\n"
	    "text = \"Hotline: 1 Lawyer 2 Doctor 3 Addresses\"\n\n"
	    "group = sms-service\nkeyword = default\ncatch-all = true\n"
	    "text = \"Hotline: 1 Lawyer 2 Doctor 3 Addresses\"\n",
	    box, f->path);
	ASSERT(fclose(conf) == 0);
}

static void
kannel_start(struct kannel *k, const struct folder *f)
{
	char conf[PATH_MAX], log[PATH_MAX];
	const char *const bearerbox[] = { bearerbox_path, "-v", "4", conf,
		NULL };
	const char *const smsbox[] = { smsbox_path, "-v", "4", conf, NULL };

	*k = (struct kannel){ .smsc = smsc_new() };
	(void)snprintf(conf, sizeof(conf), "%s/kannel.conf", f->path);
	(void)snprintf(log, sizeof(log), "%s/kannel.log", f->path);
	kannel_conf(k, f, conf);
	k->bearerbox = child_start(bearerbox, log);
	sleep_ms(1500); /* smsbox does not try again */
	k->smsbox = child_start(smsbox, log);
	smsc_accept(k->smsc);
	sleep_ms(1500);
}

static void
kannel_stop(struct kannel *k)
{
	child_stop(&k->smsbox, SIGTERM);
	child_stop(&k->bearerbox, SIGTERM);
	smsc_free(k->smsc);
}

/* CPU seconds a text. */
static double
kannel_run(struct kannel *k)
{
	double began = child_cpu_s(&k->bearerbox) + child_cpu_s(&k->smsbox);

	smsc_flood(k->smsc, TEXTS, KANNEL_WINDOW);
	return (child_cpu_s(&k->bearerbox) + child_cpu_s(&k->smsbox) - began) /
	       TEXTS;
}

static double
safard_run(struct safard *d)
{
	double began = child_cpu_s(&d->child);

	smsc_flood(d->smsc, TEXTS, SAFARD_WINDOW);
	return (child_cpu_s(&d->child) - began) / TEXTS;
}

static void
compare(struct safard *d, struct kannel *k)
{
	double ratios[BENCH_PAIRS], kannel[BENCH_PAIRS];
	size_t i;

	(void)safard_run(d); /* warm */
	(void)kannel_run(k);
	for (i = 0; i < BENCH_PAIRS; i++) {
		kannel[i] = kannel_run(k);
		ratios[i] = kannel[i] / safard_run(d);
	}
	printf(
	    "kannel_keyword_ratio %.1f ratio\n", median(ratios, BENCH_PAIRS));
	printf("kannel_texts_per_cpu_s %.0f texts/s\n",
	    1 / median(kannel, BENCH_PAIRS));
}

int
main(int argc, char **argv)
{
	struct folder f;
	struct safard d;
	struct kannel k;

	(void)argc;
	setbuf(stdout, NULL);
	if (access(bearerbox_path, X_OK) != 0 ||
	    access(smsbox_path, X_OK) != 0) {
		printf("# kannel_keyword_ratio: Kannel is not installed\n");
		return 0;
	}
	f = folder_new();
	safard_start(&d, argv[0], &f);
	kannel_start(&k, &f);
	compare(&d, &k);
	kannel_stop(&k);
	safard_stop(&d);
	folder_done(&f);
	return 0;
}
