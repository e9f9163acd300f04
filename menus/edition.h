/*
 * edition.h - an immutable, numbered edition: directory, texts and menus.
 *
 *   ROOT/menus/main.yaml   ROOT/content/ (see content/content.h)
 *
 * In the project's own folder the tree is ROOT/menus/trees/main.yaml; either
 * is found.
 *
 * Loaded whole, checked whole, then swapped in by pointer.
 */
#ifndef MENUS_EDITION_H
#define MENUS_EDITION_H

#include "menus/labels.h"
#include "menus/latin.h"
#include "menus/match.h"
#include "menus/tree.h"

struct replies;

struct edition {
	int64_t number; /* 0: not published, straight from the files */
	struct content content;
	struct tree *tree;
	struct matcher *matcher;
	struct latin *latin;
	struct labels *labels;
	struct replies *replies; /* made before; NULL: make each anew */
};

/*
 * Load and check everything under root.
 *
 * Also refused: a text that the tree or the code names and English lacks, a
 * menu over MENU_PARTS_MAX or a reply over REPLY_PARTS_MAX parts in any
 * language, a health topic named within a reply's first 40 characters.
 *
 * Returns 0, -ENOENT, -EINVAL; *ret_edition is untouched on failure.
 */
MUST_USE int edition_load(const char *root, int64_t number,
    struct edition **ret_edition, struct diag *reterr_diag);

/* The same of an edition that was published in this data folder; what is wrong
 * with it is followed by how to make one that fits this program. */
MUST_USE int edition_load_published(const char *data, int64_t number,
    struct edition **ret_edition, struct diag *reterr_diag);
void edition_free(struct edition **ep);

/*
 * Check a loaded edition again and tell everything, not the first problem
 * only: a line for each problem ("LANG: TEXT: what is wrong; what to do"),
 * then a table, a line for each menu and language.
 *
 * Returns the number of problems.
 */
MUST_USE int edition_check(const struct edition *e,
    void (*report)(void *arg, const char *line), void *arg);

#endif
