/*
 * smpp.h - SMPP 3.4: the bytes between an SMSC and us.
 *
 * Pure codec.  A PDU is four uint32 (big endian: length of the whole, command,
 * status, sequence), the mandatory fields of its command, then optional
 * parameters as tag, length, value.  Layouts are in smpp.def, smpp_tlv.def and
 * smpp_status.def.  Source: SMPP Protocol Specification v3.4, issue 1.2.
 */
#ifndef DAEMON_PROTO_SMPP_H
#define DAEMON_PROTO_SMPP_H

#include "daemon/base/sb.h"
#include "daemon/proto/parse.h"

enum {
	SMPP_HEADER_LEN = 16,
	SMPP_PDU_MAX = 70000, /* bytes: a payload of 64 KB and its fields */
	SMPP_MESSAGE_MAX = 254,
	SMPP_VERSION = 0x34,
};

#define SMPP_RESP UINT32_C(0x80000000) /* set in every response's command */
#define SMPP_NACK SMPP_RESP	       /* generic_nack answers no command */

/* SMPP_submit_sm ...; a response is SMPP_submit_sm | SMPP_RESP. */
#define BODY(name, fields)
#define PDU(name, id, body) SMPP_##name = (id),
#define RESP(name, id, body)
enum smpp_command {
#include "daemon/proto/smpp.def"
};
#undef BODY
#undef PDU
#undef RESP

#define STATUS(name, code, verdict) SMPP_##name = (code),
enum smpp_status {
#include "daemon/proto/smpp_status.def"
};
#undef STATUS

/* What a status says to who submitted a text. */
enum smpp_verdict {
	SMPP_TAKEN,
	SMPP_SLOWER, /* nothing for a while, then again */
	SMPP_AGAIN,  /* this one again, later */
	SMPP_NEVER,
};

/* esm_class; section 5.2.12 */
enum {
	SMPP_ESM_TYPE = 0x3C, /* mask */
	SMPP_ESM_TEXT = 0x00,
	SMPP_ESM_RECEIPT = 0x04,
	SMPP_ESM_UDHI = 0x40, /* a user data header stands before the text */
};

/*
 * struct smpp_bind, smpp_bind_resp, smpp_sm (submit_sm and deliver_sm) ...:
 * uint8_t for U8(), struct sv without its NUL for CSTR() and OCTETS().
 */
#define U8(name) uint8_t name;
#define CSTR(name, max, status) struct sv name;
#define OCTETS(name, max, status) struct sv name;
#define PDU(name, id, body)
#define RESP(name, id, body)
#define BODY(name, fields)                                                     \
	struct smpp_##name {                                                   \
		uint8_t unused;                                                \
		fields                                                         \
	};
#include "daemon/proto/smpp.def"
#undef PDU
#undef RESP
#undef BODY
#undef U8
#undef CSTR
#undef OCTETS

/* One bit for each optional parameter: SMPP_HAS_message_payload ... */
#define T8(name, tag) SMPP_BIT_##name,
#define T16(name, tag) SMPP_BIT_##name,
#define TSTR(name, tag, max) SMPP_BIT_##name,
#define TBYTES(name, tag, max) SMPP_BIT_##name,
enum {
#include "daemon/proto/smpp_tlv.def"
};
#undef T8
#undef T16
#undef TSTR
#undef TBYTES
#define SMPP_HAS(name) (1u << SMPP_BIT_##name)

#define T8(name, tag) uint8_t name;
#define T16(name, tag) uint16_t name;
#define TSTR(name, tag, max) struct sv name;
#define TBYTES(name, tag, max) struct sv name;
struct smpp_tlvs {
	uint32_t has; /* SMPP_HAS() of those that are there */
#include "daemon/proto/smpp_tlv.def"
};
#undef T8
#undef T16
#undef TSTR
#undef TBYTES

struct smpp_pdu {
	uint32_t command;
	uint32_t status; /* of a response, else 0 */
	uint32_t sequence;
	union {
#define PDU(name, id, body)
#define RESP(name, id, body)
#define BODY(name, fields) struct smpp_##name name;
#include "daemon/proto/smpp.def"
#undef PDU
#undef RESP
#undef BODY
	};
	struct smpp_tlvs tlv;
};

/* Why a PDU was refused. */
enum smpp_fault {
	SMPP_SHORT_PDU,	  /* a length below that of a header */
	SMPP_BIG_PDU,	  /* longer than SMPP_PDU_MAX */
	SMPP_BAD_COMMAND, /* nobody knows it */
	SMPP_CUT_FIELD,	  /* the PDU ends before its fields do */
	SMPP_NO_NUL,	  /* the PDU ends within a string */
	SMPP_LONG_FIELD,  /* a string over its limit */
	SMPP_LONG_MESSAGE,
	SMPP_CUT_MESSAGE, /* sm_length points past the end */
	SMPP_CUT_TLV,	  /* an optional parameter does so */
	SMPP_BAD_TLV,	  /* of a length its tag cannot have */
};

struct smpp_refusal {
	enum smpp_fault fault;
	uint32_t status;	    /* to answer it with */
	uint32_t command, sequence; /* of what is refused, 0 if not known */
	size_t used; /* bytes to pass over; 0: nobody knows where the next
			PDU begins */
};

/*
 * Read one PDU from the front of in.
 *
 * ret_pdu         views into in; set only on PARSE_OK
 * ret_used        bytes consumed; set only on PARSE_OK
 * reterr_refusal  set only on PARSE_BAD and PARSE_TOO_BIG
 *
 * The body of a response with an error is not read, and a response without
 * its body has empty fields: section 4 allows the first, peers do the second.
 */
MUST_USE enum parse_rc smpp_read(struct sv in, struct smpp_pdu *ret_pdu,
    size_t *ret_used, struct smpp_refusal *reterr_refusal);

/*
 * Append a PDU to b; optional parameters in the order of smpp_tlv.def.  One
 * that does not fit, has a field over its limit or an unknown command is left
 * out whole and b->full is set.
 */
void smpp_write(const struct smpp_pdu *pdu, struct sb *b);

/* Append the response to a command, without fields; generic_nack where no
 * response is known. */
void smpp_write_resp(
    struct sb *b, uint32_t command, uint32_t status, uint32_t sequence);

/* A status that is a vendor's own says SMPP_AGAIN. */
enum smpp_verdict smpp_status_verdict(uint32_t status);

/* "submit_sm", "RTHROTTLED", "cut_tlv"; "unknown" for others. */
const char *smpp_command_name(uint32_t command);
const char *smpp_status_name(uint32_t status);
const char *smpp_fault_name(enum smpp_fault fault);

#endif
