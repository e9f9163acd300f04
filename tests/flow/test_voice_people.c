/* test_voice_people.c - callers who leave a message, are put through, or
 * hang up at once. */
#include <dirent.h>

#include "daemon/core/messages.h"
#include "daemon/core/reviewers.h"
#include "tests/flow/agi_peer.h"

enum {
	SPEECH = 32044,	       /* two seconds */
	LONG_SPEECH = 1440044, /* ninety */
};

/* --- messages --- */

static size_t
count_in(const char *folder, const char *with)
{
	char path[256];
	const struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/%s", kit.dir, folder);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL)
		n += strstr(e->d_name, with) != NULL;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

/* What the gateway does at RECORD FILE: size bytes in the file it is told. */
static void
record(const char *command, size_t size)
{
	char path[512];

	(void)snprintf(
	    path, sizeof(path), "%.500s", command + strlen("RECORD FILE "));
	path[strcspn(path, " ")] = '\0';
	ASSERT(strlen(path) + 5 < sizeof(path));
	memcpy(path + strlen(path), ".wav", sizeof(".wav"));
	file_put(path, size);
}

static void
on_message(void *arg, const char *name, int64_t at_ms, int64_t bytes)
{
	(void)at_ms, (void)bytes;
	(void)snprintf(arg, MESSAGE_NAME_MAX, "%s", name);
}

/* Open the one message there is, as reviewers do. */
static void
message_check(const char *key, size_t speech)
{
	struct arena *a = arena_new(1 << 20, 8 << 20);
	char name[MESSAGE_NAME_MAX] = "", path[512];
	char *sealed = calloc(1, MESSAGE_MOST);
	struct reviewers *r = NULL;
	struct sv line = { 0 }, text = { 0 };
	struct diag why;
	size_t n;
	FILE *f;

	ASSERT(sealed != NULL);
	EQ(messages_each(kit.dir, on_message, name), 0, "the folder is read");
	(void)snprintf(path, sizeof(path), "%s/messages/%s", kit.dir, name);
	f = fopen(path, "re");
	ASSERT(f != NULL);
	n = fread(sealed, 1, MESSAGE_MOST, f);
	(void)fclose(f);
	OK(memmem(sealed, n, "7916", 4) == NULL, "no number can be read");
	ASSERT(reviewers_open(key, &r, &why) == 0);
	EQ(reviewers_unseal_long(r, (struct sv){ sealed, n }, a, &line, &text),
	    0, "the reviewers open it");
	OK(sv_eq(line, SV(WORKER " ru")), "number, language");
	OK(text.n == speech && text.p[0] == 'x' && text.p[speech - 1] == 'x',
	    "speech");
	EQ(reviewers_unseal_long(
	       r, (struct sv){ sealed, n - 1 }, a, &line, &text),
	    -EBADMSG, "not what was cut");
	reviewers_close(&r);
	free(sealed);
	arena_free(&a);
}

static void
test_message(const char *key)
{
	struct peer *p = at_listing(WORKER);
	const char *text;

	OK(strstr(heard, "voice.message press.6 ") != NULL, "it is offered");
	text = press(p, '6');
	OK(strcmp(heard, "voice.message.how ") == 0, "how it is done");
	OK(begins(text, "RECORD FILE ") &&
		strstr(text, " wav # 90000 BEEP s=10") != NULL,
	    "90 s at most");
	record(text, SPEECH);
	EQ(count_in("spool", "safar-"), 1, "the recording is in the spool");
	put(p, "200 result=35 (dtmf) endpos=16000\n");
	(void)hear(p);
	OK(begins(heard, "voice.message.done "), "it is kept");
	EQ(count_in("spool", "safar-"), 0, "and gone from the spool");
	EQ(count_in("messages", ".sealed"), 1, "a sealed file");
	message_check(key, SPEECH);
	text = press(p, '6');
	record(text, 44);
	put(p, "200 result=0 (timeout) endpos=0\n");
	(void)hear(p);
	OK(begins(heard, "voice.message.empty "), "nothing said, nothing kept");
	(void)press(p, '6');
	put(p, "200 result=-1 (writefile)\n");
	(void)hear(p);
	OK(begins(heard, "voice.message.empty "), "nor what is not there");
	text = press(p, '6');
	record(text, SPEECH);
	put(p, "200 result=-1 (hangup) endpos=16000\nHANGUP\n");
	OK(p->closed, "who hangs up while they speak");
	EQ(count_in("messages", ".sealed"), 2, "has left a message");
	drop(&p);
	p = at_listing(WORKER);
	text = press(p, '6');
	record(text, SPEECH);
	drop(&p);
	EQ(count_in("messages", ".sealed"), 3, "a gateway that vanishes, too");
	EQ(count_in("spool", "safar-"), 0, "nothing is left in the spool");
}

static void
test_message_half(void)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/messages/draft", kit.dir);
	file_put(path, 64);
	message_draft_wipe(kit.dir);
	EQ(count_in("messages", "draft"), 0, "half a message is wiped");
	messages_sweep(kit.dir, clock_ms());
	EQ(count_in("messages", ".sealed"), 3, "a whole one is not");
}

/* Leave a message of ninety seconds, and let safard begin.  Returns in how many
 * rounds of the loop, in each of which texts have their turn, it is kept; with
 * stop it is left where it is in the midst of it. */
static int
message_long(struct peer *p, bool stop)
{
	static const char reply[] = "200 result=35 (dtmf) endpos=720000\n";
	int rounds;

	record(press(p, '6'), LONG_SPEECH);
	ASSERT(write(p->fd, reply, strlen(reply)) == (ssize_t)strlen(reply));
	for (rounds = 0; rounds < 1000; rounds++) {
		if (count_in("messages", stop ? "draft" : ".sealed") > 0)
			break;
		(void)event_base_loop(kit.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	return rounds;
}

/* It is sealed in slices: who writes meanwhile does not wait, and who wants to
 * be forgotten meanwhile is. */
static void
test_message_long(const char *key)
{
	struct peer *p = at_listing(WORKER);
	int rounds = message_long(p, false);

	OK(rounds > LONG_SPEECH / REVIEWERS_SLICE, "slice by slice");
	receive(p);
	(void)hear(p);
	OK(begins(heard, "voice.message.done "), "a long message is kept");
	EQ(count_in("messages", ".sealed"), 1, "once");
	EQ(count_in("spool", "safar-"), 0, "and gone from the spool");
	message_check(key, LONG_SPEECH);
	(void)message_long(p, true);
	EQ(count_in("messages", "draft"), 1, "another one is half done");
	EQ(kit_say(&kit, WORKER, "000"), 0, "000 by SMS");
	EQ(count_in("messages", ".sealed") + count_in("messages", "draft") +
		count_in("spool", "safar-"),
	    0, "neither of the two is kept");
	drop(&p);
}

static void
test_message_forgotten(void)
{
	struct peer *p = at_listing("+79161239999");

	record(press(p, '6'), SPEECH);
	put(p, "200 result=35 (dtmf) endpos=16000\n");
	(void)hear(p);
	EQ(count_in("messages", ".sealed"), 4, "another one's message");
	EQ(kit_say(&kit, WORKER, "000"), 0, "000 by SMS");
	EQ(count_in("messages", ".sealed"), 1, "takes the messages too");
	drop(&p);
	messages_sweep(kit.dir, clock_ms() + INT64_C(1000) * 86400 * 3650);
	EQ(count_in("messages", ".sealed"), 0, "and time all of them");
}

static void
test_spool_left(void)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/spool/safar-1.wav", kit.dir);
	file_put(path, SPEECH);
	(void)snprintf(path, sizeof(path), "%s/spool/safar-2.wav", kit.dir);
	ASSERT(mkfifo(path, 0600) == 0); /* which nobody reads */
	stop();
	start();
	EQ(count_in("spool", "safar-"), 0, "what a crash left is wiped");
}

/* --- counsellors --- */

static struct peer *
put_through(const char *from)
{
	struct peer *p = call_from(from);

	(void)press(p, '1');
	OK(strcmp(press(p, '7'), "SET VARIABLE CALLERID(all) <anonymous>") ==
		    0 &&
		strcmp(heard, "voice.transfer ") == 0,
	    "the number is withheld first");
	put(p, "200 result=1\n");
	OK(strcmp(line(p), "EXEC Dial PJSIP/anna,20,gS(3600)") == 0,
	    "then Dial");
	return p;
}

/* Callers who stay for longer than voice.call_most_s, half an hour. */
static void
test_longest(void)
{
	struct peer *p = call_from("+79161230011");

	while (!p->closed && strcmp(line(p), "HANGUP") != 0) {
		(void)press(p, '*');
		kit_wait(&kit, 20000);
		fastagi_tick(server);
		if (strcmp(heard, "voice.bye ") == 0)
			break;
	}
	OK(strcmp(heard, "voice.bye ") == 0 && !p->closed,
	    "half an hour: goodbye, before it is cut");
	kit_wait(&kit, 10000);
	fastagi_tick(server);
	receive(p);
	OK(p->closed, "and closed when the gateway does not say more");
	drop(&p);
}

/* A machine that calls, and presses ten keys a second. */
static void
test_many_keys(void)
{
	struct peer *p = call_from("+79161230019");
	const char *text = "";
	int i;

	for (i = 0; i < 600 && !p->closed && strstr(text, "voice.bye") == NULL;
	     i++) {
		put(p, "200 result=42 endpos=80\n");
		text = line(p);
		kit_wait(&kit, 100);
	}
	EQ(i, 500, "so many keys, and no more");
	put(p, "200 result=0 endpos=8000\n");
	OK(strcmp(line(p), "HANGUP") == 0, "then goodbye");
	drop(&p);
}

static void
test_counsellor(void)
{
	struct peer *p = put_through("+79161230001");

	put(p, "200 result=0\n");
	OK(strcmp(line(p), "GET VARIABLE DIALSTATUS") == 0,
	    "what became of it");
	put(p, "200 result=1 (BUSY)\n");
	(void)hear(p);
	OK(begins(heard, "voice.transfer.busy ") &&
		strstr(heard, "voice.message press.6") != NULL,
	    "busy: a message");
	drop(&p);
	p = put_through("+79161230002");
	put(p, "200 result=0\n");
	(void)line(p);
	put(p, "200 result=1 (ANSWER)\n");
	OK(strcmp(hear(p), "HANGUP") == 0 && strcmp(heard, "voice.bye ") == 0,
	    "after the talk: goodbye");
	drop(&p);
	p = put_through("+79161230009");
	kit_wait(&kit, hour_ms - 1000);
	fastagi_tick(server);
	put(p, "200 result=0\n");
	(void)line(p);
	put(p, "200 result=1 (ANSWER)\n");
	OK(strcmp(hear(p), "HANGUP") == 0 && strcmp(heard, "voice.bye ") == 0,
	    "a long talk is not cut by the longest call");
	drop(&p);
	p = put_through("+79161230003");
	put(p, "HANGUP\n200 result=-1\n");
	OK(p->closed, "the caller hangs up while they talk");
	drop(&p);
	p = call_from("+996555123456");
	(void)press(p, '2');
	OK(strcmp(press(p, '7'), "WAIT FOR DIGIT 6000") == 0,
	    "nobody speaks Kyrgyz: hotlines");
	drop(&p);
	p = call_from("+79161230004");
	(void)press(p, '1');
	(void)press(p, '7');
	put(p, "510 Invalid or unknown command\n");
	(void)hear(p);
	OK(begins(heard, "voice.transfer.busy "),
	    "a number that cannot be withheld is not shown");
	drop(&p);
	kit_wait(&kit, 10 * hour_ms);
	p = call_from("+79161230005");
	(void)press(p, '1');
	OK(strcmp(press(p, '7'), "WAIT FOR DIGIT 6000") == 0,
	    "closed at night");
	drop(&p);
}

/* --- hung up at once --- */

static void
ring(const char *from, const char *answer)
{
	struct peer *p = dial();

	block(p, from);
	put(p, answer);
	drop(&p);
	kit_run(&kit);
}

static void
test_missed(void)
{
	const char *known = "+79161230006", *stranger = "+79161230007";

	kit.count = 0;
	ring(known, "200 result=-1\nHANGUP\n");
	EQ(kit.count, 0, "nobody who has never asked");
	EQ(kit_say(&kit, known, "menu"), 0, "they ask by SMS");
	kit.count = 0;
	ring(known, "200 result=-1\nHANGUP\n");
	EQ(kit.count, 1, "then a missed call is a question");
	OK(strcmp(kit_last(&kit)->to, known) == 0 &&
		strstr(kit_last(&kit)->text, "Safar") != NULL,
	    "answered with the menu");
	OK(begins(rows(1)->text, "main answered"), "and a row");
	ring(known, "200 result=-1\nHANGUP\n");
	EQ(kit.count, 1, "once");
	kit_wait(&kit, hour_ms);
	ring(known, "200 result=0\nHANGUP\n");
	EQ(kit.count, 2, "an hour later again; answered is the same");
	EQ(kit_say(&kit, known, "STOP"), 0, "STOP");
	kit.count = 0;
	kit_wait(&kit, hour_ms);
	ring(known, "200 result=-1\nHANGUP\n");
	EQ(kit.count, 0, "who wants nothing gets nothing");
	ring("unknown", "200 result=-1\nHANGUP\n");
	EQ(kit.count, 0, "nor who withholds their number");
	ring(stranger, "");
	EQ(kit.count, 0, "nor where the gateway vanishes");
}

int
main(int argc, char **argv)
{
	char key[128];
	struct diag why;

	(void)argc;
	prepare(argv[0]);
	kit_set(
	    &kit, "counsellors: \"\"", "counsellors: ru@0900-1800=PJSIP/anna");
	kit_set(&kit, "missed_call: no", "missed_call: known");
	(void)snprintf(key, sizeof(key), "%s/reviewers.key", kit.dir);
	if (reviewers_create(kit.dir, key, &why) < 0)
		printf("# %s\n", why.text);
	start();
	test_counsellor();
	clock_set(KIT_NOW_MS);
	test_longest();
	test_many_keys();
	clock_set(KIT_NOW_MS);
	test_missed();
	test_message(key);
	test_message_half();
	test_message_forgotten();
	test_message_long(key);
	test_spool_left();
	stop();
	kit_end(&kit);
	return tap_done();
}
