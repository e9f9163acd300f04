/*
 * test_parts.c - what the conversations of tests/golden cost, against sending
 * each text as it is stored, and in Latin letters.
 */
#include <dirent.h>
#include <stdlib.h>

#include "daemon/base/arena.h"
#include "daemon/phone/phone.h"
#include "menus/price.h"
#include "tests/tap.h"

enum { ARENA_BLOCK = 65536, ARENA_MOST = 4 << 20 };
enum { LINE_BYTES_MAX = 4096, PARTS_MAX = 3, NOW_DAYS = 20759 };

struct sums {
	const struct edition *e;
	struct arena *arena;
	struct phones *phones;
	struct price_sum by_lang[LANG_COUNT], all;
	unsigned over, not_gsm7, other_listings, not_halved;
};

/* Uzbek and English are in Latin letters anyway. */
static bool
is_halved(enum lang lang)
{
	return lang == LANG_RU || lang == LANG_KY || lang == LANG_TG ||
	       lang == LANG_KK || lang == LANG_UZ_CYRL;
}

static void
on_price(void *arg, const struct price *p)
{
	struct sums *s = arg;

	s->over += p->ours > PARTS_MAX || p->latin > PARTS_MAX;
	s->not_gsm7 += sms_measure(p->latin_text).encoding != SMS_GSM7;
	/* Uzbek has texts and names of its own for Latin letters */
	s->other_listings += !p->same_listings && p->lang != LANG_UZ_CYRL;
	if (is_halved(p->lang) && p->latin > price_half(p)) {
		s->not_halved++;
		printf("# %s: %u parts, in Latin letters %u: " SV_FMT "\n",
		    lang_code(p->lang), p->ours, p->latin,
		    SV_ARG(p->latin_text));
	}
	price_sum_add(&s->by_lang[p->lang], p);
	price_sum_add(&s->all, p);
}

static void
text_price(struct sums *s, struct price_talk *talk, const struct phone *from,
    struct sv text)
{
	const struct menu_input in = {
		.text = text,
		.country = from->country,
		.now_ms = (int64_t)NOW_DAYS * 86400000,
	};
	struct price p;

	arena_reset(s->arena);
	if (price_take(s->e, talk, &in, s->arena, &p))
		on_price(s, &p);
}

static void
file_price(struct sums *s, const char *path)
{
	FILE *f = fopen(path, "re");
	struct price_talk talk = price_talk_new();
	struct phone from = { .country = "" };
	char line[LINE_BYTES_MAX];

	ASSERT(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "from ", 5) == 0) {
			talk = price_talk_new();
			EQ(phone_parse(s->phones, sv_of(line + 5), "", &from),
			    0, "a person's number");
		} else if (strncmp(line, "> ", 2) == 0) {
			text_price(s, &talk, &from, sv_of(line + 2));
		}
	}
	(void)fclose(f);
}

static void
sum_print(const char *name, const struct price_sum *s)
{
	if (s->replies == 0)
		return;
	printf("# %-12s %4u replies %4u parts as stored %4u ours "
	       "(%.1f %% fewer) %4u in Latin (%.1f %% of stored)\n",
	    name, s->replies, s->stored, s->ours,
	    100.0 - 100.0 * s->ours / s->stored, s->latin,
	    100.0 * s->latin / s->stored);
	printf("# %-12s %4u of one part; the other %u: %4u ours %4u in Latin "
	       "(%.1f %%), half of each rounded up %u\n",
	    "", s->replies - s->longer, s->longer, s->longer_ours,
	    s->longer_latin,
	    s->longer > 0 ? 100.0 * s->longer_latin / s->longer_ours : 0.0,
	    s->halves);
}

/* Talks for help: those about being discreet and forgotten turn on gaps and
 * words of one's own, which are no part of the menus, and have no lists. */
static int
is_talk(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && strcmp(d->d_name + n - 4, ".txt") == 0 &&
	       strncmp(d->d_name, "quiet-", 6) != 0 &&
	       strncmp(d->d_name, "consent-", 8) != 0;
}

static void
test_halves(const struct sums *s)
{
	const struct price_sum *sum;
	char name[96];
	int lang;

	EQ(s->not_halved, 0,
	    "no reply takes more in Latin letters than half, rounded up");
	for (lang = 0; lang < LANG_COUNT; lang++) {
		if (!is_halved((enum lang)lang))
			continue;
		sum = &s->by_lang[lang];
		(void)snprintf(name, sizeof(name),
		    "%s: Latin letters halve what the stored texts cost",
		    lang_code((enum lang)lang));
		OK(sum->longer > 5 && sum->latin * 2 <= sum->stored, name);
		(void)snprintf(name, sizeof(name),
		    "%s: and what is over one part, as far as parts halve",
		    lang_code((enum lang)lang));
		OK(sum->longer_latin <= sum->halves, name);
	}
}

static void
test_sums(const struct sums *s)
{
	int lang;

	for (lang = 0; lang < LANG_COUNT; lang++)
		sum_print(lang_code((enum lang)lang), &s->by_lang[lang]);
	sum_print("all", &s->all);
	EQ(s->over, 0, "no reply over its parts in any language");
	EQ(s->not_gsm7, 0, "Latin replies are of GSM-7");
	EQ(s->other_listings, 0, "they show the same helpers");
	OK(s->all.ours * 4 <= s->all.stored * 3,
	    "a quarter fewer parts than each text as it is stored");
	test_halves(s);
}

static void
talks_price(struct sums *s)
{
	struct dirent **list = NULL;
	char path[512];
	int i, n;

	n = scandir("tests/golden", &list, is_talk, alphasort);
	OK(n > 0, "there are conversations");
	for (i = 0; i < n; i++) {
		(void)snprintf(
		    path, sizeof(path), "tests/golden/%s", list[i]->d_name);
		file_price(s, path);
		free(list[i]);
	}
	free(list);
}

static void
nodes_price(struct sums *s)
{
	const struct menu_input in = {
		.now_ms = (int64_t)NOW_DAYS * 86400000,
	};

	price_nodes(s->e, &in, s->arena, on_price, s);
}

int
main(void)
{
	struct sums talks = { .phones = phones_new() }, nodes;
	struct edition *e = NULL;
	struct diag d = { "" };

	talks.arena = arena_new(ARENA_BLOCK, ARENA_MOST);
	EQ(edition_load(".", 0, &e, &d), 0, d.text);
	if (e == NULL)
		return tap_done();
	talks.e = e;
	nodes = talks;
	puts("# conversations of tests/golden, without quiet-* and consent-*");
	talks_price(&talks);
	test_sums(&talks);
	puts("# every node of the menu");
	nodes_price(&nodes);
	test_sums(&nodes);
	edition_free(&e);
	arena_free(&talks.arena);
	phones_free(&talks.phones);
	return tap_done();
}
