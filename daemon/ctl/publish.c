/* publish.c - a new edition from the directory, the texts and the menus. */
#include <jansson.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/prompts.h"
#include "daemon/ctl/publishing.h"
#include "daemon/ctl/service.h"

enum { TAKEN_MS = 20000 /* at most, until safard has loaded an edition */ };

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
	const char *taught = strstr(d->text, ".taught.po:");
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
	} else if (taught != NULL) {
		(void)diag_set(d, 0,
		    "a word that the console has taught, %s; reject it there",
		    file);
	} else if (strncmp(file, orgs, strlen(orgs)) != 0) {
		(void)diag_set(d, 0, "%s/%s", p->share, file);
	}
}

/* Nothing to publish: drafts that change nothing are in the edition, too. */
static bool
is_same(const struct publishing *p, const struct content_stage *stage,
    struct directory *directory, int64_t *ret_now)
{
	int64_t change = 0, now = 0;

	if (p->again != 0 || directory_edition_now(directory, &now) < 0 ||
	    directory_edition_change(directory, now, &change) < 0 ||
	    change != stage->change || !content_stage_is(stage, p->data, now))
		return false;
	*ret_now = now;
	return true;
}

/* Of PUBLISHING_ALL: speech is what takes minutes. */
enum { AT_CHECK = 5, AT_SPEAK = 10, AT_NAME = 90 };

static void
step(const struct publishing *p, int done, const char *text)
{
	if (p->on_step != NULL)
		p->on_step(done, text);
}

static void
on_spoken(void *arg, size_t done, size_t all)
{
	size_t most = AT_NAME - AT_SPEAK;

	if (most * done / all != most * (done - 1) / all)
		step(arg, AT_SPEAK + (int)(most * done / all), "speak");
}

/* Make the prompts of an edition, perhaps staged, if it is to be spoken. */
static int
speak(struct publishing *p, const struct edition *edition, struct diag *why)
{
	char root[PATH_MAX];
	struct prompts_job job = {
		.data = p->data,
		.root = root,
		.edition = p->number,
		.content = &edition->content,
		.on_progress = isatty(STDERR_FILENO) == 1 ? prompts_bar : NULL,
		.arg = p,
	};
	int rc;

	if (p->on_step != NULL)
		job.on_progress = on_spoken;
	p->spoken = false;
	if (p->conf == NULL || p->conf->voice.listen[0] == '\0')
		return 0;
	prompts_root(p->data, p->conf, root);
	if (access(root, F_OK) < 0)
		return 0;
	rc = prompts_make(&job, why);
	if (rc < 0)
		return rc;
	p->spoken = true;
	publishing_tell_prompts(&job);
	return 0;
}

/* Without its prompts, if the edition does not come to be. */
static int
finish(struct publishing *p, struct content_stage *stage,
    struct directory *directory, struct diag *why)
{
	char root[PATH_MAX];
	const struct content_publisher by = { sv_of(p->who), sv_of(p->note),
		clock_ms() };
	int rc = content_publish_finish(stage, directory, &by, why);

	if (!p->spoken)
		return rc;
	prompts_root(p->data, p->conf, root);
	if (rc < 0)
		prompts_drop(root, stage->number);
	else
		prompts_tidy(p->data, root);
	return rc;
}

int
publishing_run(
    struct publishing *p, struct directory *directory, struct diag *reterr_diag)
{
	struct edition *edition = NULL;
	struct content_stage stage;
	int rc;

	step(p, 0, "write");
	rc = stage_make(p, directory, &stage, reterr_diag);
	if (rc < 0)
		return rc;
	step(p, AT_CHECK, "check");
	rc = edition_load(stage.path, stage.number, &edition, reterr_diag);
	if (rc < 0)
		name_origin(p, &stage, reterr_diag);
	if (rc == 0) {
		step(p, AT_SPEAK, "speak");
		p->number = stage.number;
		p->listings = stage.listings;
		p->same = is_same(p, &stage, directory, &p->number);
		rc = speak(p, edition, reterr_diag);
	}
	edition_free(&edition);
	if (rc < 0 || p->same) {
		content_publish_abandon(&stage);
		return rc;
	}
	step(p, AT_NAME, "name");
	return finish(p, &stage, directory, reterr_diag);
}

void
publishing_tell_prompts(const struct prompts_job *job)
{
	printf("edition %lld has %zu spoken prompts: %zu recorded, %zu in a "
	       "voice of another language; %zu files were made\n",
	    (long long)job->edition, job->total, job->recorded,
	    job->placeholders, job->made);
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

void
publishing_tell_unspoken(const char *dir, int64_t edition, const char *indent)
{
	char path[PATH_MAX], root[PATH_MAX];
	struct diag why = { "" };
	struct conf conf;

	ctl_path(path, dir, "safar.yaml");
	if (conf_load(path, &conf, &why) < 0 || conf.voice.listen[0] == '\0')
		return;
	prompts_root(dir, &conf, root);
	if (snprintf(path, sizeof(path), "%s/%04lld", root,
		(long long)edition) >= (int)sizeof(path) ||
	    access(path, F_OK) == 0)
		return;
	printf("%scalls are NOT answered: edition %lld has no spoken prompts "
	       "until `%s --data %s prompts build`; for texts only set "
	       "voice.listen to \"\"\n",
	    indent, (long long)edition, program_invocation_name, dir);
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

/* For the program that started us: a line of JSON for each step. */
static void
on_step(int done, const char *text)
{
	printf("{\"done\":%d,\"total\":%d,\"text\":\"%s\"}\n", done,
	    PUBLISHING_ALL, text);
	(void)fflush(stdout);
}

/* The edition that the running safard gives out; 0: none runs. */
static int64_t
edition_served(const char *dir)
{
	struct diag why = { "" };
	json_t *all = NULL;
	int64_t number = 0;

	if (service_get(dir, json_pack("{s:s}", "do", "status"), &all, &why) ==
	    0)
		number = json_integer_value(json_object_get(all, "edition"));
	json_decref(all);
	return number;
}

/* Whoever is told that it is done may text at once. */
static void
wait_for_safard(const struct publishing *p)
{
	int64_t end_ms = clock_ms() + TAKEN_MS, served;
	const struct timespec pause = { .tv_nsec = 50000000 };

	do {
		served = edition_served(p->data);
		if (served == 0 || served >= p->number)
			return;
		(void)nanosleep(&pause, NULL);
	} while (clock_ms() < end_ms);
}

static void
tell_result(const struct publishing *p)
{
	wait_for_safard(p);
	on_step(PUBLISHING_ALL, "");
	printf("{\"result\":{\"edition\":%lld,\"listings\":%lld}}\n",
	    (long long)p->number, (long long)p->listings);
}

static int
publish(struct publishing *p)
{
	struct directory *directory = NULL;
	struct diag why = { "" };
	struct conf conf;
	char path[PATH_MAX];
	int rc = ctl_directory_open(p->data, &directory);

	if (rc != CTL_OK)
		return rc;
	ctl_path(path, p->data, "safar.yaml");
	p->conf = &conf;
	if (conf_load(path, &conf, &why) < 0 ||
	    publishing_run(p, directory, &why) < 0)
		rc = ctl_fail("%s", why.text);
	directory_close(&directory);
	p->conf = NULL;
	if (rc != CTL_OK)
		return rc;
	if (p->on_step != NULL) {
		tell_result(p);
		return CTL_OK;
	}
	if (p->same)
		printf("nothing has changed: edition %lld, which people get, "
		       "has all of it; --edition %lld publishes it again\n",
		    (long long)p->number, (long long)p->number);
	else
		printf("edition %lld is published: %lld listings; a running "
		       "safard takes it within seconds\n",
		    (long long)p->number, (long long)p->listings);
	publishing_tell_unspoken(p->data, p->number, "");
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	struct publishing p = { .data = NULL };
	bool dry_run = false, progress = false;
	const struct ctl_opt opts[] = {
		{ .name = "dry-run", .flag = &dry_run },
		{ .name = "progress", .flag = &progress },
		{ .name = "note", .text = &p.note },
		{ .name = "who", .text = &p.who },
		{ .name = "edition", .number = &p.again, 1, 999999999 },
	};
	const struct ctl_opts all = { &ctl_publish, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	char share[PATH_MAX];
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_data(ctl, true, &p.data);
	if (rc == CTL_OK)
		rc = ctl_share(share);
	if (rc != CTL_OK)
		return rc;
	p.share = share;
	if (p.who == NULL)
		p.who = service_who();
	if (progress)
		p.on_step = on_step;
	return dry_run ? tell_only(p.data) : publish(&p);
}

const struct ctl_command ctl_publish = {
	.name = "publish",
	.help = "make directory, texts and menus the edition people get",
	.usage =
	    "usage: safarctl [--data DIR] publish [--note TEXT] "
	    "[--who NAME] [--edition N]\n"
	    "                                     [--progress]\n"
	    "       safarctl [--data DIR] publish --dry-run\n"
	    "\n"
	    "Writes a new numbered edition of directory, texts and menus, "
	    "checks it whole and\n"
	    "makes it the current one; when anything is wrong, or nothing has "
	    "changed, the\n"
	    "old one stays.  A running safard notices by itself.  Its spoken "
	    "prompts are made,\n"
	    "too, once `safarctl prompts build` has made some.  Texts and "
	    "menus are those that\n"
	    "came with this program, or of the folder named in SAFAR_SHARE.\n"
	    "\n"
	    "  --dry-run     only say whether menus and texts differ from "
	    "what people get\n"
	    "  --note TEXT   why, for those who look later\n"
	    "  --who NAME    who publishes, if it is not who runs this\n"
	    "  --progress    tell how far it is, in lines of JSON, to another "
	    "program\n"
	    "  --edition N   publish the older edition N again, under a new "
	    "number\n",
	.run = run,
};
