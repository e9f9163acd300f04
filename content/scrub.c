/* scrub.c - digits and addresses are taken out of a text, word by word. */
#include "content/scrub.h"

#include <unicode/uchar.h>

#include "daemon/proto/utf8.h"

static bool
is_digit(UChar32 c)
{
	/* of every script, in circles, in brackets, as fractions, in Roman */
	return (U_GET_GC_MASK(c) &
		   (U_GC_ND_MASK | U_GC_NL_MASK | U_GC_NO_MASK)) != 0;
}

static bool
is_space(UChar32 c)
{
	return u_isUWhiteSpace(c) || u_iscntrl(c);
}

static bool
is_latin(UChar32 c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* '@', its wide and small forms, or a link: "://", "www.", "site.name/x". */
static bool
is_address(struct sv word)
{
	UChar32 c, before = 0;
	size_t i = 0;
	bool dot = false;

	if (memmem(word.p, word.n, "://", 3) != NULL)
		return true;
	while (i < word.n) {
		c = utf8_next(word, &i);
		if (c == '@' || c == 0xFF20 || c == 0xFE6B)
			return true;
		/* "site.name"; many put no space behind a full stop, so not
		 * in other letters */
		if (is_latin(c) && dot)
			return true;
		dot = c == '.' && is_latin(before);
		before = c;
	}
	return false;
}

/* The word without digits; what is no character is left out. */
static size_t
word_put(char *to, size_t room, struct sv word)
{
	size_t i = 0, put = 0, from, len;
	UChar32 c;

	while (i < word.n) {
		from = i;
		c = utf8_next(word, &i);
		len = i - from;
		if (c < 0 || is_digit(c))
			continue;
		if (put + len > room)
			break;
		memcpy(to + put, word.p + from, len);
		put += len;
	}
	return put;
}

static struct sv
word_cut(struct sv *rest)
{
	size_t i = 0, at;
	struct sv word = { rest->p, 0 };
	UChar32 c;

	while (i < rest->n) {
		at = i;
		c = utf8_next(*rest, &i);
		if (c >= 0 && is_space(c)) {
			word.n = at;
			rest->p += i;
			rest->n -= i;
			return word;
		}
	}
	word.n = rest->n;
	rest->p += rest->n;
	rest->n = 0;
	return word;
}

struct sv
scrub_text(struct sv text, struct arena *a)
{
	size_t most = text.n < SCRUB_MAX ? text.n : SCRUB_MAX, n = 0, put;
	char *out = arena_get(a, most + 1);
	struct sv word;

	while (text.n > 0 && n < most) {
		word = word_cut(&text);
		if (word.n == 0 || is_address(word))
			continue;
		put = word_put(out + n + (n > 0), most - n - (n > 0), word);
		if (put == 0)
			continue;
		if (n > 0)
			out[n++] = ' ';
		n += put;
	}
	return (struct sv){ out, n };
}
