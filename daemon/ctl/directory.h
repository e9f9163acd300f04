/* directory.h - the parts of `safarctl directory`. */
#ifndef DAEMON_CTL_DIRECTORY_H
#define DAEMON_CTL_DIRECTORY_H

#include "daemon/ctl/ctl.h"

/* The topics and places that listings may name: the next edition's, which are
 * the share folder's. */
struct terms {
	struct topics *topics;
	struct places *places;
};

/* Returns CTL_OK, or CTL_FAILED after saying why. */
MUST_USE int terms_load(struct terms *ret_terms);
void terms_done(struct terms *t);

/* Each reads its own arguments; argv[0] is its name. */
MUST_USE int directory_list(const struct ctl *ctl, int argc, char **argv);
MUST_USE int directory_show(const struct ctl *ctl, int argc, char **argv);
MUST_USE int directory_check_in(const struct ctl *ctl, int argc, char **argv);
MUST_USE int directory_import(const struct ctl *ctl, int argc, char **argv);
MUST_USE int directory_export(const struct ctl *ctl, int argc, char **argv);

/* What `directory import` was told. */
struct directory_hsds {
	const char *path;
	bool dry_run;
	const char *as;	    /* hsds, json, csv; NULL: by the file */
	const char *report; /* a dry run, as JSON into this file; or
				{"unreadable":CODE}, of hsds_unreadable() */
	bool json;	    /* on standard output */
	/* For the console: put in what is good, telling how far it is. */
	bool progress;
	const char *who;
	int64_t account; /* of who; it submits drafts: */
	bool submit;
};

/* A package, a zip or JSON by its name. */
bool directory_is_hsds(const char *path);
MUST_USE int directory_import_hsds(
    const struct ctl *ctl, const struct directory_hsds *what);

/* The data folder and its directory.db, or say why not. */
MUST_USE int directory_of(const struct ctl *ctl, const char **ret_dir,
    struct directory **ret_directory);

/* A listing as a JSON object: the columns of content/orgs/README.md. */
struct json_t *directory_row_json(const struct directory_row *row);

#endif
