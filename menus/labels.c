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
	struct label *all; /* node by node */
	size_t count;
	size_t *ends; /* in all, of each node's */
	size_t nodes;
	struct folded *folded; /* too much for a stack that is cleared */
};

/* Words of codes with a space between them.  Returns 0 if there are none or
 * too many. */
static size_t
skeleton_of(const struct labels *l, struct sv text, char ret[LABEL_MAX])
{
	const struct fold_word *w;
	size_t i, n = 0;

	fold_text(l->fold, text, FOLD_AS_TYPED, l->folded);
	for (i = 0; i < l->folded->count; i++) {
		w = &l->folded->words[i];
		if (n + w->n + 1 > LABEL_MAX) {
			n = 0;
			break;
		}
		memcpy(ret + n, l->folded->codes + w->at, w->n);
		n += w->n;
		ret[n++] = ' ';
	}
	fold_wipe(l->folded);
	return n;
}

static void
label_add(struct labels *l, unsigned digit, struct sv text)
{
	struct label *at = &l->all[l->count];

	at->n = (uint8_t)skeleton_of(l, text, at->codes);
	at->digit = (uint8_t)digit;
	l->count += at->n > 0;
}

/* A label in every language, and as it is sent in Latin letters. */
static void
label_read(struct labels *l, unsigned digit, const char *id,
    const struct content *c, const struct latin *latin)
{
	char buf[LABEL_BYTES_MAX];
	struct sb b;
	unsigned lang;

	for (lang = 0; lang < LANG_COUNT; lang++) {
		sb_wrap(&b, buf, sizeof(buf));
		sb_put(&b, texts_get(c->texts, (enum lang)lang, id));
		label_add(l, digit, sb_sv(&b));
		latin_write(latin, (enum lang)lang, &b);
		label_add(l, digit, sb_sv(&b));
	}
}

static void
node_read(struct labels *l, const struct node *node, const struct content *c,
    const struct latin *latin)
{
	char id[LABEL_ID_MAX];
	size_t i;

	for (i = 0; i < node->item_count; i++)
		label_read(
		    l, node->items[i].digit, node->items[i].label, c, latin);
	(void)snprintf(id, sizeof(id), "label.%s", node->id);
	if (node->topic != TOPIC_NONE)
		label_read(l, 0, id, c, latin);
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
	l->nodes = tree_count(tree);
	l->ends = calloc(l->nodes + 1, sizeof(*l->ends));
	l->folded = calloc(1, sizeof(*l->folded));
	ASSERT(l->all != NULL && l->ends != NULL && l->folded != NULL);
	for (node = 0; node < tree_count(tree); node++) {
		node_read(l, tree_at(tree, node), c, latin);
		l->ends[node] = l->count;
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
	free(l->ends);
	free(l->folded);
	free(l);
	*lp = NULL;
}

/* The label of this node that the text is, of a line or of the node itself;
 * NULL if it is none. */
static const struct label *
label_find(const struct labels *l, uint16_t node, bool line, struct sv text)
{
	const struct label *at, *end;
	char codes[LABEL_MAX];
	size_t n;

	if (node >= l->nodes)
		return NULL;
	at = &l->all[node > 0 ? l->ends[node - 1] : 0];
	end = &l->all[l->ends[node]];
	n = at < end ? skeleton_of(l, text, codes) : 0;
	for (; n > 0 && at < end; at++)
		if ((at->digit > 0) == line && at->n == n &&
		    memcmp(at->codes, codes, n) == 0)
			return at;
	return NULL;
}

unsigned
labels_digit(const struct labels *l, uint16_t menu, struct sv text)
{
	const struct label *label = label_find(l, menu, true, text);

	return label != NULL ? label->digit : 0;
}

bool
labels_is_node(const struct labels *l, uint16_t node, struct sv text)
{
	return label_find(l, node, false, text) != NULL;
}
