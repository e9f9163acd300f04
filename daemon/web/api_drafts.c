/* api_drafts.c - what a listing is to become: saved, submitted, approved. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "content/csv.h"
#include "daemon/core/conf.h"
#include "daemon/web/desk.h"
#include "db/directory_find.h"
#include "db/directory_json.h"

enum { SLUG_MAX = 40, ID_MAX = 64 };

/* --- the list of them --- */

struct listing_drafts {
	struct web_request *q;
	json_t *all;
};

static bool
on_draft(void *arg, const struct draft *draft)
{
	struct listing_drafts *l = arg;
	json_t *one = desk_draft_json(draft);
	json_t *listing = json_object_get(one, "listing");
	json_t *names = json_deep_copy(json_object_get(listing, "names"));

	(void)json_object_set(names, "en", json_object_get(listing, "name_en"));
	(void)json_object_set(names, "ru", json_object_get(listing, "name_ru"));
	(void)json_object_set_new(one, "name", names);
	(void)json_object_del(one, "listing");
	(void)json_array_append_new(l->all, one);
	return true;
}

void
api_drafts(struct web_request *q)
{
	struct listing_drafts l = { q, json_array() };
	int rc = drafts_each(web_directory(q->web), on_draft, &l);

	if (rc == 0) {
		web_json(q, 200, l.all);
		return;
	}
	json_decref(l.all);
	web_failed(q, rc);
}

/* --- saving --- */

static void
fields_bad(struct web_request *q, json_t *wrong)
{
	web_error(q, 422, "invalid", json_pack("{s:o}", "fields", wrong));
}

static void
conflict(struct web_request *q, struct sv id)
{
	web_error(q, 409, "conflict", desk_present(q, id));
}

/* What the body says, if nothing of it is wrong; else it is replied. */
static bool
body_read(struct web_request *q, const struct listing_known *known,
    struct directory_row *ret_row)
{
	const json_t *in = json_object_get(q->json, "listing");
	json_t *wrong = json_object();

	if (!json_is_object(in)) {
		(void)json_object_set_new(
		    wrong, "listing", json_string("needed"));
	} else {
		listing_json_read(in, q->arena, ret_row, wrong);
		listing_phones_settle(ret_row, known, q->arena);
		listing_check(ret_row, known, false, wrong);
	}
	if (json_object_size(wrong) > 0) {
		fields_bad(q, wrong);
		return false;
	}
	json_decref(wrong);
	return true;
}

/* May they change what is there now, too? */
static bool
may_change(struct web_request *q, const struct directory_row *row)
{
	struct desk_row there = { .version = 0 };
	int rc = desk_row_get(q, row->id, &there);
	bool may = false;

	if (rc < 0 && rc != -ENOENT)
		web_failed(q, rc);
	else
		may = (rc == -ENOENT || desk_may(q, &there.row)) &&
		      desk_may(q, row);
	json_decref(there.owner);
	return may;
}

/* May they change the draft that is there now, if there is one? */
static bool
may_replace(struct web_request *q, struct sv id)
{
	CLEANUP(draft_free) struct draft *draft = NULL;
	struct directory_row row;
	json_t *owner = NULL;
	int rc = draft_get(web_directory(q->web), id, &draft);
	bool may = rc == -ENOENT;

	if (rc == 0)
		rc = directory_row_parse(sv_of(draft->body), &owner, &row);
	if (rc == 0)
		may = desk_may(q, &row);
	else if (rc != -ENOENT)
		web_failed(q, rc);
	json_decref(owner);
	return may;
}

static void
saved(struct web_request *q, const struct directory_row *row,
    const struct listing_known *known, int64_t version)
{
	web_json(q, version == 1 ? 201 : 200,
	    json_pack("{s:s%, s:I, s:o}", "id", row->id.p, row->id.n, "version",
		(json_int_t)version, "warnings", desk_warnings(q, row, known)));
}

/* In the chain once for each who takes it up: it is saved as they type. */
static const char *
save_action(const struct web_request *q, const struct draft *before)
{
	return before != NULL && before->who_id == q->user->id ?
		   NULL :
		   "draft written";
}

static int
save_write(
    struct web_request *q, const struct draft_save *s, int64_t *ret_version)
{
	CLEANUP(draft_free) struct draft *before = NULL;
	const struct draft_by by = desk_draft_by(q);
	struct directory *dir = web_directory(q->web);
	int rc = desk_begin(q);

	if (rc < 0)
		return rc;
	rc = draft_get(dir, s->row->id, &before);
	if (rc == 0 || rc == -ENOENT)
		rc = draft_put(dir, s, &by, ret_version);
	return desk_end(q, rc, save_action(q, before), s->row->id);
}

static void
save(struct web_request *q, const struct directory_row *row,
    const struct listing_known *known)
{
	const struct draft_save s = { row,
		json_integer_value(json_object_get(q->json, "version")),
		json_integer_value(json_object_get(q->json, "base_version")) };
	int64_t version = 0;
	int rc = save_write(q, &s, &version);

	if (rc == -ESTALE)
		conflict(q, row->id);
	else if (rc < 0)
		web_failed(q, rc);
	else
		saved(q, row, known, version);
}

void
api_draft_put(struct web_request *q)
{
	struct listing_known known;
	struct directory_row row;

	if (!desk_known(q, &known) || !body_read(q, &known, &row))
		return;
	row.id = q->id;
	if (!csv_is_id(row.id))
		web_failed(q, -ENOENT);
	else if (may_replace(q, row.id) && may_change(q, &row))
		save(q, &row, &known);
}

/* "Legal aid, Osh" -> "legal-aid-osh" */
static size_t
slug(struct sv name, char ret_id[ID_MAX])
{
	size_t n = 0, i;

	for (i = 0; i < name.n && n < SLUG_MAX; i++) {
		char c = name.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			ret_id[n++] = c;
		else if (n > 0 && ret_id[n - 1] != '-')
			ret_id[n++] = '-';
	}
	while (n > 0 && ret_id[n - 1] == '-')
		n--;
	ret_id[n] = '\0';
	return n;
}

static void
on_there(void *arg, const struct directory_row *row, int64_t version)
{
	(void)arg, (void)row, (void)version;
}

static bool
is_taken(struct web_request *q, struct sv id)
{
	CLEANUP(draft_free) struct draft *draft = NULL;

	return directory_get(web_directory(q->web), id, on_there, NULL) !=
		   -ENOENT ||
	       draft_get(web_directory(q->web), id, &draft) != -ENOENT;
}

/* An id for ever: of the English name, and of chance where that is taken. */
static struct sv
id_new(struct web_request *q, struct sv name)
{
	char *id = arena_get(q->arena, ID_MAX);
	size_t n = slug(name, id);
	uint32_t chance;

	if (n >= 3 && strncmp(id, "emergency-", 10) != 0 &&
	    !is_taken(q, (struct sv){ id, n }))
		return (struct sv){ id, n };
	ASSERT(getrandom(&chance, sizeof(chance), 0) == sizeof(chance));
	(void)snprintf(
	    id + n, ID_MAX - n, "%s%08x", n > 0 ? "-" : "listing-", chance);
	return sv_of(id);
}

void
api_draft_new(struct web_request *q)
{
	struct listing_known known;
	struct directory_row row;
	struct sv id = web_text(json_object_get(q->json, "listing"), "id");

	if (!desk_known(q, &known) || !body_read(q, &known, &row))
		return;
	row.id = id.n > 0 ? id : id_new(q, row.name_en);
	if (!csv_is_id(row.id)) {
		fields_bad(q, json_pack("{s:s}", "id", "invalid"));
		return;
	}
	/* of none: there is neither a draft nor a listing */
	(void)json_object_set_new(q->json, "version", json_integer(0));
	(void)json_object_set_new(q->json, "base_version", json_integer(0));
	if (desk_may(q, &row))
		save(q, &row, &known);
}

/* --- what becomes of it --- */

/* A draft that the user may decide about. */
struct decided {
	struct draft *draft;
	json_t *owner;
	struct directory_row row;
};

static void
decided_done(struct decided *d)
{
	draft_free(&d->draft);
	json_decref(d->owner);
}

static bool
draft_take(struct web_request *q, struct decided *d)
{
	int rc = draft_get(web_directory(q->web), q->id, &d->draft);

	if (rc == 0)
		rc = directory_row_parse(
		    sv_of(d->draft->body), &d->owner, &d->row);
	if (rc < 0) {
		web_failed(q, rc);
		return false;
	}
	return may_change(q, &d->row);
}

/* All that the listing must have; else it is replied. */
static bool
is_whole(struct web_request *q, const struct directory_row *row)
{
	struct listing_known known;
	json_t *wrong, *warnings, *code;
	const char *field;

	if (!desk_known(q, &known))
		return false;
	wrong = json_object();
	listing_check(row, &known, true, wrong);
	warnings = desk_warnings(q, row, &known);
	/* no edition would be published with it */
	json_object_foreach(warnings, field,
	    code) if (strcmp(json_string_value(code), "not_discreet") ==
		      0)(void) json_object_set(wrong, field, code);
	json_decref(warnings);
	if (json_object_size(wrong) > 0) {
		fields_bad(q, wrong);
		return false;
	}
	json_decref(wrong);
	return true;
}

/* They saw another draft than there is now. */
static bool
is_another(const struct web_request *q, const struct draft *draft)
{
	const json_t *version = json_object_get(q->json, "version");

	return json_is_integer(version) &&
	       json_integer_value(version) != draft->version;
}

static void
decided_reply(struct web_request *q, int rc)
{
	static const struct {
		int rc, status;
		const char *code;
	} codes[] = {
		{ -EALREADY, 409, "already" },
		{ -EAGAIN, 409, "not_submitted" },
		{ -EPERM, 403, "same_person" },
	};
	size_t i;

	if (rc == -ESTALE) {
		conflict(q, q->id);
		return;
	}
	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (rc == codes[i].rc) {
			web_error(q, codes[i].status, codes[i].code, NULL);
			return;
		}
	if (rc < 0)
		web_failed(q, rc);
	else
		web_json(q, 200, desk_present(q, q->id));
}

enum decision { SUBMIT, CHANGE, APPROVE, BACK, DROP };

static int
decision_make(struct web_request *q, enum decision what, struct sv why)
{
	const struct draft_by by = desk_draft_by(q);
	struct directory *dir = web_directory(q->web);

	switch (what) {
	case SUBMIT:
		return draft_submit(dir, q->id, &by);
	case CHANGE:
		return draft_approve(dir, q->id, &by, false);
	case APPROVE:
		return draft_approve(
		    dir, q->id, &by, web_conf(q->web)->console.approval);
	case BACK:
		return draft_back(dir, q->id, why);
	case DROP:
		return draft_drop(dir, q->id);
	}
	return -EINVAL;
}

static void
decide(struct web_request *q, enum decision what, struct sv why,
    const char *action)
{
	int rc = desk_begin(q);

	if (rc == 0)
		rc = desk_end(q, decision_make(q, what, why), action, q->id);
	decided_reply(q, rc);
}

void
api_draft_submit(struct web_request *q)
{
	struct decided d = { .draft = NULL };

	if (draft_take(q, &d) && is_whole(q, &d.row)) {
		if (is_another(q, d.draft))
			conflict(q, q->id);
		else if (web_conf(q->web)->console.approval)
			decide(q, SUBMIT, SV(""), "draft submitted");
		else
			decide(q, CHANGE, SV(""), "listing changed");
	}
	decided_done(&d);
}

void
api_draft_approve(struct web_request *q)
{
	struct decided d = { .draft = NULL };

	if (draft_take(q, &d) && is_whole(q, &d.row)) {
		if (is_another(q, d.draft))
			conflict(q, q->id);
		else
			decide(q, APPROVE, SV(""), "draft approved");
	}
	decided_done(&d);
}

static void
back(struct web_request *q, struct sv why, const char *action)
{
	struct decided d = { .draft = NULL };

	if (why.n > DRAFT_WHY_MAX)
		fields_bad(q, json_pack("{s:s}", "why", "too_long"));
	else if (draft_take(q, &d))
		decide(q, BACK, why, action);
	decided_done(&d);
}

void
api_draft_reject(struct web_request *q)
{
	back(q, web_text(q->json, "why"), "draft sent back");
}

void
api_draft_back(struct web_request *q)
{
	back(q, SV(""), "draft taken back");
}

void
api_draft_delete(struct web_request *q)
{
	struct decided d = { .draft = NULL };

	if (draft_take(q, &d))
		decide(q, DROP, SV(""), "draft dropped");
	decided_done(&d);
}

/* --- back to an older version: a draft of what it was --- */

static int
restore_write(
    struct web_request *q, struct directory_row *row, int64_t base_version)
{
	const struct draft_by by = desk_draft_by(q);
	const struct draft_save s = { row, 0, base_version };
	int64_t version = 0;
	int rc = desk_begin(q);

	if (rc < 0)
		return rc;
	row->checked_ms = 0;
	rc = draft_put(web_directory(q->web), &s, &by, &version);
	return desk_end(q, rc, "version restored", q->id);
}

/* What it was may be somebody else's, as what it is. */
static void
restore(struct web_request *q, int64_t version, const struct desk_row *there)
{
	struct directory_row row;
	json_t *owner = NULL;
	char *text = NULL;
	int rc = directory_history_text(
	    web_directory(q->web), q->id, version, &text);

	if (rc == 0)
		rc = directory_row_parse(sv_of(text), &owner, &row);
	free(text);
	if (rc < 0)
		web_failed(q, rc);
	else if (desk_may(q, &row))
		decided_reply(q, restore_write(q, &row, there->version));
	json_decref(owner);
}

void
api_listing_restore(struct web_request *q)
{
	const json_t *version = json_object_get(q->json, "version");
	struct desk_row there = { .version = 0 };
	int rc = desk_row_get(q, q->id, &there);

	if (rc < 0)
		web_failed(q, rc);
	else if (!json_is_integer(version))
		fields_bad(q, json_pack("{s:s}", "version", "needed"));
	else if (desk_may(q, &there.row))
		restore(q, json_integer_value(version), &there);
	json_decref(there.owner);
}
