/* api_editions.c - what callers get now and got before; publishing. */
#include <stdio.h>

#include "content/publish.h"
#include "daemon/web/desk.h"
#include "db/directory.h"
#include "db/words.h"

enum { ROWS_MAX = 50, NOTE_MAX = 400, NUMBER_MAX = 9 /* digits */ };

struct rows {
	json_t *all;
	int64_t change, at_ms; /* of the current one */
};

static bool
on_edition(void *arg, const struct directory_edition *e)
{
	struct rows *r = arg;

	if (json_array_size(r->all) == 0) {
		r->change = e->change;
		r->at_ms = e->at_ms;
	}
	(void)json_array_append_new(
	    r->all, json_pack("{s:I, s:I, s:I, s:s%, s:s%}", "number",
			(json_int_t)e->number, "at_ms", (json_int_t)e->at_ms,
			"listings", (json_int_t)e->listings, "note",
			e->note.n > 0 ? e->note.p : "", e->note.n, "who",
			e->who.n > 0 ? e->who.p : "", e->who.n));
	return json_array_size(r->all) < ROWS_MAX;
}

static void
on_file(void *arg, const char *name)
{
	(void)json_array_append_new(arg, json_string(name));
}

struct words_new {
	int64_t since_ms;
	json_t *files;
};

/* Its language has words that were approved since: in order of language. */
static bool
on_taught(void *arg, const struct word *word)
{
	const struct words_new *n = arg;
	size_t count = json_array_size(n->files);
	char name[64];
	const char *last =
	    json_string_value(json_array_get(n->files, count - 1));

	(void)snprintf(name, sizeof(name), "content/lang/" SV_FMT ".taught.po",
	    SV_ARG(word->lang));
	if (word->decided_ms > n->since_ms &&
	    (count == 0 || strcmp(last, name) != 0))
		(void)json_array_append_new(n->files, json_string(name));
	return true;
}

void
api_editions(struct web_request *q)
{
	struct directory *dir = web_directory(q->web);
	struct rows r = { .all = json_array() };
	json_t *files = json_array();
	int64_t current = 0, changed = 0;
	int rc = directory_editions_each(dir, on_edition, &r);

	if (rc == 0)
		rc = directory_edition_now(dir, &current);
	if (rc == 0)
		rc = directory_changed_since(dir, r.change, &changed);
	if (rc == 0 || rc == -ENOENT) {
		struct words_new words = { r.at_ms, files };

		if (current > 0)
			(void)!content_unpublished(web_dir(q->web), current,
			    web_share(q->web), on_file, files);
		(void)!words_each(dir, true, on_taught, &words);
		web_json(q, 200,
		    json_pack("{s:I, s:o, s:{s:I, s:o}}", "current",
			(json_int_t)current, "rows", r.all, "unpublished",
			"listings", (json_int_t)changed, "files", files));
		return;
	}
	json_decref(r.all);
	json_decref(files);
	web_failed(q, rc);
}

static bool
on_number(void *arg, const struct directory_edition *e)
{
	int64_t *wanted = arg;

	if (e->number == *wanted)
		*wanted = 0;
	return *wanted != 0;
}

static bool
is_edition(struct web_request *q, int64_t number)
{
	return directory_editions_each(
		   web_directory(q->web), on_number, &number) == 0 &&
	       number == 0;
}

/* again: an older edition, or NULL */
static void
start(struct web_request *q, const char *note, const char *again)
{
	const char *argv[9] = { "publish", "--progress", "--who" };
	size_t n = 3;
	int64_t job = 0;
	int rc;

	argv[n++] = arena_dup(q->arena, q->user->name.p, q->user->name.n);
	if (note[0] != '\0') {
		argv[n++] = "--note";
		argv[n++] = note;
	}
	if (again != NULL) {
		argv[n++] = "--edition";
		argv[n++] = again;
	}
	rc = web_audit(q, again != NULL ? "published again" : "published",
	    again != NULL ? q->id : SV("next"));
	if (rc == 0)
		rc = web_job_start(q, "publish", argv, &job);
	if (rc == -EBUSY)
		web_error(q, 409, "publishing", NULL);
	else if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 202, json_pack("{s:I}", "job", (json_int_t)job));
}

/* Why, in a line, NUL terminated; false: replied. */
static bool
note_read(struct web_request *q, const char **ret_note)
{
	struct sv note = web_text(q->json, "note");
	char *text;
	size_t i;

	/* it shall not look like an option */
	while (note.n > 0 && (*note.p == '-' || *note.p == ' '))
		note = (struct sv){ note.p + 1, note.n - 1 };
	if (note.n > NOTE_MAX ||
	    memchr(note.p != NULL ? note.p : "", '\0', note.n) != NULL) {
		web_error(q, 422, "invalid",
		    json_pack("{s:{s:s}}", "fields", "note", "too_long"));
		return false;
	}
	text = arena_dup(q->arena, note.n > 0 ? note.p : "", note.n);
	for (i = 0; i < note.n; i++)
		if ((unsigned char)text[i] < ' ')
			text[i] = ' ';
	*ret_note = text;
	return true;
}

void
api_edition_new(struct web_request *q)
{
	const char *note;

	if (desk_has_all(q) && note_read(q, &note))
		start(q, note, NULL);
}

void
api_edition_again(struct web_request *q)
{
	const char *note;
	int64_t number = 0;
	size_t i;

	if (!desk_has_all(q))
		return;
	for (i = 0; i < q->id.n && i < NUMBER_MAX; i++) {
		if (q->id.p[i] < '0' || q->id.p[i] > '9')
			break;
		number = number * 10 + (q->id.p[i] - '0');
	}
	if (i < q->id.n || number == 0 || !is_edition(q, number))
		web_failed(q, -ENOENT);
	else if (note_read(q, &note))
		start(q, note, arena_dup(q->arena, q->id.p, q->id.n));
}
