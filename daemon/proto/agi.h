/*
 * agi.h - lines of FastAGI, as the daemon and as a voice gateway read them.
 *
 * Pure codec.  A call is a TCP connection: the gateway sends a block of
 * "agi_key: value" lines that ends with an empty one; then the daemon sends one
 * command a line and the gateway one reply to each.  A line "HANGUP" may come
 * from the gateway at any time, also twice: it is a notice and no reply.
 * Source: Asterisk 22.10, by its own transcripts; res_agi.
 */
#ifndef DAEMON_PROTO_AGI_H
#define DAEMON_PROTO_AGI_H

#include "daemon/base/sb.h"
#include "daemon/proto/parse.h"

enum {
	AGI_LINE_MAX = 2000,  /* bytes without line end; old Asterisk: 2048 */
	AGI_BLOCK_MAX = 8192, /* of the first block, or of a reply of lines */
	AGI_ARGS_MAX = 24,    /* arguments of a command */
	AGI_PORT = 4573,
};

/*
 * Read one line from the front of in, for who reads commands.
 *
 * ret_line  without LF, and without a CR before it; set only on PARSE_OK
 * ret_used  bytes consumed, LF included; set only on PARSE_OK
 *
 * PARSE_TOO_BIG: over AGI_LINE_MAX bytes without an LF.
 */
MUST_USE enum parse_rc agi_read_line(
    struct sv in, struct sv *ret_line, size_t *ret_used);

/*
 * What is told of a call; views, empty if not told.  "unknown", which Asterisk
 * writes where there is no number, is taken for not told.
 */
struct agi_env {
#define ENV(name) struct sv name;
#include "daemon/proto/agi.def"
#undef ENV
};

/*
 * Read the block at the front of in; keys that are not in agi.def are passed
 * over.
 *
 * PARSE_BAD: a line that is no "agi_key: value"; PARSE_TOO_BIG: a line over
 * AGI_LINE_MAX, a block over AGI_BLOCK_MAX.
 */
MUST_USE enum parse_rc agi_read_env(
    struct sv in, struct agi_env *ret_env, size_t *ret_used);

/* Append the block, with its empty line: all keys, in the order of agi.def.
 * Control characters in values are left out. */
void agi_write_env(const struct agi_env *env, struct sb *b);

enum agi_code {
	AGI_NOTICE = 0,	     /* the line HANGUP; on the wire it has no number */
	AGI_RESULT = 200,    /* done, see result */
	AGI_UNKNOWN = 510,   /* no such command */
	AGI_DEAD = 511,	     /* the channel is gone */
	AGI_BAD_USAGE = 520, /* an argument is missing or no number */
};

struct agi_reply {
	enum agi_code code;
	struct sv result; /* "0", "12", "-1"; empty: nothing was pressed */
	struct sv note;	  /* what stands in brackets: "timeout", "dtmf", or the
			     value of a variable; p == NULL: no brackets */
	int64_t endpos;	  /* in samples; -1: not told */
};

/*
 * Read one reply or notice from the front of in.  The reply of several lines,
 * "520-" to "520 ", is read whole and its text left out.
 *
 * PARSE_BAD: another code, or 200 without a result; PARSE_TOO_BIG: a line over
 * AGI_LINE_MAX, a reply over AGI_BLOCK_MAX.
 */
MUST_USE enum parse_rc agi_read_reply(
    struct sv in, struct agi_reply *ret_reply, size_t *ret_used);

/* Append a reply in Asterisk's words.  Control characters in the note are left
 * out; 520 is written as the one line of an Asterisk without documentation. */
void agi_write_reply(const struct agi_reply *reply, struct sb *b);

enum agi_verb {
#define CMD(id, words, shape) AGI_##id,
#include "daemon/proto/agi.def"
#undef CMD
	AGI_VERB_COUNT,
};

struct agi_command {
	enum agi_verb verb;
	size_t count;
	struct sv args[AGI_ARGS_MAX];
};

/*
 * Append a command and its LF.  Arguments are quoted where they must be, and
 * control characters left out of them: nothing escapes a line end.  One that
 * does not fit, or is longer than AGI_LINE_MAX, is left out whole and b->full
 * is set.
 */
void agi_write_command(const struct agi_command *command, struct sb *b);

/*
 * Read a command from a line.  The words of a verb are taken in either case; an
 * argument ends at a blank, unless it stands in "" or behind a backslash.
 *
 * room         where the arguments are kept without quotes: of at least
 *              line.n + AGI_ARGS_MAX + 1 bytes
 * ret_command  views into room; set only on AGI_RESULT
 *
 * Returns AGI_RESULT if it was read, AGI_UNKNOWN or AGI_BAD_USAGE: what is to
 * be answered.
 */
MUST_USE enum agi_code agi_read_command(
    struct sv line, struct sb *room, struct agi_command *ret_command);

/* "STREAM FILE". */
const char *agi_verb_words(enum agi_verb verb);

/* A decimal number in all of v, perhaps with '-'.  Returns 0, -EINVAL. */
MUST_USE int agi_number(struct sv v, int64_t *ret_number);

#endif
