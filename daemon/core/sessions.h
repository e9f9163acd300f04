/*
 * sessions.h - where people are in the talk, each place kept once.
 *
 * Most of a million people stand at one of some thousand places: a person has
 * the number of theirs.  It is counted who has it; what nobody has goes.
 */
#ifndef DAEMON_CORE_SESSIONS_H
#define DAEMON_CORE_SESSIONS_H

#include "menus/step.h"

enum {
	SESSIONS_NONE = 0,	 /* of a person never seen */
	SESSIONS_NUMBER_LEN = 3, /* bytes that hold any number */
};

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions **sp);

/*
 * One more has this session.
 *
 * Returns its number, for sessions_drop(); SESSIONS_NONE for one never seen,
 * and, as if it were forgotten, for one more than 65,535 of one hash in 256.
 */
uint32_t sessions_take(struct sessions *s, const struct menu_session *session);

/* One less has it. */
void sessions_drop(struct sessions *s, uint32_t number);

/* Good until the next call. */
const struct menu_session *sessions_at(
    const struct sessions *s, uint32_t number);

/* Carry all to another edition; numbers stay. */
void sessions_move(
    struct sessions *s, const struct edition *from, const struct edition *to);

/* Different ones, without that of nobody; two may be equal after a move. */
size_t sessions_count(const struct sessions *s);

/* Memory that they take. */
size_t sessions_bytes(const struct sessions *s);

#endif
