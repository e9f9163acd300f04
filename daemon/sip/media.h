/*
 * media.h - the speech of one call: prompts out, keys and recordings in.
 */
#ifndef DAEMON_SIP_MEDIA_H
#define DAEMON_SIP_MEDIA_H

#include "daemon/sip/dtmf.h"
#include "daemon/sip/record.h"
#include "daemon/sip/rtp.h"
#include "daemon/sip/sound.h"

enum { MEDIA_LIST_MAX = 32 }; /* prompts in one list */

/* What is told to who owns the call; from media_tick() and media_key(). */
struct media_ops {
	void (*key)(void *arg, char key);
	void (*played)(void *arg); /* the list has been heard to its end */
};

/* What signalling agreed on. */
struct media_format {
	enum law law;	      /* we speak */
	uint8_t type;	      /* its payload type in RTP */
	bool may_send;	      /* not while the caller holds us */
	int types[LAW_COUNT]; /* we understand; -1: not this one */
	int event;	      /* of telephone events; -1: none */
	struct addr to, peer; /* of SDP, of signalling */
};

struct media;

/* Returns 0 or what rtp_open() says. */
MUST_USE int media_open(const struct rtp_pool *pool,
    const struct media_ops *ops, void *arg, struct media **ret_media);
void media_close(struct media **mp);
uint16_t media_port(const struct media *m);

/* Signalling has agreed, or agreed anew. */
void media_set(struct media *m, const struct media_format *format);

/*
 * The call is answered, or may be heard before: speak.  Of a pause its first
 * 200 ms are sent and then a packet each second, but all of it until the caller
 * was heard.
 */
void media_start(struct media *m);

/* 20 ms have gone by: take what came, send what is next. */
void media_tick(struct media *m, int64_t now_ms);

/* A key that came by SIP INFO. */
void media_key(struct media *m, char key);

/* When the caller's last packet came; held callers count as speaking. */
int64_t media_heard_ms(const struct media *m);

/* --- out --- */

/*
 * Play prompts one behind the other in place of what plays.  Takes over a
 * reference to each.
 *
 * from  sample of the first where it begins
 */
void media_play(
    struct media *m, struct sound *const *list, size_t count, size_t from);

/* Stop.  Returns how far the last prompt was heard, in samples. */
size_t media_stop(struct media *m);

/* --- in --- */

/* Put all that is said into r, until it is NULL. */
void media_record(struct media *m, struct recording *r);

/* For how many samples in a row the caller has been silent, of those that
 * came since media_record(). */
size_t media_silent(const struct media *m);

#endif
