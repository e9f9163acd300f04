/* api_words.c - words that people should be understood by: thought of by one,
 * approved by another, in the next edition. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "content/taught.h"
#include "daemon/core/conf.h"
#include "daemon/web/desk.h"
#include "daemon/web/reporting.h"
#include "db/words.h"
#include "menus/edition.h"

enum { ID_TEXT = 24 };

struct listing_words {
	int64_t only; /* of this user; 0: all */
	json_t *rows;
};

static bool
on_word(void *arg, const struct word *w)
{
	struct listing_words *l = arg;

	if (l->only != 0 && l->only != w->who_id)
		return true;
	(void)json_array_append_new(l->rows,
	    json_pack("{s:I, s:s%, s:s%, s:s%, s:s%, s:s%, s:I, s:s%, s:I}",
		"id", (json_int_t)w->id, "word", w->word.p, w->word.n, "topic",
		w->topic.p, w->topic.n, "lang", w->lang.p, w->lang.n, "state",
		w->state.p, w->state.n, "who", w->who.p, w->who.n, "at_ms",
		(json_int_t)w->at_ms, "decider", w->decider.p, w->decider.n,
		"decided_ms", (json_int_t)w->decided_ms));
	return true;
}

/* Partners see their own: a word may be out of a text. */
void
api_words(struct web_request *q)
{
	struct listing_words l = {
		.only = reporting_scope(q).partner ? q->user->id : 0
	};
	int rc;

	l.rows = json_array();
	rc = words_each(web_directory(q->web), false, on_word, &l);
	if (rc == 0) {
		web_json(q, 200, l.rows);
	} else {
		json_decref(l.rows);
		web_failed(q, rc);
	}
}

static void
wrong(
    struct web_request *q, const char *field, const char *why, struct sv means)
{
	json_t *detail = json_pack("{s:{s:s}}", "fields", field, why);

	if (means.n > 0)
		(void)json_object_set_new(
		    detail, "means", json_stringn(means.p, means.n));
	web_error(q, 422, "invalid", detail);
}

/* The word without its star, as somebody would write it. */
static struct sv
as_written(struct sv word, struct arena *a)
{
	char *text = arena_dup(a, word.p, word.n);
	size_t i, n = 0;

	for (i = 0; i < word.n; i++)
		if (word.p[i] != '*')
			text[n++] = word.p[i];
	return (struct sv){ text, n };
}

/* What people who write it get now.  False, and replied: that very topic, or
 * something else. */
static bool
is_free(struct web_request *q, struct sv word, struct sv topic)
{
	const struct edition *e = web_edition(q->web);
	const char *means = NULL;
	struct match m = { 0 };

	match_text(e->matcher, as_written(word, q->arena), &m);
	switch (m.kind) {
	case MATCH_TOPIC:
		means = topics_at(e->content.topics, m.topic)->id;
		break;
	case MATCH_COMMAND:
		means = "command";
		break;
	case MATCH_PLACE:
		means = "place";
		break;
	case MATCH_NUMBER:
	case MATCH_NONE:
		break;
	}
	if (means == NULL)
		return true;
	wrong(q, "word",
	    sv_eq(topic, sv_of(means)) ? "word_known" : "word_taken",
	    sv_of(means));
	return false;
}

static bool
in_scope(const struct web_user *u, struct sv topic)
{
	struct sv list = u->scope.topics;

	if (list.n == 0)
		return true;
	while (list.n > 0)
		if (sv_eq(sv_cut(&list, ';'), topic))
			return true;
	return false;
}

/* False: replied. */
static bool
word_read(struct web_request *q, struct word *w)
{
	const struct edition *e = web_edition(q->web);

	*w = (struct word){
		.lang = web_text(q->json, "lang"),
		.topic = web_text(q->json, "topic"),
		.word = web_text(q->json, "word"),
		.who = q->user->name,
		.who_id = q->user->id,
		.at_ms = q->now_ms,
	};
	if (e == NULL)
		web_error(q, 409, "nothing_published", NULL);
	else if (lang_of(w->lang) == LANG_NONE)
		wrong(q, "lang", "invalid", SV(""));
	else if (topics_find(e->content.topics, w->topic) == TOPIC_NONE)
		wrong(q, "topic", "unknown", SV(""));
	else if (!taught_word_is_plain(w->word))
		wrong(q, "word", "invalid", SV(""));
	else if (!in_scope(q->user, w->topic))
		web_error(q, 403, "scope", NULL);
	else
		return is_free(q, w->word, w->topic);
	return false;
}

static int
noted(struct web_request *q, int rc, const char *action, int64_t id)
{
	char text[ID_TEXT];

	(void)snprintf(text, sizeof(text), "%" PRId64, id);
	return desk_end(q, rc, action, sv_of(text));
}

void
api_words_teach(struct web_request *q)
{
	struct word w;
	int64_t id = 0;
	int rc;

	if (!word_read(q, &w))
		return;
	rc = desk_begin(q);
	if (rc == 0) {
		rc = word_put(web_directory(q->web), &w, &id);
		rc = noted(q, rc, "taught word", id);
	}
	if (rc == -EEXIST)
		wrong(q, "word", "word_taken", SV(""));
	else if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 201, json_pack("{s:I}", "id", (json_int_t)id));
}

/* Whose word it is, and of what. */
struct judged {
	struct arena *arena;
	int64_t who_id;
	struct sv word, topic, state;
};

static void
on_judged(void *arg, const struct word *w)
{
	struct judged *j = arg;

	j->who_id = w->who_id;
	j->word =
	    (struct sv){ arena_dup(j->arena, w->word.p, w->word.n), w->word.n };
	j->topic = (struct sv){ arena_dup(j->arena, w->topic.p, w->topic.n),
		w->topic.n };
	j->state = (struct sv){ arena_dup(j->arena, w->state.p, w->state.n),
		w->state.n };
}

/* False: replied. */
static bool
may_decide(struct web_request *q, int64_t id, bool approve)
{
	struct judged j = { .arena = q->arena };
	int rc = word_get(web_directory(q->web), id, on_judged, &j);

	if (rc < 0)
		web_failed(q, rc);
	else if (!in_scope(q->user, j.topic) ||
		 (reporting_scope(q).partner && j.who_id != q->user->id))
		web_error(q, 403, "scope", NULL);
	else if (approve && web_conf(q->web)->console.approval &&
		 j.who_id == q->user->id)
		web_error(q, 403, "same_person", NULL);
	else if (approve && web_edition(q->web) == NULL)
		web_error(q, 409, "nothing_published", NULL);
	else
		return !approve || is_free(q, j.word, j.topic);
	return false;
}

static void
decide(struct web_request *q, bool approve)
{
	char text[ID_TEXT];
	int64_t id;
	int rc;

	(void)snprintf(text, sizeof(text), SV_FMT, SV_ARG(q->id));
	id = strtoll(text, NULL, 10);
	if (!may_decide(q, id, approve))
		return;
	rc = desk_begin(q);
	if (rc == 0) {
		rc = word_decide(web_directory(q->web), id, approve,
		    q->user->name, q->now_ms);
		rc = noted(
		    q, rc, approve ? "approved word" : "rejected word", id);
	}
	if (rc == -EALREADY)
		web_error(q, 409, "already", NULL);
	else if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 200, json_object());
}

void
api_words_approve(struct web_request *q)
{
	decide(q, true);
}

void
api_words_reject(struct web_request *q)
{
	decide(q, false);
}
