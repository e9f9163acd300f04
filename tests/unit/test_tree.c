/* Every way a menu tree can be wrong is refused with its line. */
#include "menus/tree.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

#define HEAD "version: 1\nnodes:\n"
#define MAIN                                                                   \
	"  - id: main\n    kind: menu\n    text: main.head\n    items:\n"      \
	"      - { digit: 9, go: emergency }\n"                                \
	"      - { digit: 1, go: find }\n"
#define FIND "  - { id: find, kind: ask-place, text: find.ask, go: everyone }\n"
#define REST                                                                   \
	"  - { id: everyone, kind: directory, text: everyone.head }\n"         \
	"  - { id: emergency, kind: directory, text: emergency.head, "         \
	"topics: [trafficking, violence], kinds: [hotline, ngo] }\n"           \
	"  - { id: offices, kind: directory, text: offices.head }\n"           \
	"  - { id: counsellor, kind: directory, text: counsellor.head }\n"     \
	"  - { id: language, kind: language, text: language.head }\n"
/* lines 3 to 8, 9, 10 to 14 */
#define BASE HEAD MAIN FIND REST
#define TOPIC(t)                                                               \
	"  - { id: " t ", kind: directory, text: " t ".head, topic: " t " }\n"
#define BAD_LAST(line) BASE line "\n"

static struct content content;

static int
load_text(const char *text, struct tree **ret_tree, struct diag *reterr_diag)
{
	char path[] = "/tmp/test_tree.XXXXXX";
	int fd = mkstemp(path), rc;
	FILE *out;

	ASSERT(fd >= 0);
	out = fdopen(fd, "w");
	ASSERT(out != NULL);
	fputs(text, out);
	ASSERT(fclose(out) == 0);
	rc = tree_load(path, &content, ret_tree, reterr_diag);
	unlink(path);
	return rc;
}

/* The nodes of calls, a line each. */
#define CALLS(yes, first, when, second)                                        \
	"  - { id: callback, kind: question, text: jobs.head, items: [ "       \
	"{ digit: " yes ", go: " first ", label: jobs.head } ] }\n"            \
	"  - { id: callback-shared, kind: directory, text: jobs.head }\n"      \
	"  - { id: callback-when, kind: question, text: jobs.head, items: [ "  \
	"{ digit: " when ", go: " second ", label: jobs.head } ] }\n"          \
	"  - { id: callback-noted, kind: answer, text: jobs.head }"

static const struct {
	const char *name, *text;
	unsigned line;
	const char *says;
} wrong[] = {
	{ "empty file", "", 1, "not a menu tree" },
	{ "not YAML", "version: 1\nnodes: [\n", 0, "not YAML" },
	{ "unknown version", "version: 2\nnodes:\n" MAIN, 1, "version" },
	{ "no nodes", "version: 1\n", 1, "nodes" },
	{ "unknown key at the top", BAD_LAST("colour: red"), 15,
	    "unknown key colour" },
	{ "unknown key of a node",
	    BAD_LAST("  - { id: x, kind: answer, tekst: x }"), 15,
	    "unknown key tekst" },
	{ "unknown kind",
	    BAD_LAST("  - id: x\n    kind: manu\n    text: main.head"), 16,
	    "unknown kind manu" },
	{ "unknown kind of listing",
	    BAD_LAST("  - { id: x, kind: directory, text: jobs.head,\n"
		     "      kinds: [shop] }"),
	    0, "unknown kind of listing shop" },
	{ "key twice", BAD_LAST("  - { id: x, id: y, kind: answer }"), 15,
	    "second key id" },
	{ "digit is no number",
	    BAD_LAST("  - id: x\n    kind: menu\n    text: main.head\n"
		     "    items:\n      - { digit: one, go: main }"),
	    19, "not a number" },
	{ "alias", BAD_LAST("  - &a { id: x, kind: answer }\n  - *a"), 0, "" },
	{ "id twice", BASE FIND, 15, "same id twice" },
	{ "unknown text",
	    BAD_LAST("  - id: x\n    kind: answer\n    text: nothing.here"), 17,
	    "unknown text 'nothing.here'" },
	{ "no text", BAD_LAST("  - { id: x, kind: answer }"), 15, "no text" },
	{ "unknown node",
	    HEAD MAIN "      - { digit: 2, go: nowhere }\n" FIND REST, 9,
	    "unknown node 'nowhere'" },
	{ "unknown label",
	    HEAD MAIN
	    "      - { digit: 2, go: find, label: label.no }\n" FIND REST,
	    9, "unknown text 'label.no'" },
	{ "no label by default",
	    HEAD MAIN "      - { digit: 2, go: everyone }\n" FIND REST, 9,
	    "label.everyone" },
	{ "digit twice", HEAD MAIN "      - { digit: 1, go: find }\n" FIND REST,
	    9, "same digit twice" },
	{ "digit 0", HEAD MAIN "      - { digit: 0, go: find }\n" FIND REST, 9,
	    "outside 1 to 9" },
	{ "digit 10", HEAD MAIN "      - { digit: 10, go: find }\n" FIND REST,
	    9, "outside 1 to 9" },
	{ "digit 9 elsewhere",
	    HEAD "  - id: main\n    kind: menu\n    text: main.head\n"
		 "    items:\n      - { digit: 9, go: find }\n" FIND REST,
	    7, "digit 9 and emergency" },
	{ "emergency with another digit",
	    HEAD MAIN "      - { digit: 2, go: emergency }\n" FIND REST, 9,
	    "digit 9 and emergency" },
	{ "main does not begin with emergency",
	    HEAD "  - id: main\n    kind: menu\n    text: main.head\n"
		 "    items:\n      - { digit: 1, go: find }\n"
		 "      - { digit: 9, go: emergency }\n" FIND REST,
	    7, "does not begin with emergency" },
	{ "menu without items",
	    BAD_LAST("  - { id: x, kind: menu, text: main.head }"), 15,
	    "without items" },
	{ "items outside a menu",
	    BAD_LAST("  - { id: x, kind: answer, text: main.head,\n"
		     "      items: [ { digit: 1, go: main } ] }"),
	    16, "it is no menu" },
	{ "ask-place is a dead end",
	    HEAD MAIN "  - id: find\n    kind: ask-place\n"
		      "    text: find.ask\n" REST,
	    9, "dead end" },
	{ "ask-place goes to a menu",
	    HEAD MAIN "  - id: find\n    kind: ask-place\n"
		      "    text: find.ask\n    go: main\n" REST,
	    12, "no directory" },
	{ "answer goes on",
	    BAD_LAST("  - { id: x, kind: answer, text: jobs.head, go: main }"),
	    15, "only ask-place and notice" },
	{ "topic outside a directory",
	    BAD_LAST("  - id: x\n    kind: answer\n    text: jobs.head\n"
		     "    topic: jobs"),
	    16, "no directory" },
	{ "topic and topics",
	    BAD_LAST("  - id: x\n    kind: directory\n    text: jobs.head\n"
		     "    topic: jobs\n    topics: [jobs]"),
	    19, "both topic and topics" },
	{ "unknown topic",
	    BAD_LAST("  - id: jobs\n    kind: directory\n    text: jobs.head\n"
		     "    topic: work"),
	    18, "unknown topic 'work'" },
	{ "unknown topic in a list",
	    BAD_LAST("  - id: jobs\n    kind: directory\n    text: jobs.head\n"
		     "    topics: [work]"),
	    18, "unknown topic 'work'" },
	{ "two directories of one topic",
	    BASE TOPIC("jobs") "  - { id: courses, kind: directory,\n"
			       "      text: jobs.head, topic: jobs }\n",
	    17, "second directory" },
	{ "otherwise to itself",
	    BAD_LAST("  - id: jobs\n    kind: directory\n    text: jobs.head\n"
		     "    topic: jobs\n    otherwise: jobs"),
	    19, "otherwise" },
	{ "notices in a ring",
	    BAD_LAST("  - { id: x, kind: notice, text: jobs.head, go: y }\n"
		     "  - { id: y, kind: notice, text: jobs.head, go: x }"),
	    15, "ring" },
	{ "nothing leads to a node",
	    BAD_LAST("  - { id: x, kind: answer, text: jobs.head }"), 15,
	    "nothing leads here" },
	{ "no main", HEAD FIND REST, 1, "no node 'main'" },
	{ "main of the wrong kind",
	    HEAD "  - { id: main, text: main.head, kind: answer }\n" FIND REST,
	    3, "required node of the wrong kind" },
	{ "calls without all their nodes",
	    BAD_LAST("  - { id: callback, kind: question, text: jobs.head,\n"
		     "      items: [ { digit: 1, go: main, label: jobs.head } "
		     "] }"),
	    1, "no node 'callback-when'" },
	{ "a call without a yes",
	    BAD_LAST(CALLS("1", "callback-noted", "1", "callback-noted")), 15,
	    "theirs alone" },
	{ "a call by another digit",
	    BAD_LAST(CALLS("2", "callback-when", "1", "callback-noted")), 15,
	    "theirs alone" },
	{ "a call at no hour",
	    BAD_LAST(CALLS("1", "callback-when", "5", "callback-noted")), 17,
	    "theirs alone" },
	{ "a topic without a directory", BASE TOPIC("documents"), 1,
	    "no directory for the topic 'registration'" },
};

static void
test_wrong(void)
{
	struct tree *t = NULL;
	struct diag diag;
	char at[32];
	const char *p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		diag = (struct diag){ .text = "" };
		EQ(load_text(wrong[i].text, &t, &diag), -EINVAL, wrong[i].name);
		snprintf(at, sizeof(at), ":%u: ", wrong[i].line);
		p = strstr(diag.text, wrong[i].line > 0 ? at : ":");
		OK(p != NULL && strstr(diag.text, wrong[i].says) != NULL,
		    wrong[i].name);
		if (p == NULL || strstr(diag.text, wrong[i].says) == NULL)
			printf("# want %u '%s', got: %s\n", wrong[i].line,
			    wrong[i].says, diag.text);
		OK(t == NULL, "the output is untouched");
	}
}

static void
test_files(void)
{
	struct tree *t = NULL;
	struct diag diag = { .text = "" };
	char *big = calloc(1, 300000);

	ASSERT(big != NULL);
	EQ(tree_load("tests/no-such-file.yaml", &content, &t, &diag), -ENOENT,
	    "a missing file");
	OK(strstr(diag.text, "no-such-file") != NULL, "it is named");
	memset(big, '#', 299999);
	EQ(load_text(big, &t, &diag), -EINVAL, "a file too long");
	free(big);
}

static void
test_shipped(void)
{
	struct tree *t = NULL;
	struct diag diag = { .text = "" };
	const struct node *node;
	uint16_t jobs = topics_find(content.topics, SV("jobs"));
	int rc = tree_load("menus/trees/main.yaml", &content, &t, &diag);

	EQ(rc, 0, "the shipped tree loads");
	if (rc < 0) {
		printf("# %s\n", diag.text);
		return;
	}
	node = tree_at(t, tree_main(t));
	OK(strcmp(node->id, "main") == 0 && node->kind == NODE_MENU, "main");
	EQ(node->items[0].go, tree_emergency(t), "emergency is first");
	EQ(node->items[0].digit, MENU_DIGIT_EMERGENCY, "by its digit");
	OK(strcmp(node->items[0].label, "label.emergency") == 0,
	    "a label by default");
	node = tree_at(t, tree_of_topic(t, jobs));
	EQ(node->kind, NODE_DIRECTORY, "a topic's node is a directory");
	EQ(node->topic, jobs, "of that topic");
	EQ(node->topics, UINT64_C(1) << jobs, "and of no other");
	node = tree_at(t, tree_emergency(t));
	EQ(node->topic, TOPIC_NONE, "emergency has no single topic");
	EQ(node->kinds,
	    1 << LISTING_HOTLINE | 1 << LISTING_NGO | 1 << LISTING_IGO,
	    "kinds are a mask");
	EQ(tree_at(t, tree_language(t))->kind, NODE_LANGUAGE, "language");
	EQ(tree_at(t, tree_counsellor(t))->kind, NODE_DIRECTORY, "counsellor");
	EQ(tree_find(t, SV("no")), NODE_NONE, "an unknown id");
	tree_free(&t);
	OK(t == NULL, "freed");
	tree_free(&t);
}

int
main(void)
{
	struct diag diag;

	ASSERT(texts_load("content/lang", &content.texts, &diag) == 0);
	ASSERT(topics_load("content/topics.csv", &content.topics, &diag) == 0);
	test_wrong();
	test_files();
	test_shipped();
	topics_free(&content.topics);
	texts_free(&content.texts);
	return tap_done();
}
