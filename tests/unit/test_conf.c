#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/conf.h"
#include "tests/tap.h"

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
	(void)unlink(path);
	EQ(conf_load(path, &c, &d), -ENOENT, "missing file");
	OK(strstr(d.text, "safarctl init") != NULL, d.text);
	return tap_done();
}
