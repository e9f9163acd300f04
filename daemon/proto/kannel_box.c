/* kannel_box.c - readers and writers made from kannel_box.def. */
#include "daemon/proto/kannel_box.h"

/* What is left of one frame; a field past its end is one sticky error. */
struct cursor {
	struct sv rest;
	bool bad;
};

static uint32_t
u32_at(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | (uint32_t)b[3];
}

static void
u32_to(char *p, uint32_t value)
{
	p[0] = (char)(value >> 24);
	p[1] = (char)(value >> 16);
	p[2] = (char)(value >> 8);
	p[3] = (char)value;
}

static int32_t
take_int(struct cursor *c)
{
	int32_t value;

	if (c->bad || c->rest.n < 4) {
		c->bad = true;
		return BOX_UNSET;
	}
	value = (int32_t)u32_at(c->rest.p);
	c->rest.p += 4, c->rest.n -= 4;
	return value;
}

static struct sv
take_string(struct cursor *c)
{
	struct sv value = { 0 };
	int32_t n = take_int(c);

	if (n == BOX_UNSET)
		return value;
	if (n < 0 || (size_t)n > c->rest.n) {
		c->bad = true;
		return value;
	}
	value = (struct sv){ c->rest.p, (size_t)n };
	c->rest.p += n, c->rest.n -= (size_t)n;
	return value;
}

/* 8-4-4-4-12 hexadecimal digits; RFC 4122 section 3. */
static bool
is_uuid(struct sv v)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	_Static_assert(sizeof(shape) - 1 == BOX_UUID_LEN, "uuid");
	if (v.n != BOX_UUID_LEN)
		return false;
	for (i = 0; i < v.n; i++) {
		const char *set =
		    shape[i] == '-' ? "-" : "0123456789abcdefABCDEF";

		if (v.p[i] == '\0' || strchr(set, v.p[i]) == NULL)
			return false;
	}
	return true;
}

static struct sv
take_uuid(struct cursor *c)
{
	struct sv value = take_string(c);

	c->bad = c->bad || !is_uuid(value);
	return value;
}

static void
put_int(struct sb *b, int32_t value)
{
	char bytes[4];

	u32_to(bytes, (uint32_t)value);
	sb_put(b, (struct sv){ bytes, sizeof(bytes) });
}

static void
put_string(struct sb *b, struct sv v)
{
	if (v.p == NULL) {
		put_int(b, BOX_UNSET);
		return;
	}
	if (v.n > BOX_FRAME_MAX) {
		b->full = true;
		return;
	}
	put_int(b, (int32_t)v.n);
	sb_put(b, v);
}

static void
put_uuid(struct sb *b, struct sv v)
{
	ASSERT(is_uuid(v));
	put_string(b, v);
}

#define I(name) m.name = take_int(c);
#define S(name) m.name = take_string(c);
#define U(name) m.name = take_uuid(c);
#define BOX(name, code, fields)                                                \
	static struct box_##name read_##name(struct cursor *c)                 \
	{                                                                      \
		struct box_##name m = { 0 };                                   \
                                                                               \
		fields;                                                        \
		return m;                                                      \
	}
#include "daemon/proto/kannel_box.def"
#undef BOX
#undef I
#undef S
#undef U

#define I(name) put_int(b, m->name);
#define S(name) put_string(b, m->name);
#define U(name) put_uuid(b, m->name);
#define BOX(name, code, fields)                                                \
	static void write_##name(const struct box_##name *m, struct sb *b)     \
	{                                                                      \
		fields;                                                        \
	}
#include "daemon/proto/kannel_box.def"
#undef BOX
#undef I
#undef S
#undef U

#define I(name) .name = BOX_UNSET,
#define S(name) .name = { 0 },
#define U(name) .name = { 0 },
#define BOX(name, code, fields)                                                \
	static const struct box_##name empty_##name = { fields };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-const-variable"
#pragma GCC diagnostic ignored "-Wunused-variable"
#include "daemon/proto/kannel_box.def"
#pragma GCC diagnostic pop
#undef BOX
#undef I
#undef S
#undef U

struct box_sms
box_sms_empty(void)
{
	return empty_sms;
}

enum parse_rc
box_read(struct sv in, struct box_msg *ret_msg, size_t *ret_used)
{
	struct cursor c = { 0 };
	struct box_msg msg = { 0 };
	uint32_t n;

	if (in.n < 4)
		return PARSE_MORE;
	n = u32_at(in.p);
	if (n > BOX_FRAME_MAX)
		return PARSE_TOO_BIG;
	if (in.n - 4 < n)
		return PARSE_MORE;
	c.rest = (struct sv){ in.p + 4, n };
	switch (take_int(&c)) {
#define BOX(name, code, fields)                                                \
	case code:                                                             \
		msg.type = code;                                               \
		msg.name = read_##name(&c);                                    \
		break;
#include "daemon/proto/kannel_box.def"
#undef BOX
	default:
		return PARSE_BAD;
	}
	if (c.bad || c.rest.n > 0)
		return PARSE_BAD;
	*ret_msg = msg;
	*ret_used = 4 + (size_t)n;
	return PARSE_OK;
}

void
box_write(const struct box_msg *msg, struct sb *b)
{
	size_t start = b->n;

	if (b->full)
		return;
	put_int(b, 0); /* the length, known at the end */
	put_int(b, (int32_t)msg->type);
	switch (msg->type) {
#define BOX(name, code, fields)                                                \
	case code:                                                             \
		write_##name(&msg->name, b);                                   \
		break;
#include "daemon/proto/kannel_box.def"
#undef BOX
	}
	if (b->full || b->n - start - 4 > BOX_FRAME_MAX) {
		sb_cut(b, start);
		b->full = true;
		return;
	}
	u32_to(b->p + start, (uint32_t)(b->n - start - 4));
}
