/*
 * smpp_receipt.h - what a delivery receipt says.
 *
 * Pure.  A receipt is a deliver_sm or data_sm whose text is, by SMPP 3.4
 * appendix B, "id:... sub:... dlvrd:... submit date:... done date:... stat:...
 * err:... text:...", and that may say the same in optional parameters, which
 * win.  Vendors write the text in other cases, orders and words.
 */
#ifndef DAEMON_PROTO_SMPP_RECEIPT_H
#define DAEMON_PROTO_SMPP_RECEIPT_H

#include "daemon/proto/smpp.h"

/* message_state; section 5.2.28 */
enum smpp_state {
	SMPP_ENROUTE = 1,
	SMPP_DELIVERED,
	SMPP_EXPIRED,
	SMPP_DELETED,
	SMPP_UNDELIVERABLE,
	SMPP_ACCEPTED,
	SMPP_UNKNOWN,
	SMPP_REJECTED,
};

struct smpp_receipt {
	struct sv id; /* the SMSC's own; never empty */
	enum smpp_state state;
};

/* Returns 0, -EBADMSG if no id or no state is to be found. */
MUST_USE int smpp_receipt_read(struct sv text, const struct smpp_tlvs *tlv,
    struct smpp_receipt *ret_receipt);

/*
 * An id in the form in which it is compared: SMSCs write the same one with and
 * without leading zeros, in small and large letters, and some in decimals in
 * one place and in hexadecimals in the other.
 *
 * is_decimal  true: a number in decimals, to be turned into hexadecimals
 *
 * Appended to b; what is no such number is taken as it is.
 */
void smpp_id_fold(struct sv id, bool is_decimal, struct sb *b);

#endif
