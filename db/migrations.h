/* migrations.h - the schema's history, carried inside the program. */
#ifndef DB_MIGRATIONS_H
#define DB_MIGRATIONS_H

#include "daemon/base/base.h"

/* The schema of one database file. */
struct schema {
	const char *file; /* "hotline.db" */
	int32_t app_id;	  /* SQLite's application_id: tells ours from others */
	const char *const *sql; /* migration N is sql[N - 1] */
	int32_t version;	/* how many there are */
};

extern const struct schema schema_hotline, schema_directory, schema_console;

#endif
