/* keys.c - the key folder gets a passphrase, or loses it. */
#include "daemon/core/vault.h"
#include "daemon/ctl/ctl.h"
#include "db/db.h"

static int
say(const char *dir)
{
	char path[PATH_MAX];
	struct diag why = { "" };
	bool sealed = false;

	ctl_path(path, dir, "keys");
	if (vault_is_sealed(path, &sealed, &why) < 0)
		return ctl_fail("%s", why.text);
	if (sealed)
		printf("%s has a passphrase: its keys are nothing without it. "
		       " safard asks for it when\nit starts, and so does "
		       "safarctl where it needs them.\n",
		    path);
	else
		printf("%s has no passphrase: whoever takes it has the keys.  "
		       "To set one:\n  safarctl --data %s keys "
		       "--passphrase\n",
		    path, dir);
	return CTL_OK;
}

/* safard must not make keys meanwhile: its store is ours for so long. */
static int
change(const char *dir, bool seal)
{
	struct diag why = { "" };
	struct db *db = NULL;
	int rc = db_open_sized(dir, 0, &db, &why);

	if (rc == 0)
		rc = seal ? vault_seal_keys(dir, &why) :
			    vault_unseal_keys(dir, &why);
	db_close(&db);
	if (rc < 0)
		return ctl_fail("%s", why.text);
	rc = say(dir);
	if (seal)
		printf(
		    "Nobody can bring these keys back without it: keep a "
		    "copy of the words apart from\nthis machine.  A disk may "
		    "keep old blocks that still hold the keys as they were:\n"
		    "a flash disk that is not encrypted is not made safe by "
		    "this.\n");
	return rc;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool seal = false, unseal = false;
	const struct ctl_opt opts[] = {
		{ .name = "passphrase", .flag = &seal },
		{ .name = "no-passphrase", .flag = &unseal },
	};
	const struct ctl_opts all = { &ctl_keys, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	const char *dir;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	if (seal && unseal)
		return ctl_wrong(
		    &ctl_keys, "write either --passphrase or --no-passphrase");
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	return seal || unseal ? change(dir, seal) : say(dir);
}

const struct ctl_command ctl_keys = {
	.name = "keys",
	.help = "a passphrase for the key folder: is there one, set, take away",
	.usage =
	    "usage: safarctl [--data DIR] keys [--passphrase | "
	    "--no-passphrase]\n"
	    "\n"
	    "Says whether the keys have a passphrase.  With one, every key is "
	    "sealed: who takes\n"
	    "the data folder and the key folder, but not the passphrase, gets "
	    "no number and no\n"
	    "text.  safard then needs it at every start.  Stop safard first.\n"
	    "\n"
	    "  --passphrase     set one, or another one in its place\n"
	    "  --no-passphrase  take it away: the keys lie open in their "
	    "folder\n"
	    "\n"
	    "Here, and wherever the keys are needed, the passphrase is read "
	    "from the first of:\n"
	    "  the descriptor whose number is in SAFAR_PASSPHRASE_FD, a line "
	    "each time:\n"
	    "      SAFAR_PASSPHRASE_FD=3 safarctl keys --passphrase 3<FILE\n"
	    "  the systemd credential safar.passphrase (see safard.service)\n"
	    "  the terminal\n",
	.run = run,
};
