/* decoy.c - a word that a person has set, and what is said without it. */
#include "menus/decoy.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "menus/render.h"

enum { UNITS_MAX = DECOY_WORD_MAX, WORDS_ASKED = 3 };

/* Only letters and digits count: every phone has another apostrophe. */
static int32_t
letters_keep(UChar *units, int32_t n)
{
	int32_t i, to = 0;

	for (i = 0; i < n; i++)
		if (u_isalnum(units[i]) &&
		    u_charType(units[i]) != U_MODIFIER_LETTER)
			units[to++] = units[i];
	return to;
}

/* Returns how many bytes, 0 if it is too long or no text. */
static int32_t
fold_units(UChar *units, UChar *folded, struct sv word, char *buf)
{
	UErrorCode err = U_ZERO_ERROR;
	int32_t n = 0, bytes = 0;

	u_strFromUTF8(units, UNITS_MAX, &n, word.p, (int32_t)word.n, &err);
	if (U_FAILURE(err))
		return 0;
	n = letters_keep(units, n);
	n = u_strFoldCase(
	    folded, UNITS_MAX, units, n, U_FOLD_CASE_DEFAULT, &err);
	if (U_FAILURE(err))
		return 0;
	u_strToUTF8(buf, DECOY_WORD_MAX, &bytes, folded, n, &err);
	return U_FAILURE(err) ? 0 : bytes;
}

/* Nothing of it stays on the stack. */
static struct sv
fold(struct sv word, char buf[DECOY_WORD_MAX])
{
	UChar units[UNITS_MAX], folded[UNITS_MAX];
	int32_t n = fold_units(units, folded, word, buf);

	explicit_bzero(units, sizeof(units));
	explicit_bzero(folded, sizeof(folded));
	return (struct sv){ buf, (size_t)n };
}

/* The next word as it is written; empty at the end. */
static struct sv
word_next(struct sv *text)
{
	struct sv word = { text->p, 0 };

	while (text->n > 0 && (unsigned char)*text->p <= ' ') {
		text->p++;
		text->n--;
	}
	word.p = text->p;
	while (text->n > 0 && (unsigned char)*text->p > ' ') {
		text->p++;
		text->n--;
		word.n++;
	}
	return word;
}

bool
decoy_word_cut(struct sv *text, char buf[DECOY_WORD_MAX], struct sv *ret_word)
{
	struct sv rest = *text, word = fold(word_next(&rest), buf);

	if (word.n == 0)
		return false;
	*text = rest;
	*ret_word = word;
	return true;
}

/* True if whoever holds the phone might write it. */
static bool
means_something(const struct matcher *m, struct sv word)
{
	struct match match;

	match_text(m, word, &match);
	return match.kind != MATCH_NONE || match.choice_count > 0 ||
	       match.urgent || strcmp(match.how, "filler") == 0;
}

bool
decoy_word_asked(const struct matcher *m, struct sv text,
    char buf[DECOY_WORD_MAX], struct sv *ret_word)
{
	char again[DECOY_WORD_MAX];
	struct sv words[WORDS_ASKED], word;
	struct match match;
	bool same;
	size_t i;

	for (i = 0; i < WORDS_ASKED; i++)
		words[i] = word_next(&text);
	if (words[2].n == 0 || word_next(&text).n > 0)
		return false;
	word = fold(words[1], buf);
	same = word.n > 0 && sv_eq(word, fold(words[2], again));
	explicit_bzero(again, sizeof(again));
	if (!same)
		return false;
	match_text(m, words[0], &match);
	if (match.kind != MATCH_COMMAND || match.command != CMD_DECOY)
		return false;
	if (render_chars(word) < DECOY_WORD_MIN || means_something(m, word))
		word.n = 0;
	*ret_word = word;
	return true;
}

void
decoy_step(const struct edition *e, const struct menu_session *session,
    const struct menu_input *input, struct arena *arena,
    struct menu_result *ret_result)
{
	struct menu_session anew = menu_session_new();
	struct menu_input in = *input;
	struct match match;

	if (session->menu != NODE_NONE)
		anew.menu = tree_main(e->tree);
	anew.lang = session->lang;
	anew.chosen = session->chosen;
	anew.latin = session->latin;
	anew.stopped = session->stopped;
	if (input->match != NULL)
		match = *input->match;
	else
		match_text(e->matcher, input->text, &match);
	if (match.kind != MATCH_COMMAND ||
	    (match.command != CMD_STOP && match.command != CMD_FORGET)) {
		match.kind = MATCH_COMMAND;
		match.command = CMD_OFFICES;
		match.urgent = false;
	}
	match.place = match.state = PLACE_NONE;
	match.topic = TOPIC_NONE;
	match.choice_count = 0;
	in.match = &match;
	in.text = SV("");
	menu_step(e, &anew, &in, arena, ret_result);
}
