/* test_prompts.c - what the project's own edition can say, in all languages. */
#include "content/prompts.h"

#include <stdlib.h>

#include "content/speech.h"
#include "tests/tap.h"

enum { PROMPTS_MAX = 20000 };

struct said {
	char *ids[PROMPTS_MAX]; /* "ky press.1" */
	size_t count, of[LANG_COUNT];
	int braces, borrowed, digits, not_ids, long_ones;
};

static bool
has_any(struct sv text, const char *chars)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if (strchr(chars, text.p[i]) != NULL)
			return true;
	return false;
}

static void
on_prompt(void *arg, const struct prompt *p)
{
	static char spelt[4 * PROMPT_TEXT_MAX];
	struct said *said = arg;
	char name[PROMPT_PATH_MAX], id[PROMPT_ID_MAX + 16];
	struct sb b;

	sb_wrap(&b, spelt, sizeof(spelt));
	speech_put(&b, p->read, p->text);
	(void)snprintf(id, sizeof(id), "%s %s", lang_code(p->lang), p->id);
	if (said->count < PROMPTS_MAX)
		said->ids[said->count++] = strdup(id);
	said->of[p->lang]++;
	said->braces += has_any(p->text, "{}");
	said->digits += has_any(sb_sv(&b), "0123456789") || b.n == 0;
	said->long_ones += b.n > 600;
	said->not_ids += prompts_name("/p", 1, p->lang, p->id, name) < 0;
	/* all but names of listings and of places */
	if (p->read != p->lang && strncmp(p->id, "org.", 4) != 0 &&
	    strncmp(p->id, "place.", 6) != 0) {
		printf("# %s %s is in %s\n", lang_code(p->lang), p->id,
		    lang_code(p->read));
		said->borrowed++;
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
says(const struct said *said, const char *lang, const char *id)
{
	char name[PROMPT_ID_MAX + 16];
	char *key = name;

	(void)snprintf(name, sizeof(name), "%s %s", lang, id);
	return bsearch(&key, said->ids, said->count, sizeof(key), by_name) !=
	       NULL;
}

static void
test_some(const struct said *said)
{
	static const char *const langs[] = { "ru", "ky", "tg", "uz", "kk",
		"en" };
	static const char *const ids[] = { "press.0", "press.9", "press.star",
		"press.hash", "digit.0", "digit.9", "for.wages",
		"for.emergency", "for.counsellor", "place.ru",
		"place.ru-moscow", "voice.lang", "voice.bye",
		"org.hotline-kz-11616.name", "org.hotline-kz-11616.what",
		"org.emergency-ru-112.hours" };
	size_t i, lang;
	bool all;

	for (i = 0; i < ARRAY_LEN(ids); i++) {
		all = true;
		for (lang = 0; lang < ARRAY_LEN(langs); lang++)
			all = all && says(said, langs[lang], ids[i]);
		OK(all, ids[i]);
	}
	OK(!says(said, "ru", "org.emergency-ru-102.name"),
	    "not who is for operators only");
	OK(!says(said, "ru", "org.iom-moscow.hours"),
	    "no hours where there are none");
	OK(!says(said, "ru", "for.tb.plain"), "no label in plain words");
	OK(!says(said, "uz@cyrillic", "press.1"), "Uzbek is one language");
}

static void
test_all(const struct content *c)
{
	struct said *said = calloc(1, sizeof(*said));
	size_t i, twice = 0;

	if (said == NULL)
		abort();
	prompts_each(c, on_prompt, said);
	printf("# %zu prompts\n", said->count);
	qsort(said->ids, said->count, sizeof(*said->ids), by_name);
	for (i = 1; i < said->count; i++)
		twice += strcmp(said->ids[i - 1], said->ids[i]) == 0;
	EQ(twice, 0, "each once");
	EQ(said->braces, 0, "no placeholder is spoken");
	EQ(said->digits, 0, "no digit is left to a voice, nothing is empty");
	EQ(said->not_ids, 0, "each has a name");
	EQ(said->borrowed, 0, "every text is there in every language");
	EQ(said->long_ones, 0, "none is a speech");
	for (i = 0; i < LANG_COUNT; i++)
		EQ(said->of[i],
		    i == LANG_UZ_CYRL ? 0 : said->count / (LANG_COUNT - 1),
		    lang_code((enum lang)i));
	test_some(said);
	for (i = 0; i < said->count; i++)
		free(said->ids[i]);
	free(said);
}

static void
test_names(void)
{
	char name[PROMPT_PATH_MAX], deep[PROMPT_PATH_MAX + 1];

	EQ(prompts_name("/p", 7, LANG_KY, "press.1", name), 0, "a name");
	OK(strcmp(name, "/p/0007/ky/press.1") == 0, name);
	EQ(prompts_name("/p", 12345, LANG_UZ_CYRL, "bye", name), 0,
	    "of Uzbek in Cyrillic");
	OK(strcmp(name, "/p/12345/uz/bye") == 0, name);
	EQ(prompts_name("/p", 7, LANG_KY, "../x", name), -EINVAL, "a path");
	EQ(prompts_name("/p", 7, LANG_KY, "", name), -EINVAL, "nothing");
	EQ(prompts_name("/p", 7, LANG_KY, "A", name), -EINVAL, "capitals");
	memset(deep, 'd', PROMPT_PATH_MAX);
	deep[PROMPT_PATH_MAX] = '\0';
	EQ(prompts_name(deep, 7, LANG_KY, "a", name), -ENAMETOOLONG, "deep");
}

int
main(void)
{
	struct content c;
	struct diag why = { "" };

	EQ(content_load("content", &c, &why), 0, why.text);
	if (why.text[0] == '\0') {
		test_all(&c);
		content_done(&c);
	}
	test_names();
	return tap_done();
}
