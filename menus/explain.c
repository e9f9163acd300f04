/* explain.c - why a text means what it means, line by line. */
#include <stdarg.h>
#include <stdio.h>
#include <unicode/ustring.h>

#include "menus/match_inner.h"

enum { LINE_SIZE = 1024, NAME_SIZE = 32 };

/* A line being written; what does not fit is left out. */
struct line {
	char text[LINE_SIZE];
	size_t n;
};

PRINTF(2, 3)
static void
line_add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->n;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(l->text + l->n, room, fmt, args);
	va_end(args);
	if (n > 0)
		l->n += (size_t)n < room ? (size_t)n : room - 1;
}

static void
line_end(const struct match_watch *w, struct line *l)
{
	w->fn(w->arg, l->text);
	*l = (struct line){ .n = 0 };
}

static const char *
name_text(const struct match_watch *w, unsigned name, char buf[NAME_SIZE])
{
	if (name < topics_count(w->m->topics))
		return topics_at(w->m->topics, (uint16_t)name)->id;
	lexicon_name(w->m->lexicon, name, buf, NAME_SIZE);
	return buf;
}

static void
add_letters(
    struct line *l, const struct folded *t, const struct fold_word *word)
{
	UChar letters[FOLD_WORD_MAX];
	char utf8[3 * FOLD_WORD_MAX + 1] = { 0 };
	UErrorCode rc = U_ZERO_ERROR;

	for (size_t i = 0; i < word->raw_n; i++) {
		UChar c = t->raw[word->raw + i];

		letters[i] = c < 10 ? (UChar)(c + '0') : c;
	}
	(void)u_strToUTF8(utf8, sizeof(utf8), NULL, letters, word->raw_n, &rc);
	line_add(l, "%s", U_SUCCESS(rc) ? utf8 : "?");
}

static void
add_owners(
    const struct match_watch *w, struct line *l, const struct lex_word *x)
{
	const struct lex_owner *o =
	    x->owned ? lexicon_owner(w->m->lexicon, x->atoms[x->best]) : NULL;
	char buf[NAME_SIZE];

	for (; o != NULL; o = lexicon_owner_next(w->m->lexicon, o))
		line_add(l, " %s%s", name_text(w, o->name, buf),
		    o->weak ? " (hint)" : "");
	for (unsigned i = LEX_URGENT; i < LEX_MARK_END; i++) {
		if ((x->marks & lex_mark(i)) != 0)
			line_add(l, " %s", name_text(w, i, buf));
	}
	for (uint64_t c = x->classes; c != 0; c &= c - 1)
		line_add(l, " %s",
		    name_text(
			w, LEX_CLASS + (unsigned)__builtin_ctzll(c), buf));
}

static void
explain_words(const struct match_watch *w, const struct score_sheet *s)
{
	static const char *const hows[] = { "unknown", "guess",
		"one wrong letter", "stem", "word" };
	struct line l = { .n = 0 };

	for (size_t i = 0; i < s->text.count; i++) {
		const struct fold_word *f = &s->text.words[i];
		const struct lex_word *x = &s->words[i];

		line_add(&l, "  word %zu: ", i + 1);
		add_letters(&l, &s->text, f);
		line_add(&l,
		    " = "
		    "%.*s, %s:",
		    (int)f->n, s->text.codes + f->at,
		    hows[x->count > 0 ? x->how : 0]);
		add_owners(w, &l, x);
		line_end(w, &l);
	}
}

static void
explain_phrases(const struct match_watch *w, const struct score_sheet *s)
{
	struct lex_found found[LEX_PHRASES_MAX];
	size_t n =
	    lexicon_phrases(w->m->lexicon, s->words, s->text.count, found);
	struct line l = { .n = 0 };
	char buf[NAME_SIZE];

	for (size_t i = 0; i < n; i++) {
		line_add(&l, "  phrase: %s%s, words",
		    name_text(w, found[i].phrase->name, buf),
		    found[i].phrase->weak ? " (hint)" : "");
		for (size_t k = 0; k < found[i].phrase->count; k++)
			line_add(&l, " %u", found[i].at[k] + 1u);
		line_end(w, &l);
	}
}

static void
explain_points(const struct match_watch *w, const struct score_sheet *s)
{
	struct line l = { .n = 0 };
	char buf[NAME_SIZE];

	line_add(&l, "  points:");
	for (unsigned i = 0; i < LEX_NAME_MAX; i++) {
		if (s->score[i] != 0)
			line_add(
			    &l, " %s %d", name_text(w, i, buf), s->score[i]);
	}
	line_add(&l, "; not understood: %zu of %zu words%s", s->unknown,
	    s->text.count, s->urgent ? "; words of danger" : "");
	line_end(w, &l);
	line_add(&l, "  language:");
	for (enum lang lang = LANG_RU; lang < LANG_COUNT; lang++) {
		if (s->votes[lang] != 0)
			line_add(&l, " %s %d", lang_code(lang), s->votes[lang]);
	}
	line_end(w, &l);
}

static void
explain_places(const struct match_watch *w, const struct score_sheet *s)
{
	struct line l = { .n = 0 };

	for (size_t i = 0; i < s->place_count; i++) {
		const struct place_hit *h = &s->places[i];

		line_add(&l, "  place: %s, word %u%s%s%s",
		    places_at(w->m->gazetteer, h->place)->id, h->at + 1u,
		    h->weak ? ", maybe an ordinary word" : "",
		    h->state ? ", a state and not where" : "",
		    h->typo ? ", one wrong letter" : "");
		line_end(w, &l);
	}
}

static void
explain_meaning(const struct match_watch *w, const struct match *r)
{
	static const char *const kinds[] = { "nothing", "command", "number",
		"topic", "place" };
	struct line l = { .n = 0 };
	char buf[NAME_SIZE];

	line_add(&l, "  so far: %s", kinds[r->kind]);
	if (r->kind == MATCH_COMMAND)
		line_add(&l, " %s",
		    name_text(w, LEX_COMMAND + (unsigned)r->command, buf));
	if (r->kind == MATCH_TOPIC)
		line_add(&l, " %s", name_text(w, r->topic, buf));
	if (r->kind == MATCH_NUMBER)
		line_add(&l, " %u", r->number);
	for (size_t i = 0; i < r->choice_count; i++)
		line_add(&l, "%s %s", i == 0 ? "; ask:" : ",",
		    name_text(w, r->choices[i], buf));
	line_end(w, &l);
}

void
explain_sheet(const struct match_watch *w, const char *stage,
    const struct score_sheet *s, const struct match *r)
{
	w->fn(w->arg, stage);
	explain_words(w, s);
	explain_phrases(w, s);
	explain_places(w, s);
	explain_points(w, s);
	explain_meaning(w, r);
}
