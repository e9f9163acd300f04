/* media.c - 20 ms of one call. */
#include "daemon/sip/media.h"

#include <stdlib.h>

#include "daemon/sip/ticker.h"
#include "daemon/sip/wav.h"

enum {
	SILENCE_LEVEL = 256, /* mean of absolute samples, as Asterisk's */
	SAMPLES_MAX = 960,   /* of one packet: 120 ms */
	FORGET_MS = 3000,    /* silent so long: may come from elsewhere */
	SAMPLES_PER_MS = WAV_RATE / 1000,
	/*
	 * Packets of a pause that are sent: the first, since telephones keep
	 * back up to ten until others come, and another prompt may follow soon;
	 * and one each second (RFC 6263).
	 */
	TAIL = 10,
	ALIVE = 50,
};

/* What each tick needs is together, in front. */
struct media {
	struct rtp *rtp;
	bool agreed, started;
	bool sent;	 /* the packet before this one */
	uint8_t silence; /* as a byte of format.law */
	unsigned quiet;	 /* so many in a row had nothing to say */
	uint32_t timestamp;
	int64_t now_ms, heard_ms;
	size_t count, index, at; /* of list */
	struct media_format format;
	const struct media_ops *ops;
	void *arg;
	struct sound *list[MEDIA_LIST_MAX];
	/* in */
	struct dtmf_event event;
	struct dtmf_tones *tones;
	bool told_by_event, told_by_info;
	struct recording *recording;
	bool placed;	     /* the recording has its first packet */
	uint32_t first;	     /* its timestamp */
	size_t first_at;     /* its place */
	int64_t recorded_ms; /* when it began */
	size_t silent;
};

static void
on_tone_key(char key, void *arg)
{
	struct media *m = arg;

	m->ops->key(m->arg, key);
}

int
media_open(const struct rtp_pool *pool, const struct media_ops *ops, void *arg,
    struct media **ret_media)
{
	struct rtp *rtp = NULL;
	int rc = rtp_open(pool, &rtp);
	struct media *m;

	if (rc < 0)
		return rc;
	m = calloc(1, sizeof(*m));
	ASSERT(m != NULL);
	m->rtp = rtp;
	m->ops = ops;
	m->arg = arg;
	m->now_ms = m->heard_ms = ticker_now_ms();
	*ret_media = m;
	return 0;
}

void
media_close(struct media **mp)
{
	struct media *m = *mp;

	if (m == NULL)
		return;
	(void)media_stop(m);
	rtp_close(&m->rtp);
	dtmf_tones_free(&m->tones);
	free(m);
	*mp = NULL;
}

uint16_t
media_port(const struct media *m)
{
	return rtp_port(m->rtp);
}

/* Who is neither recorded nor heard for tones is not read. */
static void
want(struct media *m)
{
	rtp_want(m->rtp, m->recording == NULL && m->format.event >= 0 ?
			     m->format.event :
			     RTP_ALL);
}

void
media_set(struct media *m, const struct media_format *format)
{
	bool moved = !m->agreed || !addr_same(&m->format.to, &format->to) ||
		     !addr_same_ip(&m->format.peer, &format->peer);

	m->format = *format;
	m->silence = law_encode(format->law, 0);
	m->agreed = true;
	m->heard_ms = m->now_ms;
	if (moved)
		rtp_expect(m->rtp, &format->to, &format->peer);
	if (format->event < 0 && m->tones == NULL)
		m->tones = dtmf_tones_new(on_tone_key, m);
	else if (format->event >= 0)
		dtmf_tones_free(&m->tones);
	want(m);
}

void
media_start(struct media *m)
{
	m->started = true;
}

int64_t
media_heard_ms(const struct media *m)
{
	return m->format.may_send ? m->heard_ms : m->now_ms;
}

/* --- in --- */

void
media_record(struct media *m, struct recording *r)
{
	m->recording = r;
	m->placed = false;
	m->recorded_ms = m->now_ms;
	m->silent = 0;
	want(m);
}

size_t
media_silent(const struct media *m)
{
	return m->silent;
}

/* Keys by telephone events are the surest: once there is one, the same key is
 * not taken from INFO as well. */
void
media_key(struct media *m, char key)
{
	if (m->told_by_event)
		return;
	m->told_by_info = true;
	m->ops->key(m->arg, key);
}

static void
take_event(struct media *m, const struct rtp_packet *p)
{
	char key = dtmf_event(
	    &m->event, p->payload, p->timestamp, p->marker, m->now_ms);

	if (key == '\0' || m->told_by_info)
		return;
	m->told_by_event = true;
	m->ops->key(m->arg, key);
}

/* Samples that can have been spoken since the recording began. */
static size_t
spoken_most(const struct media *m)
{
	return (size_t)(m->now_ms - m->recorded_ms) * SAMPLES_PER_MS + WAV_RATE;
}

/*
 * Where in the recording a packet belongs: by its timestamp, so that what is
 * lost stays a gap.  A timestamp that jumps further than time has gone by
 * begins anew, here and now.
 */
static size_t
place_of(struct media *m, uint32_t timestamp)
{
	int64_t at = (int64_t)m->first_at + (int32_t)(timestamp - m->first);

	if (m->placed && at >= 0 && (size_t)at <= spoken_most(m) &&
	    (size_t)at + WAV_RATE >= recording_length(m->recording))
		return (size_t)at;
	m->placed = true;
	m->first = timestamp;
	m->first_at = recording_length(m->recording);
	return m->first_at;
}

static void
record(struct media *m, const struct rtp_packet *p, const int16_t *samples)
{
	uint64_t sum = 0;
	size_t i;

	/* who sends faster than time goes by fills no disk */
	if (recording_length(m->recording) > spoken_most(m))
		return;
	recording_put(
	    m->recording, place_of(m, p->timestamp), samples, p->payload.n);
	for (i = 0; i < p->payload.n; i++)
		sum += (uint64_t)abs(samples[i]);
	if (sum < (uint64_t)SILENCE_LEVEL * p->payload.n)
		m->silent += p->payload.n;
	else
		m->silent = 0;
}

static void
take_speech(struct media *m, const struct rtp_packet *p, enum law law)
{
	UNSET int16_t samples[SAMPLES_MAX];
	size_t i;

	if (p->payload.n > SAMPLES_MAX ||
	    (m->recording == NULL && m->tones == NULL))
		return;
	for (i = 0; i < p->payload.n; i++)
		samples[i] = law_decode(law, (uint8_t)p->payload.p[i]);
	if (m->recording != NULL)
		record(m, p, samples);
	/* a key may end the recording */
	if (m->tones != NULL && !m->told_by_info)
		dtmf_tones_hear(m->tones, samples, p->payload.n);
}

static void
on_packet(const struct rtp_packet *p, void *arg)
{
	struct media *m = arg;

	if (m->format.event >= 0 && p->type == m->format.event)
		take_event(m, p);
	else if (p->type == m->format.types[LAW_A])
		take_speech(m, p, LAW_A);
	else if (p->type == m->format.types[LAW_MU])
		take_speech(m, p, LAW_MU);
}

/* --- out --- */

static void
list_drop(struct media *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		sound_unref(&m->list[i]);
	m->count = m->index = m->at = 0;
}

void
media_play(
    struct media *m, struct sound *const *list, size_t count, size_t from)
{
	size_t i;

	list_drop(m);
	ASSERT(count <= MEDIA_LIST_MAX);
	for (i = 0; i < count; i++)
		m->list[i] = list[i];
	m->count = count;
	m->at = from;
}

size_t
media_stop(struct media *m)
{
	size_t at = m->at;

	list_drop(m);
	return at;
}

/* What is left of the prompt that plays; an empty one: nothing plays. */
static struct sv
rest_of(struct media *m)
{
	const struct sound *p;

	for (; m->index < m->count; m->index++, m->at = 0) {
		p = m->list[m->index];
		if (m->at < p->samples)
			return (struct sv){
				(const char *)p->law[m->format.law] + m->at,
				p->samples - m->at,
			};
		if (m->index + 1 == m->count)
			break;
	}
	return (struct sv){ 0 };
}

static bool
is_silence(struct sv frame, uint8_t silence)
{
	return (uint8_t)frame.p[0] == silence &&
	       memcmp(frame.p, frame.p + 1, frame.n - 1) == 0;
}

/* Until the caller was heard, what we send may show them where we are; later a
 * packet now and then says that we are not gone. */
static bool
is_due(const struct media *m)
{
	return m->quiet <= TAIL || m->quiet % ALIVE == 0 ||
	       !rtp_is_latched(m->rtp);
}

/* Pauses are not sent: RFC 3551, 4.1. */
static void
send_frame(struct media *m, struct sv rest)
{
	size_t n = rest.n < RTP_FRAME ? rest.n : RTP_FRAME;
	struct sv frame = { rest.p, RTP_FRAME };
	bool marker = !m->sent;
	char filled[RTP_FRAME];

	if (n < RTP_FRAME) {
		memset(filled, m->silence, sizeof(filled));
		if (n > 0)
			memcpy(filled, rest.p, n);
		frame.p = filled;
	}
	m->at += n;
	m->quiet = is_silence(frame, m->silence) ? m->quiet + 1 : 0;
	m->sent = is_due(m);
	if (m->sent)
		rtp_put(m->rtp, m->format.type, marker, m->timestamp, frame);
}

void
media_tick(struct media *m, int64_t now_ms)
{
	struct sv rest;

	m->now_ms = now_ms;
	if (rtp_receive(m->rtp, on_packet, m) > 0)
		m->heard_ms = now_ms;
	else if (now_ms - m->heard_ms >= FORGET_MS)
		rtp_forget(m->rtp);
	m->timestamp += RTP_FRAME;
	if (!m->agreed || !m->started || !m->format.may_send) {
		m->sent = false;
		m->quiet = 0;
		return;
	}
	rest = rest_of(m);
	if (rest.n == 0 && m->count > 0) {
		m->ops->played(m->arg);
		rest = rest_of(m); /* the next may have begun in there */
	}
	send_frame(m, rest);
}
