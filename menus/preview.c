/* preview.c - looks for words that a locked phone must not show. */
#include "menus/preview.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "menus/render.h"

enum {
	WORDS_MAX = 8192,
	WORD_UNITS_MAX = 48,
	WORD_BYTES_MAX = 256,
	HEADS = 4096, /* chains of words, by their first two letters */
	NONE = 0xffff,
};

struct preview_word {
	struct sv word;
	bool stem; /* counts with any ending */
	bool name; /* of hidden.names */
	UChar lower[WORD_UNITS_MAX];
	int32_t n;
	uint16_t next; /* in its chain, or NONE */
};

struct preview {
	const struct topics *topics;
	const struct latin *latin;
	struct preview_word *words;
	size_t count;
	uint16_t heads[HEADS];
};

/* A word on its way in. */
struct adding {
	enum lang lang;
	struct sv word; /* as it stands in the list */
	bool stem, name;
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

static size_t
head_of(const UChar *text, int32_t n)
{
	return (text[0] * 131U + (n > 1 ? text[1] : 0U)) % HEADS;
}

static void
add_as(struct preview *p, const struct adding *a, struct sv written)
{
	struct preview_word *w = &p->words[p->count];
	uint16_t *head;

	if (p->count == WORDS_MAX)
		return;
	w->word = a->word;
	w->stem = a->stem;
	w->name = a->name;
	w->n = to_lower(written, w->lower, WORD_UNITS_MAX);
	if (w->n == 0)
		return;
	head = &p->heads[head_of(w->lower, w->n)];
	w->next = *head;
	*head = (uint16_t)p->count++;
}

/* A word, and how it looks in Latin letters. */
static void
add(struct preview *p, const struct adding *a)
{
	struct sv word = a->word;
	char buf[WORD_BYTES_MAX];
	struct sb b;

	word.n -= a->stem;
	add_as(p, a, word);
	sb_wrap(&b, buf, sizeof(buf));
	sb_put(&b, word);
	latin_write(p->latin, a->lang, &b);
	if (!b.full && b.n > 0 && !sv_eq(sb_sv(&b), word))
		add_as(p, a, sb_sv(&b));
}

/* Words and stems as menus/words.md writes them.  Hints, patterns and phrases
 * in any order are left out: they name nothing by themselves. */
static void
on_word(void *arg, const struct texts_word *word)
{
	struct preview *p = arg;
	uint16_t topic = topics_find(p->topics, sv_of(word->name));
	struct adding a = { .lang = word->lang, .word = word->word };
	struct sv v = word->word;

	if (topic == TOPIC_NONE || !topics_at(p->topics, topic)->sensitive)
		return;
	if (memchr(v.p, ':', v.n) != NULL || memchr(v.p, '/', v.n) != NULL ||
	    memchr(v.p, '@', v.n) != NULL || memchr(v.p, '+', v.n) != NULL)
		return;
	a.stem = v.p[v.n - 1] == '*';
	if (memchr(v.p, '*', v.n - a.stem) == NULL)
		add(p, &a);
}

/* The lines of a text. */
static void
list_add(struct preview *p, const struct texts *texts, enum lang lang,
    const char *id, bool name)
{
	struct sv lines = texts_get(texts, lang, id);
	struct adding a = { .lang = lang, .name = name };

	if (!texts_has(texts, lang, id))
		return;
	while (lines.n > 0) {
		a.word = sv_cut(&lines, '\n');
		a.stem = a.word.n > 0 && a.word.p[a.word.n - 1] == '*';
		add(p, &a);
	}
}

struct preview *
preview_new(const struct content *c, const struct latin *latin)
{
	struct preview *p = calloc(1, sizeof(*p));
	size_t i;
	int lang;

	ASSERT(p != NULL);
	p->topics = c->topics;
	p->latin = latin;
	p->words = calloc(WORDS_MAX, sizeof(*p->words));
	ASSERT(p->words != NULL);
	for (i = 0; i < HEADS; i++)
		p->heads[i] = NONE;
	for (lang = 0; lang < LANG_COUNT; lang++) {
		list_add(p, c->texts, (enum lang)lang, "hidden.names", true);
		list_add(p, c->texts, (enum lang)lang, "hidden.words", false);
	}
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
chain_find(const struct preview *p, size_t head, bool names_only,
    const UChar *text, int32_t n, struct sv *ret_word)
{
	const struct preview_word *w;
	uint16_t i;

	for (i = p->heads[head]; i != NONE; i = w->next) {
		w = &p->words[i];
		if ((names_only && !w->name) || !begins_with(text, n, w))
			continue;
		*ret_word = w->word;
		return true;
	}
	return false;
}

/* Words of two letters and more, and those of one. */
static bool
word_at(const struct preview *p, bool names_only, const UChar *text, int32_t n,
    struct sv *ret_word)
{
	return (n > 1 && chain_find(p, head_of(text, n), names_only, text, n,
			     ret_word)) ||
	       chain_find(p, head_of(text, 1), names_only, text, n, ret_word);
}

static bool
look(const struct preview *p, bool names_only, struct sv text, int32_t within,
    struct sv *ret_word)
{
	UChar lower[REPLY_BYTES_MAX];
	int32_t n = to_lower(text, lower, REPLY_BYTES_MAX);
	bool inside = false; /* of a word */
	int32_t i;

	for (i = 0; i < within && i < n; i++) {
		if (u_isalnum(lower[i]) && !inside &&
		    word_at(p, names_only, lower + i, n - i, ret_word))
			return true;
		inside = u_isalnum(lower[i]);
	}
	return false;
}

bool
preview_shows(const struct preview *p, struct sv text, struct sv *ret_word)
{
	return look(p, false, text, PREVIEW_CHARS, ret_word);
}

bool
preview_says(const struct preview *p, struct sv text, struct sv *ret_word)
{
	return look(p, false, text, REPLY_BYTES_MAX, ret_word);
}

bool
preview_names(const struct preview *p, struct sv text, struct sv *ret_word)
{
	return look(p, true, text, REPLY_BYTES_MAX, ret_word);
}
