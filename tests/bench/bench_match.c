/*
 * bench_match.c - what understanding a text costs.
 *
 * Prints "name value unit" lines.  The texts are those of tests/words/dev.tsv;
 * the keywords are those of the lexicon, each sent alone.  The floor, one row
 * of the store, is measured in the same run, interleaved: a row of a large
 * group, and a row that is a commit of its own, as of a text that comes alone.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "db/db.h"
#include "menus/match.h"

enum {
	TEXTS_MAX = 20000,
	POOL_BYTES = 1 << 20,
	PAIRS = 9,
	ROUNDS = 25,
	ROWS = 2048,
	ALONE = 128
};

/* Texts of one kind. */
struct mix {
	struct sv texts[TEXTS_MAX];
	size_t count;
};

static struct mix dev, exact, keywords;
static char pool[POOL_BYTES];
static size_t pool_n;

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

/* ---- texts ---- */

static void
mix_add(struct mix *mix, struct sv text)
{
	ASSERT(text.p != NULL && mix->count < TEXTS_MAX);
	ASSERT(pool_n + text.n <= sizeof(pool));
	memcpy(pool + pool_n, text.p, text.n);
	mix->texts[mix->count++] = (struct sv){ pool + pool_n, text.n };
	pool_n += text.n;
}

/* Columns: id, text, language, kind ... */
static void
dev_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[1024];

	ASSERT(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		struct sv rest = sv_of(line), text;

		if (strncmp(line, "id\t", 3) == 0)
			continue;
		(void)sv_cut(&rest, '\t');
		text = sv_cut(&rest, '\t');
		(void)sv_cut(&rest, '\t');
		mix_add(&dev, text);
		if (sv_eq(sv_cut(&rest, '\t'), SV("exact")))
			mix_add(&exact, text);
	}
	(void)fclose(f);
	ASSERT(dev.count > 0 && exact.count > 0);
}

/* Hints, classes, patterns and words in any order are no text. */
static void
on_keyword(void *arg, const struct texts_word *line)
{
	struct sv word = line->word;

	++*(size_t *)arg;
	if (strncmp(line->name, "class.", 6) == 0)
		return;
	for (size_t i = 0; i < word.n; i++) {
		if (strchr("/:@+", word.p[i]) != NULL)
			return;
	}
	word.n -= word.p[word.n - 1] == '*';
	mix_add(&keywords, word);
}

static void
content_open(struct content *c, struct matcher **ret_matcher)
{
	struct diag why = { "" };
	double began;

	ASSERT(topics_load("content/topics.csv", &c->topics, &why) == 0);
	ASSERT(places_load("content/gazetteer.csv", &c->places, &why) == 0);
	ASSERT(texts_load("content/lang", &c->texts, &why) == 0);
	began = cpu_s();
	ASSERT(matcher_new(c, ret_matcher, &why) == 0);
	printf("match_start_ms %.0f ms\n", (cpu_s() - began) * 1e3);
}

/* ---- one side and the other ---- */

/* CPU seconds a text, no text twice in a row. */
static double
mix_run(const struct matcher *m, const struct mix *mix)
{
	double began = cpu_s();
	struct match r;

	for (size_t i = 0; i < mix->count; i++)
		match_text(m, mix->texts[i], &r);
	return (cpu_s() - began) / (double)mix->count;
}

/* The same, of so few texts that one run is too short for the clock. */
static double
mix_runs(const struct matcher *m, const struct mix *mix)
{
	double sum = 0;

	for (size_t i = 0; i < ROUNDS; i++)
		sum += mix_run(m, mix);
	return sum / ROUNDS;
}

/* CPU seconds of each text where they are less than before: neighbours on
 * the machine only ever make it more. */
static void
texts_run(const struct matcher *m, const struct mix *mix, double *costs)
{
	for (size_t i = 0; i < mix->count; i++) {
		double began = cpu_s(), took;
		struct match r;

		for (size_t k = 0; k < ROUNDS; k++)
			match_text(m, mix->texts[i], &r);
		took = (cpu_s() - began) / ROUNDS;
		if (costs[i] == 0 || took < costs[i])
			costs[i] = took;
	}
}

/* CPU seconds a row of the log, group of them a commit. */
static double
rows_run(struct db *db, unsigned from, unsigned count, unsigned group)
{
	struct db_turn turn = { .at_ms = 1700000000000,
		.gateway = SV("loop"),
		.session = SV("wages main wages ru-moscow  ru 000 2"),
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
	return (cpu_s() - began) / count;
}

/* ---- the figures ---- */

struct figures {
	double costs[TEXTS_MAX]; /* of dev, text by text */
	double mean[PAIRS], keyword[PAIRS], row[PAIRS];
	/* against a row of a group, or one alone */
	double keyword_row[PAIRS], keyword_alone[PAIRS], exact_row[PAIRS],
	    mean_row[PAIRS];
};

static void
pair_run(
    const struct matcher *m, struct db *db, unsigned i, struct figures *ret)
{
	unsigned from = i * (ROWS + ALONE);
	double row, alone;

	texts_run(m, &dev, ret->costs);
	ret->keyword[i] = mix_run(m, &keywords);
	ret->mean[i] = mix_runs(m, &dev);
	row = rows_run(db, from, ROWS, ROWS);
	alone = rows_run(db, from + ROWS, ALONE, 1);
	ret->row[i] = row;
	ret->keyword_row[i] = ret->keyword[i] / row;
	ret->keyword_alone[i] = ret->keyword[i] / alone;
	ret->exact_row[i] = mix_runs(m, &exact) / row;
	ret->mean_row[i] = ret->mean[i] / row;
}

static void
figures_print(struct figures *f)
{
	printf("match_median_us %.2f us\n", median(f->costs, dev.count) * 1e6);
	printf("match_mean_us %.2f us\n", median(f->mean, PAIRS) * 1e6);
	printf("match_vs_row %.2f ratio\n", median(f->mean_row, PAIRS));
	printf("keyword_us %.3f us\n", median(f->keyword, PAIRS) * 1e6);
	printf("keyword_vs_row %.3f ratio\n", median(f->keyword_row, PAIRS));
	printf("keyword_vs_row_alone %.4f ratio\n",
	    median(f->keyword_alone, PAIRS));
	printf("exact_vs_row %.3f ratio\n", median(f->exact_row, PAIRS));
	printf("row_us %.2f us\n", median(f->row, PAIRS) * 1e6);
}

static int
on_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int
main(void)
{
	static struct figures figures;
	char dir[] = "/tmp/safar_match.XXXXXX";
	struct content c = { 0 };
	struct matcher *m = NULL;
	struct db *db = NULL;
	struct diag why = { "" };
	size_t lines = 0;

	content_open(&c, &m);
	dev_read("tests/words/dev.tsv");
	texts_words_each(c.texts, on_keyword, &lines);
	printf("match_words %zu keywords\n", lines);
	ASSERT(mkdtemp(dir) != NULL && db_open(dir, &db, &why) == 0);
	for (unsigned i = 0; i < PAIRS; i++)
		pair_run(m, db, i, &figures);
	figures_print(&figures);
	db_close(&db);
	(void)nftw(dir, on_file, 16, FTW_DEPTH | FTW_PHYS);
	matcher_free(&m);
	texts_free(&c.texts);
	places_free(&c.places);
	topics_free(&c.topics);
	return 0;
}
