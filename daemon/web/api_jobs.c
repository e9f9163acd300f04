/* api_jobs.c - jobs: begun, how far they are, how they ended. */
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/web/jobs.h"
#include "daemon/web/spawner.h"

enum { KIND_MAX = 24, WHY_MAX = 500 };

/* One that runs. */
struct job {
	LIST_ENTRY(job) link;
	int64_t id, user_id;
	char kind[KIND_MAX];
	int64_t done, total;
	char text[WHY_MAX + 1]; /* last word of it */
	json_t *result;		/* NULL: not yet */
	/* of web_run(): no row; fn NULL: a job */
	struct web_request *q;
	web_run_fn *fn;
	void *arg;
};

static struct job *
job_find(struct web *w, int64_t id)
{
	struct job *j;

	LIST_FOREACH (j, &w->jobs, link)
		if (j->id == id)
			return j;
	return NULL;
}

static void
job_free(struct job *j)
{
	LIST_REMOVE(j, link);
	json_decref(j->result);
	free(j);
}

void
jobs_free(struct web *w)
{
	struct job *j, *next;

	for (j = LIST_FIRST(&w->jobs); j != NULL; j = next) {
		next = LIST_NEXT(j, link);
		job_free(j);
	}
}

static bool
is_text(struct sv v)
{
	json_t *text = json_stringn(v.n > 0 ? v.p : "", v.n);
	bool is = text != NULL;

	json_decref(text);
	return is;
}

void
jobs_text(struct sv said, char *ret_text, size_t size)
{
	size_t i;

	if (said.n >= size) {
		said.n = size - 1;
		/* not within a letter: RFC 3629 section 3 */
		while (said.n > 0 && ((uint8_t)said.p[said.n] & 0xc0) == 0x80)
			said.n--;
	}
	(void)snprintf(ret_text, size, SV_FMT, SV_ARG(said));
	if (is_text(sv_of(ret_text)))
		return;
	for (i = 0; ret_text[i] != '\0'; i++)
		if (((uint8_t)ret_text[i] & 0x80) != 0)
			ret_text[i] = '?';
}

static void
text_take(struct job *j, struct sv text)
{
	jobs_text(text, j->text, sizeof(j->text));
}

/* {"done":N,"total":N,"text":"..."}, {"result":...}, or a sentence of what
 * went wrong. */
static void
line_take(struct job *j, struct sv line)
{
	json_t *said = json_loadb(line.p, line.n, 0, NULL), *one;

	if (!json_is_object(said)) {
		text_take(j, line);
		json_decref(said);
		return;
	}
	one = json_object_get(said, "done");
	if (json_is_integer(one))
		j->done = json_integer_value(one);
	one = json_object_get(said, "total");
	if (json_is_integer(one))
		j->total = json_integer_value(one);
	if (json_is_string(json_object_get(said, "text")))
		text_take(j, web_text(said, "text"));
	one = json_object_get(said, "result");
	if (one != NULL) {
		json_decref(j->result);
		j->result = json_incref(one);
	}
	json_decref(said);
}

static void
job_end(struct web *w, struct job *j, int code)
{
	json_t *all =
	    json_pack("{s:s, s:O?}", "text", j->text, "result", j->result);
	char *text = json_dumps(all, JSON_COMPACT);
	int rc = text == NULL ?
		     -EINVAL :
		     console_job_end(w->console, j->id,
			 code == 0 ? SV("done") : SV("failed"), sv_of(text));

	if (rc < 0 || code != 0)
		log_kv(LOG_WARN, "job_failed", "kind=%s code=%d why=\"%s\"",
		    j->kind, code, rc < 0 ? strerror(-rc) : "the console says");
	free(text);
	json_decref(all);
	job_free(j);
	stores_tick(w);
}

static void
run_end(struct job *j, int code)
{
	struct job ended = *j;

	job_free(j);
	ended.fn(ended.q, ended.arg, code, ended.text);
}

void
jobs_heard(void *arg, int64_t id, struct sv line, int code)
{
	struct web *w = arg;
	struct job *j = job_find(w, id);

	if (j == NULL)
		return;
	if (line.n > 0)
		line_take(j, line);
	else if (j->fn != NULL)
		run_end(j, code);
	else
		job_end(w, j, code);
}

static bool
kind_runs(struct web *w, const char *kind)
{
	struct job *j;

	LIST_FOREACH (j, &w->jobs, link)
		if (strcmp(j->kind, kind) == 0)
			return true;
	return false;
}

int
web_job_start(struct web_request *q, const char *kind, const char *const *argv,
    int64_t *ret_job)
{
	struct web *w = q->web;
	const struct console_job row = { .user_id = q->user->id,
		.began_ms = q->now_ms,
		.kind = sv_of(kind),
		.state = SV("running") };
	struct job *j;
	int64_t id = 0;
	int rc;

	if (kind_runs(w, kind))
		return -EBUSY;
	if (strlen(kind) >= KIND_MAX || !spawner_allows(argv, w->dir))
		return -EINVAL;
	rc = console_job_add(w->console, &row, &id);
	if (rc == 0)
		rc = spawner_ask(w->spawner, id, argv);
	if (rc < 0) {
		if (id != 0)
			(void)!console_job_end(
			    w->console, id, SV("failed"), SV(""));
		return rc == -EAGAIN ? -EBUSY : rc;
	}
	j = calloc(1, sizeof(*j));
	ASSERT(j != NULL);
	j->id = id;
	j->user_id = q->user->id;
	(void)snprintf(j->kind, sizeof(j->kind), "%s", kind);
	LIST_INSERT_HEAD(&w->jobs, j, link);
	*ret_job = id;
	return 0;
}

int
web_run(
    struct web_request *q, const char *const *argv, web_run_fn *fn, void *arg)
{
	struct web *w = q->web;
	struct job *j;
	int64_t id = -1;
	int rc;

	/* below the jobs', whose ids grow from 1 */
	LIST_FOREACH (j, &w->jobs, link)
		if (j->id <= id)
			id = j->id - 1;
	rc = spawner_ask(w->spawner, id, argv);
	if (rc < 0)
		return rc == -EAGAIN ? -EBUSY : rc;
	j = calloc(1, sizeof(*j));
	ASSERT(j != NULL);
	j->id = id;
	j->q = q;
	j->fn = fn;
	j->arg = arg;
	LIST_INSERT_HEAD(&w->jobs, j, link);
	web_later(q);
	return 0;
}

/* A job is its user's, and of administrators. */
static bool
may_see(const struct web_request *q, int64_t user_id)
{
	return user_id == q->user->id || (q->user->roles & ROLE_ADMIN) != 0;
}

struct job_for {
	const struct web_request *q;
	json_t *body; /* NULL: not theirs */
};

/* One that has ended, or was begun by a console that has. */
static void
on_job(void *arg, const struct console_job *job)
{
	struct job_for *f = arg;
	json_t *said = json_loadb(job->result.p, job->result.n, 0, NULL);
	json_t *text = json_object_get(said, "text");
	json_t *result = json_object_get(said, "result");

	if (may_see(f->q, job->user_id))
		f->body = json_pack("{s:I, s:s%, s:s%, s:i, s:i, s:O?, s:O?}",
		    "id", (json_int_t)job->id, "kind", job->kind.p, job->kind.n,
		    "state", job->state.p, job->state.n, "done", 0, "total", 0,
		    "text", text, "result", result);
	json_decref(said);
}

void
api_job(struct web_request *q)
{
	int64_t id = strtoll(q->id.p, NULL, 10);
	const struct job *j = job_find(q->web, id);
	struct job_for f = { .q = q };
	int rc;

	if (j != NULL && may_see(q, j->user_id) && j->fn == NULL) {
		web_json(q, 200,
		    json_pack("{s:I, s:s, s:s, s:I, s:I, s:s, s:n}", "id",
			(json_int_t)id, "kind", j->kind, "state", "running",
			"done", (json_int_t)j->done, "total",
			(json_int_t)j->total, "text", j->text, "result"));
		return;
	}
	rc = console_job_get(q->web->console, id, on_job, &f);
	if (rc == 0 && f.body == NULL)
		rc = -ENOENT;
	if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 200, f.body);
}
