/* retention.c - the list of retention.def, to be read. */
#include "db/retention.h"

#include <string.h>

const struct retention_table retention_tables[] = {
#define SWEPT(table, clock, seconds, ahead, backup, from, why)                 \
	{ "hotline", #table, seconds, from, NULL, backup, why },
#define EMPTIED(table, clock, seconds, ahead, backup, from, why)               \
	{ "hotline", #table, seconds, from, NULL, backup, why },
#define SEALED(table, clock, seconds, ahead, backup, from, why, wipe)          \
	{ "hotline", #table, seconds, from, NULL, backup, why },
#define COUNTED(table, seconds, backup, from, why)                             \
	{ "hotline", #table, seconds, from, NULL, backup, why },
#define KEPT(base, table, backup, until, why)                                  \
	{ #base, #table, 0, NULL, until, backup, why },
#include "db/retention.def"
};
const size_t retention_table_count = ARRAY_LEN(retention_tables);

const struct retention_data retention_data[] = {
#define DATA(base, table, columns, readers, why)                               \
	{ #base, #table, columns, readers, why, NULL },
#define DATA_UNTIL(base, table, columns, readers, why, until)                  \
	{ #base, #table, columns, readers, why, until },
#define STORED(path, until, readers, why)                                      \
	{ NULL, NULL, path, readers, why, until },
#include "db/retention.def"
};
const size_t retention_data_count = ARRAY_LEN(retention_data);

const struct retention_table *
retention_find(const char *base, const char *table)
{
	size_t i;

	for (i = 0; i < retention_table_count; i++)
		if (strcmp(retention_tables[i].base, base) == 0 &&
		    strcmp(retention_tables[i].table, table) == 0)
			return &retention_tables[i];
	return NULL;
}

const char *
retention_readers_text(enum retention_readers readers)
{
	switch (readers) {
	case READ_ALL:
		return "everybody: it is given out";
	case READ_ADMIN:
		return "administrators";
	case READ_FOLDER:
		return "administrators, in the key folder";
	case READ_KEYS:
		return "nobody without the key folder";
	case READ_REVIEW:
		return "reviewers, with their private key";
	}
	return "";
}
