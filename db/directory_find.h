/*
 * directory_find.h - finds listings for the people who look after them.
 *
 * Errors as in db.h.
 */
#ifndef DB_DIRECTORY_FIND_H
#define DB_DIRECTORY_FIND_H

#include "db/directory.h"

/* A listing in short.  Lists have ';' before, between and behind. */
struct directory_found {
	struct sv id, names; /* names: JSON, by language */
	struct sv country, places, topics, kind, visibility;
	struct sv status; /* active, inactive ..., or new: a draft only */
	int64_t checked_ms, changed_ms, version;
	struct sv draft; /* its state, or empty */
	struct sv draft_who;
	int64_t draft_at_ms;
};

/* What is looked for; what is empty takes all. */
struct directory_find {
	struct sv text; /* words of names, descriptions, notes, in any language,
			   by their beginnings; digits of a number */
	struct sv topic, language, visibility, status;
	struct sv draft; /* state of a draft */
	/* When it was last checked, never being 0; until 0: no end, below 0:
	 * never checked. */
	int64_t checked_from_ms, checked_until_ms;
	bool oldest_first; /* by when they were checked, in place of names */
	/* Asked of each that fits so far; may be NULL. */
	bool (*fits)(void *arg, const struct directory_found *row);
	void *fits_arg;
	int64_t skip, most;
};

/*
 * Call fn for the found ones from the skip-th on, at most so many, by name, or
 * the best first where there is a text.  fits gets id, country, topics, places
 * alone.
 *
 * ret_total  how many there are in all
 */
MUST_USE int directory_find(struct directory *d,
    const struct directory_find *find,
    void (*fn)(void *arg, const struct directory_found *row), void *arg,
    int64_t *ret_total);

/* A row of a listing's history.  before is empty where there was none. */
struct directory_history {
	int64_t version, at_ms;
	struct sv who, action, before, after; /* JSON of directory_json.h */
};

/* Newest first, at most so many; fn returns false to stop. */
MUST_USE int directory_history_each(struct directory *d, struct sv id,
    int64_t most, bool (*fn)(void *arg, const struct directory_history *row),
    void *arg);

/* What a listing was at a version; free() it.  Returns also -ENOENT. */
MUST_USE int directory_history_text(
    struct directory *d, struct sv id, int64_t version, char **ret_text);

/* Somebody checked a listing; counts: its contacts are still the same. */
struct directory_check {
	int64_t at_ms;
	struct sv how, who;
	bool counts;
};

/* Newest first, at most so many; fn returns false to stop. */
MUST_USE int directory_checks_each(struct directory *d, struct sv id,
    int64_t most, bool (*fn)(void *arg, const struct directory_check *row),
    void *arg);

#endif
