/* test_web_console.c - console.db: users, sessions, links, the chain, copies;
 * tokens, secrets and passwords. */
#include "daemon/core/account.h"

#include <sqlite3.h>
#include <unistd.h>

#include "db/backup.h"
#include "db/db.h"
#include "db/directory.h"
#include "tests/folder.h"
#include "tests/tap.h"

static const int64_t now = 1795300000000;

static struct console *
open_in(const struct folder *f)
{
	struct console *c = NULL;
	struct diag why = { "" };

	if (console_open(f->path, &c, &why) < 0)
		printf("# %s\n", why.text);
	ASSERT(c != NULL);
	return c;
}

static int
exec(const struct folder *f, const char *sql)
{
	sqlite3 *sq = NULL;
	char path[512];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/console.db", f->path);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	rc = sqlite3_exec(sq, sql, NULL, NULL, NULL);
	(void)sqlite3_close(sq);
	return rc;
}

static struct console_user
user_new(const char *name, int64_t roles)
{
	struct console_user u = { .roles = roles, .made_ms = now };

	(void)snprintf(u.name, sizeof(u.name), "%s", name);
	return u;
}

static void
test_users(void)
{
	struct folder f = folder_new();
	struct console *c = open_in(&f);
	struct console_user u = user_new("anna", 3), got;
	int64_t id = 0, count = -1;

	(void)snprintf(u.topics, sizeof(u.topics), "hiv;wages");
	EQ(console_user_add(c, &u, &id), 0, "a user");
	EQ(console_user_add(c, &u, &id), -EEXIST, "not two of a name");
	(void)snprintf(u.name, sizeof(u.name), "ANNA");
	EQ(console_user_add(c, &u, &id), -EEXIST, "in no letters' case");
	EQ(console_user_find(c, SV("Anna"), &got), 0, "found so, too");
	OK(got.id == id && strcmp(got.topics, "hiv;wages") == 0, "whole");
	EQ(console_users_count(c, 1, &count), 0, "those who can log in");
	EQ(count, 0, "are those with a password");
	(void)snprintf(got.password, sizeof(got.password), "$argon2id$...");
	got.totp_len = 3;
	memcpy(got.totp, "abc", 3);
	EQ(console_user_set(c, &got), 0, "a change");
	EQ(console_user_get(c, id, &u), 0, "is kept");
	OK(memcmp(&u.password, &got.password, sizeof(u.password)) == 0 &&
		u.totp_len == 3,
	    "whole");
	EQ(console_users_count(c, 1, &count), 0, "then one can");
	EQ(count, 1, "log in");
	got.id = 99;
	(void)snprintf(got.name, sizeof(got.name), "nobody");
	EQ(console_user_set(c, &got), -ENOENT, "nobody is changed");
	EQ(console_user_get(c, 99, &got), -ENOENT, "nor found");
	console_close(&c);
	folder_done(&f);
}

static void
test_sessions(void)
{
	struct folder f = folder_new();
	struct console *c = open_in(&f);
	struct console_user u = user_new("anna", 1);
	struct console_session s = { .began_ms = now, .used_ms = now }, got;
	int64_t id = 0;

	ASSERT(console_user_add(c, &u, &id) == 0);
	s.user_id = id;
	memset(s.token, 1, sizeof(s.token));
	EQ(console_session_put(c, &s), 0, "a session");
	EQ(console_session_get(c, s.token, &got), 0, "is found");
	EQ(console_session_use(c, s.token, now + 5), 0, "used");
	EQ(console_session_get(c, s.token, &got), 0, "later");
	EQ(got.used_ms, now + 5, "it says when");
	s.token[0] = 2;
	EQ(console_session_put(c, &s), 0, "another");
	EQ(console_sessions_end(c, id, s.token), 0, "all but one are ended");
	EQ(console_session_get(c, got.token, &got), -ENOENT, "the first is");
	EQ(console_session_get(c, s.token, &got), 0, "the other not");
	EQ(console_sweep(c, now + CONSOLE_IDLE_MS), 0, "12 hours");
	EQ(console_session_get(c, s.token, &got), 0, "are not too long");
	EQ(console_sweep(c, now + CONSOLE_IDLE_MS + 1), 0, "and one ms");
	EQ(console_session_get(c, s.token, &got), -ENOENT, "is");
	s.user_id = 99;
	OK(console_session_put(c, &s) < 0, "nobody's session is none");
	console_close(&c);
	folder_done(&f);
}

static void
test_invites(void)
{
	struct folder f = folder_new();
	struct console *c = open_in(&f);
	struct console_user u = user_new("anna", 1);
	struct console_invite got;
	char first[ACCOUNT_TOKEN_SIZE], second[ACCOUNT_TOKEN_SIZE];
	uint8_t hash[CONSOLE_HASH_LEN];

	ASSERT(console_user_add(c, &u, &u.id) == 0);
	EQ(account_invite(c, &u, SV("shell"), now, first), 0, "a link");
	EQ(account_invite(c, &u, SV("shell"), now, second), 0, "another");
	OK(account_token_hash(sv_of(first), hash), "of the first");
	EQ(console_invite_get(c, hash, now, &got), -ENOENT,
	    "in the place of the first");
	OK(account_token_hash(sv_of(second), hash), "of the second");
	EQ(console_invite_get(c, hash, now, &got), 0, "which is found");
	EQ(got.user_id, u.id, "for whom it is");
	EQ(console_invite_get(c, hash, now + CONSOLE_INVITE_MS, &got), -ENOENT,
	    "for 48 hours");
	EQ(console_invite_end(c, u.id), 0, "once it is taken");
	EQ(console_invite_get(c, hash, now, &got), -ENOENT, "it is over");
	console_close(&c);
	folder_done(&f);
}

struct seen {
	int rows, broken;
};

static void
on_row(void *arg, const struct console_audit *row, bool whole)
{
	struct seen *s = arg;

	(void)row;
	s->rows++;
	s->broken += !whole;
}

static struct seen
chain_look(struct console *c)
{
	struct seen s = { 0, 0 };

	ASSERT(account_audit_each(c, 1, on_row, &s) == 0);
	return s;
}

static void
test_chain(void)
{
	static const struct {
		const char *sql, *name;
		int broken;
	} rows[] = {
		{ "UPDATE audit SET who = 'x' WHERE id = 3", "who", 1 },
		{ "UPDATE audit SET action = 'x' WHERE id = 3", "what", 1 },
		{ "UPDATE audit SET at_ms = 1 WHERE id = 3", "when", 1 },
		{ "DELETE FROM audit WHERE id = 3", "one taken out", 1 },
		{ "DELETE FROM audit WHERE id = 3;"
		  "UPDATE audit SET id = id - 1 WHERE id > 3",
		    "and the rest moved up", 2 },
		{ "UPDATE audit SET hash = zeroblob(32) WHERE id = 3", "a hash",
		    2 },
		{ "DELETE FROM audit WHERE id < 3", "the oldest, as swept", 0 },
	};
	struct console *c;
	struct folder f;
	struct seen s;
	size_t i;
	int k;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f = folder_new();
		c = open_in(&f);
		for (k = 0; k < 5; k++)
			ASSERT(account_audit(
				   c, SV("anna"), SV("did"), now + k) == 0);
		s = chain_look(c);
		OK(s.rows == 5 && s.broken == 0, "five rows, whole");
		ASSERT(exec(&f, rows[i].sql) == SQLITE_OK);
		EQ(chain_look(c).broken, rows[i].broken, rows[i].name);
		console_close(&c);
		folder_done(&f);
	}
}

/* A change and its row are there together, or neither is. */
static void
test_round(void)
{
	struct folder f = folder_new();
	struct console *c = open_in(&f);
	struct console_user u = user_new("anna", 1);
	int64_t id = 0;

	EQ(console_begin(c), 0, "a round");
	EQ(console_user_add(c, &u, &id), 0, "with a user");
	EQ(account_audit(c, SV("x"), SV("user_added"), now), 0, "and a row");
	console_rollback(c);
	EQ(console_user_find(c, SV("anna"), &u), -ENOENT, "undone: no user");
	EQ(chain_look(c).rows, 0, "and no row");
	console_close(&c);
	folder_done(&f);
}

static void
test_tokens(void)
{
	char one[ACCOUNT_TOKEN_SIZE], two[ACCOUNT_TOKEN_SIZE];
	char csrf[2][ACCOUNT_TOKEN_SIZE];
	uint8_t hash[2][CONSOLE_HASH_LEN];

	account_token_new(one, hash[0]);
	account_token_new(two, hash[1]);
	OK(strlen(one) == 43 && strcmp(one, two) != 0, "no token twice");
	OK(account_token_hash(sv_of(one), hash[1]) &&
		memcmp(hash[0], hash[1], sizeof(hash[0])) == 0,
	    "its hash is always the same");
	OK(!account_token_hash(SV("short"), hash[1]), "others are none");
	account_csrf(sv_of(one), csrf[0]);
	account_csrf(sv_of(two), csrf[1]);
	OK(strcmp(csrf[0], csrf[1]) != 0,
	    "each session has its own CSRF token");
	OK(strcmp(csrf[0], one) != 0 && strstr(csrf[0], one) == NULL,
	    "which is not the session's");
	account_csrf(sv_of(one), csrf[1]);
	OK(strcmp(csrf[0], csrf[1]) == 0, "always the same");
}

static void
test_key(void)
{
	struct folder f = folder_new(), g = folder_new();
	struct account_key *key = NULL, *again = NULL, *other = NULL;
	uint8_t sealed[64], plain[32];
	char path[512];
	struct diag why;
	size_t n;

	EQ(account_key_open(f.path, &key, &why), 0, "a key is made");
	EQ(account_key_open(f.path, &again, &why), 0, "and read");
	EQ(account_key_open(g.path, &other, &why), 0, "one each folder");
	n = account_seal(key, SV("secret"), sealed, sizeof(sealed));
	OK(n > 6 && memmem(sealed, n, "secret", 6) == NULL, "a sealed secret");
	EQ(account_unseal(
	       again, (struct sv){ (char *)sealed, n }, plain, sizeof(plain)),
	    6, "opens");
	EQ(account_unseal(
	       other, (struct sv){ (char *)sealed, n }, plain, sizeof(plain)),
	    0, "not under another key");
	sealed[n - 1] ^= 1;
	EQ(account_unseal(
	       again, (struct sv){ (char *)sealed, n }, plain, sizeof(plain)),
	    0, "nor changed");
	EQ(account_unseal(again, (struct sv){ 0 }, plain, sizeof(plain)), 0,
	    "nor nothing");
	account_key_close(&again);
	(void)snprintf(path, sizeof(path), "%s/console.key", f.path);
	ASSERT(chmod(path, 0644) == 0);
	EQ(account_key_open(f.path, &again, &why), -EPERM,
	    "a key that others can read is refused");
	account_key_close(&key);
	account_key_close(&other);
	folder_done(&f);
	folder_done(&g);
}

static void
test_passwords(void)
{
	char hash[CONSOLE_PASSWORD_SIZE];

	EQ(account_password_hash("correct horse", hash), 0, "argon2id");
	OK(strncmp(hash, "$argon2id$v=19$m=65536,t=3", 26) == 0, hash);
	OK(account_password_fits(hash, "correct horse"), "fits");
	OK(!account_password_fits(hash, "correct horsf"), "another does not");
	OK(!account_password_fits("", ""), "none fits nothing");
	OK(!account_password_fits("rubbish", "rubbish"), "nor rubbish");
}

static void
test_names(void)
{
	OK(account_name_is(SV("anna.k@ngo-1_x")), "a name");
	OK(!account_name_is((struct sv){ "", 0 }), "none");
	OK(!account_name_is(SV("an na")), "no blank");
	OK(!account_name_is(SV("an\0na")), "no NUL");
	OK(!account_name_is(SV("<b>")), "no markup");
	EQ(account_role_of(SV("administrator")), 1, "a role's long name");
	EQ(account_role_of(SV("reviewer")), 8, "a role");
	EQ(account_role_of(SV("root")), 0, "no such role");
}

static void
test_backup(void)
{
	struct folder f = folder_new(), to = folder_new();
	struct console *c = open_in(&f);
	struct console_user u = user_new("anna", 1);
	struct console_session s = { .began_ms = now, .used_ms = now };
	struct directory *d = NULL;
	struct db_facts facts;
	struct db *db = NULL;
	struct diag why = { "" };
	int64_t id = 0;

	ASSERT(db_open_sized(f.path, 0, &db, &why) == 0);
	ASSERT(directory_open(f.path, &d, &why) == 0);
	directory_close(&d);
	db_close(&db);
	ASSERT(console_user_add(c, &u, &id) == 0);
	s.user_id = id;
	ASSERT(console_session_put(c, &s) == 0);
	ASSERT(account_audit(c, SV("anna"), SV("login"), now) == 0);
	EQ(db_backup(f.path, to.path, &why), 0, "a backup beside the console");
	EQ(db_check(to.path, &facts, &why), 0, "is sound");
	OK(facts.console_schema > 0, "with its database");
	console_close(&c);
	c = open_in(&to);
	EQ(console_user_find(c, SV("anna"), &u), 0, "users are in it");
	EQ(chain_look(c).rows, 1, "and what they did");
	EQ(chain_look(c).broken, 0, "whole");
	EQ(console_session_get(c, s.token, &s), -ENOENT,
	    "and nobody who was logged in");
	console_close(&c);
	folder_done(&f);
	folder_done(&to);
}

int
main(void)
{
	test_users();
	test_sessions();
	test_invites();
	test_chain();
	test_round();
	test_tokens();
	test_key();
	test_passwords();
	test_names();
	test_backup();
	return tap_done();
}
