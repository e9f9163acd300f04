/*
 * kit.h - the project's own words, for the tests of the suite "words".
 */
#ifndef TESTS_WORDS_KIT_H
#define TESTS_WORDS_KIT_H

#include <stdlib.h>

#include "menus/fold.h"
#include "menus/match.h"
#include "tests/tap.h"

static struct content kit_content;
static struct matcher *kit_matcher;

/* Help is the main menu, and who wants to be called wants a counsellor: nothing
 * tells them apart in what is asked for. */
static const char *const kit_commands[CMD_COUNT] = { "menu", "back", "more",
	"language", "stop", "forget", "counsellor", "counsellor", "emergency",
	"menu", "latin", "cyrillic", "start", "plain", "plain.always",
	"discreet", "offices", "decoy" };

static inline bool
kit_open(void)
{
	struct diag d = { "" };

	EQ(topics_load("content/topics.csv", &kit_content.topics, &d), 0,
	    d.text);
	EQ(places_load("content/gazetteer.csv", &kit_content.places, &d), 0,
	    d.text);
	EQ(texts_load("content/lang", &kit_content.texts, &d), 0, d.text);
	EQ(matcher_new(&kit_content, &kit_matcher, &d), 0, "the words load");
	if (kit_matcher == NULL)
		printf("# %s\n", d.text);
	return kit_matcher != NULL;
}

static inline int
kit_close(void)
{
	matcher_free(&kit_matcher);
	texts_free(&kit_content.texts);
	places_free(&kit_content.places);
	topics_free(&kit_content.topics);
	return tap_done();
}

/* A topic's id, a command, "number:3", "place", or "none" for a question. */
static inline const char *
kit_intent(const struct match *m, char buf[24])
{
	switch (m->kind) {
	case MATCH_COMMAND:
		return kit_commands[m->command];
	case MATCH_NUMBER:
		(void)snprintf(buf, 24, "number:%u", m->number);
		return buf;
	case MATCH_TOPIC:
		return topics_at(kit_content.topics, m->topic)->id;
	case MATCH_PLACE:
		return "place";
	case MATCH_NONE:
		break;
	}
	return "none";
}

static inline bool
kit_asked(const struct match *m, const char *topic)
{
	for (size_t i = 0; i < m->choice_count; i++) {
		if (strcmp(topics_at(kit_content.topics, m->choices[i])->id,
			topic) == 0)
			return true;
	}
	return false;
}

static inline double
kit_percent(size_t part, size_t all)
{
	return all == 0 ? 100.0 : 100.0 * (double)part / (double)all;
}

/* Numbers that look random and are the same in every run (Marsaglia 2003,
 * "Xorshift RNGs", the triple 13, 17, 5). */
static inline uint32_t
kit_random(uint32_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

#endif
