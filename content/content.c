/* content.c - loads the parts of one edition's content in order. */
#include "content/content.h"

#include <stdio.h>

enum { PATH_BYTES_MAX = 1024 };

/* Where a part lies; a root too long for any path gives "" (no such file). */
static const char *
part(char path[PATH_BYTES_MAX], const char *root, const char *name)
{
	int n = snprintf(path, PATH_BYTES_MAX, "%s/%s", root, name);

	if (n < 0 || n >= PATH_BYTES_MAX)
		path[0] = '\0';
	return path;
}

int
content_load(
    const char *root, struct content *ret_content, struct diag *reterr_diag)
{
	struct content c = { 0 };
	char path[PATH_BYTES_MAX];
	int rc;

	rc =
	    topics_load(part(path, root, "topics.csv"), &c.topics, reterr_diag);
	if (rc == 0)
		rc = places_load(
		    part(path, root, "gazetteer.csv"), &c.places, reterr_diag);
	if (rc == 0)
		rc =
		    texts_load(part(path, root, "lang"), &c.texts, reterr_diag);
	if (rc == 0)
		rc = listings_load(part(path, root, "orgs"), c.topics, c.places,
		    &c.listings, reterr_diag);
	if (rc < 0) {
		content_done(&c);
		return rc;
	}
	*ret_content = c;
	return 0;
}

void
content_done(struct content *c)
{
	listings_free(&c->listings);
	texts_free(&c->texts);
	places_free(&c->places);
	topics_free(&c->topics);
}
