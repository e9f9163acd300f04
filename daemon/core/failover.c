/*
 * failover.c - a gateway is down: another one of its country takes its answers.
 *
 * The rows change hands in one commit, which no round shares, and memory
 * follows it: an answer stands with one gateway or the other, never with both.
 * What the gateway was handed and has not given back stays with it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/outbox_inner.h"

enum {
	MOVE_MAX = 128, /* answers in one commit */
	ARENA_MOST = 8 << 20,
};

struct move {
	struct outbox *o;
	struct gw *from, *to;
	struct arena *arena;
	struct db_out rows[MOVE_MAX];
	int64_t was[MOVE_MAX]; /* their ids before */
	size_t count;
};

/* The first in the settings that is up. */
static struct gw *
other_of(const struct hotline *h, const struct gw *from)
{
	struct gw *gw;
	size_t i;

	for (i = 0; i < h->gateway_count; i++) {
		gw = h->gateways[i];
		if (gw != from && gw->up && from->conf.country[0] != '\0' &&
		    strcmp(gw->conf.country, from->conf.country) == 0)
			return gw;
	}
	return NULL;
}

/* Write an answer anew; one that nobody can read stays where it is. */
static int
row_move(struct move *m, const struct out *out)
{
	struct hotline *h = m->o->h;
	struct db_out *row = &m->rows[m->count];
	struct sv to, from, text;
	int rc;

	if (vault_unseal(h->vault,
		(struct sv){ (const char *)out->sealed, out->sealed_len },
		m->arena, &to, &from, &text) < 0)
		return 0;
	*row = (struct db_out){ .at_ms = out->at_ms,
		.expires_ms = out->expires_ms,
		.parts = out->parts,
		.priority = out->priority };
	memcpy(row->person, out->person, sizeof(row->person));
	row->sealed =
	    vault_seal(h->vault, to, sv_of(m->to->conf.line), text, m->arena);
	rc = db_out_move(
	    h->db, out->id, sv_of(m->to->conf.name), row->sealed, &row->id);
	if (rc == 0)
		m->was[m->count++] = out->id;
	return rc == -ENOENT ? 0 : rc;
}

/* What was tried first: it is older, and a person's answers stay in order. */
static int
rows_move(struct move *m)
{
	static const enum out_where lists[] = { OUT_WAITING, OUT_READY,
		OUT_READY_PUSH };
	const struct out *out;
	size_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		out = TAILQ_FIRST(out_list_of(m->o, m->from, lists[i]));
		for (; out != NULL && m->count < MOVE_MAX && rc == 0;
		     out = TAILQ_NEXT(out, link))
			rc = row_move(m, out);
	}
	return rc;
}

/* The rows are with the other gateway: so are the entries. */
static void
entries_move(struct move *m)
{
	struct out *before, *after;
	size_t i;

	for (i = 0; i < m->count; i++) {
		before = out_find(m->o, m->was[i]);
		after = out_add(m->o, &m->rows[i], m->to, false);
		after->tries = before->tries;
		after->next_ms = before->next_ms;
		out_drop(m->o, before);
		out_alias(m->o, after, m->was[i]);
	}
	m->o->h->n.moved += (int64_t)m->count;
	log_kv(LOG_WARN, "answers_moved", "from=%s to=%s n=%zu",
	    m->from->conf.name, m->to->conf.name, m->count);
}

static int
move_commit(struct move *m)
{
	struct db *db = m->o->h->db;
	int rc = db_begin(db);

	if (rc < 0)
		return rc;
	rc = rows_move(m);
	if (rc < 0)
		db_round_lose(db, rc);
	return db_commit(db);
}

static void
gateway_move(struct outbox *o, struct gw *from, struct gw *to)
{
	struct move *m = calloc(1, sizeof(*m));
	int rc;

	ASSERT(m != NULL);
	m->o = o;
	m->from = from;
	m->to = to;
	m->arena = arena_new(65536, ARENA_MOST);
	rc = move_commit(m);
	if (rc < 0)
		hotline_store_said(o->h, rc);
	else if (m->count > 0)
		entries_move(m);
	arena_free(&m->arena);
	free(m);
	outbox_flush(o, to);
}

static bool
has_waiting(struct outbox *o, const struct gw *gw)
{
	return !TAILQ_EMPTY(out_list_of(o, gw, OUT_WAITING)) ||
	       !TAILQ_EMPTY(out_list_of(o, gw, OUT_READY)) ||
	       !TAILQ_EMPTY(out_list_of(o, gw, OUT_READY_PUSH));
}

void
outbox_failover(struct outbox *o, int64_t now_ms)
{
	int64_t wait_ms = o->h->conf.outbox.failover_s * 1000;
	struct gw *gw, *to;
	size_t i;

	for (i = 0; i < o->h->gateway_count && o->h->store_rc == 0; i++) {
		gw = o->h->gateways[i];
		if (gw->down_ms > now_ms) /* the clock was set back */
			gw->down_ms = now_ms;
		if (gw->up || now_ms - gw->down_ms < wait_ms ||
		    !has_waiting(o, gw))
			continue;
		to = other_of(o->h, gw);
		if (to != NULL)
			gateway_move(o, gw, to);
	}
}
