/* status.c - how the service is, asked of it or read from its folder. */
#include <inttypes.h>
#include <jansson.h>

#include "daemon/core/control.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/publishing.h"
#include "db/db.h"

enum { STATUS_MAX = 65536 };

/* --- a running safard --- */

static long long
number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static const char *
text(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s != NULL ? s : "?";
}

static void
print_span(long long s)
{
	if (s >= 86400)
		printf("%lld days %lld h", s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		printf("%lld h %lld min", s / 3600, s % 3600 / 60);
	else
		printf("%lld min %lld s", s / 60, s % 60);
}

static void
print_store(const json_t *store)
{
	bool ok = json_is_true(json_object_get(store, "ok"));

	if (ok)
		printf("store      ok");
	else
		printf("store      FAILS: %s; gateways keep their texts until "
		       "it works",
		    text(store, "why"));
	printf(", %lld log rows, %.1f MB (and %.1f MB set aside for the "
	       "write-ahead log)\n",
	    number(store, "log_rows"), (double)number(store, "bytes") / 1e6,
	    (double)number(store, "wal_bytes") / 1e6);
	if (number(store, "damaged") > 0)
		printf("           %lld rows of answers are DAMAGED and are "
		       "not sent; see safarctl check --store\n",
		    number(store, "damaged"));
	if (number(store, "lines_lost") > 0)
		printf("           %lld rows of the log were DAMAGED and are "
		       "lost; look after the disk\n",
		    number(store, "lines_lost"));
	if (json_object_get(store, "checkpoint") != NULL)
		printf("           the write-ahead log GROWS: %s\n",
		    text(store, "checkpoint"));
}

static void
print_counters(json_t *counters, const char *lead)
{
	const char *name, *first = lead;
	json_t *value;

	json_object_foreach(counters, name, value)
	{
		if (json_integer_value(value) == 0)
			continue;
		printf("%s%lld %s", lead, (long long)json_integer_value(value),
		    name);
		lead = ", ";
	}
	printf("%s\n", lead == first ? " none yet" : "");
}

static void
print_gateways(const json_t *gateways)
{
	const json_t *gw;
	json_t *refused;
	size_t i;

	if (json_array_size(gateways) == 0)
		printf("gateway    none; name one in safar.yaml\n");
	for (i = 0; i < json_array_size(gateways); i++) {
		gw = json_array_get(gateways, i);
		printf("gateway    %s (%s) %s, %lld texts in, %lld out, %lld "
		       "under way\n",
		    text(gw, "name"), text(gw, "driver"),
		    json_is_true(json_object_get(gw, "up")) ? "up" : "DOWN",
		    number(gw, "in"), number(gw, "out"),
		    number(gw, "under_way"));
		refused = json_object_get(gw, "refused");
		if (json_object_size(refused) > 0)
			print_counters(refused, "           refused: ");
	}
}

static void
print_sandbox(const json_t *box)
{
	static const char *const names[] = { "calls", "files", "ports" };
	const char *lead = "sandbox    closed around ";
	const char *why = json_string_value(json_object_get(box, "why"));
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (!json_is_true(json_object_get(box, names[i])))
			continue;
		printf("%s%s", lead, names[i]);
		lead = ", ";
	}
	if (why != NULL)
		printf(
		    "%s(%s)", lead[0] == ',' ? " " : "sandbox    NONE ", why);
	printf("\n");
}

static void
edition_print(const char *dir, long long edition)
{
	if (edition <= 0)
		return;
	(void)publishing_tell(dir, edition, "           ");
	publishing_tell_unspoken(dir, edition, "           ");
}

static void
print_memory(const json_t *all)
{
	long long cache = number(json_object_get(all, "store"), "cache_bytes");
	json_t *memory = json_object_get(all, "memory"), *bytes;
	const char *name;
	double sum = 0;

	json_object_foreach(memory, name, bytes)
	{
		sum += (double)json_integer_value(bytes);
	}
	printf("memory     %.1f MB to know them and their texts, %.1f MB for "
	       "pages of the store\n",
	    sum / 1e6, (double)cache / 1e6);
}

static void
print_running(const char *dir, const json_t *all)
{
	const char *trouble =
	    json_string_value(json_object_get(all, "edition_trouble"));

	printf(
	    "safard     runs on %s: pid %lld, for ", dir, number(all, "pid"));
	print_span(number(all, "uptime_s"));
	printf("\nedition    %lld\n", number(all, "edition"));
	if (trouble != NULL)
		printf("           a newer one was REFUSED: %s\n", trouble);
	edition_print(dir, number(all, "edition"));
	print_store(json_object_get(all, "store"));
	print_gateways(json_object_get(all, "gateways"));
	print_sandbox(json_object_get(all, "sandbox"));
	printf("waiting    %lld answers", number(all, "waiting"));
	if (number(all, "waiting") > 0) {
		printf(", the oldest for ");
		print_span(number(all, "oldest_waiting_s"));
	}
	printf("\npeople     %lld in the last day\n", number(all, "people"));
	print_memory(all);
	if (number(all, "callbacks") > 0)
		printf("calls      %lld asked for: safarctl callback list\n",
		    number(all, "callbacks"));
	printf("counters  ");
	print_counters(json_object_get(all, "counters"), " ");
}

static int
tell_running(const char *dir, const char *line, bool json)
{
	json_t *all = json_loads(line, 0, NULL);

	if (!json_is_object(all)) {
		json_decref(all);
		return ctl_fail(
		    "safard on %s gave no answer to read; is it of the same "
		    "version as safarctl?",
		    dir);
	}
	if (json) {
		(void)json_object_set_new(all, "running", json_true());
		ctl_json(all);
		return CTL_OK;
	}
	print_running(dir, all);
	json_decref(all);
	return CTL_OK;
}

/* --- none runs --- */

struct resting {
	int64_t edition; /* 0 unknown */
	struct db_counts counts;
	struct diag why; /* what could not be read */
};

static struct resting
resting_read(const char *dir)
{
	struct resting r = { .why = { "" } };
	struct directory *directory = NULL;
	struct db *db = NULL;

	if (db_open_reader(dir, &db, &r.why) == 0 &&
	    db_counts(db, &r.counts) < 0)
		(void)diag_set(&r.why, 0, "%s/hotline.db cannot be read", dir);
	db_close(&db);
	if (ctl_directory_open(dir, &directory) == CTL_OK &&
	    directory_edition_now(directory, &r.edition) < 0)
		r.edition = 0;
	directory_close(&directory);
	return r;
}

static int
tell_resting(const char *dir, bool json)
{
	struct resting r = resting_read(dir);
	json_t *all;

	if (json) {
		all = json_pack("{s:b, s:I, s:{s:b, s:I, s:I, s:I, s:I}}",
		    "running", 0, "edition", (json_int_t)r.edition, "store",
		    "ok", r.why.text[0] == '\0', "log_rows",
		    (json_int_t)r.counts.log, "queued",
		    (json_int_t)r.counts.queued, "sent",
		    (json_int_t)r.counts.sent, "bytes",
		    (json_int_t)r.counts.size_bytes);
		if (r.why.text[0] != '\0')
			(void)json_object_set_new(json_object_get(all, "store"),
			    "why", json_string(r.why.text));
		ctl_json(all);
	} else {
		printf("edition    %lld\n", (long long)r.edition);
		edition_print(dir, r.edition);
		if (r.why.text[0] != '\0')
			printf("store      FAILS: %s\n", r.why.text);
		else
			printf("store      %lld log rows, %.1f MB\n"
			       "waiting    %lld answers to be sent, %lld "
			       "without a report yet\n",
			    (long long)r.counts.log,
			    (double)r.counts.size_bytes / 1e6,
			    (long long)r.counts.queued,
			    (long long)r.counts.sent);
	}
	return ctl_fail("safard does not run on %s; start it with `safard "
			"--data %s`",
	    dir, dir);
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	static char buf[STATUS_MAX];
	bool json = false;
	const struct ctl_opt opts[] = { { .name = "json", .flag = &json } };
	const struct ctl_opts all = { &ctl_status, opts, 1, 0, 0, NULL };
	const char *dir;
	struct sb line;
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	sb_wrap(&line, buf, sizeof(buf));
	rc = control_ask(dir, SV("{\"do\":\"status\"}"), &line);
	if (rc == -ENOENT)
		return tell_resting(dir, json);
	if (rc == -ENAMETOOLONG)
		return ctl_fail("%s is too long a name for a socket; call from "
				"nearer with a shorter --data",
		    dir);
	if (rc < 0)
		return ctl_fail("safard on %s does not answer: %s; look at its "
				"log, and restart it if it hangs",
		    dir, strerror(-rc));
	return tell_running(dir, buf, json);
}

const struct ctl_command ctl_status = {
	.name = "status",
	.help = "how the service is: store, gateways, what waits, counters",
	.usage = "usage: safarctl [--data DIR] status [--json]\n"
		 "\n"
		 "Asks the running safard for its edition, store, gateways, "
		 "waiting answers and\n"
		 "counters that are not 0; conf/README.md says what each "
		 "counts.  When none\n"
		 "runs, says what the folder's databases hold.\n"
		 "\n"
		 "  --json   an object, with all counters\n"
		 "\n"
		 "exit code: 0 safard runs, 1 it does not, 2 wrong arguments\n",
	.run = run,
};
