/* match_inner.h - the matcher's parts; for match.c and explain.c only. */
#ifndef MENUS_MATCH_INNER_H
#define MENUS_MATCH_INNER_H

#include "menus/match.h"
#include "menus/score.h"
#include "menus/whole.h"

struct matcher {
	struct fold *fold;
	struct lexicon *lexicon;
	struct places_match *places;
	const struct topics *topics;
	const struct places *gazetteer;
	struct whole *whole; /* NULL while it is being made */
	uint16_t harm_reduction, mental_health;
	/* scratch of match_text: too large to be zeroed on every call */
	struct score_sheet *sheet;
};

/* Told of each reading that was scored; NULL where nobody asks. */
struct match_watch {
	void (*fn)(void *arg, const char *line);
	void *arg;
	const struct matcher *m;
};

/* Say what the sheet of a reading holds, then what it would mean alone. */
void explain_sheet(const struct match_watch *w, const char *stage,
    const struct score_sheet *s, const struct match *r);

#endif
