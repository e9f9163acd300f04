/*
 * labels.h - the lines of a menu as words: who writes «Врач» under a menu that
 * says "4 Врач" means the 4.
 *
 * Compared by skeleton (see fold.h), whole text against whole label, in every
 * language and as it is sent in Latin letters.  Immutable.
 */
#ifndef MENUS_LABELS_H
#define MENUS_LABELS_H

#include "menus/fold.h"
#include "menus/latin.h"
#include "menus/tree.h"

struct labels;

struct labels *labels_new(const struct content *c, const struct tree *tree,
    const struct latin *latin);
void labels_free(struct labels **lp);

/* The digit whose label in this menu the text is, or 0. */
unsigned labels_digit(const struct labels *l, uint16_t menu, struct sv text);

/* True if the text is the line that offers this node, whose label stands under
 * "label." and its id. */
bool labels_is_node(const struct labels *l, uint16_t node, struct sv text);

#endif
