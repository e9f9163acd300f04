/* backup.c - a copy of the data folder, without keys and without people. */
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/ctl/bundle.h"

static int
fill(const char *data, const char *to, struct db_facts *ret_facts,
    struct diag *why)
{
	int rc = db_backup(data, to, why);

	/* behind directory.db: its current edition is among them */
	if (rc == 0)
		rc = bundle_copy(data, to, "editions", why);
	if (rc == 0)
		rc = bundle_copy(data, to, "safar.yaml", why);
	if (rc == 0 && bundle_has(data, "content"))
		rc = bundle_copy(data, to, "content", why);
	/* a copy of damage is told now, not when it is needed */
	if (rc == 0)
		rc = db_check(to, ret_facts, why);
	return rc == 0 ? bundle_seal(to, ret_facts, clock_ms(), why) : rc;
}

static int
backup(const char *data, const char *target)
{
	struct db_facts facts = { 0 };
	struct diag why = { "" };
	struct bundle b;

	(void)umask(0077);
	if (bundle_begin(&b, target, &why) < 0)
		return ctl_fail("%s", why.text);
	if (fill(data, b.path, &facts, &why) < 0) {
		bundle_abandon(&b);
		return ctl_fail("no backup was made: %s", why.text);
	}
	if (bundle_finish(&b, &why) < 0)
		return ctl_fail("no backup was made: %s", why.text);
	printf("%s holds %lld log rows, edition %lld, the directory and the "
	       "settings; no key, no number, no text, nothing that was on its "
	       "way\n",
	    target, (long long)facts.log_rows, (long long)facts.edition);
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_opts all = { &ctl_backup, NULL, 0, 1, 1, "TARGET" };
	const char *data;
	int at = ctl_args(&all, argc, argv), rc;

	if (at < 0)
		return -at;
	if (argv[at][0] == '\0')
		return ctl_wrong(&ctl_backup, "name a folder");
	rc = ctl_data(ctl, true, &data);
	return rc == CTL_OK ? backup(data, argv[at]) : rc;
}

const struct ctl_command ctl_backup = {
	.name = "backup",
	.help = "copy the data folder while safard runs",
	.usage =
	    "usage: safarctl [--data DIR] backup TARGET\n"
	    "\n"
	    "Makes the folder TARGET: the log, the directory, all editions, "
	    "recorded prompts and\n"
	    "safar.yaml, as they are now, and a manifest with the BLAKE2b of "
	    "every file.\n"
	    "TARGET appears whole or not at all, and is never written over.\n"
	    "\n"
	    "Left out: keys/, and whatever belongs to one person: who wrote "
	    "in the last day,\n"
	    "texts in pieces, answers on their way.\n",
	.run = run,
};
