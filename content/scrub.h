/*
 * scrub.h - what a text says, without what it says of somebody.
 */
#ifndef CONTENT_SCRUB_H
#define CONTENT_SCRUB_H

#include "daemon/base/arena.h"
#include "daemon/base/sv.h"

enum { SCRUB_MAX = 2000 /* bytes kept of a text */ };

/*
 * Take out digits of every script, mail addresses, user names and links; one
 * space stands between the words that are left.
 *
 * text  UTF-8; broken bytes are left out
 *
 * Returns a view into the arena of at most SCRUB_MAX bytes, "" if nothing is
 * left.
 */
struct sv scrub_text(struct sv text, struct arena *a);

#endif
