/*
 * names.c - reports under the gateways' own ids for parts of answers.
 *
 * A name is a keyed hash of such an id; a tally counts the names of an answer.
 * Both are in memory for a day and on disk as long as the answer's row.  A
 * name goes when its report is in; one report of failure ends the tally.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/core/core.h"

enum {
	EARLY_MS = 60 * 1000, /* a report may be so much faster than the id */
	EARLY_MAX = 10000,
	NAMES_MAX = 1000000, /* that wait for their reports */
};

struct name {
	struct keymap_head head;
	int64_t id; /* of its row, 0: not written yet */
	int64_t out_id;
};

struct tally {
	struct keymap_head head;
	int64_t first_id; /* names with a smaller one are of an older try */
	int64_t parts;	  /* that the answer should have */
	uint32_t named, delivered;
	bool sent; /* there are no more to come */
};

struct early {
	struct keymap_head head;
	bool delivered;
};

/* A name whose row is not yet on disk. */
struct fresh {
	LIST_ENTRY(fresh) link;
	int64_t out_id;
	uint8_t ref[VAULT_TAG_LEN];
	bool told; /* the open round has its row */
};

/* What a failed commit takes back: the report will come again. */
struct name_undo {
	SLIST_ENTRY(name_undo) link;
	struct name name;
	struct tally tally;
};

struct names {
	struct hotline *h;
	struct keymap *names, *tallies, *early;
	LIST_HEAD(fresh_list, fresh) fresh;
	SLIST_HEAD(name_undo_list, name_undo) undo;
};

struct names *
names_new(struct hotline *h)
{
	struct names *n = calloc(1, sizeof(*n));

	ASSERT(n != NULL);
	n->h = h;
	n->names = keymap_new(sizeof(struct name));
	n->tallies = keymap_new(sizeof(struct tally));
	n->early = keymap_new(sizeof(struct early));
	LIST_INIT(&n->fresh);
	SLIST_INIT(&n->undo);
	return n;
}

void
names_free(struct names **np)
{
	struct names *n = *np;
	struct fresh *f;

	if (n == NULL)
		return;
	names_settle(n, 0);
	while ((f = LIST_FIRST(&n->fresh)) != NULL) {
		LIST_REMOVE(f, link);
		free(f);
	}
	keymap_free(&n->names);
	keymap_free(&n->tallies);
	keymap_free(&n->early);
	free(n);
	*np = NULL;
}

static struct tally *
tally_find(struct names *n, int64_t out_id)
{
	uint8_t key[KEYMAP_KEY_LEN];

	keymap_key(out_id, key);
	return keymap_find(n->tallies, key);
}

static struct tally *
tally_put(struct names *n, int64_t out_id, int64_t at_ms)
{
	uint8_t key[KEYMAP_KEY_LEN];
	bool is_new;

	keymap_key(out_id, key);
	return keymap_put(n->tallies, key, at_ms, &is_new);
}

static bool
is_complete(const struct tally *t)
{
	return t->named > 0 && t->delivered == t->named &&
	       (t->sent || t->named >= t->parts);
}

/* False for a name of an older try, or of an answer whose fate is known. */
static bool
is_current(const struct name *name, const struct tally *t)
{
	return t != NULL && (name->id == 0 || name->id >= t->first_id);
}

static void
undo_note(struct names *n, const struct name *name, const struct tally *t)
{
	struct name_undo *u = calloc(1, sizeof(*u));

	ASSERT(u != NULL);
	u->name = *name;
	u->tally = *t;
	SLIST_INSERT_HEAD(&n->undo, u, link);
}

/* One part is delivered, or the whole answer never will be. */
static int
part_report(struct names *n, struct name *name, struct tally *t, bool delivered)
{
	struct tally after = *t;
	int rc = 0;

	after.delivered += delivered;
	if (!delivered || is_complete(&after))
		rc = outbox_report(n->h->outbox, name->out_id, delivered);
	else if (name->id != 0)
		rc = db_name_done(n->h->db, name->id);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	undo_note(n, name, t);
	if (!delivered || is_complete(&after))
		keymap_remove(n->tallies, t->head.key);
	else
		*t = after;
	keymap_remove(n->names, name->head.key);
	return 0;
}

/* Write a report in the open round; -ENOENT: nothing is called so. */
static int
name_report(struct names *n, const uint8_t ref[VAULT_TAG_LEN], bool delivered)
{
	struct name *name = keymap_find(n->names, ref);
	struct tally *t;

	if (name == NULL)
		return -ENOENT;
	t = tally_find(n, name->out_id);
	if (is_current(name, t))
		return part_report(n, name, t, delivered);
	keymap_remove(n->names, ref);
	return 0;
}

/* Write a fresh name's row, and the report that was faster. */
static void
fresh_write(struct names *n, struct fresh *f)
{
	struct name *name = keymap_find(n->names, f->ref);
	struct tally *t = tally_find(n, f->out_id);
	const struct early *early;
	int64_t id = 0;
	int rc = ack_begin(n->h->ack);

	if (rc == 0)
		rc = db_name_put(n->h->db, f->out_id, f->ref, &id);
	f->told = rc == 0;
	if (rc == 0 && name != NULL && name->out_id == f->out_id) {
		name->id = id;
		if (t != NULL && t->first_id == 0)
			t->first_id = id;
		early = keymap_find(n->early, f->ref);
		if (early != NULL)
			rc = name_report(n, f->ref, early->delivered);
	}
	if (rc < 0)
		hotline_store_said(n->h, rc);
}

void
gw_named(struct gw *gw, int64_t id, struct sv peer_id)
{
	struct names *n = gw->h->names;
	int64_t parts = outbox_parts(gw->h->outbox, id), now_ms = clock_ms();
	struct fresh *f;
	struct tally *t;
	struct name *name;
	bool is_new;

	if (!gw->conf.reports || parts == 0 || peer_id.n == 0)
		return;
	if (keymap_count(n->names) >= NAMES_MAX) {
		gw->h->n.unnamed++;
		return;
	}
	f = calloc(1, sizeof(*f));
	ASSERT(f != NULL);
	f->out_id = id;
	vault_ref(gw->h->vault, sv_of(gw->conf.name), peer_id, f->ref);
	name = keymap_put(n->names, f->ref, now_ms, &is_new);
	if (name->out_id == id) { /* one id for several parts */
		free(f);
		return;
	}
	name->head.at_ms = now_ms;
	name->out_id = id;
	name->id = 0;
	t = tally_put(n, id, now_ms);
	t->parts = parts;
	t->named++;
	LIST_INSERT_HEAD(&n->fresh, f, link);
	fresh_write(n, f);
}

/* Nothing is called so, or not yet. */
static void
early_put(struct names *n, const uint8_t ref[VAULT_TAG_LEN], bool delivered)
{
	struct early *early;
	bool is_new;

	n->h->n.early_reports++;
	if (keymap_count(n->early) >= EARLY_MAX)
		return;
	early = keymap_put(n->early, ref, clock_ms(), &is_new);
	early->delivered = delivered;
}

void
gw_report_named(struct gw *gw, struct sv peer_id, bool delivered,
    gw_done_fn *done, void *arg)
{
	struct hotline *h = gw->h;
	uint8_t ref[VAULT_TAG_LEN];
	int rc;

	vault_ref(h->vault, sv_of(gw->conf.name), peer_id, ref);
	rc = ack_begin(h->ack);
	if (rc == 0)
		rc = name_report(h->names, ref, delivered);
	if (rc < 0 && rc != -ENOENT) {
		hotline_store_said(h, rc);
		done(arg, rc);
		return;
	}
	if (rc == -ENOENT)
		early_put(h->names, ref, delivered);
	ack_after_commit(h->ack, done, arg);
}

bool
names_complete(struct names *n, int64_t id)
{
	struct tally *t = tally_find(n, id);

	if (t == NULL)
		return false;
	t->sent = true;
	if (!is_complete(t))
		return false;
	keymap_remove(n->tallies, t->head.key);
	return true;
}

void
names_drop(struct names *n, int64_t id)
{
	struct tally *t = tally_find(n, id);
	int64_t first_id;
	int rc;

	if (t == NULL)
		return;
	first_id = t->first_id;
	keymap_remove(n->tallies, t->head.key);
	if (first_id == 0)
		return;
	rc = ack_begin(n->h->ack);
	if (rc == 0)
		rc = db_name_drop(n->h->db, id, first_id);
	if (rc < 0) /* what stays is dropped at the next start */
		hotline_store_said(n->h, rc);
}

static void
undo_all(struct names *n, bool back)
{
	struct name_undo *u;
	struct name *name;
	struct tally *t;
	bool is_new;

	while ((u = SLIST_FIRST(&n->undo)) != NULL) {
		SLIST_REMOVE_HEAD(&n->undo, link);
		if (back) {
			name = keymap_put(n->names, u->name.head.key,
			    u->name.head.at_ms, &is_new);
			*name = u->name;
			t = keymap_put(n->tallies, u->tally.head.key,
			    u->tally.head.at_ms, &is_new);
			*t = u->tally;
		}
		free(u);
	}
}

void
names_settle(struct names *n, int rc)
{
	struct fresh *f, *next;
	struct name *name;

	undo_all(n, rc < 0);
	for (f = LIST_FIRST(&n->fresh); f != NULL; f = next) {
		next = LIST_NEXT(f, link);
		if (!f->told)
			continue;
		name = keymap_find(n->names, f->ref);
		f->told = false;
		if (rc < 0) {
			if (name != NULL && name->out_id == f->out_id)
				name->id = 0;
			continue;
		}
		LIST_REMOVE(f, link);
		free(f);
	}
}

void
names_tick(struct names *n)
{
	struct fresh *f;

	if (n->h->store_rc == 0)
		LIST_FOREACH (f, &n->fresh, link)
			if (!f->told)
				fresh_write(n, f);
	(void)keymap_expire(n->early, clock_ms() - EARLY_MS);
}

static bool
on_row(void *arg, const struct db_name *row)
{
	struct names *n = arg;
	struct tally *t = tally_put(n, row->out_id, row->at_ms);
	struct name *name;
	bool is_new;

	if (t->first_id == 0)
		t->first_id = row->id;
	t->sent = true;
	t->named++;
	t->delivered += row->delivered;
	if (row->delivered || keymap_count(n->names) >= NAMES_MAX)
		return true;
	name = keymap_put(n->names, row->ref, row->at_ms, &is_new);
	name->id = row->id;
	name->out_id = row->out_id;
	return true;
}

int
names_load(struct names *n)
{
	int64_t now_ms = clock_ms();
	int rc = db_names_each(n->h->db, now_ms - HOTLINE_REPEAT_MS, on_row, n);

	names_clip(n, now_ms);
	return rc;
}

size_t
names_bytes(const struct names *n)
{
	return keymap_bytes(n->names) + keymap_bytes(n->tallies) +
	       keymap_bytes(n->early);
}

void
names_sweep(struct names *n, int64_t now_ms)
{
	(void)keymap_expire(n->names, now_ms - HOTLINE_REPEAT_MS);
	(void)keymap_expire(n->tallies, now_ms - HOTLINE_REPEAT_MS);
}

void
names_clip(struct names *n, int64_t now_ms)
{
	keymap_clip(n->names, now_ms);
	keymap_clip(n->tallies, now_ms);
	keymap_clip(n->early, now_ms);
}
