/*
 * hotline.h - what the parts of hotline.db share.
 *
 * Private to db/: db.c opens and commits, wal.c looks after the WAL, turns.c
 * keeps inbox and log, outbox.c the outbox, names.c the gateways' ids for
 * answers, parts.c the pieces of longer texts, review.c what administrators and
 * reviewers see, decoys.c who has set a word, callbacks.c who asked to be
 * called, forget.c takes people out of all, mix.c takes the order out of the
 * log's hours, rollup.c counts them, sweep.c drops what is too old.
 */
#ifndef DB_HOTLINE_H
#define DB_HOTLINE_H

#include "db/db.h"
#include "db/sql.h"

#define LOG_COLUMNS                                                            \
	"id, hour, epoch, person, gateway, country, channel, lang, topic,"     \
	" place, node, listings, outcome, edition, parts"

#define SQL_PAST_PUT                                                           \
	"INSERT INTO log_past (" LOG_COLUMNS                                   \
	") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

enum stmt {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_SAVE,
	STMT_RELEASE,
	STMT_BACK,
	STMT_META_GET,
	STMT_META_SET,
	STMT_META_COUNT,
	STMT_LAST_TURN,
	STMT_LAST_OUT,
	STMT_INBOX_PUT,
	STMT_INBOX_EACH,
	STMT_INBOX_CUT,
	STMT_INBOX_RANGE,
	STMT_INBOX_FORGET,
	STMT_INBOX_ZERO,
	STMT_LOG_PUT,
	STMT_LOG_EACH,
	STMT_LOG_CUT,
	STMT_NOW_RANGE,
	STMT_NOW_FORGET,
	STMT_PAST_FORGET,
	STMT_LOG_UNLINK,
	STMT_LOG_UNLINK_LAST,
	STMT_MIX_LAST,
	STMT_MIX_FIRST,
	STMT_MIX_AT,
	STMT_PAST_PUT,
	STMT_MIX_DROP,
	STMT_MIX_CUT,
	STMT_ROLL_LAST,
	STMT_ROLL_NAMES,
	STMT_ROLL_LISTING_NAMES,
	STMT_ROLL_CELLS,
	STMT_ROLL_LISTINGS,
	STMT_ROLL_DAYS,
	STMT_OUT_PUT,
	STMT_OUT_SET,
	STMT_OUT_AT,
	STMT_OUT_RANGE,
	STMT_OUT_EACH,
	STMT_OUT_ZERO,
	STMT_OUT_STATES,
	STMT_OUT_CUT,
	STMT_LAST_NAME,
	STMT_NAME_PUT,
	STMT_NAME_DONE,
	STMT_NAME_EACH,
	STMT_NAME_DROP,
	STMT_NAME_DROP_QUEUED,
	STMT_NAME_SWEEP,
	STMT_FORGET_PUT,
	STMT_FORGET_EACH,
	STMT_FORGET_LAST,
	STMT_FORGET_DONE,
	STMT_WIPE_OUT,
	STMT_WIPE_PARTS,
	STMT_DROP_OUT,
	STMT_DROP_PARTS,
	STMT_DROP_NAMES,
	STMT_DROP_INBOX,
	STMT_FIRST_INBOX,
	STMT_FIRST_NOW,
	STMT_FIRST_PAST,
	STMT_FIRST_OUT,
	STMT_LAST_PART,
	STMT_PART_PUT,
	STMT_PART_GET,
	STMT_PART_ZERO,
	STMT_PART_TAKE,
	STMT_PART_EACH,
	STMT_DECOY_CHANGE,
	STMT_DECOY_REUSE,
	STMT_DECOY_ADD,
	STMT_DECOY_FORGET,
	STMT_DECOY_EACH,
	STMT_SWEEP_decoy,
	STMT_DROP_DECOYS,
	STMT_CALLBACK_CHANGE,
	STMT_CALLBACK_REUSE,
	STMT_CALLBACK_ADD,
	STMT_CALLBACK_FORGET,
	STMT_CALLBACK_EACH,
	STMT_SWEEP_callback,
	STMT_DROP_CALLBACKS,
	STMT_UNMATCHED_PUT,
	STMT_UNMATCHED_EACH,
	STMT_AUDIT_LAST,
	STMT_AUDIT_PUT,
	STMT_AUDIT_EACH,
#define SWEPT(table, ...) STMT_SWEEP_##table,
#define COUNTED(table, ...) STMT_SWEEP_##table,
#define SEALED(table, ...) STMT_WIPE_##table, STMT_SWEEP_##table,
#include "db/retention.def"
	STMT_COUNT_LOG,
	STMT_COUNT_INBOX,
	STMT_COUNT
};

/* What a round of the sweep may still change. */
struct db_budget {
	int64_t left; /* rows */
	bool more;    /* there was more to do */
};

/* The hour that goes from log_now to log_past; see mix.c. */
struct db_mix {
	bool known;	     /* the mark is read */
	int64_t mark;	     /* rows up to it are in log_past for good */
	uint32_t *order;     /* NULL: no hour is on its way */
	int64_t first, last; /* its ids */
	int64_t moved;
};

/* Rows of log_past that are counted; see rollup.c. */
struct db_roll {
	bool known;   /* the mark is read */
	int64_t mark; /* rows up to it are, and may go */
};

enum { ENDS_MAX = 1024 /* that wait to be written */ };

/* An answer that ended. */
struct end {
	int64_t id;
	enum db_out_state state;
	unsigned nth; /* told */
};

struct batch;	/* answers of one row: outbox.c */
struct turns;	/* turns of one row: turns.c */
struct reports; /* counts in memory: report_days.c */

struct db {
	sqlite3 *sq;
	sqlite3_stmt *stmts[STMT_COUNT];
	int lock_fd;

	/* pages of the WAL */
	int64_t wal_now;   /* that it holds since it began again */
	int64_t wal_moved; /* how many it held at the last checkpoint */
	int64_t wal_high;  /* most that it held since it was erased */
	int64_t wal_erased_ms;
	bool wal_wiped;	 /* it may hold wiped answers: erase soon */
	bool wal_forgot; /* it may hold a forgotten person: erase now */

	/* Ids are given here: AUTOINCREMENT would write a second row each
	 * time.  Whatever deletes rows also keeps the marks (db_ids_keep).
	 * Nobody outside has seen the ids of what is undone: they are given
	 * again. */
	int64_t next_turn, next_out;
	int64_t round_turn, round_out; /* first ids of the round */
	int64_t next_name, next_part;  /* not given again: gaps do no harm */

	/* where the pass that forgets stands */
	int64_t forget_last; /* newest name it is for, 0 no pass */
	int64_t forget_at;   /* newest id of the table still to be looked at */
	size_t forget_table;

	struct db_mix mix;
	struct db_roll roll;
	struct reports *reports; /* NULL until somebody asks */
	size_t sweep_from; /* what the next round of the sweep begins with */

	/* of the round, still to be written */
	struct batch *put;
	struct turns *turns;
	struct end ends[ENDS_MAX];
	size_t end_count;

	struct batch *row; /* that is looked at */
	int64_t damaged;   /* rows that the last db_out_each() left out */

	bool round;   /* between begin and commit */
	bool wrote;   /* the last commit put something into the WAL */
	int round_rc; /* SQLite gave the round up: what every call says */
	bool turn;    /* between turn_begin and turn_end */
	bool saved;   /* the turn has a savepoint */
	int64_t turn_mark, out_mark; /* first ids of the turn */
};

/* Run a statement without rows; notices when SQLite rolled the round back. */
MUST_USE int db_run(struct db *db, enum stmt which);

/* What a statement that was run by itself gave: notices the same.  Returns
 * rc. */
int db_ran(struct db *db, int rc);

/* Delete the rows from this id on; which is one of STMT_*_CUT. */
MUST_USE int db_cut(struct db *db, enum stmt which, int64_t from_id);

/*
 * Call before changing rows that were there before the turn.
 *
 * Most turns only add rows, which db_turn_undo() deletes again; only these
 * pay for a savepoint, which copies every page it touches.
 */
MUST_USE int db_change(struct db *db);

struct batch *db_batch_new(void);

/* Write what db_out_end() has put off. */
MUST_USE int db_ends_write(struct db *db);

/* Write the answers of turns that stand; drop those from this id on. */
MUST_USE int db_outs_write(struct db *db);
void db_outs_drop(struct db *db, int64_t from_id);

/* The same for turns. */
struct turns *db_turns_new(void);
MUST_USE int db_turns_write(struct db *db);
void db_turns_drop(struct db *db, int64_t from_id);

/* Add the outbox's counts. */
MUST_USE int db_out_count(struct db *db, struct db_counts *c);

/* Who is to be forgotten, in order of name. */
struct forgotten {
	uint8_t name[DB_KEY_LEN];
	int64_t last_turn, last_out; /* newest ids that are meant */
};

struct forgetting {
	struct forgotten *names;
	size_t count;
};

/* NULL: not this one. */
const struct forgotten *db_forgotten(
    const struct forgetting *who, const uint8_t name[DB_KEY_LEN]);

/* Take their answers out of the batches that begin behind after, up to upto. */
MUST_USE int db_outs_forget(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto);

/* Their turns in the rows of the inbox, or of log_now, that begin there are
 * nobody's. */
MUST_USE int db_turns_forget(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto);
MUST_USE int db_now_forget(
    struct db *db, const struct forgetting *who, int64_t after, int64_t upto);

/* For changes of several statements: a transaction of their own when no round
 * is open.  db_leave() ends it, gives back rc or why it could not. */
MUST_USE int db_enter(struct db *db, bool *ret_own);
MUST_USE int db_leave(struct db *db, bool own, int rc);

/* A turn of log_now. */
struct now_turn {
	int64_t id, hour, epoch, edition;
	const void *person; /* NULL: nobody's */
	struct sv line;
};

/* What meta calls the number of db_lines_lost(). */
#define DB_LINES_LOST "lines_lost"

/* Put a row of log_past; put is SQL_PAST_PUT.  Returns 1 if the line is damaged
 * and was left out: count it. */
MUST_USE int db_past_put(sqlite3_stmt *put, const struct now_turn *t);

/* Zeros stand for one who is forgotten, or was not to be known. */
bool db_is_nobody(const void *key);

/* Copy a key; a NULL column is all zeros.  Returns whether it was set. */
bool db_column_key(sqlite3_stmt *st, int at, uint8_t ret_key[DB_KEY_LEN]);

/* Remember the next ids, so that they also grow when the newest rows go. */
MUST_USE int db_ids_keep(struct db *db);

/* Begin the pass again: what it did may not be on disk. */
void db_forget_restart(struct db *db);

/* Take what the last statement changed off the budget.  Returns whether it
 * changed anything. */
bool db_budget_take(const struct db *db, struct db_budget *b);

/* Go on with the hour that is over, or begin with one. */
MUST_USE int db_mix_step(struct db *db, int64_t now_ms, struct db_budget *b);

/* Begin the hour again: what was done may not be on disk. */
void db_mix_restart(struct db *db);

/* Count the next rows of the hours that are over. */
MUST_USE int db_roll_step(struct db *db, struct db_budget *b);

/* Read the mark again: what was counted may not be on disk. */
void db_roll_restart(struct db *db);

void reports_free(struct reports **rp);

/*
 * Lock the file by which a backup and who forgets know of each other.
 *
 * how  of flock(2)
 *
 * Returns a descriptor, to be closed; -EWOULDBLOCK if somebody has it, or why
 * the file cannot be made.
 */
MUST_USE int db_backup_lock(struct db *db, int how);

/* At start, before inbox and outbox are read: take out of them whom a crash
 * left there. */
MUST_USE int db_forget_open(struct db *db);

/* Hook up the WAL, empty it and grow it to bytes. */
void db_wal_open(struct db *db, int64_t bytes);
const char *db_wal_path(struct db *db);

#endif
