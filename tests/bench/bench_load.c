/*
 * bench_load.c - a safard that comes up among many people and organisations:
 * how long it takes, and how much memory.
 */
#include "daemon/base/clock.h"
#include "db/db.h"
#include "tests/bench/safard.h"

enum { PEOPLE = 1000000, LISTINGS = 5000, ROUND = 8192 };

static void
listings_write(const char *path)
{
	static const char *const places[] = { "ru", "kg", "kz", "uz", "tj",
		"ru-moscow", "kg-osh", "kz-almaty" };
	static const char *const topics[] = { "legal;jobs", "health",
		"documents;legal", "wages", "consulate", "registration" };
	FILE *f = fopen(path, "we");
	const char *place;
	int i;

	ASSERT(f != NULL);
	fputs("id,name_en,name_ru,country,places,topics,kind,listing,"
	      "phone_e164,hours,website,source\n",
	    f);
	for (i = 0; i < LISTINGS; i++) {
		place = places[(size_t)i % ARRAY_LEN(places)];
		fprintf(f,
		    "bench-%d,Helper number %d,Помощник номер "
		    "%d,%.2s,%s,%s,ngo,callers-after-check,+99655%07d,"
		    "09:00-18:00,https://helper%d.example,bench\n",
		    i, i, i, place, place,
		    topics[(size_t)i % ARRAY_LEN(topics)], i, i);
	}
	ASSERT(fclose(f) == 0);
}

static void
sessions_write(const char *data)
{
	static const char *const sessions[] = { "wages main wages ru-moscow  "
						"ru 000 2",
		"main main    ky 100 0", "doctor main health kg-osh  uz 001 0",
		"legal main legal  legal,jobs tg 000 0" };
	struct db_turn turn = { .at_ms = clock_ms() - 3600000,
		.gateway = SV("bench"),
		.country = SV("kg"),
		.channel = SV("sms"),
		.lang = SV("ru"),
		.topic = SV("wages"),
		.node = SV("wages"),
		.outcome = SV("answered"),
		.edition = 1,
		.parts = 2 };
	struct db *db = NULL;
	struct diag why;
	int64_t id;
	uint64_t i, key;

	ASSERT(db_open(data, &db, &why) == 0);
	for (i = 0; i < PEOPLE; i++) {
		if (i % ROUND == 0)
			ASSERT(db_begin(db) == 0);
		key = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
		memcpy(turn.person, &key, sizeof(key));
		memcpy(turn.ref + 8, &i, sizeof(i));
		memcpy(turn.ref, &key, sizeof(key));
		turn.session = sv_of(sessions[i % ARRAY_LEN(sessions)]);
		ASSERT(db_turn_put(db, &turn, &id) == 0);
		if (i % ROUND == ROUND - 1 || i + 1 == PEOPLE)
			ASSERT(db_commit(db) == 0);
	}
	(void)!db_checkpoint(db);
	db_close(&db);
}

static void
folder_fill(const char *bench, const struct folder *f, const char *data)
{
	char csv[512];
	const char *init[] = { "init", data, NULL };
	const char *import[] = { "--data", data, "directory", "import", csv,
		NULL };
	const char *publish[] = { "--data", data, "publish", NULL };

	(void)snprintf(csv, sizeof(csv), "%s/listings.csv", f->path);
	listings_write(csv);
	ASSERT(safarctl(bench, f, init) == 0);
	ASSERT(safarctl(bench, f, import) == 0);
	ASSERT(safarctl(bench, f, publish) == 0);
	sessions_write(data);
}

int
main(int argc, char **argv)
{
	struct folder f = folder_new();
	char data[512], log[512], program[PATH_MAX];
	const char *const args[] = { program, "--data", data, NULL };
	struct child child;
	long long ms;

	(void)argc;
	setbuf(stdout, NULL);
	(void)snprintf(data, sizeof(data), "%s/data", f.path);
	(void)snprintf(log, sizeof(log), "%s/safard.log", f.path);
	folder_fill(argv[0], &f, data);
	program_path(program, argv[0], "safard");
	child = child_start(args, log);
	ms = log_number(log, "start_ms=");
	printf("load_1m_sessions_mb %.0f MB\n",
	    (double)child_number(&child, "status", "VmRSS:") / 1024);
	printf("start_ms %lld ms\n", ms);
	printf("start_cpu_ms %.0f ms\n", child_cpu_s(&child) * 1e3);
	child_stop(&child, SIGTERM);
	folder_done(&f);
	return ms < 0;
}
