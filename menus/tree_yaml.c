/* tree_yaml.c - reads a tree's YAML by libcyaml and says what is wrong. */
#include "menus/tree_yaml.h"

#include <ctype.h>
#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>

static const cyaml_strval_t kind_names[] = {
	{ "menu", NODE_MENU },
	{ "answer", NODE_ANSWER },
	{ "directory", NODE_DIRECTORY },
	{ "ask-place", NODE_ASK_PLACE },
	{ "language", NODE_LANGUAGE },
	{ "notice", NODE_NOTICE },
	{ "question", NODE_QUESTION },
};

static const cyaml_strval_t listing_names[] = {
	{ "hotline", 1 << LISTING_HOTLINE },
	{ "ngo", 1 << LISTING_NGO },
	{ "igo", 1 << LISTING_IGO },
	{ "clinic", 1 << LISTING_CLINIC },
	{ "government", 1 << LISTING_GOVERNMENT },
	{ "other", 1 << LISTING_OTHER },
};

static const cyaml_schema_value_t topic_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, 64),
};

static const cyaml_schema_field_t item_fields[] = {
	CYAML_FIELD_UINT("digit", CYAML_FLAG_DEFAULT, struct yaml_item, digit),
	CYAML_FIELD_STRING_PTR(
	    "go", CYAML_FLAG_POINTER, struct yaml_item, go, 1, 64),
	CYAML_FIELD_STRING_PTR("label",
	    CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_item, label,
	    1, 64),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t item_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_item, item_fields),
};

#define OPTIONAL_STRING(name)                                                  \
	CYAML_FIELD_STRING_PTR(#name,                                          \
	    CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_node, name,  \
	    1, 64)

static const cyaml_schema_field_t node_fields[] = {
	CYAML_FIELD_STRING_PTR(
	    "id", CYAML_FLAG_POINTER, struct yaml_node, id, 1, 48),
	CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct yaml_node, kind,
	    kind_names, CYAML_ARRAY_LEN(kind_names)),
	OPTIONAL_STRING(text),
	OPTIONAL_STRING(topic),
	OPTIONAL_STRING(go),
	OPTIONAL_STRING(otherwise),
	CYAML_FIELD_SEQUENCE("items", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
	    struct yaml_node, items, &item_value, 0, MENU_ITEMS_MAX),
	CYAML_FIELD_SEQUENCE("topics", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
	    struct yaml_node, topics, &topic_value, 1, TOPIC_MAX),
	CYAML_FIELD_FLAGS("kinds", CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL,
	    struct yaml_node, kinds, listing_names,
	    CYAML_ARRAY_LEN(listing_names)),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t node_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_node, node_fields),
};

static const cyaml_schema_field_t tree_fields[] = {
	CYAML_FIELD_UINT(
	    "version", CYAML_FLAG_DEFAULT, struct yaml_tree, version),
	CYAML_FIELD_SEQUENCE("nodes", CYAML_FLAG_POINTER, struct yaml_tree,
	    nodes, &node_value, 1, TREE_NODES_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t tree_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_tree, tree_fields),
};

enum { MESSAGE_UNKNOWN_KEY = 0 /* its place in the table */ };

/* What libcyaml says, and what a person is told; %s is what follows. */
static const struct {
	const char *theirs, *ours, *advice;
} messages[] = {
	{ "Unexpected key: ", "unknown key ",
	    "write version, nodes, id, kind, text, items, digit, go, label, "
	    "topic, topics, kinds or otherwise in its place" },
	{ "Missing required mapping field: ", "missing key ", "write it" },
	{ "Mapping field already seen: ", "a second key ", "keep one of them" },
	{ "Invalid ENUM value: ", "unknown kind ",
	    "write menu, question, answer, directory, ask-place, language or "
	    "notice" },
	{ "Unknown flag: ", "unknown kind of listing ",
	    "write hotline, ngo, igo, clinic, government or other" },
	{ "Invalid UINT value: ", "not a number: ", "write digits" },
	{ "Invalid uint64_t value: ", "not a number: ", "write digits" },
	{ "Excessive entries ", "too many entries ",
	    "a menu has at most 9 items; take some away" },
	{ "Insufficient entries ", "too few entries ", "write at least one" },
	{ "Expecting ", "expecting ", "see menus/README.md for the form" },
	{ "STRING length > ", "a name is longer than ", "shorten it" },
	{ "STRING length < ", "an empty name, shorter than ",
	    "write a name or take the key away" },
	{ "libyaml: ", "this is not YAML: ",
	    "look at the indentation, brackets and quotes here" },
};

struct load_log {
	char said[256];
	unsigned line;
};

/* Called by libcyaml: first what is wrong, then, innermost first, where. */
PRINTF(3, 0)
static void
on_log(cyaml_log_t level, void *arg, const char *fmt, va_list args)
{
	struct load_log *log = arg;
	char text[256];
	const char *at;

	if (level != CYAML_LOG_ERROR)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	at = strstr(text, "(line: ");
	if (at != NULL) {
		if (log->line == 0)
			log->line = (unsigned)strtoul(at + 7, NULL, 10);
		return;
	}
	if (log->said[0] == '\0')
		snprintf(log->said, sizeof(log->said), "%s", text);
}

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* True if a key called this starts at p: "key:" and not the end of a longer
 * name. */
static bool
is_key(const char *text, const char *p, const char *key, size_t n)
{
	if (p > text && is_name(p[-1]))
		return false;
	if (strncmp(p, key, n) != 0)
		return false;
	p += n;
	if (*p == '"' || *p == '\'')
		p++;
	return *p == ':';
}

/* The next place at or after p where the key stands, outside comments; *line
 * counts the line ends that were passed.  NULL at the end of the text. */
static const char *
key_next(const char *text, const char *p, const char *key, unsigned *line)
{
	size_t n = strlen(key);

	while (*p != '\0') {
		if (is_key(text, p, key, n))
			return p;
		if (*p == '#' && (p == text || isspace((unsigned char)p[-1])))
			p += strcspn(p, "\n");
		if (*p == '\n')
			(*line)++;
		if (*p != '\0')
			p++;
	}
	return NULL;
}

/* libcyaml tells where the mapping of an unknown key begins: look from there
 * for the key itself. */
static unsigned
unknown_key_line(const struct tree_file *f, const char *key, unsigned from)
{
	const char *p = f->text;
	unsigned line;

	for (line = 1; line < from && p != NULL; line++) {
		p = strchr(p, '\n');
		p = p != NULL ? p + 1 : NULL;
	}
	if (p == NULL || key_next(f->text, p, key, &line) == NULL)
		return from;
	return line;
}

static int
refuse(const struct tree_file *f, const struct load_log *log,
    struct diag *reterr_diag)
{
	const char *said = log->said;
	unsigned line = log->line > 0 ? log->line : 1;
	size_t i, n;

	if (strncmp(said, "Load: ", 6) == 0)
		said += 6;
	for (i = 0; i < ARRAY_LEN(messages); i++) {
		n = strlen(messages[i].theirs);
		if (strncmp(said, messages[i].theirs, n) != 0)
			continue;
		said += n;
		if (i == MESSAGE_UNKNOWN_KEY)
			line = unknown_key_line(f, said, line);
		return diag_set(reterr_diag, -EINVAL, "%s:%u: %s%s; %s",
		    f->path, line, messages[i].ours, said, messages[i].advice);
	}
	return diag_set(reterr_diag, -EINVAL,
	    "%s:%u: this is not a menu tree%s%s; see menus/README.md for the "
	    "form",
	    f->path, line, *said ? ": " : "", said);
}

static int
file_read(const char *path, struct tree_file *f, struct diag *reterr_diag)
{
	FILE *in = fopen(path, "rb");
	int rc = 0;

	if (in == NULL)
		return diag_set(reterr_diag, -ENOENT,
		    "%s: %s; a menu tree must stand here", path,
		    strerror(errno));
	f->text = calloc(1, TREE_FILE_MAX + 2);
	ASSERT(f->text != NULL);
	f->n = fread(f->text, 1, TREE_FILE_MAX + 1, in);
	if (ferror(in))
		rc = diag_set(reterr_diag, -EINVAL, "%s: cannot be read", path);
	else if (f->n > TREE_FILE_MAX)
		rc = diag_set(reterr_diag, -EINVAL,
		    "%s:1: longer than %d bytes; a tree is much shorter", path,
		    TREE_FILE_MAX);
	(void)fclose(in);
	return rc;
}

static const cyaml_config_t *
config_init(cyaml_config_t *conf, struct load_log *log)
{
	*conf = (cyaml_config_t){
		.log_fn = on_log,
		.log_ctx = log,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	return conf;
}

int
tree_file_open(
    const char *path, struct tree_file *ret_file, struct diag *reterr_diag)
{
	struct tree_file f = { .path = path };
	struct load_log log = { .line = 0 };
	cyaml_config_t conf;
	cyaml_data_t *data = NULL;
	cyaml_err_t err;
	int rc;

	rc = file_read(path, &f, reterr_diag);
	if (rc < 0) {
		free(f.text);
		return rc;
	}
	err = cyaml_load_data((const uint8_t *)f.text, f.n,
	    config_init(&conf, &log), &tree_value, &data, NULL);
	ASSERT(err != CYAML_ERR_OOM);
	if (err != CYAML_OK || data == NULL) {
		rc = refuse(&f, &log, reterr_diag);
		free(f.text);
		return rc;
	}
	f.yaml = data;
	*ret_file = f;
	return 0;
}

void
tree_file_done(struct tree_file *f)
{
	struct load_log log = { .line = 0 };
	cyaml_config_t conf;

	(void)cyaml_free(config_init(&conf, &log), &tree_value, f->yaml, 0);
	free(f->text);
	*f = (struct tree_file){ 0 };
}

unsigned
tree_file_line(
    const struct tree_file *f, unsigned node, const char *key, unsigned nth)
{
	const char *p = f->text, *end;
	unsigned line = 1, of_node, end_line, i;

	for (i = 0; i <= node && p != NULL; i++)
		p = key_next(f->text, i > 0 ? p + 1 : p, "id", &line);
	if (p == NULL)
		return line;
	of_node = end_line = line;
	end = key_next(f->text, p + 1, "id", &end_line);
	for (i = 0; i <= nth; i++) {
		p = key_next(f->text, p + 1, key, &line);
		if (p == NULL || (end != NULL && p >= end))
			return of_node;
	}
	return line;
}
