/* publish.c - a new edition from the directory, the texts and the menus. */
#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/publishing.h"

static int
stage_make(struct publishing *p, struct directory *directory,
    struct content_stage *ret_stage, struct diag *why)
{
	if (p->again != 0)
		return content_publish_stage_again(
		    p->data, p->again, directory, ret_stage, why);
	return content_publish_stage(
	    p->data, p->share, directory, ret_stage, why);
}

/* The stage is gone by the time its fault is read: name the file that the bad
 * one was copied from.  directory.csv was not, and keeps its name. */
static void
name_origin(const struct publishing *p, const struct content_stage *stage,
    struct diag *d)
{
	static const char menus[] = "menus/", orgs[] = "content/orgs/";
	const struct diag told = *d;
	const char *file = told.text + strlen(stage->path) + 1;
	char edition[CONTENT_PATH_MAX];

	if (strncmp(told.text, stage->path, strlen(stage->path)) != 0)
		return;
	if (p->again != 0) {
		if (content_edition_path(p->data, p->again, edition) == 0)
			(void)diag_set(d, 0, "%s/%s", edition, file);
	} else if (strncmp(file, menus, strlen(menus)) == 0) {
		(void)diag_set(
		    d, 0, "%s/menus/trees/%s", p->share, file + strlen(menus));
	} else if (strncmp(file, orgs, strlen(orgs)) != 0) {
		(void)diag_set(d, 0, "%s/%s", p->share, file);
	}
}

int
publishing_run(
    struct publishing *p, struct directory *directory, struct diag *reterr_diag)
{
	struct edition *edition = NULL;
	struct content_stage stage;
	int rc;

	rc = stage_make(p, directory, &stage, reterr_diag);
	if (rc < 0)
		return rc;
	rc = edition_load(stage.path, stage.number, &edition, reterr_diag);
	edition_free(&edition);
	if (rc < 0) {
		name_origin(p, &stage, reterr_diag);
		content_publish_abandon(&stage);
		return rc;
	}
	rc = content_publish_finish(
	    &stage, directory, sv_of(p->note), clock_ms(), reterr_diag);
	if (rc < 0)
		return rc;
	p->number = stage.number;
	p->listings = stage.listings;
	return 0;
}

struct unpublished {
	char first[NAME_MAX];
	unsigned count;
};

static void
on_unpublished(void *arg, const char *name)
{
	struct unpublished *u = arg;

	if (u->count++ == 0)
		(void)snprintf(u->first, sizeof(u->first), "%s", name);
}

bool
publishing_tell(const char *dir, int64_t edition, const char *indent)
{
	struct unpublished u = { .count = 0 };
	char share[PATH_MAX], more[32] = "";

	if (!ctl_share_find(share) ||
	    content_unpublished(dir, edition, share, on_unpublished, &u) < 0 ||
	    u.count == 0)
		return false;
	if (u.count > 1)
		(void)snprintf(more, sizeof(more), " and %u more file%s",
		    u.count - 1, u.count > 2 ? "s" : "");
	printf("%snot published: %s/%s%s; people get edition %lld, which is "
	       "different, until `%s --data %s publish`\n",
	    indent, share, u.first, more, (long long)edition,
	    program_invocation_name, dir);
	return true;
}

static int
tell_only(const char *dir)
{
	int64_t number = 0;
	int rc = ctl_edition_now(dir, &number);

	if (rc == CTL_OK && !publishing_tell(dir, number, ""))
		printf("edition %lld, which people get, has the menus and "
		       "texts that are here\n",
		    (long long)number);
	return rc;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	struct publishing p = { .data = NULL };
	bool dry_run = false;
	const struct ctl_opt opts[] = {
		{ .name = "dry-run", .flag = &dry_run },
		{ .name = "note", .text = &p.note },
		{ .name = "edition", .number = &p.again, 1, 999999999 },
	};
	const struct ctl_opts all = { &ctl_publish, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	struct directory *directory = NULL;
	struct diag why = { "" };
	char share[PATH_MAX];
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_data(ctl, true, &p.data);
	if (rc == CTL_OK)
		rc = ctl_share(share);
	if (rc == CTL_OK && dry_run)
		return tell_only(p.data);
	if (rc == CTL_OK)
		rc = ctl_directory_open(p.data, &directory);
	if (rc != CTL_OK)
		return rc;
	p.share = share;
	if (publishing_run(&p, directory, &why) < 0)
		rc = ctl_fail("%s", why.text);
	directory_close(&directory);
	if (rc == CTL_OK)
		printf("edition %lld is published: %lld listings; a running "
		       "safard takes it within seconds\n",
		    (long long)p.number, (long long)p.listings);
	return rc;
}

const struct ctl_command ctl_publish = {
	.name = "publish",
	.help = "make directory, texts and menus the edition people get",
	.usage =
	    "usage: safarctl [--data DIR] publish [--note TEXT] "
	    "[--edition N]\n"
	    "       safarctl [--data DIR] publish --dry-run\n"
	    "\n"
	    "Writes a new numbered edition of directory, texts and menus, "
	    "checks it whole and\n"
	    "makes it the current one; when anything is wrong the old one "
	    "stays.  A running\n"
	    "safard notices by itself.  Texts and menus are those that came "
	    "with this program,\n"
	    "or of the folder named in SAFAR_SHARE.\n"
	    "\n"
	    "  --dry-run     only say whether menus and texts differ from "
	    "what people get\n"
	    "  --note TEXT   why, for those who look later\n"
	    "  --edition N   publish the older edition N again, under a new "
	    "number\n",
	.run = run,
};
