/* test_voice.c - calls over FastAGI from a scripted gateway, to the last row.
 */
#include <arpa/inet.h>

#include "tests/flow/agi_peer.h"

static void
test_call(void)
{
	struct peer *p = call_from(WORKER);
	const char *text;

	OK(begins(heard, "voice.lang voice.lang voice.lang"),
	    "languages are heard first");
	text = press(p, '1');
	OK(strcmp(text, "WAIT FOR DIGIT 6000") == 0, "a key is waited for");
	OK(begins(heard, "for.emergency press.9 for.planning press.1 "),
	    "the menu");
	(void)press(p, '2');
	(void)press(p, '3');
	OK(begins(heard, "voice.place place.ru-moscow press.1 "), "where?");
	(void)press(p, '1');
	OK(begins(heard, "org.") && strstr(heard, "digit.") != NULL,
	    "a listing with its number");
	kit.count = 0;
	(void)press(p, '5');
	OK(begins(heard, "voice.sms.done "), "sent by SMS");
	EQ(kit.count, 1, "one text goes out");
	OK(strcmp(kit_last(&kit)->to, WORKER) == 0, "to the caller");
	text = press(p, '#');
	OK(strcmp(text, "HANGUP") == 0 && strcmp(heard, "voice.bye ") == 0,
	    "#: goodbye, and hung up");
	put(p, "200 result=1\nHANGUP\nHANGUP\n");
	OK(p->closed, "the connection is closed");
	drop(&p);
	OK(strcmp(rows(7)->text,
	       "wages answered ru ru-moscow 0;"
	       "wages answered ru ru-moscow 2;"
	       "wages answered ru ru-moscow 0;"
	       "wages asked_back ru  0;abroad answered ru  0;"
	       "main answered ru  0;language answered ru  0;") == 0,
	    "a row for each key");
	EQ(rows(7)->linked, 7, "of one person");
	p = call_from(WORKER);
	OK(begins(heard, "for.emergency "), "their language is remembered");
	drop(&p);
}

static void
test_committed_first(void)
{
	struct peer *p = dial();

	block(p, "+79161230000");
	(void)line(p);
	put(p, "200 result=0\n");
	EQ(begins(rows(1)->text, "language answered"), 1,
	    "before anything is said the row is there");
	drop(&p);
}

/* Texts cost money: as many as by SMS, and no more. */
static void
test_texts_limited(void)
{
	struct peer *p = at_listing("+79161234020");
	int i;

	kit.count = 0;
	for (i = 0; i < 31; i++)
		(void)press(p, '5');
	EQ(kit.count, 30, "limit.per_sender is kept");
	OK(begins(heard, "voice.sms.cannot "), "and said");
	drop(&p);
}

static void
test_withheld(void)
{
	struct peer *p = at_listing("unknown");

	OK(begins(heard, "voice.emergency org."), "danger, with a number");
	OK(strstr(heard, "voice.sms") == NULL, "no SMS is offered");
	kit.count = 0;
	(void)press(p, '5');
	EQ(kit.count, 0, "nor sent");
	EQ(rows(4)->linked, 0, "the rows are of nobody");
	drop(&p);
	p = dial();
	put(p, "agi_callerid: " WORKER "\nagi_callingpres: 32\n\n");
	(void)line(p);
	put(p, "200 result=0\n");
	EQ(rows(1)->linked, 0, "restricted by the network: the same");
	drop(&p);
}

static void
test_forget(void)
{
	struct peer *p = call_from(WORKER);
	const char *text;

	(void)press(p, '2');
	(void)press(p, '0');
	(void)press(p, '0');
	text = press(p, '0');
	OK(begins(heard, "voice.forgotten ") && strcmp(text, "HANGUP") == 0,
	    "000: forgotten");
	kit_wait(&kit, 1000);
	EQ(rows(40)->linked, 1, "only the caller of before is still known");
	drop(&p);
	p = call_from(WORKER);
	OK(begins(heard, "voice.lang "), "the next call begins anew");
	drop(&p);
}

static void
test_barge_in(void)
{
	struct peer *p = dial();

	block(p, "+79161234000");
	(void)line(p);
	put(p, "200 result=0\n");
	OK(strstr(p->got, "voice.lang 0123456789*#\n") != NULL,
	    "every key breaks off a prompt");
	(void)line(p);
	put(p, "200 result=49 endpos=800\n");
	OK(begins(line(p), "STREAM FILE ") &&
		begins(rows(1)->text, "main answered ru"),
	    "within the first prompt");
	drop(&p);
}

static void
test_silence(void)
{
	struct peer *p = call_from("+79161234001");
	size_t before = rows(999)->n;

	(void)wait_out(p);
	OK(begins(heard, "voice.lang "), "silence: again");
	(void)wait_out(p);
	(void)wait_out(p);
	OK(begins(heard, "voice.help voice.counsellor press.7 "),
	    "three times: a counsellor");
	(void)wait_out(p);
	OK(begins(heard, "voice.sms press.5 "), "then SMS");
	OK(strcmp(wait_out(p), "HANGUP") == 0, "then the end");
	EQ(rows(999)->n, before, "silence is no request");
	drop(&p);
}

static void
test_missing_prompt(void)
{
	char path[512];
	struct peer *p;

	(void)snprintf(
	    path, sizeof(path), "%s/prompts/0001/ru/for.planning.wav", kit.dir);
	ASSERT(unlink(path) == 0);
	p = call_from("+79161234002");
	(void)press(p, '1');
	OK(begins(heard, "for.emergency press.9 press.1 for.abroad "),
	    "a prompt that is gone is passed over");
	put(p, "200 result=49\n");
	(void)line(p);
	put(p, "200 result=-1 endpos=0\n");
	OK(strcmp(line(p), "CHANNEL STATUS") == 0,
	    "-1: is the caller still there?");
	put(p, "200 result=6\n");
	OK(begins(line(p), "STREAM FILE "), "then it was the file: go on");
	put(p, "200 result=-1 endpos=0\n");
	(void)line(p);
	put(p, "511 Command Not Permitted on a dead channel or intercept "
	       "routine\n");
	OK(p->closed, "511: gone, and closed");
	drop(&p);
	file_put(path, 1);
}

/* Whatever a gateway sends, its call ends and others do not notice. */
static void
test_bad_peers(void)
{
	static const char *const bad[] = { "GET / HTTP/1.1\r\n\r\n",
		"agi_callerid +7916\n\n", "\xff\xfe\x01\n" };
	struct peer *good = call_from("+79161234003"), *p;
	char *big = calloc(1, (1 << 20) + 1);
	size_t i;

	ASSERT(big != NULL);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		p = dial();
		put(p, bad[i]);
		OK(p->closed, "no block: closed");
		drop(&p);
	}
	memset(big, 'x', 1 << 20);
	p = dial();
	put(p, big);
	OK(p->closed, "a line of 1 MB");
	drop(&p);
	free(big);
	p = call_from("+79161234004");
	put(p, "gibberish\n");
	OK(p->closed, "no reply of AGI");
	drop(&p);
	p = dial();
	put(p, "agi_callerid: +7916");
	EQ(p->closed, 0, "half a line is waited for");
	kit_wait(&kit, 6000);
	fastagi_tick(server);
	receive(p);
	OK(p->closed, "but not for ever");
	drop(&p);
	p = call_from("+79161234005");
	kit_wait(&kit, 20000);
	put(good, "200 result=49\n");
	kit_wait(&kit, 20000);
	fastagi_tick(server);
	receive(p);
	OK(p->closed, "a gateway that stalls");
	drop(&p);
	p = call_from("+79161234006");
	drop(&p);
	p = call_from("+79161234007");
	put(p, "520-Invalid command syntax.  Proper usage follows:\nx\n"
	       "520 End of proper usage.\n");
	OK(strcmp(line(p), "CHANNEL STATUS") == 0, "520 is no key");
	drop(&p);
	(void)hear(good);
	OK(begins(heard, "for.emergency "), "another call goes on");
	drop(&good);
	EQ(fastagi_calls(server), 0, "none is left over");
}

static void
test_hangup_notices(void)
{
	struct peer *p = call_from("+79161234008");

	put(p, "HANGUP\n");
	OK(p->closed, "a notice alone ends it");
	drop(&p);
	p = call_from("+79161234009");
	put(p, "HANGUP\n200 result=-1\nHANGUP\n");
	OK(p->closed, "around a reply, too");
	drop(&p);
}

static void
test_full(void)
{
	struct peer *others[3], *a, *b, *c;

	size_t i;

	for (i = 0; i < ARRAY_LEN(others); i++)
		others[i] = dial();
	a = dial();
	b = dial();
	c = dial();
	OK(c->closed && !a->closed && !b->closed, "one too many is refused");
	drop(&a);
	drop(&c);
	c = dial();
	OK(!c->closed, "until one is over");
	drop(&b);
	drop(&c);
	for (i = 0; i < ARRAY_LEN(others); i++)
		drop(&others[i]);
}

/* A port that was free a moment ago. */
static unsigned
free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ASSERT(fd >= 0 && bind(fd, (struct sockaddr *)&in, len) == 0);
	ASSERT(getsockname(fd, (struct sockaddr *)&in, &len) == 0);
	(void)close(fd);
	return ntohs(in.sin_port);
}

static void
test_listen(void)
{
	static const struct {
		const char *where;
		int rc;
	} cases[] = { { "127.0.0.1:PORT", 0 }, { "[::1]:PORT", 0 },
		{ "0.0.0.0:PORT", -EINVAL }, { "[::]:PORT", -EINVAL },
		{ "192.0.2.1:PORT", -EINVAL }, { "localhost:PORT", -EINVAL } };
	char where[64];
	struct diag why;
	size_t i;

	fastagi_close(&server);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		int rc;

		(void)snprintf(where, sizeof(where), "%.*s%u",
		    (int)strcspn(cases[i].where, "P"), cases[i].where,
		    free_port());
		rc = fastagi_open(
		    kit.base, kit.h, kit.dir, where, &server, &why);
		if (rc == -EAFNOSUPPORT || rc == -EADDRNOTAVAIL)
			OK(true, "# SKIP no IPv6 here");
		else
			EQ(rc, cases[i].rc, cases[i].where);
		fastagi_close(&server);
	}
	EQ(fastagi_open(kit.base, kit.h, kit.dir, "safar.yaml", &server, &why),
	    -EEXIST, "a file that is no socket");
	(void)snprintf(where, sizeof(where), "%.50s/safar.yaml", kit.dir);
	EQ(access(where, R_OK), 0, "which stays");
	EQ(fastagi_open(kit.base, kit.h, kit.dir, "", &server, &why), 0,
	    "empty: nowhere");
	OK(server == NULL, "and no server");
}

int
main(int argc, char **argv)
{
	(void)argc;
	prepare(argv[0]);
	kit_set(&kit, "calls: 200", "calls: 5");
	start();
	test_call();
	test_committed_first();
	test_withheld();
	test_forget();
	test_barge_in();
	test_silence();
	test_texts_limited();
	test_missing_prompt();
	test_bad_peers();
	test_hangup_notices();
	test_full();
	test_listen();
	stop();
	kit_end(&kit);
	return tap_done();
}
