/*
 * pages.h - what of every reply can be read on a locked phone.
 *
 * check.h looks at texts and names by themselves, each time an edition is
 * loaded.  This makes the replies, as people get them: some seconds, for who
 * changes content.
 */
#ifndef MENUS_PAGES_H
#define MENUS_PAGES_H

#include "menus/check.h"

/*
 * Make every page of every node in every language and alphabet, for phones of
 * Central Asia, Russia and elsewhere, and tell sink of those that name a topic
 * within the first PREVIEW_CHARS characters.
 *
 * ret_pages  how many there were
 *
 * Returns the number of problems.
 */
MUST_USE unsigned pages_check(
    const struct edition *e, const struct check_sink *sink, size_t *ret_pages);

#endif
