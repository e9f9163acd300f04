/*
 * retention.h - what is stored, what for, how long, and who can read it.
 *
 * The rows are those of retention.def; nothing may be stored that has none.
 */
#ifndef DB_RETENTION_H
#define DB_RETENTION_H

#include "daemon/base/base.h"

/* Who can make sense of it. */
enum retention_readers {
	READ_ALL,    /* everybody: it is given out */
	READ_ADMIN,  /* who may read the data folder */
	READ_FOLDER, /* who may read the key folder */
	READ_KEYS,   /* who has both */
	READ_REVIEW, /* who has the reviewers' private key */
};

/* How long rows stay, in seconds after their clock; 0 is log.keep_days. */
enum {
#define SWEPT(table, clock, seconds, ahead, backup, from, why)                 \
	RETENTION_##table##_S = (seconds),
#define EMPTIED(table, clock, seconds, ahead, backup, from, why)               \
	RETENTION_##table##_S = (seconds),
#define COUNTED(table, seconds, backup, from, why)                             \
	RETENTION_##table##_S = (seconds),
#define SEALED(table, clock, seconds, ahead, backup, from, why, wipe)          \
	RETENTION_##table##_S = (seconds),
#include "db/retention.def"
};

struct retention_table {
	const char *base; /* "hotline" or "directory" */
	const char *table;
	int64_t seconds;   /* 0: see until, and log.keep_days without one */
	const char *from;  /* what the seconds count from; NULL with until */
	const char *until; /* NULL: by seconds */
	bool backup;	   /* is copied */
	const char *why;
};

/* Columns of one table, a space between them; or, without base, a path. */
struct retention_data {
	const char *base, *table, *columns;
	enum retention_readers readers;
	const char *why;
	const char *until; /* NULL: as long as the row */
};

extern const struct retention_table retention_tables[];
extern const size_t retention_table_count;
extern const struct retention_data retention_data[];
extern const size_t retention_data_count;

/* NULL if there is no such table. */
const struct retention_table *retention_find(
    const char *base, const char *table);

const char *retention_readers_text(enum retention_readers readers);

#endif
