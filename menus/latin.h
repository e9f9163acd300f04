/*
 * latin.h - writes Cyrillic in Latin letters, as readers of the language do.
 *
 * A person may ask for it: a reply then costs half or less, because it stays
 * in GSM-7.  ICU transliteration with a table of letters for each language;
 * built once per edition.
 */
#ifndef MENUS_LATIN_H
#define MENUS_LATIN_H

#include "content/lang.h"
#include "daemon/base/diag.h"
#include "daemon/base/sb.h"

struct latin;

/* Returns 0, -EINVAL if ICU lacks its own data. */
MUST_USE int latin_new(struct latin **ret_latin, struct diag *reterr_diag);
void latin_free(struct latin **lp);

/*
 * Rewrite a text, which may mix languages, by the letters of lang.  ASCII
 * stays as it is, so a number, an e-mail address or a URL does; of the rest
 * nothing is left that is not in GSM-7.  What outgrows b, or a text over
 * LATIN_UNITS_MAX, makes b full.
 */
enum { LATIN_UNITS_MAX = 4096 /* of UTF-16, before and after */ };
void latin_write(const struct latin *l, enum lang lang, struct sb *b);

/*
 * An e-mail address, URL or name of a host as it can be written in ASCII:
 * itself, or for a host in Cyrillic its ASCII form (RFC 3490, section 4).
 *
 * Returns 0, -EINVAL if there is no such form.
 */
MUST_USE int latin_address(
    struct arena *arena, struct sv address, struct sv *ret_address);

#endif
