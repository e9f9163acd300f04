/* panic.c - every key is destroyed, and who wrote today, at once. */
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/core/account.h"
#include "daemon/core/audit.h"
#include "daemon/core/conf.h"
#include "daemon/core/control.h"
#include "daemon/core/messages.h"
#include "daemon/core/vault.h"
#include "daemon/ctl/exposure.h"
#include "daemon/ctl/service.h"

enum { LOOKS = 50, LOOK_NS = 100 * 1000 * 1000 };

static bool
is_sure(void)
{
	char buf[16];
	struct sv line;

	ctl_invite("Every key is destroyed, and safard stops.  Write PANIC:");
	return ctl_line(stdin, buf, sizeof(buf), &line) &&
	       sv_eq(line, SV("PANIC"));
}

/* The running one first: it has the keys in memory.  One that does not answer
 * is killed, so that it makes no new ones. */
static void
service_end(const char *dir)
{
	struct diag why = { "" };
	pid_t pid = 0;
	int rc = service_ask(dir, json_pack("{s:s}", "do", "panic"), &why);

	if (rc == 0 || rc == -ENOENT)
		return;
	(void)ctl_fail("%s; it is killed", why.text);
	if (control_pid(dir, &pid) == 0 && pid > 1)
		(void)kill(pid, SIGKILL);
}

static int
store_wipe(const char *dir, struct diag *why)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };
	struct db *db = NULL;
	int rc, i;

	for (i = 0;
	     (rc = db_open_sized(dir, 0, &db, why)) == -EEXIST && i < LOOKS;
	     i++)
		(void)nanosleep(&pause, NULL); /* it is ending */
	if (rc < 0)
		return rc;
	rc = db_people_wipe(db);
	if (rc == 0)
		rc = audit_put(db, sv_of(service_who()), SV("panic"));
	if (rc == 0)
		rc = db_checkpoint(db);
	db_close(&db);
	return rc < 0 ?
		   diag_set(why, rc, "%s/hotline.db: %s", dir, strerror(-rc)) :
		   0;
}

/* Where the settings say it is, and where it is without them. */
static void
spool_wipe(const char *dir)
{
	struct diag why = { "" };
	char path[PATH_MAX];
	struct conf conf;

	ctl_path(path, dir, "safar.yaml");
	if (conf_load(path, &conf, &why) == 0 &&
	    conf.voice.spool_dir[0] != '\0')
		messages_spool_sweep(conf.voice.spool_dir);
	ctl_path(path, dir, "spool");
	messages_spool_sweep(path);
}

static int
panic(const char *dir)
{
	struct diag why = { "" };
	size_t n = 0;
	int rc, console;

	service_end(dir);
	messages_sweep(dir, INT64_MAX);
	message_draft_wipe(dir);
	spool_wipe(dir);
	rc = vault_folder_destroy(dir, &n, &why);
	if (rc < 0 && rc != -ENOENT)
		return ctl_fail("%s", why.text);
	printf("The keys are destroyed.\n");
	(void)fflush(stdout);
	console = account_destroy(dir, sv_of(service_who()), clock_ms(), &why);
	if (console < 0)
		(void)ctl_fail("%s", why.text);
	if (store_wipe(dir, &why) < 0)
		return ctl_fail("%s; what was on its way is still there, "
				"sealed to a key that is not",
		    why.text);
	printf("What was on its way and who wrote today is erased.  A disk or "
	       "file system may keep\nold copies of what is written over: "
	       "encrypt it, or destroy it.\n");
	if (console == 0)
		printf("Nobody is logged in to the console, and nobody can log "
		       "in without a new invitation.\n");
	printf("\n");
	rc = exposure_print(dir);
	printf("\nsafard does not start on this folder.  To go on: safarctl "
	       "backup, then safarctl\nrestore --to another folder, which "
	       "makes new keys.\n");
	return rc;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool yes = false;
	const struct ctl_opt opts[] = { { .name = "yes", .flag = &yes } };
	const struct ctl_opts all = { &ctl_panic, opts, 1, 0, 0, NULL };
	const char *dir;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	if (!yes && !is_sure())
		return ctl_fail("nothing was done; write PANIC, or --yes");
	return panic(dir);
}

const struct ctl_command ctl_panic = {
	.name = "panic",
	.help = "destroy all keys and pending numbers at once",
	.usage =
	    "usage: safarctl [--data DIR] panic [--yes]\n"
	    "\n"
	    "Asks for the word PANIC.  Then safard is told to destroy the keys "
	    "in its memory and\n"
	    "in the key folder, with everything else there, and to end; one "
	    "that does not answer\n"
	    "within 5 s is killed.  Answers on their way, pieces of texts, "
	    "voice messages and\n"
	    "sessions are written over.  It cannot be undone.  The log stays, "
	    "of nobody; what "
	    "remains is told.\n"
	    "\n"
	    "safar-console is killed, and its key, sessions, invitations, "
	    "passwords and second\n"
	    "factors are written over; the names of its users and what they "
	    "did stay.\n"
	    "\n"
	    "  --yes   do not ask\n"
	    "\n"
	    "exit code: 0 done, 1 not all of it, 2 wrong arguments\n",
	.run = run,
};
