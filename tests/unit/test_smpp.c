/* test_smpp.c - PDUs whole, cut and broken; receipts as vendors write them. */
#include "daemon/proto/smpp.h"

#include <stdlib.h>

#include "daemon/proto/smpp_receipt.h"
#include "tests/tap.h"

#define LIT(s)                                                                 \
	{                                                                      \
		.p = (s), .n = sizeof(s) - 1                                   \
	}

struct pdu_case {
	const char *name;
	struct sv bytes;
	enum parse_rc rc;
	enum smpp_fault fault; /* with PARSE_BAD and PARSE_TOO_BIG */
	uint32_t status;
	bool lost; /* nobody knows where the next PDU begins */
};

#define SEQ "\0\0\0\7"
/* from +996555123456 (1, 1) to 1414 (3, 1) */
#define ADDRESSES                                                              \
	"\1\1"                                                                 \
	"996555123456\0"                                                       \
	"\3\1"                                                                 \
	"1414\0"
#define DELIVER(len) "\0\0\0" len "\0\0\0\5\0\0\0\0" SEQ
#define TIMES "\0\0"
#define MENU_SM "\0" ADDRESSES "\0\0\0" TIMES "\0\0\0\0\4menu"

static const struct pdu_case cases[] = {
	{ .name = "enquire_link",
	    .bytes = LIT("\0\0\0\20\0\0\0\25\0\0\0\0" SEQ) },
	{ .name = "unbind", .bytes = LIT("\0\0\0\20\0\0\0\6\0\0\0\0" SEQ) },
	{ .name = "generic_nack",
	    .bytes = LIT("\0\0\0\20\x80\0\0\0\0\0\0\3" SEQ) },
	{ .name = "bind_transceiver",
	    .bytes = LIT("\0\0\0\45\0\0\0\11\0\0\0\0" SEQ
			 "safar\0secret\0SMS\0\x34\0\0\0") },
	{ .name = "bind_transceiver_resp",
	    .bytes =
		LIT("\0\0\0\32\x80\0\0\11\0\0\0\0" SEQ "SMSC\0\2\20\0\1\x34") },
	{ .name = "bind refused, no body",
	    .bytes = LIT("\0\0\0\20\x80\0\0\11\0\0\0\16" SEQ) },
	{ .name = "submit_sm_resp",
	    .bytes = LIT("\0\0\0\23\x80\0\0\4\0\0\0\0" SEQ "1a\0") },
	{ .name = "submit_sm_resp, throttled",
	    .bytes = LIT("\0\0\0\20\x80\0\0\4\0\0\0\x58" SEQ) },
	{ .name = "deliver_sm", .bytes = LIT(DELIVER("\x35") MENU_SM) },
	{ .name = "deliver_sm, sar parameters",
	    .bytes = LIT(DELIVER("\x45") MENU_SM
		"\2\14\0\2\1\2\2\16\0\1\2\2\17\0\1\1") },
	{ .name = "deliver_sm, payload",
	    .bytes = LIT(DELIVER("\x39") "\0" ADDRESSES "\0\0\0" TIMES
					 "\0\0\10\0\0\4\44\0\4\4\x3C\4\x35") },
	{ .name = "data_sm",
	    .bytes = LIT("\0\0\0\62\0\0\1\3\0\0\0\0" SEQ "\0" ADDRESSES
			 "\0\0\0\4\44\0\4menu") },
	{ .name = "data_sm_resp",
	    .bytes = LIT("\0\0\0\22\x80\0\1\3\0\0\0\0" SEQ "x\0") },
	{ .name = "outbind",
	    .bytes = LIT("\0\0\0\24\0\0\0\13\0\0\0\0" SEQ "a\0b\0") },
	{ .name = "alert_notification",
	    .bytes = LIT("\0\0\0\32\0\0\1\2\0\0\0\0" SEQ "\1\1"
			 "99\0\1\1"
			 "12\0") },
	/* wrong lengths */
	{ "length 0", LIT("\0\0\0\0\0\0\0\25\0\0\0\0" SEQ), PARSE_BAD,
	    SMPP_SHORT_PDU, SMPP_RINVCMDLEN, true },
	{ "length 15", LIT("\0\0\0\17\0\0\0\25\0\0\0\0\0\0\0"), PARSE_BAD,
	    SMPP_SHORT_PDU, SMPP_RINVCMDLEN, true },
	{ "1 MB", LIT("\0\20\0\0"), PARSE_TOO_BIG, SMPP_BIG_PDU,
	    SMPP_RINVCMDLEN, true },
	{ "greatest length", LIT("\xFF\xFF\xFF\xFF"), PARSE_TOO_BIG,
	    SMPP_BIG_PDU, SMPP_RINVCMDLEN, true },
	{ "one byte over the limit", LIT("\0\1\x11\x71"), PARSE_TOO_BIG,
	    SMPP_BIG_PDU, SMPP_RINVCMDLEN, true },
	/* unknown commands */
	{ "command 0", LIT("\0\0\0\20\0\0\0\0\0\0\0\0" SEQ), PARSE_BAD,
	    SMPP_BAD_COMMAND, SMPP_RINVCMDID, false },
	{ "command 0x103 of nobody", LIT("\0\0\0\20\0\0\1\4\0\0\0\0" SEQ),
	    PARSE_BAD, SMPP_BAD_COMMAND, SMPP_RINVCMDID, false },
	{ "an unknown response", LIT("\0\0\0\20\x80\0\0\x77\0\0\0\0" SEQ),
	    PARSE_BAD, SMPP_BAD_COMMAND, SMPP_RINVCMDID, false },
	{ "an unknown response with an error",
	    LIT("\0\0\0\20\x80\0\0\x77\0\0\0\10" SEQ), PARSE_BAD,
	    SMPP_BAD_COMMAND, SMPP_RINVCMDID, false },
	/* broken fields */
	{ "deliver_sm without a body", LIT("\0\0\0\20\0\0\0\5\0\0\0\0" SEQ),
	    PARSE_BAD, SMPP_CUT_FIELD, SMPP_RINVCMDLEN, false },
	{ "ends within the sender",
	    LIT("\0\0\0\26\0\0\0\5\0\0\0\0" SEQ "\0\1\1"
		"996"),
	    PARSE_BAD, SMPP_NO_NUL, SMPP_RINVCMDLEN, false },
	{ "sender of 21 characters",
	    LIT("\0\0\0\51\0\0\0\5\0\0\0\0" SEQ "\0\1\1"
		"123456789012345678901\0"),
	    PARSE_BAD, SMPP_LONG_FIELD, SMPP_RINVSRCADR, false },
	{ "receiver of 21 characters",
	    LIT("\0\0\0\54\0\0\0\5\0\0\0\0" SEQ "\0\1\1\0\1\1"
		"123456789012345678901\0"),
	    PARSE_BAD, SMPP_LONG_FIELD, SMPP_RINVDSTADR, false },
	{ "service type of 6 characters",
	    LIT("\0\0\0\27\0\0\0\5\0\0\0\0" SEQ "123456\0"), PARSE_BAD,
	    SMPP_LONG_FIELD, SMPP_RINVSERTYP, false },
	{ "validity of 17 characters",
	    LIT("\0\0\0\55\0\0\0\5\0\0\0\0" SEQ "\0\1\1\0\1\1\0\0\0\0\0"
		"12345678901234567\0"),
	    PARSE_BAD, SMPP_LONG_FIELD, SMPP_RINVEXPIRY, false },
	{ "sm_length past the end",
	    LIT(DELIVER("\x35") "\0" ADDRESSES "\0\0\0" TIMES "\0\0\0\0\5menu"),
	    PARSE_BAD, SMPP_CUT_MESSAGE, SMPP_RINVMSGLEN, false },
	{ "sm_length 255",
	    LIT(DELIVER("\x35") "\0" ADDRESSES "\0\0\0" TIMES
				"\0\0\0\0\xFFmenu"),
	    PARSE_BAD, SMPP_LONG_MESSAGE, SMPP_RINVMSGLEN, false },
	/* broken optional parameters */
	{ "two bytes left over", LIT("\0\0\0\22\0\0\0\25\0\0\0\0" SEQ "xx"),
	    PARSE_BAD, SMPP_CUT_TLV, SMPP_RINVOPTPARSTREAM, false },
	{ "a parameter past the end", LIT(DELIVER("\x3a") MENU_SM "\4\44\0\2x"),
	    PARSE_BAD, SMPP_CUT_TLV, SMPP_RINVOPTPARSTREAM, false },
	{ "a state of two bytes", LIT(DELIVER("\x3b") MENU_SM "\4\47\0\2\2\2"),
	    PARSE_BAD, SMPP_BAD_TLV, SMPP_RINVPARLEN, false },
	{ "a reference of one byte", LIT(DELIVER("\x3a") MENU_SM "\2\14\0\1\2"),
	    PARSE_BAD, SMPP_BAD_TLV, SMPP_RINVPARLEN, false },
};

/* The front n bytes on the heap, so that a sanitizer sees a read past them. */
static enum parse_rc
read_front(struct sv bytes, size_t n, size_t *ret_used,
    struct smpp_refusal *reterr_refusal)
{
	char *copy = malloc(n + (n == 0));
	struct smpp_pdu pdu;
	enum parse_rc rc;

	ASSERT(copy != NULL);
	if (n > 0)
		memcpy(copy, bytes.p, n);
	rc = smpp_read((struct sv){ copy, n }, &pdu, ret_used, reterr_refusal);
	free(copy);
	return rc;
}

/* As a socket gives it, byte by byte. */
static void
test_cut(const struct pdu_case *c)
{
	struct smpp_refusal no = { .status = 12345 };
	size_t n, used = 7;
	int bad = 0;

	for (n = 0; n < c->bytes.n; n++) {
		enum parse_rc want = c->lost && n >= 4 ? c->rc : PARSE_MORE;

		bad += read_front(c->bytes, n, &used, &no) != want;
	}
	EQ(bad, 0, c->name);
	EQ(read_front(c->bytes, c->bytes.n, &used, &no), c->rc, c->name);
	EQ(used, c->rc == PARSE_OK ? c->bytes.n : 7, c->name);
	if (c->rc == PARSE_OK) {
		EQ(no.status, 12345, "no refusal");
		return;
	}
	EQ(no.fault, c->fault, c->name);
	EQ(no.status, c->status, c->name);
	EQ(no.used, c->lost ? 0 : c->bytes.n, "what to pass over");
	EQ(no.sequence, c->lost ? 0 : 7, "the number of what is refused");
}

/* A good PDU, written again, is the same bytes, and leaves the next alone. */
static void
test_round_trip(const struct pdu_case *c)
{
	char buf[512], two[512];
	struct smpp_refusal no;
	struct smpp_pdu pdu;
	struct sb b;
	size_t used = 0, room;
	int bad = 0;

	memcpy(two, c->bytes.p, c->bytes.n);
	memcpy(two + c->bytes.n, c->bytes.p, c->bytes.n);
	EQ(smpp_read((struct sv){ two, 2 * c->bytes.n }, &pdu, &used, &no),
	    PARSE_OK, c->name);
	EQ(used, c->bytes.n, c->name);
	sb_wrap(&b, buf, sizeof(buf));
	sb_puts(&b, "before");
	smpp_write(&pdu, &b);
	OK(!b.full && sv_eq((struct sv){ b.p + 6, b.n - 6 }, c->bytes),
	    c->name);
	for (room = 0; room < c->bytes.n; room++) {
		sb_wrap(&b, buf, room + 1);
		smpp_write(&pdu, &b);
		bad += !b.full || b.n != 0;
	}
	EQ(bad, 0, "too little room: nothing written");
}

static struct smpp_pdu
read_ok(struct sv bytes)
{
	struct smpp_pdu pdu = { 0 };
	struct smpp_refusal no;
	size_t used;

	EQ(smpp_read(bytes, &pdu, &used, &no), PARSE_OK, "is read");
	return pdu;
}

static void
test_fields(void)
{
	struct smpp_pdu p = read_ok(
	    SV(DELIVER("\x45") MENU_SM "\2\14\0\2\1\2\2\16\0\1\2\2\17\0\1\1"));

	EQ(p.command, SMPP_deliver_sm, "command");
	EQ(p.sequence, 7, "sequence");
	EQ(p.sm.source_addr_ton, 1, "source ton");
	OK(sv_eq(p.sm.source_addr, SV("996555123456")), "source");
	EQ(p.sm.dest_addr_ton, 3, "destination ton");
	OK(sv_eq(p.sm.destination_addr, SV("1414")), "destination");
	OK(sv_eq(p.sm.short_message, SV("menu")), "short message");
	EQ(p.tlv.has,
	    SMPP_HAS(sar_msg_ref_num) | SMPP_HAS(sar_total_segments) |
		SMPP_HAS(sar_segment_seqnum),
	    "three parameters");
	EQ(p.tlv.sar_msg_ref_num, 0x0102, "reference");
	EQ(p.tlv.sar_total_segments, 2, "total");
	EQ(p.tlv.sar_segment_seqnum, 1, "number");
}

/* 5.0's, and those of vendors: passed over. */
static void
test_unknown_tlvs(void)
{
	struct smpp_pdu p = read_ok(SV(DELIVER("\x49") MENU_SM
	    "\6\15\0\3abc" /* source_network_id of 5.0 */
	    "\4\47\0\1\2"
	    "\x14\0\0\0" /* a vendor's, empty */
	    "\xFF\xFF\0\0"));

	EQ(p.tlv.has, SMPP_HAS(message_state), "only what is known");
	EQ(p.tlv.message_state, SMPP_DELIVERED, "its value");
}

static void
test_tolerated(void)
{
	struct smpp_pdu p;

	p = read_ok(SV("\0\0\0\20\x80\0\0\4\0\0\0\0" SEQ));
	EQ(p.message_id.message_id.n, 0, "a response without its body");
	p = read_ok(SV("\0\0\0\23\x80\0\0\4\0\0\0\10" SEQ "abc"));
	EQ(p.status, SMPP_RSYSERR, "an error with a body nobody reads");
	p = read_ok(SV(DELIVER("\x3c") MENU_SM "\0\36\0\3abc"));
	OK(sv_eq(p.tlv.receipted_message_id, SV("abc")), "an id without NUL");
	p = read_ok(SV(DELIVER("\x3d") MENU_SM "\0\36\0\4abc\0"));
	OK(sv_eq(p.tlv.receipted_message_id, SV("abc")), "and with it");
}

static void
test_write(void)
{
	struct smpp_pdu p = { .command = SMPP_submit_sm, .sequence = 1 };
	char buf[512], text[256] = "";
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	p.sm.short_message = (struct sv){ text, SMPP_MESSAGE_MAX };
	smpp_write(&p, &b);
	OK(!b.full && b.n > SMPP_MESSAGE_MAX, "the longest short message");
	sb_cut(&b, 0);
	p.sm.short_message.n++;
	smpp_write(&p, &b);
	OK(b.full && b.n == 0, "one byte longer is not written");
	sb_cut(&b, 0);
	p.sm.short_message.n = 0;
	p.sm.source_addr = SV("123456789012345678901");
	smpp_write(&p, &b);
	OK(b.full && b.n == 0, "nor an address over its limit");
	sb_cut(&b, 0);
	p.sm.source_addr = SV("12\0"
			      "3");
	smpp_write(&p, &b);
	OK(b.full && b.n == 0, "nor one with a NUL in it");
	sb_cut(&b, 0);
	p.command = 0x7777;
	smpp_write(&p, &b);
	OK(b.full && b.n == 0, "nor what nobody knows");
}

static void
test_resp(void)
{
	char buf[64];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	smpp_write_resp(&b, SMPP_deliver_sm, SMPP_ROK, 7);
	OK(sv_eq(sb_sv(&b), SV("\0\0\0\21\x80\0\0\5\0\0\0\0" SEQ "\0")),
	    "deliver_sm_resp has an empty id");
	sb_cut(&b, 0);
	smpp_write_resp(&b, SMPP_deliver_sm, SMPP_RX_T_APPN, 7);
	OK(sv_eq(sb_sv(&b), SV("\0\0\0\20\x80\0\0\5\0\0\0\x64" SEQ)),
	    "and with an error nothing");
	sb_cut(&b, 0);
	smpp_write_resp(&b, 0x7777, SMPP_RINVCMDID, 7);
	OK(sv_eq(sb_sv(&b), SV("\0\0\0\20\x80\0\0\0\0\0\0\3" SEQ)),
	    "what nobody knows is answered with generic_nack");
}

static void
test_names(void)
{
	OK(strcmp(smpp_command_name(SMPP_data_sm), "data_sm") == 0, "command");
	OK(strcmp(smpp_command_name(SMPP_NACK), "generic_nack") == 0, "nack");
	OK(strcmp(smpp_command_name(0x99), "unknown") == 0, "none");
	OK(strcmp(smpp_status_name(0x58), "RTHROTTLED") == 0, "status");
	OK(strcmp(smpp_status_name(0x400), "unknown") == 0, "a vendor's");
	EQ(smpp_status_verdict(SMPP_RMSGQFUL), SMPP_SLOWER, "verdict");
	EQ(smpp_status_verdict(SMPP_RINVDSTADR), SMPP_NEVER, "another");
	EQ(smpp_status_verdict(0x400), SMPP_AGAIN, "of a vendor's");
	OK(strcmp(smpp_fault_name(SMPP_BAD_TLV), "bad_tlv") == 0, "fault");
}

struct receipt_case {
	const char *name, *text;
	const char *id; /* NULL: refused */
	enum smpp_state state;
};

#define REST " sub:001 dlvrd:001 submit date:2611220414 done date:2611220415"

static const struct receipt_case receipts[] = {
	{ "as in the book", "id:1a2b" REST " stat:DELIVRD err:000 text:Salom",
	    "1a2b", SMPP_DELIVERED },
	{ "large letters", "ID:7" REST " STAT:UNDELIV ERR:001 TEXT:", "7",
	    SMPP_UNDELIVERABLE },
	{ "spaces behind the colons", "id: 7 stat: DELIVRD err: 0", "7",
	    SMPP_DELIVERED },
	{ "other order", "stat:EXPIRED id:0007 err:0", "0007", SMPP_EXPIRED },
	{ "whole words", "id:7 stat:DELIVERED", "7", SMPP_DELIVERED },
	{ "on lines", "id:7\nstat:REJECTD\n", "7", SMPP_REJECTED },
	{ "with commas", "id:7, stat:FAILED, err:1", "7", SMPP_UNDELIVERABLE },
	{ "accepted", "id:7 stat:ACCEPTD", "7", SMPP_ACCEPTED },
	{ "enroute", "id:7 stat:ENROUTE", "7", SMPP_ENROUTE },
	{ "buffered", "id:7 stat:BUFFERED", "7", SMPP_ENROUTE },
	{ "deleted", "id:7 stat:DELETED", "7", SMPP_DELETED },
	{ "unknown", "id:7 stat:UNKNOWN", "7", SMPP_UNKNOWN },
	{ "an id in letters", "id:a-b_c.d/9 stat:DELIVRD", "a-b_c.d/9",
	    SMPP_DELIVERED },
	{ "a lie in the quoted text", "id:7 err:0 text:x id:8 stat:DELIVRD",
	    NULL, 0 },
	{ "no state", "id:7" REST " err:000 text:", NULL, 0 },
	{ "a state nobody knows", "id:7 stat:HAPPY", NULL, 0 },
	{ "no id", "sub:001 stat:DELIVRD", NULL, 0 },
	{ "an id of nothing", "id: ", NULL, 0 },
	{ "the end of another word", "paid:7 stat:DELIVRD", NULL, 0 },
	{ "not a receipt", "hello", NULL, 0 },
	{ "empty", "", NULL, 0 },
};

static void
test_receipts(void)
{
	const struct smpp_tlvs none = { 0 };
	struct smpp_receipt r;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_LEN(receipts); i++) {
		const struct receipt_case *c = &receipts[i];

		rc = smpp_receipt_read(sv_of(c->text), &none, &r);
		EQ(rc, c->id != NULL ? 0 : -EBADMSG, c->name);
		if (c->id == NULL || rc < 0)
			continue;
		OK(sv_eq(r.id, sv_of(c->id)), c->name);
		EQ(r.state, c->state, c->name);
	}
}

static void
test_receipt_tlvs(void)
{
	struct smpp_tlvs t = { .has = SMPP_HAS(receipted_message_id) |
				      SMPP_HAS(message_state),
		.receipted_message_id = SV("9"),
		.message_state = SMPP_EXPIRED };
	struct smpp_receipt r;

	EQ(smpp_receipt_read(SV(""), &t, &r), 0, "parameters alone");
	OK(sv_eq(r.id, SV("9")) && r.state == SMPP_EXPIRED, "are enough");
	EQ(smpp_receipt_read(SV("id:7 stat:DELIVRD"), &t, &r), 0, "both");
	OK(sv_eq(r.id, SV("9")) && r.state == SMPP_EXPIRED, "they win");
	t.message_state = 77;
	EQ(smpp_receipt_read(SV("id:7 stat:DELIVRD"), &t, &r), 0, "no state");
	OK(r.state == SMPP_DELIVERED, "is there: the text's is taken");
	EQ(smpp_receipt_read(SV(""), &t, &r), -EBADMSG, "and without text");
}

static void
test_ids(void)
{
	static const struct {
		const char *id, *want;
		bool is_decimal;
	} ids[] = {
		{ "1A2B", "1a2b", false },
		{ "00001a2b", "1a2b", false },
		{ "0", "0", false },
		{ "6699", "1a2b", true },
		{ "0000006699", "1a2b", true },
		{ "1a2b", "1a2b", true },
		{ "18446744073709551616", "18446744073709551616", true },
		{ "fffffffffffffffff", "fffffffffffffffff", false },
		{ "A-7", "A-7", false },
		{ "", "", false },
	};
	char buf[80];
	struct sb b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(ids); i++) {
		sb_wrap(&b, buf, sizeof(buf));
		smpp_id_fold(sv_of(ids[i].id), ids[i].is_decimal, &b);
		OK(sv_eq(sb_sv(&b), sv_of(ids[i].want)), ids[i].id);
	}
}

int
main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		test_cut(&cases[i]);
		if (cases[i].rc == PARSE_OK)
			test_round_trip(&cases[i]);
	}
	test_fields();
	test_unknown_tlvs();
	test_tolerated();
	test_write();
	test_resp();
	test_names();
	test_receipts();
	test_receipt_tlvs();
	test_ids();
	return tap_done();
}
