/*
 * test_decoy.c - a word of one's own: what is said without it, and that
 * neither the answer nor the store tells it from anybody's.
 */
#include <sqlite3.h>

#include "tests/flow/disk.h"
#include "tests/flow/kit.h"

#define ANN "+996555600001"
#define BOB "+996555600002"
#define SET "password kiwifruit kiwifruit"

enum { GAP_MS = 11 * 60 * 1000, ROW_BYTES = 1024 };

static struct kit *k;

static const char *
answer(const char *from, const char *text)
{
	EQ(kit_say(k, from, text), 0, text);
	kit_wait(k, 1000);
	return kit_last(k)->text;
}

static bool
is_decoy(const char *text)
{
	return strstr(text, "112, 103.") != NULL; /* in any language */
}

/* What an SQL query gives, a '|' behind each column. */
static void
query(const char *sql, char ret_text[ROW_BYTES])
{
	char path[128];
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = NULL;
	size_t n = 0;
	int i;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, sql, -1, &st, NULL) == SQLITE_OK);
	ret_text[0] = '\0';
	while (sqlite3_step(st) == SQLITE_ROW)
		for (i = 0; i < sqlite3_column_count(st); i++)
			n += (size_t)snprintf(ret_text + n, ROW_BYTES - n,
			    "%s|", (const char *)sqlite3_column_text(st, i));
	(void)sqlite3_finalize(st);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
}

/* All of the newest turn but whose it is and which. */
static void
newest(char ret_text[ROW_BYTES])
{
	query("SELECT sessions, hour, epoch, gateway, country, channel, lang,"
	      " topic, place, node, listings, outcome, edition, parts"
	      " FROM inbox JOIN log USING (id) ORDER BY id DESC LIMIT 1",
	    ret_text);
}

/* Nothing tells the answer without the word from anybody's. */
static void
test_like_others(void)
{
	char ann[ROW_BYTES], bob[ROW_BYTES], said[4096];

	(void)answer(BOB, "English");
	(void)answer(ANN, "English");
	OK(strcmp(answer(ANN, SET), "OK") == 0, "set, neutrally");
	OK(!is_decoy(answer(ANN, "hiv Moscow")), "they are still there");
	kit_wait(k, GAP_MS);
	(void)snprintf(said, sizeof(said), "%s", answer(ANN, "hiv Moscow"));
	newest(ann);
	OK(is_decoy(said), "not any more");
	OK(strcmp(answer(BOB, "office hours"), said) == 0,
	    "what somebody gets who asks for the offices");
	newest(bob);
	OK(strcmp(ann, bob) == 0, "and so are all the rows");
}

static void
test_word(void)
{
	OK(is_decoy(answer(ANN, "menu")), "closed");
	OK(is_decoy(answer(ANN, "kiwi")), "another word");
	OK(is_decoy(answer(ANN, "please kiwifruit")), "not in the first place");
	OK(is_decoy(answer(ANN, "password mango mango")), "nor a new one");
	OK(strstr(answer(ANN, "KiwiFruit. lawyer in Moscow"), "Sign nothing"),
	    "the word, and what they want");
	OK(!is_decoy(answer(ANN, "more")), "open from then on");
	kit_wait(k, GAP_MS / 2);
	OK(!is_decoy(answer(ANN, "menu")), "and as long as they write");
	kit_wait(k, GAP_MS / 2);
	OK(!is_decoy(answer(ANN, "menu")), "now and then");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	OK(is_decoy(answer(ANN, "menu")), "a restart closes");
	OK(!is_decoy(answer(ANN, "kiwifruit")), "and the word opens");
	OK(!is_decoy(answer(ANN, "password sycamore sycamore")),
	    "another word");
	kit_wait(k, GAP_MS);
	OK(is_decoy(answer(ANN, "kiwifruit")), "is the only one");
	OK(!is_decoy(answer(ANN, "sycamore")), "from then on");
}

/* Used every month it lives on, over two changes of the epoch. */
static void
test_life(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		kit_wait(k, INT64_C(40) * 24 * 3600 * 1000);
		OK(is_decoy(answer(ANN, "menu")), "weeks later");
		OK(!is_decoy(answer(ANN, "sycamore")), "the word");
	}
	kit_wait(k, INT64_C(62) * 24 * 3600 * 1000);
	OK(!is_decoy(answer(ANN, "menu")), "two months without it");
}

static void
test_forget(void)
{
	char rows[ROW_BYTES];

	(void)answer(ANN, "English");
	(void)answer(ANN, SET);
	query("SELECT count(*) FROM decoy WHERE day > 0", rows);
	OK(strcmp(rows, "1|") == 0, "one row");
	kit_wait(k, GAP_MS);
	OK(strcmp(answer(ANN, "000"), "OK") == 0, "without the word");
	OK(!is_decoy(answer(ANN, "menu")), "there is none");
	query("SELECT DISTINCT day, hex(name), hex(word) FROM decoy", rows);
	OK(strcmp(rows, "0|00000000000000000000000000000000|"
			"00000000000000000000000000000000|") == 0,
	    "nor in the store");
}

/* What the disk has not is not so. */
static void
test_full_disk(void)
{
	disk_full = true;
	OK(kit_say(k, BOB, SET) != 0, "the gateway keeps it");
	disk_full = false;
	kit_wait(k, GAP_MS);
	OK(!is_decoy(answer(BOB, "menu")), "no word was set");
	OK(strcmp(answer(BOB, SET), "OK") == 0, "now it is");
	disk_full = true;
	OK(kit_say(k, BOB, "000") != 0, "not forgotten");
	disk_full = false;
	kit_wait(k, GAP_MS);
	OK(is_decoy(answer(BOB, "menu")), "so it is still needed");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	test_like_others();
	test_word();
	test_life();
	test_forget();
	test_full_disk();
	kit_end(k);
	free(k);
	return tap_done();
}
