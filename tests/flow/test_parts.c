/* Longer texts come in parts: in any order, twice, not all, across crashes. */

#include "tests/flow/disk.h"
#include "tests/flow/slow.h"

enum {
	UNITS =
	    66, /* of UTF-16 in a part: less than fit, so that pairs are cut */
	TEXTS = 10000,
	PARTS_MAX = 8,
	LATER_MAX = 64, /* how far a part may be behind its place */
};

static struct kit *k;

static void
restart(void)
{
	kit_stop(k);
	EQ(kit_start(k), 0, "restart");
}

struct p {
	const char *from;
	unsigned ref, total, number;
	enum gw_coding coding;
	const char *bytes;
	size_t n; /* 0: as long as the string */
};

/* A part comes in.  Returns what the gateway was told. */
static int
part(const struct p *p)
{
	const struct gw_in in = { .from = sv_of(p->from),
		.to = SV("1414"),
		.part = { .total = (uint8_t)p->total,
		    .number = (uint8_t)p->number,
		    .ref = (uint16_t)p->ref,
		    .coding = p->coding,
		    .bytes = {
			p->bytes, p->n > 0 ? p->n : strlen(p->bytes) } } };
	int told = KIT_NOT_YET;

	loop_say(k->loop, &in, kit_done, &told);
	kit_run(k);
	return told;
}

static int
gsm7(const char *from, unsigned ref, unsigned total, unsigned number,
    const char *bytes)
{
	const struct p p = { from, ref, total, number, GW_CODING_GSM7, bytes,
		0 };

	return part(&p);
}

static void
limit_passes(void)
{
	int i;

	for (i = 0; i < 31; i++)
		kit_wait(k, 1000);
}

/* What one text in one piece is answered, by somebody new. */
static const char *
answer_to(const char *text)
{
	char from[32];

	(void)snprintf(from, sizeof(from), "+9965551%05u", ++k->serial);
	EQ(kit_say(k, from, text), 0, "the same in one piece");
	return kit_last(k)->text;
}

static void
test_order(void)
{
	const char *from = "+996555400001";
	size_t had = k->count;
	char want[4096];

	EQ(gsm7(from, 7, 3, 3, "ish"), 0, "the last part");
	EQ(gsm7(from, 7, 3, 1, "En"), 0, "the first");
	EQ(k->count, had, "no answer yet");
	EQ(gsm7(from, 7, 3, 1, "En"), 0, "the first again");
	EQ(k->count, had, "no answer yet");
	EQ(gsm7(from, 7, 3, 2, "gl"), 0, "the middle");
	EQ(k->count - had, 1, "one answer");
	(void)snprintf(want, sizeof(want), "%s", kit_last(k)->text);
	OK(strcmp(answer_to("English"), want) == 0, "to the joined text");
	had = k->count;
	EQ(gsm7(from, 7, 3, 2, "gl"), 0, "a part is repeated");
	EQ(gsm7(from, 7, 3, 1, "En"), 0, "and another");
	limit_passes();
	EQ(k->count, had, "and not answered again");
	EQ(gsm7(from, 7, 1, 1, "menu"), 0, "a text of one part");
	EQ(k->count - had, 1, "is answered at once");
	EQ(gsm7(from, 7, 1, 1, "menu"), 0, "repeated");
	EQ(k->count - had, 1, "once");
	EQ(gsm7(from, 7, 1, 1, "English"), 0, "another under that reference");
	EQ(k->count - had, 2, "is answered, too");
}

/* Cut in the middle of a character of two units, and of an escaped pair. */
static void
test_seams(void)
{
	static const char smile[] = "\xD8\x3D\xDE\x2D"; /* U+1F62D */
	const char *from = "+996555400002";
	struct p p = { from, 1, 2, 1, GW_CODING_UCS2, smile, 2 };
	size_t had = k->count;
	char want[4096];

	EQ(part(&p), 0, "half a character");
	p.number = 2;
	p.bytes = smile + 2;
	EQ(part(&p), 0, "the other half");
	EQ(k->count - had, 1, "answered");
	(void)snprintf(want, sizeof(want), "%s", kit_last(k)->text);
	OK(strcmp(answer_to("\xF0\x9F\x98\xAD"), want) == 0, "as a whole");
	EQ(kit_counter(k, "bad_parts"), 0, "nothing was bad");

	had = k->count;
	EQ(gsm7("+996555400003", 1, 2, 1, "menu \x1B"), 0, "an escape");
	EQ(gsm7("+996555400003", 1, 2, 2, "e"), 0, "its septet");
	EQ(k->count - had, 1, "answered");
	(void)snprintf(want, sizeof(want), "%s", kit_last(k)->text);
	OK(strcmp(answer_to("menu \xE2\x82\xAC"), want) == 0, "a euro sign");
}

/* Each part may have a coding of its own. */
static void
test_codings(void)
{
	struct p p = { "+996555400004", 9, 3, 2, GW_CODING_LATIN1, "gl", 0 };
	size_t had = k->count;
	char want[4096];

	EQ(part(&p), 0, "Latin 1");
	EQ(gsm7(p.from, 9, 3, 1, "En"), 0, "GSM 7");
	p = (struct p){ p.from, 9, 3, 3, GW_CODING_UCS2, "\0i\0s\0h", 6 };
	EQ(part(&p), 0, "UCS-2");
	EQ(k->count - had, 1, "answered");
	(void)snprintf(want, sizeof(want), "%s", kit_last(k)->text);
	OK(strcmp(answer_to("English"), want) == 0, "to the joined text");
}

static void
test_bad(void)
{
	struct p p = { "+996555400005", 3, 2, 1, GW_CODING_UCS2, "\xD8\x3D",
		2 };
	size_t had = k->count;

	EQ(part(&p), 0, "half a character");
	p = (struct p){ p.from, 3, 2, 2, GW_CODING_UCS2, "\0a", 2 };
	EQ(part(&p), -EBADMSG, "and no other half");
	EQ(part(&p), 0, "its repeat is known");
	EQ(kit_counter(k, "bad_parts"), 1, "counted");
	EQ(gsm7("+996555400005", 4, 2, 3, "x"), -EBADMSG, "part 3 of 2");
	EQ(gsm7("+996555400005", 4, 2, 0, "x"), -EBADMSG, "part 0");
	EQ(kit_counter(k, "bad_parts"), 3, "counted");
	EQ(gsm7("Beeline", 4, 2, 1, "x"), 0, "from nobody");
	EQ(kit_counter(k, "open_texts"), 0, "nothing is open");
	limit_passes();
	EQ(k->count, had, "no answer");
}

static void
test_incomplete(void)
{
	const char *from = "+996555400006";
	long before = kit_counter(k, "incomplete");
	size_t had = k->count;
	char want[4096];

	EQ(gsm7(from, 5, 3, 1, "English"), 0, "the first");
	EQ(gsm7(from, 5, 3, 3, "qwrtz"), 0, "the last");
	kit_wait(k, 20000);
	EQ(k->count, had, "it waits");
	kit_wait(k, 11000);
	EQ(k->count - had, 1, "then it is answered");
	EQ(kit_counter(k, "incomplete") - before, 1, "counted");
	(void)snprintf(want, sizeof(want), "%s", kit_last(k)->text);
	OK(strcmp(answer_to("English qwrtz"), want) == 0, "from what came");
	had = k->count;
	EQ(gsm7(from, 5, 3, 2, "late"), 0, "the missing part comes late");
	EQ(gsm7(from, 5, 3, 1, "English"), 0, "another is repeated");
	limit_passes();
	EQ(k->count, had, "it has been answered");
	EQ(kit_counter(k, "late_parts"), 1, "counted");
	restart();
	EQ(gsm7(from, 5, 3, 2, "late"), 0, "late, after a restart");
	EQ(gsm7(from, 5, 3, 3, "qwrtz"), 0, "repeated, after a restart");
	limit_passes();
	EQ(k->count, had, "it has been answered");
}

/* Another text under the same reference is another text. */
static void
test_reference_again(void)
{
	const char *from = "+996555400007";
	size_t had = k->count;

	EQ(gsm7(from, 0, 2, 1, "English "), 0, "a text");
	EQ(gsm7(from, 0, 2, 2, "menu"), 0, "whole");
	EQ(k->count - had, 1, "answered");
	EQ(gsm7(from, 0, 2, 1, "Russian "), 0, "the same reference");
	EQ(gsm7(from, 0, 2, 2, "menu please"), 0, "whole");
	EQ(k->count - had, 2, "answered");
	EQ(gsm7(from, 0, 2, 1, "one "), 0, "a text that stays incomplete");
	EQ(gsm7(from, 0, 2, 1, "English "), 0, "a repeat of the first");
	EQ(gsm7(from, 0, 2, 1, "two "), 0, "another text begins");
	EQ(k->count - had, 3, "so the one before is answered");
	EQ(gsm7(from, 0, 2, 2, "three"), 0, "whole");
	EQ(k->count - had, 4, "answered");
	kit_wait(k, INT64_C(31) * 60 * 1000);
	EQ(gsm7(from, 0, 2, 2, "menu"), 0, "the first, half an hour later");
	EQ(gsm7(from, 0, 2, 1, "English "), 0, "whole");
	EQ(k->count - had, 5, "a person may say it again");
	EQ(gsm7(from, 300, 2, 1, "En"), 0, "a reference of 16 bits");
	EQ(gsm7(from, 44, 2, 2, "glish"), 0, "is not one of 8");
	EQ(kit_counter(k, "open_texts"), 2, "two are open");
	limit_passes();
	EQ(k->count - had, 7, "and answered each alone");
}

static void
test_restart(void)
{
	const char *from = "+996555400008";
	size_t had = k->count;
	char want[4096];

	EQ(gsm7(from, 11, 3, 2, "gl"), 0, "a part");
	EQ(gsm7(from, 11, 3, 3, "ish"), 0, "another");
	EQ(gsm7(from, 12, 2, 2, "menu"), 0, "of another text");
	restart();
	EQ(kit_counter(k, "open_texts"), 2, "both are there");
	EQ(gsm7(from, 11, 3, 3, "ish"), 0, "a repeat");
	EQ(gsm7(from, 11, 3, 1, "En"), 0, "the last");
	EQ(k->count - had, 1, "answered");
	(void)snprintf(want, sizeof(want), "%s", kit_last(k)->text);
	OK(strcmp(answer_to("English"), want) == 0, "whole");
	had = k->count;
	restart();
	EQ(gsm7(from, 11, 3, 1, "En"), 0, "a repeat after another restart");
	limit_passes();
	EQ(k->count - had, 1, "only the incomplete one is answered");
}

static void
test_forget(void)
{
	const char *from = "+996555400009";
	size_t had;

	EQ(gsm7(from, 21, 2, 1, "secret"), 0, "a part");
	EQ(kit_say(k, from, "000"), 0, "forget");
	had = k->count;
	EQ(kit_counter(k, "open_texts"), 0, "the part, too");
	limit_passes();
	EQ(k->count, had, "nothing is answered");
	restart();
	EQ(kit_counter(k, "open_texts"), 0, "after a restart, too");
	EQ(gsm7(from, 22, 2, 1, "00"), 0, "the word itself");
	EQ(gsm7(from, 22, 2, 2, "0"), 0, "in two parts");
	EQ(k->count - had, 1, "is answered");
	OK(strcmp(kit_last(k)->text, "OK") == 0, kit_last(k)->text);
}

static void
test_crowd(void)
{
	const char *from = "+996555400010";
	size_t had = k->count;
	char bytes[16];
	unsigned i;

	for (i = 0; i < 20; i++) {
		(void)snprintf(bytes, sizeof(bytes), "text %u", i);
		EQ(gsm7(from, 100 + i, 9, 1, bytes), 0, "a text begins");
	}
	EQ(kit_counter(k, "open_texts"), 8, "a sender has so many open");
	EQ(kit_counter(k, "crowded"), 12, "the others were not waited for");
	EQ(k->count - had, 12, "and answered");
	limit_passes();
	EQ(kit_counter(k, "open_texts"), 0, "the rest later");
}

/* A round that fails leaves nothing half-done. */
static void
test_full_disk(void)
{
	const char *from = "+996555400011";
	size_t had = k->count;

	EQ(gsm7(from, 31, 2, 1, "Eng"), 0, "a part");
	disk_full = true;
	OK(gsm7(from, 31, 2, 2, "lish") < 0, "the last finds no room");
	OK(gsm7(from, 32, 2, 1, "more") < 0, "nor does another text");
	EQ(kit_counter(k, "open_texts"), 1, "one text is open");
	kit_wait(k, 40000);
	EQ(k->count, had, "no answer");
	disk_full = false;
	kit_wait(k, 1000);
	EQ(gsm7(from, 31, 2, 2, "lish"), 0, "with room the last is taken");
	kit_wait(k, 1000);
	EQ(k->count - had, 1, "one answer");
	EQ(gsm7(from, 32, 2, 1, "more"), 0, "and the other text");
	restart();
	EQ(kit_counter(k, "open_texts"), 1, "waits");
	limit_passes();
	EQ(k->count - had, 2, "two answers");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	test_order();
	test_seams();
	test_codings();
	test_bad();
	test_incomplete();
	test_reference_again();
	test_restart();
	test_forget();
	test_crowd();
	test_full_disk();
	kit_end(k);
	free(k);
	return tap_done();
}
