/* restore.c - what a backup is worth, and a data folder made of it. */
#include <sys/stat.h>
#include <time.h>

#include "daemon/core/keyfolder.h"
#include "daemon/core/vault.h"
#include "daemon/ctl/bundle.h"

static const char *const copied[] = { "hotline.db", "directory.db", "editions",
	"safar.yaml" };
static const char *const maybe[] = { "content", "console.db" };

struct found {
	struct bundle_told told;
	struct db_facts facts;
};

static int
edition_loads(const char *target, int64_t number, struct diag *why)
{
	struct edition *e = NULL;
	char root[CONTENT_PATH_MAX];
	int rc;

	if (number == 0)
		return diag_set(
		    why, -ENOENT, "%s/directory.db names no edition", target);
	rc = content_edition_path(target, number, root);
	if (rc < 0)
		return diag_set(why, rc, "%s: the name is too long", target);
	rc = edition_load(root, number, &e, why);
	edition_free(&e);
	return rc;
}

static int
check(const char *target, struct found *ret, struct diag *why)
{
	char path[PATH_MAX];
	struct conf conf;
	int rc = bundle_verify(target, &ret->told, why);

	if (rc == 0)
		rc = db_check(target, &ret->facts, why);
	if (rc == 0)
		rc = edition_loads(target, ret->facts.edition, why);
	if (rc < 0)
		return rc;
	ctl_path(path, target, "safar.yaml");
	return conf_load(path, &conf, why);
}

static void
print_time(int64_t at_ms)
{
	time_t s = (time_t)(at_ms / 1000);
	struct tm tm;
	char text[32];

	(void)gmtime_r(&s, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	printf("%s UTC", text);
}

static void
tell(const char *target, const struct found *f)
{
	printf("%s is whole: %lld files, %.1f MB, made ", target,
	    (long long)f->told.files, (double)f->told.bytes / 1e6);
	print_time(f->told.at_ms);
	printf(".\nhotline.db (schema %lld) and directory.db (schema %lld) are "
	       "sound, edition %lld loads.\n",
	    (long long)f->facts.hotline_schema,
	    (long long)f->facts.directory_schema, (long long)f->facts.edition);
	printf("It gives back: %lld log rows", (long long)f->facts.log_rows);
	if (f->facts.log_rows > 0) {
		printf(" from ");
		print_time(f->facts.log_first_ms);
		printf(" to ");
		print_time(f->facts.log_last_ms);
	}
	printf(", the directory with %lld listings in\nthat edition, every "
	       "edition, the settings%s.\n",
	    (long long)f->facts.listings,
	    f->facts.console_schema > 0 ? ", the console's users" : "");
	printf("It does not: keys, where people stood in the menu, answers on "
	       "their way, and what\nhappened since. A text that a gateway "
	       "hands over again is answered again.\n");
}

struct restoring {
	const char *target, *dir, *keys;
	bool passphrase;
};

static int
make(const struct restoring *r, struct diag *why)
{
	struct bundle b;
	size_t i;
	int rc = bundle_begin(&b, r->dir, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < ARRAY_LEN(copied); i++)
		rc = bundle_copy(r->target, b.path, copied[i], why);
	for (i = 0; rc == 0 && i < ARRAY_LEN(maybe); i++)
		if (bundle_has(r->target, maybe[i]))
			rc = bundle_copy(r->target, b.path, maybe[i], why);
	if (rc == 0 && r->keys != NULL)
		rc = keyfolder_link(b.path, r->keys, why);
	if (rc == 0)
		rc = r->passphrase ? vault_create_sealed(b.path, why) :
				     vault_create(b.path, why);
	if (rc == 0)
		return bundle_finish(&b, why);
	bundle_abandon(&b);
	return rc;
}

static int
restore(const struct restoring *r)
{
	struct found f = { .told = { 0 } };
	struct diag why = { "" };

	(void)umask(0077);
	if (check(r->target, &f, &why) < 0)
		return ctl_fail("%s", why.text);
	if (r->dir == NULL) {
		tell(r->target, &f);
		return CTL_OK;
	}
	if (make(r, &why) < 0)
		return ctl_fail("%s", why.text);
	tell(r->target, &f);
	printf("\n%s is made of it, with new keys: people who wrote before are "
	       "strangers to them.\n"
	       "If you kept the old keys, put them in the place of %s/keys "
	       "now, before the start;\n"
	       "only they can still take a person out of the old rows.\n"
	       "Start:  safard --data %s\n",
	    r->dir, r->dir, r->dir);
	if (f.facts.console_schema > 0)
		printf("Users of the console need their second factor anew: "
		       "safarctl --data %s user invite\nNAME; or keep "
		       "console.key, too.\n",
		    r->dir);
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool only_check = false;
	struct restoring r = { .target = NULL };
	const struct ctl_opt opts[] = {
		{ .name = "check", .flag = &only_check },
		{ .name = "to", .text = &r.dir },
		{ .name = "keys", .text = &r.keys },
		{ .name = "passphrase", .flag = &r.passphrase },
	};
	const struct ctl_opts all = { &ctl_restore, opts, ARRAY_LEN(opts), 1, 1,
		"TARGET" };
	int at = ctl_args(&all, argc, argv);

	(void)ctl;
	if (at < 0)
		return -at;
	if (only_check == (r.dir != NULL))
		return ctl_wrong(
		    &ctl_restore, "write either --check or --to DIR");
	if (argv[at][0] == '\0' || strlen(argv[at]) > CONTENT_PATH_MAX / 2 ||
	    (r.dir != NULL && *r.dir == '\0'))
		return ctl_wrong(&ctl_restore, "name a folder");
	r.target = argv[at];
	return restore(&r);
}

const struct ctl_command ctl_restore = {
	.name = "restore",
	.help = "check a backup, or make a data folder of it",
	.usage =
	    "usage: safarctl restore --check TARGET\n"
	    "       safarctl restore TARGET --to DIR [--keys FOLDER] "
	    "[--passphrase]\n"
	    "\n"
	    "Reads every byte of a backup: the manifest, every page of both "
	    "databases, the\n"
	    "edition, the settings; and says what it would give back.  With "
	    "--to it then makes\n"
	    "the data folder DIR, which must not be there: stop safard and "
	    "move the old folder\n"
	    "away first.  New keys are made; keys that you kept may be put "
	    "into DIR/keys before\n"
	    "safard starts.\n"
	    "\n"
	    "  --check    change nothing\n"
	    "  --to DIR   the data folder to make\n"
	    "  --keys FOLDER  where its new keys go; DIR/keys is a link to "
	    "it\n"
	    "  --passphrase   give them one: see safarctl keys --help\n"
	    "\n"
	    "exit code: 0 the backup is whole (and DIR made), 1 it is not, 2 "
	    "wrong arguments\n",
	.run = run,
};
