/* erase.c - who a number was, epoch by epoch, and until when that is known. */
#include "daemon/core/erase.h"

enum { NAMES_MAX = 8 /* epochs forgotten at once: 180 days are 7 */ };

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

struct erasing {
	struct db *db;
	struct vault *v;
	struct sv e164;
	uint8_t names[NAMES_MAX][VAULT_TAG_LEN];
	size_t n;
	int rc;
};

static void
names_forget(struct erasing *e)
{
	if (e->rc == 0 && e->n > 0)
		e->rc = db_person_forget(e->db, e->names[0], e->n);
	e->n = 0;
}

static void
on_epoch(void *arg, int64_t epoch)
{
	struct erasing *e = arg;

	if (e->rc == 0)
		e->rc = vault_person_of(e->v, epoch, e->e164, e->names[e->n]);
	e->n += e->rc == 0;
	if (e->n == NAMES_MAX)
		names_forget(e);
}

int
erase_person(struct db *db, struct vault *v, struct sv e164)
{
	struct erasing e = { .db = db, .v = v, .e164 = e164 };
	int rc = vault_epochs_each(v, on_epoch, &e);

	names_forget(&e);
	return rc < 0 ? rc : e.rc;
}

int
erase_decoy(struct db *db, const struct vault *v, struct sv e164)
{
	uint8_t name[VAULT_TAG_LEN];

	vault_ref(v, SV(ERASE_DECOY), e164, name);
	return db_decoy_forget(db, name);
}

int
erase_callback(struct db *db, const struct vault *v, struct sv e164)
{
	uint8_t name[VAULT_TAG_LEN];

	vault_ref(v, SV(ERASE_CALLBACK), e164, name);
	return db_callback_forget(db, name);
}

int64_t
erase_epoch_kept(int64_t now_ms, int64_t link_days, int64_t keep_days)
{
	int64_t link = now_ms - link_days * day_ms;
	int64_t kept = now_ms - keep_days * day_ms;
	int64_t by_link = link < 0 ? 0 : vault_epoch(link) + 1;
	int64_t by_age = kept < 0 ? 0 : vault_epoch(kept);

	return by_link > by_age ? by_link : by_age;
}
