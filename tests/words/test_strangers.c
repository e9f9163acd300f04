/*
 * test_strangers.c - words of no topic get no topic.
 *
 * Three times 5,000 words, the same in every run: syllables as each language
 * has them, the ends of two keywords of different topics put together, and
 * words of dictionaries; none is a keyword in another spelling or has a
 * keyword's stem.  Asking back is allowed, but seldom.
 */
#include "tests/words/plain.h"

enum { WORDS = 5000, SEED = 71993, HALVES_MAX = 8000 };
enum { LETTERS_MIN = 4, LETTERS_MAX = 14, MISSPELLED_MIN = 8 };
/* ends of keywords are nearer to keywords than other words are */
enum { ASKED_PERCENT = 5, ASKED_ENDS_PERCENT = 7 };

struct half {
	struct sv text;
	uint16_t topic;
	bool cyrillic;
};

static struct half halves[HALVES_MAX];
static size_t half_count;

static const char *const syllables[][40] = {
	{ "ба", "ве", "го", "ду", "жи", "за", "ко", "лу", "мы", "не", "по",
	    "рад", "сел", "тум", "фи", "хол", "цен", "чук", "шаб", "щи", "вор",
	    "кам", "лес", "ник", "стол", "тра", "при", "гра", "вод", "мор" },
	{ "ба", "кө", "дү", "жы", "за", "тоо", "лар", "мүн", "ныз", "өч", "пай",
	    "рөк", "сын", "чаң", "шыр", "эл", "боз", "кур", "дал", "тегиз" },
	{ "бо", "ва", "гӯр", "да", "ҷо", "заб", "кор", "ло", "моҳ", "наф", "по",
	    "ро", "сар", "тан", "фа", "хо", "чор", "шаҳ", "қа", "ғам" },
	{ "ba", "do", "fa", "gul", "ha", "joy", "kat", "lar", "mo", "nur",
	    "o't", "pax", "qor", "ro", "suv", "tosh", "uy", "xon", "yil", "zar",
	    "cho", "shir" },
	{ "ба", "ғы", "дә", "жа", "кү", "қо", "лық", "мөл", "на", "ңы", "өз",
	    "пар", "рұ", "сө", "тау", "ұл", "үй", "шы", "іл", "бек" },
	{ "ba", "com", "der", "est", "fin", "gra", "ho", "in", "lum", "mer",
	    "non", "ple", "ris", "ser", "tan", "um", "ver", "wo", "by", "thi" },
};

/* SHOW: q questions, c commands, a all words of the dictionaries, k keywords */
static bool
show(char what)
{
	const char *wanted = getenv("SHOW");

	return wanted != NULL && strchr(wanted, what) != NULL;
}

static size_t
syllable_count(size_t lang)
{
	size_t n = 0;

	while (n < ARRAY_LEN(syllables[0]) && syllables[lang][n] != NULL)
		n++;
	return n;
}

static void
made_of_syllables(uint32_t *random, char *word, size_t size)
{
	size_t lang = kit_random(random, ARRAY_LEN(syllables));
	size_t parts = 2 + kit_random(random, 3);

	word[0] = '\0';
	for (size_t i = 0, n = 0; i < parts; i++) {
		uint32_t at =
		    kit_random(random, (uint32_t)syllable_count(lang));

		n += (size_t)snprintf(
		    word + n, size - n, "%s", syllables[lang][at]);
	}
}

/* A word that is a keyword in another spelling, or has its stem, is no
 * stranger: asked without the matcher, by the letters alone. */
static bool
is_known(const char *word)
{
	struct plain p = plain_of(sv_of(word));

	for (size_t i = 0; i < plain_count; i++) {
		if (plain_related(&p, &plain_keywords[i]))
			return true;
	}
	return false;
}

/* A made-up word one letter from a long keyword is that keyword misspelled,
 * and meant to be found.  Words of dictionaries have no such excuse. */
static bool
is_misspelled(const char *word)
{
	struct plain p = plain_of(sv_of(word));

	for (size_t i = 0; i < plain_count; i++) {
		const struct plain_keyword *k = &plain_keywords[i];

		if (k->word.n >= MISSPELLED_MIN && plain_misspelled(&p, k))
			return true;
	}
	return false;
}

/* Letters of a UTF-8 text; *ret_half is where the later half begins. */
static size_t
letters(struct sv word, size_t *ret_half)
{
	size_t n = 0, k = 0;

	for (size_t i = 0; i < word.n; i++)
		n += ((uint8_t)word.p[i] & 0xc0) != 0x80;
	for (size_t i = 0; i < word.n; i++) {
		if (((uint8_t)word.p[i] & 0xc0) != 0x80 && k++ == n / 2)
			*ret_half = i;
	}
	return n;
}

static void
on_keyword(void *arg, const struct texts_word *line)
{
	uint16_t topic = topics_find(kit_content.topics, sv_of(line->name));
	struct sv word = line->word;
	size_t half = 0, n;

	(void)arg;
	if (word.p[word.n - 1] == '*')
		word.n--;
	for (size_t i = 0; i < word.n; i++) {
		if (strchr(" /@+:*", word.p[i]) != NULL)
			return;
	}
	n = letters(word, &half);
	if (topic == TOPIC_NONE || half_count == HALVES_MAX ||
	    n < LETTERS_MIN || n > LETTERS_MAX)
		return;
	/* the end: a beginning would be a stem, which is the topic's own */
	halves[half_count++] = (struct half){ { word.p + half, word.n - half },
		topic, (uint8_t)word.p[0] >= 0xd0 };
}

static void
made_of_halves(uint32_t *random, char *word, size_t size)
{
	const struct half *a, *b;

	do {
		a = &halves[kit_random(random, (uint32_t)half_count)];
		b = &halves[kit_random(random, (uint32_t)half_count)];
	} while (a->topic == b->topic || a->cyrillic != b->cyrillic);
	(void)snprintf(
	    word, size, SV_FMT SV_FMT, SV_ARG(a->text), SV_ARG(b->text));
}

/* ---- words of dictionaries ---- */

static const char *const dictionaries[] = { "/usr/share/hunspell/ru_RU.dic",
	"/usr/share/hunspell/kk_KZ.dic", "/usr/share/hunspell/uz_UZ.dic",
	"/usr/share/dict/american-english" };

static struct sv *entries;
static size_t entry_count, entry_max;

static void
entry_add(struct sv line)
{
	size_t n = 0, half = 0;

	while (n < line.n && strchr("/ \t\r", line.p[n]) == NULL)
		n++;
	line.n = n;
	n = letters(line, &half);
	if (n < LETTERS_MIN || n > LETTERS_MAX || (line.p[0] & 0x60) == 0x20)
		return;
	if (entry_count == entry_max) {
		struct sv *more;

		entry_max = entry_max == 0 ? 1024 : entry_max * 2;
		more = reallocarray(entries, entry_max, sizeof(*more));
		ASSERT(more != NULL);
		entries = more;
	}
	entries[entry_count++] = line;
}

/* One word on a line, flags behind a slash; all of them are in UTF-8.  What
 * is read stays until the end. */
static bool
dictionary_read(const char *path, char **ret_text)
{
	FILE *f = fopen(path, "r");
	struct sv rest;
	long size;

	if (f == NULL)
		return false;
	ASSERT(fseek(f, 0, SEEK_END) == 0);
	size = ftell(f);
	ASSERT(size > 0 && fseek(f, 0, SEEK_SET) == 0);
	*ret_text = malloc((size_t)size);
	ASSERT(*ret_text != NULL);
	ASSERT(fread(*ret_text, 1, (size_t)size, f) == (size_t)size);
	(void)fclose(f);
	rest = (struct sv){ *ret_text, (size_t)size };
	while (rest.n > 0)
		entry_add(sv_cut(&rest, '\n'));
	return true;
}

static void
of_dictionaries(uint32_t *random, char *word, size_t size)
{
	struct sv w = entries[kit_random(random, (uint32_t)entry_count)];

	(void)snprintf(word, size, SV_FMT, SV_ARG(w));
}

/* ---- no topic ---- */

struct sum {
	size_t all, topics, commands, asked;
};

static void
judge(struct sum *sum, const char *word)
{
	struct match m;
	char buf[24];

	match_text(kit_matcher, sv_of(word), &m);
	if (m.kind == MATCH_TOPIC || (m.kind == MATCH_COMMAND && show('c')) ||
	    (m.choice_count > 0 && show('q')))
		printf("# %s: %s%s%s (%s)\n", word, kit_intent(&m, buf),
		    m.choice_count > 0 ? "?" : "",
		    m.choice_count > 0 ?
			topics_at(kit_content.topics, m.choices[0])->id :
			"",
		    m.how);
	sum->all++;
	sum->topics += m.kind == MATCH_TOPIC;
	sum->commands += m.kind == MATCH_COMMAND;
	sum->asked += m.choice_count > 0;
}

static void
sum_test(const char *name, const struct sum *sum, size_t asked_percent)
{
	printf("# %s: %zu words, %zu got a topic, %zu a command, %zu a "
	       "question\n",
	    name, sum->all, sum->topics, sum->commands, sum->asked);
	EQ(sum->topics, 0, name);
	OK(sum->asked * 100 <= sum->all * asked_percent, "few are asked about");
}

static void
test_strangers(const char *name,
    void (*make)(uint32_t *random, char *word, size_t size),
    size_t asked_percent)
{
	uint32_t random = SEED;
	struct sum sum = { 0 };
	char word[200];

	while (sum.all < WORDS) {
		make(&random, word, sizeof(word));
		if (is_known(word) ||
		    (make != of_dictionaries && is_misspelled(word)))
			continue;
		judge(&sum, word);
	}
	sum_test(name, &sum, asked_percent);
}

static void
test_dictionaries(void)
{
	char *texts[ARRAY_LEN(dictionaries)] = { NULL };
	const char *missing = NULL;

	for (size_t i = 0; i < ARRAY_LEN(dictionaries); i++) {
		if (!dictionary_read(dictionaries[i], &texts[i]))
			missing = dictionaries[i];
	}
	if (missing == NULL && show('a')) {
		struct sum sum = { 0 };

		for (size_t i = 0; i < entry_count; i++) {
			char word[200];

			(void)snprintf(
			    word, sizeof(word), SV_FMT, SV_ARG(entries[i]));
			if (show('k') || !is_known(word))
				judge(&sum, word);
		}
		sum_test("whole dictionaries", &sum, ASKED_PERCENT);
	} else if (missing == NULL)
		test_strangers(
		    "words of dictionaries", of_dictionaries, ASKED_PERCENT);
	else
		printf("ok %d - words of dictionaries # SKIP no %s; make "
		       "packages\n",
		    ++tap_run, missing);
	for (size_t i = 0; i < ARRAY_LEN(dictionaries); i++)
		free(texts[i]);
	free(entries);
}

int
main(void)
{
	if (kit_open()) {
		plain_open();
		texts_words_each(kit_content.texts, on_keyword, NULL);
		OK(half_count > 1000, "there are keywords");
		test_strangers("syllables", made_of_syllables, ASKED_PERCENT);
		test_strangers(
		    "ends of keywords", made_of_halves, ASKED_ENDS_PERCENT);
		test_dictionaries();
	}
	return kit_close();
}
