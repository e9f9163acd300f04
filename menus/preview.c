/* preview.c - looks for health words in the beginning of a text. */
#include "menus/preview.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "menus/render.h"

enum {
	WORDS_MAX = 8192,
	WORD_UNITS_MAX = 48,
	WORD_BYTES_MAX = 256,
	NAME_WHOLE = 4, /* characters: longer names count with any ending */
};

/* The plain names in our languages, whatever the word lists say.  Those of a
 * lexicon are forms that people write; these are forms that may be printed. */
static const char *const names[] = {
	"hiv",
	"aids",
	"вич",
	"спид",
	"виж",
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
	"психолог",
	"психиатр",
	"psixolog",
	"psixiatr",
	"psychol",
	"psychiat",
	"депресс",
	"depress",
	"суицид",
	"suicid",
	"руҳшинос",
	"равоншинос",
	"руҳшунос",
	"ruhshunos",
};

struct preview_word {
	enum lang lang; /* LANG_NONE: of all */
	struct sv word;
	bool stem; /* counts with any ending */
	UChar lower[WORD_UNITS_MAX];
	int32_t n;
};

struct preview {
	const struct topics *topics;
	const struct latin *latin;
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
add_as(struct preview *p, enum lang lang, struct sv word, struct sv written,
    bool stem)
{
	struct preview_word *w = &p->words[p->count];

	if (p->count == WORDS_MAX)
		return;
	w->lang = lang;
	w->word = word;
	w->stem = stem;
	w->n = to_lower(written, w->lower, WORD_UNITS_MAX);
	p->count++;
}

/* A word, and how it looks in Latin letters. */
static void
add(struct preview *p, enum lang lang, struct sv word, bool stem)
{
	enum lang letters = lang == LANG_NONE ? LANG_RU : lang;
	char buf[WORD_BYTES_MAX];
	struct sb b;

	add_as(p, lang, word, word, stem);
	sb_wrap(&b, buf, sizeof(buf));
	sb_put(&b, word);
	latin_write(p->latin, letters, &b);
	if (!b.full && b.n > 0 && !sv_eq(sb_sv(&b), word))
		add_as(p, lang, word, sb_sv(&b), stem);
}

/* Words and stems as menus/words.md writes them.  Hints, patterns and phrases
 * in any order are left out: they name nothing by themselves. */
static void
on_word(void *arg, const struct texts_word *word)
{
	struct preview *p = arg;
	uint16_t topic = topics_find(p->topics, sv_of(word->name));
	struct sv v = word->word;
	bool stem;

	if (topic == TOPIC_NONE || !topics_at(p->topics, topic)->health)
		return;
	/* what people feel they say in the words of every day */
	if (strcmp(word->name, "mental-health") == 0)
		return;
	if (memchr(v.p, ':', v.n) != NULL || memchr(v.p, '/', v.n) != NULL ||
	    memchr(v.p, '@', v.n) != NULL || memchr(v.p, '+', v.n) != NULL)
		return;
	stem = v.p[v.n - 1] == '*';
	v.n -= stem;
	if (memchr(v.p, '*', v.n) == NULL)
		add(p, word->lang, v, stem);
}

struct preview *
preview_new(const struct content *c, const struct latin *latin)
{
	struct preview *p = calloc(1, sizeof(*p));
	size_t i;

	ASSERT(p != NULL);
	p->topics = c->topics;
	p->latin = latin;
	p->words = calloc(WORDS_MAX, sizeof(*p->words));
	ASSERT(p->words != NULL);
	for (i = 0; i < ARRAY_LEN(names); i++)
		add(p, LANG_NONE, sv_of(names[i]),
		    render_chars(sv_of(names[i])) > NAME_WHOLE);
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

/* True if the text begins with the word, or with its stem. */
static bool
begins_with(const UChar *text, int32_t n, const struct preview_word *w)
{
	if (w->n == 0 || w->n > n || u_memcmp(text, w->lower, w->n) != 0)
		return false;
	return w->stem || w->n == n || !u_isalnum(text[w->n]);
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
