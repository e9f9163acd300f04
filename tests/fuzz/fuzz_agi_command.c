/* fuzz_agi_command.c - what safar-voice may be told: no crash, and a command
 * that was read is the same when it is written and read again. */
#include <stdlib.h>

#include "daemon/proto/agi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 2 * AGI_LINE_MAX + AGI_ARGS_MAX };

static bool
has_control(struct sv v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7F)
			return true;
	return false;
}

static void
check_round_trip(const struct agi_command *c)
{
	char *line = malloc(ROOM), *room = malloc(ROOM);
	struct agi_command again;
	enum agi_code code;
	struct sb b, r;
	size_t i;

	ASSERT(line != NULL && room != NULL);
	sb_wrap(&b, line, AGI_LINE_MAX + 2);
	sb_wrap(&r, room, ROOM);
	agi_write_command(c, &b);
	if (!b.full) { /* quotes may make it longer than a line */
		ASSERT(b.n > 0 && memchr(b.p, '\n', b.n) == b.p + b.n - 1);
		sb_cut(&b, b.n - 1);
		code = agi_read_command(sb_sv(&b), &r, &again);
		ASSERT(code == AGI_RESULT);
		ASSERT(again.verb == c->verb && again.count == c->count);
		for (i = 0; i < c->count; i++)
			ASSERT(sv_eq(again.args[i], c->args[i]) ||
			       has_control(c->args[i]));
	}
	free(line);
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = { (const char *)data, size }, line;
	struct agi_command c;
	char *buf = malloc(ROOM);
	struct sb room;
	size_t used;

	ASSERT(buf != NULL);
	while (in.n > 0 && agi_read_line(in, &line, &used) == PARSE_OK) {
		ASSERT(used > 0 && used <= in.n && line.n <= AGI_LINE_MAX);
		sb_wrap(&room, buf, line.n + AGI_ARGS_MAX + 1);
		if (agi_read_command(line, &room, &c) == AGI_RESULT)
			check_round_trip(&c);
		ASSERT(!room.full);
		in.p += used, in.n -= used;
	}
	free(buf);
	return 0;
}
