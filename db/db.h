/*
 * db.h - hotline.db: turns, log, outbox.  Never a number or a text in clear.
 *
 * One writer, one thread.  WAL, synchronous=FULL, secure_delete, STRICT
 * tables, times in ms UTC.  Functions never log: the caller knows what a
 * failure means.  Unless said otherwise they return 0, -EBUSY (locked), -EIO,
 * -ENOSPC (disk full), -EROFS (read-only), -EUCLEAN (not a database, or
 * damaged).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum {
	DB_KEY_LEN = 16,
	DB_HASH_LEN = 32,
	DB_SEALED_MAX = 65535,	 /* bytes of an answer */
	DB_FORGET_ROWS = 8192,	 /* looked at in one go */
	DB_SWEEP_ROWS = 256,	 /* changed in one go */
	DB_WAL_BYTES = 80 << 20, /* what db_open() grows the WAL to */
};

struct db;

/*
 * Open or create DIR/hotline.db, apply missing migrations, prepare every
 * statement, grow the WAL once.
 *
 * Returns also -EEXIST: another process has it open for writing (a lock file
 * DIR/safard.lock, flock); -EPROTO: made by a newer version; -ENOENT: there is
 * no folder DIR.
 * reterr_diag  one sentence for the operator
 */
MUST_USE int db_open(
    const char *dir, struct db **ret_db, struct diag *reterr_diag);

/* The same with a WAL of wal_bytes: tests keep it small. */
MUST_USE int db_open_sized(const char *dir, int64_t wal_bytes,
    struct db **ret_db, struct diag *reterr_diag);

/* The same for reading only: no lock, no migration; -ENOENT if missing. */
MUST_USE int db_open_reader(
    const char *dir, struct db **ret_db, struct diag *reterr_diag);
void db_close(struct db **dbp);

/* One round of the loop: everything between is durable together or not at
 * all.  db_commit() rolls back when it fails.  After a full disk or a failing
 * one the round is lost: every call until db_commit(), and db_commit() itself,
 * give the same error, and the next round starts afresh.
 *
 * After a sync that failed the kernel may have forgotten pages that it could
 * not write.  Nothing has to be opened again for that: they are of the round
 * that was lost, the next one writes the same places of the WAL anew before it
 * is synced, and a checkpoint that failed is done again from the WAL.
 * tests/unit/test_db_sync.c plays it through. */
MUST_USE int db_begin(struct db *db);
MUST_USE int db_commit(struct db *db);

/* Half of something must not be committed with the rest: the round is lost, as
 * after a full disk, and db_commit() says rc. */
void db_round_lose(struct db *db, int rc);

/* Whether the last db_commit() that worked had anything to write: if not, it
 * says nothing about the disk. */
bool db_wrote(const struct db *db);

/* One turn within the round: undone alone by db_turn_undo(). */
MUST_USE int db_turn_begin(struct db *db);
MUST_USE int db_turn_end(struct db *db);
void db_turn_undo(struct db *db);

/*
 * Move WAL pages into the file, never truncating.  No commit does that by
 * itself: call it outside a round, when those who wait for one have been told,
 * where db_wal_is_long() and when idle.  Also writes zeros over what the WAL
 * still has of a forgotten person, at once, and of wiped answers, once a
 * minute.  -EBUSY within a round.
 */
MUST_USE int db_checkpoint(struct db *db);

/* Whether there are enough pages in the WAL for a checkpoint of some
 * milliseconds: one that waits longer takes longer. */
bool db_wal_is_long(const struct db *db);

/*
 * One turn: of the inbox (24 h: what a repeat or a restart needs) and of the
 * log (what reports need; at most the hour, no number, no text).
 */
struct db_turn {
	int64_t at_ms;
	uint8_t ref[DB_KEY_LEN];    /* keyed hash of the gateway's id */
	uint8_t person[DB_KEY_LEN]; /* pseudonym under the epoch key */
	struct sv session; /* after the turn, by names: for any edition */
	/* the log */
	int64_t epoch;
	struct sv gateway; /* its name in the settings */
	struct sv country, channel, lang, topic, place, node;
	struct sv listings; /* ids, ' ' between them */
	struct sv outcome;
	int64_t edition, parts;
	bool unlinked; /* forget: neither row keeps the pseudonym or session */
};

/*
 * ret_id: the turn's in the inbox, and in the log until its hour is over.  Only
 * within a round.  What a round puts is written together, at the latest by
 * db_commit(): what fails then fails the round.
 */
MUST_USE int db_turn_put(
    struct db *db, const struct db_turn *turn, int64_t *ret_id);

/* At most so many rows are in the inbox: from the first id to the last. */
MUST_USE int db_turns_count(struct db *db, int64_t *ret_count);

/* Every inbox row since since_ms, oldest first; the log fields are empty.
 * fn returns false to stop. */
MUST_USE int db_turns_each(struct db *db, int64_t since_ms,
    bool (*fn)(void *arg, int64_t id, const struct db_turn *turn), void *arg);

/*
 * Erase a person: unsent answers go, rows of inbox and log are nobody's.  The
 * newest DB_FORGET_ROWS rows of each table are done on return; for older ones
 * the names are kept, and db_forget_step() is to be called.
 *
 * names  what the person was called, epoch by epoch: count keys, one behind
 *        the other
 */
MUST_USE int db_person_forget(
    struct db *db, const uint8_t *names, size_t count);

/*
 * Look through the next DB_FORGET_ROWS rows for everybody who is to be
 * forgotten.  Call at start, too: what a crash interrupted goes on.
 *
 * ret_more  true if there is more to look through
 */
MUST_USE int db_forget_step(struct db *db, bool *ret_more);

/* Erase everybody: inbox, outbox, pieces of texts, words, who asked to be
 * called; seals are written over first.  Not within a round. */
MUST_USE int db_people_wipe(struct db *db);

enum db_out_state {
	OUT_QUEUED,    /* waiting for the gateway: holds number and text */
	OUT_SENT,      /* the gateway has it; a delivery report may come */
	OUT_DELIVERED, /* this and what follows are final */
	OUT_FAILED,
	OUT_EXPIRED,
	OUT_GONE, /* forgotten, or another gateway's under another id */
};

/* The smaller goes first. */
enum db_out_priority {
	OUT_ANSWER, /* to a text */
	OUT_PUSH,   /* nobody waits for it */
};

struct db_out {
	int64_t id;
	int64_t at_ms, expires_ms; /* read: of the first one in its batch */
	struct sv gateway;
	uint8_t person[DB_KEY_LEN];
	struct sv sealed; /* number and text, at most DB_SEALED_MAX */
	int64_t parts;	  /* at most 255 */
	enum db_out_state state;
	enum db_out_priority priority;
};

/*
 * Put a queued answer, within a round; ret_id only grows.  What a round puts
 * for one gateway is written together, at the latest by db_commit(): what fails
 * then fails the round.
 */
MUST_USE int db_out_put(
    struct db *db, const struct db_out *out, int64_t *ret_id);

/*
 * Change the state, never back: a delivery report may come before the gateway
 * says that it has the answer.  Any state but OUT_QUEUED wipes sealed and
 * person: nobody sends it again.
 *
 * Returns also -ENOENT if there is no such answer or its state is final.
 */
MUST_USE int db_out_set(struct db *db, int64_t id, enum db_out_state state);

/* Give a queued answer to another gateway, sealed anew, in a round, in no turn.
 * ret_id: from now on.  Returns also -ENOENT if it is not queued. */
MUST_USE int db_out_move(struct db *db, int64_t id, struct sv gateway,
    struct sv sealed, int64_t *ret_id);

/*
 * db_out_set() for an answer that has just been sent or given up, within a
 * round.  They are written together, at the latest by db_commit(): what fails
 * then fails the round.  An answer that is not there, or is final, stays as it
 * is.
 */
MUST_USE int db_out_end(struct db *db, int64_t id, enum db_out_state state);

/* What is queued, oldest first; fn returns false to stop, and asks nothing of
 * the store.  A row that is damaged is left out, and counted. */
MUST_USE int db_out_each(
    struct db *db, bool (*fn)(void *arg, const struct db_out *out), void *arg);

/* How many rows the last db_out_each() has left out. */
int64_t db_damaged(const struct db *db);

/* A name: the id a gateway gave to one part of an answer. */
struct db_name {
	int64_t id;
	int64_t out_id;
	int64_t at_ms;		 /* of the answer */
	uint8_t ref[DB_KEY_LEN]; /* keyed hash */
	bool delivered;
};

/* Within a round; ret_id: the row's id, which only grows. */
MUST_USE int db_name_put(struct db *db, int64_t out_id,
    const uint8_t ref[DB_KEY_LEN], int64_t *ret_id);

/* That part is delivered. */
MUST_USE int db_name_done(struct db *db, int64_t id);

/* Delete an answer's names from this row on: it is sent afresh. */
MUST_USE int db_name_drop(struct db *db, int64_t out_id, int64_t from_id);

/*
 * Delete the names of answers that are still queued, and give those of answers
 * since since_ms that wait for their reports, oldest first.
 */
MUST_USE int db_names_each(struct db *db, int64_t since_ms,
    bool (*fn)(void *arg, const struct db_name *name), void *arg);

/* A word that somebody has set; rows know the day, no more. */
struct db_decoy {
	int64_t at_ms;		  /* of the last use */
	uint8_t name[DB_KEY_LEN]; /* keyed hash of who it is */
	uint8_t word[DB_KEY_LEN]; /* keyed hash of the word */
};

/* Within a round: in the place of the one before. */
MUST_USE int db_decoy_put(struct db *db, const struct db_decoy *row);

/* Nothing of it stays. */
MUST_USE int db_decoy_forget(struct db *db, const uint8_t name[DB_KEY_LEN]);

MUST_USE int db_decoys_each(struct db *db,
    void (*fn)(void *arg, const struct db_decoy *row), void *arg);

enum {
	DB_CALLBACK_DAYS = 7,
	DB_CALLBACK_SEALED = 320,    /* bytes of what is sealed: always as many,
					so that a row is written over in place */
	DB_CALLBACK_ID_MIN = 100000, /* and its id takes as many bytes, too */
	DB_CALLBACK_ID_MAX = 999999,
};

/* Somebody asked to be called, and said that their phone is theirs alone. */
struct db_callback {
	int64_t id;		  /* for operators: random */
	int64_t until_ms;	  /* its end */
	uint8_t name[DB_KEY_LEN]; /* keyed hash of who it is */
	struct sv sealed;	  /* number, wishes, how far it is */
};

/* In the place of the one that this person had, if any. */
MUST_USE int db_callback_put(struct db *db, const struct db_callback *row);

/* Nothing of it stays. */
MUST_USE int db_callback_forget(struct db *db, const uint8_t name[DB_KEY_LEN]);

MUST_USE int db_callbacks_each(struct db *db,
    void (*fn)(void *arg, const struct db_callback *row), void *arg);

/* A piece of a longer text, or, once taken, that it was. */
struct db_part {
	int64_t id;
	int64_t at_ms;
	struct sv gateway;
	uint8_t text_ref[DB_KEY_LEN]; /* keyed hash: which text */
	uint8_t part_ref[DB_KEY_LEN]; /* keyed hash: which piece and bytes */
	int64_t total, number, coding;
	uint8_t person[DB_KEY_LEN]; /* pseudonym, while sealed is there */
	struct sv sealed;	    /* empty: taken */
};

/* Within a round; ret_id: the row's id, which only grows. */
MUST_USE int db_part_put(
    struct db *db, const struct db_part *part, int64_t *ret_id);

/* ret_sealed: copied, cut to size bytes.  Returns also -ENOENT. */
MUST_USE int db_part_get(struct db *db, int64_t id, char *ret_sealed,
    size_t size, struct db_part *ret_part);

/* Wipe pieces and put the row that says the rest, if there is one: all of it,
 * or the round is lost. */
MUST_USE int db_parts_take(struct db *db, const int64_t *ids, size_t count,
    const struct db_part *last);

/* Every row since since_ms, oldest first. */
MUST_USE int db_parts_each(struct db *db, int64_t since_ms,
    bool (*fn)(void *arg, const struct db_part *part), void *arg);

/* What the sweep goes by, beside db/retention.def. */
struct db_sweep {
	int64_t now_ms;
	int64_t log_ms; /* how long a log row stays */
	int64_t epoch;	/* log rows of epochs before it lose the pseudonym */
	int64_t rows;	/* how many it may change, 0: DB_SWEEP_ROWS */
};

/*
 * Delete in one small batch what has outlived its time, and take the order out
 * of the hours of the log that are over: afterwards ids are random within the
 * hour, and say nothing of the inbox.
 *
 * ret_more  true if there is more to delete
 */
MUST_USE int db_sweep(
    struct db *db, const struct db_sweep *now, bool *ret_more);

/* A text that found no answer; of nobody. */
struct db_unmatched {
	int64_t id;	/* read: random within its day */
	int64_t day_ms; /* any time of its day; read: its beginning */
	struct sv country, lang;
	struct sv sealed; /* to the reviewers' public key */
};

/*
 * Within a round.
 *
 * chance  random bits: rows of a day are kept in no order of arrival
 *
 * Returns also -EEXIST, once in a trillion.
 */
MUST_USE int db_unmatched_put(
    struct db *db, const struct db_unmatched *row, uint64_t chance);

/* Day by day.  fn returns false to stop. */
MUST_USE int db_unmatched_each(struct db *db,
    bool (*fn)(void *arg, const struct db_unmatched *row), void *arg);

/* What an administrator did: never a number or a text.  The hash is of this
 * row and the hash before it; see daemon/core/audit.h. */
struct db_audit {
	int64_t id, at_ms;
	struct sv who, action;
	uint8_t hash[DB_HASH_LEN];
};

/* The newest row; id 0 and zeros if there is none. */
MUST_USE int db_audit_last(
    struct db *db, int64_t *ret_id, uint8_t ret_hash[DB_HASH_LEN]);

/* Returns also -EEXIST: the id is taken. */
MUST_USE int db_audit_put(struct db *db, const struct db_audit *row);

/* Oldest first. */
MUST_USE int db_audit_each(struct db *db,
    bool (*fn)(void *arg, const struct db_audit *row), void *arg);

/* One log row, as `safarctl log` and the reports read it. */
struct db_log {
	int64_t id;	 /* once the hour is over, random within it */
	int64_t hour_ms; /* start of the hour */
	int64_t epoch;
	uint8_t person[DB_KEY_LEN];
	bool linked; /* person is set */
	struct sv gateway, country, channel, lang, topic, place, node;
	struct sv listings, outcome;
	int64_t edition, parts;
};

struct db_log_filter {
	int64_t since_ms;				/* 0: all */
	struct sv country, lang, topic, place, outcome; /* empty: any */
	int64_t most;					/* rows */
	int64_t before; /* ids below it; 0: all */
};

/* Newest first.  While fn runs, the store cannot let go of old pages: it must
 * not wait for anybody. */
MUST_USE int db_log_each(struct db *db, const struct db_log_filter *filter,
    bool (*fn)(void *arg, const struct db_log *row), void *arg);

/* Memory for the order of an hour of the log, while it is mixed. */
size_t db_mix_bytes(const struct db *db);

struct db_counts {
	/* at most so many: to count rows is to read them all, so these are
	 * the ids from the first to the last */
	int64_t log, inbox;
	int64_t queued, sent, delivered, failed, expired;
	int64_t size_bytes, wal_bytes;
	int64_t cache_bytes; /* pages in memory */
};
MUST_USE int db_counts(struct db *db, struct db_counts *ret_counts);

/* How many rows of the log were damaged when their hour was over, and are lost;
 * it only grows. */
int64_t db_lines_lost(struct db *db);

/* Small values that outlive a restart: "clean_stop", "last_error" ... */
MUST_USE int db_meta_set(struct db *db, const char *key, struct sv value);
/* Returns also -ENOENT; value is cut to size - 1 bytes. */
MUST_USE int db_meta_get(
    struct db *db, const char *key, char *ret_value, size_t size);

#endif
