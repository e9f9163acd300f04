/* test_replies.c - a reply kept is the reply that would be made anew. */
#include "menus/replies.h"

#include "tests/tap.h"
#include "tests/unit/edition_copy.h"

enum {
	TURNS = 24000,
	FEW_TURNS = 6000,
	TALK = 12,
	WORDS_MAX = 8192,
	DAY_MS = 86400000
};
#define NOW_MS INT64_C(1789387200000) /* 2026-09-14 12:00 UTC */

static struct edition *edition;
static struct arena *arena;
static struct sv words[WORDS_MAX];
static size_t word_count;

static void
on_word(void *arg, const struct texts_word *word)
{
	(void)arg;
	if (word_count < WORDS_MAX)
		words[word_count++] = word->word;
}

static uint32_t
random_below(uint32_t n)
{
	static uint32_t state = 20261114;

	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

/* Helpers who were checked on one day after the other, so that every few days
 * another one is withheld. */
static void
helpers_write(const struct edition_copy *copy)
{
	char path[PATH_MAX];
	FILE *f;
	int i;

	copy_path(path, copy->root, "content/orgs/checked.csv");
	f = fopen(path, "we");
	ASSERT(f != NULL);
	fputs("id,name_en,country,places,topics,kind,listing,phone_e164,"
	      "checked,source\n",
	    f);
	for (i = 0; i < 40; i++)
		fprintf(f,
		    "t-%d,Helper %d,%s,%s,legal;jobs;health,ngo,"
		    "callers-after-check,+9965550000%02d,2026-0%d-%02d,t\n",
		    i, i, i % 2 != 0 ? "kg" : "ru", i % 2 != 0 ? "kg" : "ru", i,
		    7 + i / 20, 1 + i % 20);
	ASSERT(fclose(f) == 0);
}

/* Few enough texts that most talks come by replies that were kept. */
static struct sv
text_some(char *buf, size_t size)
{
	static const char *const often[] = { "more", "more", "0", "LAT", "KIR",
		"привет", "qwxzy", "тил кыргызча", "til uzbek", "english",
		"консульство Узбекистана", "консульство Таджикистана",
		"консульство", "Москва", "Osh", "help legal", "врач",
		"врач юрист", "работа жилье", "doctor lawyer",
		"work or housing" };
	struct sv word = words[random_below((uint32_t)word_count)];

	switch (random_below(8)) {
	case 0:
	case 1:
		snprintf(buf, size, "%u", random_below(10));
		break;
	case 2:
		snprintf(buf, size, SV_FMT, SV_ARG(word));
		break;
	default:
		snprintf(
		    buf, size, "%s", often[random_below(ARRAY_LEN(often))]);
		break;
	}
	return sv_of(buf);
}

/* Where and when a talk is. */
static struct menu_input
input_some(void)
{
	static const char *const countries[] = { "ru", "kg", "uz", "" };

	return (struct menu_input){
		.country = countries[random_below(ARRAY_LEN(countries))],
		.verified_days = random_below(2) * 60,
		.now_ms = NOW_MS + (int64_t)random_below(4) * 10 * DAY_MS,
	};
}

static bool
sessions_same(const struct menu_session *a, const struct menu_session *b)
{
	return a->node == b->node && a->menu == b->menu &&
	       a->topic == b->topic && a->place == b->place &&
	       a->citizen == b->citizen && a->choice_count == b->choice_count &&
	       memcmp(a->choices, b->choices,
		   a->choice_count * sizeof(a->choices[0])) == 0 &&
	       a->lang == b->lang && a->chosen == b->chosen &&
	       a->stopped == b->stopped && a->latin == b->latin &&
	       a->page == b->page;
}

static bool
results_same(const struct menu_result *a, const struct menu_result *b)
{
	size_t i;

	for (i = 0; i < a->listing_count && i < b->listing_count; i++)
		if (a->listings[i] != b->listings[i])
			return false;
	return sv_eq(a->text, b->text) && sessions_same(&a->next, &b->next) &&
	       a->size.parts == b->size.parts &&
	       a->size.encoding == b->size.encoding && a->node == b->node &&
	       a->topic == b->topic && a->place == b->place &&
	       a->lang == b->lang && a->outcome == b->outcome &&
	       a->effects == b->effects &&
	       a->listing_count == b->listing_count &&
	       a->match.kind == b->match.kind &&
	       strcmp(a->match.how, b->match.how) == 0;
}

/* The same turn without what was kept. */
static void
step_anew(const struct menu_session *s, const struct menu_input *in,
    struct menu_result *ret_result)
{
	struct replies *kept = edition->replies;

	edition->replies = NULL;
	menu_step(edition, s, in, arena, ret_result);
	edition->replies = kept;
}

static bool
is_kept(const struct menu_session *s, const struct menu_input *in)
{
	struct menu_result r = { .next = *s };
	struct reply_key key;

	match_text(edition->matcher, in->text, &r.match);
	return replies_key(edition, in, &r, &key) &&
	       replies_find(edition->replies, &key, arena, &r);
}

static void
test_talks(void)
{
	struct menu_session s = menu_session_new();
	struct menu_result kept, anew;
	struct menu_input in = input_some();
	size_t turns = tap_many() ? TURNS : FEW_TURNS, differ = 0, i;
	char buf[600];

	for (i = 0; i < turns; i++) {
		if (i % TALK == 0) {
			s = menu_session_new();
			in = input_some();
		}
		arena_reset(arena);
		in.text = text_some(buf, sizeof(buf));
		in.stored = random_below(4) == 0;
		menu_step(edition, &s, &in, arena, &kept);
		step_anew(&s, &in, &anew);
		if (!results_same(&kept, &anew) && differ++ < 5)
			printf("# '%s' from '%s'\n", buf, in.country);
		s = kept.next;
	}
	EQ(differ, 0, "every reply of many talks is the one made anew");
}

static void
test_kept(void)
{
	struct menu_session s = menu_session_new();
	struct menu_input in = { .text = SV("legal help Moscow"),
		.country = "kg",
		.verified_days = 60,
		.now_ms = NOW_MS };
	struct menu_result r;

	s.lang = LANG_EN;
	s.place = places_find(edition->content.places, SV("ru-moscow"));
	arena_reset(arena);
	menu_step(edition, &s, &in, arena, &r);
	OK(is_kept(&s, &in), "a reply is kept");
	in.now_ms += 1000;
	OK(is_kept(&s, &in), "for a second later, too");
	in.now_ms += (int64_t)20 * DAY_MS;
	OK(!is_kept(&s, &in), "not for when somebody is too long unchecked");
	in.now_ms = NOW_MS;
	in.country = "tj";
	OK(!is_kept(&s, &in), "not for a caller from elsewhere");
	in.country = "kg";
	s.latin = 1;
	OK(!is_kept(&s, &in), "not for other letters");
}

int
main(void)
{
	struct diag diag = { .text = "" };
	struct edition_copy copy;

	edition_copy_init(&copy);
	helpers_write(&copy);
	if (edition_load(copy.root, 1, &edition, &diag) < 0) {
		printf("Bail out! %s\n", diag.text);
		return 1;
	}
	arena = arena_new(65536, 4194304);
	texts_words_each(edition->content.texts, on_word, NULL);
	test_kept();
	test_talks();
	arena_free(&arena);
	edition_free(&edition);
	edition_copy_done(&copy);
	return tap_done();
}
