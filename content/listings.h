/*
 * listings.h - the published directory in memory: who helps, with what, where.
 *
 * Read from every CSV file of a folder (columns as in content/orgs/README.md),
 * rows with the same id merged: the newer contact wins.  Immutable.
 */
#ifndef CONTENT_LISTINGS_H
#define CONTENT_LISTINGS_H

#include "content/places.h"
#include "content/topics.h"

enum {
	LISTING_PHONES_MAX = 4,
	LISTING_PLACES_MAX = 16,
	LISTING_FOUND_MAX = 64,
};

enum listing_kind {
	LISTING_HOTLINE,
	LISTING_NGO,
	LISTING_IGO,
	LISTING_CLINIC,
	LISTING_GOVERNMENT,
	LISTING_OTHER,
	LISTING_KIND_COUNT,
};

struct listing {
	const char *id;		     /* "hotline-kz-11616" */
	struct sv names[LANG_COUNT]; /* empty where nobody gave one */
	const char *country;	     /* "kz" or "" */
	const char *serves; /* citizens of this country only: consulates; "" */
	enum listing_kind kind;
	uint64_t topics;     /* bit mask of topic indexes */
	uint16_t main_topic; /* the first one named; 0 if it has none */
	uint16_t places[LISTING_PLACES_MAX];
	size_t place_count;
	struct sv phones[LISTING_PHONES_MAX]; /* E.164 */
	bool tollfree[LISTING_PHONES_MAX];
	size_t phone_count;
	struct sv short_code;
	/* Codes with ';': where short_code and toll-free numbers work; "any"
	 * or empty: in country only.  Of who helps in some towns or regions
	 * and not in all of the country, only there.  Other numbers work from
	 * everywhere. */
	struct sv reachable_from;
	struct sv email, website, address, hours, description;
	struct sv seen;	    /* when the source was read, as written */
	unsigned year;	    /* newest year in seen or source_year, 0 unknown */
	int64_t checked_ms; /* last verification by a person, 0 never */
	bool for_callers;   /* false: operators only, never given out */
	bool general;	    /* an emergency number: general knowledge, may be
			       shown unverified */
};

struct listings;

/* Returns 0, -ENOENT, -EINVAL with FILE:LINE in reterr_diag. */
MUST_USE int listings_load(const char *dir, const struct topics *topics,
    const struct places *places, struct listings **ret_listings,
    struct diag *reterr_diag);
void listings_free(struct listings **lp);

size_t listings_count(const struct listings *l);
const struct listing *listings_at(const struct listings *l, size_t index);

/* The listing with this id, or NULL. */
const struct listing *listings_find(const struct listings *l, struct sv id);

struct listing_query {
	uint64_t topics;	/* any of these; 0: all topics */
	uint64_t also;		/* these too, behind them */
	uint32_t kinds;		/* bit mask of enum listing_kind; 0: all */
	uint16_t place;		/* where the person is, or PLACE_NONE */
	const char *from;	/* country of the caller's number, or "" */
	const char *serves;	/* likely citizenship, or "" */
	unsigned verified_days; /* 0: unverified ones too; else withhold what
				   was not verified in so many days */
	int64_t now_ms;
};

/* One thing a person can dial or write to; never a number that does not work
 * from their country. */
struct listing_contact {
	struct sv text; /* "+74957777777", "1414", "help@example.org" */
	bool is_phone;
};

/*
 * Find listings, best first: topic (the listing's main one before its others),
 * then nearest place (same city or district, same region, same country;
 * beyond that nothing but the country's own), then who can be called, not only
 * written to, then who is not mainly there for people in danger, unless that
 * is asked about, then those for citizens of query->serves, verified ones,
 * kind, name.  Only listings for callers that have a contact reachable from
 * query->from, and none for citizens of another state than query->serves.
 *
 * ret_found  up to LISTING_FOUND_MAX pointers, valid as long as l
 *
 * Returns how many.
 */
size_t listings_query(const struct listings *l, const struct listing_query *q,
    const struct listing *ret_found[LISTING_FOUND_MAX]);

/* How many listings such a query withholds, in the whole directory; the same
 * number at two times: the same ones. */
size_t listings_withheld(
    const struct listings *l, unsigned verified_days, int64_t now_ms);

/* Who asks: it decides which numbers work for them. */
struct listing_caller {
	const char *from; /* country of their number, or "" */
	const struct places *places;
	uint16_t at; /* where they are, or PLACE_NONE */
};

/*
 * The contact to give to a caller: first a number that works where they are,
 * then e-mail, website.
 *
 * Returns 0, -ENOENT if there is none.
 */
MUST_USE int listing_contact(const struct listing *l,
    const struct listing_caller *who, struct listing_contact *ret_contact);

#endif
