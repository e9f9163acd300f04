/* smpp_receipt.c - receipts in text and in optional parameters. */
#include "daemon/proto/smpp_receipt.h"

#include <strings.h>

/* The first letters of each state, as vendors write them. */
static const struct {
	const char *word;
	enum smpp_state state;
} states[] = {
	{ "DELIV", SMPP_DELIVERED },
	{ "EXP", SMPP_EXPIRED },
	{ "DELET", SMPP_DELETED },
	{ "UNDEL", SMPP_UNDELIVERABLE },
	{ "FAIL", SMPP_UNDELIVERABLE },
	{ "REJ", SMPP_REJECTED },
	{ "ACCEP", SMPP_ACCEPTED },
	{ "ENROUTE", SMPP_ENROUTE },
	{ "BUFF", SMPP_ENROUTE },
	{ "UNK", SMPP_UNKNOWN },
};

/* Between words. */
static bool
is_gap(char c)
{
	return c != '\0' && strchr(" \t\r\n,;", c) != NULL;
}

static bool
starts_with(struct sv v, const char *word)
{
	size_t n = strlen(word);

	return v.n >= n && strncasecmp(v.p, word, n) == 0;
}

/* The word behind "key:" at the start of a word; empty if there is none.  What
 * follows "text:" was written by somebody else. */
static struct sv
value_of(struct sv text, const char *key)
{
	bool at_word = true;
	struct sv value;

	for (; text.n > 0; text.p++, text.n--) {
		if (at_word && starts_with(text, "text:"))
			break;
		if (at_word && starts_with(text, key)) {
			value.p = text.p + strlen(key);
			text.n -= strlen(key);
			for (; text.n > 0 && is_gap(*value.p); text.n--)
				value.p++;
			for (value.n = 0; value.n < text.n; value.n++)
				if (is_gap(value.p[value.n]))
					break;
			return value;
		}
		at_word = is_gap(*text.p);
	}
	return (struct sv){ 0 };
}

static int
state_of(struct sv word, enum smpp_state *ret_state)
{
	size_t i;

	for (i = 0; word.n > 0 && i < ARRAY_LEN(states); i++) {
		if (starts_with(word, states[i].word)) {
			*ret_state = states[i].state;
			return 0;
		}
	}
	return -EBADMSG;
}

int
smpp_receipt_read(struct sv text, const struct smpp_tlvs *tlv,
    struct smpp_receipt *ret_receipt)
{
	struct smpp_receipt r = { 0 };

	if ((tlv->has & SMPP_HAS(receipted_message_id)) != 0)
		r.id = tlv->receipted_message_id;
	if (r.id.n == 0)
		r.id = value_of(text, "id:");
	if (r.id.n == 0)
		return -EBADMSG;
	if ((tlv->has & SMPP_HAS(message_state)) != 0 &&
	    tlv->message_state >= SMPP_ENROUTE &&
	    tlv->message_state <= SMPP_REJECTED)
		r.state = (enum smpp_state)tlv->message_state;
	else if (state_of(value_of(text, "stat:"), &r.state) < 0)
		return -EBADMSG;
	*ret_receipt = r;
	return 0;
}

/* Its value, or false: too long, empty or not all digits of the base. */
static bool
number_of(struct sv id, unsigned base, uint64_t *ret_value)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;
	const char *digit;
	size_t i;

	for (i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		digit = c != '\0' ? memchr(digits, c, base) : NULL;
		if (digit == NULL || value > (UINT64_MAX - base) / base)
			return false;
		value = value * base + (uint64_t)(digit - digits);
	}
	*ret_value = value;
	return id.n > 0;
}

void
smpp_id_fold(struct sv id, bool is_decimal, struct sb *b)
{
	uint64_t value;

	if (number_of(id, is_decimal ? 10 : 16, &value))
		sb_printf(b, "%llx", (unsigned long long)value);
	else
		sb_put(b, id);
}
