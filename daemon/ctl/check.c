/* check.c - everything that is wrong with texts and menus, and their parts. */
#include <unistd.h>

#include "content/listing_time.h"
#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/publishing.h"
#include "db/backup.h"
#include "menus/check.h"
#include "menus/pages.h"

static void
on_problem(void *arg, const char *line)
{
	(void)arg;
	printf("problem: %s\n", line);
}

static void
on_parts(void *arg, const char *line)
{
	(void)arg;
	printf("%s\n", line);
}

/* As edition_load(), but without its own check, which ends at the first
 * problem. */
static int
load(const char *root, struct edition *e, struct diag *why)
{
	char path[PATH_MAX];
	int rc;

	ctl_path(path, root, "content");
	rc = content_load(path, &e->content, why);
	if (rc < 0)
		return rc;
	ctl_path(path, root, "menus/trees/main.yaml");
	if (access(path, R_OK) < 0)
		ctl_path(path, root, "menus/main.yaml");
	rc = tree_load(path, &e->content, &e->tree, why);
	if (rc == 0)
		rc = matcher_new(&e->content, &e->matcher, why);
	if (rc == 0)
		rc = latin_new(&e->latin, why);
	return rc;
}

/* A check that is still to come counts as none: somebody mistyped its day. */
static unsigned
checks_check(const struct listings *l, const struct check_sink *sink)
{
	char day[LISTING_TIME_BYTES + 1], line[256];
	const struct listing *item;
	unsigned problems = 0;
	size_t i;

	for (i = 0; i < listings_count(l); i++) {
		item = listings_at(l, i);
		if (!listing_time_is_ahead(item->checked_ms, clock_ms()))
			continue;
		listing_time_write(item->checked_ms, day);
		(void)snprintf(line, sizeof(line),
		    "listing %.80s: " LISTING_TIME_AHEAD, item->id, "checked",
		    day);
		sink->problem(sink->arg, line);
		problems++;
	}
	return problems;
}

static int
check(const char *root)
{
	const struct check_sink sink = { on_problem, on_parts, NULL };
	struct edition e = { 0 };
	struct diag why = { "" };
	unsigned problems;
	size_t pages = 0;
	int rc = CTL_OK;

	if (load(root, &e, &why) < 0) {
		rc = ctl_fail("%s", why.text);
	} else {
		problems = check_edition(&e, &sink);
		problems += pages_check(&e, &sink, &pages);
		problems += checks_check(e.content.listings, &sink);
		if (problems > 0)
			rc = ctl_fail("%s: %u problems; change what the lines "
				      "say and check again",
			    root, problems);
		else
			printf("%s: no problem in %u menus and answers, nor on "
			       "%zu pages\n",
			    root, (unsigned)tree_count(e.tree), pages);
	}
	latin_free(&e.latin);
	matcher_free(&e.matcher);
	tree_free(&e.tree);
	content_done(&e.content);
	return rc;
}

/* The folder of the published edition, or the share folder (no dir). */
static int
root_find(const struct ctl *ctl, char ret_root[PATH_MAX], const char **ret_dir,
    int64_t *ret_number)
{
	const char *dir = NULL;
	int64_t number = 0;
	int rc = ctl_data(ctl, false, &dir);

	if (rc != CTL_OK)
		return rc;
	if (dir == NULL) {
		rc = ctl_share(ret_root);
		if (rc == CTL_OK)
			fprintf(stderr,
			    "safarctl: there is no data folder: checking %s\n",
			    ret_root);
		return rc;
	}
	rc = ctl_edition_now(dir, &number);
	if (rc == CTL_OK && content_edition_path(dir, number, ret_root) < 0)
		rc = ctl_fail("%s: the name is too long; move the folder", dir);
	*ret_dir = dir;
	*ret_number = number;
	return rc;
}

/* Both databases, page by page; safard may run meanwhile. */
static int
store_check(const struct ctl *ctl)
{
	struct db_facts facts = { 0 };
	struct diag why = { "" };
	const char *dir;
	int rc = ctl_data(ctl, true, &dir);

	if (rc != CTL_OK)
		return rc;
	if (db_check(dir, &facts, &why) < 0)
		return ctl_fail("%s", why.text);
	if (facts.damaged > 0)
		return ctl_fail("%s/hotline.db: %lld rows of answers are "
				"damaged; nothing is sent of them, they go "
				"when their time is over; look after the disk",
		    dir, (long long)facts.damaged);
	printf("%s: hotline.db and directory.db are sound, %lld log rows\n",
	    dir, (long long)facts.log_rows);
	if (facts.lines_lost > 0)
		printf("%s/hotline.db: %lld rows of the log were damaged when "
		       "their hour was over, and are lost; look after the "
		       "disk\n",
		    dir, (long long)facts.lines_lost);
	return CTL_OK;
}

static int
published_check(const struct ctl *ctl)
{
	const char *dir = NULL;
	char root[PATH_MAX];
	int64_t number = 0;
	int rc = root_find(ctl, root, &dir, &number);

	if (rc == CTL_OK)
		rc = check(root);
	if (dir != NULL && number > 0)
		publishing_tell_unspoken(dir, number, "");
	return rc;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool store = false;
	const struct ctl_opt opts[] = { { .name = "store", .flag = &store } };
	const struct ctl_opts all = { &ctl_check, opts, 1, 0, 1, NULL };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	if (store && rc < argc)
		return ctl_wrong(
		    &ctl_check, "--store checks the data folder alone");
	if (store)
		return store_check(ctl);
	if (rc == argc)
		return published_check(ctl);
	if (strlen(argv[rc]) > PATH_MAX / 2)
		return ctl_wrong(&ctl_check, "the folder's name is too long");
	return check(argv[rc]);
}

const struct ctl_command ctl_check = {
	.name = "check",
	.help = "what is wrong with menus and texts; parts of every reply",
	.usage = "usage: safarctl [--data DIR] check [FOLDER]\n"
		 "       safarctl [--data DIR] check --store\n"
		 "\n"
		 "Checks menus, texts, directory and words of FOLDER, which "
		 "holds menus/ and\n"
		 "content/; without it the edition that is published.  Writes "
		 "every problem of\n"
		 "a reply (too long, a health topic in its beginning), then "
		 "how many SMS parts\n"
		 "each menu has in each language.  A file that cannot be "
		 "read, a node that\n"
		 "nothing leads to, a dead end or a word owned twice ends it "
		 "with file and line.\n"
		 "\n"
		 "  --store   instead look through every page of the data "
		 "folder's databases;\n"
		 "            safard may run meanwhile\n"
		 "\n"
		 "exit code: 0 no problem, 1 problems, 2 wrong arguments\n",
	.run = run,
};
