/*
 * bench_match.c - what understanding a text costs.
 *
 * Prints "name value unit" lines.  The texts are those of tests/words/dev.tsv;
 * the floor, one row of the store, is measured in the same run, interleaved:
 * a row that is a commit of its own, as of a text that comes alone, and a row
 * of a large group.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "db/db.h"
#include "menus/match.h"

enum {
	TEXTS_MAX = 2000,
	TEXT_MAX = 400,
	PAIRS = 9,
	ROUNDS = 50,
	ROWS = 2048,
	ALONE = 128
};

static char texts[TEXTS_MAX][TEXT_MAX];
static double costs[TEXTS_MAX];
static size_t text_count;

static double
cpu_s(void)
{
	struct timespec ts;

	ASSERT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *values, size_t n)
{
	qsort(values, n, sizeof(values[0]), compare);
	return values[n / 2];
}

static void
texts_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[1024];

	ASSERT(f != NULL);
	while (text_count < TEXTS_MAX && fgets(line, sizeof(line), f) != NULL) {
		struct sv rest = sv_of(line), text;

		if (strncmp(line, "id\t", 3) == 0)
			continue;
		(void)sv_cut(&rest, '\t');
		text = sv_cut(&rest, '\t');
		ASSERT(text.p != NULL && text.n < TEXT_MAX);
		memcpy(texts[text_count++], text.p, text.n);
	}
	(void)fclose(f);
	ASSERT(text_count > 0);
}

/* CPU seconds for all texts, ROUNDS times; adds each text's to costs. */
static double
match_run(const struct matcher *m)
{
	double sum = 0;

	for (size_t i = 0; i < text_count; i++) {
		struct sv text = sv_of(texts[i]);
		double began = cpu_s(), took;
		struct match r;

		for (size_t k = 0; k < ROUNDS; k++)
			match_text(m, text, &r);
		took = cpu_s() - began;
		costs[i] += took;
		sum += took;
	}
	return sum;
}

/* CPU seconds for rows of the log, group of them a commit. */
static double
rows_run(struct db *db, unsigned from, unsigned count, unsigned group)
{
	struct db_turn turn = { .at_ms = 1700000000000,
		.gateway = SV("loop"),
		.s_node = SV("wages"),
		.s_lang = SV("ru"),
		.country = SV("kg"),
		.channel = SV("sms"),
		.lang = SV("ru"),
		.topic = SV("wages"),
		.place = SV("ru-moscow"),
		.node = SV("wages"),
		.listings = SV("hotline-kg-1899 iom-kyrgyzstan"),
		.outcome = SV("answered"),
		.edition = 1,
		.parts = 3 };
	double began = cpu_s();
	int64_t id;

	for (unsigned i = 0; i < count; i++, from++) {
		if (i % group == 0)
			ASSERT(db_begin(db) == 0);
		memcpy(turn.ref, &from, sizeof(from));
		memcpy(turn.person, &from, sizeof(from));
		ASSERT(db_turn_put(db, &turn, &id) == 0);
		if ((i + 1) % group == 0)
			ASSERT(db_commit(db) == 0);
	}
	return cpu_s() - began;
}

static int
on_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
content_open(struct content *c, struct matcher **ret_matcher)
{
	struct diag why = { "" };

	ASSERT(topics_load("content/topics.csv", &c->topics, &why) == 0);
	ASSERT(places_load("content/gazetteer.csv", &c->places, &why) == 0);
	ASSERT(texts_load("content/lang", &c->texts, &why) == 0);
	ASSERT(matcher_new(c, ret_matcher, &why) == 0);
}

int
main(void)
{
	double alone[PAIRS], grouped[PAIRS], all = 0, per;
	char dir[] = "/tmp/safar_match.XXXXXX";
	struct content c = { 0 };
	struct matcher *m = NULL;
	struct db *db = NULL;
	struct diag why = { "" };

	texts_read("tests/words/dev.tsv");
	content_open(&c, &m);
	ASSERT(mkdtemp(dir) != NULL && db_open(dir, &db, &why) == 0);
	per = (double)text_count * ROUNDS;
	for (unsigned i = 0; i < PAIRS; i++) {
		double match = match_run(m) / per;

		unsigned from = i * (ROWS + ALONE);

		alone[i] = match / (rows_run(db, from, ALONE, 1) / ALONE);
		grouped[i] =
		    match / (rows_run(db, from + ALONE, ROWS, ROWS) / ROWS);
		all += match;
	}
	printf("match_us_median %.2f us\n",
	    median(costs, text_count) / PAIRS / ROUNDS * 1e6);
	printf("match_us_mean %.2f us\n", all / PAIRS * 1e6);
	printf("match_vs_row %.2f ratio\n", median(alone, PAIRS));
	printf("match_vs_row_of_2048 %.2f ratio\n", median(grouped, PAIRS));
	db_close(&db);
	(void)nftw(dir, on_file, 16, FTW_DEPTH | FTW_PHYS);
	matcher_free(&m);
	texts_free(&c.texts);
	places_free(&c.places);
	topics_free(&c.topics);
	return 0;
}
