/* join.c - the pieces of a longer text back into one text. */
#include "daemon/core/join.h"

#include "daemon/proto/gsm7.h"
#include "daemon/proto/sms.h"

/* A whole run, or -EBADMSG. */
static int
run_read(enum gw_coding coding, struct sv run, struct sb *b)
{
	switch (coding) {
	case GW_CODING_GSM7:
		return gsm7_read(run, b);
	case GW_CODING_LATIN1:
		if (run.n > 0 && memchr(run.p, '\0', run.n) != NULL)
			return -EBADMSG;
		latin1_read(run, b);
		return 0;
	case GW_CODING_UCS2:
		return utf16be_read(run, b);
	}
	return -EBADMSG;
}

/* A character at a time; what is none is left out: at the seams of a gap
 * stand halves of surrogate pairs. */
static void
run_read_some(enum gw_coding coding, struct sv run, struct sb *b)
{
	size_t unit = coding == GW_CODING_UCS2 ? 2 : 1, used;

	while (run.n >= unit) {
		used = unit;
		/* an escaped septet, a surrogate pair */
		if (coding == GW_CODING_GSM7 && run.p[0] == 0x1B && run.n > 1)
			used = 2;
		if (coding == GW_CODING_UCS2 && run.n >= 4 &&
		    ((unsigned char)run.p[0] & 0xFC) == 0xD8)
			used = 4;
		if (run_read(coding, (struct sv){ run.p, used }, b) < 0)
			used = unit;
		run.p += used;
		run.n -= used;
	}
}

/* How many pieces from the first on are one run. */
static size_t
run_length(const struct piece *pieces, size_t count)
{
	size_t n = 1;

	while (
	    n < count && !pieces[n].gap && pieces[n].coding == pieces[0].coding)
		n++;
	return n;
}

static struct sv
run_bytes(const struct piece *pieces, size_t count, struct arena *a)
{
	struct sb run;
	size_t i;

	sb_init(&run, a, count * GW_PART_MAX);
	for (i = 0; i < count; i++)
		sb_put(&run, pieces[i].bytes);
	return sb_sv(&run);
}

int
pieces_join(const struct piece *pieces, size_t count, bool whole,
    struct arena *a, struct sb *b)
{
	struct sv bytes;
	size_t i, n;
	int rc = 0;

	for (i = 0; rc == 0 && i < count; i += n) {
		n = run_length(pieces + i, count - i);
		bytes = run_bytes(pieces + i, n, a);
		if (pieces[i].gap)
			sb_puts(b, " ");
		if (whole)
			rc = run_read(pieces[i].coding, bytes, b);
		else
			run_read_some(pieces[i].coding, bytes, b);
	}
	return rc;
}
