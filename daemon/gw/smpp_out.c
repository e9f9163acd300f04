/*
 * smpp_out.c - answers as submit_sm, a window of them without response.
 *
 * Once the SMSC has taken a part, the answer stays: a part that was refused
 * for now is submitted again, alone and under the same reference.  As long as
 * it has none of them the answer goes back to the core.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/gw/smpp_inner.h"
#include "daemon/proto/gsm7.h"
#include "daemon/proto/smpp_receipt.h"
#include "daemon/proto/sms.h"
#include "daemon/proto/udh.h"

enum {
	PARTS_MAX = 128, /* GW_TEXT_MAX bytes have at most 125 */
	PART_DATA_MAX = 176,
	TON_INTERNATIONAL = 1,
	NPI_ISDN = 1,
	CODING_GSM7 = 0,
	CODING_UCS2 = 8,
	SLOWER_FIRST_MS = 1000,
	SLOWER_MOST_MS = 60 * 1000,
	AGAIN_MOST = 5, /* pauses of an answer whose parts fail for now */
};

/* A part of an answer; text is a view into the answer's copy. */
struct part {
	struct sv text;
	bool unsent; /* to be submitted, perhaps again */
};

/* An answer under way. */
struct answer {
	TAILQ_ENTRY(answer) link;
	struct answer_list *on; /* the link's list it stands on */
	int64_t id;
	bool gsm7, wide, report;
	size_t parts, unsent; /* how many, how many to be submitted */
	size_t waiting;	      /* submitted, without response */
	size_t taken;	      /* by the SMSC */
	unsigned rests;	      /* pauses of its own so far */
	int64_t rests_ms;     /* until then, if it stands on resting */
	enum gw_result result;
	char to[GW_LINE_MAX + 1], from[GW_LINE_MAX + 1];
	struct part part[]; /* the copy of the text stands behind them */
};

int64_t
out_load(const struct link *l)
{
	return l->in_flight + l->unsent_parts;
}

bool
out_is_paused(const struct link *l)
{
	return l->paused_ms != 0;
}

/* In the order of their rows: a person's answers stay in theirs. */
static void
answer_put(struct answer *a, struct answer_list *to)
{
	struct answer *before = TAILQ_LAST(to, answer_list);

	while (before != NULL && before->id > a->id)
		before = TAILQ_PREV(before, answer_list, link);
	if (before != NULL)
		TAILQ_INSERT_AFTER(to, before, a, link);
	else
		TAILQ_INSERT_HEAD(to, a, link);
	a->on = to;
}

static void
answer_move(struct answer *a, struct answer_list *to)
{
	TAILQ_REMOVE(a->on, a, link);
	answer_put(a, to);
}

/* Without its '+': the type of number says that. */
static void
address_copy(char to[GW_LINE_MAX + 1], struct sv from)
{
	if (from.n > 0 && from.p[0] == '+')
		from.p++, from.n--;
	from.n = strnlen(from.p, from.n);
	ASSERT(from.n <= GW_LINE_MAX);
	memcpy(to, from.p, from.n);
	to[from.n] = '\0';
}

/* Whether the SMSC's alphabet has it; else it goes as UCS-2. */
static bool
is_default_alphabet(const struct link *l, const struct gw_out *out)
{
	return out->gsm7 && (l->s->conf.default_alphabet != ALPHABET_LATIN1 ||
				latin1_has(out->text));
}

/* A reference of 16 bits, unless that costs a part more than one of 8. */
static size_t
parts_cut(const struct gw_out *out, bool gsm7, struct sv parts[PARTS_MAX],
    bool *ret_wide)
{
	enum sms_encoding encoding = gsm7 ? SMS_GSM7 : SMS_UCS2;
	size_t count = 1;

	*ret_wide = true;
	parts[0] = out->text;
	if (out->parts > 1 || gsm7 != out->gsm7)
		count = sms_split(out->text, encoding, true, parts, PARTS_MAX);
	if (count > out->parts) {
		*ret_wide = false;
		count = sms_split(out->text, encoding, false, parts, PARTS_MAX);
	}
	ASSERT(count > 0 && count <= PARTS_MAX);
	return count;
}

static struct answer *
answer_new(const struct link *l, const struct gw_out *out)
{
	bool gsm7 = is_default_alphabet(l, out), wide;
	struct sv parts[PARTS_MAX];
	size_t count = parts_cut(out, gsm7, parts, &wide), i;
	struct answer *a;
	char *text;

	a = calloc(1, sizeof(*a) + count * sizeof(a->part[0]) + out->text.n);
	ASSERT(a != NULL);
	text = (char *)&a->part[count];
	memcpy(text, out->text.p, out->text.n);
	for (i = 0; i < count; i++)
		a->part[i] = (struct part){
			{ text + (parts[i].p - out->text.p), parts[i].n }, true
		};
	a->id = out->id;
	a->gsm7 = gsm7;
	a->wide = wide;
	a->report = out->report;
	a->parts = a->unsent = count;
	address_copy(a->to, out->to);
	address_copy(a->from, out->from);
	return a;
}

/* Number and text are wiped. */
static void
answer_free(struct answer *a)
{
	struct sv last = a->part[a->parts - 1].text;

	explicit_bzero(a, (size_t)(last.p + last.n - (char *)a));
	free(a);
}

/* Take it off its list and tell the core. */
static void
answer_end(struct link *l, struct answer *a)
{
	struct gw *gw = l->s->gw;
	enum gw_result result = a->result;
	int64_t id = a->id;

	TAILQ_REMOVE(a->on, a, link);
	l->unsent_parts -= (int64_t)a->unsent;
	answer_free(a);
	gw_sent(gw, id, result);
}

/* Its other parts are not worth sending. */
static void
answer_stop(struct link *l, struct answer *a, enum gw_result result)
{
	if (result > a->result) /* the worst one counts */
		a->result = result;
	l->unsent_parts -= (int64_t)a->unsent;
	a->unsent = 0;
	answer_move(a, &l->sent);
}

static void
part_data(
    const struct link *l, const struct answer *a, size_t at, struct sb *data)
{
	const struct udh u = { .total = (uint8_t)a->parts,
		.number = (uint8_t)(at + 1),
		.ref = (uint16_t)a->id };
	enum conf_alphabet alphabet =
	    (enum conf_alphabet)l->s->conf.default_alphabet;
	char buf[PART_DATA_MAX + 1];
	struct sb septets;

	if (a->parts > 1)
		udh_write(&u, a->wide, data);
	if (!a->gsm7) {
		utf16be_write(a->part[at].text, data);
	} else if (alphabet == ALPHABET_LATIN1) {
		latin1_write(a->part[at].text, data);
	} else if (alphabet == ALPHABET_GSM7) {
		ASSERT(gsm7_write(a->part[at].text, data) == 0);
	} else {
		sb_wrap(&septets, buf, sizeof(buf));
		ASSERT(gsm7_write(a->part[at].text, &septets) == 0);
		gsm7_pack(
		    sb_sv(&septets), (unsigned)(7 - 8 * data->n % 7) % 7, data);
		explicit_bzero(buf, sizeof(buf));
	}
	ASSERT(!data->full);
}

static void
part_write(struct link *l, const struct answer *a, size_t at, uint32_t sequence)
{
	const struct conf_gateway *c = &l->s->conf;
	char buf[PART_DATA_MAX + 1];
	struct sb data;
	struct smpp_pdu pdu = { .command = SMPP_submit_sm,
		.sequence = sequence,
		.sm = { .source_addr_ton = (uint8_t)c->line_ton,
		    .source_addr_npi = (uint8_t)c->line_npi,
		    .source_addr = sv_of(a->from),
		    .dest_addr_ton = TON_INTERNATIONAL,
		    .dest_addr_npi = NPI_ISDN,
		    .destination_addr = sv_of(a->to),
		    .esm_class = a->parts > 1 ? SMPP_ESM_UDHI : 0,
		    .validity_period = sv_of(l->s->validity),
		    .registered_delivery = a->report,
		    .data_coding = a->gsm7 ? CODING_GSM7 : CODING_UCS2 } };

	sb_wrap(&data, buf, sizeof(buf));
	part_data(l, a, at, &data);
	pdu.sm.short_message = sb_sv(&data);
	link_write(l, &pdu);
	explicit_bzero(buf, sizeof(buf));
}

/* A sequence whose slot is free; there are twice as many as the window. */
static struct slot *
slot_take(struct link *l)
{
	struct slot *slot;
	uint32_t sequence;

	do {
		sequence = link_sequence(l);
		slot = &l->slots[sequence & l->slot_mask];
	} while (slot->answer != NULL);
	slot->sequence = sequence;
	slot->at_ms = clock_ms();
	return slot;
}

static void
part_submit(struct link *l, struct answer *a)
{
	struct slot *slot = slot_take(l);
	size_t at = 0;

	while (!a->part[at].unsent)
		at++;
	slot->answer = a;
	slot->part = (uint8_t)at;
	part_write(l, a, at, slot->sequence);
	a->part[at].unsent = false;
	a->unsent--;
	a->waiting++;
	l->in_flight++;
	l->unsent_parts--;
	if (a->unsent == 0)
		answer_move(a, &l->sent);
}

void
out_pump(struct link *l)
{
	const struct sb *out = stream_out(l->stream);
	struct answer *a;

	while (!out_is_paused(l) && l->in_flight < l->s->conf.window &&
	       out->max - out->n > OUT_RESERVE) {
		a = TAILQ_FIRST(&l->unsent);
		if (a == NULL)
			return;
		part_submit(l, a);
	}
}

int
out_take(struct link *l, const struct gw_out *out)
{
	const struct sb *buffer = stream_out(l->stream);
	struct answer *a;

	l->starved = buffer->max - buffer->n <= OUT_RESERVE;
	if (out_load(l) >= l->s->conf.window || l->starved)
		return -EAGAIN;
	a = answer_new(l, out);
	answer_put(a, &l->unsent);
	l->unsent_parts += (int64_t)a->parts;
	out_pump(l);
	return 0;
}

static struct answer *
answer_find(const struct answer_list *list, int64_t id)
{
	struct answer *a;

	TAILQ_FOREACH(a, list, link)
	if (a->id == id)
		return a;
	return NULL;
}

bool
out_recall(struct link *l, int64_t id)
{
	struct answer *a = answer_find(&l->unsent, id);

	if (a == NULL)
		a = answer_find(&l->resting, id);
	if (a == NULL)
		return false; /* all of it is submitted */
	answer_stop(l, a, GW_RETRY);
	if (a->waiting == 0)
		answer_end(l, a);
	return true;
}

/* --- responses --- */

static void
part_named(struct link *l, const struct answer *a, struct sv peer_id)
{
	bool decimal = strcmp(l->s->conf.receipt_ids, "hex") == 0;
	char buf[GW_ID_MAX];
	struct sb b;

	if (!a->report || peer_id.n == 0)
		return;
	sb_wrap(&b, buf, sizeof(buf));
	smpp_id_fold(peer_id, decimal, &b);
	gw_named(l->s->gw, a->id, sb_sv(&b));
}

/* A part is to be submitted again, unless its answer is given up. */
static void
part_keep(struct link *l, struct answer *a, size_t at)
{
	if (a->result != GW_SENT)
		return;
	a->part[at].unsent = true;
	a->unsent++;
	l->unsent_parts++;
	if (a->on == &l->sent)
		answer_move(a, &l->unsent);
}

/* The SMSC has too much: this link is quiet for a while.  What has no part
 * there yet goes back to the core, which may have another gateway. */
static void
link_slower(struct link *l, const struct answer *first)
{
	struct answer *a, *next;

	if (!out_is_paused(l)) /* else it went out before that pause */
		l->paused_ms =
		    clock_ms() +
		    backoff_ms(l->slower++, SLOWER_FIRST_MS, SLOWER_MOST_MS);
	for (a = TAILQ_FIRST(&l->unsent); a != NULL; a = next) {
		next = TAILQ_NEXT(a, link);
		if (a == first || a->taken > 0 || a->waiting > 0)
			continue; /* its last response decides */
		a->result = GW_RETRY;
		answer_end(l, a);
	}
}

/* The SMSC has trouble with this answer: it is let be for a while. */
static void
answer_rest(struct link *l, struct answer *a)
{
	if (a->result != GW_SENT || a->on == &l->resting)
		return;
	if (a->rests == AGAIN_MOST) {
		answer_stop(l, a, GW_RETRY);
		return;
	}
	a->rests_ms = clock_ms() +
		      backoff_ms(a->rests++, SLOWER_FIRST_MS, SLOWER_MOST_MS);
	answer_move(a, &l->resting);
}

static void
part_refused(struct link *l, struct answer *a, size_t at, uint32_t status)
{
	log_kv(LOG_DEBUG, "submit_refused", "gw=%s id=%" PRId64 " status=0x%x",
	    gw_name(l->s->gw), a->id, status);
	gw_refused(l->s->gw, smpp_status_name(status));
	switch (smpp_status_verdict(status)) {
	case SMPP_SLOWER:
		part_keep(l, a, at);
		link_slower(l, a);
		break;
	case SMPP_NEVER:
		answer_stop(l, a, GW_REFUSED);
		break;
	case SMPP_TAKEN: /* a generic_nack of nothing */
	case SMPP_AGAIN:
		part_keep(l, a, at);
		answer_rest(l, a);
		break;
	}
}

/* A part has its response: the answer ends with the last, or goes back if the
 * SMSC has nothing of it. */
static void
answer_check(struct link *l, struct answer *a)
{
	if (a->waiting > 0 || (a->unsent > 0 && a->taken > 0))
		return;
	if (a->unsent > 0)
		a->result = GW_RETRY;
	answer_end(l, a);
}

void
out_response(struct link *l, const struct smpp_pdu *pdu)
{
	struct slot *slot = &l->slots[pdu->sequence & l->slot_mask];
	struct answer *a = slot->answer;

	if (a == NULL || slot->sequence != pdu->sequence) {
		gw_refused(l->s->gw, pdu->command == SMPP_NACK ?
					 "generic_nack" :
					 "stray_response");
		return;
	}
	slot->answer = NULL;
	l->in_flight--;
	a->waiting--;
	if (pdu->command == SMPP_NACK) {
		gw_refused(l->s->gw, "generic_nack");
		part_refused(l, a, slot->part, pdu->status);
	} else if (pdu->status != SMPP_ROK) {
		part_refused(l, a, slot->part, pdu->status);
	} else {
		l->slower = 0;
		a->taken++;
		part_named(l, a, pdu->message_id.message_id);
	}
	answer_check(l, a);
	if (link_is_bound(l, WAY_OUT))
		out_pump(l);
}

static void
pause_tick(struct link *l, int64_t now_ms)
{
	if (l->paused_ms > now_ms + SLOWER_MOST_MS)
		l->paused_ms = now_ms; /* the clock was set back */
	if (l->paused_ms != 0 && l->paused_ms <= now_ms) {
		l->paused_ms = 0;
		out_pump(l);
		gw_up(l->s->gw);
	}
}

static void
rests_tick(struct link *l, int64_t now_ms)
{
	struct answer *a, *next;

	for (a = TAILQ_FIRST(&l->resting); a != NULL; a = next) {
		next = TAILQ_NEXT(a, link);
		if (a->rests_ms > now_ms + SLOWER_MOST_MS)
			a->rests_ms = now_ms; /* the clock was set back */
		if (a->rests_ms <= now_ms)
			answer_move(a, &l->unsent);
	}
}

bool
out_tick(struct link *l, int64_t now_ms)
{
	struct slot *slot;

	rests_tick(l, now_ms);
	pause_tick(l, now_ms);
	out_pump(l);
	for (slot = l->slots; slot <= l->slots + l->slot_mask; slot++) {
		if (slot->answer == NULL)
			continue;
		if (slot->at_ms > now_ms)
			slot->at_ms = now_ms;
		if (now_ms - slot->at_ms >= STALL_MS)
			return false;
	}
	return true;
}

void
out_give_back(struct link *l)
{
	struct answer_list all = TAILQ_HEAD_INITIALIZER(all);
	struct answer *a;
	enum gw_result result;
	int64_t id;

	TAILQ_CONCAT(&all, &l->sent, link);
	TAILQ_CONCAT(&all, &l->unsent, link);
	TAILQ_CONCAT(&all, &l->resting, link);
	memset(l->slots, 0, (l->slot_mask + 1) * sizeof(*l->slots));
	l->in_flight = l->unsent_parts = 0;
	while ((a = TAILQ_FIRST(&all)) != NULL) {
		TAILQ_REMOVE(&all, a, link);
		id = a->id;
		result = a->result == GW_SENT ? GW_RETRY : a->result;
		answer_free(a);
		gw_sent(l->s->gw, id, result);
	}
}
