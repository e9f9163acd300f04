/* words.c - words taught in the console. */
#include "db/words.h"

#include "db/directory_sql.h"

static struct word
word_of(sqlite3_stmt *st)
{
	return (struct word){
		.id = sqlite3_column_int64(st, 0),
		.lang = sql_column_sv(st, 1),
		.topic = sql_column_sv(st, 2),
		.word = sql_column_sv(st, 3),
		.state = sql_column_sv(st, 4),
		.at_ms = sqlite3_column_int64(st, 5),
		.who = sql_column_sv(st, 6),
		.who_id = sqlite3_column_int64(st, 7),
		.decided_ms = sqlite3_column_int64(st, 8),
		.decider = sql_column_sv(st, 9),
	};
}

int
word_put(struct directory *d, const struct word *word, int64_t *ret_id)
{
	sqlite3_stmt *st = d->stmts[DIR_PUT_WORD];
	int64_t id = 0;
	int rc;

	sql_bind_sv(st, 1, word->lang);
	sql_bind_sv(st, 2, word->topic);
	sql_bind_sv(st, 3, word->word);
	sql_bind_int(st, 4, word->at_ms);
	sql_bind_sv(st, 5, word->who);
	sql_bind_int(st, 6, word->who_id);
	rc = directory_run(d, DIR_PUT_WORD);
	if (rc == 0 && sqlite3_changes(d->sq) == 0)
		rc = -EEXIST;
	if (rc < 0)
		return rc;
	sql_bind_sv(d->stmts[DIR_WORD_ID], 1, word->lang);
	sql_bind_sv(d->stmts[DIR_WORD_ID], 2, word->word);
	rc = sql_int(d->stmts[DIR_WORD_ID], &id);
	if (rc == 0)
		*ret_id = id;
	return rc;
}

int
words_each(struct directory *d, bool taught,
    bool (*fn)(void *arg, const struct word *word), void *arg)
{
	sqlite3_stmt *st = d->stmts[taught ? DIR_WORDS_TAUGHT : DIR_WORDS];
	struct word word;
	int rc;

	while ((rc = sql_next(st)) == 1) {
		word = word_of(st);
		if (!fn(arg, &word))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

int
word_get(struct directory *d, int64_t id,
    void (*fn)(void *arg, const struct word *word), void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_WORD];
	struct word word;
	int rc;

	sql_bind_int(st, 1, id);
	rc = sql_next(st);
	if (rc == 1) {
		word = word_of(st);
		fn(arg, &word);
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

static void
on_word(void *arg, const struct word *word)
{
	(void)arg, (void)word;
}

int
word_decide(
    struct directory *d, int64_t id, bool approve, struct sv who, int64_t at_ms)
{
	sqlite3_stmt *st = d->stmts[DIR_DECIDE_WORD];
	int rc = word_get(d, id, on_word, NULL);

	if (rc < 0)
		return rc;
	sql_bind_int(st, 1, id);
	sql_bind_sv(st, 2, approve ? SV("approved") : SV("rejected"));
	sql_bind_int(st, 3, at_ms);
	sql_bind_sv(st, 4, who);
	rc = directory_run(d, DIR_DECIDE_WORD);
	return rc == 0 && sqlite3_changes(d->sq) == 0 ? -EALREADY : rc;
}
