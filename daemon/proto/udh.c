/* udh.c - concatenation, read from and written as a user data header. */
#include "daemon/proto/udh.h"

enum { CONCAT_8 = 0x00, CONCAT_16 = 0x08 };

/* One element: id, length, bytes; its last two are total and number. */
static void
concat_take(struct udh *u, uint8_t id, const uint8_t *bytes, size_t n)
{
	size_t ref_len = id == CONCAT_8 ? 1 : 2;
	uint8_t total, number;

	if ((id != CONCAT_8 && id != CONCAT_16) || n != ref_len + 2)
		return;
	total = bytes[ref_len], number = bytes[ref_len + 1];
	if (number == 0 || number > total)
		return;
	u->total = total;
	u->number = number;
	u->ref = (uint16_t)(ref_len == 1 ? bytes[0] : bytes[0] << 8 | bytes[1]);
}

int
udh_read(struct sv data, struct udh *ret_udh)
{
	const uint8_t *p = (const uint8_t *)data.p;
	struct udh u = { 0 }, none = { 0 };
	size_t at = 1;

	if (data.n == 0 || (size_t)p[0] + 1 > data.n)
		return -EBADMSG;
	u.len = none.len = (size_t)p[0] + 1;
	while (u.len - at >= 2 && u.len - at - 2 >= p[at + 1]) {
		concat_take(&u, p[at], p + at + 2, p[at + 1]);
		at += 2 + (size_t)p[at + 1];
	}
	*ret_udh = at == u.len ? u : none;
	return 0;
}

void
udh_write(const struct udh *u, bool wide, struct sb *b)
{
	const char low = (char)u->ref, high = (char)(u->ref >> 8);
	const char total = (char)u->total, number = (char)u->number;
	const char narrow_head[] = { 5, CONCAT_8, 3, low, total, number };
	const char wide_head[] = { 6, CONCAT_16, 4, high, low, total, number };

	sb_put(b, wide ? (struct sv){ wide_head, sizeof(wide_head) } :
			 (struct sv){ narrow_head, sizeof(narrow_head) });
}
