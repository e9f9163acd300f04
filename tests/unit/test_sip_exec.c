/* What is answered to AGI, to the letter: dialogues as Asterisk has them. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/sip/exec.h"
#include "tests/tap.h"

/* A call that does nothing but write down. */
struct world {
	struct exec *exec;
	char said[4096]; /* what the daemon was told */
	size_t n, position, silent, length, cut;
	bool answered, hung_up, playing, recording, dialling;
	int64_t now_ms;
};

static void
op_reply(void *arg, struct sv line)
{
	struct world *w = arg;

	if (w->n + line.n < sizeof(w->said)) {
		memcpy(w->said + w->n, line.p, line.n);
		w->n += line.n;
		w->said[w->n] = '\0';
	}
}

static void
op_answer(void *arg)
{
	((struct world *)arg)->answered = true;
}

static void
op_hang_up(void *arg, int cause)
{
	(void)cause;
	((struct world *)arg)->hung_up = true;
}

static int
op_play(void *arg, struct sv path, size_t from)
{
	struct world *w = arg;

	if (!sv_eq(path, SV("/p/menu")))
		return -ENOENT;
	w->playing = true;
	w->position = from;
	return 0;
}

static int
op_say(void *arg, struct sv digits)
{
	struct world *w = arg;

	(void)digits;
	w->playing = true;
	return 0;
}

static void
op_beep(void *arg)
{
	((struct world *)arg)->playing = true;
}

static size_t
op_stop(void *arg)
{
	struct world *w = arg;

	w->playing = false;
	return w->position;
}

static int
op_record(void *arg, struct sv path)
{
	struct world *w = arg;

	if (!sv_eq(path, SV("/s/one")))
		return -EINVAL;
	w->recording = true;
	return 0;
}

static size_t
op_silent(void *arg)
{
	return ((struct world *)arg)->silent;
}

static size_t
op_record_end(void *arg, size_t cut)
{
	struct world *w = arg;

	w->recording = false;
	w->cut = cut;
	return w->length > cut ? w->length - cut : 0;
}

static int
op_dial(void *arg, struct sv name)
{
	struct world *w = arg;

	if (!sv_eq(name, SV("anna")))
		return -ENOENT;
	w->dialling = true;
	return 0;
}

static void
op_dial_end(void *arg)
{
	((struct world *)arg)->dialling = false;
}

static const struct exec_ops ops = {
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

/*
 * A dialogue, a step a line:
 *   > COMMAND     < REPLY       k KEY        p played     a answered
 *   w MS gone by  h hung up     r recorded   d ENDING (number)
 *   @ SAMPLES     s SAMPLES silent           l SAMPLES recorded
 */
#define UP "> ANSWER\na\n< 200 result=0\n"
#define DEAD                                                                   \
	"< 511 Command Not Permitted on a dead channel or intercept routine\n"
#define USAGE "< 520 Invalid command syntax.  Proper usage not available.\n"

static const struct {
	const char *name, *steps;
} dialogues[] = {
	{ "answered",
	    "> CHANNEL STATUS\n< 200 result=4\n" UP
	    "> CHANNEL STATUS\n< 200 result=6\n> ANSWER\n< 200 result=0\n" },
	{ "answered, but nothing is heard",
	    "> ANSWER\nw 600\n< 200 result=0\n" },
	{ "GET DATA, ended by #",
	    UP "> GET DATA /p/menu 3000 4\nk 1\nk 2\nk #\n< 200 result=12\n" },
	{ "GET DATA, ended by the count",
	    UP "> GET DATA /p/menu 3000 2\nk 1\nk *\n< 200 result=1*\n" },
	{ "GET DATA, ended by time between keys",
	    UP "> GET DATA /p/menu 3000 10\nk 3\nw 2900\nk 4\nw 2900\nw 200\n"
	       "< 200 result=34 (timeout)\n" },
	{ "GET DATA, nothing pressed",
	    UP "> GET DATA /p/menu 500 3\nw 9000\np\nw 600\n"
	       "< 200 result= (timeout)\n" },
	{ "GET DATA, # alone",
	    UP "> GET DATA /p/menu 500 3\nk #\n< 200 result=\n" },
	{ "GET DATA, no such file",
	    UP "> GET DATA /p/none 500 3\n< 200 result=-1\n" },
	{ "GET DATA, without a time",
	    UP "> GET DATA /p/menu\np\nw 5900\nk 1\nw 2100\n"
	       "< 200 result=1 (timeout)\n" },
	{ "GET DATA, hung up",
	    UP "> GET DATA /p/menu 5000 5\nh\n< 200 result=-1\n< HANGUP\n"
	       "> GET DATA /p/menu 5000 5\n" DEAD },
	{ "STREAM FILE, a key",
	    UP "> STREAM FILE /p/menu \"0123456789*#\"\n@ 20000\nk 5\n"
	       "< 200 result=53 endpos=20000\n" },
	{ "STREAM FILE, to its end",
	    UP "> STREAM FILE /p/menu \"\"\nk 5\n@ 8000\np\n"
	       "< 200 result=0 endpos=8000\n" },
	{ "STREAM FILE, another key",
	    UP "> STREAM FILE /p/menu \"12\"\nk 5\n@ 8000\np\n"
	       "< 200 result=0 endpos=8000\n" },
	{ "STREAM FILE, from the middle",
	    UP "> STREAM FILE \"/p/menu\" \"\" 4000\np\n"
	       "< 200 result=0 endpos=4000\n" },
	{ "STREAM FILE, no such file",
	    UP "> STREAM FILE /p/none \"\"\n< 200 result=-1 endpos=0\n" },
	{ "STREAM FILE, hung up",
	    UP "> STREAM FILE /p/menu \"\"\n@ 16160\nh\n"
	       "< 200 result=-1 endpos=16160\n< HANGUP\n"
	       "> STREAM FILE /p/menu \"\"\n" DEAD
	       "> GET VARIABLE CHANNEL(state)\n< 200 result=1 (Up)\n"
	       "> SET VARIABLE after \"still here\"\n< 200 result=1\n"
	       "> GET VARIABLE after\n< 200 result=1 (still here)\n"
	       "> CHANNEL STATUS\n" DEAD "> VERBOSE x 1\n< 200 result=1\n"
	       "> WAIT FOR DIGIT 1000\n" DEAD "> NOOP\n< 200 result=0\n" },
	{ "GET OPTION, a key behind the file",
	    UP "> GET OPTION /p/menu \"123\" 1000\n@ 8000\np\nw 900\nk 2\n"
	       "< 200 result=50 endpos=8000\n" },
	{ "GET OPTION, nothing",
	    UP "> GET OPTION /p/menu \"123\" 1000\n@ 8000\np\nw 1100\n"
	       "< 200 result=0 endpos=8000\n" },
	{ "GET OPTION, hung up behind the file",
	    UP "> GET OPTION /p/menu \"123\" 1000\n@ 8000\np\nh\n"
	       "< 200 result=-1 endpos=8000\n< HANGUP\n" },
	{ "WAIT FOR DIGIT",
	    UP "> WAIT FOR DIGIT 4000\nk *\n< 200 result=42\n"
	       "> WAIT FOR DIGIT 300\nw 400\n< 200 result=0\n"
	       "> WAIT FOR DIGIT -1\nw 999999\nk 1\n< 200 result=49\n" },
	{ "a key while no command runs is lost",
	    UP "k 1\n> WAIT FOR DIGIT 300\nw 400\n< 200 result=0\n" },
	{ "SAY DIGITS", UP "> SAY DIGITS 12 \"\"\np\n< 200 result=0\n"
			   "> SAY DIGITS 12 \"#\"\nk #\n< 200 result=35\n" },
	{ "RECORD FILE, a key", UP
	    "> RECORD FILE /s/one wav \"#\" 8000 BEEP\nk #\np\nl 20160\nk #\n"
	    "r\n< 200 result=35 (dtmf) endpos=18560\n" },
	{ "RECORD FILE, too long",
	    UP "> RECORD FILE /s/one wav \"#\" 2000\nl 15840\nw 2100\nr\n"
	       "< 200 result=0 (timeout) endpos=15840\n" },
	{ "RECORD FILE, silence: but one second of it is cut off",
	    UP "> RECORD FILE /s/one wav \"#\" 10000 s=3\nl 40000\n"
	       "s 23000\nw 100\ns 25000\nw 20\nr\n"
	       "< 200 result=9880 (timeout) endpos=24000\n" },
	{ "RECORD FILE, silence of more seconds than there are: none ends it",
	    UP "> RECORD FILE /s/one wav \"#\" 2000 s=999999999999999999\n"
	       "l 15840\nw 2100\nr\n"
	       "< 200 result=0 (timeout) endpos=15840\n" },
	{ "RECORD FILE, a name that is refused",
	    UP "> RECORD FILE /etc/one wav \"#\" 2000\n"
	       "< 200 result=-1 (writefile)\n" },
	{ "RECORD FILE, another format",
	    UP "> RECORD FILE /s/one mp9 \"#\" 1000\n"
	       "< 200 result=-1 (writefile)\n" },
	{ "RECORD FILE, hung up: the notice comes behind the reply",
	    UP "> RECORD FILE /s/one wav \"#\" 20000\nh\nr\n"
	       "< 200 result=-1 (hangup) endpos=0\n< HANGUP\n" },
	{ "RECORD FILE, the disk is full",
	    UP "> RECORD FILE /s/one wav \"#\" 2000\nw 2100\nR\n"
	       "< 200 result=-1 (writefile)\n" },
	{ "HANGUP", UP
	    "> HANGUP\n< 200 result=1\n< HANGUP\n> NOOP\n< 200 result=0\nh\n" },
	{ "hung up while nothing runs", UP "h\n< HANGUP\nh\n" },
	{ "EXEC Dial, taken over",
	    UP "> EXEC Dial PJSIP/anna,20,g\nw 3000\nd 0\n< 200 result=0\n"
	       "< HANGUP\n> GET VARIABLE DIALSTATUS\n< 200 result=1 (ANSWER)\n"
	       "> GET VARIABLE DIALEDTIME\n< 200 result=1 (3)\n" },
	{ "EXEC Dial without g, taken over",
	    UP "> EXEC Dial PJSIP/anna,20\nd 0\n< 200 result=-1\n"
	       "< HANGUP\n" },
	{ "EXEC Dial, busy",
	    UP "> EXEC Dial PJSIP/anna,20\nd 1\n< 200 result=0\n"
	       "> GET VARIABLE DIALSTATUS\n< 200 result=1 (BUSY)\n"
	       "> CHANNEL STATUS\n< 200 result=6\n" },
	{ "EXEC Dial, nobody",
	    UP "> EXEC Dial PJSIP/anna,3,g\nw 3100\n< 200 result=0\n"
	       "> GET VARIABLE DIALSTATUS\n< 200 result=1 (NOANSWER)\n" },
	{ "EXEC Dial, more seconds than there are: a minute",
	    UP "> EXEC Dial PJSIP/anna,999999999999999999,g\nw 60100\n"
	       "< 200 result=0\n> GET VARIABLE DIALSTATUS\n"
	       "< 200 result=1 (NOANSWER)\n" },
	{ "EXEC Dial, not of the list",
	    UP "> EXEC Dial PJSIP/trunk/sip:+7900@192.0.2.1,3,g\n"
	       "< 200 result=0\n> GET VARIABLE DIALSTATUS\n"
	       "< 200 result=1 (CHANUNAVAIL)\n" },
	{ "EXEC Dial, the caller hangs up",
	    UP "> EXEC Dial PJSIP/anna,20,g\nh\n< 200 result=-1\n< HANGUP\n"
	       "> EXEC Dial PJSIP/anna,20,g\n< 200 result=-1\n" },
	{ "EXEC Hangup before the answer",
	    "> EXEC Hangup 17\n< 200 result=-1\n< HANGUP\n" },
	{ "no such application", "> EXEC NoSuchApp x\n< 200 result=-2\n" },
	{ "no such command", "> BOGUS\n< 510 Invalid or unknown command\n"
			     "> \n< 510 Invalid or unknown command\n"
			     "> GET\n< 510 Invalid or unknown command\n" },
	{ "bad usage", "> STREAM FILE /p/menu\n" USAGE "> GET DATA\n" USAGE
		       "> WAIT FOR DIGIT abc\n" USAGE },
	{ "small letters, blanks in front",
	    UP "> wait for digit 100\nw 200\n< 200 result=0\n>   NOOP\n"
	       "< 200 result=0\n" },
	{ "variables",
	    "> GET VARIABLE none\n< 200 result=0\n"
	    "> GET VARIABLE CALLERID(num)\n< 200 result=1 (+79161234567)\n"
	    "> GET VARIABLE CHANNEL(language)\n< 200 result=1 (en)\n"
	    "> SET VARIABLE A \"quote \\\" and space\"\n< 200 result=1\n"
	    "> GET VARIABLE A\n< 200 result=1 (quote \" and space)\n"
	    "> SET VARIABLE A b\n< 200 result=1\n"
	    "> GET VARIABLE A\n< 200 result=1 (b)\n"
	    "> GET VARIABLE CHANNEL(state)\n< 200 result=1 (Ring)\n" },
};

static void
take_step(struct world *w, char what, struct sv rest)
{
	int64_t n = 0;

	if (agi_number(rest, &n) < 0)
		n = 0;
	switch (what) {
	case '>':
		exec_line(w->exec, rest, w->now_ms);
		break;
	case 'k':
		exec_key(w->exec, rest.p[0], w->now_ms);
		break;
	case 'p':
		exec_played(w->exec, w->now_ms);
		break;
	case 'a':
		exec_answered(w->exec, w->now_ms);
		break;
	case 'w':
		w->now_ms += n;
		exec_tick(w->exec, w->now_ms);
		break;
	case 'h':
		exec_hung_up(w->exec, w->now_ms);
		break;
	case 'r':
		exec_recorded(w->exec, 0);
		break;
	case 'R':
		exec_recorded(w->exec, -ENOSPC);
		break;
	case 'd':
		w->dialling = false;
		exec_dialled(w->exec, (enum dial_end)n, w->now_ms);
		break;
	case '@':
		w->position = (size_t)n;
		break;
	case 's':
		w->silent = (size_t)n;
		break;
	case 'l':
		w->length = (size_t)n;
		break;
	default:
		OK(0, "a step that is none");
	}
}

static void
run(const char *name, const char *steps)
{
	const struct exec_call call = { SV("+79161234567"), SV("1000"),
		SV("en"), SV("1.1") };
	struct world w = { .now_ms = 1000 };
	struct sv rest = sv_of(steps), step;
	char want[4096];
	size_t n = 0;

	w.exec = exec_new(&ops, &w, &call, w.now_ms);
	while (rest.n > 0) {
		char what;

		step = sv_cut(&rest, '\n');
		what = step.p[0];
		step.p += step.n > 1 ? 2 : 1;
		step.n -= step.n > 1 ? 2 : 1;
		if (what != '<') {
			take_step(&w, what, step);
			continue;
		}
		n += (size_t)snprintf(
		    want + n, sizeof(want) - n, "%.*s\n", SV_ARG(step));
	}
	want[n] = '\0';
	OK(strcmp(w.said, want) == 0, name);
	if (strcmp(w.said, want) != 0)
		printf("# said: %s# want: %s", w.said, want);
	exec_free(&w.exec);
}

/* Each dialogue again, cut after every step: nothing may be left or read. */
static void
cut(const char *steps)
{
	size_t i;
	char part[4096];

	for (i = 0; steps[i] != '\0'; i++) {
		struct world w = { .now_ms = 1000 };
		const struct exec_call none = { .caller = { 0 } };
		struct sv rest, step;

		if (steps[i] != '\n')
			continue;
		memcpy(part, steps, i);
		part[i] = '\0';
		rest = sv_of(part);
		w.exec = exec_new(&ops, &w, &none, 0);
		while (rest.n > 0) {
			step = sv_cut(&rest, '\n');
			if (step.p[0] != '<')
				take_step(&w, step.p[0],
				    step.n > 2 ?
					(struct sv){ step.p + 2, step.n - 2 } :
					(struct sv){ step.p + step.n, 0 });
		}
		exec_hung_up(w.exec, w.now_ms);
		exec_recorded(w.exec, 0);
		if (!exec_is_idle(w.exec) || !exec_is_dead(w.exec) ||
		    w.playing || w.recording || w.dialling)
			OK(0, part);
		exec_free(&w.exec);
	}
}

int
main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(dialogues); i++)
		run(dialogues[i].name, dialogues[i].steps);
	for (i = 0; i < ARRAY_LEN(dialogues); i++)
		cut(dialogues[i].steps);
	OK(1, "a caller may hang up at every step of every dialogue");
	return tap_done();
}
