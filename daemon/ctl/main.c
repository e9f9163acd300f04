/* main.c - safarctl: finds the command and calls it. */
#include <stdlib.h>

#include "daemon/ctl/ctl.h"

static const struct ctl_command *const commands[] = {
	&ctl_init,
	&ctl_phone,
	&ctl_try,
	&ctl_match,
	&ctl_words,
	&ctl_check,
	&ctl_parts,
	&ctl_publish,
	&ctl_prompts,
	&ctl_directory,
	&ctl_log,
	&ctl_report,
	&ctl_status,
	&ctl_backup,
	&ctl_restore,
	&ctl_conf,
	&ctl_keys,
	&ctl_inventory,
	&ctl_exposure,
	&ctl_erase,
	&ctl_unmatched,
	&ctl_messages,
	&ctl_audit,
	&ctl_callback,
	&ctl_user,
	&ctl_panic,
};

static void
usage(FILE *f)
{
	size_t i;

	fputs("usage: safarctl [--data DIR] COMMAND ...\n"
	      "\n"
	      "Everything an administrator of the hotline does from a shell.\n"
	      "\n",
	    f);
	for (i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(
		    f, "  %-19s %s\n", commands[i]->name, commands[i]->help);
	fputs("\n"
	      "  --data DIR   the data folder; else $SAFAR_DATA, ./data or "
	      "/var/lib/safar\n"
	      "  --help       this text; after a command: what it does\n"
	      "\n"
	      "exit code: 0 done, 1 something failed, 2 wrong arguments\n",
	    f);
}

static const struct ctl_command *
command_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int
command_unknown(const char *name)
{
	fprintf(stderr,
	    "safarctl: there is no command '%s'; `safarctl --help` lists "
	    "them\n",
	    name);
	return CTL_WRONG;
}

static bool
help_wanted(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* --data may stand behind the command, too: take it out of there. */
static void
data_take(struct ctl *ctl, int *argc, char **argv)
{
	int i, kept = 1;

	for (i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++)
		if (strncmp(argv[i], "--data=", strlen("--data=")) == 0)
			ctl->data = argv[i] + strlen("--data=");
		else if (strcmp(argv[i], "--data") == 0)
			ctl->data = i + 1 < *argc ? argv[++i] : "";
		else
			argv[kept++] = argv[i];
	for (; i < *argc; i++)
		argv[kept++] = argv[i];
	argv[kept] = NULL;
	*argc = kept;
}

/* `safarctl help`, `safarctl help COMMAND`. */
static int
help(int argc, char **argv)
{
	const struct ctl_command *command =
	    argc > 1 ? command_find(argv[1]) : NULL;

	if (argc > 1 && command == NULL)
		return command_unknown(argv[1]);
	if (command != NULL)
		fputs(command->usage, stdout);
	else
		usage(stdout);
	return CTL_OK;
}

static int
command_run(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_command *command = command_find(argv[0]);
	int rc;

	if (strcmp(argv[0], "help") == 0)
		return help(argc, argv);
	if (command == NULL)
		return command_unknown(argv[0]);
	if (help_wanted(argc, argv)) {
		fputs(command->usage, stdout);
		return CTL_OK;
	}
	data_take(ctl, &argc, argv);
	rc = command->run(ctl, argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && rc == CTL_OK)
		return ctl_fail("the output could not be written; is the disk "
				"full?");
	return rc;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { NULL };
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return CTL_OK;
		}
		if (strncmp(argv[i], "--data=", strlen("--data=")) == 0) {
			ctl.data = argv[i] + strlen("--data=");
		} else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc) {
			ctl.data = argv[++i];
		} else {
			fprintf(stderr,
			    "safarctl: %s: %s; see `safarctl --help`\n",
			    argv[i],
			    strcmp(argv[i], "--data") == 0 ?
				"name the folder" :
				"there is no such option before a command");
			return CTL_WRONG;
		}
	}
	if (i == argc) {
		usage(stderr);
		return CTL_WRONG;
	}
	return command_run(&ctl, argc - i, argv + i);
}
