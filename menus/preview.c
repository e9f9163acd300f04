/* preview.c - looks for health words in the beginning of a text. */
#include "menus/preview.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "menus/render.h"

enum {
	WORDS_MAX = 4096,
	WORD_UNITS_MAX = 48,
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
	UChar lower[WORD_UNITS_MAX];
	int32_t n;
};

struct preview {
	const struct topics *topics;
	struct preview_word *words;
	size_t count;
};

/* Lower case in UTF-16; what does not fit is left out: only the beginning
 * matters. */
static int32_t
to_lower(struct sv text, UChar *buf, int32_t size)
{
	UErrorCode err = U_ZERO_ERROR;
	int32_t i, n = 0;

	u_strFromUTF8WithSub(
	    buf, size, &n, text.p, (int32_t)text.n, 0xfffd, NULL, &err);
	if (n > size)
		n = size;
	for (i = 0; i < n; i++)
		buf[i] = (UChar)u_tolower(buf[i]);
	return n;
}

static void
add(struct preview *p, enum lang lang, struct sv word)
{
	struct preview_word *w = &p->words[p->count];

	if (p->count == WORDS_MAX)
		return;
	w->lang = lang;
	w->word = word;
	w->n = to_lower(word, w->lower, WORD_UNITS_MAX);
	p->count++;
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

/* True if the word, or for a long one a word that begins with it, stands at
 * the beginning of the text. */
static bool
begins_with(const UChar *text, int32_t n, const struct preview_word *w)
{
	if (w->n == 0 || w->n > n || u_memcmp(text, w->lower, w->n) != 0)
		return false;
	return w->n > WORD_WHOLE || w->n == n || !u_isalnum(text[w->n]);
}

static bool
word_at(const struct preview *p, enum lang lang, const UChar *text, int32_t n,
    struct sv *ret_word)
{
	const struct preview_word *w;

	for (w = p->words; w < p->words + p->count; w++) {
		if (w->lang != LANG_NONE && w->lang != lang &&
		    w->lang != LANG_RU)
			continue;
		if (!begins_with(text, n, w))
			continue;
		*ret_word = w->word;
		return true;
	}
	return false;
}

bool
preview_names(const struct preview *p, enum lang lang, struct sv text,
    struct sv *ret_word)
{
	UChar lower[REPLY_BYTES_MAX];
	int32_t n = to_lower(text, lower, REPLY_BYTES_MAX);
	bool inside = false; /* of a word */
	int32_t i;

	for (i = 0; i < PREVIEW_CHARS && i < n; i++) {
		if (u_isalnum(lower[i]) && !inside &&
		    word_at(p, lang, lower + i, n - i, ret_word))
			return true;
		inside = u_isalnum(lower[i]);
	}
	return false;
}
