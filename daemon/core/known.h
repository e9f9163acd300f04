/*
 * known.h - what texts were understood as, the last time somebody wrote them.
 *
 * Most texts are a digit, a word of the menu, or one of the sentences that
 * many write.  No text is kept: a hash under a key of this process stands for
 * it, which nobody can make a second text for.
 */
#ifndef DAEMON_CORE_KNOWN_H
#define DAEMON_CORE_KNOWN_H

#include "menus/match.h"

struct edition;
struct known;

struct known *known_new(void);
void known_free(struct known **kp);

/* As match_text() of the edition's matcher: it is asked once for what is
 * written again and again. */
void known_match(struct known *k, const struct edition *e, struct sv text,
    struct match *ret_match);

#endif
