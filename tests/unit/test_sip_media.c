/* What a telephone gets of a call, packet by packet: speech, and of a pause as
 * little as may be.  Time goes by in ticks, and is read off the packets. */
#include <unistd.h>

#include "daemon/sip/media.h"
#include "daemon/sip/ticker.h"
#include "tests/tap.h"

enum {
	TICKS_MOST = 500, /* of one run */
	SECOND = 50,	  /* packets */
	TAIL = 10,	  /* of a pause that are sent */
	SPEECH = 25,	  /* of what is spoken here */
	FORGOTTEN = 150,  /* whom we have not heard for so many ticks */
};

/* A call with its telephone. */
struct world {
	struct rtp_pool pool;
	struct media *media;
	struct media_format format;
	int phone;
	bool speaks; /* the telephone, all the time */
	uint16_t said;
	uint32_t ticks;
	/* what came */
	char came[TICKS_MOST + 1]; /* in each tick of the last run */
	bool any, even;		   /* something; all of it in order */
	uint16_t seq;
	uint8_t last[RTP_FRAME];
};

static void
on_key(void *arg, char key)
{
	(void)arg, (void)key;
}

static void
on_played(void *arg)
{
	(void)media_stop(((struct world *)arg)->media);
}

static const struct media_ops ops = { .key = on_key, .played = on_played };

static void
phone_speaks(struct world *w)
{
	uint8_t packet[RTP_HEADER + RTP_FRAME] = { 0x80, 8,
		(uint8_t)(w->said >> 8), (uint8_t)w->said };
	struct addr to = w->format.to;

	w->said++;
	addr_set_port(&to, media_port(w->media));
	ASSERT(sendto(w->phone, packet, sizeof(packet), 0, &to.u.any, to.len) ==
	       sizeof(packet));
}

/*
 * The packet of this tick, ' ' if there is none: 's' for speech and '-' for
 * silence, 'S' and '=' if it is marked.  Its time must be that of the tick and
 * its number the next, however much was not sent.
 */
static char
phone_hears(struct world *w)
{
	char bytes[RTP_PACKET_MAX];
	ssize_t n = recv(w->phone, bytes, sizeof(bytes), MSG_DONTWAIT);
	const uint8_t silence = law_encode(LAW_A, 0);
	struct rtp_packet p;

	if (n < 0)
		return ' ';
	ASSERT(rtp_parse((struct sv){ bytes, (size_t)n }, &p));
	w->even = w->even && p.timestamp == w->ticks * RTP_FRAME &&
		  p.type == w->format.type && p.payload.n == RTP_FRAME &&
		  (!w->any || p.seq == (uint16_t)(w->seq + 1));
	w->any = true;
	w->seq = p.seq;
	memcpy(w->last, p.payload.p, RTP_FRAME);
	if (w->last[0] == silence &&
	    memcmp(w->last, w->last + 1, RTP_FRAME - 1) == 0)
		return p.marker ? '=' : '-';
	return p.marker ? 'S' : 's';
}

static void
run(struct world *w, unsigned ticks)
{
	unsigned i;

	ASSERT(ticks <= TICKS_MOST);
	for (i = 0; i < ticks; i++) {
		if (w->speaks)
			phone_speaks(w);
		rtp_pool_look(&w->pool);
		w->ticks++;
		media_tick(w->media, (int64_t)w->ticks * FRAME_MS);
		rtp_pool_send(&w->pool);
		w->came[i] = phone_hears(w);
		ASSERT(recv(w->phone, w->last, 0, MSG_DONTWAIT) < 0);
	}
	w->came[ticks] = '\0';
}

/* So many of what in a row, from here on. */
static bool
have(const char **at, char what, unsigned count)
{
	while (count > 0 && **at == what) {
		count--;
		(*at)++;
	}
	return count == 0;
}

/* What is said behind a pause: its first packet alone is marked. */
static bool
have_speech(const char **at, unsigned count)
{
	return have(at, 'S', 1) && have(at, 's', count - 1);
}

/* What is sent of a pause: its beginning, then a packet a second, counted from
 * the last of what was said. */
static bool
have_pause(const char **at, unsigned ticks)
{
	unsigned i;
	bool good = true;

	for (i = 1; good && i <= ticks; i++) {
		if (i <= TAIL)
			good = have(at, '-', 1);
		else if (i % SECOND == 0)
			good = have(at, '=', 1);
		else
			good = have(at, ' ', 1);
	}
	return good;
}

static struct sound *
speech(void)
{
	return sound_tone(800, SPEECH * FRAME_MS);
}

static void
play(struct world *w, struct sound *sound)
{
	media_play(w->media, &sound, 1, 0);
}

static void
world_open(struct world *w)
{
	struct addr here = { .len = 0 };

	ASSERT(addr_parse(SV("127.0.0.1"), 0, &here) == 0);
	w->phone = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT(bind(w->phone, &here.u.any, here.len) == 0);
	ASSERT(getsockname(w->phone, &here.u.any, &here.len) == 0);
	w->pool =
	    (struct rtp_pool){ .listen = here, .first = 30000, .count = 2 };
	rtp_pool_open(&w->pool);
	while (media_open(&w->pool, &ops, w, &w->media) < 0 &&
	       w->pool.first < 60000)
		w->pool.first = (uint16_t)(w->pool.first + 100);
	w->format = (struct media_format){ .law = LAW_A,
		.type = 8,
		.types = { [LAW_A] = 8, [LAW_MU] = 0 },
		.event = 101,
		.may_send = true,
		.to = here,
		.peer = here };
	w->even = true;
}

static void
world_close(struct world *w)
{
	media_close(&w->media);
	rtp_pool_close(&w->pool);
	(void)close(w->phone);
}

/* Until we have heard the telephone, it hears us. */
static void
test_start(struct world *w)
{
	const char *at = w->came;

	run(w, SECOND);
	OK(have(&at, ' ', SECOND), "before the answer nothing is sent");
	media_set(w->media, &w->format);
	media_start(w->media);
	run(w, 2 * SECOND);
	at = w->came;
	OK(have(&at, '=', 1) && have(&at, '-', 2 * SECOND - 1),
	    "then silence, until we have heard the caller");
	w->speaks = true;
	run(w, 4 * SECOND + 7);
	at = w->came;
	OK(have(&at, '-', 1) && have(&at, ' ', SECOND - 2) &&
		have(&at, '=', 1) && have(&at, ' ', SECOND - 1) &&
		have(&at, '=', 1),
	    "then a packet of it each second");
}

static void
test_pauses(struct world *w)
{
	const char *at = w->came;

	play(w, speech());
	run(w, SPEECH + 4 * SECOND + 7);
	OK(have_speech(&at, SPEECH), "what is said is sent, its start marked");
	OK(have_pause(&at, 4 * SECOND + 7) && *at == '\0',
	    "a pause is not, but for its beginning and each second");
	play(w, speech());
	run(w, SPEECH);
	play(w, speech());
	run(w, SPEECH);
	at = w->came;
	OK(have(&at, 's', SPEECH), "one prompt behind the other has no start");
	run(w, TAIL);
	play(w, speech());
	run(w, SPEECH);
	at = w->came;
	OK(have(&at, 's', SPEECH), "nor has what follows soon");
	play(w, speech());
	run(w, 3);
	(void)media_stop(w->media);
	run(w, 3 * SECOND + 7);
	at = w->came;
	OK(have_pause(&at, 3 * SECOND + 7),
	    "nor is a pause when a key ends it");
}

/* A pause within a prompt; a word begins with the last sample of a packet. */
static void
test_pause_within(struct world *w)
{
	enum { SAID = 4, PAUSE = 14 };
	const size_t pause = (size_t)SAID * RTP_FRAME;
	const size_t word = pause + (size_t)(PAUSE + 1) * RTP_FRAME - 1;
	const uint8_t silence = law_encode(LAW_A, 0);
	struct sound *sound = speech();
	uint8_t onset = sound->law[LAW_A][word];
	const char *at = w->came;

	memset(sound->law[LAW_A] + pause, silence, word - pause);
	ASSERT(onset != silence);
	play(w, sound);
	run(w, SAID + PAUSE + 1);
	OK(have_speech(&at, SAID) && have_pause(&at, PAUSE) &&
		have(&at, 'S', 1),
	    "nor is a pause within a prompt");
	EQ(w->last[RTP_FRAME - 1], onset, "but all of each word");
	(void)media_stop(w->media);
	run(w, SECOND);
}

static void
test_hold(struct world *w)
{
	const char *at = w->came;

	w->format.may_send = false;
	media_set(w->media, &w->format);
	run(w, 3 * SECOND);
	OK(have(&at, ' ', 3 * SECOND), "who holds us hears nothing");
	w->format.may_send = true;
	media_set(w->media, &w->format);
	run(w, SECOND + 1);
	at = w->came;
	OK(have(&at, '=', 1) && have(&at, '-', TAIL - 1) &&
		have(&at, ' ', SECOND - TAIL - 1) && have(&at, '=', 1),
	    "and then that we are there");
}

static void
test_forgotten(struct world *w)
{
	const char *at = w->came;

	w->speaks = false;
	run(w, FORGOTTEN + SECOND);
	at += FORGOTTEN;
	OK(have(&at, '-', SECOND), "who is not heard hears us all the time");
	w->speaks = true;
	run(w, SECOND + TAIL);
	at = w->came + 1;
	OK(strchr(at, '=') != NULL && strchr(at, '-') == NULL,
	    "until they are heard again");
}

int
main(void)
{
	struct world w = { .even = true };

	world_open(&w);
	test_start(&w);
	test_pauses(&w);
	test_pause_within(&w);
	test_hold(&w);
	test_forgotten(&w);
	OK(w.even, "time stamps go on in pauses, and numbers do not jump");
	world_close(&w);
	return tap_done();
}
