/* exec.c - the commands of AGI, one at a time. */
#include "daemon/sip/exec.h"

#include <stdlib.h>

#include "daemon/sip/vars.h"

enum {
	ROOM = AGI_LINE_MAX + AGI_ARGS_MAX + 2,
	REPLY_ROOM = 2 * AGI_LINE_MAX,
	KEYS_MAX = 255, /* of one GET DATA */
	PATH_ROOM = 1024,
	DATA_FIRST_MS = 6000,	/* GET DATA without a time: first key */
	DATA_NEXT_MS = 2000,	/* between two */
	OPTION_MS = 5000,	/* GET OPTION without a time */
	ANSWER_MS = 500,	/* Asterisk waits so long for speech */
	KEY_CUT = 1600,		/* samples that a key leaves in a recording */
	SILENCE_KEPT_MS = 1000, /* of the silence that ended one */
	SAMPLES_PER_MS = 8,
	CHANNEL_RINGING = 4,
	CHANNEL_UP = 6,
	CAUSE_NORMAL = 16,
	DIAL_MS = 60000,
	SECONDS_MAX = 86400, /* of a time in a command */
};

enum state {
	ST_IDLE,
	ST_ANSWER,
	ST_STREAM,	/* a file or digits play; a key may end it */
	ST_OPTION_WAIT, /* GET OPTION, behind its file */
	ST_DATA_PLAY,
	ST_DATA_WAIT,
	ST_DIGIT,
	ST_BEEP,
	ST_RECORD,
	ST_RECORD_END, /* until it is on disk */
	ST_DIAL,
};

struct exec {
	const struct exec_ops *ops;
	void *arg;
	enum state state;
	enum agi_verb verb;
	bool up, dead;
	int64_t since_ms, now_ms;
	int64_t until_ms; /* INT64_MAX: no end */
	struct vars vars;
	/* of the command under way */
	char escape[32];
	char keys[KEYS_MAX + 1];
	size_t key_count, key_most;
	int64_t first_ms, next_ms; /* GET DATA, GET OPTION */
	size_t endpos;
	char path[PATH_ROOM]; /* RECORD FILE, while it beeps */
	int64_t record_ms, silence_ms;
	const char *note;
	int result;
	bool go_on; /* Dial with g */
	int64_t dialled_ms;
};

static void
send_reply(struct exec *e, const struct agi_reply *r)
{
	char room[REPLY_ROOM];
	struct sb b;

	sb_wrap(&b, room, sizeof(room));
	agi_write_reply(r, &b);
	e->ops->reply(e->arg, sb_sv(&b));
}

/* The command is done.  Everything that ends one comes through here. */
static void
done(struct exec *e, struct agi_reply r)
{
	e->state = ST_IDLE;
	e->since_ms = e->now_ms;
	send_reply(e, &r);
}

static void
done_code(struct exec *e, enum agi_code code)
{
	done(e, (struct agi_reply){ .code = code, .endpos = -1 });
}

/* 200 result=N, with a note and endpos if they are there. */
static void
done_result(struct exec *e, int result, const char *note, int64_t endpos)
{
	char number[16];
	struct sb b;

	sb_wrap(&b, number, sizeof(number));
	sb_printf(&b, "%d", result);
	done(e,
	    (struct agi_reply){ AGI_RESULT, sb_sv(&b), sv_of(note), endpos });
}

static void
done_number(struct exec *e, int result)
{
	done_result(e, result, NULL, -1);
}

static void
notice(struct exec *e)
{
	send_reply(e, &(struct agi_reply){ .code = AGI_NOTICE, .endpos = -1 });
}

/* --- life --- */

struct exec *
exec_new(const struct exec_ops *ops, void *arg, const struct exec_call *call,
    int64_t now_ms)
{
	struct exec *e = calloc(1, sizeof(*e));

	ASSERT(e != NULL);
	e->ops = ops;
	e->arg = arg;
	e->now_ms = e->since_ms = now_ms;
	vars_set(&e->vars, SV("CALLERID(num)"), call->caller);
	vars_set(&e->vars, SV("CALLERID(dnid)"), call->called);
	vars_set(&e->vars, SV("EXTEN"), call->called);
	vars_set(&e->vars, SV("CHANNEL(language)"), call->language);
	vars_set(&e->vars, SV("UNIQUEID"), call->unique);
	vars_set(&e->vars, SV("CHANNEL(state)"), SV("Ring"));
	vars_set(&e->vars, SV("HANGUPCAUSE"), SV("0"));
	return e;
}

void
exec_free(struct exec **ep)
{
	if (*ep == NULL)
		return;
	vars_done(&(*ep)->vars);
	free(*ep);
	*ep = NULL;
}

bool
exec_is_idle(const struct exec *e)
{
	return e->state == ST_IDLE;
}

int64_t
exec_idle_ms(const struct exec *e)
{
	return e->since_ms;
}

bool
exec_is_dead(const struct exec *e)
{
	return e->dead;
}

struct sv
exec_language(const struct exec *e)
{
	return vars_get(&e->vars, SV("CHANNEL(language)"));
}

/* --- commands --- */

static struct sv
arg_of(const struct agi_command *c, size_t i)
{
	return i < c->count ? c->args[i] : (struct sv){ 0 };
}

static int64_t
number_of(const struct agi_command *c, size_t i, int64_t otherwise)
{
	int64_t n;

	if (i >= c->count || agi_number(c->args[i], &n) < 0)
		return otherwise;
	return n;
}

static void
keep_escape(struct exec *e, struct sv keys)
{
	size_t n = keys.n < sizeof(e->escape) ? keys.n : sizeof(e->escape) - 1;

	if (n > 0)
		memcpy(e->escape, keys.p, n);
	e->escape[n] = '\0';
}

static bool
is_escape(const struct exec *e, char key)
{
	return strchr(e->escape, key) != NULL;
}

/* A negative time is for ever. */
static void
wait_until(struct exec *e, int64_t ms)
{
	e->until_ms = ms < 0 ? INT64_MAX : e->now_ms + ms;
}

static void
do_answer(struct exec *e, const struct agi_command *c)
{
	(void)c;
	if (e->up) {
		done_number(e, 0);
		return;
	}
	e->state = ST_ANSWER;
	wait_until(e, ANSWER_MS);
	e->ops->answer(e->arg);
}

static void
do_status(struct exec *e, const struct agi_command *c)
{
	if (c->count > 0)
		done_number(e, -1); /* another channel */
	else
		done_number(e, e->up ? CHANNEL_UP : CHANNEL_RINGING);
}

static void
do_stream(struct exec *e, const struct agi_command *c)
{
	int64_t from = number_of(c, 2, 0);

	keep_escape(e, arg_of(c, 1));
	e->first_ms = -1;
	if (c->verb == AGI_GET_OPTION) {
		e->first_ms = number_of(c, 2, OPTION_MS);
		from = 0;
	}
	if (from < 0 || e->ops->play(e->arg, arg_of(c, 0), (size_t)from) < 0) {
		done_result(e, -1, NULL, 0);
		return;
	}
	e->state = ST_STREAM;
}

static void
do_say(struct exec *e, const struct agi_command *c)
{
	keep_escape(e, arg_of(c, 1));
	if (e->ops->say(e->arg, arg_of(c, 0)) < 0)
		done_number(e, -1);
	else
		e->state = ST_STREAM;
}

static void
do_data(struct exec *e, const struct agi_command *c)
{
	int64_t ms = number_of(c, 1, 0), most = number_of(c, 2, KEYS_MAX);

	e->first_ms = ms == 0 ? DATA_FIRST_MS : ms;
	e->next_ms = ms == 0 ? DATA_NEXT_MS : ms;
	e->key_count = 0;
	e->key_most = most < 1 || most > KEYS_MAX ? KEYS_MAX : (size_t)most;
	if (e->ops->play(e->arg, arg_of(c, 0), 0) < 0)
		done_number(e, -1);
	else
		e->state = ST_DATA_PLAY;
}

static void
do_digit(struct exec *e, const struct agi_command *c)
{
	e->state = ST_DIGIT;
	wait_until(e, number_of(c, 0, 0));
}

static void
record_begin(struct exec *e)
{
	if (e->ops->record(e->arg, sv_of(e->path)) < 0) {
		done_result(e, -1, "writefile", -1);
		return;
	}
	e->state = ST_RECORD;
	wait_until(e, e->record_ms);
}

/* RECORD FILE name format escape ms [offset] [BEEP] [s=seconds] */
static void
do_record(struct exec *e, const struct agi_command *c)
{
	struct sv path = arg_of(c, 0);
	bool beep = false;
	int64_t seconds;
	size_t i;

	if (!sv_eq(arg_of(c, 1), SV("wav")) || path.n >= sizeof(e->path)) {
		done_result(e, -1, "writefile", -1);
		return;
	}
	memcpy(e->path, path.p, path.n);
	e->path[path.n] = '\0';
	keep_escape(e, arg_of(c, 2));
	e->record_ms = number_of(c, 3, 0);
	e->silence_ms = 0;
	for (i = 4; i < c->count; i++) {
		struct sv a = c->args[i];

		if (sv_eq(a, SV("BEEP")))
			beep = true;
		else if (a.n > 2 && memcmp(a.p, "s=", 2) == 0 &&
			 agi_number(
			     (struct sv){ a.p + 2, a.n - 2 }, &seconds) == 0 &&
			 seconds > 0 && seconds <= SECONDS_MAX)
			e->silence_ms = seconds * 1000;
	}
	if (beep) {
		e->state = ST_BEEP;
		e->ops->beep(e->arg);
	} else {
		record_begin(e);
	}
}

static void
do_set(struct exec *e, const struct agi_command *c)
{
	vars_set(&e->vars, arg_of(c, 0), arg_of(c, 1));
	done_number(e, 1);
}

static void
do_get(struct exec *e, const struct agi_command *c)
{
	struct sv value = vars_get(&e->vars, arg_of(c, 0));

	if (value.p == NULL)
		done_number(e, 0);
	else
		done(e, (struct agi_reply){ AGI_RESULT, SV("1"), value, -1 });
}

/* From now on the channel is dead, as Asterisk says it. */
static void
do_hangup(struct exec *e, const struct agi_command *c)
{
	if (c->count > 0) {
		done_number(e, -1); /* another channel */
		return;
	}
	e->dead = true;
	vars_set(&e->vars, SV("CHANNEL(state)"), SV("Down"));
	e->ops->hang_up(e->arg, CAUSE_NORMAL);
	done_number(e, 1);
	notice(e);
}

static void
do_exec_hangup(struct exec *e, struct sv args)
{
	int64_t cause;

	if (agi_number(args, &cause) < 0 || cause < 1 || cause > 127)
		cause = CAUSE_NORMAL;
	e->dead = true;
	e->ops->hang_up(e->arg, (int)cause);
	done_number(e, -1);
	notice(e);
}

static void
set_number(struct exec *e, struct sv name, int64_t n)
{
	char text[24];
	struct sb b;

	sb_wrap(&b, text, sizeof(text));
	sb_printf(&b, "%lld", (long long)n);
	vars_set(&e->vars, name, sb_sv(&b));
}

static void
dial_over(struct exec *e, enum dial_end end)
{
	static const char *const words[] = {
		[DIAL_ANSWER] = "ANSWER",
		[DIAL_BUSY] = "BUSY",
		[DIAL_NOANSWER] = "NOANSWER",
		[DIAL_CONGESTION] = "CONGESTION",
		[DIAL_CHANUNAVAIL] = "CHANUNAVAIL",
	};

	vars_set(&e->vars, SV("DIALSTATUS"), sv_of(words[end]));
	set_number(
	    e, SV("DIALEDTIME"), (e->now_ms - e->dialled_ms + 500) / 1000);
	if (end != DIAL_ANSWER) {
		done_number(e, 0);
		return;
	}
	/* the trunk has the caller now */
	e->dead = true;
	e->ops->hang_up(e->arg, CAUSE_NORMAL);
	done_number(e, e->go_on ? 0 : -1);
	notice(e);
}

/* Dial(TECH/NAME,seconds,options) */
static void
do_exec_dial(struct exec *e, struct sv args)
{
	struct sv target = sv_cut(&args, ','), seconds = sv_cut(&args, ','),
		  options = args, name = target;
	int64_t s;

	(void)sv_cut(&name, '/');
	if (name.n == 0)
		name = target;
	e->dialled_ms = e->now_ms;
	e->go_on = options.n > 0 && memchr(options.p, 'g', options.n) != NULL;
	vars_set(&e->vars, SV("DIALSTATUS"), SV(""));
	if (e->dead) {
		done_number(e, -1);
		return;
	}
	if (e->ops->dial(e->arg, name) < 0) {
		dial_over(e, DIAL_CHANUNAVAIL);
		return;
	}
	e->state = ST_DIAL;
	if (agi_number(seconds, &s) < 0 || s <= 0 || s > SECONDS_MAX)
		wait_until(e, DIAL_MS);
	else
		wait_until(e, s * 1000);
}

static void
do_exec(struct exec *e, const struct agi_command *c)
{
	if (sv_eq(arg_of(c, 0), SV("Dial")))
		do_exec_dial(e, arg_of(c, 1));
	else if (sv_eq(arg_of(c, 0), SV("Hangup")))
		do_exec_hangup(e, arg_of(c, 1));
	else
		done_number(e, -2);
}

static void
do_noop(struct exec *e, const struct agi_command *c)
{
	done_number(e, c->verb == AGI_VERBOSE ? 1 : 0);
}

static const struct {
	void (*run)(struct exec *e, const struct agi_command *c);
	bool dead; /* also when the caller is gone */
} verbs[AGI_VERB_COUNT] = {
	[AGI_ANSWER] = { do_answer, false },
	[AGI_CHANNEL_STATUS] = { do_status, false },
	[AGI_EXEC] = { do_exec, true },
	[AGI_GET_DATA] = { do_data, false },
	[AGI_GET_OPTION] = { do_stream, false },
	[AGI_GET_VARIABLE] = { do_get, true },
	[AGI_HANGUP] = { do_hangup, false },
	[AGI_NOOP] = { do_noop, true },
	[AGI_RECORD_FILE] = { do_record, false },
	[AGI_SAY_DIGITS] = { do_say, false },
	[AGI_SET_VARIABLE] = { do_set, true },
	[AGI_STREAM_FILE] = { do_stream, false },
	[AGI_VERBOSE] = { do_noop, true },
	[AGI_WAIT_FOR_DIGIT] = { do_digit, false },
};

void
exec_line(struct exec *e, struct sv line, int64_t now_ms)
{
	struct agi_command c = { .count = 0 };
	char words[ROOM];
	enum agi_code code;
	struct sb room;

	ASSERT(exec_is_idle(e));
	e->now_ms = now_ms;
	sb_wrap(&room, words, sizeof(words));
	code = agi_read_command(line, &room, &c);
	if (code != AGI_RESULT) {
		done_code(e, code);
		return;
	}
	if (e->dead && !verbs[c.verb].dead) {
		done_code(e, AGI_DEAD);
		return;
	}
	e->verb = c.verb;
	verbs[c.verb].run(e, &c);
}

/* --- events --- */

void
exec_answered(struct exec *e, int64_t now_ms)
{
	e->now_ms = now_ms;
	e->up = true;
	vars_set(&e->vars, SV("CHANNEL(state)"), SV("Up"));
	if (e->state == ST_ANSWER)
		done_number(e, 0);
}

static void
data_done(struct exec *e, bool timeout)
{
	e->keys[e->key_count] = '\0';
	done(e, (struct agi_reply){ AGI_RESULT, { e->keys, e->key_count },
		    sv_of(timeout ? "timeout" : NULL), -1 });
}

static void
data_key(struct exec *e, char key)
{
	if (e->state == ST_DATA_PLAY)
		(void)e->ops->stop(e->arg);
	e->state = ST_DATA_WAIT;
	if (key != '#')
		e->keys[e->key_count++] = key;
	if (key == '#' || e->key_count == e->key_most)
		data_done(e, false);
	else
		wait_until(e, e->next_ms);
}

static void
stream_key(struct exec *e, char key)
{
	size_t at;

	if (!is_escape(e, key))
		return;
	at = e->ops->stop(e->arg);
	done_result(e, key, NULL, e->verb == AGI_SAY_DIGITS ? -1 : (int64_t)at);
}

/* It is replied to when the writer is done. */
static void
record_over(struct exec *e, const char *note, int result, size_t cut)
{
	e->note = note;
	e->result = result;
	e->state = ST_RECORD_END;
	e->endpos = e->ops->record_end(e->arg, cut);
}

void
exec_key(struct exec *e, char key, int64_t now_ms)
{
	e->now_ms = now_ms;
	switch (e->state) {
	case ST_STREAM:
		stream_key(e, key);
		break;
	case ST_OPTION_WAIT:
		done_result(
		    e, is_escape(e, key) ? key : 0, NULL, (int64_t)e->endpos);
		break;
	case ST_DATA_PLAY:
	case ST_DATA_WAIT:
		data_key(e, key);
		break;
	case ST_DIGIT:
		done_number(e, key);
		break;
	case ST_RECORD:
		if (is_escape(e, key))
			record_over(e, "dtmf", key, KEY_CUT);
		break;
	case ST_IDLE: /* a key pressed while no command runs is lost */
	case ST_ANSWER:
	case ST_BEEP:
	case ST_RECORD_END:
	case ST_DIAL:
		break;
	}
}

static void
stream_played(struct exec *e)
{
	e->endpos = e->ops->stop(e->arg);
	if (e->verb == AGI_GET_OPTION) {
		e->state = ST_OPTION_WAIT;
		wait_until(e, e->first_ms);
	} else {
		done_result(e, 0, NULL,
		    e->verb == AGI_SAY_DIGITS ? -1 : (int64_t)e->endpos);
	}
}

void
exec_played(struct exec *e, int64_t now_ms)
{
	e->now_ms = now_ms;
	if (e->state == ST_STREAM) {
		stream_played(e);
	} else if (e->state == ST_DATA_PLAY) {
		(void)e->ops->stop(e->arg);
		e->state = ST_DATA_WAIT;
		wait_until(e, e->first_ms);
	} else if (e->state == ST_BEEP) {
		(void)e->ops->stop(e->arg);
		record_begin(e);
	}
}

void
exec_recorded(struct exec *e, int rc)
{
	if (e->state != ST_RECORD_END)
		return;
	if (rc < 0)
		done_result(e, -1, "writefile", -1);
	else
		done_result(e, e->result, e->note, (int64_t)e->endpos);
	if (e->dead)
		notice(e);
}

void
exec_dialled(struct exec *e, enum dial_end end, int64_t now_ms)
{
	e->now_ms = now_ms;
	if (e->state == ST_DIAL)
		dial_over(e, end);
}

static void
record_tick(struct exec *e)
{
	int64_t silent = (int64_t)(e->ops->silent(e->arg) / SAMPLES_PER_MS);
	int64_t cut = e->silence_ms - SILENCE_KEPT_MS;

	if (e->silence_ms > 0 && silent > e->silence_ms)
		record_over(e, "timeout", (int)(e->until_ms - e->now_ms),
		    cut > 0 ? (size_t)cut * SAMPLES_PER_MS : 0);
	else if (e->now_ms >= e->until_ms)
		record_over(e, "timeout", 0, 0);
}

static void
timed_out(struct exec *e)
{
	switch (e->state) {
	case ST_ANSWER:
		exec_answered(e, e->now_ms);
		break;
	case ST_OPTION_WAIT:
		done_result(e, 0, NULL, (int64_t)e->endpos);
		break;
	case ST_DATA_WAIT:
		data_done(e, true);
		break;
	case ST_DIGIT:
		done_number(e, 0);
		break;
	case ST_DIAL:
		e->ops->dial_end(e->arg);
		dial_over(e, DIAL_NOANSWER);
		break;
	case ST_IDLE:
	case ST_STREAM:
	case ST_DATA_PLAY:
	case ST_BEEP:
	case ST_RECORD:
	case ST_RECORD_END:
		break;
	}
}

void
exec_tick(struct exec *e, int64_t now_ms)
{
	e->now_ms = now_ms;
	if (e->state == ST_RECORD)
		record_tick(e);
	else if (now_ms >= e->until_ms)
		timed_out(e);
}

/* What is under way ends. */
static void
interrupt(struct exec *e)
{
	switch (e->state) {
	case ST_STREAM:
		e->endpos = e->ops->stop(e->arg);
		done_result(e, -1, NULL,
		    e->verb == AGI_SAY_DIGITS ? -1 : (int64_t)e->endpos);
		break;
	case ST_OPTION_WAIT:
		done_result(e, -1, NULL, (int64_t)e->endpos);
		break;
	case ST_DATA_PLAY:
	case ST_BEEP:
		(void)e->ops->stop(e->arg);
		done_number(e, -1);
		break;
	case ST_RECORD:
		record_over(e, "hangup", -1, 0);
		break;
	case ST_DIAL:
		e->ops->dial_end(e->arg);
		vars_set(&e->vars, SV("DIALSTATUS"), SV("CANCEL"));
		done_number(e, -1);
		break;
	case ST_ANSWER:
	case ST_DATA_WAIT:
	case ST_DIGIT:
		done_number(e, -1);
		break;
	case ST_IDLE:
	case ST_RECORD_END:
		break;
	}
}

void
exec_hung_up(struct exec *e, int64_t now_ms)
{
	e->now_ms = now_ms;
	if (e->dead)
		return;
	e->dead = true;
	interrupt(e);
	/* a recording is replied to, and the notice sent, when it is on disk */
	if (e->state != ST_RECORD_END)
		notice(e);
}
