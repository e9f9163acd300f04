/* A busy month, and what a thief would learn of it: with the keys, without,
 * when the month's key is destroyed, and after a panic. */
#include <fcntl.h>
#include <sqlite3.h>

#include "daemon/core/vault.h"
#include "tests/flow/kit.h"

enum { PEOPLE = 30, DAYS = 31, PENDING = 4 };

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

/* Words that no file of ours has. */
static const char *const odd[] = { "quokkaish", "зябликова", "zzqq" };

static const char *const texts[] = {
	"menu",
	"адвокат Москва зябликова",
	"маош намедиҳанд",
	"yordam",
	"wages Moscow quokkaish",
	"1",
	"zzqq 89261230077 me@blarghs.org hallo",
	"зябликова пхнглуи мглвнафх",
	"2",
	"English",
};

static struct kit *k;
static char key_path[96], log_path[96];

static void
number_of(int who, char ret[32])
{
	(void)snprintf(ret, 32, "+99655512%04d", 7000 + who);
}

static void
say(int who, const char *text)
{
	char from[32];

	number_of(who, from);
	k->count = 0;
	ASSERT(kit_say(k, from, text) >= 0);
	clock_set(clock_ms() + 1000);
}

/* Everybody writes every third day, at their own hours. */
static void
month(void)
{
	int day, hour, who;

	for (day = 0; day < DAYS; day++) {
		for (hour = 0; hour < 24; hour += 4) {
			for (who = hour / 4; who < PEOPLE; who += 6)
				if ((who + day) % 3 == 0)
					say(who, texts[(size_t)(who * 7 + day) %
						       ARRAY_LEN(texts)]);
			kit_wait(k, 4 * HOUR_MS);
			kit_wait(k, INT64_C(61) * 1000);
		}
	}
}

/* What a command of safarctl prints; valid until the next call. */
static const char *
ctl_output(const char *command)
{
	static char out[65536];
	char self[4000], line[8192];
	size_t n;
	FILE *f;

	(void)snprintf(self, sizeof(self), "%s", k->program);
	(void)snprintf(line, sizeof(line), "%s/../../safarctl --data %s %s",
	    dirname(self), k->dir, command);
	(void)fflush(stdout);
	f = popen(line, "re"); /* NOLINT: our own words */
	ASSERT(f != NULL);
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = '\0';
	(void)pclose(f);
	return out;
}

static bool
says(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		return true;
	printf("# no '%s' in: %s\n", what, text);
	return false;
}

static int64_t
figure(const char *json, const char *part, const char *name)
{
	char key[64];
	const char *at = strstr(json, part);

	(void)snprintf(key, sizeof(key), "\"%s\":", name);
	at = at != NULL ? strstr(at, key) : NULL;
	return at != NULL ? strtoll(at + strlen(key), NULL, 10) : -1;
}

static int64_t
number(const char *sql)
{
	sqlite3 *sq = NULL;
	sqlite3_stmt *st = NULL;
	char path[128];
	int64_t n;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, NULL) ==
	       SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(sq);
	return n;
}

/* Bytes of files that a thief reads. */

static int found;

static int
on_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t size = (size_t)st->st_size, i;
	char *bytes;
	ssize_t n;
	int fd;

	(void)ftw;
	if (type != FTW_F || strstr(path, "/editions/") != NULL || size == 0)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	bytes = malloc(size);
	ASSERT(fd >= 0 && bytes != NULL);
	n = read(fd, bytes, size);
	ASSERT(n >= 0);
	for (i = 0; i < ARRAY_LEN(odd); i++)
		if (memmem(bytes, (size_t)n, odd[i], strlen(odd[i])) != NULL) {
			printf("# '%s' in %s\n", odd[i], path);
			found++;
		}
	if (memmem(bytes, (size_t)n, "55512700", 8) != NULL ||
	    memmem(bytes, (size_t)n, "9261230077", 10) != NULL) {
		printf("# a number in %s\n", path);
		found++;
	}
	free(bytes);
	(void)close(fd);
	return 0;
}

static int
traces(void)
{
	found = 0;
	(void)nftw(k->dir, on_file, 16, FTW_PHYS);
	return found;
}

static void
begin(const char *program)
{
	const char *args[] = { "--data", NULL, "unmatched", "--new-key",
		key_path, NULL };

	kit_new(k, program);
	(void)snprintf(key_path, sizeof(key_path), "%s.reviewers", k->dir);
	(void)snprintf(log_path, sizeof(log_path), "%s.log", k->dir);
	(void)unlink(key_path);
	kit_stop(k);
	args[1] = k->dir;
	EQ(kit_ctl(k, args), 0, "reviewers have a key");
	ASSERT(freopen(log_path, "we", stderr) != NULL);
	ASSERT(kit_start(k) == 0);
}

static void
test_taken(void)
{
	char command[256];
	const char *json;
	int i;

	k->result = GW_RETRY;
	for (i = 0; i < PENDING; i++)
		say(i, "menu");
	kit_wait(k, 1000);
	(void)snprintf(command, sizeof(command),
	    "what-would-they-get --json %s", log_path);
	json = ctl_output(command);
	printf("# %s", json);
	EQ(figure(json, "without", "numbers"), 0,
	    "without the keys no number can be read");
	EQ(figure(json, "without", "texts"), 0, "and no text");
	EQ(figure(json, "without", "sealed"), PENDING, "answers wait, sealed");
	OK(figure(json, "without", "unmatched") > 0, "texts for reviewers");
	OK(figure(json, "without", "together") > PEOPLE,
	    "what one person asked in 30 days can be put together");
	EQ(figure(json, "\"with\"", "numbers"), PENDING,
	    "with the keys those of the answers that wait");
	EQ(figure(json, "\"with\"", "guessable_numbers"),
	    figure(json, "without", "pseudonyms"),
	    "and all numbers can be guessed");
	EQ(traces(), 0, "no byte of a number or a text in any file");
}

/* The tool must be able to see what it says is not there. */
static void
test_sees(void)
{
	char path[128], command[256];
	const char *json;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s.spool", k->dir);
	f = fopen(path, "we");
	ASSERT(f != NULL);
	fputs("2026-11-02 Receive SMS [from:+996555127001] "
	      "[msg:9:quokkaish] [x]\n"
	      "зябликова\n"
	      "one 0f4a7b1c-1234-5678-9abc-996555127001\n",
	    f);
	fwrite("\0+\09\0"
	       "9\0"
	       "2\0"
	       "9\0"
	       "0\0"
	       "0\0"
	       "1\0"
	       "2\0"
	       "3\0"
	       "4\0"
	       "5\0"
	       "6\n",
	    1, 27, f);
	ASSERT(fclose(f) == 0);
	(void)snprintf(
	    command, sizeof(command), "what-would-they-get --json %s", path);
	json = ctl_output(command);
	EQ(figure(json, "without", "numbers"), 2, "numbers in a spool");
	EQ(figure(json, "without", "texts"), 2, "texts in a spool");
	(void)unlink(path);
}

static void
test_unmatched(void)
{
	char command[256];
	const char *out;

	(void)snprintf(
	    command, sizeof(command), "unmatched --key %s --json", key_path);
	say(7, texts[6]);
	kit_wait(k, 1000);
	kit_stop(k);
	out = ctl_output(command);
	OK(says(out, "\"text\":\"zzqq hallo\""),
	    "reviewers read a text, without number and address");
	OK(strstr(out, "8926") == NULL && strstr(out, "@") == NULL,
	    "in no text is a digit or an address");
	OK(says(ctl_output("audit"), "texts without an answer"),
	    "which is noted");
	EQ(number("SELECT count(*) FROM unmatched WHERE day % 86400000 <> 0"),
	    0, "of the time the day is kept");
	EQ(number("SELECT count(*) FROM pragma_table_info('unmatched')"
		  " WHERE name IN ('person', 'hour', 'turn_id')"),
	    0, "and nothing that links it to a request");
	EQ(number("SELECT count(*) FROM unmatched"
		  " WHERE day < (SELECT max(day) FROM unmatched) - 604800000"),
	    0, "none is older than 7 days");
	ASSERT(kit_start(k) == 0);
}

static bool
key_is_there(int64_t epoch)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/keys/epoch-%lld.key", k->dir,
	    (long long)epoch);
	return access(path, F_OK) == 0;
}

/* Somebody wrote in two epochs; the key of the first is destroyed. */
static void
test_key_destroyed(int64_t first)
{
	int64_t rows;
	int i;

	EQ(number("SELECT count(*) FROM log a JOIN log b"
		  " ON a.person = b.person AND a.epoch < b.epoch"),
	    0, "no pseudonym stands in two epochs");
	OK(key_is_there(first), "the key is there");
	rows = number("SELECT count(*) FROM log");
	k->result = GW_SENT;
	for (i = 0; i < 31; i++) { /* long enough for batches, too */
		kit_wait(k, DAY_MS);
		say(1, "menu");
		kit_wait(k, INT64_C(61) * 1000);
	}
	for (i = 0; i < 8; i++)
		kit_wait(k, INT64_C(61) * 1000);
	OK(!key_is_there(first), "60 days after it began it is destroyed");
	OK(key_is_there(first + 1), "the next one is not");
	EQ(number("SELECT count(person) FROM log WHERE epoch ="
		  " (SELECT min(epoch) FROM log)"),
	    0, "rows of then have no pseudonym");
	OK(number("SELECT count(*) FROM log") == rows + 31, "but are there");
	EQ(number("SELECT count(*) FROM log WHERE hour % 3600000 <> 0"), 0,
	    "no time is finer than the hour");
	EQ(number("SELECT count(*) FROM inbox i, log l WHERE l.id = i.id"
		  " AND l.person IS NULL"),
	    0, "no id joins them to a time or a name elsewhere");
	EQ(number("SELECT count(*) FROM unmatched"), 0, "nor a text");
	OK(strstr(ctl_output("what-would-they-get --json"), "\"with\"") != NULL,
	    "there are keys");
}

static void
test_erase(void)
{
	char from[32], command[256];

	say(2, "menu");
	say(3, "menu");
	EQ(number("SELECT count(DISTINCT people) FROM inbox"), 3, "people");
	number_of(2, from);
	EQ(hotline_erase(k->h, SV("nobody"), SV("ann")), -EINVAL, "nobody");
	EQ(hotline_erase(k->h, sv_of(from), SV("ann")), 0, "erase by number");
	EQ(number("SELECT count(DISTINCT people) FROM inbox"
		  " WHERE people <> zeroblob(16)"),
	    2, "the others are there");
	kit_stop(k);
	number_of(3, from);
	(void)snprintf(
	    command, sizeof(command), "erase --number <<E\n%s\nE\n", from);
	OK(says(ctl_output(command), "Erased"), "and while safard rests");
	EQ(number("SELECT count(DISTINCT people) FROM inbox"
		  " WHERE people <> zeroblob(16)"),
	    1, "one is left");
	EQ(number("SELECT count(*) FROM audit WHERE action = 'erase a number'"),
	    2, "both are noted");
	OK(says(ctl_output("audit"), "erase a number") &&
		strstr(ctl_output("audit"), "BROKEN") == NULL,
	    "in a whole chain");
	EQ(traces(), 0, "without the number");
	ASSERT(kit_start(k) == 0);
}

static void
audit_change(const char *sql)
{
	sqlite3 *sq = NULL;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
	(void)sqlite3_close(sq);
}

static void
test_panic(int64_t epoch)
{
	char path[128];
	const char *json;
	int fd;

	k->result = GW_RETRY;
	say(4, "menu");
	say(5, "menu");
	OK(number("SELECT count(sealed) FROM outbox") >= 2, "answers wait");
	(void)snprintf(path, sizeof(path), "%s/spool/safar-1.wav", k->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0 && close(fd) == 0);
	EQ(hotline_panic(k->h), 0, "panic");
	OK(access(path, F_OK) < 0, "no recording is left in the spool");
	kit_run(k);
	kit_stop(k);
	OK(!key_is_there(epoch), "no key is there");
	(void)snprintf(path, sizeof(path), "%s/keys", k->dir);
	EQ(rmdir(path), 0, "nothing is in the key folder");
	ASSERT(mkdir(path, 0700) == 0);
	json = ctl_output("what-would-they-get --json");
	EQ(figure(json, "without", "sealed"), 0, "nothing sealed is left");
	EQ(number("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*)"
		  " FROM outbox) + (SELECT count(*) FROM part)"),
	    0, "nor who wrote today");
	OK(strstr(json, "\"with\"") == NULL, "there are no keys to have");
	EQ(traces(), 0, "no byte");
	EQ(kit_start(k), -ENOENT, "safard does not start again");
	kit_stop(k);
	audit_change("UPDATE audit SET who = 'bob' WHERE id = 2");
	OK(says(ctl_output("audit 2>&1"), "BROKEN"), "a changed note shows");
}

int
main(int argc, char **argv)
{
	static struct kit kit;
	int64_t first;

	(void)argc;
	k = &kit;
	begin(argv[0]);
	/* so that the month lies in two epochs */
	clock_set((KIT_NOW_MS / (30 * DAY_MS) + 1) * 30 * DAY_MS - 16 * DAY_MS);
	first = vault_epoch(clock_ms());
	kit_wait(k, 1000);
	month();
	printf("# %lld requests of %d people in a month\n",
	    (long long)number("SELECT count(*) FROM log"), PEOPLE);
	test_taken();
	test_sees();
	test_unmatched();
	test_key_destroyed(first);
	test_erase();
	test_panic(vault_epoch(clock_ms()));
	(void)unlink(key_path);
	(void)unlink(log_path);
	kit_end(k);
	return tap_done();
}
