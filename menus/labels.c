/* labels.c - every label of every menu, folded. */
#include "menus/labels.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	LABEL_MAX = 64, /* codes of a folded label */
	LABEL_BYTES_MAX = 512,
	LABEL_ID_MAX = 64,
	ALPHABETS = 2,
};

struct label {
	uint16_t menu; /* or the node itself, if digit is 0 */
	uint8_t digit;
	uint8_t n;
	char codes[LABEL_MAX];
};

struct labels {
	struct fold *fold;
	struct label *all;
	size_t count;
};

/* Words of codes with a space between them.  Returns 0 if there are none or
 * too many. */
static size_t
skeleton_of(const struct labels *l, struct sv text, char ret[LABEL_MAX])
{
	struct folded folded;
	const struct fold_word *w;
	size_t i, n = 0;

	fold_text(l->fold, text, FOLD_AS_TYPED, &folded);
	for (i = 0; i < folded.count; i++) {
		w = &folded.words[i];
		if (n + w->n + 1 > LABEL_MAX)
			return 0;
		memcpy(ret + n, folded.codes + w->at, w->n);
		n += w->n;
		ret[n++] = ' ';
	}
	return n;
}

static void
label_add(struct labels *l, uint16_t menu, unsigned digit, struct sv text)
{
	struct label *at = &l->all[l->count];

	at->n = (uint8_t)skeleton_of(l, text, at->codes);
	at->menu = menu;
	at->digit = (uint8_t)digit;
	l->count += at->n > 0;
}

/* A label in every language, and as it is sent in Latin letters. */
static void
label_read(struct labels *l, uint16_t menu, unsigned digit, const char *id,
    const struct content *c, const struct latin *latin)
{
	char buf[LABEL_BYTES_MAX];
	struct sb b;
	unsigned lang;

	for (lang = 0; lang < LANG_COUNT; lang++) {
		sb_wrap(&b, buf, sizeof(buf));
		sb_put(&b, texts_get(c->texts, (enum lang)lang, id));
		label_add(l, menu, digit, sb_sv(&b));
		latin_write(latin, (enum lang)lang, &b);
		label_add(l, menu, digit, sb_sv(&b));
	}
}

static void
node_read(struct labels *l, uint16_t at, const struct node *node,
    const struct content *c, const struct latin *latin)
{
	char id[LABEL_ID_MAX];
	size_t i;

	for (i = 0; i < node->item_count; i++)
		label_read(l, at, node->items[i].digit, node->items[i].label, c,
		    latin);
	(void)snprintf(id, sizeof(id), "label.%s", node->id);
	if (node->topic != TOPIC_NONE)
		label_read(l, at, 0, id, c, latin);
}

struct labels *
labels_new(
    const struct content *c, const struct tree *tree, const struct latin *latin)
{
	struct labels *l = calloc(1, sizeof(*l));
	uint16_t node;

	ASSERT(l != NULL);
	l->fold = fold_new();
	l->all = calloc((size_t)tree_count(tree) * (MENU_ITEMS_MAX + 1) *
			    LANG_COUNT * ALPHABETS,
	    sizeof(*l->all));
	ASSERT(l->all != NULL);
	for (node = 0; node < tree_count(tree); node++)
		node_read(l, node, tree_at(tree, node), c, latin);
	return l;
}

void
labels_free(struct labels **lp)
{
	struct labels *l = *lp;

	if (l == NULL)
		return;
	fold_free(&l->fold);
	free(l->all);
	free(l);
	*lp = NULL;
}

static bool
label_is(const struct label *label, const char *codes, size_t n)
{
	return n > 0 && label->n == n && memcmp(label->codes, codes, n) == 0;
}

unsigned
labels_digit(const struct labels *l, uint16_t menu, struct sv text)
{
	char codes[LABEL_MAX];
	size_t i, n = skeleton_of(l, text, codes);

	for (i = 0; i < l->count; i++)
		if (l->all[i].menu == menu && l->all[i].digit > 0 &&
		    label_is(&l->all[i], codes, n))
			return l->all[i].digit;
	return 0;
}

bool
labels_is_node(const struct labels *l, uint16_t node, struct sv text)
{
	char codes[LABEL_MAX];
	size_t i, n = skeleton_of(l, text, codes);

	for (i = 0; i < l->count; i++)
		if (l->all[i].menu == node && l->all[i].digit == 0 &&
		    label_is(&l->all[i], codes, n))
			return true;
	return false;
}
