/* words.c - teach the matcher: why a text matched, and new keywords. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "content/file.h"
#include "daemon/ctl/ctl.h"
#include "daemon/proto/sms.h"

enum { WORDS_FILE_MAX = 4 << 20, WORD_MAX = 400, NAME_MAX_LEN = 40 };

/* ---- explain ---- */

static void
on_line(void *arg, const char *line)
{
	(void)arg;
	printf("%s\n", line);
}

static void
meaning_print(const struct edition *e, const struct match *m)
{
	char intent[CTL_INTENT_MAX];
	const char *place = ctl_place_id(e, m->place);

	printf("means: %s", ctl_intent(e, m, intent));
	for (size_t i = 0; i < m->choice_count; i++)
		printf("%s%s", i == 0 ? ", asks: " : " ",
		    topics_at(e->content.topics, m->choices[i])->id);
	printf("; place: %s; language: %s; by: %s; score: %d%s\n",
	    place != NULL ? place : "none",
	    m->lang == LANG_NONE ? "unsure" : lang_code(m->lang), m->how,
	    m->score, m->urgent ? "; urgent" : "");
}

static int
explain(const struct ctl *ctl, char **args)
{
	struct ctl_edition ed = { .edition = NULL };
	struct sv text = sv_of(args[0]);
	struct match m;
	int rc;

	if (!utf8_is_valid(text))
		return ctl_wrong(&ctl_words, "the text is not UTF-8");
	rc = ctl_edition_open(ctl, &ed);
	if (rc == CTL_OK) {
		match_explain(ed.edition->matcher, text, on_line, NULL, &m);
		meaning_print(ed.edition, &m);
	}
	ctl_edition_done(&ed);
	return rc;
}

/* ---- test ---- */

struct tally {
	unsigned long all, wrong;
};

static void
test_line(const struct edition *e, struct sv line, struct tally *sum)
{
	char intent[CTL_INTENT_MAX];
	struct sv id = sv_cut(&line, '\t'), text = sv_cut(&line, '\t');
	struct sv want = sv_cut(&line, '\t');
	struct match m;
	const char *got;

	match_text(e->matcher, text, &m);
	got = ctl_intent(e, &m, intent);
	sum->all++;
	if (sv_eq(want, sv_of(got)))
		return;
	sum->wrong++;
	printf(SV_FMT "\t" SV_FMT "\t%s instead of " SV_FMT, SV_ARG(id),
	    SV_ARG(text), got, SV_ARG(want));
	for (size_t i = 0; i < m.choice_count; i++)
		printf("%s%s", i == 0 ? ", asks: " : " ",
		    topics_at(e->content.topics, m.choices[i])->id);
	printf("\n");
}

static int
test_file(const struct edition *e, FILE *f, const char *path)
{
	static char buf[CTL_LINE_MAX];
	struct tally sum = { 0, 0 };
	unsigned long number = 0;
	struct sv line, rest;

	while (ctl_line(f, buf, sizeof(buf), &line)) {
		number++;
		rest = line;
		(void)sv_cut(&rest, '\t');
		(void)sv_cut(&rest, '\t');
		if (rest.n == 0 || !utf8_is_valid(line))
			return ctl_fail("%s:%lu: not id<TAB>text<TAB>intent; "
					"correct the line",
			    path, number);
		test_line(e, line, &sum);
	}
	if (ctl_line_end(f, path) != CTL_OK)
		return CTL_FAILED;
	printf("%lu of %lu are understood otherwise\n", sum.wrong, sum.all);
	return sum.wrong == 0 ? CTL_OK : CTL_FAILED;
}

static int
test(const struct ctl *ctl, char **args)
{
	struct ctl_edition ed = { .edition = NULL };
	FILE *f = fopen(args[0], "re");
	int rc;

	if (f == NULL)
		return ctl_fail("%s: %s; name a file that is there", args[0],
		    strerror(errno));
	rc = ctl_edition_open(ctl, &ed);
	if (rc == CTL_OK)
		rc = test_file(ed.edition, f, args[0]);
	ctl_edition_done(&ed);
	(void)fclose(f);
	return rc;
}

/* ---- add ---- */

/* A keyword for an entry of a language, and the folder where it goes. */
struct adding {
	const char *lang, *name, *word;
	char root[PATH_MAX]; /* with topics.csv, gazetteer.csv, lang/ */
	char lang_dir[PATH_MAX];
	char file[PATH_MAX];
	char trial[PATH_MAX]; /* a folder like lang_dir, with the new file */
};

static bool
only(const char *text, size_t most, const char *letters)
{
	size_t n = strlen(text);

	return n > 0 && n <= most && strspn(text, letters) == n;
}

static int
adding_check(const struct adding *a)
{
	if (lang_of(sv_of(a->lang)) == LANG_NONE)
		return ctl_wrong(&ctl_words,
		    "%s is no language; write ru, ky, tg, uz, uz@cyrillic, kk "
		    "or en",
		    a->lang);
	if (!only(a->name, NAME_MAX_LEN,
		"abcdefghijklmnopqrstuvwxyz0123456789.-@"))
		return ctl_wrong(
		    &ctl_words, "%s is no name of an entry", a->name);
	if (a->word[0] == '\0' || strlen(a->word) > WORD_MAX ||
	    !utf8_is_valid(sv_of(a->word)))
		return ctl_wrong(
		    &ctl_words, "a keyword is UTF-8, 1 to %d bytes", WORD_MAX);
	for (const char *p = a->word; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == '"' || *p == 0x7f)
			return ctl_wrong(
			    &ctl_words, "a keyword is one line without \"");
	}
	return CTL_OK;
}

/* Where a line is put into the entry: behind its last one.  NULL: no entry. */
static const char *
entry_end(const char *text, const char *name)
{
	char id[NAME_MAX_LEN + 16];
	const char *at;

	(void)snprintf(id, sizeof(id), "\nmsgid \"%s\"\n", name);
	at = strstr(text, id);
	if (at == NULL)
		return NULL;
	at += strlen(id);
	while (strncmp(at, "msgstr", 6) == 0 || *at == '"') {
		const char *end = strchr(at, '\n');

		if (end == NULL)
			return at + strlen(at);
		at = end + 1;
	}
	return at;
}

static void
keyword_write(FILE *f, const char *word)
{
	(void)fputc('"', f);
	for (; *word != '\0'; word++) {
		if (*word == '\\')
			(void)fputc('\\', f);
		(void)fputc(*word, f);
	}
	(void)fputs("\\n\"\n", f);
}

/* The text with the keyword in it; free() it. */
static char *
keyword_add(const struct adding *a, const char *text)
{
	const char *at = entry_end(text, a->name);
	char *added = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&added, &n);

	ASSERT(f != NULL);
	if (at != NULL) {
		(void)fwrite(text, 1, (size_t)(at - text), f);
		if (at[-1] != '\n')
			(void)fputc('\n', f);
		keyword_write(f, a->word);
		(void)fputs(at, f);
	} else {
		(void)fprintf(f,
		    "%s\nmsgctxt \"words\"\nmsgid \"%s\"\nmsgstr \"\"\n", text,
		    a->name);
		keyword_write(f, a->word);
	}
	ASSERT(fclose(f) == 0);
	return added;
}

/* Links to all files of lang_dir but ours.  Returns 0 or a negative errno. */
static int
trial_link(const struct adding *a)
{
	DIR *dir = opendir(a->lang_dir);
	const char *own = strrchr(a->file, '/') + 1;
	char from[PATH_MAX], to[PATH_MAX];
	struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return -errno;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, own) == 0)
			continue;
		ctl_path(from, a->lang_dir, entry->d_name);
		ctl_path(to, a->trial, entry->d_name);
		rc = symlink(from, to) < 0 ? -errno : 0;
	}
	(void)closedir(dir);
	return rc;
}

static void
trial_remove(const struct adding *a)
{
	DIR *dir = opendir(a->trial);
	struct dirent *entry;
	char path[PATH_MAX];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		ctl_path(path, a->trial, entry->d_name);
		(void)unlink(path);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(a->trial);
}

/* True if all words load with the new file among them. */
static int
trial_load(const struct adding *a, struct diag *why)
{
	struct content c = { 0 };
	struct matcher *m = NULL;
	char path[PATH_MAX];
	int rc;

	ctl_path(path, a->root, "topics.csv");
	rc = topics_load(path, &c.topics, why);
	ctl_path(path, a->root, "gazetteer.csv");
	if (rc == 0)
		rc = places_load(path, &c.places, why);
	if (rc == 0)
		rc = texts_load(a->trial, &c.texts, why);
	if (rc == 0)
		rc = matcher_new(&c, &m, why);
	matcher_free(&m);
	texts_free(&c.texts);
	places_free(&c.places);
	topics_free(&c.topics);
	return rc;
}

/* What is wrong, with the name the file will have. */
static int
refuse(const struct adding *a, const struct diag *why)
{
	size_t n = strlen(a->trial);

	if (strncmp(why->text, a->trial, n) == 0)
		return ctl_fail("%s%s", a->lang_dir, why->text + n);
	return ctl_fail("%s", why->text);
}

static int
trial_run(const struct adding *a, struct sv text)
{
	const char *own = strrchr(a->file, '/') + 1;
	char path[PATH_MAX];
	struct diag why = { "" };
	int rc;

	ctl_path(path, a->trial, own);
	rc = file_write(path, text, 0600);
	if (rc == 0)
		rc = trial_link(a);
	if (rc < 0)
		return ctl_fail("%s: %s", a->trial, strerror(-rc));
	return trial_load(a, &why) < 0 ? refuse(a, &why) : CTL_OK;
}

/* The new file takes the old one's place whole. */
static int
replace(const struct adding *a, struct sv text)
{
	int rc = file_write(a->file, text, 0644);

	if (rc < 0)
		return ctl_fail("%s: %s; nothing is changed: make room, or "
				"name a content folder you may write with "
				"--content",
		    a->file, strerror(-rc));
	return CTL_OK;
}

static int
adding_run(struct adding *a)
{
	char name[64];
	char *text = NULL;
	struct diag why = { "" };
	char *added;
	size_t n;
	int rc;

	(void)snprintf(name, sizeof(name), "%s.words.po", a->lang);
	ctl_path(a->lang_dir, a->root, "lang");
	ctl_path(a->file, a->lang_dir, name);
	if (file_read_text(a->file, WORDS_FILE_MAX, &text, &n, &why) < 0)
		return ctl_fail("%s", why.text);
	(void)snprintf(a->trial, sizeof(a->trial), "/tmp/safar_words.XXXXXX");
	if (mkdtemp(a->trial) == NULL) {
		free(text);
		return ctl_fail("/tmp: %s; make room there", strerror(errno));
	}
	added = keyword_add(a, text);
	free(text);
	rc = trial_run(a, sv_of(added));
	trial_remove(a);
	if (rc == CTL_OK)
		rc = replace(a, sv_of(added));
	free(added);
	if (rc == CTL_OK)
		printf("%s: %s: %s is added; `%s publish` makes it "
		       "heard\n",
		    a->file, a->name, a->word, program_invocation_name);
	return rc;
}

static int
add(const char *content, char **args)
{
	struct adding a = { .lang = args[0], .name = args[1], .word = args[2] };
	char share[PATH_MAX];
	int rc = adding_check(&a);

	if (rc != CTL_OK)
		return rc;
	if (content == NULL) {
		rc = ctl_share(share);
		if (rc != CTL_OK)
			return rc;
		ctl_path(a.root, share, "content");
	} else if (realpath(content, a.root) == NULL) {
		return ctl_fail(
		    "%s: %s; name a content folder", content, strerror(errno));
	}
	return adding_run(&a);
}

/* ---- which ---- */

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const char *content = NULL;
	const struct ctl_opt opts[] = {
		{ .name = "content", .text = &content },
	};
	const struct ctl_opts all = { &ctl_words, opts, ARRAY_LEN(opts), 0, 4,
		NULL };
	int at = ctl_args(&all, argc, argv), n;
	const char *what;

	if (at < 0)
		return -at;
	what = at < argc ? argv[at] : "";
	n = argc - at - 1;
	if (strcmp(what, "add") == 0 && n == 3)
		return add(content, argv + at + 1);
	if (strcmp(what, "explain") == 0 && n == 1)
		return explain(ctl, argv + at + 1);
	if (strcmp(what, "test") == 0 && n == 1)
		return test(ctl, argv + at + 1);
	return ctl_wrong(&ctl_words,
	    "write explain TEXT (in quotes), test FILE or add LANG NAME WORD");
}

const struct ctl_command ctl_words = {
	.name = "words",
	.help = "why a text is understood so; more keywords",
	.usage =
	    "usage: safarctl [--data DIR] words explain TEXT\n"
	    "       safarctl [--data DIR] words test FILE.tsv\n"
	    "       safarctl words add [--content DIR] LANG NAME WORD\n"
	    "\n"
	    "  explain  each reading of the text that was tried: its words, "
	    "as\n"
	    "           what they are known, and the points they add up to\n"
	    "  test     lines of id<TAB>text<TAB>intent; prints those that "
	    "are\n"
	    "           understood otherwise, and fails if there are any\n"
	    "  add      a keyword line for an entry, as `words add ru wages "
	    "'зарплат*'`,\n"
	    "           if all words still load with it; see menus/words.md\n"
	    "\n"
	    "  --content DIR   the folder with topics.csv and lang/; else the\n"
	    "                  share folder's content\n",
	.run = run,
};
