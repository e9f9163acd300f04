/* What becomes of answers when the gateway is slow, gone or confused. */
#include "db/db.h"
#include "tests/flow/kit.h"

/* A gateway that takes answers and says only later what became of them. */
struct slow {
	struct gw *gw;
	int64_t ids[KIT_ANSWERS_MAX];
	size_t count;
	int64_t recalled; /* the last one */
	int start_rc;
};

static struct kit *k;
static struct slow slow;

static int
slow_start(struct gw *gw, struct event_base *base,
    const struct conf_gateway *conf, void **ret_self)
{
	(void)base, (void)conf;
	if (slow.start_rc < 0)
		return slow.start_rc;
	slow.gw = gw;
	*ret_self = &slow;
	return 0;
}

static int
slow_send(void *self, const struct gw_out *out)
{
	struct slow *s = self;

	ASSERT(s->count < KIT_ANSWERS_MAX);
	s->ids[s->count++] = out->id;
	return 0;
}

/* Lets go of it at once. */
static void
slow_recall(void *self, int64_t id)
{
	struct slow *s = self;

	s->recalled = id;
	gw_sent(s->gw, id, GW_RETRY);
}

static void
slow_stop(void *self)
{
	(void)self;
}

static const struct gw_ops slow_ops = {
	.name = "slow",
	.start = slow_start,
	.send = slow_send,
	.recall = slow_recall,
	.stop = slow_stop,
};

static const struct conf_gateway slow_conf = { .name = "slow",
	.driver = "slow",
	.line = "+996312000000",
	.reports = true };

static void
slow_open(void)
{
	slow = (struct slow){ 0 };
	EQ(hotline_gateway_add(k->h, &slow_ops, &slow_conf), 0, "start");
	gw_up(slow.gw);
	kit_run(k);
}

static void
restart(void)
{
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	slow_open();
}

static int
say(const char *from, const char *text)
{
	struct gw_in in = { .from = sv_of(from), .text = sv_of(text) };
	int told = KIT_NOT_YET;
	char id[32];

	(void)snprintf(id, sizeof(id), "s-%u", ++k->serial);
	in.id = sv_of(id);
	gw_inbound(slow.gw, &in, kit_done, &told);
	kit_run(k);
	return told;
}

static void
sent(int64_t id, enum gw_result result)
{
	gw_sent(slow.gw, id, result);
	kit_run(k);
}

static int
report(int64_t id, bool delivered)
{
	int told = KIT_NOT_YET;

	gw_report(slow.gw, id, delivered, kit_done, &told);
	kit_run(k);
	return told;
}

static int64_t
last_id(void)
{
	return slow.count > 0 ? slow.ids[slow.count - 1] : 0;
}

static void
kit_minutes(int minutes)
{
	for (; minutes > 0; minutes--)
		kit_wait(k, INT64_C(60) * 1000);
}

/* The link died before the gateway's word, but its report says enough. */
static void
test_report_stops_retry(void)
{
	struct db_counts before = kit_counts(k);
	size_t had = slow.count;
	int64_t id;

	EQ(say("+996555100001", "menu"), 0, "taken");
	id = last_id();
	sent(id, GW_RETRY);
	EQ(report(id, true), 0, "the report of an answer that waits");
	kit_minutes(10);
	EQ(slow.count - had, 1, "it is not handed over again");
	EQ(kit_counts(k).delivered - before.delivered, 1, "delivered");

	EQ(say("+996555100001", "menu"), 0, "taken");
	id = last_id();
	EQ(report(id, true), 0, "the report comes first");
	sent(id, GW_RETRY);
	kit_minutes(10);
	EQ(slow.count - had, 2, "then the link dies: not again either");

	EQ(say("+996555100001", "menu"), 0, "taken");
	id = last_id();
	EQ(report(id, false), 0, "a report of failure, then the word");
	sent(id, GW_SENT);
	EQ(kit_counts(k).failed - before.failed, 1, "what is final stays");
	EQ(kit_counts(k).sent, before.sent, "and waits for nothing");
	restart();
	kit_minutes(10);
	EQ(slow.count, 0, "nor after a restart");
}

static void
test_report_twice(void)
{
	char status[16384];
	struct sb b;

	restart();
	EQ(say("+996555100002", "menu"), 0, "taken");
	sent(last_id(), GW_SENT);
	EQ(report(last_id(), true), 0, "a report");
	EQ(report(last_id(), true), 0, "its repeat");
	EQ(report(last_id(), false), 0, "and another of the opposite");
	sb_wrap(&b, status, sizeof(status));
	hotline_status(k->h, &b);
	OK(strstr(status, "\"failed\":0,\"expired\":0,\"delivered\":1,") !=
		NULL,
	    "count once");
}

/* Ids begin again in a new data folder; the gateway may remember old ones. */
static void
test_report_of_another_store(void)
{
	struct db_counts before = kit_counts(k);
	size_t had = slow.count;
	int64_t next;

	EQ(say("+996555100003", "menu"), 0, "taken");
	sent(last_id(), GW_SENT);
	next = last_id() + 1;
	gw_down(slow.gw);
	EQ(say("+996555100003", "menu"), 0, "taken while the link is down");
	EQ(report(next, true), 0, "a report for what was never sent");
	EQ(kit_counts(k).queued - before.queued, 1, "changes nothing");
	gw_up(slow.gw);
	kit_run(k);
	EQ(slow.count - had, 2, "the answer goes out");
	EQ(last_id(), next, "with that id");
	sent(next, GW_SENT);
}

/* What was tried stands behind what came later; both grow old. */
static void
test_expire(void)
{
	struct db_counts before = kit_counts(k);
	size_t had = slow.count;

	EQ(say("+996555100004", "menu"), 0, "the older");
	sent(last_id(), GW_RETRY);
	gw_down(slow.gw);
	kit_wait(k, INT64_C(23) * 3600 * 1000);
	EQ(say("+996555100005", "menu"), 0, "the younger");
	kit_wait(k, INT64_C(90) * 60 * 1000);
	kit_wait(k, 1000);
	EQ(kit_counts(k).expired - before.expired, 1, "the older is given up");
	EQ(kit_counts(k).queued - before.queued, 1, "the younger waits");
	gw_up(slow.gw);
	kit_run(k);
	EQ(slow.count - had, 2, "and is sent alone");
	sent(last_id(), GW_SENT);
	kit_wait(k, INT64_C(26) * 3600 * 1000);
	kit_minutes(2);
	EQ(kit_counts(k).sent, 0, "nothing waits for a report for ever");
}

/* What the driver holds when its time is over, or when it is erased. */
static void
test_recall(void)
{
	struct db_counts before = kit_counts(k);
	int64_t id;

	EQ(say("+996555100014", "menu"), 0, "one that the driver keeps");
	id = last_id();
	kit_wait(k, INT64_C(25) * 3600 * 1000);
	EQ(slow.recalled, id, "its time is over: recalled");
	kit_wait(k, 1000);
	EQ(kit_counts(k).expired - before.expired, 1, "and given up");

	EQ(say("+996555100014", "menu"), 0, "another");
	id = last_id();
	EQ(say("+996555100014", "000"), 0, "its person erases everything");
	EQ(slow.recalled, id, "recalled");
	sent(last_id(), GW_SENT);
	EQ(kit_counts(k).queued - before.queued, 0, "nothing waits");
}

static void
test_clock_set_back(void)
{
	size_t had = slow.count;
	int64_t now_ms = clock_ms();

	EQ(say("+996555100006", "menu"), 0, "taken");
	sent(last_id(), GW_RETRY);
	clock_set(now_ms - INT64_C(40) * 24 * 3600 * 1000);
	kit_minutes(10);
	EQ(slow.count - had, 2, "a retry does not wait for the old time");
	sent(last_id(), GW_SENT);
	EQ(say("+996555100006", "menu"), 0, "texts are taken");
	sent(last_id(), GW_SENT);
	clock_set(now_ms);
	kit_minutes(1);
}

/* Whether safard ends within a second. */
static bool
is_ending(void)
{
	enum { STEP_US = 20 * 1000, STEPS = 50 };
	int i;

	for (i = 0; i < STEPS; i++) {
		kit_timer_us += STEP_US;
		(void)event_base_loop(k->base, EVLOOP_NONBLOCK);
		if (event_base_got_break(k->base))
			return true;
	}
	return false;
}

static void
test_stop(void)
{
	size_t had;

	EQ(say("+996555100007", "menu"), 0, "under way");
	had = slow.count;
	hotline_stop(k->h);
	EQ(say("+996555100008", "menu"), 0, "a text is still taken");
	EQ(slow.count, had, "its answer is not handed over");
	OK(!is_ending(), "one is under way: no end yet");
	sent(last_id(), GW_SENT);
	OK(is_ending(), "then the end");
	restart();
	EQ(slow.count, 1, "only the second is sent after a restart");
	sent(last_id(), GW_SENT);
}

/* So many answers wait that no more texts are taken. */
static void
test_full_outbox(void)
{
	char from[32];
	int i, rc = 0;

	kit_stop(k);
	kit_set(k, "most: 100000", "most: 100");
	EQ(kit_start(k), 0, "with room for a hundred");
	slow_open();
	gw_down(slow.gw);
	for (i = 0; rc == 0 && i < 200; i++) {
		(void)snprintf(from, sizeof(from), "+9965552%05d", i);
		rc = say(from, "menu");
	}
	EQ(i, 101, "a hundred are taken");
	EQ(rc, -EAGAIN, "the next is asked for again");
	gw_up(slow.gw);
	kit_run(k);
	OK(slow.count > 0, "the link is back");
	for (i = 0; i < 100 && slow.ids[i] != 0; i++)
		sent(slow.ids[i], GW_SENT);
	EQ(slow.count, 100, "all go out");
	EQ(say(from, "menu"), 0, "there is room");
	sent(last_id(), GW_SENT);
}

/* Our own line, a mobile number here: answering it would never end. */
static void
test_own_line(void)
{
	size_t had = slow.count;

	EQ(say("996312000000", "menu"), 0, "acknowledged");
	EQ(slow.count, had, "not answered");
}

/* Rows wait for a gateway whose settings are wrong now. */
static void
test_bad_start(void)
{
	gw_down(slow.gw);
	EQ(say("+996555100009", "menu"), 0, "queued");
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
	slow.start_rc = -EDESTADDRREQ;
	EQ(hotline_gateway_add(k->h, &slow_ops, &slow_conf), -EDESTADDRREQ,
	    "it does not start");
	EQ(hotline_gateway_add(k->h, &slow_ops, &slow_conf), -EEXIST,
	    "a name is given once");
	restart();
	EQ(slow.count, 1, "the answer is sent when it does");
	sent(last_id(), GW_SENT);
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	slow_open();
	test_report_stops_retry();
	test_report_twice();
	test_report_of_another_store();
	test_expire();
	test_recall();
	test_clock_set_back();
	test_stop();
	test_full_outbox();
	test_own_line();
	test_bad_start();
	kit_end(k);
	free(k);
	return tap_done();
}
