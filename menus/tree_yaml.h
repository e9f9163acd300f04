/*
 * tree_yaml.h - a tree's file as libcyaml reads it, before names are resolved.
 *
 * Only tree.c uses this.
 */
#ifndef MENUS_TREE_YAML_H
#define MENUS_TREE_YAML_H

#include "menus/tree.h"

enum { TREE_FILE_MAX = 256 * 1024 /* bytes */, TREE_NODES_MAX = 256 };

struct yaml_item {
	unsigned digit;
	char *go;
	char *label; /* or NULL */
};

/* Optional fields are NULL or 0. */
struct yaml_node {
	char *id;
	enum node_kind kind;
	char *text;
	struct yaml_item *items;
	unsigned items_count;
	char *topic;
	char **topics;
	unsigned topics_count;
	uint32_t kinds;
	char *go;
	char *otherwise;
};

struct yaml_tree {
	unsigned version;
	struct yaml_node *nodes;
	unsigned nodes_count;
};

struct tree_file {
	const char *path; /* the caller's */
	char *text;
	size_t n;
	struct yaml_tree *yaml;
};

/* Returns 0, -ENOENT, -EINVAL with FILE:LINE in reterr_diag. */
MUST_USE int tree_file_open(
    const char *path, struct tree_file *ret_file, struct diag *reterr_diag);
void tree_file_done(struct tree_file *f);

/*
 * The line of the nth key (from 0) in the node with this index, for messages;
 * the line of its id when there is no such key.  libcyaml does not tell lines
 * of what it has accepted, so the text is searched again.
 */
unsigned tree_file_line(
    const struct tree_file *f, unsigned node, const char *key, unsigned nth);

#endif
