/*
 * orgs.h - all rows of the directory's CSV files, checked and merged by id.
 *
 * One id may stand in several files.  The contact of the newest row that has
 * one is taken whole, never mixed with an older one; topics, places and
 * sources are joined; what one row holds back from callers stays back.
 */
#ifndef CONTENT_ORGS_H
#define CONTENT_ORGS_H

#include "content/listings.h"
#include "db/directory.h"

struct org {
	struct directory_row row;
	struct listing listing; /* views into row */
	const char *path;	/* where its contact was read */
	unsigned line;
};

struct orgs;

struct orgs_source {
	const char *path; /* a CSV file, or a folder with some */
	const struct topics *topics;
	const struct places *places;
	/* Told each bad row as "FILE:LINE: ...", which is then left out; NULL:
	 * the first one stops. */
	void (*on_bad)(void *arg, const char *why);
	void *arg;
	/* A check that lies ahead of it is a bad row; 0: it stays, as what was
	 * published must be read. */
	int64_t now_ms;
};

/* Returns 0, -ENOENT, -EINVAL with FILE:LINE in reterr_diag. */
MUST_USE int orgs_load(const struct orgs_source *source, struct orgs **ret_orgs,
    struct diag *reterr_diag);
void orgs_free(struct orgs **op);

/* In order of id. */
size_t orgs_count(const struct orgs *o);
const struct org *orgs_at(const struct orgs *o, size_t index);

#endif
