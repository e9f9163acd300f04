/* directory_find.c - what a listing is found by, and its history. */
#include "db/directory_find.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>

#include "daemon/base/sb.h"
#include "db/directory_json.h"
#include "db/directory_sql.h"
#include "db/uuid.h"

enum {
	TEXT_MAX = 256 * 1024, /* bytes of a listing's words */
	DIGITS_LEAST = 3,      /* of a number's end that finds it */
	MATCH_MAX = 4096,
	WORDS_MAX = 16, /* of what is looked for */
};

/* Writing. */

static const struct {
	const char *lang;
	size_t field;
} names[] = {
	{ "en", DIRECTORY_FIELD_name_en },
	{ "ru", DIRECTORY_FIELD_name_ru },
	{ "ky", DIRECTORY_FIELD_name_ky },
	{ "tg", DIRECTORY_FIELD_name_tg },
	{ "uz", DIRECTORY_FIELD_name_uz },
	{ "uz@cyrillic", DIRECTORY_FIELD_name_uz_cyrl },
	{ "kk", DIRECTORY_FIELD_name_kk },
};

static bool
is_name(size_t field)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].field == field)
			return true;
	return false;
}

static char *
names_text(const struct directory_row *row)
{
	json_t *all = json_object();
	struct sv v;
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		v = directory_field(row, names[i].field);
		if (v.n > 0)
			ASSERT(json_object_set_new(all, names[i].lang,
				   json_stringn_nocheck(v.p, v.n)) == 0);
	}
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	ASSERT(text != NULL);
	return text;
}

/* ";a;b;", or nothing. */
static struct sv
fenced(struct arena *arena, struct sv list)
{
	struct sb b;

	if (list.n == 0)
		return SV("");
	sb_init(&b, arena, list.n + 2);
	sb_puts(&b, ";");
	sb_put(&b, list);
	sb_puts(&b, ";");
	return sb_sv(&b);
}

/* Every end of a number is a word: it is found by its beginning, too. */
static void
put_ends(struct sb *b, struct sv number)
{
	if (number.n > 0 && *number.p == '+')
		number = (struct sv){ number.p + 1, number.n - 1 };
	while (number.n >= DIGITS_LEAST) {
		sb_puts(b, " ");
		sb_put(b, number);
		number = (struct sv){ number.p + 1, number.n - 1 };
	}
}

static int
text_put(struct directory *d, const struct directory_row *row, int64_t number,
    struct arena *arena)
{
	sqlite3_stmt *st = d->stmts[DIR_PUT_TEXT];
	struct sv phones = row->phone_e164;
	struct sb called, said, numbers;
	size_t i;

	sb_init(&called, arena, TEXT_MAX);
	sb_init(&said, arena, TEXT_MAX);
	sb_init(&numbers, arena, TEXT_MAX);
	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		struct sb *b = is_name(i) ? &called : &said;

		sb_put(b, directory_field(row, i));
		sb_puts(b, "\n");
	}
	sb_put(&numbers, row->short_code);
	while (phones.n > 0)
		put_ends(&numbers, sv_cut(&phones, ';'));
	sql_bind_int(st, 1, number);
	sql_bind_sv(st, 2, sb_sv(&called));
	sql_bind_sv(st, 3, sb_sv(&said));
	sql_bind_sv(st, 4, sb_sv(&numbers));
	return directory_run(d, DIR_PUT_TEXT);
}

static int
number_of(struct directory *d, struct sv id, int64_t *ret_number)
{
	sql_bind_sv(d->stmts[DIR_NUMBER_OF], 1, id);
	return sql_int(d->stmts[DIR_NUMBER_OF], ret_number);
}

static int
text_cut(struct directory *d, struct sv id)
{
	int64_t number = 0;
	int rc = number_of(d, id, &number);

	if (rc < 0 || number == 0)
		return rc;
	sql_bind_int(d->stmts[DIR_CUT_TEXT], 1, number);
	return directory_run(d, DIR_CUT_TEXT);
}

static int
row_put(struct directory *d, const struct directory_row *row, int64_t version,
    int64_t at_ms, struct arena *arena)
{
	sqlite3_stmt *st = d->stmts[DIR_LIST];
	char *called = names_text(row);
	struct sv status = row->status.n > 0 ? row->status : SV("active");
	int rc;

	sql_bind_sv(st, 1, row->id);
	sql_bind_int(st, 2, version);
	sql_bind_sv(st, 3, version > 0 ? status : SV("new"));
	sql_bind_sv(st, 4, row->country);
	sql_bind_sv(st, 5, row->kind);
	sql_bind_sv(st, 6, row->listing);
	sql_bind_sv(st, 7, fenced(arena, row->topics));
	sql_bind_sv(st, 8, fenced(arena, row->places));
	sql_bind_sv(st, 9, fenced(arena, row->languages));
	sql_bind_sv(st, 10, sv_of(called));
	sql_bind_int(st, 11, row->checked_ms);
	sql_bind_int(st, 12, at_ms);
	sql_bind_sv(st, 13, row->name_en);
	rc = directory_run(d, DIR_LIST);
	free(called);
	return rc;
}

int
directory_list_put(struct directory *d, const struct directory_row *row,
    int64_t version, int64_t at_ms)
{
	CLEANUP(arena_free)
	struct arena *arena = arena_new(16 << 10, (size_t)TEXT_MAX * 4);
	int64_t number = 0;
	int rc = text_cut(d, row->id);

	if (rc == 0)
		rc = row_put(d, row, version, at_ms, arena);
	if (rc == 0)
		rc = number_of(d, row->id, &number);
	return rc == 0 ? text_put(d, row, number, arena) : rc;
}

int
directory_list_cut(struct directory *d, struct sv id)
{
	int rc = text_cut(d, id);

	if (rc < 0)
		return rc;
	sql_bind_sv(d->stmts[DIR_UNLIST], 1, id);
	return directory_run(d, DIR_UNLIST);
}

/* 1 if there may be another. */
static int
list_one(struct directory *d)
{
	sqlite3_stmt *st = d->stmts[DIR_UNLISTED];
	struct directory_row row = { 0 };
	int rc = sql_next(st);

	if (rc == 1) {
		directory_row_read(st, &row);
		rc = directory_list_put(d, &row, 1, row.checked_ms);
		if (rc == 0)
			rc = 1;
	}
	sql_end(st);
	return rc;
}

int
directory_list_missing(struct directory *d)
{
	int rc = sql_next(d->stmts[DIR_UNLISTED]);

	sql_end(d->stmts[DIR_UNLISTED]);
	if (rc <= 0)
		return rc;
	rc = directory_begin(d);
	if (rc < 0)
		return rc;
	do
		rc = list_one(d);
	while (rc == 1);
	if (rc == 0)
		return directory_commit(d);
	directory_rollback(d);
	return rc;
}

int
directory_history_put(struct directory *d,
    const struct directory_history_put *row, const struct directory_by *by)
{
	sqlite3_stmt *st = d->stmts[DIR_PUT_HISTORY];

	sql_bind_sv(st, 1, row->id);
	sql_bind_int(st, 2, row->version);
	sql_bind_int(st, 3, by->at_ms);
	sql_bind_sv(st, 4, by->who);
	sql_bind_sv(st, 5, by->action);
	sql_bind_opt(st, 6, sv_of(row->before));
	sql_bind_sv(st, 7, sv_of(row->after));
	return directory_run(d, DIR_PUT_HISTORY);
}

/* Finding. */

static bool
is_sign(char c)
{
	return c == '+' || c == '-' || c == '(' || c == ')' || c == '.';
}

/* A word, by its beginning; of a number the digits alone. */
static void
word_put(struct sb *b, struct sv word)
{
	bool number = true, any = false;
	size_t i;

	for (i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];

		number = number && (isdigit(c) || is_sign(word.p[i]));
		any = any || isalnum(c) || c >= 0x80;
	}
	if (!any)
		return;
	sb_puts(b, b->n > 0 ? " \"" : "\"");
	for (i = 0; i < word.n; i++) {
		struct sv c = { word.p + i, 1 };

		if (*c.p == '"' || (number && is_sign(*c.p)))
			continue;
		sb_put(b, c);
	}
	sb_puts(b, "\"*");
}

static bool
is_number(struct sv text)
{
	size_t i, digits = 0;

	for (i = 0; i < text.n; i++) {
		if (isdigit((unsigned char)text.p[i]))
			digits++;
		else if (!is_sign(text.p[i]) && text.p[i] != ' ')
			return false;
	}
	return digits >= DIGITS_LEAST;
}

/* What FTS5 is asked: all of the words.  Empty where there are none. */
static void
match_put(struct sb *b, struct sv text)
{
	char digits[256];
	struct sb all;
	size_t i, words = 0;

	if (is_number(text) && text.n < sizeof(digits)) {
		sb_wrap(&all, digits, sizeof(digits));
		for (i = 0; i < text.n; i++)
			if (isdigit((unsigned char)text.p[i]))
				sb_put(&all, (struct sv){ text.p + i, 1 });
		word_put(b, sb_sv(&all));
		return;
	}
	while (text.n > 0 && words++ < WORDS_MAX)
		word_put(b, sv_cut(&text, ' '));
}

static int
found_one(struct directory *d, int64_t number,
    void (*fn)(void *arg, const struct directory_found *row), void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_FIND_ONE];
	int rc;

	sql_bind_int(st, 1, number);
	rc = sql_next(st);
	if (rc == 1) {
		const struct directory_found row = {
			.id = sql_column_sv(st, 0),
			.names = sql_column_sv(st, 1),
			.country = sql_column_sv(st, 2),
			.places = sql_column_sv(st, 3),
			.topics = sql_column_sv(st, 4),
			.kind = sql_column_sv(st, 5),
			.visibility = sql_column_sv(st, 6),
			.status = sql_column_sv(st, 7),
			.checked_ms = sqlite3_column_int64(st, 8),
			.changed_ms = sqlite3_column_int64(st, 9),
			.version = sqlite3_column_int64(st, 10),
			.draft = sql_column_sv(st, 11),
			.draft_who = sql_column_sv(st, 12),
			.draft_at_ms = sqlite3_column_int64(st, 13),
		};

		fn(arg, &row);
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

static bool
row_fits(const struct directory_find *find, sqlite3_stmt *st)
{
	const struct directory_found row = {
		.id = sql_column_sv(st, 1),
		.country = sql_column_sv(st, 2),
		.topics = sql_column_sv(st, 3),
		.places = sql_column_sv(st, 4),
	};

	return find->fits == NULL || find->fits(find->fits_arg, &row);
}

int
directory_find(struct directory *d, const struct directory_find *find,
    void (*fn)(void *arg, const struct directory_found *row), void *arg,
    int64_t *ret_total)
{
	CLEANUP(arena_free) struct arena *arena = arena_new(16 << 10, TEXT_MAX);
	sqlite3_stmt *st =
	    d->stmts[find->oldest_first ? DIR_FIND_OLD : DIR_FIND_ALL];
	int64_t total = 0;
	struct sb match;
	int rc;

	sb_init(&match, arena, MATCH_MAX);
	match_put(&match, find->text);
	if (match.full)
		return -EINVAL;
	if (match.n > 0) {
		st = d->stmts[DIR_FIND_TEXT];
		sql_bind_sv(st, 8, sb_sv(&match));
	}
	sql_bind_sv(st, 1, fenced(arena, find->topic));
	sql_bind_sv(st, 2, fenced(arena, find->language));
	sql_bind_sv(st, 3, find->visibility);
	sql_bind_sv(st, 4, find->status);
	sql_bind_sv(st, 5, find->draft);
	sql_bind_int(st, 6, find->checked_from_ms);
	sql_bind_int(st, 7,
	    find->checked_until_ms > 0	? find->checked_until_ms :
	    find->checked_until_ms == 0 ? INT64_MAX :
					  0);
	while ((rc = sql_next(st)) == 1) {
		if (!row_fits(find, st))
			continue;
		if (total >= find->skip && total - find->skip < find->most) {
			rc = found_one(d, sqlite3_column_int64(st, 0), fn, arg);
			if (rc < 0)
				break;
		}
		total++;
	}
	sql_end(st);
	if (rc == 0)
		*ret_total = total;
	return rc;
}

/* What was. */

int
directory_history_each(struct directory *d, struct sv id, int64_t most,
    bool (*fn)(void *arg, const struct directory_history *row), void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_HISTORY];
	int rc;

	sql_bind_sv(st, 1, id);
	sql_bind_int(st, 2, most);
	while ((rc = sql_next(st)) == 1) {
		const struct directory_history row = {
			.version = sqlite3_column_int64(st, 0),
			.at_ms = sqlite3_column_int64(st, 1),
			.who = sql_column_sv(st, 2),
			.action = sql_column_sv(st, 3),
			.before = sql_column_sv(st, 4),
			.after = sql_column_sv(st, 5),
		};

		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

int
directory_history_text(
    struct directory *d, struct sv id, int64_t version, char **ret_text)
{
	sqlite3_stmt *st = d->stmts[DIR_HISTORY_AT];
	struct sv text;
	int rc;

	sql_bind_sv(st, 1, id);
	sql_bind_int(st, 2, version);
	rc = sql_next(st);
	if (rc == 1) {
		text = sql_column_sv(st, 0);
		*ret_text = strndup(text.p, text.n);
		ASSERT(*ret_text != NULL);
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
directory_checks_each(struct directory *d, struct sv id, int64_t most,
    bool (*fn)(void *arg, const struct directory_check *row), void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_CHECKS];
	char organization[UUID_SIZE];
	int rc;

	uuid_of("organization", id, 0, organization);
	sql_bind_sv(st, 1, sv_of(organization));
	sql_bind_int(st, 2, most);
	while ((rc = sql_next(st)) == 1) {
		const struct directory_check row = {
			.at_ms = sqlite3_column_int64(st, 0),
			.how = sql_column_sv(st, 1),
			.who = sql_column_sv(st, 2),
			.counts = sqlite3_column_int(st, 3) != 0,
		};

		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
