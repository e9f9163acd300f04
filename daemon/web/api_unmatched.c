/* api_unmatched.c - texts that found no answer, sealed as they are: the page
 * opens them with the reviewers' key, which never comes here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/web/reporting.h"
#include "db/db.h"

enum {
	ID_TEXT = 24,
	TEXTS_MAX = 20000,
	BYTES_MAX = 16 << 20, /* of an answer, in base64 */
	DAY_MS = 24 * 3600 * 1000,
};

struct texts_for {
	struct sv countries; /* of the scope; empty: all */
	size_t bytes;
	json_t *rows;
};

/* RFC 4648, 4; free() it: more of them than an arena has. */
static struct sv
base64_of(struct sv v, char **ret_owner)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, k, n = 0;
	char *out = malloc((v.n + 2) / 3 * 4 + 1);

	ASSERT(out != NULL);
	*ret_owner = out;
	for (i = 0; i < v.n; i += 3) {
		uint32_t bits = 0;

		for (k = 0; k < 3; k++)
			bits = bits << 8 |
			       (i + k < v.n ? (unsigned char)v.p[i + k] : 0);
		for (k = 0; k < 4; k++)
			out[n + k] = digits[bits >> (18 - 6 * k) & 63];
		for (k = v.n - i; k < 3; k++)
			out[n + k + 1] = '=';
		n += 4;
	}
	return (struct sv){ out, n };
}

static bool
is_member(struct sv list, struct sv name)
{
	if (list.n == 0)
		return true;
	while (list.n > 0)
		if (sv_eq(sv_cut(&list, ';'), name))
			return true;
	return false;
}

static bool
on_text(void *arg, const struct db_unmatched *row)
{
	struct texts_for *t = arg;
	char id[ID_TEXT], *owner = NULL;
	struct sv sealed;

	if (!is_member(t->countries, row->country))
		return true;
	(void)snprintf(id, sizeof(id), "%" PRId64, row->id);
	sealed = base64_of(row->sealed, &owner);
	t->bytes += sealed.n;
	(void)json_array_append_new(
	    t->rows, json_pack("{s:s, s:o, s:s%, s:s%, s:s%}", "id", id, "day",
			 reporting_date(row->day_ms / DAY_MS), "country",
			 row->country.p, row->country.n, "lang", row->lang.p,
			 row->lang.n, "sealed", sealed.p, sealed.n));
	free(owner);
	return json_array_size(t->rows) < TEXTS_MAX && t->bytes < BYTES_MAX;
}

/* A text is of a country, but of no topic and no organisation: who may see
 * only some of these gets none. */
void
api_unmatched(struct web_request *q)
{
	struct texts_for t = { .countries = q->user->scope.countries };
	struct db *db = web_hotline(q->web);
	int rc;

	if (q->user->scope.orgs.n > 0 || q->user->scope.topics.n > 0) {
		web_error(q, 403, "scope", NULL);
		return;
	}
	rc = web_audit(q, "read texts without an answer", SV(""));
	if (rc == 0 && db == NULL)
		rc = -EBUSY;
	t.rows = json_array();
	if (rc == 0)
		rc = db_unmatched_each(db, on_text, &t);
	if (rc == 0) {
		web_json(q, 200, t.rows);
	} else {
		json_decref(t.rows);
		web_failed(q, rc);
	}
}
