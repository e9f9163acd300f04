/*
 * parts.c - longer texts that come in pieces.
 *
 * A piece is a row before it is acknowledged; memory holds only which rows are
 * there.  The last piece makes the turn, and the turn's commit wipes the rows:
 * what is left of them says that they were taken, for a gateway that repeats
 * itself.  A text that stays incomplete is answered from what came; a row with
 * the number 0 then says which pieces those were, for one that comes late.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/core/core.h"
#include "daemon/core/join.h"

enum {
	OPEN_MAX = 20000,
	OPEN_SENDER_MAX = 8,
	AGAIN_MS = 30 * 60 * 1000, /* a gateway may repeat a piece */
	TICK_MAX = 256,		   /* texts answered in one go */
	SEEN_LEN = 10, /* two of a million pieces are mixed up once in 10^14 */
	TOTAL_MAX = UINT8_MAX,
	HAVE_BYTES = TOTAL_MAX / 8 + 1,
	SEALED_MAX = 512, /* of a piece */
	ARENA_MOST = 1 << 20,
};

struct text {
	TAILQ_ENTRY(text) link; /* by last_ms */
	uint8_t ref[VAULT_TAG_LEN];
	uint8_t person[VAULT_TAG_LEN];
	struct gw *gw;
	int64_t last_ms; /* when the newest piece came */
	uint8_t total, have;
	int64_t rows[]; /* by number - 1, 0: missing */
};

TAILQ_HEAD(text_list, text);

struct text_ref {
	struct keymap_head head;
	struct text *text;
};

struct sender {
	struct keymap_head head;
	unsigned open; /* texts */
};

/* What is being joined. */
struct joining {
	struct piece pieces[TOTAL_MAX];
	size_t count;
	unsigned last; /* number of the last piece that is there */
	int64_t ids[TOTAL_MAX];
	size_t id_count;
	bool undecodable;
	struct gw_in in; /* the whole text */
};

/* What a failed commit takes back. */
struct part_undo {
	SLIST_ENTRY(part_undo) link;
	struct text *text;
	uint8_t number; /* of the piece; 0: the text was ended */
	uint8_t seen[VAULT_TAG_LEN];
};

struct parts {
	struct hotline *h;
	struct text_list open;
	size_t open_count;
	struct keymap *texts, *senders;
	struct daymap *seen;
	/* incomplete texts that were answered: a bit for each number */
	struct daymap *partials;
	struct arena *arena;
	SLIST_HEAD(part_undo_list, part_undo) undo;
};

/* A piece that has come in. */
struct arrival {
	struct gw *gw;
	const struct gw_in *in;
	int64_t now_ms;
	struct phone phone;
	uint8_t person[VAULT_TAG_LEN];
	uint8_t text_ref[VAULT_TAG_LEN], part_ref[VAULT_TAG_LEN];
};

struct parts *
parts_new(struct hotline *h)
{
	struct parts *p = calloc(1, sizeof(*p));

	ASSERT(p != NULL);
	p->h = h;
	TAILQ_INIT(&p->open);
	SLIST_INIT(&p->undo);
	p->texts = keymap_new(sizeof(struct text_ref));
	p->senders = keymap_new(sizeof(struct sender));
	p->seen = daymap_new(SEEN_LEN, 0);
	p->partials = daymap_new(SEEN_LEN, HAVE_BYTES);
	p->arena = arena_new(65536, ARENA_MOST);
	return p;
}

static struct text *
text_find(struct parts *p, const uint8_t ref[VAULT_TAG_LEN])
{
	struct text_ref *r = keymap_find(p->texts, ref);

	return r != NULL ? r->text : NULL;
}

static void
text_open(struct parts *p, struct text *text)
{
	struct sender *sender;
	struct text_ref *r;
	bool is_new;

	r = keymap_put(p->texts, text->ref, 1, &is_new);
	ASSERT(is_new);
	r->text = text;
	sender = keymap_put(p->senders, text->person, 1, &is_new);
	sender->open++;
	text->last_ms = clock_ms();
	TAILQ_INSERT_TAIL(&p->open, text, link);
	p->open_count++;
}

static void
text_close(struct parts *p, struct text *text)
{
	struct sender *sender = keymap_find(p->senders, text->person);

	if (--sender->open == 0)
		keymap_remove(p->senders, text->person);
	keymap_remove(p->texts, text->ref);
	TAILQ_REMOVE(&p->open, text, link);
	p->open_count--;
}

/* No piece of it is there. */
static void
text_drop_empty(struct parts *p, struct text *text)
{
	if (text->have > 0)
		return;
	text_close(p, text);
	free(text);
}

static struct text *
text_new(struct parts *p, struct gw *gw, const uint8_t ref[VAULT_TAG_LEN],
    const uint8_t person[VAULT_TAG_LEN], uint8_t total)
{
	struct text *text =
	    calloc(1, sizeof(*text) + total * sizeof(text->rows[0]));

	ASSERT(text != NULL);
	text->gw = gw;
	text->total = total;
	memcpy(text->ref, ref, sizeof(text->ref));
	memcpy(text->person, person, sizeof(text->person));
	/* what comes now is of this text, and not late for the one before */
	daymap_remove(p->partials, ref);
	text_open(p, text);
	return text;
}

/* A piece is there: the text waits anew. */
static void
text_add(struct parts *p, struct text *text, unsigned number, int64_t row)
{
	text->rows[number - 1] = row;
	text->have++;
	text->last_ms = clock_ms();
	TAILQ_REMOVE(&p->open, text, link);
	TAILQ_INSERT_TAIL(&p->open, text, link);
}

static void
undo_note(
    struct parts *p, struct text *text, unsigned number, const uint8_t *seen)
{
	struct part_undo *u = calloc(1, sizeof(*u));

	ASSERT(u != NULL);
	u->text = text;
	u->number = (uint8_t)number;
	if (seen != NULL)
		memcpy(u->seen, seen, sizeof(u->seen));
	SLIST_INSERT_HEAD(&p->undo, u, link);
}

static void
undo_one(struct parts *p, const struct part_undo *u)
{
	struct text *text = u->text;

	daymap_remove(p->seen, u->seen);
	if (u->number == 0) {
		daymap_remove(p->partials, text->ref);
		text_open(p, text);
	} else {
		text->rows[u->number - 1] = 0;
		text->have--;
	}
	text_drop_empty(p, text);
}

void
parts_settle(struct parts *p, int rc)
{
	struct part_undo *u;

	/* newest first: a text is ended after its pieces came */
	while ((u = SLIST_FIRST(&p->undo)) != NULL) {
		SLIST_REMOVE_HEAD(&p->undo, link);
		if (rc < 0)
			undo_one(p, u);
		else if (u->number == 0)
			free(u->text);
		free(u);
	}
}

void
parts_free(struct parts **pp)
{
	struct parts *p = *pp;
	struct text *text;

	if (p == NULL)
		return;
	parts_settle(p, 0);
	while ((text = TAILQ_FIRST(&p->open)) != NULL) {
		TAILQ_REMOVE(&p->open, text, link);
		free(text);
	}
	keymap_free(&p->texts);
	keymap_free(&p->senders);
	daymap_free(&p->seen);
	daymap_free(&p->partials);
	arena_free(&p->arena);
	free(p);
	*pp = NULL;
}

/* What a piece is called: its text, and the piece with its bytes. */
static void
refs_get(struct parts *p, struct arrival *a)
{
	const struct gw_part *part = &a->in->part;
	char buf[GW_PART_MAX + GW_LINE_MAX + 64];
	const struct vault *v = p->h->vault;
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	sb_put(&b, phone_reveal(&a->phone));
	sb_printf(&b, "\n" SV_FMT "\n%u\n%u", SV_ARG(a->in->to), part->ref,
	    part->total);
	vault_ref(v, sv_of(a->gw->conf.name), sb_sv(&b), a->text_ref);
	sb_cut(&b, 0);
	sb_printf(&b, "%u\n%d\n", part->number, (int)part->coding);
	sb_put(&b, part->bytes);
	ASSERT(!b.full);
	vault_ref(v, (struct sv){ (const char *)a->text_ref, VAULT_TAG_LEN },
	    sb_sv(&b), a->part_ref);
}

static bool
is_fresh(const struct daymap *m, const uint8_t ref[VAULT_TAG_LEN],
    int64_t now_ms, void *ret_value)
{
	int64_t at_ms;

	return daymap_get(m, ref, &at_ms, ret_value) &&
	       now_ms - at_ms < AGAIN_MS;
}

/* True for a piece that was missing in a text which was answered. */
static bool
is_late(struct parts *p, const struct arrival *a)
{
	unsigned n = a->in->part.number;
	uint8_t have[HAVE_BYTES];

	return is_fresh(p->partials, a->text_ref, a->now_ms, have) &&
	       (have[n / 8] & 1 << n % 8) == 0;
}

static void
seen_put(struct parts *p, const uint8_t ref[VAULT_TAG_LEN], int64_t at_ms)
{
	bool is_new;

	(void)daymap_put(p->seen, ref, at_ms, &is_new);
}

/* The row of a piece; sealed is left out. */
static struct db_part
row_of(const struct arrival *a)
{
	const struct gw_part *part = &a->in->part;
	struct db_part row = { .at_ms = a->now_ms,
		.gateway = sv_of(a->gw->conf.name),
		.total = part->total,
		.number = part->number,
		.coding = (int64_t)part->coding };

	memcpy(row.text_ref, a->text_ref, sizeof(row.text_ref));
	memcpy(row.part_ref, a->part_ref, sizeof(row.part_ref));
	memcpy(row.person, a->person, sizeof(row.person));
	return row;
}

/* The row that says which pieces an incomplete text had. */
static struct db_part
partial_of(struct parts *p, const struct text *text)
{
	struct db_part row = { .at_ms = clock_ms(),
		.gateway = sv_of(text->gw->conf.name),
		.total = text->total };
	uint8_t *have = arena_get(p->arena, HAVE_BYTES);
	unsigned n;

	for (n = 1; n <= text->total; n++)
		if (text->rows[n - 1] != 0)
			have[n / 8] |= (uint8_t)(1 << n % 8);
	memcpy(row.text_ref, text->ref, sizeof(row.text_ref));
	row.sealed = (struct sv){ (const char *)have, HAVE_BYTES };
	return row;
}

static void
partial_put(struct parts *p, const struct db_part *row)
{
	uint8_t *have;
	bool is_new;

	if (row->sealed.n != HAVE_BYTES)
		return;
	have = daymap_put(p->partials, row->text_ref, row->at_ms, &is_new);
	memcpy(have, row->sealed.p, HAVE_BYTES);
}

static void
piece_add(
    struct joining *j, unsigned number, enum gw_coding coding, struct sv bytes)
{
	j->pieces[j->count++] =
	    (struct piece){ coding, bytes, number != j->last + 1 };
	j->last = number;
}

/* Read a piece back.  One that is gone, or of another vault key, is missing. */
static int
piece_read(struct parts *p, struct joining *j, unsigned number, int64_t id)
{
	char *sealed = arena_get(p->arena, SEALED_MAX);
	struct db_part row;
	struct sv bytes;
	int rc = db_part_get(p->h->db, id, sealed, SEALED_MAX, &row);

	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	j->ids[j->id_count++] = id;
	if (vault_unseal(p->h->vault, row.sealed, p->arena, &j->in.from,
		&j->in.to, &bytes) == 0)
		piece_add(j, number, (enum gw_coding)row.coding, bytes);
	return 0;
}

/* All pieces in order; a is the last to come, which has no row, or NULL. */
static int
pieces_get(struct parts *p, const struct text *text, const struct arrival *a,
    struct joining *j)
{
	unsigned n;
	int rc = 0;

	for (n = 1; rc == 0 && n <= text->total; n++) {
		if (a != NULL && n == a->in->part.number)
			piece_add(j, n, a->in->part.coding, a->in->part.bytes);
		else if (text->rows[n - 1] != 0)
			rc = piece_read(p, j, n, text->rows[n - 1]);
	}
	if (a != NULL) {
		j->in.from = phone_reveal(&a->phone);
		j->in.to = a->in->to;
		j->in.at_ms = a->in->at_ms;
	}
	return rc;
}

/* No other text has this id: rows are never given twice, and a last piece with
 * no other in a row is one that was not seen for long. */
static struct sv
id_of(const struct parts *p, const struct text *text, const struct arrival *a,
    const struct joining *j)
{
	bool alone = j->id_count == 0 && a != NULL;
	const uint8_t *ref = alone ? a->part_ref : text->ref;
	int64_t id = alone ? -a->now_ms : j->ids[0];
	struct sb b;

	sb_init(&b, p->arena, GW_ID_MAX);
	sb_put(&b, (struct sv){ (const char *)ref, VAULT_TAG_LEN });
	sb_put(&b, (struct sv){ (const char *)&id, sizeof(id) });
	return sb_sv(&b);
}

/* Make a turn of what was joined; 0 if nothing more comes of this text. */
static int
turn_make(struct parts *p, const struct text *text, const struct arrival *a,
    struct joining *j)
{
	bool whole = j->count == text->total;
	struct sb b;
	int rc;

	sb_init(&b, p->arena, GW_TEXT_MAX);
	rc = pieces_join(j->pieces, j->count, whole, p->arena, &b);
	if (rc < 0) {
		p->h->n.bad_parts++;
		j->undecodable = true;
		return 0;
	}
	j->in.part.total = text->total;
	j->in.text = sb_sv(&b);
	j->in.id = id_of(p, text, a, j);
	rc = j->count > 0 ? turn_take(p->h, text->gw, &j->in) : 0;
	if (rc == -ECANCELED || rc == -EEXIST)
		rc = 0;
	if (rc == 0)
		*(whole ? &p->h->n.joined : &p->h->n.incomplete) += 1;
	return rc;
}

/*
 * Join a text, answer it, wipe its pieces: in the open round.
 *
 * a  its last piece, or NULL: it is answered from what came
 *
 * Returns -EBADMSG if nothing could be made of it.
 */
static int
text_end(struct parts *p, struct text *text, const struct arrival *a)
{
	struct joining *j;
	struct db_part row = { 0 };
	int rc;

	j = ARENA_NEW(p->arena, struct joining);
	rc = pieces_get(p, text, a, j);
	if (rc < 0)
		return rc;
	text_close(p, text); /* the turn may forget all that is open */
	rc = turn_make(p, text, a, j);
	if (rc == 0) {
		row = a != NULL ? row_of(a) : partial_of(p, text);
		rc = db_parts_take(p->h->db, j->ids, j->id_count, &row);
	}
	if (rc < 0) {
		text_open(p, text);
		return rc;
	}
	if (a == NULL)
		partial_put(p, &row);
	else
		seen_put(p, a->part_ref, a->now_ms);
	undo_note(p, text, 0, a != NULL ? a->part_ref : NULL);
	return j->undecodable ? -EBADMSG : 0;
}

/* Answer a text from what came. */
static int
text_answer(struct parts *p, struct text *text)
{
	int rc = ack_begin(p->h->ack);

	if (rc == 0)
		rc = text_end(p, text, NULL);
	arena_reset(p->arena);
	return rc == -EBADMSG ? 0 : rc;
}

static struct text *
oldest_of(struct parts *p, const uint8_t person[VAULT_TAG_LEN])
{
	struct text *text = TAILQ_FIRST(&p->open);

	while (text != NULL && memcmp(text->person, person, VAULT_TAG_LEN) != 0)
		text = TAILQ_NEXT(text, link);
	return text;
}

/* Nobody, and not all together, keep more than so many texts open. */
static int
room_make(struct parts *p, const uint8_t person[VAULT_TAG_LEN])
{
	const struct sender *sender = keymap_find(p->senders, person);
	struct text *text = NULL;

	if (sender != NULL && sender->open >= OPEN_SENDER_MAX)
		text = oldest_of(p, person);
	else if (p->open_count >= OPEN_MAX)
		text = TAILQ_FIRST(&p->open);
	if (text == NULL)
		return 0;
	p->h->n.crowded++;
	return text_answer(p, text);
}

/* A piece that has to wait for the others. */
static int
piece_put(struct parts *p, struct text *text, const struct arrival *a)
{
	struct db_part row = row_of(a);
	int64_t id;
	int rc;

	row.sealed = vault_seal(p->h->vault, phone_reveal(&a->phone), a->in->to,
	    a->in->part.bytes, p->arena);
	ASSERT(row.sealed.n <= SEALED_MAX);
	rc = db_part_put(p->h->db, &row, &id);
	if (rc < 0)
		return rc;
	text_add(p, text, a->in->part.number, id);
	seen_put(p, a->part_ref, a->now_ms);
	undo_note(p, text, a->in->part.number, a->part_ref);
	return 0;
}

/* The open text a piece belongs to: a number with other bytes than before
 * means that the sender uses the reference again. */
static int
text_get(struct parts *p, const struct arrival *a, struct text **ret_text)
{
	struct text *text = text_find(p, a->text_ref);
	int rc = 0;

	if (text != NULL && text->rows[a->in->part.number - 1] != 0) {
		rc = text_answer(p, text);
		text = NULL;
	}
	if (rc == 0 && text == NULL)
		rc = room_make(p, a->person);
	if (rc < 0)
		return rc;
	if (text == NULL)
		text = text_new(
		    p, a->gw, a->text_ref, a->person, a->in->part.total);
	*ret_text = text;
	return 0;
}

static int
arrival_take(struct parts *p, const struct arrival *a)
{
	struct text *text = NULL;
	int rc = ack_begin(p->h->ack);

	if (rc == 0)
		rc = text_get(p, a, &text);
	if (rc != 0)
		return rc;
	if (text->have + 1 == text->total)
		rc = text_end(p, text, a);
	else
		rc = piece_put(p, text, a);
	if (rc < 0 && rc != -EBADMSG)
		text_drop_empty(p, text);
	return rc;
}

/* Whether a piece has been here: -EEXIST. */
static int
arrival_check(struct parts *p, const struct arrival *a)
{
	if (is_fresh(p->seen, a->part_ref, a->now_ms, NULL)) {
		p->h->n.repeated++;
		return -EEXIST;
	}
	if (text_find(p, a->text_ref) == NULL && is_late(p, a)) {
		p->h->n.late_parts++;
		return -EEXIST;
	}
	return 0;
}

static int
part_take(struct parts *p, struct gw *gw, const struct gw_in *in)
{
	struct arrival a = { .gw = gw, .in = in, .now_ms = clock_ms() };
	struct hotline *h = p->h;
	int rc;

	if (in->part.number == 0 || in->part.number > in->part.total) {
		h->n.bad_parts++;
		return -EBADMSG;
	}
	rc = turn_sender(h, gw, in->from, &a.phone);
	if (rc < 0)
		return rc;
	refs_get(p, &a);
	rc = arrival_check(p, &a);
	if (rc < 0)
		return rc;
	if (!turn_has_room(h, gw))
		return -EAGAIN;
	rc = vault_person(
	    h->vault, vault_epoch(a.now_ms), phone_reveal(&a.phone), a.person);
	if (rc == 0)
		rc = arrival_take(p, &a);
	if (rc == 0)
		h->n.parts++;
	return rc;
}

int
parts_take(struct parts *p, struct gw *gw, const struct gw_in *in)
{
	int rc = part_take(p, gw, in);

	arena_reset(p->arena);
	return rc;
}

/* If the store cannot, the round is lost, and the turn with it. */
static void
rows_wipe(struct parts *p, const struct text *text)
{
	int64_t ids[TOTAL_MAX];
	size_t i, n = 0;

	for (i = 0; i < text->total; i++)
		if (text->rows[i] != 0)
			ids[n++] = text->rows[i];
	(void)!db_parts_take(p->h->db, ids, n, NULL);
}

void
parts_forget(struct parts *p, const uint8_t person[VAULT_TAG_LEN])
{
	struct text *text, *next;

	for (text = TAILQ_FIRST(&p->open); text != NULL; text = next) {
		next = TAILQ_NEXT(text, link);
		if (memcmp(text->person, person, VAULT_TAG_LEN) != 0)
			continue;
		text_close(p, text);
		undo_note(p, text, 0, NULL);
		rows_wipe(p, text);
	}
}

void
parts_tick(struct parts *p, int64_t now_ms)
{
	int64_t wait_ms = p->h->conf.limit.parts_wait_s * 1000;
	struct text *text;
	int n;

	for (n = 0; n < TICK_MAX && p->h->store_rc == 0; n++) {
		text = TAILQ_FIRST(&p->open);
		if (text == NULL || now_ms - text->last_ms < wait_ms ||
		    text_answer(p, text) < 0)
			break;
	}
}

struct load {
	struct parts *p;
	struct gw *gw;
};

static void
row_load(struct parts *p, struct gw *gw, const struct db_part *row)
{
	struct text *text = text_find(p, row->text_ref);

	seen_put(p, row->part_ref, row->at_ms);
	if (row->sealed.n == 0) {
		daymap_remove(p->partials, row->text_ref);
		return;
	}
	if (text == NULL)
		text = text_new(
		    p, gw, row->text_ref, row->person, (uint8_t)row->total);
	if (row->total == text->total && text->rows[row->number - 1] == 0)
		text_add(p, text, (unsigned)row->number, row->id);
}

static bool
on_row(void *arg, const struct db_part *row)
{
	const struct load *l = arg;

	if (!sv_eq(sv_of(l->gw->conf.name), row->gateway))
		return true;
	if (row->number == 0)
		partial_put(l->p, row);
	else if (row->number > 0 && row->number <= row->total &&
		 row->total <= TOTAL_MAX)
		row_load(l->p, l->gw, row);
	return true;
}

int
parts_load(struct parts *p, struct gw *gw)
{
	int64_t now_ms = clock_ms();
	struct load l = { p, gw };
	int rc = db_parts_each(p->h->db, now_ms - PARTS_KEEP_MS, on_row, &l);

	parts_clip(p, now_ms);
	return rc;
}

void
parts_sweep(struct parts *p, int64_t now_ms, unsigned shares)
{
	(void)daymap_sweep(p->seen, now_ms - AGAIN_MS, shares, NULL, NULL);
	(void)daymap_sweep(p->partials, now_ms - AGAIN_MS, shares, NULL, NULL);
}

void
parts_clip(struct parts *p, int64_t now_ms)
{
	struct text *text;

	daymap_clip(p->seen, now_ms);
	daymap_clip(p->partials, now_ms);
	TAILQ_FOREACH(text, &p->open, link)
	if (text->last_ms > now_ms)
		text->last_ms = now_ms;
}

size_t
parts_open(const struct parts *p)
{
	return p->open_count;
}

size_t
parts_bytes(const struct parts *p)
{
	return keymap_bytes(p->texts) + keymap_bytes(p->senders) +
	       daymap_bytes(p->seen) + daymap_bytes(p->partials);
}
