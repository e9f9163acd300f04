/* unpublished.c - what lies in the share folder and not in an edition. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "content/file.h"
#include "content/publish.h"

enum { FILE_BYTES_MAX = 64 << 20, NAME_MAX_BYTES = 256 };

struct comparing {
	const char *share, *edition;
	content_name_fn *fn;
	void *arg;
	bool taught; /* words of the console, too, which no share has */
};

/* The text of a file, or NULL: what cannot be read is not the same. */
static char *
text_of(const char *folder, const char *name, size_t *ret_n)
{
	char path[CONTENT_PATH_MAX], *text = NULL;
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	struct diag unread;

	if (n < 0 || n >= CONTENT_PATH_MAX ||
	    file_read_text(path, FILE_BYTES_MAX, &text, ret_n, &unread) < 0)
		return NULL;
	return text;
}

static void
compare(const struct comparing *c, const char *name, const char *there)
{
	size_t n = 0, m = 0;
	char *here = text_of(c->share, name, &n);
	char *published = text_of(c->edition, there, &m);

	if (here == NULL || published == NULL || n != m ||
	    memcmp(here, published, n) != 0)
		c->fn(c->arg, name);
	free(here);
	free(published);
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

/* The console's own texts are in no edition, what it taught in no share. */
static bool
is_texts(const struct comparing *c, const char *name)
{
	return name[0] != '.' && ends_with(name, ".po") &&
	       !ends_with(name, ".console.po") &&
	       (c->taught || !ends_with(name, ".taught.po"));
}

/* Every file of texts in either folder, once. */
static int
compare_texts(const struct comparing *c, const char *folder, bool only_new)
{
	static const char lang[] = "content/lang";
	char path[CONTENT_PATH_MAX], name[sizeof(lang) + NAME_MAX_BYTES];
	const struct dirent *entry;
	char *twice;
	size_t n;
	DIR *d;

	if (snprintf(path, sizeof(path), "%s/%s", folder, lang) >=
	    CONTENT_PATH_MAX)
		return -ENAMETOOLONG;
	d = opendir(path);
	if (d == NULL)
		return -errno;
	while ((entry = readdir(d)) != NULL) {
		if (!is_texts(c, entry->d_name))
			continue;
		(void)snprintf(
		    name, sizeof(name), "%s/%s", lang, entry->d_name);
		twice = only_new ? text_of(c->share, name, &n) : NULL;
		if (twice == NULL)
			compare(c, name, name);
		free(twice);
	}
	(void)closedir(d);
	return 0;
}

int
content_unpublished(const char *data, int64_t number, const char *share,
    content_name_fn *fn, void *arg)
{
	char edition[CONTENT_PATH_MAX];
	const struct comparing c = { share, edition, fn, arg, false };
	int rc = content_edition_path(data, number, edition);

	if (rc < 0)
		return rc;
	compare(&c, "menus/trees/main.yaml", "menus/main.yaml");
	compare(&c, "content/topics.csv", "content/topics.csv");
	compare(&c, "content/gazetteer.csv", "content/gazetteer.csv");
	rc = compare_texts(&c, share, false);
	return rc < 0 ? rc : compare_texts(&c, edition, true);
}

static void
on_other(void *arg, const char *name)
{
	(void)name;
	*(bool *)arg = true;
}

bool
content_stage_is(
    const struct content_stage *stage, const char *data, int64_t number)
{
	char edition[CONTENT_PATH_MAX];
	bool other = false;
	const struct comparing c = { stage->path, edition, on_other, &other,
		true };
	static const char *const files[] = { "menus/main.yaml",
		"content/topics.csv", "content/gazetteer.csv",
		"content/orgs/directory.csv" };
	size_t i;

	if (content_edition_path(data, number, edition) < 0)
		return false;
	for (i = 0; i < ARRAY_LEN(files) && !other; i++)
		compare(&c, files[i], files[i]);
	return !other && compare_texts(&c, stage->path, false) == 0 &&
	       compare_texts(&c, edition, true) == 0 && !other;
}
