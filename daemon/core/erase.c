/* erase.c - who a number was, epoch by epoch, and until when that is known. */
#include "daemon/core/erase.h"

enum { NAMES_MAX = 8 /* epochs forgotten at once: 180 days are 7 */ };

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

int
erase_person(struct db *db, struct vault *v, struct sv e164, int64_t now_ms,
    int64_t keep_ms)
{
	int64_t epoch = vault_epoch(now_ms);
	int64_t oldest = vault_epoch(now_ms < keep_ms ? 0 : now_ms - keep_ms);
	uint8_t names[NAMES_MAX][VAULT_TAG_LEN];
	size_t n = 0;
	int rc;

	for (; epoch >= oldest; epoch--) {
		rc = vault_person_of(v, epoch, e164, names[n]);
		if (rc < 0 && rc != -ENOENT)
			return rc;
		n += rc == 0;
		if (n < NAMES_MAX)
			continue;
		rc = db_person_forget(db, names[0], n);
		if (rc < 0)
			return rc;
		n = 0;
	}
	return n > 0 ? db_person_forget(db, names[0], n) : 0;
}

int
erase_decoy(struct db *db, const struct vault *v, struct sv e164)
{
	uint8_t name[VAULT_TAG_LEN];

	vault_ref(v, SV(ERASE_DECOY), e164, name);
	return db_decoy_forget(db, name);
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
