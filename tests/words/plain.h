/*
 * plain.h - is a word a keyword, asked without the matcher.
 *
 * One table turns every alphabet into plain Latin letters, nothing else is
 * known here: no readings, no keyboards, no corrections.  Tests use it to tell
 * words that are a keyword's own from those that are not.
 */
#ifndef TESTS_WORDS_PLAIN_H
#define TESTS_WORDS_PLAIN_H

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "tests/words/kit.h"

enum { PLAIN_MAX = 64, PLAIN_WORDS_MAX = 60000, PLAIN_ENDING = 2 };

struct plain {
	char text[PLAIN_MAX];
	size_t n;
};

/* A keyword that is one word. */
struct plain_keyword {
	struct plain word;
	const char *name; /* "place": of the gazetteer */
	bool star;
};

static struct plain_keyword plain_keywords[PLAIN_WORDS_MAX];
static size_t plain_count;

static const struct {
	UChar32 from;
	const char *to;
} plain_letters[] = { { u'а', "a" }, { u'б', "b" }, { u'в', "v" },
	{ u'г', "g" }, { u'д', "d" }, { u'е', "e" }, { u'ё', "e" },
	{ u'ж', "j" }, { u'з', "z" }, { u'и', "i" }, { u'й', "i" },
	{ u'к', "k" }, { u'л', "l" }, { u'м', "m" }, { u'н', "n" },
	{ u'о', "o" }, { u'п', "p" }, { u'р', "r" }, { u'с', "s" },
	{ u'т', "t" }, { u'у', "u" }, { u'ф', "f" }, { u'х', "h" },
	{ u'ц', "c" }, { u'ч', "ch" }, { u'ш', "sh" }, { u'щ', "sh" },
	{ u'ъ', "" }, { u'ы', "i" }, { u'ь', "" }, { u'э', "e" },
	{ u'ю', "iu" }, { u'я', "ia" }, { u'ә', "a" }, { u'ғ', "g" },
	{ u'қ', "k" }, { u'ң', "n" }, { u'ө', "o" }, { u'ү', "u" },
	{ u'ұ', "u" }, { u'һ', "h" }, { u'і', "i" }, { u'ҳ', "h" },
	{ u'ҷ', "j" }, { u'ӣ', "i" }, { u'ӯ', "u" }, { u'ў', "o" },
	{ 'q', "k" }, { 'w', "v" }, { 'x', "h" }, { 'y', "i" } };

/* Letters that are written in two plain ways. */
static const struct {
	UChar32 from;
	char to;
} plain_others[] = { { u'ӯ', 'o' }, { u'ў', 'u' }, { u'ә', 'e' } };

static inline void
plain_add(struct plain *p, char c)
{
	/* doubled letters are one, yo is ё, which is e */
	if (c == 'o' && p->n > 0 && p->text[p->n - 1] == 'i') {
		p->n--;
		c = 'e';
	}
	if (p->n + 1 < PLAIN_MAX && (p->n == 0 || p->text[p->n - 1] != c))
		p->text[p->n++] = c;
}

static inline void
plain_letter(struct plain *p, UChar32 c, bool other)
{
	if (c == '\'' || c == 0x2bb || c == 0x2bc || c == 0x2018 || c == 0x2019)
		return;
	for (size_t i = 0; other && i < ARRAY_LEN(plain_others); i++) {
		if (plain_others[i].from == c) {
			plain_add(p, plain_others[i].to);
			return;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(plain_letters); i++) {
		if (plain_letters[i].from != c)
			continue;
		for (const char *to = plain_letters[i].to; *to != '\0'; to++)
			plain_add(p, *to);
		return;
	}
	plain_add(p, (char)(c < 0x80 ? c : '?'));
}

static inline struct plain
plain_read(struct sv word, bool other)
{
	struct plain p = { .n = 0 };

	const uint8_t *text = (const uint8_t *)word.p;

	for (size_t i = 0; i < word.n;) {
		UChar32 c;

		U8_NEXT(text, i, word.n, c);
		plain_letter(&p, u_tolower(c), other);
	}
	p.text[p.n] = '\0';
	return p;
}

static inline struct plain
plain_of(struct sv word)
{
	return plain_read(word, false);
}

static inline void
plain_keep(struct sv word, const char *name, bool star)
{
	if (word.n == 0 || memchr(word.p, ' ', word.n) != NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		struct plain p = plain_read(word, i > 0);

		if (i > 0 && strcmp(p.text, plain_of(word).text) == 0)
			return;
		ASSERT(plain_count < PLAIN_WORDS_MAX);
		plain_keywords[plain_count++] =
		    (struct plain_keyword){ p, name, star };
	}
}

static inline void
plain_on_line(void *arg, const struct texts_word *line)
{
	struct sv word = line->word;
	bool star;

	(void)arg;
	if (word.n > 5 && memcmp(word.p, "weak:", 5) == 0) {
		word.p += 5;
		word.n -= 5;
		while (word.n > 0 && word.p[0] == ' ') {
			word.p++;
			word.n--;
		}
	}
	if (word.n == 0 || strchr("/@", word.p[0]) != NULL)
		return;
	star = word.p[word.n - 1] == '*';
	word.n -= star;
	plain_keep(word, line->name, star);
}

static inline void
plain_on_place(const struct place *p)
{
	struct sv rest = p->aliases;

	for (size_t lang = 0; lang < LANG_COUNT; lang++)
		plain_keep(p->names[lang], "place", false);
	while (rest.n > 0)
		plain_keep(sv_cut(&rest, ';'), "place", false);
}

/* After kit_open(). */
static inline void
plain_open(void)
{
	texts_words_each(kit_content.texts, plain_on_line, NULL);
	for (uint16_t i = 0; i < places_count(kit_content.places); i++)
		plain_on_place(places_at(kit_content.places, i));
}

static inline bool
plain_begins(const struct plain *p, const struct plain *with, size_t n)
{
	return p->n >= n && memcmp(p->text, with->text, n) == 0;
}

/* True if p is the keyword, in any spelling; a stem is with any ending. */
static inline bool
plain_is(const struct plain *p, const struct plain_keyword *k)
{
	return plain_begins(p, &k->word, k->word.n) &&
	       (k->star || p->n == k->word.n);
}

/* True if p has the keyword's stem: a word without its last two letters, if
 * five are left. */
static inline bool
plain_related(const struct plain *p, const struct plain_keyword *k)
{
	size_t n = k->word.n;

	if (plain_is(p, k))
		return true;
	if (k->star)
		return false;
	if (n >= 5 + PLAIN_ENDING)
		n -= PLAIN_ENDING;
	else if (n > 5)
		n = 5;
	return n >= 4 && plain_begins(p, &k->word, n);
}

/* True if p is one letter more, less, other or swapped from the keyword. */
static inline bool
plain_misspelled(const struct plain *p, const struct plain_keyword *k)
{
	const char *a = p->text, *b = k->word.text;
	size_t n = p->n, m = k->word.n, head = 0;

	if (n > m + 1 || m > n + 1)
		return false;
	while (head < n && head < m && a[head] == b[head])
		head++;
	a += head;
	b += head;
	n -= head;
	m -= head;
	if (n == m && n >= 2 && a[0] == b[1] && a[1] == b[0] &&
	    memcmp(a + 2, b + 2, n - 2) == 0)
		return true;
	if (n >= m && n > 0 && memcmp(a + 1, b + (n == m), n - 1) == 0)
		return true;
	return m > n && memcmp(a, b + 1, n) == 0;
}

#endif
