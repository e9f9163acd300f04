/* Keys: one press is one key, however it comes. */
#include <math.h>

#include "daemon/sip/dtmf.h"
#include "tests/tap.h"

/* One packet: code, end, duration, timestamp, marker, when. */
struct packet {
	uint8_t code;
	bool end;
	uint16_t duration;
	uint32_t timestamp;
	bool marker;
	int64_t at_ms;
};

enum { PACKETS_MAX = 10 };

static const struct {
	const char *name, *keys; /* what must be heard */
	struct packet packets[PACKETS_MAX];
	size_t count;
} events[] = {
	{ "a press, its end three times", "5",
	    { { 5, false, 160, 1000, true, 0 },
		{ 5, false, 320, 1000, false, 20 },
		{ 5, true, 480, 1000, false, 40 },
		{ 5, true, 480, 1000, false, 60 },
		{ 5, true, 480, 1000, false, 80 } },
	    5 },
	{ "the end is lost", "12",
	    { { 1, false, 160, 1000, true, 0 },
		{ 1, false, 320, 1000, false, 20 },
		{ 2, false, 160, 3000, true, 250 } },
	    3 },
	{ "all but the end is lost", "7", { { 7, true, 800, 1, false, 0 } },
	    1 },
	{ "the same key twice", "55",
	    { { 5, false, 160, 1000, true, 0 },
		{ 5, true, 320, 1000, false, 20 },
		{ 5, false, 160, 2000, true, 120 },
		{ 5, true, 320, 2000, false, 140 } },
	    4 },
	{ "the same key twice, second marker lost", "55",
	    { { 5, false, 160, 1000, true, 0 },
		{ 5, true, 320, 1000, false, 20 },
		{ 5, false, 320, 2000, false, 140 } },
	    3 },
	{ "the same packets played again", "55",
	    { { 5, false, 160, 1000, true, 0 },
		{ 5, true, 320, 1000, false, 20 },
		{ 5, false, 160, 1000, true, 700 },
		{ 5, true, 320, 1000, false, 720 } },
	    4 },
	{ "a copy of the first packet", "5",
	    { { 5, false, 160, 1000, true, 0 },
		{ 5, false, 160, 1000, true, 1 } },
	    2 },
	{ "longer than a duration can tell", "9",
	    { { 9, false, 65535, 1000, true, 0 },
		{ 9, false, 160, 66535, false, 20 },
		{ 9, true, 320, 66535, false, 40 } },
	    3 },
	{ "a late end of the key before", "12",
	    { { 1, false, 160, 1000, true, 0 },
		{ 2, false, 160, 3000, true, 200 },
		{ 1, true, 480, 1000, false, 205 } },
	    3 },
	{ "all sixteen names", "*#ABCD",
	    { { 10, true, 1, 1, true, 0 }, { 11, true, 1, 2000, true, 200 },
		{ 12, true, 1, 3000, true, 400 },
		{ 13, true, 1, 4000, true, 600 },
		{ 14, true, 1, 5000, true, 800 },
		{ 15, true, 1, 6000, true, 1000 } },
	    6 },
	{ "a flash is no key", "", { { 16, true, 160, 1, true, 0 } }, 1 },
	{ "time stamps that begin anew", "12",
	    { { 1, true, 160, 4294967000U, true, 0 },
		{ 2, true, 160, 500, true, 200 } },
	    2 },
};

static void
test_events(void)
{
	size_t i, k, n;

	for (i = 0; i < ARRAY_LEN(events); i++) {
		struct dtmf_event e = { 0 };
		char heard[PACKETS_MAX + 1] = { 0 };

		for (k = n = 0; k < events[i].count; k++) {
			const struct packet *p = &events[i].packets[k];
			const char bytes[4] = { (char)p->code,
				(char)(p->end ? 0x80 | 10 : 10),
				(char)(p->duration >> 8), (char)p->duration };
			char key = dtmf_event(&e, (struct sv){ bytes, 4 },
			    p->timestamp, p->marker, p->at_ms);

			if (key != '\0')
				heard[n++] = key;
		}
		OK(strcmp(heard, events[i].keys) == 0, events[i].name);
	}
}

static const struct {
	const char *name, *subtype, *body;
	char key;
} infos[] = {
	{ "relay", "dtmf-relay", "Signal=4\r\nDuration=160\r\n", '4' },
	{ "relay, blanks", "DTMF-Relay", "Duration= 160\r\nsignal= * \r\n",
	    '*' },
	{ "relay, by number", "dtmf-relay", "Signal=11\n", '#' },
	{ "relay without a signal", "dtmf-relay", "Duration=160\r\n", '\0' },
	{ "relay, a long one", "dtmf-relay", "Signal=12345\r\n", '\0' },
	{ "plain", "dtmf", "2", '2' },
	{ "plain, a letter", "dtmf", "b\r\n", 'B' },
	{ "plain, empty", "dtmf", "", '\0' },
	{ "plain, no key", "dtmf", "x", '\0' },
	{ "another type", "dtmf-info", "Signal=4", '\0' },
};

static void
test_infos(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(infos); i++)
		EQ(dtmf_info(sv_of(infos[i].subtype), sv_of(infos[i].body)),
		    infos[i].key, infos[i].name);
	EQ(dtmf_info(SV("dtmf"), (struct sv){ "\0", 1 }), '\0', "a NUL");
}

struct heard {
	char keys[32];
	size_t n;
};

static void
on_key(char key, void *arg)
{
	struct heard *h = arg;

	if (h->n < sizeof(h->keys) - 1)
		h->keys[h->n++] = key;
}

/* 80 ms of two tones, then 80 ms of silence. */
static void
press(struct dtmf_tones *t, double low, double high)
{
	int16_t samples[160];
	int frame, i, at;

	for (frame = 0; frame < 8; frame++) {
		for (i = 0; i < 160; i++) {
			at = frame * 160 + i;
			samples[i] =
			    (int16_t)(frame >= 4 ?
					  0 :
					  8000 * sin(2 * M_PI * low * at /
						     8000) +
					      8000 * sin(2 * M_PI * high * at /
							 8000));
		}
		dtmf_tones_hear(t, samples, 160);
	}
}

static void
test_tones(void)
{
	struct heard h = { .n = 0 };
	struct dtmf_tones *t = dtmf_tones_new(on_key, &h);

	press(t, 697, 1209);
	press(t, 770, 1336);
	press(t, 941, 1477);
	press(t, 941, 1477);
	press(t, 941, 1209);
	OK(strcmp(h.keys, "15##*") == 0, "tones");
	dtmf_tones_free(&t);
	OK(t == NULL, "freed");
}

int
main(void)
{
	test_events();
	test_infos();
	test_tones();
	return tap_done();
}
