/*
 * ctl.h - what the commands of safarctl share.
 *
 * Each command is a row of the table in main.c and lives in its own file.  A
 * command returns its exit code; what went wrong is one sentence on standard
 * error that also says what to do.
 */
#ifndef DAEMON_CTL_CTL_H
#define DAEMON_CTL_CTL_H

#include <limits.h>
#include <stdio.h>

#include "content/publish.h"
#include "daemon/core/conf.h"
#include "db/directory.h"
#include "menus/edition.h"

enum { CTL_OK, CTL_FAILED, CTL_WRONG }; /* exit codes; WRONG: arguments */

/* Nothing behind the first MATCH_TEXT_MAX characters of a text is read. */
enum { CTL_LINE_MAX = 4 * MATCH_TEXT_MAX + 1024 /* bytes */ };

struct ctl {
	const char *data; /* --data, or NULL */
};

struct ctl_command {
	const char *name;
	const char *help;  /* one line */
	const char *usage; /* all of --help */
	int (*run)(const struct ctl *ctl, int argc, char **argv);
};

extern const struct ctl_command ctl_init, ctl_phone, ctl_try, ctl_match,
    ctl_words, ctl_check, ctl_parts, ctl_publish, ctl_directory, ctl_log,
    ctl_status, ctl_backup, ctl_restore, ctl_conf, ctl_inventory, ctl_erase,
    ctl_unmatched, ctl_messages, ctl_prompts, ctl_audit, ctl_callback,
    ctl_exposure, ctl_panic, ctl_keys, ctl_user, ctl_report;

/* "safarctl: ..." on standard error.  Returns CTL_FAILED, for "return". */
PRINTF(1, 2)
int ctl_fail(const char *fmt, ...);

/* The same for wrong arguments, with where the right ones are told.
 * Returns CTL_WRONG. */
PRINTF(2, 3)
int ctl_wrong(const struct ctl_command *command, const char *fmt, ...);

/* Look at --country, which may be NULL.  Returns CTL_OK, or CTL_WRONG after
 * saying why. */
MUST_USE int ctl_country(
    const struct ctl_command *command, const char *country);

/* An option of a command: exactly one of flag, text and number is set. */
struct ctl_opt {
	const char *name; /* without the dashes; one letter: -n */
	bool *flag;
	const char **text;
	int64_t *number;
	int64_t min, max; /* of number */
};

struct ctl_opts {
	const struct ctl_command *command;
	const struct ctl_opt *list;
	size_t count;
	int rest_min, rest_max; /* how many other arguments */
	const char *rest_name;	/* of the one that must be there, or NULL */
};

enum { CTL_OPTS_MAX = 12 };

/*
 * Read a command's arguments; argv[0] is its name.  The others are moved to
 * the end of argv.
 *
 * Returns the index of the first of them, or -CTL_WRONG after saying why.
 */
MUST_USE int ctl_args(const struct ctl_opts *opts, int argc, char **argv);

/*
 * The folder with menus/ and content/ as installed, or of the build tree:
 * $SAFAR_SHARE, else as seen from this program.
 *
 * Returns CTL_OK, or CTL_FAILED after saying why.
 */
MUST_USE int ctl_share(char ret_path[PATH_MAX]);

/* The same without a word: false if there is none. */
bool ctl_share_find(char ret_path[PATH_MAX]);

/*
 * The data folder: --data, $SAFAR_DATA, ./data, the system's.
 *
 * need  say so and fail if there is none; else *ret_dir is NULL then
 *
 * Returns CTL_OK, or CTL_FAILED or CTL_WRONG after saying why.
 */
MUST_USE int ctl_data(const struct ctl *ctl, bool need, const char **ret_dir);

/* DIR/name; ASSERTs that it fits: ctl_data() has seen that dir is short. */
void ctl_path(char ret_path[PATH_MAX], const char *dir, const char *name);

/* The published edition of a data folder, or the share folder's own. */
struct ctl_edition {
	struct edition *edition;
	struct conf conf; /* of the data folder, else defaults */
};

/* Open it, or say why not. */
MUST_USE int ctl_edition_open(
    const struct ctl *ctl, struct ctl_edition *ret_edition);
void ctl_edition_done(struct ctl_edition *e);

/* Number of the edition that is published, or say why there is none. */
MUST_USE int ctl_edition_now(const char *dir, int64_t *ret_number);

/* DIR/directory.db, which must be there already. */
MUST_USE int ctl_directory_open(
    const char *dir, struct directory **ret_directory);

/* Say what to write, if standard input is a terminal. */
void ctl_invite(const char *what);

/*
 * Read a line of any bytes into buf without its end; what does not fit into
 * size bytes is dropped, never within a character.
 *
 * Returns false at the end of the file, and where it cannot be read.
 */
MUST_USE bool ctl_line(FILE *f, char *buf, size_t size, struct sv *ret_line);

/* After the last line: CTL_OK, or CTL_FAILED after saying why it was not the
 * end of the file. */
MUST_USE int ctl_line_end(FILE *f, const char *name);

/* What a match is called: a topic's id, a command, "number:N", "place", or
 * "none" where the answer is a question.  Lives in buf or in the edition. */
enum { CTL_INTENT_MAX = 24 };
const char *ctl_intent(
    const struct edition *e, const struct match *m, char buf[CTL_INTENT_MAX]);

/* Ids by index; NULL for none. */
const char *ctl_place_id(const struct edition *e, uint16_t place);
const char *ctl_node_id(const struct edition *e, uint16_t node);

/* Print a JSON value on one line, on standard output or f, and drop it. */
struct json_t;
void ctl_json(struct json_t *value);
void ctl_json_to(FILE *f, struct json_t *value);

#endif
