/* Delivery reports under the ids that a gateway gave to the parts. */

#include "daemon/core/core.h"
#include "tests/flow/disk.h"
#include "tests/flow/slow.h"

static struct kit *k;

static void
restart(void)
{
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	slow_add(k, "1414", &slow_a);
}

/* An answer is handed over; its id. */
static int64_t
answer(const char *from, const char *text)
{
	EQ(slow_say(k, &slow_a, from, text), 0, "taken");
	return slow_last(&slow_a)->id;
}

/* A new sender each time, and an answer of several parts. */
static int64_t
long_answer(void)
{
	char from[32];
	int64_t id;

	(void)snprintf(from, sizeof(from), "+9965550%05u", ++k->serial);
	(void)slow_say(k, &slow_a, from, "menu");
	id = slow_last(&slow_a)->id;
	OK(slow_last(&slow_a)->parts >= 2, "an answer of several parts");
	return id;
}

static void
named(int64_t id, const char *name)
{
	gw_named(slow_a.gw, id, sv_of(name));
}

static int
report(const char *name, bool delivered)
{
	return slow_report(k, &slow_a, name, delivered);
}

static void
test_one(void)
{
	struct db_counts before = kit_counts(k);
	int64_t id = answer("+996555300001", "000");

	EQ(slow_last(&slow_a)->parts, 1, "an answer of one part");
	named(id, "one-1");
	slow_sent(k, &slow_a, id, GW_SENT);
	EQ(kit_counts(k).sent - before.sent, 1, "sent");
	EQ(report("one-2", true), 0, "a report of something else");
	EQ(kit_counts(k).sent - before.sent, 1, "changes nothing");
	EQ(report("one-1", true), 0, "its own");
	EQ(kit_counts(k).delivered - before.delivered, 1, "delivered");
	EQ(report("one-1", false), 0, "its repeat, and of the opposite");
	EQ(kit_counts(k).failed, before.failed, "changes nothing");
	EQ(report("", true), 0, "a report of no id is acknowledged");
}

static void
test_parts(void)
{
	struct db_counts before = kit_counts(k);
	int64_t id = long_answer();

	named(id, "p-1");
	named(id, "p-2");
	named(id, "p-2"); /* said twice */
	slow_sent(k, &slow_a, id, GW_SENT);
	EQ(report("p-2", true), 0, "one part");
	EQ(kit_counts(k).delivered, before.delivered, "is not all");
	EQ(report("p-2", true), 0, "told again");
	EQ(kit_counts(k).delivered, before.delivered, "neither");
	restart();
	EQ(kit_counts(k).sent - before.sent, 1, "it waits over a restart");
	EQ(report("p-1", true), 0, "the other part");
	EQ(kit_counts(k).delivered - before.delivered, 1, "delivered");

	id = long_answer();
	named(id, "q-1");
	named(id, "q-2");
	slow_sent(k, &slow_a, id, GW_SENT);
	EQ(report("q-1", true), 0, "one part is there");
	EQ(report("q-2", false), 0, "the other never will be");
	EQ(kit_counts(k).failed - before.failed, 1, "failed");
}

static void
test_after_restart(void)
{
	struct db_counts before = kit_counts(k);
	int64_t id = answer("+996555300003", "000");

	named(id, "r-1");
	slow_sent(k, &slow_a, id, GW_SENT);
	kit_wait(k, INT64_C(20) * 3600 * 1000);
	restart();
	EQ(report("r-1", true), 0, "a report of the day before");
	EQ(kit_counts(k).delivered - before.delivered, 1, "finds its answer");
}

/* The report and the answer to submit race each other. */
static void
test_early(void)
{
	struct db_counts before = kit_counts(k);
	int64_t id = answer("+996555300004", "000");

	EQ(report("e-1", true), 0, "a report before the id");
	EQ(kit_counts(k).delivered, before.delivered, "nobody's yet");
	named(id, "e-1");
	slow_sent(k, &slow_a, id, GW_SENT);
	EQ(kit_counts(k).delivered - before.delivered, 1, "then it is known");

	id = answer("+996555300005", "000");
	EQ(report("e-2", true), 0, "another");
	kit_wait(k, 61000);
	named(id, "e-2");
	slow_sent(k, &slow_a, id, GW_SENT);
	EQ(kit_counts(k).delivered - before.delivered, 1,
	    "is not kept for longer than a minute");

	id = long_answer();
	named(id, "e-3");
	EQ(report("e-3", true), 0, "the first part, while the rest goes out");
	EQ(kit_counts(k).delivered - before.delivered, 1, "is not all");
	named(id, "e-4");
	EQ(report("e-4", true), 0, "the last");
	slow_sent(k, &slow_a, id, GW_SENT);
	EQ(kit_counts(k).delivered - before.delivered, 2, "all");
}

/* What was sent in part is sent again whole: under other ids. */
static void
test_again(void)
{
	struct db_counts before = kit_counts(k);
	int64_t id = long_answer();

	named(id, "a-1");
	slow_sent(k, &slow_a, id, GW_RETRY);
	kit_wait(k, 6000);
	EQ(slow_last(&slow_a)->id, id, "handed over again");
	named(id, "a-2");
	named(id, "a-3");
	slow_sent(k, &slow_a, id, GW_SENT);
	EQ(report("a-1", false), 0, "a report of the first try");
	EQ(kit_counts(k).failed, before.failed, "says nothing now");
	restart();
	EQ(report("a-2", true), 0, "the second try");
	EQ(report("a-3", true), 0, "arrives");
	EQ(kit_counts(k).delivered - before.delivered, 1, "delivered");

	id = long_answer();
	named(id, "a-4");
	kit_run(k);
	restart(); /* it was under way: nobody knows what came of it */
	EQ(slow_last(&slow_a)->id, id, "handed over again");
	named(id, "a-5");
	named(id, "a-6");
	slow_sent(k, &slow_a, id, GW_SENT);
	restart();
	EQ(report("a-5", true), 0, "the second try");
	EQ(report("a-6", true), 0, "arrives");
	EQ(kit_counts(k).delivered - before.delivered, 2, "delivered");
}

static void
test_full_disk(void)
{
	struct db_counts before = kit_counts(k);
	int64_t id = long_answer();
	int rc;

	named(id, "f-1");
	kit_run(k);
	disk_full = true;
	named(id, "f-2");
	slow_sent(k, &slow_a, id, GW_SENT);
	rc = report("f-1", true);
	OK(rc < 0, "the gateway keeps its report");
	rc = report("f-1", true);
	OK(rc < 0, "again");
	disk_full = false;
	kit_wait(k, 2000);
	kit_wait(k, 2000);
	EQ(kit_counts(k).sent - before.sent, 1, "sent");
	EQ(report("f-1", true), 0, "with room it is taken");
	EQ(kit_counts(k).delivered, before.delivered, "one part is not all");
	restart();
	EQ(report("f-2", true), 0, "an id given while there was none");
	EQ(kit_counts(k).delivered - before.delivered, 1, "is known");
}

/* What a crash would send again is a window at most, also on a full disk: the
 * answers under way, and those whose end is not on disk. */
static void
test_window(void)
{
	enum { TEXTS = 40, WINDOW = 32 };
	size_t before = slow_a.count, i;
	char from[32];

	slow_a.gw->conf.window = WINDOW;
	for (i = 0; i < TEXTS; i++) {
		(void)snprintf(from, sizeof(from), "+9965552%05d", (int)i);
		EQ(slow_say(k, &slow_a, from, "menu"), 0, "taken");
	}
	EQ(slow_a.count - before, WINDOW, "a window of answers goes out");
	disk_full = true;
	for (i = 0; i < WINDOW; i++)
		gw_sent(slow_a.gw, slow_a.answers[before + i].id, GW_SENT);
	kit_run(k);
	EQ(slow_a.count - before, WINDOW,
	    "no more while the end of these is not on disk");
	disk_full = false;
	kit_wait(k, 2000);
	kit_wait(k, 2000);
	EQ(slow_a.count - before, TEXTS, "with room the rest follows");
}

/* Reports for nobody do not grow without bound. */
static void
test_flood(void)
{
	char name[32], status[16384];
	struct sb b;
	int i, told = 0;

	for (i = 0; i < 30000; i++) {
		(void)snprintf(name, sizeof(name), "nobody-%d", i);
		gw_report_named(slow_a.gw, sv_of(name), true, kit_done, &told);
		if (i % 1000 == 0)
			kit_run(k);
	}
	kit_run(k);
	sb_wrap(&b, status, sizeof(status));
	hotline_status(k->h, &b);
	OK(strstr(status, "\"early_reports\":30000,") != NULL, "all counted");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	slow_add(k, "1414", &slow_a);
	test_one();
	test_parts();
	test_after_restart();
	test_early();
	test_again();
	test_full_disk();
	restart();
	test_window();
	test_flood();
	kit_end(k);
	free(k);
	return tap_done();
}
