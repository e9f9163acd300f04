/* turns.c - inbox and log: a turn is put and read again. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "db/hotline.h"

enum {
	HOUR_MS = 3600 * 1000,
	TURNS_MAX = 64,	 /* in a row: exposure.c counts on it */
	TURNS_MS = 1000, /* of one time */
	SESSION_BYTES = 512,
	LOG_BYTES = 1024,
	LOG_FIELDS = 9, /* strings of a line */
	ESCAPED = 6,	/* bytes of one in JSON, at most */
	LOG_OVER = 64	/* quotes, commas, a number */
};

/* Turns of one row of the inbox and one of log_now: what a round puts waits for
 * more of it. */
struct turns {
	int64_t id; /* of the first; the others follow */
	int64_t at_ms;
	size_t count;
	int64_t epoch, edition;
	bool unlinked;
	size_t ends[TURNS_MAX + 1];	/* of each in sessions, from 1 on */
	size_t log_ends[TURNS_MAX + 1]; /* and in log */
	uint8_t refs[TURNS_MAX * DB_KEY_LEN];
	uint8_t people[TURNS_MAX * DB_KEY_LEN];
	char sessions[TURNS_MAX * SESSION_BYTES]; /* a line each */
	char log[TURNS_MAX * LOG_BYTES];	  /* the same */
};

static const uint8_t nobody[DB_KEY_LEN];

bool
db_is_nobody(const void *key)
{
	return memcmp(key, nobody, sizeof(nobody)) == 0;
}

/* The start of its hour: nothing finer may reach the log. */
static int64_t
hour_of(int64_t at_ms)
{
	return at_ms - at_ms % HOUR_MS;
}

/* Turns of the open round. */

struct turns *
db_turns_new(void)
{
	struct turns *t = calloc(1, sizeof(*t));

	ASSERT(t != NULL);
	return t;
}

/* Room that its line takes at most. */
static size_t
log_room(const struct db_turn *t)
{
	return LOG_OVER +
	       ESCAPED * (t->gateway.n + t->country.n + t->channel.n +
			     t->lang.n + t->topic.n + t->place.n + t->node.n +
			     t->listings.n + t->outcome.n);
}

/* What a row says once is the same for all of its turns. */
static bool
is_alike(const struct turns *b, const struct db_turn *t)
{
	return t->at_ms >= b->at_ms && t->at_ms - b->at_ms < TURNS_MS &&
	       hour_of(t->at_ms) == hour_of(b->at_ms) && t->epoch == b->epoch &&
	       t->edition == b->edition;
}

/* One of nobody stands alone: its row says so. */
static bool
turns_take(const struct turns *b, const struct db_turn *t)
{
	return b->count < TURNS_MAX && !b->unlinked && !t->unlinked &&
	       b->ends[b->count] + t->session.n < sizeof(b->sessions) &&
	       b->log_ends[b->count] + log_room(t) <= sizeof(b->log) &&
	       is_alike(b, t);
}

/* A string of JSON and a comma. */
static char *
json_put(char *at, struct sv v)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	*at++ = '"';
	for (i = 0; i < v.n; i++) {
		uint8_t c = (uint8_t)v.p[i];

		if (c >= ' ' && c != '"' && c != '\\') {
			*at++ = (char)c;
			continue;
		}
		*at++ = '\\';
		*at++ = 'u';
		*at++ = '0';
		*at++ = '0';
		*at++ = digits[c >> 4];
		*at++ = digits[c & 15];
	}
	*at++ = '"';
	*at++ = ',';
	return at;
}

static char *
number_put(char *at, int64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	memcpy(at, digits + i, sizeof(digits) - i);
	return at + sizeof(digits) - i;
}

static char *
log_put(char *at, const struct db_turn *t)
{
	const struct sv fields[LOG_FIELDS] = { t->gateway, t->country,
		t->channel, t->lang, t->topic, t->place, t->node, t->listings,
		t->outcome };
	size_t i;

	*at++ = '[';
	for (i = 0; i < LOG_FIELDS; i++)
		at = json_put(at, fields[i]);
	at = number_put(at, t->parts);
	*at++ = ']';
	*at++ = '\n';
	return at;
}

static void
turns_add(struct turns *b, const struct db_turn *t, int64_t id)
{
	struct sv session = t->unlinked ? SV("") : t->session;
	size_t i = b->count++;
	char *at = b->sessions + b->ends[i], *log = b->log + b->log_ends[i];

	ASSERT(
	    session.n < sizeof(b->sessions) && log_room(t) <= sizeof(b->log));
	if (i == 0) {
		b->id = id;
		b->at_ms = t->at_ms;
		b->epoch = t->epoch;
		b->edition = t->edition;
		b->unlinked = t->unlinked;
	}
	memcpy(b->refs + i * DB_KEY_LEN, t->ref, DB_KEY_LEN);
	memcpy(b->people + i * DB_KEY_LEN, t->person, DB_KEY_LEN);
	if (session.n > 0)
		memcpy(at, session.p, session.n);
	at[session.n] = '\n';
	b->ends[i + 1] = b->ends[i] + session.n + 1;
	b->log_ends[i + 1] = (size_t)(log_put(log, t) - b->log);
}

static int
inbox_insert(struct db *db, const struct turns *b, size_t n)
{
	sqlite3_stmt *st = db->stmts[STMT_INBOX_PUT];

	sql_bind_int(st, 1, b->id);
	sql_bind_int(st, 2, b->at_ms);
	sql_bind_blob(st, 3, b->refs, n * DB_KEY_LEN);
	sql_bind_blob(st, 4, b->unlinked ? NULL : b->people, n * DB_KEY_LEN);
	sql_bind_sv(st, 5, (struct sv){ b->sessions, b->ends[n] - 1 });
	return db_run(db, STMT_INBOX_PUT);
}

static int
log_insert(struct db *db, const struct turns *b, size_t n)
{
	sqlite3_stmt *st = db->stmts[STMT_LOG_PUT];

	sql_bind_int(st, 1, b->id);
	sql_bind_int(st, 2, hour_of(b->at_ms));
	sql_bind_int(st, 3, b->epoch);
	sql_bind_int(st, 4, b->edition);
	sql_bind_blob(st, 5, b->unlinked ? nobody : b->people, n * DB_KEY_LEN);
	sql_bind_sv(st, 6, (struct sv){ b->log, b->log_ends[n] - 1 });
	return db_run(db, STMT_LOG_PUT);
}

static int
turns_insert(struct db *db, const struct turns *b, size_t n)
{
	int rc = inbox_insert(db, b, n);

	return rc < 0 ? rc : log_insert(db, b, n);
}

/* Cut the first n lines off. */
static void
lines_shift(char *lines, size_t *ends, size_t count, size_t n)
{
	size_t i, bytes = ends[n];

	memmove(lines, lines + bytes, ends[count] - bytes);
	for (i = 0; i <= count - n; i++)
		ends[i] = ends[i + n] - bytes;
}

/* Keep only those behind the first n. */
static void
turns_shift(struct turns *b, size_t n)
{
	size_t left = b->count - n;

	memmove(b->refs, b->refs + n * DB_KEY_LEN, left * DB_KEY_LEN);
	memmove(b->people, b->people + n * DB_KEY_LEN, left * DB_KEY_LEN);
	lines_shift(b->sessions, b->ends, b->count, n);
	lines_shift(b->log, b->log_ends, b->count, n);
	b->id += (int64_t)n;
	b->count = left;
}

/* Write those with ids below this one. */
static int
turns_write(struct db *db, int64_t below)
{
	struct turns *b = db->turns;
	size_t n = b->count;
	int rc;

	if (n == 0 || b->id >= below)
		return db->round_rc;
	if (below - b->id < (int64_t)n)
		n = (size_t)(below - b->id);
	rc = turns_insert(db, b, n);
	if (rc < 0) /* turns that stand are lost */
		db_round_lose(db, rc);
	else
		turns_shift(b, n);
	return rc;
}

int
db_turns_write(struct db *db)
{
	return turns_write(db, db->turn ? db->turn_mark : db->next_turn);
}

void
db_turns_drop(struct db *db, int64_t from_id)
{
	struct turns *b = db->turns;

	if (from_id <= b->id)
		b->count = 0;
	else if (from_id < b->id + (int64_t)b->count)
		b->count = (size_t)(from_id - b->id);
}

int
db_turn_put(struct db *db, const struct db_turn *t, int64_t *ret_id)
{
	struct turns *b = db->turns;
	int rc = db->round_rc;

	ASSERT(db->round && t->at_ms >= 0 && t->parts >= 0);
	if (rc == 0 && b->count > 0 && !turns_take(b, t))
		rc = db_turns_write(db);
	if (rc == 0 && b->count > 0 && !turns_take(b, t)) /* of this turn */
		rc = turns_write(db, db->next_turn);
	if (rc < 0)
		return rc;
	turns_add(b, t, db->next_turn);
	*ret_id = db->next_turn++;
	return 0;
}

bool
db_column_key(sqlite3_stmt *st, int at, uint8_t ret_key[DB_KEY_LEN])
{
	struct sv v = sql_column_blob(st, at);

	if (v.n != DB_KEY_LEN)
		return false;
	memcpy(ret_key, v.p, DB_KEY_LEN);
	return true;
}

/* Read the turns of a row one by one. */
struct row_turns {
	struct sv refs, people, sessions;
	bool unlinked;
};

static void
row_begin(sqlite3_stmt *st, struct row_turns *ret_row)
{
	ret_row->refs = sql_column_blob(st, 2);
	ret_row->people = sql_column_blob(st, 3);
	ret_row->sessions = sql_column_sv(st, 4);
	ret_row->unlinked = ret_row->people.n == 0;
}

static bool
key_cut(struct sv *keys, uint8_t ret_key[DB_KEY_LEN])
{
	if (keys->n < DB_KEY_LEN)
		return false;
	memcpy(ret_key, keys->p, DB_KEY_LEN);
	keys->p += DB_KEY_LEN;
	keys->n -= DB_KEY_LEN;
	return true;
}

/* False at the end of the row. */
static bool
row_next(struct row_turns *row, struct db_turn *t)
{
	if (!key_cut(&row->refs, t->ref))
		return false;
	t->unlinked = row->unlinked;
	t->session = sv_cut(&row->sessions, '\n');
	return row->unlinked || key_cut(&row->people, t->person);
}

/* False if fn has stopped. */
static bool
row_each(sqlite3_stmt *st,
    bool (*fn)(void *arg, int64_t id, const struct db_turn *turn), void *arg)
{
	struct db_turn t = { .at_ms = sqlite3_column_int64(st, 1) };
	int64_t id = sqlite3_column_int64(st, 0);
	struct row_turns row;

	row_begin(st, &row);
	for (; row_next(&row, &t); id++) {
		if (!t.unlinked && db_is_nobody(t.person))
			continue; /* forgotten */
		if (!fn(arg, id, &t))
			return false;
	}
	return true;
}

int
db_turns_count(struct db *db, int64_t *ret_count)
{
	return sql_int(db->stmts[STMT_COUNT_INBOX], ret_count);
}

int
db_turns_each(struct db *db, int64_t since_ms,
    bool (*fn)(void *arg, int64_t id, const struct db_turn *turn), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_INBOX_EACH];
	int rc;

	/* what is read once is not to fill the cache */
	rc = sql_exec(db->sq, SQL_CACHE_SMALL);
	if (rc < 0)
		return rc;
	sql_bind_int(st, 1, since_ms);
	while ((rc = sql_next(st)) == 1)
		if (!row_each(st, fn, arg))
			break;
	sql_end(st);
	return rc < 0 ? rc : sql_exec(db->sq, SQL_CACHE);
}

/* Forgetting. */

/* refs  NULL: there are none */
static bool
keys_forget(const struct forgetting *who, int64_t id, uint8_t *refs,
    uint8_t *people, size_t count)
{
	const struct forgotten *f;
	bool found = false;
	size_t i, at;

	for (i = 0; i < count; i++) {
		at = i * DB_KEY_LEN;
		f = db_forgotten(who, people + at);
		if (f == NULL || f->last_turn < id + (int64_t)i)
			continue;
		if (refs != NULL)
			memset(refs + at, 0, DB_KEY_LEN);
		memset(people + at, 0, DB_KEY_LEN);
		found = true;
	}
	return found;
}

/* Whose turns are in a damaged row cannot be told: it becomes nobody's. */
static int
damaged_zero(struct db *db, int64_t id)
{
	db->wal_forgot = true;
	sql_bind_int(db->stmts[STMT_INBOX_ZERO], 1, id);
	return db_run(db, STMT_INBOX_ZERO);
}

/* The row that st stands on; zeros go over the old bytes in place. */
static int
row_forget(struct db *db, const struct forgetting *who, sqlite3_stmt *st)
{
	sqlite3_stmt *set = db->stmts[STMT_INBOX_FORGET];
	uint8_t refs[TURNS_MAX * DB_KEY_LEN], people[sizeof(refs)];
	struct sv r = sql_column_blob(st, 2), p = sql_column_blob(st, 3);
	int64_t id = sqlite3_column_int64(st, 0);

	if (p.n == 0)
		return 0;
	if (r.n != p.n || p.n > sizeof(people))
		return damaged_zero(db, id);
	memcpy(refs, r.p, r.n);
	memcpy(people, p.p, p.n);
	if (!keys_forget(who, id, refs, people, p.n / DB_KEY_LEN))
		return 0;
	db->wal_forgot = true;
	sql_bind_int(set, 1, id);
	sql_bind_blob(set, 2, refs, r.n);
	sql_bind_blob(set, 3, people, p.n);
	return db_run(db, STMT_INBOX_FORGET);
}

typedef int forget_fn(
    struct db *db, const struct forgetting *who, sqlite3_stmt *st);

static int
rows_forget(struct db *db, const struct forgetting *who, sqlite3_stmt *st,
    forget_fn *fn)
{
	int rc;

	while ((rc = sql_next(st)) == 1) {
		rc = fn(db, who, st);
		if (rc < 0)
			break;
	}
	sql_end(st);
	return rc;
}

int
db_turns_forget(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto)
{
	sqlite3_stmt *st = db->stmts[STMT_INBOX_RANGE];

	sql_bind_int(st, 1, after);
	sql_bind_int(st, 2, upto);
	return rows_forget(db, who, st, row_forget);
}

/* Columns 5 to 13, and 15. */
static void
line_bind(sqlite3_stmt *put, const json_t *line)
{
	int i;

	for (i = 0; i < LOG_FIELDS; i++)
		sql_bind_sv(put, 5 + i,
		    sv_of(json_string_value(json_array_get(line, (size_t)i))));
	sql_bind_int(
	    put, 15, json_integer_value(json_array_get(line, LOG_FIELDS)));
}

int
db_past_put(sqlite3_stmt *put, const struct now_turn *t)
{
	json_t *line = json_loadb(t->line.p, t->line.n, 0, NULL);
	int rc;

	if (line == NULL)
		return 1;
	sql_bind_int(put, 1, t->id);
	sql_bind_int(put, 2, t->hour);
	sql_bind_int(put, 3, t->epoch);
	sql_bind_blob(put, 4, t->person, DB_KEY_LEN);
	line_bind(put, line);
	sql_bind_int(put, 14, t->edition);
	rc = sql_run(put);
	json_decref(line);
	return rc;
}

/* The row of log_now that st stands on. */
static int
now_forget(struct db *db, const struct forgetting *who, sqlite3_stmt *st)
{
	sqlite3_stmt *set = db->stmts[STMT_NOW_FORGET];
	uint8_t people[TURNS_MAX * DB_KEY_LEN];
	struct sv p = sql_column_blob(st, 1);
	int64_t id = sqlite3_column_int64(st, 0);
	size_t n = p.n < sizeof(people) ? p.n : sizeof(people);

	if (n > 0)
		memcpy(people, p.p, n);
	if (!keys_forget(who, id, NULL, people, n / DB_KEY_LEN))
		return 0;
	db->wal_forgot = true;
	sql_bind_int(set, 1, id);
	sql_bind_blob(set, 2, people, n);
	return db_run(db, STMT_NOW_FORGET);
}

int
db_now_forget(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto)
{
	sqlite3_stmt *st = db->stmts[STMT_NOW_RANGE];

	sql_bind_int(st, 1, after);
	sql_bind_int(st, 2, upto);
	return rows_forget(db, who, st, now_forget);
}

static void
log_row(sqlite3_stmt *st, struct db_log *row)
{
	row->id = sqlite3_column_int64(st, 0);
	row->hour_ms = sqlite3_column_int64(st, 1);
	row->epoch = sqlite3_column_int64(st, 2);
	row->linked = db_column_key(st, 3, row->person);
	row->gateway = sql_column_sv(st, 4);
	row->country = sql_column_sv(st, 5);
	row->channel = sql_column_sv(st, 6);
	row->lang = sql_column_sv(st, 7);
	row->topic = sql_column_sv(st, 8);
	row->place = sql_column_sv(st, 9);
	row->node = sql_column_sv(st, 10);
	row->listings = sql_column_sv(st, 11);
	row->outcome = sql_column_sv(st, 12);
	row->edition = sqlite3_column_int64(st, 13);
	row->parts = sqlite3_column_int64(st, 14);
}

int
db_log_each(struct db *db, const struct db_log_filter *filter,
    bool (*fn)(void *arg, const struct db_log *row), void *arg)
{
	sqlite3_stmt *st = db->stmts[STMT_LOG_EACH];
	int rc;

	sql_bind_int(st, 1, hour_of(filter->since_ms));
	sql_bind_sv(st, 2, filter->country);
	sql_bind_sv(st, 3, filter->lang);
	sql_bind_sv(st, 4, filter->topic);
	sql_bind_sv(st, 5, filter->place);
	sql_bind_sv(st, 6, filter->outcome);
	sql_bind_int(st, 7, filter->most);
	sql_bind_int(st, 8, filter->before > 0 ? filter->before : INT64_MAX);
	while ((rc = sql_next(st)) == 1) {
		struct db_log row = { 0 };

		log_row(st, &row);
		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}
