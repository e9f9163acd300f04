/* test_csv.c - the CSV reader: rows by name, lines of rows, refusals. */
#include "content/csv.h"

#include "tests/tap.h"
#include "tests/tmpdir.h"

static const char *const names[] = { "id", "name", "note" };
static const struct csv_columns columns = { names, 3, 2 };

/* What the callback saw, as "line:id|name|note" joined by '/'. */
struct seen {
	char text[1024];
	size_t n;
	int stop_at, rc;
};

static int
on_row(void *arg, const struct csv_row *row, struct diag *d)
{
	struct seen *s = arg;

	(void)d;
	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n,
	    "%u:%s|%s|%s/", row->line, row->fields[0].p, row->fields[1].p,
	    row->fields[2].p);
	return row->line == (unsigned)s->stop_at ?
		   csv_refuse(row, d, "stopped") :
		   0;
}

static void
test_rows(const struct tmpdir *tmp)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "plain", "id,name,note\na,b,c\nd,e,f\n", "2:a|b|c/3:d|e|f/" },
		{ "other order", "note,id,name\n1,2,3\n", "2:2|3|1/" },
		{ "optional column missing", "id,name\na,b\n", "2:a|b|/" },
		{ "no newline at the end", "id,name\na,b", "2:a|b|/" },
		{ "CRLF", "id,name\r\na,b\r\nc,d\r\n", "2:a|b|/3:c|d|/" },
		{ "byte order mark", "\xef\xbb\xbfid,name\na,b\n", "2:a|b|/" },
		{ "quoted newline moves the line", "id,name\na,\"b\nc\"\nd,e\n",
		    "2:a|b\nc|/4:d|e|/" },
		{ "quoted CRLF moves the line",
		    "id,name\r\na,\"b\r\nc\"\r\nd,e\r\n",
		    "2:a|b\r\nc|/4:d|e|/" },
		{ "blank lines are skipped and counted",
		    "\nid,name\n\na,b\n  \nc,d\n", "4:a|b|/6:c|d|/" },
		{ "quotes and commas", "id,name\na,\"b, \"\"c\"\"\"\n",
		    "2:a|b, \"c\"|/" },
		{ "UTF-8", "id,name\na,\xd3\xa9\n", "2:a|\xd3\xa9|/" },
		{ "only the first row", "id,name\n", "" },
	};
	struct diag d;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen s = { .text = "" };

		tmp_puts(tmp, "t.csv", cases[i].text);
		EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d),
		    0, cases[i].name);
		OK(strcmp(s.text, cases[i].want) == 0, cases[i].name);
	}
}

static void
test_refused(const struct tmpdir *tmp)
{
#define CASE(name, text, want)                                                 \
	{                                                                      \
		name, SV(text), want                                           \
	}
	const struct {
		const char *name;
		struct sv text;
		const char *want;
	} cases[] = {
		CASE("NUL", "id,name\na,b\0c\n", ":2: a NUL byte"),
		CASE("not UTF-8", "id,name\na,b\nc,\xff\n", ":3: not UTF-8"),
		CASE("surrogate", "id,name\na,\xed\xa0\x80\n", ":2: not UTF-8"),
		CASE("too few fields", "id,name\na\n", ":2: 1 fields"),
		CASE("too many fields", "id,name\na,b\n\na,b,c\n", ":4: 3 fie"),
		CASE("unknown column", "id,name,nmae\n", "called \"nmae\""),
		CASE("column twice", "id,name,id\n", "\"id\" is there twice"),
		CASE("column missing", "id,note\n", "\"name\" is missing"),
		CASE(
		    "quote never closed", "id,name\na,\"b\nc\n", ":2: a quote"),
		CASE("quote inside", "id,name\na,\"b\"c\n", ":2: a quote"),
		CASE("lone return", "id,name\na,b\rc,d\n", ":2: a carriage"),
		CASE("empty", "", ":1: the file is empty"),
	};
	struct diag d;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen s = { .text = "" };

		tmp_put(tmp, "t.csv", cases[i].text.p, cases[i].text.n);
		EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d),
		    -EINVAL, cases[i].name);
		OK(strstr(d.text, cases[i].want) != NULL, d.text);
	}
}

static void
test_limits(const struct tmpdir *tmp)
{
	struct seen s = { .text = "", .stop_at = 3 };
	static char big[CSV_BYTES_MAX + 2];
	struct diag d;
	FILE *f;
	int i;

	EQ(csv_read(tmp_path(tmp, "none.csv"), &columns, on_row, &s, &d),
	    -ENOENT, "no such file");
	EQ(csv_read(tmp->path, &columns, on_row, &s, &d), -EINVAL, "a folder");
	tmp_puts(tmp, "t.csv", "id,name\na,b\nc,d\ne,f\n");
	EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d), -EINVAL,
	    "the callback stops");
	OK(strstr(d.text, "t.csv:3: stopped") != NULL, "with its own words");
	OK(strcmp(s.text, "2:a|b|/3:c|d|/") == 0, "and is not called again");

	memset(big, 'x', sizeof(big));
	tmp_put(tmp, "t.csv", big, CSV_BYTES_MAX + 1);
	EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d), -EINVAL,
	    "file too large");
	(void)snprintf(big, sizeof(big), "%s", "id,name\nab,");
	big[11] = 'x';
	tmp_put(tmp, "t.csv", big, 11 + CSV_FIELD_MAX + 1);
	EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d), -EINVAL,
	    "field too long");
	OK(strstr(d.text, ":2: field 2 is longer") != NULL, d.text);
	f = fopen(tmp_path(tmp, "t.csv"), "w");
	(void)fputs("id,name\n", f);
	memset(big, 'x', CSV_FIELD_MAX);
	big[CSV_FIELD_MAX] = ',';
	for (i = 0; i < CSV_COLUMNS_MAX; i++)
		(void)fwrite(
		    big, 1, CSV_FIELD_MAX + (i < CSV_COLUMNS_MAX - 1), f);
	(void)fclose(f);
	EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d), -EINVAL,
	    "the longest row there may be");
	OK(strstr(d.text, ":2: 64 fields where") != NULL, d.text);
	f = fopen(tmp_path(tmp, "t.csv"), "w");
	for (i = 0; i < CSV_COLUMNS_MAX + 1; i++)
		(void)fputs("x,", f);
	(void)fclose(f);
	EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d), -EINVAL,
	    "too many columns");
	OK(strstr(d.text, ":1: more than") != NULL, d.text);
}

static void
test_put(const struct tmpdir *tmp)
{
	static const char *const values[] = { "a", "", "b, \"c\"\nd", " e ",
		"\xd3\xa9", "\"" };
	struct seen s = { .text = "" };
	struct diag d;
	FILE *f;
	size_t i;
	int bad = 0;

	f = fopen(tmp_path(tmp, "t.csv"), "w");
	(void)fputs("id,name\n", f);
	for (i = 0; i < ARRAY_LEN(values); i++) {
		(void)fputs("x,", f);
		bad += csv_put_field(f, sv_of(values[i])) < 0;
		(void)fputc('\n', f);
	}
	(void)fclose(f);
	EQ(bad, 0, "fields written");
	EQ(csv_read(tmp_path(tmp, "t.csv"), &columns, on_row, &s, &d), 0,
	    "and read back");
	OK(strcmp(s.text,
	       "2:x|a|/3:x||/4:x|b, \"c\"\nd|/6:x| e |/7:x|\xd3\xa9|/"
	       "8:x|\"|/") == 0,
	    "unchanged");
	OK(csv_is_id(SV("kz-11616")), "an id");
	OK(!csv_is_id(SV("")), "no id: empty");
	OK(!csv_is_id(SV("Kz")), "no id: capital");
	OK(!csv_is_id(SV("a;b")), "no id: semicolon");
}

int
main(void)
{
	struct tmpdir tmp = { "" };

	tmp_init(&tmp);
	test_rows(&tmp);
	test_refused(&tmp);
	test_limits(&tmp);
	test_put(&tmp);
	tmp_done(&tmp);
	return tap_done();
}
