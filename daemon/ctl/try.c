/* try.c - one person's conversation on stdin, answered without a daemon. */
#include <jansson.h>

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/phone/phone.h"
#include "menus/step.h"

enum { ARENA_BLOCK = 65536, ARENA_MOST = 4 << 20 };

struct talk {
	struct ctl_edition *ed;
	struct arena *arena;
	struct menu_session session;
	struct phone phone;
};

static json_t *
listings_json(const struct menu_result *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->listing_count; i++)
		(void)json_array_append_new(
		    list, json_string(r->listings[i]->id));
	return list;
}

static json_t *
answer_json(const struct talk *t, const struct menu_result *r)
{
	const struct edition *e = t->ed->edition;
	char intent[CTL_INTENT_MAX];

	return json_pack(
	    "{s:[{s:s%, s:s, s:i}], s:s, s:s?, s:s, s:s?, s:o, s:I}", "replies",
	    "text", r->text.p, r->text.n, "encoding",
	    sms_encoding_name(r->size.encoding), "parts", (int)r->size.parts,
	    "intent", ctl_intent(e, &r->match, intent), "place",
	    ctl_place_id(e, r->place), "lang", lang_code(r->lang), "node",
	    ctl_node_id(e, r->node), "listings", listings_json(r), "edition",
	    (json_int_t)e->number);
}

static json_t *
say(struct talk *t, struct sv text)
{
	const struct menu_input input = { .text = text,
		.channel = CHANNEL_SMS,
		.country = t->phone.country,
		.verified_days =
		    (unsigned)t->ed->conf.directory.require_verified_days,
		.calls = t->ed->conf.callback.number[0] != '\0',
		.now_ms = clock_ms() };
	struct menu_result r;

	if (!utf8_is_valid(text))
		return json_pack(
		    "{s:s}", "error", "not UTF-8; gateways refuse such a text");
	arena_reset(t->arena);
	menu_step(t->ed->edition, &t->session, &input, t->arena, &r);
	t->session = r.next;
	return answer_json(t, &r);
}

static int
converse(struct talk *t)
{
	static char buf[CTL_LINE_MAX];
	struct sv line;

	while (ctl_line(stdin, buf, sizeof(buf), &line)) {
		ctl_json(say(t, line));
		(void)fflush(stdout); /* whoever asks waits for it */
	}
	return ctl_line_end(stdin, "standard input");
}

/* Where a number without country code is at home: as our line's gateway. */
static const char *
home_of(const struct conf *conf, const char *line)
{
	size_t i;

	for (i = 0; line != NULL && i < conf->gateway_count; i++)
		if (strcmp(conf->gateways[i].line, line) == 0)
			return conf->gateways[i].country;
	return "";
}

static int
phone_read(const char *from, const char *home, struct phone *ret_phone)
{
	struct phones *phones = phones_new();
	int rc = phone_parse(phones, sv_of(from), home, ret_phone);

	phones_free(&phones);
	if (rc < 0 || phone_reveal(ret_phone).n == 0)
		return ctl_wrong(&ctl_try,
		    "--from %s is not a person's number; write it with + and "
		    "country code",
		    from);
	return CTL_OK;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const char *from = "+996555123456", *to = NULL;
	const struct ctl_opt opts[] = {
		{ .name = "from", .text = &from },
		{ .name = "to", .text = &to },
	};
	const struct ctl_opts all = { &ctl_try, opts, ARRAY_LEN(opts), 0, 0,
		NULL };
	struct ctl_edition ed = { .edition = NULL };
	struct talk t = { .ed = &ed };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_edition_open(ctl, &ed);
	if (rc != CTL_OK)
		return rc;
	rc = phone_read(from, home_of(&ed.conf, to), &t.phone);
	if (rc == CTL_OK) {
		ctl_invite("write a text as it would come in");
		t.session = menu_session_new();
		t.arena = arena_new(ARENA_BLOCK, ARENA_MOST);
		rc = converse(&t);
		arena_free(&t.arena);
	}
	ctl_edition_done(&ed);
	return rc;
}

const struct ctl_command ctl_try = {
	.name = "try",
	.help = "one conversation on stdin, answers as JSON; needs no daemon",
	.usage =
	    "usage: safarctl [--data DIR] try [--from NUMBER] [--to LINE]\n"
	    "\n"
	    "Reads the texts of one person from standard input, one a line, "
	    "and writes\n"
	    "one JSON object a line: {\"replies\":[{\"text\",\"encoding\","
	    "\"parts\"}],\"intent\",\n"
	    "\"place\",\"lang\",\"node\",\"listings\",\"edition\"}, or "
	    "{\"error\"} for a line that is\n"
	    "not UTF-8.  Nothing is stored and no daemon is needed.  Without "
	    "a data folder\n"
	    "the texts and the directory that come with the program are used "
	    "(edition 0).\n"
	    "\n"
	    "  --from NUMBER  whose phone it is (default +996555123456)\n"
	    "  --to LINE      our number: its gateway's country is the home "
	    "of a\n"
	    "                 --from without country code\n",
	.run = run,
};
