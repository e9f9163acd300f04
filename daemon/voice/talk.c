/*
 * talk.c - a call on its connection: one command at a time, a table of states.
 *
 * A key that is pressed while no command runs is lost at the gateway, so the
 * next command follows as soon as the core has committed the turn before.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/voice/inner.h"

enum {
	COMMAND_MAX = AGI_LINE_MAX + 2,
	WAIT_MS = 6000,	   /* for a key, when all is said */
	RING_S = 20,	   /* a counsellor */
	AT_ONCE_MS = 1000, /* who hangs up by then wants a text */
	GOODBYE_S = 20,	   /* so long before the end it is said */
	GRACE_S = 60,	   /* over the longest call: then it is cut */
	RECORD_SILENCE_S = 10,
	KEYS_MOST = 500,	/* of a call: each is a row of the log */
	PROMPT_S = 120,		/* no prompt is so long */
	PRESENTATION_NO = 0x60, /* agi_callingpres: restricted, or unknown */
};

static const char keys[] = "0123456789*#";

typedef void reply_fn(struct talk *t, const struct agi_reply *r);

static reply_fn on_answer, on_said, on_waited, on_recorded, on_hidden,
    on_dialled, on_status, on_checked, on_hangup;

/* Each state: how long it may last, and what a reply means in it. */
static const struct {
	const char *name;
	int64_t most_s;	 /* 0: see talk_most() */
	reply_fn *reply; /* NULL: none is due */
} states[TALK_STATE_COUNT] = {
	[TALK_BLOCK] = { "block", 5, NULL },
	[TALK_ANSWER] = { "answer", 60, on_answer },
	[TALK_TURN] = { "turn", 30, NULL },
	[TALK_SAY] = { "say", PROMPT_S, on_said },
	[TALK_WAIT] = { "wait", WAIT_MS / 1000 + 30, on_waited },
	[TALK_RECORD] = { "record", VOICE_RECORD_S + 30, on_recorded },
	[TALK_HIDE] = { "hide", 10, on_hidden },
	[TALK_DIAL] = { "dial", 0, on_dialled },
	[TALK_DIALLED] = { "dialled", 10, on_status },
	[TALK_CHECK] = { "check", 10, on_checked },
	[TALK_HANGUP] = { "hangup", 5, on_hangup },
	[TALK_OVER] = { "over", 0, NULL },
};

static void
enter(struct talk *t, enum talk_state state)
{
	t->state = state;
	t->since_ms = clock_ms();
}

/* At once: by way of the loop it would cost a round of it.  What the socket
 * does not take, or why, is the loop's. */
static int
line_send(struct talk *t, struct sv line)
{
	ssize_t n = -1;

	if (evbuffer_get_length(bufferevent_get_output(t->bev)) == 0)
		n = send(bufferevent_getfd(t->bev), line.p, line.n,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		n = 0;
	if ((size_t)n == line.n)
		return 0;
	return bufferevent_write(t->bev, line.p + n, line.n - (size_t)n);
}

/* Send a command and wait for its reply in a state. */
static void
command(struct talk *t, enum talk_state state, const struct agi_command *c)
{
	char line[COMMAND_MAX];
	struct sb b;

	sb_wrap(&b, line, sizeof(line));
	agi_write_command(c, &b);
	ASSERT(!b.full); /* every argument has a limit */
	enter(t, state);
	if (line_send(t, sb_sv(&b)) < 0)
		talk_over(t, "out_of_memory");
}

static void
hang_up(struct talk *t)
{
	command(t, TALK_HANGUP, &(struct agi_command){ .verb = AGI_HANGUP });
}

/* --- what is said --- */

static void
wait_for_key(struct talk *t, enum talk_state state, int ms)
{
	char number[16];
	struct agi_command c = { .verb = AGI_WAIT_FOR_DIGIT, .count = 1 };
	struct sb b;

	sb_wrap(&b, number, sizeof(number));
	sb_printf(&b, "%d", ms);
	c.args[0] = sb_sv(&b);
	command(t, state, &c);
}

static void
record(struct talk *t)
{
	char most[16], silence[16];
	struct agi_command c = { .verb = AGI_RECORD_FILE,
		.count = 6,
		.args = { { 0 }, SV("wav"), SV("#"), { 0 }, SV("BEEP") } };
	struct sb b;

	voice_spool(t->core, t->path);
	sb_wrap(&b, most, sizeof(most));
	sb_printf(&b, "%d", VOICE_RECORD_S * 1000);
	c.args[3] = sb_sv(&b);
	sb_wrap(&b, silence, sizeof(silence));
	sb_printf(&b, "s=%d", (int)RECORD_SILENCE_S);
	c.args[5] = sb_sv(&b);
	c.args[0] = sv_of(t->path);
	command(t, TALK_RECORD, &c);
}

/* The counsellor must not see who calls. */
static void
hide(struct talk *t)
{
	command(t, TALK_HIDE,
	    &(struct agi_command){ .verb = AGI_SET_VARIABLE,
		.count = 2,
		.args = { SV("CALLERID(all)"), SV("<anonymous>") } });
}

/* All is said. */
static void
act(struct talk *t)
{
	switch (t->said.act) {
	case VOICE_ASK:
		wait_for_key(t, TALK_WAIT, WAIT_MS);
		return;
	case VOICE_RECORD:
		record(t);
		return;
	case VOICE_TRANSFER:
		hide(t);
		return;
	case VOICE_END:
		hang_up(t);
		return;
	}
}

/* Say one line.  False if there is nothing to be heard of it. */
static bool
line_say(struct talk *t, struct sv line)
{
	char path[VOICE_PATH_MAX + sizeof(".wav")];
	struct agi_command c = { .verb = AGI_STREAM_FILE, .count = 2 };
	struct sv rest = line;
	int64_t ms;
	size_t n;

	if (sv_eq(sv_cut(&rest, ' '), SV("-"))) {
		if (agi_number(rest, &ms) < 0 || ms > WAIT_MS)
			return false;
		wait_for_key(t, TALK_SAY, (int)ms);
		return true;
	}
	if (voice_prompt(t->core, line, path) < 0)
		return false;
	n = strlen(path);
	memcpy(path + n, ".wav", sizeof(".wav"));
	if (access(path, R_OK) < 0) {
		voice_prompt_missing(fastagi_hotline(t->server), line);
		return false;
	}
	c.args[0] = (struct sv){ path, n };
	c.args[1] = t->said.act == VOICE_ASK || t->said.act == VOICE_RECORD ?
			SV("0123456789*#") :
			SV("");
	command(t, TALK_SAY, &c);
	return true;
}

static struct sv
line_next(struct talk *t)
{
	struct sv rest = { t->said.lines + t->at, t->said.n - t->at };
	struct sv line = sv_cut(&rest, '\n');

	t->at = t->said.n - rest.n;
	return line;
}

static void
say_on(struct talk *t)
{
	while (t->at < t->said.n)
		if (line_say(t, line_next(t)))
			return;
	act(t);
}

/* --- turns --- */

static void
on_turn(void *arg, int rc, const struct voice_said *said)
{
	struct talk *t = arg;

	(void)rc; /* an apology is said, and then the end */
	if (t->state != TALK_TURN)
		return;
	t->said = *said;
	t->at = 0;
	if (t->hung_up)
		talk_over(t, "hangup");
	else
		say_on(t);
}

static void
tell(struct talk *t, char event)
{
	enter(t, TALK_TURN);
	voice_tell(t->core, event, on_turn, t);
}

/* The longest call is nearly over, or nobody presses so many keys: politely,
 * before a gateway ends it. */
static bool
over_time(struct talk *t)
{
	const struct conf *conf = hotline_conf(fastagi_hotline(t->server));
	int64_t most_ms = (conf->voice.call_most_s - GOODBYE_S) * 1000;

	if (t->over_time ||
	    (t->keys < KEYS_MOST && clock_ms() - t->counted_ms < most_ms))
		return false;
	t->over_time = true;
	tell(t, '#');
	return true;
}

static void
pressed(struct talk *t, char key)
{
	t->keys++;
	if (!over_time(t))
		tell(t, key);
}

/* --- replies --- */

/* The key in a result, its ASCII code; 0: none. */
static char
key_of(const struct agi_reply *r)
{
	int64_t code;

	if (agi_number(r->result, &code) < 0 || code <= 0 || code > 127 ||
	    strchr(keys, (char)code) == NULL)
		return 0;
	return (char)code;
}

static bool
failed(const struct agi_reply *r)
{
	return r->code != AGI_RESULT || sv_eq(r->result, SV("-1"));
}

/* -1 is said where the caller is gone, and where a file cannot be played. */
static void
check(struct talk *t)
{
	t->checked = t->state;
	command(
	    t, TALK_CHECK, &(struct agi_command){ .verb = AGI_CHANNEL_STATUS });
}

static void
on_answer(struct talk *t, const struct agi_reply *r)
{
	if (failed(r)) {
		talk_over(t, "hangup");
		return;
	}
	t->answered_ms = clock_ms();
	tell(t, VOICE_BEGIN);
}

static void
on_said(struct talk *t, const struct agi_reply *r)
{
	char key = key_of(r);

	if (failed(r))
		check(t);
	else if (key != 0 && t->said.act == VOICE_ASK)
		pressed(t, key);
	else if (key != 0 && t->said.act == VOICE_RECORD)
		record(t);
	else if (!over_time(t))
		say_on(t);
}

static void
on_waited(struct talk *t, const struct agi_reply *r)
{
	char key = key_of(r);

	if (failed(r))
		check(t);
	else if (key != 0)
		pressed(t, key);
	else if (!over_time(t))
		tell(t, VOICE_SILENCE);
}

static void
on_checked(struct talk *t, const struct agi_reply *r)
{
	if (failed(r)) {
		talk_over(t, "hangup");
	} else if (t->checked == TALK_WAIT) {
		tell(t, VOICE_SILENCE);
	} else {
		voice_prompt_missing(
		    fastagi_hotline(t->server), SV("(not playable)"));
		say_on(t);
	}
}

/* Take what is in the spool. */
static void
recording_take(struct talk *t)
{
	char wav[VOICE_PATH_MAX + sizeof(".wav")];
	size_t n = strlen(t->path);

	memcpy(wav, t->path, n);
	memcpy(wav + n, ".wav", sizeof(".wav"));
	t->path[0] = '\0';
	voice_recorded(t->core, wav, on_turn, t);
}

static void
on_recorded(struct talk *t, const struct agi_reply *r)
{
	if (sv_eq(r->note, SV("hangup")))
		t->hung_up = true; /* what they said is kept all the same */
	enter(t, TALK_TURN);
	recording_take(t);
}

static void
on_hidden(struct talk *t, const struct agi_reply *r)
{
	const struct conf *conf = hotline_conf(fastagi_hotline(t->server));
	struct agi_command c = {
		.verb = AGI_EXEC, .count = 2, .args = { SV("Dial") }
	};
	char target[VOICE_TARGET_MAX], args[VOICE_TARGET_MAX + 48];
	struct sb b;

	voice_counsellor(t->core, target);
	if (failed(r) || target[0] == '\0') { /* never with their number */
		tell(t, VOICE_BUSY);
		return;
	}
	sb_wrap(&b, args, sizeof(args));
	sb_printf(&b, "%s,%d,gS(%lld)", target, (int)RING_S,
	    (long long)conf->voice.talk_most_s);
	c.args[1] = sb_sv(&b);
	command(t, TALK_DIAL, &c);
}

static void
on_dialled(struct talk *t, const struct agi_reply *r)
{
	(void)r;
	t->counted_ms += clock_ms() - t->since_ms; /* the talk is not counted */
	command(t, TALK_DIALLED,
	    &(struct agi_command){ .verb = AGI_GET_VARIABLE,
		.count = 1,
		.args = { SV("DIALSTATUS") } });
}

static void
on_status(struct talk *t, const struct agi_reply *r)
{
	tell(t, sv_eq(r->note, SV("ANSWER")) ? VOICE_TALKED : VOICE_BUSY);
}

static void
on_hangup(struct talk *t, const struct agi_reply *r)
{
	(void)r;
	talk_over(t, t->mute ? "no_prompts" : "done");
}

/* --- the connection --- */

static bool
is_withheld(const struct agi_env *env)
{
	int64_t presentation;

	return agi_number(env->callingpres, &presentation) == 0 &&
	       (presentation & PRESENTATION_NO) != 0;
}

static size_t
block_read(struct talk *t, struct sv in)
{
	struct agi_env env;
	size_t used = 0;

	switch (agi_read_env(in, &env, &used)) {
	case PARSE_OK:
		break;
	case PARSE_MORE:
		return 0;
	case PARSE_BAD:
	case PARSE_TOO_BIG:
		talk_over(t, "bad_block");
		return 0;
	}
	t->core = voice_begin(fastagi_hotline(t->server),
	    is_withheld(&env) ? SV("") : env.callerid);
	t->mute = !voice_is_spoken(fastagi_hotline(t->server));
	if (t->mute) { /* better the network's tone than a silence they pay */
		voice_prompt_missing(fastagi_hotline(t->server), SV("(any)"));
		hang_up(t);
	} else {
		command(t, TALK_ANSWER,
		    &(struct agi_command){ .verb = AGI_ANSWER });
	}
	return used;
}

static size_t
reply_read(struct talk *t, struct sv in)
{
	struct agi_reply reply;
	size_t used = 0;

	switch (agi_read_reply(in, &reply, &used)) {
	case PARSE_OK:
		break;
	case PARSE_MORE:
		return 0;
	case PARSE_BAD:
	case PARSE_TOO_BIG:
		talk_over(t, "bad_reply");
		return 0;
	}
	if (reply.code == AGI_NOTICE)
		t->hung_up = true;
	else if (states[t->state].reply == NULL)
		talk_over(t, "reply_unasked");
	else if (reply.code == AGI_DEAD)
		talk_over(t, "hangup");
	else
		states[t->state].reply(t, &reply);
	return used;
}

/* After a notice no command is of use; a recording is still to be read, and
 * a turn to be committed. */
static bool
hung_up(const struct talk *t)
{
	return t->hung_up && t->state != TALK_RECORD && t->state != TALK_TURN;
}

size_t
talk_read(struct talk *t, struct sv in)
{
	size_t used = 0, n = 1;

	while (n > 0 && used < in.n && t->state != TALK_OVER) {
		const struct sv rest = { in.p + used, in.n - used };

		n = t->state == TALK_BLOCK ? block_read(t, rest) :
					     reply_read(t, rest);
		used += n;
		if (t->state != TALK_OVER && hung_up(t))
			talk_over(t, "hangup");
	}
	return used;
}

struct talk *
talk_new(struct fastagi *s, struct bufferevent *bev)
{
	struct talk *t = calloc(1, sizeof(*t));

	ASSERT(t != NULL);
	t->server = s;
	t->bev = bev;
	t->begun_ms = t->counted_ms = clock_ms();
	enter(t, TALK_BLOCK);
	return t;
}

/* Before the answer, or within a second of it, and nothing pressed. */
static bool
at_once(const struct talk *t)
{
	return t->keys == 0 && (t->answered_ms == 0 ||
				   clock_ms() - t->answered_ms < AT_ONCE_MS);
}

void
talk_over(struct talk *t, const char *why)
{
	enum talk_state was = t->state;
	bool gone = t->mute || strcmp(why, "hangup") == 0;

	if (was == TALK_OVER)
		return;
	log_kv(LOG_INFO, "call_ended", "call=%u s=%lld keys=%u at=%s why=%s",
	    t->serial, (long long)(clock_ms() - t->begun_ms) / 1000, t->keys,
	    states[was].name, why);
	t->state = TALK_OVER;
	if (was == TALK_RECORD) /* what there is of it */
		recording_take(t);
	voice_end(&t->core, gone && at_once(t));
	fastagi_reap(t);
}

static int64_t
talk_most_s(const struct talk *t)
{
	const struct conf *conf = hotline_conf(fastagi_hotline(t->server));

	if (t->state == TALK_DIAL)
		return conf->voice.talk_most_s + RING_S + GRACE_S;
	return states[t->state].most_s;
}

void
talk_tick(struct talk *t, int64_t now_ms)
{
	const struct conf *conf = hotline_conf(fastagi_hotline(t->server));
	int64_t most_s = conf->voice.call_most_s + GRACE_S;

	if (t->since_ms > now_ms) /* the clock was set back */
		t->since_ms = now_ms;
	if (t->counted_ms > now_ms)
		t->counted_ms = now_ms;
	if (now_ms - t->since_ms >= talk_most_s(t) * 1000)
		talk_over(t, "stalled");
	else if (t->state != TALK_DIAL &&
		 now_ms - t->counted_ms >= most_s * 1000)
		talk_over(t, "too_long");
}
