/* inventory.c - everything that is stored, as db/retention.def has it. */
#include <inttypes.h>
#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "db/retention.h"

enum { SPAN_TEXT = 96, NAME_TEXT = 96 };

static void
span_print(char buf[SPAN_TEXT], int64_t seconds, const char *from)
{
	int64_t hours = seconds / 3600;

	if (hours % 24 == 0 && hours > 24)
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " days after %s",
		    hours / 24, from);
	else
		(void)snprintf(
		    buf, SPAN_TEXT, "%" PRId64 " h after %s", hours, from);
}

static const char link[] = "log.link_days";

/* Until when a column is kept. */
static const char *
until(const struct retention_data *d, const struct conf *conf,
    char buf[SPAN_TEXT])
{
	const struct retention_table *t;

	if (d->until != NULL && strncmp(d->until, link, strlen(link)) == 0) {
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " days (%s)%s",
		    conf->log.link_days, link, d->until + strlen(link));
		return buf;
	}
	if (d->until != NULL)
		return d->until;
	t = retention_find(d->base, d->table);
	ASSERT(t != NULL);
	if (t->until != NULL)
		return t->until;
	span_print(buf,
	    t->seconds > 0 ? t->seconds : conf->log.keep_days * 24 * 3600,
	    t->from);
	return buf;
}

static bool
in_backup(const struct retention_data *d)
{
	if (d->base != NULL)
		return retention_find(d->base, d->table)->backup;
	return strncmp(d->columns, "keys/", strlen("keys/")) != 0 &&
	       strncmp(d->columns, "console", strlen("console")) != 0;
}

static void
row_print(const struct retention_data *d, const char *name,
    const struct conf *conf, bool json)
{
	char buf[SPAN_TEXT];
	const char *end = until(d, conf, buf);

	if (json)
		ctl_json(json_pack("{s:s, s:s, s:s, s:s, s:b}", "what", name,
		    "why", d->why, "until", end, "readers",
		    retention_readers_text(d->readers), "backup",
		    (int)in_backup(d)));
	else
		printf("%-44s %-38s %-34s %-6s %s\n", name, end,
		    retention_readers_text(d->readers),
		    in_backup(d) ? "yes" : "no", d->why);
}

static void
data_print(const struct retention_data *d, const struct conf *conf, bool json)
{
	struct sv rest = sv_of(d->columns), column;
	char name[NAME_TEXT];

	if (d->base == NULL) {
		row_print(d, d->columns, conf, json);
		return;
	}
	while (rest.n > 0) {
		column = sv_cut(&rest, ' ');
		(void)snprintf(name, sizeof(name), "%s.db %s." SV_FMT, d->base,
		    d->table, SV_ARG(column));
		row_print(d, name, conf, json);
	}
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool json = false;
	const struct ctl_opt opts[] = { { .name = "json", .flag = &json } };
	const struct ctl_opts all = { &ctl_inventory, opts, 1, 0, 0, NULL };
	const char *dir = NULL;
	char path[PATH_MAX];
	struct diag why = { "" };
	struct conf conf;
	size_t i;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_data(ctl, false, &dir);
	if (rc != CTL_OK)
		return rc;
	conf_defaults(&conf);
	if (dir != NULL) {
		ctl_path(path, dir, "safar.yaml");
		if (conf_load(path, &conf, &why) < 0)
			return ctl_fail("%s", why.text);
	}
	if (!json)
		printf("%-44s %-38s %-34s %-6s %s\n", "WHAT", "UNTIL",
		    "WHO CAN READ IT", "BACKUP", "WHAT FOR");
	for (i = 0; i < retention_data_count; i++)
		data_print(&retention_data[i], &conf, json);
	return CTL_OK;
}

const struct ctl_command ctl_inventory = {
	.name = "data-inventory",
	.help = "everything that is stored: why, until when, who can read it",
	.usage =
	    "usage: safarctl [--data DIR] data-inventory [--json]\n"
	    "\n"
	    "A line for every column of both databases and every file of the "
	    "data folder, with\n"
	    "what it is for, until when it is kept by the settings of DIR, who "
	    "can read it, and\n"
	    "whether backups have it.  The service deletes by the same list, "
	    "and a test holds\n"
	    "it against the databases.\n",
	.run = run,
};
