/* test_texts.c - PO files: texts, fallbacks, keywords, refusals. */
#include "content/texts.h"

#include "tests/tap.h"
#include "tests/tmpdir.h"

#define HEAD                                                                   \
	"msgid \"\"\nmsgstr \"\"\n"                                            \
	"\"Content-Type: text/plain; charset=UTF-8\\n\"\n"                     \
	"\"Content-Transfer-Encoding: 8bit\\n\"\n\n"
#define HELLO "msgid \"hello\"\nmsgstr \"Hello {name} in {place}\"\n"
#define BYE "msgid \"bye\"\nmsgstr \"Bye\"\n"

static void
on_id(void *arg, const char *id)
{
	char *out = arg;
	size_t n = strlen(out);

	(void)snprintf(out + n, 512 - n, "%s ", id);
}

static void
on_word(void *arg, const struct texts_word *word)
{
	char *out = arg;
	size_t n = strlen(out);

	(void)snprintf(out + n, 512 - n, "%s:%s:" SV_FMT ":%u ",
	    lang_code(word->lang), word->name, SV_ARG(word->word), word->line);
}

static void
test_good(const struct tmpdir *tmp)
{
	struct texts *t = NULL;
	char out[512] = "";
	struct diag d;

	tmp_puts(tmp, "en.po",
	    HEAD HELLO "\n" BYE "#, fuzzy\nmsgid \"draft\"\nmsgstr \"?\"\n"
		       "msgctxt \"words\"\nmsgid \"jobs\"\n"
		       "msgstr \"work\\n\"\n\" job \\n\"\n\"\\n\"\n"
		       "#~ msgid \"old\"\n#~ msgstr \"Old\"\n");
	tmp_puts(
	    tmp, "ru.po", HEAD "msgid \"hello\"\nmsgstr \"{place}: {name}\"\n");
	tmp_puts(tmp, "uz.po",
	    HEAD "msgid \"bye\"\nmsgstr \"Xayr\"\n"
		 "msgid \"hello\"\nmsgstr \"\"\n");
	tmp_puts(tmp, "ru.words.po",
	    HEAD "msgctxt \"words\"\nmsgid \"number.3\"\nmsgstr \"three\"\n");
	EQ(texts_load(tmp->path, &t, &d), 0, "good files");
	OK(sv_eq(texts_get(t, LANG_EN, "bye"), SV("Bye")), "English");
	OK(sv_eq(texts_get(t, LANG_RU, "hello"), SV("{place}: {name}")),
	    "Russian");
	OK(sv_eq(texts_get(t, LANG_KY, "hello"), SV("{place}: {name}")),
	    "Kyrgyz falls back to Russian");
	OK(sv_eq(texts_get(t, LANG_KY, "bye"), SV("Bye")),
	    "and further to English");
	OK(sv_eq(texts_get(t, LANG_UZ_CYRL, "bye"), SV("Xayr")),
	    "uz@cyrillic falls back to uz");
	OK(sv_eq(texts_get(t, LANG_UZ, "hello"), SV("{place}: {name}")),
	    "an empty translation counts as missing");
	EQ(texts_get(t, LANG_EN, "none").n, 0, "unknown id");
	EQ(texts_get(t, LANG_EN, "draft").n, 0, "fuzzy entries are ignored");
	EQ(texts_get(t, LANG_EN, "old").n, 0, "obsolete entries are ignored");
	OK(sv_eq(texts_get(t, LANG_NONE, "bye"), SV("Bye")), "no language");
	OK(texts_has(t, LANG_UZ, "bye"), "Uzbek has it");
	OK(!texts_has(t, LANG_UZ, "hello"), "and lacks the other");
	OK(!texts_has(t, LANG_UZ_CYRL, "bye"), "a fallback is not having");
	OK(!texts_has(t, LANG_EN, "none"), "nobody has an unknown id");
	texts_each(t, on_id, out);
	OK(strcmp(out, "hello bye ") == 0, "ids in file order");
	out[0] = '\0';
	texts_words_each(t, on_word, out);
	OK(strcmp(out, "en:jobs:work:15 en:jobs:job:15 ru:number.3:three:7 ") ==
		0,
	    out);
	texts_free(&t);
	OK(t == NULL, "freed");
}

static void
test_bad(const struct tmpdir *tmp)
{
	static const struct {
		const char *name, *file, *text, *want;
	} bad[] = {
		{ "unknown id", "ky.po", HEAD "msgid \"x\"\nmsgstr \"y\"\n",
		    "ky.po:6: English has no text \"x\"" },
		{ "placeholder more", "ky.po",
		    HEAD "\nmsgid \"bye\"\nmsgstr \"{name}\"\n",
		    "ky.po:7: {name} is missing in the English" },
		{ "placeholder less", "ky.po",
		    HEAD "msgid \"hello\"\nmsgstr \"{name}\"\n",
		    "ky.po:6: {place} is missing in this" },
		{ "loose brace", "ky.po",
		    HEAD "msgid \"bye\"\nmsgstr \"a } b\"\n",
		    "ky.po:6: a brace" },
		{ "loose brace in English", "en.po",
		    HEAD "msgid \"bye\"\nmsgstr \"a {B}\"\n",
		    "en.po:6: a brace" },
		{ "empty English", "en.po", HEAD "msgid \"bye\"\nmsgstr \"\"\n",
		    "en.po:6: \"bye\" has no" },
		{ "not an id", "en.po",
		    HEAD "msgid \"Good bye\"\nmsgstr \"x\"\n",
		    "en.po:6: msgid" },
		{ "syntax", "tg.po", HEAD "msgid \"bye\"\nmsgstr \"x\n",
		    "tg.po:8: PO error" },
		{ "no msgstr", "tg.po", HEAD "msgid \"bye\"\n", "PO error" },
		{ "twice", "tg.po", HEAD BYE BYE, "tg.po:8: PO error" },
		{ "plural", "tg.po",
		    HEAD "msgid \"bye\"\nmsgid_plural \"b\"\n"
			 "msgstr[0] \"x\"\n",
		    "tg.po:6: plural" },
		{ "unknown context", "tg.po",
		    HEAD "msgctxt \"menu\"\nmsgid \"bye\"\nmsgstr \"x\"\n",
		    "tg.po:7: context \"menu\"" },
		{ "text among words", "tg.words.po", HEAD BYE,
		    "tg.words.po:6: texts belong" },
		{ "no charset", "kk.po", BYE, "kk.po:1: the header" },
		{ "not UTF-8", "kk.po", HEAD "msgid \"bye\"\nmsgstr \"\xff\"\n",
		    "kk.po:7: not UTF-8" },
		{ "another domain", "kk.po", HEAD "domain \"x\"\n" BYE,
		    "kk.po:1: 1 entries" },
	};
	struct texts *t = NULL;
	struct diag d;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		tmp_puts(tmp, "en.po", HEAD HELLO BYE);
		tmp_puts(tmp, "ru.po", HEAD);
		tmp_puts(tmp, bad[i].file, bad[i].text);
		EQ(texts_load(tmp->path, &t, &d), -EINVAL, bad[i].name);
		OK(strstr(d.text, bad[i].want) != NULL, d.text);
		OK(t == NULL, "nothing returned");
		(void)unlink(tmp_path(tmp, bad[i].file));
	}
}

static void
test_limits(const struct tmpdir *tmp)
{
	static char text[8192];
	struct texts *t = NULL;
	struct diag d;
	size_t n;
	int i;

	tmp_puts(tmp, "ru.po", HEAD);
	n = (size_t)snprintf(
	    text, sizeof(text), "%s", HEAD "msgid \"long\"\nmsgstr \"");
	memset(text + n, 'x', 2001);
	(void)snprintf(text + n + 2001, sizeof(text) - n - 2001, "\"\n");
	tmp_puts(tmp, "en.po", text);
	EQ(texts_load(tmp->path, &t, &d), -EINVAL, "text too long");
	OK(strstr(d.text, "en.po:6: \"long\" is longer") != NULL, d.text);

	/* the library gives up after many errors; it must not end us */
	n = (size_t)snprintf(text, sizeof(text), "%s", HEAD);
	for (i = 0; i < 40; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "nonsense %d\n", i);
	tmp_puts(tmp, "en.po", text);
	EQ(texts_load(tmp->path, &t, &d), -EINVAL, "forty errors");
	OK(strstr(d.text, "en.po:6: PO error") != NULL, d.text);

	(void)unlink(tmp_path(tmp, "en.po"));
	EQ(texts_load(tmp->path, &t, &d), -ENOENT, "no English");
	tmp_puts(tmp, "en.po", HEAD BYE);
	(void)unlink(tmp_path(tmp, "ru.po"));
	EQ(texts_load(tmp->path, &t, &d), -ENOENT, "no Russian");
	OK(strstr(d.text, "ru.po: there is no such file") != NULL, d.text);
}

int
main(void)
{
	struct tmpdir tmp = { "" };

	tmp_init(&tmp);
	test_good(&tmp);
	test_bad(&tmp);
	test_limits(&tmp);
	tmp_done(&tmp);
	return tap_done();
}
