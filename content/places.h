/*
 * places.h - the gazetteer: countries, regions, cities, districts.
 *
 * Read from gazetteer.csv: id,country,kind,parent,lat,lon,name_ru,name_ky,
 * name_tg,name_uz_latn,name_uz_cyrl,name_kk,name_en,aliases,names_to_review,
 * utc.
 */
#ifndef CONTENT_PLACES_H
#define CONTENT_PLACES_H

#include "content/lang.h"
#include "daemon/base/diag.h"

enum {
	PLACE_NONE = 0xffff,
	PLACE_UTC_MIN = 5 * 60, /* where nothing is known: Tashkent's */
};
enum place_kind { PLACE_COUNTRY, PLACE_REGION, PLACE_CITY, PLACE_DISTRICT };

struct place {
	const char *id;	     /* "ru-moscow" */
	const char *country; /* "ru" */
	enum place_kind kind;
	uint16_t parent; /* index, or PLACE_NONE */
	double lat, lon;
	int utc_min;	/* local time is so many minutes ahead of UTC */
	int summer_min; /* and in summer; the same where clocks stay */
	struct sv names[LANG_COUNT]; /* never empty */
	struct sv aliases;	     /* ';' between them */
};

struct places;

/* Returns 0, -ENOENT, -EINVAL with FILE:LINE in reterr_diag. */
MUST_USE int places_load(
    const char *path, struct places **ret_places, struct diag *reterr_diag);
void places_free(struct places **pp);

uint16_t places_count(const struct places *p);
const struct place *places_at(const struct places *p, uint16_t index);

/* Index of an id, or PLACE_NONE.  A country's id is its ISO code. */
uint16_t places_find(const struct places *p, struct sv id);

/*
 * Minutes that local time is ahead of UTC at a time.  Summer lasts from the
 * last Sunday of March to that of October, 01:00 UTC, as in the European Union
 * (directive 2000/84/EC, articles 2 and 3), Ukraine and Moldova.
 */
int place_utc(const struct place *place, int64_t at_ms);

/* True if inner is outer or lies in it. */
bool places_within(const struct places *p, uint16_t inner, uint16_t outer);

/* Great-circle distance in kilometres. */
double places_km(const struct places *p, uint16_t a, uint16_t b);

#endif
