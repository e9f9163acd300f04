/*
 * inner.h - what fastagi.c and talk.c share: connections, and what is said on
 * them.
 */
#ifndef DAEMON_VOICE_INNER_H
#define DAEMON_VOICE_INNER_H

#include <sys/queue.h>

#include "daemon/core/voice.h"
#include "daemon/proto/agi.h"
#include "daemon/voice/fastagi.h"

struct bufferevent;

/* What a call does with its gateway; each but the first, TALK_TURN and
 * TALK_OVER waits for one reply. */
enum talk_state {
	TALK_BLOCK, /* waits for the block that says who calls */
	TALK_ANSWER,
	TALK_TURN, /* waits for the core */
	TALK_SAY,
	TALK_WAIT, /* for a key, behind all that was said */
	TALK_RECORD,
	TALK_HIDE, /* the number, before Dial */
	TALK_DIAL,
	TALK_DIALLED, /* asks what became of it */
	TALK_CHECK,   /* asks whether the caller is still there */
	TALK_HANGUP,
	TALK_OVER,
	TALK_STATE_COUNT,
};

struct talk {
	struct fastagi *server;
	struct bufferevent *bev;
	struct call *core;
	unsigned serial; /* for the log */
	enum talk_state state;
	enum talk_state checked;       /* that TALK_CHECK goes back to */
	int64_t since_ms;	       /* in this state */
	int64_t begun_ms, answered_ms; /* 0: not yet */
	int64_t counted_ms; /* from when the longest call is counted */
	unsigned keys;
	bool hung_up;	/* a notice came */
	bool over_time; /* the end has been said */
	bool mute;	/* nothing could be said: not answered */
	struct voice_said said;
	size_t at;		   /* bytes of said that are said */
	char path[VOICE_PATH_MAX]; /* of the recording */
	LIST_ENTRY(talk) link;
	SLIST_ENTRY(talk) dead; /* once it is over */
};

LIST_HEAD(talk_list, talk);
SLIST_HEAD(talk_dead, talk);

struct talk *talk_new(struct fastagi *s, struct bufferevent *bev);

/* What came in.  Returns how many bytes were used; the call may be over. */
size_t talk_read(struct talk *t, struct sv in);

/* Over: why is a word for the log.  Freed by fastagi_reap(). */
void talk_over(struct talk *t, const char *why);

/* End it if it lasts too long. */
void talk_tick(struct talk *t, int64_t now_ms);

/* fastagi.c */

struct hotline *fastagi_hotline(const struct fastagi *s);

/* Take it out of the list, and free it behind the events of this round. */
void fastagi_reap(struct talk *t);

#endif
