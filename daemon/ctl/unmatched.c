/* unmatched.c - texts that found no answer, for who has the private key. */
#include <inttypes.h>
#include <jansson.h>
#include <time.h>

#include "daemon/core/reviewers.h"
#include "daemon/ctl/service.h"
#include "db/db.h"

enum { ARENA_FIRST = 4096, ARENA_MOST = 1 << 20, ACTION_TEXT = 64 };

struct printing {
	const struct reviewers *reviewers;
	struct arena *arena;
	bool json;
	int64_t texts, closed; /* read, and sealed to another key */
	FILE *out;
};

static void
text_print(struct printing *p, const struct db_unmatched *row, struct sv text)
{
	time_t at = (time_t)(row->day_ms / 1000);
	struct tm tm = { 0 };
	char day[32];

	(void)gmtime_r(&at, &tm);
	(void)strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	if (p->json)
		ctl_json_to(p->out,
		    json_pack("{s:s, s:s%, s:s%, s:s%}", "day", day, "country",
			row->country.p, row->country.n, "lang", row->lang.p,
			row->lang.n, "text", text.n > 0 ? text.p : "", text.n));
	else
		fprintf(p->out, "%s %-3.*s %-11.*s " SV_FMT "\n", day,
		    SV_ARG(row->country), SV_ARG(row->lang), SV_ARG(text));
}

static bool
on_row(void *arg, const struct db_unmatched *row)
{
	struct printing *p = arg;
	struct sv text;

	arena_reset(p->arena);
	if (reviewers_unseal(p->reviewers, row->sealed, p->arena, &text) < 0) {
		p->closed++;
		return true;
	}
	p->texts++;
	text_print(p, row, text);
	return true;
}

/* Read all of it first: nothing is shown before it is noted. */
static int
texts_read(const char *dir, struct printing *p)
{
	struct diag why = { "" };
	struct db *db = NULL;
	int rc = db_open_reader(dir, &db, &why);

	if (rc < 0)
		return ctl_fail("%s", why.text);
	p->arena = arena_new(ARENA_FIRST, ARENA_MOST);
	rc = db_unmatched_each(db, on_row, p);
	arena_free(&p->arena);
	db_close(&db);
	return rc < 0 ? ctl_fail("%s/hotline.db cannot be read: %s", dir,
			    strerror(-rc)) :
			CTL_OK;
}

static int
show(const char *dir, const char *key, bool json)
{
	CLEANUP(reviewers_close) struct reviewers *r = NULL;
	struct printing p = { .json = json };
	char action[ACTION_TEXT], *text = NULL;
	struct diag why = { "" };
	size_t n = 0;
	int rc;

	if (reviewers_open(key, &r, &why) < 0)
		return ctl_fail("%s", why.text);
	p.reviewers = r;
	p.out = open_memstream(&text, &n);
	ASSERT(p.out != NULL);
	rc = texts_read(dir, &p);
	ASSERT(fclose(p.out) == 0);
	(void)snprintf(action, sizeof(action),
	    "read %" PRId64 " texts without an answer", p.texts);
	if (rc == CTL_OK)
		rc = service_audit(dir, action);
	if (rc == CTL_OK)
		(void)fwrite(text, 1, n, stdout);
	explicit_bzero(text, n);
	free(text);
	if (rc == CTL_OK && p.closed > 0)
		return ctl_fail("%" PRId64 " texts are sealed to another key "
				"than the one in %s",
		    p.closed, key);
	if (rc == CTL_OK && p.texts == 0 && !json)
		printf("no such text in the last 7 days\n");
	return rc;
}

/* The same key in a file with a passphrase. */
static int
key_wrap(const char *dir, const char *key, const char *path)
{
	CLEANUP(reviewers_close) struct reviewers *r = NULL;
	struct diag why = { "" };

	if (reviewers_open(key, &r, &why) < 0 ||
	    reviewers_wrap(r, path, &why) < 0)
		return ctl_fail("%s", why.text);
	printf("%s is the same private key with a passphrase, as the console's "
	       "page takes it, too.\nTake it off this machine, and delete %s "
	       "if nobody needs it any more.\n",
	    path, key);
	return service_audit(dir, "reviewers' key with a passphrase");
}

static int
key_make(const char *dir, const char *path)
{
	struct diag why = { "" };

	if (reviewers_create(dir, path, &why) < 0)
		return ctl_fail("%s", why.text);
	printf("%s is the reviewers' private key: take it off this machine "
	       "now.  Texts that find no\nanswer, and voice messages, are kept "
	       "for 7 days from the next start of safard on,\nand only this "
	       "key opens them.\n",
	    path);
	return service_audit(dir, "new key for reviewers");
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const char *key = NULL, *fresh = NULL, *wrapped = NULL, *dir;
	bool json = false;
	const struct ctl_opt opts[] = {
		{ .name = "key", .text = &key },
		{ .name = "new-key", .text = &fresh },
		{ .name = "passphrase", .text = &wrapped },
		{ .name = "json", .flag = &json },
	};
	const struct ctl_opts all = { &ctl_unmatched, opts, ARRAY_LEN(opts), 0,
		0, NULL };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	if ((key == NULL) == (fresh == NULL) ||
	    (fresh != NULL && wrapped != NULL))
		return ctl_wrong(&ctl_unmatched,
		    "write either --key FILE or --new-key FILE; --passphrase "
		    "goes with --key");
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	if (wrapped != NULL)
		return key_wrap(dir, key, wrapped);
	return key != NULL ? show(dir, key, json) : key_make(dir, fresh);
}

const struct ctl_command ctl_unmatched = {
	.name = "unmatched",
	.help = "texts that found no answer, for reviewers with their key",
	.usage =
	    "usage: safarctl [--data DIR] unmatched --key FILE [--json]\n"
	    "       safarctl [--data DIR] unmatched --new-key FILE\n"
	    "       safarctl [--data DIR] unmatched --key FILE --passphrase "
	    "SEALED\n"
	    "\n"
	    "Texts of the last 7 days that found no answer, without digits and "
	    "addresses, with\n"
	    "day, country and language, in no order within a day.  Whose they "
	    "are is not kept.\n"
	    "Each look is noted in the audit.\n"
	    "\n"
	    "  --key FILE      the reviewers' private key\n"
	    "  --new-key FILE  make a pair: FILE is the private key, to be "
	    "taken away; what the\n"
	    "                  old pair sealed only the old key opens.  "
	    "Without a pair no text\n"
	    "                  is kept\n"
	    "  --passphrase SEALED\n"
	    "                  write the key of --key to SEALED, under a "
	    "passphrase that it asks\n"
	    "                  for: a reviewer opens texts in the console "
	    "with it, and --key takes\n"
	    "                  it, too\n",
	.run = run,
};
