/* labels.c - every label of every menu, folded. */
#include "menus/labels.h"

#include <stdlib.h>

enum {
	LABEL_MAX = 64, /* codes of a folded label */
	LABEL_BYTES_MAX = 512,
	ALPHABETS = 2,
};

struct label {
	uint16_t menu;
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

static void
item_add(struct labels *l, uint16_t menu, const struct menu_item *item,
    const struct content *c, const struct latin *latin)
{
	char buf[LABEL_BYTES_MAX];
	struct sb b;
	unsigned lang;

	for (lang = 0; lang < LANG_COUNT; lang++) {
		sb_wrap(&b, buf, sizeof(buf));
		sb_put(&b, texts_get(c->texts, (enum lang)lang, item->label));
		label_add(l, menu, item->digit, sb_sv(&b));
		latin_write(latin, (enum lang)lang, &b);
		label_add(l, menu, item->digit, sb_sv(&b));
	}
}

struct labels *
labels_new(
    const struct content *c, const struct tree *tree, const struct latin *latin)
{
	struct labels *l = calloc(1, sizeof(*l));
	const struct node *node;
	uint16_t menu;
	size_t i;

	ASSERT(l != NULL);
	l->fold = fold_new();
	l->all = calloc(
	    (size_t)tree_count(tree) * MENU_ITEMS_MAX * LANG_COUNT * ALPHABETS,
	    sizeof(*l->all));
	ASSERT(l->all != NULL);
	for (menu = 0; menu < tree_count(tree); menu++) {
		node = tree_at(tree, menu);
		for (i = 0; i < node->item_count; i++)
			item_add(l, menu, &node->items[i], c, latin);
	}
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

unsigned
labels_digit(const struct labels *l, uint16_t menu, struct sv text)
{
	char codes[LABEL_MAX];
	size_t i, n = skeleton_of(l, text, codes);

	for (i = 0; n > 0 && i < l->count; i++)
		if (l->all[i].menu == menu && l->all[i].n == n &&
		    memcmp(l->all[i].codes, codes, n) == 0)
			return l->all[i].digit;
	return 0;
}
