/* fuzz_gsm7.c - any bytes as septets, packed septets and user data headers. */
#include <stdlib.h>

#include "daemon/proto/gsm7.h"
#include "daemon/proto/sms.h"
#include "daemon/proto/udh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
buffer(struct sb *b, size_t size)
{
	char *p = malloc(size);

	ASSERT(p != NULL);
	sb_wrap(b, p, size);
}

/* What is read is valid text, and written back reads the same. */
static void
check_septets(struct sv septets)
{
	struct sb text, back, again;

	buffer(&text, 3 * septets.n + 1);
	buffer(&back, septets.n + 1);
	buffer(&again, 3 * septets.n + 1);
	if (gsm7_read(septets, &text) == 0) {
		ASSERT(!text.full && utf8_is_valid(sb_sv(&text)));
		ASSERT(gsm7_write(sb_sv(&text), &back) == 0 && !back.full);
		ASSERT(gsm7_read(sb_sv(&back), &again) == 0);
		ASSERT(sv_eq(sb_sv(&text), sb_sv(&again)));
	}
	free(text.p);
	free(back.p);
	free(again.p);
}

static void
check_packed(struct sv packed, unsigned fill)
{
	struct sb septets, back;

	buffer(&septets, 8 * packed.n / 7 + 2);
	buffer(&back, packed.n + 2);
	gsm7_unpack(packed, fill, &septets);
	ASSERT(!septets.full);
	check_septets(sb_sv(&septets));
	gsm7_pack(sb_sv(&septets), fill, &back);
	ASSERT(!back.full && back.n <= packed.n);
	free(septets.p);
	free(back.p);
}

static void
check_header(struct sv data)
{
	struct udh u;

	if (udh_read(data, &u) < 0)
		return;
	ASSERT(u.len >= 1 && u.len <= data.n);
	ASSERT(u.total == 0 ? u.number == 0 :
			      u.number >= 1 && u.number <= u.total);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = { (const char *)data, size };
	unsigned fill = size > 0 ? data[0] % 7 : 0;

	check_septets(in);
	check_packed(in, fill);
	check_header(in);
	return 0;
}
