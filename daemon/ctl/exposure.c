/* exposure.c - what-would-they-get: counts, never a number or a text. */
#include "daemon/ctl/exposure.h"

#include <inttypes.h>
#include <jansson.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/messages.h"
#include "daemon/core/vault.h"
#include "daemon/ctl/traces.h"
#include "daemon/phone/phone.h"
#include "db/exposure.h"

enum { EPOCHS_MAX = 256, ARENA_FIRST = 4096, ARENA_MOST = 4 << 20 };

struct seen {
	struct db_exposed log; /* all epochs together */
	struct db_exposed_counts counts;
	int64_t epochs;	       /* with a pseudonym in them */
	int64_t texts, people; /* of the last day */
	int64_t answers, pieces, calls, unmatched, words, messages;
	struct traces traces; /* readable in the files */
	/* with the keys */
	bool keys, sealed; /* they were read; they have a passphrase */
	int64_t opened, opened_texts; /* numbers and texts unsealed */
	int64_t guess_rows, guess_people;
	struct diag why; /* why there are no keys */
};

struct looking {
	struct seen *seen;
	struct vault *vault;
	struct arena *arena;
	int64_t keyed[EPOCHS_MAX]; /* epochs whose key is there */
	size_t keyed_count;
};

static void
on_key(void *arg, int64_t epoch)
{
	struct looking *l = arg;

	if (l->keyed_count < ARRAY_LEN(l->keyed))
		l->keyed[l->keyed_count++] = epoch;
}

static bool
is_keyed(const struct looking *l, int64_t epoch)
{
	size_t i;

	for (i = 0; i < l->keyed_count; i++)
		if (l->keyed[i] == epoch)
			return true;
	return false;
}

static void
on_epoch(void *arg, const struct db_exposed *e)
{
	struct looking *l = arg;
	struct db_exposed *all = &l->seen->log;

	if (all->rows == 0 || e->first_ms < all->first_ms)
		all->first_ms = e->first_ms;
	all->rows += e->rows;
	all->linked += e->linked;
	all->people += e->people;
	all->together += e->together;
	l->seen->epochs += e->linked > 0;
	if (!is_keyed(l, e->epoch))
		return;
	l->seen->guess_rows += e->linked;
	l->seen->guess_people += e->people;
}

static void
on_sealed(void *arg, const char *table, struct sv sealed)
{
	struct looking *l = arg;
	struct sv e164, from, text;

	if (strcmp(table, "unmatched") == 0) {
		l->seen->unmatched++;
		return;
	}
	l->seen->answers += strcmp(table, "outbox") == 0;
	l->seen->pieces += strcmp(table, "part") == 0;
	l->seen->calls += strcmp(table, "callback") == 0;
	arena_reset(l->arena);
	if (l->vault == NULL ||
	    vault_unseal(l->vault, sealed, l->arena, &e164, &from, &text) < 0)
		return;
	l->seen->opened++;
	/* of who asked to be called there is no text */
	l->seen->opened_texts += text.n > 0 && strcmp(table, "callback") != 0;
}

static void
on_decoy(void *arg, const struct db_decoy *row)
{
	struct looking *l = arg;

	(void)row;
	l->seen->words++;
}

static int
store_look(const char *dir, struct looking *l)
{
	struct diag why = { "" };
	struct db *db = NULL;
	int rc = db_open_reader(dir, &db, &why);

	if (rc < 0)
		return ctl_fail("%s", why.text);
	l->arena = arena_new(ARENA_FIRST, ARENA_MOST);
	rc = db_exposed_each(db, on_epoch, l);
	if (rc == 0)
		rc = db_exposed_today(db, &l->seen->texts, &l->seen->people);
	if (rc == 0)
		rc = db_exposed_counts(db, &l->seen->counts);
	if (rc == 0)
		rc = db_sealed_each(db, on_sealed, l);
	if (rc == 0)
		rc = db_decoys_each(db, on_decoy, l);
	arena_free(&l->arena);
	db_close(&db);
	return rc < 0 ? ctl_fail("%s/hotline.db cannot be read: %s", dir,
			    strerror(-rc)) :
			CTL_OK;
}

static void
on_message(void *arg, const char *name, int64_t at_ms, int64_t bytes)
{
	struct seen *seen = arg;

	(void)name, (void)at_ms, (void)bytes;
	seen->messages++;
}

static int
messages_look(const char *dir, struct seen *seen)
{
	int rc = messages_each(dir, on_message, seen);

	return rc < 0 ? ctl_fail("%s/" MESSAGES_FOLDER " cannot be read: %s",
			    dir, strerror(-rc)) :
			CTL_OK;
}

/* Everything but what is given out to everybody, and the keys. */
static int
files_look(const char *dir, char *const *paths, struct traces *t)
{
	static const char *const own[] = { "hotline.db", "hotline.db-wal",
		"hotline.db-shm" };
	struct phones *phones = phones_new();
	char path[PATH_MAX];
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < ARRAY_LEN(own); i++) {
		ctl_path(path, dir, own[i]);
		rc = traces_find(phones, path, t);
		rc = rc == -ENOENT ? 0 : rc;
	}
	for (; rc == 0 && *paths != NULL; paths++) {
		(void)snprintf(path, sizeof(path), "%s", *paths);
		rc = traces_find(phones, *paths, t);
	}
	phones_free(&phones);
	return rc < 0 ? ctl_fail("%s cannot be read: %s", path, strerror(-rc)) :
			CTL_OK;
}

struct asked {
	const char *dir, *keys;
	bool passphrase, json;
	char *const *paths;
};

/* Keys with a passphrase are read only by who is asked for it. */
static int
keys_look(const struct asked *q, struct looking *l)
{
	struct seen *seen = l->seen;
	char path[PATH_MAX];
	const char *keys = q->keys;
	int rc;

	if (keys == NULL) {
		ctl_path(path, q->dir, "keys");
		keys = path;
	}
	rc = vault_is_sealed(keys, &seen->sealed, &seen->why);
	if (rc == 0 && seen->sealed && !q->passphrase)
		return CTL_OK;
	if (rc == 0)
		rc = vault_look(keys, &l->vault, &seen->why);
	if (rc == 0)
		rc = vault_epochs_each(l->vault, on_key, l);
	seen->keys = rc == 0;
	if (rc < 0 && (q->keys != NULL || q->passphrase))
		return ctl_fail("%s", seen->why.text);
	return CTL_OK;
}

static int
look(const struct asked *q, struct seen *seen)
{
	struct looking l = { .seen = seen };
	int rc = keys_look(q, &l);

	if (rc == CTL_OK)
		rc = store_look(q->dir, &l);
	if (rc == CTL_OK)
		rc = messages_look(q->dir, seen);
	vault_close(&l.vault);
	return rc == CTL_OK ? files_look(q->dir, q->paths, &seen->traces) : rc;
}

static const char *
hour_text(int64_t ms, char buf[32])
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	(void)strftime(buf, 32, "%Y-%m-%dT%H:00Z", &tm);
	return buf;
}

static const char *
form(int64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static void
print_requests(const struct db_exposed *log)
{
	char since[32];

	if (log->rows == 0) {
		printf("requests   none\n");
		return;
	}
	printf("requests   %" PRId64 " since %s: hour, country, language, "
	       "topic, place, answer\n"
	       "           %" PRId64 " with a pseudonym of %" PRId64
	       " %s, each within 30 days; %" PRId64 " %s can be\n"
	       "           put together to what one person asked\n",
	    log->rows, hour_text(log->first_ms, since), log->linked,
	    log->people, form(log->people, "person", "people"), log->together,
	    form(log->together, "row", "rows"));
}

static void
print_without(const struct seen *s)
{
	printf("Whoever takes this now, without the keys, learns:\n"
	       "numbers    %" PRId64 " can be read\n"
	       "texts      %" PRId64 " can be read (%" PRId64
	       " %s looked through)\n",
	    s->traces.numbers, s->traces.texts, s->traces.files,
	    form(s->traces.files, "file", "files"));
	print_requests(&s->log);
	printf("counts     of %" PRId64
	       " %s, for 5 years: how many asked what, "
	       "from where, in which\n"
	       "           language; %" PRId64 " of %" PRId64
	       " are of one request, of nobody\n",
	    s->counts.days, form(s->counts.days, "day", "days"), s->counts.ones,
	    s->counts.cells);
	printf("last day   %" PRId64 " %s of %" PRId64
	       " %s, when to the ms, language, place, menu\n"
	       "own word   %" PRId64 " %s set one: the day of its last use\n"
	       "sealed     %" PRId64 " %s, %" PRId64 " %s of texts, %" PRId64
	       " who asked to be called,\n"
	       "           %" PRId64 " %s and %" PRId64 " voice %s for "
	       "reviewers: nothing without a\n"
	       "           key\n",
	    s->texts, form(s->texts, "text", "texts"), s->people,
	    form(s->people, "pseudonym", "pseudonyms"), s->words,
	    form(s->words, "person has", "people have"), s->answers,
	    form(s->answers, "answer", "answers"), s->pieces,
	    form(s->pieces, "piece", "pieces"), s->calls, s->unmatched,
	    form(s->unmatched, "text", "texts"), s->messages,
	    form(s->messages, "message", "messages"));
}

static void
print_with(const struct seen *s)
{
	if (!s->keys && s->sealed) {
		printf(
		    "\nWith the key folder, too: nothing more; its keys have "
		    "a passphrase.  What it\nopens: --passphrase\n");
		return;
	}
	if (!s->keys) {
		printf("\nThere are no keys (%s): that is all.\n", s->why.text);
		return;
	}
	printf(
	    "\nWith the keys%s, too:\n"
	    "numbers    %" PRId64 " can be read\n"
	    "texts      %" PRId64 " can be read; those for reviewers "
	    "cannot\n"
	    "           numbers that can be guessed with these keys: %" PRId64
	    "; who tries every number\n"
	    "           of a country finds who is behind %" PRId64
	    " %s, and can tell of a number\n"
	    "           whether it wrote%s\n",
	    s->sealed ? " and their passphrase" : "",
	    s->traces.numbers + s->opened, s->traces.texts + s->opened_texts,
	    s->guess_people, s->guess_rows,
	    form(s->guess_rows, "request", "requests"),
	    s->words > 0 ? ", and whether it set a word of its own" : "");
}

static void
print_json(const struct seen *s)
{
	int64_t sealed = s->answers + s->pieces + s->calls;
	int64_t numbers = s->traces.numbers + s->opened;
	int64_t texts = s->traces.texts + s->opened_texts;
	json_t *all = json_pack("{s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
				"s:I, s:I, s:I, s:I, s:I}, s:b}",
	    "without", "numbers", (json_int_t)s->traces.numbers, "texts",
	    (json_int_t)s->traces.texts, "requests", (json_int_t)s->log.rows,
	    "since_ms", (json_int_t)s->log.first_ms, "linked",
	    (json_int_t)s->log.linked, "pseudonyms", (json_int_t)s->log.people,
	    "together", (json_int_t)s->log.together, "sealed",
	    (json_int_t)sealed, "unmatched", (json_int_t)s->unmatched,
	    "own_words", (json_int_t)s->words, "voice_messages",
	    (json_int_t)s->messages, "counted_days", (json_int_t)s->counts.days,
	    "counts_of_one", (json_int_t)s->counts.ones, "passphrase",
	    s->sealed);

	ASSERT(all != NULL);
	if (s->keys)
		(void)json_object_set_new(all, "with",
		    json_pack("{s:I, s:I, s:I, s:I, s:I}", "numbers",
			(json_int_t)numbers, "texts", (json_int_t)texts,
			"guessable_requests", (json_int_t)s->guess_rows,
			"guessable_numbers", (json_int_t)s->guess_people,
			"guessable_own_words", (json_int_t)s->words));
	ctl_json(all);
}

static int
print(const struct asked *q)
{
	struct seen seen = { .why = { "" } };
	int rc = look(q, &seen);

	if (rc != CTL_OK)
		return rc;
	if (q->json) {
		print_json(&seen);
	} else {
		print_without(&seen);
		print_with(&seen);
	}
	return CTL_OK;
}

int
exposure_print(const char *dir)
{
	char *const nothing_more[] = { NULL };

	return print(&(struct asked){ .dir = dir, .paths = nothing_more });
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	struct asked q = { .dir = NULL };
	const struct ctl_opt opts[] = {
		{ .name = "keys", .text = &q.keys },
		{ .name = "passphrase", .flag = &q.passphrase },
		{ .name = "json", .flag = &q.json },
	};
	const struct ctl_opts all = { &ctl_exposure, opts, ARRAY_LEN(opts), 0,
		1000, NULL };
	int at = ctl_args(&all, argc, argv), rc;

	if (at < 0)
		return -at;
	rc = ctl_data(ctl, true, &q.dir);
	if (rc != CTL_OK)
		return rc;
	q.paths = argv + at;
	return print(&q);
}

const struct ctl_command ctl_exposure = {
	.name = "what-would-they-get",
	.help = "what somebody who takes this disk now would learn",
	.usage =
	    "usage: safarctl [--data DIR] what-would-they-get [--keys FOLDER] "
	    "[--passphrase]\n"
	    "                [--json] [PATH ...]\n"
	    "\n"
	    "Reads the data folder as it lies there, and the files and folders "
	    "PATH (logs, a\n"
	    "gateway's spool), and counts what can be read: numbers, texts, "
	    "rows that belong to\n"
	    "one person, how far back; without the keys, and with them.  Shows "
	    "none of it.\n"
	    "\n"
	    "  --keys FOLDER  the key folder (default DIR/keys, if it is "
	    "there)\n"
	    "  --passphrase   ask for that of the keys: what who knows it, "
	    "too, would learn\n"
	    "\n"
	    "Texts in Latin letters are known only in Kannel's access log, and "
	    "nothing is in what\n"
	    "is compressed.  The directory, menus and settings are not "
	    "looked through.\n",
	.run = run,
};
