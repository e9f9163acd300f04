/*
 * bench_turn.c - what a text costs, through the loop driver and a real store.
 *
 * Prints "name value unit" lines.  The floor is measured in the same run,
 * interleaved, so that a slow machine slows both: rows of the same size into
 * the same kind of store, one commit for as many.
 */
#include <time.h>

#include "db/db.h"
#include "tests/flow/kit.h"

enum { PAIRS = 5, ROUNDS = 16, BATCH = 256 };

static double
cpu_s(void)
{
	struct timespec ts;

	ASSERT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static enum gw_result
on_answer(void *arg, const struct gw_out *out)
{
	++*(size_t *)arg;
	(void)out;
	return GW_SENT;
}

static void
on_done(void *arg, int rc)
{
	*(size_t *)arg += rc == 0;
}

/* CPU seconds for ROUNDS * BATCH texts of as many people. */
static double
texts_run(struct kit *k, unsigned from)
{
	static const char *const texts[] = { "меню", "2", "адвокат Москва",
		"oyligimni bermayapti", "маошамро намедиҳанд", "more",
		"иш керек Бишкек", "врач", "hello there", "юрист керек" };
	char number[24], id[24];
	size_t told = 0;
	double began = cpu_s();
	unsigned i, n;

	for (i = 0; i < ROUNDS; i++) {
		for (n = 0; n < BATCH; n++, from++) {
			struct gw_in in = { .to = SV("1414") };

			(void)snprintf(
			    number, sizeof(number), "+99655%07u", from);
			(void)snprintf(id, sizeof(id), "b-%u", from);
			in.from = sv_of(number);
			in.id = sv_of(id);
			in.text = sv_of(texts[from % ARRAY_LEN(texts)]);
			loop_say(k->loop, &in, on_done, &told);
		}
		kit_wait(k, 1000);
	}
	ASSERT(told == (size_t)ROUNDS * BATCH);
	return cpu_s() - began;
}

/* CPU seconds for the rows of as many texts, and nothing else. */
static double
rows_run(struct db *db, unsigned from)
{
	static const char sealed[320];
	struct db_turn turn = { .at_ms = KIT_NOW_MS,
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
	struct db_out out = { .at_ms = KIT_NOW_MS,
		.gateway = SV("loop"),
		.sealed = { sealed, sizeof(sealed) } };
	double began = cpu_s();
	int64_t id;
	unsigned i, n;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT(db_begin(db) == 0);
		for (n = 0; n < BATCH; n++, from++) {
			memcpy(turn.ref, &from, sizeof(from));
			memcpy(turn.person, &from, sizeof(from));
			ASSERT(db_turn_put(db, &turn, &id) == 0);
			ASSERT(db_out_put(db, &out, &id) == 0);
		}
		ASSERT(db_commit(db) == 0);
	}
	return cpu_s() - began;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
	struct kit *k = calloc(1, sizeof(*k));
	double ratios[PAIRS], texts = 0, rows, per = ROUNDS * BATCH;
	char dir[] = "/tmp/safar_rows.XXXXXX";
	struct timespec began, ended;
	size_t answers = 0;
	struct db *db = NULL;
	struct diag why;
	unsigned i;

	(void)argc;
	ASSERT(k != NULL && mkdtemp(dir) != NULL);
	kit_new(k, argv[0]);
	kit_stop(k);
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	ASSERT(kit_start(k) == 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	loop_set_sink(k->loop, on_answer, &answers);
	ASSERT(db_open(dir, &db, &why) == 0);
	for (i = 0; i < PAIRS; i++) {
		double t = texts_run(k, i * ROUNDS * BATCH);

		rows = rows_run(db, i * ROUNDS * BATCH);
		ratios[i] = rows / t;
		texts += t;
	}
	qsort(ratios, PAIRS, sizeof(ratios[0]), compare);
	printf("turn_vs_rows %.2f ratio\n", ratios[PAIRS / 2]);
	printf("turn_cpu %.1f us\n", texts / PAIRS / per * 1e6);
	printf("turns_per_cpu_s %.0f texts/s\n", per * PAIRS / texts);
	printf("start_ms %.0f ms\n",
	    (double)(ended.tv_sec - began.tv_sec) * 1e3 +
		(double)(ended.tv_nsec - began.tv_nsec) / 1e6);
	db_close(&db);
	(void)nftw(dir, kit_unlink, 16, FTW_DEPTH | FTW_PHYS);
	kit_end(k);
	free(k);
	return answers != (size_t)PAIRS * ROUNDS * BATCH;
}
