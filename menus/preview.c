/* preview.c - looks for health words in the beginning of a text. */
#include "menus/preview.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "menus/render.h"

enum {
	WORDS_MAX = 4096,
	WORD_WHOLE = 4, /* characters: up to here only the whole word counts */
};

/* The plain names in our languages, whatever the word lists say.  Those of a
 * lexicon are forms that people write; these are forms that may be printed. */
static const char *const names[] = {
	"hiv",
	"aids",
	"вич",
	"спид",
	"виж",
	"aіds",
	"tb",
	"tuberculosis",
	"тб",
	"туберкул",
	"sil kasal",
	"сил",
	"кургак учук",
	"құрт ауру",
	"drug",
	"наркот",
	"narkot",
	"giyohvand",
	"гиёҳванд",
	"баңги",
	"нашъаманд",
	"нашаком",
	"hepatitis",
	"гепатит",
	"gepatit",
	"abortion",
	"аборт",
	"abort",
	"doctor",
	"врач",
	"доктор",
	"doktor",
	"shifokor",
	"шифокор",
	"дарыгер",
	"дәрігер",
	"духтур",
	"табиб",
	"clinic",
	"клиник",
	"klinika",
	"hospital",
	"больниц",
	"оорукана",
	"аурухана",
	"беморхона",
	"шифохона",
	"kasalxona",
	"касалхона",
};

struct preview_word {
	enum lang lang; /* LANG_NONE: of all */
	struct sv word;
};

struct preview {
	const struct topics *topics;
	struct preview_word *words;
	size_t count;
};

static void
add(struct preview *p, enum lang lang, struct sv word)
{
	if (p->count < WORDS_MAX)
		p->words[p->count++] = (struct preview_word){ lang, word };
}

static void
on_word(void *arg, const struct texts_word *word)
{
	struct preview *p = arg;
	uint16_t topic = topics_find(p->topics, sv_of(word->name));

	if (topic != TOPIC_NONE && topics_at(p->topics, topic)->health)
		add(p, word->lang, word->word);
}

struct preview *
preview_new(const struct content *c)
{
	struct preview *p = calloc(1, sizeof(*p));
	size_t i;

	ASSERT(p != NULL);
	p->topics = c->topics;
	p->words = calloc(WORDS_MAX, sizeof(*p->words));
	ASSERT(p->words != NULL);
	for (i = 0; i < ARRAY_LEN(names); i++)
		add(p, LANG_NONE, sv_of(names[i]));
	texts_words_each(c->texts, on_word, p);
	return p;
}

void
preview_free(struct preview **pp)
{
	if (*pp == NULL)
		return;
	free((*pp)->words);
	free(*pp);
	*pp = NULL;
}

static UChar32
next_char(struct sv text, size_t *at)
{
	int32_t i = (int32_t)*at;
	UChar32 c;

	U8_NEXT(text.p, i, (int32_t)text.n, c);
	*at = (size_t)i;
	return u_tolower(c);
}

static bool
is_letter(UChar32 c)
{
	return c >= 0 && u_isalnum(c);
}

/* True if the word, or for a long one a word that begins with it, stands at
 * this place of the text; *ret_end is where it ends. */
static bool
stands_at(struct sv text, size_t at, struct sv word, size_t *ret_end)
{
	size_t of_word = 0, chars = 0, peek;

	while (of_word < word.n) {
		if (at >= text.n ||
		    next_char(text, &at) != next_char(word, &of_word))
			return false;
		chars++;
	}
	peek = at;
	*ret_end = at;
	return chars > WORD_WHOLE || at >= text.n ||
	       !is_letter(next_char(text, &peek));
}

static bool
word_at(const struct preview *p, enum lang lang, struct sv text, size_t at,
    struct sv *ret_word)
{
	const struct preview_word *w;
	size_t end;

	for (w = p->words; w < p->words + p->count; w++) {
		if (w->lang != LANG_NONE && w->lang != lang &&
		    w->lang != LANG_RU)
			continue;
		if (!stands_at(text, at, w->word, &end))
			continue;
		*ret_word = (struct sv){ text.p + at, end - at };
		return true;
	}
	return false;
}

bool
preview_names(const struct preview *p, enum lang lang, struct sv text,
    struct sv *ret_word)
{
	bool inside = false; /* of a word */
	size_t at = 0, start;
	int chars;
	UChar32 c;

	for (chars = 0; chars < PREVIEW_CHARS && at < text.n; chars++) {
		start = at;
		c = next_char(text, &at);
		if (is_letter(c) && !inside &&
		    word_at(p, lang, text, start, ret_word))
			return true;
		inside = is_letter(c);
	}
	return false;
}
