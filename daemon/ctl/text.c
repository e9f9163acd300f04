/* text.c - lines in, names and JSON out. */
#include <jansson.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"

void
ctl_invite(const char *what)
{
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "%s, then Enter; Ctrl-D ends\n", what);
}

bool
ctl_line(FILE *f, char *buf, size_t size, struct sv *ret_line)
{
	struct sv line = { buf, 0 };
	bool cut = false;
	int c;

	while ((c = getc_unlocked(f)) != EOF && c != '\n') {
		if (line.n < size)
			buf[line.n++] = (char)c;
		else
			cut = true;
	}
	if (c == EOF && line.n == 0)
		return false;
	if (cut)
		line = sv_begin(line, size);
	else if (line.n > 0 && buf[line.n - 1] == '\r')
		line.n--;
	*ret_line = line;
	return true;
}

int
ctl_line_end(FILE *f, const char *name)
{
	if (!ferror(f))
		return CTL_OK;
	return ctl_fail("%s cannot be read: %s; give it a text file", name,
	    strerror(errno));
}

const char *
ctl_intent(
    const struct edition *e, const struct match *m, char buf[CTL_INTENT_MAX])
{
	static const char *const names[CMD_COUNT] = {
		[CMD_MENU] = "menu",
		[CMD_BACK] = "back",
		[CMD_MORE] = "more",
		[CMD_LANGUAGE] = "language",
		[CMD_STOP] = "stop",
		[CMD_FORGET] = "forget",
		[CMD_COUNSELLOR] = "counsellor",
		[CMD_CALLBACK] = "counsellor", /* a person talks to them */
		[CMD_EMERGENCY] = "emergency",
		[CMD_HELP] = "menu", /* it opens the main menu */
		[CMD_LATIN] = "latin",
		[CMD_CYRILLIC] = "cyrillic",
		[CMD_START] = "menu", /* the same */
		[CMD_PLAIN] = "plain",
		[CMD_PLAIN_ALWAYS] = "plain",
		[CMD_DISCREET] = "discreet",
		[CMD_OFFICES] = "offices",
		[CMD_DECOY] = "decoy",
	};

	switch (m->kind) {
	case MATCH_COMMAND:
		return names[m->command];
	case MATCH_NUMBER:
		(void)snprintf(buf, CTL_INTENT_MAX, "number:%u", m->number);
		return buf;
	case MATCH_TOPIC:
		return topics_at(e->content.topics, m->topic)->id;
	case MATCH_PLACE:
		return "place";
	case MATCH_NONE:
		break;
	}
	/* words of danger alone are answered, not asked about */
	return m->urgent ? "emergency" : "none";
}

const char *
ctl_place_id(const struct edition *e, uint16_t place)
{
	return place == PLACE_NONE ? NULL :
				     places_at(e->content.places, place)->id;
}

const char *
ctl_node_id(const struct edition *e, uint16_t node)
{
	return node == NODE_NONE ? NULL : tree_at(e->tree, node)->id;
}

void
ctl_json_to(FILE *f, json_t *value)
{
	ASSERT(value != NULL);
	(void)json_dumpf(value, f, JSON_COMPACT);
	(void)putc('\n', f);
	json_decref(value);
}

void
ctl_json(json_t *value)
{
	ctl_json_to(stdout, value);
}
