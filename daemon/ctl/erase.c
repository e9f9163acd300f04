/* erase.c - a person is erased for an administrator, who must know the number.
 */
#include <jansson.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/audit.h"
#include "daemon/core/erase.h"
#include "daemon/core/messages.h"
#include "daemon/ctl/service.h"
#include "daemon/phone/phone.h"

/* From standard input: arguments are for everybody to see. */
static int
number_read(struct phone *ret_phone)
{
	char buf[PHONE_RAW_MAX + 2];
	struct phones *phones;
	struct sv line;
	int rc = -EINVAL;

	ctl_invite("Number to erase, with its country code:");
	if (ctl_line(stdin, buf, sizeof(buf), &line)) {
		phones = phones_new();
		rc = phone_parse(phones, line, "", ret_phone);
		phones_free(&phones);
	}
	explicit_bzero(buf, sizeof(buf));
	if (rc == 0 && phone_reveal(ret_phone).n > 0)
		return CTL_OK;
	return ctl_fail("that is nobody's number; write one with its country "
			"code, like +79261234567");
}

static int
steps(struct db *db)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	bool more = true;
	int rc = 0;

	for (; rc == 0 && more; (void)nanosleep(&pause, NULL))
		rc = db_forget_step(db, &more); /* a backup may hold it up */
	return rc == 0 ? db_checkpoint(db) : rc;
}

static int
erase_in(const char *dir, struct db *db, struct sv e164, struct diag *why)
{
	struct vault *v = NULL;
	int rc = vault_open(dir, &v, why);

	if (rc < 0)
		return rc;
	rc = audit_put(db, sv_of(service_who()), SV("erase a number"));
	if (rc == 0)
		rc = erase_person(db, v, e164);
	if (rc == 0)
		rc = erase_decoy(db, v, e164);
	if (rc == 0)
		rc = erase_callback(db, v, e164);
	if (rc == 0)
		rc = messages_forget(dir, v, e164);
	if (rc == 0)
		rc = steps(db);
	vault_close(&v);
	return rc < 0 ?
		   diag_set(why, rc, "%s: %s; not all is erased: do it again",
		       dir, strerror(-rc)) :
		   0;
}

static int
erase_here(const char *dir, struct sv e164, struct diag *why)
{
	struct db *db = NULL;
	int rc = db_open_sized(dir, 0, &db, why);

	if (rc == 0)
		rc = erase_in(dir, db, e164, why);
	db_close(&db);
	return rc;
}

static int
erase(const char *dir)
{
	struct diag why = { "" };
	struct phone phone;
	struct sv e164;
	int rc = number_read(&phone);

	if (rc != CTL_OK)
		return rc;
	e164 = phone_reveal(&phone);
	rc = service_ask(dir,
	    json_pack("{s:s, s:s%, s:s}", "do", "erase", "number", e164.p,
		e164.n, "who", service_who()),
	    &why);
	if (rc == -ENOENT)
		rc = erase_here(dir, e164, &why);
	explicit_bzero(&phone, sizeof(phone));
	if (rc < 0)
		return ctl_fail("%s", why.text);
	printf("Erased, whoever it was: session, answers and texts on their "
	       "way; rows of the log are\nnobody's.  Backups made before still "
	       "have their pseudonym.\n");
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool number = false;
	const struct ctl_opt opts[] = { { .name = "number", .flag = &number } };
	const struct ctl_opts all = { &ctl_erase, opts, 1, 0, 0, NULL };
	const char *dir;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	if (!number)
		return ctl_wrong(&ctl_erase,
		    "write --number; the number itself "
		    "is read from standard input");
	rc = ctl_data(ctl, true, &dir);
	return rc == CTL_OK ? erase(dir) : rc;
}

const struct ctl_command ctl_erase = {
	.name = "erase",
	.help = "erase a person, as the word FORGET does",
	.usage =
	    "usage: safarctl [--data DIR] erase --number\n"
	    "\n"
	    "Reads a number from standard input and erases who it is: session, "
	    "what is on its\n"
	    "way, and the pseudonym in the log.  Says the same whether it was "
	    "known or not.\n"
	    "The audit notes who did it and when, never the number.\n",
	.run = run,
};
