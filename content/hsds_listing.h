/*
 * hsds_listing.h - a service of HSDS as a listing laid flat.
 *
 * Ours come back as they were.  Those of others become one listing for each
 * service, called by the service's id; what HSDS has no column for is made of
 * what there is: topics by the names of terms, places by the names of areas
 * and towns, numbers read by libphonenumber.
 */
#ifndef CONTENT_HSDS_LISTING_H
#define CONTENT_HSDS_LISTING_H

#include "content/hsds.h"
#include "content/listing_row.h"

struct hsds_listing {
	/* p of a field is NULL where the data set does not say: it stays as it
	 * is known.  Views into the data set and its arena. */
	struct directory_row row;
	bool ours;	  /* made by a Safar */
	bool bad;	  /* one of its rows is */
	const char *file; /* where its service was read */
	unsigned line;
	struct sv bad_file; /* of bad: which row */
	unsigned bad_line;
	struct sv last_modified; /* as the data set has it */
	struct sv checked_how;	 /* "phone" ..., of row.checked_ms */
	struct sv terms;	 /* of others, that are none of our topics */
};

struct hsds_rules {
	const struct listing_rules *listing;
	/* The listing whose service has this id; empty: none. */
	struct sv (*listing_of)(void *arg, struct sv service_id);
	void *arg;
};

/* Lay a service flat; h is sorted and checked. */
void hsds_listing_of(struct hsds *h, const struct hsds_row *service,
    const struct hsds_rules *rules, struct hsds_listing *ret_listing);

/* The topic that a term of any taxonomy means, or TOPIC_NONE. */
uint16_t hsds_term_topic(
    const struct topics *topics, const struct hsds_row *term);

#endif
