/*
 * test_golden.c - every conversation of tests/golden through the loop driver.
 *
 *   from +996555123456   whose phone the next texts come from
 *   > text               what the person writes
 *   wait 60              so many minutes go by
 *   at 15:00             the next time that it is so late, in UTC
 *   restart              safard ends and starts again
 *   ! list               what an operator does with who asked to be called:
 *                        list, or number, message, done with the newest
 *   : line               what the operator sees
 *   < line               the answer expected, or a text that is sent unasked,
 *                        behind "wait" or "!"; "| line" goes on with it
 *   = ucs2 2             its alphabet and parts
 *
 * In files consent-* somebody calls people back; in the others nobody does.
 *
 * GOLDEN=write makes the files anew from what is answered now: read the
 * difference before you commit it.
 */
#include <dirent.h>
#include <jansson.h>

#include "tests/flow/kit.h"

enum { LINE_BYTES_MAX = 4096 };

struct golden {
	struct kit *k;
	const char *path;
	FILE *rewrite; /* NULL: compare */
	char from[32];
	char text[LINE_BYTES_MAX]; /* answer expected so far */
	char size[64];		   /* "ucs2 2" expected, or "" */
	char seen[LINE_BYTES_MAX]; /* what the operator saw: lines ": ..." */
	char want[LINE_BYTES_MAX]; /* and should have seen */
	bool open;		   /* an answer is expected */
	unsigned line, turns;
};

enum { LIST_BYTES = 8192 };

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
failed(
    const struct golden *g, const char *what, const char *want, const char *got)
{
	char name[512];

	(void)snprintf(name, sizeof(name), "%s:%u: %s", g->path, g->line, what);
	OK(false, name);
	printf("# want: %s\n# got: %s\n", want, got);
}

static void
operator_check(struct golden *g)
{
	if (g->rewrite != NULL)
		fputs(g->seen, g->rewrite);
	else if (strcmp(g->seen, g->want) != 0)
		failed(g, "what the operator sees", g->want, g->seen);
	g->seen[0] = g->want[0] = '\0';
}

PRINTF(2, 3)
static void
saw(struct golden *g, const char *fmt, ...)
{
	size_t n = strlen(g->seen);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(g->seen + n, sizeof(g->seen) - n, fmt, ap);
	va_end(ap);
}

static const char *
field(const json_t *call, const char *name)
{
	return json_string_value(json_object_get(call, name));
}

/* All that is open; show: say so.  Returns the id of the newest. */
static int64_t
calls_look(struct golden *g, bool show)
{
	char buf[LIST_BYTES];
	int64_t id = 0;
	const json_t *call;
	json_t *all;
	struct sb b;
	size_t i;

	sb_wrap(&b, buf, sizeof(buf));
	EQ(hotline_callback(g->k->h, SV("list"), 0, SV("ann"), &b), 0, "list");
	all = json_loads(b.p, 0, NULL);
	ASSERT(all != NULL);
	json_array_foreach(json_object_get(all, "calls"), i, call)
	{
		if (strcmp(field(call, "state"), "done") == 0)
			continue;
		id = json_integer_value(json_object_get(call, "id"));
		if (show)
			saw(g, ": %s, %s UTC%+d, %s, %s, %s\n",
			    field(call, "lang"), field(call, "hours"),
			    (int)json_integer_value(
				json_object_get(call, "utc_min")) /
				60,
			    field(call, "topic"), field(call, "place"),
			    field(call, "state"));
	}
	json_decref(all);
	return id;
}

/* What an operator does with the newest request. */
static void
operator_act(struct golden *g, const char *act)
{
	char buf[LIST_BYTES];
	struct sb b;
	int rc;

	if (strcmp(act, "list") == 0) {
		(void)calls_look(g, true);
		if (g->seen[0] == '\0')
			saw(g, ": nobody\n");
		return;
	}
	sb_wrap(&b, buf, sizeof(buf));
	rc = hotline_callback(
	    g->k->h, sv_of(act), calls_look(g, false), SV("ann"), &b);
	saw(g, ": %s\n", rc == 0 ? b.p : strerror(-rc));
	kit_wait(g->k, 1000);
}

static void
restart(struct golden *g)
{
	kit_stop(g->k);
	EQ(kit_start(g->k), 0, "restart");
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

/* Milliseconds to the next "HH:MM" in UTC. */
static int64_t
until(const char *time)
{
	int64_t day_ms = INT64_C(24) * 3600 * 1000, at_ms;

	at_ms = (strtol(time, NULL, 10) * 60 + strtol(time + 3, NULL, 10)) *
		60 * 1000;
	return (at_ms - clock_ms() % day_ms + day_ms) % day_ms;
}

/* Something else than a text; what it makes be sent is expected. */
static void
unasked(struct golden *g, const char *line, const char *rest)
{
	size_t before = g->k->count;

	if (line[0] == '!')
		operator_act(g, rest);
	else if (strncmp(line, "wait ", 5) == 0)
		kit_wait(g->k, strtol(line + 5, NULL, 10) * 60 * 1000);
	else if (strncmp(line, "at ", 3) == 0)
		kit_wait(g->k, until(line + 3));
	else if (strcmp(line, "restart") == 0)
		restart(g);
	if (g->k->count == before)
		return;
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
	case ':':
		n = strlen(g->want);
		(void)snprintf(g->want + n, sizeof(g->want) - n, "%s\n", line);
		return;
	case '<':
	case '|':
		if (!g->open && g->rewrite == NULL)
			failed(g, "nothing was sent", rest, "");
		(void)snprintf(g->text + n, sizeof(g->text) - n, "%s%s",
		    line[0] == '<' ? "" : "\n", rest);
		return;
	case '=':
		(void)snprintf(g->size, sizeof(g->size), "%.63s", rest);
		return;
	default:
		break;
	}
	operator_check(g);
	answer_check(g);
	if (g->rewrite != NULL)
		fprintf(g->rewrite, "%s\n", line);
	if (line[0] == '>')
		text_say(g, rest);
	else if (strncmp(line, "from ", 5) == 0)
		(void)snprintf(g->from, sizeof(g->from), "%.31s", line + 5);
	else
		unasked(g, line, rest);
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
	operator_check(&g);
	answer_check(&g);
	(void)fclose(f);
	if (g.rewrite != NULL)
		ASSERT(fclose(g.rewrite) == 0 && rename(fresh, path) == 0);
	OK(g.turns > 0 && tap_bad == bad, path);
}

/* Somebody calls people back from now on, or nobody. */
static void
calls_set(struct kit *k, bool on)
{
	static const char none[] = "number: \"\"",
			  some[] = "number: \"+996312000000\"";

	kit_stop(k);
	kit_set(k, on ? none : some, on ? some : none);
	EQ(kit_start(k), 0, on ? "people are called" : "nobody is called");
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
	bool on = false;
	int i, n;

	(void)argc;
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	n = scandir("tests/golden", &list, is_golden, alphasort);
	OK(n > 0, "there are conversations");
	for (i = 0; i < n; i++) {
		bool calls = strncmp(list[i]->d_name, "consent-", 8) == 0;

		if (calls != on)
			calls_set(k, calls);
		on = calls;
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
