/*
 * dtmf.h - keys, as telephone events, SIP INFO, or tones in the speech.
 *
 * A key counts once: it is told when it is pressed, and everything that comes
 * of the same press is passed over.
 */
#ifndef DAEMON_SIP_DTMF_H
#define DAEMON_SIP_DTMF_H

#include "daemon/base/sv.h"

/* What is remembered of the last telephone event. */
struct dtmf_event {
	bool any, ended;
	uint8_t code;
	uint16_t duration; /* as last told, in samples */
	uint32_t timestamp;
	int64_t at_ms; /* its last packet */
};

/*
 * Take the payload of a packet of telephone events: RFC 4733, 2.3.
 *
 * Packets of one event have one RTP timestamp.  A new timestamp is a new key,
 * but an event that has not ended may go on under the next one (2.5.1.3); the
 * same timestamp is a new key if the marker is set long after the last packet,
 * since there are senders that play the same packets again.
 *
 * Returns the key, 0-9 * # A-D, or '\0': none, or one that was told.
 */
char dtmf_event(struct dtmf_event *e, struct sv payload, uint32_t timestamp,
    bool marker, int64_t now_ms);

/*
 * The key in the body of a SIP INFO.
 *
 * subtype  of application/: "dtmf-relay" (Signal=5 ...) or "dtmf" (5)
 *
 * Returns the key or '\0': there is none.
 */
char dtmf_info(struct sv subtype, struct sv body);

/* Keys in the speech of one call, for a caller without telephone events. */
struct dtmf_tones;
typedef void dtmf_key_fn(char key, void *arg);
struct dtmf_tones *dtmf_tones_new(dtmf_key_fn *on_key, void *arg);
void dtmf_tones_free(struct dtmf_tones **tp);

/* Listen to so many samples; on_key may be called from in here. */
void dtmf_tones_hear(struct dtmf_tones *t, const int16_t *samples, size_t n);

#endif
