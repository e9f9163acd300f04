/* test_whole.c - a whole text known beforehand means what it meant before. */
#include "menus/whole.h"
#include "tests/words/kit.h"

struct sum {
	size_t texts, differ;
};

static void
on_line(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

static void
on_text(void *arg, struct sv text)
{
	struct sum *sum = arg;
	struct match known, read;

	match_text(kit_matcher, text, &known);
	match_explain(kit_matcher, text, on_line, NULL, &read);
	sum->texts++;
	if (match_same(&known, &read))
		return;
	sum->differ++;
	printf("# \"" SV_FMT "\" differs\n", SV_ARG(text));
}

static void
test_same(const struct whole *w)
{
	struct sum sum = { 0 };

	whole_each(w, on_text, &sum);
	printf("# %zu texts are known whole\n", sum.texts);
	OK(sum.texts > 20000, "every keyword and place is known");
	EQ(sum.differ, 0, "each means what the matcher makes of it");
}

static void
test_forms(const struct whole *w)
{
	static const char *const known[] = { "7", "000", "маош", "Маош", "МАОШ",
		"maosh", "жұмыс", "жумыс", "ЖУМЫС", " меню\r\n", "Душанбе",
		"DUSHANBE", "бир", "Driving licence" };
	static const char *const unknown[] = { "", " ", "маош!", "маош маош",
		"маош\xff", "мао", "зарплата не заплатили" };
	struct match m;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		OK(whole_find(w, sv_of(known[i]), &m), known[i]);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		OK(!whole_find(w, sv_of(unknown[i]), &m), "nobody's keyword");
}

int
main(void)
{
	struct whole *w;

	if (kit_open()) {
		w = whole_new(&kit_content, kit_matcher);
		test_same(w);
		test_forms(w);
		whole_free(&w);
	}
	return kit_close();
}
