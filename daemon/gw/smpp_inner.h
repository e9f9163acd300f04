/*
 * smpp_inner.h - what the files of the SMPP driver share; nobody else
 * includes it.
 *
 * A gateway has one or more links; a link is one bind.  smpp.c wires them,
 * smpp_link.c keeps them alive, smpp_out.c submits, smpp_in.c takes in.
 */
#ifndef DAEMON_GW_SMPP_INNER_H
#define DAEMON_GW_SMPP_INNER_H

#include <netinet/in.h>
#include <sys/queue.h>

#include "daemon/core/gw.h"
#include "daemon/gw/stream.h"
#include "daemon/proto/smpp.h"

struct event;

enum {
	LINKS_MAX = 16,	      /* 8 binds, two links each */
	UNACKED_MAX = 1000,   /* of a link: more are not read */
	OUT_RESERVE = 65536,  /* of a link's buffer, for responses */
	STALL_MS = 60 * 1000, /* a submit_sm without response, half a PDU */
};

enum link_state {
	LINK_DOWN,    /* until it connects again */
	LINK_OPENING, /* connecting */
	LINK_BINDING, /* our bind waits for its response */
	LINK_BOUND,
	LINK_LEAVING, /* has said goodbye; until the peer closes */
};

enum { WAY_OUT = 1, WAY_IN = 2 };

struct answer;
struct mo;
TAILQ_HEAD(answer_list, answer);
LIST_HEAD(mo_list, mo);

/* A submit_sm without response. */
struct slot {
	struct answer *answer; /* NULL: free */
	uint8_t part;	       /* of it, from 0 */
	uint32_t sequence;
	int64_t at_ms;
};

struct link {
	struct smpp *s;
	unsigned ways;
	enum link_state state;
	struct stream *stream;
	struct event *timer;
	unsigned tries; /* connects since the last one that was any good */
	uint32_t sequence;
	int64_t bound_ms, heard_ms;
	int64_t asked_ms;   /* when our enquire_link went out, 0: heard since */
	int64_t partial_ms; /* since when half a PDU waits, 0: none does */
	/* out */
	struct answer_list unsent;  /* with parts to be submitted */
	struct answer_list resting; /* with such parts, but later */
	struct answer_list sent;    /* that wait for responses only */
	struct slot *slots;	    /* by sequence, slot_mask + 1 of them */
	uint32_t slot_mask;
	int64_t in_flight, unsent_parts;
	int64_t paused_ms; /* until then nothing is submitted, 0: now */
	unsigned slower;   /* throttled so often in a row */
	bool starved;	   /* an answer found no room in the buffer */
	/* in */
	struct mo_list mos;
	size_t mo_count;
};

struct smpp {
	struct gw *gw;
	struct event_base *base;
	struct conf_gateway conf;
	struct sockaddr_storage addr;
	int addr_len;
	struct tls *tls; /* NULL: in clear */
	char validity[17];
	struct arena *arena; /* of one PDU from the SMSC */
	size_t link_count;
	struct link links[LINKS_MAX];
};

/* smpp_link.c */

void link_init(struct link *l, struct smpp *s, unsigned ways);
void link_done(struct link *l); /* says unbind if it is bound */

bool link_is_bound(const struct link *l, unsigned way);
uint32_t link_sequence(struct link *l);

/* Append a PDU, a response; sent behind this round. */
void link_write(struct link *l, const struct smpp_pdu *pdu);
void link_respond(
    struct link *l, uint32_t command, uint32_t status, uint32_t sequence);

/* smpp_out.c */

/* Take an answer.  Returns 0, -EAGAIN. */
int out_take(struct link *l, const struct gw_out *out);

/* Parts that have no response yet. */
int64_t out_load(const struct link *l);
bool out_is_paused(const struct link *l);

/* See gw_ops; false: this link does not have it. */
bool out_recall(struct link *l, int64_t id);

/* Submit what the window and the buffer allow. */
void out_pump(struct link *l);
void out_response(struct link *l, const struct smpp_pdu *pdu);

/* Once a second: the end of pauses; false if a response is overdue. */
bool out_tick(struct link *l, int64_t now_ms);

/* The link is gone: give back what is under way. */
void out_give_back(struct link *l);

/* smpp_in.c */

void in_take(struct link *l, const struct smpp_pdu *pdu);

/* The link is gone: what waits for the store is acknowledged to nobody. */
void in_detach(struct link *l);

/* True while too much waits to take in more. */
bool in_is_full(const struct link *l);

#endif
