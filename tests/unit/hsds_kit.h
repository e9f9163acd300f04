/* hsds_kit.h - what the tests of HSDS share: directories, imports, exports. */
#ifndef TESTS_UNIT_HSDS_KIT_H
#define TESTS_UNIT_HSDS_KIT_H

#include "content/exchange.h"
#include "content/hsds_export.h"
#include "content/hsds_import.h"
#include "content/listing_row.h"
#include "daemon/base/sb.h"
#include "tests/tap.h"
#include "tests/tmpdir.h"

/* Topics and places as they are, and a directory of its own. */
struct kit {
	struct topics *topics;
	struct places *places;
	struct tmpdir tmp;
	unsigned made;
};

static inline void
kit_init(struct kit *k)
{
	struct diag d = { "" };

	ASSERT(topics_load("content/topics.csv", &k->topics, &d) == 0);
	ASSERT(places_load("content/gazetteer.csv", &k->places, &d) == 0);
	tmp_init(&k->tmp);
	k->made = 0;
}

static inline void
kit_done(struct kit *k)
{
	tmp_done(&k->tmp);
	places_free(&k->places);
	topics_free(&k->topics);
}

static inline struct directory *
kit_directory(struct kit *k)
{
	struct directory *dir = NULL;
	struct diag d = { "" };
	char name[32];

	(void)snprintf(name, sizeof(name), "dir%u", k->made++);
	tmp_mkdir(&k->tmp, name);
	ASSERT(directory_open(tmp_path(&k->tmp, name), &dir, &d) == 0);
	return dir;
}

static inline struct hsds_source
kit_source(const struct kit *k, struct directory *dir, const char *name,
    struct sv bytes)
{
	return (struct hsds_source){ .kind = HSDS_ANY,
		.name = name,
		.bytes = bytes,
		.topics = k->topics,
		.places = k->places,
		.dir = dir };
}

/* Bytes that are ours. */
struct kit_bytes {
	char *p;
	size_t n;
};

static inline struct kit_bytes
kit_export(struct directory *dir, enum hsds_form form)
{
	struct kit_bytes b = { NULL, 0 };
	struct diag d = { "" };

	ASSERT(hsds_export_bytes(dir, form, &b.p, &b.n, &d) == 0);
	return b;
}

static inline struct sv
kit_sv(struct kit_bytes b)
{
	return (struct sv){ b.p, b.n };
}

static inline bool
kit_eq(struct kit_bytes a, struct kit_bytes b)
{
	return sv_eq(kit_sv(a), kit_sv(b));
}

static const struct directory_by kit_by = { { "ann", 3 }, { "import", 6 },
	1767323045678 };

/* Put in all that is good. */
static inline void
kit_apply(const struct hsds_import *import, struct directory *dir)
{
	size_t i;

	ASSERT(directory_begin(dir) == 0);
	for (i = 0; i < hsds_import_count(import); i++)
		ASSERT(hsds_import_put(import, i, dir, &kit_by) == 0);
	ASSERT(directory_commit(dir) == 0);
}

/* Say what is wrong, for whoever reads a failed test. */
static inline void
kit_tell(const struct hsds_import *import)
{
	size_t i, j;

	for (i = 0; i < hsds_import_count(import); i++) {
		const struct hsds_import_row *row = hsds_import_at(import, i);

		for (j = 0; j < row->problem_count; j++)
			printf("# %s:%u " SV_FMT " %s %s: %s\n", row->file,
			    row->line, SV_ARG(row->id), row->problems[j].field,
			    row->problems[j].code, row->problems[j].text);
	}
}

static inline struct hsds_import *
kit_read(const struct kit *k, struct directory *dir, const char *name,
    struct sv bytes)
{
	struct hsds_source source = kit_source(k, dir, name, bytes);
	struct hsds_import *import = NULL;
	struct diag d = { "" };

	if (hsds_import_read(&source, &import, &d) < 0)
		printf("# %s\n", d.text);
	ASSERT(import != NULL);
	return import;
}

#endif
