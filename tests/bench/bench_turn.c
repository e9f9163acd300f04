/*
 * bench_turn.c - instructions of a text, from the driver's call to its answer
 * and both its commits, in one process: the loop driver, a real store.
 *
 * Counted by callgrind, which runs this program again; only texts_run() counts.
 */
#include "tests/bench/bench.h"
#include "tests/flow/kit.h"

enum { ROUNDS = 8, BATCH = 256, TEXTS = ROUNDS * BATCH };

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

struct text {
	char from[24], id[24];
};

static void
texts_make(struct text *texts, unsigned from)
{
	unsigned i;

	for (i = 0; i < TEXTS; i++, from++) {
		(void)snprintf(
		    texts[i].from, sizeof(texts[i].from), "+99655%07u", from);
		(void)snprintf(texts[i].id, sizeof(texts[i].id), "b-%u", from);
	}
}

/* Texts of as many people. */
static void
texts_say(struct kit *k, const struct text *texts)
{
	static const char *const said[] = { "меню", "2", "адвокат Москва",
		"oyligimni bermayapti", "маошамро намедиҳанд", "more",
		"иш керек Бишкек", "врач", "hello there", "юрист керек" };
	size_t told = 0;
	unsigned i, n;

	for (i = 0; i < ROUNDS; i++) {
		for (n = 0; n < BATCH; n++, texts++) {
			const struct gw_in in = { .to = SV("1414"),
				.from = sv_of(texts->from),
				.id = sv_of(texts->id),
				.text = sv_of(said[n % ARRAY_LEN(said)]) };

			loop_say(k->loop, &in, on_done, &told);
		}
		kit_wait(k, 1000);
	}
	ASSERT(told == TEXTS);
}

__attribute__((noinline)) static void
texts_run(struct kit *k, const struct text *texts)
{
	texts_say(k, texts);
}

/* Replies that are made once, and pages that are new, are not counted. */
static int
inner(const char *program)
{
	struct text *texts = calloc(TEXTS, sizeof(*texts));
	struct kit *k = calloc(1, sizeof(*k));
	size_t answers = 0;

	ASSERT(texts != NULL && k != NULL);
	kit_new(k, program);
	loop_set_sink(k->loop, on_answer, &answers);
	texts_make(texts, 0);
	texts_say(k, texts);
	texts_make(texts, TEXTS);
	texts_run(k, texts);
	kit_end(k);
	free(k);
	free(texts);
	return answers != (size_t)2 * TEXTS;
}

int
main(int argc, char **argv)
{
	const char *const args[] = { "valgrind", "--tool=callgrind",
		"--callgrind-out-file=/dev/null", "--toggle-collect=texts_run",
		argv[0], "inner", NULL };
	struct folder f;
	char log[512];
	struct child child;

	if (argc > 1)
		return inner(argv[0]);
	f = folder_new();
	(void)snprintf(log, sizeof(log), "%s/log", f.path);
	child = child_start(args, log);
	if (child_wait(&child) == 0)
		printf("turn_instructions %lld instructions\n",
		    log_number(log, "Collected : ") / TEXTS);
	else
		printf("# turn_instructions: valgrind is not installed\n");
	folder_done(&f);
	return 0;
}
