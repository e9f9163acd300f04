/* parts.c - what replies cost: as stored, as we send them, in Latin letters. */

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/phone/phone.h"
#include "menus/price.h"

enum { ARENA_BLOCK = 65536, ARENA_MOST = 4 << 20 };

struct parts {
	struct ctl_edition *ed;
	struct arena *arena;
	struct price_sum by_lang[LANG_COUNT], all;
};

static void
on_price(void *arg, const struct price *price)
{
	struct parts *p = arg;
	const char *node = ctl_node_id(p->ed->edition, price->node);

	printf("%-12s  %-16s %8u %8u %8u\n", lang_code(price->lang),
	    node != NULL ? node : "-", price->stored, price->ours,
	    price->latin);
	price_sum_add(&p->by_lang[price->lang], price);
	price_sum_add(&p->all, price);
}

static struct menu_input
input_of(const struct parts *p)
{
	return (struct menu_input){
		.verified_days =
		    (unsigned)p->ed->conf.directory.require_verified_days,
		.now_ms = clock_ms(),
	};
}

static void
price_say(struct parts *p, struct price_talk *talk, const char *country,
    struct sv text)
{
	struct menu_input in = input_of(p);
	struct price price;

	in.text = text;
	in.country = country;
	if (!utf8_is_valid(text))
		return;
	arena_reset(p->arena);
	if (price_take(p->ed->edition, talk, &in, p->arena, &price))
		on_price(p, &price);
}

static void
nodes_price(struct parts *p)
{
	const struct menu_input in = input_of(p);

	price_nodes(p->ed->edition, &in, p->arena, on_price, p);
}

/* --- conversations --- */

/* "from +996555123456", "> text"; every other line is left out. */
static int
talk_price(struct parts *p, const char *path)
{
	static char buf[CTL_LINE_MAX];
	struct price_talk talk = price_talk_new();
	struct phones *phones = phones_new();
	struct phone phone = { .country = "" };
	FILE *f = fopen(path, "re");
	unsigned number = 0;
	int rc = CTL_OK;
	struct sv line;

	if (f == NULL) {
		phones_free(&phones);
		return ctl_fail("%s cannot be read; name a file of "
				"conversations",
		    path);
	}
	while (rc == CTL_OK && ctl_line(f, buf, sizeof(buf), &line)) {
		number++;
		if (line.n > 5 && memcmp(line.p, "from ", 5) == 0) {
			talk = price_talk_new();
			if (phone_parse(phones,
				(struct sv){ line.p + 5, line.n - 5 }, "",
				&phone) < 0 ||
			    phone_reveal(&phone).n == 0)
				rc = ctl_fail("%s:%u: no person's number; "
					      "write it with + and country "
					      "code",
				    path, number);
		} else if (line.n > 2 && memcmp(line.p, "> ", 2) == 0) {
			price_say(p, &talk, phone.country,
			    (struct sv){ line.p + 2, line.n - 2 });
		}
	}
	if (rc == CTL_OK)
		rc = ctl_line_end(f, path);
	(void)fclose(f);
	phones_free(&phones);
	return rc;
}

/* --- the table --- */

static void
sum_print(const char *lang, const struct price_sum *s)
{
	if (s->replies == 0)
		return;
	printf("%-12s  %-16u %8u %8u %8u   %4.1f %% fewer than stored; Latin "
	       "%.1f %% of stored\n",
	    lang, s->replies, s->stored, s->ours, s->latin,
	    100.0 - 100.0 * s->ours / s->stored, 100.0 * s->latin / s->stored);
	if (s->longer > 0)
		printf("%-12s  %-16s %8s %8u %8u   in %u replies over one "
		       "part; half of each, rounded up: %u\n",
		    "", "", "", s->longer_ours, s->longer_latin, s->longer,
		    s->halves);
}

static void
sums_print(const struct parts *p)
{
	int lang;

	printf("\n%-12s  %-16s %8s %8s %8s\n", "", "replies", "stored", "ours",
	    "latin");
	for (lang = 0; lang < LANG_COUNT; lang++)
		sum_print(lang_code((enum lang)lang), &p->by_lang[lang]);
	sum_print("all", &p->all);
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_opts all = { &ctl_parts, NULL, 0, 0, 1000, NULL };
	struct ctl_edition ed = { .edition = NULL };
	struct parts p = { .ed = &ed };
	int first = ctl_args(&all, argc, argv), rc, i;

	if (first < 0)
		return -first;
	rc = ctl_edition_open(ctl, &ed);
	if (rc != CTL_OK)
		return rc;
	p.arena = arena_new(ARENA_BLOCK, ARENA_MOST);
	printf("%-12s  %-16s %8s %8s %8s\n", "language", "node", "stored",
	    "ours", "latin");
	if (first == argc)
		nodes_price(&p);
	for (i = first; rc == CTL_OK && i < argc; i++)
		rc = talk_price(&p, argv[i]);
	if (rc == CTL_OK)
		sums_print(&p);
	arena_free(&p.arena);
	ctl_edition_done(&ed);
	return rc;
}

const struct ctl_command ctl_parts = {
	.name = "parts",
	.help =
	    "SMS parts of every reply: as stored, as sent, in Latin letters",
	.usage =
	    "usage: safarctl [--data DIR] parts [CONVERSATIONS ...]\n"
	    "\n"
	    "Writes a line for each node of the menu in each language, as "
	    "somebody at home\n"
	    "gets it who has not said where they are, then the sums:\n"
	    "\n"
	    "  stored  parts if every text were sent as it is stored: marks of "
	    "typography,\n"
	    "          long names, of the same helpers all phones and hours\n"
	    "  ours    parts of the reply that is sent\n"
	    "  latin   the same to somebody who asked for Latin letters (LAT)\n"
	    "\n"
	    "With files of conversations (lines \"from NUMBER\" and "
	    "\"> text\") a line for each\n"
	    "reply in them.  Nothing is stored and no daemon is needed.\n",
	.run = run,
};
