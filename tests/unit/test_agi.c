/* test_agi.c - lines of FastAGI from both sides, whole, cut and broken. */
#include "daemon/proto/agi.h"

#include <stdlib.h>

#include "tests/tap.h"

#define BLOCK                                                                  \
	"agi_network: yes\n"                                                   \
	"agi_network_script: hotline?to=1000\n"                                \
	"agi_request: agi://127.0.0.1:4573/hotline?to=1000\n"                  \
	"agi_channel: PJSIP/anonymous-0000000a\n"                              \
	"agi_uniqueid: 1795305721.10\n"                                        \
	"agi_callerid: +79161234567\n"                                         \
	"agi_rdnis: unknown\n"                                                 \
	"agi_enhanced: 0.0\n"                                                  \
	"agi_accountcode: \n"                                                  \
	"agi_extension:\n"                                                     \
	"agi_arg_1: 1000\n"                                                    \
	"\n"

struct reply_case {
	const char *name, *text;
	enum parse_rc rc;
	enum agi_code code;
	const char *result, *note; /* NULL: no brackets */
	int64_t endpos;
};

/* Each good one is a line of Asterisk 22.10. */
static const struct reply_case replies[] = {
	{ "key", "200 result=2\n", PARSE_OK, AGI_RESULT, "2", NULL, -1 },
	{ "keys, time out", "200 result=34 (timeout)\n", PARSE_OK, AGI_RESULT,
	    "34", "timeout", -1 },
	{ "nothing pressed", "200 result= (timeout)\n", PARSE_OK, AGI_RESULT,
	    "", "timeout", -1 },
	{ "gone", "200 result=-1 endpos=16160\n", PARSE_OK, AGI_RESULT, "-1",
	    NULL, 16160 },
	{ "star", "200 result=*\n", PARSE_OK, AGI_RESULT, "*", NULL, -1 },
	{ "end of a control stream", "200 result=0 endpos=-1\n", PARSE_OK,
	    AGI_RESULT, "0", NULL, -1 },
	{ "recorded", "200 result=35 (dtmf) endpos=18560\n", PARSE_OK,
	    AGI_RESULT, "35", "dtmf", 18560 },
	{ "brackets in brackets", "200 result=1 (\"a\" (b) endpos=3 <+7>)\n",
	    PARSE_OK, AGI_RESULT, "1", "\"a\" (b) endpos=3 <+7>", -1 },
	{ "empty value", "200 result=1 ()\n", PARSE_OK, AGI_RESULT, "1", "",
	    -1 },
	{ "CR LF", "200 result=1\r\n", PARSE_OK, AGI_RESULT, "1", NULL, -1 },
	{ "notice", "HANGUP\n", PARSE_OK, AGI_NOTICE, "", NULL, -1 },
	{ "unknown command", "510 Invalid or unknown command\n", PARSE_OK,
	    AGI_UNKNOWN, "", NULL, -1 },
	{ "dead channel",
	    "511 Command Not Permitted on a dead channel or intercept "
	    "routine\n",
	    PARSE_OK, AGI_DEAD, "", NULL, -1 },
	{ "usage of lines",
	    "520-Invalid command syntax.  Proper usage follows:\n"
	    "Send the given file\n200 result=7\nHANGUP\n"
	    "520 End of proper usage.\n",
	    PARSE_OK, AGI_BAD_USAGE, "", NULL, -1 },
	{ "usage of one line",
	    "520 Invalid command syntax.  Proper usage not available.\n",
	    PARSE_OK, AGI_BAD_USAGE, "", NULL, -1 },
	{ "empty line", "\n", PARSE_BAD, 0, NULL, NULL, 0 },
	{ "no result", "200 OK\n", PARSE_BAD, 0, NULL, NULL, 0 },
	{ "another code", "404 Not Found\n", PARSE_BAD, 0, NULL, NULL, 0 },
	{ "HTTP", "HTTP/1.1 200 OK\r\n", PARSE_BAD, 0, NULL, NULL, 0 },
	{ "bracket stays open", "200 result=1 (abc\n", PARSE_BAD, 0, NULL, NULL,
	    0 },
	{ "endpos is a word", "200 result=1 endpos=many\n", PARSE_BAD, 0, NULL,
	    NULL, 0 },
	{ "more behind", "200 result=1 more\n", PARSE_BAD, 0, NULL, NULL, 0 },
	{ "notice and more", "HANGUP now\n", PARSE_BAD, 0, NULL, NULL, 0 },
	{ "code with more digits", "2000 result=1\n", PARSE_BAD, 0, NULL, NULL,
	    0 },
};

/* The front of text on the heap, so that a sanitizer sees a read past it. */
static char *
front(const char *text, size_t n)
{
	char *copy = malloc(n + (n == 0));

	ASSERT(copy != NULL);
	if (n > 0)
		memcpy(copy, text, n);
	return copy;
}

static bool
is(struct sv got, const char *want)
{
	return sv_eq(got, sv_of(want));
}

static void
test_reply(const struct reply_case *c)
{
	size_t n, used = 7, len = strlen(c->text);
	struct agi_reply r;
	char *copy;
	int bad = 0;

	for (n = 0; n < len; n++) {
		copy = front(c->text, n);
		bad += agi_read_reply((struct sv){ copy, n }, &r, &used) !=
		       PARSE_MORE;
		free(copy);
	}
	EQ(bad, 0, "byte by byte: more, to the last one");
	EQ(used, 7, "and nothing is told");
	copy = front(c->text, len);
	EQ(agi_read_reply((struct sv){ copy, len }, &r, &used), c->rc, c->name);
	if (c->rc == PARSE_OK) {
		EQ(used, len, c->name);
		EQ(r.code, c->code, c->name);
		OK(is(r.result, c->result), "result");
		OK(r.note.p == NULL ? c->note == NULL : is(r.note, c->note),
		    "what is in brackets");
		EQ(r.endpos, c->endpos, "endpos");
	}
	free(copy);
}

/* What safar-voice answers is what Asterisk does. */
static void
test_reply_write(void)
{
	static const size_t like_asterisk[] = { 0, 1, 2, 3, 6, 7, 8, 10, 11, 12,
		14 };
	char buf[256];
	size_t i, used;

	for (i = 0; i < ARRAY_LEN(like_asterisk); i++) {
		const struct reply_case *c = &replies[like_asterisk[i]];
		struct agi_reply r;
		struct sb b;

		ASSERT(agi_read_reply(sv_of(c->text), &r, &used) == PARSE_OK);
		sb_wrap(&b, buf, sizeof(buf));
		agi_write_reply(&r, &b);
		OK(is(sb_sv(&b), c->text), c->name);
	}
}

static void
test_limits(void)
{
	enum { LONG = 1 << 20 };
	char *big = malloc(LONG);
	struct agi_reply r;
	struct agi_env env;
	struct sv line;
	size_t used = 0, i;

	ASSERT(big != NULL);
	memset(big, 'x', LONG);
	EQ(agi_read_line((struct sv){ big, LONG }, &line, &used), PARSE_TOO_BIG,
	    "a line of 1 MB");
	EQ(agi_read_reply((struct sv){ big, LONG }, &r, &used), PARSE_TOO_BIG,
	    "as a reply");
	EQ(agi_read_env((struct sv){ big, LONG }, &env, &used), PARSE_TOO_BIG,
	    "as a block");
	EQ(agi_read_line((struct sv){ big, AGI_LINE_MAX + 1 }, &line, &used),
	    PARSE_MORE, "not yet too long");
	big[AGI_LINE_MAX] = '\n';
	EQ(agi_read_line((struct sv){ big, LONG }, &line, &used), PARSE_OK,
	    "the longest line");
	EQ(line.n, AGI_LINE_MAX, "is whole");
	big[AGI_LINE_MAX] = 'x';
	big[AGI_LINE_MAX + 1] = '\n';
	EQ(agi_read_line((struct sv){ big, LONG }, &line, &used), PARSE_TOO_BIG,
	    "one byte longer");
	for (i = 0; i < LONG; i++)
		big[i] = "520-a: b\n"[i % 9];
	EQ(agi_read_reply((struct sv){ big, LONG }, &r, &used), PARSE_TOO_BIG,
	    "a usage without end");
	for (i = 0; i < LONG; i++)
		big[i] = "agi_a: b\n"[i % 9];
	EQ(agi_read_env((struct sv){ big, LONG }, &env, &used), PARSE_TOO_BIG,
	    "a block without end");
	free(big);
}

static void
test_env(void)
{
	size_t n, used = 7, len = strlen(BLOCK);
	struct agi_env env = { 0 };
	int bad = 0;

	for (n = 0; n < len; n++) {
		char *copy = front(BLOCK, n);

		bad += agi_read_env((struct sv){ copy, n }, &env, &used) !=
		       PARSE_MORE;
		free(copy);
	}
	EQ(bad, 0, "a block byte by byte: more, to the last one");
	EQ(agi_read_env(SV(BLOCK "200 result"), &env, &used), PARSE_OK,
	    "a block");
	EQ(used, len, "leaves what follows");
	OK(is(env.callerid, "+79161234567"), "callerid");
	OK(is(env.uniqueid, "1795305721.10"), "uniqueid");
	OK(is(env.network_script, "hotline?to=1000"), "script");
	OK(is(env.arg_1, "1000"), "argument");
	EQ(env.rdnis.n, 0, "unknown is not told");
	EQ(env.extension.n, 0, "empty is not told");
	EQ(agi_read_env(SV("GET / HTTP/1.1\r\n\r\n"), &env, &used), PARSE_BAD,
	    "a browser");
	EQ(agi_read_env(SV("agi_network yes\n\n"), &env, &used), PARSE_BAD,
	    "no colon");
	EQ(agi_read_env(SV("\n"), &env, &used), PARSE_OK, "an empty block");
}

static void
test_env_write(void)
{
	struct agi_env env = { .callerid = SV("+7916\n1234567"),
		.extension = SV("1414") },
		       got = { 0 };
	char buf[2048];
	size_t used;
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	agi_write_env(&env, &b);
	EQ(agi_read_env(sb_sv(&b), &got, &used), PARSE_OK, "written, read");
	EQ(used, b.n, "whole");
	OK(is(got.callerid, "+79161234567"), "no line end gets through");
	OK(is(got.extension, "1414"), "extension");
}

struct command_case {
	const char *line;
	enum agi_code code;
	enum agi_verb verb;
	size_t count;
	const char *last; /* argument */
};

static const struct command_case commands[] = {
	{ "GET DATA /p/menu 5000 1", AGI_RESULT, AGI_GET_DATA, 3, "1" },
	{ "STREAM FILE /p/thanks \"\"", AGI_RESULT, AGI_STREAM_FILE, 2, "" },
	{ "STREAM FILE \"/p/b\" \"\" 4000", AGI_RESULT, AGI_STREAM_FILE, 3,
	    "4000" },
	{ "STREAM FILE /p/bye", AGI_BAD_USAGE, 0, 0, NULL },
	{ "STREAM FILE", AGI_BAD_USAGE, 0, 0, NULL },
	{ "STREAM FILE a b 1 2", AGI_BAD_USAGE, 0, 0, NULL },
	{ "STREAM FILE a b c", AGI_BAD_USAGE, 0, 0, NULL },
	{ "GET", AGI_UNKNOWN, 0, 0, NULL },
	{ "BOGUS", AGI_UNKNOWN, 0, 0, NULL },
	{ "", AGI_UNKNOWN, 0, 0, NULL },
	{ "  ", AGI_UNKNOWN, 0, 0, NULL },
	{ "\"\"", AGI_UNKNOWN, 0, 0, NULL },
	{ "wait for digit 100", AGI_RESULT, AGI_WAIT_FOR_DIGIT, 1, "100" },
	{ "WAIT FOR DIGIT abc", AGI_BAD_USAGE, 0, 0, NULL },
	{ "WAIT FOR DIGIT -1", AGI_RESULT, AGI_WAIT_FOR_DIGIT, 1, "-1" },
	{ "  NOOP", AGI_RESULT, AGI_NOOP, 0, NULL },
	{ "NOOP a b", AGI_RESULT, AGI_NOOP, 2, "b" },
	{ "SET VARIABLE A \"quote \\\" and space\"", AGI_RESULT,
	    AGI_SET_VARIABLE, 2, "quote \" and space" },
	{ "SET VARIABLE A b\\ c", AGI_RESULT, AGI_SET_VARIABLE, 2, "b c" },
	{ "SET VARIABLE A \\\\", AGI_RESULT, AGI_SET_VARIABLE, 2, "\\" },
	{ "SET VARIABLE A \"no end", AGI_RESULT, AGI_SET_VARIABLE, 2,
	    "no end" },
	{ "EXEC Dial PJSIP/counsellor,10,g", AGI_RESULT, AGI_EXEC, 2,
	    "PJSIP/counsellor,10,g" },
	{ "RECORD FILE /s/x wav \"#\" 8000 BEEP s=2", AGI_RESULT,
	    AGI_RECORD_FILE, 6, "s=2" },
	{ "RECORD FILE /s/x wav \"#\"", AGI_BAD_USAGE, 0, 0, NULL },
	{ "SAY DIGITS 12 \"\"", AGI_RESULT, AGI_SAY_DIGITS, 2, "" },
	{ "SAY DIGITS 123456789012345678901234567890 \"*\"", AGI_RESULT,
	    AGI_SAY_DIGITS, 2, "*" },
	{ "SAY DIGITS x \"\"", AGI_BAD_USAGE, 0, 0, NULL },
	{ "CHANNEL STATUS", AGI_RESULT, AGI_CHANNEL_STATUS, 0, NULL },
	{ "GET OPTION /p/b \"123\" 1000", AGI_RESULT, AGI_GET_OPTION, 3,
	    "1000" },
	{ "EXEC 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24",
	    AGI_RESULT, AGI_EXEC, 24, "24" },
	{ "EXEC 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 "
	  "25",
	    AGI_BAD_USAGE, 0, 0, NULL },
	{ "EXEC 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 "
	  "25 26 27 28",
	    AGI_UNKNOWN, 0, 0, NULL },
};

static enum agi_code
read_command(const char *line, char *buf, size_t size, struct agi_command *c)
{
	struct sb room;

	sb_wrap(&room, buf, size);
	return agi_read_command(sv_of(line), &room, c);
}

static void
test_command(const struct command_case *c)
{
	struct agi_command got = { 0 }, again = { 0 };
	char buf[256], buf2[256], line[256];
	struct sb b;
	size_t i;
	int bad = 0;

	EQ(read_command(c->line, buf, sizeof(buf), &got), c->code, c->line);
	if (c->code != AGI_RESULT) {
		EQ(got.count, 0, "nothing is told");
		return;
	}
	EQ(got.verb, c->verb, "verb");
	EQ(got.count, c->count, "arguments");
	OK(c->last == NULL || is(got.args[got.count - 1], c->last), "the last");
	sb_wrap(&b, line, sizeof(line));
	agi_write_command(&got, &b);
	OK(b.n > 0 && b.p[b.n - 1] == '\n', "written as a line");
	sb_cut(&b, b.n - 1);
	EQ(read_command(line, buf2, sizeof(buf2), &again), AGI_RESULT,
	    "and read again");
	for (i = 0; i < got.count; i++)
		bad += !sv_eq(got.args[i], again.args[i]);
	OK(again.verb == got.verb && again.count == got.count && bad == 0,
	    "is the same");
}

static void
test_command_write(void)
{
	struct agi_command c = { .verb = AGI_STREAM_FILE,
		.count = 2,
		.args = { SV("/p/a\nHANGUP"), SV("") } };
	char buf[4096], big[AGI_LINE_MAX];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	agi_write_command(&c, &b);
	OK(is(sb_sv(&b), "STREAM FILE \"/p/aHANGUP\" \"\"\n"),
	    "a line end in an argument begins no command");
	sb_cut(&b, 0);
	c.args[1] = SV("0123456789*#");
	c.args[0] = SV("/p/ru/voice.menu");
	agi_write_command(&c, &b);
	OK(is(sb_sv(&b), "STREAM FILE /p/ru/voice.menu 0123456789*#\n"),
	    "quoted only where it must be");
	sb_cut(&b, 0);
	memset(big, 'x', sizeof(big));
	c.args[0] = (struct sv){ big, sizeof(big) };
	agi_write_command(&c, &b);
	OK(b.full && b.n == 0, "too long: left out whole");
	OK(is(sv_of(agi_verb_words(AGI_WAIT_FOR_DIGIT)), "WAIT FOR DIGIT"),
	    "words of a verb");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(replies); i++)
		test_reply(&replies[i]);
	test_reply_write();
	test_limits();
	test_env();
	test_env_write();
	for (i = 0; i < ARRAY_LEN(commands); i++)
		test_command(&commands[i]);
	test_command_write();
	return tap_done();
}
