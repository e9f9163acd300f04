/*
 * test_golden.c - every conversation of tests/golden through the loop driver.
 *
 *   from +996555123456   whose phone the next texts come from
 *   > text               what the person writes
 *   wait 60              so many minutes go by
 *   < line               the answer expected; "| line" goes on with it
 *   = ucs2 2             its alphabet and parts
 *
 * GOLDEN=write makes the files anew from what is answered now: read the
 * difference before you commit it.
 */
#include <dirent.h>

#include "tests/flow/kit.h"

enum { LINE_BYTES_MAX = 4096 };

struct golden {
	struct kit *k;
	const char *path;
	FILE *rewrite; /* NULL: compare */
	char from[32];
	char text[LINE_BYTES_MAX]; /* answer expected so far */
	char size[64];		   /* "ucs2 2" expected, or "" */
	bool open;		   /* an answer is expected */
	unsigned line, turns;
};

static void
answer_write(const struct golden *g)
{
	const struct kit_answer *a = kit_last(g->k);
	const char *p = a->text;
	size_t n;

	for (;; p += n + 1) {
		n = strcspn(p, "\n");
		fprintf(g->rewrite, "%c %.*s\n", p == a->text ? '<' : '|',
		    (int)n, p);
		if (p[n] == '\0')
			break;
	}
	fprintf(g->rewrite, "= %s %u\n", a->gsm7 ? "gsm7" : "ucs2", a->parts);
}

/* Compare what is expected with the last answer. */
static void
answer_check(struct golden *g)
{
	const struct kit_answer *a = kit_last(g->k);
	char name[LINE_BYTES_MAX], size[64];

	if (!g->open)
		return;
	g->open = false;
	g->turns++;
	if (g->rewrite != NULL) {
		answer_write(g);
		return;
	}
	(void)snprintf(
	    size, sizeof(size), "%s %u", a->gsm7 ? "gsm7" : "ucs2", a->parts);
	if (strcmp(a->text, g->text) == 0 && strcmp(a->to, g->from) == 0 &&
	    (g->size[0] == '\0' || strcmp(size, g->size) == 0))
		return;
	(void)snprintf(name, sizeof(name), "%s, the answer before line %u",
	    g->path, g->line);
	OK(false, name);
	printf("# want (%s): %s\n# got (%s): %s\n", g->size, g->text, size,
	    a->text);
}

static void
text_say(struct golden *g, const char *text)
{
	struct kit *k = g->k;
	size_t before;

	if (k->count > KIT_ANSWERS_MAX / 2)
		k->count = 0;
	before = k->count;
	if (kit_say(k, g->from, text) != 0 || k->count != before + 1)
		OK(false, "acknowledged, one answer");
	kit_wait(k, 30000);
	g->text[0] = g->size[0] = '\0';
	g->open = true;
}

static void
line_take(struct golden *g, const char *line)
{
	const char *rest = line[0] != '\0' && line[1] == ' ' ? line + 2 : "";
	size_t n = strlen(g->text);

	g->line++;
	switch (line[0]) {
	case '<':
	case '|':
		(void)snprintf(g->text + n, sizeof(g->text) - n, "%s%s",
		    line[0] == '<' ? "" : "\n", rest);
		return;
	case '=':
		(void)snprintf(g->size, sizeof(g->size), "%.63s", rest);
		return;
	default:
		break;
	}
	answer_check(g);
	if (g->rewrite != NULL)
		fprintf(g->rewrite, "%s\n", line);
	if (line[0] == '>')
		text_say(g, rest);
	else if (strncmp(line, "wait ", 5) == 0)
		kit_wait(g->k, strtol(line + 5, NULL, 10) * 60 * 1000);
	else if (strncmp(line, "from ", 5) == 0)
		(void)snprintf(g->from, sizeof(g->from), "%.31s", line + 5);
}

static void
file_play(struct kit *k, const char *path)
{
	const char *mode = getenv("GOLDEN");
	struct golden g = { .k = k, .path = path };
	char line[LINE_BYTES_MAX], fresh[1024];
	FILE *f = fopen(path, "re");
	int bad = tap_bad;

	ASSERT(f != NULL);
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (mode != NULL && strcmp(mode, "write") == 0)
		g.rewrite = fopen(fresh, "we");
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		line_take(&g, line);
	}
	answer_check(&g);
	(void)fclose(f);
	if (g.rewrite != NULL)
		ASSERT(fclose(g.rewrite) == 0 && rename(fresh, path) == 0);
	OK(g.turns > 0 && tap_bad == bad, path);
}

static int
is_golden(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && strcmp(d->d_name + n - 4, ".txt") == 0;
}

int
main(int argc, char **argv)
{
	struct kit *k = calloc(1, sizeof(*k));
	struct dirent **list = NULL;
	char path[512];
	int i, n;

	(void)argc;
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	n = scandir("tests/golden", &list, is_golden, alphasort);
	OK(n > 0, "there are conversations");
	for (i = 0; i < n; i++) {
		(void)snprintf(
		    path, sizeof(path), "tests/golden/%s", list[i]->d_name);
		file_play(k, path);
		free(list[i]);
	}
	free(list);
	kit_end(k);
	free(k);
	return tap_done();
}
