/* render.c - makes the text of a reply out of an edition's texts. */
#include "menus/render.h"

#include <stdio.h>

enum { TEXT_ID_MAX = 96 };

/* What the code itself says; nodes name their own texts. */
static const char *const code_ids[] = {
	"place.unknown",
	"topic.ask",
	"choose.head",
	"nomatch.head",
	"counsellor.none",
	"callback.offer",
	"callback.still",
	"callback.about",
	"list.none",
	"list.else",
	"list.doctor",
	"list.more",
	"list.end",
	"list.hidden",
	"list.town",
	"list.unverified",
	"list.unverified-undated",
	"names.short",
	"names.discreet",
	"hidden.names",
	"hidden.words",
	"language.name",
	"language.done",
	"language.latin",
	"language.cyrillic",
	"latin.done",
	"plain.done",
	"discreet.done",
	"offices.none",
	"decoy.how",
	"stop.done",
	"forget.done",
	"limit.slow",
	"busy.later",
};

void
render_ids_each(void (*fn)(void *arg, const char *id), void *arg)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(code_ids); i++)
		fn(arg, code_ids[i]);
}

/* Marks that look alike in GSM-7; no replacement is longer than its mark. */
static const struct {
	const char *mark, *plain;
} folds[] = {
	{ "\u02bb", "'" },
	{ "\u02bc", "'" },
	{ "\u2018", "'" },
	{ "\u2019", "'" },
	{ "\u201c", "\"" },
	{ "\u201d", "\"" },
	{ "\u201e", "\"" },
	{ "\u00ab", "\"" },
	{ "\u00bb", "\"" },
	{ "\u2010", "-" },
	{ "\u2011", "-" },
	{ "\u2013", "-" },
	{ "\u2014", "-" },
	{ "\u2212", "-" },
	{ "\u2026", "..." },
	{ "\u00a0", " " },
	{ "\u202f", " " },
};

bool
render_is_gsm7(enum lang lang)
{
	return lang == LANG_UZ || lang == LANG_EN;
}

static void
fold_marks(struct sb *b)
{
	size_t i, n, from = 0, to = 0;

	while (from < b->n) {
		for (i = 0; i < ARRAY_LEN(folds); i++) {
			n = strlen(folds[i].mark);
			if (n <= b->n - from &&
			    memcmp(b->p + from, folds[i].mark, n) == 0)
				break;
		}
		if (i == ARRAY_LEN(folds)) {
			b->p[to++] = b->p[from++];
			continue;
		}
		from += n;
		n = strlen(folds[i].plain);
		memcpy(b->p + to, folds[i].plain, n);
		to += n;
	}
	sb_cut(b, to);
}

void
render_fold(const struct renderer *r, struct sb *b)
{
	if (r->stored)
		return;
	if (r->latin)
		latin_write(r->e->latin, r->lang, b);
	else if (render_is_gsm7(r->lang))
		fold_marks(b);
}

/* End a text: views of it are given out from here on. */
static struct sv
finish(const struct renderer *r, struct sb *b)
{
	render_fold(r, b);
	return sb_sv(b);
}

static struct sv
text_of(const struct renderer *r, const char *id)
{
	const struct texts *texts = r->e->content.texts;
	char plain[TEXT_ID_MAX];

	if (!r->plain)
		return texts_get(texts, r->lang, id);
	(void)snprintf(plain, sizeof(plain), "%s.plain", id);
	return texts_get(
	    texts, r->lang, texts_has(texts, r->lang, plain) ? plain : id);
}

struct sv
render_text(const struct renderer *r, const char *id)
{
	struct sb b;

	sb_init(&b, r->arena, REPLY_BYTES_MAX);
	sb_put(&b, text_of(r, id));
	return finish(r, &b);
}

struct sv
render_filled(const struct renderer *r, const char *id, const char *placeholder,
    struct sv value)
{
	return render_fill(r, text_of(r, id), placeholder, value);
}

struct sv
render_fill(const struct renderer *r, struct sv text, const char *placeholder,
    struct sv value)
{
	size_t n = strlen(placeholder);
	const char *at =
	    text.n > 0 ? memmem(text.p, text.n, placeholder, n) : NULL;
	struct sb b;

	sb_init(&b, r->arena, REPLY_BYTES_MAX);
	if (at == NULL) {
		sb_put(&b, text);
		return finish(r, &b);
	}
	sb_put(&b, (struct sv){ text.p, (size_t)(at - text.p) });
	sb_put(&b, value);
	at += n;
	sb_put(&b, (struct sv){ at, text.n - (size_t)(at - text.p) });
	return finish(r, &b);
}

struct sv
render_joined(const struct renderer *r, struct sv a, struct sv b)
{
	struct sb both;

	sb_init(&both, r->arena, REPLY_BYTES_MAX);
	sb_put(&both, a);
	sb_puts(&both, "\n");
	sb_put(&both, b);
	return finish(r, &both);
}

static void
numbered(struct sb *b, unsigned digit, struct sv label)
{
	sb_printf(b, "\n%u ", digit);
	sb_put(b, label);
}

struct sv
render_menu(const struct renderer *r, struct sv head, const struct node *node)
{
	struct sb b;
	size_t i;

	sb_init(&b, r->arena, REPLY_BYTES_MAX);
	sb_put(&b, head);
	for (i = 0; i < node->item_count; i++)
		numbered(
		    &b, node->items[i].digit, text_of(r, node->items[i].label));
	return finish(r, &b);
}

size_t
render_chars(struct sv text)
{
	size_t i, chars = 0;

	for (i = 0; i < text.n; i++)
		chars += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return chars;
}

struct sv
render_menu_again(const struct renderer *r, const struct node *node)
{
	struct sv head = render_text(r, "nomatch.head");
	struct sv own = render_text(r, node->text);

	if (render_chars(own) > render_chars(head))
		head = render_joined(r, head, own);
	return render_menu(r, head, node);
}

struct sv
render_choices(
    const struct renderer *r, bool again, const uint16_t *topics, size_t count)
{
	struct sv head = render_text(r, "choose.head");
	const struct tree *t = r->e->tree;
	char id[64];
	struct sb b;
	size_t i;

	if (again)
		head = render_joined(r, render_text(r, "nomatch.head"), head);
	sb_init(&b, r->arena, REPLY_BYTES_MAX);
	sb_put(&b, head);
	for (i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "label.%s",
		    tree_at(t, tree_of_topic(t, topics[i]))->id);
		numbered(&b, (unsigned)i + 1, text_of(r, id));
	}
	return finish(r, &b);
}

unsigned
lang_digit(const struct edition *e, enum lang lang)
{
	if (!texts_has(e->content.texts, lang, "language.name"))
		return 0;
	return (unsigned)lang + 1;
}

struct sv
render_languages(const struct renderer *r, struct sv head)
{
	const struct texts *texts = r->e->content.texts;
	unsigned digit;
	struct sb b;
	int lang;

	sb_init(&b, r->arena, REPLY_BYTES_MAX);
	sb_put(&b, head);
	for (lang = 0; lang < LANG_COUNT; lang++) {
		digit = lang_digit(r->e, (enum lang)lang);
		/* the same as the one above it, if both are in Latin */
		if (r->latin && lang == LANG_UZ_CYRL)
			continue;
		if (digit > 0)
			numbered(&b, digit,
			    texts_get(texts, (enum lang)lang, "language.name"));
	}
	sb_puts(&b, "\n");
	sb_put(&b,
	    text_of(r, r->latin || r->lang == LANG_UZ ? "language.cyrillic" :
							"language.latin"));
	return finish(r, &b);
}
