/*
 * replies.h - replies made before, by exactly what they were made from.
 *
 * A reply follows from where a person is and what they were understood to say;
 * both are few.  To find the fewest parts for a list costs a hundred times
 * what a whole turn may cost, so it is done once for each.  At most
 * REPLIES_MAX are kept, a newer one in the place of an older one.
 */
#ifndef MENUS_REPLIES_H
#define MENUS_REPLIES_H

#include "menus/step.h"

enum { REPLIES_MAX = 4096 };

/* All that a reply depends on, within one edition. */
struct reply_key {
	struct menu_session session; /* before, with what the text told */
	uint16_t topic;
	uint16_t choices[MATCH_CHOICES_MAX];
	uint16_t withheld; /* listings that are too long unchecked by now */
	uint8_t choice_count, kind, command, wanted, number, flags;
	char country[4];
};

struct replies;

struct replies *replies_new(void);
void replies_free(struct replies **rp);

/* ret_key  every byte of it is set.  False: a reply that is not kept. */
bool replies_key(const struct edition *e, const struct menu_input *in,
    const struct menu_result *before, struct reply_key *ret_key);

/* True if it was made before: sets all of the result but its match. */
bool replies_find(const struct replies *r, const struct reply_key *key,
    struct arena *arena, struct menu_result *ret_result);

void replies_keep(struct replies *r, const struct reply_key *key,
    const struct menu_result *result);

#endif
