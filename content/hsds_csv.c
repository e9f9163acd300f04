/* hsds_csv.c - one table of HSDS as CSV, read and written. */
#include "content/hsds_csv.h"

#include <ctype.h>
#include <stdlib.h>

#include "content/csv.h"
#include "content/hsds_package.h"
#include "content/sheet.h"

enum { ARENA_BLOCK = 64 << 10, ARENA_LIMIT = 256 << 20 };

struct reading {
	struct hsds *h;
	const char *file;
	enum hsds_table table;
	bool have_head;
	size_t head_count;
	int wanted[SHEET_COLUMNS_MAX]; /* file's column -> ours, or -1 */
};

/* "organizations.csv", and "organization.csv" as some write it. */
static enum hsds_table
table_of(const char *name)
{
	size_t n, i;

	for (i = 0; i < HSDS_TABLES; i++) {
		const struct hsds_def *def = hsds_def((enum hsds_table)i);

		n = strlen(def->name);
		if (strcasecmp(name, def->file) == 0 ||
		    (strncasecmp(name, def->name, n) == 0 &&
			strcasecmp(name + n, ".csv") == 0))
			return (enum hsds_table)i;
	}
	return HSDS_NONE;
}

bool
hsds_is_table(const char *name)
{
	return table_of(name) != HSDS_NONE;
}

static struct hsds_problem
at_line(const struct reading *r, unsigned line, const char *code)
{
	return (struct hsds_problem){
		.file = r->file, .line = line, .field = "", .code = code
	};
}

/* A column's name as it is meant: spaces and case do not count. */
static int
column_of(enum hsds_table t, struct sv name)
{
	char low[64];
	size_t i, n = 0;

	for (i = 0; i < name.n && n < sizeof(low); i++)
		if (!isspace((unsigned char)name.p[i]))
			low[n++] = (char)tolower((unsigned char)name.p[i]);
	return hsds_column_of(t, (struct sv){ low, n });
}

static bool
take_head(struct reading *r, const struct sheet_row *row)
{
	struct hsds_problem p = at_line(r, row->line, "no_id_column");
	uint32_t seen = 0;
	size_t i;

	for (i = 0; i < row->count; i++) {
		int at = column_of(r->table, row->fields[i]);

		/* of two with one name the first is taken */
		if (at >= 0 && (seen >> at & 1) != 0)
			at = -1;
		r->wanted[i] = at;
		if (at < 0)
			continue;
		seen |= UINT32_C(1) << at;
		hsds_set_column(r->h, r->table, at);
	}
	r->head_count = row->count;
	r->have_head = true;
	if ((seen & 1) == 0)
		hsds_refuse(r->h, &p,
		    "the first row names no column \"id\"; it must name the "
		    "columns of HSDS");
	return (seen & 1) != 0;
}

static void
take_fields(struct reading *r, struct hsds_row *to, const struct sheet_row *row)
{
	struct hsds_problem p = at_line(r, row->line, "too_long");
	size_t i;

	for (i = 0; i < r->head_count; i++) {
		int at = r->wanted[i];
		struct sv v = i < row->count ? row->fields[i] : SV("");

		if (at < 0)
			continue;
		if (!hsds_set(r->h, to, at, v)) {
			p.id = to->fields[0];
			p.field = hsds_def(r->table)->columns[at].name;
			hsds_refuse(r->h, &p,
			    "longer than %d bytes; shorten it", HSDS_FIELD_MAX);
			to->bad = true;
			to->fields[at] = SV("");
		}
	}
}

static bool
take_row(struct reading *r, const struct sheet_row *row)
{
	struct hsds_problem p = at_line(r, row->line, "too_many_rows");
	struct hsds_row *to = hsds_add(r->h, r->table);

	if (to == NULL) {
		hsds_refuse(r->h, &p, "more than %d rows; split the package",
		    HSDS_ROWS_MAX);
		return false;
	}
	to->file = r->file;
	to->line = row->line;
	take_fields(r, to, row);
	if (row->count > r->head_count) {
		p.code = "too_many_fields";
		p.id = to->fields[0];
		to->bad = true;
		hsds_refuse(r->h, &p,
		    "%zu fields where the first row has %zu; look for a "
		    "separator that should stand in quotes",
		    row->count, r->head_count);
	}
	return true;
}

static bool
on_row(void *arg, const struct sheet_row *row)
{
	struct reading *r = arg;

	return r->have_head ? take_row(r, row) : take_head(r, row);
}

static void
read_text(struct reading *r, struct sv text)
{
	unsigned line = 0;

	if (sheet_read(text, on_row, r, &line) < 0) {
		struct hsds_problem p = at_line(r, line, "bad_quotes");

		hsds_refuse(r->h, &p,
		    "a quote in the wrong place or never closed; put quotes "
		    "round the whole field and double those inside it; what "
		    "comes below was not read");
	}
}

void
hsds_read_csv(struct hsds *h, const char *name, struct sv bytes)
{
	struct reading r = { .h = h, .table = table_of(name) };
	struct arena *arena;
	const char *charset = NULL;
	struct sv text = { "", 0 };
	struct diag why = { "" };

	if (r.table == HSDS_NONE)
		return;
	r.file = arena_dup(hsds_arena(h), name, strlen(name));
	hsds_set_present(h, r.table);
	arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	if (sheet_decode(arena, bytes, &text, &charset, &why) < 0) {
		struct hsds_problem p = at_line(&r, 0, "wrong_encoding");

		hsds_refuse(h, &p, "%s", why.text);
	} else {
		read_text(&r, text);
	}
	arena_free(&arena);
}

/* --- writing --- */

static int
put_row(FILE *f, const struct hsds *h, enum hsds_table t,
    const struct hsds_row *row)
{
	const struct hsds_def *def = hsds_def(t);
	bool first = true;
	size_t i;

	for (i = 0; i < def->count; i++) {
		struct sv v =
		    row != NULL ? row->fields[i] : sv_of(def->columns[i].name);

		if (!hsds_has_column(h, t, (int)i))
			continue;
		if (!first && fputc(',', f) != ',')
			return -EIO;
		first = false;
		if (csv_put_field(f, v) < 0)
			return -EIO;
	}
	return fputc('\n', f) == '\n' ? 0 : -EIO;
}

int
hsds_write_csv(FILE *f, const struct hsds *h, enum hsds_table t)
{
	size_t i;
	int rc = put_row(f, h, t, NULL);

	for (i = 0; rc == 0 && i < hsds_count(h, t); i++)
		rc = put_row(f, h, t, hsds_at(h, t, i));
	return rc;
}
