/* fuzz_kannel_box.c - any bytes: no crash, and what was read writes back. */
#include <stdlib.h>

#include "daemon/proto/kannel_box.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The frame at the front of in, written again, is the same bytes. */
static void
check_round_trip(struct sv in, const struct box_msg *msg, size_t used)
{
	char *buf = malloc(used + 1);
	struct sb b;

	ASSERT(buf != NULL);
	sb_wrap(&b, buf, used + 1);
	box_write(msg, &b);
	ASSERT(!b.full);
	ASSERT(sv_eq(sb_sv(&b), (struct sv){ in.p, used }));
	free(buf);
}

/* No cut of a whole frame may be taken for one, nor for broken. */
static void
check_cut(struct sv in, size_t used)
{
	struct box_msg msg;
	size_t cut, got;

	for (cut = 0; cut < used; cut = cut < 64 ? cut + 1 : cut * 2)
		ASSERT(box_read((struct sv){ in.p, cut }, &msg, &got) ==
		       PARSE_MORE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = { (const char *)data, size };
	struct box_msg msg;
	size_t used;

	while (in.n > 0 && box_read(in, &msg, &used) == PARSE_OK) {
		ASSERT(used >= 4 && used <= in.n);
		check_round_trip(in, &msg, used);
		check_cut(in, used);
		in.p += used, in.n -= used;
	}
	return 0;
}
