/* smpp_in.c - texts, their parts, and delivery receipts from an SMSC. */
#include <stdlib.h>
#include <string.h>

#include "daemon/gw/smpp_inner.h"
#include "daemon/proto/gsm7.h"
#include "daemon/proto/smpp_receipt.h"
#include "daemon/proto/sms.h"
#include "daemon/proto/udh.h"

enum { TON_INTERNATIONAL = 1, SEPTETS_MAX = 2 * GW_PART_MAX };

/* A text or report that waits for the store. */
struct mo {
	LIST_ENTRY(mo) entry;
	struct link *l; /* NULL: the link it came by is gone */
	uint32_t command, sequence;
};

/* What deliver_sm and data_sm say alike. */
struct incoming {
	struct sv source, destination, data;
	uint8_t source_ton, esm_class, data_coding;
	const struct smpp_tlvs *tlv;
};

bool
in_is_full(const struct link *l)
{
	const struct sb *out = stream_out(l->stream);

	return l->mo_count >= UNACKED_MAX ||
	       out->max - out->n < OUT_RESERVE / 2;
}

/* The SMSC hands it over again by itself if the link is gone. */
static void
on_done(void *arg, int rc)
{
	struct mo *mo = arg;
	struct link *l = mo->l;

	if (l != NULL) {
		LIST_REMOVE(mo, entry);
		l->mo_count--;
		if (rc == 0)
			l->tries = 0; /* a link that was worth it */
		link_respond(l, mo->command,
		    rc == 0	   ? SMPP_ROK :
		    rc == -EBADMSG ? SMPP_RX_R_APPN :
				     SMPP_RX_T_APPN,
		    mo->sequence);
		if (l->mo_count <= UNACKED_MAX / 2)
			stream_resume(l->stream);
	}
	free(mo);
}

void
in_detach(struct link *l)
{
	struct mo *mo;

	while ((mo = LIST_FIRST(&l->mos)) != NULL) {
		LIST_REMOVE(mo, entry);
		mo->l = NULL; /* on_done() frees it */
	}
	l->mo_count = 0;
}

static struct mo *
mo_new(struct link *l, const struct smpp_pdu *pdu)
{
	struct mo *mo = calloc(1, sizeof(*mo));

	ASSERT(mo != NULL);
	mo->l = l;
	mo->command = pdu->command;
	mo->sequence = pdu->sequence;
	LIST_INSERT_HEAD(&l->mos, mo, entry);
	l->mo_count++;
	return mo;
}

static struct incoming
incoming_of(const struct smpp_pdu *pdu)
{
	struct incoming in = { .tlv = &pdu->tlv };

	if (pdu->command == SMPP_data_sm) {
		in.source = pdu->data.source_addr;
		in.source_ton = pdu->data.source_addr_ton;
		in.destination = pdu->data.destination_addr;
		in.esm_class = pdu->data.esm_class;
		in.data_coding = pdu->data.data_coding;
	} else {
		in.source = pdu->sm.source_addr;
		in.source_ton = pdu->sm.source_addr_ton;
		in.destination = pdu->sm.destination_addr;
		in.esm_class = pdu->sm.esm_class;
		in.data_coding = pdu->sm.data_coding;
		in.data = pdu->sm.short_message;
	}
	if (in.data.n == 0)
		in.data = pdu->tlv.message_payload;
	return in;
}

/*
 * TS 23.038 section 4 and SMPP 3.4 section 5.2.19: the SMSC's own alphabet;
 * ASCII, Latin-1 and UCS-2; and both of the phone's alphabets with a message
 * class.  Returns NULL, or the word for gw_refused().
 */
static const char *
coding_read(const struct link *l, uint8_t data_coding,
    enum gw_coding *ret_coding, bool *ret_ascii)
{
	bool latin1 =
	    data_coding == 0 && l->s->conf.default_alphabet == ALPHABET_LATIN1;

	*ret_ascii = data_coding == 1;
	if (latin1 || data_coding == 1 || data_coding == 3)
		*ret_coding = GW_CODING_LATIN1;
	else if (data_coding == 0 || (data_coding & 0xFC) == 0x10 ||
		 (data_coding & 0xFC) == 0xF0)
		*ret_coding = GW_CODING_GSM7;
	else if (data_coding == 8 || (data_coding & 0xFC) == 0x18)
		*ret_coding = GW_CODING_UCS2;
	else if (data_coding == 2 || data_coding == 4 ||
		 (data_coding & 0xFC) == 0x14 || (data_coding & 0xFC) == 0xF4)
		return "binary";
	else
		return "bad_coding";
	return NULL;
}

/* Which piece of a longer text this is: by its header, which is cut off the
 * data, or by the sar_ parameters. */
static const char *
place_read(struct incoming *in, struct udh *ret_udh)
{
	const uint32_t sar = SMPP_HAS(sar_msg_ref_num) |
			     SMPP_HAS(sar_total_segments) |
			     SMPP_HAS(sar_segment_seqnum);
	const struct smpp_tlvs *t = in->tlv;
	struct udh u = { 0 };

	if ((in->esm_class & SMPP_ESM_UDHI) != 0) {
		if (udh_read(in->data, &u) < 0)
			return "bad_udh";
		in->data.p += u.len, in->data.n -= u.len;
	} else if ((t->has & sar) == sar && t->sar_segment_seqnum > 0 &&
		   t->sar_segment_seqnum <= t->sar_total_segments) {
		u.total = t->sar_total_segments;
		u.number = t->sar_segment_seqnum;
		u.ref = t->sar_msg_ref_num;
	}
	*ret_udh = u;
	return NULL;
}

/* Septets one in a byte, whatever the SMSC does. */
static struct sv
unpacked(const struct link *l, struct sv data, size_t header_len)
{
	struct sb b;

	sb_init(&b, l->s->arena, 2 * data.n + 1);
	gsm7_unpack(data, (unsigned)(7 - 8 * header_len % 7) % 7, &b);
	return sb_sv(&b);
}

/* A whole text as UTF-8. */
static const char *
text_read(const struct link *l, enum gw_coding coding, struct sv data,
    struct sv *ret_text)
{
	const char *bad = NULL;
	struct sb b;

	sb_init(&b, l->s->arena, GW_TEXT_MAX);
	switch (coding) {
	case GW_CODING_GSM7:
		bad = gsm7_read(data, &b) < 0 ? "bad_gsm7" : NULL;
		break;
	case GW_CODING_LATIN1:
		latin1_read(data, &b);
		break;
	case GW_CODING_UCS2:
		bad = utf16be_read(data, &b) < 0 ? "bad_utf16" : NULL;
		break;
	}
	if (bad == NULL && b.full)
		bad = "long_text";
	if (bad == NULL && !utf8_is_valid(sb_sv(&b)))
		bad = "bad_text"; /* a NUL */
	*ret_text = sb_sv(&b);
	return bad;
}

static bool
is_ascii(struct sv data)
{
	size_t i;

	for (i = 0; i < data.n; i++)
		if ((unsigned char)data.p[i] >= 0x80)
			return false;
	return true;
}

/* Fill in the text or the part.  Returns NULL, or the word for
 * gw_refused(). */
static const char *
content_read(const struct link *l, struct incoming *in, struct gw_in *ret)
{
	enum gw_coding coding = GW_CODING_GSM7;
	struct udh u = { 0 };
	bool ascii;
	const char *bad = coding_read(l, in->data_coding, &coding, &ascii);

	if (bad == NULL)
		bad = place_read(in, &u);
	if (bad != NULL)
		return bad;
	if (ascii && !is_ascii(in->data))
		return "bad_ascii";
	if (coding == GW_CODING_GSM7 &&
	    l->s->conf.default_alphabet == ALPHABET_GSM7_PACKED)
		in->data = unpacked(l, in->data, u.len);
	if (u.total <= 1)
		return text_read(l, coding, in->data, &ret->text);
	if (in->data.n > GW_PART_MAX)
		return "long_part";
	ret->part = (struct gw_part){ .total = u.total,
		.number = u.number,
		.ref = u.ref,
		.coding = coding,
		.bytes = in->data };
	return NULL;
}

static struct sv
sender_read(const struct link *l, const struct incoming *in)
{
	struct sb b;

	if (in->source_ton != TON_INTERNATIONAL || in->source.n == 0 ||
	    in->source.p[0] == '+')
		return in->source;
	sb_init(&b, l->s->arena, in->source.n + 1);
	sb_puts(&b, "+");
	sb_put(&b, in->source);
	return sb_sv(&b);
}

static void
text_take(struct link *l, const struct smpp_pdu *pdu, struct incoming *in)
{
	struct mo *mo = mo_new(l, pdu);
	/* some SMSCs name a text so; most give no id */
	struct gw_in text = { .id = pdu->tlv.receipted_message_id,
		.from = sender_read(l, in),
		.to = in->destination };
	const char *bad = content_read(l, in, &text);

	if (text.to.n > GW_LINE_MAX)
		bad = "bad_receiver";
	if (bad != NULL) {
		gw_refused(l->s->gw, bad);
		on_done(mo, -EBADMSG);
		return;
	}
	gw_inbound(l->s->gw, &text, on_done, mo);
}

/* A state that is not the last word is passed over. */
static bool
is_final(enum smpp_state state)
{
	return state != SMPP_ENROUTE && state != SMPP_ACCEPTED &&
	       state != SMPP_UNKNOWN;
}

static void
receipt_take(
    struct link *l, const struct smpp_pdu *pdu, const struct incoming *in)
{
	bool decimal = strcmp(l->s->conf.receipt_ids, "decimal") == 0;
	struct mo *mo = mo_new(l, pdu);
	struct smpp_receipt r;
	char buf[GW_ID_MAX];
	struct sb b;

	if (smpp_receipt_read(in->data, in->tlv, &r) < 0) {
		gw_refused(l->s->gw, "bad_receipt");
		on_done(mo, 0); /* it would be no better again */
		return;
	}
	sb_wrap(&b, buf, sizeof(buf));
	smpp_id_fold(r.id, decimal, &b);
	if (!is_final(r.state) || b.full)
		on_done(mo, 0);
	else
		gw_report_named(l->s->gw, sb_sv(&b), r.state == SMPP_DELIVERED,
		    on_done, mo);
}

static bool
is_receipt(const struct incoming *in)
{
	const uint32_t both =
	    SMPP_HAS(receipted_message_id) | SMPP_HAS(message_state);

	return (in->esm_class & SMPP_ESM_TYPE) == SMPP_ESM_RECEIPT ||
	       (in->tlv->has & both) == both;
}

void
in_take(struct link *l, const struct smpp_pdu *pdu)
{
	struct incoming in = incoming_of(pdu);

	if (!link_is_bound(l, WAY_IN)) {
		gw_refused(l->s->gw, "not_bound");
		link_respond(l, pdu->command, SMPP_RINVBNDSTS, pdu->sequence);
	} else if (is_receipt(&in)) {
		receipt_take(l, pdu, &in);
	} else if ((in.esm_class & SMPP_ESM_TYPE) == SMPP_ESM_TEXT) {
		text_take(l, pdu, &in);
	} else { /* a phone's own acknowledgement, a receipt on the way */
		link_respond(l, pdu->command, SMPP_ROK, pdu->sequence);
	}
}
