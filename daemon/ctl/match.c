/* match.c - what texts mean, one a line: to measure the matcher. */
#include "daemon/ctl/ctl.h"
#include "daemon/proto/sms.h"

enum { ID_MAX = 1024 };

static void
match_line(const struct edition *e, struct sv id, struct sv text)
{
	struct match m = { .place = PLACE_NONE, .lang = LANG_NONE };
	char intent[CTL_INTENT_MAX];
	const char *place;

	if (utf8_is_valid(text))
		match_text(e->matcher, text, &m);
	else
		m.how = "not-utf8";
	place = ctl_place_id(e, m.place);
	printf(SV_FMT "\t%s\t%s\t%s\t%s\t%d\n", SV_ARG(id),
	    ctl_intent(e, &m, intent), place != NULL ? place : "",
	    lang_code(m.lang), m.how != NULL ? m.how : "", m.score);
}

static int
match_all(const struct edition *e)
{
	static char buf[CTL_LINE_MAX + ID_MAX];
	unsigned long number = 0;
	struct sv text, id;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	while (ctl_line(stdin, buf, sizeof(buf), &text)) {
		number++;
		if (text.n == 0 || memchr(text.p, '\t', text.n) == NULL)
			return ctl_fail("standard input, line %lu: there is no "
					"tab; write id<TAB>text",
			    number);
		id = sv_cut(&text, '\t');
		match_line(e, id, text);
	}
	return ctl_line_end(stdin, "standard input");
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_opts all = { &ctl_match, NULL, 0, 0, 0, NULL };
	struct ctl_edition ed = { .edition = NULL };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_edition_open(ctl, &ed);
	if (rc == CTL_OK)
		ctl_invite("write an id, a tab and a text");
	if (rc == CTL_OK)
		rc = match_all(ed.edition);
	ctl_edition_done(&ed);
	return rc;
}

const struct ctl_command ctl_match = {
	.name = "match",
	.help = "what texts mean: id<TAB>text on stdin, a verdict a line",
	.usage =
	    "usage: safarctl [--data DIR] match <TEXTS.tsv\n"
	    "\n"
	    "Reads id<TAB>text lines and writes, in the same order,\n"
	    "id<TAB>intent<TAB>place<TAB>lang<TAB>how<TAB>score.\n"
	    "\n"
	    "  intent  a topic, a command, number:N for a menu digit, place "
	    "for a bare\n"
	    "          place, none where the answer would be a question\n"
	    "  place   id of the place named, or empty\n"
	    "  lang    language written, empty if unsure\n"
	    "  how     by what it was understood; score: how surely\n",
	.run = run,
};
