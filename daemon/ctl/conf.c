/* conf.c - the settings: all of them explained, or one file checked. */
#include "daemon/ctl/ctl.h"

static int
check(const struct ctl *ctl)
{
	struct diag why = { "" };
	char path[PATH_MAX];
	const char *dir;
	struct conf conf;
	int rc = ctl_data(ctl, true, &dir);

	if (rc != CTL_OK)
		return rc;
	ctl_path(path, dir, "safar.yaml");
	if (conf_load(path, &conf, &why) < 0)
		return ctl_fail("%s", why.text);
	printf("%s: ok, %zu gateway%s\n", path, conf.gateway_count,
	    conf.gateway_count == 1 ? "" : "s");
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool explain = false, checked = false, production = false;
	const struct ctl_opt opts[] = {
		{ .name = "explain", .flag = &explain },
		{ .name = "check", .flag = &checked },
		{ .name = "production", .flag = &production },
	};
	const struct ctl_opts all = { &ctl_conf, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	if (explain == checked || (production && checked))
		return ctl_wrong(&ctl_conf, "write --explain or --check");
	if (checked)
		return check(ctl);
	conf_write(stdout, production);
	return CTL_OK;
}

const struct ctl_command ctl_conf = {
	.name = "conf",
	.help = "every setting explained, or the settings file checked",
	.usage =
	    "usage: safarctl [--data DIR] conf --explain [--production]\n"
	    "       safarctl [--data DIR] conf --check\n"
	    "\n"
	    "  --explain     write a settings file with every setting, its "
	    "limits and what\n"
	    "                it does; --production: as for a real service\n"
	    "  --check       read DIR/safar.yaml and say what is wrong with "
	    "it\n",
	.run = run,
};
