/* sheet.c - CSV of others: its encoding, its separator, its rows. */
#include "content/sheet.h"

#include <csv.h>
#include <stdlib.h>

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/ustring.h>

enum {
	ARENA_BLOCK = 64 << 10,
	DETECT_BYTES = 64 << 10, /* are enough to tell an encoding */
	/* ICU's confidence, 0 to 100, and how far it must be ahead */
	SURE = 30,
	AHEAD = 10,
};

/* --- encodings --- */

static bool
is_utf8(struct sv v)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t units;

	if (v.n == 0)
		return true;
	(void)u_strFromUTF8(NULL, 0, &units, v.p, (int32_t)v.n, &status);
	return status != U_INVALID_CHAR_FOUND && memchr(v.p, '\0', v.n) == NULL;
}

static bool
begins(struct sv v, const char *with, size_t n)
{
	return v.n >= n && memcmp(v.p, with, n) == 0;
}

/* Every byte above ASCII is a letter or a sign that Russian texts have: then
 * Windows-1251 fits.  0x98 is nothing in it. */
static bool
can_be_1251(struct sv v)
{
	size_t i, high = 0, letters = 0;

	for (i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c == 0x98 || c == 0)
			return false;
		high += c >= 0x80;
		letters += c >= 0xc0 || c == 0xa8 || c == 0xb8;
	}
	return high > 0 && letters * 10 >= high * 8;
}

/* What ICU takes it for, and whether that is Windows-1251 beyond doubt. */
static bool
looks_like_1251(struct sv v, char name[32])
{
	UErrorCode status = U_ZERO_ERROR;
	UCharsetDetector *detector = ucsdet_open(&status);
	const UCharsetMatch **matches;
	int32_t count = 0, first = 0, second = 0;
	bool sure = false;

	name[0] = '\0';
	ucsdet_setText(detector, v.p,
	    (int32_t)(v.n < DETECT_BYTES ? v.n : DETECT_BYTES), &status);
	matches = ucsdet_detectAll(detector, &count, &status);
	if (U_SUCCESS(status) && count > 0) {
		const char *best = ucsdet_getName(matches[0], &status);

		first = ucsdet_getConfidence(matches[0], &status);
		if (count > 1)
			second = ucsdet_getConfidence(matches[1], &status);
		if (U_SUCCESS(status) && best != NULL)
			(void)snprintf(name, 32, "%s", best);
		sure = strcmp(name, "windows-1251") == 0 && first >= SURE &&
		       first >= second + AHEAD && can_be_1251(v);
	}
	ucsdet_close(detector);
	return sure;
}

static int
convert(struct arena *arena, struct sv v, const char *from, struct sv *ret)
{
	UErrorCode status = U_ZERO_ERROR;
	/* two bytes of Windows-1251 or UTF-16 are at most six of UTF-8 */
	int32_t room = (int32_t)v.n * 3 + 16, n;
	char *to = arena_get(arena, (size_t)room);

	n = ucnv_convert("UTF-8", from, to, room, v.p, (int32_t)v.n, &status);
	if (U_FAILURE(status) || !is_utf8((struct sv){ to, (size_t)n }))
		return -EINVAL;
	*ret = (struct sv){ to, (size_t)n };
	return 0;
}

static int
decode_other(struct arena *arena, struct sv bytes, struct sv *ret_text,
    const char **ret_charset, struct diag *d)
{
	char name[32];

	if (begins(bytes, "\xff\xfe", 2) || begins(bytes, "\xfe\xff", 2)) {
		*ret_charset = "UTF-16";
		if (convert(arena, bytes, "UTF-16", ret_text) == 0)
			return 0;
		return diag_set(
		    d, -EINVAL, "not whole UTF-16; save the file as CSV UTF-8");
	}
	if (looks_like_1251(bytes, name) &&
	    convert(arena, bytes, "windows-1251", ret_text) == 0) {
		*ret_charset = "Windows-1251";
		return 0;
	}
	/* what could be it, and is only not certain, is named all the same */
	if (can_be_1251(bytes))
		(void)snprintf(name, sizeof(name), "Windows-1251");
	if (memchr(bytes.p, '\0', bytes.n) != NULL)
		return diag_set(d, -EINVAL,
		    "not a text file: it has NUL bytes; save the table as "
		    "CSV UTF-8");
	return diag_set(d, -EINVAL, "not UTF-8%s%s; save the file as CSV UTF-8",
	    name[0] != '\0' ? ": it looks like " : "", name);
}

int
sheet_decode(struct arena *arena, struct sv bytes, struct sv *ret_text,
    const char **ret_charset, struct diag *reterr_diag)
{
	struct sv text = { "", 0 };
	const char *charset = NULL;
	int rc;

	if (is_utf8(bytes)) {
		text = bytes;
	} else {
		rc = decode_other(arena, bytes, &text, &charset, reterr_diag);
		if (rc < 0)
			return rc;
	}
	if (begins(text, "\xef\xbb\xbf", 3))
		text = (struct sv){ text.p + 3, text.n - 3 };
	*ret_text = text;
	*ret_charset = charset;
	return 0;
}

/* --- rows --- */

struct reader {
	sheet_row_fn *fn;
	void *arg;
	struct arena *arena;
	struct sv fields[SHEET_COLUMNS_MAX];
	size_t count;
	unsigned line; /* where the row began */
	bool ended, stopped, any;
};

static void
on_field(void *p, size_t len, void *arg)
{
	struct reader *r = arg;

	r->any = r->any || len > 0;
	if (r->count < SHEET_COLUMNS_MAX)
		r->fields[r->count++] = (struct sv){
			arena_dup(r->arena, len > 0 ? p : "", len),
			len,
		};
}

static void
on_row(int ch, void *arg)
{
	struct reader *r = arg;
	const struct sheet_row row = { r->line, r->fields, r->count };

	(void)ch;
	r->ended = true;
	/* a row of separators only is what a spreadsheet leaves at its end */
	if (!r->stopped && r->any)
		r->stopped = !r->fn(r->arg, &row);
	r->count = 0;
	r->any = false;
	arena_reset(r->arena);
}

/* The separator that the first row has most of. */
static char
separator_of(struct sv text)
{
	static const char candidates[] = ",;\t";
	size_t found[3] = { 0 }, i, best = 0;
	bool quoted = false;

	for (i = 0; i < text.n && (quoted || text.p[i] != '\n'); i++) {
		const char *at = strchr(candidates, text.p[i]);

		if (text.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && at != NULL && *at != '\0')
			found[at - candidates]++;
	}
	for (i = 1; i < ARRAY_LEN(found); i++)
		if (found[i] > found[best])
			best = i;
	return candidates[best];
}

/* Cut a line off, with its end; a lone CR ends one, too. */
static struct sv
line_cut(struct sv *text)
{
	struct sv one = *text;
	size_t i = 0;

	while (i < one.n && one.p[i] != '\n' && one.p[i] != '\r')
		i++;
	if (i < one.n)
		i += one.p[i] == '\r' && i + 1 < one.n && one.p[i + 1] == '\n' ?
			 2 :
			 1;
	one.n = i;
	text->p += i;
	text->n -= i;
	return one;
}

static int
feed(struct reader *r, struct csv_parser *parser, struct sv text,
    unsigned *reterr_line)
{
	bool open = false; /* a quoted field goes on into the next line */
	unsigned line;

	for (line = 1; text.n > 0 && !r->stopped; line++) {
		struct sv one = line_cut(&text);

		if (!open)
			r->line = line;
		r->ended = false;
		if (csv_parse(parser, one.p, one.n, on_field, on_row, r) !=
		    one.n) {
			*reterr_line = r->line;
			return -EINVAL;
		}
		open = !r->ended &&
		       (open || (one.p[0] != '\n' && one.p[0] != '\r'));
	}
	if (!r->stopped && csv_fini(parser, on_field, on_row, r) != 0) {
		*reterr_line = r->line;
		return -EINVAL;
	}
	return 0;
}

int
sheet_read(struct sv text, sheet_row_fn *fn, void *arg, unsigned *reterr_line)
{
	struct reader *r = calloc(1, sizeof(*r));
	struct csv_parser parser;
	int rc;

	ASSERT(r != NULL);
	r->fn = fn;
	r->arg = arg;
	/* a row may be all of it; half of a block may be left */
	r->arena = arena_new(ARENA_BLOCK, 2 * text.n + 4 * (size_t)ARENA_BLOCK);
	ASSERT(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
	csv_set_delim(&parser, (unsigned char)separator_of(text));
	rc = feed(r, &parser, text, reterr_line);
	csv_free(&parser);
	arena_free(&r->arena);
	free(r);
	return rc;
}
