/* phone.c - a test phone in a terminal, on a running safard. */
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/core/control.h"
#include "daemon/core/gw.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/phone_link.h"
#include "daemon/phone/phone.h"
#include "daemon/proto/sms.h"

enum {
	ANSWER_MS = 5000, /* how long an answer is waited for */
	ID_TEXT = 64,
	STATUS_MAX = 65536,
};

struct handset {
	struct phone_link *link;
	struct phones *phones;
	const char *dir, *to;
	char number[PHONE_RAW_MAX + 1];
	bool tty;	     /* somebody sits there: prompts */
	bool eof;	     /* of standard input */
	int64_t deadline_ms; /* of the answer waited for, 0: none */
	int64_t began_ms;
	unsigned said; /* texts so far */
	char in[CTL_LINE_MAX];
	size_t n;
};

static void
prompt(const struct handset *h)
{
	if (h->tty && h->deadline_ms == 0) {
		printf("%s> ", h->number);
		(void)fflush(stdout);
	}
}

/* A box whose lines are as the phone's would be, however wide. */
static void
print_answer(const struct link_said *said)
{
	struct sv rest = sv_of(said->text), line;

	printf("┌ %s: %lld SMS, %s\n", said->from != NULL ? said->from : "?",
	    said->parts, said->encoding != NULL ? said->encoding : "?");
	do {
		line = sv_cut(&rest, '\n');
		printf("│ " SV_FMT "\n", SV_ARG(line));
	} while (rest.n > 0);
	printf("└\n");
	(void)fflush(stdout);
}

static void
on_said(void *arg, const struct link_said *said)
{
	struct handset *h = arg;

	if (said->ack == NULL) {
		/* an answer nobody waits for comes in the middle of a prompt */
		if (h->tty && h->deadline_ms == 0)
			printf("\n");
		print_answer(said);
	} else if (strcmp(said->ack, "again") == 0) {
		(void)ctl_fail(
		    "safard could not take the text now; `safarctl --data %s "
		    "status` tells why",
		    h->dir);
	} else if (strcmp(said->ack, "refused") == 0) {
		(void)ctl_fail("safard refused the text; send a shorter one");
	} else {
		return; /* taken: the answer comes */
	}
	h->deadline_ms = 0;
	prompt(h);
}

/* Everything that can be done without a text. */
static int
whose(struct handset *h)
{
	return link_say(h->link, h->number, h->to, SV(""), SV(""));
}

static int
number_set(struct handset *h, const char *number)
{
	struct phone phone;

	if (!utf8_is_valid(sv_of(number)))
		return ctl_fail("that number is not UTF-8; write one like "
				"+79261234567");
	if (phone_parse(h->phones, sv_of(number), "", &phone) < 0)
		return ctl_fail("'%s' is nobody's number; write one like "
				"+79261234567",
		    number);
	(void)snprintf(h->number, sizeof(h->number), "%s",
	    phone.e164.digits[0] != '\0' ? phone.e164.digits : number);
	if (phone_reveal(&phone).n == 0)
		(void)ctl_fail("%s is a short code or a name: safard never "
			       "answers those",
		    number);
	return CTL_OK;
}

static int
text_send(struct handset *h, struct sv text)
{
	char id[ID_TEXT];
	int rc;

	if (!utf8_is_valid(text)) {
		(void)ctl_fail("that line is not UTF-8; it was not sent");
		return 0;
	}
	(void)snprintf(id, sizeof(id), "phone-%ld-%" PRId64 "-%u",
	    (long)getpid(), h->began_ms, ++h->said);
	rc = link_say(h->link, h->number, h->to, sv_of(id), text);
	if (rc == -EMSGSIZE) {
		(void)ctl_fail("that text is too long for any phone; send a "
			       "shorter one");
		return 0;
	}
	h->deadline_ms = clock_ms() + ANSWER_MS;
	return rc;
}

/* Returns 0 to go on, 1 to end, -EPIPE. */
static int
line_take(struct handset *h, struct sv line)
{
	char number[PHONE_RAW_MAX + 1];
	struct sv rest = line, word;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	word = sv_cut(&rest, ' ');
	if (sv_eq(line, SV("/quit")))
		return 1;
	if (!sv_eq(word, SV("/from")))
		return text_send(h, line);
	(void)snprintf(number, sizeof(number), SV_FMT,
	    (int)(rest.n < sizeof(number) ? rest.n : 0), rest.p);
	return number_set(h, number) == CTL_OK ? whose(h) : 0;
}

/* Lines that are there; without a terminal one waits for its answer. */
static int
lines_take(struct handset *h)
{
	struct sv rest = { h->in, h->n }, line;
	int rc = 0;

	while (rc == 0 && rest.n > 0 && (h->tty || h->deadline_ms == 0)) {
		if (memchr(rest.p, '\n', rest.n) == NULL && !h->eof &&
		    rest.n < sizeof(h->in))
			break;
		line = sv_cut(&rest, '\n');
		rc = line_take(h, line);
		if (rc == 0)
			prompt(h);
	}
	if (rest.n > 0)
		memmove(h->in, rest.p, rest.n);
	h->n = rest.n;
	return rc;
}

static void
input_read(struct handset *h)
{
	ssize_t n = read(STDIN_FILENO, h->in + h->n, sizeof(h->in) - h->n);

	if (n > 0)
		h->n += (size_t)n;
	else if (n == 0 || errno != EINTR)
		h->eof = true;
}

static void
waited(struct handset *h)
{
	if (h->deadline_ms == 0 || clock_ms() < h->deadline_ms)
		return;
	printf("(no answer within %d s)\n", ANSWER_MS / 1000);
	(void)fflush(stdout);
	h->deadline_ms = 0;
	prompt(h);
}

static int
wait_ms(const struct handset *h)
{
	int64_t left;

	if (h->deadline_ms == 0)
		return -1;
	left = h->deadline_ms - clock_ms();
	return left < 0 ? 0 : left > ANSWER_MS ? ANSWER_MS : (int)left + 1;
}

/* One round: what comes from both sides, then what is due. */
static int
step(struct handset *h)
{
	bool reads = !h->eof && h->n < sizeof(h->in);
	struct pollfd fds[] = {
		{ .fd = h->link->fd, .events = POLLIN },
		{ .fd = reads ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int rc = 0;

	if (poll(fds, ARRAY_LEN(fds), wait_ms(h)) < 0 && errno != EINTR)
		return -errno;
	if (fds[0].revents != 0)
		rc = link_read(h->link, on_said, h);
	if (rc == 0 && fds[1].revents != 0)
		input_read(h);
	waited(h);
	return rc == 0 ? lines_take(h) : rc;
}

static int
converse(struct handset *h)
{
	int rc = whose(h);

	if (h->tty && rc == 0)
		printf("A phone with the number %s; texts go to %s.  Write in "
		       "Russian, Kyrgyz, Tajik,\n"
		       "Uzbek (Latin or Cyrillic), Kazakh or English.  Try:\n"
		       "  меню   help   адвокат Москва   yordam\n"
		       "/from +79261234567 is another phone; /quit or Ctrl-D "
		       "ends.\n",
		    h->number, h->to);
	prompt(h);
	while (rc == 0 &&
	       !(h->eof && h->n == 0 && (h->tty || h->deadline_ms == 0)))
		rc = step(h);
	if (h->tty && h->eof)
		printf("\n");
	if (rc < 0)
		return ctl_fail("safard has ended; start it again with `safard "
				"--data %s`",
		    h->dir);
	return CTL_OK;
}

static int
no_link(const char *dir, int rc)
{
	static char buf[STATUS_MAX];
	struct sb status;

	if (rc == -ENAMETOOLONG)
		return ctl_fail("%s is too long a name for a socket; call from "
				"nearer with a shorter --data",
		    dir);
	if (rc != -ENOENT)
		return ctl_fail("%s/phone.sock: %s; call as the user who runs "
				"safard",
		    dir, strerror(-rc));
	sb_wrap(&status, buf, sizeof(buf));
	if (control_ask(dir, SV("{\"do\":\"status\"}"), &status) == 0)
		return ctl_fail("safard runs without a test phone; write "
				"`enabled: yes` below `phone:` in "
				"%s/safar.yaml and restart it",
		    dir);
	return ctl_fail("safard does not run on %s; start it with `safard "
			"--data %s`, then call again",
	    dir, dir);
}

static int
call(struct handset *h, const char *from)
{
	static struct phone_link phone_link = { .fd = -1 };
	int rc;

	h->phones = phones_new();
	rc = number_set(h, from);
	if (rc == CTL_OK) {
		rc = link_open(&phone_link, h->dir);
		h->link = &phone_link;
		rc = rc < 0 ? no_link(h->dir, rc) : converse(h);
		link_close(&phone_link);
	} else {
		rc = CTL_WRONG;
	}
	phones_free(&h->phones);
	return rc;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	static struct handset h;
	const char *from = "+996555123456";
	const struct ctl_opt opts[] = {
		{ .name = "from", .text = &from },
		{ .name = "to", .text = &h.to },
	};
	const struct ctl_opts all = { &ctl_phone, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	int rc;

	h.to = "1414";
	rc = ctl_args(&all, argc, argv);
	if (rc < 0)
		return -rc;
	if (!utf8_is_valid(sv_of(h.to)) || strlen(h.to) > GW_LINE_MAX)
		return ctl_wrong(&ctl_phone,
		    "--to: write the number of one of our lines, as 1414");
	rc = ctl_data(ctl, true, &h.dir);
	if (rc != CTL_OK)
		return rc;
	h.tty = isatty(STDIN_FILENO) == 1;
	h.began_ms = clock_ms();
	return call(&h, from);
}

const struct ctl_command ctl_phone = {
	.name = "phone",
	.help = "a test phone on the running service",
	.usage =
	    "usage: safarctl [--data DIR] phone [--from NUMBER] [--to LINE]\n"
	    "\n"
	    "A phone to text from: each line is a text, answers are shown as "
	    "they come, with\n"
	    "their number of SMS and alphabet.  When standard input is no "
	    "terminal, each\n"
	    "line waits up to 5 s for its answer.\n"
	    "\n"
	    "  --from NUMBER  whose phone it is (default +996555123456)\n"
	    "  --to LINE      the number texts go to (default 1414)\n"
	    "  /from NUMBER   as a line: become another phone\n"
	    "  /quit          as a line, or Ctrl-D: end\n",
	.run = run,
};
