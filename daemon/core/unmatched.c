/* unmatched.c - a text that found no answer, kept for who can teach us. */
#include "content/scrub.h"
#include "daemon/core/core.h"

enum {
	HOUR_MS = 3600 * 1000,
	AN_HOUR = 300 /* kept at most: a flood is not */
};

int
unmatched_keep(struct hotline *h, const struct unmatched *u)
{
	struct db_unmatched row = {
		.day_ms = u->now_ms, .country = u->country, .lang = u->lang
	};
	struct sv text;

	if (!vault_has_reviewers(h->vault))
		return 0;
	text = scrub_text(u->text, h->arena);
	if (text.n == 0 ||
	    !limit_take(&h->unmatched, AN_HOUR, HOUR_MS, u->now_ms))
		return 0;
	row.sealed = vault_seal_review(h->vault, text, h->arena);
	return db_unmatched_put(h->db, &row, vault_chance());
}
