/*
 * topics.h - what people ask about: the taxonomy of the directory.
 *
 * Read from topics.csv: id,urgent,health,sensitive,parent (a topic to look
 * under when nobody is listed for this one).  A set of topics is a bit mask.
 */
#ifndef CONTENT_TOPICS_H
#define CONTENT_TOPICS_H

#include "daemon/base/diag.h"
#include "daemon/base/sv.h"

enum { TOPIC_MAX = 64, TOPIC_NONE = 0xffff };

struct topic {
	const char *id;	 /* "work-permit" */
	bool urgent;	 /* wins ties: violence, trafficking */
	bool health;	 /* listings of it alone do not come first */
	bool sensitive;	 /* its words never stand in the first 40 characters */
	uint16_t parent; /* index, or TOPIC_NONE */
};

struct topics;

/* Returns 0, -ENOENT, -EINVAL with FILE:LINE in reterr_diag. */
MUST_USE int topics_load(
    const char *path, struct topics **ret_topics, struct diag *reterr_diag);
void topics_free(struct topics **tp);

uint16_t topics_count(const struct topics *t);
const struct topic *topics_at(const struct topics *t, uint16_t index);

/* Index of an id, or TOPIC_NONE. */
uint16_t topics_find(const struct topics *t, struct sv id);

#endif
