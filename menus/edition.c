/* edition.c - loads directory, texts and menus as one, checked whole. */
#include "menus/edition.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "content/publish.h"
#include "menus/check.h"
#include "menus/replies.h"

/* What the check found first, for the one sentence of a refusal. */
struct first_problem {
	char line[384];
};

static void
on_problem(void *arg, const char *line)
{
	struct first_problem *first = arg;

	if (first->line[0] == '\0')
		snprintf(first->line, sizeof(first->line), "%s", line);
}

static void
on_parts(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

static int
check_all(const char *root, const struct edition *e, struct diag *reterr_diag)
{
	struct first_problem first = { .line = "" };
	const struct check_sink sink = { on_problem, on_parts, &first };
	unsigned problems = check_edition(e, &sink);

	if (problems == 0)
		return 0;
	return diag_set(reterr_diag, -EINVAL, "%s/content/lang: %s (%u in all)",
	    root, first.line, problems);
}

/* The project keeps its trees one folder deeper than an edition. */
static int
tree_path(const char *root, char path[PATH_MAX], struct diag *reterr_diag)
{
	int n = snprintf(path, PATH_MAX, "%s/menus/trees/main.yaml", root);

	if (n >= 0 && n < PATH_MAX && access(path, R_OK) == 0)
		return 0;
	n = snprintf(path, PATH_MAX, "%s/menus/main.yaml", root);
	if (n < 0 || n >= PATH_MAX)
		return diag_set(reterr_diag, -EINVAL,
		    "the name of the edition's folder is too long; move it");
	return 0;
}

static int
edition_read(const char *root, struct edition *e, struct diag *reterr_diag)
{
	char path[PATH_MAX];
	int rc, n;

	n = snprintf(path, sizeof(path), "%s/content", root);
	if (n < 0 || n >= PATH_MAX)
		return diag_set(reterr_diag, -EINVAL,
		    "the name of the edition's folder is too long; move it");
	rc = content_load(path, &e->content, reterr_diag);
	if (rc == 0)
		rc = tree_path(root, path, reterr_diag);
	if (rc == 0)
		rc = tree_load(path, &e->content, &e->tree, reterr_diag);
	if (rc == 0)
		rc = matcher_new(&e->content, &e->matcher, reterr_diag);
	if (rc == 0)
		rc = latin_new(&e->latin, reterr_diag);
	if (rc == 0)
		e->labels = labels_new(&e->content, e->tree, e->latin);
	return rc == 0 ? check_all(root, e, reterr_diag) : rc;
}

int
edition_load(const char *root, int64_t number, struct edition **ret_edition,
    struct diag *reterr_diag)
{
	struct edition *e = calloc(1, sizeof(*e));
	int rc;

	ASSERT(e != NULL);
	e->number = number;
	rc = edition_read(root, e, reterr_diag);
	if (rc < 0) {
		edition_free(&e);
		return rc;
	}
	e->replies = replies_new();
	*ret_edition = e;
	return 0;
}

void
edition_free(struct edition **ep)
{
	if (*ep == NULL)
		return;
	replies_free(&(*ep)->replies);
	labels_free(&(*ep)->labels);
	latin_free(&(*ep)->latin);
	matcher_free(&(*ep)->matcher);
	tree_free(&(*ep)->tree);
	content_done(&(*ep)->content);
	free(*ep);
	*ep = NULL;
}

int
edition_check(const struct edition *e,
    void (*report)(void *arg, const char *line), void *arg)
{
	const struct check_sink sink = { report, report, arg };

	return (int)check_edition(e, &sink);
}

int
edition_load_published(const char *data, int64_t number,
    struct edition **ret_edition, struct diag *reterr_diag)
{
	char root[CONTENT_PATH_MAX];
	struct diag why;
	int rc = content_edition_path(data, number, root);

	if (rc < 0)
		return diag_set(reterr_diag, rc, "%s: %s", data, strerror(-rc));
	rc = edition_load(root, number, ret_edition, &why);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "edition %lld does not fit this program, `safarctl --data "
		    "%s publish` makes one that does: %s",
		    (long long)number, data, why.text);
	return 0;
}
