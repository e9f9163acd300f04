/*
 * test_strangers.c - words of no topic get no topic.
 *
 * 5,000 made-up words, the same in every run: syllables as each language has
 * them, and the ends of two keywords of different topics put together; none
 * begins with a keyword.  Asking back is allowed; an answer may come once in
 * 100 words, as some of them are a keyword with one wrong letter.
 */
#include "tests/words/kit.h"

enum { WORDS = 5000, SEED = 71993, HALVES_MAX = 8000 };
enum { LETTERS_MIN = 4, LETTERS_MAX = 14 };

struct half {
	struct sv text;
	uint16_t topic;
	bool cyrillic;
};

struct made {
	char word[200];
	bool known;
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

/* A word that begins as a keyword does is none of these. */
static void
on_stem(void *arg, const struct texts_word *line)
{
	struct made *made = arg;
	struct sv word = line->word;

	if (word.n > 5 && memcmp(word.p, "weak:", 5) == 0) {
		word.p += 5;
		word.n -= 5;
	}
	if (word.p[word.n - 1] == '*')
		word.n--;
	made->known = made->known || (strncmp(made->word, word.p, word.n) == 0);
}

static bool
is_known(struct made *made)
{
	made->known = false;
	texts_words_each(kit_content.texts, on_stem, made);
	return made->known;
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

static void
test_strangers(
    const char *name, void (*make)(uint32_t *random, char *word, size_t size))
{
	uint32_t random = SEED;
	size_t topics = 0, commands = 0, asked = 0;
	struct made made;
	char buf[24];
	struct match m;

	for (size_t i = 0; i < WORDS; i++) {
		do {
			make(&random, made.word, sizeof(made.word));
		} while (is_known(&made));
		match_text(kit_matcher, sv_of(made.word), &m);
		if (m.kind == MATCH_TOPIC)
			printf("# %s: %s (%s)\n", made.word,
			    kit_intent(&m, buf), m.how);
		topics += m.kind == MATCH_TOPIC;
		commands += m.kind == MATCH_COMMAND;
		asked += m.choice_count > 0;
	}
	printf("# %s: %d words, %zu got a topic, %zu a command, %zu a "
	       "question\n",
	    name, WORDS, topics, commands, asked);
	OK(topics * 100 <= WORDS, name);
}

int
main(void)
{
	if (kit_open()) {
		texts_words_each(kit_content.texts, on_keyword, NULL);
		OK(half_count > 1000, "there are keywords");
		test_strangers("syllables", made_of_syllables);
		test_strangers("ends of keywords", made_of_halves);
	}
	return kit_close();
}
