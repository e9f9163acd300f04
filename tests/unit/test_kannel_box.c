/* test_kannel_box.c - frames of Kannel's box protocol, whole, cut and broken.
 */
#include "daemon/proto/kannel_box.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define UUID "f0d74742-fb69-478d-853f-1871519c3c4f"
#define NIL4 "\xFF\xFF\xFF\xFF"
#define LIT(s)                                                                 \
	{                                                                      \
		.p = (s), .n = sizeof(s) - 1                                   \
	}

struct frame_case {
	const char *name;
	struct sv frame;
	enum parse_rc rc;
	enum box_type type;
};

/*
 * An MO as bearerbox sends it: sender, receiver, no udhdata, msgdata, time,
 * smsc_id, four NULLs up to account, id; then sms_type 0, mclass and mwi unset,
 * coding 2, and 16 fields unset or NULL.
 */
#define MO_BODY                                                                \
	"\0\0\0\2"                                                             \
	"\0\0\0\15+996555123456"                                               \
	"\0\0\0\4"                                                             \
	"1414" NIL4 "\0\0\0\4\x04\x3C\x04\x35"                                 \
	"\x6B\x02\x5B\xF2"                                                     \
	"\0\0\0\4FAKE" NIL4 NIL4 NIL4 NIL4 "\0\0\0\44" UUID                    \
	"\0\0\0\0" NIL4 NIL4 "\0\0\0\2" NIL4 NIL4 NIL4 NIL4 NIL4 NIL4 NIL4     \
	    NIL4 NIL4 NIL4 NIL4 NIL4 NIL4 NIL4 NIL4 NIL4
#define MO "\0\0\0\xBD" MO_BODY
#define ACK "\0\0\0\64\0\0\0\3\0\0\0\0\x6B\x02\x5B\xF2\0\0\0\44" UUID

static const struct frame_case cases[] = {
	{ "heartbeat", LIT("\0\0\0\10\0\0\0\0\0\0\0\7"), PARSE_OK,
	    BOX_HEARTBEAT },
	{ "identify, no box id", LIT("\0\0\0\14\0\0\0\1\0\0\0\3" NIL4),
	    PARSE_OK, BOX_ADMIN },
	{ "identify, box id", LIT("\0\0\0\21\0\0\0\1\0\0\0\3\0\0\0\5safar"),
	    PARSE_OK, BOX_ADMIN },
	{ "box id empty, not NULL", LIT("\0\0\0\14\0\0\0\1\0\0\0\3\0\0\0\0"),
	    PARSE_OK, BOX_ADMIN },
	{ "mo", LIT(MO), PARSE_OK, BOX_SMS },
	{ "ack", LIT(ACK), PARSE_OK, BOX_ACK },
	{ "unknown type 4", LIT("\0\0\0\10\0\0\0\4\0\0\0\0"), PARSE_BAD, 0 },
	{ "type -1", LIT("\0\0\0\10" NIL4 "\0\0\0\0"), PARSE_BAD, 0 },
	{ "empty frame", LIT("\0\0\0\0"), PARSE_BAD, 0 },
	{ "frame shorter than its type", LIT("\0\0\0\3\0\0\0"), PARSE_BAD, 0 },
	{ "type without fields", LIT("\0\0\0\4\0\0\0\0"), PARSE_BAD, 0 },
	{ "integer cut by the frame", LIT("\0\0\0\6\0\0\0\0\0\0"), PARSE_BAD,
	    0 },
	{ "byte left over", LIT("\0\0\0\11\0\0\0\0\0\0\0\0x"), PARSE_BAD, 0 },
	{ "string past the frame", LIT("\0\0\0\15\0\0\0\1\0\0\0\3\0\0\0\2x"),
	    PARSE_BAD, 0 },
	{ "string length -2", LIT("\0\0\0\14\0\0\0\1\0\0\0\3\xFF\xFF\xFF\xFE"),
	    PARSE_BAD, 0 },
	{ "string length least", LIT("\0\0\0\14\0\0\0\1\0\0\0\3\x80\0\0\0"),
	    PARSE_BAD, 0 },
	{ "string length greatest",
	    LIT("\0\0\0\14\0\0\0\1\0\0\0\3\x7F\xFF\xFF\xFF"), PARSE_BAD, 0 },
	{ "string swallows the fields behind it",
	    LIT("\0\0\0\20\0\0\0\1\0\0\0\3\0\0\0\10xxxx"), PARSE_BAD, 0 },
	{ "id NULL", LIT("\0\0\0\20\0\0\0\3\0\0\0\0\0\0\0\0" NIL4), PARSE_BAD,
	    0 },
	{ "id too short", LIT("\0\0\0\24\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\4abcd"),
	    PARSE_BAD, 0 },
	{ "id with a stray letter",
	    LIT("\0\0\0\64\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\44"
		"x0d74742-fb69-478d-853f-1871519c3c4f"),
	    PARSE_BAD, 0 },
	{ "id with a dash astray",
	    LIT("\0\0\0\64\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\44"
		"f0d74742f-b69-478d-853f-1871519c3c4f"),
	    PARSE_BAD, 0 },
	{ "id with a NUL",
	    LIT("\0\0\0\64\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\44"
		"f0d74742-fb69-478d-853f-1871519c3c4\0"),
	    PARSE_BAD, 0 },
	{ "one byte over the limit", LIT("\0\1\0\1\0\0\0\0"), PARSE_TOO_BIG,
	    0 },
	{ "greatest length", LIT(NIL4), PARSE_TOO_BIG, 0 },
};

/*
 * The front n bytes on the heap, so that a sanitizer sees a read past them;
 * leaves what it read for the caller only if it was OK.
 */
static enum parse_rc
read_front(struct sv frame, size_t n, size_t *ret_used)
{
	char *copy = malloc(n + (n == 0));
	struct box_msg msg;
	enum parse_rc rc;

	ASSERT(copy != NULL);
	if (n > 0)
		memcpy(copy, frame.p, n);
	rc = box_read((struct sv){ copy, n }, &msg, ret_used);
	free(copy);
	return rc;
}

/* As a socket gives it, byte by byte: MORE until the last one. */
static void
test_cut(const struct frame_case *c)
{
	size_t n, used = 7;
	int bad = 0;

	for (n = 0; n < c->frame.n; n++) {
		bool over = c->rc == PARSE_TOO_BIG && n >= 4;

		if (read_front(c->frame, n, &used) !=
		    (over ? PARSE_TOO_BIG : PARSE_MORE))
			bad++;
	}
	EQ(bad, 0, c->name);
	EQ(used, 7, c->name);
	EQ(read_front(c->frame, c->frame.n, &used), c->rc, c->name);
}

/* A good frame, written again, is the same bytes, and leaves the next alone. */
static void
test_round_trip(const struct frame_case *c)
{
	char buf[1024], two[1024];
	struct box_msg msg;
	struct sb b;
	size_t used = 0, room;
	int bad = 0;

	memcpy(two, c->frame.p, c->frame.n);
	memcpy(two + c->frame.n, c->frame.p, c->frame.n);
	EQ(box_read((struct sv){ two, 2 * c->frame.n }, &msg, &used), PARSE_OK,
	    c->name);
	EQ(used, c->frame.n, c->name);
	EQ(msg.type, c->type, c->name);
	sb_wrap(&b, buf, sizeof(buf));
	sb_puts(&b, "before");
	box_write(&msg, &b);
	OK(!b.full && sv_eq((struct sv){ b.p + 6, b.n - 6 }, c->frame),
	    c->name);
	for (room = 0; room < c->frame.n; room++) {
		sb_wrap(&b, buf, room + 1);
		box_write(&msg, &b);
		bad += !b.full || b.n != 0;
	}
	EQ(bad, 0, "too little room: nothing written");
	sb_wrap(&b, buf, room + 1);
	box_write(&msg, &b);
	OK(!b.full && sv_eq(sb_sv(&b), c->frame), "just enough room");
}

static void
test_fields(void)
{
	struct box_msg m;
	size_t used;

	EQ(box_read(SV(MO), &m, &used), PARSE_OK, "mo read");
	OK(sv_eq(m.sms.sender, SV("+996555123456")), "sender");
	OK(sv_eq(m.sms.receiver, SV("1414")), "receiver");
	OK(m.sms.udhdata.p == NULL, "udhdata is NULL");
	OK(sv_eq(m.sms.msgdata, SV("\x04\x3C\x04\x35")), "msgdata");
	EQ(m.sms.time, 1795316722, "time");
	OK(sv_eq(m.sms.smsc_id, SV("FAKE")), "smsc_id");
	OK(m.sms.account.p == NULL, "account is NULL");
	OK(sv_eq(m.sms.id, SV(UUID)), "id");
	EQ(m.sms.sms_type, BOX_MO, "sms_type");
	EQ(m.sms.mwi, BOX_UNSET, "mwi unset");
	EQ(m.sms.coding, 2, "coding");
	EQ(m.sms.compress, BOX_UNSET, "compress unset");
	EQ(m.sms.resend_time, BOX_UNSET, "resend_time unset");
	OK(m.sms.meta_data.p == NULL, "meta_data is NULL");
	EQ(box_read(SV(ACK), &m, &used), PARSE_OK, "ack read");
	EQ(m.ack.nack, BOX_ACK_SUCCESS, "nack");
	EQ(m.ack.time, 1795316722, "time of the ack");
	OK(sv_eq(m.ack.id, SV(UUID)), "id of the ack");
	EQ(box_read(cases[2].frame, &m, &used), PARSE_OK, "admin read");
	EQ(m.admin.command, BOX_CMD_IDENTIFY, "command");
	OK(sv_eq(m.admin.boxc_id, SV("safar")), "box id");
	EQ(box_read(cases[3].frame, &m, &used), PARSE_OK, "empty box id read");
	OK(m.admin.boxc_id.p != NULL && m.admin.boxc_id.n == 0,
	    "an empty string is not NULL");
}

static void
test_refused_leaves_outputs(void)
{
	struct box_msg m = { .type = BOX_ACK };
	size_t used = 99;

	EQ(box_read(cases[6].frame, &m, &used), PARSE_BAD, "refused");
	OK(m.type == BOX_ACK && used == 99, "outputs untouched");
}

static void
test_limits(void)
{
	enum { ROOM = 2 * BOX_FRAME_MAX, HELD_MAX = 4 * ROOM };
	struct arena *a = arena_new(ROOM, HELD_MAX);
	struct box_msg m = { .type = BOX_ADMIN }, got;
	struct sv big = { arena_get(a, ROOM), BOX_FRAME_MAX - 12 };
	struct sb b;
	size_t used;

	m.admin.boxc_id = big;
	sb_init(&b, a, ROOM);
	box_write(&m, &b);
	OK(!b.full && b.n == 4 + BOX_FRAME_MAX, "the longest frame");
	EQ(box_read(sb_sv(&b), &got, &used), PARSE_OK, "is read back");
	EQ(used, 4 + BOX_FRAME_MAX, "whole");
	sb_cut(&b, 0);
	m.admin.boxc_id.n++;
	box_write(&m, &b);
	OK(b.full && b.n == 0, "one byte longer is not written");
	sb_cut(&b, 0);
	m.admin.boxc_id.n = SIZE_MAX;
	box_write(&m, &b);
	OK(b.full && b.n == 0, "nor what no int32 counts");
	m.admin.boxc_id.n = 0;
	box_write(&m, &b);
	OK(b.full && b.n == 0, "an overflow sticks");
	arena_free(&a);
}

/* bearerbox dies of an id that is not one, so writing it is our bug. */
static void
test_write_without_id(void)
{
	struct box_msg m = { .type = BOX_SMS, .sms = box_sms_empty() };
	char buf[1024];
	struct sb b;
	int status = 0;
	pid_t pid;

	OK(m.sms.id.p == NULL && m.sms.sender.p == NULL, "empty: no strings");
	EQ(m.sms.coding, BOX_UNSET, "empty: integers unset");
	EQ(m.sms.resend_time, BOX_UNSET, "empty: to the last one");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		sb_wrap(&b, buf, sizeof(buf));
		box_write(&m, &b);
		_exit(0);
	}
	OK(pid > 0 && waitpid(pid, &status, 0) == pid, "child ended");
	OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	    "an sms without id aborts");
	m.sms.id = SV(UUID);
	sb_wrap(&b, buf, sizeof(buf));
	box_write(&m, &b);
	EQ(b.n, 4 + 4 + 30 * 4 + 4 + BOX_UUID_LEN, "with an id it is written");
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
	test_refused_leaves_outputs();
	test_limits();
	test_write_without_id();
	return tap_done();
}
