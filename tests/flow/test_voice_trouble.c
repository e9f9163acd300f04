/* test_voice_trouble.c - calls on a full disk, across editions, and cut within
 * a turn. */
#include "daemon/core/voice.h"
#include "tests/flow/agi_peer.h"
#include "tests/flow/disk.h"

/* What the store does not take is not answered as if it had. */
static void
test_full_disk(void)
{
	struct peer *p = call_from(WORKER), *q;
	size_t before = rows(99)->n;

	disk_full = true;
	OK(strcmp(press(p, '1'), "HANGUP") == 0 &&
		strcmp(heard, "voice.sorry ") == 0,
	    "a full disk: an apology, and the call ends");
	q = dial();
	block(q, WORKER);
	(void)line(q);
	put(q, "200 result=0\n");
	OK(strcmp(hear(q), "HANGUP") == 0 && strstr(heard, "sorry") != NULL,
	    "so does one that begins now");
	disk_full = false;
	drop(&p);
	drop(&q);
	kit_wait(&kit, 1000);
	EQ(rows(99)->n, before, "nothing was written of either");
	p = call_from(WORKER);
	OK(begins(heard, "voice.lang "),
	    "and nothing remembered: the language was not taken");
	drop(&p);
}

/* The notice comes while the turn is committed. */
static void
test_cut_in_turn(void)
{
	struct peer *p = call_from("+79161231000");
	size_t before = rows(99)->n;

	put(p, "200 result=49\nHANGUP\n");
	OK(p->closed, "closed when the turn is done");
	EQ(rows(99)->n, before + 1, "which stands");
	drop(&p);
	p = call_from("+79161231001");
	ASSERT(write(p->fd, "200 result=49\n", 14) == 14);
	(void)close(p->fd);
	kit_run(&kit);
	EQ(rows(99)->n, before + 3, "the same where the link is cut");
	free(p);
	EQ(fastagi_calls(server), 0, "no call is left");
}

/* Nothing could be said: the network says so, for nothing. */
static void
test_unspoken(void)
{
	char from[128], to[128];
	struct peer *p;

	(void)snprintf(from, sizeof(from), "%s/prompts/0001", kit.dir);
	(void)snprintf(to, sizeof(to), "%s/prompts/kept", kit.dir);
	ASSERT(rename(from, to) == 0);
	OK(!voice_is_spoken(kit.h), "the edition has no prompts");
	p = dial();
	block(p, "+79161231003");
	OK(begins(line(p), "HANGUP"), "the call is not answered");
	put(p, "200 result=1\n");
	OK(p->closed, "and over");
	drop(&p);
	ASSERT(rename(to, from) == 0);
	p = call_from("+79161231003");
	drop(&p);
}

static void
test_edition(void)
{
	const char *args[] = { "--data", kit.dir, "publish", "--edition", "1",
		NULL };
	struct peer *p = at_listing("+79161231002");
	char from[128], to[128];

	OK(begins(heard, "voice.emergency "), "at a listing");
	(void)press(p, '7');
	(void)press(p, '8');
	(void)press(p, '2');
	OK(begins(heard, "voice.callback.shared "), "of a phone of others");
	/* else publish would speak all of the new edition */
	(void)snprintf(from, sizeof(from), "%s/prompts", kit.dir);
	(void)snprintf(to, sizeof(to), "%s/kept", kit.dir);
	ASSERT(rename(from, to) == 0);
	EQ(kit_ctl(&kit, args), 0, "a new edition");
	kit_wait(&kit, 1000);
	OK(kit_edition(&kit, 2), "is taken up");
	ASSERT(rename(to, from) == 0);
	(void)snprintf(to, sizeof(to), "%s/prompts/0002", kit.dir);
	(void)snprintf(from, sizeof(from), "%s/prompts/0001", kit.dir);
	ASSERT(rename(from, to) == 0);
	OK(strcmp(press(p, '1'), "WAIT FOR DIGIT 6000") == 0,
	    "the call goes on in it");
	OK(begins(heard, "for.emergency "), "at the main menu");
	(void)press(p, '9');
	OK(begins(heard, "voice.emergency org."), "as ever");
	OK(strstr(heard, "voice.sms ") == NULL, "others have the phone still");
	drop(&p);
}

int
main(int argc, char **argv)
{
	(void)argc;
	prepare(argv[0]);
	kit_set(&kit, "number: \"\"", "number: \"+996312000000\"");
	start();
	test_full_disk();
	test_cut_in_turn();
	test_unspoken();
	test_edition();
	stop();
	kit_end(&kit);
	return tap_done();
}
