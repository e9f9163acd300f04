/*
 * console.h - console.db: users, sessions, invitations, what was done, jobs.
 *
 * Written by safar-console and safarctl; SQLite's lock is between them.  No
 * password, token or code is in it, only what they are checked against.
 * Errors as in db.h.
 */
#ifndef DB_CONSOLE_H
#define DB_CONSOLE_H

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

struct console;

enum {
	CONSOLE_HASH_LEN = 32,
	CONSOLE_NAME_MAX = 64, /* bytes */
	CONSOLE_SCOPE_MAX = 1024,
	CONSOLE_PASSWORD_SIZE = 128, /* of its hash */
	CONSOLE_TOTP_MAX = 96,	     /* bytes, sealed */
	CONSOLE_CODES = 8,
	CONSOLE_CODE_LEN = 16, /* of a recovery code's hash */
	CONSOLE_WHO_MAX = 64,
	CONSOLE_ACTION_MAX = 128,
	CONSOLE_RESULT_MAX = 256 << 10,
};

/* Open or create DIR/console.db and apply missing migrations. */
MUST_USE int console_open(
    const char *dir, struct console **ret_console, struct diag *reterr_diag);
void console_close(struct console **cp);

/* One round of changes, all or nothing.  Changes outside a round are each a
 * round of their own. */
MUST_USE int console_begin(struct console *c);
MUST_USE int console_commit(struct console *c);
void console_rollback(struct console *c);
bool console_in_round(const struct console *c);

struct console_user {
	int64_t id;
	char name[CONSOLE_NAME_MAX + 1]; /* found in any case of A-Z */
	int64_t roles;
	char orgs[CONSOLE_SCOPE_MAX + 1], topics[CONSOLE_SCOPE_MAX + 1],
	    countries[CONSOLE_SCOPE_MAX + 1];
	char lang[16];
	bool locked;
	char password[CONSOLE_PASSWORD_SIZE]; /* "": invited, no more */
	uint8_t totp[CONSOLE_TOTP_MAX];
	size_t totp_len;
	int64_t totp_step;
	uint8_t recovery[CONSOLE_CODES * CONSOLE_CODE_LEN];
	size_t recovery_len; /* bytes */
	int64_t made_ms, seen_ms;
};

/* u->id is not looked at.  Returns also -EEXIST: the name is taken. */
MUST_USE int console_user_add(
    struct console *c, const struct console_user *u, int64_t *ret_id);

/* Change all of a user.  Returns also -ENOENT, -EEXIST. */
MUST_USE int console_user_set(struct console *c, const struct console_user *u);

/* Returns also -ENOENT. */
MUST_USE int console_user_get(
    struct console *c, int64_t id, struct console_user *ret_user);
MUST_USE int console_user_find(
    struct console *c, struct sv name, struct console_user *ret_user);

/* In order of name; fn returns false to stop, and asks nothing of the store. */
MUST_USE int console_users_each(struct console *c,
    bool (*fn)(void *arg, const struct console_user *u), void *arg);

/* How many can log in and have one of these roles. */
MUST_USE int console_users_count(
    struct console *c, int64_t roles, int64_t *ret_count);

struct console_session {
	uint8_t token[CONSOLE_HASH_LEN]; /* its hash */
	int64_t user_id, began_ms, used_ms;
};

MUST_USE int console_session_put(
    struct console *c, const struct console_session *s);
/* Returns also -ENOENT. */
MUST_USE int console_session_get(struct console *c,
    const uint8_t token[CONSOLE_HASH_LEN], struct console_session *ret_session);
MUST_USE int console_session_use(
    struct console *c, const uint8_t token[CONSOLE_HASH_LEN], int64_t used_ms);
MUST_USE int console_session_end(
    struct console *c, const uint8_t token[CONSOLE_HASH_LEN]);
/* All of a user, but for one, if not NULL. */
MUST_USE int console_sessions_end(
    struct console *c, int64_t user_id, const uint8_t except[CONSOLE_HASH_LEN]);

struct console_invite {
	int64_t user_id;
	uint8_t token[CONSOLE_HASH_LEN]; /* its hash */
	int64_t until_ms;
	uint8_t totp[CONSOLE_TOTP_MAX];
	size_t totp_len; /* 0: the link was not opened yet */
};

/* In the place of the one before. */
MUST_USE int console_invite_put(
    struct console *c, const struct console_invite *i);
/* Returns also -ENOENT, also when its time is over. */
MUST_USE int console_invite_get(struct console *c,
    const uint8_t token[CONSOLE_HASH_LEN], int64_t now_ms,
    struct console_invite *ret_invite);
MUST_USE int console_invite_end(struct console *c, int64_t user_id);

/* A row of the chain; who adds one is core/account.h. */
struct console_audit {
	int64_t id, at_ms;
	struct sv who, action;
	uint8_t hash[CONSOLE_HASH_LEN];
};

/* Zeros without rows. */
MUST_USE int console_audit_last(
    struct console *c, int64_t *ret_id, uint8_t ret_hash[CONSOLE_HASH_LEN]);
MUST_USE int console_audit_put(
    struct console *c, const struct console_audit *row);
/* Rows from_id and later, oldest first.  fn returns false to stop. */
MUST_USE int console_audit_each(struct console *c, int64_t from_id,
    bool (*fn)(void *arg, const struct console_audit *row), void *arg);

struct console_job {
	int64_t id, user_id, began_ms;
	struct sv kind, state; /* "running", "done", "failed" */
	struct sv result;      /* JSON, or ""; CONSOLE_RESULT_MAX */
};

MUST_USE int console_job_add(
    struct console *c, const struct console_job *job, int64_t *ret_id);
MUST_USE int console_job_end(
    struct console *c, int64_t id, struct sv state, struct sv result);
/* Views until fn returns.  Returns also -ENOENT. */
MUST_USE int console_job_get(struct console *c, int64_t id,
    void (*fn)(void *arg, const struct console_job *job), void *arg);
/* What ran when the console ended has failed. */
MUST_USE int console_jobs_fail(struct console *c);

/*
 * Copy DIR/console.db into the folder TO, while it is in use: the tables that
 * retention.def says, users and what they did.  Nothing happens where there is
 * none.  The file has no journal beside it and is not yet synced.
 */
MUST_USE int console_backup(
    const char *dir, const char *to, struct diag *reterr_diag);

/* Delete what has outlived its time: retention.def. */
MUST_USE int console_sweep(struct console *c, int64_t now_ms);

/* End sessions and invitations, and forget every password, second factor and
 * recovery code; within a round. */
MUST_USE int console_wipe(struct console *c);

/* Move the journal into the file, so that nothing is only there. */
MUST_USE int console_settle(struct console *c);

enum {
	CONSOLE_IDLE_MS = 12 * 3600 * 1000,	   /* a session nobody uses */
	CONSOLE_SESSION_MS = 7 * 24 * 3600 * 1000, /* the longest */
	CONSOLE_INVITE_MS = 48 * 3600 * 1000,
};

#endif
