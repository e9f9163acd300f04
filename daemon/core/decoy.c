/*
 * decoy.c - who has set a word, and whether a text may be answered as theirs.
 *
 * A word lives longer than a session, so its row must be found for longer than
 * an epoch's pseudonym lasts: the row's name is a keyed hash of the number
 * under the vault key, which stands in no other table, so that it cannot be
 * joined to the log.  Of the word there is a keyed hash, with the number in it.
 *
 * Decided for the person's safety:
 * - FORGET needs no word.  It must work at once, for whoever has forgotten the
 *   word, too; who holds the phone learns nothing by it but "OK".  It takes the
 *   word away with all else, and what comes then is the menu that any stranger
 *   gets.
 * - STOP needs no word: it may only ever make less come to the phone.
 * - Danger needs no word: what is said without it begins with 112 and 103.
 * - After a restart the word is needed again: when it was last written is in
 *   memory alone.
 * - The log row of such an answer is the one of anybody who asks for the public
 *   offices, and the session that is stored with it begun anew.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/core.h"
#include "daemon/core/erase.h"
#include "db/retention.h"
#include "menus/decoy.h"

enum { DAY_MS = 24 * 3600 * 1000 };

struct decoy {
	struct keymap_head head; /* since when: the day of the last use */
	uint8_t word[VAULT_TAG_LEN];
	int64_t open_ms; /* last text behind the word, 0 none */
};

struct decoys {
	struct hotline *h;
	struct keymap *map;
	bool told; /* the open round has a change */
};

static void
name_of(const struct decoys *d, struct sv e164, uint8_t ret_name[VAULT_TAG_LEN])
{
	vault_ref(d->h->vault, SV(ERASE_DECOY), e164, ret_name);
}

static void
word_of(const struct decoys *d, struct sv e164, struct sv word,
    uint8_t ret_word[VAULT_TAG_LEN])
{
	char buf[DECOY_WORD_MAX + PHONE_E164_MAX + 2];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	sb_put(&b, e164);
	sb_puts(&b, " ");
	sb_put(&b, word);
	vault_ref(d->h->vault, SV("\001decoy word"), sb_sv(&b), ret_word);
	explicit_bzero(buf, sizeof(buf));
}

static void
on_row(void *arg, const struct db_decoy *row)
{
	struct decoys *d = arg;
	struct decoy *decoy;
	bool is_new;

	decoy = keymap_put(d->map, row->name, row->at_ms, &is_new);
	decoy->head.at_ms = row->at_ms;
	memcpy(decoy->word, row->word, sizeof(decoy->word));
}

struct decoys *
decoys_new(struct hotline *h)
{
	struct decoys *d = calloc(1, sizeof(*d));

	ASSERT(d != NULL);
	d->h = h;
	d->map = keymap_new(sizeof(struct decoy));
	return d;
}

void
decoys_free(struct decoys **dp)
{
	if (*dp == NULL)
		return;
	keymap_free(&(*dp)->map);
	free(*dp);
	*dp = NULL;
}

int
decoys_load(struct decoys *d)
{
	return db_decoys_each(d->h->db, on_row, d);
}

enum decoy_gate
decoys_gate(struct decoys *d, struct sv e164, struct sv *text, int64_t now_ms)
{
	uint8_t name[VAULT_TAG_LEN], hash[VAULT_TAG_LEN] = { 0 };
	char buf[DECOY_WORD_MAX];
	struct decoy *decoy;
	struct sv rest = *text, word;

	if (keymap_count(d->map) == 0)
		return DECOY_NONE;
	name_of(d, e164, name);
	decoy = keymap_find(d->map, name);
	/* its end is not left to the sweep, which comes when there is time */
	if (decoy == NULL ||
	    now_ms - decoy->head.at_ms > RETENTION_decoy_S * INT64_C(1000))
		return DECOY_NONE;
	if (decoy_word_cut(&rest, buf, &word))
		word_of(d, e164, word, hash);
	explicit_bzero(buf, sizeof(buf));
	if (memcmp(hash, decoy->word, sizeof(hash)) == 0) {
		*text = rest;
		decoy->open_ms = now_ms;
		return now_ms - decoy->head.at_ms >= DAY_MS ? DECOY_WORD :
							      DECOY_OPEN;
	}
	if (decoy->open_ms == 0 || now_ms - decoy->open_ms > DECOY_IDLE_MS)
		return DECOY_CLOSED;
	decoy->open_ms = now_ms;
	return DECOY_OPEN;
}

static int
row_put(struct decoys *d, const struct decoy *decoy)
{
	struct db_decoy row = { .at_ms = decoy->head.at_ms };

	memcpy(row.name, decoy->head.key, sizeof(row.name));
	memcpy(row.word, decoy->word, sizeof(row.word));
	d->told = true;
	return db_decoy_put(d->h->db, &row);
}

int
decoys_set(struct decoys *d, struct sv e164, struct sv word, int64_t now_ms)
{
	uint8_t name[VAULT_TAG_LEN];
	struct decoy *decoy;
	bool is_new;

	name_of(d, e164, name);
	decoy = keymap_put(d->map, name, now_ms, &is_new);
	decoy->head.at_ms = now_ms;
	decoy->open_ms = now_ms;
	word_of(d, e164, word, decoy->word);
	return row_put(d, decoy);
}

int
decoys_renew(struct decoys *d, struct sv e164, int64_t now_ms)
{
	uint8_t name[VAULT_TAG_LEN];
	struct decoy *decoy;

	name_of(d, e164, name);
	decoy = keymap_find(d->map, name);
	if (decoy == NULL)
		return 0;
	decoy->head.at_ms = now_ms;
	return row_put(d, decoy);
}

int
decoys_forget(struct decoys *d, struct sv e164)
{
	uint8_t name[VAULT_TAG_LEN];

	name_of(d, e164, name);
	keymap_remove(d->map, name);
	d->told = true;
	return db_decoy_forget(d->h->db, name);
}

/* What the store says now, the open round included: who was open must write
 * the word again.  A store that cannot be read changes nothing. */
void
decoys_undo(struct decoys *d)
{
	struct decoys fresh = { .h = d->h };
	int rc;

	if (!d->told)
		return;
	fresh.map = keymap_new(sizeof(struct decoy));
	rc = decoys_load(&fresh);
	if (rc == 0) {
		keymap_free(&d->map);
		d->map = fresh.map;
	} else {
		keymap_free(&fresh.map);
		hotline_store_said(d->h, rc);
	}
}

void
decoys_settle(struct decoys *d, int rc)
{
	if (rc < 0)
		decoys_undo(d);
	d->told = false;
}

void
decoys_sweep(struct decoys *d, int64_t now_ms)
{
	(void)keymap_expire(d->map, now_ms - RETENTION_decoy_S * INT64_C(1000));
}

static void
on_clip(void *arg, void *entry)
{
	const int64_t *now_ms = arg;
	struct decoy *decoy = entry;

	if (decoy->head.at_ms > *now_ms)
		decoy->head.at_ms = *now_ms;
	if (decoy->open_ms > *now_ms)
		decoy->open_ms = 0;
}

void
decoys_clip(struct decoys *d, int64_t now_ms)
{
	keymap_each(d->map, on_clip, &now_ms);
}
