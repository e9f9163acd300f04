/* An edition is loaded whole or refused with the file, line and reason. */
#include "menus/edition.h"

#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/edition_copy.h"

/* Each language, and in Latin letters those in Cyrillic. */
enum { FORMS = LANG_COUNT + 5 };

static const struct {
	const char *name;
	const char *file, *old_text, *new_text; /* what is broken */
	const char *where, *says;
} wrong[] = {
	{ "a menu leads nowhere", "menus/main.yaml", "go: planning }",
	    "go: planing }", "menus/main.yaml:10: ", "unknown node 'planing'" },
	{ "an unknown key in the menu", "menus/main.yaml", "version: 1",
	    "version: 1\ncolour: red",
	    "menus/main.yaml:4: ", "unknown key colour" },
	{ "a menu names a text that English lacks", "menus/main.yaml",
	    "text: care.head", "text: care.title",
	    "menus/main.yaml:", "unknown text 'care.title'" },
	{ "a text of the code is missing", "content/lang/en.po",
	    "msgid \"busy.later\"", "msgid \"busy.never\"", "content/lang/",
	    "" },
	{ "an unknown placeholder", "content/lang/ru.po", "{year}", "{jahr}",
	    "content/lang/ru.po:", "" },
	{ "an unknown topic's parent", "content/topics.csv",
	    "documents,no,no,no,legal", "documents,no,no,no,law",
	    "content/topics.csv:2", "" },
	{ "a menu is too long", "content/lang/ru.po",
	    "msgid \"label.find\"\nmsgstr \"",
	    "msgid \"label.find\"\nmsgstr \"Очень длинная строка меню про "
	    "помощь рядом со мной и вокруг ",
	    "content/lang: ru: menu main", "3 parts" },
	{ "a reply is too long", "content/lang/en.po",
	    "msgid \"place.unknown\"\nmsgstr \"",
	    "msgid \"place.unknown\"\nmsgstr \""
	    "Ж Where are you now, we ask, and ask again, until you answer. "
	    "Where are you now, we ask, and ask again, until you answer. "
	    "Where are you now, we ask, and ask again, until you answer. "
	    "Where are you now, we ask, and ask again, until you answer. ",
	    "content/lang: en: place.unknown", "parts" },
	{ "a health topic where a stranger sees it", "content/lang/en.po",
	    "msgid \"hiv.head\"\nmsgstr \"",
	    "msgid \"hiv.head\"\nmsgstr \"HIV? ",
	    "content/lang: en: head of hiv", "'hiv'" },
	{ "a health topic at the top of a menu", "content/lang/en.po",
	    "msgid \"care.head\"\nmsgstr \"",
	    "msgid \"care.head\"\nmsgstr \"DOCTORS. ",
	    "content/lang: en: menu care", "'doctor*'" },
	{ "deportation where a stranger sees it", "content/lang/uz.po",
	    "msgid \"legal.head\"\nmsgstr \"",
	    "msgid \"legal.head\"\nmsgstr \"Deportatsiya? ",
	    "content/lang: uz: head of legal", "'deport" },
	{ "a topic in the words of another language", "content/lang/ky.po",
	    "msgid \"jobs.head\"\nmsgstr \"",
	    "msgid \"jobs.head\"\nmsgstr \"Есірткі. ",
	    "content/lang: ky: head of jobs", "'есірткі*'" },
	{ "a topic in what comes unasked", "content/lang/tg.po",
	    "msgid \"stop.done\"\nmsgstr \"",
	    "msgid \"stop.done\"\nmsgstr \"Мо дигар ба Шумо чизе "
	    "наменависем, на дар бораи ВИЧ. ",
	    "content/lang: tg: stop.done", "'вич'" },
	{ "a head too short to hide who treats people", "content/lang/uz.po",
	    "Hayotga xavf boʻlsa: 103. Sizga yordam bera oladi:", "103:",
	    "content/lang: uz: head of health", "at least 40" },
	{ "a listing that says what it is for", "content/lang/en.po",
	    "National AIDS Centre = National Centre", "X = Y",
	    "listing national-aids-centre", "'aids'" },
};

static void
test_wrong(void)
{
	struct edition *e = NULL;
	struct edition_copy copy = { .root = "" };
	struct diag diag;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		diag = (struct diag){ .text = "" };
		edition_copy_init(&copy);
		edition_copy_replace(
		    &copy, wrong[i].file, wrong[i].old_text, wrong[i].new_text);
		rc = edition_load(copy.root, 2, &e, &diag);
		EQ(rc, -EINVAL, wrong[i].name);
		OK(strstr(diag.text, wrong[i].where) != NULL &&
			strstr(diag.text, wrong[i].says) != NULL,
		    "it is told where and what");
		if (strstr(diag.text, wrong[i].where) == NULL ||
		    strstr(diag.text, wrong[i].says) == NULL)
			printf("# got: %s\n", diag.text);
		OK(e == NULL, "the output is untouched");
		edition_free(&e);
		edition_copy_done(&copy);
	}
}

struct seen {
	unsigned lines, of_main, problems;
};

static void
on_line(void *arg, const char *line)
{
	struct seen *seen = arg;

	seen->lines++;
	if (strstr(line, " main ") != NULL && strstr(line, " parts") != NULL)
		seen->of_main++;
	if (strstr(line, "; ") != NULL) {
		seen->problems++;
		printf("# %s\n", line);
	}
}

static void
test_shipped(void)
{
	struct edition *e = NULL;
	struct diag diag = { .text = "" };
	struct edition_copy copy = { .root = "" };
	struct seen seen = { 0 };

	EQ(edition_load(".", 0, &e, &diag), 0, "the project's own files load");
	if (e == NULL) {
		printf("# %s\n", diag.text);
		return;
	}
	EQ(e->number, 0, "as no edition");
	EQ(edition_check(e, on_line, &seen), 0, "without a problem");
	EQ(seen.of_main, FORMS, "the main menu is told in each language");
	EQ(seen.lines, (unsigned)tree_count(e->tree) * FORMS,
	    "a line for each node and language");
	edition_free(&e);
	edition_copy_init(&copy);
	EQ(edition_load(copy.root, 7, &e, &diag), 0, "an edition's folder too");
	EQ(e != NULL ? e->number : 0, 7, "with its number");
	edition_free(&e);
	OK(e == NULL, "freed");
	edition_free(&e);
	edition_copy_done(&copy);
}

static void
test_missing(void)
{
	struct edition *e = NULL;
	struct diag diag = { .text = "" };

	EQ(edition_load("tests/nothing-here", 1, &e, &diag), -ENOENT,
	    "a missing folder");
	OK(diag.text[0] != '\0', "it is told");
	OK(e == NULL, "the output is untouched");
}

int
main(void)
{
	test_shipped();
	test_wrong();
	test_missing();
	return tap_done();
}
