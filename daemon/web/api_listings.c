/* api_listings.c - listings: found, shown, checked, their history. */
#include <inttypes.h>
#include <stdlib.h>

#include "content/content.h"
#include "daemon/base/sb.h"
#include "daemon/core/conf.h"
#include "daemon/web/desk.h"
#include "db/directory_find.h"
#include "db/directory_json.h"
#include "menus/edition.h"

enum {
	PAGE = 25,
	PAGE_MAX = 200,
	QUERY_MAX = 200, /* bytes of what is looked for */
	HISTORY_MAX = 100,
	CHECKS_MAX = 20,
	DUE_MAX = 100,
	DUE_DAYS = 180, /* where the settings have no days */
	DAY_MS = 24 * 60 * 60 * 1000,
};

static json_t *
sv_json(struct sv v)
{
	json_t *text = json_stringn(v.n > 0 ? v.p : "", v.n);

	return text != NULL ? text : json_string("");
}

/* ";a;b;" */
static json_t *
fenced_json(struct sv list)
{
	json_t *all = json_array();
	struct sv one;

	while (list.n > 0) {
		one = sv_cut(&list, ';');
		if (one.n > 0)
			(void)json_array_append_new(all, sv_json(one));
	}
	return all;
}

static json_t *
names_json(struct sv names)
{
	json_t *all =
	    json_loadb(names.n > 0 ? names.p : "{}", names.n, 0, NULL);

	return all != NULL ? all : json_object();
}

/* --- search --- */

static json_t *
found_json(const struct directory_found *f)
{
	json_t *all = json_object();

	(void)json_object_set_new(all, "id", sv_json(f->id));
	(void)json_object_set_new(all, "name", names_json(f->names));
	(void)json_object_set_new(all, "org", sv_json(f->id));
	(void)json_object_set_new(all, "country", sv_json(f->country));
	(void)json_object_set_new(all, "places", fenced_json(f->places));
	(void)json_object_set_new(all, "topics", fenced_json(f->topics));
	(void)json_object_set_new(all, "kind", sv_json(f->kind));
	(void)json_object_set_new(all, "visibility", sv_json(f->visibility));
	(void)json_object_set_new(all, "status", sv_json(f->status));
	(void)json_object_set_new(
	    all, "checked_ms", json_integer(f->checked_ms));
	(void)json_object_set_new(
	    all, "changed_ms", json_integer(f->changed_ms));
	(void)json_object_set_new(all, "version", json_integer(f->version));
	(void)json_object_set_new(all, "draft",
	    f->draft.n == 0 ?
		json_null() :
		json_pack("{s:o, s:o, s:I}", "state", sv_json(f->draft), "who",
		    sv_json(f->draft_who), "at_ms",
		    (json_int_t)f->draft_at_ms));
	return all;
}

static void
on_found(void *arg, const struct directory_found *row)
{
	(void)json_array_append_new(arg, found_json(row));
}

struct fitting {
	const struct web_request *q;
	const struct places *places;
	uint16_t place; /* PLACE_NONE: any */
	struct sv country;
};

/* Helps there, or somewhere in it; without places: in its whole country. */
static bool
helps_in(const struct fitting *f, const struct directory_found *row)
{
	struct sv rest = row->places.n > 0 ? row->places : row->country, one;
	uint16_t at;

	while (rest.n > 0) {
		one = sv_cut(&rest, ';');
		at = one.n > 0 ? places_find(f->places, one) : PLACE_NONE;
		if (at != PLACE_NONE &&
		    (places_within(f->places, at, f->place) ||
			places_within(f->places, f->place, at)))
			return true;
	}
	return false;
}

static bool
fits(void *arg, const struct directory_found *row)
{
	const struct fitting *f = arg;

	if (f->country.n > 0 && !sv_eq(f->country, row->country))
		return false;
	if (f->place != PLACE_NONE && !helps_in(f, row))
		return false;
	return !desk_only_reviews(f->q) ||
	       (desk_is_shown(f->q, row->id, row->visibility) &&
		   desk_in_scope(f->q, row->id, row->topics, row->country));
}

/* A check of before then is due again. */
static int64_t
due_before(const struct web_request *q)
{
	int64_t days = web_conf(q->web)->directory.require_verified_days;

	return q->now_ms - (days > 0 ? days : DUE_DAYS) * DAY_MS;
}

static bool
age_read(const struct web_request *q, struct directory_find *find)
{
	struct sv age = web_text(q->json, "age");

	if (sv_eq(age, SV("never")))
		find->checked_until_ms = -1;
	else if (sv_eq(age, SV("due")))
		find->checked_until_ms = due_before(q) - 1;
	else if (sv_eq(age, SV("fresh")))
		find->checked_from_ms = due_before(q);
	else
		return age.n == 0;
	return true;
}

static bool
state_read(const struct web_request *q, struct directory_find *find)
{
	struct sv state = web_text(q->json, "state");

	if (sv_eq(state, SV("draft")) || sv_eq(state, SV("submitted")))
		find->draft = state;
	else if (state.n == 0 || sv_eq(state, SV("active")) ||
		 sv_eq(state, SV("inactive")) || sv_eq(state, SV("new")))
		find->status = state;
	else
		return false;
	return true;
}

static int64_t
whole(const json_t *object, const char *name, int64_t otherwise, int64_t most)
{
	const json_t *v = json_object_get(object, name);
	int64_t n = json_is_integer(v) ? json_integer_value(v) : otherwise;

	return n < 1 ? 1 : n < most ? n : most;
}

static void
field_bad(struct web_request *q, const char *field, const char *code)
{
	web_error(
	    q, 422, "invalid", json_pack("{s:{s:s}}", "fields", field, code));
}

void
api_listings_search(struct web_request *q)
{
	struct listing_known known;
	struct fitting f = { .q = q, .place = PLACE_NONE };
	struct directory_find find = { .fits = fits, .fits_arg = &f };
	struct sv place = web_text(q->json, "place");
	int64_t page = whole(q->json, "page", 1, 100000), total = 0;
	json_t *items = NULL;
	int rc;

	if (!desk_known(q, &known))
		return;
	f.places = known.content->places;
	f.country = web_text(q->json, "country");
	if (place.n > 0)
		f.place = places_find(f.places, place);
	find.text = web_text(q->json, "q");
	find.topic = web_text(q->json, "topic");
	find.language = web_text(q->json, "lang");
	find.visibility = web_text(q->json, "visibility");
	find.most = whole(q->json, "per_page", PAGE, PAGE_MAX);
	find.skip = (page - 1) * find.most;
	if (find.text.n > QUERY_MAX)
		field_bad(q, "q", "too_long");
	else if (place.n > 0 && f.place == PLACE_NONE)
		field_bad(q, "place", "unknown");
	else if (!age_read(q, &find))
		field_bad(q, "age", "unknown");
	else if (!state_read(q, &find))
		field_bad(q, "state", "unknown");
	else
		items = json_array();
	if (items == NULL)
		return;
	rc = directory_find(
	    web_directory(q->web), &find, on_found, items, &total);
	if (rc < 0) {
		json_decref(items);
		web_failed(q, rc);
		return;
	}
	web_json(q, 200,
	    json_pack("{s:I, s:I, s:I, s:o}", "total", (json_int_t)total,
		"page", (json_int_t)page, "per_page", (json_int_t)find.most,
		"items", items));
}

/* --- one --- */

static bool
on_check(void *arg, const struct directory_check *row)
{
	(void)json_array_append_new(
	    arg, json_pack("{s:I, s:o, s:o, s:b}", "at_ms",
		     (json_int_t)row->at_ms, "how", sv_json(row->how), "who",
		     sv_json(row->who), "counts", row->counts));
	return true;
}

void
api_listing(struct web_request *q)
{
	json_t *all = desk_present(q, q->id), *checks = json_array();
	const json_t *draft = json_object_get(all, "draft");
	struct desk_row there = { .version = 0 };
	int rc;

	if (json_integer_value(json_object_get(all, "version")) == 0 &&
	    json_is_null(draft))
		rc = -ENOENT;
	else
		rc = directory_checks_each(
		    web_directory(q->web), q->id, CHECKS_MAX, on_check, checks);
	(void)json_object_set_new(all, "checks", checks);
	if (rc == 0 && desk_only_reviews(q)) {
		(void)json_object_set_new(all, "draft", json_null());
		/* operators' own */
		if (json_is_object(json_object_get(all, "listing")))
			(void)json_object_set_new(
			    json_object_get(all, "listing"), "notes",
			    json_string(""));
		rc = desk_row_get(q, q->id, &there);
	}
	if (rc == 0 && !desk_is_shown(q, q->id, there.row.listing))
		rc = -ENOENT;
	if (rc < 0)
		web_failed(q, rc);
	else if (!desk_only_reviews(q) || desk_may(q, &there.row))
		web_json(q, 200, json_incref(all));
	json_decref(there.owner);
	json_decref(all);
}

/* --- history --- */

static bool
on_history(void *arg, const struct directory_history *row)
{
	struct directory_row before = { 0 }, after = { 0 };
	json_t *was = NULL, *is = NULL, *changes;

	if (row->before.n > 0)
		(void)!directory_row_parse(row->before, &was, &before);
	(void)!directory_row_parse(row->after, &is, &after);
	changes = listing_changes(was != NULL ? &before : NULL, &after);
	(void)json_array_append_new(
	    arg, json_pack("{s:I, s:I, s:o, s:o, s:o}", "version",
		     (json_int_t)row->version, "at_ms", (json_int_t)row->at_ms,
		     "who", sv_json(row->who), "action", sv_json(row->action),
		     "changes", changes));
	json_decref(was);
	json_decref(is);
	return true;
}

void
api_listing_history(struct web_request *q)
{
	json_t *rows = json_array();
	int rc = directory_history_each(
	    web_directory(q->web), q->id, HISTORY_MAX, on_history, rows);

	if (rc == 0) {
		web_json(q, 200, rows);
		return;
	}
	json_decref(rows);
	web_failed(q, rc);
}

/* {from, to}: what is different between two versions. */
void
api_listing_compare(struct web_request *q)
{
	const int64_t versions[2] = { whole(q->json, "from", 1, INT64_MAX),
		whole(q->json, "to", 1, INT64_MAX) };
	struct directory_row rows[2] = { { .checked_ms = 0 } };
	json_t *owners[2] = { NULL, NULL };
	char *text = NULL;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < 2; i++) {
		rc = directory_history_text(
		    web_directory(q->web), q->id, versions[i], &text);
		if (rc == 0)
			rc = directory_row_parse(
			    sv_of(text), &owners[i], &rows[i]);
		free(text);
		text = NULL;
	}
	if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 200,
		    json_pack("{s:o}", "changes",
			listing_changes(&rows[0], &rows[1])));
	json_decref(owners[0]);
	json_decref(owners[1]);
}

/* --- checks --- */

static int
checked(struct web_request *q, struct sv how)
{
	int rc = desk_begin(q);

	if (rc < 0)
		return rc;
	rc = directory_verify(
	    web_directory(q->web), q->id, q->now_ms, how, q->user->name);
	return desk_end(q, rc, "listing checked", q->id);
}

void
api_listing_verified(struct web_request *q)
{
	struct sv how = web_text(q->json, "how");
	struct desk_row there = { .version = 0 };
	int rc = desk_row_get(q, q->id, &there);

	if (rc < 0) {
		web_failed(q, rc);
		return;
	}
	if (!sv_eq(how, SV("phone")) && !sv_eq(how, SV("visit")) &&
	    !sv_eq(how, SV("web"))) {
		field_bad(q, "how", "unknown");
	} else if (desk_may(q, &there.row)) {
		rc = checked(q, how);
		if (rc < 0)
			web_failed(q, rc);
		else
			web_json(q, 200,
			    json_pack(
				"{s:I}", "checked_ms", (json_int_t)q->now_ms));
	}
	json_decref(there.owner);
}

/* --- the work list --- */

static void
on_due(void *arg, const struct directory_found *row)
{
	(void)json_array_append_new(arg, found_json(row));
}

/* What callers would get, if it were not too old. */
void
api_worklist(struct web_request *q)
{
	struct fitting f = { .q = q, .place = PLACE_NONE };
	const struct directory_find find = { .fits = fits,
		.fits_arg = &f,
		.visibility = SV("callers-after-check"),
		.status = SV("active"),
		.checked_until_ms = due_before(q) - 1,
		.oldest_first = true,
		.most = DUE_MAX };
	json_t *due = json_array();
	int64_t total = 0;
	int rc =
	    directory_find(web_directory(q->web), &find, on_due, due, &total);

	if (rc < 0) {
		json_decref(due);
		web_failed(q, rc);
		return;
	}
	web_json(q, 200,
	    json_pack("{s:o, s:I, s:o}", "due", due, "total", (json_int_t)total,
		"missing", desk_missing(q)));
}

/* --- topics and places --- */

void
api_topics(struct web_request *q)
{
	struct listing_known known;
	json_t *all, *names, *one;
	const struct topic *topic;
	char id[96];
	uint16_t i;
	int lang;

	if (!desk_known(q, &known))
		return;
	all = json_array();
	for (i = 0; i < topics_count(known.content->topics); i++) {
		topic = topics_at(known.content->topics, i);
		names = json_object();
		(void)snprintf(id, sizeof(id), "label.%s", topic->id);
		for (lang = 0; lang < LANG_COUNT; lang++)
			if (texts_has(
				known.content->texts, (enum lang)lang, id))
				(void)json_object_set_new(names,
				    lang_code((enum lang)lang),
				    sv_json(texts_get(known.content->texts,
					(enum lang)lang, id)));
		one = json_pack("{s:s, s:s?, s:o}", "id", topic->id, "parent",
		    topic->parent == TOPIC_NONE ?
			NULL :
			topics_at(known.content->topics, topic->parent)->id,
		    "names", names);
		(void)json_array_append_new(all, one);
	}
	web_json(q, 200, all);
}

void
api_places(struct web_request *q)
{
	static const char *const kinds[] = { "country", "region", "city",
		"district" };
	struct listing_known known;
	json_t *all, *names, *one;
	const struct place *place;
	uint16_t i;
	int lang;

	if (!desk_known(q, &known))
		return;
	all = json_array();
	for (i = 0; i < places_count(known.content->places); i++) {
		place = places_at(known.content->places, i);
		names = json_object();
		for (lang = 0; lang < LANG_COUNT; lang++)
			(void)json_object_set_new(names,
			    lang_code((enum lang)lang),
			    sv_json(place->names[lang]));
		one = json_pack("{s:s, s:s, s:s, s:s?, s:o}", "id", place->id,
		    "country", place->country, "kind", kinds[place->kind],
		    "parent",
		    place->parent == PLACE_NONE ?
			NULL :
			places_at(known.content->places, place->parent)->id,
		    "names", names);
		(void)json_array_append_new(all, one);
	}
	web_json(q, 200, all);
}
