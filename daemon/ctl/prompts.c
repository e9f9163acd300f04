/* prompts.c - what callers hear: makes it, plays it, says what to record. */
#include "daemon/ctl/prompts.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/publishing.h"

extern char **environ;

struct opened {
	const char *data;
	char root[PATH_MAX];
	struct ctl_edition e;
};

static int
open_all(const struct ctl *ctl, struct opened *ret)
{
	int rc = ctl_data(ctl, true, &ret->data);

	if (rc == CTL_OK)
		rc = ctl_edition_open(ctl, &ret->e);
	if (rc == CTL_OK)
		prompts_root(ret->data, &ret->e.conf, ret->root);
	return rc;
}

static int
build(const struct ctl *ctl)
{
	struct prompts_job job = {
		.on_progress = isatty(STDERR_FILENO) == 1 ? prompts_bar : NULL
	};
	struct diag why = { "" };
	struct opened o;
	int rc = open_all(ctl, &o);

	if (rc != CTL_OK)
		return rc;
	job.data = o.data;
	job.root = o.root;
	job.edition = o.e.edition->number;
	job.content = &o.e.edition->content;
	if (prompts_make(&job, &why) < 0)
		rc = ctl_fail("%s", why.text);
	else
		prompts_tidy(o.data, o.root);
	ctl_edition_done(&o.e);
	if (rc == CTL_OK)
		publishing_tell_prompts(&job);
	return rc;
}

static const char *
source_name(enum prompt_source source)
{
	static const char *const names[] = {
		[PROMPT_SPOKEN] = "synthesised",
		[PROMPT_PLACEHOLDER] = "placeholder",
		[PROMPT_RECORDED] = "recorded",
	};

	return names[source];
}

static void
print_missing(const struct prompt_list *list, enum lang lang)
{
	size_t i, count = 0;

	for (i = 0; i < list->count; i++) {
		const struct prompt_item *item = &list->items[i];

		if (item->source == PROMPT_RECORDED ||
		    (lang != LANG_NONE && item->lang != lang))
			continue;
		printf("%s\t%s\t%s\t" SV_FMT "\n", lang_code(item->lang),
		    item->id, source_name(item->source), SV_ARG(item->text));
		count++;
	}
	fprintf(stderr,
	    "%zu prompts are not recorded; read the last column, and put each "
	    "into\n%s/content/prompts/rec/LANGUAGE/ID.wav, then `%s --data %s "
	    "prompts build`\n",
	    count, list->data, program_invocation_name, list->data);
}

static int
missing(const struct ctl *ctl, enum lang lang)
{
	struct prompt_list list;
	struct diag why = { "" };
	struct opened o;
	int rc = open_all(ctl, &o);

	if (rc != CTL_OK)
		return rc;
	if (prompts_list(o.data, &o.e.edition->content, &list, &why) < 0) {
		rc = ctl_fail("%s", why.text);
	} else {
		print_missing(&list, lang);
		prompts_list_done(&list);
	}
	ctl_edition_done(&o.e);
	return rc;
}

/* Returns -1 if there is no such program, or it cannot play here. */
static int
play_by(const char *const args[])
{
	char *argv[5];
	size_t i;
	pid_t pid;
	int status = 0;

	for (i = 0; args[i] != NULL; i++)
		/* posix_spawn() does not write to them, whatever its type */
		memcpy(&argv[i], &args[i], sizeof(argv[i]));
	argv[i] = NULL;
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* The path is all that a pipe or a machine without sound can use. */
static int
play_file(const char *path)
{
	const char *const aplay[] = { "aplay", "-q", path, NULL };
	const char *const sox[] = { "play", "-q", path, NULL };

	if (isatty(STDOUT_FILENO) == 1 &&
	    (play_by(aplay) == 0 || play_by(sox) == 0))
		return CTL_OK;
	printf("%s\n", path);
	return CTL_OK;
}

static int
play(const struct ctl *ctl, enum lang lang, const char *id)
{
	char name[PROMPT_PATH_MAX], path[PATH_MAX];
	struct opened o;
	int rc = open_all(ctl, &o);

	if (rc != CTL_OK)
		return rc;
	if (lang == LANG_NONE)
		lang = LANG_RU;
	if (prompts_name(o.root, o.e.edition->number, lang, id, name) < 0)
		rc = ctl_fail("'%s' names no prompt; `%s prompts missing` "
			      "lists them",
		    id, program_invocation_name);
	ctl_edition_done(&o.e);
	if (rc != CTL_OK)
		return rc;
	(void)snprintf(path, sizeof(path), "%s.wav", name);
	if (access(path, R_OK) < 0)
		return ctl_fail("%s: %s; `%s prompts missing` lists the ids, "
				"`%s prompts build` makes their files",
		    path, strerror(errno), program_invocation_name,
		    program_invocation_name);
	return play_file(path);
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const char *code = NULL;
	enum lang lang = LANG_NONE;
	const struct ctl_opt opts[] = {
		{ .name = "lang", .text = &code },
	};
	const struct ctl_opts all = { &ctl_prompts, opts, ARRAY_LEN(opts), 1, 2,
		"build, missing or play ID" };
	int at = ctl_args(&all, argc, argv);

	if (at < 0)
		return -at;
	if (code != NULL) {
		lang = prompts_lang(lang_of(sv_of(code)));
		if (lang == LANG_NONE)
			return ctl_wrong(&ctl_prompts,
			    "--lang %s: write ru, ky, tg, uz, kk or en", code);
	}
	if (strcmp(argv[at], "play") == 0 && argc - at == 2)
		return play(ctl, lang, argv[at + 1]);
	if (strcmp(argv[at], "build") == 0 && argc - at == 1 && code == NULL)
		return build(ctl);
	if (strcmp(argv[at], "missing") == 0 && argc - at == 1)
		return missing(ctl, lang);
	return ctl_wrong(&ctl_prompts, "write build, missing or play ID");
}

const struct ctl_command ctl_prompts = {
	.name = "prompts",
	.help = "what callers hear: make it, play it, see what to record",
	.usage =
	    "usage: safarctl [--data DIR] prompts build\n"
	    "       safarctl [--data DIR] prompts missing [--lang LANG]\n"
	    "       safarctl [--data DIR] prompts play ID [--lang LANG]\n"
	    "\n"
	    "  build    make the spoken prompts of the edition that people "
	    "get, "
	    "by espeak-ng\n"
	    "           and sox, or of recordings in "
	    "DIR/content/prompts/rec/LANG/ID.wav;\n"
	    "           what did not change is not made again.  Once it has "
	    "run, publish does\n"
	    "           the same for every new edition\n"
	    "  missing  those that nobody has recorded, with tabs between: "
	    "language, id,\n"
	    "           synthesised or placeholder (a voice of another "
	    "language), and the\n"
	    "           text to read\n"
	    "  play     play one, or print where it is; Russian unless --lang "
	    "says otherwise\n"
	    "\n"
	    "How to record: content/prompts/README.md.\n",
	.run = run,
};
