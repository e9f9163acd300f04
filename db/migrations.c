/*
 * migrations.c - embeds db/migrations into the program.
 *
 * The assembler reads the files, so they stay plain SQL; the Makefile makes
 * this object depend on them.  A new file needs a line here; test_db counts.
 */
#include "db/migrations.h"

#define MIGRATION(name, path)                                                  \
	__asm__(".pushsection .rodata\n" #name ":\n"                           \
		"\t.incbin \"db/migrations/" path "\"\n"                       \
		"\t.byte 0\n"                                                  \
		".popsection\n");                                              \
	extern const char name[] __attribute__((visibility("hidden")))

MIGRATION(migration_hotline_0001, "hotline/0001_start.sql");
MIGRATION(migration_hotline_0002, "hotline/0002_latin.sql");
MIGRATION(migration_hotline_0003, "hotline/0003_parts.sql");
MIGRATION(migration_hotline_0004, "hotline/0004_forget.sql");
MIGRATION(migration_hotline_0005, "hotline/0005_session.sql");
MIGRATION(migration_hotline_0006, "hotline/0006_decoy.sql");
MIGRATION(migration_hotline_0007, "hotline/0007_unmatched.sql");
MIGRATION(migration_hotline_0008, "hotline/0008_callback.sql");
MIGRATION(migration_hotline_0009, "hotline/0009_batches.sql");
MIGRATION(migration_hotline_0010, "hotline/0010_mixed.sql");
MIGRATION(migration_hotline_0011, "hotline/0011_turns.sql");
MIGRATION(migration_hotline_0012, "hotline/0012_rollup.sql");
MIGRATION(migration_hotline_0013, "hotline/0013_log_turns.sql");
MIGRATION(migration_directory_0001, "directory/0001_start.sql");
MIGRATION(migration_directory_0002, "directory/0002_console.sql");
MIGRATION(migration_directory_0003, "directory/0003_words.sql");
MIGRATION(migration_directory_0004, "directory/0004_find.sql");
MIGRATION(migration_directory_0005, "directory/0005_ahead.sql");
MIGRATION(migration_console_0001, "console/0001_start.sql");

static const char *const hotline[] = { migration_hotline_0001,
	migration_hotline_0002, migration_hotline_0003, migration_hotline_0004,
	migration_hotline_0005, migration_hotline_0006, migration_hotline_0007,
	migration_hotline_0008, migration_hotline_0009, migration_hotline_0010,
	migration_hotline_0011, migration_hotline_0012,
	migration_hotline_0013 };
static const char *const directory[] = { migration_directory_0001,
	migration_directory_0002, migration_directory_0003,
	migration_directory_0004, migration_directory_0005 };
static const char *const console[] = { migration_console_0001 };

const struct schema schema_hotline = {
	.file = "hotline.db",
	.app_id = 0x53616648, /* "SafH" */
	.sql = hotline,
	.version = ARRAY_LEN(hotline),
};

const struct schema schema_directory = {
	.file = "directory.db",
	.app_id = 0x53616644, /* "SafD" */
	.sql = directory,
	.version = ARRAY_LEN(directory),
};

const struct schema schema_console = {
	.file = "console.db",
	.app_id = 0x53616643, /* "SafC" */
	.sql = console,
	.version = ARRAY_LEN(console),
};
