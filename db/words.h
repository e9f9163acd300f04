/*
 * words.h - words that somebody wants people to be understood by: drafts until
 * they are approved.  Errors as in db.h.
 */
#ifndef DB_WORDS_H
#define DB_WORDS_H

#include "db/directory.h"

/* Views, until fn returns. */
struct word {
	int64_t id;
	struct sv lang, topic, word;
	struct sv state; /* "draft", "approved", "rejected" */
	int64_t at_ms, who_id;
	struct sv who;
	int64_t decided_ms; /* 0: not yet */
	struct sv decider;
};

/*
 * Add a draft: id, state and who decided are not looked at.
 *
 * Returns also -EEXIST: this language has the word, for whatever topic, and it
 * was not rejected.
 */
MUST_USE int word_put(
    struct directory *d, const struct word *word, int64_t *ret_id);

/* All, the newest first; or, taught, the approved ones in order of language,
 * topic and word.  fn returns false to stop, and asks nothing of the store. */
MUST_USE int words_each(struct directory *d, bool taught,
    bool (*fn)(void *arg, const struct word *word), void *arg);

/* One of them.  Returns also -ENOENT. */
MUST_USE int word_get(struct directory *d, int64_t id,
    void (*fn)(void *arg, const struct word *word), void *arg);

/* Approve it or reject it; an approved one can still be rejected.  Returns also
 * -ENOENT, -EALREADY (it is so). */
MUST_USE int word_decide(struct directory *d, int64_t id, bool approve,
    struct sv who, int64_t at_ms);

#endif
