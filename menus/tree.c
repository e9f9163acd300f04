/* tree.c - the menu tree: names resolved, checked, immutable. */
#include "menus/tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/arena.h"
#include "menus/tree_yaml.h"

enum { TREE_BLOCK = 16 * 1024, TREE_BYTES_MAX = 1024 * 1024 };

struct tree {
	struct arena *arena; /* owns the names */
	uint16_t count;
	struct node *nodes;
	uint16_t of_topic[TOPIC_MAX];
	uint16_t main, emergency, counsellor, language, offices;
	struct tree_callback callback;
};

/* What the loading functions share. */
struct loading {
	const struct tree_file *file;
	const struct content *content;
	struct tree *tree;
	struct diag *diag;
};

/* Refuse the file for what the nth key of a node says. */
static int
bad(struct loading *l, unsigned node, const char *key, unsigned nth,
    const char *what, const char *advice)
{
	return diag_set(l->diag, -EINVAL, "%s:%u: node '%s': %s; %s",
	    l->file->path, tree_file_line(l->file, node, key, nth),
	    l->tree->nodes[node].id, what, advice);
}

static const char *
quote(char buf[160], const char *what, const char *name)
{
	snprintf(buf, 160, "%s '%s'", what, name);
	return buf;
}

static int
text_known(struct loading *l, unsigned node, const char *key, unsigned nth,
    const char *id)
{
	char buf[160];

	if (texts_has(l->content->texts, LANG_EN, id))
		return 0;
	return bad(l, node, key, nth, quote(buf, "unknown text", id),
	    "add it to content/lang/en.po or write another id");
}

static int
node_known(struct loading *l, unsigned node, const char *key, unsigned nth,
    const char *id, uint16_t *ret_index)
{
	uint16_t index = tree_find(l->tree, sv_of(id));
	char buf[160];

	if (index == NODE_NONE)
		return bad(l, node, key, nth, quote(buf, "unknown node", id),
		    "write the id of a node of this file");
	*ret_index = index;
	return 0;
}

/* The topic's index, or TOPIC_NONE when the file was refused for it. */
static uint16_t
topic_known(struct loading *l, unsigned node, const char *key, const char *id)
{
	uint16_t topic = topics_find(l->content->topics, sv_of(id));
	char buf[160];

	if (topic == TOPIC_NONE)
		(void)bad(l, node, key, 0, quote(buf, "unknown topic", id),
		    "write an id from content/topics.csv");
	return topic;
}

/* "label." and the id of a node. */
static const char *
label_of(struct loading *l, const char *id)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "label.%s", id);
	return arena_dup(l->tree->arena, buf, strlen(buf));
}

static int
item_resolve(struct loading *l, unsigned index, unsigned nth)
{
	const struct yaml_item *from = &l->file->yaml->nodes[index].items[nth];
	struct node *node = &l->tree->nodes[index];
	struct menu_item item = { .digit = from->digit };
	size_t i;
	int rc;

	if (item.digit < 1 || item.digit > 9)
		return bad(l, index, "digit", nth, "a digit outside 1 to 9",
		    "0 always means back, so write 1 to 9");
	for (i = 0; i < node->item_count; i++)
		if (node->items[i].digit == item.digit)
			return bad(l, index, "digit", nth,
			    "the same digit twice", "give each item its own");
	rc = node_known(l, index, "go", nth, from->go, &item.go);
	if (rc < 0)
		return rc;
	item.label =
	    from->label == NULL ?
		label_of(l, from->go) :
		arena_dup(l->tree->arena, from->label, strlen(from->label));
	rc = text_known(l, index, "digit", nth, item.label);
	node->items[node->item_count++] = item;
	return rc;
}

/* Which optional keys a kind may have, and which it must. */
struct keys {
	bool items, go, directory;
};

static struct keys
keys_of(enum node_kind kind)
{
	return (struct keys){
		.items = kind == NODE_MENU || kind == NODE_QUESTION,
		.go = kind == NODE_ASK_PLACE || kind == NODE_NOTICE,
		.directory = kind == NODE_DIRECTORY,
	};
}

static int
keys_check(struct loading *l, unsigned index)
{
	const struct yaml_node *from = &l->file->yaml->nodes[index];
	struct keys may = keys_of(from->kind);

	if (from->text == NULL)
		return bad(l, index, "id", 0, "no text",
		    "write the id of the text it says");
	if (may.items && from->items_count == 0)
		return bad(l, index, "items", 0, "a menu without items",
		    "write at least one, with digit and go");
	if (!may.items && from->items_count > 0)
		return bad(l, index, "items", 0, "items, but it is no menu",
		    "take them away or write kind: menu or question");
	if (may.go && from->go == NULL)
		return bad(l, index, "id", 0, "a dead end",
		    "write go: and the node that comes next");
	if (!may.go && from->go != NULL)
		return bad(l, index, "go", 0,
		    "go, but only ask-place and notice go on",
		    "take it away or change the kind");
	if (!may.directory &&
	    (from->topic || from->topics || from->kinds || from->otherwise))
		return bad(l, index, "kind", 0,
		    "topic, topics, kinds or otherwise, but it is no directory",
		    "take them away or write kind: directory");
	if (from->topic != NULL && from->topics != NULL)
		return bad(l, index, "topics", 0, "both topic and topics",
		    "keep one of them");
	return 0;
}

static int
topics_resolve(struct loading *l, unsigned index)
{
	const struct yaml_node *from = &l->file->yaml->nodes[index];
	struct tree *t = l->tree;
	struct node *node = &t->nodes[index];
	uint16_t topic;
	unsigned i;

	for (i = 0; i < from->topics_count; i++) {
		topic = topic_known(l, index, "topics", from->topics[i]);
		if (topic == TOPIC_NONE)
			return -EINVAL;
		node->topics |= UINT64_C(1) << topic;
	}
	if (from->topic == NULL)
		return 0;
	topic = topic_known(l, index, "topic", from->topic);
	if (topic == TOPIC_NONE)
		return -EINVAL;
	if (t->of_topic[topic] != NODE_NONE)
		return bad(l, index, "topic", 0,
		    "a second directory of the same topic", "keep one of them");
	node->topic = topic;
	node->topics = UINT64_C(1) << topic;
	t->of_topic[topic] = (uint16_t)index;
	/* asking back offers it by this name */
	return text_known(l, index, "id", 0, label_of(l, node->id));
}

static int
node_resolve(struct loading *l, unsigned index)
{
	const struct yaml_node *from = &l->file->yaml->nodes[index];
	struct node *node = &l->tree->nodes[index];
	unsigned i;
	int rc = keys_check(l, index);

	if (rc == 0)
		rc = text_known(l, index, "text", 0, from->text);
	if (rc < 0)
		return rc;
	node->text = arena_dup(l->tree->arena, from->text, strlen(from->text));
	node->kinds = from->kinds;
	for (i = 0; i < from->items_count && rc == 0; i++)
		rc = item_resolve(l, index, i);
	if (rc == 0)
		rc = topics_resolve(l, index);
	if (rc == 0 && from->go != NULL)
		rc = node_known(l, index, "go", 0, from->go, &node->go);
	if (rc == 0 && from->otherwise != NULL)
		rc = node_known(l, index, "otherwise", 0, from->otherwise,
		    &node->otherwise);
	return rc;
}

/* Copy ids and kinds, so that names can be resolved in any order. */
static int
nodes_name(struct loading *l)
{
	const struct yaml_tree *yaml = l->file->yaml;
	struct tree *t = l->tree;
	struct node *node;
	unsigned i;

	t->nodes = arena_get(t->arena, yaml->nodes_count * sizeof(*t->nodes));
	for (i = 0; i < yaml->nodes_count; i++) {
		node = &t->nodes[i];
		node->id = arena_dup(
		    t->arena, yaml->nodes[i].id, strlen(yaml->nodes[i].id));
		if (tree_find(t, sv_of(node->id)) != NODE_NONE)
			return bad(l, i, "id", 0, "the same id twice",
			    "give each node its own");
		node->kind = yaml->nodes[i].kind;
		node->topic = TOPIC_NONE;
		node->go = NODE_NONE;
		node->otherwise = NODE_NONE;
		t->count++;
	}
	return 0;
}

struct named {
	const char *id;
	enum node_kind kind;
	const char *must;
	uint16_t *index;
};

static int
named_check(struct loading *l, const struct named *n)
{
	*n->index = tree_find(l->tree, sv_of(n->id));
	if (*n->index == NODE_NONE)
		return diag_set(l->diag, -EINVAL,
		    "%s:1: no node '%s'; every tree needs one, %s",
		    l->file->path, n->id, n->must);
	if (l->tree->nodes[*n->index].kind != n->kind)
		return bad(l, *n->index, "kind", 0,
		    "a required node of the wrong kind", n->must);
	return 0;
}

/* All of them, or none: older editions know of no calls. */
static int
callback_find(struct loading *l)
{
	struct tree_callback *c = &l->tree->callback;
	const struct named nodes[] = {
		{ "callback", NODE_QUESTION, "kind: question", &c->ask },
		{ "callback-when", NODE_QUESTION, "kind: question", &c->when },
		{ "callback-noted", NODE_ANSWER, "kind: answer", &c->noted },
		{ "callback-shared", NODE_DIRECTORY, "kind: directory",
		    &c->shared },
	};
	size_t i;
	int rc = 0;

	*c = (struct tree_callback){ NODE_NONE, NODE_NONE, NODE_NONE,
		NODE_NONE };
	if (tree_find(l->tree, SV("callback")) == NODE_NONE)
		return 0;
	for (i = 0; rc == 0 && i < ARRAY_LEN(nodes); i++)
		rc = named_check(l, &nodes[i]);
	return rc;
}

/* The nodes that the code goes to by name. */
static int
required_find(struct loading *l)
{
	struct tree *t = l->tree;
	uint16_t find, everyone;
	const struct named required[] = {
		{ "main", NODE_MENU, "kind: menu", &t->main },
		{ "emergency", NODE_DIRECTORY, "kind: directory",
		    &t->emergency },
		{ "counsellor", NODE_DIRECTORY, "kind: directory",
		    &t->counsellor },
		{ "language", NODE_LANGUAGE, "kind: language", &t->language },
		{ "offices", NODE_DIRECTORY, "kind: directory", &t->offices },
		{ "find", NODE_ASK_PLACE, "kind: ask-place", &find },
		{ "everyone", NODE_DIRECTORY, "kind: directory", &everyone },
	};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ARRAY_LEN(required); i++)
		rc = named_check(l, &required[i]);
	return rc < 0 ? rc : callback_find(l);
}

static int
topics_covered(struct loading *l)
{
	uint16_t i;

	for (i = 0; i < topics_count(l->content->topics); i++)
		if (l->tree->of_topic[i] == NODE_NONE)
			return diag_set(l->diag, -EINVAL,
			    "%s:1: no directory for the topic '%s'; add a node "
			    "with kind: directory and topic: %s",
			    l->file->path, topics_at(l->content->topics, i)->id,
			    topics_at(l->content->topics, i)->id);
	return 0;
}

static int
emergency_check(struct loading *l, unsigned index)
{
	const struct node *node = &l->tree->nodes[index];
	unsigned i;

	for (i = 0; i < node->item_count; i++)
		if ((node->items[i].digit == MENU_DIGIT_EMERGENCY) !=
		    (node->items[i].go == l->tree->emergency))
			return bad(l, index, "digit", i,
			    "digit 9 and emergency belong together",
			    "write digit: 9 for emergency and for nothing "
			    "else");
	if (index == l->tree->main &&
	    node->items[0].digit != MENU_DIGIT_EMERGENCY)
		return bad(l, index, "digit", 0,
		    "the main menu does not begin with emergency",
		    "put { digit: 9, go: emergency } first");
	return 0;
}

/* Nobody is called who was not asked: see tree_callback(). */
static int
consent_check(struct loading *l, unsigned index)
{
	const struct node *node = &l->tree->nodes[index];
	const struct tree_callback *c = &l->tree->callback;
	size_t i;

	for (i = 0; i < node->item_count; i++) {
		uint16_t go = node->items[i].go;

		if ((go == c->when &&
			(index != c->ask || node->items[i].digit != 1)) ||
		    (go == c->noted && (index != c->when ||
					   node->items[i].digit > WINDOW_ANY)))
			return bad(l, index, "go", (unsigned)i,
			    "it goes by the question whether the phone is "
			    "theirs alone",
			    "only digit 1 of callback leads to callback-when, "
			    "and only that to callback-noted");
	}
	return 0;
}

/* Going on must end somewhere that says something. */
static int
ends_check(struct loading *l, unsigned index)
{
	const struct tree *t = l->tree;
	const struct node *node = &t->nodes[index];
	const struct node *next = node;
	unsigned steps;

	for (steps = 0; next->kind == NODE_NOTICE && steps <= t->count; steps++)
		next = &t->nodes[next->go];
	if (next->kind == NODE_NOTICE)
		return bad(l, index, "go", 0, "notices that go round in a ring",
		    "let the last one go to another kind of node");
	if (node->kind == NODE_ASK_PLACE &&
	    t->nodes[node->go].kind != NODE_DIRECTORY)
		return bad(l, index, "go", 0,
		    "it asks for a place but goes to no directory",
		    "write the id of a directory");
	if (node->otherwise != NODE_NONE &&
	    (node->otherwise == index ||
		t->nodes[node->otherwise].kind != NODE_DIRECTORY))
		return bad(l, index, "otherwise", 0,
		    "otherwise does not lead to another directory",
		    "write the id of another directory");
	return 0;
}

static void
reach(const struct tree *t, uint16_t index, bool *seen)
{
	const struct node *node = &t->nodes[index];
	size_t i;

	if (seen[index])
		return;
	seen[index] = true;
	for (i = 0; i < node->item_count; i++)
		reach(t, node->items[i].go, seen);
	if (node->go != NODE_NONE)
		reach(t, node->go, seen);
	if (node->otherwise != NODE_NONE)
		reach(t, node->otherwise, seen);
}

/* From the main menu, by a word that works everywhere, or by a topic's name. */
static int
reached_check(struct loading *l)
{
	const struct tree *t = l->tree;
	bool seen[TREE_NODES_MAX] = { false };
	unsigned i;

	reach(t, t->main, seen);
	reach(t, t->emergency, seen);
	reach(t, t->counsellor, seen);
	reach(t, t->language, seen);
	reach(t, t->offices, seen);
	if (t->callback.ask != NODE_NONE)
		reach(t, t->callback.ask, seen);
	for (i = 0; i < t->count; i++)
		if (t->nodes[i].topic != TOPIC_NONE)
			reach(t, (uint16_t)i, seen);
	for (i = 0; i < t->count; i++)
		if (!seen[i])
			return bad(l, i, "id", 0, "nothing leads here",
			    "add an item that goes to it or take it away");
	return 0;
}

static int
tree_build(struct loading *l)
{
	unsigned i;
	int rc;

	if (l->file->yaml->version != 1)
		return diag_set(l->diag, -EINVAL,
		    "%s:1: version %u is unknown; write version: 1",
		    l->file->path, l->file->yaml->version);
	rc = nodes_name(l);
	if (rc == 0)
		rc = required_find(l);
	for (i = 0; i < l->tree->count && rc == 0; i++)
		rc = node_resolve(l, i);
	for (i = 0; i < l->tree->count && rc == 0; i++) {
		rc = emergency_check(l, i);
		if (rc == 0)
			rc = ends_check(l, i);
		if (rc == 0)
			rc = consent_check(l, i);
	}
	if (rc == 0)
		rc = reached_check(l);
	return rc == 0 ? topics_covered(l) : rc;
}

int
tree_load(const char *path, const struct content *c, struct tree **ret_tree,
    struct diag *reterr_diag)
{
	CLEANUP(tree_free) struct tree *t = NULL;
	struct tree_file file;
	struct loading l = { .content = c, .diag = reterr_diag };
	size_t i;
	int rc = tree_file_open(path, &file, reterr_diag);

	if (rc < 0)
		return rc;
	t = calloc(1, sizeof(*t));
	ASSERT(t != NULL);
	t->arena = arena_new(TREE_BLOCK, TREE_BYTES_MAX);
	for (i = 0; i < ARRAY_LEN(t->of_topic); i++)
		t->of_topic[i] = NODE_NONE;
	l.file = &file;
	l.tree = t;
	rc = tree_build(&l);
	tree_file_done(&file);
	if (rc < 0)
		return rc;
	*ret_tree = t;
	t = NULL; /* ownership moves to the caller */
	return 0;
}

void
tree_free(struct tree **tp)
{
	if (*tp == NULL)
		return;
	arena_free(&(*tp)->arena);
	free(*tp);
	*tp = NULL;
}

uint16_t
tree_count(const struct tree *t)
{
	return t->count;
}

const struct node *
tree_at(const struct tree *t, uint16_t index)
{
	ASSERT(index < t->count);
	return &t->nodes[index];
}

uint16_t
tree_find(const struct tree *t, struct sv id)
{
	uint16_t i;

	for (i = 0; i < t->count; i++)
		if (sv_eq(sv_of(t->nodes[i].id), id))
			return i;
	return NODE_NONE;
}

uint16_t
tree_main(const struct tree *t)
{
	return t->main;
}

uint16_t
tree_of_topic(const struct tree *t, uint16_t topic)
{
	ASSERT(topic < TOPIC_MAX);
	return t->of_topic[topic];
}

uint16_t
tree_emergency(const struct tree *t)
{
	return t->emergency;
}

uint16_t
tree_counsellor(const struct tree *t)
{
	return t->counsellor;
}

uint16_t
tree_language(const struct tree *t)
{
	return t->language;
}

uint16_t
tree_offices(const struct tree *t)
{
	return t->offices;
}

const struct tree_callback *
tree_callback(const struct tree *t)
{
	return &t->callback;
}
