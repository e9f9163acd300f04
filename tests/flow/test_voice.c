/* test_voice.c - calls over FastAGI from a scripted gateway, to the last row.
 */
#include "daemon/voice/fastagi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "content/prompts.h"
#include "tests/flow/kit.h"

enum { LINES_MAX = 65536 };

#define WORKER "+79161234567"

static struct kit kit;
static struct fastagi *server;

/* One call, as the gateway has it. */
struct peer {
	int fd;
	char got[LINES_MAX]; /* what safard sent and nobody has looked at */
	size_t n;
	bool closed;
};

static void
start(void)
{
	struct diag why = { "" };

	ASSERT(kit_start(&kit) == 0);
	if (fastagi_open(kit.base, kit.h, kit.dir, "agi.sock", &server, &why) <
	    0)
		printf("# %s\n", why.text);
}

static void
stop(void)
{
	fastagi_close(&server);
	kit_stop(&kit);
}

static void
receive(struct peer *p)
{
	ssize_t n;

	kit_run(&kit);
	while (!p->closed) {
		n = read(p->fd, p->got + p->n, sizeof(p->got) - 1 - p->n);
		if (n < 0 && errno == EAGAIN)
			break;
		p->closed = n <= 0;
		p->n += n > 0 ? (size_t)n : 0;
	}
	p->got[p->n] = '\0';
}

static void
put(struct peer *p, const char *bytes)
{
	size_t n = strlen(bytes), at = 0;

	while (at < n) {
		ssize_t put = write(p->fd, bytes + at, n - at);

		if (put < 0 && errno != EAGAIN)
			break;
		at += put > 0 ? (size_t)put : 0;
		kit_run(&kit);
	}
	receive(p);
}

static struct peer *
dial(void)
{
	struct peer *p = calloc(1, sizeof(*p));
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	ASSERT(p != NULL);
	(void)snprintf(
	    un.sun_path, sizeof(un.sun_path), "%s/agi.sock", kit.dir);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(p->fd >= 0);
	if (connect(p->fd, (struct sockaddr *)&un, sizeof(un)) < 0)
		p->closed = true;
	ASSERT(fcntl(p->fd, F_SETFL, O_NONBLOCK) == 0);
	receive(p);
	return p;
}

static void
drop(struct peer **pp)
{
	(void)close((*pp)->fd);
	free(*pp);
	*pp = NULL;
	kit_run(&kit);
}

/* Take the line that safard waits to be answered; "" if there is none. */
static const char *
line(struct peer *p)
{
	static char taken[4096];
	char *lf = strchr(p->got, '\n');
	size_t n;

	taken[0] = '\0';
	if (lf == NULL)
		return taken;
	n = (size_t)(lf - p->got);
	ASSERT(n < sizeof(taken));
	memcpy(taken, p->got, n);
	taken[n] = '\0';
	p->n -= n + 1;
	memmove(p->got, lf + 1, p->n + 1);
	return taken;
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The last part of the path in a STREAM FILE line is the prompt. */
static void
prompt_note(const char *text, char *heard, size_t size)
{
	size_t n = strlen(heard);
	char id[256] = "";
	const char *at;

	(void)snprintf(id, sizeof(id), "%s", text + strlen("STREAM FILE "));
	id[strcspn(id, " ")] = '\0';
	at = strrchr(id, '/');
	(void)snprintf(heard + n, size - n, "%s ", at != NULL ? at + 1 : id);
}

/*
 * Play everything that is said, pauses too, until safard waits for a key,
 * records, dials or hangs up: that line is returned, unanswered.
 */
static const char *
listen_to(struct peer *p, char *heard, size_t size)
{
	int i;

	heard[0] = '\0';
	for (i = 0; i < 300; i++) {
		const char *text = line(p);

		if (begins(text, "STREAM FILE ")) {
			prompt_note(text, heard, size);
			put(p, "200 result=0 endpos=8000\n");
		} else if (strcmp(text, "WAIT FOR DIGIT 250") == 0) {
			put(p, "200 result=0\n");
		} else {
			return text;
		}
	}
	return "endless";
}

/* What the last listen_to() heard. */
static char heard[16384];

static const char *
hear(struct peer *p)
{
	return listen_to(p, heard, sizeof(heard));
}

/* Press a key where safard waits for one, and hear what follows. */
static const char *
press(struct peer *p, char key)
{
	char reply[32];

	(void)snprintf(reply, sizeof(reply), "200 result=%d\n", key);
	put(p, reply);
	return hear(p);
}

static void
block(struct peer *p, const char *from)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "agi_network: yes\nagi_channel: PJSIP/x-1\nagi_uniqueid: 1.1\n"
	    "agi_callerid: %s\nagi_callingpres: 0\nagi_what_is_this: 7\n"
	    "agi_extension: 1414\n\n",
	    from);
	put(p, text);
}

/* Answered, and all of the first menu heard. */
static struct peer *
call_from(const char *from)
{
	struct peer *p = dial();

	block(p, from);
	OK(begins(line(p), "ANSWER"), "the call is answered");
	put(p, "200 result=0\n");
	(void)hear(p);
	return p;
}

/* --- the log --- */

struct rows {
	char text[8192]; /* "node outcome lang place parts person;" ... */
	size_t n, linked;
};

static bool
on_row(void *arg, const struct db_log *row)
{
	struct rows *r = arg;
	size_t n = strlen(r->text);

	if (!sv_eq(row->channel, SV("voice")))
		return true;
	r->n++;
	r->linked += row->linked;
	(void)snprintf(r->text + n, sizeof(r->text) - n,
	    SV_FMT " " SV_FMT " " SV_FMT " " SV_FMT " %d;", SV_ARG(row->node),
	    SV_ARG(row->outcome), SV_ARG(row->lang), SV_ARG(row->place),
	    (int)row->parts);
	return true;
}

/* The newest rows of calls, newest first. */
static const struct rows *
rows(int64_t most)
{
	static struct rows r;
	const struct db_log_filter filter = { .most = most };
	struct db *db = NULL;
	struct diag why;

	r = (struct rows){ .n = 0 };
	ASSERT(db_open_reader(kit.dir, &db, &why) == 0);
	ASSERT(db_log_each(db, &filter, on_row, &r) == 0);
	db_close(&db);
	return &r;
}

/* --- prompts: every file is there, but for those that are named --- */

static void
file_put(const char *path, size_t size)
{
	FILE *f = fopen(path, "we");

	ASSERT(f != NULL);
	while (size-- > 0)
		(void)fputc('x', f);
	ASSERT(fclose(f) == 0);
}

static void
prompt_put(void *arg, const struct prompt *prompt)
{
	char path[512];

	(void)arg;
	if (prompt->lang != LANG_RU && strcmp(prompt->id, "voice.lang") != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/prompts/0001/%s/%s.wav", kit.dir,
	    lang_code(prompt->lang), prompt->id);
	file_put(path, 1);
}

static void
prompts_make(void)
{
	static const char *const folders[] = { "", "/0001", "/0001/ru",
		"/0001/ky", "/0001/tg", "/0001/uz", "/0001/kk", "/0001/en" };
	char path[512];
	struct content content;
	struct diag why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(folders); i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/prompts%s", kit.dir, folders[i]);
		ASSERT(mkdir(path, 0700) == 0 || errno == EEXIST);
	}
	ASSERT(content_load("content", &content, &why) == 0);
	prompts_each(&content, prompt_put, NULL);
	content_done(&content);
}

/* --- tests --- */

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

static void
test_withheld(void)
{
	struct peer *p = call_from("unknown");

	(void)press(p, '1');
	(void)press(p, '9');
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

	put(p, "200 result=0\n");
	(void)hear(p);
	OK(begins(heard, "voice.lang "), "silence: again");
	put(p, "200 result=0\n");
	(void)hear(p);
	put(p, "200 result=0\n");
	(void)hear(p);
	OK(begins(heard, "voice.help voice.counsellor press.7 "),
	    "three times: a counsellor");
	put(p, "200 result=0\n");
	(void)hear(p);
	OK(begins(heard, "voice.sms press.5 "), "then SMS");
	put(p, "200 result=0\n");
	OK(strcmp(hear(p), "HANGUP") == 0, "then the end");
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
	kit_wait(&kit, 40000);
	put(good, "200 result=49\n");
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
	EQ(fastagi_open(kit.base, kit.h, kit.dir, "", &server, &why), 0,
	    "empty: nowhere");
	OK(server == NULL, "and no server");
}

int
main(int argc, char **argv)
{
	(void)argc;
	(void)signal(SIGPIPE, SIG_IGN);
	kit_new(&kit, argv[0]);
	prompts_make();
	kit_stop(&kit);
	kit_set(&kit, "country: \"\"", "country: \"ru\"");
	kit_set(&kit, "calls: 200", "calls: 5");
	start();
	test_call();
	test_committed_first();
	test_withheld();
	test_forget();
	test_barge_in();
	test_silence();
	test_missing_prompt();
	test_bad_peers();
	test_hangup_notices();
	test_full();
	test_listen();
	stop();
	kit_end(&kit);
	return tap_done();
}
