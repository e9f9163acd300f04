/* drafts.c - drafts of listings: saved, submitted, approved. */
#include "db/drafts.h"

#include <jansson.h>
#include <stdlib.h>

#include "db/directory_json.h"
#include "db/directory_sql.h"

static char *
copy(sqlite3_stmt *st, int at)
{
	struct sv v = sql_column_sv(st, at);
	char *text = strndup(v.n > 0 ? v.p : "", v.n);

	ASSERT(text != NULL);
	return text;
}

/* The row that a statement stands on, in the order of its columns. */
static struct draft *
draft_of(sqlite3_stmt *st)
{
	struct draft *draft = calloc(1, sizeof(*draft));

	ASSERT(draft != NULL);
	draft->listing = copy(st, 0);
	draft->version = sqlite3_column_int64(st, 1);
	draft->base_version = sqlite3_column_int64(st, 2);
	draft->submitted = sv_eq(sql_column_sv(st, 3), SV("submitted"));
	draft->at_ms = sqlite3_column_int64(st, 4);
	draft->who = copy(st, 5);
	draft->who_id = sqlite3_column_int64(st, 6);
	draft->submitter = copy(st, 7);
	draft->submitter_id = sqlite3_column_int64(st, 8);
	draft->why = copy(st, 9);
	draft->body = copy(st, 10);
	return draft;
}

void
draft_free(struct draft **dp)
{
	struct draft *draft = *dp;

	if (draft == NULL)
		return;
	free(draft->listing);
	free(draft->who);
	free(draft->submitter);
	free(draft->why);
	free(draft->body);
	free(draft);
	*dp = NULL;
}

int
draft_get(struct directory *d, struct sv listing, struct draft **ret_draft)
{
	sqlite3_stmt *st = d->stmts[DIR_DRAFT];
	int rc;

	sql_bind_sv(st, 1, listing);
	rc = sql_next(st);
	ASSERT(rc <= 1);
	if (rc == 1)
		*ret_draft = draft_of(st);
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
drafts_each(struct directory *d,
    bool (*fn)(void *arg, const struct draft *draft), void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_DRAFTS];
	bool more = true;
	int rc = 0;

	while (more && (rc = sql_next(st)) == 1) {
		struct draft *draft = draft_of(st);

		more = fn(arg, draft);
		draft_free(&draft);
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

static int
row_write(struct directory *d, const struct draft *draft)
{
	sqlite3_stmt *st = d->stmts[DIR_PUT_DRAFT];

	sql_bind_sv(st, 1, sv_of(draft->listing));
	sql_bind_int(st, 2, draft->version);
	sql_bind_int(st, 3, draft->base_version);
	sql_bind_sv(st, 4, draft->submitted ? SV("submitted") : SV("draft"));
	sql_bind_int(st, 5, draft->at_ms);
	sql_bind_sv(st, 6, sv_of(draft->who));
	sql_bind_int(st, 7, draft->who_id);
	sql_bind_sv(st, 8, sv_of(draft->submitter));
	sql_bind_int(st, 9, draft->submitter_id);
	sql_bind_sv(st, 10, sv_of(draft->why));
	sql_bind_sv(st, 11, sv_of(draft->body));
	return directory_run(d, DIR_PUT_DRAFT);
}

static char *
text_of(struct sv v)
{
	char *text = strndup(v.n > 0 ? v.p : "", v.n);

	ASSERT(text != NULL);
	return text;
}

static void
text_set(char **at, struct sv v)
{
	free(*at);
	*at = text_of(v);
}

/* The draft that is there, or a new one; of the versions that were seen. */
static int
draft_seen(struct directory *d, const struct draft_save *save,
    struct draft **ret_draft)
{
	struct draft *draft = NULL;
	int64_t base = 0;
	int rc = draft_get(d, save->row->id, &draft);

	if (rc == -ENOENT) {
		draft = calloc(1, sizeof(*draft));
		ASSERT(draft != NULL);
		draft->listing = text_of(save->row->id);
		rc = 0;
	}
	if (rc == 0)
		rc = directory_version_of(d, save->row->id, &base);
	if (rc == 0 &&
	    (draft->version != save->version || base != save->base_version))
		rc = -ESTALE;
	if (rc == 0)
		*ret_draft = draft;
	else
		draft_free(&draft);
	return rc;
}

static int
draft_fill(struct directory *d, const struct draft_save *save,
    const struct draft_by *by, struct draft *draft)
{
	int rc;

	draft->version++;
	draft->base_version = save->base_version;
	draft->submitted = false;
	draft->at_ms = by->at_ms;
	draft->who_id = by->id;
	draft->submitter_id = 0;
	text_set(&draft->who, by->who);
	text_set(&draft->submitter, SV(""));
	text_set(&draft->why, SV(""));
	free(draft->body);
	draft->body = directory_row_text(save->row);
	if (strlen(draft->body) > DRAFT_BODY_MAX)
		return -EINVAL;
	rc = row_write(d, draft);
	if (rc == 0 && save->base_version == 0)
		rc = directory_list_put(d, save->row, 0, by->at_ms);
	return rc;
}

static int
draft_write(struct directory *d, const struct draft_save *save,
    const struct draft_by *by, int64_t *ret_version)
{
	struct draft *draft = NULL;
	int rc = draft_seen(d, save, &draft);

	if (rc == 0) {
		rc = draft_fill(d, save, by, draft);
		*ret_version = draft->version;
	}
	draft_free(&draft);
	return rc;
}

int
draft_put(struct directory *d, const struct draft_save *save,
    const struct draft_by *by, int64_t *ret_version)
{
	int64_t version = 0;
	bool own = false;
	int rc;

	if (!directory_row_is_kept(save->row))
		return -EINVAL;
	rc = directory_enter(d, &own);
	if (rc < 0)
		return rc;
	rc = directory_leave(d, own, draft_write(d, save, by, &version));
	if (rc == 0)
		*ret_version = version;
	return rc;
}

static int
draft_cut(struct directory *d, struct sv listing)
{
	sql_bind_sv(d->stmts[DIR_CUT_DRAFT], 1, listing);
	return directory_run(d, DIR_CUT_DRAFT);
}

/* Do something with a draft that is there: all of it, or nothing. */
static int
change(struct directory *d, struct sv listing,
    int (*fn)(struct directory *d, struct draft *draft, const void *arg),
    const void *arg)
{
	struct draft *draft = NULL;
	bool own = false;
	int rc = directory_enter(d, &own);

	if (rc < 0)
		return rc;
	rc = draft_get(d, listing, &draft);
	if (rc == 0)
		rc = fn(d, draft, arg);
	draft_free(&draft);
	return directory_leave(d, own, rc);
}

static int
drop(struct directory *d, struct draft *draft, const void *arg)
{
	int64_t version = 0;
	int rc = draft_cut(d, sv_of(draft->listing));

	(void)arg;
	if (rc == 0)
		rc = directory_version_of(d, sv_of(draft->listing), &version);
	if (rc == 0 && version == 0)
		rc = directory_list_cut(d, sv_of(draft->listing));
	return rc;
}

int
draft_drop(struct directory *d, struct sv listing)
{
	return change(d, listing, drop, NULL);
}

static int
submit(struct directory *d, struct draft *draft, const void *arg)
{
	const struct draft_by *by = arg;

	if (draft->submitted)
		return -EALREADY;
	draft->submitted = true;
	draft->submitter_id = by->id;
	draft->at_ms = by->at_ms;
	text_set(&draft->submitter, by->who);
	text_set(&draft->why, SV(""));
	return row_write(d, draft);
}

int
draft_submit(struct directory *d, struct sv listing, const struct draft_by *by)
{
	return change(d, listing, submit, by);
}

static int
back(struct directory *d, struct draft *draft, const void *arg)
{
	const struct sv *why = arg;

	if (!draft->submitted)
		return -EALREADY;
	if (why->n > DRAFT_WHY_MAX)
		return -EINVAL;
	draft->submitted = false;
	text_set(&draft->why, *why);
	return row_write(d, draft);
}

int
draft_back(struct directory *d, struct sv listing, struct sv why)
{
	return change(d, listing, back, &why);
}

struct approving {
	const struct draft_by *by;
	bool second;
};

/* May this person make the listing what it says, as it is now? */
static int
may_approve(
    struct directory *d, const struct draft *draft, const struct approving *a)
{
	int64_t version = 0;
	int rc;

	if (a->second && !draft->submitted)
		return -EAGAIN;
	if (a->second && draft->submitter_id == a->by->id)
		return -EPERM;
	rc = directory_version_of(d, sv_of(draft->listing), &version);
	if (rc == 0 && version != draft->base_version)
		rc = -ESTALE;
	return rc;
}

static int
approve(struct directory *d, struct draft *draft, const void *arg)
{
	const struct approving *a = arg;
	struct directory_by put = { a->by->who, SV("approved"), a->by->at_ms };
	struct directory_row row;
	enum directory_change changed;
	json_t *owner = NULL;
	int rc = may_approve(d, draft, a);

	if (rc == 0)
		rc = directory_row_parse(sv_of(draft->body), &owner, &row);
	if (rc < 0)
		return rc;
	/* who looks at a draft has not called anybody */
	row.checked_ms = 0;
	if (draft->base_version == 0)
		put.action = SV("added");
	rc = directory_put(d, &row, &put, &changed);
	json_decref(owner);
	return rc == 0 ? draft_cut(d, sv_of(draft->listing)) : rc;
}

int
draft_approve(struct directory *d, struct sv listing, const struct draft_by *by,
    bool second)
{
	const struct approving a = { by, second };

	return change(d, listing, approve, &a);
}
