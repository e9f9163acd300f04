/* dtmf.c - telephone events, SIP INFO bodies, tones. */
#include "daemon/sip/dtmf.h"

#include <stdlib.h>
#include <strings.h>

#include "daemon/sip/re.h"

#include <rem.h>

#include "daemon/sip/wav.h"

static const char keys[] = "0123456789*#ABCD";

enum {
	EVENT_BYTES = 4,
	EVENT_END = 0x80,
	SPLIT_MS = 100,	 /* an event goes on within this */
	REPEAT_MS = 400, /* a marker is a new key after this */
};

static bool
is_same(const struct dtmf_event *e, uint8_t code, uint32_t timestamp,
    bool marker, int64_t now_ms)
{
	int64_t since = now_ms - e->at_ms;

	if (!e->any || e->code != code)
		return false;
	if (e->timestamp == timestamp)
		return !marker || since <= REPEAT_MS;
	return !e->ended && !marker && since <= SPLIT_MS &&
	       timestamp - e->timestamp == (uint32_t)e->duration;
}

char
dtmf_event(struct dtmf_event *e, struct sv payload, uint32_t timestamp,
    bool marker, int64_t now_ms)
{
	const uint8_t *p = (const uint8_t *)payload.p;
	bool same, late;

	if (payload.n < EVENT_BYTES || p[0] >= sizeof(keys) - 1)
		return '\0';
	/* a packet of the key before, overtaken by this one's */
	late = e->any && (int32_t)(timestamp - e->timestamp) < 0 && !marker &&
	       now_ms - e->at_ms <= REPEAT_MS;
	if (late)
		return '\0';
	same = is_same(e, p[0], timestamp, marker, now_ms);
	*e = (struct dtmf_event){
		.any = true,
		.ended = (p[1] & EVENT_END) != 0 ||
			 (same && e->ended && e->timestamp == timestamp),
		.code = p[0],
		.duration = (uint16_t)(p[2] << 8 | p[3]),
		.timestamp = timestamp,
		.at_ms = now_ms,
	};
	if (same)
		return '\0';
	return keys[p[0]];
}

static struct sv
trimmed(struct sv v)
{
	while (v.n > 0 && strchr(" \t\r\"", v.p[0]) != NULL)
		v.p++, v.n--;
	while (v.n > 0 && strchr(" \t\r\"", v.p[v.n - 1]) != NULL)
		v.n--;
	return v;
}

/* "5", "*", "b"; 10 and 11 are what some write for * and #. */
static char
key_named(struct sv v)
{
	const char *at;

	v = trimmed(v);
	if (sv_eq(v, SV("10")))
		return '*';
	if (sv_eq(v, SV("11")))
		return '#';
	if (v.n != 1 || v.p[0] == '\0')
		return '\0';
	at = strchr("0123456789*#ABCDabcd", v.p[0]);
	if (at == NULL)
		return '\0';
	if (*at >= 'a')
		return keys[12 + (*at - 'a')];
	return *at;
}

char
dtmf_info(struct sv subtype, struct sv body)
{
	struct sv line, name;

	if (subtype.n == 4 && strncasecmp(subtype.p, "dtmf", 4) == 0) {
		line = sv_cut(&body, '\n');
		return key_named(line);
	}
	if (subtype.n != 10 || strncasecmp(subtype.p, "dtmf-relay", 10) != 0)
		return '\0';
	while (body.n > 0) {
		line = sv_cut(&body, '\n');
		name = trimmed(sv_cut(&line, '='));
		if (name.n == 6 && strncasecmp(name.p, "signal", 6) == 0)
			return key_named(line);
	}
	return '\0';
}

struct dtmf_tones {
	struct dtmf_dec *decoder;
	dtmf_key_fn *on_key;
	void *arg;
};

static void
on_tone(char key, void *arg)
{
	struct dtmf_tones *t = arg;

	/* the library tells the end of a tone by a NUL */
	if (key != '\0')
		t->on_key(key, t->arg);
}

struct dtmf_tones *
dtmf_tones_new(dtmf_key_fn *on_key, void *arg)
{
	struct dtmf_tones *t = calloc(1, sizeof(*t));

	ASSERT(t != NULL);
	t->on_key = on_key;
	t->arg = arg;
	ASSERT(dtmf_dec_alloc(&t->decoder, WAV_RATE, 1, on_tone, t) == 0);
	return t;
}

void
dtmf_tones_free(struct dtmf_tones **tp)
{
	if (*tp == NULL)
		return;
	mem_deref((*tp)->decoder);
	free(*tp);
	*tp = NULL;
}

void
dtmf_tones_hear(struct dtmf_tones *t, const int16_t *samples, size_t n)
{
	dtmf_dec_probe(t->decoder, samples, n);
}
