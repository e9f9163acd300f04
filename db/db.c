/* db.c - hotline.db: opening, statements, rounds, turns. */
#include "db/db.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "db/hotline.h"

enum { BUSY_MS = 100 /* only a checkpoint can meet a lock of a reader */ };

#define INBOX_COLUMNS "id, at_ms, refs, people, sessions"
#define NOW_COLUMNS "id, hour, epoch, edition, people, turns"
#define OUT_COLUMNS "id, at_ms, expires_ms, gateway, states, people, sealed"
#define OUT_ZERO                                                               \
	"UPDATE outbox SET people = zeroblob(length(people)),"                 \
	" sealed = zeroblob(length(sealed))"
/* The state of an answer: in the batch that begins with it, or before it. */
#define OUT_STATE(id)                                                          \
	"(SELECT substr(o.states, " id " - o.id + 1, 1) FROM outbox o"         \
	" WHERE o.id <= " id " ORDER BY o.id DESC LIMIT 1)"
/* The sweep looks only at the oldest rows: in order of id is in order of time,
 * and no index is needed. */
#define OLDEST(table, where)                                                   \
	" WHERE id IN (SELECT id FROM (SELECT * FROM " table                   \
	" ORDER BY id LIMIT ?3) WHERE " where ")"
#define TOO_OLD(table, clock)                                                  \
	OLDEST(#table, #clock " NOT BETWEEN ?1 AND ?2 AND id <= ?4")
#define COUNT_IDS(table)                                                       \
	"SELECT (SELECT max(id) FROM " table ")"                               \
	" - (SELECT min(id) FROM " table ") + 1"
#define LAST_OF_INBOX                                                          \
	"SELECT id + length(refs) / 16 - 1 FROM inbox ORDER BY id DESC LIMIT " \
	"1"
/* Of a row of log_now. */
#define LAST_OF_TURNS "id + length(people) / 16 - 1"
#define LAST_OF_NOW                                                            \
	"SELECT " LAST_OF_TURNS " FROM log_now ORDER BY id DESC LIMIT 1"
#define FIRST_ID(table) "SELECT min(id) FROM " table
#define PART_COLUMNS                                                           \
	"id, at_ms, gateway, text_ref, part_ref, total, number, coding,"       \
	" person, sealed"
#define PART_ZERO                                                              \
	"UPDATE part SET sealed = zeroblob(length(sealed)),"                   \
	" person = zeroblob(length(person))"
#define DECOY_EMPTY                                                            \
	"UPDATE decoy SET day = 0, name = zeroblob(16), word = zeroblob(16)"   \
	" WHERE "
/* Rows stay where they are, each column as long as before. */
#define CALLBACK_SET                                                           \
	" SET id = ?1, until_ms = ?2, name = ?3, sealed = ?4 WHERE "
#define CALLBACK_EMPTY                                                         \
	"UPDATE callback SET id = 0, until_ms = 0, name = zeroblob(16),"       \
	" sealed = zeroblob(length(sealed)) WHERE "

/* Rows of the log are counted behind ?1, up to ?2. */
#define ROLL_SLICE " FROM log_past WHERE id > ?1 AND id <= ?2"
#define ROLL_LISTED                                                            \
	" FROM log_past, json_each('[' || replace(json_quote(listings), ' ',"  \
	" '\",\"') || ']') WHERE log_past.id > ?1 AND log_past.id <= ?2"       \
	" AND listings <> ''"
#define ROLL_DAY "hour / 86400000"
#define ROLL_ID(column) ", (SELECT id FROM rollup_name WHERE name = " column ")"
#define ROLL_IDS                                                               \
	ROLL_ID("channel")                                                     \
	ROLL_ID("gateway")                                                     \
	ROLL_ID("country")                                                     \
	ROLL_ID("lang") ROLL_ID("topic") ROLL_ID("place") ROLL_ID("outcome")
#define ROLL_LISTING_IDS                                                       \
	ROLL_ID("value")                                                       \
	ROLL_ID("topic")                                                       \
	ROLL_ID("country")                                                     \
	ROLL_ID("lang") ROLL_ID("channel")
#define ROLL_NAME_PUT "INSERT OR IGNORE INTO rollup_name (name) SELECT "
#define ROLL_NAMES                                                             \
	ROLL_NAME_PUT                                                          \
	"channel" ROLL_SLICE " UNION SELECT gateway" ROLL_SLICE                \
	" UNION SELECT country" ROLL_SLICE " UNION SELECT lang" ROLL_SLICE     \
	" UNION SELECT topic" ROLL_SLICE " UNION SELECT place" ROLL_SLICE      \
	" UNION SELECT outcome" ROLL_SLICE

static const char *const stmt_sql[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_SAVE] = "SAVEPOINT turn",
	[STMT_RELEASE] = "RELEASE turn",
	[STMT_BACK] = "ROLLBACK TO turn",
	[STMT_META_GET] = "SELECT value FROM meta WHERE key = ?1",
	[STMT_META_SET] = "INSERT INTO meta (key, value) VALUES (?1, ?2)"
			  " ON CONFLICT (key) DO UPDATE SET value = ?2",
	/* always another value, or nothing would be written */
	[STMT_META_COUNT] =
	    "INSERT INTO meta (key, value) VALUES ('wal_erased', '1')"
	    " ON CONFLICT (key) DO UPDATE SET"
	    " value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)",
	[STMT_LAST_TURN] = "SELECT max(coalesce((" LAST_OF_INBOX "), 0),"
			   " coalesce((" LAST_OF_NOW "), 0),"
			   " coalesce((SELECT max(id) FROM log_past), 0),"
			   " coalesce((SELECT CAST(value AS INTEGER) - 1"
			   " FROM meta WHERE key = 'next_turn'), 0))",
	[STMT_LAST_OUT] = "SELECT max(coalesce((SELECT id"
			  " + max(length(states), 1) - 1"
			  " FROM outbox ORDER BY id DESC LIMIT 1), 0),"
			  " coalesce((SELECT CAST(value AS INTEGER) - 1"
			  " FROM meta WHERE key = 'next_out'), 0))",
	[STMT_INBOX_PUT] =
	    "INSERT INTO inbox (" INBOX_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5)",
	[STMT_INBOX_EACH] =
	    "SELECT " INBOX_COLUMNS " FROM inbox WHERE at_ms >= ?1"
	    " AND people IS NOT zeroblob(16) ORDER BY id",
	[STMT_INBOX_CUT] = "DELETE FROM inbox WHERE id >= ?1",
	[STMT_INBOX_RANGE] = "SELECT " INBOX_COLUMNS " FROM inbox WHERE id > ?1"
			     " AND id <= ?2 AND people NOTNULL ORDER BY id",
	[STMT_INBOX_FORGET] =
	    "UPDATE inbox SET refs = ?2, people = ?3 WHERE id = ?1",
	[STMT_INBOX_ZERO] = "UPDATE inbox SET refs = zeroblob(length(refs)),"
			    " people = zeroblob(length(people)) WHERE id = ?1",
	[STMT_LOG_PUT] = "INSERT INTO log_now (" NOW_COLUMNS
			 ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[STMT_LOG_EACH] = "SELECT " LOG_COLUMNS " FROM log WHERE hour >= ?1"
			  " AND (?2 = '' OR country = ?2)"
			  " AND (?3 = '' OR lang = ?3)"
			  " AND (?4 = '' OR topic = ?4)"
			  " AND (?5 = '' OR place = ?5)"
			  " AND (?6 = '' OR outcome = ?6) AND id < ?8"
			  " ORDER BY id DESC LIMIT ?7",
	[STMT_LOG_CUT] = "DELETE FROM log_now WHERE id >= ?1",
	[STMT_NOW_RANGE] = "SELECT id, people FROM log_now WHERE id > ?1"
			   " AND id <= ?2 ORDER BY id",
	[STMT_NOW_FORGET] = "UPDATE log_now SET people = ?2 WHERE id = ?1",
	/* the first IN is what most rows fail at; only hits are asked whether
	 * they are from before */
	[STMT_PAST_FORGET] =
	    "UPDATE log_past SET person = NULL WHERE id > ?1 AND id <= ?2"
	    " AND person IN (SELECT name FROM forget)"
	    " AND EXISTS (SELECT 1 FROM forget f WHERE f.name ="
	    " log_past.person AND f.last_turn >= log_past.id)",
	[STMT_LOG_UNLINK] = "UPDATE log_past SET person = NULL WHERE id > ?1"
			    " AND id <= ?2 AND epoch < ?3",
	[STMT_LOG_UNLINK_LAST] =
	    "SELECT max(id) FROM (SELECT id, epoch FROM log_past WHERE id > ?1"
	    " AND id <= (SELECT CAST(value AS INTEGER) FROM meta"
	    " WHERE key = 'mixed_turn')"
	    " ORDER BY id LIMIT ?3) WHERE epoch < ?2",
	[STMT_MIX_LAST] = "SELECT max(id) FROM log_past",
	[STMT_MIX_FIRST] = "SELECT max(id, ?1), hour FROM log_now"
			   " WHERE " LAST_OF_TURNS " >= ?1"
			   " ORDER BY id LIMIT 1",
	[STMT_MIX_AT] = "SELECT " NOW_COLUMNS " FROM log_now WHERE id <= ?1"
			" ORDER BY id DESC LIMIT 1",
	[STMT_PAST_PUT] = SQL_PAST_PUT,
	[STMT_MIX_DROP] =
	    "DELETE FROM log_now WHERE id < ?2 AND " LAST_OF_TURNS " <= ?1",
	[STMT_MIX_CUT] = "DELETE FROM log_past WHERE id IN (SELECT id FROM"
			 " log_past WHERE id > ?1 ORDER BY id DESC LIMIT ?2)",
	[STMT_ROLL_LAST] = "SELECT max(id) FROM (SELECT id FROM log_past WHERE"
			   " id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3)",
	[STMT_ROLL_NAMES] = ROLL_NAMES,
	[STMT_ROLL_LISTING_NAMES] = ROLL_NAME_PUT "value" ROLL_LISTED,
	[STMT_ROLL_CELLS] = "INSERT INTO rollup SELECT " ROLL_DAY ROLL_IDS
			    ", count(*), sum(parts)" ROLL_SLICE
			    " GROUP BY " ROLL_DAY ", channel, gateway, country,"
			    " lang, topic, place, outcome"
			    " ON CONFLICT DO UPDATE SET"
			    " count = count + excluded.count,"
			    " parts = parts + excluded.parts",
	[STMT_ROLL_LISTINGS] =
	    "INSERT INTO rollup_listing SELECT " ROLL_DAY ROLL_LISTING_IDS
	    ", count(*)" ROLL_LISTED " GROUP BY " ROLL_DAY ", value, topic,"
	    " country, lang, channel"
	    " ON CONFLICT DO UPDATE SET count = count + excluded.count",
	[STMT_ROLL_DAYS] =
	    "INSERT INTO rollup_day SELECT " ROLL_DAY ", count(*)" ROLL_SLICE
	    " GROUP BY " ROLL_DAY " ON CONFLICT DO UPDATE SET"
	    " count = count + excluded.count",
	[STMT_OUT_PUT] = "INSERT INTO outbox (" OUT_COLUMNS
			 ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STMT_OUT_SET] = "UPDATE outbox SET states = ?2, people = ?3,"
			 " sealed = ?4 WHERE id = ?1",
	[STMT_OUT_AT] = "SELECT " OUT_COLUMNS " FROM outbox WHERE id <= ?1"
			" ORDER BY id DESC LIMIT 1",
	[STMT_OUT_RANGE] = "SELECT " OUT_COLUMNS " FROM outbox WHERE id > ?1"
			   " AND id <= ?2 AND people NOTNULL ORDER BY id",
	[STMT_OUT_EACH] = "SELECT " OUT_COLUMNS
			  " FROM outbox WHERE people NOTNULL ORDER BY id",
	[STMT_OUT_ZERO] = OUT_ZERO " WHERE id = ?1",
	[STMT_OUT_STATES] = "SELECT states FROM outbox",
	[STMT_OUT_CUT] = "DELETE FROM outbox WHERE id >= ?1",
	[STMT_LAST_NAME] = "SELECT max(id) FROM out_name",
	[STMT_NAME_PUT] = "INSERT INTO out_name (id, out_id, ref, delivered)"
			  " VALUES (?1, ?2, ?3, 0)",
	[STMT_NAME_DONE] = "UPDATE out_name SET delivered = 1 WHERE id = ?1",
	[STMT_NAME_EACH] =
	    "SELECT n.id, n.out_id, n.ref, n.delivered, o.at_ms"
	    " FROM out_name n JOIN outbox o"
	    " ON o.id = (SELECT max(id) FROM outbox WHERE id <= n.out_id)"
	    " WHERE substr(o.states, n.out_id - o.id + 1, 1) = x'01'"
	    " AND o.at_ms >= ?1 ORDER BY n.id",
	[STMT_NAME_DROP] =
	    "DELETE FROM out_name WHERE id >= ?1 AND out_id = ?2",
	[STMT_NAME_DROP_QUEUED] =
	    "DELETE FROM out_name WHERE " OUT_STATE("out_id") " = x'00'",
	[STMT_NAME_SWEEP] = "DELETE FROM out_name" OLDEST("out_name",
	    "coalesce(" OUT_STATE("out_id") ", x'') IN (x'', x'05')"),
	[STMT_FORGET_PUT] = "INSERT INTO forget (name, last_turn, last_out)"
			    " VALUES (?1, ?2, ?3)",
	[STMT_FORGET_EACH] = "SELECT name, max(last_turn), max(last_out)"
			     " FROM forget GROUP BY name ORDER BY name",
	[STMT_FORGET_LAST] = "SELECT max(id) FROM forget",
	[STMT_FORGET_DONE] = "DELETE FROM forget WHERE id <= ?1",
	[STMT_WIPE_OUT] = OUT_ZERO,
	[STMT_WIPE_PARTS] = PART_ZERO,
	[STMT_DROP_OUT] = "DELETE FROM outbox",
	[STMT_DROP_PARTS] = "DELETE FROM part",
	[STMT_DROP_NAMES] = "DELETE FROM out_name",
	[STMT_DROP_INBOX] = "DELETE FROM inbox",
	[STMT_DROP_DECOYS] = DECOY_EMPTY "day > 0",
	[STMT_FIRST_INBOX] = FIRST_ID("inbox"),
	[STMT_FIRST_NOW] = FIRST_ID("log_now"),
	[STMT_FIRST_PAST] = FIRST_ID("log_past"),
	[STMT_FIRST_OUT] = FIRST_ID("outbox"),
	[STMT_LAST_PART] = "SELECT max(id) FROM part",
	[STMT_PART_PUT] = "INSERT INTO part (" PART_COLUMNS
			  ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[STMT_PART_GET] = "SELECT " PART_COLUMNS " FROM part WHERE id = ?1",
	[STMT_PART_ZERO] = PART_ZERO " WHERE id = ?1",
	[STMT_PART_TAKE] =
	    "UPDATE part SET sealed = NULL, person = NULL WHERE id = ?1",
	[STMT_PART_EACH] =
	    "SELECT " PART_COLUMNS " FROM part WHERE at_ms >= ?1 ORDER BY id",
	[STMT_DECOY_CHANGE] =
	    "UPDATE decoy SET day = ?1, word = ?3 WHERE name = ?2",
	[STMT_DECOY_REUSE] =
	    "UPDATE decoy SET day = ?1, name = ?2, word = ?3 WHERE id ="
	    " (SELECT min(id) FROM decoy WHERE day = 0)",
	[STMT_DECOY_ADD] =
	    "INSERT INTO decoy (day, name, word) VALUES (?1, ?2, ?3)",
	[STMT_DECOY_FORGET] = DECOY_EMPTY "name = ?1",
	[STMT_DECOY_EACH] = "SELECT day, name, word FROM decoy WHERE day > 0",
	[STMT_SWEEP_decoy] =
	    DECOY_EMPTY "day > 0 AND day NOT BETWEEN ?1 AND ?2",
	[STMT_CALLBACK_CHANGE] = "UPDATE callback" CALLBACK_SET "name = ?3",
	[STMT_CALLBACK_REUSE] = "UPDATE callback" CALLBACK_SET "slot ="
				" (SELECT min(slot) FROM callback"
				" WHERE until_ms = 0)",
	[STMT_CALLBACK_ADD] = "INSERT INTO callback (id, until_ms, name,"
			      " sealed) VALUES (?1, ?2, ?3, ?4)",
	[STMT_CALLBACK_FORGET] = CALLBACK_EMPTY "name = ?1",
	[STMT_CALLBACK_EACH] = "SELECT id, until_ms, name, sealed FROM callback"
			       " WHERE until_ms > 0",
	/* none lasts for more than the days of retention.def: such a one is
	 * of a clock that was wrong */
	[STMT_SWEEP_callback] =
	    CALLBACK_EMPTY "until_ms > 0 AND until_ms NOT BETWEEN ?1"
			   " AND min(?2, ?1 + 691200000)",
	[STMT_DROP_CALLBACKS] = CALLBACK_EMPTY "until_ms > 0",
	[STMT_UNMATCHED_PUT] =
	    "INSERT INTO unmatched (id, day, country, lang, sealed)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)",
	[STMT_UNMATCHED_EACH] = "SELECT day, country, lang, sealed, id"
				" FROM unmatched ORDER BY id",
	[STMT_AUDIT_LAST] =
	    "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1",
	[STMT_AUDIT_PUT] = "INSERT INTO audit (id, at_ms, who, action, hash)"
			   " VALUES (?1, ?2, ?3, ?4, ?5)",
	[STMT_AUDIT_EACH] =
	    "SELECT id, at_ms, who, action, hash FROM audit ORDER BY id",
#define SWEPT(table, clock, ...)                                               \
	[STMT_SWEEP_##table] = "DELETE FROM " #table TOO_OLD(table, clock),
/* a day at a time */
#define COUNTED(table, ...)                                                    \
	[STMT_SWEEP_##table] =                                                 \
	    "DELETE FROM " #table " WHERE day = (SELECT min(day) FROM " #table \
	    ") AND day * 86400000 NOT BETWEEN ?1 AND ?2",
#define SEALED(table, clock, seconds, ahead, backup, from, why, wipe)          \
	[STMT_WIPE_##table] =                                                  \
	    "UPDATE " #table " SET " wipe TOO_OLD(table, clock),               \
	[STMT_SWEEP_##table] = "DELETE FROM " #table TOO_OLD(table, clock),
#include "db/retention.def"
	[STMT_COUNT_LOG] = "SELECT coalesce((" LAST_OF_NOW "),"
			   " (SELECT max(id) FROM log_past))"
			   " - coalesce((SELECT min(id) FROM log_past),"
			   " (SELECT min(id) FROM log_now)) + 1",
	[STMT_COUNT_INBOX] = "SELECT (" LAST_OF_INBOX ")"
			     " - (SELECT min(id) FROM inbox) + 1",
};

int
db_ran(struct db *db, int rc)
{
	if (rc < 0 && db->round && sqlite3_get_autocommit(db->sq))
		db->round_rc = rc;
	return rc;
}

int
db_run(struct db *db, enum stmt which)
{
	if (db->round_rc < 0)
		return db->round_rc;
	return db_ran(db, sql_run(db->stmts[which]));
}

/* Rounds. */

int
db_begin(struct db *db)
{
	int rc;

	ASSERT(!db->round);
	rc = db_run(db, STMT_BEGIN);
	if (rc == 0) {
		db->round = true;
		db->wrote = false;
		db->round_turn = db->next_turn;
		db->round_out = db->next_out;
	}
	return rc;
}

static void
rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->sq))
		(void)!sql_run(db->stmts[STMT_ROLLBACK]);
	db->next_turn = db->round_turn;
	db->next_out = db->round_out;
	db->end_count = 0;
	db_outs_drop(db, 0);
	db_turns_drop(db, 0);
	db_forget_restart(db);
	db_mix_restart(db);
	db_roll_restart(db);
}

void
db_round_lose(struct db *db, int rc)
{
	if (db->round_rc == 0)
		rollback(db);
	db->round_rc = rc;
}

/* What turns that stand have put and is still in memory. */
static int
puts_write(struct db *db)
{
	int rc = db_outs_write(db);

	return rc < 0 ? rc : db_turns_write(db);
}

int
db_commit(struct db *db)
{
	int rc;

	ASSERT(db->round && !db->turn);
	rc = db_ends_write(db);
	if (rc == 0)
		rc = puts_write(db);
	if (rc == 0)
		rc = db_run(db, STMT_COMMIT);
	if (rc < 0)
		rollback(db);
	db->round = false;
	db->round_rc = 0;
	return rc;
}

bool
db_wrote(const struct db *db)
{
	return db->wrote;
}

int
db_enter(struct db *db, bool *ret_own)
{
	int rc;

	if (db->round) {
		*ret_own = false;
		return db_change(db);
	}
	rc = db_begin(db);
	if (rc == 0)
		*ret_own = true;
	return rc;
}

int
db_leave(struct db *db, bool own, int rc)
{
	if (!own)
		return rc;
	if (rc == 0)
		return db_commit(db);
	rollback(db);
	db->round = false;
	db->round_rc = 0;
	return rc;
}

/* Turns. */

int
db_turn_begin(struct db *db)
{
	ASSERT(db->round && !db->turn);
	if (db->round_rc < 0)
		return db->round_rc;
	db->turn = true;
	db->saved = false;
	db->turn_mark = db->next_turn;
	db->out_mark = db->next_out;
	return 0;
}

int
db_change(struct db *db)
{
	int rc = db_ends_write(db);

	if (rc == 0)
		rc = puts_write(db);
	if (rc < 0 || !db->turn || db->saved)
		return rc < 0 ? rc : db->round_rc;
	rc = db_run(db, STMT_SAVE);
	if (rc == 0)
		db->saved = true;
	return rc;
}

int
db_turn_end(struct db *db)
{
	int rc;

	ASSERT(db->turn);
	rc = db->saved ? db_run(db, STMT_RELEASE) : db->round_rc;
	if (rc == 0)
		db->turn = false;
	return rc;
}

int
db_cut(struct db *db, enum stmt which, int64_t from_id)
{
	sql_bind_int(db->stmts[which], 1, from_id);
	return db_run(db, which);
}

/* Rows put before the savepoint are still there after going back to it. */
static int
undo(struct db *db)
{
	int rc = 0;

	db_outs_drop(db, db->out_mark);
	db_turns_drop(db, db->turn_mark);
	if (db->saved) {
		rc = db_run(db, STMT_BACK);
		if (rc == 0)
			rc = db_run(db, STMT_RELEASE);
	}
	if (rc == 0 && db->next_turn > db->turn_mark) {
		rc = db_cut(db, STMT_INBOX_CUT, db->turn_mark);
		if (rc == 0)
			rc = db_cut(db, STMT_LOG_CUT, db->turn_mark);
	}
	if (rc == 0 && db->next_out > db->out_mark)
		rc = db_cut(db, STMT_OUT_CUT, db->out_mark);
	if (rc == 0) {
		db->next_turn = db->turn_mark;
		db->next_out = db->out_mark;
	}
	return rc;
}

void
db_turn_undo(struct db *db)
{
	int rc;

	ASSERT(db->turn);
	rc = undo(db);
	db->turn = false;
	if (rc == 0 || db->round_rc < 0)
		return;
	db_round_lose(db, rc);
}

/* Opening. */

static int
lock(const char *dir, int *ret_fd, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	int fd, n, err;

	n = snprintf(path, sizeof(path), "%s/safard.lock", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return diag_set(
		    reterr_diag, -ENOENT, "the folder's name is too long");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	err = errno;
	if (fd < 0 && err == ENOENT)
		return diag_set(reterr_diag, -ENOENT,
		    "there is no folder %s; make it with: safarctl init %s",
		    dir, dir);
	if (fd < 0)
		return diag_set(reterr_diag,
		    err == EROFS || err == EACCES ? -EROFS :
		    err == ENOSPC		  ? -ENOSPC :
						    -EIO,
		    "%s cannot be made: %s", path, strerror(err));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return 0;
	}
	(void)close(fd);
	return diag_set(reterr_diag, -EEXIST,
	    "another safard works on %s; stop it first", dir);
}

static int
ids_read(struct db *db)
{
	int64_t turn = 0, out = 0, name = 0, part = 0;
	int rc = sql_int(db->stmts[STMT_LAST_TURN], &turn);

	if (rc == 0)
		rc = sql_int(db->stmts[STMT_LAST_OUT], &out);
	if (rc == 0)
		rc = sql_int(db->stmts[STMT_LAST_NAME], &name);
	if (rc == 0)
		rc = sql_int(db->stmts[STMT_LAST_PART], &part);
	db->next_turn = turn + 1;
	db->next_out = out + 1;
	db->next_name = name + 1;
	db->next_part = part + 1;
	return rc;
}

int
db_ids_keep(struct db *db)
{
	char turn[24], out[24];
	int rc;

	(void)snprintf(turn, sizeof(turn), "%lld", (long long)db->next_turn);
	(void)snprintf(out, sizeof(out), "%lld", (long long)db->next_out);
	rc = db_meta_set(db, "next_turn", sv_of(turn));
	return rc < 0 ? rc : db_meta_set(db, "next_out", sv_of(out));
}

static int
db_setup(struct db *db, const char *dir, bool write, struct diag *reterr_diag)
{
	int rc;

	if (write) {
		rc = lock(dir, &db->lock_fd, reterr_diag);
		if (rc < 0)
			return rc;
	}
	rc = sql_open(
	    dir, &schema_hotline, write, BUSY_MS, &db->sq, reterr_diag);
	if (rc == 0)
		rc = sql_prepare(
		    db->sq, stmt_sql, STMT_COUNT, db->stmts, reterr_diag);
	if (rc < 0)
		return rc;
	rc = ids_read(db);
	if (rc == 0 && write)
		rc = db_forget_open(db);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "%s/hotline.db cannot be read; check the disk", dir);
	return 0;
}

static int
open_as(
    const char *dir, bool write, struct db **ret_db, struct diag *reterr_diag)
{
	struct db *db = calloc(1, sizeof(*db));
	int rc;

	ASSERT(db != NULL);
	db->put = db_batch_new();
	db->row = db_batch_new();
	db->turns = db_turns_new();
	db->lock_fd = -1;
	db_roll_restart(db);
	rc = db_setup(db, dir, write, reterr_diag);
	if (rc < 0)
		db_close(&db);
	else
		*ret_db = db;
	return rc;
}

int
db_open_sized(const char *dir, int64_t wal_bytes, struct db **ret_db,
    struct diag *reterr_diag)
{
	int rc = open_as(dir, true, ret_db, reterr_diag);

	if (rc == 0)
		db_wal_open(*ret_db, wal_bytes);
	return rc;
}

int
db_open(const char *dir, struct db **ret_db, struct diag *reterr_diag)
{
	return db_open_sized(dir, DB_WAL_BYTES, ret_db, reterr_diag);
}

int
db_open_reader(const char *dir, struct db **ret_db, struct diag *reterr_diag)
{
	return open_as(dir, false, ret_db, reterr_diag);
}

void
db_close(struct db **dbp)
{
	struct db *db = *dbp;
	size_t i;

	if (db == NULL)
		return;
	reports_free(&db->reports);
	for (i = 0; i < STMT_COUNT; i++)
		(void)sqlite3_finalize(db->stmts[i]);
	(void)sqlite3_close(db->sq);
	db_mix_restart(db);
	if (db->lock_fd >= 0)
		(void)close(db->lock_fd); /* which unlocks */
	free(db->put);
	free(db->row);
	free(db->turns);
	free(db);
	*dbp = NULL;
}
