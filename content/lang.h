/*
 * lang.h - the seven written forms of six languages.
 *
 * Codes are gettext locale names, so a PO file is called CODE.po.
 */
#ifndef CONTENT_LANG_H
#define CONTENT_LANG_H

#include "daemon/base/sv.h"

enum lang {
	LANG_RU,
	LANG_KY,
	LANG_TG,
	LANG_UZ,
	LANG_UZ_CYRL,
	LANG_KK,
	LANG_EN,
	LANG_COUNT,
	LANG_NONE = LANG_COUNT, /* not known (yet) */
};

/* "ru" "ky" "tg" "uz" "uz@cyrillic" "kk" "en"; "" for LANG_NONE. */
const char *lang_code(enum lang lang);

/* The form with this code, or LANG_NONE. */
enum lang lang_of(struct sv code);

/* Where to look next when a form lacks a text: uz@cyrillic -> uz -> ru -> en,
 * every other -> ru -> en; LANG_NONE after en. */
enum lang lang_fallback(enum lang lang);

/* The form most people write in a country ("kg" -> ky, "tj" -> tg, "uz" -> uz,
 * "kz" -> kk, else ru for the former Union, en elsewhere). */
enum lang lang_of_country(const char *country);

/* True for the code of any language: ours, and two or three letters of ISO 639
 * that ICU knows. */
bool lang_is_code(struct sv code);

#endif
