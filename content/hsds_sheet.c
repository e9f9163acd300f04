/* hsds_sheet.c - listings as a spreadsheet has them, read and written. */
#include "content/hsds_sheet.h"

#include <ctype.h>
#include <stdlib.h>

#include "content/listing_time.h"
#include "content/sheet.h"
#include "daemon/base/clock.h"

enum {
	ARENA_BLOCK = 64 << 10,
	ARENA_LIMIT = 256 << 20,
	NOT_OURS = -1,
};

struct reading {
	const struct hsds_sheet *sheet;
	const char *file;
	struct arena *arena; /* the data set's */
	struct diag *diag;
	int rc;
	bool have_head;
	size_t head_count, rows;
	int wanted[SHEET_COLUMNS_MAX];
	bool has[CSV_COLUMNS_MAX]; /* our columns */
	struct hsds_row *seen;	   /* ids: rows of nothing but an id */
};

static int
column_of(struct sv name)
{
	char low[64];
	size_t i, n = 0;

	for (i = 0; i < name.n && n < sizeof(low); i++)
		if (!isspace((unsigned char)name.p[i]))
			low[n++] = (char)tolower((unsigned char)name.p[i]);
	for (i = 0; i < listing_columns.count; i++)
		if (sv_eq(
			sv_of(listing_columns.names[i]), (struct sv){ low, n }))
			return (int)i;
	return NOT_OURS;
}

static bool
take_head(struct reading *r, const struct sheet_row *row)
{
	static const char *const must[] = { "id", "name_en" };
	size_t i;

	for (i = 0; i < row->count; i++) {
		r->wanted[i] = column_of(row->fields[i]);
		if (r->wanted[i] != NOT_OURS && r->has[r->wanted[i]])
			r->wanted[i] = NOT_OURS;
		if (r->wanted[i] != NOT_OURS)
			r->has[r->wanted[i]] = true;
	}
	r->head_count = row->count;
	r->have_head = true;
	for (i = 0; i < ARRAY_LEN(must); i++)
		if (!r->has[column_of(sv_of(must[i]))]) {
			r->rc =
			    hsds_unreadable(r->sheet->h, r->diag, "no_columns",
				"%s: the first row names no column \"%s\"; it "
				"must name the columns",
				r->file, must[i]);
			return false;
		}
	return true;
}

static void
refuse(struct reading *r, const struct sheet_row *row, struct sv id,
    const char *code, const char *text)
{
	const struct hsds_problem p = { .file = r->file,
		.line = row->line,
		.id = id,
		.field = "",
		.code = code };

	hsds_refuse(r->sheet->h, &p, "%s", text);
}

/* Numbers as people write them; a list that is not understood stays as it is,
 * to be refused by name. */
static struct sv
tidy_phones(struct reading *r, struct sv list, struct sv country)
{
	char home[3] = "";
	struct phone phone;
	struct sv rest = list, one;
	char *text = arena_get(r->arena, list.n + 128);
	size_t n = 0, members = 0;

	if (country.n == 2)
		memcpy(home, country.p, 2);
	while (rest.n > 0) {
		one = listing_list_cut(&rest);
		if (members++ == LISTING_PHONES_MAX ||
		    phone_parse(r->sheet->rules->phones, one, home, &phone) <
			0 ||
		    phone_reveal(&phone).n == 0)
			return list;
		if (n > 0)
			text[n++] = ';';
		one = phone_reveal(&phone);
		memcpy(text + n, one.p, one.n);
		n += one.n;
	}
	return (struct sv){ text, n };
}

static void
forget_missing(const struct reading *r, struct directory_row *row)
{
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++)
		if (!r->has[i])
			directory_field_set(row, i, (struct sv){ NULL, 0 });
}

static bool
fields_take(struct reading *r, const struct sheet_row *row,
    struct sv fields[CSV_COLUMNS_MAX])
{
	size_t i;

	for (i = 0; i < CSV_COLUMNS_MAX; i++)
		fields[i] = SV("");
	for (i = 0; i < r->head_count && i < row->count; i++) {
		if (r->wanted[i] == NOT_OURS)
			continue;
		if (row->fields[i].n > HSDS_FIELD_MAX)
			return false;
		fields[r->wanted[i]] = row->fields[i];
	}
	return true;
}

static void
refuse_ahead(struct reading *r, const struct sheet_row *row, struct sv id,
    int64_t checked_ms)
{
	const struct hsds_problem p = { .file = r->file,
		.line = row->line,
		.id = id,
		.field = "checked",
		.code = "day_ahead" };
	char day[LISTING_TIME_BYTES + 1];

	listing_time_write(checked_ms, day);
	hsds_refuse(r->sheet->h, &p, LISTING_TIME_AHEAD, p.field, day);
}

static void
take_row(struct reading *r, const struct sheet_row *row)
{
	struct sv fields[CSV_COLUMNS_MAX];
	const struct csv_row csv = { r->file, row->line, fields };
	struct hsds_listing l = {
		.file = r->file, .line = row->line, .ours = true
	};
	struct diag why = { "" };

	if (++r->rows > CSV_ROWS_MAX) {
		r->rc = hsds_unreadable(r->sheet->h, r->diag, "zip_large",
		    "%s: more than %d rows; split the file", r->file,
		    CSV_ROWS_MAX);
		return;
	}
	if (!fields_take(r, row, fields)) {
		refuse(r, row, SV(""), "too_long",
		    "a field is longer than 16384 bytes; shorten it");
		return;
	}
	if (row->count > r->head_count) {
		refuse(r, row, fields[0], "too_many_fields",
		    "more fields than the first row has; look for a "
		    "separator that should stand in quotes");
		return;
	}
	if (listing_row_take(&csv, r->arena, &l.row, &why) < 0) {
		refuse(r, row, fields[0], "not_a_date",
		    "checked must be a day as 2026-09-14, or empty if nobody "
		    "ever called");
		return;
	}
	if (listing_time_is_ahead(l.row.checked_ms, clock_ms())) {
		refuse_ahead(r, row, fields[0], l.row.checked_ms);
		return;
	}
	l.row.phone_e164 = tidy_phones(r, l.row.phone_e164, l.row.country);
	forget_missing(r, &l.row);
	r->rc = r->sheet->fn(r->sheet->arg, &l);
}

static bool
on_row(void *arg, const struct sheet_row *row)
{
	struct reading *r = arg;

	if (!r->have_head)
		return take_head(r, row);
	take_row(r, row);
	return r->rc == 0;
}

static int
read_text(struct reading *r, struct sv text)
{
	unsigned line = 0;
	struct sheet_row at;

	if (sheet_read(text, on_row, r, &line) < 0 && r->rc == 0) {
		at = (struct sheet_row){ .line = line };
		refuse(r, &at, SV(""), "bad_quotes",
		    "a quote in the wrong place or never closed; put quotes "
		    "round the whole field and double those inside it; what "
		    "comes below was not read");
	}
	if (r->rc == 0 && !r->have_head)
		return hsds_unreadable(r->sheet->h, r->diag, "empty_file",
		    "%s: the file is empty; its first row names the columns",
		    r->file);
	return r->rc;
}

int
hsds_sheet_read(
    const struct hsds_sheet *sheet, struct sv bytes, struct diag *reterr_diag)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct arena *arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	const char *charset = NULL;
	struct sv text = { "", 0 };
	struct diag why = { "" };
	int rc;

	ASSERT(r != NULL);
	r->sheet = sheet;
	r->arena = hsds_arena(sheet->h);
	r->file = arena_dup(r->arena, sheet->name, strlen(sheet->name));
	r->diag = reterr_diag;
	if (sheet_decode(arena, bytes, &text, &charset, &why) < 0)
		rc = hsds_unreadable(sheet->h, reterr_diag, "wrong_encoding",
		    "%s: %.300s", r->file, why.text);
	else
		rc = read_text(r, text);
	arena_free(&arena);
	free(r);
	return rc;
}
