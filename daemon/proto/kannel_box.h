/*
 * kannel_box.h - the messages between Kannel's bearerbox and its boxes.
 *
 * Pure codec.  A frame is a uint32 (big endian) length and that many bytes: an
 * int32 type, then the fields of the type in a fixed order.  An integer is an
 * int32, -1 for "unset"; a string is an int32 length (-1 for NULL) and bytes;
 * a uuid is a string of 36 characters.  Layouts are in kannel_box.def.
 * Source: Kannel 1.4.5 gw/msg-decl.h and gw/msg.c (wire format), tried against
 * the real bearerbox.
 */
#ifndef DAEMON_PROTO_KANNEL_BOX_H
#define DAEMON_PROTO_KANNEL_BOX_H

#include "daemon/base/sb.h"
#include "daemon/proto/parse.h"

enum {
	BOX_FRAME_MAX = 65536, /* bytes after the length */
	BOX_UUID_LEN = 36,
	BOX_UNSET = -1,
};

enum box_type { BOX_HEARTBEAT, BOX_ADMIN, BOX_SMS, BOX_ACK };

/* admin.command; msg.h of Kannel */
enum box_command {
	BOX_CMD_SHUTDOWN,
	BOX_CMD_SUSPEND,
	BOX_CMD_RESUME,
	BOX_CMD_IDENTIFY,
	BOX_CMD_RESTART,
};

/* sms.sms_type */
enum box_sms_type {
	BOX_MO,
	BOX_MT_REPLY,
	BOX_MT_PUSH,
	BOX_REPORT_MO, /* a delivery report for a text we sent */
	BOX_REPORT_MT,
};

/* ack.nack */
enum box_nack {
	BOX_ACK_SUCCESS,
	BOX_ACK_FAILED,	    /* refused for ever */
	BOX_ACK_FAILED_TMP, /* hand it over again */
	BOX_ACK_BUFFERED,   /* kept, not yet handed to the SMSC */
};

/* sms.dlr_mask, in a request: what to report; in a report: what happened */
enum box_dlr {
	BOX_DLR_SUCCESS = 1,
	BOX_DLR_FAIL = 2,
	BOX_DLR_BUFFERED = 4,
	BOX_DLR_SMSC_SUCCESS = 8,
	BOX_DLR_SMSC_FAIL = 16,
};

/*
 * struct box_heartbeat, box_admin, box_sms and box_ack: int32_t for I(),
 * struct sv for S() and U() (p == NULL: the string is NULL on the wire).
 */
#define I(name) int32_t name;
#define S(name) struct sv name;
#define U(name) struct sv name;
#define BOX(name, code, fields)                                                \
	struct box_##name {                                                    \
		fields                                                         \
	};
#include "daemon/proto/kannel_box.def"
#undef BOX
#undef I
#undef S
#undef U

struct box_msg {
	enum box_type type;
	union {
		struct box_heartbeat heartbeat;
		struct box_admin admin;
		struct box_sms sms;
		struct box_ack ack;
	};
};

/* An sms with every field unset or NULL. */
struct box_sms box_sms_empty(void);

/*
 * Read one frame from the front of in.
 *
 * ret_msg   views into in; set only on PARSE_OK
 * ret_used  bytes consumed, length included; set only on PARSE_OK
 *
 * PARSE_BAD: unknown type, a field past the frame's end, bytes left over, an
 * id that is not a uuid; PARSE_TOO_BIG: longer than BOX_FRAME_MAX.
 */
MUST_USE enum parse_rc box_read(
    struct sv in, struct box_msg *ret_msg, size_t *ret_used);

/*
 * Append msg as one frame to b.  A frame that does not fit, or is longer than
 * BOX_FRAME_MAX, is left out whole and b->full is set.  A uuid that is not one
 * aborts: bearerbox dies of it.
 */
void box_write(const struct box_msg *msg, struct sb *b);

#endif
