/* fuzz_agi.c - what a voice gateway may send: no crash, reads back the same. */
#include <stdlib.h>

#include "daemon/proto/agi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 2 * AGI_BLOCK_MAX };

static void
check_reply(const struct agi_reply *r)
{
	char *buf = malloc(ROOM);
	struct agi_reply again;
	struct sb b;
	size_t used;

	ASSERT(buf != NULL);
	sb_wrap(&b, buf, ROOM);
	agi_write_reply(r, &b);
	ASSERT(!b.full);
	/* control characters are left out, so the bytes may differ */
	ASSERT(agi_read_reply(sb_sv(&b), &again, &used) == PARSE_OK);
	ASSERT(used == b.n && again.code == r->code);
	free(buf);
}

/* No cut of a whole reply may be taken for one, nor for broken. */
static void
check_cut(struct sv in, size_t used)
{
	struct agi_reply r;
	size_t cut, got;

	for (cut = 0; cut < used; cut = cut < 64 ? cut + 1 : cut * 2)
		ASSERT(agi_read_reply((struct sv){ in.p, cut }, &r, &got) ==
		       PARSE_MORE);
}

static void
check_env(const struct agi_env *env)
{
	char *buf = malloc(ROOM);
	struct agi_env again;
	size_t used;
	struct sb b;

	ASSERT(buf != NULL);
	sb_wrap(&b, buf, ROOM);
	agi_write_env(env, &b);
	ASSERT(b.full || (agi_read_env(sb_sv(&b), &again, &used) == PARSE_OK &&
			     used == b.n));
	free(buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = { (const char *)data, size };
	struct agi_reply r;
	struct agi_env env;
	size_t used;

	if (agi_read_env(in, &env, &used) == PARSE_OK) {
		ASSERT(used > 0 && used <= in.n);
		check_env(&env);
		in.p += used, in.n -= used;
	}
	while (in.n > 0 && agi_read_reply(in, &r, &used) == PARSE_OK) {
		ASSERT(used > 0 && used <= in.n);
		check_reply(&r);
		check_cut(in, used);
		in.p += used, in.n -= used;
	}
	return 0;
}
