/*
 * fuzz_hsds.c - any bytes as a zip, as a table, as JSON, as a sheet.
 *
 * The first byte says which.  What is found sound comes back the same
 * when it is written and read again.
 */
#include <stdlib.h>

#include "content/hsds_check.h"
#include "content/hsds_json.h"
#include "content/hsds_listing.h"
#include "content/hsds_package.h"
#include "content/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct topics *topics;
static struct places *places;
static struct phones *phones;

static void
setup(void)
{
	struct diag d = { "" };

	if (topics != NULL)
		return;
	ASSERT(topics_load("content/topics.csv", &topics, &d) == 0);
	ASSERT(places_load("content/gazetteer.csv", &places, &d) == 0);
	phones = phones_new();
}

static struct sv
none(void *arg, struct sv service_id)
{
	(void)arg, (void)service_id;
	return (struct sv){ NULL, 0 };
}

/* Lay everything flat; every view must be readable. */
static void
flatten(struct hsds *h)
{
	const struct listing_rules listing = { topics, places, phones };
	const struct hsds_rules rules = { &listing, none, NULL };
	size_t i, k, sum = 0;

	for (i = 0; i < hsds_count(h, HSDS_SERVICE); i++) {
		struct hsds_listing l;

		hsds_listing_of(h, hsds_at(h, HSDS_SERVICE, i), &rules, &l);
		ASSERT(csv_is_id(l.row.id));
		for (k = 0; k < DIRECTORY_FIELDS; k++) {
			struct sv v = directory_field(&l.row, k);

			ASSERT(v.p == NULL || v.p[v.n] == '\0');
			sum += v.n;
		}
	}
	ASSERT(sum < (size_t)1 << 40);
}

static size_t
problems_of(const struct hsds *h)
{
	size_t count;

	(void)hsds_problems(h, &count);
	return count;
}

/* Written as a zip and read again, the same zip. */
static void
again(const struct hsds *h)
{
	struct diag d = { "" };
	struct hsds *other = hsds_new();
	char *first = NULL, *second = NULL;
	size_t first_n = 0, second_n = 0;

	ASSERT(hsds_write_zip(h, &first, &first_n, &d) == 0);
	if (hsds_read_zip(other, (struct sv){ first, first_n }, &d) == 0) {
		hsds_sort(other);
		ASSERT(hsds_write_zip(other, &second, &second_n, &d) == 0);
		ASSERT(sv_eq((struct sv){ first, first_n },
		    (struct sv){ second, second_n }));
	}
	free(first);
	free(second);
	hsds_free(&other);
}

static bool
on_row(void *arg, const struct sheet_row *row)
{
	size_t i;

	ASSERT(row->line > 0 && row->count <= SHEET_COLUMNS_MAX);
	for (i = 0; i < row->count; i++)
		*(size_t *)arg += row->fields[i].n;
	return true;
}

static void
as_sheet(struct sv in)
{
	struct arena *arena = arena_new(64 << 10, 64 << 20);
	const char *charset = NULL;
	struct sv text;
	struct diag d = { "" };
	unsigned line = 0;
	size_t sum = 0;

	if (sheet_decode(arena, in, &text, &charset, &d) == 0)
		(void)!sheet_read(text, on_row, &sum, &line);
	ASSERT(sum <= 4 * in.n + 16);
	arena_free(&arena);
}

static bool
keep_first(void *arg, const struct hsds_row *organization)
{
	(void)organization;
	return (*(unsigned *)arg)++ == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "services.csv",
		"organizations.csv", "phones.csv", "attributes.csv" };
	struct sv in = { (const char *)data + 1, size - 1 };
	struct diag d = { "" };
	struct hsds *h;
	unsigned kept = 0;
	int rc = 0;

	if (size == 0)
		return 0;
	setup();
	h = hsds_new();
	if (data[0] % 4 == 0)
		rc = hsds_read_zip(h, in, &d);
	else if (data[0] % 4 == 1)
		hsds_read_csv(h, names[data[0] / 4 % 4], in);
	else if (data[0] % 4 == 2)
		rc = hsds_read_json(h, "x", in, &d);
	else
		as_sheet(in);
	hsds_sort(h);
	hsds_join_twins(h);
	hsds_check(h);
	if (rc == 0 && problems_of(h) == 0 && data[0] % 4 < 3)
		again(h);
	flatten(h);
	hsds_keep(h, keep_first, &kept);
	hsds_free(&h);
	return 0;
}
