/*
 * tree.h - the menu tree: loaded from YAML by libcyaml, checked, immutable.
 *
 * See menus/README.md for the file's form.
 */
#ifndef MENUS_TREE_H
#define MENUS_TREE_H

#include "content/content.h"

enum {
	NODE_NONE = 0xffff,
	MENU_ITEMS_MAX = 9,
	MENU_DIGIT_BACK = 0,
	MENU_DIGIT_EMERGENCY = 9, /* the same in every menu and language */
	MENU_PARTS_MAX = 2,	  /* of a menu */
	REPLY_PARTS_MAX = 3,	  /* of anything */
};

enum node_kind {
	NODE_MENU,	/* numbered choices */
	NODE_ANSWER,	/* a fixed text */
	NODE_DIRECTORY, /* topic x place, paged by MORE */
	NODE_ASK_PLACE, /* asks where, then goes on */
	NODE_LANGUAGE,	/* numbered languages */
	NODE_NOTICE,	/* a text, then the node it goes on to */
	NODE_QUESTION,	/* numbered answers; "back" leads to the menu before */
};

/* When somebody may be called, by the digit they choose. */
enum menu_window {
	WINDOW_MORNING = 1, /* 9 to 12, their time */
	WINDOW_DAY,	    /* 12 to 17 */
	WINDOW_EVENING,	    /* 17 to 21 */
	WINDOW_ANY,
};

struct menu_item {
	unsigned digit;	   /* 1..9 */
	uint16_t go;	   /* node */
	const char *label; /* text id */
};

struct node {
	const char *id;
	enum node_kind kind;
	const char *text;			/* text id, or NULL */
	struct menu_item items[MENU_ITEMS_MAX]; /* of a menu or question */
	size_t item_count;
	uint64_t topics;    /* directory: 0 means every topic */
	uint16_t topic;	    /* directory: its one topic, or TOPIC_NONE */
	uint32_t kinds;	    /* directory: bit mask of listing kinds, 0 all */
	uint16_t go;	    /* ask-place, notice: next node */
	uint16_t otherwise; /* directory: node when nobody is listed */
};

struct tree;

/* Returns 0, -ENOENT, -EINVAL with FILE:LINE in reterr_diag: an unknown node,
 * topic or text, a dead end, a node that nothing leads to, a digit twice. */
MUST_USE int tree_load(const char *path, const struct content *c,
    struct tree **ret_tree, struct diag *reterr_diag);
void tree_free(struct tree **tp);

uint16_t tree_count(const struct tree *t);
const struct node *tree_at(const struct tree *t, uint16_t index);
uint16_t tree_find(const struct tree *t, struct sv id); /* or NODE_NONE */

/* The nodes every tree must have, by these ids. */
uint16_t tree_main(const struct tree *t);
uint16_t tree_of_topic(const struct tree *t, uint16_t topic);
uint16_t tree_emergency(const struct tree *t);
uint16_t tree_counsellor(const struct tree *t);
uint16_t tree_language(const struct tree *t);
uint16_t tree_offices(const struct tree *t);

/*
 * To be called back: whether the phone is theirs alone, when, that it is noted,
 * and whom to call if it is not.  NODE_NONE, all of them: the tree has none.
 * Nothing but a yes leads from the first to the second, and nothing but the
 * second to the third.
 */
struct tree_callback {
	uint16_t ask, when, noted, shared;
};
const struct tree_callback *tree_callback(const struct tree *t);

#endif
