/* api_audit.c - what users of the console did. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/account.h"
#include "daemon/web/web.h"

enum { ROWS = 50 };

int
web_audit(struct web_request *q, const char *action, struct sv what)
{
	char text[CONSOLE_ACTION_MAX + 1];

	(void)snprintf(text, sizeof(text), "%s%s" SV_FMT, action,
	    what.n > 0 ? " " : "", SV_ARG(what));
	return account_audit(web_console(q->web),
	    q->user != NULL ? q->user->name : SV("public"), sv_of(text),
	    q->now_ms);
}

struct rows {
	int64_t before; /* ids below it */
	json_t *all;
};

static void
on_row(void *arg, const struct console_audit *row, bool whole)
{
	struct rows *r = arg;

	if (row->id < r->before)
		(void)json_array_insert_new(r->all, 0,
		    json_pack("{s:I, s:I, s:s%, s:s%, s:b}", "id",
			(json_int_t)row->id, "at_ms", (json_int_t)row->at_ms,
			"who", row->who.p, row->who.n, "action", row->action.p,
			row->action.n, "whole", (int)whole));
}

/* Newest first, ROWS at a time; the one before the first is read, too, or
 * nobody could say whether that one follows it. */
void
api_audit(struct web_request *q)
{
	struct rows r = { .before = INT64_MAX, .all = json_array() };
	uint8_t hash[CONSOLE_HASH_LEN];
	struct sv text;
	int64_t last = 0;
	int rc = console_audit_last(web_console(q->web), &last, hash);

	if (web_query(q, "before", &text))
		r.before = strtoll(text.p, NULL, 10);
	if (r.before > last + 1)
		r.before = last + 1;
	if (r.before < 0)
		r.before = 0;
	if (rc == 0)
		rc = account_audit_each(
		    web_console(q->web), r.before - ROWS - 1, on_row, &r);
	if (rc < 0) {
		json_decref(r.all);
		web_failed(q, rc);
		return;
	}
	if (json_array_size(r.all) > ROWS)
		(void)json_array_remove(r.all, json_array_size(r.all) - 1);
	web_json(q, 200, json_pack("{s:o}", "rows", r.all));
}
