/* csv.c - drives libcsv line by line, so that every message has a line. */
#include "content/csv.h"

#include <csv.h>
#include <stdarg.h>
#include <stdlib.h>

#include "content/file.h"
#include "daemon/base/arena.h"

enum {
	NOT_KNOWN = -1,
	/* NUL and the arena's rounding, for each field of a row */
	FIELD_EXTRA = 32,
	ARENA_BLOCK = 16 << 10,
	/* twice: what is left of a block may be just too small for a field */
	ARENA_LIMIT = 2 * CSV_COLUMNS_MAX * (CSV_FIELD_MAX + FIELD_EXTRA) +
		      2 * ARENA_BLOCK,
};

struct reader {
	const char *path;
	const struct csv_columns *columns;
	csv_row_fn *fn;
	void *arg;
	struct diag *diag;
	int rc;		   /* the first refusal */
	struct arena *row; /* fields of the row being read */
	unsigned line;	   /* where that row began */
	bool ended;	   /* a row ended in the line being fed */
	bool have_head;
	size_t head_count;
	int wanted[CSV_COLUMNS_MAX]; /* file's column -> ours, or NOT_KNOWN */
	struct sv raw[CSV_COLUMNS_MAX];
	size_t raw_count;
	size_t rows;
};

PRINTF(2, 3)
static void
refuse(struct reader *r, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	if (r->rc < 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	r->rc = diag_set(r->diag, -EINVAL, "%s:%u: %s", r->path, r->line, what);
}

static void
on_field(void *p, size_t len, void *arg)
{
	struct reader *r = arg;

	if (r->rc < 0)
		return;
	if (r->raw_count == CSV_COLUMNS_MAX) {
		refuse(r, "more than %d columns; remove some", CSV_COLUMNS_MAX);
		return;
	}
	if (len > CSV_FIELD_MAX) {
		refuse(r, "field %zu is longer than %d bytes; shorten it",
		    r->raw_count + 1, CSV_FIELD_MAX);
		return;
	}
	r->raw[r->raw_count++] = (struct sv){
		.p = arena_dup(r->row, len > 0 ? p : "", len),
		.n = len,
	};
}

static int
column_find(const struct csv_columns *c, struct sv name)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (sv_eq(sv_of(c->names[i]), name))
			return (int)i;
	return NOT_KNOWN;
}

static void
take_head(struct reader *r)
{
	bool seen[CSV_COLUMNS_MAX] = { false };
	size_t i;

	for (i = 0; i < r->raw_count; i++) {
		int at = column_find(r->columns, r->raw[i]);

		if (at == NOT_KNOWN) {
			refuse(r,
			    "no column is called \"" SV_FMT
			    "\"; correct the name "
			    "or remove the column",
			    SV_ARG(sv_begin(r->raw[i], 64)));
			return;
		}
		if (seen[at])
			refuse(r, "column \"%s\" is there twice; remove one",
			    r->columns->names[at]);
		seen[at] = true;
		r->wanted[i] = at;
	}
	for (i = 0; i < r->columns->required; i++)
		if (!seen[i])
			refuse(r,
			    "column \"%s\" is missing; the first row must "
			    "name it",
			    r->columns->names[i]);
	r->head_count = r->raw_count;
	r->have_head = true;
}

static void
take_row(struct reader *r)
{
	struct sv fields[CSV_COLUMNS_MAX];
	struct csv_row row = { r->path, r->line, fields };
	size_t i;

	if (r->raw_count != r->head_count) {
		refuse(r,
		    "%zu fields where the first row has %zu; look for a comma "
		    "that should stand in quotes",
		    r->raw_count, r->head_count);
		return;
	}
	if (++r->rows > CSV_ROWS_MAX) {
		refuse(r, "more than %d rows; split the file", CSV_ROWS_MAX);
		return;
	}
	for (i = 0; i < CSV_COLUMNS_MAX; i++)
		fields[i] = SV("");
	for (i = 0; i < r->raw_count; i++)
		fields[r->wanted[i]] = r->raw[i];
	r->rc = r->fn(r->arg, &row, r->diag);
}

static void
on_row(int ch, void *arg)
{
	struct reader *r = arg;

	(void)ch;
	r->ended = true;
	if (r->rc == 0 && !r->have_head)
		take_head(r);
	else if (r->rc == 0)
		take_row(r);
	r->raw_count = 0;
	arena_reset(r->row);
}

static void
bad_quotes(struct reader *r)
{
	refuse(r,
	    "a quote in the wrong place or never closed; put quotes around "
	    "the whole field and double those inside it");
}

static bool
is_blank(struct sv v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if (strchr(" \t\r\n", v.p[i]) == NULL)
			return false;
	return true;
}

/* A carriage return that ends no line would shift every line number. */
static bool
has_lone_return(struct sv v)
{
	const char *at = v.n > 0 ? memchr(v.p, '\r', v.n) : NULL;

	return at != NULL && (at + 1 == v.p + v.n || at[1] != '\n');
}

static void
feed(struct reader *r, struct csv_parser *parser, struct sv text)
{
	bool open = false; /* a quoted field goes on into the next line */
	unsigned line;

	for (line = 1; text.n > 0 && r->rc == 0; line++) {
		const char *nl = memchr(text.p, '\n', text.n);
		struct sv one = text;

		if (nl != NULL)
			one.n = (size_t)(nl - text.p) + 1;
		text.p += one.n;
		text.n -= one.n;
		if (!open)
			r->line = line;
		if (has_lone_return(one)) {
			refuse(r, "a carriage return inside a line; end lines "
				  "with LF or CRLF");
			return;
		}
		r->ended = false;
		if (csv_parse(parser, one.p, one.n, on_field, on_row, r) !=
		    one.n) {
			ASSERT(csv_error(parser) == CSV_EPARSE);
			bad_quotes(r);
		}
		open = !r->ended && (open || !is_blank(one));
	}
}

static int
read_rows(struct reader *r, struct sv text)
{
	struct csv_parser parser;

	ASSERT(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
	feed(r, &parser, text);
	if (r->rc == 0 && csv_fini(&parser, on_field, on_row, r) != 0)
		bad_quotes(r);
	csv_free(&parser);
	if (r->rc == 0 && !r->have_head) {
		r->line = 1;
		refuse(r, "the file is empty; its first row names the columns");
	}
	return r->rc;
}

int
csv_read(const char *path, const struct csv_columns *columns, csv_row_fn *fn,
    void *arg, struct diag *reterr_diag)
{
	struct reader r = {
		.path = path,
		.columns = columns,
		.fn = fn,
		.arg = arg,
		.diag = reterr_diag,
	};
	struct sv text;
	char *buf;
	int rc;

	ASSERT(columns->count <= CSV_COLUMNS_MAX);
	rc = file_read_text(path, CSV_BYTES_MAX, &buf, &text.n, reterr_diag);
	if (rc < 0)
		return rc;
	text.p = buf;
	r.row = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	rc = read_rows(&r, text);
	arena_free(&r.row);
	free(buf);
	return rc;
}

int
csv_refuse(
    const struct csv_row *row, struct diag *reterr_diag, const char *fmt, ...)
{
	char what[384];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return diag_set(
	    reterr_diag, -EINVAL, "%s:%u: %s", row->path, row->line, what);
}

bool
csv_is_id(struct sv v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if ((v.p[i] < 'a' || v.p[i] > 'z') &&
		    (v.p[i] < '0' || v.p[i] > '9') && v.p[i] != '-')
			return false;
	return v.n > 0 && v.n <= CSV_ID_MAX;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

int
csv_put_field(FILE *f, struct sv v)
{
	size_t i;

	if (v.n == 0)
		return 0;
	/* spaces and tabs at the ends would be trimmed when it is read */
	for (i = 0; i < v.n; i++)
		if (strchr(",\"\r\n", v.p[i]) != NULL || is_space(v.p[0]) ||
		    is_space(v.p[v.n - 1]))
			return csv_fwrite(f, v.p, v.n) == 0 ? 0 : -EIO;
	return fwrite(v.p, 1, v.n, f) == v.n ? 0 : -EIO;
}
