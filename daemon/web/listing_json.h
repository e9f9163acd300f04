/*
 * listing_json.h - a listing as the pages have it, and what is wrong with it.
 *
 *   {name_en, name_ru, names:{ky,tg,uz,uz@cyrillic,kk}, country, places:[],
 *    topics:[], kind, visibility, status, phones:[{number,as_printed,
 *    description}], short_codes:[], ..., descriptions:{ru,...}}
 *
 * Every member is a string, a list of strings, or as shown; what is missing is
 * empty.
 */
#ifndef DAEMON_WEB_LISTING_JSON_H
#define DAEMON_WEB_LISTING_JSON_H

#include <jansson.h>

#include "daemon/base/arena.h"
#include "db/directory.h"

struct content;
struct phones;

json_t *listing_json(const struct directory_row *row);

/*
 * Read what a page sent.
 *
 * wrong  an object, to which {field: code} is added: no_text, too_long,
 *        too_many, invalid
 *
 * ret_row: views into the arena, NUL terminated; without its id.
 */
void listing_json_read(const json_t *in, struct arena *arena,
    struct directory_row *ret_row, json_t *wrong);

/* What a value is looked up in. */
struct listing_known {
	const struct content *content;
	const struct phones *phones;
};

/* Write numbers as E.164, with the listing's country where they have none; what
 * is no number stays. */
void listing_phones_settle(struct directory_row *row,
    const struct listing_known *known, struct arena *arena);

/*
 * Add {field: code} of values that are none: unknown, phone, phone_home (not in
 * the listing's country), short_code, email, website, invalid.
 *
 * whole  also of what a listing must have, and a draft may lack yet: needed
 */
void listing_check(const struct directory_row *row,
    const struct listing_known *known, bool whole, json_t *wrong);

/* [{field,before,after}] of the members that are not the same; NULL: empty. */
json_t *listing_changes(
    const struct directory_row *before, const struct directory_row *after);

#endif
