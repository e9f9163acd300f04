/* parts.c - what replies cost: as stored, as we send them, in Latin letters. */

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/phone/phone.h"
#include "menus/price.h"

enum { ARENA_BLOCK = 65536, ARENA_MOST = 4 << 20 };

struct sum {
	unsigned replies, stored, ours, latin;
};

struct parts {
	struct ctl_edition *ed;
	struct arena *arena;
	struct sum by_lang[LANG_COUNT], all;
};

static void
sum_add(struct sum *sum, const struct price *p)
{
	sum->replies++;
	sum->stored += p->stored;
	sum->ours += p->ours;
	sum->latin += p->latin;
}

static void
line_print(const char *lang, const char *node, unsigned stored, unsigned ours,
    unsigned latin)
{
	printf("%-12s  %-16s %8u %8u %8u\n", lang, node, stored, ours, latin);
}

static void
price_say(struct parts *p, struct price_talk *talk, const char *country,
    struct sv text)
{
	const struct edition *e = p->ed->edition;
	const struct menu_input in = { .text = text,
		.country = country,
		.verified_days =
		    (unsigned)p->ed->conf.directory.require_verified_days,
		.now_ms = clock_ms() };
	const char *node;
	struct price price;

	if (!utf8_is_valid(text))
		return;
	arena_reset(p->arena);
	if (!price_take(e, talk, &in, p->arena, &price))
		return;
	node = ctl_node_id(e, price.node);
	line_print(lang_code(price.lang), node != NULL ? node : "-",
	    price.stored, price.ours, price.latin);
	sum_add(&p->by_lang[price.lang], &price);
	sum_add(&p->all, &price);
}

/* --- every node --- */

static bool
way_by_topic(const struct edition *e, uint16_t index, struct menu_session *s)
{
	uint16_t i;

	for (i = 0; i < topics_count(e->content.topics); i++)
		if (tree_of_topic(e->tree, i) == index) {
			s->choices[s->choice_count++] = i;
			return true;
		}
	return false;
}

/* Where to stand, and the digit to press there. */
static bool
way_by_menu(const struct edition *e, uint16_t index, struct menu_session *s,
    unsigned *ret_digit)
{
	const struct node *node;
	uint16_t i;
	size_t j;

	for (i = 0; i < tree_count(e->tree); i++) {
		node = tree_at(e->tree, i);
		for (j = 0; j < node->item_count; j++)
			if (node->items[j].go == index) {
				s->node = s->menu = i;
				*ret_digit = node->items[j].digit;
				return true;
			}
	}
	return false;
}

/* Where a place is waited for. */
static bool
way_by_place(const struct edition *e, uint16_t index, struct menu_session *s)
{
	const struct node *node;
	uint16_t i;

	for (i = 0; i < tree_count(e->tree); i++) {
		node = tree_at(e->tree, i);
		if (node->kind == NODE_ASK_PLACE && node->go == index) {
			s->node = i;
			return true;
		}
	}
	return false;
}

/* The text that leads to this node, and the session of who writes it. */
static bool
way_to(const struct edition *e, uint16_t index, const char *country,
    struct menu_session *s, struct sv *ret_text)
{
	static const char digits[] = "0123456789";
	const struct places *places = e->content.places;
	uint16_t home = places_find(places, sv_of(country));
	unsigned digit = 0;

	if (home != PLACE_NONE && way_by_place(e, index, s)) {
		*ret_text = places_at(places, home)->names[s->lang];
		return true;
	}
	if (way_by_topic(e, index, s))
		digit = 1;
	else if (!way_by_menu(e, index, s, &digit) &&
		 index != tree_main(e->tree))
		return false;
	*ret_text = (struct sv){ digits + digit, 1 };
	return true;
}

/* Whose number most people have who write in a language. */
static const char *
country_of(enum lang lang)
{
	static const char *const countries[LANG_COUNT] = {
		[LANG_RU] = "ru",
		[LANG_KY] = "kg",
		[LANG_TG] = "tj",
		[LANG_UZ] = "uz",
		[LANG_UZ_CYRL] = "uz",
		[LANG_KK] = "kz",
		[LANG_EN] = "kg",
	};

	return countries[lang];
}

static void
nodes_price(struct parts *p)
{
	const struct edition *e = p->ed->edition;
	struct price_talk talk;
	struct sv text;
	uint16_t node;
	int lang;

	for (lang = 0; lang < LANG_COUNT; lang++)
		for (node = 0; node < tree_count(e->tree); node++) {
			talk = price_talk_new();
			talk.plain.lang = (uint8_t)lang;
			talk.plain.chosen = 1;
			if (!way_to(e, node, country_of((enum lang)lang),
				&talk.plain, &text))
				continue;
			talk.latin = talk.plain;
			talk.latin.latin = 1;
			if (lang == LANG_UZ_CYRL)
				talk.latin.lang = LANG_UZ;
			price_say(p, &talk, country_of((enum lang)lang), text);
		}
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
			    phone.e164[0] == '\0')
				rc = ctl_fail("%s:%u: no person's number; "
					      "write it with + and country "
					      "code",
				    path, number);
		} else if (line.n > 2 && memcmp(line.p, "> ", 2) == 0) {
			price_say(p, &talk, phone.country,
			    (struct sv){ line.p + 2, line.n - 2 });
		}
	}
	(void)fclose(f);
	phones_free(&phones);
	return rc;
}

/* --- the table --- */

static void
sums_print(const struct parts *p)
{
	const struct sum *s;
	int lang;

	printf("\n%-12s  %-16s %8s %8s %8s\n", "", "replies", "stored", "ours",
	    "latin");
	for (lang = 0; lang <= LANG_COUNT; lang++) {
		s = lang < LANG_COUNT ? &p->by_lang[lang] : &p->all;
		if (s->replies == 0)
			continue;
		printf("%-12s  %-16u %8u %8u %8u   %.1f %% fewer than stored; "
		       "Latin %.1f %% of stored, %.1f %% of ours\n",
		    lang < LANG_COUNT ? lang_code((enum lang)lang) : "all",
		    s->replies, s->stored, s->ours, s->latin,
		    100.0 - 100.0 * s->ours / s->stored,
		    100.0 * s->latin / s->stored, 100.0 * s->latin / s->ours);
	}
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_opts all = { &ctl_parts, NULL, 0, 0, 1000 };
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
