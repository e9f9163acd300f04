/* call.c - one call: the trunk's leg, its speech, and safard's commands. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/sip/gateway_inner.h"

#include "daemon/base/log.h"
#include "daemon/sip/newest.h"

enum {
	CONNECT_MS = 2000, /* for safard to take the connection */
	SILENT_MS = 10000, /* for safard to give the next command */
	LINGER_MS = 5000,  /* for safard to close behind the caller */
	SORRY_MS = 30000,  /* for an apology, at most */
	DAY_MS = 86400000,
	LIMITS_MS = 100, /* how often limits of time are looked at */
	BLOCK_MAX = 2 * AGI_LINE_MAX, /* what is told at the start */
	TIMES = 3, /* an apology is said in so many languages */
};

enum call_state {
	CALL_CONNECTING, /* to safard */
	CALL_TALKING,	 /* commands */
	CALL_SORRY,	 /* safard is away: the caller hears so */
	CALL_OVER,	 /* the leg is to be closed, safard may still close */
};

/* What each tick needs is together, in front. */
struct call {
	struct tick tick;
	struct media *media;
	struct exec *exec;
	int64_t limits_ms; /* when they are due */
	enum call_state state;
	bool ends;  /* the leg is to be ended */
	bool news;  /* agi_run() is due */
	bool gone;  /* the leg is over */
	bool heard; /* it was established */
	struct agi *agi;
	struct leg *leg;
	struct gateway *gateway;
	struct recording *recording;
	unsigned refusal;		/* status, if it was not answered */
	int64_t id, began_ms, since_ms; /* since: in this state */
	LIST_ENTRY(call) all;
	char folder[FOLDER_MAX]; /* of the last prompt */
	const char *why;	 /* the first thing that ended it */
	char caller[64], called[64], unique[48];
};

static void
call_over(struct call *c, const char *why)
{
	if (c->why == NULL)
		c->why = why;
	if (c->state == CALL_OVER)
		return;
	c->state = CALL_OVER;
	c->since_ms = ticker_now_ms();
	(void)media_stop(c->media);
}

/* --- what the executor orders --- */

static void
op_reply(void *arg, struct sv line)
{
	struct call *c = arg;

	if (c->agi == NULL)
		return;
	agi_send(c->agi, line);
	c->news = true; /* the next line may be run */
}

static void
call_answer(struct call *c)
{
	leg_answer(c->leg);
	media_start(c->media);
}

static void
op_answer(void *arg)
{
	struct call *c = arg;

	call_answer(c);
}

/* By Q.850: RFC 3398, 8.2.6.1. */
static unsigned
status_of(int cause)
{
	switch (cause) {
	case 17:
		return 486;
	case 21:
		return 603;
	default:
		return 480;
	}
}

static void
op_hang_up(void *arg, int cause)
{
	struct call *c = arg;

	c->refusal = status_of(cause);
	c->ends = true;
	if (c->why == NULL)
		c->why = "safard";
}

static int
op_play(void *arg, struct sv path, size_t from)
{
	struct call *c = arg;
	char name[FOLDER_MAX], *slash;
	struct sound *sound;
	int rc;

	if (path.n >= sizeof(name) || memchr(path.p, '\0', path.n) != NULL)
		return -ENOENT;
	memcpy(name, path.p, path.n);
	name[path.n] = '\0';
	rc = sounds_get(c->gateway->sounds, name, &sound);
	if (rc < 0) {
		log_kv(LOG_WARN, "prompt", "call=%lld error=\"%s\"",
		    (long long)c->id, strerror(-rc));
		return rc;
	}
	slash = strrchr(name, '/');
	if (slash != NULL) {
		*slash = '\0';
		memcpy(c->folder, name, sizeof(c->folder));
	}
	if (!c->heard)
		leg_progress(c->leg);
	media_start(c->media);
	media_play(c->media, &sound, 1, from);
	return 0;
}

/* Where this call's prompts are, before any was played. */
static int
folder_need(struct call *c)
{
	struct sv language = exec_language(c->exec);

	if (c->folder[0] != '\0')
		return 0;
	return newest_find(c->gateway->prompts, language, c->folder);
}

static int
op_say(void *arg, struct sv digits)
{
	struct call *c = arg;
	struct sound *list[MEDIA_LIST_MAX];
	char name[FOLDER_MAX + 16];
	size_t n = 0, i;
	int rc = folder_need(c);

	for (i = 0; rc == 0 && i < digits.n && n < MEDIA_LIST_MAX; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			continue;
		(void)snprintf(
		    name, sizeof(name), "%s/digit.%c", c->folder, digits.p[i]);
		rc = sounds_get(c->gateway->sounds, name, &list[n]);
		if (rc == 0)
			n++;
	}
	if (rc == 0) {
		media_play(c->media, list, n, 0);
		return 0;
	}
	while (n > 0)
		sound_unref(&list[--n]);
	return rc;
}

static void
op_beep(void *arg)
{
	struct call *c = arg;
	struct sound *beep = sound_ref(c->gateway->beep);

	media_play(c->media, &beep, 1, 0);
}

static size_t
op_stop(void *arg)
{
	struct call *c = arg;

	return media_stop(c->media);
}

static int
op_record(void *arg, struct sv path)
{
	struct call *c = arg;
	int rc = recording_open(c->gateway->spool, path, &c->recording);

	if (rc < 0)
		log_kv(LOG_WARN, "no_recording", "call=%lld error=\"%s\"",
		    (long long)c->id, strerror(-rc));
	else
		media_record(c->media, c->recording);
	return rc;
}

static size_t
op_silent(void *arg)
{
	struct call *c = arg;

	return media_silent(c->media);
}

static void
on_recorded(int rc, void *arg)
{
	struct call *c = arg;

	if (rc < 0)
		log_kv(LOG_WARN, "recording_lost", "call=%lld error=\"%s\"",
		    (long long)c->id, strerror(-rc));
	if (c->exec != NULL)
		exec_recorded(c->exec, rc);
}

static size_t
op_record_end(void *arg, size_t cut)
{
	struct call *c = arg;
	size_t length;

	if (c->recording == NULL)
		return 0; /* sorry() has ended it: nobody waits for the reply */
	length = recording_length(c->recording);
	media_record(c->media, NULL);
	recording_end(&c->recording, cut, on_recorded, c);
	return length > cut ? length - cut : 0;
}

/* NAME=URI of the setting sip.transfer. */
static bool
target_find(const char *list, struct sv name, char *ret_uri, size_t size)
{
	struct sv rest = sv_of(list), uri, key;

	while (rest.n > 0) {
		uri = sv_cut(&rest, ' ');
		key = sv_cut(&uri, '=');
		if (uri.n == 0 || uri.n >= size || !sv_eq(key, name))
			continue;
		memcpy(ret_uri, uri.p, uri.n);
		ret_uri[uri.n] = '\0';
		return true;
	}
	return false;
}

static int
op_dial(void *arg, struct sv name)
{
	struct call *c = arg;
	const struct conf *conf = c->gateway->conf;
	char uri[sizeof(conf->sip.transfer)];

	if (!target_find(conf->sip.transfer, name, uri, sizeof(uri)))
		return -ENOENT;
	if (!limit_take(&c->gateway->transfers, conf->sip.transfers_per_day,
		DAY_MS, ticker_now_ms())) {
		log_kv(LOG_WARN, "no_transfer",
		    "call=%lld why=transfers_per_day", (long long)c->id);
		return -EDQUOT;
	}
	return leg_refer(c->leg, uri);
}

static void
op_dial_end(void *arg)
{
	struct call *c = arg;

	leg_refer_end(c->leg);
}

static const struct exec_ops exec_ops = {
	.reply = op_reply,
	.answer = op_answer,
	.hang_up = op_hang_up,
	.play = op_play,
	.say = op_say,
	.beep = op_beep,
	.stop = op_stop,
	.record = op_record,
	.silent = op_silent,
	.record_end = op_record_end,
	.dial = op_dial,
	.dial_end = op_dial_end,
};

/* --- what the media tell --- */

static void
on_key(void *arg, char key)
{
	struct call *c = arg;

	if (c->state == CALL_TALKING)
		exec_key(c->exec, key, ticker_now_ms());
}

static void
on_played(void *arg)
{
	struct call *c = arg;

	if (c->state == CALL_TALKING)
		exec_played(c->exec, ticker_now_ms());
	else if (c->state == CALL_SORRY)
		call_over(c, "safard away");
}

static const struct media_ops media_ops = { .key = on_key,
	.played = on_played };

/* --- safard is away --- */

/* The apology of a folder; 0 if it has none. */
static size_t
sorry_get(struct call *c, const char *folder, struct sound **ret)
{
	char name[FOLDER_MAX + 16];

	if (folder[0] == '\0')
		return 0;
	(void)snprintf(name, sizeof(name), "%s/voice.sorry", folder);
	return sounds_get(c->gateway->sounds, name, ret) == 0;
}

/* In the language of the call, else in those that most callers know. */
static void
sorry_play(struct call *c)
{
	static const char *const languages[] = { "ru", "uz", "tg", "ky", "kk",
		"en" };
	struct gateway *g = c->gateway;
	struct sound *list[TIMES];
	char folder[FOLDER_MAX];
	size_t n = sorry_get(c, c->folder, &list[0]), i;
	bool said = n > 0;

	for (i = 0; !said && n < TIMES && i < ARRAY_LEN(languages); i++)
		if (newest_find(g->prompts, sv_of(languages[i]), folder) == 0)
			n += sorry_get(c, folder, &list[n]);
	if (n == 0)
		list[n++] = sound_ref(g->tone);
	media_play(c->media, list, n, 0);
}

/* Never a dead line: the caller hears an apology, and the call ends. */
static void
sorry(struct call *c, const char *why)
{
	if (c->state == CALL_SORRY || c->state == CALL_OVER)
		return;
	log_kv(LOG_WARN, "safard_away", "call=%lld why=\"%s\"",
	    (long long)c->id, why);
	c->why = why;
	if (c->recording != NULL) {
		media_record(c->media, NULL);
		recording_end(&c->recording, 0, NULL, NULL);
	}
	leg_refer_end(c->leg);
	if (c->gone) {
		call_over(c, why);
		return;
	}
	c->state = CALL_SORRY;
	c->since_ms = ticker_now_ms();
	if (c->heard)
		sorry_play(c);
	else
		call_answer(c);
}

/* --- what safard says --- */

/* It goes out when the connection stands. */
static void
block_send(struct call *c)
{
	char block[BLOCK_MAX], channel[32];
	struct agi_env env = {
		.network_script = SV("call"),
		.channel = { channel, 0 },
		.language = SV("en"),
		.type = SV("SIP"),
		.uniqueid = sv_of(c->unique),
		.version = SV("safar-voice"),
		.callerid = sv_of(c->caller[0] != '\0' ? c->caller : "unknown"),
		.calleridname = SV("unknown"),
		.callingpres = c->caller[0] != '\0' ? SV("0") : SV("32"),
		.dnid = sv_of(c->called),
		.rdnis = SV("unknown"),
		.context = SV("safar"),
		.extension = sv_of(c->called),
	};
	struct sb b;

	env.channel.n = (size_t)snprintf(
	    channel, sizeof(channel), "SIP/trunk-%08llx", (long long)c->id);
	sb_wrap(&b, block, sizeof(block));
	agi_write_env(&env, &b);
	op_reply(c, sb_sv(&b));
}

static void
on_opened(void *arg)
{
	struct call *c = arg;

	if (c->state == CALL_CONNECTING)
		c->state = CALL_TALKING;
}

static bool
is_ready(void *arg)
{
	const struct call *c = arg;

	return c->state != CALL_SORRY && exec_is_idle(c->exec);
}

static void
on_line(void *arg, struct sv line)
{
	struct call *c = arg;

	exec_line(c->exec, line, ticker_now_ms());
}

static void
on_agi_closed(void *arg)
{
	struct call *c = arg;

	if (exec_is_dead(c->exec))
		call_over(c, "safard");
	else
		sorry(c, c->state == CALL_CONNECTING ? "refused" : "closed");
}

static const struct agi_ops agi_ops = {
	.opened = on_opened,
	.is_ready = is_ready,
	.line = on_line,
	.closed = on_agi_closed,
};

/* What safard has said, before keys are heard and speech is sent: both are for
 * the new command. */
static void
news_take(struct call *c)
{
	c->news = false;
	if (agi_run(c->agi))
		c->news = true;
}

/* --- what the trunk tells --- */

static void
leg_agreed(void *arg, const struct media_format *format)
{
	struct call *c = arg;

	media_set(c->media, format);
}

static void
leg_established(void *arg)
{
	struct call *c = arg;

	c->heard = true;
	if (c->state == CALL_SORRY)
		sorry_play(c);
	else if (!exec_is_dead(c->exec))
		exec_answered(c->exec, ticker_now_ms());
}

static void
leg_key(void *arg, char key)
{
	struct call *c = arg;

	if (c->agi != NULL && exec_is_idle(c->exec))
		news_take(c);
	media_key(c->media, key);
}

static void
leg_referred(void *arg, enum dial_end end)
{
	struct call *c = arg;

	exec_dialled(c->exec, end, ticker_now_ms());
}

static void
leg_closed(void *arg)
{
	struct call *c = arg;

	c->gone = true;
	exec_hung_up(c->exec, ticker_now_ms());
	call_over(c, "caller");
}

/* --- 20 ms --- */

static void
call_free(struct call *c)
{
	struct gateway *g = c->gateway;
	int64_t ms = ticker_now_ms() - c->began_ms;

	log_kv(LOG_INFO, "call_end", "call=%lld seconds=%lld why=\"%s\"",
	    (long long)c->id, (long long)(ms / 1000),
	    c->why != NULL ? c->why : "");
	LIST_REMOVE(c, all);
	ticker_remove(g->ticker, &c->tick);
	recording_end(&c->recording, 0, NULL, NULL);
	spool_forget(g->spool, c);
	agi_close(&c->agi);
	leg_close(&c->leg);
	media_close(&c->media);
	exec_free(&c->exec);
	free(c);
}

static void
limits_check(struct call *c, int64_t now_ms)
{
	const struct conf *conf = c->gateway->conf;
	int64_t in_state = now_ms - c->since_ms;

	if (c->state == CALL_OVER || now_ms < c->limits_ms)
		return;
	c->limits_ms = now_ms + LIMITS_MS;
	if (now_ms - c->began_ms > conf->voice.call_most_s * 1000)
		call_over(c, "too long");
	else if (c->heard &&
		 now_ms - media_heard_ms(c->media) > conf->sip.silence_s * 1000)
		call_over(c, "no speech came");
	else if (c->state == CALL_SORRY && in_state > SORRY_MS)
		call_over(c, "safard away");
	else if (c->state == CALL_CONNECTING && in_state > CONNECT_MS)
		sorry(c, "no connection");
	else if (c->state == CALL_TALKING && exec_is_idle(c->exec) &&
		 now_ms - exec_idle_ms(c->exec) > SILENT_MS)
		sorry(c, "silent");
}

/* The caller's side ends at once; safard may close its own. */
static void
leg_end(struct call *c, int64_t now_ms)
{
	if (c->leg == NULL || (!c->ends && c->state != CALL_OVER))
		return;
	if (!c->heard && c->refusal != 0)
		leg_refuse(c->leg, c->refusal);
	leg_close(&c->leg);
	c->gone = true;
	exec_hung_up(c->exec, now_ms);
	call_over(c, "safard");
}

static void
on_tick(void *arg, int64_t now_ms)
{
	struct call *c = arg;

	if (c->news)
		news_take(c);
	media_tick(c->media, now_ms);
	exec_tick(c->exec, now_ms);
	limits_check(c, now_ms);
	leg_end(c, now_ms);
	if (c->state == CALL_OVER && (c->agi == NULL || !agi_is_open(c->agi) ||
					 now_ms - c->since_ms > LINGER_MS))
		call_free(c);
}

/* --- a new one --- */

static void
keep(struct sv v, char *to, size_t size)
{
	if (v.n >= size)
		v.n = size - 1;
	if (v.n > 0)
		memcpy(to, v.p, v.n);
	to[v.n] = '\0';
}

static void
executor_start(struct call *c)
{
	struct exec_call named = {
		.caller = sv_of(c->caller),
		.called = sv_of(c->called),
		.language = SV("en"),
		.unique = sv_of(c->unique),
	};

	(void)snprintf(c->unique, sizeof(c->unique), "%lld.%lld",
	    (long long)time(NULL), (long long)c->id);
	c->exec = exec_new(&exec_ops, c, &named, c->began_ms);
}

static int
leg_invite(void *gateway, struct leg *leg, const struct leg_call *call,
    void **ret_arg, uint16_t *ret_port)
{
	struct gateway *g = gateway;
	struct call *c = calloc(1, sizeof(*c));
	int rc;

	ASSERT(c != NULL);
	rc = media_open(&g->pool, &media_ops, c, &c->media);
	if (rc < 0) {
		log_kv(LOG_WARN, "no_port", "error=\"%s\"", strerror(-rc));
		free(c);
		return rc;
	}
	c->gateway = g;
	c->leg = leg;
	c->id = ++g->count;
	c->began_ms = c->since_ms = ticker_now_ms();
	keep(call->caller, c->caller, sizeof(c->caller));
	keep(call->called, c->called, sizeof(c->called));
	executor_start(c);
	c->tick = (struct tick){ .on_tick = on_tick, .arg = c };
	ticker_add(g->ticker, &c->tick);
	LIST_INSERT_HEAD(&g->calls, c, all);
	log_kv(LOG_INFO, "call", "call=%lld", (long long)c->id);
	*ret_arg = c;
	*ret_port = media_port(c->media);
	return 0;
}

/* The trunk has taken it: tell safard. */
static void
leg_ringing(void *arg)
{
	struct call *c = arg;

	if (agi_open(&c->gateway->target, &agi_ops, c, c->gateway->pool.poll_fd,
		&c->news, &c->agi) < 0)
		sorry(c, "refused");
	else
		block_send(c);
}

const struct leg_ops call_leg_ops = {
	.invite = leg_invite,
	.ringing = leg_ringing,
	.agreed = leg_agreed,
	.established = leg_established,
	.key = leg_key,
	.referred = leg_referred,
	.closed = leg_closed,
};

void
calls_stop(struct gateway *g)
{
	struct call *c;

	for (c = LIST_FIRST(&g->calls); c != NULL; c = LIST_NEXT(c, all)) {
		c->ends = true;
		c->refusal = status_of(0);
		if (c->why == NULL)
			c->why = "stopped";
	}
}

void
calls_drop(struct gateway *g)
{
	struct call *c = LIST_FIRST(&g->calls), *next;

	for (; c != NULL; c = next) {
		next = LIST_NEXT(c, all);
		call_free(c);
	}
}
