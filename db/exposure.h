/*
 * exposure.h - what somebody who takes hotline.db can make of it.
 */
#ifndef DB_EXPOSURE_H
#define DB_EXPOSURE_H

#include "db/db.h"

/* The log of one epoch. */
struct db_exposed {
	int64_t epoch;
	int64_t rows;		   /* requests */
	int64_t linked;		   /* of them with a pseudonym */
	int64_t people;		   /* different ones */
	int64_t together;	   /* rows of people who have more than one */
	int64_t first_ms, last_ms; /* hours */
};

/* Every epoch, oldest first.  Reads the whole log. */
MUST_USE int db_exposed_each(struct db *db,
    void (*fn)(void *arg, const struct db_exposed *epoch), void *arg);

/* Whoever wrote in the last day: texts with a pseudonym, and people. */
MUST_USE int db_exposed_today(
    struct db *db, int64_t *ret_texts, int64_t *ret_people);

/* The counts of the reports: of how many days, how many cells, and how many of
 * these are of one request. */
struct db_exposed_counts {
	int64_t days, cells, ones;
};
MUST_USE int db_exposed_counts(
    struct db *db, struct db_exposed_counts *ret_counts);

/* Everything that is sealed; table is where. */
MUST_USE int db_sealed_each(struct db *db,
    void (*fn)(void *arg, const char *table, struct sv sealed), void *arg);

#endif
