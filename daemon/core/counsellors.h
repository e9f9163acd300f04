/*
 * counsellors.h - who talks to callers, by language and hour.
 *
 * Read from the setting voice.counsellors, by spaces:
 *
 *   LANGUAGES@HHMM-HHMM=TARGET     ru,ky@0900-1800=PJSIP/anna
 *
 * LANGUAGES are codes with commas, or any.  The hours are local; they may pass
 * midnight.  TARGET is what Dial takes: letters, digits and _ . - + / @ : only.
 */
#ifndef DAEMON_CORE_COUNSELLORS_H
#define DAEMON_CORE_COUNSELLORS_H

#include "content/lang.h"
#include "daemon/base/diag.h"

enum { COUNSELLORS_MAX = 32, COUNSELLOR_TARGET_MAX = 79 };

struct counsellor {
	unsigned langs;	   /* bit by language */
	unsigned from, to; /* minutes of the day; the same: always */
	char target[COUNSELLOR_TARGET_MAX + 1];
};

struct counsellors {
	struct counsellor list[COUNSELLORS_MAX];
	size_t count;
};

/* Returns 0, -EINVAL with what is wrong and what to write. */
MUST_USE int counsellors_read(const char *setting,
    struct counsellors *ret_counsellors, struct diag *reterr_diag);

/* Whoever is there for a language at a minute of the local day, the first in
 * the setting; NULL if nobody is. */
const struct counsellor *counsellors_find(
    const struct counsellors *c, enum lang lang, unsigned minute);

/* The languages that somebody is there for then: bits. */
unsigned counsellors_langs(const struct counsellors *c, unsigned minute);

#endif
