/*
 * outbox.c - answers on their way, in batches.
 *
 * A row is a batch: the answers that a round has put for one gateway, one
 * behind the other.  What the open round puts waits in memory for more of it;
 * what ended is collected, and each batch is read and written once for all its
 * answers.  A wiped answer leaves zeros in place; when none is queued any more
 * both blobs go.  A row that is damaged holds up no other: nothing is sent of
 * it, and it goes with its time, or is wiped when anybody is forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "db/hotline.h"

enum {
	BATCH_ANSWERS = 32, /* as many as most windows: marked at one go */
	BATCH_BYTES = 96 * 1024,
	BATCH_MS = 1000, /* of one time: an answer has that of its batch */
	GATEWAY_MAX = 64,
	HEAD = 4, /* parts, priority, length in two bytes */
};

struct batch {
	int64_t id; /* of the first answer */
	int64_t at_ms, expires_ms;
	char gateway[GATEWAY_MAX];
	size_t count;			/* 0: none is here */
	bool bare;			/* people and sealed are gone */
	bool changed;			/* and not yet written */
	uint8_t states[BATCH_ANSWERS];	/* enum db_out_state */
	size_t ends[BATCH_ANSWERS + 1]; /* of each in sealed, from 1 on */
	uint8_t people[BATCH_ANSWERS * DB_KEY_LEN];
	uint8_t sealed[BATCH_BYTES];
};

struct batch *
db_batch_new(void)
{
	struct batch *b = calloc(1, sizeof(*b));

	ASSERT(b != NULL);
	return b;
}

static bool
batch_has(const struct batch *b, int64_t id)
{
	return id >= b->id && id < b->id + (int64_t)b->count;
}

/* One answer of a batch; views into it. */
static void
answer_read(const struct batch *b, size_t i, struct db_out *ret_out)
{
	const uint8_t *at = b->sealed + b->ends[i];

	*ret_out = (struct db_out){ .id = b->id + (int64_t)i,
		.at_ms = b->at_ms,
		.expires_ms = b->expires_ms,
		.gateway = sv_of(b->gateway),
		.parts = at[0],
		.priority = at[1] == OUT_ANSWER ? OUT_ANSWER : OUT_PUSH,
		.sealed = { (const char *)at + HEAD,
		    b->ends[i + 1] - b->ends[i] - HEAD },
		.state = (enum db_out_state)b->states[i] };
	memcpy(ret_out->person, b->people + i * DB_KEY_LEN, DB_KEY_LEN);
}

/* What is not queued is not here any more. */
static void
answer_set(struct db *db, struct batch *b, size_t i, enum db_out_state state)
{
	if (b->states[i] == OUT_QUEUED && state != OUT_QUEUED) {
		memset(b->people + i * DB_KEY_LEN, 0, DB_KEY_LEN);
		memset(b->sealed + b->ends[i] + HEAD, 0,
		    b->ends[i + 1] - b->ends[i] - HEAD);
		db->wal_wiped = true;
	}
	b->states[i] = (uint8_t)state;
	b->changed = true;
}

/* Batches of the open round. */

static bool
batch_takes(const struct batch *b, const struct db_out *out)
{
	return b->count < BATCH_ANSWERS &&
	       b->ends[b->count] + HEAD + out->sealed.n <= BATCH_BYTES &&
	       sv_eq(sv_of(b->gateway), out->gateway) &&
	       out->at_ms >= b->at_ms && out->at_ms - b->at_ms < BATCH_MS &&
	       out->expires_ms - out->at_ms == b->expires_ms - b->at_ms;
}

static void
batch_begin(struct batch *b, const struct db_out *out, int64_t id)
{
	ASSERT(out->gateway.n < sizeof(b->gateway));
	b->id = id;
	b->at_ms = out->at_ms;
	b->expires_ms = out->expires_ms;
	if (out->gateway.n > 0)
		memcpy(b->gateway, out->gateway.p, out->gateway.n);
	b->gateway[out->gateway.n] = '\0';
}

static void
batch_add(struct batch *b, const struct db_out *out)
{
	size_t i = b->count++;
	uint8_t *at = b->sealed + b->ends[i];

	at[0] = (uint8_t)(out->parts < UINT8_MAX ? out->parts : UINT8_MAX);
	at[1] = (uint8_t)out->priority;
	at[2] = (uint8_t)(out->sealed.n & 0xff);
	at[3] = (uint8_t)(out->sealed.n >> 8);
	if (out->sealed.n > 0)
		memcpy(at + HEAD, out->sealed.p, out->sealed.n);
	b->ends[i + 1] = b->ends[i] + HEAD + out->sealed.n;
	b->states[i] = OUT_QUEUED;
	memcpy(b->people + i * DB_KEY_LEN, out->person, DB_KEY_LEN);
}

/* Keep only the answers behind the first n. */
static void
batch_drop(struct batch *b, size_t n)
{
	size_t i, left = b->count - n, bytes = b->ends[n];

	memmove(b->states, b->states + n, left);
	memmove(b->people, b->people + n * DB_KEY_LEN, left * DB_KEY_LEN);
	memmove(b->sealed, b->sealed + bytes, b->ends[b->count] - bytes);
	for (i = 0; i <= left; i++)
		b->ends[i] = b->ends[i + n] - bytes;
	b->id += (int64_t)n;
	b->count = left;
}

static int
batch_insert(struct db *db, const struct batch *b, size_t n)
{
	sqlite3_stmt *st = db->stmts[STMT_OUT_PUT];

	sql_bind_int(st, 1, b->id);
	sql_bind_int(st, 2, b->at_ms);
	sql_bind_int(st, 3, b->expires_ms);
	sql_bind_sv(st, 4, sv_of(b->gateway));
	sql_bind_blob(st, 5, b->states, n);
	sql_bind_blob(st, 6, b->people, n * DB_KEY_LEN);
	sql_bind_blob(st, 7, b->sealed, b->ends[n]);
	return db_run(db, STMT_OUT_PUT);
}

/* Write what was put with ids below this one.  Ends go first: the pages that
 * they leave are taken again at once. */
static int
puts_write(struct db *db, int64_t below)
{
	struct batch *b = db->put;
	size_t n = b->count;
	int rc;

	if (n == 0 || b->id >= below)
		return db->round_rc;
	if (below - b->id < (int64_t)n)
		n = (size_t)(below - b->id);
	rc = db_ends_write(db);
	if (rc == 0)
		rc = batch_insert(db, b, n);
	if (rc < 0) /* turns that stand have lost their answers */
		db_round_lose(db, rc);
	else
		batch_drop(b, n);
	return rc;
}

int
db_outs_write(struct db *db)
{
	return puts_write(db, db->turn ? db->out_mark : db->next_out);
}

void
db_outs_drop(struct db *db, int64_t from_id)
{
	struct batch *b = db->put;

	if (from_id <= b->id)
		b->count = 0;
	else if (from_id < b->id + (int64_t)b->count)
		b->count = (size_t)(from_id - b->id);
}

int
db_out_put(struct db *db, const struct db_out *out, int64_t *ret_id)
{
	struct batch *b = db->put;
	int rc = db->round_rc;

	ASSERT(db->round && out->state == OUT_QUEUED &&
	       out->sealed.n <= DB_SEALED_MAX);
	if (rc == 0 && b->count > 0 && !batch_takes(b, out))
		rc = db_outs_write(db);
	/* of this turn, for another gateway */
	if (rc == 0 && b->count > 0 && !batch_takes(b, out))
		rc = puts_write(db, db->next_out);
	if (rc < 0)
		return rc;
	if (b->count == 0)
		batch_begin(b, out, db->next_out);
	batch_add(b, out);
	*ret_id = db->next_out++;
	return 0;
}

/* Batches on disk. */

static bool
seals_read(struct batch *b, struct sv people, struct sv sealed)
{
	size_t i, n;

	if (people.n != b->count * DB_KEY_LEN || sealed.n > BATCH_BYTES)
		return false;
	memcpy(b->people, people.p, people.n);
	if (sealed.n > 0)
		memcpy(b->sealed, sealed.p, sealed.n);
	for (i = 0; i < b->count; i++) {
		if (b->ends[i] + HEAD > sealed.n)
			return false;
		n = b->sealed[b->ends[i] + 2] |
		    (size_t)b->sealed[b->ends[i] + 3] << 8;
		b->ends[i + 1] = b->ends[i] + HEAD + n;
	}
	return b->ends[b->count] == sealed.n;
}

/* The row that st stands on; false if it is damaged. */
static bool
batch_read(sqlite3_stmt *st, struct batch *b)
{
	struct sv gateway = sql_column_sv(st, 3);
	struct sv states = sql_column_blob(st, 4);
	struct sv people = sql_column_blob(st, 5);
	struct sv sealed = sql_column_blob(st, 6);

	b->count = 0;
	if (states.n == 0 || states.n > BATCH_ANSWERS ||
	    gateway.n >= sizeof(b->gateway))
		return false;
	b->id = sqlite3_column_int64(st, 0);
	b->at_ms = sqlite3_column_int64(st, 1);
	b->expires_ms = sqlite3_column_int64(st, 2);
	if (gateway.n > 0)
		memcpy(b->gateway, gateway.p, gateway.n);
	b->gateway[gateway.n] = '\0';
	memcpy(b->states, states.p, states.n);
	b->count = states.n;
	b->changed = false;
	b->bare = people.n == 0;
	if (b->bare || seals_read(b, people, sealed))
		return true;
	b->count = 0;
	return false;
}

/* Step st, which gives one batch; -ENOENT if it gives none that is sound. */
static int
batch_get(sqlite3_stmt *st, struct batch *b)
{
	int rc = sql_next(st);

	b->count = 0;
	if (rc >= 0)
		rc = rc == 1 && batch_read(st, b) ? 0 : -ENOENT;
	sql_end(st);
	return rc;
}

static int
batch_update(struct db *db, const struct batch *b, bool bare)
{
	sqlite3_stmt *st = db->stmts[STMT_OUT_SET];

	sql_bind_int(st, 1, b->id);
	sql_bind_blob(st, 2, b->states, b->count);
	sql_bind_blob(st, 3, bare ? NULL : b->people, b->count * DB_KEY_LEN);
	sql_bind_blob(st, 4, bare ? NULL : b->sealed, b->ends[b->count]);
	return db_run(db, STMT_OUT_SET);
}

/* Every column as long as before: zeros go over the old bytes in place, and
 * only then may the row shrink. */
static int
batch_write(struct db *db, struct batch *b)
{
	int rc;

	if (b->count == 0 || !b->changed)
		return 0;
	b->changed = false;
	rc = batch_update(db, b, b->bare);
	if (rc == 0 && !b->bare &&
	    memchr(b->states, OUT_QUEUED, b->count) == NULL) {
		b->bare = true;
		rc = batch_update(db, b, true);
	}
	return rc;
}

/* The batch that an answer is of; the one before is written.  -ENOENT. */
static int
batch_find(struct db *db, int64_t id)
{
	struct batch *b = db->row;
	sqlite3_stmt *st = db->stmts[STMT_OUT_AT];
	int rc;

	if (b->count > 0 && batch_has(b, id))
		return 0;
	rc = batch_write(db, b);
	b->count = 0;
	if (rc < 0)
		return rc;
	sql_bind_int(st, 1, id);
	rc = batch_get(st, b);
	return rc == 0 && !batch_has(b, id) ? -ENOENT : rc;
}

/* Never back, and what is final stays. */
static bool
may_become(enum db_out_state now, enum db_out_state then)
{
	return now <= OUT_SENT && now <= then;
}

static int
out_set(struct db *db, int64_t id, enum db_out_state state)
{
	struct batch *b = db->row;
	int rc = batch_find(db, id);
	size_t i;

	if (rc < 0)
		return rc;
	i = (size_t)(id - b->id);
	if (!may_become((enum db_out_state)b->states[i], state))
		return -ENOENT;
	answer_set(db, b, i, state);
	return 0;
}

/* Write the batch that was looked at; keep none. */
static int
row_done(struct db *db, int rc)
{
	int written = batch_write(db, db->row);

	db->row->count = 0;
	return written < 0 ? written : rc;
}

int
db_out_set(struct db *db, int64_t id, enum db_out_state state)
{
	bool own = false;
	int rc = db_enter(db, &own);

	if (rc < 0)
		return rc;
	return db_leave(db, own, row_done(db, out_set(db, id, state)));
}

int
db_out_move(struct db *db, int64_t id, struct sv gateway, struct sv sealed,
    int64_t *ret_id)
{
	struct batch *b = db->row;
	struct db_out out;
	size_t i;
	int rc = db_change(db);

	ASSERT(db->round && !db->turn);
	if (rc == 0)
		rc = batch_find(db, id);
	if (rc < 0)
		return row_done(db, rc);
	i = (size_t)(id - b->id);
	if (b->states[i] != OUT_QUEUED)
		return row_done(db, -ENOENT);
	answer_read(b, i, &out);
	out.gateway = gateway;
	out.sealed = sealed;
	answer_set(db, b, i, OUT_GONE);
	rc = row_done(db, 0);
	return rc < 0 ? rc : db_out_put(db, &out, ret_id);
}

/* Ends. */

/* By id; of one answer, in the order in which they were told. */
static int
by_id(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

int
db_ends_write(struct db *db)
{
	size_t i, n = db->end_count;
	int rc = db->round_rc;

	db->end_count = 0;
	if (rc < 0 || n == 0)
		return rc;
	qsort(db->ends, n, sizeof(db->ends[0]), by_id);
	for (i = 0; i < n && rc == 0; i++) {
		rc = out_set(db, db->ends[i].id, db->ends[i].state);
		if (rc == -ENOENT)
			rc = 0;
	}
	rc = row_done(db, rc);
	if (rc < 0) /* who told of these ends must hear that they are not */
		db_round_lose(db, rc);
	return rc;
}

int
db_out_end(struct db *db, int64_t id, enum db_out_state state)
{
	struct end *e;
	int rc = db->round_rc;

	ASSERT(db->round && state > OUT_QUEUED && id > 0);
	if (rc == 0 && db->put->count > 0 && id >= db->put->id)
		rc = db_outs_write(db);
	if (rc == 0 && db->end_count == ARRAY_LEN(db->ends))
		rc = db_ends_write(db);
	if (rc < 0)
		return rc;
	e = &db->ends[db->end_count];
	*e = (struct end){ id, state, (unsigned)db->end_count };
	db->end_count++;
	return 0;
}

/* Reading. */

static bool
batch_each(const struct batch *b,
    bool (*fn)(void *arg, const struct db_out *out), void *arg)
{
	struct db_out out;
	size_t i;

	for (i = 0; i < b->count; i++) {
		if (b->states[i] != OUT_QUEUED)
			continue;
		answer_read(b, i, &out);
		if (!fn(arg, &out))
			return false;
	}
	return true;
}

int
db_out_each(
    struct db *db, bool (*fn)(void *arg, const struct db_out *out), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_OUT_EACH];
	int rc = db->round ? db_change(db) : 0;
	int64_t damaged = 0;

	while (rc == 0 && (rc = sql_next(st)) == 1) {
		rc = 0;
		if (!batch_read(st, db->row))
			damaged++;
		else if (!db->row->bare && !batch_each(db->row, fn, arg))
			break;
	}
	sql_end(st);
	db->row->count = 0;
	if (rc == 0)
		db->damaged = damaged;
	return rc;
}

int64_t
db_damaged(const struct db *db)
{
	return db->damaged;
}

int
db_out_count(struct db *db, struct db_counts *c)
{
	int64_t *const by_state[] = {
		[OUT_QUEUED] = &c->queued,
		[OUT_SENT] = &c->sent,
		[OUT_DELIVERED] = &c->delivered,
		[OUT_FAILED] = &c->failed,
		[OUT_EXPIRED] = &c->expired,
	};
	sqlite3_stmt *st = db->stmts[STMT_OUT_STATES];
	struct sv states;
	int rc = db->round ? db_change(db) : 0;

	while (rc == 0 && (rc = sql_next(st)) == 1) {
		states = sql_column_blob(st, 0);
		for (; states.n > 0; states.p++, states.n--)
			if ((uint8_t)*states.p < ARRAY_LEN(by_state))
				++*by_state[(uint8_t)*states.p];
		rc = 0;
	}
	sql_end(st);
	return rc;
}

/* Forgetting. */

static void
batch_forget(struct db *db, const struct forgetting *who, struct batch *b)
{
	const struct forgotten *f;
	size_t i;

	for (i = 0; i < b->count; i++) {
		if (b->states[i] != OUT_QUEUED)
			continue;
		f = db_forgotten(who, b->people + i * DB_KEY_LEN);
		if (f == NULL || f->last_out < b->id + (int64_t)i)
			continue;
		answer_set(db, b, i, OUT_GONE);
		db->wal_forgot = true;
	}
}

/* Whose answers are in a damaged row cannot be told: nobody's are left. */
static int
damaged_zero(struct db *db, int64_t id)
{
	db->wal_forgot = true;
	sql_bind_int(db->stmts[STMT_OUT_ZERO], 1, id);
	return db_run(db, STMT_OUT_ZERO);
}

int
db_outs_forget(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto)
{
	sqlite3_stmt *st = db->stmts[STMT_OUT_RANGE];
	int rc;

	sql_bind_int(st, 1, after);
	sql_bind_int(st, 2, upto);
	while ((rc = sql_next(st)) == 1) {
		rc = 0;
		if (batch_read(st, db->row))
			batch_forget(db, who, db->row);
		else
			rc = damaged_zero(db, sqlite3_column_int64(st, 0));
		rc = row_done(db, rc);
		if (rc < 0)
			break;
	}
	sql_end(st);
	return rc;
}
