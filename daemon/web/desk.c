/* desk.c - what the handlers of the directory share. */
#include "daemon/web/desk.h"

#include <stdlib.h>

#include "content/hours.h"
#include "content/listing_row.h"
#include "daemon/phone/phone.h"
#include "daemon/web/inner.h"
#include "daemon/web/reporting.h"
#include "db/directory_json.h"
#include "db/reports.h"
#include "menus/check.h"
#include "menus/preview.h"
#include "menus/render.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000,
	MISSING_DAYS = 30,
	MISSING_MAX = 50,
};

/* Made when first needed, of one edition. */
struct desk {
	struct phones *phones;
	struct preview *preview;
	const struct edition *edition; /* of the preview */
	int64_t number;
};

void
desk_free(struct desk **dp)
{
	if (*dp == NULL)
		return;
	phones_free(&(*dp)->phones);
	preview_free(&(*dp)->preview);
	free(*dp);
	*dp = NULL;
}

static struct desk *
desk_of(struct web_request *q)
{
	struct web *w = q->web;

	if (w->desk == NULL) {
		w->desk = calloc(1, sizeof(*w->desk));
		ASSERT(w->desk != NULL);
		w->desk->phones = phones_new();
	}
	return w->desk;
}

bool
desk_known(struct web_request *q, struct listing_known *ret_known)
{
	const struct edition *e = web_edition(q->web);

	if (e == NULL) {
		web_error(q, 409, "nothing_published", NULL);
		return false;
	}
	ret_known->content = &e->content;
	ret_known->phones = desk_of(q)->phones;
	return true;
}

/* The words that a locked phone must not show, of the published edition. */
static const struct preview *
hidden_words(struct web_request *q)
{
	const struct edition *e = web_edition(q->web);
	struct desk *d = desk_of(q);

	if (d->preview != NULL && (d->edition != e || d->number != e->number))
		preview_free(&d->preview);
	if (d->preview == NULL)
		d->preview = preview_new(&e->content, e->latin);
	d->edition = e;
	d->number = e->number;
	return d->preview;
}

static bool
has(struct sv list, struct sv member)
{
	struct sv one;

	while (list.n > 0) {
		one = sv_cut(&list, ';');
		if (one.n > 0 && sv_eq(one, member))
			return true;
	}
	return false;
}

bool
desk_in_scope(const struct web_request *q, struct sv id, struct sv topics,
    struct sv country)
{
	const struct web_scope *s = &q->user->scope;
	bool topic = s->topics.n == 0;

	while (!topic && topics.n > 0)
		topic = has(s->topics, sv_cut(&topics, ';'));
	return topic && (s->orgs.n == 0 || has(s->orgs, id)) &&
	       (s->countries.n == 0 || has(s->countries, country));
}

bool
desk_may(struct web_request *q, const struct directory_row *row)
{
	if (desk_in_scope(q, row->id, row->topics, row->country))
		return true;
	web_error(q, 403, "scope", NULL);
	return false;
}

bool
desk_has_all(struct web_request *q)
{
	const struct web_scope *s = &q->user->scope;

	if (s->orgs.n == 0 && s->topics.n == 0 && s->countries.n == 0)
		return true;
	web_error(q, 403, "scope", NULL);
	return false;
}

bool
desk_only_reviews(const struct web_request *q)
{
	return (q->user->roles &
		   (ROLE_ADMIN | ROLE_OPERATOR | ROLE_APPROVER)) == 0;
}

bool
desk_is_shown(const struct web_request *q, struct sv id, struct sv visibility)
{
	return !desk_only_reviews(q) ||
	       sv_eq(visibility, SV("callers-after-check")) ||
	       has(q->user->scope.orgs, id);
}

struct draft_by
desk_draft_by(const struct web_request *q)
{
	return (struct draft_by){ q->user->name, q->user->id, q->now_ms };
}

int
desk_begin(struct web_request *q)
{
	return directory_begin(web_directory(q->web));
}

int
desk_end(struct web_request *q, int rc, const char *action, struct sv what)
{
	struct directory *d = web_directory(q->web);

	if (rc == 0 && action != NULL)
		rc = web_audit(q, action, what);
	if (rc < 0) {
		directory_rollback(d);
		return rc;
	}
	rc = directory_commit(d);
	if (rc < 0 && action != NULL)
		(void)!web_audit(q, "not done:", sv_of(action));
	return rc;
}

struct getting {
	char *text;
	int64_t version;
};

static void
on_row(void *arg, const struct directory_row *row, int64_t version)
{
	struct getting *g = arg;

	g->text = directory_row_text(row);
	g->version = version;
}

int
desk_row_get(struct web_request *q, struct sv id, struct desk_row *ret_row)
{
	struct getting g = { .text = NULL };
	int rc = directory_get(web_directory(q->web), id, on_row, &g);

	if (rc == 0)
		rc = directory_row_parse(
		    sv_of(g.text), &ret_row->owner, &ret_row->row);
	if (rc == 0)
		ret_row->version = g.version;
	free(g.text);
	return rc;
}

json_t *
desk_draft_json(const struct draft *draft)
{
	struct directory_row row = { 0 };
	json_t *owner = NULL, *all;

	(void)!directory_row_parse(sv_of(draft->body), &owner, &row);
	all = json_pack("{s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:s, s:I, s:s, "
			"s:o}",
	    "id", draft->listing, "version", (json_int_t)draft->version,
	    "base_version", (json_int_t)draft->base_version, "state",
	    draft->submitted ? "submitted" : "draft", "who", draft->who,
	    "who_id", (json_int_t)draft->who_id, "at_ms",
	    (json_int_t)draft->at_ms, "submitter", draft->submitter,
	    "submitter_id", (json_int_t)draft->submitter_id, "why", draft->why,
	    "listing", listing_json(&row));
	json_decref(owner);
	return all;
}

json_t *
desk_present(struct web_request *q, struct sv id)
{
	CLEANUP(draft_free) struct draft *draft = NULL;
	struct desk_row there = { .version = 0 };
	json_t *all = json_object();

	(void)!desk_row_get(q, id, &there);
	(void)!draft_get(web_directory(q->web), id, &draft);
	(void)json_object_set_new(all, "id", json_stringn(id.p, id.n));
	(void)json_object_set_new(all, "version", json_integer(there.version));
	(void)json_object_set_new(all, "listing",
	    there.version > 0 ? listing_json(&there.row) : json_null());
	(void)json_object_set_new(
	    all, "draft", draft != NULL ? desk_draft_json(draft) : json_null());
	json_decref(there.owner);
	return all;
}

int
desk_listing(const struct directory_row *row, const struct listing_known *known,
    struct listing *ret_listing)
{
	const struct listing_rules rules = { known->content->topics,
		known->content->places, known->phones };
	struct diag why;

	return listing_row_read(row, &rules, ret_listing, &why);
}

json_t *
desk_missing(struct web_request *q)
{
	static const struct report_scope all;
	const int64_t today = q->now_ms / DAY_MS;
	struct report_query query = { .from = today - MISSING_DAYS + 1,
		.to = today,
		.today = today,
		.where[REPORT_OUTCOME] = SV("no_listing") };
	struct report_missing *rows = NULL;
	json_t *list = json_array();
	size_t i, count = 0;

	/* partners are told of no single spots; without counts nothing is
	 * known to be missing */
	if (reporting_scope(q).partner || web_hotline(q->web) == NULL ||
	    reports_missing(
		web_hotline(q->web), &all, &query, q->arena, &rows, &count) < 0)
		return list;
	for (i = 0; i < count && i < MISSING_MAX; i++)
		(void)json_array_append_new(list,
		    json_pack("{s:s%, s:s%, s:s%, s:I}", "topic",
			rows[i].topic.p, rows[i].topic.n, "country",
			rows[i].country.p, rows[i].country.n, "place",
			rows[i].place.n > 0 ? rows[i].place.p : "",
			rows[i].place.n, "count", (json_int_t)rows[i].count));
	return list;
}

/* Where each language's name stands in the pages' listing. */
static const char *const name_fields[LANG_COUNT] = {
	[LANG_RU] = "name_ru",
	[LANG_KY] = "names.ky",
	[LANG_TG] = "names.tg",
	[LANG_UZ] = "names.uz",
	[LANG_UZ_CYRL] = "names.uz@cyrillic",
	[LANG_KK] = "names.kk",
	[LANG_EN] = "name_en",
};

json_t *
desk_warnings(struct web_request *q, const struct directory_row *row,
    const struct listing_known *known)
{
	struct renderer r = { .e = web_edition(q->web), .arena = q->arena };
	json_t *all = json_object();
	struct listing l;
	struct hours hours;
	struct sv word;
	int lang;

	if (row->hours.n > 0 && hours_read(row->hours, &hours) < 0)
		(void)json_object_set_new(
		    all, "hours", json_string("not_spoken"));
	if (desk_listing(row, known, &l) < 0 || !l.for_callers)
		return all;
	for (lang = 0; lang < LANG_COUNT; lang++) {
		r.lang = (enum lang)lang;
		if (l.names[lang].n > 0 &&
		    check_name_shows(&r, hidden_words(q), &l, &word))
			(void)json_object_set_new(all, name_fields[lang],
			    json_string("not_discreet"));
	}
	return all;
}
