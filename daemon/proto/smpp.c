/* smpp.c - readers and writers made from smpp.def and smpp_tlv.def. */
#include "daemon/proto/smpp.h"

enum { TLV_HEADER_LEN = 4 };

/* What is left of one PDU; the first fault stays. */
struct cursor {
	struct sv rest;
	bool bad;
	enum smpp_fault fault;
	uint32_t status;
};

static uint32_t
u16_at(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint32_t)b[0] << 8 | (uint32_t)b[1];
}

static uint32_t
u32_at(const char *p)
{
	return u16_at(p) << 16 | u16_at(p + 2);
}

static void
u16_to(char *p, uint32_t value)
{
	p[0] = (char)(value >> 8);
	p[1] = (char)value;
}

static void
u32_to(char *p, uint32_t value)
{
	u16_to(p, value >> 16);
	u16_to(p + 2, value);
}

static void
refuse(struct cursor *c, enum smpp_fault fault, uint32_t status)
{
	if (c->bad)
		return;
	c->bad = true;
	c->fault = fault;
	c->status = status;
	c->rest.n = 0;
}

static struct sv
take(struct cursor *c, size_t n)
{
	struct sv taken = { c->rest.p, n };

	c->rest.p += n, c->rest.n -= n;
	return taken;
}

static uint8_t
take_u8(struct cursor *c)
{
	if (c->rest.n == 0) {
		refuse(c, SMPP_CUT_FIELD, SMPP_RINVCMDLEN);
		return 0;
	}
	return (uint8_t)*take(c, 1).p;
}

static struct sv
take_cstr(struct cursor *c, size_t max, uint32_t status)
{
	size_t room = c->rest.n < max ? c->rest.n : max;
	const char *nul = room > 0 ? memchr(c->rest.p, '\0', room) : NULL;
	struct sv value = { 0 };

	if (nul == NULL) {
		if (room == max)
			refuse(c, SMPP_LONG_FIELD, status);
		else
			refuse(c, room > 0 ? SMPP_NO_NUL : SMPP_CUT_FIELD,
			    SMPP_RINVCMDLEN);
		return value;
	}
	value = take(c, (size_t)(nul - c->rest.p));
	(void)take(c, 1);
	return value;
}

static struct sv
take_octets(struct cursor *c, size_t max, uint32_t status)
{
	size_t n = take_u8(c);
	struct sv value = { 0 };

	if (n > max)
		refuse(c, SMPP_LONG_MESSAGE, status);
	else if (n > c->rest.n)
		refuse(c, SMPP_CUT_MESSAGE, status);
	else
		value = take(c, n);
	return value;
}

#define U8(name) m->name = take_u8(c);
#define CSTR(name, max, status) m->name = take_cstr(c, max, status);
#define OCTETS(name, max, status) m->name = take_octets(c, max, status);
#define PDU(name, id, body)
#define RESP(name, id, body)
#define BODY(name, fields)                                                     \
	static void read_##name(struct cursor *c, struct smpp_##name *m)       \
	{                                                                      \
		(void)c;                                                       \
		m->unused = 0;                                                 \
		fields                                                         \
	}
#include "daemon/proto/smpp.def"
#undef PDU
#undef RESP
#undef BODY
#undef U8
#undef CSTR
#undef OCTETS

static bool
tlv_is_right(struct cursor *c, bool right)
{
	if (!right)
		refuse(c, SMPP_BAD_TLV, SMPP_RINVPARLEN);
	return right;
}

static struct sv
without_nul(struct sv v)
{
	if (v.n > 0 && v.p[v.n - 1] == '\0')
		v.n--;
	return v;
}

#define TLV(name, tag, right, got)                                             \
	case tag:                                                              \
		if (tlv_is_right(c, right)) {                                  \
			tlv->has |= SMPP_HAS(name);                            \
			tlv->name = got;                                       \
		}                                                              \
		break;
#define T8(name, tag) TLV(name, tag, v.n == 1, (uint8_t)v.p[0])
#define T16(name, tag) TLV(name, tag, v.n == 2, (uint16_t)u16_at(v.p))
#define TSTR(name, tag, max) TLV(name, tag, v.n <= (max), without_nul(v))
#define TBYTES(name, tag, max) TLV(name, tag, v.n <= (max), v)
static void
tlv_take(struct cursor *c, struct smpp_tlvs *tlv, uint32_t tag, struct sv v)
{
	switch (tag) {
#include "daemon/proto/smpp_tlv.def"
	default:
		break;
	}
}
#undef TLV
#undef T8
#undef T16
#undef TSTR
#undef TBYTES

static void
read_tlvs(struct cursor *c, struct smpp_tlvs *tlv)
{
	struct sv head;
	size_t n;

	while (!c->bad && c->rest.n > 0) {
		if (c->rest.n < TLV_HEADER_LEN) {
			refuse(c, SMPP_CUT_TLV, SMPP_RINVOPTPARSTREAM);
			return;
		}
		head = take(c, TLV_HEADER_LEN);
		n = u16_at(head.p + 2);
		if (n > c->rest.n)
			refuse(c, SMPP_CUT_TLV, SMPP_RINVOPTPARSTREAM);
		else
			tlv_take(c, tlv, u16_at(head.p), take(c, n));
	}
}

static void
read_body(struct cursor *c, struct smpp_pdu *pdu)
{
	switch (pdu->command) {
#define BODY(name, fields)
#define PDU(name, id, body)                                                    \
	case id:                                                               \
		read_##body(c, &pdu->body);                                    \
		break;
#define RESP(name, id, body) PDU(name, (id) | SMPP_RESP, body)
#include "daemon/proto/smpp.def"
#undef PDU
#undef RESP
#undef BODY
	default:
		refuse(c, SMPP_BAD_COMMAND, SMPP_RINVCMDID);
		break;
	}
	if (!c->bad)
		read_tlvs(c, &pdu->tlv);
}

/* A response may come without its body. */
static bool
is_bodiless(const struct smpp_pdu *pdu, struct sv body)
{
	return (pdu->command & SMPP_RESP) != 0 &&
	       (pdu->status != 0 || body.n == 0) &&
	       strcmp(smpp_command_name(pdu->command), "unknown") != 0;
}

static enum parse_rc
refused(struct smpp_refusal *reterr, struct smpp_refusal refusal)
{
	*reterr = refusal;
	return refusal.fault == SMPP_BIG_PDU ? PARSE_TOO_BIG : PARSE_BAD;
}

enum parse_rc
smpp_read(struct sv in, struct smpp_pdu *ret_pdu, size_t *ret_used,
    struct smpp_refusal *reterr_refusal)
{
	struct smpp_pdu pdu = { 0 };
	struct cursor c = { 0 };
	uint32_t n;

	if (in.n < 4)
		return PARSE_MORE;
	n = u32_at(in.p);
	if (n < SMPP_HEADER_LEN || n > SMPP_PDU_MAX)
		return refused(reterr_refusal,
		    (struct smpp_refusal){ .fault = n > SMPP_PDU_MAX ?
							SMPP_BIG_PDU :
							SMPP_SHORT_PDU,
			.status = SMPP_RINVCMDLEN });
	if (in.n < n)
		return PARSE_MORE;
	pdu.command = u32_at(in.p + 4);
	pdu.status = u32_at(in.p + 8);
	pdu.sequence = u32_at(in.p + 12);
	c.rest = (struct sv){ in.p + SMPP_HEADER_LEN, n - SMPP_HEADER_LEN };
	if (!is_bodiless(&pdu, c.rest))
		read_body(&c, &pdu);
	if (c.bad)
		return refused(
		    reterr_refusal, (struct smpp_refusal){ .fault = c.fault,
					.status = c.status,
					.command = pdu.command,
					.sequence = pdu.sequence,
					.used = n });
	*ret_pdu = pdu;
	*ret_used = n;
	return PARSE_OK;
}

static void
put_u8(struct sb *b, uint8_t value)
{
	sb_put(b, (struct sv){ (const char *)&value, 1 });
}

static void
put_cstr(struct sb *b, struct sv v, size_t max)
{
	if (v.n >= max || (v.n > 0 && memchr(v.p, '\0', v.n) != NULL))
		b->full = true;
	sb_put(b, v);
	put_u8(b, 0);
}

static void
put_octets(struct sb *b, struct sv v, size_t max)
{
	if (v.n > max)
		b->full = true;
	put_u8(b, (uint8_t)v.n);
	sb_put(b, v);
}

#define U8(name) put_u8(b, m->name);
#define CSTR(name, max, status) put_cstr(b, m->name, max);
#define OCTETS(name, max, status) put_octets(b, m->name, max);
#define PDU(name, id, body)
#define RESP(name, id, body)
#define BODY(name, fields)                                                     \
	static void write_##name(const struct smpp_##name *m, struct sb *b)    \
	{                                                                      \
		(void)m, (void)b;                                              \
		fields                                                         \
	}
#include "daemon/proto/smpp.def"
#undef PDU
#undef RESP
#undef BODY
#undef U8
#undef CSTR
#undef OCTETS

static void
put_tlv(struct sb *b, uint32_t tag, struct sv v, size_t max)
{
	char head[TLV_HEADER_LEN];

	if (v.n > max)
		b->full = true;
	u16_to(head, tag);
	u16_to(head + 2, (uint32_t)v.n);
	sb_put(b, (struct sv){ head, sizeof(head) });
	sb_put(b, v);
}

static void
put_tlv_int(struct sb *b, uint32_t tag, uint32_t value, size_t n)
{
	char bytes[2];

	u16_to(bytes, value);
	put_tlv(b, tag, (struct sv){ bytes + 2 - n, n }, n);
}

static void
put_tlv_str(struct sb *b, uint32_t tag, struct sv v, size_t max)
{
	char text[256];

	ASSERT(max <= sizeof(text));
	if (v.n >= max) {
		b->full = true;
		return;
	}
	if (v.n > 0)
		memcpy(text, v.p, v.n);
	text[v.n] = '\0';
	put_tlv(b, tag, (struct sv){ text, v.n + 1 }, max);
}

#define TLV(name, put)                                                         \
	if ((tlv->has & SMPP_HAS(name)) != 0)                                  \
		put;
#define T8(name, tag) TLV(name, put_tlv_int(b, tag, tlv->name, 1))
#define T16(name, tag) TLV(name, put_tlv_int(b, tag, tlv->name, 2))
#define TSTR(name, tag, max) TLV(name, put_tlv_str(b, tag, tlv->name, max))
#define TBYTES(name, tag, max) TLV(name, put_tlv(b, tag, tlv->name, max))
static void
write_tlvs(const struct smpp_tlvs *tlv, struct sb *b)
{
#include "daemon/proto/smpp_tlv.def"
}
#undef TLV
#undef T8
#undef T16
#undef TSTR
#undef TBYTES

static void
write_body(const struct smpp_pdu *pdu, struct sb *b)
{
	switch (pdu->command) {
#define BODY(name, fields)
#define PDU(name, id, body)                                                    \
	case id:                                                               \
		write_##body(&pdu->body, b);                                   \
		break;
#define RESP(name, id, body) PDU(name, (id) | SMPP_RESP, body)
#include "daemon/proto/smpp.def"
#undef PDU
#undef RESP
#undef BODY
	default:
		b->full = true;
		break;
	}
	write_tlvs(&pdu->tlv, b);
}

static void
put_header(struct sb *b, uint32_t command, uint32_t status, uint32_t sequence)
{
	char head[SMPP_HEADER_LEN];

	u32_to(head, sizeof(head));
	u32_to(head + 4, command);
	u32_to(head + 8, status);
	u32_to(head + 12, sequence);
	sb_put(b, (struct sv){ head, sizeof(head) });
}

void
smpp_write(const struct smpp_pdu *pdu, struct sb *b)
{
	size_t start = b->n;

	if (b->full)
		return;
	put_header(b, pdu->command, pdu->status, pdu->sequence);
	if ((pdu->command & SMPP_RESP) == 0 || pdu->status == 0)
		write_body(pdu, b);
	if (b->full || b->n - start > SMPP_PDU_MAX) {
		sb_cut(b, start);
		b->full = true;
		return;
	}
	u32_to(b->p + start, (uint32_t)(b->n - start));
}

void
smpp_write_resp(
    struct sb *b, uint32_t command, uint32_t status, uint32_t sequence)
{
	struct smpp_pdu pdu = { .command = command | SMPP_RESP,
		.status = status,
		.sequence = sequence };

	if (strcmp(smpp_command_name(pdu.command), "unknown") == 0)
		pdu.command = SMPP_NACK;
	smpp_write(&pdu, b);
}

const char *
smpp_command_name(uint32_t command)
{
	switch (command) {
#define BODY(name, fields)
#define PDU(name, id, body)                                                    \
	case id:                                                               \
		return #name;
#define RESP(name, id, body) PDU(name, (id) | SMPP_RESP, body)
#include "daemon/proto/smpp.def"
#undef PDU
#undef RESP
#undef BODY
	default:
		return "unknown";
	}
}

static const struct status {
	const char *name;
	uint32_t code;
	enum smpp_verdict verdict;
} statuses[] = {
#define STATUS(name, code, verdict) { #name, code, verdict },
#include "daemon/proto/smpp_status.def"
#undef STATUS
};

static const struct status *
status_find(uint32_t code)
{
	static const struct status unknown = { "unknown", 0, SMPP_AGAIN };

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (statuses[i].code == code)
			return &statuses[i];
	}
	return &unknown;
}

const char *
smpp_status_name(uint32_t status)
{
	return status_find(status)->name;
}

enum smpp_verdict
smpp_status_verdict(uint32_t status)
{
	return status_find(status)->verdict;
}

const char *
smpp_fault_name(enum smpp_fault fault)
{
	static const char *const names[] = {
		[SMPP_SHORT_PDU] = "short_pdu",
		[SMPP_BIG_PDU] = "big_pdu",
		[SMPP_BAD_COMMAND] = "bad_command",
		[SMPP_CUT_FIELD] = "cut_field",
		[SMPP_NO_NUL] = "no_nul",
		[SMPP_LONG_FIELD] = "long_field",
		[SMPP_LONG_MESSAGE] = "long_message",
		[SMPP_CUT_MESSAGE] = "cut_message",
		[SMPP_CUT_TLV] = "cut_tlv",
		[SMPP_BAD_TLV] = "bad_tlv",
	};

	return names[fault];
}
