/* agi.c - readers and writers of FastAGI lines. */
#include "daemon/proto/agi.h"

#include <strings.h>

static const struct {
	const char *words, *shape;
} verbs[] = {
#define CMD(id, words, shape) { words, shape },
#include "daemon/proto/agi.def"
#undef CMD
};

/* A line of at most AGI_LINE_MAX bytes, which ends at an LF. */
enum parse_rc
agi_read_line(struct sv in, struct sv *ret_line, size_t *ret_used)
{
	size_t reach = in.n <= AGI_LINE_MAX + 2 ? in.n : AGI_LINE_MAX + 2;
	const char *lf = reach > 0 ? memchr(in.p, '\n', reach) : NULL;
	size_t n;

	if (lf == NULL)
		return in.n < AGI_LINE_MAX + 2 ? PARSE_MORE : PARSE_TOO_BIG;
	n = (size_t)(lf - in.p);
	if (n > 0 && lf[-1] == '\r')
		n--;
	if (n > AGI_LINE_MAX)
		return PARSE_TOO_BIG;
	*ret_line = (struct sv){ in.p, n };
	*ret_used = (size_t)(lf - in.p) + 1;
	return PARSE_OK;
}

static bool
starts(struct sv v, struct sv with)
{
	return v.n >= with.n && memcmp(v.p, with.p, with.n) == 0;
}

static struct sv
rest_of(struct sv v, size_t n)
{
	if (n == 0)
		return v;
	return (struct sv){ v.p + n, v.n - n };
}

static void
env_set(struct agi_env *env, struct sv key, struct sv value)
{
	if (sv_eq(value, SV("unknown")))
		value.n = 0;
#define ENV(name)                                                              \
	if (sv_eq(key, SV(#name)))                                             \
		env->name = value;
#include "daemon/proto/agi.def"
#undef ENV
}

/* "agi_key: value"; the blank may be missing where there is no value. */
static bool
env_line(struct agi_env *env, struct sv line)
{
	struct sv key;

	if (!starts(line, SV("agi_")) || memchr(line.p, ':', line.n) == NULL)
		return false;
	line = rest_of(line, 4);
	key = sv_cut(&line, ':');
	if (line.n > 0 && line.p[0] == ' ')
		line = rest_of(line, 1);
	env_set(env, key, line);
	return true;
}

/* No more of a block has come than may: more of it is waited for. */
static enum parse_rc
more(size_t used, enum parse_rc rc)
{
	return rc == PARSE_MORE && used >= AGI_BLOCK_MAX ? PARSE_TOO_BIG : rc;
}

enum parse_rc
agi_read_env(struct sv in, struct agi_env *ret_env, size_t *ret_used)
{
	struct agi_env env = { 0 };
	size_t used = 0, n = 0;
	enum parse_rc rc;
	struct sv line;

	for (;;) {
		rc = agi_read_line(rest_of(in, used), &line, &n);
		if (rc != PARSE_OK)
			return more(in.n, rc);
		used += n;
		if (used > AGI_BLOCK_MAX)
			return PARSE_TOO_BIG;
		if (line.n == 0)
			break;
		if (!env_line(&env, line))
			return PARSE_BAD;
	}
	*ret_env = env;
	*ret_used = used;
	return PARSE_OK;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

static void
put_plain(struct sb *b, struct sv v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if (!is_control(v.p[i]))
			sb_put(b, (struct sv){ v.p + i, 1 });
}

void
agi_write_env(const struct agi_env *env, struct sb *b)
{
#define ENV(name)                                                              \
	sb_puts(b, "agi_" #name ": ");                                         \
	put_plain(b, env->name);                                               \
	sb_puts(b, "\n");
#include "daemon/proto/agi.def"
#undef ENV
	sb_puts(b, "\n");
}

/* result=12 (timeout) endpos=800: what is in brackets may hold brackets. */
static bool
read_result(struct sv line, struct agi_reply *r)
{
	const char *open, *shut;

	if (!starts(line, SV("result=")))
		return false;
	line = rest_of(line, strlen("result="));
	r->result = sv_cut(&line, ' ');
	open = line.n > 0 && line.p[0] == '(' ? line.p : NULL;
	if (open != NULL) {
		shut = memrchr(line.p, ')', line.n);
		if (shut == NULL)
			return false;
		r->note = (struct sv){ open + 1, (size_t)(shut - open) - 1 };
		line = rest_of(line, (size_t)(shut + 1 - line.p));
		if (line.n > 0 && line.p[0] == ' ')
			line = rest_of(line, 1);
	}
	if (!starts(line, SV("endpos=")))
		return line.n == 0;
	return agi_number(rest_of(line, strlen("endpos=")), &r->endpos) == 0;
}

/* The lines of a 520 up to the one that ends it. */
static enum parse_rc
skip_usage(struct sv in, size_t *used)
{
	struct sv line;
	enum parse_rc rc;
	size_t n = 0;

	do {
		rc = agi_read_line(rest_of(in, *used), &line, &n);
		if (rc != PARSE_OK)
			return more(in.n, rc);
		*used += n;
		if (*used > AGI_BLOCK_MAX)
			return PARSE_TOO_BIG;
	} while (!starts(line, SV("520 ")));
	return PARSE_OK;
}

static bool
reply_line(struct sv line, struct agi_reply *r)
{
	static const enum agi_code failures[] = { AGI_UNKNOWN, AGI_DEAD,
		AGI_BAD_USAGE };
	struct sv word = sv_cut(&line, ' ');
	int64_t code;
	size_t i;

	if (sv_eq(word, SV("HANGUP")) && line.n == 0)
		return true;
	if (word.n != 3 || agi_number(word, &code) < 0)
		return false;
	if (code == AGI_RESULT) {
		r->code = AGI_RESULT;
		return read_result(line, r);
	}
	for (i = 0; i < ARRAY_LEN(failures); i++)
		if (code == (int64_t)failures[i]) {
			r->code = failures[i];
			return true;
		}
	return false;
}

enum parse_rc
agi_read_reply(struct sv in, struct agi_reply *ret_reply, size_t *ret_used)
{
	struct agi_reply reply = { .code = AGI_NOTICE, .endpos = -1 };
	size_t used = 0;
	struct sv line;
	enum parse_rc rc = agi_read_line(in, &line, &used);

	if (rc != PARSE_OK)
		return rc;
	if (starts(line, SV("520-"))) {
		reply.code = AGI_BAD_USAGE;
		rc = skip_usage(in, &used);
		if (rc != PARSE_OK)
			return rc;
	} else if (!reply_line(line, &reply)) {
		return PARSE_BAD;
	}
	*ret_reply = reply;
	*ret_used = used;
	return PARSE_OK;
}

static void
put_result(struct sb *b, const struct agi_reply *r)
{
	sb_puts(b, "200 result=");
	put_plain(b, r->result);
	if (r->note.p != NULL) {
		sb_puts(b, " (");
		put_plain(b, r->note);
		sb_puts(b, ")");
	}
	if (r->endpos >= 0)
		sb_printf(b, " endpos=%lld", (long long)r->endpos);
	sb_puts(b, "\n");
}

void
agi_write_reply(const struct agi_reply *reply, struct sb *b)
{
	switch (reply->code) {
	case AGI_NOTICE:
		sb_puts(b, "HANGUP\n");
		break;
	case AGI_RESULT:
		put_result(b, reply);
		break;
	case AGI_UNKNOWN:
		sb_puts(b, "510 Invalid or unknown command\n");
		break;
	case AGI_DEAD:
		sb_puts(b, "511 Command Not Permitted on a dead channel or "
			   "intercept routine\n");
		break;
	case AGI_BAD_USAGE:
		sb_puts(b, "520 Invalid command syntax.  Proper usage not "
			   "available.\n");
		break;
	}
}

static bool
needs_quotes(struct sv v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if (is_control(v.p[i]) || strchr(" \"\\", v.p[i]) != NULL)
			return true;
	return v.n == 0;
}

static void
put_argument(struct sb *b, struct sv v)
{
	size_t i;

	if (!needs_quotes(v)) {
		put_plain(b, v);
		return;
	}
	sb_puts(b, "\"");
	for (i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			sb_puts(b, "\\");
		put_plain(b, (struct sv){ v.p + i, 1 });
	}
	sb_puts(b, "\"");
}

void
agi_write_command(const struct agi_command *command, struct sb *b)
{
	size_t start = b->n, i;

	ASSERT(
	    command->verb < AGI_VERB_COUNT && command->count <= AGI_ARGS_MAX);
	sb_puts(b, verbs[command->verb].words);
	for (i = 0; i < command->count; i++) {
		sb_puts(b, " ");
		put_argument(b, command->args[i]);
	}
	sb_puts(b, "\n");
	if (b->full || b->n - start > AGI_LINE_MAX + 1) {
		sb_cut(b, start);
		b->full = true;
	}
}

/* A word of a command line while it is put together. */
struct words {
	struct sb *room;
	size_t count;
	bool open;			  /* the last word goes on */
	struct sv word[AGI_ARGS_MAX + 3]; /* the verb has three at most */
};

static bool
word_begin(struct words *w)
{
	if (w->open)
		return true;
	if (w->count == ARRAY_LEN(w->word))
		return false;
	w->word[w->count++] = (struct sv){ w->room->p + w->room->n, 0 };
	w->open = true;
	return true;
}

static void
word_put(struct words *w, const char *c)
{
	sb_put(w->room, (struct sv){ c, 1 });
	w->word[w->count - 1].n++;
}

/* Cut a line into words as Asterisk does.  False if there are too many. */
static bool
cut_words(struct sv line, struct words *w)
{
	bool quoted = false, escaped = false;
	size_t i;

	for (i = 0; i < line.n; i++) {
		const char *c = line.p + i;

		if (!escaped && *c == '\\') {
			escaped = true;
		} else if (!escaped && *c == '"') {
			quoted = !quoted;
			if (!word_begin(w))
				return false;
		} else if (!escaped && !quoted && (*c == ' ' || *c == '\t')) {
			w->open = false;
		} else {
			if (!word_begin(w))
				return false;
			word_put(w, c);
			escaped = false;
		}
	}
	return !w->room->full;
}

/* How many of the words a verb is; 0 if it is another. */
static size_t
verb_length(const struct words *w, struct sv verb)
{
	size_t n = 0;

	while (verb.n > 0) {
		struct sv want = sv_cut(&verb, ' ');

		if (n == w->count || w->word[n].n != want.n ||
		    strncasecmp(w->word[n].p, want.p, want.n) != 0)
			return 0;
		n++;
	}
	return n;
}

/* SAY DIGITS takes more of them than a number could hold. */
static bool
argument_fits(char shape, struct sv arg)
{
	int64_t number;

	switch (shape) {
	case 's':
		return true;
	case 'n':
		return agi_number(arg, &number) == 0;
	case 'd':
		return arg.n > 0 && arg.p[0] >= '0' && arg.p[0] <= '9';
	default:
		return false;
	}
}

static bool
fits(const char *shape, const struct sv *args, size_t count)
{
	const char *optional = strchr(shape, '|');
	size_t least =
	    optional != NULL ? (size_t)(optional - shape) : strlen(shape);
	size_t i;

	if (count < least)
		return false;
	for (i = 0; i < count; i++) {
		shape += *shape == '|';
		if (*shape == '*')
			break;
		if (!argument_fits(*shape, args[i]))
			return false;
		shape++;
	}
	return true;
}

enum agi_code
agi_read_command(
    struct sv line, struct sb *room, struct agi_command *ret_command)
{
	struct words w = { .room = room };
	size_t verb, n = 0, count;

	if (!cut_words(line, &w))
		return AGI_UNKNOWN;
	for (verb = 0; verb < AGI_VERB_COUNT; verb++) {
		n = verb_length(&w, sv_of(verbs[verb].words));
		if (n > 0)
			break;
	}
	if (verb == AGI_VERB_COUNT)
		return AGI_UNKNOWN;
	count = w.count - n;
	if (count > AGI_ARGS_MAX || !fits(verbs[verb].shape, w.word + n, count))
		return AGI_BAD_USAGE;
	ret_command->verb = (enum agi_verb)verb;
	ret_command->count = count;
	memcpy(ret_command->args, w.word + n,
	    count * sizeof(ret_command->args[0]));
	return AGI_RESULT;
}

const char *
agi_verb_words(enum agi_verb verb)
{
	ASSERT(verb < AGI_VERB_COUNT);
	return verbs[verb].words;
}

int
agi_number(struct sv v, int64_t *ret_number)
{
	bool minus = v.n > 0 && v.p[0] == '-';
	int64_t number = 0;
	size_t i;

	if (minus)
		v = rest_of(v, 1);
	if (v.n == 0 || v.n > 18)
		return -EINVAL;
	for (i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return -EINVAL;
		number = number * 10 + (v.p[i] - '0');
	}
	*ret_number = minus ? -number : number;
	return 0;
}
