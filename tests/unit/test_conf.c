#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/conf.h"
#include "tests/tap.h"

#define SMPP                                                                   \
	"gateways:\n  - name: a\n    driver: smpp\n    line: \"1414\"\n"       \
	"    system_id: me\n"

static const struct {
	const char *name, *yaml;
	const char *says; /* part of the message; NULL: it is accepted */
} cases[] = {
	{ "empty", "", NULL },
	{ "comments only", "# nothing\n", NULL },
	{ "one value", "limit:\n  per_sender: 7\n", NULL },
	{ "not a number", "limit:\n  per_sender: 12a\n",
	    ":2: limit.per_sender: '12a' is not a whole number" },
	{ "too much", "# x\nlimit:\n  per_sender_s: 5\n",
	    ":3: limit.per_sender_s: 5 is outside; write 10 to 86400 s" },
	{ "huge", "limit:\n  same_text: 99999999999999999999\n",
	    "is outside; write 2 to 100 texts" },
	{ "unknown", "limit:\n  per_sender: 3\n  per_sendr: 3\n",
	    ":3: unknown setting 'per_sendr'" },
	{ "unknown section", "session:\n  idle_h: 3\nlimits:\n  x: 1\n",
	    ":3: unknown setting 'limits'" },
	{ "choice", "log:\n  level: loud\n",
	    ":2: log.level: 'loud'; write one of err|warn|info|debug" },
	{ "boolean", "phone:\n  enabled: maybe\n",
	    ":2: phone.enabled: 'maybe'; write yes or no" },
	{ "not yaml", "limit: [\n", ":1: " },
	{ "a tab", "limit:\n\tper_sender: 1\n", ":2: " },
	{ "a word alone", "limit\n", ":1: `name: value` must stand here" },
	{ "a value for a section", "# x\nlimit: 5\n",
	    ":2: `name: value` must stand here" },
	{ "a section twice", "log:\n  level: err\nlog:\n  level: err\n",
	    ": a name stands here twice" },
	{ "gateways without a list", "gateways:\n  name: a\n",
	    "a list must stand here" },
	{ "gateway",
	    "gateways:\n  - name: a\n    driver: kannel\n    line: \"1414\"\n",
	    NULL },
	{ "no line", "gateways:\n  - name: a\n    driver: kannel\n",
	    ":2: gateways, entry 1, line: write the number" },
	{ "driver",
	    "gateways:\n  - name: a\n    driver: pigeon\n    line: \"1\"\n",
	    ":3: gateways, entry 1, driver: write kannel" },
	{ "country",
	    "gateways:\n  - name: a\n    driver: kannel\n    line: \"1\"\n"
	    "    country: xx\n",
	    ":5: gateways, entry 1, country: write kg, kz, ru, tj or uz" },
	{ "same name twice",
	    "gateways:\n  - name: a\n    driver: kannel\n    line: \"1\"\n"
	    "  - name: a\n    driver: kannel\n    line: \"2\"\n",
	    ":5: gateways, entry 2, name: another gateway has this name" },
	{ "the name of the test phone",
	    "gateways:\n  - name: phone\n    driver: kannel\n"
	    "    line: \"1\"\n",
	    ":2: gateways, entry 1, name: the test phone has this name" },
	{ "smpp", SMPP "", NULL },
	{ "smpp, all of it",
	    SMPP "    bind: transmitter+receiver\n    binds: 2\n"
		 "    receipt_ids: hex\n    tls: yes\n    tls_ca: ca.pem\n",
	    NULL },
	{ "smpp without system_id",
	    "gateways:\n  - name: a\n    driver: smpp\n    line: \"1\"\n",
	    ":2: gateways, entry 1, system_id: write the name the operator" },
	{ "a box_id for smpp", SMPP "    box_id: b\n",
	    ":6: gateways, entry 1, box_id: only for kannel" },
	{ "a bind nobody knows", SMPP "    bind: both\n",
	    ":6: gateways, entry 1, bind: write transceiver or" },
	{ "ids nobody knows", SMPP "    receipt_ids: octal\n",
	    ":6: gateways, entry 1, receipt_ids: write same, decimal or hex" },
	{ "an alphabet", SMPP "    default_alphabet: latin1\n", NULL },
	{ "an alphabet nobody knows", SMPP "    default_alphabet: ascii\n",
	    ":6: gateways.default_alphabet: 'ascii'; write one of "
	    "gsm7|gsm7-packed|latin1" },
	{ "a CA without TLS", SMPP "    tls_ca: ca.pem\n",
	    ":6: gateways, entry 1, tls_ca: write also tls: yes" },
	{ "a system_id for Kannel",
	    "gateways:\n  - name: a\n    driver: kannel\n    line: \"1\"\n"
	    "    system_id: me\n",
	    ":5: gateways, entry 1, system_id: only for smpp" },
	{ "too wide a window", SMPP "    window: 10001\n",
	    ":6: gateways.window: 10001 is outside" },
	{ "port of the second",
	    "gateways:\n  - name: a\n    driver: kannel\n    line: \"1\"\n"
	    "  - name: b\n    port: 70000\n",
	    ":6: gateways.port: 70000 is outside; write 1 to 65535" },
};

static char path[] = "/tmp/test_conf.XXXXXX";

static int
load(const char *yaml, struct conf *c, struct diag *d)
{
	FILE *f = fopen(path, "we");

	ASSERT(f != NULL && fputs(yaml, f) >= 0 && fclose(f) == 0);
	return conf_load(path, c, d);
}

static void
test_cases(void)
{
	struct diag d;
	struct conf c;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		d.text[0] = '\0';
		c.limit.per_sender = -1;
		rc = load(cases[i].yaml, &c, &d);
		if (cases[i].says == NULL) {
			EQ(rc, 0, cases[i].name);
			continue;
		}
		EQ(rc, -EINVAL, cases[i].name);
		OK(strstr(d.text, cases[i].says) != NULL, d.text);
		EQ(c.limit.per_sender, -1, "output untouched");
	}
}

/* What `safarctl init` writes must be readable, and mean the defaults. */
static void
test_written(bool production)
{
	FILE *f = fopen(path, "we");
	struct diag d = { "" };
	struct conf c, def;

	ASSERT(f != NULL);
	conf_write(f, production);
	ASSERT(fclose(f) == 0);
	EQ(conf_load(path, &c, &d), 0, "written settings load");
	OK(d.text[0] == '\0', d.text);
	conf_defaults(&def);
	EQ(c.limit.per_sender, def.limit.per_sender, "a default stays");
	EQ(c.directory.require_verified_days, production ? 180 : 0,
	    "verified contacts only, in production");
	EQ(c.phone.enabled, !production, "no test phone in production");
}

/* The sample in conf/ is the table's own output. */
static void
test_sample(void)
{
	char *want = NULL, *have = calloc(1, 65536);
	size_t n = 0, got = 0;
	FILE *f = open_memstream(&want, &n);

	ASSERT(f != NULL && have != NULL);
	conf_write(f, true);
	ASSERT(fclose(f) == 0);
	f = fopen("conf/safar.yaml", "re");
	if (f != NULL) {
		got = fread(have, 1, 65535, f);
		(void)fclose(f);
	}
	OK(got == n && memcmp(want, have, n) == 0,
	    "conf/safar.yaml is what `safarctl conf --explain` prints");
	free(want);
	free(have);
}

static const struct {
	const char *name, *text; /* NULL: no file */
	unsigned mode;
	int rc;
	const char *says; /* or the password */
} passwords[] = {
	{ "a password", "secret\n", 0600, 0, "secret" },
	{ "without a line end", "secret99", 0400, 0, "secret99" },
	{ "no file", NULL, 0, -ENOENT, "no such file; write the pass" },
	{ "others can read it", "secret\n", 0640, -EPERM, "chmod 600" },
	{ "empty", "", 0600, -EINVAL, "write one line of 1 to 8" },
	{ "nine characters", "secret999\n", 0600, -EINVAL, "1 to 8" },
	{ "two lines", "a\nb\n", 0600, -EINVAL, "one line" },
	{ "a space in it", "a b\n", 0600, -EINVAL, "one line" },
};

static void
test_passwords(void)
{
	char dir[] = "/tmp/test_conf.XXXXXX", keys[64], file[80];
	struct conf_gateway g = { .name = "op" };
	struct diag d;
	size_t i;

	ASSERT(mkdtemp(dir) != NULL);
	(void)snprintf(keys, sizeof(keys), "%s/keys", dir);
	(void)snprintf(file, sizeof(file), "%s/op.password", keys);
	ASSERT(mkdir(keys, 0700) == 0);
	for (i = 0; i < ARRAY_LEN(passwords); i++) {
		FILE *f = passwords[i].text != NULL ? fopen(file, "we") : NULL;

		if (f != NULL) {
			ASSERT(fputs(passwords[i].text, f) >= 0);
			ASSERT(fclose(f) == 0);
			ASSERT(chmod(file, passwords[i].mode) == 0);
		}
		g.password[0] = '\0';
		d.text[0] = '\0';
		EQ(conf_password(dir, &g, &d), passwords[i].rc,
		    passwords[i].name);
		OK(strstr(passwords[i].rc == 0 ? g.password : d.text,
		       passwords[i].says) != NULL,
		    passwords[i].name);
		(void)unlink(file);
	}
	OK(rmdir(keys) == 0 && rmdir(dir) == 0, "nothing is left");
}

/* A file of a test's folder. */
static void
put(const char *dir, const char *name, const char *text)
{
	char file[96];
	FILE *f;

	(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
	f = fopen(file, "we");
	ASSERT(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
	ASSERT(chmod(file, 0440) == 0); /* as systemd's are, by their ACL */
}

static void
test_credentials(void)
{
	char dir[] = "/tmp/test_conf.XXXXXX", keys[64], file[96];
	struct conf_gateway g = { .name = "op" };
	struct diag d = { "" };

	ASSERT(mkdtemp(dir) != NULL);
	(void)snprintf(keys, sizeof(keys), "%s/keys", dir);
	ASSERT(mkdir(keys, 0700) == 0);
	put(keys, "op.password", "ofdisk\n");
	(void)snprintf(file, sizeof(file), "%s/op.password", keys);
	ASSERT(chmod(file, 0600) == 0);
	ASSERT(setenv("CREDENTIALS_DIRECTORY", dir, 1) == 0);
	EQ(conf_password(dir, &g, &d), 0, "no credential of this name");
	OK(strcmp(g.password, "ofdisk") == 0, "so the file");
	put(dir, "safar.op.password", "sealed\n");
	EQ(conf_password(dir, &g, &d), 0, "a credential");
	OK(strcmp(g.password, "sealed") == 0, "comes before the file");
	(void)snprintf(file, sizeof(file), "%s/safar.op.password", dir);
	ASSERT(unlink(file) == 0);
	put(dir, "safar.op.password", "two words\n");
	EQ(conf_password(dir, &g, &d), -EINVAL, "a bad one is no reason");
	OK(strstr(d.text, "safar.op.password: write one line") != NULL,
	    "to take the other");
	ASSERT(unsetenv("CREDENTIALS_DIRECTORY") == 0);
	EQ(conf_password(dir, &g, &d), 0, "without systemd: the file");
	ASSERT(unlink(file) == 0);
	(void)snprintf(file, sizeof(file), "%s/op.password", keys);
	ASSERT(unlink(file) == 0 && rmdir(keys) == 0 && rmdir(dir) == 0);
}

int
main(void)
{
	struct diag d;
	struct conf c;
	int fd = mkstemp(path);

	ASSERT(fd >= 0 && close(fd) == 0);
	test_cases();
	test_written(false);
	test_written(true);
	test_sample();
	test_passwords();
	test_credentials();
	(void)unlink(path);
	EQ(conf_load(path, &c, &d), -ENOENT, "missing file");
	OK(strstr(d.text, "safarctl init") != NULL, d.text);
	return tap_done();
}
