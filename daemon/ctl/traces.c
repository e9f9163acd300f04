/* traces.c - numbers and words in the bytes of files, whatever they are. */
#include "daemon/ctl/traces.h"

#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/phone/phone.h"

enum {
	CHUNK = 64 * 1024,
	DIGITS_MIN = 10, /* of a number with its country code */
	DIGITS_MAX = 15, /* ITU-T E.164 */
	LETTERS_MIN = 6,
	UUID_HEAD = 24, /* characters of a listing's id before its last
			 * group, which may be all digits */
};

/* What the bytes read so far may be the beginning of. */
struct scan {
	const struct phones *phones;
	struct traces *t;
	char digits[DIGITS_MAX + 1];
	size_t digit_count; /* may be more than fit: then it is no number */
	size_t hex;	    /* of hex digits and dashes, up to here */
	bool in_uuid;	/* so many before the digits that they are no number */
	size_t letters; /* Cyrillic, in this run of words */
	size_t wide;	/* of these, those that look like UTF-16 */
	size_t common;	/* and of these, U+0410 to U+044F */
	unsigned char last; /* the byte before */
	size_t gap;	    /* zeros since the last digit: UTF-16 */
	size_t msg;	    /* how much of "[msg:" there was */
	bool in_msg;	    /* behind it, in the length */
	int64_t msg_len;
};

static void
digits_end(struct scan *s)
{
	char raw[DIGITS_MAX + 2];
	struct phone phone;

	if (s->digit_count >= DIGITS_MIN && s->digit_count <= DIGITS_MAX &&
	    !s->in_uuid) {
		(void)snprintf(
		    raw, sizeof(raw), "+%.*s", (int)s->digit_count, s->digits);
		s->t->numbers +=
		    phone_parse(s->phones, sv_of(raw), "", &phone) == 0 &&
		    phone.kind <= PHONE_FIXED;
	}
	s->digit_count = 0;
	s->gap = 0;
}

static void
digit_take(struct scan *s, unsigned char c)
{
	bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

	if (c >= '0' && c <= '9') {
		if (s->digit_count == 0)
			s->in_uuid = s->hex >= UUID_HEAD;
		if (s->digit_count < DIGITS_MAX)
			s->digits[s->digit_count] = (char)c;
		s->digit_count++;
		s->gap = 0;
	} else if (s->digit_count > 0 && (c != 0 || ++s->gap > 1)) {
		digits_end(s);
	}
	s->hex = hex || c == '-' ? s->hex + 1 : 0;
}

/* In UTF-16 most letters of a text are U+0410 to U+044F.  A page of a database
 * with short rows has offsets that begin with 04, too: these are of all kinds.
 */
static void
letters_end(struct scan *s)
{
	s->t->texts += s->letters >= LETTERS_MIN && s->common * 2 >= s->wide;
	s->letters = s->wide = s->common = 0;
}

/* U+0400 to U+04FF: D0..D3 and a byte, or 04 before or behind a byte.  What may
 * stand between words ends no run. */
static void
letter_take(struct scan *s, unsigned char c)
{
	bool utf8 =
	    s->last >= 0xd0 && s->last <= 0xd3 && c >= 0x80 && c <= 0xbf;
	bool utf16 = s->last == 0x04 && c != 0x04 && c != 0;
	bool lead = (c >= 0xd0 && c <= 0xd3) || c == 0x04;

	if (utf8 || utf16) {
		s->letters++;
		s->wide += utf16;
		s->common += utf16 && c >= 0x10 && c <= 0x4f;
	} else if (!lead && c != 0 && (c < 0x20 || c > 0x40))
		letters_end(s);
}

/* "[msg:12:" and more than nothing */
static void
msg_take(struct scan *s, unsigned char c)
{
	static const char head[] = "[msg:";

	if (s->in_msg) {
		if (c >= '0' && c <= '9' && s->msg_len < 100000) {
			s->msg_len = s->msg_len * 10 + (c - '0');
			return;
		}
		s->t->texts += c == ':' && s->msg_len > 0;
		s->in_msg = false;
	}
	s->msg = c == (unsigned char)head[s->msg] ? s->msg + 1 : c == '[';
	if (s->msg == sizeof(head) - 1) {
		s->in_msg = true;
		s->msg = 0;
		s->msg_len = 0;
	}
}

/* How much of a chunk is worth a look: more zeros than a few change nothing,
 * and most of a write-ahead log is zeros. */
static ssize_t
worth(const unsigned char *buf, ssize_t n)
{
	enum { ZEROS = 16 };

	if (n > ZEROS && buf[0] == 0 &&
	    memcmp(buf, buf + 1, (size_t)n - 1) == 0)
		return ZEROS;
	return n;
}

static int
file_scan(const struct phones *phones, const char *path, struct traces *t)
{
	struct scan s = { .phones = phones, .t = t };
	unsigned char buf[CHUNK];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n, i, end;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		t->bytes += n;
		end = worth(buf, n);
		for (i = 0; i < end; i++) {
			digit_take(&s, buf[i]);
			letter_take(&s, buf[i]);
			msg_take(&s, buf[i]);
			s.last = buf[i];
		}
	}
	digits_end(&s);
	letters_end(&s);
	(void)close(fd);
	explicit_bzero(buf, sizeof(buf));
	explicit_bzero(&s, sizeof(s));
	t->files++;
	return n < 0 ? -EIO : 0;
}

int
traces_find(const struct phones *phones, const char *path, struct traces *t)
{
	char root[PATH_MAX];
	char *roots[] = { root, NULL };
	const FTSENT *entry;
	FTS *fts;
	int rc = 0;

	if ((size_t)snprintf(root, sizeof(root), "%s", path) >= sizeof(root))
		return -ENAMETOOLONG;
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_COMFOLLOW, NULL);
	ASSERT(fts != NULL);
	while (rc == 0 && (entry = fts_read(fts)) != NULL) {
		if (entry->fts_info == FTS_F)
			rc = file_scan(phones, entry->fts_path, t);
		else if (entry->fts_info == FTS_NS ||
			 entry->fts_info == FTS_DNR ||
			 entry->fts_info == FTS_ERR)
			rc = -entry->fts_errno;
	}
	(void)fts_close(fts);
	return rc;
}
