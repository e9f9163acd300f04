/*
 * 10,000 longer texts (a quarter of them without MANY), their parts shuffled,
 * doubled and 5 % missing, with restarts in between: each is answered once, and
 * as in one piece.  Then some more on a disk that fails now and then, where the
 * gateway tries again.
 */
#include <sys/syscall.h>

#include "daemon/core/join.h"
#include "daemon/proto/gsm7.h"
#include "daemon/proto/sms.h"
#include "tests/flow/slow.h"

enum {
	TEXTS = 10000,
	BLOCK = 2500, /* texts whose parts are mixed */
	TOTAL_MAX = 10,
	PART_BYTES = 134,
	ROUND = 64, /* parts handed over before the loop runs */
	MISSING_PERCENT = 5,
	DOUBLED_PERCENT = 30,
	TEXT_BYTES = 2048,
	WHOLE_ID = 500000, /* senders of the same text in one piece */
	FAULTY = 500,	   /* texts on a bad disk */
	FAULT_PERCENT = 3,
	TRIES_MAX = 10000,
	PART_LEAST = 13, /* bytes that it is known by */
	PART_MOST = 60,
};

/* One part on its way; a text has two entries for one that comes twice. */
struct going {
	uint16_t text; /* in the block */
	uint8_t number;
};

struct text {
	size_t at[TOTAL_MAX + 1]; /* where its parts begin, and the end */
	char bytes[TEXT_BYTES];
	enum gw_coding coding;
	uint8_t total, came;
	bool missing[TOTAL_MAX];
};

/* What a sender was answered. */
struct got {
	unsigned count;
	uint64_t hash;
};

static struct kit *k;
static struct text texts[BLOCK];
static struct going going[(size_t)BLOCK * TOTAL_MAX * 2];
static struct got pieces[TEXTS + BLOCK], wholes[TEXTS + BLOCK];
static struct arena *arena;
static uint64_t seed = 4;
static unsigned told_bad;
static unsigned fault_percent; /* of all writes */
static size_t parts_said, parts_doubled, complete, incomplete, nothing;

/* https://prng.di.unimi.it/splitmix64.c */
static uint32_t
random_below(uint32_t n)
{
	uint64_t z = (seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

__attribute__((visibility("default"))) ssize_t disk_pwrite(
    int fd, const void *buf, size_t n, off64_t at) __asm__("pwrite64");

ssize_t
disk_pwrite(int fd, const void *buf, size_t n, off64_t at)
{
	if (fault_percent > 0 && random_below(100) < fault_percent) {
		errno = random_below(2) == 0 ? ENOSPC : EIO;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, buf, n, at);
}

static uint64_t
hash_of(struct sv text)
{
	uint64_t h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < text.n; i++)
		h = (h ^ (uint8_t)text.p[i]) * 0x100000001b3;
	return h;
}

static enum gw_result
sink(void *arg, const struct gw_out *out)
{
	unsigned long number;
	struct got *got;
	char to[24];

	(void)arg;
	(void)snprintf(to, sizeof(to), SV_FMT, SV_ARG(out->to));
	number = strtoul(to + strlen("+996555"), NULL, 10);
	if (number >= WHOLE_ID) {
		ASSERT(number - WHOLE_ID < ARRAY_LEN(wholes));
		got = &wholes[number - WHOLE_ID];
	} else {
		ASSERT(number < ARRAY_LEN(pieces));
		got = &pieces[number];
	}
	got->count++;
	got->hash = hash_of(out->text);
	return GW_SENT;
}

static void
on_told(void *arg, int rc)
{
	(void)arg;
	told_bad += rc != 0;
}

/* Questions of the field between words that mean nothing, faces and signs. */
static void
text_write(struct sb *b, bool gsm7)
{
	static const char *const asks[][2] = { { "адвокат москва",
						   "lawyer osh" },
		{ "не платят зарплату", "help in bishkek" },
		{ "общежитие в казани", "hostel" },
		{ "маош намедиҳанд", "maosh bermayapti" },
		{ "жатакана", "yotoqxona" }, { "врач екатеринбург", "doctor" },
		{ "қазақша", "o'zbekcha" }, { "меню", "menu {1} [2]" } };
	static const char *const fill[][2] = { { "😭", "|~" },
		{ "салом", "hello" }, { "🙏🏼", "\xE2\x82\xAC" },
		{ "пожалуйста", "please" }, { "ўқғҳ", "\\^" } };
	unsigned i, n = 6 + random_below(24);

	sb_puts(b, asks[random_below(ARRAY_LEN(asks))][gsm7]);
	for (i = 0; i < n; i++) {
		sb_puts(b, " ");
		sb_puts(b, fill[random_below(ARRAY_LEN(fill))][gsm7]);
	}
}

/* Cut at any unit, also within a pair. */
static void
text_make(struct text *t)
{
	bool gsm7 = random_below(4) == 0;
	size_t unit = gsm7 ? 1 : 2, i, left, rest, least, most, n;
	struct sb text, b;

	*t = (struct text){ .coding = gsm7 ? GW_CODING_GSM7 : GW_CODING_UCS2 };
	arena_reset(arena);
	sb_init(&text, arena, TEXT_BYTES / 4);
	text_write(&text, gsm7);
	sb_wrap(&b, t->bytes, sizeof(t->bytes));
	if (gsm7)
		ASSERT(gsm7_write(sb_sv(&text), &b) == 0);
	else
		utf16be_write(sb_sv(&text), &b);
	ASSERT(!text.full && !b.full);
	t->total = (uint8_t)(b.n / PART_BYTES + 2 + random_below(3));
	ASSERT(t->total <= TOTAL_MAX);
	for (i = 1; i <= t->total; i++) {
		left = (b.n - t->at[i - 1]) / unit;
		rest = (t->total - i) * (PART_BYTES / unit); /* fits behind */
		least = left > rest ? left - rest : 0;
		most = left < PART_BYTES / unit ? left : PART_BYTES / unit;
		n = i == t->total ?
			left :
			least + random_below((uint32_t)(most - least + 1));
		t->at[i] = t->at[i - 1] + n * unit;
		t->missing[i - 1] = random_below(100) < MISSING_PERCENT;
		t->came += !t->missing[i - 1];
	}
}

static struct sv
part_of(const struct text *t, unsigned number)
{
	return (struct sv){ t->bytes + t->at[number - 1],
		t->at[number] - t->at[number - 1] };
}

static size_t
shuffle(void)
{
	size_t n = 0, i, at;
	struct going g;
	unsigned number;

	for (i = 0; i < BLOCK; i++) {
		for (number = 1; number <= texts[i].total; number++) {
			g = (struct going){ (uint16_t)i, (uint8_t)number };
			if (texts[i].missing[number - 1])
				continue;
			going[n++] = g;
			if (random_below(100) < DOUBLED_PERCENT) {
				going[n++] = g;
				parts_doubled++;
			}
		}
	}
	for (i = n; i > 1; i--) {
		at = random_below((uint32_t)i);
		g = going[at];
		going[at] = going[i - 1];
		going[i - 1] = g;
	}
	return n;
}

static void
say_to(const struct going *g, unsigned block, gw_done_fn *told, void *arg)
{
	const struct text *t = &texts[g->text];
	unsigned id = block * BLOCK + g->text;
	char from[32];
	const struct gw_in in = { .from = { from, strlen("+996555000000") },
		.to = SV("1414"),
		.part = { .total = t->total,
		    .number = g->number,
		    .ref = (uint16_t)(id % 256),
		    .coding = t->coding,
		    .bytes = part_of(t, g->number) } };

	(void)snprintf(from, sizeof(from), "+996555%06u", id);
	loop_say(k->loop, &in, told, arg);
	parts_said++;
}

static void
say(const struct going *g, unsigned block)
{
	say_to(g, block, on_told, NULL);
}

static void
reopen(void)
{
	kit_stop(k);
	ASSERT(kit_start(k) == 0);
	loop_set_sink(k->loop, sink, NULL);
}

/* The same text in one piece, as far as it came, from somebody else. */
static void
say_whole(const struct text *t, unsigned id)
{
	struct piece list[TOTAL_MAX];
	unsigned number, last = 0;
	char from[32];
	size_t n = 0;
	struct sb b;
	struct gw_in in = { .from = { from, strlen("+996555000000") },
		.to = SV("1414") };

	arena_reset(arena);
	for (number = 1; number <= t->total; number++) {
		if (t->missing[number - 1])
			continue;
		list[n++] = (struct piece){ t->coding, part_of(t, number),
			number != last + 1 };
		last = number;
	}
	if (n == 0)
		return;
	sb_init(&b, arena, GW_TEXT_MAX);
	ASSERT(pieces_join(list, n, n == t->total, arena, &b) == 0);
	(void)snprintf(from, sizeof(from), "+996555%06u", WHOLE_ID + id);
	in.text = sb_sv(&b);
	loop_say(k->loop, &in, on_told, NULL);
}

/* Byte for byte what was cut. */
static bool
is_intact(const struct text *t)
{
	struct sv all = { t->bytes, t->at[t->total] };
	struct piece list[TOTAL_MAX];
	struct sb want, have;
	unsigned i;

	arena_reset(arena);
	sb_init(&want, arena, TEXT_BYTES);
	sb_init(&have, arena, TEXT_BYTES);
	for (i = 0; i < t->total; i++)
		list[i] = (struct piece){ t->coding, part_of(t, i + 1), false };
	ASSERT((t->coding == GW_CODING_GSM7 ? gsm7_read(all, &want) :
					      utf16be_read(all, &want)) == 0);
	return pieces_join(list, t->total, true, arena, &have) == 0 &&
	       sv_eq(sb_sv(&want), sb_sv(&have));
}

static void
block_run(unsigned block)
{
	size_t n, i, garbled = 0;
	int s;

	for (i = 0; i < BLOCK; i++)
		text_make(&texts[i]);
	n = shuffle();
	for (i = 0; i < n; i++) {
		say(&going[i], block);
		if (i % ROUND == ROUND - 1)
			kit_run(k);
		if (i == n / 2) {
			kit_run(k);
			reopen();
		}
	}
	kit_run(k);
	for (s = 0; s < 40; s++)
		kit_wait(k, 1000);
	for (i = 0; i < BLOCK; i++) {
		garbled += !is_intact(&texts[i]);
		say_whole(&texts[i], block * BLOCK + (unsigned)i);
		if (i % ROUND == ROUND - 1)
			kit_run(k);
		complete += texts[i].came == texts[i].total;
		nothing += texts[i].came == 0;
	}
	kit_run(k);
	EQ(garbled, 0, "every text is joined byte for byte");
}

/* What is known of parts is counted in status, and known for half an hour. */
static void
test_memory(size_t came)
{
	long bytes = kit_counter(k, "pieces");

	/* a reference is somebody else's then */
	kit_wait(k, INT64_C(3600) * 1000);
	kit_wait(k, 1000);
	bytes -= kit_counter(k, "pieces");
	printf("# %zu parts were known by %ld bytes\n", came, bytes);
	OK(bytes >= (long)came * PART_LEAST, "parts are known, and counted");
	OK(bytes <= (long)came * PART_MOST, "by some bytes each");
}

static void
on_told_of(void *arg, int rc)
{
	*(int *)arg = rc;
}

/* Hand all parts over until each is acknowledged.  Returns the tries. */
static int
say_until(size_t count, int *told)
{
	size_t i, left = count, said;
	int tries;

	for (i = 0; i < count; i++)
		told[i] = -EAGAIN;
	for (tries = 0; left > 0 && tries < TRIES_MAX; tries++) {
		for (i = 0, said = 0; i < count && said < ROUND; i++) {
			if (told[i] == 0)
				continue;
			told[i] = -EINPROGRESS;
			say_to(&going[i], TEXTS / BLOCK, on_told_of, &told[i]);
			said++;
		}
		kit_wait(k, 10); /* the store is asked whether it works again */
		for (i = 0, left = 0; i < count; i++)
			left += told[i] != 0;
	}
	EQ(left, 0, "every part is acknowledged in the end");
	return tries;
}

static void
test_faults(void)
{
	int *told = calloc(ARRAY_LEN(going), sizeof(*told)), tries;
	size_t i, n, once = 0, wrong = 0;

	ASSERT(told != NULL);
	for (i = 0; i < BLOCK; i++) {
		text_make(&texts[i]);
		memset(texts[i].missing, i >= FAULTY, TOTAL_MAX);
	}
	n = shuffle();
	fault_percent = FAULT_PERCENT;
	tries = say_until(n, told);
	fault_percent = 0;
	for (i = 0; i < 10; i++)
		kit_wait(k, 1000);
	for (i = 0; i < FAULTY; i++) {
		say_whole(&texts[i], TEXTS + (unsigned)i);
		if (i % ROUND == ROUND - 1)
			kit_run(k);
	}
	kit_run(k);
	for (i = TEXTS; i < TEXTS + FAULTY; i++) {
		once += pieces[i].count == 1;
		wrong += pieces[i].hash != wholes[i].hash;
	}
	printf("# %d texts, %zu parts, %d %% of the writes fail: %d rounds, "
	       "answered once %zu\n",
	    FAULTY, n, FAULT_PERCENT, tries, once);
	EQ(once, FAULTY, "each text is answered, and once");
	EQ(wrong, 0, "as in one piece");
	free(told);
}

int
main(int argc, char **argv)
{
	size_t i, once = 0, twice = 0, wrong = 0, said, count;
	unsigned block, blocks = tap_many() ? TEXTS / BLOCK : 1;

	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	arena = arena_new(65536, 1 << 20);
	kit_new(k, argv[0]);
	kit_set(k, "global_per_s: 500", "global_per_s: 100000");
	reopen();
	for (block = 0; block < blocks; block++) {
		said = parts_said - parts_doubled;
		block_run(block);
		test_memory(parts_said - parts_doubled - said);
	}
	count = (size_t)blocks * BLOCK;
	for (i = 0; i < count; i++) {
		once += pieces[i].count == 1;
		twice += pieces[i].count > 1;
		wrong += pieces[i].hash != wholes[i].hash;
	}
	incomplete = count - complete - nothing;
	printf("# %zu texts, %zu parts, %zu of them twice: %zu complete, "
	       "%zu incomplete, %zu of which nothing came\n",
	    count, parts_said, parts_doubled, complete, incomplete, nothing);
	printf("# answered once %zu, twice %zu, not as in one piece %zu\n",
	    once, twice, wrong);
	EQ(told_bad, 0, "every part is acknowledged");
	EQ(once, complete + incomplete, "each text is answered");
	EQ(twice, 0, "and once");
	EQ(wrong, 0, "as in one piece");
	test_faults();
	kit_end(k);
	arena_free(&arena);
	free(k);
	return tap_done();
}
