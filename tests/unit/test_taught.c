/* test_taught.c - words from the console: what may be one, and how they come
 * into an edition. */
#include "content/taught.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/texts.h"
#include "db/words.h"
#include "tests/folder.h"
#include "tests/tap.h"

static void
test_plain(void)
{
	static const struct {
		const char *word;
		bool plain;
	} words[] = {
		{ "зарплата", true },
		{ "зарплат*", true },
		{ "не дают маош*", true },
		{ "o'zbek-cha", true },
		{ "HIV", true },
		{ "за*", false },
		{ "*", false },
		{ "зар*плата", false },
		{ "", false },
		{ "a", false },
		{ " слово", false },
		{ "слово ", false },
		{ "два  слова", false },
		{ "weak: слово", false },
		{ "@papers", false },
		{ "a + b", false },
		{ "/.*/", false },
		{ "a\"", false },
		{ "a\\nb", false },
		{ "ab\nmsgid", false },
		{ "112", false },
	};
	char longest[200];
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		EQ(taught_word_is_plain(sv_of(words[i].word)), words[i].plain,
		    strchr(words[i].word, '\n') == NULL ? words[i].word :
							  "two lines");
	memset(longest, 'a', sizeof(longest));
	OK(!taught_word_is_plain((struct sv){ longest, sizeof(longest) }),
	    "a very long one");
}

static int64_t
put(struct directory *d, const char *lang, const char *topic, const char *word,
    int want)
{
	const struct word w = { .lang = sv_of(lang),
		.topic = sv_of(topic),
		.word = sv_of(word),
		.who = SV("lena"),
		.who_id = 1,
		.at_ms = 7 };
	int64_t id = 0;

	EQ(word_put(d, &w, &id), want, word);
	return id;
}

static void
on_word(void *arg, const struct texts_word *word)
{
	int *found = arg;

	if (strstr(word->file, ".taught.po") == NULL)
		return;
	*found += sv_eq(word->word, SV("айлык*")) && word->lang == LANG_KY &&
		  strcmp(word->name, "wages") == 0;
	*found += sv_eq(word->word, SV("акча бербейт")) &&
		  strcmp(word->name, "wages") == 0;
	*found += sv_eq(word->word, SV("каспорт")) &&
		  strcmp(word->name, "documents") == 0;
	*found += sv_eq(word->word, SV("бомж")) ? 100 : 0;
}

static void
test_edition(void)
{
	struct folder f = folder_new();
	struct directory *d = NULL;
	struct texts *t = NULL;
	struct diag why = { "" };
	char lang_dir[600];
	int64_t id;
	int found = 0;

	ASSERT(directory_open(f.path, &d, &why) == 0);
	id = put(d, "ky", "wages", "айлык*", 0);
	EQ(word_decide(d, id, true, SV("vera"), 8), 0, "approved");
	EQ(word_decide(d, id, true, SV("vera"), 8), -EALREADY, "it is");
	(void)put(d, "ky", "legal", "айлык*", -EEXIST);
	id = put(d, "ky", "wages", "акча бербейт", 0);
	EQ(word_decide(d, id, true, SV("vera"), 8), 0, "approved");
	id = put(d, "ky", "documents", "каспорт", 0);
	EQ(word_decide(d, id, true, SV("vera"), 8), 0, "approved");
	id = put(d, "ru", "shelter", "бомж", 0);
	EQ(word_decide(d, id, false, SV("vera"), 8), 0, "rejected");
	EQ(word_decide(d, 99, false, SV("vera"), 8), -ENOENT, "no word");
	(void)put(d, "ru", "shelter", "бомж", 0); /* anew */
	(void)snprintf(lang_dir, sizeof(lang_dir), "%s/lang", f.path);
	ASSERT(mkdir(lang_dir, 0700) == 0);
	EQ(content_taught(d, lang_dir, &why), 0, "written");
	EQ(content_taught(d, lang_dir, &why), -EEXIST, "not over another one");
	for (int lang = 0; lang < LANG_COUNT; lang++) {
		char name[64], from[PATH_MAX], to[600];

		(void)snprintf(name, sizeof(name), "content/lang/%s.po",
		    lang_code((enum lang)lang));
		(void)snprintf(to, sizeof(to), "%s/lang/%s.po", f.path,
		    lang_code((enum lang)lang));
		ASSERT(realpath(name, from) != NULL && symlink(from, to) == 0);
	}
	if (texts_load(lang_dir, &t, &why) < 0)
		printf("# %s\n", why.text);
	ASSERT(t != NULL);
	texts_words_each(t, on_word, &found);
	EQ(found, 3, "the approved ones are words of their topics");
	texts_free(&t);
	directory_close(&d);
	folder_done(&f);
}

int
main(void)
{
	test_plain();
	test_edition();
	return tap_done();
}
