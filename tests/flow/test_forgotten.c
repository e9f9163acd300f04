/*
 * test_forgotten.c - whoever says so is forgotten, at any point of any talk.
 *
 * People talk at random, one of them wants to be forgotten; then every byte of
 * the store is searched for what stood for that one: a name of each epoch, the
 * gateway's ids of their texts, the name and hash of a word they set, the name
 * and every seal of their wish to be called.  Some talks are calls.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "daemon/core/core.h"
#include "daemon/core/erase.h"
#include "daemon/core/messages.h"
#include "daemon/core/people.h"
#include "daemon/core/reviewers.h"
#include "daemon/core/voice.h"
#include "menus/decoy.h"
#include "tests/flow/kit.h"

enum {
	TALKS = 8,
	TURNS_MAX = 24,
	PEOPLE = 3,
	MARKS_MAX = 256,
	EPOCHS = 8,
	HEADS = 1 << 16,
	PAGE = 4096,
};

/* What may be found in a file. */
struct mark {
	uint8_t bytes[VAULT_TAG_LEN];
	bool gone; /* it must not be */
	bool found;
};

static struct kit *k;
static struct mark marks[MARKS_MAX];
static size_t mark_count;
static uint8_t heads[HEADS]; /* first two bytes of a mark */
static uint32_t seed = 20261122;

static unsigned
some(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (unsigned)(((uint64_t)(seed >> 8) * n) >> 24);
}

static void
mark_put(const uint8_t bytes[VAULT_TAG_LEN], bool gone)
{
	struct mark *m = &marks[mark_count++];

	ASSERT(mark_count <= MARKS_MAX);
	*m = (struct mark){ .gone = gone };
	memcpy(m->bytes, bytes, VAULT_TAG_LEN);
	heads[bytes[0] << 8 | bytes[1]] = 1;
}

/* All that a number was called in the epochs of the test. */
static void
names_put(const char *e164, bool gone)
{
	int64_t epoch = vault_epoch(clock_ms());
	uint8_t name[VAULT_TAG_LEN];
	int i;

	for (i = 0; i < EPOCHS; i++)
		if (vault_person_of(
			k->h->vault, epoch - i, sv_of(e164), name) == 0)
			mark_put(name, gone);
	vault_ref(k->h->vault, SV(ERASE_DECOY), sv_of(e164), name);
	mark_put(name, gone);
	vault_ref(k->h->vault, SV(ERASE_CALLBACK), sv_of(e164), name);
	mark_put(name, gone);
}

/* The request of who will be forgotten, as it is now. */
static void
call_note(const char *e164)
{
	const struct callback *b = callbacks_of(k->h->callbacks, sv_of(e164));

	if (b != NULL)
		mark_put(b->sealed + VAULT_SEAL_BYTES, true);
}

static void
on_call(void *arg, const struct callback *b)
{
	int64_t *id = arg;

	if (some(3) == 0)
		*id = b->id;
}

/* An operator does something with somebody's. */
static void
call_act(void)
{
	static const char *const acts[] = { "message", "number", "done" };
	char buf[256];
	int64_t id = 0;
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	callbacks_each(k->h->callbacks, on_call, &id);
	if (id != 0)
		(void)!hotline_callback(
		    k->h, sv_of(acts[some(3)]), id, SV("op"), &b);
}

static bool
are_zeros(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

static void
search(const uint8_t *p, size_t n)
{
	struct mark *m;
	size_t i;

	for (i = 0; i + VAULT_TAG_LEN <= n; i++) {
		/* no mark is all zeros, and most of the WAL is */
		while (i + PAGE + VAULT_TAG_LEN <= n &&
		       are_zeros(p + i, PAGE + VAULT_TAG_LEN))
			i += PAGE;
		if (!heads[p[i] << 8 | p[i + 1]])
			continue;
		for (m = marks; m < marks + mark_count; m++)
			if (memcmp(m->bytes, p + i, VAULT_TAG_LEN) == 0)
				m->found = true;
	}
}

static void
file_search(const char *name)
{
	char path[128];
	struct stat st;
	void *p;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", k->dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ASSERT(fstat(fd, &st) == 0);
	if (st.st_size > 0) {
		p = mmap(
		    NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		ASSERT(p != MAP_FAILED);
		search(p, (size_t)st.st_size);
		ASSERT(munmap(p, (size_t)st.st_size) == 0);
	}
	(void)close(fd);
}

static void
store_search(void)
{
	size_t i;

	for (i = 0; i < mark_count; i++)
		marks[i].found = false;
	file_search("hotline.db");
	file_search("hotline.db-wal");
}

static size_t
found(bool gone)
{
	size_t i, n = 0;

	for (i = 0; i < mark_count; i++)
		n += marks[i].found && marks[i].gone == gone;
	return n;
}

static void
marks_begin(void)
{
	memset(heads, 0, sizeof(heads));
	mark_count = 0;
}

/* One text of one person; of whom will be forgotten, its id is noted. */
static void
say(const char *from, const char *text, bool note)
{
	uint8_t ref[VAULT_TAG_LEN];
	char id[32];

	k->count = k->count > KIT_ANSWERS_MAX / 2 ? 0 : k->count;
	(void)snprintf(id, sizeof(id), "t-%u", ++k->serial);
	if (note) {
		vault_ref(k->h->vault, SV("loop"), sv_of(id), ref);
		mark_put(ref, true);
	}
	ASSERT(kit_say_id(k, id, from, text) == 0);
}

/* A part of a longer text: the rest never comes. */
static void
part_say(const char *from)
{
	const struct gw_in in = { .from = sv_of(from),
		.to = SV("1414"),
		.part = { .total = 3,
		    .number = (uint8_t)(1 + some(3)),
		    .ref = (uint16_t)some(1000),
		    .coding = GW_CODING_GSM7,
		    .bytes = SV("lawyer in Moscow and then ") } };
	int told = KIT_NOT_YET;

	loop_say(k->loop, &in, kit_done, &told);
	kit_run(k);
}

/* A slow machine sweeps few rows at a time: until all that is too old is gone,
 * and the WAL wiped. */
static void
sweep(void)
{
	int i;

	for (i = 0; i < 5000 && clock_ms() - k->h->last_sweep_ms > 100000; i++)
		kit_wait(k, 1000);
	for (i = 0; i < 4; i++)
		kit_wait(k, 1000);
}

static void
time_pass(void)
{
	static const int64_t minutes[] = { 0, 0, 0, 1, 3, 20, 90, 1000, 1500,
		20000, 43200 };

	kit_wait(k, minutes[some(ARRAY_LEN(minutes))] * 60 * 1000 + 1000);
	sweep();
}

static void
turn(const char *from, bool note)
{
	static const char *const texts[] = { "1", "2", "5", "9", "0", "menu",
		"plain", "always plain", "LAT", "KIR", "hiv Moscow",
		"адвокат Москва", "Бишкек", "stop", "start", "щщщ", "help",
		"password kiwifruit kiwifruit", "Kiwifruit 2", "kiwifruit",
		"office hours", "маро мекушанд", "more", "yordam", "call me",
		"позвоните мне", "1", "1" };

	k->result = some(4) == 0 ? GW_RETRY : GW_SENT;
	if (some(8) == 0)
		part_say(from);
	else
		say(from, texts[some(ARRAY_LEN(texts))], note);
	if (note)
		call_note(from);
	k->result = some(4) == 0 ? GW_RETRY : GW_SENT;
	if (some(3) == 0)
		call_act();
	if (note)
		call_note(from);
	time_pass();
	if (note)
		call_note(from);
}

/* A request is four texts in a row: seldom by chance. */
static void
call_ask(const char *from, bool note)
{
	static const char *const texts[] = { "menu", "call me", "1", "4" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		say(from, texts[i], note);
		if (note)
			call_note(from);
	}
}

/* What the call does next. */
static void
on_told(void *arg, int rc, const struct voice_said *said)
{
	ASSERT(rc == 0);
	*(enum voice_act *)arg = said->act;
}

static void
tell(struct call *c, char event, enum voice_act *act)
{
	voice_tell(c, event, on_told, act);
	kit_run(k);
}

/* The caller speaks to nobody: a recording of some seconds. */
static void
message_leave(struct call *c, enum voice_act *act)
{
	char path[VOICE_PATH_MAX], wav[VOICE_PATH_MAX + 8];
	FILE *f;
	int i;

	voice_spool(c, path);
	(void)snprintf(wav, sizeof(wav), "%s.wav", path);
	f = fopen(wav, "we");
	ASSERT(f != NULL);
	for (i = 0; i < 4 * MESSAGE_LEAST; i++)
		(void)fputc('x', f);
	ASSERT(fclose(f) == 0);
	*act = VOICE_RECORD;
	voice_recorded(c, wav, on_told, act);
	while (*act == VOICE_RECORD)
		kit_run(k);
}

/* A call: these keys, or some, until somebody hangs up.  Where it is note, they
 * leave a message if they can. */
static void
phone(const char *from, const char *keys, bool note)
{
	static const char some_keys[] = "1234567890*#5566s";
	enum voice_act act = VOICE_END;
	struct call *c = voice_begin(k->h, sv_of(from));
	unsigned i, most = keys != NULL ? (unsigned)strlen(keys) : some(12);

	tell(c, VOICE_BEGIN, &act);
	for (i = 0; i < most && act != VOICE_END; i++) {
		if (act == VOICE_RECORD && note)
			message_leave(c, &act);
		else if (act == VOICE_RECORD)
			tell(c, VOICE_EMPTY, &act);
		else if (act == VOICE_TRANSFER)
			tell(c,
			    (char)(some(2) == 0 ? VOICE_BUSY : VOICE_TALKED),
			    &act);
		else if (keys != NULL)
			tell(c, keys[i], &act);
		else
			tell(c, some_keys[some(sizeof(some_keys) - 1)], &act);
	}
	voice_end(&c, i == 0 && some(2) == 0);
	kit_run(k);
}

static void
on_message(void *arg, const char *name, int64_t at_ms, int64_t bytes)
{
	(void)name, (void)at_ms, (void)bytes;
	++*(int *)arg;
}

static int
messages(void)
{
	int n = 0;

	ASSERT(messages_each(k->dir, on_message, &n) == 0);
	return n;
}

/* True if the store says so. */
static bool
is_forgetting(void)
{
	char path[128];
	sqlite3_stmt *st = NULL;
	sqlite3 *sq = NULL;
	bool any;

	(void)snprintf(path, sizeof(path), "%s/hotline.db", k->dir);
	ASSERT(sqlite3_open(path, &sq) == SQLITE_OK);
	ASSERT(sqlite3_prepare_v2(sq, "SELECT 1 FROM forget", -1, &st, NULL) ==
	       SQLITE_OK);
	any = sqlite3_step(st) == SQLITE_ROW;
	(void)sqlite3_finalize(st);
	ASSERT(sqlite3_close(sq) == SQLITE_OK);
	return any;
}

/* All slices that take somebody out of older rows. */
static void
settle(void)
{
	int i;

	k->result = GW_SENT;
	for (i = 0; i < 400 && is_forgetting(); i++)
		kit_timers(k, 15);
	/* what was put off is tried again */
	for (i = 0; i < 2; i++)
		kit_wait(k, 60000);
	sweep();
}

static bool
is_told_ok(const char *who)
{
	size_t i;

	for (i = 0; i < k->count; i++)
		if (strcmp(k->answers[i].to, who) == 0 &&
		    strcmp(k->answers[i].text, "OK") == 0)
			return true;
	return false;
}

static const char *
words(void)
{
	static const char *const all[] = { "000", "FORGET", "забудь", "унут",
		"фаромӯш", "unut", "ұмыт" };

	return all[some(ARRAY_LEN(all))];
}

/* Memory knows that somebody wrote, to limit how often, and no more. */
static void
memory_check(const char *from)
{
	const struct menu_session none = menu_session_new();
	uint8_t name[VAULT_TAG_LEN];
	struct person p;

	ASSERT(vault_person_of(k->h->vault, vault_epoch(clock_ms()),
		   sv_of(from), name) == 0);
	OK(!people_get(k->h->people, name, &p) ||
		(memcmp(&p.menu, &none, sizeof(none)) == 0 &&
		    p.lately.text_hash == 0 && p.lately.reply_hash == 0),
	    "nothing of what they said is in memory");
}

static void
talk(unsigned nth)
{
	char who[32], other[32];
	unsigned i, turns = 1 + some(TURNS_MAX);
	bool by_phone = some(2) == 0;

	marks_begin();
	(void)snprintf(who, sizeof(who), "+99655530%04u", nth);
	for (i = 0; i < turns; i++) {
		(void)snprintf(other, sizeof(other), "+99655540%04u",
		    nth * PEOPLE + some(PEOPLE));
		if (some(3) == 0)
			turn(other, false);
		else
			turn(who, true);
		if (some(6) == 0)
			call_ask(i % 2 == 0 ? who : other, i % 2 == 0);
		if (some(3) == 0)
			phone(i % 2 == 0 ? who : other, NULL, i % 2 == 0);
		call_note(who);
	}
	phone(who, "196*", true);
	OK(messages() > 0, "they left a message, too");
	say(who, "menu", true);
	names_put(who, true);
	store_search();
	OK(found(true) > 0, "what is searched for is there before");
	if (some(3) == 0) {
		kit_stop(k);
		ASSERT(kit_start(k) == 0);
	}
	kit_wait(k, 700000); /* room under the limit */
	k->result = some(2) == 0 ? GW_RETRY : GW_SENT;
	k->count = 0;
	if (by_phone)
		phone(who, "1000", true);
	else
		say(who, words(), false);
	k->result = GW_SENT;
	settle();
	OK(by_phone || is_told_ok(who), "answered");
	store_search();
	EQ(found(true), 0, "and nothing of it after");
	OK(callbacks_of(k->h->callbacks, sv_of(who)) == NULL, "nobody calls");
	EQ(messages(), 0, "no message is kept");
	memory_check(who);
}

int
main(int argc, char **argv)
{
	struct diag why;
	char key[128];
	unsigned i;

	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	kit_stop(k);
	kit_set(k, "number: \"\"", "number: \"+996312000000\"");
	(void)snprintf(key, sizeof(key), "%s/reviewers.key", k->dir);
	ASSERT(reviewers_create(k->dir, key, &why) == 0);
	ASSERT(kit_start(k) == 0);
	for (i = 0; i < TALKS; i++)
		talk(i);
	kit_end(k);
	free(k);
	return tap_done();
}
