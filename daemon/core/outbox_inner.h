/*
 * outbox_inner.h - what outbox.c and failover.c share; nobody else includes it.
 */
#ifndef DAEMON_CORE_OUTBOX_INNER_H
#define DAEMON_CORE_OUTBOX_INNER_H

#include "daemon/core/clear.h"
#include "daemon/core/core.h"

enum out_where {
	OUT_HELD,
	OUT_READY, /* by their ids: in order of time */
	OUT_READY_PUSH,
	OUT_WAITING, /* for its next try */
	OUT_UNDER_WAY,
	OUT_ENDED, /* until the row that says so is on disk */
	OUT_WHERE_COUNT,
};

struct out {
	TAILQ_ENTRY(out) link;
	int64_t id;
	int64_t was; /* its id at the gateway before, 0 none */
	struct gw *gw;
	enum out_where where;
	bool forgetting; /* by the open round */
	bool forgotten;
	bool recalled;	       /* OUT_UNDER_WAY: see gw_ops */
	bool reported;	       /* a report was faster than the driver */
	bool complete;	       /* so were those of all its parts */
	enum gw_result result; /* OUT_ENDED: what the row must say */
	bool told;	       /* OUT_ENDED: the open round has told the row */
	uint8_t person[VAULT_TAG_LEN];
	int64_t at_ms, next_ms, expires_ms, tries, parts;
	enum db_out_priority priority;
	struct clear *clear; /* NULL: there is only the seal */
	bool gsm7;	     /* the text of clear is */
	size_t sealed_len;
	unsigned char sealed[];
};

TAILQ_HEAD(out_list, out);

/* By its id. */
struct out_ref {
	struct keymap_head head;
	struct out *out;
};

struct outbox {
	struct hotline *h;
	struct out_list lists[OUT_WHERE_COUNT][HOTLINE_GATEWAYS_MAX];
	struct arena *arena;
	struct clears *clears;
	struct keymap *by_id;
	int64_t count;
	bool forget; /* some entry is forgotten by this round */
};

static inline struct out_list *
out_list_of(struct outbox *o, const struct gw *gw, enum out_where where)
{
	return &o->lists[where][gw->index];
}

/* Add an entry for a row: ready, or held until the round is on disk. */
struct out *out_add(
    struct outbox *o, const struct db_out *row, struct gw *gw, bool held);

/* It was known as this: a report may still come under it. */
void out_alias(struct outbox *o, struct out *out, int64_t was);

/* Also by the id before; NULL: it is over. */
struct out *out_find(struct outbox *o, int64_t id);

void out_drop(struct outbox *o, struct out *out);

#endif
