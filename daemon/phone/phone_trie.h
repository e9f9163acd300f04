/*
 * phone_trie.h - the mobile ranges of our countries, learned at start.
 *
 * Built by probing libphonenumber: a prefix of three digits after the calling
 * code is taken when five fourth digits, each followed by pseudo-random ones,
 * make valid mobile numbers of one and the same country.  All else is left to
 * the library.  Inside the phone folder only; tests look at it too.
 */
#ifndef DAEMON_PHONE_PHONE_TRIE_H
#define DAEMON_PHONE_PHONE_TRIE_H

#include "daemon/base/sv.h"

struct phone_trie;

struct phone_trie *phone_trie_new(void);
void phone_trie_free(struct phone_trie **tp);

/*
 * Find the country of a whole mobile number.
 *
 * digits  calling code and number: only digits, no '+'
 *
 * Returns the region in upper case, NULL if the library must be asked.
 */
const char *phone_trie_find(const struct phone_trie *t, struct sv digits);

/* True if the ranges of this region (upper case) were probed. */
bool phone_trie_has(const struct phone_trie *t, const char *region);

#endif
