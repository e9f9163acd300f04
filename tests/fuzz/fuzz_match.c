/* fuzz_match.c - any bytes: no crash, and an answer that makes sense. */
#include "menus/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct content content;
static struct matcher *matcher;

static void
load(void)
{
	struct diag d;

	ASSERT(topics_load("content/topics.csv", &content.topics, &d) == 0);
	ASSERT(places_load("content/gazetteer.csv", &content.places, &d) == 0);
	ASSERT(texts_load("content/lang", &content.texts, &d) == 0);
	ASSERT(matcher_new(&content, &matcher, &d) == 0);
}

static void
on_line(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct match m, again;

	if (matcher == NULL)
		load();
	match_text(matcher, (struct sv){ (const char *)data, size }, &m);
	ASSERT(m.choice_count <= MATCH_CHOICES_MAX);
	ASSERT(m.number <= 9);
	ASSERT(m.lang <= LANG_NONE && m.wanted <= LANG_NONE);
	ASSERT((m.kind == MATCH_TOPIC) == (m.topic != TOPIC_NONE));
	ASSERT(m.kind == MATCH_NONE || m.choice_count == 0);
	/* again, and by the long way where a whole text is known beforehand */
	match_explain(matcher, (struct sv){ (const char *)data, size }, on_line,
	    NULL, &again);
	ASSERT(match_same(&m, &again));
	return 0;
}
