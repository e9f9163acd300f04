/*
 * agi_peer.h - a scripted voice gateway for flow tests: calls safard over its
 * socket file, answers commands, keeps what was heard.
 */
#ifndef TESTS_FLOW_AGI_PEER_H
#define TESTS_FLOW_AGI_PEER_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "content/prompts.h"
#include "daemon/voice/fastagi.h"
#include "tests/flow/kit.h"

enum { LINES_MAX = 65536 };

#define WORKER "+79161234567"

static const int64_t hour_ms = INT64_C(3600000);
static struct kit kit;
static struct fastagi *server;

/* One call, as the gateway has it. */
struct peer {
	int fd;
	char got[LINES_MAX]; /* what safard sent and nobody has looked at */
	size_t n;
	bool closed;
};

static inline void
start(void)
{
	struct diag why = { "" };

	ASSERT(kit_start(&kit) == 0);
	if (fastagi_open(kit.base, kit.h, kit.dir, "agi.sock", &server, &why) <
	    0)
		printf("# %s\n", why.text);
}

static inline void
stop(void)
{
	fastagi_close(&server);
	kit_stop(&kit);
}

static inline void
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

static inline void
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

static inline struct peer *
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

static inline void
drop(struct peer **pp)
{
	(void)close((*pp)->fd);
	free(*pp);
	*pp = NULL;
	kit_run(&kit);
}

/* Take the line that safard waits to be answered; "" if there is none. */
static inline const char *
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

static inline bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The last part of the path in a STREAM FILE line is the prompt. */
static inline void
prompt_note(const char *text, char *heard, size_t size)
{
	size_t n = strlen(heard);
	char id[256] = "";
	const char *at;

	(void)snprintf(id, sizeof(id), "%.255s", text + strlen("STREAM FILE "));
	id[strcspn(id, " ")] = '\0';
	at = strrchr(id, '/');
	(void)snprintf(heard + n, size - n, "%s ", at != NULL ? at + 1 : id);
}

/*
 * Play everything that is said, pauses too, until safard waits for a key,
 * records, dials or hangs up: that line is returned, unanswered.
 */
static inline const char *
listen_to(struct peer *p, char *heard, size_t size)
{
	int i;

	heard[0] = '\0';
	for (i = 0; i < 300; i++) {
		const char *text = line(p);

		if (begins(text, "STREAM FILE ")) {
			prompt_note(text, heard, size);
			put(p, "200 result=0 endpos=8000\n");
		} else if (strcmp(text, "WAIT FOR DIGIT 250") == 0 ||
			   strcmp(text, "WAIT FOR DIGIT 1500") == 0) {
			put(p, "200 result=0\n");
		} else {
			return text;
		}
	}
	return "endless";
}

/* What the last listen_to() heard. */
static char heard[16384];

static inline const char *
hear(struct peer *p)
{
	return listen_to(p, heard, sizeof(heard));
}

/* Press a key where safard waits for one, and hear what follows. */
static inline const char *
press(struct peer *p, char key)
{
	char reply[32];

	(void)snprintf(reply, sizeof(reply), "200 result=%d\n", key);
	put(p, reply);
	return hear(p);
}

/* Press nothing for as long as safard waits, and hear what follows. */
static inline const char *
wait_out(struct peer *p)
{
	put(p, "200 result=0\n");
	return hear(p);
}

static inline void
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
static inline struct peer *
call_from(const char *from)
{
	struct peer *p = dial();

	block(p, from);
	OK(begins(line(p), "ANSWER"), "the call is answered");
	put(p, "200 result=0\n");
	(void)hear(p);
	return p;
}

/* At a listing, in Russian. */
static inline struct peer *
at_listing(const char *from)
{
	struct peer *p = call_from(from);

	(void)press(p, '1');
	(void)press(p, '9');
	return p;
}

/* --- the log --- */

struct rows {
	char text[8192]; /* "node outcome lang place parts person;" ... */
	size_t n, linked;
};

static inline bool
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
static inline const struct rows *
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

static inline void
file_put(const char *path, size_t size)
{
	FILE *f = fopen(path, "we");

	ASSERT(f != NULL);
	while (size-- > 0)
		(void)fputc('x', f);
	ASSERT(fclose(f) == 0);
}

static inline void
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

static inline void
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

/* First of all: a line in Russia, and its prompts.  Set what else is to be set,
 * then start(). */
static inline void
prepare(const char *program)
{
	(void)signal(SIGPIPE, SIG_IGN);
	kit_new(&kit, program);
	prompts_make();
	kit_stop(&kit);
	kit_set(&kit, "country: \"\"", "country: \"ru\"");
}

#endif
