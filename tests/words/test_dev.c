/*
 * test_dev.c - how many of the composed texts are understood: those of dev.tsv,
 * and those of fresh.tsv, written later.
 */
#include "tests/words/kit.h"

enum { ROWS_MAX = 2000, GROUPS_MAX = 64, COLUMNS = 7 };
enum { ID, TEXT, LANG, KIND, INTENT, PLACE, NOTE };

struct row {
	char line[1024];
	struct sv column[COLUMNS];
	char intent[24], place[40];
};

/* Of the rows that have one thing in common. */
struct group {
	struct sv name;
	size_t all, right, wrong;
};

struct tally {
	struct group groups[GROUPS_MAX];
	size_t count;
};

static struct row rows[ROWS_MAX];
static size_t row_count;

static void
rows_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[sizeof(rows[0].line)];

	ASSERT(f != NULL);
	row_count = 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		struct row *r = &rows[row_count];
		struct sv rest;

		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, "id\t", 3) == 0 || line[0] == '\0')
			continue;
		ASSERT(row_count < ROWS_MAX);
		memcpy(r->line, line, sizeof(line));
		rest = sv_of(r->line);
		for (size_t i = 0; i < COLUMNS; i++)
			r->column[i] = sv_cut(&rest, '\t');
		(void)snprintf(r->intent, sizeof(r->intent), SV_FMT,
		    SV_ARG(r->column[INTENT]));
		(void)snprintf(r->place, sizeof(r->place), SV_FMT,
		    SV_ARG(r->column[PLACE]));
		row_count++;
	}
	(void)fclose(f);
}

static struct group *
tally_group(struct tally *t, struct sv name)
{
	size_t i = 0;

	while (i < t->count && !sv_eq(t->groups[i].name, name))
		i++;
	ASSERT(i < GROUPS_MAX);
	if (i == t->count)
		t->groups[t->count++].name = name;
	return &t->groups[i];
}

static void
tally_add(struct tally *t, struct sv name, bool right, bool wrong)
{
	struct group *g = tally_group(t, name);

	g->all++;
	g->right += right;
	g->wrong += wrong;
}

static void
tally_print(const struct tally *t, const char *what)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct group *g = &t->groups[i];

		printf("# %s " SV_FMT ": %.1f %% of %zu right, %zu wrong\n",
		    what, SV_ARG(g->name), kit_percent(g->right, g->all),
		    g->all, g->wrong);
	}
}

static bool
noted(const struct row *r, const char *note)
{
	struct sv rest = r->column[NOTE];

	while (rest.n > 0) {
		if (sv_eq(sv_cut(&rest, ';'), sv_of(note)))
			return true;
	}
	return false;
}

struct result {
	struct tally lang, kind, intent, all;
	size_t places, urgent, urgent_safe, none_topics, langs, langs_right;
};

static void
row_judge(const struct row *r, struct result *sum)
{
	struct match m;
	char buf[24];
	const char *got, *place;
	bool right, wrong, safe;

	match_text(kit_matcher, r->column[TEXT], &m);
	got = kit_intent(&m, buf);
	place = m.place == PLACE_NONE ?
		    "" :
		    places_at(kit_content.places, m.place)->id;
	right = strcmp(got, r->intent) == 0;
	wrong = !right && m.kind != MATCH_NONE;
	safe =
	    right || (m.choice_count > 0 &&
			 strcmp(topics_at(kit_content.topics, m.choices[0])->id,
			     r->intent) == 0);
	tally_add(&sum->lang, r->column[LANG], right, wrong);
	tally_add(&sum->kind, r->column[KIND], right, wrong);
	tally_add(&sum->intent, r->column[INTENT], right, wrong);
	tally_add(&sum->all, SV("texts"), right, wrong);
	sum->places += strcmp(place, r->place) == 0;
	sum->urgent += noted(r, "urgent");
	sum->urgent_safe += noted(r, "urgent") && safe;
	sum->none_topics +=
	    strcmp(r->intent, "none") == 0 && m.kind == MATCH_TOPIC;
	if (!noted(r, "lang-any")) {
		sum->langs++;
		sum->langs_right +=
		    sv_eq(sv_of(lang_code(m.lang)), r->column[LANG]);
	}
	if (!right || strcmp(place, r->place) != 0)
		printf("# " SV_FMT ": %s %s instead of %s %s\n",
		    SV_ARG(r->column[ID]), got, place, r->intent, r->place);
}

static void
test_accuracy(void)
{
	static struct result sum;
	const struct group *all;

	memset(&sum, 0, sizeof(sum));
	for (size_t i = 0; i < row_count; i++)
		row_judge(&rows[i], &sum);
	tally_print(&sum.lang, "language");
	tally_print(&sum.kind, "kind");
	tally_print(&sum.intent, "intent");
	tally_print(&sum.all, "all");
	printf("# places right: %.1f %%\n", kit_percent(sum.places, row_count));
	printf("# language told right: %.1f %% of %zu\n",
	    kit_percent(sum.langs_right, sum.langs), sum.langs);
	printf("# urgent, right or asked first: %zu of %zu\n", sum.urgent_safe,
	    sum.urgent);
	all = &sum.all.groups[0];
	OK(row_count >= 150, "there are texts");
	OK(kit_percent(all->right, all->all) >= 97, "97 % are understood");
	OK(kit_percent(all->wrong, all->all) <= 1, "1 % gets another answer");
	EQ(sum.none_topics, 0, "what means nothing gets no topic");
	OK(kit_percent(sum.places, row_count) >= 97, "97 % of the places");
	EQ(sum.urgent_safe, sum.urgent, "danger is never overheard");
	OK(sum.urgent > 0, "and there is some");
}

/* ---- the lexicon was not written from these texts ---- */

struct whole {
	struct fold *fold;
	struct folded texts[ROWS_MAX];
	size_t found;
};

static bool
same_words(const struct folded *a, const struct folded *b)
{
	if (a->count != b->count || a->codes_n != b->codes_n)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->words[i].n != b->words[i].n)
			return false;
	}
	return memcmp(a->codes, b->codes, a->codes_n) == 0;
}

static void
on_keyword(void *arg, const struct texts_word *line)
{
	struct whole *w = arg;
	struct folded keyword;
	struct sv word = line->word;

	if (word.n > 5 && memcmp(word.p, "weak:", 5) == 0) {
		word.p += 5;
		word.n -= 5;
	}
	fold_text(w->fold, word, FOLD_AS_TYPED, &keyword);
	if (keyword.count < 3)
		return;
	for (size_t i = 0; i < row_count; i++) {
		if (!same_words(&keyword, &w->texts[i]))
			continue;
		printf("# %s:%u: %s: \"" SV_FMT "\" is the text " SV_FMT "\n",
		    line->file, line->line, line->name, SV_ARG(line->word),
		    SV_ARG(rows[i].column[ID]));
		w->found++;
	}
}

static void
test_no_text_is_a_keyword(void)
{
	struct whole *w = calloc(1, sizeof(*w));

	ASSERT(w != NULL);
	w->fold = fold_new();
	for (size_t i = 0; i < row_count; i++)
		fold_text(
		    w->fold, rows[i].column[TEXT], FOLD_AS_TYPED, &w->texts[i]);
	texts_words_each(kit_content.texts, on_keyword, w);
	EQ(w->found, 0, "no text of three words or more is a keyword");
	fold_free(&w->fold);
	free(w);
}

int
main(void)
{
	static const char *const files[] = { "tests/words/dev.tsv",
		"tests/words/fresh.tsv" };

	if (!kit_open())
		return kit_close();
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		printf("# %s\n", files[i]);
		rows_read(files[i]);
		test_accuracy();
		test_no_text_is_a_keyword();
	}
	return kit_close();
}
