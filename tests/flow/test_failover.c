/* Which gateway an answer goes by, in what order, how fast, and how often. */
#include <sqlite3.h>

#include "daemon/core/vault.h"
#include "tests/flow/disk.h"
#include "tests/flow/slow.h"

static struct kit *k;

static void
restart(void)
{
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	slow_add(k, "1414", &slow_a);
	slow_add(k, "2525", &slow_b);
}

static void
seconds(int n)
{
	for (; n > 0; n--)
		kit_wait(k, 1000);
}

/* Everything under way was taken. */
static void
all_sent(struct slow *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		gw_sent(s->gw, s->answers[i].id, GW_SENT);
	kit_run(k);
}

/* Three people ask, and then ask again. */
static void
six_say(struct slow *s)
{
	static const char *const texts[] = { "English", "menu" };
	char from[32];
	int i;

	for (i = 0; i < 6; i++) {
		(void)snprintf(from, sizeof(from), "+99655550000%d", 1 + i % 3);
		EQ(slow_say(k, s, from, texts[i / 3]), 0, "somebody asks");
	}
}

static bool
in_order(const struct slow *s)
{
	size_t i;

	for (i = 1; i < s->count; i++)
		if (s->answers[i].id <= s->answers[i - 1].id)
			return false;
	return true;
}

static void
test_failover(void)
{
	int64_t first;

	EQ(slow_say(k, &slow_a, "+996555500001", "menu"), 0, "a text");
	first = slow_last(&slow_a)->id;
	EQ(slow_say(k, &slow_a, "+996555500004", "menu"), 0, "another");
	EQ(slow_a.count, 2, "two answers are under way");
	slow_a.full = true; /* it takes no more */
	gw_sent(slow_a.gw, first, GW_RETRY);
	gw_down(slow_a.gw);
	six_say(&slow_a);
	seconds(59);
	EQ(slow_b.count, 0, "for a minute they wait");
	seconds(2);
	EQ(slow_b.count, 7, "then the other gateway has them");
	OK(slow_b.answers[0].id != 0 && slow_b.answers[0].id != first,
	    "also what was given back, under another id");
	EQ(in_order(&slow_b), true, "in order");
	OK(strcmp(slow_b.answers[0].from, "2525") == 0, slow_b.answers[0].from);
	OK(strcmp(slow_b.answers[0].to, "+996555500001") == 0,
	    slow_b.answers[0].to);
	EQ(kit_counter(k, "moved"), 7, "counted");
	gw_up(slow_a.gw);
	kit_run(k);
	slow_a.full = false;
	seconds(10);
	EQ(slow_a.count, 2, "the first comes back and has nothing to send");
	all_sent(&slow_b);
	slow_sent(k, &slow_a, slow_a.answers[1].id, GW_SENT);
	restart();
	seconds(100);
	EQ(slow_a.count + slow_b.count, 0, "nor has anybody after a restart");
	EQ(kit_counter(k, "maybe_twice"), 0, "the end was a good one");
}

/* Both are down: whoever is up first has them, if need be with its own. */
static void
test_back(void)
{
	gw_down(slow_a.gw);
	gw_down(slow_b.gw);
	six_say(&slow_a);
	seconds(100);
	EQ(slow_a.count + slow_b.count, 0, "nobody has them");
	gw_up(slow_a.gw);
	kit_run(k);
	EQ(slow_a.count, 6, "their own gateway has them");
	all_sent(&slow_a);
	gw_down(slow_a.gw);
	gw_up(slow_b.gw);
	slow_b.full = true;
	six_say(&slow_a);
	seconds(100);
	EQ(kit_counter(k, "moved"), 6, "the other would have them");
	gw_down(slow_b.gw);
	gw_up(slow_a.gw);
	seconds(30);
	EQ(slow_a.count, 6, "it goes, too");
	seconds(40);
	EQ(slow_a.count, 12, "they come back to their own");
	OK(strcmp(slow_last(&slow_a)->from, "1414") == 0, "with its number");
	EQ(slow_b.count, 0, "nobody else had them");
	all_sent(&slow_a);
	gw_up(slow_b.gw);
	restart();
}

/* A gateway of another country, or of none, has no business with them. */
static void
test_other_country(void)
{
	size_t had = k->count;

	kit_stop(k);
	EQ(kit_start(k), 0, "one gateway of a country, and the phone");
	slow_add(k, "1414", &slow_a);
	gw_down(slow_a.gw);
	six_say(&slow_a);
	seconds(100);
	EQ(k->count, had, "nobody else has them");
	gw_up(slow_a.gw);
	kit_run(k);
	EQ(slow_a.count, 6, "they waited");
	all_sent(&slow_a);
	restart();
}

/* The report of an answer that has changed hands. */
static void
test_report(void)
{
	struct db_counts before = kit_counts(k);
	int told = KIT_NOT_YET;
	int64_t id;

	EQ(slow_say(k, &slow_a, "+996555500005", "menu"), 0, "a text");
	id = slow_last(&slow_a)->id;
	slow_sent(k, &slow_a, id, GW_RETRY);
	gw_down(slow_a.gw);
	slow_b.full = true;
	seconds(62);
	EQ(kit_counter(k, "moved"), 1, "its answer is with the other");
	gw_report(slow_a.gw, id, true, kit_done, &told);
	kit_run(k);
	EQ(told, 0, "the first says that it was delivered");
	slow_b.full = false;
	seconds(10);
	EQ(slow_b.count, 0, "so the other does not send it");
	EQ(kit_counts(k).delivered - before.delivered, 1, "delivered");
	restart();
}

static void
test_full_disk(void)
{
	gw_down(slow_a.gw);
	six_say(&slow_a);
	seconds(58);
	disk_full = true;
	seconds(5);
	EQ(slow_b.count, 0, "what cannot be written does not change hands");
	EQ(kit_counter(k, "moved"), 0, "not one");
	disk_full = false;
	seconds(3);
	EQ(slow_b.count, 6, "with room it does");
	EQ(in_order(&slow_b), true, "in order");
	all_sent(&slow_b);
	gw_up(slow_a.gw);
	kit_run(k);
	EQ(slow_a.count, 0, "once");
	restart();
}

/* Killed with answers under way: nobody knows, but how many it may be. */
static void
test_maybe_twice(void)
{
	six_say(&slow_a);
	EQ(slow_a.count, 6, "under way");
	slow_sent(k, &slow_a, slow_a.answers[0].id, GW_SENT);
	restart();
	EQ(kit_counter(k, "maybe_twice"), 5, "as many as were under way");
	EQ(slow_a.count, 5, "they go out again");
	all_sent(&slow_a);
	restart();
	EQ(kit_counter(k, "maybe_twice"), 0, "now all is known");
}

/* The link breaks: what was under way comes back in any order. */
static void
test_order(void)
{
	size_t i, n;

	six_say(&slow_a);
	n = slow_a.count;
	gw_down(slow_a.gw);
	for (i = n; i > 0; i--)
		gw_sent(slow_a.gw, slow_a.answers[i - 1].id, GW_RETRY);
	kit_run(k);
	gw_up(slow_a.gw);
	slow_a.count = 0;
	for (i = 0; i < 12; i++)
		kit_wait(k, 500);
	EQ(slow_a.count, n, "all go out again");
	OK(in_order(&slow_a), "in order");
	all_sent(&slow_a);
	restart();
}

static const struct gw_in known = { .id = { "known", 5 },
	.from = { "+996555500008", 13 },
	.text = { "menu", 4 } };
static int told_again;

/* Told of one text, the gateway hands the next over. */
static void
on_told(void *arg, int rc)
{
	(void)arg, (void)rc;
	if (++told_again < 5)
		gw_inbound(slow_a.gw, &known, on_told, NULL);
}

static void
test_round_after_round(void)
{
	int told = KIT_NOT_YET;

	gw_inbound(slow_a.gw, &known, kit_done, &told);
	kit_run(k);
	EQ(told, 0, "a text");
	gw_inbound(slow_a.gw, &known, on_told, NULL);
	kit_wait(k, 1000); /* the time of checkpoints, failover, sweeping */
	EQ(told_again, 5, "its repeats are all acknowledged");
	all_sent(&slow_a);
	restart();
}

/* How long after the last try the answer is handed over again, in ms. */
static int
pause_of(void)
{
	size_t had = slow_a.count;
	int ms;

	slow_sent(k, &slow_a, slow_last(&slow_a)->id, GW_RETRY);
	for (ms = 0; slow_a.count == had && ms < 1000000; ms += 500)
		kit_wait(k, 500);
	return ms;
}

static void
test_pauses(void)
{
	int first, pause, most, i, again = 0;

	EQ(slow_say(k, &slow_a, "+996555500007", "menu"), 0, "a text");
	first = pause_of();
	OK(first >= 2500 && first <= 5500, "a first pause");
	for (i = 1, most = 10000; i < 12; i++, most *= 2) {
		most = most < 300000 ? most : 300000;
		pause = pause_of();
		OK(pause >= most / 2 && pause <= most + 500,
		    "twice as long, up to five minutes, or part of it");
		again += pause == most;
	}
	OK(again < 11, "never the same for all");
	EQ(kit_counter(k, "retried"), 12, "counted");
	all_sent(&slow_a);
	restart();
}

/* As a later version of us would leave it: something to tell everybody. */
static int64_t
row_put(struct db *db, const struct vault *v, enum db_out_priority priority)
{
	struct arena *arena = arena_new(4096, 65536);
	struct db_out row = { .at_ms = clock_ms(),
		.expires_ms = clock_ms() + 3600000,
		.gateway = SV("a"),
		.parts = 1,
		.priority = priority };
	int64_t id = 0;

	row.sealed =
	    vault_seal(v, SV("+996555500009"), SV("1414"), SV("news"), arena);
	ASSERT(db_begin(db) == 0 && db_out_put(db, &row, &id) == 0);
	ASSERT(db_commit(db) == 0);
	arena_free(&arena);
	return id;
}

static void
test_priority(void)
{
	struct vault *v = NULL;
	struct db *db = NULL;
	struct diag why;
	int64_t push[2], answer[2];

	kit_stop(k);
	ASSERT(vault_open(k->dir, &v, &why) == 0);
	ASSERT(db_open_sized(k->dir, 1 << 20, &db, &why) == 0);
	push[0] = row_put(db, v, OUT_PUSH);
	answer[0] = row_put(db, v, OUT_ANSWER);
	push[1] = row_put(db, v, OUT_PUSH);
	answer[1] = row_put(db, v, OUT_ANSWER);
	db_close(&db);
	vault_close(&v);
	EQ(kit_start(k), 0, "start");
	slow_add(k, "1414", &slow_a);
	EQ(slow_a.count, 4, "all go out");
	EQ(slow_a.answers[0].id, answer[0], "an answer first");
	EQ(slow_a.answers[1].id, answer[1], "then the other");
	EQ(slow_a.answers[2].id, push[0], "then what nobody waits for");
	EQ(slow_a.answers[3].id, push[1], "by its age");
	gw_sent(slow_a.gw, push[0], GW_RETRY);
	gw_down(slow_a.gw);
	EQ(slow_say(k, &slow_a, "+996555500006", "menu"), 0, "a text");
	seconds(10);
	gw_up(slow_a.gw);
	kit_run(k);
	EQ(slow_last(&slow_a)->id, push[0], "again last, tried or not");
	EQ(slow_a.count, 6, "behind the younger answer");
	all_sent(&slow_a);
	restart();
}

/* No second sees more parts than the operator allows, and none goes idle. */
static void
test_pace(void)
{
	enum { PER_S = 20, PEOPLE = 60, STEPS = 200 };
	unsigned sums[STEPS + 1] = { 0 }, worst = 0, all = 0;
	char from[32];
	int i, s;
	size_t n = 0;

	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	slow_add_paced(k, "1414", &slow_a, PER_S);
	for (i = 0; i < PEOPLE; i++) {
		(void)snprintf(from, sizeof(from), "+9965555%05d", 100 + i);
		EQ(slow_say(k, &slow_a, from, "menu"), 0, "somebody asks");
	}
	OK(slow_a.count < 5, "most wait");
	for (s = 0; s < STEPS; s++) {
		for (; n < slow_a.count; n++)
			all += slow_a.answers[n].parts;
		sums[s + 1] = all;
		kit_wait(k, 100);
	}
	EQ(slow_a.count, PEOPLE, "all go out");
	for (s = 10; s <= STEPS; s++)
		if (sums[s] - sums[s - 10] > worst)
			worst = sums[s] - sums[s - 10];
	printf("# %u parts, most in a second %u of %d\n", all, worst, PER_S);
	OK(worst <= PER_S + PER_S / 10 + 3, "within the limit");
	OK(sums[10 * (all / PER_S) + 11] == all, "and as fast as that");
	all_sent(&slow_a);
	restart();
}

/* Who is forgotten stays so, whatever becomes of others. */
static void
test_forgotten(void)
{
	size_t had;

	restart();
	EQ(slow_say(k, &slow_a, "+996555500081", "menu"), 0, "a text");
	EQ(slow_say(k, &slow_a, "+996555500081", "000"), 0, "forget");
	EQ(slow_say(k, &slow_a, "+996555500082", "menu"), 0, "another");
	EQ(slow_a.count, 3, "all answers are under way");
	disk_full = true;
	OK(slow_say(k, &slow_a, "+996555500082", "000") < 0,
	    "who cannot be forgotten now");
	disk_full = false;
	seconds(2);
	had = slow_a.count;
	slow_sent(k, &slow_a, slow_a.answers[0].id, GW_RETRY);
	slow_sent(k, &slow_a, slow_a.answers[1].id, GW_SENT);
	seconds(60);
	EQ(slow_a.count, had, "the first answer is not sent again");
}

/* A row cannot be written, and the store goes on. */
static void
store_exec(const char *sql)
{
	char path[128];
	sqlite3 *sq = NULL;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_exec(sq, sql, NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
}

static void
test_unmarked(void)
{
	const struct gw_in forget = { .id = SV("unmarked"),
		.from = SV("+996555500077"),
		.text = SV("000") };
	int told = KIT_NOT_YET;

	restart();
	EQ(slow_say(k, &slow_a, "+996555500078", "menu"), 0, "a text");
	EQ(slow_a.count, 1, "its answer");
	store_exec("CREATE TRIGGER no BEFORE UPDATE ON outbox"
		   " BEGIN SELECT RAISE(ABORT, 'no'); END");
	gw_sent(slow_a.gw, slow_last(&slow_a)->id, GW_SENT);
	gw_inbound(slow_a.gw, &forget, kit_done, &told);
	kit_run(k);
	OK(told < 0, "the store cannot mark it");
	store_exec("DROP TRIGGER no");
	seconds(3);
	restart();
	seconds(10);
	EQ(slow_a.count + slow_b.count, 0,
	    "it is marked later, not sent again");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	slow_add(k, "1414", &slow_a);
	slow_add(k, "2525", &slow_b);
	test_failover();
	test_back();
	test_other_country();
	test_report();
	test_full_disk();
	test_maybe_twice();
	test_order();
	test_round_after_round();
	test_pauses();
	test_priority();
	test_pace();
	test_unmarked();
	test_forgotten();
	kit_end(k);
	free(k);
	return tap_done();
}
